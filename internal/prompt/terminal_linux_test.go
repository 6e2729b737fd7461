package prompt

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// A pty is a terminal with a test in the place of the human.
type pty struct {
	keyboard *os.File
	slave    *os.File // kept open, so that the terminal lasts
	device   string

	mu    sync.Mutex
	shown bytes.Buffer
}

func openPTY(t *testing.T) *pty {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	require.NoError(t, err)
	t.Cleanup(func() { keyboard.Close() })
	conn, err := keyboard.SyscallConn()
	require.NoError(t, err)
	var number int
	require.NoError(t, conn.Control(func(fd uintptr) {
		require.NoError(t, unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0))
		number, err = unix.IoctlGetInt(int(fd), unix.TIOCGPTN)
		require.NoError(t, err)
	}))
	p := &pty{keyboard: keyboard, device: fmt.Sprintf("/dev/pts/%d", number)}
	p.slave, err = os.OpenFile(p.device, os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	t.Cleanup(func() { p.slave.Close() })
	go func() {
		buf := make([]byte, 1024)
		for {
			n, err := keyboard.Read(buf)
			p.mu.Lock()
			p.shown.Write(buf[:n])
			p.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return p
}

func (p *pty) screen() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.ReplaceAll(p.shown.String(), "\r\n", "\n")
}

// waitFor waits until the screen shows a text.
func (p *pty) waitFor(t *testing.T, text string) {
	t.Helper()
	require.Eventually(t, func() bool { return strings.Contains(p.screen(), text) }, 10*time.Second, 5*time.Millisecond)
}

func (p *pty) flags(t *testing.T) uint32 {
	t.Helper()
	state, err := unix.IoctlGetTermios(int(p.slave.Fd()), unix.TCGETS)
	require.NoError(t, err)
	return state.Lflag
}

// waitForHiding waits until the terminal hides what is typed.
func (p *pty) waitForHiding(t *testing.T) {
	t.Helper()
	require.Eventually(t, func() bool { return p.flags(t)&unix.ECHO == 0 }, 10*time.Second, 5*time.Millisecond)
}

// press types once the terminal hides what is typed.
func (p *pty) press(t *testing.T, keys string) {
	t.Helper()
	p.waitForHiding(t)
	_, err := p.keyboard.WriteString(keys)
	require.NoError(t, err)
}

// ask asks on the terminal and sends the error on.
func (p *pty) ask(ctx context.Context) <-chan error {
	asked := make(chan error, 1)
	go func() {
		_, err := Terminal{Device: p.device}.Ask(ctx, loginRequest)
		asked <- err
	}()
	return asked
}

func TestTerminalAsk(t *testing.T) {
	for name, test := range map[string]struct {
		keys string
		pin  string
		err  error
	}{
		"typed":              {"1234\r", "1234", nil},
		"line feed":          {"1234\n", "1234", nil},
		"nothing":            {"\r", "", nil},
		"corrected":          {"12x\x7f34\r", "1234", nil},
		"corrected too much": {"1\x7f\x7f\x081234\r", "1234", nil},
		"a whole character":  {"12\uff13\x7f34\r", "1234", nil},
		"from the start":     {"99999\x151234\r", "1234", nil},
		"too long, anew":     {strings.Repeat("9", 200) + "\x151234\r", "1234", nil},
		"full width":         {"１２３４\r", "１２３４", nil},
		"Ctrl-C":             {"12\x03", "", ErrCancelled},
		"Ctrl-D":             {"\x04", "", ErrCancelled},
	} {
		t.Run(name, func(t *testing.T) {
			p := openPTY(t)
			before := p.flags(t)
			done := make(chan struct{})
			var pin *PIN
			var err error
			go func() {
				defer close(done)
				pin, err = Terminal{Device: p.device}.Ask(t.Context(), with(signRequest, func(r *Request) { r.Wrong = true }))
			}()
			p.waitFor(t, "暗証番号：")
			p.press(t, test.keys)
			<-done
			require.ErrorIs(t, err, test.err)
			if test.err == nil {
				require.Equal(t, test.pin, string(pin.Bytes()))
				pin.Wipe()
			}
			require.Equal(t, before, p.flags(t), "put right again")
			want := signRequest.description(0, unmeasured) + "\n\n暗証番号が違います。残り4回です。\n\n暗証番号：\n"
			p.waitFor(t, want)
			require.Equal(t, want, p.screen(), "nothing typed is shown")
		})
	}
}

// What is typed before a question stood on the screen and answers another one; what is typed behind the answer
// would go to the shell.
func TestTerminalDiscardsWhatIsTypedTooEarlyOrTooLate(t *testing.T) {
	for _, early := range []string{"9999\r", "9999\n9999\n", "9999"} {
		p := openPTY(t)
		_, err := p.keyboard.WriteString(early)
		require.NoError(t, err)
		p.waitFor(t, "9999") // the terminal took it, and showed it
		answer := make(chan *PIN, 1)
		go func() {
			pin, _ := Terminal{Device: p.device}.Ask(t.Context(), loginRequest)
			answer <- pin
		}()
		p.waitFor(t, "暗証番号：")
		p.press(t, "1234\r5678\r")
		pin := <-answer
		require.Equal(t, "1234", string(pin.Bytes()), "%q", early)
		pin.Wipe()
		ready, err := unix.Poll([]unix.PollFd{{Fd: int32(p.slave.Fd()), Events: unix.POLLIN}}, 0)
		require.NoError(t, err)
		require.Zero(t, ready, "nothing is left for the shell")
		require.NotContains(t, p.screen(), "5678")
	}
}

func TestTerminalAsksForANewPIN(t *testing.T) {
	r := with(changeRequest, func(r *Request) { r.OwnPage, r.Malformed, r.Lang = false, Different, English })
	require.Equal(t, r.description(0, unmeasured)+"\n\nThe new PIN and its repetition differ.\n\nNew PIN:", r.onTerminal())
}

func TestTerminalGoesWithTheContext(t *testing.T) {
	p := openPTY(t)
	before := p.flags(t)
	ctx, cancel := context.WithCancel(t.Context())
	asked := p.ask(ctx)
	p.waitForHiding(t)
	cancel()
	require.ErrorIs(t, <-asked, ErrCancelled)
	require.Equal(t, before, p.flags(t))

	ctx, cancel = context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	require.ErrorIs(t, <-p.ask(ctx), ErrTimeout)
}

func TestTerminalThatGoesAway(t *testing.T) {
	p := openPTY(t)
	asked := p.ask(t.Context())
	p.waitForHiding(t)
	require.NoError(t, p.keyboard.Close())
	err := <-asked
	require.Error(t, err)
	require.NotErrorIs(t, err, ErrUnavailable)
}

func TestNoTerminal(t *testing.T) {
	for _, device := range []string{"/nonexistent", "/dev/null", t.TempDir()} {
		_, err := Terminal{Device: device}.Ask(t.Context(), loginRequest)
		require.ErrorIs(t, err, ErrUnavailable)
	}
	_, err := Terminal{Device: "/dev/null"}.Ask(t.Context(), Request{})
	require.Error(t, err)
	require.NotErrorIs(t, err, ErrUnavailable)
}
