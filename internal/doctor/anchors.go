package doctor

import (
	"slices"
	"strings"

	"github.com/natsuin/natsuin/internal/certificate"
	"github.com/natsuin/natsuin/internal/rules"
)

// generations are the years in which J-LIS's two hierarchies got a new root each (jpki-card.md §5.2).
var generations = map[string]string{"01": "2015", "02": "2019", "03": "2023"}

// checkAnchors says against which roots certificates can be confirmed here.
func checkAnchors(s System) (checks []Check) {
	for _, h := range []certificate.Hierarchy{certificate.Authentication, certificate.Signature} {
		checks = append(checks, s.anchors(h))
	}
	return checks
}

// anchors looks at one hierarchy. A root that has expired is no fault: the signatures of its time are still checked against it.
func (s System) anchors(h certificate.Hierarchy) Check {
	var valid, expired []string
	missing := []string{"01", "02", "03"}
	for _, a := range certificate.JLIS() {
		if a.Hierarchy != h {
			continue
		}
		generation := a.Name[strings.LastIndex(a.Name, " ")+1:]
		missing = slices.DeleteFunc(missing, func(m string) bool { return m == generation })
		if s.Now.After(a.Certificate.NotAfter) {
			expired = append(expired, generation)
		} else {
			valid = append(valid, generation)
		}
	}
	c := Check{ID: "trust-anchors", Verdict: OK, Title: say("認証局の証明書（%[1]s）", "J-LIS's root certificates (%[2]s)", h.Japanese(), string(h)),
		Evidence: generationsOf(valid, expired, missing)}
	switch {
	case len(valid) == 0:
		c.Verdict, c.Cause = Failure, "none-valid"
		c.Remedy = say("Natsuinを新しい版に更新し、パソコンの日付を確かめてください。", "Update Natsuin, and look at this machine's date.")
	case len(missing) > 0:
		c.Verdict, c.Cause = Info, "some-missing"
		c.Remedy = say("その世代のカードは使えますが、発行者を確かめられません。%s",
			"Cards of that generation work, but their issuer cannot be confirmed. %s", trustRemedy)
	}
	return c
}

// trustRemedy is for whoever verifies with a certificate that is not shipped.
var trustRemedy = say("コマンドラインで検証するときは、J-LISの証明書（https://www.jpki.go.jp/ca/）を --trust で加えられます（natsuin verify-token）。ブラウザーの画面での検証には、管理者が設定のtrustで加えられます（docs/administrators.ja.md）。カードリーダーにあるカードの発行者は、加えたものでは確かめません。",
	"To verify on the command line, add J-LIS's certificate (https://www.jpki.go.jp/ca/) by --trust (natsuin verify-token). For what is verified in the browser, an administrator adds it with the setting trust (docs/administrators.md). The issuer of a card in the reader is not confirmed by what was added.")

// generationsOf tells of the generations, and of no group that is empty.
func generationsOf(valid, expired, missing []string) Text {
	var ja, en []string
	for _, group := range []struct {
		ja, en string
		list   []string
	}{{"有効", "valid", valid}, {"期限切れ", "expired", expired}, {"なし", "missing", missing}} {
		if len(group.list) > 0 {
			years := yearsOf(group.list)
			ja, en = append(ja, group.ja+" "+years.JA), append(en, group.en+" "+years.EN)
		}
	}
	return say("%s", "%s", rules.Text{JA: strings.Join(ja, "、"), EN: strings.Join(en, ", ")})
}

// yearsOf writes generations with their years: "01 (2015), 03 (2023)".
func yearsOf(list []string) rules.Text {
	var ja, en []string
	for _, g := range list {
		ja, en = append(ja, g+"（"+generations[g]+"年）"), append(en, g+" ("+generations[g]+")")
	}
	return rules.Text{JA: strings.Join(ja, "、"), EN: strings.Join(en, ", ")}
}
