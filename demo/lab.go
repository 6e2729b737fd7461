package main

import (
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/natsuin/natsuin/verify"
)

// The lab is a page for developers and browser tests: each of its buttons makes one kind of request to the card and
// has this server verify what comes back. Its documents follow a rule that page and server both know, so that the
// server reads them from the rule and never from the page.

const (
	labBatch     = 100
	labSmallSize = 1 << 10
	labLargeSize = 50 << 20
)

// A pattern is a document given by a rule: its byte i is 31·i + 17·⌊i/256⌋ + seed, modulo 256.
// assets/static/lab.js follows the same rule.
type pattern struct{ seed, size, next int }

func (p *pattern) Read(b []byte) (int, error) {
	if p.next == p.size {
		return 0, io.EOF
	}
	n := min(len(b), p.size-p.next)
	for k := range n {
		i := p.next + k
		b[k] = byte(31*i + 17*(i>>8) + p.seed)
	}
	p.next += n
	return n, nil
}

// labDocument returns the document of that name: large, hidden, raw, or batch-0 to batch-99.
func labDocument(name string) (*pattern, bool) {
	switch name {
	case "large":
		return &pattern{seed: 201, size: labLargeSize}, true
	case "hidden":
		return &pattern{seed: 202, size: labSmallSize}, true
	case "raw":
		return &pattern{seed: 203, size: labSmallSize}, true
	}
	digits, batch := strings.CutPrefix(name, "batch-")
	n, err := strconv.Atoi(digits)
	if !batch || err != nil || n < 0 || n >= labBatch || strconv.Itoa(n) != digits {
		return nil, false
	}
	return &pattern{seed: n, size: labSmallSize}, true
}

type labButton struct{ ID, Title, Label string }

var labButtons = []labButton{
	{"status", "Status", "Ask for versions"},
	{"batch", "Batch", "Sign 100 documents"},
	{"large", "Large document", "Sign 50 MiB"},
	{"hidden", "Digest only", "Sign a digest without its content"},
	{"raw", "Raw signature", "Sign without CMS"},
}

func (s *site) labPage(w http.ResponseWriter, r *http.Request) {
	s.show(w, r, http.StatusOK, "lab", labButtons)
}

// labVerify verifies a detached CMS over the document that the query names.
func (s *site) labVerify(w http.ResponseWriter, r *http.Request) {
	document, ok := labDocument(r.URL.Query().Get("document"))
	if !ok {
		s.missing(w, r)
		return
	}
	cms, ok := s.body(w, r, maxSignature)
	if !ok {
		return
	}
	signature, err := verify.VerifyCMS(cms, document, verify.CMSOptions{At: s.now(), Trust: s.trust})
	if err != nil {
		s.refuseUnverified(w, r, err)
		return
	}
	s.answer(w, http.StatusOK, map[string]string{"anchor": signature.Anchor})
}

// labVerifyRaw verifies a bare RSASSA-PKCS1-v1_5 signature with the certificate that came along. It looks at the
// signature alone: whose certificate it is, a site would check like that of a CMS.
func (s *site) labVerifyRaw(w http.ResponseWriter, r *http.Request) {
	body, ok := s.body(w, r, maxSignature)
	if !ok {
		return
	}
	var raw struct{ Certificate, Signature []byte }
	if err := json.Unmarshal(body, &raw); err != nil {
		s.refuse(w, r, http.StatusBadRequest, "UNREADABLE")
		return
	}
	certificate, err := x509.ParseCertificate(raw.Certificate)
	if err != nil {
		s.refuse(w, r, http.StatusBadRequest, "UNREADABLE")
		return
	}
	document, _ := labDocument("raw")
	content, err := io.ReadAll(document)
	if err != nil {
		s.fail(w, err)
		return
	}
	if certificate.CheckSignature(x509.SHA256WithRSA, content, raw.Signature) != nil {
		s.refuse(w, r, http.StatusUnprocessableEntity, "SIGNATURE_INVALID")
		return
	}
	s.answer(w, http.StatusOK, map[string]string{})
}
