package application_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/application"
)

var stepFile = step{why: "select the file", command: "00A4020C02 0102", response: "9000"}

func TestReadFile(t *testing.T) {
	for name, test := range map[string]struct {
		steps []step
		want  string
		err   error
	}{
		"as much as asked for": {[]step{stepFile, {command: "00B00000 03", response: "010203 9000"}}, "010203", nil},
		"in two reads": {[]step{stepFile,
			{command: "00B00000 03", response: "0102 9000"}, {command: "00B00002 01", response: "03 9000"}}, "010203", nil},
		"a shorter file": {[]step{stepFile,
			{command: "00B00000 03", response: "0102 9000"}, {command: "00B00002 01", response: "6B00"}}, "0102", nil},
		"a shorter file, 6282": {[]step{stepFile,
			{command: "00B00000 03", response: "0102 6282"}, {command: "00B00002 01", response: "6282"}}, "0102", nil},
		"no file":         {[]step{{command: stepFile.command, response: "6A82"}}, "", application.ErrNoFile},
		"no record":       {[]step{stepFile, {command: "00B00000 03", response: "6A83"}}, "", application.ErrNoFile},
		"guarded":         {[]step{stepFile, {command: "00B00000 03", response: "6982"}}, "", application.ErrPINRequired},
		"locked":          {[]step{stepFile, {command: "00B00000 03", response: "6283"}}, "", card.FileDeactivated},
		"not to be read":  {[]step{stepFile, {command: "00B00000 03", response: "6981"}}, "", card.IncompatibleFile},
		"lost":            {[]step{stepFile, {command: "00B00000 03", fail: card.ErrRemoved}}, "", card.ErrRemoved},
		"lost before":     {[]step{{command: stepFile.command, fail: card.ErrRemoved}}, "", card.ErrRemoved},
		"lost in between": {[]step{stepFile, {command: "00B00000 03", response: "01 9000"}, {command: "00B00001 02", fail: card.ErrRemoved}}, "", card.ErrRemoved},
	} {
		t.Run(name, func(t *testing.T) {
			a, _ := selected(t, test.steps...)
			data, err := a.ReadFile(0x0102, 3)
			if test.err != nil {
				require.ErrorIs(t, err, test.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, unhex(t, test.want), data)
		})
	}
}

// counted takes objects that begin with their length, itself included, in two bytes.
func counted(header []byte) (int, error) {
	if len(header) < 2 {
		return 0, errNone
	}
	return int(header[0])<<8 | int(header[1]), nil
}

var errNone = errors.New("no object")

func TestReadObject(t *testing.T) {
	for name, test := range map[string]struct {
		reads []step
		want  string
		err   string
	}{
		"longer than its header": {[]step{
			{command: "00B00000 03", response: "000455 9000"}, {command: "00B00000 04", response: "00045566 9000"}}, "00045566", ""},
		"shorter than its header": {[]step{
			{command: "00B00000 03", response: "0002FF 9000"}, {command: "00B00000 02", response: "0002 9000"}}, "0002", ""},
		"a file shorter than the header": {[]step{
			{command: "00B00000 03", response: "0002 9000"}, {command: "00B00002 01", response: "6B00"},
			{command: "00B00000 02", response: "0002 9000"}}, "0002", ""},
		"none": {[]step{{command: "00B00000 03", response: "6B00"}}, "", "no object"},
		"not believed": {[]step{
			{command: "00B00000 03", response: "200155 9000"}}, "", "an object of 8193 bytes"},
		"a header that lies": {[]step{
			{command: "00B00000 03", response: "000855 9000"}, {command: "00B00000 08", response: "00085566 9000"},
			{command: "00B00004 04", response: "6B00"}}, "", "after 4 of 8"},
		"a file that changes": {[]step{
			{command: "00B00000 03", response: "000455 9000"}, {command: "00B00000 04", response: "00046666 9000"}}, "", "changed"},
		"more than asked for": {[]step{
			{command: "00B00000 03", response: "00045566 9000"}}, "", "4 bytes where 3"},
	} {
		t.Run(name, func(t *testing.T) {
			a, _ := selected(t, append([]step{stepFile}, test.reads...)...)
			object, err := a.ReadObject(0x0102, 3, counted)
			if test.err != "" {
				require.ErrorContains(t, err, test.err)
				require.Nil(t, object)
				return
			}
			require.NoError(t, err)
			require.Equal(t, unhex(t, test.want), object)
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

// FuzzHostileObject: whatever a card answers, reading an object ends after a bounded number of commands,
// and what is returned has the length that it says it has.
func FuzzHostileObject(f *testing.F) {
	f.Add([]byte("\x02\x90\x00" + "\x05\x00\x04\x01\x90\x00" + "\x06\x00\x04\x01\x02\x90\x00"))
	f.Add([]byte("\x02\x90\x00" + "\x02\x61\x03" + "\x05\x20\x00\x01\x90\x00"))
	f.Add([]byte("\x02\x90\x00" + "\x02\x6C\x02" + "\x04\x00\x04\x62\x82"))
	f.Fuzz(func(t *testing.T, answers []byte) {
		h := &hostile{answers: answers}
		a, err := application.Select(h, name)
		require.NoError(t, err)
		object, err := a.ReadObject(0x0102, 3, counted)
		// Two SELECTs, 512 reads, each with one correction of Le and 64 GET RESPONSE at most.
		require.LessOrEqual(t, h.commands, 2+2*256*66)
		if err != nil {
			return
		}
		require.LessOrEqual(t, len(object), application.MaxObject)
		if len(object) >= 2 {
			length, err := counted(object)
			require.NoError(t, err)
			require.Len(t, object, length)
		}
	})
}

func TestReadObjectByteByByte(t *testing.T) {
	drip := &dripping{content: bytes.Repeat([]byte{0x1F, 0xFF}, 4096)}
	a, err := application.Select(drip, name)
	require.NoError(t, err)
	_, err = a.ReadObject(0x0102, 3, counted)
	require.ErrorContains(t, err, fmt.Sprintf("%d commands", 256))
	require.LessOrEqual(t, drip.commands, 300)
}

// A dripping card reads one byte at a time.
type dripping struct {
	content  []byte
	commands int
}

func (d *dripping) Transmit(command []byte) ([]byte, error) {
	d.commands++
	c, err := card.ParseCommand(command)
	if err != nil || c.INS != 0xB0 {
		return []byte{0x90, 0x00}, err
	}
	return []byte{d.content[int(c.P1)<<8|int(c.P2)], 0x90, 0x00}, nil
}
