package nativemsg

import (
	"encoding/binary"
	"fmt"
	"io"
	"sync"
	"unicode/utf8"
)

// A Writer puts frames onto a stream. It may be used by several goroutines.
type Writer struct {
	max int

	mu     sync.Mutex
	w      io.Writer
	buf    []byte // the frame being written, reused
	broken error  // why the stream can no longer be written, if so
}

// NewWriter writes frames of at most max bytes of payload to w.
func NewWriter(w io.Writer, max int) *Writer {
	return &Writer{w: w, max: max}
}

// Write sends payload as one frame, in exactly one call of the stream's Write. It does not keep payload.
//
// A payload that the browser would refuse is refused here, with ErrEmpty, ErrNotUTF8 or a *TooLongError,
// and the stream stays usable. A failed write may have left half a frame behind, so every later Write
// returns the same error.
func (w *Writer) Write(payload []byte) error {
	switch {
	case len(payload) == 0:
		return ErrEmpty
	case len(payload) > w.max:
		return &TooLongError{Length: int64(len(payload)), Max: w.max}
	case !utf8.Valid(payload):
		return ErrNotUTF8
	}

	w.mu.Lock()
	defer w.mu.Unlock()
	if w.broken != nil {
		return w.broken
	}
	w.buf = binary.NativeEndian.AppendUint32(w.buf[:0], uint32(len(payload)))
	w.buf = append(w.buf, payload...)
	_, err := w.w.Write(w.buf)
	clear(w.buf) // certificates carry names and addresses
	if err != nil {
		w.broken = fmt.Errorf("nativemsg: writing a frame: %w", err)
	}
	return w.broken
}
