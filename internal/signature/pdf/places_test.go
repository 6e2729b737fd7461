package pdf_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/signature/pdf"
	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
)

// TestPlaces holds signature dictionaries where none may be: in an object stream and in the field itself, of which a
// byte range cannot tell where they are, and what is no dictionary at all.
func TestPlaces(t *testing.T) {
	field := func(value string) pdftest.Objects {
		return pdftest.Document(1).With(pdftest.Objects{
			1: "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[20 0 R]>>>>", 20: "<</FT/Sig/T(Signature1)/V " + value + ">>",
		})
	}
	dict := "<</Type/Sig/SubFilter/adbe.pkcs7.detached/ByteRange[0 1 2 3]/Contents<00>>>"
	for name, file := range map[string][]byte{
		"in an object stream": pdftest.Hybrid(field("21 0 R"), pdftest.Objects{21: dict}),
		"in the field":        pdftest.File(field(dict), ""),
		"a list":              pdftest.File(field("21 0 R").With(pdftest.Objects{21: "[1]"}), ""),
		"a number":            pdftest.File(field("7"), ""),
		"nowhere":             pdftest.File(field("21 0 R"), ""),
	} {
		t.Run(name, func(t *testing.T) {
			report := verify(t, file)
			require.Len(t, report.Signatures, 1)
			require.Equal(t, "Signature1", report.Signatures[0].Field)
			requireReason(t, pdf.ReasonPlace, report.Signatures[0])
		})
	}
}

// TestNotSignatures passes over what looks like a signature and is none of a signer's: an empty field, and a usage
// right (ISO 32000-1 §12.8.2.3).
func TestNotSignatures(t *testing.T) {
	file := pdftest.File(pdftest.Document(1).With(pdftest.Objects{
		1:  "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[20 0 R]>>/Perms<</UR3 21 0 R>>>>",
		20: "<</FT/Sig/T(Empty)>>",
		21: "<</Type/Sig/ByteRange[0 1 2 3]/Contents<00>>>",
	}), "")
	require.Empty(t, verify(t, file).Signatures)
	judge := verify(t, sign(t, file, pdf.Options{Profile: pdf.MOJ})).Signatures
	require.Len(t, judge, 1)
	requireReason(t, "", judge[0])
}

// TestCrowd reads as many signatures as it says, and not one more.
func TestCrowd(t *testing.T) {
	crowd := pdftest.Document(1)
	for i := range pdf.MaxSignatures {
		crowd[100+i] = "<</ByteRange[0 1 2 3]/Contents<00>>>"
	}
	require.Len(t, verify(t, pdftest.File(crowd, "")).Signatures, pdf.MaxSignatures)
	crowd[99] = crowd[100]
	file := string(pdftest.File(crowd, ""))
	_, err := pdf.Verify(strings.NewReader(file), int64(len(file)))
	require.ErrorIs(t, err, pdf.ErrTooLarge)
}

// TestMarkOfKid lets nobody sign a field whose mark on the page is another object, which was there before.
func TestMarkOfKid(t *testing.T) {
	for rect, want := range map[string]pdf.Reason{"[0 0 400 400]": pdf.ReasonChanged, "[0 0 0 400]": ""} {
		base := pdftest.File(pdftest.Document(1).With(pdftest.Objects{
			1:  "<</Type/Catalog/Pages 2 0 R/AcroForm 8 0 R>>",
			3:  "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Annots[11 0 R]>>",
			8:  "<</Fields[10 0 R]>>",
			10: "<</FT/Sig/T(Empty)/Kids[11 0 R]>>",
			11: "<</Type/Annot/Subtype/Widget/Parent 10 0 R/F 4/Rect" + rect + ">>",
		}), "")
		file := sign(t, base, pdf.Options{Profile: pdf.PAdES})
		nobody := strings.Replace(pdftest.SignatureDict(), pdftest.ByteRange, "/ByteRange[0 1 2 3]", 1)
		requireFirst(t, want, pdftest.Update(file, pdftest.Objects{10: "<</FT/Sig/T(Empty)/Kids[11 0 R]/V 201 0 R>>", 201: nobody}, ""))
	}
}

// TestCheckEarlier breaks the rule about byte ranges by a signature that was there before.
func TestCheckEarlier(t *testing.T) {
	for name, adjust := range map[string]func([4]int) [4]int{
		"ends before its revision": func(r [4]int) [4]int { r[3] -= 7; return r },
		"overlaps":                 func(r [4]int) [4]int { r[2] = r[1] - 5; return r },
		"leaves more out":          func(r [4]int) [4]int { r[2] += 4; r[3] -= 4; return r },
	} {
		t.Run(name, func(t *testing.T) {
			first := pdftest.Complete(pdftest.Update(pdftest.File(pdftest.Document(2), ""), pdftest.SignatureObjects(pdftest.SignatureDict()), ""), adjust, message(t))
			second := pdftest.Complete(pdftest.Update(first, pdftest.Objects{
				1:  "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[20 0 R 30 0 R]/SigFlags 3>>>>",
				30: "<</Type/Annot/Subtype/Widget/FT/Sig/T(Signature2)/Rect[0 0 0 0]/V 31 0 R>>",
				31: pdftest.SignatureDict(),
			}, ""), nil, message(t))
			require.Equal(t, []pdf.Rule{pdf.RuleByteRange}, failed(t, second))
		})
	}
}

// TestCheckVersions breaks the rule about the CMS by its versions, which no signature covers.
func TestCheckVersions(t *testing.T) {
	file := signed(t, pdftest.SignatureDict())
	const version = "020101310d300b0609608648016503040201" // SignedData's, and the digest algorithms behind it
	require.Equal(t, 1, strings.Count(string(file), version))
	other := strings.Replace(string(file), version, "020103"+version[6:], 1)
	require.Equal(t, []pdf.Rule{pdf.RuleMessage}, failed(t, []byte(other)))
}

// TestLocks: what an empty field would lock once it is signed, and transforms of other kinds, lock nothing.
func TestLocks(t *testing.T) {
	for name, field := range map[string]string{
		"an empty field":    "<</FT/Sig/T(Old)/Lock<</Action/All>>>>",
		"another transform": "<</FT/Sig/T(Old)/V<</Type/Sig/Reference[<</TransformMethod/Identity/TransformParams<</P 1/Action/All>>>>]>>>>",
	} {
		_, err := prepare(pdftest.File(pdftest.Document(1).With(pdftest.Objects{
			1: "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[20 0 R]>>>>", 20: field}), ""), pdf.Options{Profile: pdf.MOJ})
		require.NoError(t, err, name)
	}
	for _, p := range []int{1, 2, 3} {
		_, err := prepare(signed(t, certifying(p)), pdf.Options{Profile: pdf.MOJ})
		require.Equal(t, p == 1, err != nil, fmt.Sprint(p))
	}
}
