package simcard

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/pinpad"
)

// types is a human who types these keys.
func types(k Keys) Pad {
	return func(context.Context, PadPrompt) Keys { return k }
}

// atPad returns a card whose reader has a pad with that human at it, and a connection in a transaction
// with the authentication PIN as the current file.
func atPad(t *testing.T, human Pad) (*Card, *Readers, *connection) {
	c, err := New(Options{})
	require.NoError(t, err)
	c.SetPad(human)
	r := NewReaders(c)
	connection := connect(t, r).(*connection)
	require.NoError(t, connection.Begin(t.Context()))
	selectAuthPIN(t, connection)
	return c, r, connection
}

func selectAuthPIN(t *testing.T, c card.Connection) {
	transmit(t, c, selecting.Bytes()...)
	require.Equal(t, []byte{0x90, 0x00}, transmit(t, c, 0x00, 0xA4, 0x02, 0x0C, 0x02, 0x00, 0x18))
}

func findPad(t *testing.T, c card.Connection) *pinpad.Pad {
	pad, err := pinpad.Find(t.Context(), c)
	require.NoError(t, err)
	require.True(t, pad.CanChange())
	return pad
}

func authTries(t *testing.T, c *Card) int {
	n, err := c.Tries(PINAuth)
	require.NoError(t, err)
	return n
}

// verified reports whether the card signs, without another VERIFY.
func verified(t *testing.T, c card.Connection) bool {
	require.Equal(t, []byte{0x90, 0x00}, transmit(t, c, 0x00, 0xA4, 0x02, 0x0C, 0x02, 0x00, 0x17))
	return len(transmit(t, c, 0x80, 0x2A, 0x00, 0x80, 0x01, 0xAB, 0x00)) > 2
}

func TestPadVerify(t *testing.T) {
	for name, test := range map[string]struct {
		keys  Keys
		want  error
		tries int
	}{
		"right PIN":  {Keys{PIN: "1234"}, nil, 3},
		"wrong PIN":  {Keys{PIN: "9999"}, card.Status(0x63C2), 2},
		"three keys": {Keys{PIN: "123"}, pinpad.ErrLength, 3},
		"five keys":  {Keys{PIN: "12345"}, pinpad.ErrLength, 3},
		"cancelled":  {Keys{PIN: "12", Cancel: true}, pinpad.ErrCancelled, 3},
		"nothing":    {Keys{}, pinpad.ErrTimeout, 3},
	} {
		t.Run(name, func(t *testing.T) {
			var asked PadPrompt
			c, _, connection := atPad(t, func(_ context.Context, p PadPrompt) Keys {
				asked = p
				return test.keys
			})
			err := findPad(t, connection).Verify(t.Context(), pinpad.Japanese, time.Minute)
			if test.want == nil {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, test.want)
			}
			require.Equal(t, PadPrompt{Language: 0x0411, Display: true, Timeout: 60 * time.Second}, asked)
			require.Equal(t, test.tries, authTries(t, c))
			require.Equal(t, test.want == nil, verified(t, connection))
			require.NoError(t, connection.End())
		})
	}
}

func TestPadChange(t *testing.T) {
	for name, test := range map[string]struct {
		before *Keys // typed at a VERIFY
		keys   Keys
		want   error
		pin    string // holds afterwards
	}{
		"changed":      {&Keys{PIN: "1234"}, Keys{PIN: "7391", Repeat: "7391"}, nil, "7391"},
		"not verified": {nil, Keys{PIN: "7391", Repeat: "7391"}, card.SecurityNotSatisfied, "1234"},
		"different":    {&Keys{PIN: "1234"}, Keys{PIN: "7391", Repeat: "7392"}, pinpad.ErrDifferent, "1234"},
		"too long":     {&Keys{PIN: "1234"}, Keys{PIN: "73911", Repeat: "73911"}, pinpad.ErrLength, "1234"},
		"cancelled":    {&Keys{PIN: "1234"}, Keys{PIN: "7391", Cancel: true}, pinpad.ErrCancelled, "1234"},
		"nothing":      {&Keys{PIN: "1234"}, Keys{}, pinpad.ErrTimeout, "1234"},
	} {
		t.Run(name, func(t *testing.T) {
			c, _, connection := atPad(t, nil)
			if test.before != nil {
				c.SetPad(types(*test.before))
				require.NoError(t, findPad(t, connection).Verify(t.Context(), pinpad.Japanese, time.Minute))
			}
			var asked PadPrompt
			c.SetPad(func(_ context.Context, p PadPrompt) Keys {
				asked = p
				return test.keys
			})
			err := findPad(t, connection).Change(t.Context(), pinpad.English, time.Minute)
			if test.want == nil {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, test.want)
			}
			require.Equal(t, PadPrompt{Change: true, Language: 0x0409, Display: true, Timeout: 60 * time.Second}, asked)

			selectAuthPIN(t, connection)
			c.SetPad(types(Keys{PIN: test.pin}))
			require.NoError(t, findPad(t, connection).Verify(t.Context(), pinpad.Japanese, time.Minute))
		})
	}
}

func TestPadIsAbsent(t *testing.T) {
	_, _, connection := atPad(t, nil)
	_, err := pinpad.Find(t.Context(), connection)
	require.ErrorIs(t, err, pinpad.ErrNone)
	_, err = connection.Control(t.Context(), controlVerify, verifyOrder())
	require.ErrorIs(t, err, errNoPad)
}

func TestPadNeedsTransaction(t *testing.T) {
	c, _, connection := atPad(t, types(Keys{PIN: "1234"}))
	pad := findPad(t, connection)
	require.NoError(t, connection.End())
	require.ErrorIs(t, pad.Verify(t.Context(), pinpad.Japanese, time.Minute), errNoTransaction)
	require.Equal(t, 3, authTries(t, c))
}

func TestPadTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _, connection := atPad(t, func(ctx context.Context, _ PadPrompt) Keys {
			<-ctx.Done()
			return Keys{PIN: "1234"} // too late
		})
		start := time.Now()
		require.ErrorIs(t, findPad(t, connection).Verify(t.Context(), pinpad.Japanese, time.Minute), pinpad.ErrTimeout)
		require.Equal(t, time.Minute, time.Since(start))
		require.Equal(t, 3, authTries(t, c))
		require.NoError(t, connection.End(), "the connection goes on")
	})
}

// The caller gives up while the human has the finger on the pad: the PIN may still be presented, but
// nothing stays verified, and the reader is free afterwards.
func TestPadAbandoned(t *testing.T) {
	for name, test := range map[string]struct {
		keys  Keys
		tries int
	}{
		"right PIN": {Keys{PIN: "1234"}, 3},
		"wrong PIN": {Keys{PIN: "9999"}, 2},
		"cancelled": {Keys{Cancel: true}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, r, abandoned := atPad(t, func(context.Context, PadPrompt) Keys {
					time.Sleep(10 * time.Second)
					return test.keys
				})
				other := connect(t, r)
				pad := findPad(t, abandoned)
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				require.ErrorIs(t, pad.Verify(ctx, pinpad.Japanese, time.Minute), context.DeadlineExceeded)

				_, err := abandoned.Transmit(selecting.Bytes())
				require.Error(t, err)
				require.NoError(t, abandoned.End())
				require.NoError(t, abandoned.PowerOff())
				require.NoError(t, abandoned.Close())
				require.ErrorIs(t, other.Begin(t.Context()), card.ErrBusy, "the pad still asks")

				time.Sleep(10 * time.Second)
				synctest.Wait()
				require.Equal(t, test.tries, authTries(t, c))
				require.ErrorIs(t, other.Begin(t.Context()), card.ErrReset)
				require.NoError(t, other.Begin(t.Context()))
				transmit(t, other, selecting.Bytes()...)
				require.False(t, verified(t, other))
				require.NoError(t, other.End())
			})
		})
	}
}

func TestPadCardLeaves(t *testing.T) {
	for name, leave := range map[string]func(*Card){
		"while the human types": func(c *Card) { c.Remove() },
		"and another comes":     func(c *Card) { c.Remove(); c.Insert() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, _, connection := atPad(t, func(ctx context.Context, _ PadPrompt) Keys {
					<-ctx.Done()
					return Keys{PIN: "9999"}
				})
				pad := findPad(t, connection)
				go func() {
					time.Sleep(time.Second)
					leave(c)
				}()
				require.ErrorIs(t, pad.Verify(t.Context(), pinpad.Japanese, time.Minute), card.ErrRemoved)
				require.Equal(t, 3, authTries(t, c))
				require.NoError(t, connection.Close())
			})
		})
	}
	t.Run("with the answer", func(t *testing.T) {
		c, _, connection := atPad(t, types(Keys{PIN: "9999"}))
		require.NoError(t, c.SetFaults(Faults{RemoveVerify: true}))
		require.ErrorIs(t, findPad(t, connection).Verify(t.Context(), pinpad.Japanese, time.Minute), card.ErrRemoved)
		require.Equal(t, 2, authTries(t, c))
	})
}

// verifyOrder is a PIN_VERIFY_STRUCTURE, synthetic, for a PIN of four digits.
func verifyOrder() []byte {
	return []byte{
		60, 60, // bTimeOut, bTimeOut2
		0x82, 0x04, 0x00, // bmFormatString, bmPINBlockString, bmPINLengthFormat
		0x04, 0x04, // wPINMaxExtraDigit
		0x02, 0x00, // bEntryValidationCondition, bNumberMessage
		0x11, 0x04, 0x00, // wLangId, bMsgIndex
		0x00, 0x00, 0x00, // bTeoPrologue
		0x09, 0x00, 0x00, 0x00, // ulDataLength
		0x00, 0x20, 0x00, 0x80, 0x04, 0xFF, 0xFF, 0xFF, 0xFF, // abData
	}
}

// modifyOrder is a PIN_MODIFY_STRUCTURE, synthetic, for a new PIN of four digits.
func modifyOrder() []byte {
	return []byte{
		30, 30, // bTimeOut, bTimeOut2
		0x82, 0x04, 0x00, // bmFormatString, bmPINBlockString, bmPINLengthFormat
		0x00, 0x00, // bInsertionOffsetOld, bInsertionOffsetNew
		0x04, 0x04, // wPINMaxExtraDigit
		0x01, 0x02, 0x00, // bConfirmPIN, bEntryValidationCondition, bNumberMessage
		0x11, 0x04, 0x01, 0x02, 0x02, // wLangId, bMsgIndex1 to 3
		0x00, 0x00, 0x00, // bTeoPrologue
		0x09, 0x00, 0x00, 0x00, // ulDataLength
		0x00, 0x24, 0x01, 0x80, 0x04, 0xFF, 0xFF, 0xFF, 0xFF, // abData
	}
}

func TestPadIsStrict(t *testing.T) {
	refused := encode(nil, padRefuses)
	_, _, connection := atPad(t, types(Keys{PIN: "1234", Repeat: "1234"}))
	response, err := connection.Control(t.Context(), controlVerify, verifyOrder())
	require.NoError(t, err)
	require.Equal(t, []byte{0x90, 0x00}, response)
	response, err = connection.Control(t.Context(), controlModify, modifyOrder())
	require.NoError(t, err)
	require.Equal(t, []byte{0x90, 0x00}, response)

	for _, request := range []struct {
		code  uint32
		order func() []byte
		bad   map[string]map[int]byte // field by field, by its place
	}{
		{controlVerify, verifyOrder, map[string]map[int]byte{
			"offset in bits":         {2: 0x02},
			"BCD":                    {2: 0x81},
			"right-justified":        {2: 0x86},
			"frame beyond the data":  {2: 0x8A},
			"no frame":               {3: 0x00},
			"frame too long":         {3: 0x05},
			"frame too short":        {3: 0x03},
			"PIN length in the data": {3: 0x44},
			"position of a length":   {4: 0x04},
			"minimum above maximum":  {6: 0x05},
			"minimum of nothing":     {6: 0x00},
			"validation on time-out": {7: 0x04},
			"two messages":           {8: 0x02},
			"another instruction":    {20: 0x24},
			"wrong Lc":               {23: 0x05},
		}},
		{controlModify, modifyOrder, map[string]map[int]byte{
			"new PIN beyond the data": {6: 0x01},
			"with the old PIN":        {9: 0x03},
			"typed once":              {9: 0x00},
			"three messages":          {11: 0x03},
			"another instruction":     {25: 0x20},
		}},
	} {
		for name, fields := range request.bad {
			t.Run(fmt.Sprintf("%X %s", request.code, name), func(t *testing.T) {
				order := request.order()
				for i, b := range fields {
					order[i] = b
				}
				response, err := connection.Control(t.Context(), request.code, order)
				require.NoError(t, err)
				require.Equal(t, refused, response)
			})
		}
		for name, order := range map[string][]byte{
			"nothing":     nil,
			"cut off":     request.order()[:len(request.order())-1],
			"header only": request.order()[:15],
			"too long":    append(request.order(), 0x00),
		} {
			t.Run(fmt.Sprintf("%X %s", request.code, name), func(t *testing.T) {
				_, err := connection.Control(t.Context(), request.code, order)
				require.ErrorIs(t, err, errPadStructure)
			})
		}
	}
	_, err = connection.Control(t.Context(), 0x42330001, verifyOrder())
	require.ErrorIs(t, err, errNoPad)
}

// Whatever the bytes, the pad refuses them or has an order whose digits lie within the data field.
func FuzzPadOrder(f *testing.F) {
	f.Add(verifyOrder())
	f.Add(modifyOrder())
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, parse := range []func([]byte) (padOrder, error){parseVerify, parseModify} {
			o, err := parse(b)
			if err != nil || !o.sound() {
				continue
			}
			require.True(t, bytes.HasSuffix(b, o.apdu))
			before := bytes.Clone(o.apdu)
			digits := bytes.Repeat([]byte("7"), o.max)
			after := o.command(string(digits))
			require.Len(t, after, len(before))
			require.Equal(t, before[:padData], after[:padData])
			offset, _ := o.frame()
			require.Equal(t, digits, after[offset:offset+o.max])
			require.Equal(t, before[offset+o.max:], after[offset+o.max:])
		}
	})
}
