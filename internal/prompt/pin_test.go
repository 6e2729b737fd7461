package prompt

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNewPINTakesTheBytesAway(t *testing.T) {
	typed := []byte("1234")
	pin := NewPIN(typed)
	require.Equal(t, "1234", string(pin.Bytes()))
	require.Equal(t, 4, pin.Len())
	require.Equal(t, make([]byte, 4), typed)
}

func TestWipe(t *testing.T) {
	pin := NewPIN([]byte("ABC123"))
	before, page := pin.Bytes(), pin.held().page
	pin.Wipe()
	pin.Wipe()
	require.Equal(t, make([]byte, 6), before)
	require.Equal(t, make([]byte, len(page)), page)
	require.Empty(t, pin.Bytes())
	require.Zero(t, pin.Len())
}

func TestOverlongPINIsNotKept(t *testing.T) {
	pin := NewPIN(bytes.Repeat([]byte("1"), MaxTyped))
	require.Equal(t, MaxTyped, pin.Len())
	page := pin.held().page
	pin.append('1')
	require.Empty(t, pin.Bytes())
	require.Equal(t, make([]byte, len(page)), page)
	for _, policy := range []Policy{AuthenticationPIN, SignaturePIN, SignaturePIN.ForNew(), CardSurfacePIN} {
		require.Equal(t, &MalformedError{policy.Kind, TooLong}, policy.Normalize(pin))
	}
	pin.reset()
	pin.append('7')
	require.Equal(t, "7", string(pin.Bytes()))
}

func TestEqual(t *testing.T) {
	overlong := strings.Repeat("1", MaxTyped+1)
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"1234", "1234", true},
		{"1234", "1235", false},
		{"1234", "12345", false},
		{"ABC123", "abc123", false},
		{"1234", "", false},
		{"", "", true},
		{overlong, overlong, false},
		{overlong, "", false},
	} {
		a, b := NewPIN([]byte(test.a)), NewPIN([]byte(test.b))
		require.Equal(t, test.want, Equal(a, b), "%q %q", test.a, test.b)
		require.Equal(t, test.want, Equal(b, a), "%q %q", test.b, test.a)
		a.Wipe()
		b.Wipe()
	}
}

// Whatever is done to a PIN, or to a value that holds one, to make it visible, it is not.
func TestPINDoesNotShow(t *testing.T) {
	const secret = "739151"
	pin := NewPIN([]byte(secret))
	holder := struct {
		PIN     *PIN
		Value   PIN
		private *PIN
		inner   PIN
	}{pin, *pin, pin, *pin}

	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%b", "%c", "%U", "%o", "%T", "%p", "%!"} {
		for _, value := range []any{pin, *pin, &pin, holder, &holder, []any{pin, *pin}, map[string]any{"pin": *pin}} {
			fmt.Fprintf(&out, verb+"\n", value)
		}
	}
	fmt.Fprintln(&out, pin, *pin, pin.String(), pin.GoString())
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(handler).Info("pin", "pin", pin, "value", *pin, "holder", holder)
	}
	for _, value := range []any{pin, *pin, holder} {
		encoded, err := json.Marshal(value)
		require.NoError(t, err)
		out.Write(encoded)
	}
	encoded, err := xml.Marshal(pin)
	require.NoError(t, err)
	out.Write(encoded)
	fmt.Fprint(&out, fmt.Errorf("wrapped: %v", pin), &MalformedError{Signature, TooShort})

	shown := strings.ToLower(out.String())
	require.True(t, strings.Contains(shown, masked))
	for _, form := range []string{
		secret, fmt.Sprintf("%x", secret), fmt.Sprintf("% x", secret), "55 51 57 49 53 49", "55, 51", "0x37, 0x33", "nzm5mtux",
	} {
		require.False(t, strings.Contains(shown, form), form)
	}
}

func TestClone(t *testing.T) {
	pin := NewPIN([]byte("ABC123"))
	clone := pin.Clone()
	require.True(t, Equal(pin, clone))
	pin.Wipe()
	require.Equal(t, []byte("ABC123"), clone.Bytes())
	clone.Wipe()
	require.Zero(t, clone.Len())

	long := NewPIN(make([]byte, MaxTyped+1))
	require.Error(t, AuthenticationPIN.Normalize(long.Clone()))
}
