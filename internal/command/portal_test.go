package command_test

import (
	"context"
	"crypto"
	"crypto/rsa"
	_ "crypto/sha1" // a hash of an old page
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card/simcard"
	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/digestinfo"
	"github.com/natsuin/natsuin/internal/prompt"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/verify"
)

const portal = "https://myna.go.jp"

// chosen is what a page would have signed for a document: a DigestInfo, or with bare the hash alone.
func chosen(t *testing.T, hash crypto.Hash, bare bool, document string) digestinfo.Value {
	t.Helper()
	headers := map[crypto.Hash]string{
		crypto.SHA1: "3021300906052b0e03021a05000414", crypto.SHA256: "3031300d060960864801650304020105000420",
		crypto.SHA384: "3041300d060960864801650304020205000430", crypto.SHA512: "3051300d060960864801650304020305000440",
	}
	header, err := hex.DecodeString(headers[hash])
	require.NoError(t, err)
	if bare {
		header = nil
	}
	h := hash.New()
	h.Write([]byte(document))
	v, err := digestinfo.Parse(h.Sum(header), digestinfo.Policy{Bare: true, SHA1: true})
	require.NoError(t, err)
	return v
}

func portalRequest(prepared ...digestinfo.Value) command.PortalRequest {
	return command.PortalRequest{Lang: "ja", Origin: portal, Prepared: prepared}
}

// requireSignature lets OpenSSL judge a signature over a document with the certificate's key.
func requireSignature(t *testing.T, certificate, signature []byte, hash crypto.Hash, document string) {
	t.Helper()
	dir := t.TempDir()
	c, err := x509.ParseCertificate(certificate)
	require.NoError(t, err)
	spki, err := x509.MarshalPKIXPublicKey(c.PublicKey)
	require.NoError(t, err)
	for name, content := range map[string][]byte{
		"key.pem": pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: spki}), "signature": signature, "document": []byte(document),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o600))
	}
	judge := exec.CommandContext(t.Context(), "openssl", "dgst", "-"+strings.ReplaceAll(strings.ToLower(hash.String()), "-", ""),
		"-verify", "key.pem", "-signature", "signature", "document")
	judge.Dir = dir
	output, err := judge.CombinedOutput()
	require.NoError(t, err, "openssl (make deps installs it): %s", output)
}

func TestPortalLogin(t *testing.T) {
	for _, faults := range []string{"", "phone", "61xx", "verify-each"} {
		t.Run(faults, func(t *testing.T) {
			d := newDesk(t, faults, simcard.Options{}, &human{pins: []string{rightPIN}})
			result, err := command.PortalLogin(context.Background(), d.environment(), portalRequest(chosen(t, crypto.SHA256, false, "session 1")))
			require.NoError(t, err)
			require.Equal(t, d.card.Certificates().Auth, result.Certificate)
			requireSignature(t, result.Certificate, result.Signature, crypto.SHA256, "session 1")

			require.Len(t, d.human.consents, 1)
			c := d.human.consents[0]
			require.Equal(t, prompt.PortalLogin, c.Request.Operation)
			require.Equal(t, portal, c.Request.Origin)
			require.Equal(t, 3, c.Request.TriesLeft)
			require.Equal(t, []digestinfo.Value{chosen(t, crypto.SHA256, false, "session 1")}, c.Prepared)
			require.Len(t, d.human.asked, 1)
			require.Equal(t, c.Request.PIN, d.human.asked[0].PIN)
			require.Equal(t, prompt.PortalLogin, d.human.asked[0].Operation)
			require.Equal(t, 1, d.verified())
			d.requireLocked(t)
		})
	}
}

// One consent and one PIN cover the whole array, and the signatures come in its order.
func TestPortalSign(t *testing.T) {
	documents := []string{"申請書", "添付書類1", "添付書類2", "申請書"}
	for faults, verifies := range map[string]int{"": 1, "verify-each": len(documents), "slow-sign=5ms": 1} {
		t.Run(faults, func(t *testing.T) {
			d := newDesk(t, faults, simcard.Options{}, &human{pins: []string{"abc123"}})
			var prepared []digestinfo.Value
			hashes := []crypto.Hash{crypto.SHA256, crypto.SHA384, crypto.SHA512, crypto.SHA1}
			for i, document := range documents {
				prepared = append(prepared, chosen(t, hashes[i], false, document))
			}
			result, err := command.PortalSign(context.Background(), d.environment(), portalRequest(prepared...))
			require.NoError(t, err)
			require.Empty(t, result.CombinationCode)
			require.Equal(t, d.card.Certificates().Sign, result.Certificate)
			require.Len(t, result.Signatures, len(documents))
			for i, document := range documents {
				requireSignature(t, result.Certificate, result.Signatures[i], hashes[i], document)
			}
			require.Equal(t, len(documents), d.human.progress)
			require.Len(t, d.human.consents, 1)
			require.Len(t, d.human.asked, 1)
			require.Equal(t, len(documents), d.human.asked[0].Values)
			require.Zero(t, d.human.asked[0].Documents)
			require.Equal(t, verifies, d.verified())
			d.requireLocked(t)
		})
	}
}

// A bare hash is padded as it is: no RSASSA-PKCS1-v1_5 signature, and yet what the page asked for.
func TestPortalBareHash(t *testing.T) {
	d := newDesk(t, "", simcard.Options{}, &human{pins: []string{rightPIN}})
	value := chosen(t, crypto.SHA256, true, "session 1")
	result, err := command.PortalLogin(context.Background(), d.environment(), portalRequest(value))
	require.NoError(t, err)
	c, err := x509.ParseCertificate(result.Certificate)
	require.NoError(t, err)
	require.NoError(t, rsa.VerifyPKCS1v15(c.PublicKey.(*rsa.PublicKey), 0, value.Digest(), result.Signature))
	require.Error(t, rsa.VerifyPKCS1v15(c.PublicKey.(*rsa.PublicKey), crypto.SHA256, value.Digest(), result.Signature))
}

func TestPortalAttributes(t *testing.T) {
	for _, faults := range []string{"", "attributes=unknown-sex", "attributes=zero-date"} {
		t.Run(faults, func(t *testing.T) {
			d := newDesk(t, faults, simcard.Options{}, &human{pins: []string{surfacePIN}})
			result, err := command.PortalAttributes(context.Background(), d.environment(), portalRequest())
			require.NoError(t, err)
			want := protocol.PortalDisclosed{Name: simcard.Taro.Name, Sex: simcard.Taro.Sex, Address: simcard.Taro.Address, Birthday: simcard.Taro.Birth}
			switch faults {
			case "attributes=unknown-sex":
				want.Sex = "3"
			case "attributes=zero-date":
				want.Birthday = "00000000"
			}
			require.Equal(t, &want, result)
			require.Len(t, d.human.consents, 1)
			require.Empty(t, d.human.consents[0].Prepared)
			require.Equal(t, prompt.PortalAttributes, d.human.consents[0].Request.Operation)
			require.Equal(t, 1, d.verified())
			d.requireLocked(t)
		})
	}
}

// portals are the three, each with its right PIN.
var portals = map[string]struct {
	carryOut func(context.Context, command.Environment, command.PortalRequest) error
	pin      simcard.PIN
	right    string
	wrong    string
	tries    int
}{
	"login": {func(ctx context.Context, e command.Environment, r command.PortalRequest) error {
		_, err := command.PortalLogin(ctx, e, r)
		return err
	}, simcard.PINAuth, rightPIN, "9999", 3},
	"sign": {func(ctx context.Context, e command.Environment, r command.PortalRequest) error {
		_, err := command.PortalSign(ctx, e, r)
		return err
	}, simcard.PINSign, signPIN, "WRONG1", 5},
	"attributes": {func(ctx context.Context, e command.Environment, r command.PortalRequest) error {
		_, err := command.PortalAttributes(ctx, e, r)
		return err
	}, simcard.PINAttributes, surfacePIN, "9999", 3},
}

// Without a yes nobody is asked for a PIN, and the card sees none.
func TestPortalNeedsConsent(t *testing.T) {
	for name, p := range portals {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, "", simcard.Options{}, &human{refuse: true, pins: []string{p.right}})
			err := p.carryOut(context.Background(), d.environment(), portalRequest(chosen(t, crypto.SHA256, false, "a")))
			requireCode(t, protocol.Cancelled, err)
			require.Len(t, d.human.consents, 1)
			require.Empty(t, d.human.asked)
			require.Zero(t, d.verified())
			d.requireTries(t, p.pin, p.tries)
		})
	}
}

// A blocked PIN asks nobody anything.
func TestPortalBlockedPIN(t *testing.T) {
	for name, p := range portals {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, "auth-tries=0,sign-tries=0,attributes-tries=0", simcard.Options{}, &human{})
			err := p.carryOut(context.Background(), d.environment(), portalRequest(chosen(t, crypto.SHA256, false, "a")))
			failure := requireCode(t, protocol.PINBlocked, err)
			require.Equal(t, string(failure.PIN), map[simcard.PIN]string{simcard.PINAuth: "authentication", simcard.PINSign: "signature", simcard.PINAttributes: "card-surface"}[p.pin])
			require.Empty(t, d.human.consents)
		})
	}
}

// One wrong PIN ends the request, so that a page cannot go through the tries with a single consent.
func TestPortalWrongPIN(t *testing.T) {
	for name, p := range portals {
		for _, onPad := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, pad %t", name, onPad), func(t *testing.T) {
				d, pad := newPadDesk(t, "", &human{pins: []string{p.wrong, p.right}}, typed(p.wrong), typed(p.right))
				e := d.environment()
				if onPad {
					e = d.padEnvironment()
				}
				failure := requireCode(t, protocol.PINWrong, p.carryOut(context.Background(), e, coded(portalRequest(chosen(t, crypto.SHA256, false, "a")))))
				require.Equal(t, p.tries-1, *failure.TriesLeft)
				require.Equal(t, "card", failure.Token)
				require.Len(t, d.human.consents, 1)
				require.Equal(t, 1, len(d.human.asked)+len(pad.asked))
				require.Equal(t, simcard.Tally{Verifies: 1, Wrong: 1}, d.card.Tally(p.pin))
				require.Empty(t, d.card.Verified())
				d.requireTries(t, p.pin, p.tries-1)
			})
		}
	}
}

// The last try needs a yes of its own, and a wrong PIN then blocks.
func TestPortalLastTry(t *testing.T) {
	for name, p := range portals {
		t.Run(name, func(t *testing.T) {
			for code, pin := range map[protocol.Code]string{"": p.right, protocol.PINBlocked: p.wrong} {
				d := newDesk(t, "auth-tries=1,sign-tries=1,attributes-tries=1", simcard.Options{}, &human{pins: []string{pin}})
				err := p.carryOut(context.Background(), d.environment(), portalRequest(chosen(t, crypto.SHA256, false, "a")))
				if code == "" {
					require.NoError(t, err)
				} else {
					requireCode(t, code, err)
				}
				require.Len(t, d.human.consents, 1)
				require.Equal(t, 1, d.human.lastTry)
				require.Len(t, d.human.asked, 1)
				d.requireLocked(t)
			}
		})
	}
}

// What a card signs is checked with the certificate's key before it leaves.
func TestPortalWrongSignature(t *testing.T) {
	for _, name := range []string{"login", "sign"} {
		d := newDesk(t, "wrong-key", simcard.Options{}, &human{pins: []string{portals[name].right}})
		err := portals[name].carryOut(context.Background(), d.environment(), portalRequest(chosen(t, crypto.SHA256, false, "a")))
		requireCode(t, protocol.CardFault, err)
		d.requireLocked(t)
	}
}

// On the reader's own pad the consent comes first, and then the question of the pad; a signature PIN has letters, which no
// pad has.
func TestPortalOnThePad(t *testing.T) {
	for name, p := range portals {
		t.Run(name, func(t *testing.T) {
			d, pad := newPadDesk(t, "", &human{pins: []string{p.right}}, typed(p.right))
			d.human.meanwhile = func() { require.Empty(t, pad.asked) }
			require.NoError(t, p.carryOut(context.Background(), d.padEnvironment(), coded(portalRequest(chosen(t, crypto.SHA256, false, "a")))))
			require.Len(t, d.human.consents, 1)
			onPad := 1
			if name == "sign" {
				onPad = 0
			}
			require.Equal(t, onPad, d.human.pads)
			require.Len(t, pad.asked, onPad)
			require.Len(t, d.human.asked, 1-onPad)
			require.Equal(t, simcard.Tally{Verifies: 1}, d.card.Tally(p.pin))
			require.Empty(t, d.card.Verified())
		})
	}
}

// What docs/threat-model.md and package verify own up to: a government page that was switched on can have the card sign a
// token for another site, and nothing in that token tells it from one of the other site's own.
func TestPortalLoginCanBeAnotherSitesToken(t *testing.T) {
	d := newDesk(t, "", simcard.Options{}, &human{pins: []string{rightPIN}})
	value := chosen(t, crypto.SHA256, false, string(verify.SignedValue(origin, challenge)))
	result, err := command.PortalLogin(context.Background(), d.environment(), portalRequest(value))
	require.NoError(t, err)
	token, err := json.Marshal(verify.Token{
		UnverifiedCertificate: base64.StdEncoding.EncodeToString(result.Certificate), Algorithm: "RS256",
		Signature: base64.StdEncoding.EncodeToString(result.Signature), Format: verify.TokenFormat,
	})
	require.NoError(t, err)
	requireLogin(t, d, token)
}
