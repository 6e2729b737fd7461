package pdf

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/natsuin/natsuin/internal/signature/cms"
	"github.com/natsuin/natsuin/internal/signature/pdf/syntax"
)

// A Signer is who signs, and when.
type Signer struct {
	Signer      crypto.Signer
	Certificate *x509.Certificate
	// Name is written as /Name: the signer's, as in the certificate.
	Name string
	// Time is claimed to the second, in /M and where the profile says so in the CMS.
	Time time.Time
}

// Sign returns the bytes that have to be appended to the file to have it signed. The signer is called
// at most once, and an Update signs once: nothing of a document is signed twice because a place was
// short (ErrPlaceholder comes before the signer is called).
//
// What is returned was read back together with the file, which is read whole for that, and verified.
// ErrChanged says that the file is not what Prepare read.
func (u *Update) Sign(s Signer) ([]byte, error) {
	if u.signed {
		return nil, ErrSpent
	}
	if u.options.Profile.NameRequired && s.Name == "" {
		return nil, fmt.Errorf("%w: profile %q without a name", ErrOptions, u.options.Profile.ID)
	}
	options := cms.Options{Unbound: !u.options.Profile.Bound}
	if u.options.Profile.SigningTime {
		options.SigningTime = s.Time
	}
	size, err := cms.Size(s.Certificate, cms.Document{Digest: make([]byte, u.options.Hash.Size())}, options)
	if err != nil {
		return nil, err
	}
	if size > u.options.placeholder {
		return nil, fmt.Errorf("%w: %d bytes, and %d are kept", ErrPlaceholder, size, u.options.placeholder)
	}
	appended, gap, err := u.write(s)
	if err != nil {
		return nil, err
	}
	digest, err := u.digest(appended, gap)
	if err != nil {
		return nil, err
	}
	u.signed = true
	message, err := cms.Sign(s.Signer, s.Certificate, cms.Document{Digest: digest}, options)
	if err != nil {
		return nil, err
	}
	hex.Encode(appended[gap.Start+1:gap.End-1], message)
	if err := u.check(appended); err != nil {
		return nil, err
	}
	return appended, nil
}

// write returns the update with zeros in the place of the CMS, and where in it /Contents is.
func (u *Update) write(s Signer) ([]byte, syntax.Span, error) {
	out := newUpdate(u.doc.File)
	signature := out.number()
	byteRange, contents := u.writeSignature(out, signature, s)
	if err := u.writeField(out, signature); err != nil {
		return nil, syntax.Span{}, err
	}
	id := sha256.Sum256(u.prefix.Sum(bytes.Clone(out.out.Bytes())))
	if err := out.finish(id[:16]); err != nil {
		return nil, syntax.Span{}, err
	}
	appended := out.out.Bytes()
	base := u.doc.Size()
	end := base + int64(len(appended))
	copy(appended[byteRange:], fmt.Sprintf("[0 %d %d %d]", base+contents.Start, base+contents.End, end-base-contents.End))
	return appended, contents, nil
}

// byteRangeWidth is what three offsets of 19 digits need at most.
const byteRangeWidth = 3*20 + 4

// writeSignature writes the signature dictionary (ISO 32000-1 §12.8.1, table 252). It returns where in
// the update the byte range and the contents stand.
func (u *Update) writeSignature(out *update, ref syntax.Ref, s Signer) (byteRange int, contents syntax.Span) {
	out.begin(ref)
	entry := func(key string, value syntax.Object) {
		out.out.WriteString("/" + key + " ")
		out.out.Write(syntax.Append(nil, value))
		out.out.WriteByte('\n')
	}
	out.out.WriteString("<<\n")
	entry("Type", syntax.Name("Sig"))
	entry("Filter", syntax.Name("Adobe.PPKLite"))
	entry("SubFilter", u.options.Profile.SubFilter)
	if s.Name != "" {
		entry("Name", encodeText(s.Name))
	}
	entry("M", encodeTime(s.Time))
	out.out.WriteString("/ByteRange ")
	byteRange = out.out.Len()
	out.out.Write(bytes.Repeat([]byte(" "), byteRangeWidth))
	out.out.WriteString("\n/Contents ")
	contents.Start = int64(out.out.Len())
	out.out.WriteByte('<')
	out.out.Write(bytes.Repeat([]byte("00"), u.options.placeholder))
	out.out.WriteByte('>')
	contents.End = int64(out.out.Len())
	out.out.WriteString("\n>>\nendobj\n")
	return byteRange, contents
}

// digest returns the digest of the file and the update without the gap.
func (u *Update) digest(appended []byte, gap syntax.Span) ([]byte, error) {
	h, err := u.prefix.Clone()
	if err != nil {
		return nil, err
	}
	h.Write(appended[:gap.Start])
	h.Write(appended[gap.End:])
	return h.Sum(nil), nil
}

// check verifies the new signature in the file as it will be. It reads the file again: a digest that
// is another now, or a structure that no longer fits, is a file that changed.
func (u *Update) check(appended []byte) error {
	v, s, err := u.read(appended)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrChanged, err)
	}
	v.checkMessage(s)
	if s.Problem != nil {
		return fmt.Errorf("%w: %w", ErrChanged, s.Problem)
	}
	return nil
}

// read reads the file with the update behind it, and returns the new signature. It must cover the whole file, and
// what stood before must still stand (ErrBreaks): a later revision can break an earlier signature, but nothing in it
// that checkPlaces does not look at.
func (u *Update) read(appended []byte) (*verifier, *Signature, error) {
	whole := &joined{first: u.source, size: u.doc.Size(), second: bytes.NewReader(appended)}
	v, err := newVerifier(whole, whole.size+int64(len(appended)))
	if err != nil {
		return nil, nil, err
	}
	if err := v.checkPlaces(); err != nil {
		return nil, nil, err
	}
	for _, other := range u.others {
		switch s := v.find(other); {
		case s == nil:
			return nil, nil, fmt.Errorf("%w: object %v", ErrBreaks, other.ref)
		case s.Problem != nil:
			return nil, nil, fmt.Errorf("%w: %s: %v", ErrBreaks, s.Object, s.Problem)
		}
	}
	i := slices.IndexFunc(v.signatures, func(s *Signature) bool { return s.Field == u.name })
	switch {
	case i < 0:
		return nil, nil, fmt.Errorf("%w: the new signature is not found", ErrBroken)
	case v.signatures[i].Problem != nil:
		return nil, nil, fmt.Errorf("%w: the new signature: %v", ErrBroken, v.signatures[i].Problem)
	case !v.signatures[i].Whole:
		return nil, nil, fmt.Errorf("%w: the new signature does not cover the file", ErrBroken)
	}
	return v, v.signatures[i], nil
}

// joined is a file with an update behind it.
type joined struct {
	first  io.ReaderAt
	size   int64
	second *bytes.Reader
}

func (j *joined) ReadAt(p []byte, at int64) (int, error) {
	if at >= j.size {
		return j.second.ReadAt(p, at-j.size)
	}
	head := p[:min(int64(len(p)), j.size-at)]
	n, err := j.first.ReadAt(head, at)
	if n < len(head) {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF // the file shrank
		}
		return n, err
	}
	if len(head) == len(p) {
		return n, nil
	}
	m, err := j.second.ReadAt(p[n:], 0)
	return n + m, err
}
