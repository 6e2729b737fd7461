package pdf_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/signature/pdf"
	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
)

// seeds are small files, signed and not, of every kind.
func seeds(t testing.TB) [][]byte {
	t.Helper()
	var files [][]byte
	for _, file := range pdftest.Corpus(t) {
		files = append(files, file)
	}
	plain := pdftest.File(pdftest.Document(1), "")
	once := sign(t, plain, pdf.Options{Profile: pdf.MOJ, Placeholder: 2048})
	files = append(files, once, sign(t, once, pdf.Options{Profile: pdf.PAdES, Placeholder: 2048}), signed(t, pdftest.SignatureDict()))
	return files
}

func TestSeeds(t *testing.T) {
	require.Greater(t, len(seeds(t)), 20)
}

// FuzzVerify asks that verifying and checking end without a panic, and that what verifies does not any
// more when a byte that is signed is another.
func FuzzVerify(f *testing.F) {
	for _, seed := range seeds(f) {
		f.Add(seed, 100)
	}
	f.Fuzz(func(t *testing.T, file []byte, at int) {
		report, err := pdf.Verify(bytes.NewReader(file), int64(len(file)))
		findings, errCheck := pdf.Check(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			return
		}
		require.NoError(t, errCheck)
		require.Len(t, findings, 10)
		for _, s := range report.Signatures {
			if s.Problem != nil || s.TimeStamp {
				continue
			}
			require.NotNil(t, s.CMS)
			if report.Exchangeable(s) == nil { // for itself, at least
				_, err := report.Exchange(bytes.NewReader(file), s, s.Message)
				require.NoError(t, err)
			}
			i := int64(uint32(at)) % (s.ByteRange[2] + s.ByteRange[3])
			if i < s.ByteRange[1] || i >= s.ByteRange[2] {
				other := bytes.Clone(file)
				other[i] ^= 1
				requireNotValid(t, other, s.ByteRange)
			}
		}
	})
}

// requireNotValid asks that a file cannot be read, or has no signature over that range without a
// problem.
func requireNotValid(t *testing.T, file []byte, r [4]int64) {
	t.Helper()
	report, err := pdf.Verify(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return
	}
	for _, s := range report.Signatures {
		if s.ByteRange == r {
			require.NotNil(t, s.Problem)
		}
	}
}

// TestFlippedBytes flips a bit of every signed byte of a file: its signature does not verify any more.
func TestFlippedBytes(t *testing.T) {
	file := sign(t, pdftest.File(pdftest.Document(1), ""), pdf.Options{Profile: pdf.PAdES, Placeholder: 1900})
	r := verify(t, file).Signatures[0].ByteRange
	for i := range file {
		if int64(i) < r[1] || int64(i) >= r[2] {
			other := bytes.Clone(file)
			other[i] ^= 1 << (i % 8)
			requireNotValid(t, other, r)
		}
	}
}

// FuzzPrepare asks that what Prepare takes can be signed to a file that verifies.
func FuzzPrepare(f *testing.F) {
	for _, seed := range seeds(f) {
		f.Add(seed)
	}
	s, _, _ := signer(f)
	f.Fuzz(func(t *testing.T, file []byte) {
		update, err := prepare(file, pdf.Options{Profile: pdf.MOJ, Placeholder: 2048})
		if err != nil {
			return
		}
		appended, err := update.Sign(s)
		require.NoError(t, err)
		report := verify(t, append(bytes.Clone(file), appended...))
		require.NotEmpty(t, report.Signatures)
	})
}
