package certificate

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"
	"time"
)

// The findings of Check, in the order in which it looks for them.
var (
	// ErrWrongHierarchy: the certificate names the other hierarchy as its issuer, such as a signature
	// certificate presented to log in.
	ErrWrongHierarchy = errors.New("the certificate is not of this hierarchy")
	// ErrIssuerSignature: the certificate names the key of a trust anchor as its issuer's, yet that key
	// did not sign it. It is damaged or forged.
	ErrIssuerSignature = errors.New("the issuer's signature on the certificate does not verify")
	// ErrIssuerNotShipped: the issuer has J-LIS's name, but no key among the anchors verifies the
	// certificate. It may be genuine, certified by the 2019 authentication root, which no public source
	// has: it cannot be confirmed here until J-LIS's root is added.
	ErrIssuerNotShipped = errors.New("the issuer has J-LIS's name, but its key is not among the trust anchors")
	// ErrIssuerForeign: anybody else issued the certificate, such as the maker of a simulated card.
	ErrIssuerForeign = errors.New("the issuer is not J-LIS")
	// ErrKeyUsage: the certificate is of the hierarchy by its issuer and not by its key usage. It is
	// an ErrWrongHierarchy, too.
	ErrKeyUsage = fmt.Errorf("%w by its key usage", ErrWrongHierarchy)
	// ErrCriticalExtension: the certificate has a critical extension that is not understood, and must
	// therefore be refused (RFC 5280 §4.2).
	ErrCriticalExtension = errors.New("the certificate has a critical extension that is not understood")
	// ErrNotYetValid: the time is before the certificate's notBefore.
	ErrNotYetValid = errors.New("the certificate is not yet valid")
	// ErrExpired: the time is after the certificate's notAfter.
	ErrExpired = errors.New("the certificate has expired")
	// ErrAnchorExpired: the time is outside the validity of the issuer's own certificate. Roots of
	// generation 01 ended in 2025 and serve only to look at signatures of their time.
	ErrAnchorExpired = errors.New("the issuer's certificate is not valid at that time")
)

// Check decides whether cert is an end-entity certificate of hierarchy h, issued by one of the
// anchors, at the given time, and returns that anchor: also with an error, if it was found by then.
// The error wraps the first of the findings above that applies. A certificate's own word is enough to
// refuse it for its hierarchy; all else needs the issuer first, because what an unknown issuer wrote,
// dates included, says nothing.
//
// Revocation is not checked: a certificate that passes may have been revoked.
func Check(cert *Certificate, h Hierarchy, at time.Time, anchors Anchors) (Anchor, error) {
	anchor, err := FindIssuer(cert, h, anchors)
	if err != nil {
		return Anchor{}, err
	}
	if err := checkUsage(cert.X509, h); err != nil {
		return anchor, fmt.Errorf("%w: %v", ErrKeyUsage, err)
	}
	if unknown := cert.X509.UnhandledCriticalExtensions; len(unknown) > 0 {
		return anchor, fmt.Errorf("%w: %v", ErrCriticalExtension, unknown[0])
	}
	if err := CheckValidity(cert, at); err != nil {
		return anchor, err
	}
	from, to := anchor.Certificate.NotBefore, anchor.Certificate.NotAfter
	if at.Before(from) || at.After(to) {
		return anchor, fmt.Errorf("%w: %s is valid from %s to %s",
			ErrAnchorExpired, anchor.Name, from.Format(time.RFC3339), to.Format(time.RFC3339))
	}
	return anchor, nil
}

// FindIssuer is the first step of Check alone: it returns the anchor of hierarchy h that issued cert. All
// generations of a hierarchy share one name (jpki-card.md §5.2), so that the key alone decides between
// them. It fails with ErrWrongHierarchy or one of the ErrIssuer errors.
func FindIssuer(cert *Certificate, h Hierarchy, anchors Anchors) (Anchor, error) {
	if claimed := hierarchyOf(cert.X509.Issuer); claimed != "" && claimed != h {
		return Anchor{}, fmt.Errorf("%w: it says it is of the %s hierarchy", ErrWrongHierarchy, claimed)
	}
	for _, anchor := range anchors {
		if issued(anchor, cert) {
			return anchor, nil
		}
	}
	switch {
	case slices.ContainsFunc(anchors, func(a Anchor) bool { return namesKeyOf(cert, a) }):
		return Anchor{}, ErrIssuerSignature
	case hasJLISName(cert.X509.RawIssuer):
		return Anchor{}, ErrIssuerNotShipped
	}
	return Anchor{}, ErrIssuerForeign
}

// issued reports whether the anchor has the issuer's name and its key verifies cert. An anchor's
// hierarchy follows from its name, so that the right name is of the right hierarchy.
func issued(a Anchor, cert *Certificate) bool {
	return bytes.Equal(a.Certificate.RawSubject, cert.X509.RawIssuer) && cert.X509.CheckSignatureFrom(a.Certificate) == nil
}

// namesKeyOf reports whether cert's authorityKeyIdentifier and issuer name are those of the anchor.
func namesKeyOf(cert *Certificate, a Anchor) bool {
	id := cert.X509.AuthorityKeyId
	return len(id) > 0 && bytes.Equal(id, a.Certificate.SubjectKeyId) &&
		bytes.Equal(cert.X509.RawIssuer, a.Certificate.RawSubject)
}

// hasJLISName reports whether a name is that of J-LIS's CA of either hierarchy. Names are compared by
// value, so that a generation never seen counts even if it chose another string type.
func hasJLISName(raw []byte) bool {
	issuer, ok := nameValues(raw)
	if !ok {
		return false
	}
	return slices.ContainsFunc(jlis(), func(a Anchor) bool {
		subject, _ := nameValues(a.Certificate.RawSubject)
		return slices.Equal(issuer, subject)
	})
}

// nameValues flattens a distinguished name to "type=value" strings, one for each attribute in order.
func nameValues(raw []byte) ([]string, bool) {
	var rdns pkix.RDNSequence
	if _, err := asn1.Unmarshal(raw, &rdns); err != nil {
		return nil, false
	}
	var values []string
	for _, rdn := range rdns {
		for _, attribute := range rdn {
			values = append(values, fmt.Sprintf("%v=%v", attribute.Type, attribute.Value))
		}
	}
	return values, true
}

// checkUsage holds a certificate's use against the profile (jpki-card.md §5.3, §5.4): an
// authentication certificate has digitalSignature without contentCommitment (nonRepudiation), a
// signature certificate has both, and neither certifies others.
func checkUsage(cert *x509.Certificate, h Hierarchy) error {
	usage := cert.KeyUsage
	switch {
	case cert.IsCA || usage&(x509.KeyUsageCertSign|x509.KeyUsageCRLSign) != 0:
		return errors.New("it is a certification authority's")
	case usage&x509.KeyUsageDigitalSignature == 0:
		return errors.New("it lacks digitalSignature")
	case h == Authentication && usage&x509.KeyUsageContentCommitment != 0:
		return errors.New("it has nonRepudiation")
	case h == Signature && usage&x509.KeyUsageContentCommitment == 0:
		return errors.New("it lacks nonRepudiation")
	}
	return nil
}

// CheckValidity is the step of Check about the certificate's own validity. Both ends of the period belong to it (RFC 5280 §4.1.2.5).
// It fails with ErrNotYetValid or ErrExpired.
func CheckValidity(cert *Certificate, at time.Time) error {
	switch {
	case at.Before(cert.X509.NotBefore):
		return fmt.Errorf("%w: it begins at %s", ErrNotYetValid, cert.X509.NotBefore.Format(time.RFC3339))
	case at.After(cert.X509.NotAfter):
		return fmt.Errorf("%w: it ended at %s", ErrExpired, cert.X509.NotAfter.Format(time.RFC3339))
	}
	return nil
}
