package doctor

import (
	"slices"
	"strings"

	"github.com/natsuin/natsuin/internal/rules"
)

// cardProblems says what it means that a card could not be asked, by the protocol's code.
var cardProblems = map[string]struct{ evidence, remedy rules.Text }{
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
			checks = append(checks, r.card()...)
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
		c.Verdict, c.Remedy = Info, rules.Text{}
	}
	return c
}

// card says what one card told of itself.
func (r Reader) card() []Check {
	c := Check{ID: "card", Verdict: OK, Title: say("カード（%s）", "Card (%s)", r.Name), Evidence: r.TokenName}
	if r.Token == "juki-card" {
		c.Verdict, c.Cause = Warning, "old-card"
		c.Remedy = say("このカードの電子証明書は使えません。マイナンバーカードを使ってください。", "Its certificates are of no use any more. Use a My Number Card.")
	}
	checks := []Check{c}
	for _, p := range r.PINs {
		checks = append(checks, p.check())
	}
	if r.Certificate == nil {
		checks = append(checks, Check{ID: "authentication-certificate", Verdict: Info, Title: certificateTitle,
			Evidence: say("暗証番号なしでは読めません（スマホ用電子証明書など）", "not readable without its PIN (smartphone certificates, for example)")})
	} else {
		checks = append(checks, r.Certificate.validity(), r.Certificate.issuer())
	}
	if r.Signature == "no" {
		checks = append(checks, Check{ID: "signature-certificate", Verdict: Info, Cause: "absent", Title: say("署名用電子証明書", "Signature certificate"),
			Evidence: say("カードに入っていません", "the card does not hold one"),
			Remedy:   say("理由は「natsuin explain signature-missing」で確かめられます。", "natsuin explain signature-missing tells why that can be.")})
	}
	return checks
}

func (p PIN) check() Check {
	c := Check{ID: p.Name + "-pin", Verdict: OK, Title: p.Title, Evidence: p.Tries}
	switch p.Left {
	case 0:
		c.Verdict, c.Cause = Warning, "pin-blocked"
		c.Remedy = say("時間がたっても解除されません。再設定のしかたは「natsuin explain locked-pin」をご覧ください。", "It never recovers by itself: see natsuin explain locked-pin for how to have it reset.")
	case 1:
		c.Verdict, c.Cause = Warning, "last-try"
		c.Remedy = say("あと1回間違えるとロックされます。確かな暗証番号だけを入力してください。正しく入力すると回数は元に戻ります。", "One more wrong PIN blocks it. Type it only when you are sure; the right one restores the tries.")
	}
	return c
}

var certificateTitle = say("利用者証明用電子証明書", "Authentication certificate")

// validity says where the certificate stands between its dates, and that revocation is another question.
func (p Certificate) validity() Check {
	c := Check{ID: "authentication-certificate", Verdict: OK, Title: certificateTitle,
		Evidence: say("有効期間内です（%d年まで）。失効は確認していません", "within its dates, which end in %d; revocation is not checked", p.EndYear)}
	switch p.Standing {
	case rules.Expired:
		c.Verdict, c.Cause = Warning, "expired"
		c.Evidence = say("有効期限が切れています（%d年まで）", "its dates ended in %d", p.EndYear)
		c.Remedy = say("「natsuin explain expired」をご覧ください。パソコンの日付が正しいかも確かめてください。", "See natsuin explain expired. Make sure that this machine's date is right.")
	case rules.NotYetValid:
		c.Verdict, c.Cause = Warning, "not-yet-valid"
		c.Evidence = say("有効期間がまだ始まっていません（%d年まで）", "its dates have not begun; they end in %d", p.EndYear)
		c.Remedy = say("パソコンの日付と時刻を確かめてください。", "Look at the date and time of this machine.")
	case rules.ExpiresSoon:
		c.Verdict, c.Cause = Warning, "expires-soon"
		c.Evidence = say("有効期間内ですが、まもなく有効期限です（%d年）。失効は確認していません", "within its dates, which end soon, in %d; revocation is not checked", p.EndYear)
		c.Remedy = say("市区町村の窓口で更新できます。有効期限の日は「natsuin status」で分かります。", "It can be renewed at your municipality. natsuin status tells its last day.")
	}
	return c
}

func (p Certificate) issuer() Check {
	c := Check{ID: "issuer", Verdict: OK, Title: say("利用者証明用電子証明書の発行者", "Issuer of the authentication certificate"),
		Evidence: p.IssuerName}
	switch p.Issuer {
	case "not-shipped":
		c.Verdict, c.Cause = Warning, "issuer-not-shipped"
		c.Remedy = say("ログインと署名はできますが、ここでは発行者を確かめられません。J-LISの認証局の証明書（https://www.jpki.go.jp/ca/）を --trust で加えると、検証できます。",
			"Logging in and signing work; the issuer cannot be confirmed here. Verifying works with J-LIS's CA certificate (https://www.jpki.go.jp/ca/) added by --trust.")
	case "foreign":
		c.Verdict, c.Cause = Warning, "issuer-foreign"
		c.Remedy = say("本物のマイナンバーカードを使ってください。試験のためなら、このままでかまいません。", "Use a real My Number Card. For tests this is as it should be.")
	}
	return c
}
