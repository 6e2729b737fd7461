package protocol

import (
	"encoding/hex"
	"fmt"
	"slices"
	"unicode"
	"unicode/utf8"
)

// readSign reads what is to be signed, and how. Keys that do not belong to the format are left over.
func readSign(o *object, r *Request) {
	r.Format = oneOf(o, "format", Formats()...)
	r.Attached = o.boolean("attached", false)
	r.Hash = SHA256
	if _, ok := o.keys["hash"]; ok {
		r.Hash = oneOf(o, "hash", anyHash...)
	}
	switch r.Format {
	case PDF:
		r.Profile = o.optionalText("profile", MaxName)
		r.Seal = readSeal(o)
	case XML:
		r.Profile = o.optionalText("profile", MaxName)
		r.XAdES = o.boolean("xades", false)
		r.Elements = readElements(o)
		if _, ok := o.keys["files"]; ok {
			r.Files = readDocuments(o, "files", MaxFiles, false)
		}
	}
	r.Documents = readDocuments(o, "documents", MaxDocuments, r.Format == CMS)
	if o.err == nil {
		checkSign(o, r)
	}
}

// readVerify reads which file is to be verified, and those that its signatures are about.
func readVerify(o *object, r *Request) {
	r.WithAttributes = o.boolean("attributes", false)
	r.Documents = readDocuments(o, "documents", 1, false)
	if _, ok := o.keys["files"]; ok {
		r.Files = readDocuments(o, "files", MaxFiles, false)
	}
	needBytes(o, "documents", r.Documents)
	needBytes(o, "files", r.Files)
	checkFileNames(o, r.Files)
	checkTotal(o, r)
}

// readDocuments reads a list of documents.
func readDocuments(o *object, key string, most int, cosigned bool) []Document {
	entries := o.list(key, most)
	documents := make([]Document, 0, len(entries))
	for i, entry := range entries {
		d, err := readDocument(fmt.Sprintf("%s[%d]", key, i), entry, cosigned)
		if err != nil {
			if o.err == nil {
				o.err = err
			}
			return nil
		}
		documents = append(documents, d)
	}
	return documents
}

// readDocument reads one entry; cosigned allows a message in it.
func readDocument(path string, text []byte, cosigned bool) (Document, error) {
	o := readObject(path, text)
	d := Document{Name: o.text("name"), Size: -1}
	if err := CheckName(d.Name); err != nil {
		o.fail("name", "%v", err)
	}
	if _, ok := o.keys["message"]; ok && cosigned {
		d.Message = o.base64("message", MaxMessage)
	}
	if _, ok := o.keys["size"]; ok {
		d.Size = o.integer("size", MaxTotal)
		return d, o.done()
	}
	digest := o.text("digest")
	d.Hash = oneOf(o, "hash", anyHash...)
	if o.err != nil {
		return d, o.done()
	}
	var err error
	if d.Digest, err = hex.DecodeString(digest); err != nil || len(d.Digest) != d.Hash.Crypto().Size() {
		o.fail("digest", "is not %d bytes in hex, the length of %s", d.Hash.Crypto().Size(), d.Hash)
	}
	return d, o.done()
}

// readElements reads the ids of the elements to sign, or nil.
func readElements(o *object) []string {
	if _, ok := o.keys["elements"]; !ok {
		return nil
	}
	var ids []string
	for i, entry := range o.list("elements", MaxElements) {
		var id string
		path := fmt.Sprintf("elements[%d]", i)
		o.decode(path, entry, `"`, &id, "a string")
		if err := CheckName(id); err != nil {
			o.fail(path, "%v", err)
		}
		if slices.Contains(ids, id) {
			o.fail(path, "stands twice")
		}
		ids = append(ids, id)
	}
	return ids
}

// maxPlace is far beyond every page, in points, and beyond every number of a page.
const maxPlace = 1_000_000

// Limits of a seal's width, in points.
const MinSeal, MaxSeal = 8, 600

// MaxSealText is the most characters that are drawn.
const MaxSealText = 8

// readSeal reads the seal, or nil.
func readSeal(o *object) *Seal {
	value, ok := o.take("seal", true)
	if !ok {
		return nil
	}
	in := readObject("seal", value)
	s := &Seal{Page: int(in.integer("page", maxPlace)), X: int(in.integer("x", maxPlace)), Y: int(in.integer("y", maxPlace)),
		Size: int(in.integer("size", MaxSeal)), Ring: in.boolean("ring", false)}
	if s.Page < 1 {
		in.fail("page", "is not 1 or more")
	}
	if s.Size < MinSeal {
		in.fail("size", "is less than %d", MinSeal)
	}
	if _, ok := in.keys["picture"]; ok {
		s.Picture = in.base64("picture", MaxPicture)
	} else {
		s.Text = in.text("text")
		if n := utf8.RuneCountInString(s.Text); n < 1 || n > MaxSealText || slices.ContainsFunc([]rune(s.Text), unicode.IsControl) {
			in.fail("text", "is not 1 to %d characters", MaxSealText)
		}
	}
	if err := in.done(); err != nil && o.err == nil {
		o.err = err
	}
	return s
}

// checkSign holds the rules that concern the request as a whole.
func checkSign(o *object, r *Request) {
	if r.Format == PDF || r.Format == XML {
		shape, err := Shape{Profile: r.Profile, Hash: r.Hash, XAdES: r.XAdES, Elements: len(r.Elements), Files: len(r.Files)}.Complete(r.Format)
		if err != nil {
			o.err = err
			return
		}
		r.Profile = shape.Profile
		needBytes(o, "documents", r.Documents)
	}
	checkTotal(o, r)
	switch r.Format {
	case CMS:
		checkMessages(o, r)
	case Raw:
		checkOneHash(o, r)
	case XML:
		checkXML(o, r)
	}
	if r.Attached {
		checkAttached(o, r)
	}
}

func checkTotal(o *object, r *Request) {
	if total(r.Documents)+total(r.Files) > MaxTotal {
		o.fail("documents", "hold more than %d bytes", MaxTotal)
	}
}

// total returns how many bytes of the documents follow.
func total(documents []Document) (sum int64) {
	for _, d := range documents {
		sum += max(d.Size, 0)
	}
	return sum
}

func needBytes(o *object, key string, documents []Document) {
	for i, d := range documents {
		if d.Hidden() {
			o.fail(fmt.Sprintf("%s[%d].digest", key, i), "does not do: the content is needed")
		}
	}
}

func checkAttached(o *object, r *Request) {
	if r.Format != CMS {
		o.fail("attached", "goes with cms only")
	}
	needBytes(o, "documents", r.Documents)
	if total(r.Documents) > MaxAttached {
		o.fail("documents", "hold more than %d bytes to attach", MaxAttached)
	}
}

func checkMessages(o *object, r *Request) {
	sum := 0
	for i, d := range r.Documents {
		sum += len(d.Message)
		if d.Message != nil && r.Attached {
			o.fail(fmt.Sprintf("documents[%d].message", i), "is not to be attached to")
		}
	}
	if sum > MaxMessages {
		o.fail("documents", "have messages of more than %d bytes", MaxMessages)
	}
}

// checkOneHash refuses raw signatures over digests of several hash functions: the result names one algorithm.
func checkOneHash(o *object, r *Request) {
	hash := func(d Document) Hash {
		if d.Hidden() {
			return d.Hash
		}
		return r.Hash
	}
	for i, d := range r.Documents {
		if hash(d) != hash(r.Documents[0]) {
			o.fail(fmt.Sprintf("documents[%d].hash", i), "differs from the first document's")
		}
	}
}

// checkXML holds the sizes and names of XML documents, and of the files signed along with the one document.
func checkXML(o *object, r *Request) {
	for i, d := range r.Documents {
		if d.Size > MaxXML {
			o.fail(fmt.Sprintf("documents[%d].size", i), "is more than %d", MaxXML)
		}
		if r.Profile == Detached || len(r.Files) > 0 {
			if err := CheckFileName(d.Name); err != nil {
				o.fail(fmt.Sprintf("documents[%d].name", i), "%v", err)
			}
		}
	}
	if len(r.Files) == 0 {
		return
	}
	if len(r.Documents) > 1 {
		o.fail("documents", "are more than the one that files go with")
	}
	checkFileNames(o, r.Files, r.Documents[0].Name)
	for i, f := range r.Files {
		if f.Hidden() && f.Hash != r.Hash {
			o.fail(fmt.Sprintf("files[%d].hash", i), "differs from the request's")
		}
	}
}

// checkFileNames refuses names that no file beside the document has, or that two have.
func checkFileNames(o *object, files []Document, taken ...string) {
	for i, f := range files {
		path := fmt.Sprintf("files[%d].name", i)
		if err := CheckFileName(f.Name); err != nil {
			o.fail(path, "%v", err)
		}
		if slices.Contains(taken, f.Name) {
			o.fail(path, "stands twice")
		}
		taken = append(taken, f.Name)
	}
}
