package verify_test

import (
	"bytes"
	"crypto"
	"crypto/sha512"
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/signature/cms"
	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
	"github.com/natsuin/natsuin/verify"
)

// A breach is a document that breaks one rule of a service and no other, and what VerifyDocument says of it: nothing
// where the signature is correct all the same, else the reason and the rule.
type breach struct {
	rule   string
	file   []byte
	names  []string
	files  fs.FS
	reason verify.Reason
	of     string
}

// TestEveryRule has a document for each rule of each service. Conformance names that rule alone, and VerifyDocument
// tells the service and what is wrong with the signature, if anything is.
func TestEveryRule(t *testing.T) {
	for profile, test := range map[verify.Profile]struct {
		right    breach
		breaches []breach
	}{
		verify.MOJ:  {breach{file: registryPDF(t, nil, nil, nil)}, registryBreaches(t)},
		verify.ETax: {breach{file: fill(t, procedure)}, append(etaxBreaches(t), xmlBreaches(t, procedure)...)},
		verify.EGov: {breach{file: fill(t, composition), names: []string{attachment}, files: beside}, append(egovBreaches(t), xmlBreaches(t, composition)...)},
	} {
		t.Run(string(profile), func(t *testing.T) {
			right := conformance(t, profile, test.right.file, test.right.names, test.right.files)
			require.True(t, right.Conforms, "%v", broken(right))
			missing := map[string]bool{}
			for _, check := range right.Checks {
				missing[check.Rule] = true
			}
			for _, b := range test.breaches {
				t.Run(b.rule, func(t *testing.T) { requireBreach(t, profile, b) })
				delete(missing, b.rule)
			}
			require.Empty(t, missing, "no document breaks these")
		})
	}
}

func requireBreach(t *testing.T, profile verify.Profile, b breach) {
	t.Helper()
	if b.files == nil && profile == verify.EGov {
		b.names, b.files = []string{attachment}, beside
	}
	report := conformance(t, profile, b.file, b.names, b.files)
	require.Len(t, broken(report), 1, "%v", broken(report))
	require.True(t, strings.HasPrefix(broken(report)[0], b.rule+": "), "%v", broken(report))

	o := options(t)
	o.Files = b.files
	found, err := verifyDocument(t, b.file, o)
	var refusal *verify.Refusal
	switch {
	case errors.As(err, &refusal):
		require.Equal(t, b.reason, refusal.Reason, "%v", err)
		require.Equal(t, b.of, refusal.Checks[len(refusal.Checks)-1].Rule)
	case b.reason != "":
		require.NoError(t, err)
		failsFor(t, found, b.reason, b.of)
	default:
		require.NoError(t, err)
		require.True(t, found.Accepted, "%v", found.Signatures[0].Err)
	}
	if err == nil && b.rule != "root" && b.rule != "c2-sub-filter" { // which say what a file is made for
		require.Equal(t, profile, found.Service())
	}
}

// registryPDF signs a page for the registry; the dictionary's text, what is signed and the message can be changed.
func registryPDF(t *testing.T, dict func(string) string, adjust func([4]int) [4]int, message func(content []byte) []byte) []byte {
	t.Helper()
	text := pdftest.SignatureDict()
	if dict != nil {
		text = dict(text)
	}
	if message == nil {
		message = registryMessage(t, crypto.SHA256, cms.Options{SigningTime: certtest.Now, Unbound: true})
	}
	return pdftest.Complete(pdftest.Update(onePage(), pdftest.SignatureObjects(text), ""), adjust, message)
}

func registryMessage(t *testing.T, hash crypto.Hash, o cms.Options) func([]byte) []byte {
	return func(content []byte) []byte {
		h := hash.New()
		h.Write(content)
		message, err := cms.Sign(certtest.Key(t, "card"), cardCert(t), cms.Document{Digest: h.Sum(nil)}, o)
		require.NoError(t, err)
		return message
	}
}

func registryBreaches(t *testing.T) []breach {
	require.Equal(t, 64, sha512.Size) // it is linked in
	edit := func(old, new string) func(string) string {
		return func(dict string) string { return string(edited(t, []byte(dict), old, new)) }
	}
	right := registryPDF(t, nil, nil, nil)
	usual := cms.Options{SigningTime: certtest.Now, Unbound: true}
	return []breach{
		{rule: "c1-one-signature", file: registryPDF(t, edit("/Type/Sig", ""), nil, nil)},
		{rule: "c2-sub-filter", file: registryPDF(t, edit("adbe.pkcs7.detached", "ETSI.CAdES.detached"), nil, nil)},
		{rule: "c3-name", file: registryPDF(t, edit("/Name(Mihon)", ""), nil, nil)},
		{rule: "c4-time", file: registryPDF(t, edit("+09'00'", ""), nil, nil)},
		{rule: "c5-byte-range", file: registryPDF(t, nil, func(r [4]int) [4]int { r[1]--; return r }, nil),
			reason: verify.CoverageInvalid, of: verify.RuleCoverage},
		{rule: "c5-byte-range", file: append(bytes.Clone(right), '\n'), reason: verify.ChangedAfterSigning, of: verify.RuleUnchanged},
		{rule: "c6-contents", file: registryPDF(t, nil, nil, func(content []byte) []byte {
			return append(registryMessage(t, crypto.SHA256, usual)(content), 0, 1)
		}), reason: verify.SignatureMalformed, of: verify.RuleMessage},
		{rule: "c7-message", file: registryPDF(t, nil, nil, registryMessage(t, crypto.SHA256, cms.Options{Unbound: true}))},
		{rule: "c8-algorithms", file: registryPDF(t, nil, nil, registryMessage(t, crypto.SHA512, usual))},
		{rule: "c9-incremental", file: pdftest.Complete(pdftest.File(pdftest.Document(1).With(pdftest.SignatureObjects(pdftest.SignatureDict())), ""),
			nil, registryMessage(t, crypto.SHA256, usual))},
		{rule: "c10-verifies", file: edited(t, right, "0.5 g", "0.9 g"), reason: verify.DocumentChanged, of: verify.RuleDocument},
	}
}
