package application_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card/application"
	"github.com/natsuin/natsuin/internal/card/cardtest"
)

// name is that of an application that no card has.
var name = []byte{0xF0, 0x01, 0x02}

const selectCommand = "00A4040C03 F00102"

// selected returns the application on a card that takes steps after the SELECT.
func selected(t *testing.T, steps ...cardtest.Step) (*application.Application, *cardtest.Script) {
	s := cardtest.Play(t, append([]cardtest.Step{{Why: "select the application", Command: selectCommand, Response: "9000"}}, steps...)...)
	a, err := application.Select(s, name)
	require.NoError(t, err)
	return a, s
}
