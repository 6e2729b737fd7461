package prompt

import (
	"errors"
	"fmt"
	"io"
)

// FromReader reads a PIN that a script hands over: up to a newline or the end of the stream, without a
// carriage return before it. It reads byte by byte and takes nothing of what follows the newline, so that a
// second PIN can stand there. An over-long PIN is not read to its end; what is returned then, every Policy
// refuses as too long.
//
// An error is the stream's own.
func FromReader(r io.Reader) (*PIN, error) {
	pin := emptyPIN()
	for !pin.held().tooLong {
		_, err := io.ReadFull(r, pin.scratch())
		switch {
		case errors.Is(err, io.EOF) || err == nil && pin.scratch()[0] == '\n':
			if n := pin.Len(); n > 0 && pin.Bytes()[n-1] == '\r' {
				pin.truncate(n - 1)
			}
			return pin, nil
		case err != nil:
			pin.Wipe()
			return nil, fmt.Errorf("prompt: reading the PIN: %w", err)
		}
		pin.append(pin.scratch()[0])
	}
	return pin, nil
}
