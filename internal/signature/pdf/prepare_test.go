package pdf_test

import (
	"bytes"
	"crypto"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/signature/cms"
	"github.com/natsuin/natsuin/internal/signature/pdf"
	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
)

func prepare(file []byte, o pdf.Options) (*pdf.Update, error) {
	return pdf.Prepare(bytes.NewReader(file), int64(len(file)), o)
}

// revisions returns a file with that many incremental updates.
func revisions(n int) []byte {
	file := pdftest.File(pdftest.Document(1), "")
	for range n {
		start := len(file)
		file = fmt.Appendf(file, "xref\n0 0\ntrailer\n<</Size 5/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n", pdftest.LastXref(file), start)
	}
	return file
}

// TestRefused gives documents that must not be signed, each with its reason.
func TestRefused(t *testing.T) {
	document := pdftest.Document(1)
	catalog := func(more string) []byte {
		return pdftest.File(document.With(pdftest.Objects{1: "<</Type/Catalog/Pages 2 0 R" + more + ">>"}), "")
	}
	plain := pdftest.File(document, "")
	start := pdftest.LastXref(plain)
	lock := func(lock, reference string) []byte {
		return pdftest.File(document.With(pdftest.Objects{
			1:  "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[20 0 R]>>>>",
			20: "<</FT/Sig/T(Old)/V<</Type/Sig/Reference[" + reference + "]>>" + lock + ">>",
		}), "")
	}
	fieldMDP := func(parameters string) string {
		return "<</TransformMethod/FieldMDP/TransformParams<<" + parameters + ">>>>"
	}

	cases := map[string]struct {
		file []byte
		want error
	}{
		"nothing wrong":                  {plain, nil},
		"empty":                          {nil, pdf.ErrNotPDF},
		"text":                           {[]byte("申請書\n"), pdf.ErrNotPDF},
		"something before the header":    {append([]byte("\n"), plain...), pdf.ErrNotPDF},
		"cut":                            {plain[:len(plain)-9], pdf.ErrBroken},
		"cut in half":                    {plain[:len(plain)/2], pdf.ErrBroken},
		"startxref beside it":            {bytes.Replace(plain, fmt.Appendf(nil, "startxref\n%d", start), fmt.Appendf(nil, "startxref\n%d", start+1), 1), pdf.ErrBroken},
		"an object beside its offset":    {bytes.Replace(plain, []byte("4 0 obj"), []byte("9 0 obj"), 1), pdf.ErrBroken},
		"no end of file marker":          {bytes.TrimSuffix(plain, []byte("%%EOF\n")), pdf.ErrBroken},
		"sections in a circle":           {pdftest.File(document, fmt.Sprintf("/Prev %d", start)), pdf.ErrBroken},
		"a section before it is missing": {pdftest.File(document, "/Prev 9"), pdf.ErrBroken},
		"sections by a name":             {pdftest.File(document, "/Prev/X"), pdf.ErrBroken},
		"no catalog":                     {pdftest.File(document.With(pdftest.Objects{1: "null"}), ""), pdf.ErrBroken},
		"a catalog without pages":        {pdftest.File(document.With(pdftest.Objects{1: "<<>>"}), ""), pdf.ErrBroken},
		"no pages":                       {pdftest.File(document.With(pdftest.Objects{2: "<</Type/Pages/Kids[]>>"}), ""), pdf.ErrPage},
		"pages in a circle":              {pdftest.File(document.With(pdftest.Objects{2: "<</Type/Pages/Kids[2 0 R]>>"}), ""), pdf.ErrBroken},
		"a page without a type":          {pdftest.File(document.With(pdftest.Objects{3: "<<>>"}), ""), pdf.ErrBroken},
		"fields in a circle":             {pdftest.File(document.With(pdftest.Objects{1: "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[9 0 R]>>>>", 9: "<</T(a)/Kids[9 0 R]>>"}), ""), pdf.ErrBroken},
		"a form that is none":            {catalog("/AcroForm 7"), pdf.ErrBroken},
		"fields that are none":           {catalog("/AcroForm<</Fields 7>>"), pdf.ErrBroken},
		"1,000 revisions and more":       {revisions(1000), pdf.ErrRevisions},
		"10,000 revisions":               {revisions(10000), pdf.ErrRevisions},
		"XFA":                            {catalog("/AcroForm<</Fields[]/XFA[(template) 9 0 R]>>"), pdf.ErrXFA},
		"certified, no changes":          {catalog("/Perms<</DocMDP<</Reference[<</TransformMethod/DocMDP/TransformParams<</P 1>>>>]>>>>"), pdf.ErrCertified},
		"certified by a field alone":     {lock("", "<</TransformMethod/DocMDP/TransformParams<</P 1>>>>"), pdf.ErrCertified},
		"certified, forms may be filled": {catalog("/Perms<</DocMDP<</Reference[<</TransformMethod/DocMDP/TransformParams<</V/1.2>>>>]>>>>"), nil},
		"all fields locked":              {lock("", fieldMDP("/Action/All")), pdf.ErrLocked},
		"all fields locked but others":   {lock("", fieldMDP("/Action/Exclude/Fields[(Other)]")), pdf.ErrLocked},
		"all fields locked but ours":     {lock("", fieldMDP("/Action/Exclude/Fields[(Signature1)]")), nil},
		"our field locked":               {lock("", fieldMDP("/Action/Include/Fields[(Signature1)]")), pdf.ErrLocked},
		"another field locked":           {lock("", fieldMDP("/Action/Include/Fields[(Amount)]")), nil},
		"the document locked by a field": {lock("/Lock<</Action/Include/Fields[(Amount)]/P 1>>", ""), pdf.ErrLocked},
		"deeper than objects nest":       {catalog("/D" + strings.Repeat("[", 70) + strings.Repeat("]", 70)), pdf.ErrTooLarge},
		"deeper than anything":           {catalog("/D" + strings.Repeat("[", 1<<20)), pdf.ErrTooLarge},
		"a key twice":                    {catalog("/Pages 2 0 R"), pdf.ErrBroken},
		"flags that are none":            {catalog("/AcroForm<</Fields[]/SigFlags/X>>"), pdf.ErrBroken},
		"annotations that are none":      {pdftest.File(document.With(pdftest.Objects{3: "<</Type/Page/MediaBox[0 0 9 9]/Annots 7>>"}), ""), pdf.ErrBroken},
	}
	crowd := pdftest.Objects{}
	for i := range pdf.MaxSignatures {
		crowd[100+i] = "<</ByteRange[0 1 2 3]/Contents<00>>>"
	}
	cases["too many signatures"] = struct {
		file []byte
		want error
	}{pdftest.File(document.With(crowd), ""), pdf.ErrTooLarge}
	for name, file := range pdftest.Encrypted(t) {
		cases["encrypted with "+name] = struct {
			file []byte
			want error
		}{file, pdf.ErrEncrypted}
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := prepare(test.file, pdf.Options{Profile: pdf.MOJ})
			require.ErrorIs(t, err, test.want)
		})
	}
}

func TestOptionsRefused(t *testing.T) {
	file := pdftest.File(pdftest.Document(1), "")
	for name, o := range map[string]pdf.Options{
		"no profile":              {},
		"a hash that MOJ has not": {Profile: pdf.MOJ, Hash: crypto.SHA512},
		"SHA-1":                   {Profile: pdf.PAdES, Hash: crypto.SHA1},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := prepare(file, o)
			require.ErrorIs(t, err, pdf.ErrOptions)
		})
	}
}

// TestFreeName keeps clear of the names of fields, in the form and beside it.
func TestFreeName(t *testing.T) {
	file := pdftest.File(pdftest.Document(1).With(pdftest.Objects{
		1: "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[9 0 R]>>>>", 9: "<</FT/Tx/T(Signature1)>>",
		3: "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Annots[10 0 R]>>", 10: "<</Subtype/Widget/FT/Sig/T(Signature2)/Rect[0 0 0 0]>>",
	}), "")
	require.Equal(t, "Signature3", verify(t, sign(t, file, pdf.Options{Profile: pdf.PAdES})).Signatures[0].Field)
}

// TestSignRefused fails before the card is asked for anything.
func TestSignRefused(t *testing.T) {
	file := pdftest.File(pdftest.Document(1), "")
	s, key, _ := signer(t)
	update, err := prepare(file, pdf.Options{Profile: pdf.MOJ}.WithPlaceholder(1700))
	require.NoError(t, err)
	_, err = update.Sign(s)
	require.ErrorIs(t, err, pdf.ErrPlaceholder)

	update, err = prepare(file, pdf.Options{Profile: pdf.MOJ})
	require.NoError(t, err)
	nameless := s
	nameless.Name = ""
	_, err = update.Sign(nameless)
	require.ErrorIs(t, err, pdf.ErrOptions)

	other := s
	other.Certificate = certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "1").Signature(t, certtest.Key(t, "other"))
	update, err = prepare(file, pdf.Options{Profile: pdf.MOJ})
	require.NoError(t, err)
	_, err = update.Sign(other)
	require.ErrorIs(t, err, cms.ErrKeyMismatch)
	require.Zero(t, key.Calls)
}

// TestPlaceholderFits keeps exactly as many bytes as the CMS has.
func TestPlaceholderFits(t *testing.T) {
	s, _, _ := signer(t)
	size, err := cms.Size(s.Certificate, cms.Document{Digest: make([]byte, 32)}, cms.Options{SigningTime: s.Time, Unbound: true})
	require.NoError(t, err)
	judge(t, sign(t, pdftest.File(pdftest.Document(1), ""), pdf.Options{Profile: pdf.MOJ}.WithPlaceholder(size)), 1)
}

// TestChanged signs a file that becomes another between the two calls.
func TestChanged(t *testing.T) {
	file := pdftest.File(pdftest.Document(1), "")
	for name, change := range map[string]func(f *os.File) error{
		"a byte":  func(f *os.File) error { _, err := f.WriteAt([]byte("9"), 100); return err },
		"cut":     func(f *os.File) error { return f.Truncate(200) },
		"emptied": func(f *os.File) error { return f.Truncate(0) },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "f.pdf")
			require.NoError(t, os.WriteFile(path, file, 0o600))
			f, err := os.OpenFile(path, os.O_RDWR, 0)
			require.NoError(t, err)
			defer f.Close()
			update, err := pdf.Prepare(f, int64(len(file)), pdf.Options{Profile: pdf.MOJ})
			require.NoError(t, err)
			require.NoError(t, change(f))
			s, _, _ := signer(t)
			appended, err := update.Sign(s)
			require.ErrorIs(t, err, pdf.ErrChanged)
			require.Nil(t, appended)
		})
	}
	_, err := pdf.Prepare(bytes.NewReader(file), int64(len(file))+1, pdf.Options{Profile: pdf.MOJ})
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}
