package main

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/natsuin/natsuin/verify"
)

// causeTexts say in Japanese what a rule of a profile found, with a verb for each value; the English is the check's own
// detail. A test holds them against the causes of both formats.
var causeTexts = map[string]string{
	// PDF
	"value":                 "%s",
	"missing-key":           "%sがありません",
	"no-signature":          "署名がありません",
	"several-signatures":    "1つの改訂に署名の辞書が%s個あります",
	"not-last":              "署名%sが、その改訂の終わりまでを対象にしていません",
	"appended":              "署名の対象の後に%sバイトあります",
	"cms-and-zeros":         "DERの署名メッセージが%sバイト、後に続く0が%s個",
	"not-der":               "署名メッセージがDERではありません",
	"no-cms":                "署名メッセージかByteRangeを読み取れません",
	"missing-attribute":     "署名される属性%sがありません",
	"versions":              "SignedDataの版が%s、SignerInfoの版が%sです",
	"not-detached":          "署名メッセージが、分離されたid-dataではありません",
	"not-by-issuer":         "署名した人が、発行者とシリアル番号で示されていません",
	"no-signer-certificate": "署名した人の電子証明書がありません",
	"no-utc-time":           "signingTimeがUTCTimeではありません",
	"message":               "SignedDataの版1、分離、署名される属性%s個、電子証明書%s枚",
	"algorithms":            "ハッシュ%s、署名%s",
	"earlier-section":       "署名の前の相互参照表がバイト%sにあります",
	"rewritten":             "署名を入れて、ファイル全体が書き直されています",
	"verifies":              "%s、電子証明書（シリアル番号%s）の鍵による署名",
	"byte-range":            "/ByteRangeがないか、ファイルに合っていません",
	"gap":                   "/ByteRangeの対象から外れる部分が、/Contentsと違います",
	"contents":              "/Contentsがないか空か、16進数ではありません",
	"padding":               "署名メッセージの後に、0以外のものがあります",
	"cms":                   "署名メッセージを読み取れません",

	// XML
	"no-declaration":  "XML宣言がありません",
	"root":            "ルート要素が%sで、%sではありません",
	"root-namespace":  "ルート要素の名前空間が「%s」で、%sで始まるものではありません",
	"no-element":      "署名する要素が1つに決まりません",
	"no-reference":    "参照（Reference）がありません",
	"no-algorithm":    "方式が書かれていません",
	"no-certificate":  "KeyInfoに電子証明書がありません",
	"unreadable":      "文書を読み取れません",
	"incomplete":      "ほかの規則に合っていないため、調べられません",
	"place":           "署名が%sにあります",
	"signature-id":    "署名のIdが「%s」です",
	"first-reference": "最初の参照が「%s」を指しています",
	"other-reference": "「%s」を指す参照があります",
	"not-escaped":     "URI「%s」がパーセント符号化されていません",
	"transforms":      "変換（Transforms）が「%s」です",
	"algorithm":       "方式が「%s」です",
	"file-missing":    "ファイル「%s」がありません",
	"file-unsigned":   "ファイル「%s」に署名されていません",
	"too-large":       "大きさ、深さ、数のどれかが制限を超えています",
	"encoding":        "文字コードがUTF-8ではありません",
	"doctype":         "文書型宣言（DOCTYPE）があります",
	"syntax":          "XMLの文法に合っていません",
	"malformed":       "署名の構造が、XML署名の規格に合っていません",
	"bad-reference":   "参照か変換が、正しい形ではありません",
	"duplicate-id":    "同じidの要素が複数あるか、どの要素か決まりません",
	"no-target":       "署名する要素が1つに決まりません",
	"bad-certificate": "電子証明書が、署名の中に正しい形でありません",

	// both
	"changed":       "署名された後に変更されています",
	"digest":        "署名された後に変更されています",
	"bad-signature": "電子証明書の鍵による署名ではないか、壊れています",
}

// foundText says what a rule found.
func foundText(check verify.ConformanceCheck, lang string) string {
	t, known := causeTexts[check.Cause]
	if lang != "ja" || !known {
		return check.Detail
	}
	args := make([]any, len(check.Values))
	for i, value := range check.Values {
		args[i] = value
	}
	return fmt.Sprintf(t, args...)
}

// recordText marks what is told in English alone, for those who look closely.
var recordText = text{"（くわしい記録: %s）", "(%s)"}

// detailForms are the details of verify's rules that are more than data, and what they say in Japanese. The braces keep
// the letters behind a number from being read as its name.
var detailForms = []struct {
	form *regexp.Regexp
	ja   string
}{
	{regexp.MustCompile(`^J-LIS tells of revocation to notified verifiers only$`), "失効の情報をJ-LISから得られるのは、届け出た検証者だけです"},
	{regexp.MustCompile(`^crl of (\S+Z)$`), "失効リスト（CRL）、発行 $1"},
	{regexp.MustCompile(`^ocsp of (\S+Z)$`), "OCSPの応答、作成 $1"},
	{regexp.MustCompile(`^crl of (\S+Z), revoked later, since ([^:]\S+Z)(: .*)?$`), "失効リスト（CRL）、発行 $1、その後の失効 $2$3"},
	{regexp.MustCompile(`^ocsp of (\S+Z), revoked later, since ([^:]\S+Z)(: .*)?$`), "OCSPの応答、作成 $1、その後の失効 $2$3"},
	{regexp.MustCompile(`^the signer claims no time$`), "時刻の申告がありません"},
	{regexp.MustCompile(`^no signed property names the certificate$`), "電子証明書を示す署名対象の属性がありません"},
	{regexp.MustCompile(`^there are (\d+), and no roots to check them$`), "タイムスタンプが${1}個ありますが、確かめるためのルート証明書（--tsa-trust）がありません"},
	{regexp.MustCompile(`^a time stamp of the document, and no roots to check it$`), "文書のタイムスタンプですが、確かめるためのルート証明書（--tsa-trust）がありません"},
	{regexp.MustCompile(`^claimed: (.*)$`), "申告: $1"},
	{regexp.MustCompile(`^seen at (.*)$`), "存在が確かな時点: $1"},
	{regexp.MustCompile(`^revision (\d+) of (\d+)$`), "改訂${1}（全部で$2）"},
	{regexp.MustCompile(`^(\d+) references$`), "参照${1}個"},
	{regexp.MustCompile(`^anchor: j-lis, (.*)$`), "J-LIS、$1"},
	{regexp.MustCompile(`^anchor: added, (.*)$`), "--trustまたは管理者の設定で追加、$1"},
	{regexp.MustCompile(`^signature, policies (.*)$`), "署名用、証明書ポリシー $1"},
	{regexp.MustCompile(`^(\S+Z) to (\S+Z)$`), "${1}から${2}まで"},
}

// detailText says what a rule of verify found: of one that is broken why, in a sentence.
func detailText(check verify.Check, lang string) string {
	if reason, ok := documentReasonTexts[verify.Reason(check.Detail)]; ok && check.Outcome == verify.Failed {
		return reason.message.in(lang)
	}
	if lang != "ja" {
		return check.Detail
	}
	for _, t := range detailForms {
		if t.form.MatchString(check.Detail) {
			return inJapan(strings.ReplaceAll(t.form.ReplaceAllString(check.Detail, t.ja), ", ", "、"))
		}
	}
	return check.Detail
}

// momentForm is a moment as verify writes it.
var momentForm = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`)

// inJapan tells the moments in a Japanese text in Japanese time, and says once that it does.
func inJapan(s string) string {
	told := momentForm.ReplaceAllStringFunc(s, func(moment string) string {
		t, err := time.Parse(time.RFC3339, moment)
		if err != nil {
			return moment
		}
		return t.In(japan).Format("2006年1月2日 15:04:05")
	})
	if told == s {
		return s
	}
	return told + "（日本時間）"
}

// fieldForm is the place of a signature in a PDF.
var fieldForm = regexp.MustCompile(`^field "(.*)", object (.*)$`)

// placeText says where a signature is. A number and an XPath stay as they are.
func placeText(place, lang string) string {
	if lang != "ja" {
		return place
	}
	return fieldForm.ReplaceAllString(place, "署名フィールド「$1」、オブジェクト$2")
}
