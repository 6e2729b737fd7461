package main

import (
	"bytes"
	"html"
	"mime"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card/simcard"
	"github.com/natsuin/natsuin/internal/certificate/certtest"
)

func TestFormShowsTheExample(t *testing.T) {
	_, body := newBench(t).loggedIn(t).open("/filings/new")
	require.Contains(t, body, `value="`+example.Name+`"`)
	require.NotContains(t, body, `aria-invalid`)
}

// The example is the person of the simulated card, so that a demonstration ends with matching facts.
func TestExampleIsTheSimulatedPerson(t *testing.T) {
	require.Equal(t, simcard.Taro.Name, example.Name)
	require.Equal(t, simcard.Taro.Address, example.Address)
	require.Equal(t, simcard.Taro.Birth, strings.ReplaceAll(example.BirthDate, "-", ""))
}

func TestProblemsAreBoundToTheirFields(t *testing.T) {
	c := newBench(t).loggedIn(t)
	for _, field := range (formData{}).Fields() {
		form := exampleForm()
		form.Set(field, "")
		response, body := c.submit("/filings/new", form)
		require.Equal(t, http.StatusUnprocessableEntity, response.StatusCode, field)
		require.Contains(t, body, `href="#`+field+`"`, "the summary leads to the field")
		require.Contains(t, body, `id="`+field+`"`)
		require.Contains(t, body, `id="`+field+`-problem"`)
		require.Regexp(t, `aria-describedby="[a-zA-Z -]*`+field+`-problem"`, body)
		require.Equal(t, 1, strings.Count(body, `class="problem"`), "no other field has a problem")
	}
}

func TestFormKeepsWhatWasTyped(t *testing.T) {
	c := newBench(t).loggedIn(t)
	form := exampleForm()
	form.Set("name", `<b>"見本"</b>`)
	form.Set("copies", "0")
	_, body := c.submit("/filings/new", form)
	require.Contains(t, body, `value="&lt;b&gt;&#34;見本&#34;&lt;/b&gt;"`)

	form.Set("copies", "2")
	c.draft(form)
	_, body = c.open("/filings/new")
	require.Contains(t, body, `value="2"`, "the way back from the confirmation")
}

func TestFiling(t *testing.T) {
	b := newBench(t)
	c := b.loggedIn(t)
	form := exampleForm()
	form.Set("name", "見本 太郎")
	number, document := c.draft(form)

	_, body := c.open("/drafts/" + number)
	_, shown, _ := strings.Cut(body, `<pre id="document"`)
	_, shown, _ = strings.Cut(shown, ">")
	shown, _, _ = strings.Cut(shown, "</pre>")
	require.Equal(t, string(document), html.UnescapeString(shown), "what is shown is what is signed")

	message := sign(t, b.signCertificate(t), document, false, b.now())
	b.Time = b.Add(time.Minute)
	status, answer := c.post("/filings?draft="+number, message)
	require.Equal(t, http.StatusCreated, status, answer)
	require.Equal(t, "/filings/"+number, answer["next"])

	response, body := c.open("/filings/" + number)
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Contains(t, body, number)
	require.Contains(t, body, "2026年11月23日 12時01分00秒（日本時間）")
	require.Contains(t, body, `data-rule="document" data-outcome="passed"`)
	require.Contains(t, body, `data-rule="origin-and-challenge" data-outcome="passed"`)
	require.Equal(t, 2, strings.Count(body, `data-rule="revocation" data-outcome="not-checked"`), "of the filing and of the login")
	require.Contains(t, body, "失効の確認はしていません")
	require.Contains(t, body, "本物のマイナンバーカードではありません")
	require.Contains(t, body, `data-attribute="name" data-comparison="same"`, "the width of the space does not count")
	require.Contains(t, body, `data-attribute="address" data-comparison="different"`)
	require.Contains(t, body, "東京都見本市中央一丁目１番１号")
	require.Contains(t, body, `data-attribute="birthDate" data-comparison="different"`)
	require.Contains(t, body, "<td>1980年2月17日</td>")
	require.Regexp(t, `<td>\d{4}年\d+月\d+日から\d{4}年\d+月\d+日まで</td>`, body, "the certificate's validity")
	require.Contains(t, body, "<td>男</td>")
	require.Contains(t, body, "<td>2026年11月23日 12時00分00秒（日本時間）</td>", "the time that the signer claims")
	require.Contains(t, body, "<td>"+testOrigin+"</td>")
	require.Contains(t, body, "<td>J-LIS に問い合わせることを認められていないため</td>")
	require.NotRegexp(t, `<td>[^<]*(claimed|anchor|policies|notified)`, body, "what package verify says in English")

	c.refused("/filings?draft="+number, message, http.StatusNotFound, "DRAFT_GONE")

	savedDocument := c.download("/filings/"+number+"/document", documentName)
	require.Equal(t, document, savedDocument)
	savedMessage := c.download("/filings/"+number+"/signature", signatureName)
	require.Equal(t, message, savedMessage)
	opensslVerifies(t, b.sign, savedDocument, savedMessage)
}

func (c *browser) download(path, name string) []byte {
	c.t.Helper()
	response, body := c.open(path)
	require.Equal(c.t, http.StatusOK, response.StatusCode)
	kind, parameters, err := mime.ParseMediaType(response.Header.Get("Content-Disposition"))
	require.NoError(c.t, err)
	require.Equal(c.t, "attachment", kind)
	require.Equal(c.t, name, parameters["filename"])
	return []byte(body)
}

// opensslVerifies lets OpenSSL judge the two files that a citizen can keep.
func opensslVerifies(t *testing.T, ca *certtest.CA, document, message []byte) {
	t.Helper()
	dir := t.TempDir()
	file := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, content, 0o600))
		return path
	}
	root := filepath.Join(dir, "root.pem")
	writePEM(t, root, ca.Certificate)
	out, err := exec.CommandContext(t.Context(), "openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER",
		"-in", file("signature.p7s", message), "-content", file("document.xml", document),
		"-CAfile", root, "-purpose", "any", "-attime", strconv.FormatInt(certtest.Now.Unix(), 10),
		"-out", os.DevNull).CombinedOutput()
	require.NoError(t, err, "openssl (make deps installs it): %s", out)
}

func TestFilingIsRefused(t *testing.T) {
	b := newBench(t)
	c := b.loggedIn(t)
	number, document := c.draft(exampleForm())
	now := b.now()
	certificate := b.signCertificate(t)
	stranger := certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "stranger")
	likeJLIS := certtest.NewCA(t, "JPKI", certtest.SignatureUnit, "2027")
	key := certtest.Key(t, "card")
	other := bytes.Replace(document, []byte("<通数>1"), []byte("<通数>9"), 1)
	require.NotEqual(t, document, other)
	tampered := sign(t, certificate, document, false, now)
	tampered[len(tampered)-1] ^= 1

	for name, test := range map[string]struct {
		message []byte
		reason  string
	}{
		"other bytes":                   {sign(t, certificate, other, false, now), "DOCUMENT_CHANGED"},
		"other bytes inside":            {sign(t, certificate, other, true, now), "CONTENT_UNEXPECTED"},
		"a flipped bit":                 {tampered, "SIGNATURE_INVALID"},
		"an authentication certificate": {sign(t, b.authCertificate(t), document, false, now), "WRONG_HIERARCHY"},
		"a foreign issuer":              {sign(t, stranger.Signature(t, key), document, false, now), "ISSUER_FOREIGN"},
		"J-LIS's name":                  {sign(t, likeJLIS.Signature(t, key), document, false, now), "ISSUER_NOT_SHIPPED"},
		"an expired certificate": {
			sign(t, b.signCertificate(t, validity(now.AddDate(-1, 0, 0), now.Add(-time.Second))), document, false, now.AddDate(0, -1, 0)),
			"CERTIFICATE_EXPIRED",
		},
		"a clock of last century": {sign(t, certificate, document, false, now.AddDate(-30, 0, 0)), "SIGNING_TIME_OUTSIDE"},
		"nothing":                 {nil, "MESSAGE_MALFORMED"},
	} {
		t.Run(name, func(t *testing.T) {
			c.refused("/filings?draft="+number, test.message, http.StatusUnprocessableEntity, test.reason)
			response, _ := c.open("/filings/" + number)
			require.Equal(t, http.StatusNotFound, response.StatusCode)
		})
	}
	status, _ := c.post("/filings?draft="+number, sign(t, certificate, document, false, now))
	require.Equal(t, http.StatusCreated, status, "the draft survived all that")
}

func TestSignatureIsForOneFiling(t *testing.T) {
	b := newBench(t)
	c := b.loggedIn(t)
	first, document := c.draft(exampleForm())
	message := sign(t, b.signCertificate(t), document, false, b.now())
	second, _ := c.draft(exampleForm())
	c.refused("/filings?draft="+first, message, http.StatusNotFound, "DRAFT_GONE")
	c.refused("/filings?draft="+second, message, http.StatusUnprocessableEntity, "DOCUMENT_CHANGED")
}

func TestFilingsArePrivate(t *testing.T) {
	b := newBench(t)
	citizen := b.loggedIn(t)
	number, document := citizen.draft(exampleForm())
	stranger := b.loggedIn(t)
	message := sign(t, b.signCertificate(t), document, false, b.now())

	for _, path := range []string{"/drafts/" + number, "/drafts/" + number + "/document", "/drafts/" + number + "/pdf"} {
		response, body := stranger.open(path)
		require.Equal(t, http.StatusNotFound, response.StatusCode, path)
		require.Contains(t, body, `data-code="DRAFT_GONE"`)
	}
	stranger.refused("/filings?draft="+number, message, http.StatusNotFound, "DRAFT_GONE")
	stranger.refused("/filings/pdf?draft="+number, nil, http.StatusNotFound, "DRAFT_GONE")

	status, _ := citizen.post("/filings?draft="+number, message)
	require.Equal(t, http.StatusCreated, status)
	for _, path := range []string{"/filings/" + number, "/filings/" + number + "/document", "/filings/" + number + "/signature"} {
		response, body := stranger.open(path)
		require.Equal(t, http.StatusNotFound, response.StatusCode, path)
		require.Contains(t, body, `data-code="NOT_FOUND"`)
		response, _ = citizen.open(path)
		require.Equal(t, http.StatusOK, response.StatusCode, path)
	}
}

func TestCompare(t *testing.T) {
	require.Equal(t, "same", compare("見本　太郎", "見本太郎"))
	require.Equal(t, "same", compare("一丁目１番１号", "一丁目1番1号"))
	require.Equal(t, "same", compare("ＭＩＨＯＮ　ＪＯＨＮ", "MIHON JOHN"))
	require.Equal(t, "different", compare("見本　太郎", "見本　次郎"))
	require.Equal(t, "different", compare("見本　太郎", ""))
}
