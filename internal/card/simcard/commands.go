package simcard

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"

	"github.com/natsuin/natsuin/internal/card"
)

// Instruction bytes that the card knows (ISO/IEC 7816-4 §11, ISO/IEC 7816-8 §5, jpki-card.md §3).
const (
	insVerify            = 0x20
	insChangeReference   = 0x24
	insSecurityOperation = 0x2A
	insGetChallenge      = 0x84
	insSelect            = 0xA4
	insReadBinary        = 0xB0
	insReadRecord        = 0xB2
	insGetResponse       = 0xC0

	classSignature = 0x80 // the proprietary class of the signature command
	currentFile    = 0x80 // P2: the current file
)

const (
	longestPIN      = 16  // bytes
	longestSigned   = 245 // what PKCS #1 v1.5 padding leaves of 256 bytes
	signatureSize   = 256
	shortRead       = 100 // what READ BINARY gives under the fault short-reads
	getResponsePart = 128 // what GET RESPONSE gives under the fault 61xx
)

// execute is the table of jpki-card.md §7.5.
func (c *Card) execute(cmd card.Command) ([]byte, card.Status) {
	if c.options.Foreign != "" {
		return c.executeForeign(cmd)
	}
	if cmd.CLA&^0x83 == 0 && cmd.CLA&0x03 != 0 {
		return nil, card.ChannelNotSupported
	}
	switch {
	case cmd.CLA == classSignature && cmd.INS == insSecurityOperation:
		return c.computeSignature(cmd)
	case cmd.CLA == classSignature:
		return nil, card.InstructionNotSupported
	case cmd.CLA != 0x00:
		return nil, card.ClassNotSupported
	}
	switch cmd.INS {
	case insSelect:
		return c.selectFile(cmd)
	case insReadBinary:
		return c.readBinary(cmd)
	case insReadRecord:
		return c.readRecord(cmd)
	case insVerify:
		return nil, c.verify(cmd)
	case insChangeReference:
		return nil, c.changeReferenceData(cmd)
	case insGetChallenge:
		return getChallenge(cmd)
	case insGetResponse:
		return c.getResponse(cmd)
	}
	return nil, card.InstructionNotSupported
}

func (c *Card) selectFile(cmd card.Command) ([]byte, card.Status) {
	switch cmd.P1 {
	case 0x04:
		return c.selectApplication(cmd)
	case 0x02:
		if len(cmd.Data) != 2 {
			return nil, card.WrongLength
		}
		return nil, c.selectID(uint16(cmd.Data[0])<<8 | uint16(cmd.Data[1]))
	case 0x00:
		if bytes.Equal(cmd.Data, []byte{0x3F, 0x00}) {
			return nil, card.NotFound
		}
	}
	return nil, card.WrongParameters
}

// selectApplication takes the whole name only, and drops the PIN state when it succeeds.
func (c *Card) selectApplication(cmd card.Command) ([]byte, card.Status) {
	const noResponse, fileControlInformation = 0x0C, 0x00
	if cmd.P2 != noResponse && cmd.P2 != fileControlInformation {
		return nil, card.WrongParameters
	}
	for _, app := range c.applications {
		if !bytes.Equal(app.aid, cmd.Data) || c.lacks(app) {
			continue
		}
		c.clearState()
		c.app = app
		if cmd.P2 == fileControlInformation && cmd.Le > 0 {
			name := append([]byte{0x84, byte(len(app.aid))}, app.aid...)
			return append([]byte{0x6F, byte(len(name))}, name...), card.OK
		}
		return nil, card.OK
	}
	return nil, card.NotFound
}

func (c *Card) selectID(id uint16) card.Status {
	if c.app == nil {
		return card.NotFound
	}
	f := c.find(c.app, id)
	if f == nil {
		return card.NotFound
	}
	c.file = f
	return card.OK
}

// named makes the file that P2 of a VERIFY or signature names the current one: 80 is the current file
// itself, 80|sfi the file with that short identifier.
func (c *Card) named(p2 byte) card.Status {
	if p2&0xE0 != currentFile {
		return card.WrongParameters
	}
	if id := p2 & 0x1F; id != 0 {
		return c.selectID(uint16(id))
	}
	if c.file == nil {
		return card.NoCurrentFile
	}
	return card.OK
}

func (c *Card) readBinary(cmd card.Command) ([]byte, card.Status) {
	offset := int(cmd.P1)<<8 | int(cmd.P2)
	if cmd.P1&0x80 != 0 {
		if status := c.named(cmd.P1); status != card.OK {
			return nil, status
		}
		offset = int(cmd.P2)
	}
	switch {
	case c.file == nil:
		return nil, card.NoCurrentFile
	case c.file.content == nil:
		return nil, card.IncompatibleFile
	case !c.mayUse(c.file):
		return nil, card.SecurityNotSatisfied
	case cmd.Le == 0:
		return nil, card.WrongLength
	}
	content := c.contentOf(c.file)
	if offset >= len(content) {
		return nil, card.OffsetOutsideFile
	}
	length := min(cmd.Le, len(content)-offset)
	if c.faults.ShortReads {
		length = min(length, shortRead)
	}
	return content[offset : offset+length], card.OK
}

// readRecord reads by number, P1, from the file whose short identifier stands in the upper bits of P2.
func (c *Card) readRecord(cmd card.Command) ([]byte, card.Status) {
	const byNumberInFile1 = 1<<3 | 4
	switch {
	case c.app == nil:
		return nil, card.NoCurrentFile
	case len(c.app.records) == 0:
		return nil, card.IncompatibleFile
	case cmd.P2 != byNumberInFile1:
		return nil, card.WrongParameters
	case cmd.Le == 0:
		return nil, card.WrongLength
	case cmd.P1 == 0 || int(cmd.P1) > len(c.app.records):
		return nil, card.RecordNotFound
	}
	record := c.app.records[cmd.P1-1]
	return record[:min(cmd.Le, len(record))], card.OK
}

// verify compares a PIN, or, as a command of four bytes, tells the tries left without using one.
func (c *Card) verify(cmd card.Command) card.Status {
	if cmd.P1 != 0 {
		return card.WrongParameters
	}
	if status := c.named(cmd.P2); status != card.OK {
		return status
	}
	pin := c.file.pin
	if pin == "" {
		return card.IncompatibleFile
	}
	if len(cmd.Data) > 0 {
		c.count(pin, func(t *Tally) { t.Verifies++ })
	}
	if cmd.Le > 0 || len(cmd.Data) > longestPIN {
		return card.WrongLength
	}
	stored, err := c.pins.get(pin)
	if err != nil {
		return card.MemoryFailure
	}
	if len(cmd.Data) == 0 {
		return triesLeft(stored.Tries)
	}

	if stored.Tries == 0 {
		if c.faults.Blocked6983 {
			return card.PINBlocked
		}
		return card.ReferenceDataUnusable
	}
	right := string(cmd.Data) == stored.Value
	stored.Tries--
	if right {
		stored.Tries = pinRules[pin].tries
	}
	if err := c.pins.set(pin, stored); err != nil {
		return card.MemoryFailure
	}
	c.verified[pin] = right
	if right {
		return card.OK
	}
	c.count(pin, func(t *Tally) { t.Wrong++ })
	return triesLeft(stored.Tries)
}

func triesLeft(n int) card.Status { return 0x63C0 | card.Status(n) }

func (c *Card) changeReferenceData(cmd card.Command) card.Status {
	const newValueOnly = 0x01
	if cmd.P1 != newValueOnly {
		return card.WrongParameters
	}
	if status := c.named(cmd.P2); status != card.OK {
		return status
	}
	pin := c.file.pin
	if pin == "" {
		return card.IncompatibleFile
	}
	if len(cmd.Data) > 0 {
		c.count(pin, func(t *Tally) { t.Changes++ })
	}
	switch {
	case cmd.Le > 0 || len(cmd.Data) == 0:
		return card.WrongLength
	case !c.verified[pin]:
		return card.SecurityNotSatisfied
	case !pinRules[pin].accepts(cmd.Data):
		return card.WrongData
	case c.faults.RefuseChange:
		return card.ConditionsNotSatisfied
	}
	if err := c.pins.set(pin, reference{Value: string(cmd.Data), Tries: pinRules[pin].tries}); err != nil {
		return card.MemoryFailure
	}
	c.count(pin, func(t *Tally) { t.Changed++ })
	return card.OK
}

// computeSignature pads whatever it gets as PKCS #1 v1.5 type 1 and applies the private key: it does
// not hash, and it does not look at the input (jpki-card.md §3.5).
func (c *Card) computeSignature(cmd card.Command) ([]byte, card.Status) {
	if cmd.P1 != 0 {
		return nil, card.WrongParameters
	}
	if status := c.named(cmd.P2); status != card.OK {
		return nil, status
	}
	switch {
	case c.file.key == nil:
		return nil, card.IncompatibleFile
	case !c.mayUse(c.file):
		return nil, card.SecurityNotSatisfied
	case len(cmd.Data) == 0 || len(cmd.Data) > longestSigned || cmd.Le == 0:
		return nil, card.WrongLength
	case cmd.Le < signatureSize:
		return nil, 0x6C00
	}

	if c.faults.RemoveSign {
		c.faults.RemoveSign = false
		c.slot.leave()
		return nil, card.NoPreciseDiagnosis // nobody sees it
	}
	if c.faults.SlowSign > 0 {
		c.slot.wait(c.faults.SlowSign)
	}
	if c.faults.VerifyEach {
		c.verified[c.file.guard] = false
	}
	key := c.file.key
	if c.faults.WrongKey {
		key = c.holder.otherKey(key)
	}
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.Hash(0), cmd.Data)
	if err != nil {
		return nil, card.ExecutionError
	}
	return signature, card.OK
}

func getChallenge(cmd card.Command) ([]byte, card.Status) {
	switch {
	case cmd.P1 != 0 || cmd.P2 != 0:
		return nil, card.WrongParameters
	case cmd.Le == 0 || len(cmd.Data) > 0:
		return nil, card.WrongLength
	}
	challenge := make([]byte, cmd.Le)
	_, _ = rand.Read(challenge) // never fails
	return challenge, card.OK
}

// getResponse hands out the data that the fault 61xx holds back.
func (c *Card) getResponse(cmd card.Command) ([]byte, card.Status) {
	switch {
	case !c.faults.GetResponse:
		return nil, card.InstructionNotSupported
	case len(c.pending) == 0:
		return nil, card.ConditionsNotSatisfied
	}
	part := c.pending[:min(cmd.Le, getResponsePart, len(c.pending))]
	c.pending = c.pending[len(part):]
	if len(c.pending) > 0 {
		return part, c.announcePending()
	}
	return part, card.OK
}

func (c *Card) announcePending() card.Status {
	return 0x6100 | card.Status(byte(min(len(c.pending), card.MaxLe)))
}

// mayUse reports whether the file's content may be read, or its key used.
func (c *Card) mayUse(f *file) bool { return f.guard == "" || c.verified[f.guard] }
