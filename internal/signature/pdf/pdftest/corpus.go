package pdftest

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Corpus returns files of the shapes in which real ones come, by what is particular about them. Those
// that need compression or a second tool's hand were written by qpdf.
func Corpus(t testing.TB) map[string][]byte {
	t.Helper()
	plain := Document(3)
	corpus := map[string][]byte{
		"table":               File(plain, ""),
		"trailing line ends":  append(File(plain, ""), "\n\r\n\x00\x00"...),
		"no end of line":      bytes.TrimSuffix(File(plain, ""), []byte("\n")),
		"information and IDs": File(plain.With(Objects{9: "<</Title(A#title)/Author<FEFF898B672C>>>"}), "/Info 9 0 R/ID[<00112233445566778899AABBCCDDEEFF><00112233445566778899AABBCCDDEEFF>]"),
		"two revisions":       Update(File(plain, ""), Objects{4: Stream("", "1 g 0 0 9 9 re f\n")}, ""),
		"form in the catalog": File(plain.With(Objects{
			1: "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[9 0 R]/DA(/Helv 0 Tf)>>>>", 9: textField,
			3: "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Annots[9 0 R]>>",
		}), ""),
		"form, all indirect": File(plain.With(Objects{
			1: "<</Type/Catalog/Pages 2 0 R/AcroForm 10 0 R>>", 9: textField, 10: "<</Fields 11 0 R/SigFlags 0>>", 11: "[9 0 R]",
			3: "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Annots 12 0 R>>", 12: "[9 0 R]",
		}), ""),
		"a field of our name": File(plain.With(Objects{
			1: "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[9 0 R]>>>>", 9: "<</FT/Tx/T(Signature1)/Type/Annot/Subtype/Widget/Rect[0 0 9 9]>>",
		}), ""),
		"links": File(plain.With(Objects{
			3: "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/Dest[5 0 R/Fit]>>]>>",
		}), ""),
		"nested page tree": File(plain.With(Objects{
			2: "<</Type/Pages/Count 3/Kids[9 0 R 7 0 R]/MediaBox[0 0 842 595]/Rotate 90>>", 9: "<</Type/Pages/Parent 2 0 R/Count 2/Kids 10 0 R>>", 10: "[3 0 R 5 0 R]",
			3: "<</Type/Page/Parent 9 0 R/Contents 4 0 R>>",
		}), ""),
		"names and strings": File(plain.With(Objects{
			1: "<</Type/Catalog/Pages 2 0 R/A#20B#23(a\\(b\\)\\\n\\101\\r)/C[.5 -1. +3 null true<4>]/D%comment\n<</E(()())>>>>",
		}), ""),
		"hybrid": Hybrid(plain.With(Objects{
			1: "<</Type/Catalog/Pages 2 0 R/AcroForm 10 0 R>>",
		}), Objects{9: textField, 10: "<</Fields[9 0 R]>>"}),
	}
	corpus["written by cairo"] = convert(t, corpus["form in the catalog"])
	for name, file := range maps.Clone(corpus) {
		if name == "table" || name == "form, all indirect" || name == "nested page tree" {
			corpus[name+", object streams"] = Rewrite(t, file, "--object-streams=generate")
			corpus[name+", linearized"] = Rewrite(t, file, "--linearize")
			corpus[name+", object streams, linearized"] = Rewrite(t, file, "--object-streams=generate", "--linearize")
			corpus[name+", object streams in clear"] = Rewrite(t, file, "--object-streams=generate", "--stream-data=uncompress")
		}
	}
	return corpus
}

const textField = "<</FT/Tx/T(Applicant)/V(\\343\\201\\202)/Type/Annot/Subtype/Widget/Rect[0 0 99 9]/F 4>>"

// convert has poppler draw a file anew, with cairo.
func convert(t testing.TB, file []byte) []byte {
	t.Helper()
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.pdf"), filepath.Join(dir, "out.pdf")
	require.NoError(t, os.WriteFile(in, file, 0o600))
	printed, err := Run(t, "pdftocairo", "-pdf", in, out)
	require.NoError(t, err, printed)
	written, err := os.ReadFile(out)
	require.NoError(t, err)
	return written
}

// Encrypted returns a file encrypted with keys of 40, 128 and 256 bits.
func Encrypted(t testing.TB) map[string][]byte {
	t.Helper()
	file := File(Document(1), "")
	return map[string][]byte{
		"40 bits":  Rewrite(t, file, "--allow-weak-crypto", "--encrypt", "", "owner", "40", "--"),
		"128 bits": Rewrite(t, file, "--allow-weak-crypto", "--encrypt", "", "owner", "128", "--use-aes=y", "--"),
		"256 bits": Rewrite(t, file, "--encrypt", "", "owner", "256", "--"),
	}
}
