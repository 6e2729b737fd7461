package prompt

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

func TestFromReader(t *testing.T) {
	for name, test := range map[string]struct{ stream, pin, rest string }{
		"a line":               {"1234\n", "1234", ""},
		"no newline":           {"1234", "1234", ""},
		"Windows":              {"1234\r\n", "1234", ""},
		"carriage return, end": {"1234\r", "1234", ""},
		"only one is the end":  {"1234\r\r\n", "1234\r", ""},
		"two PINs":             {"1234\n5678\n", "1234", "5678\n"},
		"empty line":           {"\n1234", "", "1234"},
		"nothing":              {"", "", ""},
		"blanks stay":          {" 1234 \n", " 1234 ", ""},
		"the longest":          {strings.Repeat("1", MaxTyped) + "\n", strings.Repeat("1", MaxTyped), ""},
	} {
		t.Run(name, func(t *testing.T) {
			for _, wrap := range []func(io.Reader) io.Reader{iotest.OneByteReader, iotest.DataErrReader} {
				stream := strings.NewReader(test.stream)
				pin, err := FromReader(wrap(stream))
				require.NoError(t, err)
				require.Equal(t, test.pin, string(pin.Bytes()))
				pin.Wipe()
			}
			stream := strings.NewReader(test.stream)
			_, err := FromReader(stream)
			require.NoError(t, err)
			rest, err := io.ReadAll(stream)
			require.NoError(t, err)
			require.Equal(t, test.rest, string(rest))
		})
	}
}

func TestFromReaderStopsAtAnOverlongPIN(t *testing.T) {
	endless := strings.NewReader(strings.Repeat("1", 1<<20))
	pin, err := FromReader(endless)
	require.NoError(t, err)
	require.Equal(t, 1<<20-MaxTyped-1, endless.Len())
	require.Equal(t, &MalformedError{Signature, TooLong}, SignaturePIN.Normalize(pin))
}

func TestFromReaderPassesReadErrorsOn(t *testing.T) {
	fault := errors.New("fault")
	_, err := FromReader(io.MultiReader(strings.NewReader("7391"), iotest.ErrReader(fault)))
	require.ErrorIs(t, err, fault)
	require.NotContains(t, err.Error(), "7391")
}
