package main

import "github.com/natsuin/natsuin/verify"

var formatTexts = map[verify.Format]text{
	verify.CMS: {"署名メッセージ（CMS）", "signed message (CMS)"},
	verify.PDF: {"PDF", "PDF"},
	verify.XML: {"XML", "XML"},
}

var outcomeTexts = map[verify.Outcome]text{
	verify.Passed:     {"○", "pass"},
	verify.Failed:     {"×", "FAIL"},
	verify.NotChecked: {"－", "----"},
}

var signatureOutcomeTexts = map[verify.Outcome]text{
	verify.Passed:     {"確認した規則はすべて満たしています。", "It meets every rule that was checked."},
	verify.Failed:     {"受け入れられません。", "It is refused."},
	verify.NotChecked: {"確認していません。", "It is not checked."},
}

var acceptedTexts = map[bool]text{
	true:  {"受け入れ: どの署名も、確認した規則を満たしています。署名の対象の範囲と、確認していない規則にご注意ください。", "Accepted: no signature fails a rule that was checked. Mind what each covers, and what was not checked."},
	false: {"受け入れ不可: この文書の署名を信用しないでください。", "Not accepted: do not rely on the signatures of this document."},
}

var (
	documentText      = text{"%s: %s、%dバイト", "%s: %s, %d bytes"}
	pdfText           = text{"改訂の数: %d、ページ数: %d", "Revisions: %d, pages: %d"}
	judgedAtText      = text{"検証の基準の時点: %s", "Judged as of: %s"}
	documentPlaceText = text{"署名 %d／%d: %s", "Signature %d of %d: %s"}
	whatHelpsText     = text{"対処: %s", "Remedy: %s"}
	resultText        = text{"結果: %s", "Result: %s"}
	documentRulesText = text{"規則ごとの結果（－は確認していないもの）:", "Rule by rule (---- was not checked):"}
	notReachedText    = text{"失効など、ここにない規則は調べていません。", "Rules that are not listed, revocation among them, were not looked at."}

	unprovenText       = text{"この署名は受け入れられないため、次の範囲は証明されていません。", "As it is refused, it proves nothing of what follows."}
	timeStampText      = text{"文書全体のタイムスタンプです。", "It is a time stamp of the whole document."}
	coversContentText  = text{"署名の対象: --contentのファイルの全体", "Covers: all of the file given as --content"}
	coversAttachedText = text{"署名の対象: メッセージの中の文書の全体（%dバイト）", "Covers: all of the document in the message (%d bytes)"}
	coversRevisionText = text{"署名の対象: 改訂%dまで（バイト%s）", "Covers: revision %d (bytes %s)"}
	laterText          = text{"後から許される範囲で追加されたもの: 署名 %d、タイムスタンプ %d、検証用の情報 %s、メタデータ %s、PDFの版の記載 %s", "Added later, as is allowed: signatures %d, time stamps %d, validation data %s, metadata %s, PDF version %s"}
	nothingLaterText   = text{"後から追加されたものはありません。", "Nothing was added later."}
	marksText          = text{"署名の表示があるページ: %s", "Pages that show it: %s"}
	somethingLaterText = text{"後から、見た目にかかわらない追加がありました。", "Something was added later that changes nothing that is seen."}
	coversDocumentText = text{"署名の対象: 文書の全体", "Covers: all of the document"}
	referenceText      = text{"署名の対象: %s URI=%q %s", "Covers: %s, URI %q %s"}
	unsignedFileText   = text{"注意: zipファイルの中の「%s」は、確かめられた署名の対象になっていません。", "Note: %q in the archive is signed by no signature that passed."}
	unsignedText       = text{"署名の対象ではない部分: %s（%s、バイト%s）", "NOT covered: %s (%s, bytes %s)"}
	spanText           = text{"%d〜%d", "%d to %d"}
	moreUnsignedText   = text{"署名の対象ではない部分は、ほかにもあります。", "There are more parts that are not covered."}

	signerText   = text{"電子証明書: シリアル番号 %s、SHA-256 %s", "Certificate: serial number %s, SHA-256 %s"}
	policiesText = text{"証明書ポリシー: %s", "Policies: %s"}
	anchorText   = text{"発行したルート証明書: %s（%s）SHA-256 %s", "Issued by the root: %s (%s), SHA-256 %s"}
	obtainedText = text{"ルート証明書の入手元: %s", "How that root was obtained: %s"}
	noAnchorText = text{"信頼するルート証明書が発行したものではありません。", "No root that is trusted here issued it."}
	holderText   = text{"署名した人（電子証明書の記載）:", "Signer, as the certificate has it:"}

	claimsText          = text{"署名した人の申告（証明されていません）:", "What the signer claims, which is not proven:"}
	claimedTimeText     = text{"  署名の時刻: %s", "  Signing time: %s"}
	claimedEntryText    = text{"  PDFに書かれた時刻: %s", "  Time in the PDF: %s"}
	claimedReasonText   = text{"理由", "Reason"}
	claimedLocationText = text{"場所", "Location"}
)

// missingRootTexts tell of a root that is not here, by its hierarchy. Documents are held against those for signatures alone.
var missingRootTexts = map[string]text{
	"signature":      {"ルート証明書「%s」（%sから%sまで有効）がありません。これが発行した電子証明書は確認できません。J-LISから入手し、--trustで追加してください。", "The root %q (valid from %s to %s) is missing: certificates that it issued cannot be confirmed. Get it from J-LIS, and add it with --trust."},
	"authentication": {"補足: ルート証明書「%s」（%sから%sまで有効）はNatsuinに入っていませんが、ログイン用のもので、文書の検証には使いません。", "Note: the root %q (valid from %s to %s) is not in Natsuin. It is one for logins, and not used for documents."},
}

var yesNoTexts = map[bool]text{true: {"あり", "yes"}, false: {"なし", "no"}}

var scopeTexts = map[string]text{
	"document":   {"文書", "document"},
	"element":    {"要素", "element"},
	"file":       {"ファイル", "file"},
	"properties": {"署名の属性", "properties of the signature"},
}

var anchorTexts = map[string]text{"j-lis": {"J-LIS", "J-LIS"}, "added": {"--trustまたは管理者の設定で追加", "added with --trust or by an administrator"}}

// ruleTexts say what each rule of verify asks.
var ruleTexts = map[string]text{
	verify.RuleFormat:              {"ファイルを読み取れ、署名がある", "the file can be read, and holds a signature"},
	verify.RuleMessage:             {"署名を読み取れ、方式が分かる", "the signature can be read, and its algorithms are known"},
	verify.RuleCoverage:            {"署名の対象が、この文書かその一部だとはっきりしている", "what it covers is the document, or clearly a part of it"},
	verify.RuleUnchanged:           {"署名の後に、許されない変更がない", "nothing was changed later, beyond what may be added"},
	verify.RuleDocument:            {"文書は署名されたときのまま", "the document is the one that was signed"},
	verify.RuleSignature:           {"電子証明書の鍵で署名されている", "the certificate's key made the signature"},
	verify.RuleCertificateBound:    {"どの電子証明書で署名したかも署名で守られている", "the signature names its certificate under its own protection"},
	verify.RuleTimeStamp:           {"信頼できるタイムスタンプがある", "one of its time stamps is to be believed"},
	verify.RuleCertificate:         {"電子証明書を読み取れる", "the certificate can be read"},
	verify.RuleIssuer:              {"信頼する署名用のルート証明書が発行した", "a trusted root for signatures issued the certificate"},
	verify.RuleKeyUsage:            {"電子証明書が署名用である", "the certificate is made for signatures"},
	verify.RuleCertificateValidity: {"基準の時点が電子証明書の有効期間内", "the time is within the certificate's validity"},
	verify.RuleIssuerValidity:      {"基準の時点がルート証明書の有効期間内", "the time is within the root's validity"},
	verify.RuleAttributes:          {"電子証明書の基本4情報を読み取れる", "the holder's attributes can be read"},
	verify.RuleSigningTime:         {"申告された署名の時刻が電子証明書の有効期間内", "the claimed time is within the certificate's validity"},
	verify.RuleRevocation:          {"電子証明書が失効していない", "the certificate was not revoked"},
}
