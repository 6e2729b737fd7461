package verify

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/natsuin/natsuin/internal/printable"
	xmldsig "github.com/natsuin/natsuin/internal/signature/xml"
)

// xmlFindings are what package xml finds.
var xmlFindings = []finding{
	{xmldsig.ErrMalformed, RuleMessage, SignatureMalformed},
	{xmldsig.ErrTooMany, RuleMessage, MessageTooLarge},
	{xmldsig.ErrWeak, RuleMessage, AlgorithmUnsupported},
	{xmldsig.ErrAlgorithm, RuleMessage, AlgorithmUnsupported},
	{xmldsig.ErrTransform, RuleMessage, AlgorithmUnsupported},
	{xmldsig.ErrCertificate, RuleMessage, SignerCertificateAbsent},
	{xmldsig.ErrReference, RuleCoverage, CoverageInvalid},
	{xmldsig.ErrDuplicateID, RuleCoverage, CoverageInvalid},
	{xmldsig.ErrAmbiguousID, RuleCoverage, CoverageInvalid},
	{xmldsig.ErrWrapped, RuleCoverage, CoverageInvalid},
	{xmldsig.ErrFile, RuleDocument, ContentMissing},
	{xmldsig.ErrDigest, RuleDocument, DocumentChanged},
	{xmldsig.ErrSignature, RuleSignature, SignatureInvalid},
	{xmldsig.ErrSigningCertificate, RuleCertificateBound, CertificateNotBound},
}

// xml checks every Signature element of a document.
func (j *judge) xml(file io.ReaderAt) error {
	j.document.Format = XML
	text, err := readAll(file, j.document.Size, xmldsig.MaxDocument)
	if err != nil {
		return err
	}
	found, err := xmldsig.Verify(text, opener(j.options.Files))
	switch {
	case errors.Is(err, xmldsig.ErrNoSignature):
		return refuse(SignatureAbsent, err)
	case errors.Is(err, xmldsig.ErrTooMany):
		return refuse(DocumentTooLarge, err)
	case err != nil:
		return refuse(DocumentMalformed, err)
	}
	for _, signature := range found {
		if err := j.xmlSignature(signature); err != nil {
			return err
		}
	}
	j.document.service = xmlService(found[0].Path)
	return nil
}

// xmlService tells by the root element's name, with which an XPath begins, for which service a document is.
func xmlService(path string) Profile {
	name, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch name[strings.Index(name, ":")+1:] {
	case "DATA":
		return ETax
	case "DataRoot":
		return EGov
	}
	return ""
}

func (j *judge) xmlSignature(found xmldsig.Signature) error {
	s := DocumentSignature{Place: printable.Text(found.Path), Covers: coverage(found)}
	var r report
	if found.Err != nil {
		var refusal *Refusal
		if err := r.failFinding(xmlFindings, found.Err); !errors.As(err, &refusal) {
			return err
		}
		j.add(s, s.refuse(refusal))
		return nil
	}
	r.pass(RuleMessage, found.Hash.String())
	r.pass(RuleCoverage, fmt.Sprintf("%d references", len(found.References)))
	r.pass(RuleDocument, "")
	r.pass(RuleSignature, "")
	r.bound(found.Bound)
	s.Claims.SigningTime = found.SigningTime
	if err := j.signer(&s, &r, found.Certificate, found.SigningTime); err != nil {
		return err
	}
	j.add(s, r)
	return nil
}

func coverage(found xmldsig.Signature) Coverage {
	c := Coverage{Whole: found.Err == nil && len(found.Unsigned) == 0, Missing: found.Missing, MoreUnsigned: found.MoreUnsigned}
	for _, r := range found.References {
		c.References = append(c.References, Reference{URI: r.URI, Scope: string(r.Scope), Start: r.Start, End: r.End, Path: r.Path, File: r.File})
	}
	for _, p := range found.Unsigned {
		c.Unsigned = append(c.Unsigned, Part{Kind: string(p.Kind), Start: p.Start, End: p.End, Path: p.Path})
	}
	return c
}

// opener opens what a document names among the files, and nothing but regular files. A name that leads
// nowhere, or out of the folder by a link, is that of a file that was not given.
func opener(files fs.FS) xmldsig.Opener {
	if files == nil {
		return nil
	}
	return func(name string) (io.ReadCloser, error) {
		info, err := fs.Stat(files, name) // before opening, which a named pipe would block
		if err != nil {
			return nil, fmt.Errorf("%w: %v", fs.ErrNotExist, err)
		}
		if !info.Mode().IsRegular() {
			return nil, fmt.Errorf("%w: not a regular file", fs.ErrNotExist)
		}
		return files.Open(name)
	}
}
