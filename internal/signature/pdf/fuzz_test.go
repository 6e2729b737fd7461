package pdf_test

import (
	"bytes"
	"slices"
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
	once := sign(t, plain, pdf.Options{Profile: pdf.MOJ}.WithPlaceholder(2048))
	files = append(files, once, sign(t, once, pdf.Options{Profile: pdf.PAdES}.WithPlaceholder(2048)), signed(t, pdftest.SignatureDict()))
	return files
}

// TestSeeds: the seeds are there, Prepare takes them, and several hold signatures that verify.
func TestSeeds(t *testing.T) {
	files := seeds(t)
	require.Greater(t, len(files), 20)
	signatures := 0
	for _, file := range files {
		_, err := prepare(file, pdf.Options{Profile: pdf.MOJ})
		require.NoError(t, err)
		signatures += len(standing(t, file))
	}
	require.Equal(t, 4, signatures)
}

// standing returns the values of the signatures of a file that have no problem.
func standing(t testing.TB, file []byte) (values []string) {
	t.Helper()
	for _, s := range verify(t, file).Signatures {
		if s.Problem == nil && s.CMS != nil {
			values = append(values, string(s.CMS.Value))
		}
	}
	return values
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
				requireNotValid(t, other, string(s.CMS.Value))
			}
		}
	})
}

// requireNotValid asks that a file cannot be read, or has no signature of that value without a problem. It reports
// whether the signature was found at all, with one.
func requireNotValid(t *testing.T, file []byte, value string) bool {
	t.Helper()
	report, err := pdf.Verify(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return false
	}
	found := false
	for _, s := range report.Signatures {
		if bytes.Contains(s.Message, []byte(value)) {
			require.NotNil(t, s.Problem)
			found = true
		}
	}
	return found
}

// TestFlippedBytes flips a bit of every signed byte of a file: its signature does not verify any more. Most often
// the file can still be read and the signature is there.
func TestFlippedBytes(t *testing.T) {
	file := sign(t, pdftest.File(pdftest.Document(1), ""), pdf.Options{Profile: pdf.PAdES}.WithPlaceholder(1900))
	r := verify(t, file).Signatures[0].ByteRange
	value := standing(t, file)[0]
	flipped, found := 0, 0
	for i := range file {
		if int64(i) < r[1] || int64(i) >= r[2] {
			other := bytes.Clone(file)
			other[i] ^= 1 << (i % 8)
			flipped++
			if requireNotValid(t, other, value) {
				found++
			}
		}
	}
	require.Equal(t, r[1]+r[3], int64(flipped))
	require.Greater(t, found, flipped/4)
	t.Logf("%d of %d", found, flipped)
}

// FuzzPrepare asks that what Prepare takes can be signed to a file in which the new signature stands for the whole,
// and every signature that stood for it still does.
func FuzzPrepare(f *testing.F) {
	for _, seed := range seeds(f) {
		f.Add(seed)
	}
	s, _, _ := signer(f)
	f.Fuzz(func(t *testing.T, file []byte) {
		update, err := prepare(file, pdf.Options{Profile: pdf.MOJ}.WithPlaceholder(2048))
		if err != nil {
			return
		}
		before := standing(t, file)
		appended, err := update.Sign(s)
		require.NoError(t, err)
		signed := append(bytes.Clone(file), appended...)
		after := standing(t, signed)
		require.Subset(t, after, before)
		require.Greater(t, len(after), len(before))
		require.True(t, slices.ContainsFunc(verify(t, signed).Signatures, func(s *pdf.Signature) bool { return s.Whole && s.Problem == nil }))
	})
}
