package jpki

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

	presence int // which byte of the file on presence speaks of this slot
}

// The two slots.
var (
	// Authentication is 利用者証明用: it logs its holder in. Its certificate can be read without a PIN,
	// except on phones.
	Authentication = Slot{name: "authentication", Key: 0x0017, PIN: 0x0018, Certificate: 0x000A, CA: 0x000B,
		MaxTries: 3, presence: 1}

	// Signature is 署名用: it signs documents. Its certificate carries the holder's name, address, date
	// of birth and sex, and can be read only after its PIN.
	Signature = Slot{name: "signature", Key: 0x001A, PIN: 0x001B, Certificate: 0x0001, CA: 0x0002,
		MaxTries: 5, presence: 0}
)

// String returns "authentication" or "signature".
func (s Slot) String() string { return s.name }
