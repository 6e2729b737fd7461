//go:build !unix

package main

import (
	"errors"
	"os"
)

// suppliedFile returns standard input, the only descriptor that a caller can pass here.
func suppliedFile(fd int) (*os.File, error) {
	if fd != 0 {
		return nil, errors.New("only 0, standard input, can be read from here")
	}
	return os.Stdin, nil
}
