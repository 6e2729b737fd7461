package jpki_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha1" // known to crypto.Hash, and refused all the same
	"crypto/sha256"
	_ "crypto/sha512"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/application"
	"github.com/natsuin/natsuin/internal/card/cardtest"
	"github.com/natsuin/natsuin/internal/card/jpki"
	"github.com/natsuin/natsuin/internal/digestinfo"
)

// cardKey returns a throw-away key, made once.
var cardKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

var stepSignatureKey = cardtest.Step{Why: "select the signature key", Command: "00A4020C02 001A", Response: "9000"}

// TestWorkedBytes is a login from end to end: the commands of jpki-card.md §10, byte for byte, and
// openssl as the judge of what comes out.
func TestWorkedBytes(t *testing.T) {
	key := cardKey()
	empty := sha256.Sum256(nil)
	signed, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, empty[:])
	require.NoError(t, err)
	certificate := der(600)

	a, _ := selected(t,
		cardtest.Step{Why: "select the token information", Command: "00A4020C02 0006", Response: "9000"},
		cardtest.Step{Why: "read the label", Command: "00B00000 20", Response: "4A504B4941504943 43544F4B454E3220 2020202020202020 2020202020202020 9000"},
		cardtest.Step{Why: "select the authentication PIN", Command: "00A4020C02 0018", Response: "9000"},
		cardtest.Step{Why: "ask for the tries left", Command: "00200080", Response: "63C3"},
		cardtest.Step{Why: "select the authentication certificate", Command: "00A4020C02 000A", Response: "9000"},
		cardtest.Step{Why: "read its header", Command: "00B00000 04", Response: "30820254 9000"},
		cardtest.Step{Why: "read its first 256 bytes", Command: "00B00000 00", Response: fmt.Sprintf("%X 9000", certificate[:256])},
		cardtest.Step{Why: "read the next 256", Command: "00B00100 00", Response: fmt.Sprintf("%X 9000", certificate[256:512])},
		cardtest.Step{Why: "read what remains, and no more", Command: "00B00200 58", Response: fmt.Sprintf("%X 9000", certificate[512:])},
		cardtest.Step{Why: "select the authentication PIN", Command: "00A4020C02 0018", Response: "9000"},
		cardtest.Step{Why: "verify 1234", Command: "0020008004 31323334", Response: "9000"},
		cardtest.Step{Why: "select the authentication key", Command: "00A4020C02 0017", Response: "9000"},
		cardtest.Step{Why: "sign the SHA-256 of nothing", Command: "802A008033 3031300D060960864801650304020105000420" +
			"E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855 00", Response: fmt.Sprintf("%X 9000", signed)},
		cardtest.Step{Why: "forget the PIN", Command: "00A4040C0A D392F000260100000001", Response: "9000"})

	token, err := a.Token()
	require.NoError(t, err)
	require.Equal(t, jpki.Card, token.Kind)
	left, err := a.PIN(jpki.Authentication).TriesLeft()
	require.NoError(t, err)
	require.Equal(t, jpki.Authentication.MaxTries, left)
	got, err := a.Certificate(jpki.Authentication)
	require.NoError(t, err)
	require.Equal(t, certificate, got)
	require.NoError(t, a.PIN(jpki.Authentication).Verify([]byte("1234")))
	signature, err := a.Signer(jpki.Authentication, &key.PublicKey).Sign(nil, empty[:], crypto.SHA256)
	require.NoError(t, err)
	require.NoError(t, a.PIN(jpki.Authentication).Drop())

	requireOpenSSL(t, &key.PublicKey, signature, nil)
}

// requireOpenSSL has openssl confirm an RSA signature over the SHA-256 of content.
func requireOpenSSL(t *testing.T, public *rsa.PublicKey, signature, content []byte) {
	t.Helper()
	dir := t.TempDir()
	spki, err := x509.MarshalPKIXPublicKey(public)
	require.NoError(t, err)
	files := map[string][]byte{
		"key.pem": pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: spki}),
		"sig":     signature,
		"content": content,
	}
	for name, data := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), data, 0o600))
	}
	judge := exec.Command("openssl", "dgst", "-sha256", "-verify", "key.pem", "-signature", "sig", "content")
	judge.Dir = dir
	output, err := judge.CombinedOutput()
	require.NoError(t, err, "openssl (make deps installs it): %s", output)
}

func TestSignEveryHash(t *testing.T) {
	key := cardKey()
	for hash, prefix := range map[crypto.Hash]string{ // jpki-card.md §3.5
		crypto.SHA256: "33 3031300D060960864801650304020105000420",
		crypto.SHA384: "43 3041300D060960864801650304020205000430",
		crypto.SHA512: "53 3051300D060960864801650304020305000440",
	} {
		t.Run(hash.String(), func(t *testing.T) {
			h := hash.New()
			h.Write([]byte("見本"))
			digest := h.Sum(nil)
			signed, err := rsa.SignPKCS1v15(nil, key, hash, digest)
			require.NoError(t, err)
			compute := cardtest.Step{Why: "sign", Command: fmt.Sprintf("802A0080 %s %X 00", prefix, digest), Response: fmt.Sprintf("%X 9000", signed)}

			a, _ := selected(t, stepSignatureKey, compute, stepSignatureKey, compute)
			signer := a.Signer(jpki.Signature, &key.PublicKey)
			require.Equal(t, &key.PublicKey, signer.Public())
			for range 2 { // as often as asked
				signature, err := signer.Sign(nil, digest, hash)
				require.NoError(t, err)
				require.Equal(t, signed, signature)
			}
		})
	}
}

func TestSignNotAsked(t *testing.T) {
	key := cardKey()
	for name, test := range map[string]struct {
		digest []byte
		opts   crypto.SignerOpts
	}{
		"SHA-1":          {make([]byte, 20), crypto.SHA1},
		"no hash":        {make([]byte, 32), crypto.Hash(0)},
		"short digest":   {make([]byte, 31), crypto.SHA256},
		"long digest":    {make([]byte, 33), crypto.SHA256},
		"another's size": {make([]byte, 32), crypto.SHA512},
		"no digest":      {nil, crypto.SHA256},
		"PSS":            {make([]byte, 32), &rsa.PSSOptions{Hash: crypto.SHA256}},
	} {
		t.Run(name, func(t *testing.T) {
			a, _ := selected(t) // no step: nothing may be sent
			_, err := a.Signer(jpki.Signature, &key.PublicKey).Sign(nil, test.digest, test.opts)
			require.Error(t, err)
		})
	}
}

func TestSignFails(t *testing.T) {
	key := cardKey()
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	digest := sha256.Sum256([]byte("見本"))
	right, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:])
	require.NoError(t, err)
	foreign, err := rsa.SignPKCS1v15(nil, other, crypto.SHA256, digest[:])
	require.NoError(t, err)
	elsewhere := sha256.Sum256([]byte("another document"))
	swapped, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, elsewhere[:])
	require.NoError(t, err)

	for name, test := range map[string]struct {
		response string
		fail     error
		want     error
	}{
		"PIN not verified":      {"6982", nil, application.ErrPINRequired},
		"another key":           {fmt.Sprintf("%X 9000", foreign), nil, jpki.ErrBadSignature},
		"another digest":        {fmt.Sprintf("%X 9000", swapped), nil, jpki.ErrBadSignature},
		"a byte short":          {fmt.Sprintf("%X 9000", right[:255]), nil, jpki.ErrBadSignature},
		"a byte too many":       {fmt.Sprintf("%X 00 9000", right), nil, jpki.ErrBadSignature},
		"a second status word":  {fmt.Sprintf("%X 9000 9000", right), nil, jpki.ErrBadSignature},
		"nothing":               {"9000", nil, jpki.ErrBadSignature},
		"conditions of use":     {"6985", nil, card.ConditionsNotSatisfied},
		"the card is taken off": {"", card.ErrRemoved, card.ErrRemoved},
	} {
		t.Run(name, func(t *testing.T) {
			a, _ := selected(t, stepSignatureKey, cardtest.Step{
				Why: "sign", Command: fmt.Sprintf("802A008033 3031300D060960864801650304020105000420 %X 00", digest), Response: test.response, Fail: test.fail,
			})
			_, err := a.Signer(jpki.Signature, &key.PublicKey).Sign(nil, digest[:], crypto.SHA256)
			require.ErrorIs(t, err, test.want)
		})
	}
}

const sha256Header = "3031300D060960864801650304020105000420"

// What a page prepared goes to the card as it is: no DigestInfo is added, and none is taken away.
func TestSignPrepared(t *testing.T) {
	key := cardKey()
	document := []byte("見本")
	for name, test := range map[string]struct {
		hash   crypto.Hash
		header string
		policy digestinfo.Policy
	}{
		"SHA-256": {crypto.SHA256, sha256Header, digestinfo.Policy{}},
		"SHA-384": {crypto.SHA384, "3041300D060960864801650304020205000430", digestinfo.Policy{}},
		"SHA-512": {crypto.SHA512, "3051300D060960864801650304020305000440", digestinfo.Policy{}},
		"SHA-1":   {crypto.SHA1, "3021300906052B0E03021A05000414", digestinfo.Policy{SHA1: true}},
		"bare":    {crypto.SHA256, "", digestinfo.Policy{Bare: true}},
	} {
		t.Run(name, func(t *testing.T) {
			h := test.hash.New()
			h.Write(document)
			input := h.Sum(cardtest.Unhex(t, test.header))
			prepared, err := digestinfo.Parse(input, test.policy)
			require.NoError(t, err)
			signed, err := rsa.SignPKCS1v15(nil, key, 0, input)
			require.NoError(t, err)
			other, err := rsa.SignPKCS1v15(nil, key, 0, input[1:])
			require.NoError(t, err)
			compute := func(answer []byte) cardtest.Step {
				return cardtest.Step{Why: "sign", Command: fmt.Sprintf("802A0080 %02X %X 00", len(input), input), Response: fmt.Sprintf("%X 9000", answer)}
			}

			a, _ := selected(t, stepSignatureKey, compute(signed), stepSignatureKey, compute(other))
			signer := a.Signer(jpki.Signature, &key.PublicKey)
			signature, err := signer.SignPrepared(prepared)
			require.NoError(t, err)
			require.Equal(t, signed, signature)
			_, err = signer.SignPrepared(prepared)
			require.ErrorIs(t, err, jpki.ErrBadSignature)
			if test.header == sha256Header {
				requireOpenSSL(t, &key.PublicKey, signature, document)
			}
		})
	}
}
