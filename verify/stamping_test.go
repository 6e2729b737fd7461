package verify_test

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/signature/cms"
	"github.com/natsuin/natsuin/internal/signature/pdf"
	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
	"github.com/natsuin/natsuin/internal/signature/timestamp/tsatest"
	"github.com/natsuin/natsuin/verify"
)

func query(t *testing.T, file []byte, r verify.TimeStampRequest) []byte {
	t.Helper()
	der, err := verify.TimeStampQuery(bytes.NewReader(file), int64(len(file)), r)
	require.NoError(t, err)
	return der
}

func attach(file []byte, a verify.TimeStampAnswer) (*verify.Stamped, error) {
	return verify.AttachTimeStamp(bytes.NewReader(file), int64(len(file)), a)
}

// attachedTo attaches what must be attached, and returns the file.
func attachedTo(t *testing.T, file []byte, a verify.TimeStampAnswer) []byte {
	t.Helper()
	stamped, err := attach(file, a)
	require.NoError(t, err)
	var out bytes.Buffer
	n, err := stamped.WriteTo(&out)
	require.NoError(t, err)
	require.Equal(t, int64(out.Len()), n)
	return out.Bytes()
}

// longCard is a certificate of the key "card" that is valid at the time of other programs' clocks, and its CA.
func longCard(t *testing.T) (*x509.Certificate, *certtest.CA) {
	t.Helper()
	long := validity(tsatest.From, tsatest.To)
	ca := certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "1", long)
	return ca.Signature(t, certtest.Key(t, "card"), long), ca
}

// TestTimeStampAttached goes the whole way for every kind of file: query, an answer by OpenSSL, the file with
// the time stamp, which OpenSSL, pdfsig and we verify.
func TestTimeStampAttached(t *testing.T) {
	a := tsatest.New(t)
	card, ca := longCard(t)
	card509, ca509 := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: card.Raw}), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Certificate.Raw})
	byOpenSSL := func(args ...string) []byte {
		dir := folder(t, map[string][]byte{"card.pem": card509})
		run(t, dir, "openssl", append([]string{"cms", "-sign", "-binary", "-in", "document", "-signer", "card.pem", "-inkey", "key.pem", "-out", "signed"}, args...)...)
		signed, err := os.ReadFile(dir + "/signed")
		require.NoError(t, err)
		return signed
	}
	for name, test := range map[string]struct {
		file     []byte
		detached bool
	}{
		"detached":            {signCMS(t, card, false, time.Now()), true},
		"attached":            {signCMS(t, card, true, time.Now()), false},
		"by OpenSSL, BER":     {byOpenSSL("-nodetach", "-stream", "-outform", "DER"), false},
		"by OpenSSL, armour":  {byOpenSSL("-nodetach", "-outform", "PEM"), false},
		"by OpenSSL, key id":  {byOpenSSL("-keyid", "-outform", "DER"), true},
		"PDF, PAdES":          {signPDF(t, onePage(), card, pdf.Options{Profile: pdf.PAdES}), false},
		"PDF, the registry's": {signPDF(t, onePage(), card, pdf.Options{Profile: pdf.MOJ, Seal: &pdf.Seal{Page: 1, X: 10, Y: 10, Size: 40, Ring: true}}), false},
	} {
		t.Run(name, func(t *testing.T) {
			isPDF := bytes.HasPrefix(test.file, []byte("%PDF"))
			o := verify.DocumentOptions{Trust: trust(t, ca), TimeStampRoots: a.Pool(), At: time.Now().Add(time.Hour)}
			judge := func(file []byte) verify.DocumentSignature {
				if test.detached {
					o.Content = bytes.NewReader(document)
				}
				got := read(t, file, o)
				require.True(t, got.Accepted, "%v", got.Signatures[0].Err)
				return got.Signatures[0]
			}
			require.Empty(t, judge(test.file).TimeStamps)

			asked := query(t, test.file, verify.TimeStampRequest{Hash: crypto.SHA512, Policy: "1.2.3.4.5"})
			answer := verify.TimeStampAnswer{Query: asked, Response: a.Reply(t, asked), Roots: a.Pool()}
			stamped, err := attach(test.file, answer)
			require.NoError(t, err)
			require.Equal(t, 1, stamped.Signature)
			require.Equal(t, 1, stamped.Written)
			require.Equal(t, verify.Passed, stamped.TimeStamp.Outcome)
			require.Equal(t, "1.2.3.4.5", stamped.TimeStamp.Policy)
			require.Equal(t, "CN=Test time stamps", stamped.TimeStamp.Authority)
			require.WithinDuration(t, time.Now(), stamped.TimeStamp.Time, time.Hour)

			file := attachedTo(t, test.file, answer)
			require.Contains(t, rules(judge(file).Checks), "time-stamp: passed")
			require.Equal(t, []verify.TimeStamp{stamped.TimeStamp}, judge(file).TimeStamps)
			_, err = attach(file, answer)
			refused(t, verify.TimeStampPresent, err)

			// Another one, of which nobody says whose it is.
			asked = query(t, file, verify.TimeStampRequest{})
			answer = verify.TimeStampAnswer{Query: asked, Response: a.Reply(t, asked)}
			stamped, err = attach(file, answer)
			require.NoError(t, err)
			require.Equal(t, verify.NotChecked, stamped.TimeStamp.Outcome)
			require.NotEmpty(t, stamped.TimeStamp.Detail)
			file = attachedTo(t, file, answer)
			require.Len(t, judge(file).TimeStamps, 2)

			if isPDF {
				found, err := pdf.Verify(bytes.NewReader(file), int64(len(file)))
				require.NoError(t, err)
				for _, token := range found.Signatures[0].CMS.Timestamps {
					a.Judge(t, token, found.Signatures[0].CMS.Value)
				}
				before, err := verify.Conformance(t.Context(), verify.MOJ, bytes.NewReader(test.file), int64(len(test.file)), nil, nil)
				require.NoError(t, err)
				after, err := verify.Conformance(t.Context(), verify.MOJ, bytes.NewReader(file), int64(len(file)), nil, nil)
				require.NoError(t, err)
				require.Equal(t, before.Conforms, after.Conforms)
				require.Len(t, file, len(test.file))
				printed := pdftest.Signatures(t, file)
				require.Contains(t, printed, "Signature is Valid.")
				require.Contains(t, printed, "Total document signed")
				pdftest.Check(t, file)
				return
			}
			signers, err := cms.SignerInfos(bytes.NewReader(file))
			require.NoError(t, err)
			for _, token := range signers[0].Timestamps {
				a.Judge(t, token, signers[0].Value)
			}
			dir := folder(t, map[string][]byte{"signed": file, "ca.pem": ca509})
			args := []string{"cms", "-verify", "-binary", "-inform", "DER", "-in", "signed", "-CAfile", "ca.pem", "-out", "content"}
			if test.detached {
				args = append(args, "-content", "document")
			}
			run(t, dir, "openssl", args...)
			content, err := os.ReadFile(dir + "/content")
			require.NoError(t, err)
			require.Equal(t, document, content)
		})
	}
}

// TestTimeStampRefused: nothing is attached that is wrong in one place.
func TestTimeStampRefused(t *testing.T) {
	a := tsatest.New(t)
	card, _ := longCard(t)
	file, other := signCMS(t, card, true, certtest.Now), signCMS(t, card, true, certtest.Now.Add(time.Second))
	asked, again := query(t, file, verify.TimeStampRequest{}), query(t, file, verify.TimeStampRequest{})
	askedOther, askedSHA512 := query(t, other, verify.TimeStampRequest{}), query(t, file, verify.TimeStampRequest{Hash: crypto.SHA512})
	askedPolicy, askedNoPolicy := query(t, file, verify.TimeStampRequest{Policy: "1.2.3.4.5"}), query(t, file, verify.TimeStampRequest{Policy: "1.2.3.4.6"})
	good := a.Reply(t, asked)
	without := tsatest.New(t, func(c *x509.Certificate) { c.ExtraExtensions = nil })
	notAlone := tsatest.New(t, func(c *x509.Certificate) { c.ExtraExtensions[0].Critical = false })
	expired := tsatest.New(t, validity(tsatest.From, tsatest.From.AddDate(1, 0, 0)))
	damaged := bytes.Clone(good)
	damaged[len(damaged)-1] ^= 1
	noCertificate := timeStampQueryWithoutCertificate(t, asked)

	for name, test := range map[string]struct {
		query, response []byte
		edit            func(*verify.TimeStampAnswer)
		want            verify.Reason
	}{
		"good":                          {asked, good, nil, ""},
		"another query":                 {again, good, nil, verify.TimeStampMismatch},
		"another signature":             {askedOther, a.Reply(t, askedOther), nil, verify.TimeStampMismatch},
		"another signature's answer":    {asked, a.Reply(t, askedOther), nil, verify.TimeStampMismatch},
		"another hash":                  {asked, a.Reply(t, askedSHA512), nil, verify.TimeStampMismatch},
		"another policy":                {askedPolicy, a.Reply(t, asked), nil, verify.TimeStampMismatch},
		"rejected":                      {askedNoPolicy, a.Reply(t, askedNoPolicy), nil, verify.TimeStampRejected},
		"authority not trusted":         {asked, good, func(o *verify.TimeStampAnswer) { o.Roots = x509.NewCertPool() }, verify.TimeStampUntrusted},
		"from the future":               {asked, good, func(o *verify.TimeStampAnswer) { o.At = tsatest.From }, verify.TimeStampInvalid},
		"the future, no roots":          {asked, good, func(o *verify.TimeStampAnswer) { o.At, o.Roots = tsatest.From, nil }, verify.TimeStampInvalid},
		"authority expired":             {asked, expired.Reply(t, asked), nil, verify.TimeStampInvalid},
		"expired, no roots":             {asked, expired.Reply(t, asked), func(o *verify.TimeStampAnswer) { o.Roots = nil }, verify.TimeStampInvalid},
		"not for time stamps":           {asked, without.Resign(t, a.Reply(t, asked)), nil, verify.TimeStampInvalid},
		"not for time stamps, no roots": {asked, without.Resign(t, a.Reply(t, asked)), func(o *verify.TimeStampAnswer) { o.Roots = nil }, verify.TimeStampInvalid},
		"usage not critical":            {asked, notAlone.Resign(t, a.Reply(t, asked)), nil, verify.TimeStampInvalid},
		"signed again, rightly":         {asked, a.Resign(t, a.Reply(t, asked)), nil, ""},
		"damaged":                       {asked, damaged, nil, verify.TimeStampInvalid},
		"something behind the answer":   {asked, append(bytes.Clone(good), 0), nil, verify.TimeStampResponseMalformed},
		"an answer cut short":           {asked, good[:len(good)-1], nil, verify.TimeStampResponseMalformed},
		"an empty answer":               {asked, nil, nil, verify.TimeStampResponseMalformed},
		"a huge answer":                 {asked, append([]byte{0x30, 0x84, 0x01, 0, 0, 0}, make([]byte, 16<<20)...), nil, verify.TimeStampResponseMalformed},
		"a web page":                    {asked, []byte("<!DOCTYPE html><title>404 Not Found</title>"), nil, verify.TimeStampResponseMalformed},
		"the query in place of it":      {asked, asked, nil, verify.TimeStampResponseMalformed},
		"something behind the query":    {append(bytes.Clone(asked), 0), good, nil, verify.TimeStampQueryMalformed},
		"an empty query":                {nil, good, nil, verify.TimeStampQueryMalformed},
		"a huge query":                  {make([]byte, 16<<20), good, nil, verify.TimeStampQueryMalformed},
		"a query without certificate":   {noCertificate, good, nil, verify.TimeStampQueryMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			answer := verify.TimeStampAnswer{Query: test.query, Response: test.response, Roots: a.Pool()}
			if test.edit != nil {
				test.edit(&answer)
			}
			stamped, err := attach(file, answer)
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			require.Nil(t, stamped)
			refusal := refused(t, test.want, err)
			require.Equal(t, verify.RuleTimeStamp, refusal.Checks[0].Rule)
		})
	}
}

// timeStampQueryWithoutCertificate returns a query that does not ask for the certificate.
func timeStampQueryWithoutCertificate(t *testing.T, query []byte) []byte {
	t.Helper()
	require.Equal(t, []byte{1, 1, 0xFF}, query[len(query)-3:])
	query = bytes.Clone(query[:len(query)-3])
	query[1] -= 3
	return query
}

// TestTimeStampPlaces: files that can get no time stamp are refused when it is asked for, and again when it is to be
// attached, for whoever asked before the file became what it is.
func TestTimeStampPlaces(t *testing.T) {
	a := tsatest.New(t)
	card, _ := longCard(t)
	pades := pdf.Options{Profile: pdf.PAdES}
	once := signPDF(t, onePage(), card, pades)
	twice := signPDF(t, once, card, pades)
	asked := query(t, once, verify.TimeStampRequest{})
	answer := verify.TimeStampAnswer{Query: asked, Response: a.Reply(t, asked)}
	dict := strings.Replace(pdftest.SignatureDict(), "adbe.pkcs7.detached", "ETSI.RFC3161", 1)
	stampedWhole := pdftest.Complete(pdftest.Update(once, timeStampObjects(t, once, dict), ""), nil, func(covered []byte) []byte { return tokenOver(t, a, covered) })
	spoiled := bytes.Clone(once)
	spoiled[bytes.Index(spoiled, []byte("0.5 g"))+2] ^= 1

	for name, test := range map[string]struct {
		file      []byte
		signature int
		want      verify.Reason
		late      verify.Reason // of attaching the answer for once
	}{
		"the only one":            {once, 0, "", ""},
		"the last one":            {twice, 0, "", verify.SignatureCovered},
		"covered":                 {twice, 1, verify.SignatureCovered, verify.SignatureCovered},
		"covered by a time stamp": {stampedWhole, 0, verify.SignatureCovered, verify.SignatureCovered},
		"a time stamp itself":     {stampedWhole, 2, verify.TimeStampUnsupported, verify.SignatureCovered},
		"changed later":           {pdftest.Update(once, pdftest.Objects{4: pdftest.Stream("", "0 g")}, ""), 0, verify.ChangedAfterSigning, verify.ChangedAfterSigning},
		"does not verify":         {spoiled, 0, verify.DocumentChanged, verify.TimeStampMismatch},
		"not signed":              {onePage(), 0, verify.SignatureAbsent, verify.SignatureAbsent},
		"encrypted":               {pdftest.Encrypted(t)["128 bits"], 0, verify.DocumentEncrypted, verify.DocumentEncrypted},
		"damaged":                 {[]byte("%PDF-1.7\n"), 0, verify.DocumentMalformed, verify.DocumentMalformed},
		"XML":                     {[]byte("<a/>"), 0, verify.TimeStampUnsupported, verify.TimeStampUnsupported},
		"anything":                {[]byte("hello"), 0, verify.FormatUnknown, verify.FormatUnknown},
		"no file":                 {nil, 0, verify.FormatUnknown, verify.FormatUnknown},
		"no SignedData":           {[]byte{0x30, 3, 2, 1, 0}, 0, verify.MessageMalformed, verify.MessageMalformed},
		"signers in BER":          {indefinite(t, signCMS(t, card, true, certtest.Now)), 0, verify.TimeStampUnsupported, verify.TimeStampUnsupported},
		"PEM of a certificate":    {pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: card.Raw}), 0, verify.FormatUnknown, verify.FormatUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := verify.TimeStampQuery(bytes.NewReader(test.file), int64(len(test.file)), verify.TimeStampRequest{Signature: test.signature})
			if test.want == "" {
				require.NoError(t, err)
			} else {
				refused(t, test.want, err)
			}
			_, err = attach(test.file, answer)
			if test.late == "" {
				require.NoError(t, err)
			} else {
				refused(t, test.late, err)
			}
		})
	}

	// Room for the signature, and for nothing more.
	found, err := pdf.Verify(bytes.NewReader(once), int64(len(once)))
	require.NoError(t, err)
	narrow := registryPDF(t, func(dict string) string {
		return strings.Replace(dict, pdftest.Contents, pdftest.ContentsOf(len(found.Signatures[0].Message)), 1)
	}, nil, nil)
	asked = query(t, narrow, verify.TimeStampRequest{})
	_, err = attach(narrow, verify.TimeStampAnswer{Query: asked, Response: a.Reply(t, asked)})
	refused(t, verify.SignatureRoom, err)

	// A message whose content is not what was signed, as shows when it is written.
	spoiled = signCMS(t, card, true, certtest.Now)
	spoiled[bytes.Index(spoiled, document)] ^= 1
	asked = query(t, spoiled, verify.TimeStampRequest{})
	stamped, err := attach(spoiled, verify.TimeStampAnswer{Query: asked, Response: a.Reply(t, asked)})
	require.NoError(t, err)
	_, err = stamped.WriteTo(new(bytes.Buffer))
	refused(t, verify.DocumentChanged, err)
}

// indefinite returns a value in BER: everything in it that holds values is of indefinite length.
func indefinite(t *testing.T, der []byte) []byte {
	t.Helper()
	var out []byte
	for len(der) > 0 {
		var v asn1.RawValue
		rest, err := asn1.Unmarshal(der, &v)
		require.NoError(t, err)
		if v.IsCompound {
			out = append(append(append(out, der[0], 0x80), indefinite(t, v.Bytes)...), 0, 0)
		} else {
			out = append(out, v.FullBytes...)
		}
		der = rest
	}
	return out
}

// TestTimeStampOneOfMany: of several signers each is chosen, one after the other; the answer finds it by itself, and
// its number in the file that is written is told.
func TestTimeStampOneOfMany(t *testing.T) {
	a := tsatest.New(t)
	card, ca := longCard(t)
	second := certtest.Key(t, "second")
	digest := sha256.Sum256(document)
	both, err := cms.AddSigner(signCMS(t, card, true, time.Now()), second,
		ca.Signature(t, second, validity(tsatest.From, tsatest.To), func(c *x509.Certificate) { c.SerialNumber = big.NewInt(2) }), digest[:], cms.Options{})
	require.NoError(t, err)
	for _, number := range []int{0, -1, 3} {
		_, err := verify.TimeStampQuery(bytes.NewReader(both), int64(len(both)), verify.TimeStampRequest{Signature: number})
		var which *verify.WhichSignatureError
		require.ErrorAs(t, err, &which)
		require.Equal(t, verify.WhichSignatureError{Number: number, Signatures: 2}, *which)
	}
	o := verify.DocumentOptions{Trust: trust(t, ca), TimeStampRoots: a.Pool(), At: time.Now().Add(time.Hour)}
	numberOf := func(file []byte, serial string) int {
		return 1 + slices.IndexFunc(read(t, file, o).Signatures, func(s verify.DocumentSignature) bool { return s.Signer.Serial == serial })
	}
	serials := []string{read(t, both, o).Signatures[0].Signer.Serial, read(t, both, o).Signatures[1].Signer.Serial}
	moved := false
	for _, order := range [][]int{{0, 1}, {1, 0}} {
		file := both
		for stamps, i := range order {
			number := numberOf(file, serials[i])
			asked := query(t, file, verify.TimeStampRequest{Signature: number})
			stamped, err := attach(file, verify.TimeStampAnswer{Query: asked, Response: a.Reply(t, asked)})
			require.NoError(t, err)
			require.Equal(t, number, stamped.Signature)
			var out bytes.Buffer
			_, err = stamped.WriteTo(&out)
			require.NoError(t, err)
			file = out.Bytes()
			require.Equal(t, numberOf(file, serials[i]), stamped.Written)
			moved = moved || stamped.Written != number
			for _, s := range read(t, file, o).Signatures {
				require.Equal(t, verify.Passed, s.Outcome)
				require.Equal(t, slices.Contains(order[:stamps+1], slices.Index(serials, s.Signer.Serial)), len(s.TimeStamps) == 1)
			}
		}
	}
	require.True(t, moved, "a time stamp changes the order of one of them")
}

// TestTimeStampRequests: a request that cannot be is the caller's fault.
func TestTimeStampRequests(t *testing.T) {
	card, _ := longCard(t)
	file := signCMS(t, card, true, certtest.Now)
	for _, test := range []struct {
		request verify.TimeStampRequest
		want    error
	}{
		{verify.TimeStampRequest{Hash: crypto.SHA256}, nil},
		{verify.TimeStampRequest{Hash: crypto.SHA384}, nil},
		{verify.TimeStampRequest{Hash: crypto.SHA1}, verify.ErrTimeStampHash},
		{verify.TimeStampRequest{Policy: "0.2.440.200185.1.1.1.1"}, nil},
		{verify.TimeStampRequest{Policy: "2.999"}, nil},
		{verify.TimeStampRequest{Policy: "1"}, verify.ErrTimeStampPolicy},
		{verify.TimeStampRequest{Policy: "3.1"}, verify.ErrTimeStampPolicy},
		{verify.TimeStampRequest{Policy: "1.40"}, verify.ErrTimeStampPolicy},
		{verify.TimeStampRequest{Policy: "1.2."}, verify.ErrTimeStampPolicy},
		{verify.TimeStampRequest{Policy: "1.02"}, verify.ErrTimeStampPolicy},
		{verify.TimeStampRequest{Policy: "1.-2"}, verify.ErrTimeStampPolicy},
		{verify.TimeStampRequest{Policy: "1.2.99999999999"}, verify.ErrTimeStampPolicy},
		{verify.TimeStampRequest{Policy: "tsa_policy1"}, verify.ErrTimeStampPolicy},
	} {
		t.Run(fmt.Sprint(test.request), func(t *testing.T) {
			_, err := verify.TimeStampQuery(bytes.NewReader(file), int64(len(file)), test.request)
			require.ErrorIs(t, err, test.want)
		})
	}
}

// TestTimeStampRoots reads them from a folder.
func TestTimeStampRoots(t *testing.T) {
	a := tsatest.New(t)
	pool, err := verify.TimeStampRoots(a.Trust)
	require.NoError(t, err)
	require.True(t, pool.Equal(a.Pool()))
	for name, text := range map[string]string{"": "", "x.txt": "hello", "x.pem": "hello", "x.der": "0hello", "y.pem": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"} {
		dir := t.TempDir()
		if name != "" {
			require.NoError(t, os.WriteFile(dir+"/"+name, []byte(text), 0o600))
		}
		_, err := verify.TimeStampRoots(dir)
		require.Error(t, err, name)
	}
	_, err = verify.TimeStampRoots(a.Trust + "/absent")
	require.Error(t, err)
}

// FuzzAttachTimeStamp: what is attached stands at a signature of the file, about its value, and the file is otherwise
// what it was.
func FuzzAttachTimeStamp(f *testing.F) {
	a := tsatest.New(f)
	for _, file := range [][]byte{
		signCMS(f, cardCert(f), true, certtest.Now),
		signCMS(f, cardCert(f), false, certtest.Now),
		signPDF(f, onePage(), cardCert(f), pdf.Options{Profile: pdf.PAdES}),
	} {
		asked, err := verify.TimeStampQuery(bytes.NewReader(file), int64(len(file)), verify.TimeStampRequest{})
		require.NoError(f, err)
		f.Add(file, asked, a.Reply(f, asked))
	}
	f.Fuzz(func(t *testing.T, file, query, response []byte) {
		if asked, err := verify.TimeStampQuery(bytes.NewReader(file), int64(len(file)), verify.TimeStampRequest{}); err == nil {
			require.NotEmpty(t, asked)
		}
		stamped, err := attach(file, verify.TimeStampAnswer{Query: query, Response: response})
		if err != nil {
			require.Nil(t, stamped)
			return
		}
		var out bytes.Buffer
		if _, err := stamped.WriteTo(&out); err != nil {
			return
		}
		if bytes.HasPrefix(file, []byte("%PDF")) {
			require.Len(t, out.Bytes(), len(file))
		}
		_, err = attach(out.Bytes(), verify.TimeStampAnswer{Query: query, Response: response})
		refused(t, verify.TimeStampPresent, err)
	})
}
