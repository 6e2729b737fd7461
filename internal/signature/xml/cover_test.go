package xmldsig

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/signature/xml/c14n"
)

// unsignedOf returns what a signature leaves out: kind, path and the bytes themselves.
func unsignedOf(document string, s Signature) []string {
	var found []string
	for _, p := range s.Unsigned {
		found = append(found, string(p.Kind)+" "+p.Path+" "+document[p.Start:p.End])
	}
	return found
}

func TestUnsigned(t *testing.T) {
	whole := sign(t, Request{Profile: Enveloped, Document: []byte("<?p?><!--1--><a><b Id='b'>x<!--2--></b>y</a><!--3-->")})
	element := sign(t, Request{Profile: Enveloped, Elements: []string{"b"},
		Document: []byte("<?p?><!--1--><a c='1'>x<d/> <b Id='b'>x<!--2--><?q?></b><e><f/></e><?r?></a>")})
	etax := sign(t, Request{Profile: ETax, Document: []byte(replaced(t, xtx, "\n</DATA>", "<OTHER/>\n</DATA>"))})
	xades := sign(t, Request{Profile: Enveloped, Document: []byte("<a/>"), XAdES: true, Time: certtest.Now})
	object := replaced(t, string(xades), "</ds:Signature>", "<ds:Object><x/></ds:Object></ds:Signature>")
	detached := sign(t, Request{Profile: Detached, Files: files()})
	for name, test := range map[string]struct {
		document string
		want     []string
	}{
		"whole": {string(whole), []string{"comment /comment() <!--1-->", "comment /a/b/comment() <!--2-->", "comment /comment() <!--3-->"}},
		"element": {string(element), []string{"instruction /processing-instruction() <?p?>", "comment /comment() <!--1-->", "tag /a <a c='1'>",
			"text /a/text() x", "element /a/d <d/>", "comment /a/b/comment() <!--2-->", "element /a/e <e><f/></e>",
			"instruction /a/processing-instruction() <?r?>"}},
		"etax":     {string(etax), []string{"tag /DATA " + between(t, xtx, "<DATA", ">"), "element /DATA/OTHER <OTHER/>"}},
		"xades":    {string(xades), nil},
		"object":   {object, []string{"element /a/ds:Signature/ds:Object[2] <ds:Object><x/></ds:Object>"}},
		"detached": {string(detached), nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := one(t, test.document, given)
			require.NoError(t, s.Err)
			require.Equal(t, test.want, unsignedOf(test.document, s))
			require.False(t, s.MoreUnsigned)
		})
	}
}

// TestWrapping moves what was signed elsewhere and puts something forged in its place. Either the signature is refused,
// or the result tells where the signed element stands and that the forged one is not signed.
func TestWrapping(t *testing.T) {
	signed := string(sign(t, Request{Profile: ETax, Document: []byte(xtx)}))
	procedure := between(t, signed, "<PTE0010", "</PTE0010>")
	signature := between(t, signed, "<dsig:Signature ", "</dsig:Signature>")
	forged := strings.ReplaceAll(strings.ReplaceAll(procedure, "太郎", "花子"), `id="PTE0010"`, `id="PTE0011"`)
	sameID := strings.ReplaceAll(procedure, "太郎", "花子")
	otherID := strings.ReplaceAll(sameID, ` id="PTE0010"`, ` Id="PTE0010"`)
	object := func(content string) string {
		return strings.Replace(signature, "</dsig:Signature>", "<dsig:Object>"+content+"</dsig:Object></dsig:Signature>", 1)
	}
	with := func(procedures, signatures string) string {
		return strings.Replace(strings.Replace(signed, signature, signatures, 1), procedure, procedures, 1)
	}
	second := "<dsig:Signature xmlns:dsig='" + spaceDSig + "'><dsig:Object>" + procedure + "</dsig:Object></dsig:Signature>"
	for name, test := range map[string]struct {
		document string
		want     error
		path     string // where the signed element is found
		forged   string // the unsigned part that is the forged one
	}{
		"untouched":                         {signed, nil, "/DATA/PTE0010", ""},
		"forged with another id in front":   {with(forged+procedure, signature), nil, "/DATA/PTE0010[2]", "/DATA/PTE0010[1]"},
		"forged with the same id in front":  {with(sameID+procedure, signature), ErrDuplicateID, "", ""},
		"forged with the same id behind":    {with(procedure+sameID, signature), ErrDuplicateID, "", ""},
		"forged with an Id that is as good": {with(otherID+procedure, signature), ErrAmbiguousID, "", ""},
		// There it inherits a prefix, which the inclusive form tells.
		"signed moved into the Object":        {with(forged, object(procedure)), ErrDigest, "", ""},
		"signed moved into a wrapper":         {with(forged+"<W>"+procedure+"</W>", signature), nil, "/DATA/W/PTE0010", "/DATA/PTE0010"},
		"signed moved into another signature": {with(forged, signature+second), ErrWrapped, "", ""},
		"signed moved into SignedInfo's Object": {with(forged, signature+strings.Replace(second, "dsig:Object", "dsig:KeyInfo",
			2)), ErrWrapped, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := one(t, test.document, nil)
			require.ErrorIs(t, s.Err, test.want)
			if test.want != nil {
				return
			}
			r := s.References[0]
			require.Equal(t, test.path, r.Path)
			require.Equal(t, procedure, test.document[r.Start:r.End])
			canonical, err := r.Canonical()
			require.NoError(t, err)
			require.NotContains(t, string(canonical), "花子")
			if test.forged != "" {
				require.Contains(t, unsignedOf(test.document, s), "element "+test.forged+" "+forged)
			}
		})
	}
}

// TestIdNames puts a forged element beside the signed one, with its id under each name that somebody may take for an id:
// two that are as good make it ambiguous, and a name of another namespace is none.
func TestIdNames(t *testing.T) {
	for _, signed := range []string{"id", "Id", "ID", "xml:id"} {
		for forged, want := range map[string]error{"id": ErrAmbiguousID, "Id": ErrAmbiguousID, "ID": ErrAmbiguousID, "xml:id": ErrAmbiguousID,
			"p:Id": nil, "p:id": nil, "iD": nil, "xml:Id": nil} {
			if forged == signed {
				want = ErrDuplicateID
			}
			document := `<r xmlns:p="urn:p"><e ` + signed + `="x">甲</e></r>`
			out := string(sign(t, Request{Profile: Enveloped, Document: []byte(document), Elements: []string{"x"}}))
			for _, place := range [][2]string{{"<e ", `<f ` + forged + `="x">乙</f><e `}, {"</e>", `</e><f ` + forged + `="x">乙</f>`}} {
				s := one(t, replaced(t, out, place[0], place[1]), nil)
				require.ErrorIs(t, s.Err, want, "%s and %s", signed, forged)
				if want == nil {
					require.Equal(t, "/r/e", s.References[0].Path)
				}
			}
		}
	}
}

// TestWrappingExclusive: an exclusive form does not depend on what an element inherits, so that it can be moved into the
// signature itself. The result tells that what was signed is not where it was.
func TestWrappingExclusive(t *testing.T) {
	signed := string(sign(t, Request{Profile: Enveloped, Document: []byte(plain), Elements: []string{"甲"}, Canonicalization: c14n.Exclusive}))
	element := between(t, signed, "<甲", "</甲>")
	forged := strings.ReplaceAll(strings.ReplaceAll(element, "太郎", "花子"), `"甲"`, `"乙"`)
	moved := replaced(t, replaced(t, signed, element, forged), "</ds:Signature>", "<ds:Object>"+element+"</ds:Object></ds:Signature>")
	s := one(t, moved, nil)
	require.NoError(t, s.Err)
	require.Equal(t, ScopeProperties, s.References[0].Scope)
	require.Equal(t, "/契約/ds:Signature/ds:Object/甲", s.References[0].Path)
	require.Contains(t, unsignedOf(moved, s), "element /契約/甲 "+forged)
}
