// Package protocol is the language between extension and host: the shapes of its messages, their
// strict decoding, the rules for origins and challenges, and the closed list of error codes. The
// words are docs/protocol.md's; the golden messages in testdata are read by the extension's tests too.
package protocol

import (
	"fmt"
	"regexp"
	"unicode"
	"unicode/utf8"

	"github.com/natsuin/natsuin/internal/digestinfo"
	"github.com/natsuin/natsuin/internal/rules"
	"github.com/natsuin/natsuin/verify"
)

// The limits of one request with documents, in bytes but for MaxDocuments, and of one chunk before base64.
const (
	MaxDocuments = 1000
	MaxTotal     = 256 << 20
	MaxAttached  = 8 << 20
	MaxXML       = 32 << 20 // of one document
	MaxMessage   = 1 << 20  // that gets one more signer
	MaxMessages  = 4 << 20  // together
	MaxPicture   = 512 << 10
	MaxName      = 255
	MaxChunk     = 3 << 20
)

// maxReader is the longest name of a reader, in bytes. PC/SC's own limit is 128 (MAX_READERNAME of pcsclite).
const maxReader = 1024

// A Message is one frame from the extension: *Greeting, *Request, *Chunk, *Answer, *PIN or *Cancel.
type Message interface{ message() }

// A Request starts an operation. Authenticate and Sign come from a page, the three of the portal from the bridge to a
// government page, and the others from the extension itself.
type Request struct {
	ID      string
	Command Command
	Lang    string // "ja" or "en"
	Origin  string // the page's; "" for the extension's own requests
	// Reader is the reader that the citizen chose before, where several hold a card.
	Reader string
	// WindowPIN is false when policy forbids the extension's window to take a PIN.
	WindowPIN bool
	// PINPad asks for PINs of four digits on the reader's own pad, where it has one.
	PINPad bool

	Challenge string // authenticate

	// What is to be signed, and how.
	Format   Format
	Attached bool     // cms
	Profile  string   // pdf and xml: one of Profiles
	Hash     Hash     // of documents whose bytes follow
	XAdES    bool     // xml
	Elements []string // xml: the ids of those to sign, where not the profile says which
	Seal     *Seal    // pdf

	// Documents are to be signed, or the one to be verified. Files are signed along, or what the signatures of the
	// one to be verified are about. The bytes of the documents follow first.
	Documents []Document
	Files     []Document

	WithAttributes bool // verify: tell the holders' as well

	// What a government page asks for: its own word for its service, what is to be signed as it stands (one value for
	// portal-login, none for portal-attributes), and what a combination code is made for, or nil for no code.
	ServiceID  string
	Prepared   []digestinfo.Value
	Identifier *[16]byte

	PIN       PINName      // certificate: the slot's; change-pin: the one to change
	Compare   bool         // attributes: with the signature certificate's
	BirthDate rules.Date   // change-pin: the holder's, where it is known; or zero
	Holder    rules.Holder // validity
}

// FromPage reports whether a page asked, and not the extension itself.
func (r *Request) FromPage() bool { return r.Origin != "" }

// A Command is what a request asks for.
type Command string

// The commands.
const (
	Status       Command = "status"
	Authenticate Command = "authenticate"
	Sign         Command = "sign"
	Certificate  Command = "certificate"
	Attributes   Command = "attributes"
	ChangePIN    Command = "change-pin"
	Validity     Command = "validity"
	Desks        Command = "desks"
	Verify       Command = "verify"

	PortalLogin      Command = "portal-login"
	PortalSign       Command = "portal-sign"
	PortalAttributes Command = "portal-attributes"
)

// Commands returns every command.
func Commands() []Command {
	return []Command{Status, Authenticate, Sign, Certificate, Attributes, ChangePIN, Validity, Desks, Verify, PortalLogin, PortalSign, PortalAttributes}
}

// A PINName is one of the card's PINs. The first two also name the card's two slots.
type PINName string

// The PINs: of 利用者証明用電子証明書, of 署名用電子証明書, and of 券面事項入力補助.
const (
	AuthenticationPIN PINName = "authentication"
	SignaturePIN      PINName = "signature"
	CardSurfacePIN    PINName = "card-surface"
)

// A Format is the form of a signature.
type Format string

// The formats.
const (
	CMS Format = "cms"
	PDF Format = "pdf"
	XML Format = "xml"
	Raw Format = "raw"
)

// Formats returns every format.
func Formats() []Format { return []Format{CMS, PDF, XML, Raw} }

// A Document is one entry of a request: bytes that follow in chunks, or a digest alone.
type Document struct {
	Name string
	// Size is the number of bytes that follow, or -1 when only Digest is known.
	Size   int64
	Digest []byte
	Hash   Hash
	// Message is a CMS message over the document that gets one more signer; nil for a new one.
	Message []byte
}

// Hidden says that the document's content is not known, only its digest.
func (d Document) Hidden() bool { return d.Size < 0 }

// A Seal is the visible mark that a PDF gets: a text or a picture, in a ring or not.
type Seal struct {
	Page       int // from 1 up
	X, Y, Size int // points of 1/72 inch; X and Y of the lower left corner
	Ring       bool
	Text       string
	Picture    []byte // PNG; nil where Text is drawn
}

// A Chunk carries bytes of the document with that index; files go on counting where the documents end.
type Chunk struct {
	ID       string
	Document int
	Data     []byte
}

// An Answer is the citizen's yes or no to a prompt.
type Answer struct {
	ID     string
	Prompt int
	Accept bool
	Reader string // the choice, for choose-reader
}

// A Cancel ends a request.
type Cancel struct{ ID string }

func (*Request) message() {}
func (*Chunk) message()   {}
func (*Answer) message()  {}
func (*PIN) message()     {}
func (*Cancel) message()  {}

// Decode reads one frame. Its error is always an *Error of InvalidRequest that names the field. A
// frame with a PIN is decoded in place: the caller wipes every frame when it is done with the message.
func Decode(frame []byte) (Message, error) {
	if isPINFrame(frame) {
		return decodePIN(frame)
	}
	o := readObject("", frame)
	kind := o.oneOf("type", "hello", "request", "chunk", "answer", "cancel")
	if kind == "hello" {
		return readGreeting(o)
	}
	id := o.id()
	var m Message
	switch kind {
	case "request":
		m = readRequest(o, id)
	case "chunk":
		m = &Chunk{ID: id, Document: int(o.integer("document", MaxDocuments-1)), Data: o.base64("data", MaxChunk)}
	case "answer":
		m = &Answer{ID: id, Prompt: int(o.integer("prompt", 1<<30)), Accept: o.required("accept"), Reader: o.optionalText("reader", maxReader)}
	case "cancel":
		m = &Cancel{ID: id}
	}
	if err := o.done(); err != nil {
		return nil, err
	}
	return m, nil
}

// RequestID returns the id of a frame that could not be decoded, if it can be told.
func RequestID(frame []byte) string {
	if isPINFrame(frame) {
		return ""
	}
	o := readObject("", frame)
	id := o.id()
	if idPattern.MatchString(id) {
		return id
	}
	return ""
}

var idPattern = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)

func (o *object) id() string {
	id := o.text("id")
	if !idPattern.MatchString(id) {
		o.fail("id", "is not 1 to 64 letters, digits and hyphens")
	}
	return id
}

func (o *object) required(key string) bool {
	if _, ok := o.keys[key]; !ok {
		o.fail(key, "is missing")
	}
	return o.boolean(key, false)
}

func readRequest(o *object, id string) *Request {
	r := &Request{ID: id}
	r.Command = oneOf(o, "command", Commands()...)
	r.Lang = o.oneOf("lang", "ja", "en")
	switch r.Command {
	case Validity:
		readHolder(o, &r.Holder)
	case Verify:
		readVerify(o, r)
	case Authenticate, Sign, Certificate, Attributes, ChangePIN, PortalLogin, PortalSign, PortalAttributes:
		readOperation(o, r)
	}
	return r
}

// readOperation reads what requests have that work with one card and its PIN.
func readOperation(o *object, r *Request) {
	r.WindowPIN = o.boolean("windowPin", true)
	r.Reader = o.optionalText("reader", maxReader)
	if r.Command != Sign && r.Command != PortalSign { // no pad has letters
		r.PINPad = o.boolean("pinPad", false)
	}
	switch r.Command {
	case Authenticate:
		readOrigin(o, r)
		r.Challenge = o.text("challenge")
		if err := verify.ValidChallenge(r.Challenge); err != nil {
			o.fail("challenge", "%v", err)
		}
	case Sign:
		readOrigin(o, r)
		readSign(o, r)
	case Certificate:
		r.PIN = oneOf(o, "slot", AuthenticationPIN, SignaturePIN)
	case Attributes:
		r.Compare = o.boolean("compare", false)
	case ChangePIN:
		r.PIN = oneOf(o, "pin", AuthenticationPIN, SignaturePIN, CardSurfacePIN)
		r.BirthDate = o.date("birthDate", true)
	case PortalLogin, PortalSign, PortalAttributes:
		readPortal(o, r)
	}
}

func readOrigin(o *object, r *Request) {
	r.Origin = o.text("origin")
	if err := verify.ValidOrigin(r.Origin); err != nil {
		o.fail("origin", "%v", err)
	}
}

// readHolder reads dates; what they may be together is for rules to say.
func readHolder(o *object, h *rules.Holder) {
	h.Birth = o.date("birth", false)
	h.Issued = o.date("issued", false)
	h.Applied = o.date("applied", true)
	h.Foreign = o.boolean("foreign", false)
	h.StayUntil = o.date("stayUntil", true)
}

// CheckName refuses what cannot be shown as one line: a name is 1 to MaxName bytes of UTF-8 without
// control characters.
func CheckName(name string) error {
	if name == "" || len(name) > MaxName || !utf8.ValidString(name) {
		return fmt.Errorf("is not 1 to %d bytes of UTF-8", MaxName)
	}
	for _, r := range name {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return fmt.Errorf("holds a control character")
		}
	}
	return nil
}
