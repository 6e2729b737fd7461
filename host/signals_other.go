//go:build !unix

package main

import (
	"os"
	"syscall"
)

// endings are the signals that end the program in order, with the card locked again.
var endings = []os.Signal{os.Interrupt, syscall.SIGTERM}

func ignoreSIGPIPE() {}

func unstoppable() (stoppable func()) { return func() {} }

func nobodyReads(error) bool { return false }
