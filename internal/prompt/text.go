package prompt

// texts is everything that a human reads, in one language. Verbs take what the field's comment names.
type texts struct {
	title string

	origin      string // the origin
	commandLine string // instead of origin
	operation   map[Operation]string
	documents   string // their number
	digest      string // hexadecimal
	foreign     string // the card is not J-LIS's
	enter       map[Kind]string
	tries       string // tries left, tries granted
	lastTry     string
	wrong       string // tries left
	malformed   map[Reason]string
	notSent     string // follows malformed

	prompt string
	accept map[Operation]string // the button
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
	commandLine: "要求元：このパソコンの natsuin コマンド",
	operation: map[Operation]string{
		Login:           "操作：ログイン（本人であることの証明）",
		Sign:            "操作：電子署名",
		ReadCertificate: "操作：署名用電子証明書の読み取り",
	},
	documents: "文書：%d件",
	digest:    "文書の確認用ダイジェスト（SHA-256）：\n%s",
	foreign:   "カード：J-LISが発行したものではありません（模擬カードなど）",
	enter: map[Kind]string{
		Authentication: "利用者証明用電子証明書の暗証番号（数字4桁）を入力してください。",
		Signature:      "署名用電子証明書の暗証番号（英数字6〜16桁）を入力してください。",
	},
	tries:   "残り%d回です（%d回続けて間違えるとロックされます）。",
	lastTry: "残り1回です。間違えるとロックされ、市区町村の窓口などでの手続きが必要になります。",
	wrong:   "暗証番号が違います。残り%d回です。",
	malformed: map[Reason]string{
		TooShort:     "暗証番号の桁数が足りません。",
		TooLong:      "暗証番号の桁数が多すぎます。",
		BadCharacter: "暗証番号に使えない文字が含まれています。",
		FullWidth:    "全角文字は使えません。半角で入力してください。",
	},
	notSent: "カードには送っていないため、残り回数は減っていません。",

	prompt: "暗証番号：",
	accept: map[Operation]string{
		Login:           "ログインする",
		Sign:            "署名する",
		ReadCertificate: "読み取る",
	},
	cancel: "キャンセル",
}

var english = texts{
	title: "Natsuin: enter your PIN",

	origin:      "Requested by: %s",
	commandLine: "Requested by: the natsuin command on this computer",
	operation: map[Operation]string{
		Login:           "To: log in (prove who you are)",
		Sign:            "To: sign electronically",
		ReadCertificate: "To: read your signature certificate",
	},
	documents: "Documents: %d",
	digest:    "Digest of the documents (SHA-256):\n%s",
	foreign:   "Card: not issued by J-LIS (a simulated one, for example)",
	enter: map[Kind]string{
		Authentication: "Enter the PIN of your authentication certificate (利用者証明用, 4 digits).",
		Signature:      "Enter the PIN of your signature certificate (署名用, 6 to 16 letters and digits).",
	},
	tries:   "Tries left: %d (after %d wrong ones in a row the PIN is blocked).",
	lastTry: "One try left. If it is wrong, the PIN is blocked until you have it reset, usually at your municipality.",
	wrong:   "The PIN is wrong. Tries left: %d.",
	malformed: map[Reason]string{
		TooShort:     "The PIN is too short.",
		TooLong:      "The PIN is too long.",
		BadCharacter: "This PIN cannot contain such a character.",
		FullWidth:    "Full-width characters do not work. Switch to half-width input.",
	},
	notSent: "It was not sent to the card, so no try was spent.",

	prompt: "PIN:",
	accept: map[Operation]string{
		Login:           "Log in",
		Sign:            "Sign",
		ReadCertificate: "Read",
	},
	cancel: "Cancel",
}
