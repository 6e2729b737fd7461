//go:build linux

package e2e

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/signature/pdf"
	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
	"github.com/natsuin/natsuin/internal/signature/timestamp/tsatest"
)

// A large file is verified, and gets a time stamp, without being held: a PDF of 200 MB within its size and 64 MiB, a
// message around 1 GiB within 32 MiB, of what the program takes when it does nothing.
func TestLargeFilesAreNotHeld(t *testing.T) {
	dir := t.TempDir()
	long := func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().AddDate(-1, 0, 0), time.Now().AddDate(1, 0, 0)
	}
	ca, key := certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "1", long), certtest.Key(t, "card")
	card := ca.Signature(t, key, long)
	trust := filepath.Join(dir, "trust")
	require.NoError(t, os.Mkdir(trust, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(trust, "ca.der"), ca.Certificate.Raw, 0o600))
	a := tsatest.New(t)
	idle := atRest(t)

	// stamped has a file stamped by the authority and returns the most memory that either step took.
	stamped := func(in, out string) int64 {
		query, response := filepath.Join(dir, "query"), filepath.Join(dir, "response")
		most, said := measured(t, "timestamp", "query", "--in", in, "--out", query, "--force")
		require.Empty(t, said)
		asked, err := os.ReadFile(query)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(response, a.Reply(t, asked), 0o600))
		more, said := measured(t, "timestamp", "attach", "--in", in, "--query", query, "--response", response, "--tsa-trust", a.Trust, "--out", out)
		require.Contains(t, said, "Signature 1 has the time stamp now.")
		return max(most, more)
	}

	t.Run("PDF", func(t *testing.T) {
		const length, limit = 200_000_000, 64 << 20
		in, out := filepath.Join(dir, "large.pdf"), filepath.Join(dir, "stamped.pdf")
		f, err := os.Create(in)
		require.NoError(t, err)
		defer f.Close()
		size := pdftest.Large(t, f, length)
		update, err := pdf.Prepare(f, size, pdf.Options{Profile: pdf.PAdES})
		require.NoError(t, err)
		appended, err := update.Sign(pdf.Signer{Signer: key, Certificate: card, Name: "見本 太郎", Time: time.Now()})
		require.NoError(t, err)
		_, err = f.WriteAt(appended, size)
		require.NoError(t, err)

		took := stamped(in, out)
		verifying, said := measured(t, "verify", out, "--trust", trust, "--tsa-trust", a.Trust)
		require.Contains(t, said, "Accepted: ")
		require.Contains(t, said, "Time stamp: pass ")
		t.Logf("at rest %d KiB, stamping %d KiB, verifying %d KiB", idle>>10, took>>10, verifying>>10)
		require.LessOrEqual(t, max(took, verifying), idle+limit)
	})

	t.Run("CMS", func(t *testing.T) {
		const length, limit = 1 << 30, 32 << 20
		content, in, out := filepath.Join(dir, "content"), filepath.Join(dir, "large.p7m"), filepath.Join(dir, "stamped.p7m")
		require.NoError(t, os.WriteFile(content, nil, 0o600))
		require.NoError(t, os.Truncate(content, length))
		der, err := x509.MarshalPKCS8PrivateKey(key)
		require.NoError(t, err)
		signer := filepath.Join(dir, "card.pem")
		require.NoError(t, os.WriteFile(signer, append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: card.Raw}),
			pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})...), 0o600))
		tsatest.OpenSSL(t, "cms", "-sign", "-binary", "-nodetach", "-stream", "-outform", "DER", "-in", content, "-signer", signer, "-out", in)

		took := stamped(in, out)
		verifying, said := measured(t, "verify", out, "--trust", trust, "--tsa-trust", a.Trust)
		require.Contains(t, said, fmt.Sprintf("Covers: all of the document in the message (%d bytes)", length))
		require.Contains(t, said, "Accepted: ")
		require.Contains(t, said, "Time stamp: pass ")
		t.Logf("at rest %d KiB, stamping %d KiB, verifying %d KiB", idle>>10, took>>10, verifying>>10)
		require.LessOrEqual(t, max(took, verifying), idle+limit)

		// Ended while it writes, it leaves nothing behind.
		empty := t.TempDir()
		cmd := cardless(t, "timestamp", "attach", "--in", in, "--query", filepath.Join(dir, "query"), "--response", filepath.Join(dir, "response"),
			"--out", filepath.Join(empty, "out"))
		require.NoError(t, cmd.Start())
		names := func() []string {
			found, err := filepath.Glob(filepath.Join(empty, ".natsuin-*"))
			require.NoError(t, err)
			return found
		}
		require.Eventually(t, func() bool { return len(names()) > 0 }, hang, time.Millisecond)
		require.NoError(t, cmd.Process.Signal(os.Interrupt))
		require.Error(t, cmd.Wait())
		require.Equal(t, 8, cmd.ProcessState.ExitCode())
		require.Empty(t, names())
		require.NoFileExists(t, filepath.Join(empty, "out"))
	})
}

// measured runs a command that needs no card and must succeed, and returns the most memory that it held, in bytes,
// and what it said.
func measured(t *testing.T, args ...string) (peak int64, stdout string) {
	t.Helper()
	cmd := cardless(t, args...)
	var said, complained strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &complained
	require.NoError(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case err := <-ended:
			require.NoError(t, err, "%v\n%s%s", args, said.String(), complained.String())
			return peak, said.String()
		case <-time.After(time.Millisecond):
			peak = max(peak, highWater(cmd.Process.Pid))
		}
	}
}

// atRest returns how much the program holds that waits for its input.
func atRest(t *testing.T) int64 {
	t.Helper()
	cmd := cardless(t, "verify-token", "--origin", origin, "--challenge", challenge, "-")
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	time.Sleep(time.Second)
	held := highWater(cmd.Process.Pid)
	require.NoError(t, stdin.Close())
	require.Error(t, cmd.Wait(), "it read no token")
	require.Positive(t, held)
	return held
}

func cardless(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	program, err := natsuinProgram()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "DISPLAY=")
	return cmd
}

// highWater is the most memory that a process held so far, in bytes; 0 for one that ended. What the kernel counts
// for a parent, after the end, begins with the parent's own.
func highWater(pid int) int64 {
	status, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	defer status.Close()
	text, err := io.ReadAll(status)
	if err != nil {
		return 0
	}
	var kib int64
	if _, after, found := strings.Cut(string(text), "VmHWM:"); found {
		_, _ = fmt.Sscanf(after, "%d kB", &kib)
	}
	return kib << 10
}
