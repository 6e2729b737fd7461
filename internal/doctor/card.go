package doctor

import (
	"slices"
	"strings"
	"time"
)

// cardProblems says what it means that a card could not be asked, by the protocol's code.
var cardProblems = map[string]struct{ evidence, remedy Text }{
	"NOT_JPKI": {say("公的個人認証の機能がないカードです", "a card without the JPKI application"),
		say("マイナンバーカードに置きかえてください。", "Use a My Number Card instead.")},
	"CARD_BUSY": {say("ほかのプログラムがカードを使っています", "another program is using the card"),
		say("そのプログラム（ほかの利用者クライアント、OpenSC、GnuPGなど）を閉じて、もう一度試してください。", "Close that program (another card client, OpenSC, GnuPG) and try again.")},
	"CARD_FAULT": {say("カードが正しく応答しません", "the card does not answer as it should"),
		say("カードの向きと位置を確かめて、置きなおしてください。続くようなら、市区町村の窓口で調べてもらってください。", "Look at how the card lies and put it back. If it happens again, have the card looked at by your municipality.")},
	"CARD_LOST": {say("調べている間にカードが外れました", "the card went while it was looked at"),
		say("カードを動かさずに、もう一度試してください。", "Leave the card in its place and try again.")},
}

// checkCards looks at the card in each reader. What it says was read without a PIN and without a try.
func checkCards(s System) (checks []Check) {
	none := Check{ID: "card", Verdict: Unknown, Title: say("カード", "Card"),
		Evidence: say("カードリーダーを使えないので分かりません", "cannot be told without a reader")}
	if !s.suitable() {
		return []Check{none}
	}
	usable := slices.ContainsFunc(s.Readers, func(r Reader) bool { return r.Card && r.Problem == "" })
	for _, r := range s.Readers {
		switch {
		case r.Card && r.Problem == "":
			checks = append(checks, s.card(r)...)
		case r.Card && useOf(r.Name).takesCards():
			checks = append(checks, cardProblem(r, usable))
		}
	}
	if len(checks) == 0 {
		none.Verdict, none.Cause = Warning, "no-card"
		none.Evidence = say("どのカードリーダーにもカードがありません", "there is no card in any reader")
		none.Remedy = say("マイナンバーカードを置いてから、もう一度調べてください。", "Put the My Number Card on the reader and look again.")
		return []Check{none}
	}
	return checks
}

// cardProblem is about a card that did not answer as a My Number Card does. Beside one that does, a card of another
// kind is no fault.
func cardProblem(r Reader, usable bool) Check {
	c := Check{ID: "card", Verdict: Failure, Cause: strings.ReplaceAll(strings.ToLower(r.Problem), "_", "-"),
		Title: say("カード（%s）", "Card (%s)", r.Name)}
	problem, known := cardProblems[r.Problem]
	if !known {
		problem = cardProblems["CARD_FAULT"]
		problem.evidence = same(r.Problem)
	}
	c.Evidence, c.Remedy = problem.evidence, problem.remedy
	if r.Problem == "NOT_JPKI" && usable {
		c.Verdict, c.Remedy = Info, Text{}
	}
	return c
}

var tokenTexts = map[string]Text{
	"card":      say("マイナンバーカード", "My Number Card"),
	"juki-card": say("住民基本台帳カード（旧世代）", "Basic Resident Registration Card (old generation)"),
	"android":   say("スマホ用電子証明書（Android）", "smartphone certificates (Android)"),
	"iphone":    say("スマホ用電子証明書（iPhone）", "smartphone certificates (iPhone)"),
	"unknown":   say("公的個人認証の種類不明のカード", "a JPKI token of unknown kind"),
}

// card says what one card told of itself.
func (s System) card(r Reader) []Check {
	kind := tokenTexts[r.Token]
	c := Check{ID: "card", Verdict: OK, Title: say("カード（%s）", "Card (%s)", r.Name),
		Evidence: Text{kind.JA + "（" + r.Label + "）", kind.EN + " (" + r.Label + ")"}}
	if r.Token == "juki-card" {
		c.Verdict, c.Cause = Warning, "old-card"
		c.Remedy = say("このカードの電子証明書は使えません。マイナンバーカードを使ってください。", "Its certificates are of no use any more. Use a My Number Card.")
	}
	checks := []Check{c}
	for _, p := range r.PINs {
		checks = append(checks, p.check())
	}
	checks = append(checks, s.certificate(r.Certificate))
	if r.Certificate != nil {
		checks = append(checks, r.Certificate.issuer())
	}
	if r.Signature == "no" {
		checks = append(checks, Check{ID: "signature-certificate", Verdict: Info, Cause: "absent", Title: say("署名用電子証明書", "Signature certificate"),
			Evidence: say("カードに入っていません", "the card does not hold one"),
			Remedy: say("15歳未満の方や発行を希望しなかった方のカードには入っていません。住所や氏名の変更で失効していることもあります。natsuin explainで確かめられます。",
				"Cards of holders under 15, and of those who declined it, have none; a change of name or address ends it, too. See natsuin explain.")})
	}
	return checks
}

var pinTitles = map[string]Text{
	"authentication": say("利用者証明用電子証明書の暗証番号（数字4桁）", "Authentication PIN (4 digits)"),
	"signature":      say("署名用電子証明書の暗証番号（英数字6〜16桁）", "Signature PIN (6 to 16 letters and digits)"),
	"card-surface":   say("券面事項入力補助用の暗証番号（数字4桁）", "Card-surface PIN (4 digits)"),
}

func (p PIN) check() Check {
	c := Check{ID: p.Name + "-pin", Verdict: OK, Title: pinTitles[p.Name],
		Evidence: say("残り%[1]d回（最大%[2]d回）", "%[1]d of %[2]d tries left", p.Left, p.Max)}
	switch p.Left {
	case 0:
		c.Verdict, c.Cause = Warning, "pin-blocked"
		c.Evidence = say("ロックされています", "blocked")
		c.Remedy = say("お住まいの市区町村の窓口で、本人がカードを持って再設定してください。時間がたっても解除されません。", "Have it reset at your municipality, in person and with the card. It never recovers by itself.")
	case 1:
		c.Verdict, c.Cause = Warning, "last-try"
		c.Remedy = say("あと1回間違えるとロックされます。確かな暗証番号だけを入力してください。正しく入力すると回数は元に戻ります。", "One more wrong PIN blocks it. Type it only when you are sure; the right one restores the tries.")
	}
	return c
}

// japan is the time zone in which certificates end.
var japan = time.FixedZone("JST", 9*60*60)

func (s System) certificate(p *Certificate) Check {
	c := Check{ID: "authentication-certificate", Verdict: OK, Title: say("利用者証明用電子証明書", "Authentication certificate")}
	if p == nil {
		c.Verdict = Info
		c.Evidence = say("暗証番号なしでは読めません（スマホ用電子証明書など）", "not readable without its PIN (smartphone certificates, for example)")
		return c
	}
	c.Evidence = say("有効期限 %s", "valid until %s", p.NotAfter.In(japan).Format("2006-01-02 15:04:05 -07:00"))
	switch {
	case s.Now.After(p.NotAfter):
		c.Verdict, c.Cause = Warning, "expired"
		c.Remedy = say("有効期限が切れています。市区町村の窓口で更新してください。パソコンの日付が正しいかも確かめてください。", "It has expired: renew it at your municipality. Make sure that this machine's date is right.")
	case s.Now.Before(p.NotBefore):
		c.Verdict, c.Cause = Warning, "not-yet-valid"
		c.Remedy = say("有効期間がまだ始まっていません。パソコンの日付と時刻を確かめてください。", "It is not valid yet: look at the date and time of this machine.")
	case s.Now.AddDate(0, 3, 0).After(p.NotAfter):
		c.Verdict, c.Cause = Warning, "expires-soon"
		c.Remedy = say("まもなく期限が切れます。市区町村の窓口で更新できます。", "It ends soon. It can be renewed at your municipality.")
	}
	return c
}

func (p Certificate) issuer() Check {
	c := Check{ID: "issuer", Verdict: OK, Title: say("利用者証明用電子証明書の発行者", "Issuer of the authentication certificate"),
		Evidence: say("地方公共団体情報システム機構（J-LIS）", "J-LIS")}
	switch p.Issuer {
	case "j-lis":
	case "not-shipped":
		c.Verdict, c.Cause = Warning, "issuer-not-shipped"
		c.Evidence = say("J-LISの名前ですが、その認証局の証明書がNatsuinに入っていません", "J-LIS by name, but its CA's certificate is not among Natsuin's")
		c.Remedy = say("ログインと署名はできますが、ここでは発行者を確かめられません。J-LISの認証局の証明書（https://www.jpki.go.jp/ca/）を --trust で加えると、検証できます。",
			"Logging in and signing work; the issuer cannot be confirmed here. Verifying works with J-LIS's CA certificate (https://www.jpki.go.jp/ca/) added by --trust.")
	case "foreign":
		c.Verdict, c.Cause = Warning, "issuer-foreign"
		c.Evidence = say("J-LISではありません（模擬カードなど）", "not J-LIS (a simulated card, for example)")
		c.Remedy = say("本物のマイナンバーカードを使ってください。試験のためなら、このままでかまいません。", "Use a real My Number Card. For tests this is as it should be.")
	}
	return c
}
