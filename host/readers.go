//go:build !demo

package main

import (
	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/pcsc"
)

// openReaders connects to the machine's PC/SC service.
func openReaders() (card.Readers, error) { return pcsc.Open() }
