package card

import (
	"errors"
	"fmt"
)

// maxGetResponse bounds the GET RESPONSE commands that one command may lead to, so that a faulty card
// cannot keep the caller for ever. 64 of them carry 16 KiB, twice the longest file that is read.
const maxGetResponse = 64

// Send transmits one command and returns the response data, or the status word as a Status error.
//
// A response in parts (61xx) is put together with GET RESPONSE, and a wrong Le (6Cxx) is corrected
// once. A command about a PIN is never sent a second time, whatever the card answers: not even the
// query without one, to which a fifth byte would be another meaning. The encoded bytes of a PIN are
// wiped before Send returns.
//
// READ BINARY may end with 6282, end of file reached early: the bytes that came are good, and the
// caller sees from their number that the file is shorter.
func Send(t Transport, c Command) ([]byte, error) {
	data, status, err := exchange(t, c)
	if err != nil {
		return nil, err
	}

	if le, ok := status.exactLe(); ok && !c.concernsPIN() {
		c.Le = le
		if data, status, err = exchange(t, c); err != nil {
			return nil, err
		}
	}

	for range maxGetResponse {
		le, ok := status.moreData()
		if !ok {
			break
		}
		var more []byte
		more, status, err = exchange(t, Command{INS: insGetResponse, Le: le})
		if err != nil {
			return nil, err
		}
		data = append(data, more...)
	}

	if status == OK || status == EndOfFile && c.INS == insReadBinary {
		return data, nil
	}
	return nil, status
}

// exchange carries one command to the card and takes the response apart.
func exchange(t Transport, c Command) ([]byte, Status, error) {
	command := c.Bytes()
	response, err := t.Transmit(command)
	if c.CarriesPIN() {
		clear(command)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("transmit %v: %w", c, err)
	}
	n := len(response) - 2
	if n < 0 {
		return nil, 0, fmt.Errorf("transmit %v: %w", c, errShortResponse)
	}
	return response[:n], Status(response[n])<<8 | Status(response[n+1]), nil
}

var errShortResponse = errors.New("the response has no status word")
