package pdf_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/signature/cms"
	"github.com/natsuin/natsuin/internal/signature/pdf"
	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
)

// token stands for a time-stamp token, which nobody looks at here.
var token = []byte{0x30, 3, 2, 1, 7}

// stamped returns a signature's message with the token.
func stamped(t *testing.T, s *pdf.Signature) []byte {
	t.Helper()
	message, err := cms.AttachTimestamp(s.Message, 0, token)
	require.NoError(t, err)
	return message
}

// exchange has Exchange write the whole file.
func exchange(t *testing.T, file []byte, i int, message []byte) ([]byte, error) {
	t.Helper()
	report := verify(t, file)
	exchanged, err := report.Exchange(bytes.NewReader(file), report.Signatures[i], message)
	if err != nil {
		return nil, err
	}
	whole, err := io.ReadAll(io.NewSectionReader(exchanged, 0, report.Size))
	require.NoError(t, err)
	return whole, nil
}

// TestExchange gives a signature a time stamp: nothing changes but what is in /Contents, and pdfsig and qpdf
// are content.
func TestExchange(t *testing.T) {
	for _, profile := range pdf.Profiles() {
		file := sign(t, pdftest.File(pdftest.Document(1), ""), pdf.Options{Profile: profile})
		was := verify(t, file).Signatures[0]
		later, err := exchange(t, file, 0, stamped(t, was))
		require.NoError(t, err)
		require.Len(t, later, len(file))
		for i := range file {
			if file[i] != later[i] {
				require.Greater(t, int64(i), was.ByteRange[1])
				require.Less(t, int64(i), was.ByteRange[2]-1)
			}
		}

		now := verify(t, later).Signatures[0]
		requireReason(t, "", now)
		require.True(t, now.Whole)
		require.Equal(t, was.CMS.Value, now.CMS.Value)
		require.Equal(t, [][]byte{token}, now.CMS.Timestamps)
		printed := pdftest.Signatures(t, later)
		require.Contains(t, printed, "Signature is Valid.")
		require.Contains(t, printed, "Total document signed")
		pdftest.Check(t, later)

		// A second one fits, too, and the message without them brings the file back.
		twice, err := exchange(t, later, 0, stamped(t, now))
		require.NoError(t, err)
		require.Len(t, verify(t, twice).Signatures[0].CMS.Timestamps, 2)
		back, err := exchange(t, later, 0, was.Message)
		require.NoError(t, err)
		require.Equal(t, file, back)
	}
}

// TestExchangeReads reads the patched file from and to every place about the patch.
func TestExchangeReads(t *testing.T) {
	file := sign(t, pdftest.File(pdftest.Document(1), ""), pdf.Options{Profile: pdf.PAdES}.WithPlaceholder(2048))
	report := verify(t, file)
	s := report.Signatures[0]
	want, err := exchange(t, file, 0, stamped(t, s))
	require.NoError(t, err)
	exchanged, err := report.Exchange(bytes.NewReader(file), s, stamped(t, s))
	require.NoError(t, err)
	for _, edge := range s.ByteRange[1:3] {
		for at := edge - 3; at < edge+3; at++ {
			for n := range 8 {
				got := make([]byte, n)
				_, err := exchanged.ReadAt(got, at)
				require.NoError(t, err)
				require.Equal(t, want[at:at+int64(n)], got)
			}
		}
	}
	require.NoError(t, iotest.TestReader(io.NewSectionReader(exchanged, 0, report.Size), want))
}

// TestExchangeRefuses: nothing is exchanged that would break a signature, or that is another one.
func TestExchangeRefuses(t *testing.T) {
	plain := pdftest.File(pdftest.Document(1), "")
	once := sign(t, plain, pdf.Options{Profile: pdf.PAdES})
	twice := sign(t, once, pdf.Options{Profile: pdf.PAdES})
	narrow := sign(t, plain, pdf.Options{Profile: pdf.PAdES}.WithPlaceholder(len(verify(t, once).Signatures[0].Message)))
	changed := pdftest.Update(once, pdftest.Objects{4: pdftest.Stream("", "0 g")}, "")
	documentTimeStamp := signed(t, replaced("adbe.pkcs7.detached", "ETSI.RFC3161"))
	cut := bytes.Clone(once)
	cut[30] ^= 1

	for name, test := range map[string]struct {
		file    []byte
		i       int
		message []byte
		want    error
		says    string
	}{
		"the later of two":              {file: twice, i: 1},
		"a revision that nobody signed": {file: pdftest.Update(once, pdftest.Objects{90: "<<>>"}, "")},
		"covered by a later one":        {twice, 0, nil, pdf.ErrCovered, "Signature2"},
		"no room":                       {file: narrow, want: pdf.ErrPlaceholder},
		"another signature":             {once, 0, verify(t, signed(t, pdftest.SignatureDict())).Signatures[0].Message, pdf.ErrChanged, ""},
		"no message":                    {once, 0, []byte("hello"), pdf.ErrChanged, ""},
		"nothing":                       {once, 0, []byte{}, pdf.ErrChanged, ""},
		"a document that was changed":   {file: changed, says: string(pdf.ReasonChanged)},
		"one that does not verify":      {file: cut, says: string(pdf.ReasonDigest)},
		"a time stamp":                  {file: documentTimeStamp, says: "time stamp of the document"},
	} {
		t.Run(name, func(t *testing.T) {
			message := test.message
			if message == nil {
				message = stamped(t, verify(t, test.file).Signatures[test.i])
			}
			later, err := exchange(t, test.file, test.i, message)
			if test.want == nil && test.says == "" {
				require.NoError(t, err)
				for _, s := range verify(t, later).Signatures {
					requireReason(t, "", s)
				}
				return
			}
			if test.want != nil {
				require.ErrorIs(t, err, test.want)
			}
			require.ErrorContains(t, err, test.says)
		})
	}

	// The file that is given is not the one of the report.
	report := verify(t, once)
	_, err := report.Exchange(strings.NewReader("hello"), report.Signatures[0], report.Signatures[0].Message)
	require.ErrorIs(t, err, pdf.ErrChanged)
}
