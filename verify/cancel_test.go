package verify_test

import (
	"bytes"
	"context"
	"encoding/pem"
	"io"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/signature/pdf"
	"github.com/natsuin/natsuin/verify"
)

// cancelling is a file, and a folder of one, that whoever waits calls off while it is read.
type cancelling struct {
	content []byte
	cancel  context.CancelFunc
	reads   int
}

func (c *cancelling) ReadAt(p []byte, off int64) (int, error) {
	c.reads++
	c.cancel()
	return bytes.NewReader(c.content).ReadAt(p, off)
}

func (c *cancelling) reader() io.Reader { return io.NewSectionReader(c, 0, int64(len(c.content))) }

// Open implements fs.FS: the content stands under every name.
func (c *cancelling) Open(name string) (fs.File, error) {
	f, err := attached().Open(attachment)
	return cancellingFile{f, c.reader()}, err
}

type cancellingFile struct {
	fs.File
	io.Reader
}

func (f cancellingFile) Read(p []byte) (int, error) { return f.Reader.Read(p) }

// TestCancelled: once nobody waits any more, nothing more is read, of the document and of what it signs.
func TestCancelled(t *testing.T) {
	card := cardCert(t)
	for name, file := range map[string][]byte{
		"CMS":       signCMS(t, card, true, certtest.Now),
		"CMS, PEM":  pem.EncodeToMemory(&pem.Block{Type: "CMS", Bytes: signCMS(t, card, true, certtest.Now)}),
		"PDF":       signPDF(t, onePage(), card, pdf.Options{Profile: pdf.PAdES}),
		"XML":       fill(t, composition),
		"no format": []byte("x"),
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			c := &cancelling{content: file, cancel: cancel}
			_, err := verify.VerifyDocument(ctx, c, int64(len(file)), options(t))
			if name != "no format" {
				require.ErrorIs(t, err, context.Canceled)
			}
			require.Equal(t, 1, c.reads)
			_, err = verify.VerifyDocument(ctx, c, int64(len(file)), options(t))
			require.ErrorIs(t, err, context.Canceled)
			require.Equal(t, 1, c.reads)
		})
	}
	long := bytes.Repeat([]byte("x"), 1<<20)
	t.Run("content", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		c, o, file := &cancelling{content: long, cancel: cancel}, options(t), signCMS(t, card, false, certtest.Now)
		o.Content = c.reader()
		_, err := verify.VerifyDocument(ctx, bytes.NewReader(file), int64(len(file)), o)
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, 1, c.reads)
	})
	t.Run("files", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		c, o, file := &cancelling{content: long, cancel: cancel}, options(t), fill(t, composition)
		o.Files = c
		_, err := verify.VerifyDocument(ctx, bytes.NewReader(file), int64(len(file)), o)
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, 1, c.reads)
	})
	t.Run("conformance", func(t *testing.T) {
		for _, p := range verify.Profiles() {
			ctx, cancel := context.WithCancel(t.Context())
			c := &cancelling{content: fill(t, composition), cancel: cancel}
			if p == verify.MOJ {
				c.content = onePage()
			}
			_, err := verify.Conformance(ctx, p, c, int64(len(c.content)), nil, nil)
			require.ErrorIs(t, err, context.Canceled)
			require.Equal(t, 1, c.reads)
		}
	})
}
