package command_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/json"
	"hash"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/simcard"
	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/prompt"
	"github.com/natsuin/natsuin/internal/protocol"
)

const (
	origin    = "https://shinsei.example"
	challenge = "dGhpcyBpcyBhIGNoYWxsZW5nZSBvZiB0aGlydHktdHdv"
	rightPIN  = "1234"
	signPIN   = "ABC123"
)

func requireCode(t *testing.T, want protocol.Code, err error) *protocol.Error {
	t.Helper()
	var e *protocol.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, want, e.Code, "%v", err)
	return e
}

func authenticate(d *desk) ([]byte, error) {
	token, err := command.Authenticate(context.Background(), d.environment(), "ja", origin, challenge)
	if err != nil {
		return nil, err
	}
	return json.Marshal(token)
}

// document is one to be signed with CMS.
func document(name, content string) command.Document {
	digest := sha256.Sum256([]byte(content))
	d, err := command.CMSDocument(name, digest[:], protocol.SHA256, command.CMSOptions{})
	if err != nil {
		panic(err)
	}
	return d
}

func TestAuthenticateMakesATokenThatVerifies(t *testing.T) {
	for name, faults := range map[string]string{
		"a sound card": "", "a card that answers 6F00 first": "6f00", "padding behind the certificates": "padding", "61xx": "61xx", "6Cxx": "6cxx",
		"short reads": "short-reads", "a card that keeps its state over a reset": "keep-on-reset", "a smartphone": "phone",
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, faults, simcard.Options{}, &human{pins: []string{rightPIN}})
			token, err := authenticate(d)
			require.NoError(t, err)
			requireLogin(t, d, token)
			require.Equal(t, 1, d.verified())
			require.Equal(t, 1, d.powerOff)
			require.Len(t, d.human.asked, 1)
			require.Equal(t, origin, d.human.asked[0].Origin)
			require.Equal(t, 3, d.human.asked[0].TriesLeft)
			if faults == "phone" {
				require.Equal(t, command.CardInfo{Token: "android", Issuer: "unknown"}, d.human.info)
			} else {
				require.Equal(t, command.CardInfo{Token: "card", Issuer: "foreign"}, d.human.info)
			}
			d.requireLocked(t)
		})
	}
}

func TestIssuerNotShippedIsTold(t *testing.T) {
	d := newDesk(t, "", simcard.Options{IssuerName: simcard.IssuerJLIS}, &human{pins: []string{rightPIN}})
	_, err := authenticate(d)
	require.NoError(t, err)
	require.Equal(t, "not-shipped", d.human.info.Issuer)
}

func TestWrongPINIsAskedAgainWithTheNewCount(t *testing.T) {
	d := newDesk(t, "", simcard.Options{}, &human{pins: []string{"9999", rightPIN}})
	_, err := authenticate(d)
	require.NoError(t, err)
	require.Equal(t, 2, d.verified())
	require.Len(t, d.human.asked, 2)
	require.Equal(t, 2, d.human.asked[1].TriesLeft)
	require.True(t, d.human.asked[1].Wrong)
	d.requireLocked(t)
}

func TestMalformedPINNeverReachesTheCard(t *testing.T) {
	d := newDesk(t, "", simcard.Options{}, &human{pins: []string{"１２３４", "123", "12345", "12a4", rightPIN}})
	_, err := authenticate(d)
	require.NoError(t, err)
	require.Equal(t, 1, d.verified())
	var reasons []prompt.Reason
	for _, r := range d.human.asked {
		require.Equal(t, 3, r.TriesLeft)
		reasons = append(reasons, r.Malformed)
	}
	require.Equal(t, []prompt.Reason{0, prompt.FullWidth, prompt.TooShort, prompt.TooLong, prompt.BadCharacter}, reasons)
}

func TestBlockedPINAsksNobody(t *testing.T) {
	d := newDesk(t, "auth-tries=0", simcard.Options{}, &human{pins: []string{rightPIN}})
	_, err := authenticate(d)
	failure := requireCode(t, protocol.PINBlocked, err)
	require.Equal(t, 0, *failure.TriesLeft)
	require.Equal(t, protocol.AuthenticationPIN, failure.PIN)
	require.Equal(t, "card", failure.Token)
	require.Empty(t, d.human.asked)
	require.Zero(t, d.verified())
}

func TestLastTryNeedsAYes(t *testing.T) {
	d := newDesk(t, "auth-tries=1", simcard.Options{}, &human{pins: []string{rightPIN}, refuse: true})
	_, err := authenticate(d)
	requireCode(t, protocol.Cancelled, err)
	require.Zero(t, d.verified())

	d = newDesk(t, "auth-tries=1", simcard.Options{}, &human{pins: []string{rightPIN}})
	_, err = authenticate(d)
	require.NoError(t, err)
	require.Equal(t, 1, d.human.lastTry)
}

func TestWrongPINOnTheLastTryBlocks(t *testing.T) {
	for _, faults := range []string{"auth-tries=2", "auth-tries=2,6983"} {
		d := newDesk(t, faults, simcard.Options{}, &human{pins: []string{"9999", "9999", rightPIN}})
		_, err := authenticate(d)
		requireCode(t, protocol.PINBlocked, err)
		require.Equal(t, 2, d.verified(), "one VERIFY for each PIN typed")
		require.Equal(t, 1, d.human.lastTry)
	}
}

func TestNoTransactionWhileTheHumanTypes(t *testing.T) {
	d := newDesk(t, "", simcard.Options{}, &human{pins: []string{signPIN}})
	d.human.meanwhile = func() {
		c, err := d.Readers.Connect(context.Background(), simcard.ReaderName)
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		require.NoError(t, c.Begin(ctx), "another program gets the card meanwhile")
		require.NoError(t, c.End())
	}
	_, err := sign(d, document("a.xml", "<a/>"))
	require.NoError(t, err)
}

func TestCounterThatFellMeanwhileIsAskedAnew(t *testing.T) {
	d := newDesk(t, "", simcard.Options{}, &human{pins: []string{rightPIN, rightPIN}})
	fallen := false
	d.human.meanwhile = func() {
		if !fallen {
			fallen = true
			require.NoError(t, d.card.SetTries(simcard.PINAuth, 2))
		}
	}
	_, err := authenticate(d)
	require.NoError(t, err)
	require.Len(t, d.human.asked, 2)
	require.Equal(t, 2, d.human.asked[1].TriesLeft)
	require.False(t, d.human.asked[1].Wrong)
	require.True(t, d.human.asked[1].Fallen, "and told why")
	require.Equal(t, 1, d.verified(), "the first PIN was not sent")
}

func TestResetByAnotherProgramIsSurvived(t *testing.T) {
	for _, faults := range []string{"", "keep-on-reset"} {
		d := newDesk(t, faults, simcard.Options{}, &human{pins: []string{rightPIN, rightPIN}})
		d.human.meanwhile = func() { d.card.Reset() }
		_, err := authenticate(d)
		require.NoError(t, err)
		d.requireLocked(t)
	}
}

func TestCardTakenAwayWhileThePromptIsOpen(t *testing.T) {
	d := newDesk(t, "", simcard.Options{}, &human{}) // waits until the prompt goes
	d.human.meanwhile = d.card.Remove
	_, err := authenticate(d)
	requireCode(t, protocol.CardLost, err)
	require.Zero(t, d.verified())

	d = newDesk(t, "", simcard.Options{}, &human{pins: []string{rightPIN}})
	d.human.meanwhile = func() { d.card.Remove(); d.card.Insert() }
	_, err = authenticate(d)
	requireCode(t, protocol.CardLost, err)
	require.Zero(t, d.verified(), "a card that was away is another card")
}

func TestServiceEndsWhileTheHumanIsAsked(t *testing.T) {
	d := newDesk(t, "", simcard.Options{}, &human{})
	d.human.meanwhile = func() { require.NoError(t, d.Close()) }
	_, err := authenticate(d)
	requireCode(t, protocol.NoService, err)
}

func TestCardTakenAwayWhileItWorks(t *testing.T) {
	for _, faults := range []string{"remove-at-verify", "remove-at-sign"} {
		t.Run(faults, func(t *testing.T) {
			d := newDesk(t, faults, simcard.Options{}, &human{pins: []string{rightPIN, rightPIN, rightPIN}})
			_, err := authenticate(d)
			failure := requireCode(t, protocol.CardLost, err)
			require.Equal(t, faults == "remove-at-verify", failure.Reason == command.TryMayBeSpent)
			require.Equal(t, 1, d.verified(), "a VERIFY is never repeated")
			require.Len(t, d.human.asked, 1)
		})
	}
}

func TestCancelAtThePrompt(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	d := newDesk(t, "", simcard.Options{}, &human{})
	d.human.meanwhile = cancel
	_, err := command.Authenticate(ctx, d.environment(), "ja", origin, challenge)
	requireCode(t, protocol.Cancelled, err)
	require.Zero(t, d.verified())
	d.requireLocked(t)
}

func TestWaitThatEndsTellsWhatItWaitedFor(t *testing.T) {
	d := newDesk(t, "", simcard.Options{}, &human{})
	d.card.Remove()
	e := d.environment()
	e.Wait = 10 * time.Millisecond
	_, err := command.Authenticate(context.Background(), e, "ja", origin, challenge)
	requireCode(t, protocol.NoCard, err)
	require.Equal(t, []command.Waiting{{Presence: command.NoCard}}, d.human.waiting)

	e.Wait = 0
	_, err = command.Authenticate(context.Background(), e, "ja", origin, challenge)
	requireCode(t, protocol.NoCard, err)

	e.Reader = "another reader"
	_, err = command.Authenticate(context.Background(), e, "ja", origin, challenge)
	requireCode(t, protocol.NoReader, err)

	ctx, cancel := context.WithCancel(context.Background())
	e.Wait = time.Minute
	time.AfterFunc(10*time.Millisecond, cancel)
	_, err = command.Authenticate(ctx, e, "ja", origin, challenge)
	requireCode(t, protocol.NoReader, err)
}

func TestCertificateOutsideItsValidityIsRefusedBeforeThePrompt(t *testing.T) {
	for validity, code := range map[simcard.Validity]protocol.Code{
		simcard.Expired: protocol.CertificateExpired, simcard.NotYetValid: protocol.CertificateNotYetValid,
	} {
		d := newDesk(t, "", simcard.Options{Validity: validity}, &human{pins: []string{rightPIN}})
		_, err := authenticate(d)
		requireCode(t, code, err)
		require.Empty(t, d.human.asked)

		d = newDesk(t, "", simcard.Options{Validity: validity}, &human{pins: []string{signPIN}})
		_, err = sign(d, document("a", "a"))
		requireCode(t, code, err)
		d.requireLocked(t)
	}
}

func TestCardThatCannotLogInIsRefusedBeforeThePrompt(t *testing.T) {
	d := newDesk(t, "", simcard.Options{}, &human{pins: []string{rightPIN, signPIN}})
	d.instead = func(command []byte) []byte {
		if bytes.Equal(command, []byte{0x00, 0xA4, 0x02, 0x0C, 0x02, 0x00, 0x0A}) {
			return []byte{0x6A, 0x82} // no authentication certificate
		}
		return nil
	}
	_, err := authenticate(d)
	requireCode(t, protocol.CertificateAbsent, err)
	require.Empty(t, d.human.asked)

	d.human.pins = []string{signPIN}
	_, err = sign(d, document("a", "a"))
	require.NoError(t, err, "a signature needs nothing of it")

	garbage := newDesk(t, "garbage-cert", simcard.Options{}, &human{pins: []string{rightPIN}})
	_, err = authenticate(garbage)
	requireCode(t, protocol.CardFault, err)
	require.Empty(t, garbage.human.asked)
}

func TestCancelWhileTheCardWorks(t *testing.T) {
	for _, cancelAt := range []byte{0x20, 0x2A} { // VERIFY, COMPUTE DIGITAL SIGNATURE
		for name, operate := range map[string]func(context.Context, command.Environment) error{
			"log in": func(ctx context.Context, e command.Environment) error {
				_, err := command.Authenticate(ctx, e, "ja", origin, challenge)
				return err
			},
			"sign": func(ctx context.Context, e command.Environment) error {
				_, err := command.Sign(ctx, e, command.SignRequest{Lang: "ja", Origin: origin, Documents: []command.Document{document("a", "a")}})
				return err
			},
		} {
			t.Run(name, func(t *testing.T) {
				ctx, cancel := context.WithCancel(context.Background())
				pin := map[string]string{"log in": rightPIN, "sign": signPIN}[name]
				d := newDesk(t, "", simcard.Options{}, &human{pins: []string{pin}})
				d.instead = func(command []byte) []byte {
					if command[1] == cancelAt && len(command) > 4 {
						cancel()
					}
					return nil
				}
				requireCode(t, protocol.Cancelled, operate(ctx, d.environment()))
				require.Equal(t, 1, d.verified())
				d.requireLocked(t)
			})
		}
	}
}

// A secondReader stands before the simulated card's own, with a card that knows no application.
type secondReader struct{ *desk }

func (r secondReader) List() ([]card.Reader, <-chan struct{}, error) {
	list, changed, err := r.desk.List()
	return append([]card.Reader{{Name: "Other", Card: true}}, list...), changed, err
}

func (r secondReader) Connect(ctx context.Context, reader string) (card.Connection, error) {
	if reader != "Other" {
		return r.desk.Connect(ctx, reader)
	}
	return foreignCard{}, nil
}

type foreignCard struct{}

func (foreignCard) Transmit([]byte) ([]byte, error) { return []byte{0x6A, 0x82}, nil }
func (foreignCard) Begin(context.Context) error     { return nil }
func (foreignCard) End() error                      { return nil }
func (foreignCard) Close() error                    { return nil }
func (foreignCard) PowerOff() error                 { panic("the power of a stranger's card was cut") }

func TestCardWithoutTheApplicationIsPassedOver(t *testing.T) {
	d := newDesk(t, "", simcard.Options{}, &human{pins: []string{rightPIN}})
	e := d.environment()
	e.Readers = secondReader{d}
	_, err := command.Authenticate(context.Background(), e, "ja", origin, challenge)
	require.NoError(t, err)

	e.Wait = 0
	e.Reader = "Other"
	_, err = command.Authenticate(context.Background(), e, "ja", origin, challenge)
	requireCode(t, protocol.NotJPKI, err)

	e.Reader = ""
	d.card.Remove()
	_, err = command.Authenticate(context.Background(), e, "ja", origin, challenge)
	requireCode(t, protocol.NotJPKI, err)
}

func TestCardsThatMisbehave(t *testing.T) {
	for faults, code := range map[string]protocol.Code{
		"wrong-key": protocol.CardFault, "no-sign-cert": protocol.CertificateAbsent, "garbage-cert": protocol.CardFault, "overlong": protocol.CardFault,
	} {
		t.Run(faults, func(t *testing.T) {
			d := newDesk(t, faults, simcard.Options{}, &human{pins: []string{signPIN}})
			_, err := sign(d, document("a", "a"))
			requireCode(t, code, err)
			require.LessOrEqual(t, d.verified(), 1)
			d.requireLocked(t)
		})
	}
}

func sign(d *desk, documents ...command.Document) (*command.Signed, error) {
	return command.Sign(context.Background(), d.environment(), command.SignRequest{Lang: "ja", Origin: origin, Documents: documents})
}

func TestSignMakesOneCMSForEachDocument(t *testing.T) {
	for _, faults := range []string{"", "verify-each"} {
		d := newDesk(t, faults, simcard.Options{}, &human{pins: []string{"abc123"}})
		contents := []string{"<申請/>", "", "third"}
		var documents []command.Document
		for i, c := range contents {
			documents = append(documents, document(string(rune('a'+i)), c))
		}
		signed, err := sign(d, documents...)
		require.NoError(t, err)
		require.Len(t, signed.Signatures, 3)
		require.Equal(t, "foreign", signed.Issuer)
		require.Equal(t, "RS256", signed.Algorithm)
		require.Equal(t, 3, d.human.progress)
		for i, s := range signed.Signatures {
			requireOpenSSL(t, d, s.Bytes, contents[i])
		}
		require.Len(t, d.human.consents, 1)
		require.Len(t, d.human.asked, 1)
		require.Equal(t, d.human.consents[0].Request.Digest, d.human.asked[0].Digest, "window and dialog show one digest")
		if faults == "" {
			require.Equal(t, 1, d.verified())
		} else {
			require.Equal(t, 3, d.verified(), "the card asked for the PIN before each signature")
		}
		d.requireLocked(t)
	}
}

// requireOpenSSL lets openssl judge a detached CMS against the simulated CA.
func requireOpenSSL(t *testing.T, d *desk, cms []byte, content string) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, d.card.WriteTrust(dir))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "signature"), cms, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "content"), []byte(content), 0o600))
	out, err := exec.Command("openssl", "cms", "-verify", "-cades", "-inform", "DER", "-binary", "-purpose", "any",
		"-in", filepath.Join(dir, "signature"), "-content", filepath.Join(dir, "content"), "-CAfile", filepath.Join(dir, "sign-ca.pem"),
		"-out", os.DevNull).CombinedOutput()
	require.NoError(t, err, "openssl (make deps installs it): %s", out)
}

func TestSignRaw(t *testing.T) {
	d := newDesk(t, "", simcard.Options{}, &human{pins: []string{signPIN}})
	long := sha512.Sum512([]byte("b"))
	signed, err := sign(d, command.RawDocument("a", sum(sha256.New(), "a"), protocol.SHA256), command.RawDocument("b", long[:], protocol.SHA512))
	require.NoError(t, err)
	c, err := x509.ParseCertificate(signed.Certificate)
	require.NoError(t, err)
	key := c.PublicKey.(*rsa.PublicKey)
	short := sha256.Sum256([]byte("a"))
	require.NoError(t, rsa.VerifyPKCS1v15(key, crypto.SHA256, short[:], signed.Signatures[0].Bytes))
	require.NoError(t, rsa.VerifyPKCS1v15(key, crypto.SHA512, long[:], signed.Signatures[1].Bytes))
}

func TestSignADigestOfEveryHash(t *testing.T) {
	for name, digest := range map[protocol.Hash][]byte{
		protocol.SHA256: sum(sha256.New(), "content"), protocol.SHA384: sum(sha512.New384(), "content"), protocol.SHA512: sum(sha512.New(), "content"),
	} {
		d := newDesk(t, "", simcard.Options{}, &human{pins: []string{signPIN}})
		document, err := command.CMSDocument("a", digest, name, command.CMSOptions{})
		require.NoError(t, err)
		signed, err := sign(d, document)
		require.NoError(t, err)
		requireOpenSSL(t, d, signed.Signatures[0].Bytes, "content")
	}
}

func sum(h hash.Hash, content string) []byte {
	h.Write([]byte(content))
	return h.Sum(nil)
}

func TestRefusedDocumentsAskForNoPIN(t *testing.T) {
	d := newDesk(t, "", simcard.Options{}, &human{refuse: true, pins: []string{signPIN}})
	_, err := sign(d, document("a", "a"))
	requireCode(t, protocol.Cancelled, err)
	require.Empty(t, d.human.asked)
}

func TestStatusSpendsNoTry(t *testing.T) {
	d := newDesk(t, "sign-tries=2", simcard.Options{}, &human{})
	status, err := command.Status(context.Background(), d.environment())
	require.NoError(t, err)
	require.Len(t, status.Readers, 1)
	r := status.Readers[0]
	require.Equal(t, "card", r.Token)
	require.Equal(t, 3, r.Authentication.TriesLeft)
	require.NotNil(t, r.Authentication.NotAfter)
	require.Equal(t, "foreign", r.Authentication.Issuer)
	require.Equal(t, 2, r.Signature.TriesLeft)
	require.Zero(t, d.verified())
	require.Zero(t, d.powerOff, "what other programs did with the card is theirs")

	phone := newDesk(t, "phone", simcard.Options{}, &human{})
	status, err = command.Status(context.Background(), phone.environment())
	require.NoError(t, err)
	require.Equal(t, "android", status.Readers[0].Token)
	require.Nil(t, status.Readers[0].Authentication.NotAfter)

	// What was looked for and is not there is absent, whatever the card's hint says.
	absent := newDesk(t, "no-auth-cert,hint=8F8F00", simcard.Options{}, &human{})
	status, err = command.Status(context.Background(), absent.environment())
	require.NoError(t, err)
	require.Equal(t, "no", status.Readers[0].Authentication.Present)
}

func TestCertificateNeedsThePINOnlyWhereTheCardDoes(t *testing.T) {
	d := newDesk(t, "", simcard.Options{}, &human{pins: []string{signPIN}})
	for _, name := range []string{"auth", "auth-ca", "sign-ca", "sign"} {
		der, err := command.Certificate(context.Background(), d.environment(), "en", name)
		require.NoError(t, err)
		_, err = x509.ParseCertificate(der)
		require.NoError(t, err)
		if name != "sign" {
			require.Zero(t, d.verified())
		}
	}
	require.Equal(t, 1, d.verified())
	d.requireLocked(t)
	_, err := command.Certificate(context.Background(), d.environment(), "en", "other")
	requireCode(t, protocol.InvalidRequest, err)
}
