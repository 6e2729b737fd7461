//go:build unix

package main

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card/simcard"
	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
	"github.com/natsuin/natsuin/internal/signature/timestamp/tsatest"
	"github.com/natsuin/natsuin/verify"
)

// asks runs timestamp query, and returns the paths of the query and of the authority's answer.
func (s *shell) asks(a *tsatest.Authority, file string, flags ...string) (query, response string) {
	s.t.Helper()
	query = filepath.Join(s.t.TempDir(), "query.tsq")
	require.Zero(s.t, s.run("", append([]string{"timestamp", "query", "--in", file, "--out", query}, flags...)...), s.stderr.String())
	require.Empty(s.t, s.stdout.String())
	asked, err := os.ReadFile(query)
	require.NoError(s.t, err)
	return query, write(s.t, "answer.tsr", a.Reply(s.t, asked))
}

// TestTimestamp signs with the card, asks OpenSSL for a time stamp, attaches it and verifies: all of it in files,
// as a person does.
func TestTimestamp(t *testing.T) {
	a := tsatest.New(t)
	s := newShell(t, "", simcard.Options{})
	trust, content := s.trust(), []byte("申請書\n")
	cas := s.card.Certificates()
	root := write(t, "root.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cas.SignCA[cas.Issuing]}))
	openssl := func(more ...string) func(t *testing.T, file string) {
		return func(t *testing.T, file string) {
			tsatest.OpenSSL(t, append([]string{"cms", "-verify", "-cades", "-binary", "-purpose", "any", "-inform", "DER", "-in", file, "-CAfile", root, "-out", os.DevNull}, more...)...)
		}
	}
	paper := write(t, "申請書.txt", content)
	for name, test := range map[string]struct {
		signed string
		judge  func(t *testing.T, file string)
		verify []string
	}{
		"detached": {s.signedWith("a.p7s", content, "--format", "cms"), openssl("-content", paper), []string{"--content", paper}},
		"attached": {s.signedWith("a.p7m", content, "--format", "cms", "--attached"), openssl(), nil},
		"PDF": {s.signedWith("定款.pdf", pdftest.File(pdftest.Document(2), ""), "--format", "pdf"), func(t *testing.T, file string) {
			signed, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Contains(t, pdftest.Signatures(t, signed), "Signature is Valid.")
			require.Contains(t, pdftest.Signatures(t, signed), "Total document signed")
			pdftest.Check(t, signed)
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			defer s.as(t)()
			query, response := s.asks(a, test.signed, "--hash", "sha-512", "--policy", "1.2.3.4.5", "--signature", "1")
			require.Contains(t, tsatest.OpenSSL(t, "ts", "-query", "-text", "-in", query), "Hash Algorithm: sha512")
			tsatest.OpenSSL(t, "ts", "-verify", "-queryfile", query, "-in", response, "-CAfile", a.Path("root.pem"))

			out := filepath.Join(t.TempDir(), "stamped")
			attach := []string{"timestamp", "attach", "--in", test.signed, "--query", query, "--response", response, "--out", out}
			s.tells(0, append(attach, "--tsa-trust", a.Trust), "Signature 1 has the time stamp now.", "Time stamp: pass ", "by CN=Test time stamps, policy 1.2.3.4.5")
			require.NotContains(t, s.stdout.String(), "was not checked")
			test.judge(t, out)

			verified := slices.Concat([]string{"verify", out, "--trust", trust}, test.verify)
			s.tells(0, append(verified, "--tsa-trust", a.Trust), "Time stamp: pass ", "pass one of its time stamps is to be believed [time-stamp]", "seen at ", "Accepted: ")
			s.tells(0, verified, "---- one of its time stamps is to be believed [time-stamp]")
			s.tells(10, append(verified, "--tsa-trust", trust), "Time stamp: FAIL ", "is not trusted", "(TIME_STAMP_INVALID)")
			require.Zero(t, s.run("", append(verified, "--tsa-trust", a.Trust, "--json")...))
			var found verify.Document
			require.NoError(t, json.Unmarshal(s.stdout.Bytes(), &found))
			require.Equal(t, verify.Passed, found.Signatures[0].TimeStamps[0].Outcome)
			require.Equal(t, "CN=Test time stamps", found.Signatures[0].TimeStamps[0].Authority)

			// In place, by an authority that nobody looked at: it is said, in both languages and to programs.
			query, response = s.asks(a, out)
			attach = []string{"timestamp", "attach", "--in", out, "--query", query, "--response", response, "--out", out, "--lang", "ja"}
			require.Equal(t, 1, s.run("", attach...), "without --force")
			s.tells(0, append(attach, "--force"), "署名1にタイムスタンプを付けました。", "タイムスタンプ: － ", "確認していません。--tsa-trust")
			test.judge(t, out)
			s.tells(0, append(verified, "--tsa-trust", a.Trust), "Accepted: ")
			query, response = s.asks(a, out)
			require.Zero(t, s.run("", "timestamp", "attach", "--in", out, "--query", query, "--response", response, "--out", out+".2", "--json"), s.stderr.String())
			var result struct {
				Signature, Written int
				TimeStamp          verify.TimeStamp
			}
			require.NoError(t, json.Unmarshal(s.stdout.Bytes(), &result))
			require.Equal(t, []int{1, 1}, []int{result.Signature, result.Written})
			require.Equal(t, verify.NotChecked, result.TimeStamp.Outcome)
		})
	}
}

// TestTimestampRefused: what is wrong is said in words, and nothing is written.
func TestTimestampRefused(t *testing.T) {
	a := tsatest.New(t)
	s := newShell(t, "", simcard.Options{})
	once := s.signedWith("once.pdf", pdftest.File(pdftest.Document(1), ""), "--format", "pdf")
	signed, err := os.ReadFile(once)
	require.NoError(t, err)
	twice := s.signedWith("twice.pdf", signed, "--format", "pdf")
	inXML := s.signedWith("a.xml", []byte("<a/>"), "--format", "xml")
	plain := write(t, "plain.pdf", pdftest.File(pdftest.Document(1), ""))
	query, response := s.asks(a, once)
	other, _ := s.asks(a, once)
	rejected, rejection := s.asks(a, once, "--policy", "1.2.3")
	damaged, err := os.ReadFile(response)
	require.NoError(t, err)
	damaged[len(damaged)-1] ^= 1
	expired := tsatest.New(t, func(c *x509.Certificate) { c.NotAfter = tsatest.From.AddDate(1, 0, 0) })
	expiredQuery, expiredResponse := s.asks(expired, once)
	huge := write(t, "huge", make([]byte, 3<<20))
	out := filepath.Join(t.TempDir(), "out")

	attach := func(in, query, response string, more ...string) []string {
		return append([]string{"attach", "--in", in, "--query", query, "--response", response, "--out", out}, more...)
	}
	ask := func(in string, more ...string) []string {
		return append([]string{"query", "--in", in, "--out", out}, more...)
	}
	for name, c := range map[string]struct {
		args []string
		exit int
		says []string
	}{
		"another query":         {attach(once, other, response), 10, []string{"answers another query", "belong together"}},
		"another file":          {attach(s.signedWith("b.pdf", pdftest.File(pdftest.Document(3), ""), "--format", "pdf"), query, response), 10, []string{"about no signature of this file"}},
		"rejected":              {attach(once, rejected, rejection), 10, []string{"made no time stamp", "unacceptedPolicy", "another --hash or --policy"}},
		"damaged":               {attach(once, query, write(t, "damaged", damaged)), 10, []string{"no time stamp that is to be believed"}},
		"authority expired":     {attach(once, expiredQuery, expiredResponse), 10, []string{"no time stamp that is to be believed", "not valid at"}},
		"authority not trusted": {attach(once, query, response, "--tsa-trust", s.trust()), 10, []string{"cannot be confirmed by a root in --tsa-trust", "this very authority"}},
		"a huge answer":         {attach(once, query, huge), 10, []string{"too large"}},
		"a web page":            {attach(once, query, write(t, "page", []byte("<!DOCTYPE html><title>404"))), 10, []string{"The file of --response is no answer", "Look into the file", "begins with \"<!DOCTYPE html><titl\""}},
		"no query":              {attach(once, huge, response), 10, []string{"no query for a time stamp"}},
		"covered":               {attach(twice, query, response), 10, []string{"A later signature covers this one", "at the last signature"}},
		"not signed":            {attach(plain, query, response), 10, []string{"holds no signature"}},
		"XML":                   {attach(inXML, query, response), 10, []string{"No time stamp is put into such a signature"}},
		"query of XML":          {ask(inXML), 10, []string{"No time stamp is put into such a signature"}},
		"query of the first":    {ask(twice, "--signature", "1"), 10, []string{"A later signature covers this one"}},
		"query of a third":      {ask(twice, "--signature", "3"), 2, []string{"--signature is 3, and no signature has that number: natsuin verify shows the numbers of all 2"}},
		"hash":                  {ask(once, "--hash", "sha1"), 2, []string{"--hash"}},
		"policy":                {ask(once, "--policy", "policy"), 2, []string{"--policy"}},
		"no number":             {ask(once, "--signature", "first"), 2, []string{"--signature"}},
		"two inputs":            {ask(once, "--in", twice), 2, []string{"--in"}},
		"an argument":           {ask(once, twice), 2, []string{"arguments"}},
		"no output":             {[]string{"query", "--in", once}, 2, []string{"--out"}},
		"to standard output":    {[]string{"query", "--in", once, "--out", "-"}, 2, []string{"--out"}},
		"no query given":        {[]string{"attach", "--in", once, "--response", response, "--out", out}, 2, []string{"--query"}},
		"no response given":     {[]string{"attach", "--in", once, "--query", query, "--out", out}, 2, []string{"--response"}},
		"no roots":              {attach(once, query, response, "--tsa-trust", t.TempDir()), 2, []string{"--tsa-trust"}},
		"absent":                {ask(once + ".absent"), 1, []string{"is not there"}},
		"absent query":          {attach(once, query+".absent", response), 1, []string{"is not there"}},
		"a folder":              {ask(t.TempDir()), 1, []string{"is a folder"}},
		"neither":               {nil, 2, []string{"timestamp query"}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.exit, s.run("", append([]string{"timestamp"}, c.args...)...), s.stderr.String())
			for _, text := range c.says {
				require.Contains(t, s.stderr.String(), text)
			}
			require.Empty(t, s.stdout.String())
			require.NoFileExists(t, out)
		})
	}
	require.Equal(t, 10, s.run("", append([]string{"timestamp"}, attach(twice, query, response, "--json")...)...))
	require.Contains(t, s.stdout.String(), `"reason": "SIGNATURE_COVERED"`)
}

// TestTimestampChanged: a message whose content is not what was signed is refused when it is written, and nothing
// has the output's name.
func TestTimestampChanged(t *testing.T) {
	a := tsatest.New(t)
	s := newShell(t, "", simcard.Options{})
	signed, err := os.ReadFile(s.signedWith("a.p7m", []byte("12,000 yen"), "--format", "cms", "--attached"))
	require.NoError(t, err)
	file := write(t, "a.p7m", bytes.Replace(signed, []byte("12,000"), []byte("92,000"), 1))
	query, response := s.asks(a, file)
	dir := t.TempDir()
	require.Equal(t, 10, s.run("", "timestamp", "attach", "--in", file, "--query", query, "--response", response, "--out", filepath.Join(dir, "out")))
	require.Contains(t, s.stderr.String(), "not the one that was signed")
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

// TestTimestampOfMany stamps both signers of a message, one after the other, each by the number that it has then.
func TestTimestampOfMany(t *testing.T) {
	a := tsatest.New(t)
	s, second := newShell(t, "", simcard.Options{}), newShell(t, "", simcard.Options{Person: simcard.Hanako})
	content := write(t, "申請書", []byte("申請書"))
	once := s.signedWith("a.p7s", []byte("申請書"), "--format", "cms")
	file := filepath.Join(t.TempDir(), "both.p7s")
	require.Zero(t, second.run("ABC123", "sign", "--format", "cms", "--in", content, "--cosign", once, "--out", file), second.stderr.String())
	judged := func() []verify.DocumentSignature {
		s.run("", "verify", file, "--content", content, "--tsa-trust", a.Trust, "--json")
		var found verify.Document
		require.NoError(t, json.Unmarshal(s.stdout.Bytes(), &found))
		require.Len(t, found.Signatures, 2)
		return found.Signatures
	}
	for lang, says := range map[string]string{
		"ja": "--signature: 署名が2個あります。どれに付けるかを、「natsuin verify」が表示する番号で指定してください。",
		"en": "--signature must say which of the 2 signatures is meant, by the number that natsuin verify shows.",
	} {
		require.Equal(t, 2, s.run("", "timestamp", "query", "--in", file, "--out", filepath.Join(t.TempDir(), "out"), "--lang", lang))
		require.Contains(t, s.stderr.String(), says)
	}
	certificates := []string{judged()[0].Signer.SHA256, judged()[1].Signer.SHA256}
	for i, certificate := range certificates {
		number := func() int {
			return 1 + slices.IndexFunc(judged(), func(s verify.DocumentSignature) bool { return s.Signer.SHA256 == certificate })
		}
		before := number()
		query, response := s.asks(a, file, "--signature", strconv.Itoa(before))
		require.Zero(t, s.run("", "timestamp", "attach", "--in", file, "--query", query, "--response", response, "--out", file, "--force", "--tsa-trust", a.Trust))
		said := s.stdout.String()
		require.Contains(t, said, fmt.Sprintf("Signature %d has the time stamp now.", before))
		if after := number(); after != before {
			require.Contains(t, said, fmt.Sprintf("in the file that was written it is signature %d.", after))
		}
		for _, each := range judged() {
			require.Equal(t, slices.Contains(certificates[:i+1], each.Signer.SHA256), len(each.TimeStamps) == 1)
		}
	}
}

// TestStampsInWords: every reason of a time stamp has its sentence and its remedy, in both languages.
func TestStampsInWords(t *testing.T) {
	reasons := constants(t, "stamping.go", "Reason")
	require.Len(t, stampTexts, len(reasons))
	for _, reason := range reasons {
		requireBoth(t, stampTexts[verify.Reason(reason)].message, reason)
		requireBoth(t, stampTexts[verify.Reason(reason)].remedy, reason)
	}
}
