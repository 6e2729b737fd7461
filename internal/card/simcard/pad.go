package simcard

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"time"

	"github.com/natsuin/natsuin/internal/card"
)

// A Pad is the human at the simulated reader's PIN pad. It is called, in a goroutine of its own, with
// what the pad asks for, and returns what was typed; it may take its time. ctx ends with the pad's clock.
type Pad func(ctx context.Context, asked PadPrompt) Keys

// A PadPrompt is what the pad asks for.
type PadPrompt struct {
	Change   bool   // a new PIN, twice; otherwise the present one
	Language uint16 // a Windows language identifier
	Display  bool   // the pad was told to show messages
	Timeout  time.Duration
}

// Keys are what the human typed. The zero value is nothing at all until the time ran out.
type Keys struct {
	PIN    string
	Repeat string // the new PIN once more
	Cancel bool   // the pad's red key
}

// SetPad gives the reader in process a PIN pad, with a human at it; nil takes it away. A card behind
// natsuin-simcard cannot have one: pcscd's virtual reader does not carry what a pad is asked.
func (c *Card) SetPad(p Pad) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pad = p
}

// The control codes of the simulated reader, in the numbers that libccid uses, and the requests that
// they stand for (PC/SC part 10 §2.2).
const (
	controlVerify     = 0x42330006
	controlModify     = 0x42330007
	controlProperties = 0x42330012
)

var padFeatures = []byte{
	0x06, 4, 0x42, 0x33, 0x00, 0x06,
	0x07, 4, 0x42, 0x33, 0x00, 0x07,
	0x12, 4, 0x42, 0x33, 0x00, 0x12,
}

// padProperties: two lines of 16 characters, the validation key, one clock, 1 to 8 digits.
var padProperties = []byte{0x01, 2, 0x10, 0x02, 0x02, 1, 0x02, 0x03, 1, 0x00, 0x06, 1, 1, 0x07, 1, 8}

var (
	errNoPad         = errors.New("simcard: the reader does not know this request")
	errPadStructure  = errors.New("simcard: the lengths in the PIN structure do not fit")
	errNoTransaction = errors.New("simcard: a PIN is asked for outside of a transaction")
)

// What a pad answers by itself (PC/SC part 10 §2.5); the last is what firmware in the field says to a
// structure that it cannot work with.
const (
	padTimeout   card.Status = 0x6400
	padCancelled card.Status = 0x6401
	padDifferent card.Status = 0x6402
	padLength    card.Status = 0x6403
	padRefuses   card.Status = 0x6B80
)

var _ card.Controller = (*connection)(nil)

// Features implements card.Controller.
func (c *connection) Features(context.Context) ([]byte, error) {
	if c.card.human() == nil {
		return nil, errNoPad
	}
	return bytes.Clone(padFeatures), c.check()
}

// Control implements card.Controller. An abandoned request stays on the pad until the human or its
// clock ends it, and the transaction with it.
func (c *connection) Control(ctx context.Context, code uint32, request []byte) ([]byte, error) {
	human := c.card.human()
	if human == nil {
		return nil, errNoPad
	}
	if err := errors.Join(ctx.Err(), c.check()); err != nil {
		return nil, err
	}
	var o padOrder
	var err error
	switch code {
	case controlProperties:
		return bytes.Clone(padProperties), nil
	case controlVerify:
		o, err = parseVerify(request)
	case controlModify:
		o, err = parseModify(request)
	default:
		return nil, errNoPad
	}
	switch {
	case err != nil:
		return nil, err
	case !c.transaction:
		return nil, errNoTransaction
	}

	held := *c
	response, ended := []byte(nil), make(chan error, 1)
	go func() {
		var err error
		response, err = held.operate(human, o)
		ended <- err
	}()
	select {
	case err := <-ended:
		return response, err
	case <-ctx.Done():
		c.transaction, c.insertion = false, -1 // held has both from here on
		go func() {
			<-ended
			_ = held.PowerOff()
		}()
		return nil, ctx.Err()
	}
}

func (c *Card) human() Pad {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pad
}

// operate asks the human, and brings the card the command that comes of it.
func (c *connection) operate(human Pad, o padOrder) ([]byte, error) {
	if !o.sound() {
		return encode(nil, padRefuses), nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), o.asked.Timeout)
	defer cancel()
	typed := make(chan Keys, 1)
	go func() { typed <- human(ctx, o.asked) }()
	for {
		_, changed := c.card.Presence()
		if err := c.check(); err != nil {
			return nil, err
		}
		select {
		case keys := <-typed:
			if status := o.judge(keys); status != card.OK {
				return encode(nil, status), nil
			}
			if response := c.card.Transmit(o.command(keys.PIN)); response != nil {
				return response, nil
			}
			return nil, card.ErrRemoved
		case <-ctx.Done():
			return encode(nil, padTimeout), nil
		case <-changed:
		}
	}
}

// A padOrder is what one of the two PIN structures tells the pad to do (PC/SC part 10 §2.5). The pad
// reads it by itself, with nothing from the code that writes it.
type padOrder struct {
	asked      PadPrompt
	format     byte // bmFormatString
	block      byte // bmPINBlockString
	length     byte // bmPINLengthFormat
	min, max   int
	insertion  int // bInsertionOffsetNew
	confirm    byte
	validation byte
	messages   byte
	apdu       []byte
}

func parseVerify(b []byte) (padOrder, error) {
	const header = 19
	if len(b) < header || uint64(binary.LittleEndian.Uint32(b[15:])) != uint64(len(b)-header) {
		return padOrder{}, errPadStructure
	}
	return padOrder{
		asked:  PadPrompt{Language: binary.LittleEndian.Uint16(b[9:]), Display: b[8] > 0, Timeout: seconds(b[0])},
		format: b[2], block: b[3], length: b[4],
		max: int(b[5]), min: int(b[6]),
		validation: b[7], messages: b[8],
		apdu: bytes.Clone(b[header:]),
	}, nil
}

func parseModify(b []byte) (padOrder, error) {
	const header = 24
	if len(b) < header || uint64(binary.LittleEndian.Uint32(b[20:])) != uint64(len(b)-header) {
		return padOrder{}, errPadStructure
	}
	return padOrder{
		asked:  PadPrompt{Change: true, Language: binary.LittleEndian.Uint16(b[12:]), Display: b[11] > 0, Timeout: 2 * seconds(b[0])},
		format: b[2], block: b[3], length: b[4], insertion: int(b[6]),
		max: int(b[7]), min: int(b[8]), confirm: b[9],
		validation: b[10], messages: b[11],
		apdu: bytes.Clone(b[header:]),
	}, nil
}

// seconds is what bTimeOut means; 0 leaves it to the pad.
func seconds(n byte) time.Duration {
	if n == 0 {
		return 30 * time.Second
	}
	return time.Duration(n) * time.Second
}

// The APDU's data begins after CLA, INS, P1, P2 and Lc.
const padData = 5

// frame is where in the APDU the digits go.
func (o padOrder) frame() (offset, size int) {
	return padData + int(o.format>>3&0x0F) + o.insertion, int(o.block & 0x0F)
}

// sound reports whether the pad can work with the order. It knows ASCII digits from the left in a frame
// that lies in the data at a whole byte, no PIN length, the validation key, and for a new PIN that it is
// typed twice without the old one.
func (o padOrder) sound() bool {
	const bytesLeftASCII = 0x82
	ins, confirm, messages := byte(insVerify), byte(0), byte(1)
	if o.asked.Change {
		ins, confirm, messages = insChangeReference, 1, 2
	}
	offset, size := o.frame()
	return o.format&^0x78 == bytesLeftASCII && o.block>>4 == 0 && o.length == 0 &&
		len(o.apdu) > padData && o.apdu[1] == ins && int(o.apdu[4]) == len(o.apdu)-padData &&
		size > 0 && offset+size <= len(o.apdu) &&
		0 < o.min && o.min <= o.max && o.max <= size &&
		o.validation == 0x02 && o.confirm == confirm && (o.messages == 0 || o.messages == messages)
}

// judge answers for the pad to what cannot become a command; card.OK is what can.
func (o padOrder) judge(k Keys) card.Status {
	switch {
	case k.Cancel:
		return padCancelled
	case k == Keys{}:
		return padTimeout
	case len(k.PIN) < o.min || len(k.PIN) > o.max:
		return padLength
	case o.asked.Change && k.PIN != k.Repeat:
		return padDifferent
	}
	return card.OK
}

// command puts the digits into the frame; what they do not fill stays as it was.
func (o padOrder) command(pin string) []byte {
	offset, _ := o.frame()
	copy(o.apdu[offset:], pin)
	return o.apdu
}
