//go:build linux || darwin

package prompt

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
)

const digest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// signRequest is a signature in all its detail.
var signRequest = Request{
	PIN: Signature, Operation: Sign, Origin: "https://shinsei.example", Documents: 3, Digest: digest,
	TriesLeft: 4, MaxTries: 5, Lang: Japanese,
}

var loginRequest = Request{
	PIN: Authentication, Operation: Login, Origin: "https://shinsei.example", TriesLeft: 3, MaxTries: 3, Lang: Japanese,
}

// changeRequest asks for the new PIN of a change that the extension's own page began.
var changeRequest = Request{PIN: Signature, Operation: ChangePIN, Purpose: New, OwnPage: true, Lang: Japanese}

// with changes a copy of a request.
func with(r Request, change func(*Request)) Request {
	change(&r)
	return r
}

func TestDescription(t *testing.T) {
	for name, test := range map[string]struct {
		request Request
		want    string
	}{
		"login": {loginRequest, "要求元：https://shinsei.example\n操作：マイナンバーカードによるログイン\n\n" +
			"利用者証明用電子証明書の暗証番号（数字4桁）を入力してください。\n残り3回です（あと3回間違えるとロックされます）。"},
		"signature": {signRequest, "要求元：https://shinsei.example\n操作：電子署名\n文書：3件\n文書の確認用ダイジェスト（SHA-256）：\n" +
			"01234567 89abcdef 01234567 89abcdef\n01234567 89abcdef 01234567 89abcdef\n\n" +
			"署名用電子証明書の暗証番号（英数字6〜16桁）を入力してください。\n残り4回です（あと4回間違えるとロックされます）。"},
		"signature, English": {with(signRequest, func(r *Request) { r.Lang = English }), "Requested by: https://shinsei.example\n" +
			"For: your electronic signature\nDocuments: 3\nDigest of the documents (SHA-256):\n" +
			"01234567 89abcdef 01234567 89abcdef\n01234567 89abcdef 01234567 89abcdef\n\n" +
			"Enter the PIN of your signature certificate (署名用, 6 to 16 letters and digits).\nTries left: 4 (4 more wrong ones block it)."},
		"last try": {with(loginRequest, func(r *Request) { r.TriesLeft = 1 }), "要求元：https://shinsei.example\n" +
			"操作：マイナンバーカードによるログイン\n\n利用者証明用電子証明書の暗証番号（数字4桁）を入力してください。\n" +
			"残り1回です。間違えるとロックされ、市区町村の窓口などでの手続きが必要になります。"},
		"a government page's login": {with(loginRequest, func(r *Request) { r.Operation, r.Origin = PortalLogin, "https://myna.go.jp" }), "要求元：https://myna.go.jp\n" +
			"操作：行政のページへのログイン（ページが選んだデータへの署名）\n\n利用者証明用電子証明書の暗証番号（数字4桁）を入力してください。\n残り3回です（あと3回間違えるとロックされます）。"},
		"a government page's signatures": {with(signRequest, func(r *Request) {
			r.Operation, r.Origin, r.Documents, r.Values, r.Digest = PortalSign, "https://myna.go.jp", 0, 3, ""
		}), "要求元：https://myna.go.jp\n" +
			"操作：行政のページでの電子署名（ページが選んだデータ 3件）\n\n署名用電子証明書の暗証番号（英数字6〜16桁）を入力してください。\n残り4回です（あと4回間違えるとロックされます）。"},
		"command line": {with(signRequest, func(r *Request) { r.Operation, r.Origin, r.Documents, r.Digest = ReadCertificate, "", 0, "" }),
			"要求元：このパソコンのnatsuinコマンド\n操作：署名用電子証明書の内容の読み取り\n\n" +
				"署名用電子証明書の暗証番号（英数字6〜16桁）を入力してください。\n残り4回です（あと4回間違えるとロックされます）。"},
		"a card that is not J-LIS's": {with(loginRequest, func(r *Request) { r.Foreign = true }), "要求元：https://shinsei.example\n" +
			"操作：マイナンバーカードによるログイン\nカード：J-LISが発行したものではありません（模擬カードなど）\n\n" +
			"利用者証明用電子証明書の暗証番号（数字4桁）を入力してください。\n残り3回です（あと3回間違えるとロックされます）。"},
		"a pad that was wanted": {with(loginRequest, func(r *Request) { r.NoPad = true }), "要求元：https://shinsei.example\n" +
			"操作：マイナンバーカードによるログイン\nカードリーダーのテンキーでは入力できないため、この画面で入力します。\n\n" +
			"利用者証明用電子証明書の暗証番号（数字4桁）を入力してください。\n残り3回です（あと3回間違えるとロックされます）。"},
		"the authentication certificate of a phone": {with(loginRequest, func(r *Request) { r.Operation, r.Origin, r.Lang = ReadCertificate, "", English }),
			"Requested by: the natsuin command on this computer\nTo: read what your authentication certificate contains\n\n" +
				"Enter the PIN of your authentication certificate (利用者証明用, 4 digits).\nTries left: 3 (3 more wrong ones block it)."},
		"attributes": {Request{PIN: CardSurface, Operation: ReadAttributes, OwnPage: true, TriesLeft: 2, MaxTries: 3, Lang: Japanese},
			"要求元：Natsuinのカードの画面\n操作：基本4情報（氏名・住所・生年月日・性別）の読み取り\n\n" +
				"券面事項入力補助用の暗証番号（数字4桁）を入力してください。\n残り2回です（あと2回間違えるとロックされます）。"},
		"current PIN": {Request{PIN: Authentication, Operation: ChangePIN, Purpose: Current, TriesLeft: 1, MaxTries: 3, Lang: Japanese},
			"要求元：このパソコンのnatsuinコマンド\n操作：暗証番号の変更\n\n" +
				"利用者証明用電子証明書の現在の暗証番号（数字4桁）を入力してください。\n" +
				"残り1回です。間違えるとロックされ、市区町村の窓口などでの手続きが必要になります。"},
		"new PIN": {with(changeRequest, func(r *Request) { r.PIN = CardSurface }),
			"要求元：Natsuinのカードの画面\n操作：暗証番号の変更\n\n" +
				"券面事項入力補助用の新しい暗証番号（数字4桁）を決めて入力してください。\n" +
				"生年月日や1234のように推測されやすいものと、ほかの暗証番号と同じものは避けてください。\n" +
				"新しい暗証番号が2回とも一致するまで、カードには何も送りません。"},
		"new signature PIN, English": {with(changeRequest, func(r *Request) { r.Lang = English }),
			"Requested by: Natsuin’s card page\nTo: change a PIN\n\n" +
				"Choose a new PIN for your signature certificate (署名用, 6 to 16 letters and digits).\n" +
				"It needs at least one letter and one digit. Upper and lower case are the same.\n" +
				"Avoid what others could guess, such as a birth date or 1234, and any other PIN of yours.\n" +
				"Nothing is sent to the card until you have entered the same new PIN twice."},
		"new PIN once more": {with(changeRequest, func(r *Request) { r.Purpose = Repeat }),
			"要求元：Natsuinのカードの画面\n操作：暗証番号の変更\n\n" +
				"確認のためもう一度、署名用電子証明書の新しい暗証番号（英数字6〜16桁）を入力してください。\n" +
				"新しい暗証番号が2回とも一致するまで、カードには何も送りません。"},
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, test.request.check())
			require.Equal(t, test.want, test.request.description(maxCommandLine, descLength))
		})
	}
}

func TestProblem(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*Request)
		want   string
	}{
		"first time":     {func(*Request) {}, ""},
		"wrong":          {func(r *Request) { r.Wrong, r.TriesLeft = true, 2 }, "暗証番号が違います。残り2回です。"},
		"wrong, English": {func(r *Request) { r.Wrong, r.TriesLeft, r.Lang = true, 1, English }, "The PIN is wrong. Tries left: 1."},
		"full width": {func(r *Request) { r.Malformed = FullWidth },
			"全角文字は使えません。半角で入力してください。\nカードには送っていないため、残り回数は減っていません。"},
		"too short": {func(r *Request) { r.Malformed, r.Lang = TooShort, English },
			"The PIN is too short.\nIt was not sent to the card, so no try was spent."},
		"current PIN full width": {func(r *Request) { r.Operation, r.Purpose, r.Malformed = ChangePIN, Current, FullWidth },
			"全角文字は使えません。半角で入力してください。\nカードには送っていないため、残り回数は減っていません。"},
		"no letter": {func(r *Request) { r.Operation, r.Purpose, r.Malformed = ChangePIN, New, NoLetter },
			"英字が含まれていません。英字と数字を1文字以上ずつ含めてください。"},
		"different": {func(r *Request) { r.Operation, r.Purpose, r.Malformed = ChangePIN, New, Different },
			"2回入力した新しい暗証番号が一致しません。"},
		"same": {func(r *Request) { r.Operation, r.Purpose, r.Malformed, r.Lang = ChangePIN, New, Same, English },
			"This is the current PIN. Choose another one."},
		"fallen": {func(r *Request) { r.Fallen, r.TriesLeft = true, 2 },
			"ほかのプログラムで暗証番号が試されたため、残り回数が減りました。残り2回です。入力された暗証番号は、カードに送っていません。"},
		"fallen, English": {func(r *Request) { r.Fallen, r.TriesLeft, r.Lang = true, 1, English },
			"Another program tried a PIN meanwhile. Tries left: 1. What you typed was not sent to the card."},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, with(loginRequest, test.change).problem())
		})
	}
}

func TestCheck(t *testing.T) {
	require.NoError(t, signRequest.check())
	require.NoError(t, changeRequest.check())
	change := func(p Purpose) func(*Request) {
		return func(r *Request) { r.Operation, r.Purpose = ChangePIN, p }
	}
	for name, change := range map[string]func(*Request){
		"no PIN":           func(r *Request) { r.PIN = 0 },
		"unknown PIN":      func(r *Request) { r.PIN = CardSurface + 1 },
		"no operation":     func(r *Request) { r.Operation = 0 },
		"unknown one":      func(r *Request) { r.Operation = PortalAttributes + 1 },
		"no certificate":   func(r *Request) { r.Operation, r.PIN = ReadCertificate, CardSurface },
		"purposeless":      change(0),
		"unknown purpose":  change(Repeat + 1),
		"purpose of none":  func(r *Request) { r.Purpose = New },
		"two ask":          func(r *Request) { r.OwnPage = true },
		"blocked, current": func(r *Request) { change(Current)(r); r.TriesLeft = 0 },
		"no tries left":    func(r *Request) { r.TriesLeft = 0 },
		"no tries granted": func(r *Request) { r.MaxTries = 0 },
		"fewer than none":  func(r *Request) { r.Documents = -1 },
		"fewer values":     func(r *Request) { r.Operation, r.Documents, r.Values = PortalSign, 0, -1 },
		"short digest":     func(r *Request) { r.Digest = digest[2:] },
		"not a digest":     func(r *Request) { r.Digest = strings.Repeat("x", 64) },
	} {
		t.Run(name, func(t *testing.T) {
			require.Error(t, with(signRequest, change).check())
		})
	}
}

// Every text exists in both languages and takes the same values, and every line that pinentry gets is short
// enough, the description with an origin of 255 characters unshortened.
func TestEveryTextFits(t *testing.T) {
	longest := "https://" + strings.Repeat("a", 255-len("https://"))
	for _, lang := range []Lang{Japanese, English} {
		complete(t, reflect.ValueOf(*lang.texts()))
		for _, r := range everyRequest(lang) {
			r.Origin = longest
			text := r.description(maxCommandLine, descLength)
			require.Contains(t, strings.ReplaceAll(text, "\n", ""), longest)
			lines := []string{text}
			for _, ownPage := range []bool{false, true} {
				lines = append(lines, with(r, func(r *Request) { r.Origin, r.OwnPage = "", ownPage }).description(maxCommandLine, descLength))
			}
			for reason := range reasonNames {
				lines = append(lines, with(r, func(r *Request) { r.Malformed = reason }).problem())
			}
			lines = append(lines, with(r, func(r *Request) { r.Wrong = true }).problem(), with(r, func(r *Request) { r.Fallen = true }).problem(), r.accept(), lang.texts().prompt[r.Purpose])
			for _, line := range lines {
				require.NotEmpty(t, line)
				require.LessOrEqual(t, descLength(line), maxCommandLine)
				require.NotContains(t, line, "%!")
			}
		}
	}
	require.Equal(t, verbs(reflect.ValueOf(japanese)), verbs(reflect.ValueOf(english)))
}

// everyRequest is every question that can be asked, without who asks it.
func everyRequest(lang Lang) []Request {
	var all []Request
	for operation := Login; operation <= PortalAttributes; operation++ {
		for kind := range kindNames {
			for _, tries := range []int{0, 1, 15} {
				for purpose := range lang.texts().enter {
					r := Request{PIN: kind, Operation: operation, Purpose: purpose, TriesLeft: tries, MaxTries: 15, Foreign: true, NoPad: kind != Signature, Lang: lang}
					if operation == Sign {
						r.Documents, r.Digest = 1000, digest
					}
					if operation == PortalSign {
						r.Values = 100
					}
					if r.check() == nil {
						all = append(all, r)
					}
				}
			}
		}
	}
	return all
}

// complete requires that no text of a table is empty and that every map has the same keys.
func complete(t *testing.T, table reflect.Value) {
	for i := range table.NumField() {
		name, field := table.Type().Field(i).Name, table.Field(i)
		if field.Kind() != reflect.Map {
			require.NotEmpty(t, field.String(), name)
			continue
		}
		require.Equal(t, reflect.ValueOf(english).Field(i).Len(), field.Len(), name)
		for _, key := range field.MapKeys() {
			require.NotEmpty(t, field.MapIndex(key).String(), name)
			require.True(t, reflect.ValueOf(english).Field(i).MapIndex(key).IsValid(), name)
		}
	}
}

// verbs lists how many values each text takes.
func verbs(table reflect.Value) map[string]int {
	counts := map[string]int{}
	for i := range table.NumField() {
		name, field := table.Type().Field(i).Name, table.Field(i)
		if field.Kind() == reflect.String {
			counts[name] = strings.Count(field.String(), "%")
			continue
		}
		for _, key := range field.MapKeys() {
			counts[fmt.Sprint(name, key.Int())] = strings.Count(field.MapIndex(key).String(), "%")
		}
	}
	return counts
}

// An origin longer than the line permits is cut visibly; whom it belongs to stays.
func TestLongOriginIsCutInFrontOfItsOwner(t *testing.T) {
	r := with(signRequest, func(r *Request) {
		r.Origin = "https://e-tax.go.jp." + strings.Repeat("long-label.", 200) + "owner.example:8443"
	})
	text := r.description(maxCommandLine, descLength)
	require.LessOrEqual(t, descLength(text), maxCommandLine)
	require.Greater(t, descLength(text), maxCommandLine-10, "as much as fits")
	shown := strings.ReplaceAll(text, "\n", "")
	require.Contains(t, shown, "要求元：https://[…]")
	require.Contains(t, shown, "long-label.owner.example:8443操作：電子署名")
	require.NotContains(t, shown, "e-tax")
	whole := strings.ReplaceAll(r.description(1<<20, descLength), "\n", "")
	require.Contains(t, whole, r.Origin)
}

func TestOriginIsHarmless(t *testing.T) {
	for origin, want := range map[string]string{
		"https://shinsei.example:8443":        "https://shinsei.example:8443",
		"https://[2001:db8::1]:443":           "https://[2001:db8::1]:443",
		"http://localhost:8000":               "http://localhost:8000",
		"https://xn--p8j9a0d.example":         "https://xn--p8j9a0d.example",
		"moz-extension://1a2b":                "moz-extension://1a2b",
		"https://a.example\n操作：ログイン":          "https://a.example%0A%E6%93%8D%E4%BD%9C%EF%BC%9A%E3%83%AD%E3%82%B0%E3%82%A4%E3%83%B3",
		"https://\u202eelpmaxe.a":             "https://%E2%80%AEelpmaxe.a",
		"https://a.example\r\nGETPIN":         "https://a.example%0D%0AGETPIN",
		"https://<b>a</b>.example&amp;":       "https://%3Cb%3Ea%3C/b%3E.example%26amp%3B",
		"https://100%25.example":              "https://100%2525.example",
		"\x1b]0;title\x07":                    "%1B]0%3Btitle%07",
		"https://a.example\u200b":             "https://a.example%E2%80%8B",
		"https://а.example" /* Cyrillic */ :   "https://%D0%B0.example",
		"https://bank.example\u00a0.evil.com": "https://bank.example%C2%A0.evil.com",
	} {
		require.Equal(t, want, percentEncoded(origin))
	}
}

// Whatever a page calls itself, the lines to pinentry stay lines, short ones, and show no control character.
func FuzzOrigin(f *testing.F) {
	f.Add("https://shinsei.example")
	f.Add("https://a.example\nGETPIN\r\n%0A\u202e")
	f.Add(strings.Repeat("https://", 500))
	f.Add(strings.Repeat("\u202e", 300) + "://")
	f.Fuzz(func(t *testing.T, origin string) {
		for _, r := range []Request{signRequest, loginRequest, changeRequest} {
			r.Origin, r.OwnPage = origin, false
			text := r.description(maxCommandLine, descLength)
			line := set("SETDESC", text)
			require.LessOrEqual(t, len(line), maxCommandLine)
			require.NotContains(t, line, "\n")
			require.NotContains(t, line, "\r")
			require.True(t, strings.HasSuffix(text, r.costLine()))
			for _, c := range text {
				require.False(t, c != '\n' && !unicode.IsGraphic(c), "%U", c)
			}
		}
	})
}
