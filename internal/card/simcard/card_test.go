package simcard

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card"
)

// newCard makes a card and powers it up.
func newCard(t *testing.T, o Options) *Card {
	c, err := New(o)
	require.NoError(t, err)
	c.PowerOn()
	return c
}

// faulty makes a card with faults in words.
func faulty(t *testing.T, words string) *Card {
	f, err := ParseFaults(words)
	require.NoError(t, err)
	return newCard(t, Options{Faults: f})
}

// send transmits a command written in hexadecimal and returns the response likewise. "gone" is what a
// card answers that has left.
func send(t *testing.T, c *Card, command string) string {
	b, err := hex.DecodeString(strings.ReplaceAll(command, " ", ""))
	require.NoError(t, err)
	response := c.Transmit(b)
	if response == nil {
		return "gone"
	}
	return fmt.Sprintf("%X", response)
}

const (
	selectJPKI       = "00A4040C0AD392F000260100000001"
	selectAttributes = "00A4040C0AD3921000310001010408"
	selectCommon     = "00A4040C0AD3921000310001010100"
	verify1234       = "0020009804 31323334"
	verifyABC123     = "0020009B06 414243313233"
	digestInfo       = "3031300D060960864801650304020105000420 E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"
)

// conversation sends command and expected response in turn.
func conversation(t *testing.T, c *Card, steps ...string) {
	for n := 0; n < len(steps); n += 2 {
		require.Equal(t, steps[n+1], send(t, c, steps[n]), "step %d: %s", n/2+1, steps[n])
	}
}

// jpki-card.md §10, byte for byte.
func TestWorkedBytes(t *testing.T) {
	c := newCard(t, Options{})
	conversation(t, c,
		"00A4040C0AD392F000260100000001", "9000",
		"00A4020C020018", "9000",
		"00200080", "63C3",
		"002000800431323334", "9000",
		"00A4020C020017", "9000")

	signed := send(t, c, "802A008033"+digestInfo+"00")
	require.Len(t, signed, 2*256+4)
	require.True(t, strings.HasSuffix(signed, "9000"))
	signature, err := hex.DecodeString(signed[:2*256])
	require.NoError(t, err)
	digest := sha256.Sum256(nil)
	require.NoError(t, rsa.VerifyPKCS1v15(publicKey(t, c.Certificates().Auth), crypto.SHA256, digest[:], signature))

	conversation(t, c, "00A4020C02000A", "9000")
	require.Regexp(t, "^3082....9000$", send(t, c, "00B0000004"))
	require.Equal(t, c.Certificates().Auth, readFile(t, c))

	conversation(t, c,
		"00A4020C020006", "9000",
		"00B0000020", fmt.Sprintf("%X9000", "JPKIAPICCTOKEN2                 "))
}

// readFile reads the current file as the certificate that it is.
func readFile(t *testing.T, c *Card) []byte {
	head, err := card.Send(transport{c}, card.Command{INS: 0xB0, Le: 4})
	require.NoError(t, err)
	size := 4 + int(head[2])<<8 + int(head[3])
	var content []byte
	for len(content) < size {
		part, err := card.Send(transport{c}, card.Command{INS: 0xB0,
			P1: byte(len(content) >> 8), P2: byte(len(content)), Le: min(256, size-len(content))})
		require.NoError(t, err)
		content = append(content, part...)
	}
	return content
}

type transport struct{ card *Card }

func (t transport) Transmit(command []byte) ([]byte, error) { return t.card.Transmit(command), nil }

func publicKey(t *testing.T, der []byte) *rsa.PublicKey {
	certificate, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return certificate.PublicKey.(*rsa.PublicKey)
}

func TestCommands(t *testing.T) {
	for _, test := range []struct {
		name  string
		steps []string
	}{
		{"unknown application leaves the state", []string{selectJPKI, "9000", verify1234, "9000",
			"00A4040C06A00000000101", "6A82", "802A009701 00 00", "?9000"}},
		{"a part of an application's name", []string{"00A4040C05D392F00026", "6A82"}},
		{"application with file control information", []string{
			"00A404000AD392F00026010000000100", "6F0C840AD392F0002601000000019000",
			"00A404000AD392F000260100000001", "9000"}},
		{"wrong P2 of SELECT", []string{"00A4040D0AD392F000260100000001", "6A86"}},
		{"master file", []string{"00A40000", "6A86", "00A40000023F00", "6A82", "00A40000022F00", "6A86"}},
		{"file without application", []string{"00A4020C020018", "6A82"}},
		{"unknown file keeps the current one", []string{selectJPKI, "9000", "00A4020C020006", "9000",
			"00A4020C020FFF", "6A82", "00B0000004", "4A504B499000"}},
		{"file identifier of one byte", []string{selectJPKI, "9000", "00A4020C0118", "6700"}},

		{"read without file", []string{selectJPKI, "9000", "00B0000004", "6986"}},
		{"read PIN and key", []string{selectJPKI, "9000", "00A4020C020018", "9000", "00B0000004", "6981",
			"00A4020C020017", "9000", "00B0000004", "6981"}},
		{"read without right", []string{selectJPKI, "9000", "00A4020C020001", "9000", "00B0000004", "6982"}},
		{"the wrong PIN opens nothing", []string{selectJPKI, "9000", verify1234, "9000",
			"00A4020C020001", "9000", "00B0000004", "6982"}},
		{"read with right", []string{selectJPKI, "9000", verifyABC123, "9000",
			"00A4020C020001", "9000", "00B0000002", "30829000"}},
		{"read past the end", []string{selectJPKI, "9000", "00A4020C020008", "9000", "00B0000000", "8F8F009000",
			"00B0000200", "009000", "00B0000300", "6B00"}},
		{"read without Le", []string{selectJPKI, "9000", "00A4020C020008", "9000", "00B00000", "6700"}},
		{"read by short identifier", []string{selectJPKI, "9000", "00B0880104", "8F009000", "00B0000003", "8F8F009000"}},
		{"read by unknown short identifier", []string{selectJPKI, "9000", "00B09F0004", "6A82"}},
		{"extended Le", []string{selectJPKI, "9000", "00B08800000000", "8F8F009000", "00B08800000002", "8F8F9000"}},

		{"status query, verified or not", []string{selectJPKI, "9000", "00A4020C020018", "9000", "00200080", "63C3",
			"002000800431323334", "9000", "00200080", "63C3"}},
		{"status query with a fifth byte", []string{selectJPKI, "9000", "00A4020C020018", "9000", "0020008000", "6700"}},
		{"status query by short identifier", []string{selectJPKI, "9000", "00200098", "63C3", "0020009B", "63C5"}},
		{"status query elsewhere", []string{"00200080", "6986", selectJPKI, "9000", "00200080", "6986",
			"00A4020C020017", "9000", "00200080", "6981", "00200000", "6A86", "00200180", "6A86"}},
		{"auth PIN until blocked", []string{selectJPKI, "9000", "00A4020C020018", "9000",
			"002000800430303030", "63C2", "002000800430303030", "63C1", "002000800431323334", "9000",
			"002000800430303030", "63C2", "002000800430303030", "63C1", "002000800430303030", "63C0",
			"002000800431323334", "6984", "00200080", "63C0"}},
		{"sign PIN bears five and is not folded", []string{selectJPKI, "9000", "00A4020C02001B", "9000",
			"0020008006616263313233", "63C4", "0020008006616263313233", "63C3", "0020008006616263313233", "63C2",
			"0020008006616263313233", "63C1", "0020008006616263313233", "63C0", "0020008006414243313233", "6984"}},
		{"PIN of 17 bytes uses no try", []string{selectJPKI, "9000", "00A4020C020018", "9000",
			"0020008011" + strings.Repeat("31", 17), "6700", "00200080", "63C3"}},
		{"a wrong PIN withdraws the right one", []string{selectJPKI, "9000", verify1234, "9000",
			"002000980430303030", "63C2", "802A009701 00 00", "6982"}},
		{"selecting the application drops the PIN", []string{selectJPKI, "9000", verify1234, "9000",
			selectJPKI, "9000", "802A009701 00 00", "6982"}},

		{"change of PIN", []string{selectJPKI, "9000", "00A4020C020018", "9000", "00240180 04 35363738", "6982",
			"002000800431323334", "9000", "00240080 04 35363738", "6A86", "00240180", "6700",
			"00240180 04 35363741", "6A80", "00240180 04 35363738", "9000",
			"002000800431323334", "63C2", "002000800435363738", "9000"}},
		{"change of PIN elsewhere", []string{selectJPKI, "9000", "0024018004 35363738", "6986",
			"00A4020C020017", "9000", "0024018004 35363738", "6981"}},
		{"sign PIN in lower case", []string{selectJPKI, "9000", verifyABC123, "9000",
			"0024019B06 616263313233", "6A80", "0024019B05 4142433132", "6A80", "0024019B06 585958393939", "9000",
			"0020009B06 585958393939", "9000"}},

		{"sign twice after one VERIFY", []string{selectJPKI, "9000", verifyABC123, "9000",
			"00A4020C02001A", "9000", "802A008001 00 00", "?9000", "802A008001 00 00", "?9000"}},
		{"sign without right", []string{selectJPKI, "9000", "00A4020C02001A", "9000", "802A008001 00 00", "6982",
			verify1234, "9000", "802A009A01 00 00", "6982"}},
		{"sign without key", []string{selectJPKI, "9000", "802A008001 00 00", "6986",
			"00A4020C020018", "9000", "802A008001 00 00", "6981", "802A009F01 00 00", "6A82", "802A000001 00 00", "6A86"}},
		{"sign in other ways", []string{selectJPKI, "9000", verify1234, "9000", "802A0197 20" + strings.Repeat("00", 32) + "00", "6A86"}},
		{"sign with wrong lengths", []string{selectJPKI, "9000", verify1234, "9000", "802A009701 00", "6700",
			"802A0097F6" + strings.Repeat("00", 246) + "00", "6700", "802A0097F5" + strings.Repeat("00", 245) + "00", "?9000",
			"802A009700", "6700", "802A009701 00 10", "6C00"}},

		{"challenge", []string{"00840000", "6700", "0084000008", "?9000", "0084010008", "6A86"}},
		{"unknown instruction, class, channel", []string{"00CADF3005", "6D00", "80CA000000", "6D00", "00C0000000", "6D00",
			"FFCA000000", "6E00", "0CB0000000", "6E00", "01A4040C0AD392F000260100000001", "6881", "8320009A", "6881"}},
		{"not a command", []string{"0020", "6700", "00200080 04 31", "6700", "", "6700"}},

		{"attributes are guarded", []string{selectAttributes, "9000", "00A4020C020002", "9000", "00B0000007", "6982",
			"00A4020C020001", "9000", "00B0000011", "6982", "00A4020C020011", "9000", "00200080", "63C3",
			"0020008004 34333231", "9000",
			"00A4020C020001", "9000", "00B0000011", "FF100C" + strings.Repeat("30", 12) + "FFFF9000",
			"00A4020C020002", "9000", "00B0000007", "FF205FDF2108009000"}},
		{"common record", []string{selectCommon, "9000", "00B2010C00", "011C" + fmt.Sprintf("3030%X", ManufactureNumber) + strings.Repeat("30", 5) + "32303939313233319000",
			"00B2020C00", "6A83", "00B2010400", "6A86", "00B2010C", "6700"}},
		{"record elsewhere", []string{"00B2010C00", "6986", selectJPKI, "9000", "00B2010C00", "6981"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newCard(t, Options{})
			for n := 0; n < len(test.steps); n += 2 {
				response := send(t, c, test.steps[n])
				if want, ok := strings.CutPrefix(test.steps[n+1], "?"); ok {
					require.True(t, strings.HasSuffix(response, want), "step %d: %s", n/2+1, test.steps[n])
					continue
				}
				require.Equal(t, test.steps[n+1], response, "step %d: %s", n/2+1, test.steps[n])
			}
		})
	}
}

func TestPowerAndReset(t *testing.T) {
	signing := "802A009701 00 00"

	c := newCard(t, Options{})
	conversation(t, c, selectJPKI, "9000", verify1234, "9000")
	c.Reset()
	conversation(t, c, "00A4020C020017", "6A82", selectJPKI, "9000", signing, "6982", verify1234, "9000")
	c.PowerOn()
	require.Contains(t, send(t, c, signing), "9000", "a powered card is not disturbed")
	c.PowerOff()
	require.Equal(t, "gone", send(t, c, selectJPKI))
	c.Reset()
	require.Equal(t, "gone", send(t, c, selectJPKI))
	c.PowerOn()
	conversation(t, c, signing, "6A82")

	c = faulty(t, "keep-on-reset")
	conversation(t, c, selectJPKI, "9000", verify1234, "9000")
	c.Reset()
	require.Contains(t, send(t, c, signing), "9000")
	conversation(t, c, selectJPKI, "9000", signing, "6982", verify1234, "9000")
	c.PowerOff()
	c.PowerOn()
	conversation(t, c, selectJPKI, "9000", signing, "6982")
}

func TestCountersOutliveTheProcess(t *testing.T) {
	state := filepath.Join(t.TempDir(), "card.json")
	options := Options{State: state, PINs: map[PIN]string{PINAuth: "9876"}}
	first, second := newCard(t, options), newCard(t, options)
	conversation(t, first, selectJPKI, "9000", "0020009804 30303030", "63C2")
	conversation(t, second, selectJPKI, "9000", "00200098", "63C2", "0020009804 39383736", "9000", "0024019804 35353535", "9000")
	conversation(t, first, "00200098", "63C3", "0020009804 39383736", "63C2", "0020009B06 414243313234", "63C4")

	third := newCard(t, options)
	conversation(t, third, selectJPKI, "9000", "00200098", "63C2", "0020009B", "63C4", "0020009804 35353535", "9000")
	left, err := os.ReadDir(filepath.Dir(state))
	require.NoError(t, err)
	require.Len(t, left, 1, "no temporary files")
}

func TestStateFileRefused(t *testing.T) {
	for _, text := range []string{"", "{", `{"auth":{"value":"1234","tries":3}}`} {
		state := filepath.Join(t.TempDir(), "card.json")
		require.NoError(t, os.WriteFile(state, []byte(text), 0o600))
		_, err := New(Options{State: state})
		require.ErrorContains(t, err, state)
	}
	_, err := New(Options{PINs: map[PIN]string{PINSign: "abc123"}})
	require.Error(t, err)
	_, err = New(Options{PINs: map[PIN]string{"puk": "1234"}})
	require.Error(t, err)
}

// A card whose memory cannot be written must not answer as if it had counted.
func TestLostStateFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	require.NoError(t, os.Mkdir(dir, 0o700))
	c := newCard(t, Options{State: filepath.Join(dir, "card.json")})
	require.NoError(t, os.Remove(dir))
	conversation(t, c, selectJPKI, "9000", verify1234, "6581")
}

func TestTrace(t *testing.T) {
	var lines []string
	c := newCard(t, Options{Trace: func(command, response []byte) {
		lines = append(lines, fmt.Sprintf("%X %X", command, response))
	}})
	conversation(t, c, selectJPKI, "9000", verify1234, "9000")
	require.Equal(t, []string{
		"00A4040C0AD392F000260100000001 9000",
		"002000980431323334 9000",
	}, lines)
}

func TestPersonsAreConsistent(t *testing.T) {
	for _, p := range Persons {
		t.Run(p.ID, func(t *testing.T) {
			require.Len(t, p.NameFlags, len([]rune(p.Name)))
			require.Len(t, p.AddressFlags, len([]rune(p.Address)))
			found, err := PersonByID(p.ID)
			require.NoError(t, err)
			require.Equal(t, p, found)

			c := newCard(t, Options{Person: p})
			conversation(t, c, selectAttributes, "9000", "0020009104 34333231", "9000", "00A4020C020002", "9000")
			file, err := card.Send(transport{c}, card.Command{INS: 0xB0, Le: 256})
			require.NoError(t, err)
			body := file[bytes.Index(file, []byte{0xDF, 0x21, 8}):]
			for n, value := range []string{p.Name, p.Address, p.Birth, p.Sex} {
				at := int(body[3+2*n])<<8 | int(body[4+2*n])
				require.Equal(t, []byte{0xDF, 0x22 + byte(n), byte(len(value))}, file[at:at+3])
				require.Equal(t, value, string(file[at+3:at+3+len(value)]))
			}
		})
	}
	_, err := PersonByID("nobody")
	require.ErrorContains(t, err, "taro, hanako, john")
}
