package main

import "github.com/natsuin/natsuin/verify"

// A reasonText says why something is refused, and what helps.
type reasonText struct{ message, remedy text }

// Remedies that several reasons share.
var (
	resendText   = text{"送った人に、元のファイルをもう一度送ってもらってください。", "Have the sender send the original file again."}
	distrustText = text{"この署名を信用せず、署名した人に、別の方法で直接確かめてください。", "Do not rely on this signature. Ask the signer directly, by other means."}
	signAnewText = text{"署名した人に、マイナンバーカードの署名用電子証明書とSHA-256以上の方式で、署名し直してもらってください。", "Have it signed anew, with the signature certificate of a My Number Card and SHA-256 or better."}
	atText       = text{"受け取った日時が分かるときは、コマンド「natsuin verify --at」で、その時点について検証できます。", "If you know when you received it, the command natsuin verify --at judges as of that time."}
	smallerText  = text{"このままでは検証できません。送った人に、小さく分けて署名し直してもらってください。", "It cannot be checked as it is: have it split up and signed anew."}
)

// documentReasonTexts say why a document, one of its signatures or a token is refused, and what helps with a document.
var documentReasonTexts = map[verify.Reason]reasonText{
	verify.CertificateMalformed: {text{"電子証明書か、その基本4情報を読み取れません。", "The certificate or its attributes cannot be read."}, resendText},
	verify.KeyUnsupported:       {text{"電子証明書の鍵が、2048〜4096ビットのRSAではありません。", "The certificate's key is not RSA of 2048 to 4096 bits."}, signAnewText},
	verify.WrongHierarchy:       {text{"この用途の電子証明書ではありません。", "The certificate is not one for this use."}, signAnewText},
	verify.CertificateForged:    {text{"電子証明書が偽造されたものか、壊れています。", "The certificate is forged or damaged."}, distrustText},
	verify.IssuerNotShipped: {text{"発行者の名前はJ-LISですが、そのルート証明書がないため確認できません。本物の可能性もあります。", "The issuer has J-LIS's name, but its root is not here: this cannot be confirmed, and may be genuine."},
		text{"J-LISからルート証明書を入手し、それを入れたフォルダーを--trustで指定してください。", "Get that root from J-LIS, and give the folder that you put it into with --trust."}},
	verify.IssuerForeign: {text{"電子証明書の発行者がJ-LISではありません。", "The certificate's issuer is not J-LIS."},
		text{"マイナンバーカード以外の電子証明書による署名は、Natsuinでは確かめられません。その発行者が案内する方法で確かめてください。模擬カードの署名は、本物の手続きには使えません。", "Natsuin cannot confirm signatures by certificates other than those of My Number Cards: do as their issuer tells you. A simulated card's signature is of no use for real procedures."}},
	verify.CertificateUnsupported: {text{"電子証明書に、解釈できない重要な拡張があります。", "The certificate has a critical extension that is not understood."}, signAnewText},
	verify.CertificateNotYetValid: {text{"基準の時点では、電子証明書の有効期間がまだ始まっていません。", "At that time the certificate was not valid yet."},
		text{"パソコンの日付と時刻が正しいか確認してください。", "Check the date and time of this computer."}},
	verify.CertificateExpired:   {text{"基準の時点では、電子証明書の有効期限が切れています。", "At that time the certificate had expired."}, atText},
	verify.IssuerExpired:        {text{"基準の時点が、ルート証明書の有効期間の外です。", "That time is outside the root's validity."}, atText},
	verify.AlgorithmUnsupported: {text{"弱い、または対応していない方式の署名です。", "It is signed in a way that is weak or not supported."}, signAnewText},
	verify.SignatureInvalid:     {text{"署名が、電子証明書の鍵によるものではないか、壊れています。", "The certificate's key did not make the signature, or it is damaged."}, distrustText},
	verify.MessageMalformed:     {text{"署名メッセージ（CMS）を読み取れません。", "The signed message (CMS) cannot be read."}, resendText},
	verify.MessageTooLarge:      {text{"署名が大きすぎます。", "The signature is too large."}, smallerText},
	verify.SignerCount:          {text{"署名した人がいないか、複数います。", "There is no signer, or several."}, resendText},
	verify.SignerCertificateAbsent: {text{"署名した人の電子証明書が入っていません。", "The signer's certificate is not there."},
		text{"署名した人に、電子証明書を含めて署名し直してもらってください。", "Have it signed anew with the certificate included."}},
	verify.SignedAttributesInvalid: {text{"署名される属性が足りないか、正しくありません。", "Signed attributes are missing or not right."}, resendText},
	verify.ContentTypeMismatch:     {text{"文書の種類が、署名されたものと違います。", "The content's type is not the one that was signed."}, distrustText},
	verify.CertificateNotBound:     {text{"署名が、この電子証明書に結び付けられていません。", "The signature is not bound to this certificate."}, distrustText},
	verify.ContentMissing: {text{"署名の対象のファイルがありません。", "What is signed was not given."},
		text{"CMSの署名なら文書を--contentで、XMLの署名ならファイルのあるフォルダーを--filesで指定してください。", "For a CMS message give the document with --content, for XML the folder of the files with --files."}},
	verify.ContentUnexpected: {text{"署名された文書は、このファイルの中に入っているか、--contentのファイルではありません。", "What is signed is in the file itself, or not what --content names."},
		text{"--contentを外してください。", "Leave out --content."}},
	verify.DocumentChanged: {text{"文書が署名の後で変更されています。", "The document is not the one that was signed."},
		text{"署名されたときのファイルを選んだか確かめてください。間違いがなければ、この文書を信用せず、署名した人から受け取り直してください。", "Make sure that you chose the file that was signed. If so, do not rely on this document: get it again from the signer."}},
	verify.SigningTimeOutside: {text{"申告された署名の時刻が、電子証明書の有効期間の外です。", "The claimed signing time is outside the certificate's validity."}, distrustText},
	verify.FormatUnknown: {text{"CMS、PDF、XMLのどれでもありません。", "The file is neither CMS nor PDF nor XML."},
		text{"署名されたPDFかXML、署名のファイル（.p7sなど）、またはそれらを入れたzipファイルを選んでください。", "Choose a signed PDF or XML file, the file with the signature (such as .p7s), or a zip archive of them."}},
	verify.DocumentMalformed: {text{"ファイルが壊れているか、読み取れない形式です。", "The file is damaged, or of a form that is not read."}, resendText},
	verify.DocumentTooLarge:  {text{"ファイルが大きすぎるか、部分が多すぎます。", "The file is too large, or has too many parts."}, smallerText},
	verify.DocumentEncrypted: {text{"暗号化されたPDFは読み取れません。", "An encrypted PDF is not read."},
		text{"署名した人に、パスワードで保護していないPDFに署名し直してもらってください。", "Have a PDF without a password signed."}},
	verify.SignatureAbsent: {text{"署名がありません。", "The file holds no signature."},
		text{"署名が別のファイル（.p7sなど）になっているときは、そのファイルを選んでください。", "If the signature is a file of its own (such as .p7s), choose that one."}},
	verify.SignatureMalformed: {text{"署名の形が規格に合っていません。", "The signature is not built as its format wants."}, resendText},
	verify.CoverageInvalid:    {text{"署名の対象がこの文書かどうか、はっきりしません。すり替えの疑いがあります。", "What it signs is not clearly this document: something may have been exchanged."}, distrustText},
	verify.ChangedAfterSigning: {text{"署名の後に、許されない変更が加えられています。", "The document was changed after signing in a way that is not allowed."},
		text{"この文書を信用せず、署名した人から、署名したときの文書を受け取り直してください。", "Do not rely on this document: get it again, as it was signed, from the signer."}},
	verify.TimeStampInvalid: {text{"信頼できるタイムスタンプがありません。", "There is no time stamp that is to be believed."},
		text{"--tsa-trustのフォルダーに、その時刻認証局のルート証明書があるか確かめてください。あるときは、このタイムスタンプを信用せず、「natsuin timestamp query」からやりなおしてください。", "Make sure that the folder of --tsa-trust holds the root of that authority. If it does, do not rely on the time stamp: ask for another one, beginning with natsuin timestamp query."}},
	verify.CertificateRevoked: {text{"基準の時点で、電子証明書が失効または一時停止していました。", "The certificate was revoked or on hold at that time."},
		text{"失効した後の署名は信用しないでください。失効する前に受け取った文書なら、受け取った日時を--atで指定して検証できます。", "Do not rely on a signature from after that. A document that you received before it can be judged as of then, with --at."}},
	verify.RevocationUntrusted: {text{"失効の情報が、電子証明書の発行者によるものではありません。", "The certificate's issuer did not sign the CRL or OCSP response."},
		text{"この電子証明書を発行した認証局の失効リスト（--crl）か、OCSPの応答（--ocsp）を指定してください。", "Give a CRL (--crl) or an OCSP response (--ocsp) of the authority that issued this certificate."}},
	verify.RevocationStale: {text{"失効の情報が、基準の時点のものではありません。", "The CRL or OCSP response does not speak of that time."},
		text{"基準の時点を含む期間の失効リスト（--crl）かOCSPの応答（--ocsp）を、入手しなおしてください。", "Get a CRL (--crl) or an OCSP response (--ocsp) whose period holds that time."}},
	verify.RevocationUnknown: {text{"渡された失効の情報からは、この電子証明書について分かりません。", "No CRL or OCSP response given says anything of the certificate that can be understood."},
		text{"この電子証明書についての失効リスト（--crl）かOCSPの応答（--ocsp）を指定してください。", "Give a CRL (--crl) or an OCSP response (--ocsp) that is about this certificate."}},
	verify.RevocationUnavailable: {text{"失効の情報を得られませんでした。", "Nothing about revocation could be had."},
		text{"しばらくしてから、もう一度検証してください。", "Check again after a while."}},
}

// pageReasonTexts are for the page that verifies, where documentReasonTexts speak of flags.
var pageReasonTexts = map[verify.Reason]reasonText{
	verify.IssuerNotShipped: {text{"発行者の名前はJ-LISですが、そのルート証明書がNatsuinにないため、確認できません。", "The issuer has J-LIS's name, but its root is not in Natsuin: this cannot be confirmed, and may be genuine."},
		text{"J-LISからルート証明書を入手し、コマンド「natsuin verify --trust」で検証してください。", "Get that root from J-LIS, and use the command natsuin verify --trust."}},
	verify.ContentMissing: {text{"署名の対象のファイルがそろっていません。", "What was signed is not all here."},
		text{"足りないファイルを追加してください。", "Add what is missing."}},
	verify.ContentUnexpected: {text{"文書は署名のファイルの中に入っています。追加したファイルは、署名の対象ではありません。", "The file holds the document that was signed: the one that you added is not it."},
		text{"追加したファイルを外してください。", "Take the added file away."}},
}
