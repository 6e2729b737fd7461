package verify

import (
	"crypto/x509"
	"time"

	"github.com/natsuin/natsuin/internal/certificate"
)

// A DocumentSignature is one signature of a file. Place, Detail and Checks can be shown as they are; names,
// addresses and claims below Covers, Claims and Attributes are as the document has them, with whatever
// characters.
type DocumentSignature struct {
	// Place says which one it is: the number in a CMS message, from 1 up; field and object in a PDF; an XPath
	// in XML.
	Place string `json:"place"`
	// DocumentTimeStamp tells that it is a time stamp of a whole PDF, which nobody signs: it is in TimeStamps,
	// and there is no Signer.
	DocumentTimeStamp bool `json:"documentTimeStamp,omitempty"`
	// Outcome is Passed where every rule that was checked passed; NotChecked for a DocumentTimeStamp without TimeStampRoots.
	Outcome Outcome `json:"outcome"`
	// Reason, Detail and Err say why it failed: a word for programs, English for people, and the error.
	Reason Reason `json:"reason,omitempty"`
	Detail string `json:"detail,omitempty"`
	Err    error  `json:"-"`
	// Checks are the rules that were looked at to their end, in order. What was not checked, revocation
	// above all, is among them.
	Checks []Check `json:"checks"`
	// Covers is what is signed. For a signature that failed it holds what could be read, and proves nothing.
	Covers Coverage `json:"covers"`
	// Claims are what the signer wrote about itself. They prove nothing.
	Claims Claims `json:"claims"`
	// Marks are where a PDF's signature shows, in the order of the pages.
	Marks []Mark `json:"marks,omitempty"`
	// TimeStamps are those of the signature, the first 16 of them, where roots to check them were given.
	TimeStamps []TimeStamp `json:"timeStamps,omitempty"`
	// Signer is whose key made the signature, nil where that is not known. Whether the certificate is to be
	// trusted is said by Outcome.
	Signer *Signer `json:"signer,omitempty"`
	// Attributes are the holder's, where they were asked for and a trusted root issued the certificate, even if
	// the signature failed for a later rule, such as revocation.
	Attributes *Attributes `json:"attributes,omitempty"`
	// Revocation is what was said of the certificate, nil where nobody was asked or could say.
	Revocation *RevocationStatus `json:"revocation,omitempty"`
}

// A Coverage is what a signature signs.
type Coverage struct {
	// Whole tells that it covers all of the file but itself: of a PDF, that nothing was added later; of XML,
	// that no part is left out. A CMS message always covers its content.
	Whole bool `json:"whole"`
	// Detached tells that what a CMS message signs is not in it, and Content how many bytes it has where it is.
	Detached bool  `json:"detached,omitempty"`
	Content  int64 `json:"content,omitempty"`
	// ByteRange is that of a PDF: offset and length before the signature, offset and length behind it.
	ByteRange []int64 `json:"byteRange,omitempty"`
	// Revision is that of a PDF, from 1 up, which the signature covers; 0 where it covers none.
	Revision int `json:"revision,omitempty"`
	// Later is what was added to a PDF since and may be.
	Later *Later `json:"later,omitempty"`
	// References are the things that an XML signature signs.
	References []Reference `json:"references,omitempty"`
	// Missing are the names of the files that it signs and that were not given.
	Missing []string `json:"missing,omitempty"`
	// Unsigned are the parts of an XML document that it leaves out, at most 64; MoreUnsigned tells of others.
	Unsigned     []Part `json:"unsigned,omitempty"`
	MoreUnsigned bool   `json:"moreUnsigned,omitempty"`
}

// Later is what revisions of a PDF behind a signature added, all of which may be added. ValidationData is what
// serves to check signatures; Metadata is the document's information, too; Version is the PDF version or the extensions
// that the document names, as go with validation data.
type Later struct {
	Signatures     int  `json:"signatures,omitempty"`
	TimeStamps     int  `json:"timeStamps,omitempty"`
	ValidationData bool `json:"validationData,omitempty"`
	Metadata       bool `json:"metadata,omitempty"`
	Version        bool `json:"version,omitempty"`
}

// A Reference is one thing that an XML signature signs.
type Reference struct {
	URI string `json:"uri"` // as written
	// Scope is "document", "element", "file", or "properties" for parts of the signature itself.
	Scope string `json:"scope"`
	// Start and End are the bytes of an element or a document, and Path is its XPath.
	Start int    `json:"start,omitempty"`
	End   int    `json:"end,omitempty"`
	Path  string `json:"path,omitempty"`
	File  string `json:"file,omitempty"` // the name of a file
}

// A Part is a piece of an XML document that a signature leaves out.
type Part struct {
	// Kind is "element", "tag" for the start tag of an element of which parts are signed, "text", "comment"
	// or "instruction".
	Kind  string `json:"kind"`
	Start int    `json:"start"`
	End   int    `json:"end"`
	Path  string `json:"path"`
}

// Claims are what a signer wrote.
type Claims struct {
	// SigningTime is the time under the signature's own protection, in CMS and XAdES.
	SigningTime time.Time `json:"signingTime,omitzero"`
	// Time, Name, Reason and Location are those of a PDF's signature dictionary.
	Time     time.Time `json:"time,omitzero"`
	Name     string    `json:"name,omitempty"`
	Reason   string    `json:"reason,omitempty"`
	Location string    `json:"location,omitempty"`
}

// A TimeStamp is what an authority said of when it saw a signature.
type TimeStamp struct {
	// Outcome is Passed where the authority is to be trusted and the time stamp is of this signature. Detail says
	// why not, and then the rest may be empty.
	Outcome Outcome   `json:"outcome"`
	Detail  string    `json:"detail,omitempty"`
	Time    time.Time `json:"time,omitzero"`
	// Policy is the one under which the authority made it, in dotted form.
	Policy string `json:"policy,omitempty"`
	// Authority is the name in the authority's certificate.
	Authority string `json:"authority,omitempty"`
}

// A Signer describes a certificate without its holder's attributes.
type Signer struct {
	// Certificate holds the attributes as well.
	Certificate *x509.Certificate `json:"-"`
	Serial      string            `json:"serial"` // upper-case hex
	SHA256      string            `json:"sha256"` // of the DER, upper-case hex
	NotBefore   time.Time         `json:"notBefore"`
	NotAfter    time.Time         `json:"notAfter"`
	// Policies are the certificate's, in dotted form. They decide nothing.
	Policies []string `json:"policies"`
	// Anchor is the root that issued it, nil where none did.
	Anchor *Anchor `json:"anchor,omitempty"`
}

// An Anchor is the root that a certificate comes from.
type Anchor struct {
	Origin    string `json:"origin"` // "j-lis" or "added"
	Name      string `json:"name"`
	Hierarchy string `json:"hierarchy"` // "signature"
	SHA256    string `json:"sha256"`    // of the DER, upper-case hex
	// Obtained says how a root of J-LIS came into this package; it is empty for one that was added.
	Obtained Obtained `json:"obtained,omitempty"`
}

// A Root is what is known of one root of J-LIS, shipped or not: hierarchy, generation, serial number, validity,
// fingerprint, and how it was obtained or why it is missing.
type Root = certificate.Root

// An Obtained says how a root of J-LIS came into this package: a word for programs, stable, never translated.
type Obtained = certificate.Obtained

const (
	// ObtainedOnce: from one public repository. Compare it with J-LIS's list, https://www.jpki.go.jp/ca/, before
	// relying on it.
	ObtainedOnce = certificate.ObtainedOnce
	// ObtainedTwice: the same from two unrelated public repositories.
	ObtainedTwice = certificate.ObtainedTwice
	// ObtainedOnceConfirmed: from one public repository, with the fingerprint that J-LIS publishes.
	ObtainedOnceConfirmed = certificate.ObtainedOnceConfirmed
	// ObtainedTwiceConfirmed: the same from two, with the fingerprint that J-LIS publishes.
	ObtainedTwiceConfirmed = certificate.ObtainedTwiceConfirmed
	// NotObtained: it is in no public source, and not here. J-LIS has it, at https://www.jpki.go.jp/ca/.
	NotObtained = certificate.NotObtained
)

// Roots lists all roots of J-LIS that are known.
func Roots() []Root { return certificate.Roots() }
