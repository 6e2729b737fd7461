//go:build linux

package e2e

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/e2e/reader"
)

// Whatever ends the program while the card is open, a closed terminal and Ctrl-\ too, leaves it locked, although
// this card keeps its state over a reset.
func TestSignalsLeaveTheCardLocked(t *testing.T) {
	t.Parallel()
	r := reader.Start(t)
	r.Order("fault slow=200ms,keep-on-reset")
	for _, signal := range []syscall.Signal{syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			seen := r.Verifies()
			p := start(t, r, "ABC123", at("cert", "sign")...)
			require.Eventually(t, func() bool { return r.Verifies() > seen }, 20*time.Second, 10*time.Millisecond)
			require.NoError(t, p.cmd.Process.Signal(signal))
			require.Equal(t, 8, p.wait(), p.stderr.String())
			commands := strings.Split(r.Trace(), "> ")
			require.Regexp(t, "^00A4040C", commands[len(commands)-1], "the last act is to select the application anew")
		})
	}
}

// Ctrl-Z does not stop a program that keeps the card from others.
func TestProgramIsNotStoppedAtTheCard(t *testing.T) {
	t.Parallel()
	r := reader.Start(t)
	r.Order("fault slow=200ms")
	p := start(t, r, "ABC123", at("cert", "sign")...)
	require.Eventually(t, func() bool { return r.Verifies() > 0 }, 20*time.Second, 10*time.Millisecond)
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTSTP))
	require.Zero(t, p.wait(), p.stderr.String())
}
