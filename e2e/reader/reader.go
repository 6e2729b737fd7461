//go:build linux

// Package reader gives a Go test a card reader of its own, with a simulated card in it, through the
// program testreader.
package reader

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// Name is the reader that holds the card. Tests use it by this name and no other.
const Name = "Natsuin Test Reader 00 00"

// EmptyName is the reader that holds no card, or the second one.
const EmptyName = "Natsuin Test Reader 00 01"

// A Reader is a running testreader.
type Reader struct {
	t   testing.TB
	dir string
}

// Start starts a reader with a card, which the flags of natsuin-simcard describe, and ends it with the
// test. It fails the test where pcscd or vpcd is missing.
func Start(t testing.TB, flags ...string) *Reader {
	programs, err := build()
	require.NoError(t, err)

	// t.TempDir is too long for the name of a socket.
	dir, err := os.MkdirTemp("", "reader")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })

	cmd := exec.Command(filepath.Join(programs, "testreader"), append([]string{
		"--dir", dir,
		"--simcard", filepath.Join(programs, "natsuin-simcard"),
		"--keys", filepath.Join(programs, "keys"),
	}, flags...)...)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	stdin, err := cmd.StdinPipe() // its end ends testreader, also when this process dies
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		stdin.Close()
		_ = cmd.Wait()
	})

	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err, "testreader did not start: its message is above")
	require.Equal(t, "ready\n", line)
	return &Reader{t: t, dir: dir}
}

// Env is one entry of an environment, which leads PC/SC programs to this reader. It is meant for child
// processes: libpcsclite looks it up once in the life of a process.
func (r *Reader) Env() string {
	return "PCSCLITE_CSOCK_NAME=" + filepath.Join(r.dir, "run/pcscd/pcscd.comm")
}

// Certificates is the folder with the card's and its CAs' certificates: see natsuin-simcard --out.
func (r *Reader) Certificates() string { return filepath.Join(r.dir, "certificates") }

// Order gives an order to the card, the reader or pcscd: see the command testreader.
func (r *Reader) Order(order string) {
	conn, err := net.Dial("unix", filepath.Join(r.dir, "control"))
	require.NoError(r.t, err)
	defer conn.Close()
	_, err = fmt.Fprintln(conn, order)
	require.NoError(r.t, err)
	answer, err := bufio.NewReader(conn).ReadString('\n')
	require.NoError(r.t, err)
	require.Equal(r.t, "ok\n", answer, order)
}

// Trace returns what has passed between reader and card so far: "> " commands, "< " responses, "# "
// events, one a line.
func (r *Reader) Trace() string {
	trace, err := os.ReadFile(filepath.Join(r.dir, "trace"))
	require.NoError(r.t, err)
	return string(trace)
}

var verify = regexp.MustCompile(`(?m)^> ..20.... \*\*\*$`)

// Verifies returns how many PINs the card has been shown so far. Status queries do not count.
func (r *Reader) Verifies() int { return len(verify.FindAllString(r.Trace(), -1)) }

// build builds testreader and natsuin-simcard once for this process, into build/e2e at the root of the
// repository, where the keys of the simulated CAs stay, too. Test processes that build at the same time
// put equal programs in each other's place, whole.
var build = sync.OnceValues(func() (string, error) {
	root, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return "", fmt.Errorf("go list: %w", err)
	}
	dir := filepath.Join(strings.TrimSpace(string(root)), "build", "e2e")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	fresh, err := os.MkdirTemp(dir, "fresh")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(fresh)

	const module = "github.com/natsuin/natsuin"
	cmd := exec.Command("go", "build", "-o", fresh+"/",
		module+"/e2e/testreader", module+"/internal/card/simcard/natsuin-simcard")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if output, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, output)
	}
	for _, program := range []string{"testreader", "natsuin-simcard"} {
		if err := os.Rename(filepath.Join(fresh, program), filepath.Join(dir, program)); err != nil {
			return "", err
		}
	}
	return dir, nil
})
