package main

import "github.com/natsuin/natsuin/verify"

var (
	stampedText        = text{"署名%dにタイムスタンプを付けました。", "Signature %d has the time stamp now."}
	renumberedText     = text{"署名の並び順が変わりました。書き出したファイルでは、署名%dです。", "This changed the order of the signatures: in the file that was written it is signature %d."}
	stampText          = text{"タイムスタンプ: %s %s、時刻認証局 %s、ポリシー %s", "Time stamp: %s %s, by %s, policy %s"}
	stampUnreadText    = text{"タイムスタンプ: %s（%s）", "Time stamp: %s (%s)"}
	stampUncheckedText = text{"時刻認証局が信頼できるかどうかは確認していません。--tsa-trustで、その認証局のルート証明書のフォルダーを指定すると確認できます。", "Whether that authority is to be trusted was not checked: give a folder with its root as --tsa-trust."}
)

// stampTexts say why a file gets no time stamp, or an answer is not attached, and what helps.
var stampTexts = map[verify.Reason]reasonText{
	verify.TimeStampUnsupported: {text{"この形式の署名には、タイムスタンプを付けられません（XMLの署名、DERでない署名、PDF全体のタイムスタンプ）。", "No time stamp is put into such a signature (XML, a message that is not in DER, or a time stamp of a whole PDF)."},
		text{"タイムスタンプが必要なら、PDFの署名か、CMSの署名を使ってください。", "Where you need a time stamp, sign a PDF or in CMS."}},
	verify.SignatureCovered: {text{"後から別の署名が加えられているため、この署名にはタイムスタンプを付けられません。", "A later signature covers this one, which can get no time stamp any more."},
		text{"いちばん後の署名に付けてください。前の署名にも必要なときは、次の人が署名する前に付けてください。", "Put it at the last signature. An earlier one gets its own before the next person signs."}},
	verify.SignatureRoom: {text{"PDFの署名の場所に、タイムスタンプが入る空きがありません。", "The signature's place in the PDF has no room for the time stamp."},
		text{"余分な電子証明書を付けない時刻認証局を使うか、Natsuinで署名しなおしてください。", "Use an authority that sends fewer certificates along, or sign again with Natsuin, which leaves room."}},
	verify.TimeStampQueryMalformed: {text{"--queryのファイルが、タイムスタンプの要求ではありません。", "The file of --query is no query for a time stamp."},
		text{"「natsuin timestamp query」が作ったファイルを指定してください。", "Give the file that natsuin timestamp query wrote."}},
	verify.TimeStampResponseMalformed: {text{"--responseのファイルが、時刻認証局の応答ではありません。", "The file of --response is no answer of a time-stamping authority."},
		text{"エラーを知らせるウェブページなどが保存されていないか、ファイルの中身を確かめてください。要求は、時刻認証局のアドレスにPOSTで、Content-Type: application/timestamp-queryを付けて送ります。", "Look into the file: it may be a web page that tells of an error. The query is sent to the authority's address with POST, as Content-Type: application/timestamp-query."}},
	verify.TimeStampUntrusted: {text{"時刻認証局の証明書を、--tsa-trustのルート証明書で確かめられません。", "The authority's certificate cannot be confirmed by a root in --tsa-trust."},
		text{"その時刻認証局のルート証明書が--tsa-trustのフォルダーにあるか確かめてください。", "Make sure that the folder of --tsa-trust holds the root of this very authority."}},
	verify.TimeStampRejected: {text{"時刻認証局が、タイムスタンプの発行を断りました。", "The time-stamping authority made no time stamp."},
		text{"下の理由を確かめ、--hashや--policyを変えて要求を作りなおしてください。", "Look at the reason below, and ask again with another --hash or --policy."}},
	verify.TimeStampMismatch: {text{"この応答は、この要求への応答ではないか、この文書の署名についてのものではありません。", "The response answers another query, or is about no signature of this file."},
		text{"--in、--query、--responseの組み合わせを確かめてください。", "Look whether --in, --query and --response belong together."}},
	verify.TimeStampPresent: {text{"このタイムスタンプは、もう付いています。", "The signature has this very time stamp already."},
		text{"何もする必要はありません。", "There is nothing to do."}},
}
