//go:build linux

package e2e

import (
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/e2e/reader"
	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
)

// Large files are signed without being held: a message around 1 GiB, or about as much beside it, within 32 MiB of what a
// small file takes, and so is a second signer of it; a PDF of 200 MB within 64 MiB, of which its own size is no part.
// openssl and pdfsig judge.
func TestLargeFilesAreSignedWithoutBeingHeld(t *testing.T) {
	t.Parallel()
	r := reader.Start(t)
	dir := t.TempDir()
	in, small, message := filepath.Join(dir, "large"), filepath.Join(dir, "small"), filepath.Join(dir, "large.p7m")
	require.NoError(t, os.WriteFile(small, []byte("申請書"), 0o600))
	require.NoError(t, os.WriteFile(in, nil, 0o600))
	require.NoError(t, os.Truncate(in, 1<<30)) // a hole

	signing := func(args ...string) int64 { return signedWithin(t, r, append(at("sign"), args...)...) }
	usual := signing("--format", "cms", "--attached", "--in", small, "--out", filepath.Join(dir, "small.p7m"))
	detached := signing("--format", "cms", "--in", in, "--out", filepath.Join(dir, "large.p7s"))
	attached := signing("--format", "cms", "--attached", "--in", in, "--out", message)
	cosigned := signing("--format", "cms", "--cosign", message, "--out", message, "--force")
	t.Logf("of 3 bytes %d KiB, of 1 GiB detached %d KiB, attached %d KiB, with a second signer %d KiB", usual>>10, detached>>10, attached>>10, cosigned>>10)
	require.LessOrEqual(t, max(detached, attached, cosigned), usual+32<<20)
	for _, judged := range [][]string{{"-in", message}, {"-in", filepath.Join(dir, "large.p7s"), "-content", in}} {
		tool(t, os.Environ(), "openssl", append([]string{"cms", "-verify", "-cades", "-inform", "DER", "-binary", "-purpose", "any",
			"-CAfile", filepath.Join(r.Certificates(), "sign-ca.pem"), "-out", os.DevNull}, judged...)...)
	}

	document, signed := filepath.Join(dir, "large.pdf"), filepath.Join(dir, "signed.pdf")
	f, err := os.Create(document)
	require.NoError(t, err)
	pdftest.Large(t, f, 200_000_000)
	require.NoError(t, f.Close())
	sealed := signing("--format", "pdf", "--profile", "moj", "--in", document, "--out", signed, "--seal-text", "見本", "--seal-ring", "--seal-at", "1,400,700,60")
	t.Logf("of a PDF of 200 MB %d KiB", sealed>>10)
	require.LessOrEqual(t, sealed, usual+64<<20)
	report, err := pdftest.Run(t, "pdfsig", "-nocert", signed)
	require.NoError(t, err, report)
	require.Contains(t, report, "Signature is Valid.")
	require.Contains(t, report, "Total document signed")
	requireSameBeginning(t, document, signed)
}

// signedWithin runs a command that signs and returns the most memory that it held, in bytes.
func signedWithin(t *testing.T, r *reader.Reader, args ...string) (peak int64) {
	t.Helper()
	p := start(t, r, "ABC123", args...)
	ended := make(chan int, 1)
	go func() { ended <- p.wait() }()
	for {
		select {
		case exit := <-ended:
			require.Zero(t, exit, p.stderr.String())
			require.Positive(t, peak)
			return peak
		case <-time.After(time.Millisecond):
			peak = max(peak, highWater(p.cmd.Process.Pid))
		}
	}
}

// requireSameBeginning asks that a file begins with all of another.
func requireSameBeginning(t *testing.T, shorter, longer string) {
	t.Helper()
	a, err := os.Open(shorter)
	require.NoError(t, err)
	defer a.Close()
	b, err := os.Open(longer)
	require.NoError(t, err)
	defer b.Close()
	one, other := make([]byte, 1<<20), make([]byte, 1<<20)
	for {
		n, err := io.ReadFull(a, one)
		if n == 0 {
			require.ErrorIs(t, err, io.EOF)
			return
		}
		_, err = io.ReadFull(b, other[:n])
		require.NoError(t, err)
		require.True(t, string(one[:n]) == string(other[:n]))
	}
}
