package command_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card/simcard"
	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/internal/signature/cms"
)

// A message that holds its document gets one more signer. When it is written it is read again, and no longer than that:
// whoever has the result, or no result, closes it.
func TestCosignAttached(t *testing.T) {
	content := []byte("契約")
	d := newDesk(t, "", simcard.Options{}, &human{pins: []string{signPIN, signPIN}})
	first, err := command.CMSDocument("a", sum(sha256.New(), string(content)), protocol.SHA256,
		command.CMSOptions{Content: bytes.NewReader(content), Size: int64(len(content))})
	require.NoError(t, err)
	signed, err := sign(d, first)
	require.NoError(t, err)
	message := &closable{content: output(t, signed.Signatures[0])}

	joining, err := command.CosignedDocument("a", message, int64(len(message.content)), protocol.SHA256)
	require.NoError(t, err)
	signed, err = sign(newDesk(t, "", simcard.Options{}, &human{pins: []string{signPIN}}), joining)
	require.NoError(t, err)
	report, err := cms.VerifyStream(bytes.NewReader(output(t, signed.Signatures[0])), nil)
	require.NoError(t, err)
	require.Len(t, report.Signers, 2)

	synctest.Test(t, func(t *testing.T) {
		full := errors.New("disk full")
		require.ErrorIs(t, signed.Signatures[0].Write(failing{full}), full)
		message.closed = true
		time.Sleep(time.Hour) // of the bubble's clock: whatever still runs has read by then
		require.False(t, message.late)
	})

	message.closed = false
	message.content[bytes.Index(message.content, content)] ^= 1
	err = signed.Signatures[0].Write(new(bytes.Buffer))
	require.Equal(t, string(protocol.Changed), requireCode(t, protocol.DocumentRefused, err).Reason)
	message.content[0] = 0
	err = signed.Signatures[0].Write(new(bytes.Buffer))
	require.Equal(t, string(protocol.Changed), requireCode(t, protocol.DocumentRefused, err).Reason)
}

// closable is a file that notes whether it is read when it is closed.
type closable struct {
	content      []byte
	closed, late bool
}

func (w *closable) ReadAt(p []byte, off int64) (int, error) {
	time.Sleep(time.Nanosecond) // lets everybody else in a bubble go first
	w.late = w.late || w.closed
	return bytes.NewReader(w.content).ReadAt(p, off)
}

// failing is a place to which nothing can be written.
type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
