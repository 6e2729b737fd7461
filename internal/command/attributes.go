package command

import (
	"context"
	"slices"
	"unicode"

	"github.com/natsuin/natsuin/internal/card/jpki"
	"github.com/natsuin/natsuin/internal/card/surface"
	"github.com/natsuin/natsuin/internal/certificate"
	"github.com/natsuin/natsuin/internal/prompt"
	"github.com/natsuin/natsuin/internal/protocol"
)

// sexes are the codes of JIS X 0303 in the protocol's words; the card's two applications use the same ones.
var sexes = map[string]string{"1": "male", "2": "female", "9": "not-applicable", "0": "unknown"}

func sexOf(code string) string {
	if word, ok := sexes[code]; ok {
		return word
	}
	return "other"
}

// Attributes reads the four attributes from the 券面事項入力補助AP. With compare it reads those of the signature
// certificate too, which has a PIN of its own, and names what differs.
func Attributes(ctx context.Context, e Environment, lang string, compare bool) (*protocol.AttributesResult, error) {
	o, err := e.openSurface(ctx)
	if err != nil {
		return nil, err
	}
	defer o.close()
	result, err := o.readAttributes(ctx, lang, compare)
	return result, o.coded(err)
}

func (o surfaceOperation) readAttributes(ctx context.Context, lang string, compare bool) (*protocol.AttributesResult, error) {
	var card surface.Attributes
	ask := prompt.Request{Operation: prompt.ReadAttributes, Lang: prompt.Lang(lang)}
	err := o.unlock(ctx, ask, func(app *surface.Application) (err error) {
		card, err = app.Attributes()
		return err
	})
	if err != nil {
		return nil, err
	}
	result := &protocol.AttributesResult{Attributes: protocol.FourAttributes{
		Name: card.Name, Address: card.Address, BirthDate: card.BirthDate.Date(),
		Sex: sexOf(string(card.Sex)), SexCode: string(card.Sex),
	}}
	if !compare {
		return result, nil
	}

	signature, err := o.turnTo(ctx, jpki.Signature)
	if err != nil {
		return nil, err
	}
	var c *certificate.Certificate
	ask.Operation = prompt.ReadCertificate
	err = signature.unlock(ctx, ask, func(_ context.Context, app *jpki.Application, _ *prompt.PIN) (err error) {
		c, err = signatureCertificate(app)
		return err
	})
	if err != nil {
		return nil, err
	}
	certified, err := c.Attributes()
	if err != nil {
		return nil, &cardError{err}
	}
	result.Certificate = FourAttributes(certified)
	differences := differences(result.Attributes, certified)
	result.Differences = &differences
	result.SignatureCertificate = signature.details(c)
	return result, nil
}

// certifiedAttributes returns the attributes in a signature certificate.
func certifiedAttributes(c *certificate.Certificate) (*protocol.FourAttributes, error) {
	a, err := c.Attributes()
	if err != nil {
		return nil, err
	}
	return FourAttributes(a), nil
}

// FourAttributes returns what a signature certificate says of its holder as the protocol has it.
func FourAttributes(a certificate.Attributes) *protocol.FourAttributes {
	four := &protocol.FourAttributes{
		Name: a.Name, Address: a.Address, BirthDate: a.BirthDate.Date(), Sex: sexOf(string(a.Sex)), SexCode: string(a.Sex),
	}
	if a.NameSubstitutes.Any() {
		four.Substitutes = append(four.Substitutes, "name")
	}
	if a.AddressSubstitutes.Any() {
		four.Substitutes = append(four.Substitutes, "address")
	}
	return four
}

// differences names the attributes in which the card's text and the signature certificate say different
// things: not how wide a letter is or where a space stands, and not a character that the certificate marks
// as a substitute.
func differences(card protocol.FourAttributes, c certificate.Attributes) []string {
	differ := []string{}
	if !sameText(card.Name, c.Name, c.NameSubstitutes) {
		differ = append(differ, "name")
	}
	if !sameText(card.Address, c.Address, c.AddressSubstitutes) {
		differ = append(differ, "address")
	}
	if card.BirthDate != c.BirthDate.Date() {
		differ = append(differ, "birthDate")
	}
	if card.SexCode != string(c.Sex) {
		differ = append(differ, "sex")
	}
	return differ
}

// anyCharacter stands in the place of a substitute.
const anyCharacter rune = -1

func sameText(card, certified string, substitutes certificate.SubstitutePositions) bool {
	masked := []rune(certified)
	for i := range min(len(masked), len(substitutes)) { // one flag a character
		if substitutes[i] != '0' && !unicode.IsSpace(masked[i]) {
			masked[i] = anyCharacter
		}
	}
	return slices.EqualFunc(bare([]rune(card)), bare(masked), func(card, certified rune) bool {
		return certified == card || certified == anyCharacter
	})
}

// bare returns the characters of a text without spaces, and with letters, digits and signs in the width of
// ASCII: U+FF01 to U+FF5E are the same characters as U+0021 to U+007E.
func bare(text []rune) []rune {
	var characters []rune
	for _, r := range text {
		switch {
		case unicode.IsSpace(r):
			continue
		case '\uff01' <= r && r <= '\uff5e':
			r += '!' - '\uff01'
		}
		characters = append(characters, r)
	}
	return characters
}
