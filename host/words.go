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
	sentence, ok := pageReasonTexts[reason]
	if !ok {
		sentence = documentReasonTexts[reason]
	}
	g.add("reason", string(reason), sentence)
	if remedy, ok := pageRemedyTexts[reason]; ok {
		g.add("remedy", string(reason), remedy)
	}
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
// which a root was obtained that occurs in a document, and of details that have one of their own in the language.
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
	verify.ObtainedOnce: {"1つの公開リポジトリ。信用する前に、J-LISの一覧（https://www.jpki.go.jp/ca/）と見比べてください",
		"one public repository: compare it with J-LIS's list, https://www.jpki.go.jp/ca/, before relying on it"},
	verify.ObtainedTwice: {"関係のない2つの公開リポジトリにある、同じもの", "the same in two unrelated public repositories"},
	verify.ObtainedOnceConfirmed: {"1つの公開リポジトリ。フィンガープリントは、J-LISが公表しているものと同じ",
		"one public repository; it has the fingerprint that J-LIS publishes"},
	verify.ObtainedTwiceConfirmed: {"関係のない2つの公開リポジトリにある、同じもの。フィンガープリントは、J-LISが公表しているものと同じ",
		"the same in two unrelated public repositories; it has the fingerprint that J-LIS publishes"},
	verify.NotObtained: {"公開された入手元がないため、Natsuinに入っていません。J-LIS（https://www.jpki.go.jp/ca/）からauthca02.cerを入手し、フィンガープリントを見比べてください",
		"not shipped, because it is in no public source: get authca02.cer from J-LIS, https://www.jpki.go.jp/ca/, and compare its fingerprint"},
}

// pageReasonTexts are the reasons whose text on the command line speaks of its flags.
var pageReasonTexts = map[verify.Reason]text{
	verify.IssuerNotShipped:   {"発行者の名前はJ-LISですが、そのルート証明書がNatsuinにないため、確認できません。", "The issuer has J-LIS's name, but its root is not in Natsuin: this cannot be confirmed, and may be genuine."},
	verify.CertificateExpired: {"電子証明書の有効期限が切れています。", "The certificate has expired."},
	verify.ContentMissing:     {"署名の対象のファイルがそろっていません。", "What was signed is not all here."},
	verify.ContentUnexpected:  {"文書は署名のファイルの中に入っています。追加したファイルは、署名の対象ではありません。", "The file holds the document that was signed: the one that you added is not it."},
}

// Remedies that several reasons share.
var (
	resendText   = text{"送った人に、元のファイルをもう一度送ってもらってください。", "Have the sender send the original file again."}
	distrustText = text{"この署名を信用せず、署名した人に、別の方法で直接確かめてください。", "Do not rely on this signature. Ask the signer directly, by other means."}
	signAnewText = text{"署名した人に、マイナンバーカードの署名用電子証明書とSHA-256以上の方式で、署名し直してもらってください。", "Have it signed anew, with the signature certificate of a My Number Card and SHA-256 or better."}
	atText       = text{"受け取った日時が分かるときは、コマンド「natsuin verify --at」で、その時点について検証できます。", "If you know when you received it, the command natsuin verify --at judges as of that time."}
	smallerText  = text{"このままでは検証できません。送った人に、小さく分けて署名し直してもらってください。", "It cannot be checked as it is: have it split up and signed anew."}
)

// pageRemedyTexts say what the citizen can do on the page that verifies. Reasons that need a source of revocation,
// or roots of time-stamping authorities, do not come up there.
var pageRemedyTexts = map[verify.Reason]text{
	verify.CertificateMalformed:    resendText,
	verify.KeyUnsupported:          signAnewText,
	verify.WrongHierarchy:          signAnewText,
	verify.CertificateForged:       distrustText,
	verify.IssuerNotShipped:        {"J-LISからルート証明書を入手し、コマンド「natsuin verify --trust」で検証してください。", "Get that root from J-LIS, and use the command natsuin verify --trust."},
	verify.IssuerForeign:           {"マイナンバーカード以外の電子証明書による署名は、Natsuinでは確かめられません。その発行者が案内する方法で確かめてください。模擬カードの署名は、本物の手続きには使えません。", "Natsuin cannot confirm signatures by certificates other than those of My Number Cards: do as their issuer tells you. A simulated card's signature is of no use for real procedures."},
	verify.CertificateUnsupported:  signAnewText,
	verify.CertificateNotYetValid:  {"パソコンの日付と時刻が正しいか確認してください。", "Check the date and time of this computer."},
	verify.CertificateExpired:      atText,
	verify.IssuerExpired:           atText,
	verify.AlgorithmUnsupported:    signAnewText,
	verify.SignatureInvalid:        distrustText,
	verify.MessageMalformed:        resendText,
	verify.MessageTooLarge:         smallerText,
	verify.SignerCount:             resendText,
	verify.SignerCertificateAbsent: {"署名した人に、電子証明書を含めて署名し直してもらってください。", "Have it signed anew with the certificate included."},
	verify.SignedAttributesInvalid: resendText,
	verify.ContentTypeMismatch:     distrustText,
	verify.CertificateNotBound:     distrustText,
	verify.ContentMissing:          {"足りないファイルを追加してください。", "Add what is missing."},
	verify.ContentUnexpected:       {"追加したファイルを外してください。", "Take the added file away."},
	verify.DocumentChanged:         {"署名されたときのファイルを選んだか確かめてください。間違いがなければ、この文書を信用せず、署名した人から受け取り直してください。", "Make sure that you chose the file that was signed. If so, do not rely on this document: get it again from the signer."},
	verify.SigningTimeOutside:      distrustText,
	verify.FormatUnknown:           {"署名されたPDFかXML、または署名のファイル（.p7sなど）、それらを入れたzipを選んでください。", "Choose a signed PDF or XML file, the file with the signature (such as .p7s), or a zip archive of these."},
	verify.DocumentMalformed:       resendText,
	verify.DocumentTooLarge:        smallerText,
	verify.DocumentEncrypted:       {"署名した人に、パスワードで保護していないPDFに署名し直してもらってください。", "Have a PDF without a password signed."},
	verify.SignatureAbsent:         {"署名が別のファイル（.p7sなど）になっているときは、そのファイルを選んでください。", "If the signature is a file of its own (such as .p7s), choose that one."},
	verify.SignatureMalformed:      resendText,
	verify.CoverageInvalid:         distrustText,
	verify.ChangedAfterSigning:     {"この文書を信用せず、署名した人から、署名したときの文書を受け取り直してください。", "Do not rely on this document: get it again, as it was signed, from the signer."},
}
