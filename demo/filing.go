package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"mime"
	"net/http"
	"strings"
	"time"
)

// A draft is an application that the server has issued for signing, as XML and as PDF, of which the citizen signs one.
// Their bytes never change: what the page sends back is a signature alone, which is held against these bytes.
type draft struct {
	Number      string
	Application application
	Document    []byte
	PDF         []byte
}

// A filing is a draft whose signature was verified.
type filing struct {
	draft
	Received time.Time
	Way      way
	Signed   []byte // the CMS message for the document, or the signed PDF
	Proof    proof
}

// form shows the application: empty but for the example, or as it was typed before.
func (s *site) form(w http.ResponseWriter, r *http.Request, visitor *session) {
	a := example
	if d := visitor.currentDraft(); d != nil {
		a = d.Application
	}
	s.show(w, r, http.StatusOK, "form", formData{Application: a})
}

// fillIn checks what was typed, issues the document, and goes on to the confirmation.
func (s *site) fillIn(w http.ResponseWriter, r *http.Request, visitor *session) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		s.refuseBody(w, r, err)
		return
	}
	now := s.now()
	a, wrong := readApplication(r.PostForm, now)
	if len(wrong) > 0 {
		s.show(w, r, http.StatusUnprocessableEntity, "form", formData{Application: a, Problems: wrong})
		return
	}
	number := newNumber(now)
	document, err := a.marshal(number, now)
	if err != nil {
		s.fail(w, err)
		return
	}
	pdf, err := a.draw(number, now)
	if err != nil {
		s.fail(w, err)
		return
	}
	visitor.setDraft(&draft{Number: number, Application: a, Document: document, PDF: pdf})
	http.Redirect(w, r, "/drafts/"+number, http.StatusSeeOther)
}

// newNumber makes a reference number: the day, and 40 random bits so that numbers cannot be counted up.
func newNumber(now time.Time) string {
	return now.In(japan).Format("20060102") + "-" + rand.Text()[:8]
}

// draftOf returns the draft that a request names. Where it is not the session's it has answered and returns nil.
func (s *site) draftOf(w http.ResponseWriter, r *http.Request, visitor *session, number string) *draft {
	d := visitor.currentDraft()
	if d == nil || d.Number != number {
		s.refuse(w, r, http.StatusNotFound, "DRAFT_GONE")
		return nil
	}
	return d
}

type confirmData struct {
	*draft
	DocumentName, XML, Digest string
	PDFName, PDFDigest        string
	Surname, Seal             string // of the seal: its text, and all of it as JSON for the page's script; "" for none
}

func (s *site) confirm(w http.ResponseWriter, r *http.Request, visitor *session) {
	d := s.draftOf(w, r, visitor, r.PathValue("number"))
	if d == nil {
		return
	}
	data := confirmData{
		draft: d, DocumentName: documentName, XML: string(d.Document), Digest: digest(d.Document),
		PDFName: pdfName, PDFDigest: digest(d.PDF),
	}
	if seal := sealOf(d.Application); seal != nil {
		source, err := json.Marshal(seal)
		if err != nil {
			s.fail(w, err)
			return
		}
		data.Surname, data.Seal = seal.Text, string(source)
	}
	s.show(w, r, http.StatusOK, "confirm", data)
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func (s *site) draftDocument(w http.ResponseWriter, r *http.Request, visitor *session) {
	if d := s.draftOf(w, r, visitor, r.PathValue("number")); d != nil {
		download(w, documentName, "application/xml", d.Document)
	}
}

func (s *site) draftPDF(w http.ResponseWriter, r *http.Request, visitor *session) {
	if d := s.draftOf(w, r, visitor, r.PathValue("number")); d != nil {
		download(w, pdfName, "application/pdf", d.PDF)
	}
}

// A verifier checks what was signed of a draft, of which the page sends the signature alone.
type verifier func(ctx context.Context, d *draft, sent []byte, now time.Time) (*filing, error)

// submit takes a signature of at most that many bytes, verifies it against what the server issued, and files both.
func (s *site) submit(most int64, verified verifier) func(http.ResponseWriter, *http.Request, *session) {
	return func(w http.ResponseWriter, r *http.Request, visitor *session) {
		d := s.draftOf(w, r, visitor, r.URL.Query().Get("draft"))
		if d == nil {
			return
		}
		sent, ok := s.body(w, r, most)
		if !ok {
			return
		}
		f, err := verified(r.Context(), d, sent, s.now())
		if err != nil {
			s.refuseUnverified(w, r, err)
			return
		}
		if !visitor.file(d, f) {
			s.refuse(w, r, http.StatusConflict, "DRAFT_GONE")
			return
		}
		s.answer(w, http.StatusCreated, map[string]string{"next": "/filings/" + f.Number})
	}
}

// filingOf returns this session's filing that a request names. Where there is none it has answered and returns nil.
func (s *site) filingOf(w http.ResponseWriter, r *http.Request, visitor *session) *filing {
	f := visitor.filing(r.PathValue("number"))
	if f == nil {
		s.missing(w, r)
	}
	return f
}

func (s *site) receipt(w http.ResponseWriter, r *http.Request, visitor *session) {
	if f := s.filingOf(w, r, visitor); f != nil {
		s.show(w, r, http.StatusOK, "receipt", newReceipt(f, visitor.login, s.origin, languageOf(r)))
	}
}

func (s *site) filedDocument(w http.ResponseWriter, r *http.Request, visitor *session) {
	if f := s.filingOf(w, r, visitor); f != nil {
		download(w, documentName, "application/xml", f.Document)
	}
}

// filedSignature hands out what the citizen signed: the message, which goes with the document, or the signed PDF.
func (s *site) filedSignature(w http.ResponseWriter, r *http.Request, visitor *session) {
	f := s.filingOf(w, r, visitor)
	switch {
	case f == nil: // answered
	case f.Way == wayPDF:
		download(w, signedPDFName, "application/pdf", f.Signed)
	default:
		download(w, signatureName, "application/pkcs7-signature", f.Signed)
	}
}

// download sends bytes as a file to keep; a browser never shows them as a page of this site.
func download(w http.ResponseWriter, name, kind string, content []byte) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	_, _ = w.Write(content) // the browser has gone: nobody is left to tell
}

// formData is what the form's page needs.
type formData struct {
	Application application
	Problems    problems
}

// A textField is one field of the form that takes text.
type textField struct{ Name, Type, Value, Autocomplete, Hint, Problem string }

// TextFields lists the applicant's fields in the order of the form.
func (d formData) TextFields() []textField {
	a := d.Application
	return []textField{
		{"name", "text", a.Name, "name", "hint.name", d.Problems["name"]},
		{"kana", "text", a.Kana, "off", "hint.kana", d.Problems["kana"]},
		{"birthDate", "date", a.BirthDate, "bday", "", d.Problems["birthDate"]},
		{"address", "text", a.Address, "street-address", "hint.address", d.Problems["address"]},
	}
}

// Described lists the ids of the hint and the problem, for aria-describedby.
func (f textField) Described() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.Name+"-hint")
	}
	if f.Problem != "" {
		ids = append(ids, f.Name+"-problem")
	}
	return strings.Join(ids, " ")
}

// Fields lists all fields that can have a problem, in the order of the form.
func (d formData) Fields() []string {
	return []string{"name", "kana", "birthDate", "address", "scope", "copies", "purpose"}
}

func (d formData) Scopes() []choice   { return scopes }
func (d formData) Purposes() []choice { return purposes }
