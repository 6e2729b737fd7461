package certificate

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// An Origin says where a trust anchor comes from.
type Origin string

const (
	// OriginJLIS marks the roots that are shipped with the program.
	OriginJLIS Origin = "j-lis"
	// OriginAdded marks the roots that whoever runs the program added.
	OriginAdded Origin = "added"
)

// An Anchor is one trusted root. Its own validity is not implied; see Check.
type Anchor struct {
	Certificate *x509.Certificate
	Hierarchy   Hierarchy
	Origin      Origin
	// Name is for display: the generation of a J-LIS root, or the file an added one was read from.
	Name string
	// Obtained says how a shipped root was obtained; it is empty for an added one.
	Obtained Obtained
}

// Fingerprint returns the SHA-256 of the root's DER, in upper-case hex as J-LIS prints it.
func (a Anchor) Fingerprint() string {
	sum := sha256.Sum256(a.Certificate.Raw)
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

// Anchors is a set of trusted roots of both hierarchies.
type Anchors []Anchor

// With returns the anchors of both sets. A root that is in both stays as the receiver has it, so
// that adding J-LIS's own root does not make it an added one.
func (a Anchors) With(more Anchors) Anchors {
	union := slices.Clone(a)
	for _, anchor := range more {
		known := func(b Anchor) bool { return bytes.Equal(b.Certificate.Raw, anchor.Certificate.Raw) }
		if !slices.ContainsFunc(union, known) {
			union = append(union, anchor)
		}
	}
	return union
}

// Limits of a folder of trust anchors.
const (
	maxAnchorFile  = 64 << 10
	maxAnchorFiles = 256
)

// ErrAnchor is wrapped by every error about a file or folder of trust anchors.
var ErrAnchor = errors.New("trust anchor refused")

// LoadDir reads the roots in the files named *.pem, *.crt, *.cer and *.der of a flat folder, each PEM or
// DER. A root's hierarchy is read from the first OU of its name, and a root of neither is refused
// with its file's name. End-entity certificates lying beside can anchor nothing and are passed over.
// A link is followed inside the folder only. Every error wraps ErrAnchor.
func LoadDir(dir string) (Anchors, error) {
	var anchors Anchors
	err := eachFile(dir, func(name string, text []byte) error {
		found, err := ParseAnchors(text)
		for i := range found {
			found[i].Name = name
		}
		anchors = anchors.With(found)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(anchors) == 0 {
		return nil, fmt.Errorf("%w: no root certificate in %s", ErrAnchor, dir)
	}
	return anchors, nil
}

// LoadPool reads all certificates of a folder as LoadDir does, whatever they are for: roots of others than
// J-LIS, such as time-stamping authorities. A folder without any is an error.
func LoadPool(dir string) (*x509.CertPool, error) {
	pool, empty := x509.NewCertPool(), true
	err := eachFile(dir, func(_ string, text []byte) error {
		ders, err := splitCertificates(text)
		if err != nil {
			return fmt.Errorf("%w: %v", ErrAnchor, err)
		}
		for _, der := range ders {
			cert, err := x509.ParseCertificate(der)
			if err != nil {
				return fmt.Errorf("%w: %v", ErrAnchor, err)
			}
			pool.AddCert(cert)
			empty = false
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if empty {
		return nil, fmt.Errorf("%w: no certificate in %s", ErrAnchor, dir)
	}
	return pool, nil
}

// eachFile calls read with each file of a folder that is named as a certificate. What read returns is returned
// with the file's name.
func eachFile(dir string, read func(name string, text []byte) error) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("%w: %v", ErrAnchor, err)
	}
	defer root.Close()
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return fmt.Errorf("%w: %v", ErrAnchor, err)
	}
	files := 0
	for _, entry := range entries {
		if !hasAnchorName(entry.Name()) {
			continue
		}
		if files++; files > maxAnchorFiles {
			return fmt.Errorf("%w: more than %d files in %s", ErrAnchor, maxAnchorFiles, dir)
		}
		text, err := readAnchorFile(root, entry.Name())
		if err != nil {
			return fmt.Errorf("%w: %s: %v", ErrAnchor, filepath.Join(dir, entry.Name()), err)
		}
		if err := read(entry.Name(), text); err != nil {
			return fmt.Errorf("%s: %w", filepath.Join(dir, entry.Name()), err)
		}
	}
	return nil
}

func hasAnchorName(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".pem", ".crt", ".cer", ".der":
		return !strings.HasPrefix(name, ".")
	}
	return false
}

func readAnchorFile(root *os.Root, name string) ([]byte, error) {
	// The look before opening keeps a named pipe from blocking the open.
	info, err := root.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	file, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxAnchorFile+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxAnchorFile {
		return nil, fmt.Errorf("longer than %d bytes", maxAnchorFile)
	}
	return text, nil
}

// ParseAnchors reads the roots out of one DER certificate or of any number of PEM blocks, as LoadDir
// does for one file; the result is empty when all certificates are end-entity ones.
func ParseAnchors(text []byte) (Anchors, error) {
	ders, err := splitCertificates(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrAnchor, err)
	}
	var anchors Anchors
	for _, der := range ders {
		anchor, err := parseAnchor(der)
		if errors.Is(err, errEndEntity) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %v", ErrAnchor, err)
		}
		anchors = anchors.With(Anchors{anchor})
	}
	return anchors, nil
}

func splitCertificates(text []byte) ([][]byte, error) {
	if len(text) > 0 && text[0] == 0x30 {
		return [][]byte{text}, nil
	}
	var ders [][]byte
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			break
		}
		if block.Type == "CERTIFICATE" {
			ders = append(ders, block.Bytes)
		}
		text = rest
	}
	if len(ders) == 0 {
		return nil, errors.New("neither DER nor PEM with a certificate")
	}
	return ders, nil
}

var errEndEntity = errors.New("an end-entity certificate")

// parseAnchor reads one self-signed CA certificate of either hierarchy.
func parseAnchor(der []byte) (Anchor, error) {
	cert, err := Parse(der)
	if err != nil {
		return Anchor{}, err
	}
	root := cert.X509
	if !root.IsCA {
		return Anchor{}, errEndEntity
	}
	h := hierarchyOf(root.Subject)
	if h == "" {
		return Anchor{}, fmt.Errorf("a root of neither hierarchy: its first OU is %q", firstUnit(root))
	}
	if !bytes.Equal(root.RawSubject, root.RawIssuer) || root.CheckSignatureFrom(root) != nil {
		return Anchor{}, errors.New("not a root: it is not signed by its own key")
	}
	return Anchor{Certificate: root, Hierarchy: h, Origin: OriginAdded, Name: string(h)}, nil
}

func firstUnit(cert *x509.Certificate) string {
	if len(cert.Subject.OrganizationalUnit) == 0 {
		return ""
	}
	return cert.Subject.OrganizationalUnit[0]
}
