package simcard

import (
	"bytes"

	"github.com/natsuin/natsuin/internal/card"
)

// Transmit executes one command APDU and returns the response APDU. It returns nil when there is no
// card to answer: it is out of the reader, has no power, or leaves before it has answered.
func (c *Card) Transmit(command []byte) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	response := c.respond(command)
	if c.options.Trace != nil {
		c.options.Trace(command, response)
	}
	return response
}

// respond puts the faults around execute.
func (c *Card) respond(command []byte) []byte {
	if !c.powered || !c.slot.present() {
		return nil
	}
	c.commands++
	if c.faults.Slow > 0 {
		c.slot.wait(c.faults.Slow)
	}
	if c.faults.RemoveBefore == c.commands {
		return c.disappear()
	}
	if c.fresh {
		c.fresh = false
		if c.faults.First6F00 {
			return encode(nil, card.NoPreciseDiagnosis)
		}
	}

	cmd, err := parse(command)
	if err != nil {
		return encode(nil, card.WrongLength)
	}
	if cmd.INS != insGetResponse {
		c.pending = nil
	}
	data, status := c.execute(cmd)

	switch {
	case c.faults.RemoveAfter == c.commands:
		return c.disappear()
	case c.faults.RemoveVerify && cmd.INS == insVerify && len(cmd.Data) > 0:
		c.faults.RemoveVerify = false
		return c.disappear()
	case c.faults.RemoveChange && cmd.INS == insChangeReference && len(cmd.Data) > 0:
		c.faults.RemoveChange = false
		return c.disappear()
	case !c.slot.present():
		return c.disappear()
	case len(c.faults.CountAnswer) > 0 && cmd.INS == insVerify && len(cmd.Data) == 0:
		return bytes.Clone(c.faults.CountAnswer)
	case len(c.faults.ChangeAnswer) > 0 && cmd.INS == insChangeReference && len(cmd.Data) > 0:
		return bytes.Clone(c.faults.ChangeAnswer)
	}

	if c.faults.WrongLe && status == card.OK && cmd.Le > 0 && len(data) > 0 && len(data) != cmd.Le {
		data, status = nil, 0x6C00|card.Status(byte(len(data)))
	}
	if c.faults.GetResponse && status == card.OK && len(data) > 0 && cmd.INS != insGetResponse {
		c.pending = data
		data, status = nil, c.announcePending()
	}
	response := encode(data, status)
	if c.faults.TrailingSW {
		response = append(response, 0x90, 0x00)
	}
	return response
}

// disappear takes the card out of the reader instead of answering.
func (c *Card) disappear() []byte {
	c.slot.leave()
	c.powerOff()
	return nil
}

func encode(data []byte, status card.Status) []byte {
	return append(bytes.Clone(data), byte(status>>8), byte(status))
}

// parse decodes a command. Beyond the short form it bears with one extended form, a bare Le of two
// bytes, because a client in the wild reads a certificate that way (jpki-card.md §7.4).
func parse(b []byte) (card.Command, error) {
	if len(b) == 7 && b[4] == 0 {
		le := int(b[5])<<8 | int(b[6])
		if le == 0 {
			le = 1 << 16
		}
		return card.Command{CLA: b[0], INS: b[1], P1: b[2], P2: b[3], Le: le}, nil
	}
	return card.ParseCommand(b)
}
