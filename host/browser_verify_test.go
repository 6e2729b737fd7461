//go:build unix

package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
	"github.com/natsuin/natsuin/verify"
)

const ownVerify = `"command":"verify"`

// verifies returns the result of a verify request.
func (e *extension) verifies(w wish) object {
	e.t.Helper()
	e.ask(w)
	return e.until("result")["result"].(object)
}

// The extension's page has documents of every format judged, with the words for what it hears; a simulated card's
// issuer is nobody's whom J-LIS knows.
func TestBrowserVerifies(t *testing.T) {
	e := connect(t, "", &dialog{pins: []string{"ABC123", "ABC123", "ABC123", "ABC123"}})
	text, drawing := content{name: "契約.txt", bytes: []byte("契約")}, content{name: "図面.pdf", bytes: []byte("%PDF-1.7 …")}
	page := pdftest.File(pdftest.Document(1), "")
	made := func(members string, document content, files ...content) content {
		signatures, _, _ := e.signs(wish{members: fromSite + members, documents: []content{document}, files: files})
		return content{name: "signed", bytes: signatures[0]}
	}
	detached := made(`,"format":"cms"`, text)
	attached := made(`,"format":"cms","attached":true`, text)
	signedPDF := content{name: "signed", bytes: slices.Concat(page, made(`,"format":"pdf"`, content{name: "a.pdf", bytes: page}).bytes)}
	signedXML := made(`,"format":"xml"`, content{name: "contract.xml", bytes: []byte(contract)}, drawing)
	changed := content{name: drawing.name, bytes: []byte("%PDF-1.7 !")}
	e.card.Remove() // nothing of what follows needs a card

	for name, c := range map[string]struct {
		document content
		files    []content
		format   string        // "" for a file that cannot be judged
		reason   verify.Reason // of the signature, or why it cannot
	}{
		"detached CMS":                  {detached, []content{text}, "cms", verify.IssuerForeign},
		"detached CMS without content":  {detached, nil, "", verify.ContentMissing},
		"detached CMS over another":     {detached, []content{drawing}, "cms", verify.DocumentChanged},
		"detached CMS with two":         {detached, []content{text, drawing}, "", verify.ContentUnexpected},
		"attached CMS":                  {attached, nil, "cms", verify.IssuerForeign},
		"attached CMS with its content": {attached, []content{text}, "", verify.ContentUnexpected},
		"PDF":                           {signedPDF, nil, "pdf", verify.IssuerForeign},
		"PDF with a file":               {signedPDF, []content{text}, "", verify.ContentUnexpected},
		"XML with its file":             {signedXML, []content{drawing, text}, "xml", verify.IssuerForeign},
		"XML without its file":          {signedXML, nil, "xml", verify.ContentMissing},
		"XML with another file":         {signedXML, []content{changed}, "xml", verify.DocumentChanged},
		"PDF without a signature":       {content{name: "a", bytes: page}, nil, "", verify.SignatureAbsent},
		"text":                          {text, nil, "", verify.FormatUnknown},
		"nothing":                       {content{name: "a"}, nil, "", verify.FormatUnknown},
		"text with a file":              {text, []content{drawing}, "", verify.FormatUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			e.t = t
			result := e.verifies(wish{members: ownVerify, documents: []content{c.document}, files: c.files})
			words := result["words"].(object)
			require.NotEmpty(t, words["reason/"+string(c.reason)], "%v", result)
			if c.format == "" {
				require.Equal(t, string(c.reason), result["refusal"].(object)["reason"])
				return
			}
			document := result["document"].(object)
			require.Equal(t, c.format, document["format"])
			require.Equal(t, false, document["accepted"])
			signature := document["signatures"].([]any)[0].(object)
			require.Equal(t, string(c.reason), signature["reason"])
			require.NotContains(t, signature, "attributes")
			require.NotEmpty(t, words["rule/revocation"])
			require.NotEmpty(t, words["format/"+c.format])
		})
	}
	e.t = t
}

// An archive as natsuin sign writes it is opened as verify opens it on the command line: the result names the one file in
// it that was checked, and the rules of the service that it breaks.
func TestBrowserVerifiesArchives(t *testing.T) {
	e := connect(t, "", &dialog{pins: []string{"ABC123"}})
	drawing := content{name: "図面.pdf", bytes: []byte("%PDF-1.7 …")}
	signatures, _, _ := e.signs(wish{members: fromSite + `,"format":"xml","profile":"egov"`, documents: []content{{name: "kousei.xml", bytes: []byte(kousei)}}, files: []content{drawing}})
	e.card.Remove()
	signed, drawn := string(signatures[0]), string(drawing.bytes)

	for name, c := range map[string]struct {
		archive []byte
		files   []content
		reason  verify.Reason
		entry   string // "" for an archive that cannot be judged
		broken  []string
	}{
		"whole":              {zipped(t, "kousei.xml", signed, drawing.name, drawn), nil, verify.IssuerForeign, "kousei.xml", nil},
		"in a folder":        {zipped(t, "申請/"+drawing.name, drawn, "申請/kousei.xml", signed), nil, verify.IssuerForeign, "申請/kousei.xml", nil},
		"a file more":        {zipped(t, "kousei.xml", signed, drawing.name, drawn, "extra.txt", "x"), nil, verify.IssuerForeign, "kousei.xml", []string{"files-signed"}},
		"a file less":        {zipped(t, "kousei.xml", signed), nil, verify.ContentMissing, "kousei.xml", []string{"files-given"}},
		"with a file beside": {zipped(t, "kousei.xml", signed), []content{drawing}, verify.ContentUnexpected, "", nil},
		"no document":        {zipped(t, "a.txt", "text"), nil, verify.FormatUnknown, "", nil},
		"going up":           {zipped(t, "kousei.xml", signed, "../a.txt", "text"), nil, verify.DocumentMalformed, "", nil},
		"damaged":            {[]byte("PK\x03\x04"), nil, verify.DocumentMalformed, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			e.t = t
			result := e.verifies(wish{members: ownVerify, documents: []content{{name: "filing.zip", bytes: c.archive}}, files: c.files})
			words := result["words"].(object)
			require.NotEmpty(t, words["reason/"+string(c.reason)])
			if c.entry == "" {
				require.Equal(t, string(c.reason), result["refusal"].(object)["reason"])
				return
			}
			require.Equal(t, string(c.reason), result["document"].(object)["signatures"].([]any)[0].(object)["reason"])
			require.Equal(t, c.entry, result["entry"])
			if c.reason == verify.IssuerForeign {
				require.Contains(t, result["unsignedFiles"], drawing.name, "the signature that signs it did not pass")
			}
			service := result["service"].(object)
			require.Equal(t, "egov", service["profile"])
			require.Equal(t, c.broken == nil, service["conforms"])
			var broken []string
			for _, check := range service["checks"].([]any) {
				check := check.(object)
				if check["outcome"] != "failed" {
					continue
				}
				broken = append(broken, check["rule"].(string))
				require.NotEmpty(t, words["service-rule/"+check["rule"].(string)])
				require.NotEmpty(t, words["service-remedy/"+check["remedy"].(string)])
				require.NotEmpty(t, words["detail/"+check["detail"].(string)], "what was found is told in Japanese")
			}
			require.Equal(t, c.broken, broken)
			require.NotEmpty(t, words["profile/egov"])
		})
	}
	e.t = t
	result := e.verifies(wish{members: ownVerify, documents: []content{{name: "a.zip", bytes: zipped(t, "kousei.xml", signed, "../a.txt", "text")}}})
	require.Contains(t, result["words"].(object)["reason/DOCUMENT_MALFORMED"], "../a.txt", "the archive's own sentence")
	result = e.verifies(wish{members: ownVerify, documents: []content{{name: "kousei.xml", bytes: signatures[0]}}, files: []content{drawing}})
	require.Equal(t, true, result["service"].(object)["conforms"], "files given along are the files of the filing")
	require.NotContains(t, result, "entry")
}

// Attributes are told where they are asked for, but not those of a certificate by nobody knows whom.
func TestBrowserVerifiesOnlyWhatItIsAskedFor(t *testing.T) {
	e := connect(t, "", nil)
	e.ask(wish{members: ownVerify + `,"attributes":true`, documents: []content{{name: "a", bytes: []byte("x")}}})
	require.Equal(t, "result", e.receive()["type"], "no reader, no card and no prompt comes before it")
}

// A result that no frame holds is refused, with its reason.
func TestBrowserVerifiesWhatFits(t *testing.T) {
	e := connect(t, "", nil)
	for size, fits := range map[int]bool{1000: true, 1 << 20: false} {
		reason := "/Reason(" + strings.Repeat("x", size) + ")"
		dict := strings.Replace(pdftest.SignatureDict(), "/Type/Sig", "/Type/Sig"+reason, 1)
		require.Contains(t, dict, reason)
		file := pdftest.Update(pdftest.File(pdftest.Document(1), ""), pdftest.SignatureObjects(dict), "")
		file = pdftest.Complete(file, nil, func([]byte) []byte { return []byte{0x30, 0} })
		result := e.verifies(wish{members: ownVerify, documents: []content{{name: "a.pdf", bytes: file}}})
		if fits {
			require.Contains(t, fmt.Sprint(result["document"]), strings.Repeat("x", size))
		} else {
			require.Equal(t, string(verify.DocumentTooLarge), result["refusal"].(object)["reason"])
		}
	}
}

// Who calls off a verification hears so.
func TestBrowserCancelsVerify(t *testing.T) {
	e := connect(t, "", nil)
	e.send(`{"type":"request","id":"r","lang":"ja",%s,"documents":[{"name":"a","size":5}]}`, ownVerify)
	e.send(`{"type":"cancel","id":"r"}`)
	code, _ := e.untilError()
	require.Equal(t, "CANCELLED", code)
	e.requireWorks()
}
