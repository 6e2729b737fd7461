package protocol

import "bytes"

// MaxPIN is the longest PIN that a frame may carry (a signature PIN, jpki-card.md §3.3).
const MaxPIN = 16

// A PIN is the answer to a prompt for one. Bytes lies in the frame it was read from: wiping the
// frame wipes it.
type PIN struct {
	ID     string
	Prompt int
	Bytes  []byte
}

var pinStart = []byte(`{"type":"pin",`)

func isPINFrame(frame []byte) bool { return bytes.HasPrefix(frame, pinStart) }

// decodePIN reads the one form that docs/protocol.md gives for this frame, turning the digits of each
// number into the byte itself, in place. It knows no other form on purpose: a PIN never meets
// encoding/json, which would copy it to places that nobody wipes. No more than MaxPIN numbers of 0 to 255
// are read; whether they are a PIN is for the prompt to say.
func decodePIN(frame []byte) (*PIN, error) {
	s := scanner{rest: frame}
	s.literal(`{"type":"pin","id":"`)
	id := s.until('"')
	s.literal(`,"prompt":`)
	prompt := s.number(1 << 30)
	s.literal(`,"pin":[`)
	// The bytes are written over the frame's own beginning: a number takes at least one character,
	// so what is written never overtakes what is still to be read.
	pin := frame[:0]
	for !s.failed && !s.at(']') {
		if len(pin) == MaxPIN {
			return nil, Invalid("pin", "holds more than %d bytes", MaxPIN)
		}
		if len(pin) > 0 {
			s.literal(",")
		}
		value := s.number(255)
		pin = append(pin, byte(value))
	}
	s.literal("]}")
	if s.failed || len(s.rest) != 0 {
		return nil, Invalid("pin", "is not in the form of a PIN frame")
	}
	if !idPattern.MatchString(id) {
		return nil, Invalid("id", "is not 1 to 64 letters, digits and hyphens")
	}
	return &PIN{ID: id, Prompt: prompt, Bytes: pin}, nil
}

type scanner struct {
	rest   []byte
	failed bool
}

func (s *scanner) at(c byte) bool { return len(s.rest) > 0 && s.rest[0] == c }

func (s *scanner) literal(text string) {
	if !bytes.HasPrefix(s.rest, []byte(text)) {
		s.failed = true
		return
	}
	s.rest = s.rest[len(text):]
}

// until returns the text before the character c and steps over c.
func (s *scanner) until(c byte) string {
	i := bytes.IndexByte(s.rest, c)
	if i < 0 || i > 64 {
		s.failed = true
		return ""
	}
	text := string(s.rest[:i])
	s.rest = s.rest[i+1:]
	return text
}

// number reads a decimal number without leading zeros, 0 to max.
func (s *scanner) number(max int) int {
	n, digits := 0, 0
	for len(s.rest) > 0 && s.rest[0] >= '0' && s.rest[0] <= '9' {
		if digits > 0 && n == 0 {
			s.failed = true
		}
		n = n*10 + int(s.rest[0]-'0')
		digits++
		if n > max {
			s.failed = true
			return 0
		}
		s.rest = s.rest[1:]
	}
	if digits == 0 {
		s.failed = true
	}
	return n
}
