package jpki

import "github.com/natsuin/natsuin/internal/card"

// A Slot is one of the card's two key pairs, named by the elementary files that belong to it
// (jpki-card.md §2). Slots are values and compare with ==.
type Slot struct {
	name string

	Key         uint16 // the RSA-2048 private key, for COMPUTE DIGITAL SIGNATURE
	PIN         uint16 // its PIN, for VERIFY
	Certificate uint16 // the holder's certificate
	CA          uint16 // the self-signed certificate of the CA that issued it

	// MaxTries is how many wrong PINs in a row the card takes before it blocks (jpki-card.md §3.3).
	MaxTries int
}

// The two slots.
var (
	// Authentication is 利用者証明用: it logs its holder in. Its certificate can be read without a PIN,
	// except on phones.
	Authentication = Slot{name: "authentication", Key: 0x0017, PIN: 0x0018, Certificate: 0x000A, CA: 0x000B, MaxTries: 3}

	// Signature is 署名用: it signs documents. Its certificate carries the holder's name, address, date
	// of birth and sex, and can be read only after its PIN.
	Signature = Slot{name: "signature", Key: 0x001A, PIN: 0x001B, Certificate: 0x0001, CA: 0x0002, MaxTries: 5}
)

// String returns "authentication" or "signature".
func (s Slot) String() string { return s.name }

// fileTokenInfo is the elementary file that says what kind of token this is (jpki-card.md §2.1).
const fileTokenInfo = 0x0006

// selectFile makes the elementary file id the current one (jpki-card.md §3.1; ISO/IEC 7816-4 §11.2.2).
func (a *Application) selectFile(id uint16) error {
	_, err := card.Send(a.transport, card.Command{INS: 0xA4, P1: 0x02, P2: 0x0C, Data: []byte{byte(id >> 8), byte(id)}})
	return err
}
