package verify

import (
	"crypto/x509"
	"fmt"

	"github.com/natsuin/natsuin/internal/certificate"
)

// Trust is the set of roots that certificates must come from. The zero value holds the roots of
// J-LIS that Natsuin ships, which With and WithDir add to. Results tell the two kinds apart.
type Trust struct {
	added certificate.Anchors
}

// With returns t with the roots in text added: one certificate in DER, or any number in PEM. Each
// belongs to the hierarchy that the first OU of its name says, and a root of neither is an error.
func (t Trust) With(text []byte) (Trust, error) {
	roots, err := certificate.ParseAnchors(text)
	if err != nil {
		return Trust{}, err
	}
	return Trust{added: t.added.With(roots)}, nil
}

// WithDir returns t with the roots in a flat folder added, from the files named *.pem, *.crt, *.cer and
// *.der. End-entity certificates among them are passed over; a folder without any root is an error.
func (t Trust) WithDir(dir string) (Trust, error) {
	roots, err := certificate.LoadDir(dir)
	if err != nil {
		return Trust{}, err
	}
	return Trust{added: t.added.With(roots)}, nil
}

// TimeStampRoots reads the roots of time-stamping authorities from a flat folder: all certificates in the files
// named *.pem, *.crt, *.cer and *.der. A folder without any is an error.
func TimeStampRoots(dir string) (*x509.CertPool, error) { return certificate.LoadPool(dir) }

// Missing returns the roots of J-LIS that t does not hold, each with the reason.
func (t Trust) Missing() []Root { return t.anchors().Missing() }

// explain names the roots of a hierarchy that are missing in an error about an issuer that is not trusted.
func (t Trust) explain(err error, h certificate.Hierarchy) error {
	for _, root := range t.Missing() {
		if root.Hierarchy == h {
			err = fmt.Errorf("%w; %s, valid from %s to %s, is not shipped, because it is in no public source: get it from J-LIS, https://www.jpki.go.jp/ca/, compare its fingerprint, and add it",
				err, root.Name(), root.From, root.To)
		}
	}
	return err
}

func (t Trust) anchors() certificate.Anchors { return certificate.JLIS().With(t.added) }
