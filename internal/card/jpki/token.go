package jpki

import (
	"errors"
	"fmt"
	"strings"

	"github.com/natsuin/natsuin/internal/card"
)

// A Kind is what sort of thing holds the keys. It is for display: nothing may depend on it.
type Kind string

// The kinds of token (jpki-card.md §2.1).
const (
	Card        Kind = "card"      // マイナンバーカード
	JukiCard    Kind = "juki-card" // 住民基本台帳カード, the expired generation
	Android     Kind = "android"
	IPhone      Kind = "iphone"
	UnknownKind Kind = "unknown"
)

var kinds = map[string]Kind{
	"JPKIAPICCTOKEN2": Card,
	"JPKIAPICCTOKEN":  JukiCard,
	"JPKIAPGPSETOKEN": Android,
	"JPKIAPIOSTOKEN":  IPhone,
}

// A Token is what the card says about itself. Serial number and model are not read.
type Token struct {
	Label string // printable ASCII, at most 32 characters; may be empty
	Kind  Kind
}

// Token reads the token information. A card that refuses it is of an unknown kind, which is not an
// error.
func (a *Application) Token() (Token, error) {
	label, err := a.card.ReadFile(fileTokenInfo, lenLabel)
	var status card.Status
	switch {
	case errors.As(err, &status):
		return Token{Kind: UnknownKind}, nil
	case err != nil:
		return Token{}, fmt.Errorf("read the token information: %w", err)
	}
	return parseToken(label), nil
}

// fileTokenInfo is the elementary file that says what kind of token this is, a PKCS #11 CK_TOKEN_INFO
// that begins with a label of lenLabel bytes (jpki-card.md §2.1).
const fileTokenInfo, lenLabel = 0x0006, 32

// parseToken takes the label, or as much of it as there is, out of the token information.
func parseToken(info []byte) Token {
	label := strings.Trim(string(info[:min(len(info), lenLabel)]), " \x00")
	printable := []byte(label)
	for i, c := range printable {
		if c < 0x20 || c > 0x7E {
			printable[i] = '?'
		}
	}
	token := Token{Label: string(printable), Kind: UnknownKind}
	if kind, ok := kinds[token.Label]; ok {
		token.Kind = kind
	}
	return token
}
