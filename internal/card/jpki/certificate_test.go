package jpki_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/jpki"
)

// A file is a card that answers 9000 to every SELECT and holds one transparent file.
type file struct {
	content  []byte
	most     int // the most bytes it returns at once; 0 is no limit
	early    bool
	commands int
}

func (f *file) Transmit(command []byte) ([]byte, error) {
	f.commands++
	c, err := card.ParseCommand(command)
	if err != nil {
		return nil, err
	}
	if c.INS != 0xB0 {
		return []byte{0x90, 0x00}, nil
	}
	offset := int(c.P1)<<8 | int(c.P2)
	if offset >= len(f.content) {
		return []byte{0x6B, 0x00}, nil
	}
	chunk := f.content[offset:min(offset+c.Le, len(f.content))]
	if f.most > 0 {
		chunk = chunk[:min(len(chunk), f.most)]
	}
	if f.early && len(chunk) < c.Le {
		return append(slices.Clone(chunk), 0x62, 0x82), nil
	}
	return append(slices.Clone(chunk), 0x90, 0x00), nil
}

// der returns something that has a certificate's outer form and the given length in all.
func der(length int) []byte {
	b := make([]byte, length)
	for i := range b {
		b[i] = byte(i * 7)
	}
	copy(b, []byte{0x30, 0x82, byte((length - 4) >> 8), byte(length - 4)})
	return b
}

func TestCertificate(t *testing.T) {
	const worked = 0x062B + 4 // a length seen on a real card, jpki-card.md §2
	for name, test := range map[string]struct {
		card file
		want []byte
	}{
		"a whole file":                {file{content: der(worked)}, der(worked)},
		"of whole chunks":             {file{content: der(1536)}, der(1536)},
		"one byte into a chunk":       {file{content: der(1537)}, der(1537)},
		"the longest":                 {file{content: der(8192)}, der(8192)},
		"the shortest":                {file{content: der(4)}, der(4)},
		"padded with FF":              {file{content: append(der(worked), bytes.Repeat([]byte{0xFF}, 300)...)}, der(worked)},
		"in reads of 224":             {file{content: der(worked), most: 224}, der(worked)},
		"in reads of 32":              {file{content: der(8192), most: 33}, der(8192)},
		"ended early, short of bytes": {file{content: der(worked), most: 255, early: true}, der(worked)},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := jpki.Select(&test.card)
			require.NoError(t, err)
			got, err := a.Certificate(jpki.Authentication)
			require.NoError(t, err)
			require.Equal(t, test.want, got)
		})
	}
}

func TestCertificateAbsent(t *testing.T) {
	for name, content := range map[string][]byte{
		"an empty file":     {},
		"FF":                bytes.Repeat([]byte{0xFF}, 2000),
		"00":                make([]byte, 2000),
		"not DER":           []byte("no certificate here"),
		"too short":         {0x30, 0x82, 0x01},
		"one-byte length":   {0x30, 0x03, 0x02, 0x01, 0x05},
		"three-byte length": {0x30, 0x83, 0x00, 0x00, 0x01, 0x00},
	} {
		for _, early := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, ends with 6282: %v", name, early), func(t *testing.T) {
				a, err := jpki.Select(&file{content: content, early: early})
				require.NoError(t, err)
				_, err = a.Certificate(jpki.Signature)
				require.ErrorIs(t, err, jpki.ErrAbsent)
			})
		}
	}
}

func TestCertificateRefused(t *testing.T) {
	file := step{why: "select the signature certificate", command: "00A4020C02 0001", response: "9000"}
	header := "00B00000 04"
	for name, test := range map[string]struct {
		steps []step
		want  error
	}{
		"no such file":   {[]step{{command: file.command, response: "6A82"}}, jpki.ErrAbsent},
		"no such record": {[]step{file, {command: header, response: "6A83"}}, jpki.ErrAbsent},
		"empty, 6282":    {[]step{file, {command: header, response: "6282"}}, jpki.ErrAbsent},
		"empty, 9000":    {[]step{file, {command: header, response: "9000"}}, jpki.ErrAbsent},
		"PIN wanted":     {[]step{file, {command: header, response: "6982"}}, jpki.ErrPINRequired},
		"file locked":    {[]step{file, {command: header, response: "6283"}}, card.FileDeactivated},
		"taken away":     {[]step{file, {command: header, fail: card.ErrRemoved}}, card.ErrRemoved},
		"taken away in the middle": {[]step{file,
			{command: header, response: "30820200 9000"},
			{command: "00B00000 00", fail: card.ErrRemoved}}, card.ErrRemoved},
	} {
		t.Run(name, func(t *testing.T) {
			a, _ := selected(t, test.steps...)
			_, err := a.Certificate(jpki.Signature)
			require.ErrorIs(t, err, test.want)
		})
	}
}

func TestCertificateNotBelieved(t *testing.T) {
	changing := der(300)
	for name, test := range map[string]struct {
		steps []step
		want  string
	}{
		"longer than any": {[]step{
			{command: "00B00000 04", response: "30821FFD 9000"},
		}, "8193 bytes"},
		"cut short": {[]step{
			{command: "00B00000 04", response: "30820010 9000"},
			{command: "00B00000 14", response: "30820010 0102 9000"},
			{command: "00B00006 0E", response: "6B00"},
		}, "after 6 of 20"},
		"more than asked for": {[]step{
			{command: "00B00000 04", response: "3082001000 9000"},
		}, "5 bytes where 4"},
		"another file than at first": {[]step{
			{command: "00B00000 04", response: "30820010 9000"},
			{command: "00B00000 14", response: fmt.Sprintf("%X 9000", changing[:20])},
		}, "changed"},
	} {
		t.Run(name, func(t *testing.T) {
			steps := append([]step{{command: "00A4020C02 000B", response: "9000"}}, test.steps...)
			a, _ := selected(t, steps...)
			_, err := a.CACertificate(jpki.Authentication)
			require.ErrorContains(t, err, test.want)
			require.NotErrorIs(t, err, jpki.ErrAbsent)
		})
	}
}

func TestCertificateByteByByte(t *testing.T) {
	slow := &file{content: der(8192), most: 1}
	a, err := jpki.Select(slow)
	require.NoError(t, err)
	_, err = a.Certificate(jpki.Authentication)
	require.ErrorContains(t, err, "256 commands")
	require.LessOrEqual(t, slow.commands, 300)
}

func TestFilesBySlot(t *testing.T) {
	for _, test := range []struct {
		slot            jpki.Slot
		certificate, ca string
	}{
		{jpki.Authentication, "000A", "000B"},
		{jpki.Signature, "0001", "0002"},
	} {
		t.Run(test.slot.String(), func(t *testing.T) {
			a, _ := selected(t,
				step{why: "the certificate's file", command: "00A4020C02" + test.certificate, response: "6A82"},
				step{why: "the CA's file", command: "00A4020C02" + test.ca, response: "6A82"})
			_, err := a.Certificate(test.slot)
			require.ErrorIs(t, err, jpki.ErrAbsent)
			_, err = a.CACertificate(test.slot)
			require.ErrorIs(t, err, jpki.ErrAbsent)
		})
	}
}

// A hostile card answers each command with the next piece of what it was made of.
type hostile struct {
	answers  []byte
	commands int
}

func (h *hostile) Transmit([]byte) ([]byte, error) {
	h.commands++
	if h.commands == 1 || len(h.answers) == 0 {
		return []byte{0x90, 0x00}, nil
	}
	n := min(int(h.answers[0]), len(h.answers)-1)
	answer := h.answers[1 : 1+n]
	h.answers = h.answers[1+n:]
	return slices.Clone(answer), nil
}

// FuzzHostileCertificate: whatever a card answers, reading a certificate ends after a bounded number
// of commands, and what is returned has the length that it says it has.
func FuzzHostileCertificate(f *testing.F) {
	f.Add([]byte("\x02\x90\x00" + "\x06\x30\x82\x00\x02\x90\x00" + "\x08\x30\x82\x00\x02\x05\x00\x90\x00"))
	f.Add([]byte("\x02\x90\x00" + "\x02\x61\x04" + "\x06\x30\x82\x20\x00\x90\x00"))
	f.Add([]byte("\x02\x90\x00" + "\x02\x6C\x03" + "\x05\x30\x82\x00\x62\x82"))
	f.Add([]byte("\x02\x90\x00" + "\x06\x30\x82\x1F\xFC\x90\x00" + "\x03\x30\x90\x00" + "\x03\x82\x61\x00"))
	f.Fuzz(func(t *testing.T, answers []byte) {
		h := &hostile{answers: answers}
		a, err := jpki.Select(h)
		require.NoError(t, err)
		got, err := a.Certificate(jpki.Authentication)
		// At most one SELECT, 512 reads, each with one correction of Le and 64 GET RESPONSE; no card
		// comes near, since answers without progress end it.
		require.LessOrEqual(t, h.commands, 2+2*256*66)
		if err != nil {
			return
		}
		require.LessOrEqual(t, len(got), 8192)
		require.Equal(t, []byte{0x30, 0x82, byte((len(got) - 4) >> 8), byte(len(got) - 4)}, got[:4])
	})
}
