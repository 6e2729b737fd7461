package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestForbiddenSymbols shows that the list tells a program that dials from one that only has the
// package net in it.
func TestForbiddenSymbols(t *testing.T) {
	dials, err := buildProgram(native, filepath.Join(t.TempDir(), "dials"), "./testdata/dials")
	require.NoError(t, err)
	found := dials.calls(forbiddenSymbols)
	require.Contains(t, found, "net.(*Dialer).DialContext")
	require.Contains(t, found, "syscall.connect")

	quiet, err := buildProgram(native, filepath.Join(t.TempDir(), "quiet"), "./testdata/quiet")
	require.NoError(t, err)
	require.NotEmpty(t, quiet.calls([]string{"net.init"}), "the program is meant to be linked with net")
	require.Empty(t, quiet.calls(forbiddenSymbols))
	require.False(t, quiet.simulated())
}

func TestStrippedProgramIsRefused(t *testing.T) {
	stripped := build{args: []string{"-ldflags", "-s -w"}}
	_, err := buildProgram(stripped, filepath.Join(t.TempDir(), "quiet"), "./testdata/quiet")
	require.Error(t, err)
}

func TestSimulated(t *testing.T) {
	require.True(t, program{image: []byte("\x00O=JPKI-SIM\x00")}.simulated())
	require.True(t, program{symbols: []string{module + "/internal/card/simcard.New"}}.simulated())
	require.False(t, program{image: []byte("O=JPKI"), symbols: []string{module + "/internal/card.Send"}}.simulated())
}
