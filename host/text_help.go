package main

var helpIntroText = text{`natsuin - マイナンバーカードとウェブをつなぐ（非公式）

ブラウザーから起動されると、拡張機能と通信します。端末では次のコマンドが使えます。`,
	`natsuin - the bridge between the My Number Card and the web (unofficial)

Started by a browser it speaks with the extension. On a terminal it has these commands.`}

// A flagText explains a flag.
type flagText struct {
	name string
	text
}

// flagTexts explain the flags that go with many commands.
var flagTexts = []flagText{
	{"reader", text{"--reader NAME    使うカードリーダー", "--reader NAME    the reader to use"}},
	{"wait", text{"--wait DURATION  カードを待つ時間（60s、2m、または秒数。既定: 端末では60s、スクリプトでは0）", "--wait DURATION  how long to wait for a card (60s, 2m, or seconds; default: 60s on a terminal, 0 for scripts)"}},
	{"pin-fd", text{"--pin-fd N       暗証番号をファイル記述子Nから1行読む（0は標準入力）", "--pin-fd N       read the PIN from file descriptor N, up to a newline (0 is standard input)"}},
	{"pin-pad", text{"--pin-pad        数字4桁の暗証番号をカードリーダーのテンキーで入力する", "--pin-pad        type PINs of 4 digits on the reader's own pad"}},
	{"new-pin-fd", text{"--new-pin-fd N   新しい暗証番号をファイル記述子Nから1行読む", "--new-pin-fd N   read the new PIN from file descriptor N, up to a newline"}},
	{"last-try", text{"--last-try       最後の1回を使うことを許す", "--last-try       permit the use of the last try"}},
	{"trust", text{"--trust DIR      信頼するルート証明書を追加する（PEMまたはDERのフォルダー）", "--trust DIR      add trust anchors (a folder of PEM or DER files)"}},
	{"json", text{"--json           結果とエラーをJSONで標準出力に書く", "--json           results and errors as JSON on standard output"}},
	{"lang", text{"--lang ja|en     言語", "--lang ja|en     language"}},
}

// ownFlagTexts explain the flags that mean the same wherever they are taken.
var ownFlagTexts = []flagText{
	{"attached", text{"--attached       文書を署名（CMS）の中に入れる", "--attached       put the document into the CMS message"}},
	{"detached", text{"--detached       文書を署名（CMS）の中に入れない（既定）", "--detached       leave it out of the message (usual)"}},
	{"hash", text{"--hash NAME      ハッシュ関数: SHA-256（既定）、SHA-384、SHA-512", "--hash NAME      hash function: SHA-256 (usual), SHA-384 or SHA-512"}},
	{"cosign", text{"--cosign FILE    すでにある署名（CMS）に署名を加える。その署名に文書が入っていれば、--inは指定しない", "--cosign FILE    add a signature to this CMS message; leave out --in where it holds its document"}},
	{"file", text{"--file FILE      XMLの署名で、ファイル名で一緒に署名するファイル", "--file FILE      a file that the XML signature signs along, by its name"}},
	{"element", text{"--element ID     署名するXMLの要素のid", "--element ID     the id of an element of the XML to sign"}},
	{"xades", text{"--xades          XMLの署名をXAdES-BESにする", "--xades          make the XML signature XAdES-BES"}},
	{"seal-text", text{"--seal-text TEXT 印影の文字（1〜8文字）", "--seal-text TEXT draw these 1 to 8 characters as a seal on the PDF"}},
	{"seal-picture", text{"--seal-picture FILE  印影の画像（PNG、縦横1024ピクセルまで）", "--seal-picture FILE  put this PNG, of 1024 pixels each way at most, on the PDF instead"}},
	{"seal-at", text{"--seal-at P,X,Y,S    印影の場所: ページ、左から、下から、大きさ（1/72インチ単位の整数）", "--seal-at P,X,Y,S    where: page, from the left, from the bottom, size (whole numbers, 1/72 inch)"}},
	{"seal-ring", text{"--seal-ring      印影に輪を付ける", "--seal-ring      draw a ring around it"}},
	{"der", text{"--der            PEMの代わりにDERで書く", "--der            write DER in place of PEM"}},
	{"text", text{"--text           内容と有効期限を読みやすく表示する（authとsignだけ）", "--text           show what stands in it and until when it is valid (auth and sign only)"}},
	{"content", text{"--content FILE   分離された署名（CMS）の対象のファイル", "--content FILE   the file that a detached CMS signs"}},
	{"files", text{"--files DIR      XMLの署名が名前で指すファイルのフォルダー", "--files DIR      the folder with the files that an XML signature names"}},
	{"at", text{"--at RFC3339     この時点で検証する（例: 2026-11-23T12:00:00+09:00。既定: 今）", "--at RFC3339     judge as of that time (such as 2026-11-23T12:00:00+09:00; default: now)"}},
	{"crl", text{"--crl FILE       失効リスト（CRL）で失効を確認する", "--crl FILE       check revocation with this CRL"}},
	{"ocsp", text{"--ocsp FILE      OCSPの応答で失効を確認する", "--ocsp FILE      check revocation with this OCSP response"}},
	{"attributes", text{"--attributes     署名した人の基本4情報も表示する", "--attributes     also show the signer's name, address, birth date and sex"}},
	{"tsa-trust", text{"--tsa-trust DIR  信頼する時刻認証局のルート証明書のフォルダー（PEMまたはDER）", "--tsa-trust DIR  the roots of the time-stamping authorities to believe (a folder of PEM or DER files)"}},
	{"signature", text{"--signature N    natsuin verifyの番号で署名を選ぶ（既定: 1つだけの署名、PDFでは最後の署名）", "--signature N    the signature by its number in natsuin verify (default: the only one, and of a PDF the last)"}},
	{"policy", text{"--policy OID     時刻認証局に求めるポリシー（例: 1.2.3.4）", "--policy OID     the policy that the authority shall follow (such as 1.2.3.4)"}},
	{"query", text{"--query FILE     timestamp queryが作った要求", "--query FILE     what timestamp query wrote"}},
	{"response", text{"--response FILE  時刻認証局の応答（HTTPでは、要求をapplication/timestamp-queryとして送った応答の本文）", "--response FILE  what the authority answered (over HTTP: the body of the answer to the query, sent as application/timestamp-query)"}},
	{"compare", text{"--compare        署名用電子証明書と比べる（その暗証番号も必要。--pin-fdからは券面事項入力補助用、署名用の順に1行ずつ読む）", "--compare        compare with the signature certificate; takes its PIN too (from --pin-fd: the card-surface PIN in the first line, the signature PIN in the second)"}},
	{"origin", text{"--origin URL     ログイン先のオリジン（例: https://shinsei.example.jp）", "--origin URL     the origin to log in to (such as https://shinsei.example.jp)"}},
	{"challenge", text{"--challenge BASE64  サイトが発行したチャレンジ", "--challenge BASE64  the challenge that the site issued"}},
	{"birth", text{"--birth D        生年月日（日付はどれもYYYY-MM-DD、例: 1990-01-31）", "--birth D        date of birth (all dates: YYYY-MM-DD, such as 1990-01-31)"}},
	{"issued", text{"--issued D       カードが発行された日", "--issued D       day on which the card was issued"}},
	{"applied", text{"--applied D      カードを申請した日（2022年3月31日までに申請したかどうかで変わるとき）", "--applied D      day on which it was applied for (matters up to 2022-03-31)"}},
	{"foreign", text{"--foreign        外国人住民", "--foreign        a foreign resident"}},
	{"stay-until", text{"--stay-until D   在留期間の満了日（--foreignと一緒に）", "--stay-until D   end of the period of stay (with --foreign)"}},
	{"desks", text{"--desks FILE     相談窓口を追加するファイル（desksと一緒に）", "--desks FILE     a file with further help desks (with desks)"}},
	{"force", text{"--force          すでにあるファイルを置き換える", "--force          replace a file that is there already"}},
	{"browser", text{"--browser NAME   ブラウザー: chromium、chrome、edge、brave、vivaldi、opera、arc、firefox、librewolf、またはall（すべて。まだ入っていないものも）。既定: パソコンにあるものと、登録済みのもの", "--browser NAME   chromium, chrome, edge, brave, vivaldi, opera, arc, firefox, librewolf, or all (even those that are not there yet); default: those that are there, and those registered already"}},
	{"user", text{"--user           本人だけのために登録する（既定）", "--user           for this person (usual)"}},
	{"system", text{"--system         パソコンの全員のために登録する（管理者の権限が必要）", "--system         for everybody on this machine (takes an administrator's rights)"}},
	{"root", text{"--root DIR       DIRを/とみなして書く（パッケージを作るとき。既定は--system）", "--root DIR       write below DIR as if it were / (for packagers; --system is usual then)"}},
	{"program", text{"--program PATH   登録するプログラムの絶対パス（既定: このプログラム）", "--program PATH   the absolute path of the program to register (default: this program)"}},
	{"bundle", text{"--bundle FILE    不具合の報告に使う、個人の情報を除いた結果をFILEに書く", "--bundle FILE    write the result for a bug report, without personal data"}},
}

// commandFlagTexts explain those that a command has its own meaning for, by its name: in place of what is said for others.
var commandFlagTexts = map[string][]flagText{
	"cert": {
		{"out", text{"--out FILE       書き込み先（既定: 標準出力）", "--out FILE       where to write it (default: standard output)"}},
	},
	"sign": {
		{"format", text{"--format NAME    署名の形式: cms（CMS）、pdf（PDFに署名を追記）、xml（XML署名）、raw（RSA署名の値だけ）", "--format NAME    kind of signature: cms (CMS), pdf (appended to the PDF), xml (XML Signature), raw (the bare RSA signature)"}},
		{"in", text{"--in FILE        署名する文書（繰り返すと、1回の暗証番号で複数の文書）", "--in FILE        the document to sign; repeated: several, with one PIN"}},
		{"out", text{"--out FILE       書き込み先。文書が複数のときはフォルダー。xmlで名前が.zipで終わるときは、署名した文書と一緒に署名したファイルを入れたzip（既定: rawだけ標準出力）", "--out FILE       where to write it; for several documents a folder; with xml a name that ends in .zip makes an archive of the signed document and the files signed along (default: standard output, for raw alone)"}},
		{"profile", text{"--profile NAME   提出先の形式: pades（PDFの既定）、moj（登記・供託オンライン申請のPDF）、enveloped（XMLの既定）、etax（e-Tax）、egov（e-Gov）、detached（別のXMLにファイル名で署名）", "--profile NAME   whose rules: pades (usual for PDF), moj (PDF for the registry), enveloped (usual for XML), etax (e-Tax), egov (e-Gov), detached (XML of its own that names files)"}},
	},
	"check": {
		{"profile", text{"--profile NAME   提出先の形式: moj（登記・供託オンライン申請のPDF）、etax（e-TaxのXML）、egov（e-GovのXML）", "--profile NAME   whose rules: moj (PDF for the registry), etax (XML for e-Tax) or egov (XML for e-Gov)"}},
	},
	"uninstall": {
		{"browser", text{"--browser NAME   登録を取り消すブラウザー（名前はinstallと同じ）。既定: 登録されているものすべて", "--browser NAME   the browser from which to remove it, by the names that install has; default: all with which it is registered"}},
		{"user", text{"--user           本人のための登録を取り消す（既定）", "--user           the registration of this person (usual)"}},
		{"system", text{"--system         全員のための登録を取り消す（管理者の権限が必要）", "--system         the registration for everybody on this machine (takes an administrator's rights)"}},
		{"root", text{"--root DIR       DIRを/とみなして取り消す（既定は--system）", "--root DIR       remove it below DIR as if that were / (--system is usual then)"}},
		{"program", text{"--program PATH   登録を取り消すプログラムの絶対パス（既定: このプログラム）。別の場所にあるNatsuinの登録は残す", "--program PATH   the absolute path of the program that is registered (default: this program); what another copy registered is left"}},
	},
	"list": {
		{"browser", text{"--browser NAME   表示するブラウザー（名前はinstallと同じ）。既定: すべて", "--browser NAME   the browser to show, by the names that install has; default: all"}},
		{"user", text{"--user           本人のための登録だけを表示する（既定: 本人と全員）", "--user           registrations of this person alone (default: these and everybody's)"}},
		{"system", text{"--system         全員のための登録だけを表示する", "--system         registrations for everybody alone"}},
		{"root", text{"--root DIR       DIRを/とみなして調べる", "--root DIR       look below DIR as if it were /"}},
	},
	"timestamp query": {
		{"in", text{"--in FILE        署名された文書（CMSかPDF）", "--in FILE        the signed document (CMS or PDF)"}},
		{"out", text{"--out FILE       要求の書き込み先", "--out FILE       where to write the query"}},
	},
	"timestamp attach": {
		{"in", text{"--in FILE        要求を作った、署名された文書", "--in FILE        the signed document that the query was made of"}},
		{"out", text{"--out FILE       タイムスタンプの付いた文書の書き込み先", "--out FILE       where to write the document with the time stamp"}},
	},
}

var noPINFlagText = text{"暗証番号を引数や環境変数で渡す方法はありません。", "No flag and no environment variable carries a PIN."}
