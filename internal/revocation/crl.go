package revocation

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"slices"
	"time"
)

// Extensions of CRLs, their entries and certificates (RFC 5280 §4.2.1.13, §5.2, §5.3).
var (
	oidDistributionPoints = asn1.ObjectIdentifier{2, 5, 29, 31}
	oidCRLNumber          = asn1.ObjectIdentifier{2, 5, 29, 20}
	oidIssuingPoint       = asn1.ObjectIdentifier{2, 5, 29, 28}
	oidAuthorityKey       = asn1.ObjectIdentifier{2, 5, 29, 35}
	oidReasonCode         = asn1.ObjectIdentifier{2, 5, 29, 21}
	oidInvalidityDate     = asn1.ObjectIdentifier{2, 5, 29, 24}
)

// crl is a certificate revocation list.
type crl struct {
	list  *x509.RevocationList
	point *issuingPoint // nil where the list is about all certificates of its issuer
}

// issuingPoint is IssuingDistributionPoint (RFC 5280 §5.2.5).
type issuingPoint struct {
	Point          pointName      `asn1:"optional,tag:0"`
	OnlyUsers      bool           `asn1:"optional,tag:1"`
	OnlyCAs        bool           `asn1:"optional,tag:2"`
	SomeReasons    asn1.BitString `asn1:"optional,tag:3"`
	Indirect       bool           `asn1:"optional,tag:4"`
	OnlyAttributes bool           `asn1:"optional,tag:5"`
}

// pointName is DistributionPointName under its explicit tag (RFC 5280 §4.2.1.13): GeneralNames, or a name
// relative to the issuer's.
type pointName struct {
	Full     []asn1.RawValue `asn1:"optional,tag:0"`
	Relative asn1.RawValue   `asn1:"optional,tag:1"`
}

// distributionPoint is DistributionPoint (RFC 5280 §4.2.1.13).
type distributionPoint struct {
	Point   pointName       `asn1:"optional,tag:0"`
	Reasons asn1.BitString  `asn1:"optional,tag:1"`
	Issuer  []asn1.RawValue `asn1:"optional,tag:2"`
}

func parseCRL(der []byte) (Statement, error) {
	if len(der) > MaxCRL {
		return nil, fmt.Errorf("%w: longer than %d bytes", ErrMalformed, MaxCRL)
	}
	list, err := x509.ParseRevocationList(der)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrMalformed, err)
	}
	c := &crl{list: list}
	for _, e := range list.Extensions {
		switch {
		case e.Id.Equal(oidIssuingPoint):
			c.point = &issuingPoint{}
			if err := unmarshal(e.Value, c.point); err != nil {
				return nil, fmt.Errorf("%w: issuingDistributionPoint: %v", ErrMalformed, err)
			}
		case e.Critical && !e.Id.Equal(oidCRLNumber) && !e.Id.Equal(oidAuthorityKey):
			return nil, fmt.Errorf("%w: the CRL has the critical extension %v", ErrUnsupported, e.Id)
		}
	}
	if p := c.point; p != nil && (p.Indirect || p.SomeReasons.BitLength > 0) {
		return nil, fmt.Errorf("%w: the CRL is indirect, or about some reasons only", ErrUnsupported)
	}
	return c, nil
}

func (c *crl) NextUpdate() time.Time { return c.list.NextUpdate }

// Status looks the certificate up, as RFC 5280 §6.3.3 has it for a complete list of the certificate's own
// issuer. The generations of a hierarchy share one name, so that the key decides whose list it is.
func (c *crl) Status(q Query) (Status, error) {
	if !bytes.Equal(c.list.RawIssuer, q.Certificate.RawIssuer) || !c.covers(q.Certificate) {
		return Status{}, fmt.Errorf("%w: a CRL of another issuer or part of it", ErrOther)
	}
	if id := c.list.AuthorityKeyId; len(id) > 0 && len(q.Issuer.SubjectKeyId) > 0 && !bytes.Equal(id, q.Issuer.SubjectKeyId) {
		return Status{}, fmt.Errorf("%w: a CRL of another key of the issuer", ErrOther)
	}
	if q.Issuer.KeyUsage != 0 && q.Issuer.KeyUsage&x509.KeyUsageCRLSign == 0 {
		return Status{}, fmt.Errorf("%w: its key is not for CRLs", ErrUntrusted)
	}
	if err := checkSignature(q.Issuer, c.list.SignatureAlgorithm, c.list.RawTBSRevocationList, c.list.Signature); err != nil {
		return Status{}, err
	}
	status := Status{Source: CRL, ThisUpdate: c.list.ThisUpdate, NextUpdate: c.list.NextUpdate}
	e, err := c.find(q.Certificate)
	if err != nil {
		return Status{}, err
	}
	return judge(q, status, e)
}

// covers reports whether the certificate is of the part of its issuer's certificates that the list is
// about: an end-entity certificate that names the list's own distribution point, where it has one.
func (c *crl) covers(cert *x509.Certificate) bool {
	p := c.point
	if p == nil {
		return true
	}
	if p.OnlyAttributes || p.OnlyCAs && !cert.IsCA || p.OnlyUsers && cert.IsCA || len(p.Point.Relative.FullBytes) > 0 {
		return false
	}
	if len(p.Point.Full) == 0 {
		return true
	}
	for _, e := range cert.Extensions {
		var points []distributionPoint
		if !e.Id.Equal(oidDistributionPoints) || unmarshal(e.Value, &points) != nil {
			continue
		}
		for _, point := range points {
			if slices.ContainsFunc(point.Point.Full, func(name asn1.RawValue) bool { return contains(p.Point.Full, name) }) {
				return true
			}
		}
	}
	return false
}

func contains(names []asn1.RawValue, name asn1.RawValue) bool {
	return slices.ContainsFunc(names, func(n asn1.RawValue) bool { return bytes.Equal(n.FullBytes, name.FullBytes) })
}

// find returns the entry of a certificate, nil where there is none. An entry that is not understood makes
// the whole list useless (RFC 5280 §5.3).
func (c *crl) find(cert *x509.Certificate) (*entry, error) {
	var found *entry
	for _, r := range c.list.RevokedCertificateEntries {
		for _, e := range r.Extensions {
			if e.Critical && !e.Id.Equal(oidReasonCode) && !e.Id.Equal(oidInvalidityDate) {
				return nil, fmt.Errorf("%w: an entry of the CRL has the critical extension %v", ErrUnsupported, e.Id)
			}
		}
		if found != nil || r.SerialNumber.Cmp(cert.SerialNumber) != 0 {
			continue
		}
		at, err := invalidSince(r.RevocationTime, r.Extensions)
		if err != nil {
			return nil, err
		}
		found = &entry{at: at, reason: r.ReasonCode}
	}
	return found, nil
}

// invalidSince returns the earlier of the date of revocation and the invalidityDate, since which the key
// was not to be trusted (RFC 5280 §5.3.2).
func invalidSince(at time.Time, extensions []pkix.Extension) (time.Time, error) {
	for _, e := range extensions {
		if !e.Id.Equal(oidInvalidityDate) {
			continue
		}
		var date time.Time
		if rest, err := asn1.UnmarshalWithParams(e.Value, &date, "generalized"); err != nil || len(rest) > 0 {
			return at, fmt.Errorf("%w: invalidityDate: %v", ErrMalformed, err)
		}
		if date.Before(at) {
			at = date
		}
	}
	return at, nil
}

// unmarshal decodes exactly one value.
func unmarshal(der []byte, into any) error {
	rest, err := asn1.Unmarshal(der, into)
	if err == nil && len(rest) > 0 {
		err = asn1.SyntaxError{Msg: "trailing data"}
	}
	return err
}
