package pdf_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/signature/cms"
	"github.com/natsuin/natsuin/internal/signature/pdf"
	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
	"github.com/natsuin/natsuin/internal/signature/pdf/syntax"
)

// message signs content as the registry wants it.
func message(t testing.TB) func(content []byte) []byte {
	t.Helper()
	s, _, _ := signer(t)
	return func(content []byte) []byte {
		digest := sha256.Sum256(content)
		der, err := cms.Sign(s.Signer, s.Certificate, cms.Document{Digest: digest[:]}, cms.Options{SigningTime: certtest.Now, Unbound: true})
		require.NoError(t, err)
		return der
	}
}

// signed returns a file that the tests' own writer signed, with that dictionary.
func signed(t testing.TB, dict string) []byte {
	t.Helper()
	return pdftest.Complete(pdftest.Update(pdftest.File(pdftest.Document(2), ""), pdftest.SignatureObjects(dict), ""), nil, message(t))
}

func replaced(old, with string) string {
	dict := pdftest.SignatureDict()
	if !strings.Contains(dict, old) {
		panic(old)
	}
	return strings.Replace(dict, old, with, 1)
}

// TestForgedDictionaries are signatures that are wrong in themselves: universal forgery by what is
// missing or empty, wrapping by another gap, padding, and kinds that are not secure.
func TestForgedDictionaries(t *testing.T) {
	plain := pdftest.Update(pdftest.File(pdftest.Document(2), ""), pdftest.SignatureObjects(pdftest.SignatureDict()), "")
	adjusted := func(adjust func([4]int) [4]int) []byte { return pdftest.Complete(plain, adjust, message(t)) }
	made := func(sign func([]byte) []byte) []byte { return pdftest.Complete(plain, nil, sign) }

	for name, test := range map[string]struct {
		file []byte
		want pdf.Reason // "" for none
	}{
		"as it should be":               {made(message(t)), ""},
		"no byte range":                 {signed(t, replaced(pdftest.ByteRange, "")), pdf.ReasonByteRange},
		"byte range null":               {signed(t, replaced(pdftest.ByteRange, "/ByteRange null")), pdf.ReasonByteRange},
		"byte range of three":           {signed(t, replaced(pdftest.ByteRange, "/ByteRange[0 1 2]")), pdf.ReasonByteRange},
		"byte range of six":             {signed(t, replaced(pdftest.ByteRange, "/ByteRange[0 1 2 3 4 5]")), pdf.ReasonByteRange},
		"byte range by reference":       {signed(t, replaced(pdftest.ByteRange, "/ByteRange[0 4 0 R 7 9]")), pdf.ReasonByteRange},
		"byte range of reals":           {signed(t, replaced(pdftest.ByteRange, "/ByteRange[0 1.0 2.0 3.0]")), pdf.ReasonByteRange},
		"byte range negative":           {signed(t, replaced(pdftest.ByteRange, "/ByteRange[0 -1 2 3]")), pdf.ReasonByteRange},
		"byte range beyond 64 bits":     {signed(t, replaced(pdftest.ByteRange, "/ByteRange[0 1 2 99999999999999999999]")), pdf.ReasonPlace},
		"byte range that overflows":     {signed(t, replaced(pdftest.ByteRange, "/ByteRange[0 1 9 9223372036854775807]")), pdf.ReasonByteRange},
		"begins behind the header":      {adjusted(func(r [4]int) [4]int { r[0] = 9; return r }), pdf.ReasonByteRange},
		"overlaps":                      {adjusted(func(r [4]int) [4]int { r[2] = r[1] - 5; return r }), pdf.ReasonByteRange},
		"ends beyond the file":          {adjusted(func(r [4]int) [4]int { r[3] += 100; return r }), pdf.ReasonByteRange},
		"nothing behind the gap":        {adjusted(func(r [4]int) [4]int { r[3] = 0; return r }), pdf.ReasonByteRange},
		"gap begins early":              {adjusted(func(r [4]int) [4]int { r[1] -= 3; return r }), pdf.ReasonGap},
		"gap without its bracket":       {adjusted(func(r [4]int) [4]int { r[1]++; return r }), pdf.ReasonGap},
		"gap ends late":                 {adjusted(func(r [4]int) [4]int { r[2] += 4; r[3] -= 4; return r }), pdf.ReasonGap},
		"ends before the end":           {adjusted(func(r [4]int) [4]int { r[3] -= 7; return r }), pdf.ReasonRevision},
		"contents missing":              {signed(t, replaced(pdftest.Contents, "/A<<"+pdftest.Contents+">>")), pdf.ReasonContents},
		"contents empty":                {signed(t, replaced(pdftest.Contents, "/Contents<>/X <>%"+pdftest.Contents+"\n")), pdf.ReasonGap},
		"contents of zeros":             {made(func([]byte) []byte { return nil }), pdf.ReasonContents},
		"contents with white space":     {bytes.Replace(made(message(t)), []byte("000000>"), []byte("00 000>"), 1), pdf.ReasonContents},
		"contents cut":                  {made(func(c []byte) []byte { return message(t)(c)[:500] }), pdf.ReasonCMS},
		"padded with more than zeros":   {made(func(c []byte) []byte { return append(message(t)(c), 0, 0, 7) }), pdf.ReasonPadding},
		"a document of others":          {made(func([]byte) []byte { return message(t)([]byte("another")) }), pdf.ReasonDigest},
		"SHA-1 of old":                  {signed(t, replaced("adbe.pkcs7.detached", "adbe.pkcs7.sha1")), pdf.ReasonSubFilter},
		"a kind of its own":             {signed(t, replaced("adbe.pkcs7.detached", "Mihon.detached")), pdf.ReasonSubFilter},
		"no kind":                       {signed(t, replaced("/SubFilter/adbe.pkcs7.detached", "")), pdf.ReasonSubFilter},
		"a time stamp, unchecked":       {signed(t, replaced("adbe.pkcs7.detached", "ETSI.RFC3161")), ""},
		"contents twice":                {signed(t, replaced(pdftest.ByteRange, pdftest.ByteRange+"/Contents<00>")), pdf.ReasonPlace},
		"contents twice, one disguised": {signed(t, replaced(pdftest.ByteRange, pdftest.ByteRange+"/C#6fntents<00>")), pdf.ReasonPlace},
	} {
		t.Run(name, func(t *testing.T) {
			report := verify(t, test.file)
			require.Len(t, report.Signatures, 1)
			requireReason(t, test.want, report.Signatures[0])
		})
	}
}

func requireReason(t *testing.T, want pdf.Reason, s *pdf.Signature) {
	t.Helper()
	if want == "" {
		require.Nil(t, s.Problem, "%v", s.Problem)
		return
	}
	require.NotNil(t, s.Problem)
	require.Equal(t, want, s.Problem.Reason, "%v", s.Problem)
	require.ErrorIs(t, s.Problem, s.Problem.Err)
}

// TestLaterRevisions appends to a signed file what may be appended, and what may not: incremental
// saving, and shadow attacks that bring to light what was hidden in the signed revision.
func TestLaterRevisions(t *testing.T) {
	base := pdftest.Document(2).With(pdftest.Objects{
		1:  "<</Type/Catalog/Pages 2 0 R/AcroForm 8 0 R/Outlines 90 0 R>>", // 90 is nowhere yet
		8:  "<</Fields[9 0 R 10 0 R]>>",
		9:  "<</FT/Tx/T(Amount)/V(100)/Type/Annot/Subtype/Widget/Rect[0 0 99 9]>>",
		10: "<</FT/Sig/T(Second)/Type/Annot/Subtype/Widget/Rect[0 0 0 0]>>",
		11: pdftest.Stream("", "0 g 0 0 999 999 re f"), // hidden content
		12: "<</Title(t)>>",
		3:  "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Annots 13 0 R>>",
		13: "[9 0 R 10 0 R]",
		14: "<</FT/Sig/T(Hidden)/Type/Annot/Subtype/Widget/Rect[0 0 0 0]/V 201 0 R>>",
		15: "[]",
	})
	file := sign(t, pdftest.File(base, "/Info 12 0 R"), pdf.Options{Profile: pdf.MOJ})
	// After signing, 8 and 13 stand anew, with the signature's field in them.
	field := strings.TrimSuffix(strings.Split(strings.Split(string(file[len(pdftest.File(base, "/Info 12 0 R")):]), "/Fields [9 0 R 10 0 R ")[1], "]")[0], "\n")
	signatureNumber := 0
	for _, s := range verify(t, file).Signatures {
		_, err := fmt.Sscanf(s.Object, "%d", &signatureNumber)
		require.NoError(t, err)
	}
	form := func(more string) string { return "<</SigFlags 3/Fields[9 0 R 10 0 R " + field + more + "]>>" }
	newField := "<</FT/Sig/T(Third)/Type/Annot/Subtype/Widget/Rect[0 0 0 0]/V 201 0 R>>"
	timeStamp := "<</Type/DocTimeStamp/SubFilter/ETSI.RFC3161/Contents<00>/ByteRange[0 1 2 3]>>"

	for name, test := range map[string]struct {
		objects pdftest.Objects
		want    pdf.Reason
		later   pdf.Additions
	}{
		"nothing":                          {pdftest.Objects{}, "", pdf.Additions{}},
		"an object that nothing refers to": {pdftest.Objects{200: "<</A 1>>"}, "", pdf.Additions{}},
		"validation data": {pdftest.Objects{1: "<</Type/Catalog/Pages 2 0 R/AcroForm 8 0 R/Outlines 90 0 R/DSS<</Certs[]>>>>"},
			"", pdf.Additions{ValidationData: true}},
		"metadata": {pdftest.Objects{1: "<</Type/Catalog/Pages 2 0 R/AcroForm 8 0 R/Outlines 90 0 R/Metadata 200 0 R>>", 200: metadata("<x/>")},
			"", pdf.Additions{Metadata: true}},
		"information":  {pdftest.Objects{12: "<</Title(other)>>"}, "", pdf.Additions{Metadata: true}},
		"a time stamp": {pdftest.Objects{8: form(" 200 0 R"), 200: newField, 201: timeStamp}, "", pdf.Additions{TimeStamps: 1}},
		"the empty field filled": {pdftest.Objects{10: "<</FT/Sig/T(Second)/Type/Annot/Subtype/Widget/Rect[0 0 0 0]/V 201 0 R>>", 201: timeStamp},
			"", pdf.Additions{TimeStamps: 1}},
		"the same again":                     {pdftest.Objects{4: base[4], 9: base[9]}, "", pdf.Additions{}},
		"a page's content":                   {pdftest.Objects{4: pdftest.Stream("", "0.9 g 50 100 200 300 re f\n")}, pdf.ReasonChanged, pdf.Additions{}},
		"a page shows hidden content":        {pdftest.Objects{3: "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 11 0 R/Annots 13 0 R>>"}, pdf.ReasonChanged, pdf.Additions{}},
		"hidden content in another's place":  {pdftest.Objects{4: base[11]}, pdf.ReasonChanged, pdf.Additions{}},
		"something that was nowhere":         {pdftest.Objects{90: "<</Type/Outlines>>"}, pdf.ReasonChanged, pdf.Additions{}},
		"a page more":                        {pdftest.Objects{2: "<</Type/Pages/Count 3/Kids[3 0 R 5 0 R 200 0 R]>>", 200: base[5]}, pdf.ReasonChanged, pdf.Additions{}},
		"a page less":                        {pdftest.Objects{2: "<</Type/Pages/Count 1/Kids[3 0 R]>>"}, pdf.ReasonChanged, pdf.Additions{}},
		"pages in another order":             {pdftest.Objects{2: "<</Type/Pages/Count 2/Kids[5 0 R 3 0 R]>>"}, pdf.ReasonChanged, pdf.Additions{}},
		"a page's size":                      {pdftest.Objects{5: "<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]/Contents 6 0 R>>"}, pdf.ReasonChanged, pdf.Additions{}},
		"a field's value":                    {pdftest.Objects{9: "<</FT/Tx/T(Amount)/V(999)/Type/Annot/Subtype/Widget/Rect[0 0 99 9]>>"}, pdf.ReasonChanged, pdf.Additions{}},
		"a text field more":                  {pdftest.Objects{8: form(" 200 0 R"), 200: "<</FT/Tx/T(X)/Type/Annot/Subtype/Widget/Rect[0 0 9 9]>>"}, pdf.ReasonChanged, pdf.Additions{}},
		"a signature field without one":      {pdftest.Objects{8: form(" 200 0 R"), 200: "<</FT/Sig/T(X)/Type/Annot/Subtype/Widget/Rect[0 0 9 9]>>"}, pdf.ReasonChanged, pdf.Additions{}},
		"a time stamp that is seen":          {pdftest.Objects{8: form(" 200 0 R"), 13: "[9 0 R 10 0 R " + field + " 200 0 R]", 200: strings.Replace(newField, "[0 0 0 0]", "[0 0 595 842]", 1), 201: timeStamp}, pdf.ReasonChanged, pdf.Additions{}},
		"a signature of nobody, seen":        {pdftest.Objects{8: form(" 200 0 R"), 13: "[9 0 R 10 0 R " + field + " 200 0 R]", 200: strings.Replace(newField, "[0 0 0 0]", "[0 0 202 0 R 842]", 1), 202: "595", 201: strings.Replace(timeStamp, "ETSI.RFC3161", "adbe.pkcs7.detached", 1)}, pdf.ReasonChanged, pdf.Additions{}},
		"a signature of nobody, not seen":    {pdftest.Objects{8: form(" 200 0 R"), 13: "[9 0 R 10 0 R " + field + " 200 0 R]", 200: newField, 201: strings.Replace(timeStamp, "ETSI.RFC3161", "adbe.pkcs7.detached", 1)}, "", pdf.Additions{Signatures: 1}},
		"a field that is a page as well":     {pdftest.Objects{8: form(" 200 0 R"), 200: "<</Type/Page/FT/Sig/T(X)/Subtype/Widget/V 201 0 R>>", 201: timeStamp}, pdf.ReasonChanged, pdf.Additions{}},
		"the empty field moved":              {pdftest.Objects{10: "<</FT/Sig/T(Second)/Type/Annot/Subtype/Widget/Rect[0 0 600 800]>>"}, pdf.ReasonChanged, pdf.Additions{}},
		"the empty field filled with text":   {pdftest.Objects{10: "<</FT/Sig/T(Second)/Type/Annot/Subtype/Widget/Rect[0 0 0 0]/V(Paid)>>"}, pdf.ReasonChanged, pdf.Additions{}},
		"a field without a signature's form": {pdftest.Objects{8: form(" 200 0 R"), 200: newField, 201: "<</Type/Sig>>"}, pdf.ReasonChanged, pdf.Additions{}},
		"a field for the old signature":      {pdftest.Objects{8: form(" 200 0 R"), 200: strings.Replace(newField, "201", fmt.Sprint(signatureNumber), 1)}, pdf.ReasonChanged, pdf.Additions{}},
		"a field that was hidden":            {pdftest.Objects{8: form(" 14 0 R"), 201: timeStamp}, pdf.ReasonChanged, pdf.Additions{}},
		"annotations that were hidden":       {pdftest.Objects{5: "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>/Contents 6 0 R/Annots 15 0 R>>"}, pdf.ReasonChanged, pdf.Additions{}},
		"an annotation":                      {pdftest.Objects{13: "[9 0 R 10 0 R " + field + " 200 0 R]", 200: "<</Type/Annot/Subtype/FreeText/Rect[0 0 595 842]>>"}, pdf.ReasonChanged, pdf.Additions{}},
		"annotations gone":                   {pdftest.Objects{13: "[]"}, pdf.ReasonChanged, pdf.Additions{}},
		"the form gone":                      {pdftest.Objects{1: "<</Type/Catalog/Pages 2 0 R/Outlines 90 0 R>>"}, pdf.ReasonChanged, pdf.Additions{}},
		"another form":                       {pdftest.Objects{1: "<</Type/Catalog/Pages 2 0 R/AcroForm 200 0 R/Outlines 90 0 R>>", 200: form("")}, pdf.ReasonChanged, pdf.Additions{}},
		"the form and the widget gone":       {pdftest.Objects{1: "<</Type/Catalog/Pages 2 0 R/Outlines 90 0 R>>", 13: "[9 0 R 10 0 R]"}, pdf.ReasonRemoved, pdf.Additions{}},
		"the signature's field gone":         {pdftest.Objects{8: "<</SigFlags 3/Fields[9 0 R 10 0 R]>>"}, pdf.ReasonChanged, pdf.Additions{}},
		"field and widget gone":              {pdftest.Objects{8: "<</SigFlags 3/Fields[9 0 R 10 0 R]>>", 13: "[9 0 R 10 0 R]"}, pdf.ReasonRemoved, pdf.Additions{}},
		"an action on opening":               {pdftest.Objects{1: "<</Type/Catalog/Pages 2 0 R/AcroForm 8 0 R/Outlines 90 0 R/OpenAction[5 0 R/Fit]>>"}, pdf.ReasonChanged, pdf.Additions{}},
		"other pages":                        {pdftest.Objects{1: "<</Type/Catalog/Pages 200 0 R/AcroForm 8 0 R/Outlines 90 0 R>>", 200: base[2]}, pdf.ReasonChanged, pdf.Additions{}},
		"XFA":                                {pdftest.Objects{8: strings.Replace(form(""), "/SigFlags", "/XFA(x)/SigFlags", 1)}, pdf.ReasonChanged, pdf.Additions{}},
		"the signature replaced":             {pdftest.Objects{signatureNumber: "<</Type/Sig/SubFilter/adbe.pkcs7.detached/Contents<00>/ByteRange[0 1 2 3]>>"}, pdf.ReasonRemoved, pdf.Additions{}},
	} {
		t.Run(name, func(t *testing.T) {
			later := pdftest.Update(file, test.objects, "/Info 12 0 R")
			report := verify(t, later)
			i := 0
			for report.Signatures[i].Revision != 2 {
				i++
			}
			s := report.Signatures[i]
			requireReason(t, test.want, s)
			require.False(t, s.Whole)
			require.NotNil(t, s.CMS)
			if test.want == "" {
				require.Equal(t, test.later, s.Later)
			}
		})
	}
}

// TestAppended appends what is no revision.
func TestAppended(t *testing.T) {
	file := sign(t, pdftest.File(pdftest.Document(2), ""), pdf.Options{Profile: pdf.PAdES})
	start := pdftest.LastXref(file)
	for name, test := range map[string]struct {
		more string
		want pdf.Reason
	}{
		"a line end":                        {"\n", pdf.ReasonAppended},
		"an object behind the end":          {"4 0 obj\n<</Length 0>>\nstream\n\nendstream\nendobj\n", pdf.ReasonAppended},
		"a revision and more":               {string(pdftest.Update(file, pdftest.Objects{200: "<<>>"}, "")[len(file):]) + "\n%", pdf.ReasonAppended},
		"an object and the old startxref":   {fmt.Sprintf("4 0 obj\nnull\nendobj\nstartxref\n%d\n%%%%EOF\n", start), pdf.ReasonAppended},
		"a section that forgets the signed": {fmt.Sprintf("xref\n0 0\ntrailer\n<</Size 9/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(file)), ""},
	} {
		t.Run(name, func(t *testing.T) {
			report, err := pdf.Verify(strings.NewReader(string(file)+test.more), int64(len(file)+len(test.more)))
			if test.want == "" {
				require.ErrorIs(t, err, pdf.ErrBroken)
				return
			}
			require.NoError(t, err)
			requireReason(t, test.want, report.Signatures[0])
		})
	}
}

// TestOtherHistory gives the document a history that leaves the signed revision out, or all history, although all of
// its objects are listed where they were.
func TestOtherHistory(t *testing.T) {
	base := pdftest.File(pdftest.Document(2), "")
	file := sign(t, base, pdf.Options{Profile: pdf.MOJ})
	f, err := syntax.Open(bytes.NewReader(file), int64(len(file)))
	require.NoError(t, err)
	for name, test := range map[string]struct {
		from     int // what stands further in front is left to the section before
		previous string
	}{
		"without the signed revision": {len(base), fmt.Sprintf("/Prev %d", pdftest.LastXref(base))},
		"without any":                 {0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var table bytes.Buffer
			for ref, at := range f.History() {
				offset, _ := at.Offset()
				if offset >= int64(test.from) && at == f.Locate(ref) {
					fmt.Fprintf(&table, "%d 1\n%010d 00000 n \n", ref.Number, offset)
				}
			}
			other := fmt.Appendf(bytes.Clone(file), "xref\n%strailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n",
				table.String(), f.NextNumber(), test.previous, len(file))
			report := verify(t, other)
			require.Len(t, report.Signatures, 1)
			requireReason(t, pdf.ReasonRevision, report.Signatures[0])
			require.Equal(t, "Signature1", report.Signatures[0].Field)
		})
	}
}

// TestSignedMore signs more than a revision, and a revision that does not hold the signature.
func TestSignedMore(t *testing.T) {
	plain := pdftest.Update(pdftest.File(pdftest.Document(2), ""), pdftest.SignatureObjects(pdftest.SignatureDict()), "")
	requireReason(t, pdf.ReasonRevision, verify(t, pdftest.Complete(append(plain, "\n%more"...), nil, message(t))).Signatures[0])

	alone := pdftest.Update(pdftest.File(pdftest.Document(2), ""), pdftest.Objects{21: pdftest.SignatureDict()}, "")
	alone = pdftest.Complete(alone, nil, message(t))
	requireReason(t, pdf.ReasonRemoved, verify(t, alone).Signatures[0])
	held := pdftest.SignatureObjects("")
	delete(held, 21)
	requireReason(t, pdf.ReasonRevision, verify(t, pdftest.Update(alone, held, "")).Signatures[0])
}

// TestOtherCatalog lets a later trailer name another catalog, one that was there.
func TestOtherCatalog(t *testing.T) {
	file := sign(t, pdftest.File(pdftest.Document(2), ""), pdf.Options{Profile: pdf.MOJ})
	later := pdftest.Update(file, pdftest.Objects{40: lastBody(t, file, 1)}, "")
	at := bytes.LastIndex(later, []byte("/Root 1 0 R"))
	later = append(append(bytes.Clone(later[:at]), "/Root 40 0 R"...), later[at+len("/Root 1 0 R"):]...)
	requireFirst(t, pdf.ReasonChanged, later)
}

// TestCompressedObjects changes what stood in an object stream, and the object stream itself.
func TestCompressedObjects(t *testing.T) {
	document := pdftest.Document(1).With(pdftest.Objects{
		1: "<</Type/Catalog/Pages 2 0 R/Mark 9 0 R>>", 9: "(a mark)", 10: "<</A 9 0 R>>",
	})
	hidden := pdftest.Objects{9: document[9], 10: document[10]}
	delete(document, 9)
	delete(document, 10)
	file := sign(t, pdftest.Hybrid(document, hidden), pdf.Options{Profile: pdf.MOJ})
	stream := func(mark string) string {
		return pdftest.Stream("/Type/ObjStm/N 2/First 10", "9 0 10 9  "+mark+" <</A 9 0 R>> ")
	}
	for name, test := range map[string]struct {
		objects pdftest.Objects
		want    pdf.Reason
	}{
		"the same":           {pdftest.Objects{9: "(a mark)"}, ""},
		"another object":     {pdftest.Objects{9: "(b mark)"}, pdf.ReasonChanged},
		"the stream, anew":   {pdftest.Objects{400: stream("(a mark)")}, pdf.ReasonChanged},
		"the stream, same":   {pdftest.Objects{400: lastBody(t, file, 400)}, ""},
		"the stream, others": {pdftest.Objects{400: stream("(b mark)")}, pdf.ReasonChanged},
		"the stream is gone": {pdftest.Objects{400: "null"}, pdf.ReasonChanged},
	} {
		t.Run(name, func(t *testing.T) {
			requireReason(t, test.want, verify(t, pdftest.Update(file, test.objects, "")).Signatures[0])
		})
	}
}

// TestCoSigned finds the first of two signatures wanting when the second signer changed the document.
func TestCoSigned(t *testing.T) {
	once := sign(t, pdftest.File(pdftest.Document(2), ""), pdf.Options{Profile: pdf.MOJ})
	changed := pdftest.Update(once, pdftest.Objects{4: pdftest.Stream("", "1 g")}, "")
	twice := sign(t, changed, pdf.Options{Profile: pdf.MOJ})
	report := verify(t, twice)
	require.Len(t, report.Signatures, 2)
	requireReason(t, pdf.ReasonChanged, report.Signatures[0])
	requireReason(t, "", report.Signatures[1])
	require.Equal(t, 4, report.Revisions)
	require.Equal(t, []int{2, 4}, []int{report.Signatures[0].Revision, report.Signatures[1].Revision})
}

// TestCertified lets a certification that allows nothing speak against a later signature.
func TestCertified(t *testing.T) {
	for permission, want := range map[int]pdf.Reason{1: pdf.ReasonForbidden, 2: ""} {
		file := signed(t, certifying(permission))
		requireReason(t, "", verify(t, file).Signatures[0])
		second := pdftest.Complete(pdftest.Update(file, pdftest.Objects{
			1:  "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[20 0 R 30 0 R]/SigFlags 3>>>>",
			30: "<</Type/Annot/Subtype/Widget/FT/Sig/T(Signature2)/Rect[0 0 0 0]/V 31 0 R>>",
			31: pdftest.SignatureDict(),
		}, ""), nil, message(t))
		report := verify(t, second)
		requireReason(t, want, report.Signatures[0])
		requireReason(t, "", report.Signatures[1])
	}
}

func certifying(permission int) string {
	return replaced(pdftest.ByteRange, fmt.Sprintf("/Reference[<</TransformMethod/DocMDP/TransformParams<</P %d>>>>]", permission)+pdftest.ByteRange)
}
