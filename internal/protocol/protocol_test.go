package protocol_test

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/digestinfo"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/internal/rules"
	"github.com/natsuin/natsuin/verify"
)

func golden(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	require.NoError(t, err)
	return bytes.TrimSuffix(text, []byte("\n"))
}

const challenge = "dGhpcyBpcyBhIGNoYWxsZW5nZSBvZiB0aGlydHktdHdv"

var emptyDigest = []byte{0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
	0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55}

func TestDecodeReadsTheGoldenMessages(t *testing.T) {
	for name, want := range map[string]protocol.Message{
		"extension-hello": &protocol.Greeting{Version: "0.1.0", Protocol: 1},
		"request-status":  &protocol.Request{ID: "r-1", Command: protocol.Status, Lang: "ja"},
		"request-authenticate": &protocol.Request{ID: "r-2", Command: protocol.Authenticate, Lang: "ja",
			Origin: "https://shinsei.example", WindowPIN: true, Challenge: challenge},
		"request-sign": &protocol.Request{ID: "r-3", Command: protocol.Sign, Lang: "ja",
			Origin: "https://shinsei.example", WindowPIN: true, Format: protocol.CMS, Hash: protocol.SHA256, Documents: []protocol.Document{
				{Name: "申請書.xml", Size: 9},
				{Name: "図面.pdf", Size: -1, Digest: emptyDigest, Hash: protocol.SHA256},
			}},
		"request-sign-pdf": &protocol.Request{ID: "r-10", Command: protocol.Sign, Lang: "ja", Origin: "https://shinsei.example",
			WindowPIN: true, Format: protocol.PDF, Profile: "moj", Hash: protocol.SHA256, Documents: []protocol.Document{
				{Name: "定款.pdf", Size: 1532}, {Name: "議事録.pdf", Size: 9}},
			Seal: &protocol.Seal{Page: 1, X: 400, Y: 700, Size: 60, Ring: true, Text: "見本"}},
		"request-sign-pdf-picture": &protocol.Request{ID: "r-11", Command: protocol.Sign, Lang: "ja", Origin: "https://shinsei.example",
			WindowPIN: true, Format: protocol.PDF, Profile: "pades", Hash: protocol.SHA512, Documents: []protocol.Document{{Name: "定款.pdf", Size: 1532}},
			Seal: &protocol.Seal{Page: 2, Size: 8, Picture: []byte("\x89PNG\r\n\x1a\n")}},
		"request-sign-xml": &protocol.Request{ID: "r-12", Command: protocol.Sign, Lang: "ja", Origin: "https://shinsei.example",
			WindowPIN: true, Format: protocol.XML, Profile: "enveloped", Hash: protocol.SHA384, XAdES: true, Elements: []string{"申請", "d1"},
			Documents: []protocol.Document{{Name: "申請書.xml", Size: 9}}},
		"request-sign-xml-files": &protocol.Request{ID: "r-13", Command: protocol.Sign, Lang: "ja", Origin: "https://shinsei.example",
			WindowPIN: true, Format: protocol.XML, Profile: "egov", Hash: protocol.SHA256, Documents: []protocol.Document{{Name: "kousei.xml", Size: 9}},
			Files: []protocol.Document{{Name: "添付書類.pdf", Size: 1532}, {Name: "図面.pdf", Size: -1, Digest: emptyDigest, Hash: protocol.SHA256}}},
		"request-sign-cosign": &protocol.Request{ID: "r-14", Command: protocol.Sign, Lang: "ja", Origin: "https://shinsei.example",
			WindowPIN: true, Format: protocol.CMS, Hash: protocol.SHA256, Documents: []protocol.Document{
				{Name: "契約書.pdf", Size: 9, Message: []byte{0x30, 0x82, 0x01}},
				{Name: "図面.pdf", Size: -1, Digest: emptyDigest, Hash: protocol.SHA256, Message: []byte{0x30, 0x82, 0x02}}}},
		"request-verify": &protocol.Request{ID: "r-15", Command: protocol.Verify, Lang: "ja", WithAttributes: true,
			Documents: []protocol.Document{{Name: "申請書.xml", Size: 123}}, Files: []protocol.Document{{Name: "図面.pdf", Size: 9}}},
		"request-portal-login": &protocol.Request{ID: "r-16", Command: protocol.PortalLogin, Lang: "ja", Origin: "https://myna.go.jp",
			WindowPIN: true, ServiceID: "01", Prepared: []digestinfo.Value{prepared(t, "", sha256.New())}},
		"request-portal-sign": &protocol.Request{ID: "r-17", Command: protocol.PortalSign, Lang: "ja", Origin: "https://myna.go.jp",
			WindowPIN: true, Reader: "Natsuin Test Reader 00 00", ServiceID: "01", Prepared: []digestinfo.Value{
				prepared(t, "3031300d060960864801650304020105000420", sha256.New()), prepared(t, "3041300d060960864801650304020205000430", sha512.New384()),
				prepared(t, "3051300d060960864801650304020305000440", sha512.New())},
			Identifier: &[16]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}},
		"request-portal-attributes": &protocol.Request{ID: "r-18", Command: protocol.PortalAttributes, Lang: "en", Origin: "https://www.city.lg.jp",
			PINPad: true, ServiceID: "01"},
		"request-sign-raw": &protocol.Request{ID: "r-4", Command: protocol.Sign, Lang: "en", Origin: "http://localhost:8080",
			WindowPIN: true, Format: protocol.Raw, Hash: protocol.SHA256, Documents: []protocol.Document{{Name: "empty"}}},
		"request-certificate": &protocol.Request{ID: "r-5", Command: protocol.Certificate, Lang: "ja", WindowPIN: true,
			Reader: "Natsuin Test Reader 00 00", PIN: protocol.SignaturePIN},
		"request-attributes": &protocol.Request{ID: "r-6", Command: protocol.Attributes, Lang: "ja", WindowPIN: false, PINPad: true, Compare: true},
		"request-change-pin": &protocol.Request{ID: "r-7", Command: protocol.ChangePIN, Lang: "en", WindowPIN: true,
			PIN: protocol.CardSurfacePIN, BirthDate: rules.Date{Year: 1990, Month: 1, Day: 31}},
		"request-validity": &protocol.Request{ID: "r-8", Command: protocol.Validity, Lang: "ja", Holder: rules.Holder{
			Birth: rules.Date{Year: 1990, Month: 1, Day: 31}, Issued: rules.Date{Year: 2024, Month: 5, Day: 1}, Foreign: true,
			StayUntil: rules.Date{Year: 2027, Month: 3, Day: 31}}},
		"request-desks": &protocol.Request{ID: "r-9", Command: protocol.Desks, Lang: "ja"},
		"answer-reader": &protocol.Answer{ID: "r-6", Prompt: 1, Accept: true, Reader: "Natsuin Test Reader 00 00"},
		"chunk":         &protocol.Chunk{ID: "r-3", Document: 0, Data: []byte("<申請/>")},
		"answer":        &protocol.Answer{ID: "r-3", Prompt: 1, Accept: true},
		"cancel":        &protocol.Cancel{ID: "r-3"},
		"pin":           &protocol.PIN{ID: "r-3", Prompt: 3, Bytes: []byte("ABC123")},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := protocol.Decode(golden(t, name))
			require.NoError(t, err)
			require.Equal(t, want, got)
		})
	}
}

// prepared is the hash of nothing behind a header, as a page would hand it over.
func prepared(t *testing.T, header string, h hash.Hash) digestinfo.Value {
	t.Helper()
	before, err := hex.DecodeString(header)
	require.NoError(t, err)
	v, err := digestinfo.Parse(h.Sum(before), digestinfo.Policy{Bare: true})
	require.NoError(t, err)
	return v
}

func TestEncodeWritesTheGoldenMessages(t *testing.T) {
	card := protocol.CardInfo{Token: "card", Issuer: "foreign"}
	signature := func(left int, problem string) *protocol.PINState {
		return &protocol.PINState{PIN: "signature", TriesLeft: left, MaxTries: 5, Problem: problem, Card: card}
	}
	one, zero := 1, 0
	notBefore := time.Date(2025, 1, 6, 1, 2, 3, 0, time.UTC)
	notAfter := time.Date(2030, 5, 14, 14, 59, 59, 0, time.UTC)
	standing := rules.StandingAt(notBefore, notAfter, notBefore)
	four := protocol.FourAttributes{Name: "見本　太郎", Address: "東京都千代田区見本町一丁目１番１号", BirthDate: "1990-01-31",
		Sex: "male", SexCode: "1", Substitutes: []string{"name"}}
	blocked := protocol.Fail(protocol.PINBlocked, nil).WithTries(zero)
	blocked.PIN, blocked.Token = protocol.SignaturePIN, "card"
	refused := protocol.Fail(protocol.DocumentRefused, nil)
	refused.Field, refused.Reason = "documents[1]", string(protocol.Encrypted)
	for name, message := range map[string]any{
		"hello":          protocol.NewHello("0.1.0", "dialog"),
		"received":       protocol.Received{ID: "r-3", Document: 0, Bytes: 1532},
		"card-no-reader": protocol.CardPresence{ID: "r-2", Presence: "no-reader"},
		"card-no-card":   protocol.CardPresence{ID: "r-2", Presence: "no-card"},
		"card-present":   protocol.CardPresence{ID: "r-2", Presence: "present", Reader: "Natsuin Test Reader 00 00"},
		"dialog": protocol.Dialog{ID: "r-2", PINState: protocol.PINState{
			PIN: "authentication", TriesLeft: 2, MaxTries: 3, Problem: "wrong", Card: card}},
		"prompt-consent": protocol.Prompt{ID: "r-3", Prompt: 1, Kind: "consent", Digest: strings.Repeat("6b", 32),
			Hidden: &one, PINState: signature(5, "")},
		"prompt-consent-pdf": protocol.Prompt{ID: "r-10", Prompt: 1, Kind: "consent", Digest: strings.Repeat("6b", 32),
			Hidden: &zero, Pages: []int{3, 120}, Seal: []byte("\x89PNG\r\n\x1a\n"), PINState: signature(5, "")},
		"prompt-consent-portal": protocol.Prompt{ID: "r-17", Prompt: 1, Kind: "consent", PINState: signature(5, ""), Digests: &[]protocol.ChosenDigest{
			protocol.NewChosenDigest(prepared(t, "3031300d060960864801650304020105000420", sha256.New())), protocol.NewChosenDigest(prepared(t, "", sha256.New()))}},
		"prompt-consent-portal-attributes": protocol.Prompt{ID: "r-18", Prompt: 1, Kind: "consent", Digests: &[]protocol.ChosenDigest{},
			PINState: &protocol.PINState{PIN: protocol.CardSurfacePIN, TriesLeft: 3, MaxTries: 3, Card: card}},
		"prompt-last-try": protocol.Prompt{ID: "r-3", Prompt: 2, Kind: "last-try", PINState: signature(1, "")},
		"prompt-pin":      protocol.Prompt{ID: "r-3", Prompt: 3, Kind: "pin", PINState: signature(4, "wrong")},
		"prompt-pin-new": protocol.Prompt{ID: "r-7", Prompt: 2, Kind: "pin", PINState: &protocol.PINState{
			PIN: protocol.CardSurfacePIN, Purpose: "new", TriesLeft: 3, MaxTries: 3, Problem: "different", Card: card}},
		"prompt-weak-pin": protocol.Prompt{ID: "r-7", Prompt: 3, Kind: "weak-pin", Reasons: []string{"sequence", "birth-date"},
			PINState: &protocol.PINState{PIN: protocol.CardSurfacePIN, Purpose: "new", TriesLeft: 3, MaxTries: 3, Card: card}},
		"prompt-choose-reader": protocol.Prompt{ID: "r-6", Prompt: 1, Kind: "choose-reader", Readers: []protocol.Candidate{
			{Name: "Natsuin Test Reader 00 00", Token: "card"}, {Name: "Natsuin Test Reader 00 01", Token: "android"}}},
		"prompt-pad": protocol.Prompt{ID: "r-2", Prompt: 1, Kind: "pad", PINState: &protocol.PINState{
			PIN: protocol.AuthenticationPIN, TriesLeft: 3, MaxTries: 3, Card: card}},
		"pad": protocol.Pad{ID: "r-2", Seconds: 60, PINState: protocol.PINState{
			PIN: protocol.AuthenticationPIN, TriesLeft: 3, MaxTries: 3, Card: card}},
		"card-other": protocol.CardPresence{ID: "r-2", Presence: "no-card", Other: []string{"Yubico YubiKey OTP+FIDO+CCID 00 00"}},
		"gone":       protocol.Gone{ID: "r-3", Prompt: 3},
		"progress":   protocol.Progress{ID: "r-3", Done: 3, Total: 100},
		"signature":  protocol.Signature{ID: "r-3", Document: 0, Last: true, Data: []byte{0x30, 0x82, 0x01}},
		"result-sign": protocol.Result{ID: "r-3", Result: protocol.Signed{
			Certificate: []byte{0x30, 0x82, 0x05}, Algorithm: "RS256", Issuer: "foreign"}},
		"result-portal-login": protocol.Result{ID: "r-16", Result: protocol.PortalLoggedIn{
			Signature: bytes.Repeat([]byte{1}, 256), Certificate: []byte{0x30, 0x82, 0x05}}},
		"result-portal-sign": protocol.Result{ID: "r-17", Result: protocol.PortalSigned{Signatures: [][]byte{bytes.Repeat([]byte{1}, 256)},
			Certificate: []byte{0x30, 0x82, 0x05}, CombinationCode: "25fefd1edd16ed47fe1f05a91ae0f7b0d1bde1196c539466e68c3b9acdb2950a"}},
		"result-portal-attributes": protocol.Result{ID: "r-18", Result: protocol.PortalDisclosed{
			Name: "見本　太郎", Sex: "1", Address: "東京都千代田区見本町一丁目１番１号", Birthday: "19900131"}},
		"result-status": protocol.Result{ID: "r-1", Result: protocol.CardStatus{Readers: []protocol.ReaderStatus{
			{Name: "Natsuin Test Reader 00 00", Card: true, Token: "card", Label: "JPKIAPICCTOKEN2",
				PINPad: true,
				Authentication: &protocol.SlotStatus{PINStatus: protocol.PINStatus{TriesLeft: 3, MaxTries: 3}, Present: "yes",
					NotBefore: &notBefore, NotAfter: &notAfter, Issuer: "foreign", Standing: &standing},
				Signature:   &protocol.SlotStatus{PINStatus: protocol.PINStatus{TriesLeft: 5, MaxTries: 5}, Present: "no"},
				CardSurface: &protocol.PINStatus{TriesLeft: 2, MaxTries: 3}},
			{Name: "Natsuin Test Reader 00 01"},
			{Name: "Other", Card: true, Error: &protocol.Error{Code: protocol.NotJPKI}},
		}}},
		"result-certificate": protocol.Result{ID: "r-5", Result: protocol.CertificateDetails{
			Slot: protocol.SignaturePIN, Issuer: "foreign", Serial: "705d990",
			NotBefore: notBefore, NotAfter: notAfter, Standing: standing, Attributes: &four}},
		"result-attributes": protocol.Result{ID: "r-6", Result: protocol.AttributesResult{
			Attributes: four, Certificate: &four, Differences: &[]string{"address"},
			SignatureCertificate: &protocol.CertificateDetails{Slot: protocol.SignaturePIN, Issuer: "foreign", Serial: "705d990",
				NotBefore: notBefore, NotAfter: notAfter, Standing: standing}}},
		"result-change-pin": protocol.Result{ID: "r-7", Result: protocol.PINChanged{
			PIN: protocol.CardSurfacePIN, PINStatus: protocol.PINStatus{TriesLeft: 3, MaxTries: 3}}},
		"result-validity": protocol.Result{ID: "r-8", Result: rules.Validity{
			Card:           rules.End{Until: rules.Date{Year: 2034, Month: 1, Day: 31}, UntilIf20: rules.Date{Year: 2029, Month: 1, Day: 31}, Topic: "validity-20-for-18"},
			Authentication: rules.End{ByResidence: true, Topic: "foreign-residents"},
			Signature:      rules.End{Never: true, Topic: "under-15"}}},
		"result-desks": protocol.Result{ID: "r-9", Result: protocol.DeskList{Desks: rules.Desks()[:1]}},
		"error":        protocol.Failure{ID: "r-3", Error: blocked},
		"result-verify": protocol.Result{ID: "r-15", Result: protocol.Verified{Document: verified(notBefore, notAfter), Words: map[string]string{
			"format/xml": "XML", "rule/revocation": "電子証明書が失効していない", "outcome/not-checked": "確認していません"}}},
		"result-verify-refusal": protocol.Result{ID: "r-15", Result: protocol.Verified{
			Refusal: &protocol.Unjudged{Reason: verify.SignatureAbsent, Detail: "the document has no signature"},
			Words:   map[string]string{"reason/SIGNATURE_ABSENT": "署名がありません。"}}},
		"error-version": protocol.Failure{Error: (&protocol.Greeting{Version: "0.1.0", Protocol: protocol.Oldest - 1}).Fits()},
		"error-refused": protocol.Failure{ID: "r-10", Error: refused},
		"error-invalid": protocol.Failure{Error: protocol.Invalid("documents[3].digest", "is wrong")},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := protocol.Encode(message)
			require.NoError(t, err)
			require.Equal(t, string(golden(t, name)), string(got))
		})
	}
}

// verified is what verify could have found in an XML document with a file.
func verified(notBefore, notAfter time.Time) *verify.Document {
	return &verify.Document{Format: verify.XML, Size: 123, At: notBefore, Accepted: true, MissingRoots: []verify.Root{},
		Signatures: []verify.DocumentSignature{{Place: "/申請[1]/ds:Signature[1]", Outcome: verify.Passed,
			Checks: []verify.Check{{Rule: verify.RuleSignature, Outcome: verify.Passed}, {Rule: verify.RuleRevocation, Outcome: verify.NotChecked}},
			Covers: verify.Coverage{References: []verify.Reference{{URI: "#a", Scope: "element", Start: 3, End: 40, Path: "/申請[1]/本文[1]"}, {URI: "%E5%9B%B3%E9%9D%A2.pdf", Scope: "file", File: "図面.pdf"}},
				Unsigned: []verify.Part{{Kind: "tag", Start: 0, End: 3, Path: "/申請[1]"}}},
			Claims: verify.Claims{SigningTime: notBefore},
			Signer: &verify.Signer{Serial: "705D990", SHA256: strings.Repeat("6B", 32), NotBefore: notBefore, NotAfter: notAfter, Policies: []string{"1.2.392.200149.8.5.1.1.10"},
				Anchor: &verify.Anchor{Origin: "added", Name: "CN=模擬", Hierarchy: "signature", SHA256: strings.Repeat("6C", 32)}}}}}
}

func TestDecodeNamesTheFieldThatIsWrong(t *testing.T) {
	var bad []struct{ Name, Frame, Field string }
	require.NoError(t, json.Unmarshal(golden(t, "bad"), &bad))
	require.NotEmpty(t, bad)
	for _, b := range bad {
		t.Run(b.Name, func(t *testing.T) {
			_, err := protocol.Decode([]byte(b.Frame))
			var e *protocol.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, protocol.InvalidRequest, e.Code)
			require.Equal(t, b.Field, e.Field, "%v", err)
		})
	}
}

// Messages too large for a golden file.
func TestDecodeBoundsMessagesToCosign(t *testing.T) {
	for name, c := range map[string]struct {
		sizes []int
		field string
	}{
		"one at its limit":    {[]int{protocol.MaxMessage}, ""},
		"one above it":        {[]int{protocol.MaxMessage + 1}, "documents[0].message"},
		"all at their limit":  {[]int{1 << 20, 1 << 20, 1 << 20, 1 << 20}, ""},
		"together above it":   {[]int{1 << 20, 1 << 20, 1 << 20, 1 << 20, 1}, "documents"},
		"nothing in the last": {[]int{1, 0}, "documents[1].message"},
	} {
		t.Run(name, func(t *testing.T) {
			var documents []string
			for _, size := range c.sizes {
				documents = append(documents, fmt.Sprintf(`{"name":"a","size":1,"message":%q}`, base64.StdEncoding.EncodeToString(make([]byte, size))))
			}
			_, err := protocol.Decode(fmt.Appendf(nil, `{"type":"request","id":"r","command":"sign","lang":"ja","origin":"https://a.example","format":"cms","documents":[%s]}`, strings.Join(documents, ",")))
			if c.field == "" {
				require.NoError(t, err)
				return
			}
			var e *protocol.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, c.field, e.Field)
		})
	}
}

func TestRequestIDTellsTheIDOfAnInvalidRequest(t *testing.T) {
	require.Equal(t, "r-9", protocol.RequestID([]byte(`{"type":"request","id":"r-9","command":"no"}`)))
	require.Empty(t, protocol.RequestID([]byte(`{"id":"not an id"}`)))
	require.Empty(t, protocol.RequestID([]byte(`nonsense`)))
	require.Empty(t, protocol.RequestID([]byte(`{"type":"pin","id":"r","prompt":1,"pin":"1234"}`)), "a PIN must not meet encoding/json")
}

func TestPINFrameIsDecodedInPlace(t *testing.T) {
	frame := golden(t, "pin")
	message, err := protocol.Decode(frame)
	require.NoError(t, err)
	pin := message.(*protocol.PIN).Bytes
	clear(frame)
	require.Equal(t, make([]byte, 6), pin, "wiping the frame wipes the PIN")
}

func TestEveryCodeStandsInTheTable(t *testing.T) {
	var table []struct {
		Code protocol.Code
		Who  []string
		Exit *int
	}
	require.NoError(t, json.Unmarshal(golden(t, "codes"), &table))
	doc, err := os.ReadFile("../../docs/protocol.md")
	require.NoError(t, err)
	hosts := 0
	for _, row := range table {
		require.Contains(t, string(doc), "| `"+string(row.Code)+"` | "+strings.Join(row.Who, ", ")+" |")
		if row.Exit != nil {
			hosts++
			require.Equal(t, *row.Exit, row.Code.Exit(), row.Code)
		}
	}
	require.Equal(t, len(protocol.Codes()), hosts, "codes of the host")
	require.Equal(t, len(table), strings.Count(string(doc), "\n| `")-strings.Count(string(doc), "\n| `natsuin"), "rows of docs/protocol.md")
}

func TestEveryRefusalStandsInTheTable(t *testing.T) {
	var list []protocol.Refusal
	require.NoError(t, json.Unmarshal(golden(t, "codes-refused"), &list))
	require.Equal(t, protocol.Refusals(), list)
	doc, err := os.ReadFile("../../docs/protocol.md")
	require.NoError(t, err)
	_, table, found := strings.Cut(string(doc), "## Documents that are refused")
	require.True(t, found)
	for _, refusal := range list {
		require.Contains(t, table, "\n* `"+string(refusal)+"`: ")
	}
	require.Equal(t, len(list), strings.Count(table, "\n* `"))
}

// Whatever decodes is within the limits that the packages below rely on; whatever does not is an
// InvalidRequest with a field.
func FuzzDecode(f *testing.F) {
	names, err := filepath.Glob("testdata/*.json")
	require.NoError(f, err)
	require.NotEmpty(f, names)
	for _, name := range names {
		text, err := os.ReadFile(name)
		require.NoError(f, err)
		f.Add(bytes.TrimSuffix(text, []byte("\n")))
	}
	var bad []struct{ Frame string }
	require.NoError(f, json.Unmarshal(golden(f, "bad"), &bad))
	for _, b := range bad {
		f.Add([]byte(b.Frame))
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		message, err := protocol.Decode(bytes.Clone(frame))
		if err != nil {
			var e *protocol.Error
			require.True(t, errors.As(err, &e))
			require.Equal(t, protocol.InvalidRequest, e.Code)
			require.NotEmpty(t, e.Field)
			require.LessOrEqual(t, len(e.Field), 200)
			return
		}
		switch m := message.(type) {
		case *protocol.Request:
			switch m.Command {
			case protocol.PortalLogin, protocol.PortalSign, protocol.PortalAttributes:
				require.Regexp(t, `^https://[a-z0-9._-]+\.(go|lg)\.jp$`, m.Origin)
				requireChosen(t, m)
				fallthrough
			case protocol.Authenticate, protocol.Sign:
				require.NoError(t, verify.ValidOrigin(m.Origin))
			default:
				require.False(t, m.FromPage(), "only the requests of pages have an origin")
			}
			requireBounded(t, m)
		case *protocol.Chunk:
			require.NotEmpty(t, m.Data)
			require.LessOrEqual(t, len(m.Data), protocol.MaxChunk)
		case *protocol.PIN:
			require.LessOrEqual(t, len(m.Bytes), protocol.MaxPIN)
		case *protocol.Greeting:
			require.Regexp(t, `^[0-9A-Za-z.+~-]{1,64}$`, m.Version)
			require.Equal(t, m.Protocol >= protocol.Oldest && m.Protocol <= protocol.Version, m.Fits() == nil)
		}
	})
}

// requireChosen holds what the packages below rely on in what a government page asks for.
func requireChosen(t *testing.T, r *protocol.Request) {
	count := map[protocol.Command][2]int{protocol.PortalLogin: {1, 1}, protocol.PortalSign: {1, protocol.MaxDigests}}[r.Command]
	require.GreaterOrEqual(t, len(r.Prepared), count[0])
	require.LessOrEqual(t, len(r.Prepared), count[1])
	for _, v := range r.Prepared {
		require.Contains(t, []int{32, 35, 48, 51, 64, 67, 83}, len(v.Bytes()))
		require.Len(t, protocol.NewChosenDigest(v).First, 8)
	}
	require.True(t, r.Identifier == nil || r.Command != protocol.PortalLogin)
	require.Regexp(t, `^[ -~]{1,64}$`, r.ServiceID)
}

// requireBounded holds what the packages below rely on in a request with documents.
func requireBounded(t *testing.T, r *protocol.Request) {
	var total int64
	for _, d := range append(r.Documents, r.Files...) {
		require.NoError(t, protocol.CheckName(d.Name))
		require.LessOrEqual(t, len(d.Message), protocol.MaxMessage)
		if d.Hidden() {
			require.Len(t, d.Digest, d.Hash.Crypto().Size())
			require.False(t, r.Attached || r.Command == protocol.Verify || r.Format == protocol.PDF, "a digest where the content is needed")
			continue
		}
		total += d.Size
	}
	require.LessOrEqual(t, total, int64(protocol.MaxTotal))
	for _, f := range r.Files {
		require.NoError(t, protocol.CheckFileName(f.Name))
		require.Len(t, r.Documents, 1)
	}
	if r.Format == protocol.PDF || r.Format == protocol.XML {
		require.Contains(t, protocol.Profiles(r.Format), r.Profile)
	}
	if r.Seal != nil {
		require.Equal(t, protocol.PDF, r.Format)
		require.NotEqual(t, r.Seal.Text == "", r.Seal.Picture == nil, "a text or a picture")
	}
	require.LessOrEqual(t, len(r.Elements), protocol.MaxElements)
}
