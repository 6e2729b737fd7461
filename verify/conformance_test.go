package verify_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io/fs"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/signature/pdf"
	xmldsig "github.com/natsuin/natsuin/internal/signature/xml"
	"github.com/natsuin/natsuin/verify"
)

func conformance(t testing.TB, p verify.Profile, file []byte, names []string, files fs.FS) *verify.ConformanceReport {
	t.Helper()
	report, err := verify.Conformance(t.Context(), p, bytes.NewReader(file), int64(len(file)), names, files)
	require.NoError(t, err)
	require.Equal(t, p, report.Profile)
	for _, c := range report.Checks {
		require.LessOrEqual(t, c.Start, c.End, c.Rule)
		require.LessOrEqual(t, c.End, int64(len(file)), c.Rule)
		require.Contains(t, []verify.Outcome{verify.Passed, verify.Failed, verify.NotChecked}, c.Outcome, c.Rule)
		require.Equal(t, c.Outcome == verify.Failed, c.Remedy != "", c.Rule)
	}
	return report
}

// broken lists the rules that are broken, each with its remedy.
func broken(report *verify.ConformanceReport) []string {
	list := []string{}
	for _, c := range report.Checks {
		if c.Outcome == verify.Failed {
			list = append(list, c.Rule+": "+string(c.Remedy))
		}
	}
	return list
}

const kousei = `<?xml version="1.0" encoding="UTF-8"?><DataRoot><構成情報 ID="構成情報"><a/></構成情報></DataRoot>`

// TestConformance passes what is signed for each service, and names what breaks a rule and what helps.
func TestConformance(t *testing.T) {
	cert := cardCert(t)
	digest := sha256.Sum256(document)
	moj := signPDF(t, onePage(), cert, pdf.Options{Profile: pdf.MOJ})
	etaxSigned := signXML(t, cert, xmldsig.Request{Profile: xmldsig.ETax, Document: []byte(etax), Time: certtest.Now})
	egov := signXML(t, cert, xmldsig.Request{Profile: xmldsig.EGov, Document: []byte(kousei), Time: certtest.Now, Files: []xmldsig.File{{Name: attachment, Digest: digest[:]}}})
	changed := fstest.MapFS{attachment: {Data: []byte("x")}}
	names := []string{attachment}

	for name, test := range map[string]struct {
		profile verify.Profile
		file    []byte
		names   []string
		files   fs.FS
		broken  []string
	}{
		"moj":                  {verify.MOJ, moj, nil, nil, nil},
		"moj, not signed":      {verify.MOJ, onePage(), nil, nil, []string{"c1-one-signature: sign"}},
		"moj, PAdES":           {verify.MOJ, signPDF(t, onePage(), cert, pdf.Options{Profile: pdf.PAdES}), nil, nil, []string{"c2-sub-filter: sign-original", "c7-message: other-program"}},
		"moj, saved again":     {verify.MOJ, append(bytes.Clone(moj), "\n%more"...), nil, nil, []string{"c5-byte-range: use-signed-version"}},
		"moj, changed":         {verify.MOJ, edited(t, moj, "0.5 g", "0.9 g"), nil, nil, []string{"c10-verifies: undamaged-copy"}},
		"etax":                 {verify.ETax, etaxSigned, nil, nil, nil},
		"etax, not signed":     {verify.ETax, []byte(etax), nil, nil, []string{"signature: sign"}},
		"etax, changed":        {verify.ETax, edited(t, etaxSigned, "甲", "乙"), nil, nil, []string{"digest: undamaged-copy"}},
		"etax, cut":            {verify.ETax, etaxSigned[:len(etaxSigned)-1], nil, nil, []string{"well-formed: write-anew"}},
		"etax, no XML":         {verify.ETax, []byte("<DATA"), nil, nil, []string{"well-formed: write-anew"}},
		"egov":                 {verify.EGov, egov, names, attached(), nil},
		"egov, no files":       {verify.EGov, egov, nil, nil, []string{"files-given: give-files"}},
		"egov, changed file":   {verify.EGov, egov, names, changed, []string{"file-digest: undamaged-copy"}},
		"egov, one more":       {verify.EGov, egov, []string{attachment, "別"}, attached(), []string{"files-signed: sign-original"}},
		"egov, no declaration": {verify.EGov, edited(t, egov, `<?xml version="1.0" encoding="UTF-8"?>`, ""), names, attached(), []string{"xml-declaration: write-anew"}},
		"egov, other digest": {verify.EGov, edited(t, egov, "xmlenc#sha256", "xmldsig-more#sha384"), names, attached(),
			[]string{"digest-method: sign-original", "digest: undamaged-copy", "signature-value: undamaged-copy"}},
	} {
		t.Run(name, func(t *testing.T) {
			report := conformance(t, test.profile, test.file, test.names, test.files)
			require.Equal(t, append([]string{}, test.broken...), broken(report))
			require.Equal(t, test.broken == nil, report.Conforms)
		})
	}
}

// TestConformanceRefused: what cannot be held against a profile is refused, or is the caller's mistake.
func TestConformanceRefused(t *testing.T) {
	for name, test := range map[string]struct {
		profile verify.Profile
		file    []byte
		want    verify.Reason
	}{
		"XML for a PDF":   {verify.MOJ, []byte(etax), verify.FormatOther},
		"PDF for XML":     {verify.ETax, onePage(), verify.FormatOther},
		"CMS for XML":     {verify.EGov, signCMS(t, cardCert(t), true, certtest.Now), verify.FormatOther},
		"neither":         {verify.ETax, []byte("hello"), verify.FormatUnknown},
		"empty":           {verify.MOJ, nil, verify.FormatUnknown},
		"a PDF in pieces": {verify.MOJ, []byte("%PDF-1.7\n"), verify.DocumentMalformed},
		"large XML":       {verify.ETax, append([]byte("<a>"), bytes.Repeat([]byte(" "), 33<<20)...), verify.DocumentTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := verify.Conformance(t.Context(), test.profile, bytes.NewReader(test.file), int64(len(test.file)), nil, nil)
			refused(t, test.want, err)
		})
	}
	_, err := verify.Conformance(t.Context(), verify.ETax, bytes.NewReader(onePage()), int64(len(onePage())), nil, nil)
	var other *verify.FormatError
	require.ErrorAs(t, err, &other)
	require.Equal(t, verify.FormatError{Profile: verify.ETax, Is: verify.PDF, Wants: verify.XML}, *other)
	gone := errors.New("the disk is broken")
	egov := fill(t, composition)
	_, err = verify.Conformance(t.Context(), verify.EGov, bytes.NewReader(egov), int64(len(egov)), []string{attachment}, spoiled{attached(), gone})
	require.ErrorIs(t, err, gone)
	o := options(t)
	o.Files = spoiled{attached(), gone}
	_, err = verifyDocument(t, egov, o)
	require.ErrorIs(t, err, gone)
	var refusal *verify.Refusal
	for _, p := range append(slices.Clone(verify.Profiles()), "other") {
		_, err := verify.Conformance(t.Context(), p, failingAt{gone}, 100, nil, nil)
		require.Error(t, err)
		require.NotErrorAs(t, err, &refusal)
		_, err = verify.Conformance(t.Context(), p, bytes.NewReader(nil), -1, nil, nil)
		require.Error(t, err)
	}
}

// spoiled is a folder whose files cannot be read, though they are there.
type spoiled struct {
	fs.FS
	err error
}

func (s spoiled) Open(name string) (fs.File, error) {
	f, err := s.FS.Open(name)
	return spoiledFile{f, s.err}, err
}

type spoiledFile struct {
	fs.File
	err error
}

func (s spoiledFile) Read([]byte) (int, error) { return 0, s.err }

// TestConformancePrintable: what the document wrote can be shown.
func TestConformancePrintable(t *testing.T) {
	file := edited(t, signPDF(t, onePage(), cardCert(t), pdf.Options{Profile: pdf.MOJ}), "/adbe.pkcs7.detached", "/a#0Ab#E2#80#AEkcs7x")
	report := conformance(t, verify.MOJ, file, nil, nil)
	require.False(t, report.Conforms)
	for _, c := range report.Checks {
		require.NotContains(t, c.Detail, "\n")
		require.NotContains(t, c.Detail, "\u202E")
	}
}
