package command_test

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card/simcard"
	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
)

func TestIntakeTakesBytesInTheirOrder(t *testing.T) {
	hidden := sha256.Sum256([]byte("elsewhere"))
	in := command.NewIntake(&protocol.Request{Format: protocol.CMS, Hash: protocol.SHA512, Documents: []protocol.Document{
		{Name: "hidden", Size: -1, Digest: hidden[:], Hash: protocol.SHA256}, {Name: "two pieces", Size: 5}, {Name: "one", Size: 1}}})
	require.Zero(t, in.Kept())
	for _, c := range []struct {
		document int
		data     string
		got      int64
		field    string
	}{
		{0, "x", 0, "document"}, {2, "x", 0, "document"},
		{1, "ab", 2, ""}, {1, "cdef", 0, "data"}, {2, "x", 0, "document"}, {1, "cde", 5, ""},
		{1, "f", 0, "document"}, {2, "z", 1, ""}, {2, "z", 0, "document"}, {3, "z", 0, "document"}, {-1, "z", 0, "document"},
	} {
		got, err := in.Add(c.document, []byte(c.data))
		require.Equal(t, c.got, got)
		if c.field == "" {
			require.NoError(t, err)
			continue
		}
		require.Equal(t, c.field, requireCode(t, protocol.InvalidRequest, err).Field)
	}
	require.True(t, in.Complete())
	documents, err := in.Documents(context.Background())
	require.NoError(t, err)
	require.Len(t, documents, 3)
	require.True(t, documents[0].Hidden)
	require.Equal(t, hidden[:], documents[0].Digest)
	require.Equal(t, sum(sha512.New(), "abcde"), documents[1].Digest)
	require.Equal(t, protocol.SHA512, documents[1].Hash)
}

// take hands over a request's bytes in pieces and returns what is to be signed.
func take(ctx context.Context, r *protocol.Request, contents ...string) ([]command.Document, error) {
	in := command.NewIntake(r)
	for i, content := range contents {
		for piece := range slices.Chunk([]byte(content), 100) {
			if _, err := in.Add(i, piece); err != nil {
				return nil, err
			}
		}
	}
	return in.Documents(ctx)
}

// What is refused says which document it is.
func TestIntakeRefuses(t *testing.T) {
	document := func(name string, size int) protocol.Document { return protocol.Document{Name: name, Size: int64(size)} }
	plain := string(pdftest.File(pdftest.Document(1), ""))
	for name, c := range map[string]struct {
		request       *protocol.Request
		contents      []string
		field, reason string
	}{
		"an empty document": {&protocol.Request{Format: protocol.Raw, Hash: protocol.SHA256, Documents: []protocol.Document{document("a", 1), document("b", 0)}},
			[]string{"x"}, "documents[1]", "empty"},
		"an empty file": {&protocol.Request{Format: protocol.XML, Hash: protocol.SHA256, Profile: "egov", Documents: []protocol.Document{document("k", len(small["egov"]))}, Files: []protocol.Document{document("f", 0)}},
			[]string{small["egov"]}, "files[0]", "empty"},
		"no PDF": {&protocol.Request{Format: protocol.PDF, Hash: protocol.SHA256, Documents: []protocol.Document{document("a", len(plain)), document("b", 1)}},
			[]string{plain, "x"}, "documents[1]", "not-pdf"},
		"no message": {&protocol.Request{Format: protocol.CMS, Hash: protocol.SHA256, Documents: []protocol.Document{{Name: "a", Size: 1, Message: []byte{0x30}}}},
			[]string{"x"}, "documents[0]", "not-cms"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := take(context.Background(), c.request, c.contents...)
			e := requireCode(t, protocol.DocumentRefused, err)
			require.Equal(t, c.field, e.Field)
			require.Equal(t, c.reason, e.Reason)
		})
	}
}

// Nothing is read any more for a request that was called off, and what was read before is signed all the same.
func TestIntakeIsCancelled(t *testing.T) {
	plain := string(pdftest.File(pdftest.Document(1), ""))
	request := &protocol.Request{Format: protocol.PDF, Hash: protocol.SHA256, Documents: []protocol.Document{{Name: "a", Size: int64(len(plain))}}}
	ctx, cancel := context.WithCancel(context.Background())
	documents, err := take(ctx, request, plain)
	require.NoError(t, err)
	cancel()
	_, err = take(ctx, request, plain)
	requireCode(t, protocol.Cancelled, err)
	_, err = sign(newDesk(t, "", simcard.Options{}, &human{pins: []string{signPIN}}), documents...)
	require.NoError(t, err)
}

func TestIntakeKeepsWhatIsReadTwice(t *testing.T) {
	documents := []protocol.Document{{Name: "a", Size: 7}, {Name: "b", Size: -1}}
	files := []protocol.Document{{Name: "c", Size: 5}}
	for name, c := range map[string]struct {
		request protocol.Request
		kept    int64
	}{
		"raw":      {protocol.Request{Format: protocol.Raw, Documents: documents}, 0},
		"detached": {protocol.Request{Format: protocol.CMS, Documents: documents}, 0},
		"attached": {protocol.Request{Format: protocol.CMS, Attached: true, Documents: documents[:1]}, 7},
		"PDF":      {protocol.Request{Format: protocol.PDF, Documents: documents[:1]}, 7},
		"XML":      {protocol.Request{Format: protocol.XML, Documents: documents[:1], Files: files}, 7},
		"verify":   {protocol.Request{Command: protocol.Verify, Documents: documents[:1], Files: files}, 12},
		"status":   {protocol.Request{Command: protocol.Status}, 0},
	} {
		c.request.Hash = protocol.SHA256
		require.Equal(t, c.kept, command.NewIntake(&c.request).Kept(), name)
	}
}
