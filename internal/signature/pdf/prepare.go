package pdf

import (
	"crypto"
	_ "crypto/sha256" // for crypto.SHA256
	_ "crypto/sha512" // for crypto.SHA384 and crypto.SHA512
	"fmt"
	"hash"
	"io"
	"maps"
	"slices"

	"github.com/natsuin/natsuin/internal/signature/pdf/syntax"
)

// usualPlaceholder is how many bytes are kept for the CMS: two certificates and a later time stamp fit.
const usualPlaceholder = 16 << 10

// Options say how a document is to be signed.
type Options struct {
	// Profile is MOJ or PAdES.
	Profile Profile
	// Hash is one of the profile's; 0 stands for its first.
	Hash crypto.Hash
	// Seal is the visible mark, nil for none.
	Seal *Seal

	placeholder int // bytes that are kept for the CMS, of which tests choose fewer; 0 stands for the usual
}

// An Update is a document that was read and found fit to be signed, once.
type Update struct {
	doc     *document
	source  io.ReaderAt
	options Options
	pages   int
	page    page
	stamp   *stamp
	name    string      // of the field
	prefix  hash.Cloner // over the whole file, which stays as it is
	others  []identity  // of the signatures that stand for the document
	signed  bool
}

// Prepare reads the size bytes of source and does everything for which the signer is not needed, the
// digest of the file included, so that Sign is short. It refuses what must not be signed with one of
// the errors at the top of this package.
func Prepare(source io.ReaderAt, size int64, o Options) (*Update, error) {
	o, err := o.complete()
	if err != nil {
		return nil, err
	}
	v, err := newVerifier(source, size) // what Sign's own check could not read must not be signed
	if err != nil {
		return nil, err
	}
	if len(v.signatures) >= MaxSignatures {
		return nil, fmt.Errorf("%w: it has %d signatures", ErrTooLarge, len(v.signatures))
	}
	if err := v.doc.CheckOffsets(); err != nil {
		return nil, err
	}
	if err := v.doc.checkReadable(); err != nil {
		return nil, err
	}
	u := &Update{doc: v.doc, source: source, options: o}
	if u.name, err = u.doc.freeName(); err != nil {
		return nil, err
	}
	if err := u.doc.checkPermissions(u.name, o.Seal != nil); err != nil {
		return nil, err
	}
	number := 1
	if o.Seal != nil {
		number = o.Seal.Page
	}
	if u.pages, u.page, err = u.doc.countPages(number); err != nil {
		return nil, err
	}
	if o.Seal != nil {
		if u.stamp, err = u.doc.newStamp(o.Seal, u.page); err != nil {
			return nil, err
		}
	}
	u.prefix = o.Hash.New().(hash.Cloner) // as all hashes of the standard library are
	if err := u.rehearse(v); err != nil {
		return nil, err
	}
	if err := copyExactly(u.prefix, source, size); err != nil {
		return nil, err
	}
	return u, nil
}

// rehearse writes the update without a signature, and looks at it as check will: what would fail then fails now,
// before anybody is asked for a PIN.
func (u *Update) rehearse(v *verifier) error {
	if err := v.checkPlaces(); err != nil {
		return err
	}
	for _, s := range v.signatures {
		if s.Problem == nil {
			u.others = append(u.others, s.identity)
		}
	}
	draft, _, err := u.write(Signer{})
	if err != nil {
		return err
	}
	_, _, err = u.read(draft)
	return err
}

// complete fills in what was left to the defaults.
func (o Options) complete() (Options, error) {
	if o.Hash == 0 && len(o.Profile.Hashes) > 0 {
		o.Hash = o.Profile.Hashes[0]
	}
	if o.placeholder == 0 {
		o.placeholder = usualPlaceholder
	}
	if !o.Profile.allows(o.Hash) {
		return o, fmt.Errorf("%w: profile %q with %v", ErrOptions, o.Profile.ID, o.Hash)
	}
	return o, nil
}

// Pages returns how many pages the document has.
func (u *Update) Pages() int { return u.pages }

// Digest returns that of the whole file as it was read, made with Options.Hash.
func (u *Update) Digest() []byte { return u.prefix.Sum(nil) }

// copyExactly hashes a file of which every byte must be there.
func copyExactly(h hash.Hash, source io.ReaderAt, size int64) error {
	n, err := io.Copy(h, io.NewSectionReader(source, 0, size))
	if err != nil {
		return fmt.Errorf("read the file: %w", err)
	}
	if n != size {
		return fmt.Errorf("%w: it has %d bytes instead of %d", ErrChanged, n, size)
	}
	return nil
}

// freeName returns a name for the new field that no field at the top of the form has, and no signature's.
func (d *document) freeName() (string, error) {
	if len(d.fields) > maxFields {
		return "", fmt.Errorf("%w: a form of %d fields", ErrTooLarge, len(d.fields))
	}
	taken := map[string]bool{}
	for _, o := range d.fields {
		dict, err := d.Dict(o)
		if err != nil {
			return "", err
		}
		if name, ok := dict["T"].(syntax.String); ok {
			taken[decodeText(name)] = true
		}
	}
	signatures, err := d.signatureFields()
	if err != nil {
		return "", err
	}
	for _, f := range signatures {
		taken[f.name] = true
	}
	for i := 1; ; i++ {
		if name := fmt.Sprintf("Signature%d", i); !taken[name] {
			return name, nil
		}
	}
}

// Flags of a form (§12.7.2, table 219): signatures exist, and the file may only be appended to.
const signedAppendOnly = syntax.Integer(3)

// Flags of an annotation (§12.5.3): printed, and not to be moved.
const printedLocked = syntax.Integer(1<<2 | 1<<7)

// writeField puts the field with its widget, which hold the signature dictionary, into the form and
// onto the page.
func (u *Update) writeField(out *update, signature syntax.Ref) error {
	widget := syntax.Dict{
		"Type": syntax.Name("Annot"), "Subtype": syntax.Name("Widget"), "FT": syntax.Name("Sig"),
		"T": encodeText(u.name), "V": signature, "P": u.page.ref, "F": printedLocked,
		"Rect": syntax.Array{syntax.Integer(0), syntax.Integer(0), syntax.Integer(0), syntax.Integer(0)},
	}
	if u.stamp != nil {
		widget["Rect"] = u.stamp.rect
		widget["AP"] = syntax.Dict{"N": u.stamp.write(out)}
	}
	ref := out.number()
	out.object(ref, widget)
	if err := u.extendForm(out, ref); err != nil {
		return err
	}
	return u.extendPage(out, ref)
}

// extendForm appends a field to the form, and rewrites of the form what has to be.
func (u *Update) extendForm(out *update, field syntax.Ref) error {
	form := syntax.Dict{}
	maps.Copy(form, u.doc.form)
	fields := append(slices.Clone(u.doc.fields), field)
	if ref, ok := form["Fields"].(syntax.Ref); ok && u.doc.fields != nil {
		out.object(ref, fields)
	} else {
		form["Fields"] = fields
	}
	flags, ok := form["SigFlags"].(syntax.Integer)
	if form["SigFlags"] != nil && !ok {
		return fmt.Errorf("%w: /SigFlags is %v", ErrBroken, form["SigFlags"])
	}
	form["SigFlags"] = flags | signedAppendOnly
	if ref, ok := u.doc.catalog["AcroForm"].(syntax.Ref); ok && u.doc.form != nil {
		out.object(ref, form)
		return nil
	}
	catalog := maps.Clone(u.doc.catalog)
	catalog["AcroForm"] = form
	out.object(u.doc.root, catalog)
	return nil
}

// extendPage appends a widget to the page's annotations. A list that other pages show as well stays as it is, and the
// page gets its own.
func (u *Update) extendPage(out *update, widget syntax.Ref) error {
	annotations, err := u.doc.Array(u.page.dict["Annots"])
	if err != nil {
		return err
	}
	extended := append(slices.Clone(annotations), widget)
	if ref, ok := u.page.dict["Annots"].(syntax.Ref); ok && annotations != nil {
		shared, err := u.doc.othersShow(u.page, ref)
		if err != nil {
			return err
		}
		if !shared {
			out.object(ref, extended)
			return nil
		}
	}
	dict := maps.Clone(u.page.dict)
	dict["Annots"] = extended
	out.object(u.page.ref, dict)
	return nil
}

// othersShow reports whether a page's list of annotations is another page's as well.
func (d *document) othersShow(own page, list syntax.Ref) (bool, error) {
	for p, err := range d.pages() {
		if err != nil {
			return false, err
		}
		if p.ref != own.ref && p.dict["Annots"] == syntax.Object(list) {
			return true, nil
		}
	}
	return false, nil
}
