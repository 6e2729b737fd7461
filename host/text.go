package main

import (
	"strings"
	"time"

	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/prompt"
	"github.com/natsuin/natsuin/internal/protocol"
)

// A text is one sentence in both languages.
type text struct{ ja, en string }

func (t text) in(lang string) string {
	if lang == "ja" {
		return t.ja
	}
	return t.en
}

// systemLanguage is the language of the environment: Japanese where the locale says so, else English.
func systemLanguage(getenv func(string) string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := getenv(name); value != "" {
			if strings.HasPrefix(value, "ja") {
				return "ja"
			}
			return "en"
		}
	}
	return "en"
}

// japan is the time zone in which certificates end: at the last second of a day.
var japan = time.FixedZone("JST", 9*60*60)

var (
	spaceText             = text{"", " "} // between sentences
	commaText             = text{"、", ", "}
	readerText            = text{"カードリーダー", "Reader"}
	momentText            = text{"2006年1月2日 15:04:05（日本時間）", "2006-01-02 15:04:05 -07:00"}
	authenticationPINText = text{"利用者証明用電子証明書の暗証番号（数字4桁）", "Authentication PIN (4 digits)"}
	signaturePINText      = text{"署名用電子証明書の暗証番号（英数字6〜16桁）", "Signature PIN (6 to 16 letters and digits)"}
	triesOfText           = text{"残り%d回（最大%d回）", "%d of %d tries left"}
	triesLeftText         = text{"残り%d回です。", "Tries left: %d."}
	cardSurfacePINText    = text{"券面事項入力補助用の暗証番号（数字4桁）", "Card-surface PIN (4 digits)"}
	blockedText           = text{"ロックされています。再設定が必要です", "blocked: it must be reset"}
	waitReaderText        = text{"カードリーダーを接続してください。", "Connect a card reader."}
	waitCardText          = text{"マイナンバーカードをカードリーダーに置いてください。", "Put the My Number Card on the reader."}
	notRevokedText        = text{"失効しているかどうかは確認していません（「natsuin explain revocation-check」）。", "Whether a certificate was revoked is not checked (natsuin explain revocation-check)."}
	otherCardText         = text{"%sのカードは使えません（別の種類のカードか、ほかのプログラムが使用中です）。", "The card in %s cannot be used: it is of another kind, or another program is using it."}
	disclosureText        = text{"署名には、あなたの氏名・住所・生年月日・性別が入った署名用電子証明書が添付されます。",
		"The signature will carry your signature certificate, with your name, address, birth date and sex."}
)

// reasonTexts say what a failure's reason tells beside its code: what is not known now, or what was wrong with
// a PIN.
var reasonTexts = map[string]text{
	command.TryMayBeSpent: {"暗証番号の確認中に中断したため、残り回数が減ったかもしれません。「natsuin pin status」で確かめてください。",
		"It ended while the PIN was being checked: a try may be spent. See natsuin pin status."},
	command.PINMayBeChanged: {"変更の途中で中断したため、暗証番号が新しいものに変わったかもしれません。残り回数に気をつけながら、まず新しい暗証番号を試してください。",
		"It ended while the PIN was being changed: either the old or the new one is the right one now. Try the new one first, and mind the tries left."},
	prompt.TooShort.String():     {"桁数が足りません。", "It is too short."},
	prompt.TooLong.String():      {"桁数が多すぎます。", "It is too long."},
	prompt.BadCharacter.String(): {"使えない文字が含まれています。", "It holds a character that it cannot have."},
	prompt.FullWidth.String():    {"全角文字は使えません。", "It holds full-width characters."},
	prompt.NoLetter.String():     {"英字が含まれていません。", "It holds no letter."},
	prompt.NoDigit.String():      {"数字が含まれていません。", "It holds no digit."},
	prompt.Different.String():    {"2回入力した新しい暗証番号が一致しません。", "The new PIN and its repetition differ."},
	missingLine: {"--pin-fdの2行目に、署名用の暗証番号がありません。",
		"The second line of --pin-fd, with the signature PIN, is missing."},
	prompt.Same.String(): {"現在の暗証番号と同じです。", "It is the present PIN."},
}

var tokenTexts = map[string]text{
	"card":      {"マイナンバーカード", "My Number Card"},
	"juki-card": {"住民基本台帳カード（旧世代、有効期限切れ）", "Basic Resident Registration Card (old generation, expired)"},
	"android":   {"スマホ用電子証明書（Android）", "smartphone certificates (Android)"},
	"iphone":    {"スマホ用電子証明書（iPhone）", "smartphone certificates (iPhone)"},
	"unknown":   {"公的個人認証の種類不明のカード", "a JPKI token of unknown kind"},
}

var issuerTexts = map[string]text{
	"j-lis":       {"地方公共団体情報システム機構（J-LIS）", "J-LIS"},
	"not-shipped": {"J-LISの名前ですが、その鍵はNatsuinに含まれていないため、確認できません（ISSUER_NOT_SHIPPED）", "J-LIS by name, but its key is not among Natsuin's: cannot be confirmed here (ISSUER_NOT_SHIPPED)"},
	"foreign":     {"J-LISではありません。模擬カードなどです（ISSUER_FOREIGN）", "not J-LIS: a simulated card, for example (ISSUER_FOREIGN)"},
}

// errorTexts are the sentence and the remedy for every code that the host reports.
var errorTexts = map[protocol.Code]struct{ message, remedy text }{
	protocol.Internal: {text{"Natsuinの内部で問題が起きました。", "Something went wrong inside Natsuin."},
		text{"もう一度試し、続くようなら報告してください。", "Try again, and report it if it happens again."}},
	protocol.InvalidRequest: {text{"指定に誤りがあります。", "An argument is not right."},
		text{"「natsuin help コマンド名」で使い方を確かめてください。", "See natsuin help COMMAND."}},
	protocol.Busy: {text{"ほかの操作が進行中です。", "Another operation is under way."},
		text{"それが終わってから、もう一度試してください。", "Try again when it has ended."}},
	protocol.VersionMismatch: {text{"拡張機能とプログラム「natsuin」のバージョンが合いません。", "The extension and this program do not fit each other."},
		text{"古いほうを更新してください。", "Update the older of the two."}},
	protocol.NoService: {text{"カードリーダーのサービス（PC/SC）が動いていません。", "The smart card service (PC/SC) is not running."},
		text{"Linuxでは、pcscdをインストールして起動してください（例: sudo apt install pcscd、sudo systemctl start pcscd.socket）。WindowsとmacOSではOSに含まれているので、カードリーダーを接続しなおしてください。「natsuin doctor」で原因を調べられます。", "On Linux, install and start pcscd (sudo apt install pcscd; sudo systemctl start pcscd.socket). Windows and macOS have it built in: plug the reader in again. natsuin doctor tells the cause."}},
	protocol.NoReader: {text{"カードリーダーが見つかりません。", "No card reader was found."},
		text{"カードリーダーを接続し、ドライバーを確かめてください。--readerの名前が正しいかも確かめてください。", "Connect a card reader and look at its driver. With --reader, look at the name."}},
	protocol.NoCard: {text{"カードが置かれていません。", "There is no card in the reader."},
		text{"マイナンバーカードをカードリーダーに置いてください。", "Put the My Number Card on the reader."}},
	protocol.NotJPKI: {text{"このカードには公的個人認証の機能がありません。", "This card has no JPKI application."},
		text{"マイナンバーカードを置いてください。", "Use a My Number Card."}},
	protocol.ApplicationAbsent: {text{"このカードには券面事項入力補助の機能がありません。", "This token has no card-surface application."},
		text{"スマホ用電子証明書には入っていません。マイナンバーカードを置いてください。", "Smartphones do not have it. Use the My Number Card itself."}},
	protocol.PINRefused: {text{"カードが新しい暗証番号を受け付けませんでした。今までの暗証番号がそのまま使えます。", "The card refused the new PIN. The old one still holds."},
		text{"別の暗証番号を選んで、もう一度始めてください。", "Choose another PIN and start again."}},
	protocol.PINWrong: {text{"暗証番号が違います。", "The PIN is wrong."},
		text{"どの暗証番号かを確かめてください（ログインと券面事項入力補助は数字4桁、署名は英数字6〜16桁）。続けて間違えるとロックされます。", "Make sure which PIN is asked for (login and card surface: 4 digits; signature: 6 to 16 letters and digits). Too many wrong ones block it."}},
	protocol.PINBlocked: {text{"暗証番号がロックされています。", "The PIN is blocked."},
		text{"時間がたっても解除されません。再設定の方法は「natsuin explain locked-pin」、窓口は「natsuin explain desks」をご覧ください。", "It never recovers by itself. natsuin explain locked-pin says how to have it reset, and natsuin explain desks where."}},
	protocol.Cancelled: {text{"取り消しました。", "Cancelled."},
		text{"必要なら、もう一度始めてください。", "Start again when you like."}},
	protocol.Timeout: {text{"時間切れです。", "Nobody answered in time."},
		text{"もう一度始めてください。", "Start again."}},
	protocol.CertificateAbsent: {text{"この電子証明書はカードに入っていません。", "The card does not hold this certificate."},
		text{"署名用電子証明書は、15歳未満の方や発行を希望しなかった方のカードには入っていません。住所や氏名の変更で失効していることもあります。市区町村の窓口で確かめてください。くわしくは「natsuin explain signature-missing」をご覧ください。", "Cards of holders under 15, and of those who declined it, have no signature certificate; a change of name or address ends it too. Ask your municipality; natsuin explain signature-missing says more."}},
	protocol.CertificateExpired: {text{"電子証明書の有効期限が切れています。", "The certificate has expired."},
		text{"市区町村の窓口で、新しい電子証明書の発行を申請してください。くわしくは「natsuin explain expired」をご覧ください。", "Apply for a new one at your municipality; natsuin explain expired says more."}},
	protocol.CertificateNotYetValid: {text{"電子証明書の有効期間がまだ始まっていません。", "The certificate is not valid yet."},
		text{"パソコンの日付と時刻を確かめてください。", "Look at the date and time of this computer."}},
	protocol.VerificationFailed: {text{"検証に失敗しました。", "The check failed."},
		text{"理由を確かめ、この内容を信用しないでください。", "Look at the reason, and do not rely on it."}},
	protocol.PINMalformed: {text{"この暗証番号は使えません。カードには送っていません。", "This cannot be used as a PIN. Nothing was sent to the card."},
		text{"半角で、ログインと券面事項入力補助は数字4桁、署名は英数字6〜16桁です。新しい署名用の暗証番号には、英字と数字の両方が必要です。", "Login and card surface: 4 digits. Signature: 6 to 16 letters A to Z and digits, and a new one has both. No full-width characters."}},
	protocol.CardLost: {text{"操作の途中でカードまたはカードリーダーが外れました。", "The card or the reader was taken away during the operation."},
		text{"カードを置きなおして、もう一度始めてください。", "Put the card back and start again."}},
	protocol.LastTry: {text{"あと1回間違えると、暗証番号がロックされます。カードには何も送っていません。", "One more wrong PIN would block it. Nothing was sent to the card."},
		text{"確かな場合だけ、--last-tryを付けてやりなおしてください。自信がないときは試さずに、「natsuin explain forgotten-pin」をご覧ください。", "Only if you are sure, add --last-try. If you are not, do not guess: see natsuin explain forgotten-pin."}},
	protocol.CardBusy: {text{"ほかのプログラムがカードを使っています。", "Another program is using the card."},
		text{"そのプログラムを閉じて、もう一度試してください。", "Close it and try again."}},
	protocol.CardFault: {text{"カードが正しく応答しませんでした。", "The card did not answer as it should."},
		text{"カードを置きなおしてください。続くようなら、市区町村の窓口でカードを調べてもらってください。", "Put the card back on the reader. If it happens again, have the card looked at by your municipality."}},
	protocol.KeyUnsupported: {text{"このカードの方式には未対応です。", "This card's kind of key is not supported."},
		text{"Natsuinを新しい版に更新してください。", "Update Natsuin."}},
	protocol.PromptUnavailable: {text{"暗証番号を入力する場所がありません。", "There is no place to type the PIN."},
		text{"ダイアログは、デスクトップにログインした画面にだけ表示できます（SSHの接続先やサービスでは表示できません）。Linuxでは、pinentry（pinentry-gnome3、pinentry-qt、pinentry-gtk2など）も必要です。端末から実行すれば、端末で入力できます。",
			"A dialog needs a desktop on which somebody is logged in: there is none over SSH or in a service. On Linux it also needs a pinentry (pinentry-gnome3, pinentry-qt, pinentry-gtk2). In a terminal the PIN can be typed there."}},
	protocol.DocumentRefused: {text{"この文書には署名できません。暗証番号は使っていません。", "This document is not signed. No PIN was used."},
		text{"文書を確かめてください。", "Look at the document."}},
	protocol.FileFailed: {text{"ファイルを読み書きできません。", "A file cannot be read or written."},
		text{"ファイルの名前、場所、権限を確かめてください。", "Look at its name, its place and its permissions."}},
}
