package jpki_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/application"
	"github.com/natsuin/natsuin/internal/card/cardtest"
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
				require.ErrorIs(t, err, jpki.ErrNoCertificate)
			})
		}
	}
}

func TestCertificateRefused(t *testing.T) {
	file := cardtest.Step{Why: "select the signature certificate", Command: "00A4020C02 0001", Response: "9000"}
	header := "00B00000 04"
	for name, test := range map[string]struct {
		steps []cardtest.Step
		want  error
	}{
		"no such file":   {[]cardtest.Step{{Command: file.Command, Response: "6A82"}}, jpki.ErrNoCertificate},
		"no such record": {[]cardtest.Step{file, {Command: header, Response: "6A83"}}, jpki.ErrNoCertificate},
		"empty, 6282":    {[]cardtest.Step{file, {Command: header, Response: "6282"}}, jpki.ErrNoCertificate},
		"empty, 9000":    {[]cardtest.Step{file, {Command: header, Response: "9000"}}, jpki.ErrNoCertificate},
		"PIN wanted":     {[]cardtest.Step{file, {Command: header, Response: "6982"}}, application.ErrPINRequired},
		"file locked":    {[]cardtest.Step{file, {Command: header, Response: "6283"}}, card.FileDeactivated},
		"taken away":     {[]cardtest.Step{file, {Command: header, Fail: card.ErrRemoved}}, card.ErrRemoved},
		"taken away in the middle": {[]cardtest.Step{file,
			{Command: header, Response: "30820200 9000"},
			{Command: "00B00000 00", Fail: card.ErrRemoved}}, card.ErrRemoved},
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
		steps []cardtest.Step
		want  string
	}{
		"longer than any": {[]cardtest.Step{
			{Command: "00B00000 04", Response: "30821FFD 9000"},
		}, "8193 bytes"},
		"cut short": {[]cardtest.Step{
			{Command: "00B00000 04", Response: "30820010 9000"},
			{Command: "00B00000 14", Response: "30820010 0102 9000"},
			{Command: "00B00006 0E", Response: "6B00"},
		}, "after 6 of 20"},
		"more than asked for": {[]cardtest.Step{
			{Command: "00B00000 04", Response: "3082001000 9000"},
		}, "5 bytes where 4"},
		"another file than at first": {[]cardtest.Step{
			{Command: "00B00000 04", Response: "30820010 9000"},
			{Command: "00B00000 14", Response: fmt.Sprintf("%X 9000", changing[:20])},
		}, "changed"},
	} {
		t.Run(name, func(t *testing.T) {
			steps := append([]cardtest.Step{{Command: "00A4020C02 000B", Response: "9000"}}, test.steps...)
			a, _ := selected(t, steps...)
			_, err := a.CACertificate(jpki.Authentication)
			require.ErrorContains(t, err, test.want)
			require.NotErrorIs(t, err, jpki.ErrNoCertificate)
		})
	}
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
				cardtest.Step{Why: "the certificate's file", Command: "00A4020C02" + test.certificate, Response: "6A82"},
				cardtest.Step{Why: "the CA's file", Command: "00A4020C02" + test.ca, Response: "6A82"})
			_, err := a.Certificate(test.slot)
			require.ErrorIs(t, err, jpki.ErrNoCertificate)
			_, err = a.CACertificate(test.slot)
			require.ErrorIs(t, err, jpki.ErrNoCertificate)
		})
	}
}

// FuzzHostileCertificate: whatever a card answers, what is returned has the length that its header says.
// That reading ends, package application tests.
func FuzzHostileCertificate(f *testing.F) {
	f.Add([]byte("\x02\x90\x00" + "\x02\x90\x00" + "\x06\x30\x82\x00\x02\x90\x00" + "\x08\x30\x82\x00\x02\x05\x00\x90\x00"))
	f.Add([]byte("\x02\x90\x00" + "\x02\x90\x00" + "\x02\x61\x04" + "\x06\x30\x82\x20\x00\x90\x00"))
	f.Add([]byte("\x02\x90\x00" + "\x02\x90\x00" + "\x02\x6C\x03" + "\x05\x30\x82\x00\x62\x82"))
	f.Add([]byte("\x02\x90\x00" + "\x02\x90\x00" + "\x06\x30\x82\x1F\xFC\x90\x00" + "\x03\x30\x90\x00" + "\x03\x82\x61\x00"))
	f.Fuzz(func(t *testing.T, answers []byte) {
		a, err := jpki.Select(&cardtest.Hostile{Answers: answers})
		if err != nil {
			return
		}
		got, err := a.Certificate(jpki.Authentication)
		if err != nil {
			return
		}
		require.Equal(t, []byte{0x30, 0x82, byte((len(got) - 4) >> 8), byte(len(got) - 4)}, got[:4])
	})
}
