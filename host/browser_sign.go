package main

import (
	"bytes"
	"context"
	"math"
	"runtime/debug"

	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/protocol"
)

// signDocuments returns the signatures, in order, and the result that ends the request.
func signDocuments(ctx context.Context, e command.Environment, r *protocol.Request, documents []command.Document) []any {
	signed, err := command.Sign(ctx, e, command.SignRequest{Lang: r.Lang, Origin: r.Origin, Documents: documents})
	if err != nil {
		return last(r.ID, nil, err)
	}
	var messages []any
	for i, signature := range signed.Signatures {
		data, err := travels(r.Attached, signature)
		if err != nil {
			return last(r.ID, nil, err)
		}
		messages = append(messages, parts(r.ID, i, data)...)
	}
	result := protocol.Signed{Certificate: signed.Certificate, Algorithm: signed.Algorithm, Issuer: signed.Issuer}
	return append(messages, last(r.ID, result, nil)...)
}

// travels returns what the page gets of a signature: of a PDF, which it has itself, what is to be appended to it, but
// a message with its content inside whole.
func travels(attached bool, s command.Signature) ([]byte, error) {
	if !attached {
		return s.Bytes, nil
	}
	var whole bytes.Buffer
	err := s.Write(&whole)
	return whole.Bytes(), err
}

// parts divides one signature into as many messages as it takes.
func parts(id string, document int, signature []byte) (messages []any) {
	for {
		part := signature[:min(len(signature), protocol.MaxSignaturePart)]
		signature = signature[len(part):]
		last := len(signature) == 0
		messages = append(messages, protocol.Signature{ID: id, Document: document, Last: last, Data: part})
		if last {
			return messages
		}
	}
}

// spare is how much memory the host takes beside documents that it keeps.
const spare = 40 << 20

// boundMemory has the collector keep up with a large document: by itself it would let garbage grow to the document's
// own size. Trees of XML, which are many times as large as what they are of, have no bound but that on the document.
func boundMemory(r *protocol.Request, kept int64) {
	limit := int64(math.MaxInt64)
	if kept > command.MaxXML && r.Format != protocol.XML {
		limit = kept + spare
	}
	debug.SetMemoryLimit(limit)
}
