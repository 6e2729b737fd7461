package protocol

// A Refusal is why a document is not signed: the closed list of reasons of DocumentRefused.
type Refusal string

// The refusals, of which docs/protocol.md gives the causes.
const (
	// Of every document.
	Empty    Refusal = "empty"
	Changed  Refusal = "changed"
	TooLarge Refusal = "too-large"
	// Of a PDF.
	NotPDF           Refusal = "not-pdf"
	Broken           Refusal = "broken"
	TooManyRevisions Refusal = "too-many-revisions"
	Encrypted        Refusal = "encrypted"
	Certified        Refusal = "certified"
	Locked           Refusal = "locked"
	XFA              Refusal = "xfa"
	// Of a seal on a PDF.
	NoPage  Refusal = "no-page"
	BadSeal Refusal = "seal"
	NoFont  Refusal = "no-font"
	// Of an XML document.
	NotXML          Refusal = "not-xml"
	Doctype         Refusal = "doctype"
	NoPlace         Refusal = "no-place"
	BadID           Refusal = "id"
	BreaksSignature Refusal = "breaks-signature"
	Unsupported     Refusal = "unsupported"
	// Of a CMS message that is to get one more signer.
	NotCMS        Refusal = "not-cms"
	OtherDocument Refusal = "other-document"
)

// Refusals returns every refusal.
func Refusals() []Refusal {
	return []Refusal{Empty, Changed, TooLarge, NotPDF, Broken, TooManyRevisions, Encrypted, Certified, Locked, XFA,
		NoPage, BadSeal, NoFont, NotXML, Doctype, NoPlace, BadID, BreaksSignature, Unsupported, NotCMS, OtherDocument}
}
