package main

import "github.com/natsuin/natsuin/verify"

var profileTexts = map[verify.Profile]text{
	verify.MOJ:  {"登記・供託オンライン申請のPDFの形式", "the registry's rules for PDF (moj)"},
	verify.ETax: {"e-Taxの署名の形式", "e-Tax's rules (etax)"},
	verify.EGov: {"e-Govの署名の形式", "e-Gov's rules (egov)"},
}

// otherFormatTexts say what a file is that is held against a profile for another format. The verb is the profile.
var otherFormatTexts = map[verify.Format]text{
	verify.PDF: {"このファイルはPDFです。%sの形式は、XMLのためのものです。", "The file is a PDF; the rules of %s are for XML."},
	verify.XML: {"このファイルはXMLです。%sの形式は、PDFのためのものです。", "The file is XML; the rules of %s are for PDF."},
	verify.CMS: {"このファイルは署名メッセージ（CMS）で、%sの形式のものではありません。", "The file is a signed message (CMS), which the rules of %s are not for."},
}

// otherProfileText helps with that.
var otherProfileText = text{"登記・供託オンライン申請のPDFなら--profile moj、e-TaxのXMLならetax、e-GovのXMLならegovを指定してください。提出先の形式によらずに署名を確かめるには、「natsuin verify」を使ってください。",
	"Give --profile moj for a PDF for the registry, etax for XML for e-Tax, egov for XML for e-Gov. natsuin verify checks signatures whatever they are for."}

var (
	bytesText    = text{"     バイト%s: %s", "     byte %s: %s"}
	wholeText    = text{"     バイト%s", "     byte %s"}
	remedyText   = text{"     直し方: %s", "     Remedy: %s"}
	conformsText = text{"すべての規則に合っています。電子証明書は「natsuin verify」で確かめてください。実際に受け付けられるかは提出先が決めます。", "It meets every rule. natsuin verify looks at the certificate; whether it is taken, the service decides."}
	brokenText   = text{"%d個の規則に合っていません。", "Rules that it breaks: %d."}

	serviceConformsText = text{"提出先の規則: %sに、すべて合っています。", "Filing: it meets all of %s."}
	serviceBrokenText   = text{"提出先の規則: %sのうち、次に合っていません。署名が正しくても、受け付けられないことがあります。", "Filing: of %s, it breaks these. It may be turned away even where its signature is correct."}
)

// conformanceTexts say what each rule of a profile asks.
var conformanceTexts = map[string]text{
	"c1-one-signature": {"1つの改訂に新しい署名が1つだけある（/Type /Sig）", "one new signature dictionary in the revision, /Type /Sig"},
	"c2-sub-filter":    {"/SubFilterが/adbe.pkcs7.detachedで、/Referenceがない", "/SubFilter is /adbe.pkcs7.detached, and there is no /Reference"},
	"c3-name":          {"署名者の名前（/Name）がある", "the signer's /Name is there"},
	"c4-time":          {"署名の日時（/M）が時差まで書かれている", "/M is a complete date with a time zone"},
	"c5-byte-range":    {"/Contents以外のすべてが署名の対象", "all is signed but /Contents"},
	"c6-contents":      {"/Contentsが16進数のDERと、後に続く0だけ", "/Contents is DER in hexadecimal digits, then zeros"},
	"c7-message":       {"署名メッセージ（PKCS#7）の構造が正しい", "the PKCS#7 message is built as it should be"},
	"c8-algorithms":    {"SHA-256とRSAによる署名", "SHA-256 with RSA"},
	"c9-incremental":   {"署名が元のファイルへの追記である", "the signature is an incremental update"},
	"c10-verifies":     {"文書のハッシュ値と署名の値が正しい", "digest and signature are correct"},

	"well-formed":      {"XMLとして正しく、大きさなどの制限内", "it is well-formed XML, within the limits"},
	"encoding":         {"文字コードがUTF-8", "it is in UTF-8"},
	"doctype":          {"文書型宣言（DOCTYPE）がない", "it has no document type declaration"},
	"xml-declaration":  {"XML宣言で始まる", "it begins with an XML declaration"},
	"root":             {"ルート要素の名前と名前空間が提出先の定めどおり", "the root element has the name that the service wants, and is in its namespace"},
	"target":           {"署名する要素が、決まったidで1つだけある", "there is one element to sign, with its id"},
	"id":               {"同じidの要素がほかにない", "no other element has that id"},
	"signature":        {"署名がある", "there is a signature"},
	"structure":        {"署名がXML署名の規格どおりで、方式が分かる", "it is built as XML Signature wants, from known algorithms"},
	"place":            {"署名が決まった場所にある", "the signature stands where the service wants it"},
	"signature-id":     {"署名のIdが数字だけ", "the signature's Id is of digits"},
	"reference":        {"最初の参照が、署名する要素を指す", "the first reference is to the element to sign"},
	"references":       {"余分な参照がない（e-Govではファイルへの参照だけ）", "there are no further references (e-Gov: but to files)"},
	"escaped":          {"URIがパーセント符号化されている", "URIs are percent-encoded"},
	"transforms":       {"署名する要素の変換（Transforms）が定めどおり", "the transforms of the signed element are as the service wants"},
	"file-transforms":  {"ファイルへの参照に変換がない", "files are signed as they are"},
	"canonicalization": {"SignedInfoの正規化の方式が定めどおり", "SignedInfo is in the service's canonical form"},
	"digest-method":    {"ハッシュがSHA-256", "digests are SHA-256"},
	"signature-method": {"署名がSHA-256とRSA", "the signature is RSA with SHA-256"},
	"certificate":      {"KeyInfoに電子証明書がある", "the signer's certificate is in KeyInfo"},
	"digest":           {"署名された要素が変更されていない", "what is signed of the document has not been changed"},
	"files-given":      {"署名されたファイルがすべてある", "every signed file is there"},
	"files-signed":     {"あるファイルがすべて署名されている", "every file that is there is signed"},
	"file-digest":      {"署名されたファイルが変更されていない", "signed files have not been changed"},
	"signature-value":  {"電子証明書の鍵で署名されている", "the certificate's key made the signature"},
}

// documentRemedyTexts say what helps.
var documentRemedyTexts = map[verify.Remedy]text{
	verify.RemedySign:          {"この提出先の形式で文書に署名してください。", "Sign the document for this service."},
	verify.RemedySignOriginal:  {"この署名を付ける前の文書に、この提出先の形式で署名しなおしてください。", "Take the document from before this signature, and sign that for this service."},
	verify.RemedySignedVersion: {"署名した直後のファイルを使ってください。署名の後で保存しなおしたファイルは使えません。", "Use the file as it was right after signing; one that was saved again does not do."},
	verify.RemedyOtherProgram:  {"この署名を付ける前の文書に、別のソフト（「natsuin sign --format pdf --profile moj」など）で署名しなおしてください。", "Sign the document from before this signature with another program, such as natsuin sign --format pdf --profile moj."},
	verify.RemedyUndamaged:     {"変更や破損のない元のファイルを使ってください。なければ、署名しなおしてください。", "Use a copy that was not changed or damaged; where there is none, sign again."},
	verify.RemedyWriteAnew:     {"提出先の形式に合わせて文書を作りなおし、署名しなおしてください。", "Write the document as the service wants it, and sign that."},
	verify.RemedyGiveFiles:     {"署名されたファイルをすべて1つのフォルダーに入れ、--filesで指定してください。", "Put every signed file into one folder, and give it with --files."},
}
