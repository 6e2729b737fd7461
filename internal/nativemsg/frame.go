// Package nativemsg carries messages between a browser extension and its native messaging host: frames
// of a four-byte length in native byte order, followed by that many bytes of UTF-8 JSON. It does not know
// what the bytes mean.
//
// The format is the one that Chrome's "Native messaging" and MDN's "Native messaging" pages describe;
// Chromium and Firefox use the same.
package nativemsg

import (
	"errors"
	"fmt"
)

const (
	// MaxToBrowser is the longest payload, in bytes, that every browser accepts from a host. Chrome and
	// Firefox document 1 MiB. Firefox takes a message of exactly that size; Chromium closes the port at
	// 8 bytes more (ecosystem.md §6.1), and whether it takes 1 MiB itself was not measured, so the cap
	// stays one byte below.
	MaxToBrowser = 1<<20 - 1

	// MaxFromBrowser is the longest payload, in bytes, that the host accepts. It is the host's own
	// choice: browsers send 64 MiB and more (ecosystem.md §6.1), and larger documents travel in chunks.
	MaxFromBrowser = 8 << 20
)

const headerSize = 4

var (
	// ErrCut: the stream ended inside a frame. Nothing can be read after it.
	ErrCut = errors.New("nativemsg: the stream was cut inside a frame")

	// ErrEmpty: a frame without payload, which cannot be JSON.
	ErrEmpty = errors.New("nativemsg: empty frame")

	// ErrNotUTF8: a payload that is not valid UTF-8, which cannot be JSON (RFC 8259 §8.1).
	ErrNotUTF8 = errors.New("nativemsg: the payload is not valid UTF-8")
)

// A TooLongError is a frame whose length is over the cap.
type TooLongError struct {
	Length int64 // bytes of payload announced or given
	Max    int   // the cap, in bytes
}

func (e *TooLongError) Error() string {
	return fmt.Sprintf("nativemsg: frame of %d bytes, at most %d are allowed", e.Length, e.Max)
}
