//go:build linux

package e2e

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/e2e/reader"
)

const challenge = "dGhpcyBpcyBhIGNoYWxsZW5nZSBvZiB0aGlydHktdHdv"

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
// its exit code.
func natsuin(t *testing.T, r *reader.Reader, pin string, args ...string) (stdout, stderr string, exit int) {
	t.Helper()
	program, err := natsuinProgram()
	require.NoError(t, err)
	if pin != "" {
		args = append(args, "--pin-fd", "0")
	}
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), r.Env(), "LC_ALL=C.UTF-8", "DISPLAY=")
	cmd.Stdin = strings.NewReader(pin + "\n")
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	err = cmd.Run()
	var exited *exec.ExitError
	if err != nil && !errors.As(err, &exited) {
		require.NoError(t, err)
	}
	return out.String(), log.String(), cmd.ProcessState.ExitCode()
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
