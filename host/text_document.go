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
	resultText        = text{"結果: %s", "Result: %s"}
	documentRulesText = text{"規則ごとの結果（－は確認していないもの）:", "Rule by rule (---- was not checked):"}
	notReachedText    = text{"失効など、ここにない規則は調べていません。", "Rules that are not listed, revocation among them, were not looked at."}
	missingRootText   = text{"ルート証明書「%s」（%sから%sまで有効）がありません。これが発行した電子証明書は確認できません。J-LISから入手し、--trustで追加してください。", "The root %q (valid from %s to %s) is missing: certificates that it issued cannot be confirmed. Get it from J-LIS, and add it with --trust."}

	unprovenText       = text{"この署名は受け入れられないため、次の範囲は証明されていません。", "As it is refused, it proves nothing of what follows."}
	timeStampText      = text{"文書全体のタイムスタンプです。", "It is a time stamp of the whole document."}
	coversContentText  = text{"署名の対象: --contentのファイルの全体", "Covers: all of the file given as --content"}
	coversAttachedText = text{"署名の対象: メッセージの中の文書の全体（%dバイト）", "Covers: all of the document in the message (%d bytes)"}
	coversRevisionText = text{"署名の対象: 改訂%dまで（ByteRange %d）", "Covers: revision %d (byte range %d)"}
	laterText          = text{"後から許される範囲で追加されたもの: 署名 %d、タイムスタンプ %d、検証用の情報 %s、メタデータ %s、PDFの版の記載 %s", "Added later, as is allowed: signatures %d, time stamps %d, validation data %s, metadata %s, PDF version %s"}
	nothingLaterText   = text{"後から追加されたものはありません。", "Nothing was added later."}
	marksText          = text{"署名の表示があるページ: %s", "Pages that show it: %s"}
	somethingLaterText = text{"後から、見た目にかかわらない追加がありました。", "Something was added later that changes nothing that is seen."}
	coversDocumentText = text{"署名の対象: 文書の全体", "Covers: all of the document"}
	referenceText      = text{"署名の対象: %s URI=%q %s", "Covers: %s, URI %q %s"}
	unsignedText       = text{"署名の対象ではない部分: %s（%s、バイト%d-%d）", "NOT covered: %s (%s, bytes %d to %d)"}
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

var yesNoTexts = map[bool]text{true: {"あり", "yes"}, false: {"なし", "no"}}

var scopeTexts = map[string]text{
	"document":   {"文書", "document"},
	"element":    {"要素", "element"},
	"file":       {"ファイル", "file"},
	"properties": {"署名の属性", "properties of the signature"},
}

var anchorTexts = map[string]text{"j-lis": {"J-LIS", "J-LIS"}, "added": {"--trustで追加", "added with --trust"}}

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

// documentReasonTexts say why a document, one of its signatures or a token is refused.
var documentReasonTexts = map[verify.Reason]text{
	verify.CertificateMalformed:    {"電子証明書か、その基本4情報を読み取れません。", "The certificate or its attributes cannot be read."},
	verify.KeyUnsupported:          {"電子証明書の鍵が、2048〜4096ビットのRSAではありません。", "The certificate's key is not RSA of 2048 to 4096 bits."},
	verify.WrongHierarchy:          {"この用途の電子証明書ではありません。", "The certificate is not one for this use."},
	verify.CertificateForged:       {"電子証明書が偽造されたものか、壊れています。", "The certificate is forged or damaged."},
	verify.IssuerNotShipped:        {"発行者の名前はJ-LISですが、そのルート証明書がないため確認できません。入手して--trustで追加してください。", "The issuer has J-LIS's name, but its root is not here: it may be genuine. Get that root, and add it with --trust."},
	verify.IssuerForeign:           {"電子証明書の発行者がJ-LISではありません。", "The certificate's issuer is not J-LIS."},
	verify.CertificateUnsupported:  {"電子証明書に、解釈できない重要な拡張があります。", "The certificate has a critical extension that is not understood."},
	verify.CertificateNotYetValid:  {"基準の時点では、電子証明書の有効期間がまだ始まっていません。", "At that time the certificate was not valid yet."},
	verify.CertificateExpired:      {"基準の時点では、電子証明書の有効期限が切れています。受け取った時点で検証するには--atを使ってください。", "At that time the certificate had expired. To judge as of when you received it, use --at."},
	verify.IssuerExpired:           {"基準の時点が、ルート証明書の有効期間の外です。", "That time is outside the root's validity."},
	verify.AlgorithmUnsupported:    {"弱い、または対応していない方式の署名です。", "It is signed in a way that is weak or not supported."},
	verify.SignatureInvalid:        {"署名が、電子証明書の鍵によるものではないか、壊れています。", "The certificate's key did not make the signature, or it is damaged."},
	verify.MessageMalformed:        {"署名メッセージ（CMS）を読み取れません。", "The signed message (CMS) cannot be read."},
	verify.MessageTooLarge:         {"署名が大きすぎます。", "The signature is too large."},
	verify.SignerCount:             {"署名した人がいないか、複数います。", "There is no signer, or several."},
	verify.SignerCertificateAbsent: {"署名した人の電子証明書が入っていません。", "The signer's certificate is not there."},
	verify.SignedAttributesInvalid: {"署名される属性が足りないか、正しくありません。", "Signed attributes are missing or not right."},
	verify.ContentTypeMismatch:     {"文書の種類が、署名されたものと違います。", "The content's type is not the one that was signed."},
	verify.CertificateNotBound:     {"署名が、この電子証明書に結び付けられていません。", "The signature is not bound to this certificate."},
	verify.ContentMissing:          {"署名の対象のファイルがありません。CMSは--content、XMLは--filesで指定してください。", "What is signed was not given: use --content for CMS, --files for XML."},
	verify.ContentUnexpected:       {"文書はこのファイルに入っているため、--contentは使えません。", "The file holds its document: --content does not go with it."},
	verify.DocumentChanged:         {"文書が署名の後で変更されています。", "The document is not the one that was signed."},
	verify.SigningTimeOutside:      {"申告された署名の時刻が、電子証明書の有効期間の外です。", "The claimed signing time is outside the certificate's validity."},
	verify.FormatUnknown:           {"CMS、PDF、XMLのどれでもありません。", "The file is neither CMS nor PDF nor XML."},
	verify.DocumentMalformed:       {"ファイルが壊れているか、読み取れない形式です。", "The file is damaged, or of a form that is not read."},
	verify.DocumentTooLarge:        {"ファイルが大きすぎるか、部分が多すぎます。", "The file is too large, or has too many parts."},
	verify.DocumentEncrypted:       {"暗号化されたPDFは読み取れません。", "An encrypted PDF is not read."},
	verify.SignatureAbsent:         {"署名がありません。", "The file holds no signature."},
	verify.SignatureMalformed:      {"署名の形が規格に合っていません。", "The signature is not built as its format wants."},
	verify.CoverageInvalid:         {"署名の対象がこの文書かどうか、はっきりしません。すり替えの疑いがあります。", "What it signs is not clearly this document: something may have been exchanged."},
	verify.ChangedAfterSigning:     {"署名の後に、許されない変更が加えられています。", "The document was changed after signing in a way that is not allowed."},
	verify.TimeStampInvalid:        {"信頼できるタイムスタンプがありません。", "There is no time stamp that is to be believed."},
	verify.CertificateRevoked:      {"基準の時点で、電子証明書が失効または一時停止していました。", "The certificate was revoked or on hold at that time."},
	verify.RevocationUntrusted:     {"失効の情報が、電子証明書の発行者によるものではありません。", "The certificate's issuer did not sign the CRL or OCSP response."},
	verify.RevocationStale:         {"失効の情報が、基準の時点のものではありません。", "The CRL or OCSP response does not speak of that time."},
	verify.RevocationUnknown:       {"渡された失効の情報からは、この電子証明書について分かりません。", "No CRL or OCSP response given says anything of the certificate that can be understood."},
	verify.RevocationUnavailable:   {"失効の情報を得られませんでした。", "Nothing about revocation could be had."},
}
