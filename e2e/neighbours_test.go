//go:build linux

package e2e

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/e2e/reader"
)

var holder = sync.OnceValues(func() (string, error) { return build("holder", "./holder") })

// A neighbour is another program that uses the card: see the command holder.
type neighbour struct {
	t     *testing.T
	cmd   *exec.Cmd
	stdin io.Closer
	said  transcript
}

// hold starts a neighbour and waits until it has the card: for ever, or as long and as often as times say.
func hold(t *testing.T, r *reader.Reader, times ...string) *neighbour {
	t.Helper()
	program, err := holder()
	require.NoError(t, err)
	n := &neighbour{t: t, cmd: exec.CommandContext(t.Context(), program, append([]string{reader.Name}, times...)...)}
	n.cmd.Env = append(os.Environ(), r.Env())
	n.cmd.Stdout, n.cmd.Stderr = &n.said, os.Stderr
	n.stdin, err = n.cmd.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, n.cmd.Start())
	n.waitForMore("held", 0)
	return n
}

// times counts how often it said that.
func (n *neighbour) times(event string) int {
	return strings.Count(n.said.String(), event+"\n")
}

// waitForMore waits until it has said that more often than before.
func (n *neighbour) waitForMore(event string, before int) {
	n.t.Helper()
	require.Eventually(n.t, func() bool { return n.times(event) > before }, hang, 10*time.Millisecond)
}

// leave ends it. A neighbour that met what it should not have fails the test.
func (n *neighbour) leave() {
	n.t.Helper()
	n.stdin.Close()
	require.NoError(n.t, n.cmd.Wait())
}

// A cardCommand is a command that needs the card, and the PINs that it needs.
type cardCommand struct {
	pins string
	args []string
}

// cardCommands are all there are.
func cardCommands(t *testing.T) []cardCommand {
	t.Helper()
	document := filepath.Join(t.TempDir(), "document")
	require.NoError(t, os.WriteFile(document, []byte("捺印"), 0o600))
	return []cardCommand{
		{"", at("status")},
		{"", at("pin", "status")},
		{"", at("cert", "auth")},
		{"abc123", at("cert", "sign")},
		{"1234", at(login...)},
		{"abc123", at("sign", "--format", "raw", "--in", document)},
		{"4321", at("attributes")},
		{"4321\nabc123", at("attributes", "--compare")},
		{"1234\n7392", at("pin", "change", "auth", "--new-pin-fd", "0")},
		{"7392\n1234", at("pin", "change", "auth", "--new-pin-fd", "0")},
	}
}

// requireNoTryLost asks the card itself.
func requireNoTryLost(t *testing.T, r *reader.Reader) {
	t.Helper()
	status, stderr, exit := natsuin(t, r, "", at("pin", "status")...)
	require.Zero(t, exit, stderr)
	for _, pin := range []string{"3 of 3", "5 of 5", "3 of 3"} {
		require.Contains(t, status, pin)
		status = strings.Replace(status, pin, "", 1)
	}
}

// Where another program never gives the card back, every command says so, and shows the card no PIN.
func TestBesideAProgramThatKeepsTheCard(t *testing.T) {
	t.Parallel()
	r := reader.Start(t)
	other := hold(t, r)
	site, ownPage := connect(t, r, scriptedDialog(t)), connect(t, r, scriptedDialog(t))
	site.requestLogin()
	ownPage.requestStatus()
	var commands []*running
	for _, c := range cardCommands(t) {
		commands = append(commands, start(t, r, c.pins, c.args...))
	}
	for _, c := range commands {
		require.Equal(t, 1, c.wait(), c.stderr.String())
		require.Contains(t, c.stderr.String(), "Another program is using the card", "%v", c.cmd.Args)
		require.Contains(t, c.stderr.String(), "CARD_BUSY")
	}
	// A browser waits: the right card may yet be put into the other reader. It is told of this one, and in the end why.
	require.Equal(t, []any{reader.Name}, site.until("card")["other"])
	site.send(object{"type": "cancel", "id": "login"})
	require.Equal(t, object{"code": "CARD_BUSY"}, site.untilError())
	require.Equal(t, object{"code": "CARD_BUSY"}, ownPage.firstReader()["error"])

	other.leave()
	require.Zero(t, other.times("reset"))
	require.Zero(t, r.Verifies())
	site.requestStatus()
	require.NotContains(t, site.firstReader(), "error")
	site.disconnect()
	ownPage.disconnect()
	requireNoTryLost(t, r)
}

// Where another program takes the card again and again, every command gets its turn: pcsclite looks ten times a
// second whether the card is free. The other one keeps its handle; where a command showed the card a PIN, it
// finds a reset.
func TestBesideAProgramThatComesAndGoes(t *testing.T) {
	t.Parallel()
	r := reader.Start(t)
	other := hold(t, r, "100ms", "250ms")
	for _, c := range cardCommands(t) {
		resets := other.times("reset")
		_, stderr, exit := natsuin(t, r, c.pins, c.args...)
		require.Zero(t, exit, "%v\n%s", c.args, stderr)
		if c.pins != "" {
			other.waitForMore("reset", resets)
		}
		other.waitForMore("held", other.times("held"))
	}
	other.leave()
	requireNoTryLost(t, r)
}

// A command waits for transactions of three seconds to end, whenever it needs the card.
func TestBesideAProgramWithLongTransactions(t *testing.T) {
	t.Parallel()
	r := reader.Start(t)
	other := hold(t, r, "3s", "1s")
	_, stderr, exit := natsuin(t, r, "1234", at(login...)...)
	require.Zero(t, exit, stderr)
	other.leave()
	requireNoTryLost(t, r)
}

// A program that is logged in through OpenSC's PKCS #11 module stays so: it finds the card reset, and OpenSC
// presents its PIN again by itself.
func TestBesideOpenSC(t *testing.T) {
	t.Parallel()
	r := reader.Start(t)
	data := filepath.Join(t.TempDir(), "data")
	require.NoError(t, syscall.Mkfifo(data, 0o600))
	ctx, cancel := context.WithTimeout(t.Context(), hang)
	defer cancel()
	session := exec.CommandContext(ctx, "pkcs11-tool", "--slot-index", "0", "--login", "--pin", "1234",
		"--sign", "--id", "01", "--mechanism", "SHA256-RSA-PKCS", "--input-file", data, "--output-file", data+".signed")
	session.Env = append(os.Environ(), r.Env())
	var said transcript
	session.Stdout, session.Stderr = &said, &said
	require.NoError(t, session.Start())
	require.Eventually(t, func() bool { return r.Verifies() == 1 }, hang, 10*time.Millisecond)

	for _, c := range cardCommands(t) {
		_, stderr, exit := natsuin(t, r, c.pins, c.args...)
		require.Zero(t, exit, "%v\n%s", c.args, stderr)
	}
	require.NoError(t, os.WriteFile(data, []byte("捺印"), 0o600)) // which is what it waits for
	require.NoError(t, session.Wait(), said.String())
	requireNoTryLost(t, r)
}

// OpenSC starts, logs in, signs and ends all the while.
func TestBesideManyProgramsOfOpenSC(t *testing.T) {
	t.Parallel()
	r := reader.Start(t)
	enough, failures := make(chan struct{}), make(chan error)
	go func() {
		defer close(failures)
		for {
			select {
			case <-enough:
				return
			default:
				// Natsuin's end resets the card, which can end what OpenSC has begun outside a transaction. It works again at once.
				if err := openSCSigns(r, t.TempDir(), "01", "1234"); err == nil {
					continue
				}
				if err := openSCSigns(r, t.TempDir(), "01", "1234"); err != nil {
					failures <- err
				}
			}
		}
	}()
	for _, c := range slices.Repeat(cardCommands(t), 3) {
		if slices.Contains(c.args, "change") {
			continue // OpenSC would spend a try on the PIN that it knows
		}
		_, stderr, exit := natsuin(t, r, c.pins, c.args...)
		require.Zero(t, exit, "%v\n%s", c.args, stderr)
	}
	close(enough)
	for err := range failures {
		require.NoError(t, err)
	}
	requireNoTryLost(t, r)
}
