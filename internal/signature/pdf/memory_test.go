package pdf_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/signature/pdf"
	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
	"github.com/natsuin/natsuin/internal/signature/signtest"
)

// TestMemory signs and verifies a file of 200 MB, most of which is a hole, in 64 MiB at most: the file
// is never held.
func TestMemory(t *testing.T) {
	const length, limit = 200_000_000, 64 << 20
	f, err := os.Create(filepath.Join(t.TempDir(), "large.pdf"))
	require.NoError(t, err)
	defer f.Close()
	size := pdftest.Large(t, f, length)

	s, _, _ := signer(t)
	var appended []byte
	grown := signtest.Peak(func() {
		update, err := pdf.Prepare(f, size, pdf.Options{Profile: pdf.MOJ})
		require.NoError(t, err)
		appended, err = update.Sign(s)
		require.NoError(t, err)
	})
	require.LessOrEqual(t, grown, uint64(limit))
	t.Logf("signing: %d KiB", grown>>10)
	_, err = f.WriteAt(appended, size)
	require.NoError(t, err)

	grown = signtest.Peak(func() {
		report, err := pdf.Verify(f, size+int64(len(appended)))
		require.NoError(t, err)
		requireReason(t, "", report.Signatures[0])
		findings, err := pdf.Check(f, size+int64(len(appended)))
		require.NoError(t, err)
		require.Equal(t, pdf.Pass, findings[9].Verdict)
	})
	require.LessOrEqual(t, grown, uint64(limit))
	t.Logf("verifying: %d KiB", grown>>10)
}
