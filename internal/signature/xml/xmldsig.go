// Package xmldsig makes and checks XML signatures (XML Signature 1.1) with RSA and SHA-2: of a whole document or of
// elements named by their ids, and of files named beside them; in the shapes that Japanese e-filing takes, as
// profiles. A signature is spliced into the bytes of its document, of which nothing else changes.
//
// Whether a certificate is to be trusted is its caller's business.
package xmldsig

import (
	"crypto"
	"crypto/x509"
	"errors"
	"time"

	"github.com/natsuin/natsuin/internal/signature/xml/c14n"
	"github.com/natsuin/natsuin/internal/signature/xml/tree"
)

// Limits of what is read.
const (
	// MaxDocument bounds a document, in bytes: read as a tree it takes many times its size.
	MaxDocument = 32 << 20
	// MaxSignatures bounds the signatures of a document.
	MaxSignatures = 64
	// MaxReferences bounds the references of a signature.
	MaxReferences = 512
	// MaxCertificates bounds the certificates of a signature, and maxCertificate each of them, in bytes.
	MaxCertificates = 8
	maxCertificate  = 64 << 10
	// maxTransforms bounds those of a reference: no more than these two can follow each other.
	maxTransforms = 2
	// work bounds what is read and written to make canonical forms for one document, as a multiple of its size.
	work = 32
)

// Why a document cannot be read.
var (
	ErrTooLarge  = tree.ErrTooLarge
	ErrEncoding  = tree.ErrEncoding
	ErrVersion   = tree.ErrVersion
	ErrDoctype   = tree.ErrDoctype
	ErrDepth     = tree.ErrDepth
	ErrSyntax    = tree.ErrSyntax
	ErrNamespace = tree.ErrNamespace
)

// Why a document, or one signature in it, is refused.
var (
	ErrNoSignature        = errors.New("the document has no signature")
	ErrTooMany            = errors.New("too many signatures, references, transforms or certificates")
	ErrMalformed          = errors.New("the signature is not built as XML Signature wants")
	ErrAlgorithm          = errors.New("the algorithm is not one of RSA with SHA-2")
	ErrWeak               = errors.New("the algorithm uses SHA-1")
	ErrTransform          = errors.New("the reference has transforms that are not accepted")
	ErrReference          = errors.New("the reference does not name an element or a file as it should")
	ErrDuplicateID        = errors.New("several elements have the id that is referred to")
	ErrAmbiguousID        = errors.New("the id that is referred to can be read in several ways")
	ErrWrapped            = errors.New("the signed element stands inside another signature")
	ErrFile               = errors.New("a signed file was not given")
	ErrDigest             = errors.New("what was signed has been changed")
	ErrCertificate        = errors.New("the signer's certificate is not in the signature as it should be")
	ErrSigningCertificate = errors.New("the signature is not bound to the signer's certificate")
	ErrSignature          = errors.New("the signature does not verify")
)

// Why Sign refuses to begin, or the document cannot be filed in the profile's shape.
var (
	ErrRequest     = errors.New("the request is not one that can be signed")
	ErrPlace       = errors.New("the document has no place for the profile's signature")
	ErrKeyMismatch = errors.New("the key is not the certificate's")
	ErrBreaks      = errors.New("the signature would break one that is in the document already")
)

// Namespaces.
const (
	spaceDSig  = "http://www.w3.org/2000/09/xmldsig#"
	spaceXAdES = "http://uri.etsi.org/01903/v1.3.2#"
)

// A Signature is what Verify found at one place of a document.
type Signature struct {
	// Err is nil for a signature that is correct, and otherwise the first reason why it is not, which wraps one of
	// the errors above. Then the rest is what could be read, and proves nothing.
	Err error
	// The signature is the Document[Start:End], at Path, with the value of its attribute Id.
	Start, End int
	Path       string
	ID         string
	// Certificate is the one whose key verifies the signature; Certificates are all in it, in their order.
	Certificate  *x509.Certificate
	Certificates []*x509.Certificate
	Hash         crypto.Hash // SHA-256, SHA-384 or SHA-512
	// SigningTime is the time that the signer claims in XAdES, the zero time where none is claimed.
	SigningTime time.Time
	// Bound tells that the signed properties of XAdES name the certificate.
	Bound      bool
	References []Reference
	// Missing are the names of signed files that were not given, each once; Err then is ErrFile, or worse.
	Missing []string
	// Unsigned is what of the document the signature does not cover, in order, at most MaxUnsigned parts;
	// MoreUnsigned tells that there are others.
	Unsigned     []Part
	MoreUnsigned bool

	read *read
}

// A Scope is what kind of thing a reference signs.
type Scope string

// The scopes. Properties are parts of the signature itself: what XAdES adds, or an Object.
const (
	ScopeDocument   Scope = "document"
	ScopeElement    Scope = "element"
	ScopeFile       Scope = "file"
	ScopeProperties Scope = "properties"
)

// A Reference is one thing that is signed.
type Reference struct {
	URI   string // as written
	Scope Scope
	// Start, End and Path are the place of a signed element, found by its id but told by where it stands, so that
	// nobody has to look for it a second time.
	Start, End int
	Path       string
	// Enveloped tells that the signature itself, standing within, is left out.
	Enveloped bool
	// File is the name of a signed file.
	File   string
	Hash   crypto.Hash
	Digest []byte

	form      c14n.Form
	selection c14n.Selection
}

// A Part is a piece of a document: an element, a start tag alone where parts of its content are signed, a comment or
// a text.
type Part struct {
	Start, End int
	Path       string
	Kind       PartKind
}

// PartKind is what a Part is.
type PartKind string

// The kinds of parts.
const (
	PartElement     PartKind = "element"
	PartTag         PartKind = "tag"
	PartText        PartKind = "text"
	PartComment     PartKind = "comment"
	PartInstruction PartKind = "instruction"
)

// parse reads a document within this package's limits.
func parse(document []byte) (*tree.Document, error) { return tree.Parse(document, MaxDocument) }
