package simcard

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card"
)

const signNothing = "802A0080 33" + digestInfo + "00"

func TestFaults(t *testing.T) {
	for _, test := range []struct {
		fault string
		steps []string
	}{
		{"auth-tries=1", []string{selectJPKI, "9000", "00200098", "63C1", "0020009804 30303030", "63C0"}},
		{"sign-tries=0", []string{selectJPKI, "9000", "0020009B", "63C0", verifyABC123, "6984"}},
		{"attributes-tries=2", []string{selectAttributes, "9000", "00200091", "63C2"}},
		{"6983,auth-tries=0", []string{selectJPKI, "9000", verify1234, "6983", "00200098", "63C0"}},
		{"no-sign-cert", []string{selectJPKI, "9000", "00A4020C020001", "6A82", "00A4020C020008", "9000", "00B0000003", "008F009000"}},
		{"blank-sign-cert", []string{selectJPKI, "9000", "00B0880003", "008F009000", verifyABC123, "9000",
			"00B0810004", "FFFFFFFF9000"}},
		{"no-auth-cert", []string{selectJPKI, "9000", "00A4020C02000A", "6A82", "00B0880003", "8F00009000"}},
		{"not-der", []string{selectJPKI, "9000", "00B08A0004", "6E6F20639000"}},
		{"hint=55AA", []string{selectJPKI, "9000", "00B0880003", "55AA9000"}},
		{"overlong", []string{selectJPKI, "9000", "00B08A0004", "3082FFFF9000"}},
		{"6f00", []string{selectJPKI, "6F00", "00A4020C020018", "6A82", selectJPKI, "9000"}},
		{"trailing-sw", []string{selectJPKI, "90009000", "00A4020C020FFF", "6A829000"}},
		{"6cxx", []string{selectJPKI, "9000", "00B0880000", "6C03", "00B0000003", "8F8F009000"}},
		{"61xx", []string{selectJPKI, "9000", "00B0880000", "6103", "00C0000003", "8F8F009000", "00C0000001", "6985",
			"00B0880000", "6103", "00200098", "63C3", "00C0000003", "6985"}},
		{"phone", []string{selectAttributes, "6A82", selectCommon, "6A82", selectJPKI, "9000",
			"00B08A0004", "6982", verify1234, "9000", "00B08A0002", "30829000",
			"00A4020C020006", "9000", "00B000000F", strings.ToUpper(hex.EncodeToString([]byte("JPKIAPGPSETOKEN"))) + "9000"}},
		{"iphone", []string{selectAttributes, "6A82", selectJPKI, "9000", "00B08A0004", "6982", "00B086000F",
			strings.ToUpper(hex.EncodeToString([]byte("JPKIAPIOSTOKEN "))) + "9000"}},
		{"old-card", []string{selectAttributes, "9000", selectJPKI, "9000", "00B086000F",
			strings.ToUpper(hex.EncodeToString([]byte("JPKIAPICCTOKEN "))) + "9000"}},
		{"label=JPKI 2028", []string{selectJPKI, "9000", "00B086000A", "4A504B492032303238209000"}},
		{"control-label", []string{selectJPKI, "9000", "00B0860006", "4A504B491B5B9000"}},
		{"no-surface", []string{selectAttributes, "6A82", selectCommon, "9000", selectJPKI, "9000"}},
		{"attributes=absent", []string{selectAttributes, "9000", "00A4020C020002", "6A82", "00A4020C020011", "9000"}},
		{"attributes=overlong", []string{selectAttributes, "9000", "0020009104 34333231", "9000", "00B0820007", "FF2082FFFFDF219000"}},
		{"refuse-change", []string{selectJPKI, "9000", verify1234, "9000", "0024019804 35363738", "6985", verify1234, "9000"}},
		{"count=63CF", []string{selectJPKI, "9000", verify1234, "9000", "00200080", "63CF"}},
		{"change-answer=6581", []string{selectJPKI, "9000", verify1234, "9000", "0024019804 35363738", "6581", verify1234, "63C2"}},
		{"refuse-change,change-answer=90", []string{selectJPKI, "9000", verify1234, "9000", "0024019804 35363738", "90", verify1234, "9000"}},
		{"remove-at-change", []string{selectJPKI, "9000", verify1234, "9000", "0024019804 35363738", "gone"}},
		{"remove-before=2", []string{selectJPKI, "9000", "0020009804 30303030", "gone", selectJPKI, "gone"}},
		{"remove-after=2", []string{selectJPKI, "9000", selectJPKI, "gone"}},
		{"remove-at-verify", []string{selectJPKI, "9000", "00200098", "63C3", "0020009804 30303030", "gone"}},
		{"remove-at-sign", []string{selectJPKI, "9000", verify1234, "9000", "00A4020C020017", "9000", signNothing, "gone"}},
	} {
		t.Run(test.fault, func(t *testing.T) {
			conversation(t, faulty(t, test.fault), test.steps...)
		})
	}
}

func TestVerifyEach(t *testing.T) {
	c := faulty(t, "verify-each")
	conversation(t, c, selectJPKI, "9000", verify1234, "9000", "00A4020C020017", "9000")
	require.Contains(t, send(t, c, signNothing), "9000")
	conversation(t, c, signNothing, "6982", verify1234, "9000", "00A4020C020017", "9000")
	require.Contains(t, send(t, c, signNothing), "9000")
}

// The counter tells whether the card executed the VERIFY that it never answered.
func TestRemovalAroundVerify(t *testing.T) {
	for fault, left := range map[string]string{
		"remove-before=2":  "63C3",
		"remove-after=2":   "63C2",
		"remove-at-verify": "63C2",
	} {
		t.Run(fault, func(t *testing.T) {
			c := faulty(t, fault)
			conversation(t, c, selectJPKI, "9000", "0020009804 30303030", "gone")
			in, _ := c.Presence()
			require.False(t, in)
			c.Insert()
			require.Equal(t, "gone", send(t, c, selectJPKI), "no power yet")
			c.PowerOn()
			conversation(t, c, selectJPKI, "9000", "00200098", left, verify1234, "9000")
		})
	}
}

func TestCertificateFaults(t *testing.T) {
	sound := newCard(t, Options{})
	auth := sound.Certificates().Auth
	behind := card.Command{INS: 0xB0, P1: byte(len(auth) >> 8), P2: byte(len(auth)), Le: 256}
	for _, fault := range []string{"none", "short-reads", "61xx", "6cxx"} {
		t.Run(fault, func(t *testing.T) {
			c := faulty(t, fault)
			conversation(t, c, selectJPKI, "9000", "00A4020C02000A", "9000")
			require.Equal(t, auth, readFile(t, c))
			_, err := card.Send(transport{c}, behind)
			require.ErrorIs(t, err, card.OffsetOutsideFile)
		})
	}

	c := faulty(t, "padding")
	conversation(t, c, selectJPKI, "9000", "00A4020C02000A", "9000")
	require.Equal(t, auth, readFile(t, c))
	rest, err := card.Send(transport{c}, behind)
	require.NoError(t, err)
	require.Equal(t, strings.Repeat("\xFF", 256), string(rest))

	c = faulty(t, "truncated")
	conversation(t, c, selectJPKI, "9000", "00A4020C02000A", "9000")
	start, err := card.Send(transport{c}, card.Command{INS: 0xB0, Le: 256})
	require.NoError(t, err)
	require.Equal(t, auth[:256], start)
	_, err = card.Send(transport{c}, card.Command{INS: 0xB0, P1: byte(len(auth) / 2 >> 8), P2: byte(len(auth) / 2), Le: 256})
	require.ErrorIs(t, err, card.OffsetOutsideFile)

	c = faulty(t, "garbage-cert")
	conversation(t, c, selectJPKI, "9000", "00A4020C02000A", "9000")
	garbage := readFile(t, c)
	require.Len(t, garbage, len(auth))
	require.Equal(t, auth[:4], garbage[:4])
	require.NotContains(t, string(garbage[4:]), string(auth[4:8]))
	conversation(t, c, "00A4020C02000B", "9000")
	require.Equal(t, sound.Certificates().AuthCA[2], readFile(t, c), "the CA's certificate is sound")
}

func TestWrongKey(t *testing.T) {
	c := faulty(t, "wrong-key")
	conversation(t, c, selectJPKI, "9000", verify1234, "9000", "00A4020C020017", "9000")
	signature, err := hex.DecodeString(strings.TrimSuffix(send(t, c, signNothing), "9000"))
	require.NoError(t, err)
	digest := sha256.Sum256(nil)
	require.Error(t, rsa.VerifyPKCS1v15(publicKey(t, c.Certificates().Auth), crypto.SHA256, digest[:], signature))
	require.NoError(t, rsa.VerifyPKCS1v15(publicKey(t, c.Certificates().Sign), crypto.SHA256, digest[:], signature))
}

func TestSlowCommands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := faulty(t, "slow=2s")
		start := time.Now()
		conversation(t, c, selectJPKI, "9000", "00200098", "63C3")
		require.Equal(t, 4*time.Second, time.Since(start))
	})
}

func TestSlowSignature(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := faulty(t, "slow-sign=3s")
		conversation(t, c, selectJPKI, "9000", verify1234, "9000", "00A4020C020017", "9000")
		start := time.Now() // of the bubble, in which nothing but waiting takes time
		require.Contains(t, send(t, c, signNothing), "9000")
		require.Equal(t, 3*time.Second, time.Since(start))

		go func() {
			time.Sleep(time.Second)
			c.Remove()
		}()
		start = time.Now()
		conversation(t, c, signNothing, "gone")
		require.Equal(t, time.Second, time.Since(start))
		synctest.Wait()
	})
}

func TestParseFaultsRefuses(t *testing.T) {
	for _, words := range []string{
		",", "unknown", "padding,", "padding=1", "auth-tries", "auth-tries=", "auth-tries=4", "sign-tries=-1",
		"slow-sign=fast", "slow-sign", "slow=1", "hint=5", "attributes", "attributes=odd", "label=", "label=" + strings.Repeat("x", 33), "remove-before=0", "remove-after=x", "none,padding",
	} {
		_, err := ParseFaults(words)
		require.Error(t, err, words)
	}
	for _, words := range []string{"", "none", "padding,phone,slow-sign=1ms,remove-after=3,auth-tries=0"} {
		_, err := ParseFaults(words)
		require.NoError(t, err, words)
	}
	for _, word := range faultWords {
		require.Contains(t, FaultHelp(), word.word)
	}
}

func FuzzParseFaults(f *testing.F) {
	f.Add("padding,auth-tries=1")
	f.Add("slow-sign=2s,remove-before=7")
	f.Fuzz(func(t *testing.T, words string) {
		once, err := ParseFaults(words)
		if err != nil || words == "" || words == "none" {
			return
		}
		twice, err := ParseFaults(words + "," + words)
		require.NoError(t, err)
		require.Equal(t, once, twice, "words may be repeated")
	})
}

// Whatever is sent, the card answers with a status word and gives no try back without the right PIN.
func FuzzTransmit(f *testing.F) {
	f.Add([]byte{0x00, 0x20, 0x00, 0x98, 0x04, '0', '0', '0', '0'}, []byte{0x00, 0x20, 0x00, 0x98})
	f.Add([]byte{0x00, 0xB0, 0x8A, 0x00, 0x00}, []byte{0x00, 0xB0, 0x8A, 0x00, 0x00, 0x00, 0x00})
	f.Add([]byte{0x80, 0x2A, 0x00, 0x97, 0x01, 0x00, 0x00}, []byte{0x00, 0x84, 0x00, 0x00, 0x08})
	f.Fuzz(func(t *testing.T, first, second []byte) {
		c, err := New(Options{PINs: map[PIN]string{PINAuth: "9182"}, Faults: Faults{Tries: map[PIN]int{PINAuth: 2}}})
		require.NoError(t, err)
		c.PowerOn()
		send(t, c, selectJPKI)
		for _, command := range [][]byte{first, second} {
			require.GreaterOrEqual(t, len(c.Transmit(command)), 2)
			tries, err := c.Tries(PINAuth)
			require.NoError(t, err)
			if !strings.Contains(string(command), "9182") {
				require.LessOrEqual(t, tries, 2)
			}
		}
	})
}
