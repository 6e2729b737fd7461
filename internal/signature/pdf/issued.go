package pdf

import (
	"bytes"
	"fmt"
	"io"
)

// CheckIssued tells whether a file is still the document that was issued for signing. It must begin with those
// bytes, and the revisions behind them may add what may be added to a signed document: see Additions. A signature
// says nothing of this, because the signer's own update is part of what it covers.
//
// A *Problem tells what is other. Another error comes from reading the file; or the issued bytes cannot be read, which
// is none of the file's errors.
func CheckIssued(source io.ReaderAt, size int64, issued []byte) error {
	before, err := documentIn(bytes.NewReader(issued), int64(len(issued)))
	if err != nil {
		return fmt.Errorf("the document as issued: %v", err)
	}
	begins, err := beginsWith(source, size, issued)
	if err != nil {
		return err
	}
	if !begins {
		return problem(ReasonRevision, "the file does not begin with the document that was issued")
	}
	if size == int64(len(issued)) {
		return nil
	}
	after, err := documentIn(source, size)
	if err != nil {
		return err
	}
	switch {
	case after.End() != size:
		return problem(ReasonAppended, "bytes follow byte %d that belong to no revision", after.End())
	case !buildsOn(after, before):
		return problem(ReasonRevision, "the file does not build on the document that was issued")
	}
	if _, p := compare(before, after); p != nil {
		return p
	}
	return nil
}

// beginsWith compares the beginning of a file, piece by piece.
func beginsWith(source io.ReaderAt, size int64, want []byte) (bool, error) {
	if size < int64(len(want)) {
		return false, nil
	}
	have := make([]byte, min(len(want), 64<<10))
	for at := 0; at < len(want); at += len(have) {
		have = have[:min(len(have), len(want)-at)]
		if n, err := source.ReadAt(have, int64(at)); n < len(have) {
			return false, err
		}
		if !bytes.Equal(have, want[at:at+len(have)]) {
			return false, nil
		}
	}
	return true, nil
}
