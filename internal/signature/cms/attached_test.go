package cms_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/signature/cms"
)

// TestAttached takes the content out of a message and puts it back: the message is what it was.
func TestAttached(t *testing.T) {
	for name, message := range map[string][]byte{
		"in DER":         sign(t, attached(text)),
		"long":           sign(t, attached(bytes.Repeat(text, 70000))),
		"without a byte": sign(t, attached([]byte{})),
	} {
		t.Run(name, func(t *testing.T) {
			var content bytes.Buffer
			a, err := cms.OpenAttached(&content, bytes.NewReader(message), int64(len(message)))
			require.NoError(t, err)
			detached, err := cms.Detach(io.Discard, bytes.NewReader(message))
			require.NoError(t, err)
			require.Equal(t, detached, a.Detached)
			requireSigners(t, 1, a.Detached, &content)

			var out bytes.Buffer
			require.NoError(t, a.Enclose(&out, a.Detached))
			require.Equal(t, message, out.Bytes())
		})
	}
}

// exchanged reads one content first and another one from then on.
type exchanged struct{ io.ReaderAt }

func TestAttachedRefused(t *testing.T) {
	message := sign(t, attached(text))
	bare := sign(t, detached(text))
	_, err := cms.OpenAttached(io.Discard, bytes.NewReader(bare), int64(len(bare)))
	require.ErrorIs(t, err, cms.ErrContentMissing)
	_, err = cms.OpenAttached(io.Discard, bytes.NewReader(message), int64(len(message))-1)
	require.ErrorIs(t, err, cms.ErrMalformed)

	removed := errors.New("disk removed")
	longer := append(bytes.Clone(text), 'x')
	for name, test := range map[string]struct {
		now      io.ReaderAt
		detached []byte
		want     error
	}{
		"another document": {bytes.NewReader(sign(t, attached(bytes.Repeat([]byte{7}, len(text))))), bare, cms.ErrMessageDigest},
		"a longer one":     {bytes.NewReader(sign(t, attached(longer))), bare, cms.ErrMalformed},
		"no content":       {bytes.NewReader(bare), bare, cms.ErrContentMissing},
		"no message":       {bytes.NewReader(text), bare, cms.ErrMalformed},
		"gone":             {gone{removed}, bare, removed},
		"not detached":     {bytes.NewReader(message), message, cms.ErrContentAttached},
	} {
		t.Run(name, func(t *testing.T) {
			file := &exchanged{bytes.NewReader(message)}
			a, err := cms.OpenAttached(io.Discard, file, int64(len(message)))
			require.NoError(t, err)
			file.ReaderAt = test.now
			require.ErrorIs(t, a.Enclose(io.Discard, test.detached), test.want)
		})
	}
}

// gone is a file that cannot be read any more.
type gone struct{ err error }

func (g gone) ReadAt([]byte, int64) (int, error) { return 0, g.err }
