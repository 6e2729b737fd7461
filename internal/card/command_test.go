package card

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

var commandForms = []struct {
	name    string
	command Command
	bytes   []byte
	printed string
}{
	{"case 1: status query", Command{INS: 0x20, P2: 0x80}, []byte{0x00, 0x20, 0x00, 0x80}, "00200080"},
	{"case 2: read", Command{INS: 0xB0, P1: 0x01, Le: 4}, []byte{0x00, 0xB0, 0x01, 0x00, 0x04}, "00B0010004"},
	{"case 2: read 256", Command{INS: 0xB0, Le: 256}, []byte{0x00, 0xB0, 0x00, 0x00, 0x00}, "00B0000000"},
	{"case 3: select", Command{INS: 0xA4, P1: 2, P2: 0x0C, Data: []byte{0x00, 0x18}},
		[]byte{0x00, 0xA4, 0x02, 0x0C, 0x02, 0x00, 0x18}, "00A4020C020018"},
	{"case 4: sign", Command{CLA: 0x80, INS: 0x2A, P2: 0x80, Data: []byte{0x30, 0x31}, Le: 256},
		[]byte{0x80, 0x2A, 0x00, 0x80, 0x02, 0x30, 0x31, 0x00}, "802A008002303100"},
	{"verify", Command{INS: 0x20, P2: 0x80, Data: []byte("1234")},
		[]byte{0x00, 0x20, 0x00, 0x80, 0x04, '1', '2', '3', '4'}, "00200080 ***"},
	{"change reference data", Command{INS: 0x24, P1: 1, P2: 0x80, Data: []byte("5678")},
		[]byte{0x00, 0x24, 0x01, 0x80, 0x04, '5', '6', '7', '8'}, "00240180 ***"},
}

func TestCommandForms(t *testing.T) {
	for _, test := range commandForms {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.bytes, test.command.Bytes())
			require.Equal(t, test.printed, test.command.String())
			parsed, err := ParseCommand(test.bytes)
			require.NoError(t, err)
			require.Equal(t, test.command, parsed)
		})
	}
}

func TestParseCommandRefuses(t *testing.T) {
	for name, b := range map[string][]byte{
		"empty":                 {},
		"three bytes":           {0x00, 0x20, 0x00},
		"data cut short":        {0x00, 0x20, 0x00, 0x80, 0x04, '1', '2'},
		"bytes after Le":        {0x00, 0x20, 0x00, 0x80, 0x01, '1', 0x00, 0x00},
		"extended Le":           {0x00, 0xB0, 0x8A, 0x00, 0x00, 0x00, 0x00},
		"Lc of zero before one": {0x00, 0x20, 0x00, 0x80, 0x00, '1'},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseCommand(b)
			require.Error(t, err)
		})
	}
}

func TestNoVerbPrintsThePIN(t *testing.T) {
	verify := Command{INS: 0x20, P2: 0x80, Data: []byte("1234")}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		for _, value := range []any{verify, &verify, []Command{verify}} {
			printed := fmt.Sprintf(verb, value)
			require.Contains(t, printed, "***")
			for _, leak := range []string{"1234", "31323334", "49 50", "0x31"} {
				require.NotContains(t, printed, leak, verb)
			}
		}
	}
}

func TestBytesPanicsBeyondShortForm(t *testing.T) {
	require.Panics(t, func() { Command{Data: make([]byte, 256)}.Bytes() })
	require.Panics(t, func() { Command{Le: 257}.Bytes() })
	require.Panics(t, func() { Command{Le: -1}.Bytes() })
}

func FuzzParseCommand(f *testing.F) {
	for _, form := range commandForms {
		f.Add(form.bytes)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := ParseCommand(b)
		if err != nil {
			return
		}
		require.Equal(t, b, c.Bytes())
	})
}
