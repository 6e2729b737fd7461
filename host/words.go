package main

import (
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/verify"
)

// A glossary collects the texts that go with a result of the request verify, so that the page that shows it has no
// list of its own. A key is a kind of word and the word, as in "rule/issuer".
type glossary struct {
	lang  string
	texts map[string]string
}

func (g glossary) add(kind, word string, t text) { g.texts[kind+"/"+word] = t.in(g.lang) }

func (g glossary) addReason(reason verify.Reason) {
	told, ok := pageReasonTexts[reason]
	if !ok {
		told = documentReasonTexts[reason]
	}
	g.add("reason", string(reason), told.message)
	g.add("remedy", string(reason), told.remedy)
}

// verifiedWords returns the texts for what was found: those of the document, and of its service the name, each rule that
// is broken, what was found of it, and what helps.
func verifiedWords(v *protocol.Verified, lang string) map[string]string {
	texts := documentWords(v.Document, lang)
	if v.Service == nil {
		return texts
	}
	g := glossary{lang: lang, texts: texts}
	g.add("profile", string(v.Service.Profile), profileTexts[v.Service.Profile])
	for _, check := range v.Service.Checks {
		if check.Outcome != verify.Failed {
			continue
		}
		g.add("service-rule", check.Rule, conformanceTexts[check.Rule])
		remedy, ok := pageServiceRemedyTexts[check.Remedy]
		if !ok {
			remedy = documentRemedyTexts[check.Remedy]
		}
		g.add("service-remedy", string(check.Remedy), remedy)
		if found := foundText(check, lang); found != check.Detail {
			g.texts["detail/"+check.Detail] = found
		}
	}
	return texts
}

// pageServiceRemedyTexts are the remedies whose text on the command line speaks of its flags.
var pageServiceRemedyTexts = map[verify.Remedy]text{
	verify.RemedyGiveFiles: {"署名されたファイルをすべて追加してください。zipのときは、すべてのファイルを入れて作りなおしてください。", "Add every signed file. Of a zip archive, pack it anew with all of them."},
}

// documentWords returns the texts of every format, outcome, rule, reason, scope, kind of part, origin and way in
// which a root was obtained that occurs in a document, and of places and details that have one of their own in the
// language.
func documentWords(d *verify.Document, lang string) map[string]string {
	g := glossary{lang: lang, texts: map[string]string{}}
	g.add("format", string(d.Format), formatTexts[d.Format])
	for i := range d.Signatures {
		g.addSignature(&d.Signatures[i])
	}
	for _, root := range d.MissingRoots {
		g.add("obtained", string(root.Obtained), obtainedTexts[root.Obtained])
	}
	return g.texts
}

func (g glossary) addSignature(s *verify.DocumentSignature) {
	g.add("signature", string(s.Outcome), signatureOutcomeTexts[s.Outcome])
	if place := placeText(s.Place, g.lang); place != s.Place {
		g.texts["place/"+s.Place] = place
	}
	if s.Reason != "" {
		g.addReason(s.Reason)
	}
	// Revocation is spoken of also where a signature failed before it.
	g.add("rule", verify.RuleRevocation, ruleTexts[verify.RuleRevocation])
	for _, check := range s.Checks {
		g.add("rule", check.Rule, ruleTexts[check.Rule])
		g.add("outcome", string(check.Outcome), ruleOutcomeTexts[check.Outcome])
		if detail := detailText(check, g.lang); detail != check.Detail {
			g.texts["detail/"+check.Detail] = detail
		}
	}
	for _, r := range s.Covers.References {
		g.add("scope", r.Scope, scopeTexts[r.Scope])
	}
	for _, p := range s.Covers.Unsigned {
		g.add("part", p.Kind, partTexts[p.Kind])
	}
	if s.Signer != nil && s.Signer.Anchor != nil {
		g.add("origin", s.Signer.Anchor.Origin, anchorTexts[s.Signer.Anchor.Origin])
		if obtained := s.Signer.Anchor.Obtained; obtained != "" {
			g.add("obtained", string(obtained), obtainedTexts[obtained])
		}
	}
}

// refusalWords returns the texts for a file that cannot be judged.
func refusalWords(reason verify.Reason, lang string) map[string]string {
	g := glossary{lang: lang, texts: map[string]string{}}
	g.addReason(reason)
	return g.texts
}

// ruleOutcomeTexts say what came of a rule where there is room for words; outcomeTexts are their signs.
var ruleOutcomeTexts = map[verify.Outcome]text{
	verify.Passed:     {"満たしています", "met"},
	verify.Failed:     {"満たしていません", "not met"},
	verify.NotChecked: {"確認していません", "not checked"},
}

// partTexts name the kinds of parts that an XML signature leaves out.
var partTexts = map[string]text{
	"element":     {"要素", "element"},
	"tag":         {"要素の開始タグ", "start tag of an element"},
	"text":        {"文字列", "text"},
	"comment":     {"コメント", "comment"},
	"instruction": {"処理命令", "processing instruction"},
}

// obtainedTexts say how a root was obtained.
var obtainedTexts = map[verify.Obtained]text{
	verify.ObtainedOnce: {"1つの公開リポジトリから入手しました。信用する前に、J-LISの一覧（https://www.jpki.go.jp/ca/）と見比べてください。",
		"From one public repository: compare it with J-LIS's list, https://www.jpki.go.jp/ca/, before relying on it."},
	verify.ObtainedTwice: {"関係のない2つの公開リポジトリから入手し、同じものでした。", "The same in two unrelated public repositories."},
	verify.ObtainedOnceConfirmed: {"1つの公開リポジトリから入手しました。フィンガープリントは、J-LISが公表しているものと同じです。",
		"From one public repository; it has the fingerprint that J-LIS publishes."},
	verify.ObtainedTwiceConfirmed: {"関係のない2つの公開リポジトリから入手し、同じものでした。フィンガープリントは、J-LISが公表しているものと同じです。",
		"The same in two unrelated public repositories; it has the fingerprint that J-LIS publishes."},
	verify.NotObtained: {"公開された入手元がないため、Natsuinに入っていません。J-LIS（https://www.jpki.go.jp/ca/）からauthca02.cerと、そのフィンガープリントを入手できます。",
		"Not in Natsuin, because it is in no public source. J-LIS, https://www.jpki.go.jp/ca/, has it as authca02.cer, with its fingerprint."},
}
