//go:build linux

package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/natsuin/natsuin/e2e/reader"
)

// A PIN typed on a terminal is read without being shown, whatever ends the question, and the terminal
// shows again what is typed.
func TestPINOnATerminal(t *testing.T) {
	t.Parallel()
	r := reader.Start(t)
	for _, test := range []struct {
		name string
		keys []string // one for each question
		exit int
	}{
		{"right", []string{"1234\r"}, 0},
		{"corrected", []string{"99\x7f\x7f1234\r"}, 0},
		{"malformed, wrong, right", []string{"12345\r", "9999\r", "1234\r"}, 0},
		{"Ctrl-C", []string{"1234\x03"}, 8},
	} {
		t.Run(test.name, func(t *testing.T) {
			tty := openTerminal(t)
			cmd := hostCommand(t, "auth", "--origin", origin, "--challenge", challenge, "--reader", reader.Name)
			cmd.Env = append(cmd.Env, r.Env())
			var token bytes.Buffer
			cmd.Stdout = &token
			tty.start(cmd)
			for i, keys := range test.keys {
				tty.waitForQuestion(i + 1)
				tty.press(keys)
			}
			_ = cmd.Wait()
			require.Equal(t, test.exit, cmd.ProcessState.ExitCode(), tty.screen())
			require.Equal(t, test.exit == 0, strings.Contains(token.String(), `"format"`))
			require.True(t, tty.echoes())
			require.NotContains(t, tty.screen(), "1234")
			require.NotContains(t, tty.screen(), "99")
		})
	}
	require.Equal(t, 4, r.Verifies())
}

// A terminal has a test in the place of the human.
type terminal struct {
	t        *testing.T
	keyboard *os.File
	device   *os.File

	mu    sync.Mutex
	shown bytes.Buffer
}

func openTerminal(t *testing.T) *terminal {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	require.NoError(t, err)
	t.Cleanup(func() { keyboard.Close() })
	tty := &terminal{t: t, keyboard: keyboard}
	var number int
	tty.control(func(fd int) error {
		if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
			return err
		}
		number, err = unix.IoctlGetInt(fd, unix.TIOCGPTN)
		return err
	})
	tty.device, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	t.Cleanup(func() { tty.device.Close() })
	go tty.watch()
	return tty
}

// control asks the kernel about the terminal, without making the keyboard's reads uninterruptible, as Fd
// would.
func (tty *terminal) control(ask func(fd int) error) {
	tty.t.Helper()
	conn, err := tty.keyboard.SyscallConn()
	require.NoError(tty.t, err)
	var answer error
	require.NoError(tty.t, conn.Control(func(fd uintptr) { answer = ask(int(fd)) }))
	require.NoError(tty.t, answer)
}

func (tty *terminal) watch() {
	part := make([]byte, 1024)
	for {
		n, err := tty.keyboard.Read(part)
		tty.mu.Lock()
		tty.shown.Write(part[:n])
		tty.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// start starts a command as a shell would, on this terminal.
func (tty *terminal) start(cmd *exec.Cmd) {
	tty.t.Helper()
	cmd.Stdin, cmd.Stderr = tty.device, tty.device
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true} // the terminal is its descriptor 0
	require.NoError(tty.t, cmd.Start())
}

func (tty *terminal) screen() string {
	tty.mu.Lock()
	defer tty.mu.Unlock()
	return tty.shown.String()
}

// echoes reports whether the terminal shows what is typed.
func (tty *terminal) echoes() (on bool) {
	tty.t.Helper()
	tty.control(func(fd int) error {
		state, err := unix.IoctlGetTermios(fd, unix.TCGETS)
		if err == nil {
			on = state.Lflag&unix.ECHO != 0
		}
		return err
	})
	return on
}

// waitForQuestion waits until a PIN was asked for that often, and typing is hidden.
func (tty *terminal) waitForQuestion(times int) {
	tty.t.Helper()
	require.Eventually(tty.t, func() bool {
		return strings.Count(tty.screen(), "PIN:") == times && !tty.echoes()
	}, 20*time.Second, 10*time.Millisecond)
}

func (tty *terminal) press(keys string) {
	tty.t.Helper()
	_, err := tty.keyboard.WriteString(keys)
	require.NoError(tty.t, err)
}
