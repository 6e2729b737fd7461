package application_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/application"
	"github.com/natsuin/natsuin/internal/card/cardtest"
)

var stepFile = cardtest.Step{Why: "select the file", Command: "00A4020C02 0102", Response: "9000"}

func TestReadFile(t *testing.T) {
	for name, test := range map[string]struct {
		steps []cardtest.Step
		want  string
		err   error
	}{
		"as much as asked for": {[]cardtest.Step{stepFile, {Command: "00B00000 03", Response: "010203 9000"}}, "010203", nil},
		"in two reads": {[]cardtest.Step{stepFile,
			{Command: "00B00000 03", Response: "0102 9000"}, {Command: "00B00002 01", Response: "03 9000"}}, "010203", nil},
		"a shorter file": {[]cardtest.Step{stepFile,
			{Command: "00B00000 03", Response: "0102 9000"}, {Command: "00B00002 01", Response: "6B00"}}, "0102", nil},
		"a shorter file, 6282": {[]cardtest.Step{stepFile,
			{Command: "00B00000 03", Response: "0102 6282"}, {Command: "00B00002 01", Response: "6282"}}, "0102", nil},
		"no file":         {[]cardtest.Step{{Command: stepFile.Command, Response: "6A82"}}, "", application.ErrNoFile},
		"no record":       {[]cardtest.Step{stepFile, {Command: "00B00000 03", Response: "6A83"}}, "", application.ErrNoFile},
		"guarded":         {[]cardtest.Step{stepFile, {Command: "00B00000 03", Response: "6982"}}, "", application.ErrPINRequired},
		"locked":          {[]cardtest.Step{stepFile, {Command: "00B00000 03", Response: "6283"}}, "", card.FileDeactivated},
		"not to be read":  {[]cardtest.Step{stepFile, {Command: "00B00000 03", Response: "6981"}}, "", card.IncompatibleFile},
		"lost":            {[]cardtest.Step{stepFile, {Command: "00B00000 03", Fail: card.ErrRemoved}}, "", card.ErrRemoved},
		"lost before":     {[]cardtest.Step{{Command: stepFile.Command, Fail: card.ErrRemoved}}, "", card.ErrRemoved},
		"lost in between": {[]cardtest.Step{stepFile, {Command: "00B00000 03", Response: "01 9000"}, {Command: "00B00001 02", Fail: card.ErrRemoved}}, "", card.ErrRemoved},
	} {
		t.Run(name, func(t *testing.T) {
			a, _ := selected(t, test.steps...)
			data, err := a.ReadFile(0x0102, 3)
			if test.err != nil {
				require.ErrorIs(t, err, test.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, cardtest.Unhex(t, test.want), data)
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
		reads []cardtest.Step
		want  string
		err   string
	}{
		"longer than its header": {[]cardtest.Step{
			{Command: "00B00000 03", Response: "000455 9000"}, {Command: "00B00000 04", Response: "00045566 9000"}}, "00045566", ""},
		"shorter than its header": {[]cardtest.Step{
			{Command: "00B00000 03", Response: "0002FF 9000"}, {Command: "00B00000 02", Response: "0002 9000"}}, "0002", ""},
		"a file shorter than the header": {[]cardtest.Step{
			{Command: "00B00000 03", Response: "0002 9000"}, {Command: "00B00002 01", Response: "6B00"},
			{Command: "00B00000 02", Response: "0002 9000"}}, "0002", ""},
		"none": {[]cardtest.Step{{Command: "00B00000 03", Response: "6B00"}}, "", "no object"},
		"not believed": {[]cardtest.Step{
			{Command: "00B00000 03", Response: "200155 9000"}}, "", "an object of 8193 bytes"},
		"a header that lies": {[]cardtest.Step{
			{Command: "00B00000 03", Response: "000855 9000"}, {Command: "00B00000 08", Response: "00085566 9000"},
			{Command: "00B00004 04", Response: "6B00"}}, "", "after 4 of 8"},
		"a file that changes": {[]cardtest.Step{
			{Command: "00B00000 03", Response: "000455 9000"}, {Command: "00B00000 04", Response: "00046666 9000"}}, "", "changed"},
		"more than asked for": {[]cardtest.Step{
			{Command: "00B00000 03", Response: "00045566 9000"}}, "", "4 bytes where 3"},
	} {
		t.Run(name, func(t *testing.T) {
			a, _ := selected(t, append([]cardtest.Step{stepFile}, test.reads...)...)
			object, err := a.ReadObject(0x0102, 3, counted)
			if test.err != "" {
				require.ErrorContains(t, err, test.err)
				require.Nil(t, object)
				return
			}
			require.NoError(t, err)
			require.Equal(t, cardtest.Unhex(t, test.want), object)
		})
	}
}

// FuzzHostileObject: whatever a card answers, reading an object ends after a bounded number of commands,
// and what is returned has the length that it says it has.
func FuzzHostileObject(f *testing.F) {
	f.Add([]byte("\x02\x90\x00" + "\x02\x90\x00" + "\x05\x00\x04\x01\x90\x00" + "\x06\x00\x04\x01\x02\x90\x00"))
	f.Add([]byte("\x02\x90\x00" + "\x02\x90\x00" + "\x02\x61\x03" + "\x05\x20\x00\x01\x90\x00"))
	f.Add([]byte("\x02\x90\x00" + "\x02\x90\x00" + "\x02\x6C\x02" + "\x04\x00\x04\x62\x82"))
	f.Fuzz(func(t *testing.T, answers []byte) {
		h := &cardtest.Hostile{Answers: answers}
		a, err := application.Select(h, name)
		if err != nil {
			return
		}
		object, err := a.ReadObject(0x0102, 3, counted)
		// Two SELECTs, 512 reads, each with one correction of Le and 64 GET RESPONSE at most.
		require.LessOrEqual(t, h.Commands, 2+2*256*66)
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
