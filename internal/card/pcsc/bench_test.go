//go:build linux && cgo

package pcsc

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/e2e/reader"
)

// soon is how long a test waits for what must happen at all, on a machine that is busy.
const soon = 20 * time.Second

// A bench is the virtual reader that these tests share.
type bench struct{ *reader.Reader }

// TestPCSC runs every test that needs pcscd, on a pcscd of its own.
func TestPCSC(t *testing.T) {
	b := bench{reader.Start(t)}
	// pcsclite takes note only once in a process where pcscd is, and go test -count runs this again
	// with another one: the name that it notes stays, and leads elsewhere.
	variable, socket, _ := strings.Cut(b.Env(), "=")
	lasting := filepath.Join(os.TempDir(), fmt.Sprintf("natsuin-pcsc-test-%d", os.Getpid()))
	require.NoError(t, os.Symlink(socket, lasting))
	t.Cleanup(func() { require.NoError(t, os.Remove(lasting)) })
	t.Setenv(variable, lasting)
	for _, test := range []struct {
		name string
		run  func(*testing.T, bench)
	}{
		{"list", testList},
		{"list tells of changes", testListTellsOfChanges},
		{"watch", testWatch},
		{"close ends waiting", testCloseEndsWaiting},
		{"service stops and starts", testServiceStopsAndStarts},

		{"transmit", testTransmit},
		{"connect fails", testConnectFails},
		{"power off", testPowerOff},
		{"power off beside others", testPowerOffBesideOthers},
		{"close leaves the card", testCloseLeavesTheCard},
		{"end leaves the card", testEndLeavesTheCard},
		{"removal", testRemoval},
		{"removal instead of a response", testRemovalInsteadOfResponse},
		{"contention", testContention},
		{"contention cancelled", testContentionCancelled},
		{"connect during a transaction", testConnectDuringTransaction},
		{"exclusive use", testExclusiveUse},
		{"reset", testReset},
		{"reset before transmit", testResetBeforeTransmit},
		{"unresponsive card", testUnresponsiveCard},
		{"features", testFeatures},
		{"control", testControl},
		{"control abandoned", testControlAbandoned},
		{"features abandoned", testFeaturesAbandoned},
		{"service stops during a connection", testServiceStopsDuringConnection},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, b) })
	}
}

// open opens the service for the length of the test.
func open(t *testing.T) *Service {
	t.Helper()
	s, err := Open()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// withCard opens the service with a sound card in the reader.
func (b bench) withCard(t *testing.T) *Service {
	t.Helper()
	b.Order("fault none")
	b.Order("insert")
	s := open(t)
	awaitCard(t, s)
	return s
}

// awaitCard waits until the card is in the reader.
func awaitCard(t *testing.T, s *Service) {
	t.Helper()
	require.Eventually(t, func() bool {
		_, present := s.snapshot().card(reader.Name)
		return present
	}, soon, 10*time.Millisecond)
}

// withoutCard opens the service with no card in the reader.
func (b bench) withoutCard(t *testing.T) *Service {
	t.Helper()
	b.Order("remove")
	s := open(t)
	require.NoError(t, s.Watch(expect(t), reader.Name))
	return s
}

// count returns how many lines of the trace begin with prefix.
func (b bench) count(prefix string) int {
	return strings.Count("\n"+b.Trace(), "\n"+prefix)
}

// expect returns a context that ends long after the test should have.
func expect(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	t.Cleanup(cancel)
	return ctx
}
