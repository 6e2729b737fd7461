package doctor

import (
	"strings"

	"github.com/natsuin/natsuin/internal/rules"
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
	usable := 0
	for _, r := range s.Readers {
		if r.Card && r.Problem == "" {
			usable++
		}
	}
	for _, r := range s.Readers {
		switch {
		case r.Card && r.Problem == "":
			checks = append(checks, r.card(usable > 1)...)
		case r.Card && useOf(r.Name).takesCards():
			checks = append(checks, cardProblem(r, usable > 0))
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
		Reader: r.Name, Title: say("カード（%s）", "Card (%s)", deviceName(r.Name))}
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

// card says what one card told of itself, and, beside others, of which card that is.
func (r Reader) card(amongOthers bool) []Check {
	c := Check{ID: "card", Verdict: OK, Title: say("カード", "Card"), Evidence: same(r.TokenName)}
	if r.Token == "juki-card" {
		c.Verdict, c.Cause = Warning, "old-card"
		c.Remedy = say("このカードの電子証明書は使えません。マイナンバーカードを使ってください（「natsuin explain juki-card」）。",
			"Its certificates are of no use any more. Use a My Number Card (natsuin explain juki-card).")
	}
	checks := []Check{c}
	for _, p := range r.PINs {
		checks = append(checks, r.pin(p))
	}
	if r.Certificate != nil {
		checks = append(checks, r.validity(*r.Certificate), r.Certificate.issuer())
	} else if r.Unread != "" {
		checks = append(checks, r.unread())
	}
	if r.Signature == "no" {
		checks = append(checks, r.noSignature())
	}
	for n, c := range checks {
		checks[n].Reader = r.Name
		if n == 0 || amongOthers {
			checks[n].Title = say("%[1]s（%[2]s）", "%[1]s (%[2]s)", c.Title, deviceName(r.Name))
		}
	}
	return checks
}

// phone says whether the certificates are in a phone, for which neither the counter nor a kiosk does anything.
func (r Reader) phone() bool { return r.Token == "android" || r.Token == "iphone" }

var phoneRemedy = say("スマホ用電子証明書については「natsuin explain smartphone」をご覧ください。", "See natsuin explain smartphone for certificates on a phone.")

func (r Reader) pin(p PIN) Check {
	c := Check{ID: p.Name + "-pin", Verdict: OK, Title: same(p.Title), Evidence: same(p.Tries)}
	switch p.Left {
	case 0:
		c.Verdict, c.Cause = Warning, "pin-blocked"
		c.Remedy = say("時間がたっても解除されません。%s", "It never recovers by itself. %s", r.resetRemedy(p.Name))
	case 1:
		c.Verdict, c.Cause = Warning, "last-try"
		c.Remedy = say("あと1回間違えるとロックされます。確かな暗証番号だけを入力してください。正しく入力すると回数は元に戻ります。", "One more wrong PIN blocks it. Type it only when you are sure; the right one restores the tries.")
	}
	return c
}

// resetRemedy tells who resets a PIN: of the certificates' two, an app and a kiosk do so by means of the other one
// (service-rules.md, 暗証番号の再設定).
func (r Reader) resetRemedy(blocked string) Text {
	if r.phone() {
		return phoneRemedy
	}
	for _, p := range r.PINs {
		switch {
		case p.Left == 0 || p.Name == blocked || p.Name == "card-surface" || blocked == "card-surface":
		default:
			return say("市区町村の窓口で再設定できます。もう一方の暗証番号（%s）が分かるときは、スマートフォンのアプリとコンビニの端末でも再設定できます（「natsuin explain kiosk-reset」）。",
				"Your municipality resets it. If you know the other PIN (%s), an app on a smartphone and a convenience-store kiosk do so, too (natsuin explain kiosk-reset).", p.Title)
		}
	}
	return say("再設定できるのは市区町村の窓口だけです（「natsuin explain locked-pin」、「natsuin explain desks」）。",
		"Only your municipality's counter resets it (natsuin explain locked-pin, natsuin explain desks).")
}

// noSignature is about a card or a phone without a signature certificate.
func (r Reader) noSignature() Check {
	c := Check{ID: "signature-certificate", Verdict: Info, Cause: "absent", Title: say("署名用電子証明書", "Signature certificate"),
		Evidence: say("カードに入っていません", "the card does not hold one"),
		Remedy:   say("理由は「natsuin explain signature-missing」で確かめられます。", "natsuin explain signature-missing tells why that can be.")}
	if r.phone() {
		c.Evidence = say("スマートフォンに入っていません", "the phone does not hold one")
		c.Remedy = phoneRemedy
	}
	return c
}

var certificateTitle = say("利用者証明用電子証明書", "Authentication certificate")

// unread says why the authentication certificate was not read.
func (r Reader) unread() Check {
	c := Check{ID: "authentication-certificate", Verdict: Warning, Title: certificateTitle}
	switch r.Unread {
	case Absent:
		c.Cause = "absent"
		c.Evidence = say("入っていません", "there is none")
		c.Remedy = say("市区町村の窓口で発行を申請してください（「natsuin explain getting-them」）。", "Apply for one at your municipality (natsuin explain getting-them).")
	case Damaged:
		c.Cause = "damaged"
		c.Evidence = say("読み出せないか、壊れています", "it cannot be read, or is damaged")
		c.Remedy = say("カードを置きなおして、もう一度試してください。続くようなら、市区町村の窓口で調べてもらってください（「natsuin explain desks」）。",
			"Put the card back and try again. If it happens again, have the card looked at by your municipality (natsuin explain desks).")
	case NeedsPIN:
		c.Verdict = Info
		c.Evidence = say("暗証番号なしでは読めません（スマホ用電子証明書）", "not readable without its PIN, as on every phone")
		return c
	}
	if r.phone() {
		c.Remedy = phoneRemedy
	}
	return c
}

// validity says where the certificate stands between its dates, and that revocation is another question.
func (r Reader) validity(p Certificate) Check {
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
	if r.phone() && (c.Cause == "expired" || c.Cause == "expires-soon") {
		c.Remedy = phoneRemedy
	}
	return c
}

func (p Certificate) issuer() Check {
	c := Check{ID: "issuer", Verdict: OK, Title: say("利用者証明用電子証明書の発行者", "Issuer of the authentication certificate"),
		Evidence: same(p.IssuerName)}
	switch p.Issuer {
	case "not-shipped":
		c.Verdict, c.Cause = Warning, "issuer-not-shipped"
		c.Remedy = say("ログインと署名はできますが、ここでは発行者を確かめられません。%s", "Logging in and signing work; the issuer cannot be confirmed here. %s", trustRemedy)
	case "foreign":
		c.Verdict, c.Cause = Warning, "issuer-foreign"
		c.Remedy = say("本物のマイナンバーカードを使ってください。試験のためなら、このままでかまいません。", "Use a real My Number Card. For tests this is as it should be.")
	}
	return c
}
