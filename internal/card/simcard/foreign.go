package simcard

import (
	"bytes"

	"github.com/natsuin/natsuin/internal/card"
)

// A Foreign is a card of another kind, in the place of a My Number Card, as far as a program can meet it
// that looks for one.
type Foreign string

// The kinds.
const (
	// SecurityKey has applications of its own, and a PIN in one of them that a stray VERIFY would spend.
	SecurityKey Foreign = "security-key"
	// SIM is the SIM of a modem, of today's class and of the old one (ETSI TS 102 221, GSM 11.11).
	SIM Foreign = "sim"
	// OldSIM answers 9Fxx to any SELECT: so many bytes of response wait for the old GET RESPONSE.
	OldSIM Foreign = "old-sim"
	// Mute does not answer at all: a contact card put in the wrong way round. Only Readers can have one.
	Mute Foreign = "mute"
)

// PINForeign is the PIN of a foreign card, for Tally: nobody has any business with it.
const PINForeign PIN = "foreign"

// foreignATRs: the historical bytes of the key say "YubiKey"; the SIMs have none.
var foreignATRs = map[Foreign][]byte{
	SecurityKey: {0x3B, 0xFD, 0x13, 0x00, 0x00, 0x81, 0x31, 0xFE, 0x15, 0x80, 0x73, 0xC0, 0x21, 0xC0, 0x57, 'Y', 'u', 'b', 'i', 'K', 'e', 'y', 0x40},
	SIM:         {0x3B, 0x00},
	OldSIM:      {0x3B, 0x00},
	Mute:        {0x3B, 0x00},
}

// aidPIV is the name of the security key's application with a PIN (NIST SP 800-73).
var aidPIV = []byte{0xA0, 0x00, 0x00, 0x03, 0x08}

// GSM 11.11 §9.4.1: so many bytes of response are there.
const responseWaits card.Status = 0x9F17

// executeForeign answers as the card of the other kind does.
func (c *Card) executeForeign(cmd card.Command) ([]byte, card.Status) {
	byName := cmd.INS == insSelect && cmd.P1 == 0x04
	switch kind := c.options.Foreign; {
	case kind == OldSIM && cmd.INS == insSelect, kind == SIM && cmd.INS == insSelect && cmd.CLA == 0xA0:
		return nil, responseWaits
	case cmd.CLA != 0x00 || kind == OldSIM:
		return nil, card.ClassNotSupported
	case byName && kind == SecurityKey && bytes.HasPrefix(cmd.Data, aidPIV):
		return nil, card.OK
	case cmd.INS == insSelect:
		return nil, card.NotFound
	case cmd.INS == insVerify && len(cmd.Data) == 0:
		return nil, triesLeft(3)
	case cmd.INS == insVerify, cmd.INS == insChangeReference:
		c.count(PINForeign, func(t *Tally) { t.Verifies++; t.Wrong++ })
		return nil, triesLeft(2)
	}
	return nil, card.InstructionNotSupported
}
