//go:build unix

package main

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card/simcard"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/internal/rules"
)

func TestPhone(t *testing.T) {
	s := newShell(t, "phone", simcard.Options{})
	s.requireOutput("1234", "cert", "auth", "--out", filepath.Join(t.TempDir(), "auth.pem"))
	s.requireOutput("1234", authArgs...)
	require.Equal(t, 6, s.run("9999", "cert", "auth"), "a smartphone shows it after the PIN")
	s.requireOutput("1234", "cert", "auth")
	s.requireOutput("", "cert", "auth-ca")

	for _, args := range [][]string{{"attributes"}, {"attributes", "--compare"}, {"pin", "change", "attributes"}} {
		require.Equal(t, 5, s.run("4321", append(args, "--lang", "ja")...))
		require.Contains(t, s.stderr.String(), "券面事項入力補助の機能がありません。")
	}
	out := s.requireOutput("", "status", "--lang", "ja")
	require.Contains(t, out, "スマホ用電子証明書（Android）")
	require.NotContains(t, out, "券面事項入力補助")
	require.Contains(t, out, "暗証番号を入力すると分かります（natsuin cert auth --text）")
	require.Contains(t, out, "natsuin explain smartphone")
	for _, card := range []string{"更新できます", "窓口", "コンビニ"} {
		require.NotContains(t, out, card, "what holds for cards")
	}
	out = s.requireOutput("1234", "cert", "auth", "--text", "--lang", "ja")
	require.Regexp(t, `(?m)^  有効期限はあと[0-9]+日です。$`, out)
	blocked := newShell(t, "phone,auth-tries=0", simcard.Options{})
	require.Equal(t, 7, blocked.run("1234", append(authArgs, "--lang", "ja")...))
	require.Contains(t, blocked.stderr.String(), "natsuin explain smartphone")
	require.NotContains(t, blocked.stderr.String(), "窓口")
}

func TestJukiCard(t *testing.T) {
	out := newShell(t, "old-card", simcard.Options{Validity: simcard.Expired}).requireOutput("", "status", "--lang", "ja")
	require.Contains(t, out, "natsuin explain juki-card")
	require.NotContains(t, out, "有効期限が切れています")
	require.NotContains(t, out, "失効")
}

// Each PIN has its own way out, and none is promised that does not lead there.
func TestBlockedPINs(t *testing.T) {
	for faults, c := range map[string]struct {
		args     []string
		says     string
		saysNot  string
		inStatus string
	}{
		"auth-tries=0":              {[]string{"pin", "change", "auth"}, "署名用の暗証番号（英数字6〜16桁）が分かるときは", "窓口でだけ", "署名用の暗証番号（英数字6〜16桁）が分かるときは"},
		"sign-tries=0":              {[]string{"cert", "sign"}, "利用者証明用の暗証番号（数字4桁）が分かるときは", "窓口でだけ", "利用者証明用の暗証番号（数字4桁）が分かるときは"},
		"attributes-tries=0":        {[]string{"attributes"}, "窓口でだけ再設定できます", "コンビニ", "窓口でだけ再設定できます"},
		"auth-tries=0,sign-tries=0": {[]string{"cert", "sign"}, "利用者証明用", "窓口でだけ", "窓口でだけ再設定できます"},
	} {
		s := newShell(t, faults, simcard.Options{})
		require.Equal(t, 7, s.run("", append(c.args, "--lang", "ja")...), faults)
		require.Contains(t, s.stderr.String(), c.says)
		require.NotContains(t, s.stderr.String(), c.saysNot)
		for _, topic := range []string{"natsuin explain locked-pin", "natsuin explain desks"} {
			require.Contains(t, s.stderr.String(), topic)
		}
		require.Contains(t, s.requireOutput("", "status", "--lang", "ja"), c.inStatus)
		require.Contains(t, s.requireOutput("", "pin", "status", "--lang", "ja"), c.inStatus)
	}
}

// Absent, damaged and behind a PIN are three things.
func TestAuthenticationCertificateThatIsNotRead(t *testing.T) {
	for faults, says := range map[string]string{
		"no-auth-cert": "利用者証明用電子証明書は入っていません。",
		"truncated":    "利用者証明用電子証明書を読み取れませんでした。",
		"garbage-cert": "利用者証明用電子証明書を読み取れませんでした。",
		"iphone":       "利用者証明用電子証明書の内容と有効期限は、暗証番号を入力すると分かります",
	} {
		require.Contains(t, newShell(t, faults, simcard.Options{}).requireOutput("", "status", "--lang", "ja"), says, faults)
	}
}

func TestCertificateInWords(t *testing.T) {
	s := newShell(t, "", simcard.Options{})
	out := s.requireOutput("ABC123", "cert", "sign", "--text", "--lang", "ja")
	require.Regexp(t, `^署名用電子証明書\n  発行者: J-LISではありません。.*\n  シリアル番号: [0-9a-f]+\n  有効期間: .*（日本時間）から.*（日本時間）まで\n  有効期限はあと[0-9]+日です。.*\n  失効しているかどうかは確認していません.*\n  氏名: 見本　太郎\n`, out)
	require.Contains(t, s.requireOutput("", "cert", "auth", "--text", "--lang", "en"), "Authentication certificate\n  Issuer: ")
	var details struct {
		protocol.CertificateDetails
		Revocation string
	}
	s.requireJSON(&details, "ABC123", "cert", "sign", "--text")
	require.Equal(t, "not-checked", details.Revocation)
	require.Equal(t, "見本　太郎", details.Attributes.Name)
	for _, args := range [][]string{{"auth-ca", "--text"}, {"auth", "--text", "--der"}, {"auth", "--text", "--out", "x"}} {
		require.Equal(t, 2, s.run("", append([]string{"cert"}, args...)...))
		require.Contains(t, s.stderr.String(), "--text")
	}

	out = s.requireOutput("4321\nABC123", "attributes", "--compare", "--lang", "ja")
	require.Contains(t, out, "有効期限はあと")
	require.Contains(t, out, "失効しているかどうかは確認していません")
	require.Contains(t, s.requireOutput("4321\nABC123", "attributes", "--compare", "--json"), `"revocation": "not-checked"`)
	require.NotContains(t, s.requireOutput("4321", "attributes", "--json"), "revocation")
}

func TestStatusTellsOfStandingAndCertificates(t *testing.T) {
	out := newShell(t, "", simcard.Options{}).requireOutput("", "status", "--lang", "ja")
	require.Regexp(t, `\n  有効期限はあと[0-9]+日です。20[0-9]{2}年[0-9]{1,2}月[0-9]{1,2}日から更新できます。\n`, out)
	require.Regexp(t, `利用者証明用電子証明書の有効期限: 20[0-9]{2}年5月5日 23:59:59（日本時間）\n`, out)
	require.Contains(t, out, "券面事項入力補助用の暗証番号（数字4桁）: 残り3回（最大3回）\n")
	require.NotContains(t, out, "入っていないようです")

	s := newShell(t, "no-sign-cert,sign-tries=0", simcard.Options{Validity: simcard.Expired})
	out = s.requireOutput("", "status", "--lang", "ja")
	require.Contains(t, out, "  有効期限が切れています。市区町村の窓口で、新しい電子証明書の発行を申請してください。「natsuin explain expired」もご覧ください。\n")
	require.Contains(t, out, "  署名用電子証明書は入っていないようです。「natsuin explain signature-missing」をご覧ください。\n")
	require.Contains(t, out, "署名用電子証明書の暗証番号（英数字6〜16桁）: ロックされています。")
	require.Contains(t, newShell(t, "", simcard.Options{Validity: simcard.NotYetValid}).requireOutput("", "status", "--lang", "en"), "It is not valid yet")
}

func TestStandingInWords(t *testing.T) {
	opens := rules.Date{Year: 2028, Month: time.October, Day: 31}
	for _, c := range []struct {
		standing rules.Standing
		ja, en   string
	}{
		{rules.Standing{State: rules.Valid, DaysLeft: 123, RenewalOpens: opens}, "有効期限はあと123日です。2028年10月31日から更新できます。",
			"Its validity lasts for 123 more days. It can be renewed from 2028-10-31."},
		{rules.Standing{State: rules.ExpiresSoon, DaysLeft: 1, RenewalOpens: opens}, "まもなく有効期限が切れます（あと1日）。お住まいの市区町村の窓口で、もう更新できます。「natsuin explain renewal」もご覧ください。",
			"It expires soon: its validity lasts for one more day. It can be renewed now at your municipality; see natsuin explain renewal."},
		{rules.Standing{State: rules.ExpiresSoon, RenewalOpens: opens}, "まもなく有効期限が切れます（今日まで）。お住まいの市区町村の窓口で、もう更新できます。「natsuin explain renewal」もご覧ください。",
			"It expires soon: its validity lasts until the end of today. It can be renewed now at your municipality; see natsuin explain renewal."},
	} {
		require.Equal(t, c.ja, (&commandLine{options: options{lang: "ja"}}).standingText(c.standing, "card"))
		require.Equal(t, c.en, (&commandLine{options: options{lang: "en"}}).standingText(c.standing, "card"))
	}
}
