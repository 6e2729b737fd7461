//go:build !cgo && !windows

package pcsc

import "github.com/natsuin/natsuin/internal/card"

// A Service never exists in a build without cgo; the type keeps such a build compiling.
type Service struct{ card.Readers }

// Open fails with card.ErrNoService: outside Windows, PC/SC needs cgo.
func Open() (*Service, error) { return nil, card.ErrNoService }
