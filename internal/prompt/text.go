package prompt

// texts is everything that a human reads, in one language. Verbs take what the field's comment names.
type texts struct {
	title string

	origin      string               // the origin
	commandLine string               // instead of origin
	ownPage     string               // instead of origin
	operation   map[Operation]string // of ReadCertificate: owner; of PortalSign: the number of what the page chose
	documents   string               // their number
	digest      string               // hexadecimal
	foreign     string               // the card is not J-LIS's
	noPad       string               // a PIN pad was wanted
	owner       map[Kind]string      // what the PIN is of
	form        map[Kind]string
	enter       map[Purpose]string // owner, form
	mixed       string             // follows enter for a new PIN that needs letters
	avoid       string             // follows enter for every new PIN
	nothingSent string             // instead of tries where none can be spent
	tries       string             // tries left, twice
	lastTry     string
	wrong       string // tries left
	fallen      string // tries left
	malformed   map[Reason]string
	notSent     string // follows malformed

	prompt map[Purpose]string
	accept map[Operation]string // the button
	next   string               // the button instead, while more questions follow
	cancel string               // the button
}

func (l Lang) texts() *texts {
	if l == English {
		return &english
	}
	return &japanese
}

var japanese = texts{
	title: "Natsuin：暗証番号の入力",

	origin:      "要求元：%s",
	commandLine: "要求元：このパソコンのnatsuinコマンド",
	ownPage:     "要求元：Natsuinのカードの画面",
	operation: map[Operation]string{
		Login:           "操作：マイナンバーカードによるログイン",
		Sign:            "操作：電子署名",
		ReadCertificate: "操作：%sの内容の読み取り",
		ReadAttributes:  "操作：基本4情報（氏名・住所・生年月日・性別）の読み取り",
		ChangePIN:       "操作：暗証番号の変更",

		PortalLogin:      "操作：行政のページへのログイン（ページが選んだデータへの署名）",
		PortalSign:       "操作：行政のページでの電子署名（ページが選んだデータ %d件）",
		PortalAttributes: "操作：基本4情報（氏名・住所・生年月日・性別）をサイトに渡すこと",
	},
	documents: "文書：%d件",
	digest:    "文書の確認用ダイジェスト（SHA-256）：\n%s",
	foreign:   "カード：J-LISが発行したものではありません（模擬カードなど）",
	noPad:     "カードリーダーのテンキーでは入力できないため、この画面で入力します。",
	owner: map[Kind]string{
		Authentication: "利用者証明用電子証明書",
		Signature:      "署名用電子証明書",
		CardSurface:    "券面事項入力補助用",
	},
	form: map[Kind]string{
		Authentication: "数字4桁",
		Signature:      "英数字6〜16桁",
		CardSurface:    "数字4桁",
	},
	enter: map[Purpose]string{
		0:       "%sの暗証番号（%s）を入力してください。",
		Current: "%sの現在の暗証番号（%s）を入力してください。",
		New:     "%sの新しい暗証番号（%s）を決めて入力してください。",
		Repeat:  "確認のためもう一度、%sの新しい暗証番号（%s）を入力してください。",
	},
	mixed:       "英字と数字を1文字以上ずつ含めてください。大文字と小文字は区別されません。",
	avoid:       "生年月日や1234のように推測されやすいものと、ほかの暗証番号と同じものは避けてください。",
	nothingSent: "新しい暗証番号が2回とも一致するまで、カードには何も送りません。",
	tries:       "残り%d回です（あと%d回間違えるとロックされます）。",
	lastTry:     "残り1回です。間違えるとロックされ、市区町村の窓口などでの手続きが必要になります。",
	wrong:       "暗証番号が違います。残り%d回です。",
	fallen:      "ほかのプログラムで暗証番号が試されたため、残り回数が減りました。残り%d回です。入力された暗証番号は、カードに送っていません。",
	malformed: map[Reason]string{
		TooShort:     "暗証番号の桁数が足りません。",
		TooLong:      "暗証番号の桁数が多すぎます。",
		BadCharacter: "暗証番号に使えない文字が含まれています。",
		FullWidth:    "全角文字は使えません。半角で入力してください。",
		NoLetter:     "英字が含まれていません。英字と数字を1文字以上ずつ含めてください。",
		NoDigit:      "数字が含まれていません。英字と数字を1文字以上ずつ含めてください。",
		Different:    "2回入力した新しい暗証番号が一致しません。",
		Same:         "現在の暗証番号と同じです。別の暗証番号を選んでください。",
	},
	notSent: "カードには送っていないため、残り回数は減っていません。",

	prompt: map[Purpose]string{
		0:       "暗証番号：",
		Current: "現在の暗証番号：",
		New:     "新しい暗証番号：",
		Repeat:  "確認のためもう一度：",
	},
	accept: map[Operation]string{
		Login:           "ログインする",
		Sign:            "署名する",
		ReadCertificate: "読み取る",
		ReadAttributes:  "読み取る",
		ChangePIN:       "変更する",

		PortalLogin:      "ログインする",
		PortalSign:       "署名する",
		PortalAttributes: "渡す",
	},
	next:   "次へ",
	cancel: "キャンセル",
}

var english = texts{
	title: "Natsuin: enter your PIN",

	origin:      "Requested by: %s",
	commandLine: "Requested by: the natsuin command on this computer",
	ownPage:     "Requested by: Natsuin’s card page",
	operation: map[Operation]string{
		Login:           "To: log you in with your My Number Card",
		Sign:            "For: your electronic signature",
		ReadCertificate: "To: read what your %s contains",
		ReadAttributes:  "To: read the four attributes (name, address, date of birth, sex)",
		ChangePIN:       "To: change a PIN",

		PortalLogin:      "To: log you in at a government page, by signing what the page chose",
		PortalSign:       "For: your electronic signature on a government page, over data that the page chose (%d)",
		PortalAttributes: "To: give the site the four attributes (name, address, date of birth, sex)",
	},
	documents: "Documents: %d",
	digest:    "Digest of the documents (SHA-256):\n%s",
	foreign:   "Card: not issued by J-LIS (a simulated one, for example)",
	noPad:     "The reader's own pad cannot take this PIN: it is typed here.",
	owner: map[Kind]string{
		Authentication: "authentication certificate",
		Signature:      "signature certificate",
		CardSurface:    "card-surface input support",
	},
	form: map[Kind]string{
		Authentication: "利用者証明用, 4 digits",
		Signature:      "署名用, 6 to 16 letters and digits",
		CardSurface:    "券面事項入力補助用, 4 digits",
	},
	enter: map[Purpose]string{
		0:       "Enter the PIN of your %s (%s).",
		Current: "Enter the current PIN of your %s (%s).",
		New:     "Choose a new PIN for your %s (%s).",
		Repeat:  "To make sure, enter the new PIN of your %s (%s) once more.",
	},
	mixed:       "It needs at least one letter and one digit. Upper and lower case are the same.",
	avoid:       "Avoid what others could guess, such as a birth date or 1234, and any other PIN of yours.",
	nothingSent: "Nothing is sent to the card until you have entered the same new PIN twice.",
	tries:       "Tries left: %d (%d more wrong ones block it).",
	lastTry:     "One try left. If it is wrong, the PIN is blocked until you have it reset, usually at your municipality.",
	wrong:       "The PIN is wrong. Tries left: %d.",
	fallen:      "Another program tried a PIN meanwhile. Tries left: %d. What you typed was not sent to the card.",
	malformed: map[Reason]string{
		TooShort:     "The PIN is too short.",
		TooLong:      "The PIN is too long.",
		BadCharacter: "This PIN cannot contain such a character.",
		FullWidth:    "Full-width characters do not work. Switch to half-width input.",
		NoLetter:     "The PIN has no letter. It needs at least one letter and one digit.",
		NoDigit:      "The PIN has no digit. It needs at least one letter and one digit.",
		Different:    "The new PIN and its repetition differ.",
		Same:         "This is the current PIN. Choose another one.",
	},
	notSent: "It was not sent to the card, so no try was spent.",

	prompt: map[Purpose]string{
		0:       "PIN:",
		Current: "Current PIN:",
		New:     "New PIN:",
		Repeat:  "New PIN once more:",
	},
	accept: map[Operation]string{
		Login:           "Log in",
		Sign:            "Sign",
		ReadCertificate: "Read",
		ReadAttributes:  "Read",
		ChangePIN:       "Change",

		PortalLogin:      "Log in",
		PortalSign:       "Sign",
		PortalAttributes: "Hand over",
	},
	next:   "Next",
	cancel: "Cancel",
}
