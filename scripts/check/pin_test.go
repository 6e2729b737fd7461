package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPINUses lets the fixture's own comments say where the check must find a leak.
func TestPINUses(t *testing.T) {
	const fixture = "testdata/pins/pins.go"
	source, err := os.ReadFile(fixture)
	require.NoError(t, err)
	var leaks []string
	for i, line := range strings.Split(string(source), "\n") {
		if strings.Contains(line, "// leaks") {
			leaks = append(leaks, fmt.Sprintf("%s:%d:", fixture, i+1))
		}
	}
	require.Len(t, leaks, 5)

	pkgs, err := goList(native, "./testdata/pins", "-export")
	require.NoError(t, err)
	count, escapes, err := pinUses(pkgs[len(pkgs)-1], exportFiles(pkgs))
	require.NoError(t, err)
	require.Equal(t, 6, count)
	require.Len(t, escapes, len(leaks))
	for i, leak := range leaks {
		require.Contains(t, escapes[i], leak)
	}
}
