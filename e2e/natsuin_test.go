//go:build linux

package e2e

import (
	"context"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/e2e/reader"
)

const challenge = "dGhpcyBpcyBhIGNoYWxsZW5nZSBvZiB0aGlydHktdHdv"

// These tests wait for other programs more than they compute: there may be more of them at a time than
// processors, where nobody says how many.
func TestMain(m *testing.M) {
	flag.Parse()
	if parallel := flag.Lookup("test.parallel"); parallel.Value.String() == parallel.DefValue {
		_ = parallel.Value.Set(strconv.Itoa(3 * runtime.GOMAXPROCS(0)))
	}
	os.Exit(m.Run())
}

// natsuinProgram builds the program as it is shipped: without tags.
var natsuinProgram = sync.OnceValues(func() (string, error) { return build("natsuin", "../host") })

// build builds a program of this repository into build/e2e and returns its path.
func build(name, source string) (string, error) {
	program, err := filepath.Abs(filepath.Join("../build/e2e", name))
	if err != nil {
		return "", err
	}
	output, err := exec.Command("go", "build", "-o", program, source).CombinedOutput()
	return program, errors.Join(err, textError(output))
}

func textError(output []byte) error {
	if len(output) == 0 {
		return nil
	}
	return errors.New(string(output))
}

// natsuin runs the program on the reader with pin on its standard input, and returns what it said and
// its exit code. Several PINs stand on a line each.
func natsuin(t *testing.T, r *reader.Reader, pin string, args ...string) (stdout, stderr string, exit int) {
	t.Helper()
	p := start(t, r, pin, args...)
	exit = p.wait()
	return p.stdout.String(), p.stderr.String(), exit
}

// A running is the program at work. What it said is there for all who wait for it.
type running struct {
	t              *testing.T
	cmd            *exec.Cmd
	stdout, stderr transcript
}

// start starts the program as natsuin does.
func start(t *testing.T, r *reader.Reader, pin string, args ...string) *running {
	t.Helper()
	program, err := natsuinProgram()
	require.NoError(t, err)
	if pin != "" {
		args = append(args, "--pin-fd", "0")
	}
	ctx, cancel := context.WithTimeout(t.Context(), hang)
	t.Cleanup(cancel)
	p := &running{t: t, cmd: exec.CommandContext(ctx, program, args...)}
	p.cmd.Env = append(os.Environ(), r.Env(), "LC_ALL=C.UTF-8", "DISPLAY=")
	p.cmd.Stdin = strings.NewReader(pin + "\n")
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	require.NoError(t, p.cmd.Start())
	return p
}

// wait returns the exit code.
func (p *running) wait() int {
	p.t.Helper()
	err := p.cmd.Wait()
	if exited := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exited) {
		require.NoError(p.t, err)
	}
	require.True(p.t, p.cmd.ProcessState.Exited(), "%v hangs\n%s", p.cmd.Args[1:], p.stderr.String())
	return p.cmd.ProcessState.ExitCode()
}

// waitFor waits until the program has said that on standard error.
func (p *running) waitFor(text string) {
	p.t.Helper()
	for deadline := time.Now().Add(hang / 2); !strings.Contains(p.stderr.String(), text); time.Sleep(10 * time.Millisecond) {
		require.True(p.t, time.Now().Before(deadline), "%v does not say %q\n%s", p.cmd.Args[1:], text, p.stderr.String())
	}
}

// hang is how long nothing takes that ends at all.
const hang = time.Minute

// A transcript is written and read at the same time.
type transcript struct {
	mu   sync.Mutex
	text strings.Builder
}

func (w *transcript) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(p)
}

func (w *transcript) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// The command line through the real PC/SC service: everything that needs a card, judged by openssl and
// by the card's own trace.
func TestCommandLineThroughPCSC(t *testing.T) {
	t.Parallel()
	r := reader.Start(t)
	dir := t.TempDir()
	auth := []string{"auth", "--origin", "https://shinsei.example", "--challenge", challenge, "--reader", reader.Name}

	status, log, exit := natsuin(t, r, "", "status", "--reader", reader.Name)
	require.Zero(t, exit, log)
	require.Contains(t, status, "ISSUER_FOREIGN", "a simulated card never passes for a real one")
	require.Contains(t, status, "3 of 3 tries left")

	token, log, exit := natsuin(t, r, "1234", auth...)
	require.Zero(t, exit, log)
	file := filepath.Join(dir, "token.json")
	require.NoError(t, os.WriteFile(file, []byte(token), 0o600))
	checks, log, exit := natsuin(t, r, "", "verify-token", "--origin", "https://shinsei.example", "--challenge", challenge,
		"--trust", filepath.Join(r.Certificates(), "trust"), file)
	require.Zero(t, exit, log)
	require.Contains(t, checks, "not-checked  revocation")
	_, log, exit = natsuin(t, r, "", "verify-token", "--origin", "https://shinsei.example", "--challenge", challenge, file)
	require.Equal(t, 10, exit)
	require.Contains(t, log, "ISSUER_FOREIGN")

	content, signature := filepath.Join(dir, "申請書.xml"), filepath.Join(dir, "signature")
	require.NoError(t, os.WriteFile(content, []byte("<申請/>"), 0o600))
	_, log, exit = natsuin(t, r, "abc123", "sign", "--format", "cms", "--in", content, "--out", signature, "--reader", reader.Name)
	require.Zero(t, exit, log)
	tool(t, os.Environ(), "openssl", "cms", "-verify", "-cades", "-inform", "DER", "-binary", "-purpose", "any",
		"-in", signature, "-content", content, "-CAfile", filepath.Join(r.Certificates(), "sign-ca.pem"), "-out", os.DevNull)
	require.Equal(t, 2, r.Verifies(), "one VERIFY for each PIN typed")

	_, _, exit = natsuin(t, r, "12345", auth...)
	require.Equal(t, 11, exit)
	require.Equal(t, 2, r.Verifies())
	_, log, exit = natsuin(t, r, "9999", auth...)
	require.Equal(t, 6, exit)
	require.Contains(t, log, "Tries left: 2.")

	r.Order("counter auth 1")
	_, _, exit = natsuin(t, r, "1234", auth...)
	require.Equal(t, 13, exit)
	r.Order("counter auth 0")
	_, _, exit = natsuin(t, r, "1234", auth...)
	require.Equal(t, 7, exit)
	require.Equal(t, 3, r.Verifies())
	r.Order("counter auth 3")

	_, _, exit = natsuin(t, r, "", "status", "--reader", reader.EmptyName)
	require.Equal(t, 4, exit)
	r.Order("fault remove-at-sign")
	_, _, exit = natsuin(t, r, "1234", auth...)
	require.Equal(t, 12, exit)
	r.Order("insert")
	r.Order("pcscd stop")
	_, _, exit = natsuin(t, r, "", "status")
	require.Equal(t, 3, exit)
}

func TestIssuerWithTheNameOfJLIS(t *testing.T) {
	t.Parallel()
	r := reader.Start(t, "--issuer-name", "j-lis")
	status, log, exit := natsuin(t, r, "", "status")
	require.Zero(t, exit, log)
	require.Contains(t, status, "ISSUER_NOT_SHIPPED")
}
