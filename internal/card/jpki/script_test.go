package jpki_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card/cardtest"
	"github.com/natsuin/natsuin/internal/card/jpki"
)

var stepSelect = cardtest.Step{Why: "select the JPKI application", Command: "00A4040C0A D392F000260100000001", Response: "9000"}

// selected returns an application on a card that takes steps after the SELECT.
func selected(t *testing.T, steps ...cardtest.Step) (*jpki.Application, *cardtest.Script) {
	s := cardtest.Play(t, append([]cardtest.Step{stepSelect}, steps...)...)
	a, err := jpki.Select(s)
	require.NoError(t, err)
	return a, s
}
