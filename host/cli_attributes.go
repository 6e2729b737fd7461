package main

import (
	"context"
	"flag"
	"fmt"

	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/printable"
	"github.com/natsuin/natsuin/internal/prompt"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/internal/rules"
)

// pinTexts name the PINs of the card.
var pinTexts = map[prompt.Kind]text{
	prompt.Authentication: authenticationPINText,
	prompt.Signature:      signaturePINText,
	prompt.CardSurface:    cardSurfacePINText,
}

var (
	nameText      = text{"氏名", "Name"}
	addressText   = text{"住所", "Address"}
	birthDateText = text{"生年月日", "Date of birth"}
	sexText       = text{"性別", "Sex"}

	fromCertificateText = text{"署名用電子証明書の記載:", "In the signature certificate:"}
	sameText            = text{"券面事項入力補助の記録と署名用電子証明書の記載は同じです。", "The card-surface application and the signature certificate agree."}
	differText          = text{"次の記載が違います: %s。住所や氏名が変わると署名用電子証明書は失効します。「natsuin explain change-of-details」もご覧ください。", "These differ: %s. A change of address or name revokes the signature certificate; see natsuin explain change-of-details."}
	substitutesText     = text{"※電子証明書では、一部の文字が別の文字に置き換えられています（代替文字）: %s", "Note: the certificate has substitutes for some characters of: %s"}

	otherSexText = text{"コード%s", "code %s"}

	pinChangedText = text{"暗証番号を変更しました。", "The PIN is changed."}
	weakAgainText  = text{"別の暗証番号をお勧めします。それでも使う場合は、もう一度入力してください。", "Another PIN would be better. To use one like this all the same, enter it again."}
)

// typeOnPadTexts ask for a PIN on the reader's pad, by its purpose; the verbs take seconds and its name.
var typeOnPadTexts = map[prompt.Purpose]text{
	0:              {"カードリーダーのテンキーで入力してください（%d秒以内）: %s", "Type it on the reader's pad, within %d seconds: %s"},
	prompt.Current: {"カードリーダーのテンキーで、現在の暗証番号を入力してください（%d秒以内）: %s", "Type the present one on the reader's pad, within %d seconds: %s"},
	prompt.New:     {"カードリーダーのテンキーで、新しい暗証番号を2回入力してください（%d秒以内）: %s", "Type the new one on the reader's pad, twice, within %d seconds: %s"},
}

var (
	counterFellText = text{"ほかのプログラムで暗証番号が試されたため、残り回数が減りました。", "Another program tried a PIN meanwhile: there are fewer tries left."}
	noPadText       = text{"カードリーダーのテンキーでは入力できないため、渡された暗証番号を使います。", "The reader's own pad cannot take this PIN: the one that was passed is used."}
)

var sexTexts = map[string]text{
	"male": {"男", "male"}, "female": {"女", "female"}, "not-applicable": {"適用不能", "not applicable"}, "unknown": {"不明", "unknown"},
}

// attributeTexts name the attributes as the protocol does.
var attributeTexts = map[string]text{"name": nameText, "address": addressText, "birthDate": birthDateText, "sex": sexText}

var weaknessTexts = map[prompt.Weakness]text{
	prompt.Repeated:  {"同じ文字や数字のくり返しは推測されやすい暗証番号です。", "A PIN of repeated characters is easy to guess."},
	prompt.Sequence:  {"連続した文字や数字は推測されやすい暗証番号です。", "A PIN of characters in sequence is easy to guess."},
	prompt.Common:    {"よく使われる暗証番号なので、推測されやすくなります。", "Many people choose this PIN: it is easy to guess."},
	prompt.BirthDate: {"生年月日を含む暗証番号は推測されやすくなります。", "A PIN with your birth date is easy to guess."},
}

func (c *commandLine) attributesFlags(fs *flag.FlagSet) { fs.BoolVar(&c.compare, "compare", false, "") }

func (c *commandLine) attributes(ctx context.Context, args []string) error {
	if err := noArguments(args); err != nil {
		return err
	}
	return c.withCard(func(e command.Environment) error {
		result, err := command.Attributes(ctx, e, c.lang, c.compare)
		if err != nil {
			return err
		}
		if c.json {
			more := notChecked{}
			if result.SignatureCertificate != nil {
				more.Revocation = "not-checked"
			}
			return c.printJSON(struct {
				*protocol.AttributesResult
				notChecked
			}{result, more})
		}
		c.printAttributes(result.Attributes, "")
		if result.Certificate != nil {
			fmt.Fprintln(c.stdout, fromCertificateText.in(c.lang))
			c.printAttributes(*result.Certificate, "  ")
			c.printDetails(result.SignatureCertificate)
			c.printDifferences(*result.Differences)
		}
		return nil
	})
}

func (c *commandLine) printAttributes(a protocol.FourAttributes, indent string) {
	sex := fmt.Sprintf(otherSexText.in(c.lang), a.SexCode)
	if known, ok := sexTexts[a.Sex]; ok {
		sex = known.in(c.lang)
	}
	for _, row := range []struct {
		name  text
		value string
	}{{nameText, a.Name}, {addressText, a.Address}, {birthDateText, c.birthDate(a.BirthDate)}, {sexText, sex}} {
		fmt.Fprintf(c.stdout, "%s%s: %s\n", indent, row.name.in(c.lang), printable.Text(row.value))
	}
	if len(a.Substitutes) > 0 {
		fmt.Fprintf(c.stdout, indent+substitutesText.in(c.lang)+"\n", c.attributeNames(a.Substitutes))
	}
}

// birthDateTexts are the forms of a birth date, by which of year, month and day it tells.
var birthDateTexts = map[[3]bool]text{
	{false, true, true}:  {"%[2]d月%[3]d日（年は不明）", "%02[2]d-%02[3]d (year unknown)"},
	{true, false, true}:  {"%[1]d年（月は不明）%[3]d日", "%04[1]d, day %[3]d (month unknown)"},
	{true, true, false}:  {"%[1]d年%[2]d月（日は不明）", "%04[1]d-%02[2]d (day unknown)"},
	{true, false, false}: {"%[1]d年（月日は不明）", "%04[1]d (month and day unknown)"},
	{false, true, false}: {"%[2]d月（年と日は不明）", "month %[2]d (year and day unknown)"},
	{false, false, true}: {"%[3]d日（年月は不明）", "day %[3]d (year and month unknown)"},
	{true, true, true}:   {"%[1]d年%[2]d月%[3]d日", "%04[1]d-%02[2]d-%02[3]d"},
}

// birthDate writes a birth date, which has zeros for what the register does not know, as people do.
func (c *commandLine) birthDate(date string) string {
	var year, month, day int
	if n, err := fmt.Sscanf(date, "%d-%d-%d", &year, &month, &day); n != 3 || err != nil {
		return date
	}
	if year == 0 && month == 0 && day == 0 {
		return sexTexts["unknown"].in(c.lang)
	}
	return fmt.Sprintf(birthDateTexts[[3]bool{year > 0, month > 0, day > 0}].in(c.lang), year, month, day)
}

func (c *commandLine) printDifferences(differences []string) {
	if len(differences) == 0 {
		fmt.Fprintln(c.stdout, sameText.in(c.lang))
		return
	}
	fmt.Fprintf(c.stdout, differText.in(c.lang)+"\n", c.attributeNames(differences))
}

func (c *commandLine) attributeNames(keys []string) string {
	names := make([]string, len(keys))
	for i, key := range keys {
		names[i] = attributeTexts[key].in(c.lang)
	}
	return listing(names).in(c.lang)
}

// changeable names the PINs as the command line does.
var changeable = map[string]protocol.PINName{
	"auth": protocol.AuthenticationPIN, "sign": protocol.SignaturePIN, "attributes": protocol.CardSurfacePIN,
}

// kinds names the PINs as the protocol does.
var kinds = map[protocol.PINName]prompt.Kind{
	protocol.AuthenticationPIN: prompt.Authentication, protocol.SignaturePIN: prompt.Signature, protocol.CardSurfacePIN: prompt.CardSurface,
}

func (c *commandLine) newPINFlags(fs *flag.FlagSet) { fs.IntVar(&c.newPINFD, "new-pin-fd", noFD, "") }

func (c *commandLine) pinChange(ctx context.Context, args []string) error {
	if len(args) != 1 || changeable[args[0]] == "" {
		return misused("PIN", text{"auth、sign、attributesのどれか1つを指定してください。", "is none of auth, sign and attributes"})
	}
	if err := c.noPad(args[0]); err != nil {
		return err
	}
	if c.pinPad && c.newPINFD != noFD {
		return misused("--new-pin-fd", text{"--pin-padとは一緒に使えません。", "does not go with --pin-pad"})
	}
	return c.withCard(func(e command.Environment) error {
		// No birth date is known here: it would have to be read from the card, with a PIN of its own.
		changed, err := command.ChangePIN(ctx, e, c.lang, changeable[args[0]], rules.Date{})
		if err != nil {
			return err
		}
		if c.json {
			return c.printJSON(changed)
		}
		fmt.Fprintln(c.stdout, pinChangedText.in(c.lang))
		c.printTries(pinTexts[kinds[changed.PIN]], changed.PINStatus)
		return nil
	})
}
