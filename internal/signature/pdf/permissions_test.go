package pdf_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/signature/pdf"
	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
)

// restricted is a file of two pages with a signature that restricts what may follow, by what its dictionary and its
// field say, and with a field that waits for a signature and is seen.
func restricted(t *testing.T, reference, lock string) []byte {
	t.Helper()
	const waiting = "<</FT/Sig/T(Form.Waiting)/Type/Annot/Subtype/Widget/Rect[10 10 200 90]/P 3 0 R>>"
	if reference != "" {
		reference = "/Reference[<</TransformMethod/" + reference + ">>]"
	}
	o := pdftest.SignatureObjects(replaced(pdftest.ByteRange, reference+pdftest.ByteRange))
	o[1], o[3] = restrictedCatalog("20 0 R", ""), restrictedPage("20 0 R")
	o[20] = strings.Replace(o[20], "/V", lock+"/V", 1)
	base := pdftest.File(pdftest.Document(2).With(pdftest.Objects{1: restrictedCatalog("", ""), 3: restrictedPage(""), 10: waiting}), "")
	return pdftest.Complete(pdftest.Update(base, o, ""), nil, message(t))
}

func restrictedCatalog(fields, more string) string {
	return "<</Type/Catalog/Pages 2 0 R/AcroForm<</SigFlags 3/Fields[10 0 R " + fields + "]>>" + more + ">>"
}

func restrictedPage(annotations string) string {
	return "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>/Contents 4 0 R/Annots[10 0 R " + annotations + "]>>"
}

// followed returns the file with a revision behind it, which no signer here would make if it were forbidden.
func followed(t *testing.T, file []byte, by string) []byte {
	t.Helper()
	field := func(rect string) pdftest.Objects {
		return pdftest.Objects{
			1: restrictedCatalog("20 0 R 30 0 R", ""), 3: restrictedPage("20 0 R 30 0 R"), 31: pdftest.SignatureDict(),
			30: "<</FT/Sig/T(Signature2)/Type/Annot/Subtype/Widget/Rect" + rect + "/V 31 0 R>>",
		}
	}
	waiting := pdftest.Objects{10: "<</FT/Sig/T(Form.Waiting)/Type/Annot/Subtype/Widget/Rect[10 10 200 90]/P 3 0 R/V 31 0 R>>", 31: pdftest.SignatureDict()}
	stamped := pdftest.Objects{31: replaced("adbe.pkcs7.detached", "ETSI.RFC3161")}
	update := func(o pdftest.Objects) []byte { return pdftest.Update(file, o, "") }
	switch by {
	case "nothing":
		return update(pdftest.Objects{})
	case "validation data":
		return update(pdftest.Objects{1: restrictedCatalog("20 0 R", "/DSS<</Certs[]>>/Version/2.0/Extensions<<>>")})
	case "metadata":
		return update(pdftest.Objects{1: restrictedCatalog("20 0 R", "/Metadata 40 0 R"), 40: metadata("<x/>")})
	case "a time stamp":
		return pdftest.Complete(update(field("[0 0 0 0]").With(stamped)), nil, message(t))
	case "a signature":
		return pdftest.Complete(update(field("[0 0 0 0]")), nil, message(t))
	case "a seal":
		return pdftest.Complete(update(field("[10 100 50 140]")), nil, message(t))
	case "the field":
		return pdftest.Complete(update(waiting), nil, message(t))
	}
	panic(by)
}

// TestRestrictions: what a signature forbids is found against it when it was added all the same, and Prepare does not
// add it.
func TestRestrictions(t *testing.T) {
	all := []string{"nothing", "validation data", "metadata", "a time stamp", "a signature", "a seal", "the field"}
	certifying := func(p string) string { return "DocMDP/TransformParams<<" + p + ">>" }
	locking := func(parameters string) string { return "FieldMDP/TransformParams<<" + parameters + ">>" }
	anything := []string{"metadata", "a signature", "a seal", "the field"}
	for name, test := range map[string]struct {
		reference, lock string
		forbidden       []string
		refuses         error // of Prepare
	}{
		"nothing":                       {"", "", nil, nil},
		"any change":                    {certifying("/P 1"), "", anything, pdf.ErrCertified},
		"new marks":                     {certifying("/P 2"), "", []string{"a seal"}, pdf.ErrCertified},
		"new marks, without saying":     {certifying(""), "", []string{"a seal"}, pdf.ErrCertified},
		"new marks, by a wrong number":  {certifying("/P 9"), "", []string{"a seal"}, pdf.ErrCertified},
		"less than that":                {certifying("/P 3"), "", nil, nil},
		"the stricter of two":           {certifying("/P 3") + ">><</TransformMethod/" + certifying("/P 1"), "", anything, pdf.ErrCertified},
		"all fields":                    {locking("/Action/All"), "", []string{"a signature", "a seal", "the field"}, pdf.ErrLocked},
		"a field":                       {locking("/Action/Include/Fields[(Form.Waiting)]"), "", []string{"the field"}, nil},
		"the fields below a name":       {locking("/Action/Include/Fields[(Form)]"), "", []string{"the field"}, nil},
		"not those that begin so":       {locking("/Action/Include/Fields[(For)]"), "", nil, nil},
		"all fields but one":            {locking("/Action/Exclude/Fields[(Form.Waiting)]"), "", []string{"a signature", "a seal"}, pdf.ErrLocked},
		"all fields but the new one":    {locking("/Action/Exclude/Fields[(Signature2)]"), "", []string{"the field"}, nil},
		"the new one":                   {locking("/Action/Include/Fields[(Signature2)]"), "", []string{"a signature", "a seal"}, pdf.ErrLocked},
		"the field's lock":              {"", "/Lock<</Action/All>>", []string{"a signature", "a seal", "the field"}, pdf.ErrLocked},
		"the field's lock, any change":  {"", "/Lock<</Action/Include/Fields[(X)]/P 1>>", anything, pdf.ErrLocked},
		"the field's lock, new marks":   {"", "/Lock<</Action/Include/Fields[(X)]/P 2>>", []string{"a seal"}, pdf.ErrLocked},
		"the field's lock, less":        {"", "/Lock<</Action/Include/Fields[(X)]/P 3>>", nil, nil},
		"another transform's":           {"Identity/TransformParams<</P 1/Action/All>>", "", nil, nil},
		"what cannot be read, not even": {certifying("/P 3") + "/TransformParams2 7>>7<<", "", all, pdf.ErrBroken},
	} {
		t.Run(name, func(t *testing.T) {
			file := restricted(t, test.reference, test.lock)
			requireReason(t, "", verify(t, file).Signatures[0])
			for _, by := range all {
				want := map[bool]pdf.Reason{true: pdf.ReasonForbidden}[slices.Contains(test.forbidden, by)]
				requireReason(t, want, verify(t, followed(t, file, by)).Signatures[0])
			}
			for by, seal := range map[string]*pdf.Seal{"a signature": nil, "a seal": {Page: 1, X: 10, Y: 100, Size: 40, Ring: true}} {
				_, err := prepare(file, pdf.Options{Profile: pdf.PAdES, Seal: seal})
				if slices.Contains(test.forbidden, by) {
					require.ErrorIs(t, err, test.refuses, by)
				} else {
					require.NoError(t, err, by)
				}
			}
		})
	}
}

// TestRestrictionLasts: what a signature forbids, it forbids the last of those behind it as well.
func TestRestrictionLasts(t *testing.T) {
	file := restricted(t, "DocMDP/TransformParams<</P 2>>", "")
	for i := range 2 {
		file = sign(t, file, pdf.Options{Profile: pdf.MOJ})
		judge(t, file, i+2)
	}
	_, err := prepare(file, pdf.Options{Profile: pdf.MOJ, Seal: &pdf.Seal{Page: 1, X: 9, Y: 9, Size: 40, Ring: true}})
	require.ErrorIs(t, err, pdf.ErrCertified)
	fields := fmt.Sprint("20 0 R ", strings.Split(strings.Split(lastBody(t, file, 1), "20 0 R ")[1], "]")[0], " 90 0 R")
	file = pdftest.Complete(pdftest.Update(file, pdftest.Objects{
		1: restrictedCatalog(fields, ""), 3: restrictedPage(fields), 90: "<</FT/Sig/T(Seal)/Subtype/Widget/Rect[9 9 50 50]/V 91 0 R>>", 91: pdftest.SignatureDict(),
	}, ""), nil, message(t))
	report := verify(t, file)
	require.Len(t, report.Signatures, 4)
	requireReason(t, pdf.ReasonForbidden, report.Signatures[0])
	for _, s := range report.Signatures[1:] {
		requireReason(t, "", s)
	}
}
