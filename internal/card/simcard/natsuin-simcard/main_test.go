package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card/simcard"
)

// A slot plays vpcd: it listens, and the card program comes.
type slot struct {
	t        *testing.T
	listener net.Listener
	conn     net.Conn
}

func newSlot(t *testing.T) *slot {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { listener.Close() })
	return &slot{t: t, listener: listener}
}

func (s *slot) accept() {
	conn, err := s.listener.Accept()
	require.NoError(s.t, err)
	s.t.Cleanup(func() { conn.Close() })
	s.conn = conn
}

func (s *slot) send(message ...byte) {
	_, err := s.conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(message))), message...))
	require.NoError(s.t, err)
}

func (s *slot) receive() []byte {
	message, err := receive(s.conn)
	require.NoError(s.t, err)
	return message
}

func (s *slot) exchange(message ...byte) []byte {
	s.send(message...)
	return s.receive()
}

// powerUp does what pcscd does with a card that it finds.
func (s *slot) powerUp() {
	s.send(vpcdPowerOn)
	require.NotEmpty(s.t, s.exchange(vpcdATR))
}

// A program is natsuin-simcard, run in this process.
type program struct {
	t      *testing.T
	dir    string
	stdout *bufio.Reader
	ended  chan error
	cancel func()
}

func start(t *testing.T, s *slot, flags ...string) *program {
	dir, err := os.MkdirTemp("", "simcard") // t.TempDir is too long for the name of a socket
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })

	ctx, cancel := context.WithCancel(t.Context())
	stdout, w := io.Pipe()
	p := &program{t: t, dir: dir, stdout: bufio.NewReader(stdout), ended: make(chan error, 1), cancel: cancel}
	go func() {
		p.ended <- run(ctx, append([]string{
			"--vpcd", s.listener.Addr().String(),
			"--control", filepath.Join(dir, "control"),
			"--trace", filepath.Join(dir, "trace"),
		}, flags...), w, io.Discard)
	}()
	t.Cleanup(func() {
		cancel()
		stdout.Close()
	})
	return p
}

func (p *program) requireReady() {
	line, err := p.stdout.ReadString('\n')
	require.NoError(p.t, err)
	require.Equal(p.t, "ready\n", line)
}

// order starts an order and returns the answer when it comes.
func (p *program) order(order string) func() string {
	conn, err := net.Dial("unix", filepath.Join(p.dir, "control"))
	require.NoError(p.t, err)
	_, err = fmt.Fprintln(conn, order)
	require.NoError(p.t, err)
	return func() string {
		defer conn.Close()
		answer, err := bufio.NewReader(conn).ReadString('\n')
		require.NoError(p.t, err)
		return strings.TrimSpace(answer)
	}
}

func (p *program) trace() string {
	trace, err := os.ReadFile(filepath.Join(p.dir, "trace"))
	require.NoError(p.t, err)
	return string(trace)
}

var (
	selectJPKI  = []byte{0x00, 0xA4, 0x04, 0x0C, 0x0A, 0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01}
	statusQuery = []byte{0x00, 0x20, 0x00, 0x98}
	verify1234  = []byte{0x00, 0x20, 0x00, 0x98, 0x04, '1', '2', '3', '4'}
	signNothing = []byte{0x80, 0x2A, 0x00, 0x97, 0x01, 0x00, 0x00}
)

func TestServesVPCD(t *testing.T) {
	s := newSlot(t)
	p := start(t, s)
	s.accept()
	require.Equal(t, []byte{0x3B, 0xE0, 0x00, 0xFF, 0x81, 0x31, 0xFE, 0x45, 0x14}, s.exchange(vpcdATR))
	s.powerUp()
	p.requireReady()

	require.Equal(t, []byte{0x90, 0x00}, s.exchange(selectJPKI...))
	require.Equal(t, []byte{0x90, 0x00}, s.exchange(verify1234...))
	require.Len(t, s.exchange(signNothing...), 258)
	s.send(vpcdReset)
	require.Equal(t, []byte{0x90, 0x00}, s.exchange(selectJPKI...))
	require.Equal(t, []byte{0x69, 0x82}, s.exchange(signNothing...))
	s.send(vpcdPowerOff)
	s.powerUp()
	require.Equal(t, []byte{0x6A, 0x82}, s.exchange(signNothing...))
	require.Equal(t, []byte{0x67, 0x00}, s.exchange(0x00, 0x20))

	trace := p.trace()
	require.True(t, strings.HasPrefix(trace, "# in\n# power on\n> 00A4040C0AD392F000260100000001\n< 9000\n> 00200098 ***\n< 9000\n> 802A009701"), trace)
	require.Contains(t, trace, "# reset\n")
	require.Contains(t, trace, "# power off\n# power on\n")
	require.Contains(t, trace, "> (not a short APDU)\n< 6700\n")
	require.NotContains(t, trace, "31323334")

	p.cancel()
	require.NoError(t, <-p.ended)
	_, err := receive(s.conn)
	require.ErrorIs(t, err, io.EOF)
}

func TestFollowsRestartsOfVPCD(t *testing.T) {
	s := newSlot(t)
	p := start(t, s)
	s.accept()
	s.powerUp()
	p.requireReady()
	s.conn.Close()
	s.accept()
	s.powerUp()
	require.Equal(t, []byte{0x90, 0x00}, s.exchange(selectJPKI...))
}

func TestOrders(t *testing.T) {
	s := newSlot(t)
	p := start(t, s)
	s.accept()
	s.powerUp()
	p.requireReady()

	require.Equal(t, "ok", p.order("counter auth 2")())
	require.Equal(t, "ok", p.order("fault padding,slow-sign=1ms")())
	require.Equal(t, []byte{0x90, 0x00}, s.exchange(selectJPKI...))
	require.Equal(t, []byte{0x63, 0xC2}, s.exchange(statusQuery...))
	for _, wrong := range []string{"", "dance", "counter", "counter auth", "counter puk 1", "counter auth 4", "counter auth x",
		"fault", "fault unknown", "insert nobody", "remove it", "quit now"} {
		require.True(t, strings.HasPrefix(p.order(wrong)(), "error "), wrong)
	}

	require.Equal(t, "ok", p.order("remove")())
	_, err := receive(s.conn)
	require.ErrorIs(t, err, io.EOF, "leaving the slot is closing the connection")
	inserted := p.order("insert")
	s.accept()
	s.powerUp()
	require.Equal(t, "ok", inserted())

	swapped := p.order("insert hanako")
	_, err = receive(s.conn)
	require.ErrorIs(t, err, io.EOF)
	s.accept()
	s.powerUp()
	require.Equal(t, "ok", swapped())

	require.Equal(t, "ok", p.order("fault remove-at-verify")())
	require.Equal(t, []byte{0x90, 0x00}, s.exchange(selectJPKI...))
	s.send(verify1234...)
	_, err = receive(s.conn)
	require.ErrorIs(t, err, io.EOF)

	require.Equal(t, "ok", p.order("quit")())
	require.NoError(t, <-p.ended)
}

func TestServesForeignCard(t *testing.T) {
	out := t.TempDir()
	s := newSlot(t)
	p := start(t, s, "--foreign", "security-key", "--out", out)
	s.accept()
	s.powerUp()
	p.requireReady()
	require.Equal(t, []byte{0x6A, 0x82}, s.exchange(selectJPKI...))
	left, err := filepath.Glob(filepath.Join(out, "*.pem"))
	require.NoError(t, err)
	require.Empty(t, left, "it has no certificates")
}

func TestFlags(t *testing.T) {
	dir := t.TempDir()
	cfg, err := parse([]string{"--state", filepath.Join(dir, "state"), "--pins", "auth:9999,sign:XYZ789", "--person", "john",
		"--validity", "expired", "--issuer-name", "j-lis", "--atr", "3B 88 80 01", "--foreign", "sim", "--fault", "padding,auth-tries=1"}, io.Discard)
	require.NoError(t, err)
	require.Equal(t, simcard.Options{
		Person:     simcard.John,
		PINs:       map[simcard.PIN]string{simcard.PINAuth: "9999", simcard.PINSign: "XYZ789"},
		State:      filepath.Join(dir, "state", "card.json"),
		Keys:       filepath.Join(dir, "state", "keys"),
		Foreign:    simcard.SIM,
		ATR:        []byte{0x3B, 0x88, 0x80, 0x01},
		Faults:     simcard.Faults{Padding: true, Tries: map[simcard.PIN]int{simcard.PINAuth: 1}},
		Validity:   simcard.Expired,
		IssuerName: simcard.IssuerJLIS,
	}, cfg.card)

	for _, wrong := range [][]string{
		{"--person", "nobody"}, {"--validity", "often"}, {"--issuer-name", "me"}, {"--atr", "3"}, {"--foreign", "mute"}, {"--atr", "3B"},
		{"--fault", "unknown"}, {"--unknown"}, {"argument"},
	} {
		var stderr strings.Builder
		_, err := parse(wrong, &stderr)
		require.ErrorIs(t, err, errUsage, wrong)
		require.NotEmpty(t, stderr.String())
	}
	var help strings.Builder
	_, err = parse([]string{"--help"}, &help)
	require.ErrorIs(t, err, flag.ErrHelp)
	require.Contains(t, help.String(), "remove-at-verify")
}

func TestRefusesToStart(t *testing.T) {
	dir := t.TempDir()
	for _, flags := range [][]string{
		{"--pins", "auth:12"}, {"--trace", filepath.Join(dir, "none", "trace")},
		{"--control", filepath.Join(dir, "none", "control")}, {"--out", "/dev/null/out"},
	} {
		require.Error(t, run(t.Context(), flags, io.Discard, io.Discard), flags)
	}
}
