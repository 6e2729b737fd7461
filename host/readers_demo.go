//go:build demo

package main

import (
	"os"
	"path/filepath"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/simcard"
)

// openReaders puts a simulated card into a simulated reader, in this process: the demo needs neither
// PC/SC nor a card. The card's keys, PINs and counters stay in the folder simcard beside the program, and
// its certificates in simcard/certificates. No build without the tag demo contains any of this.
func openReaders() (card.Readers, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(filepath.Dir(program), "simcard")
	c, err := simcard.New(simcard.Options{State: filepath.Join(dir, "state.json"), Keys: filepath.Join(dir, "keys")})
	if err != nil {
		return nil, err
	}
	if err := c.WriteTrust(filepath.Join(dir, "certificates")); err != nil {
		return nil, err
	}
	return simcard.NewReaders(c), nil
}
