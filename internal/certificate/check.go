package certificate

import (
	"bytes"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"
	"time"
)

// The findings of Check, in the order in which it looks for them.
var (
	// ErrWrongHierarchy: the certificate names, is certified under, or has the key usage of the other
	// hierarchy, such as a signature certificate presented to log in.
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

// A Chain is what Check found: a certificate and the root whose key signed it. There is never
// anything between the two.
type Chain struct {
	Certificate *Certificate
	Anchor      Anchor
}

// Check decides whether cert is an end-entity certificate of hierarchy h, issued by one of the
// anchors, at the given time. The error wraps the first of the findings above that applies. A
// certificate's own word is enough to refuse it for its hierarchy; all else needs the issuer first,
// because what an unknown issuer wrote, dates included, says nothing.
//
// Revocation is not checked: a certificate that passes may have been revoked.
func Check(cert *Certificate, h Hierarchy, at time.Time, anchors Anchors) (Chain, error) {
	anchor, err := FindIssuer(cert, h, anchors)
	if err != nil {
		return Chain{}, err
	}
	if err := CheckUsage(cert, h); err != nil {
		return Chain{}, err
	}
	if err := CheckValidity(cert, at); err != nil {
		return Chain{}, err
	}
	if err := CheckAnchorValidity(anchor, at); err != nil {
		return Chain{}, err
	}
	return Chain{Certificate: cert, Anchor: anchor}, nil
}

// FindIssuer is the first step of Check: it returns the anchor of hierarchy h that issued cert. All
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
	case hasJLISName(cert):
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

// hasJLISName reports whether the issuer has the name of J-LIS's CA of either hierarchy. Names are
// compared by value, so that a generation never seen counts even if it chose another string type.
func hasJLISName(cert *Certificate) bool {
	issuer, ok := nameValues(cert.X509.RawIssuer)
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

// CheckUsage is the second step of Check: the key usage must be the hierarchy's, and no critical
// extension unknown. It fails with ErrWrongHierarchy or ErrCriticalExtension.
func CheckUsage(cert *Certificate, h Hierarchy) error {
	if err := checkUsage(cert.X509, h); err != nil {
		return fmt.Errorf("%w: %v", ErrWrongHierarchy, err)
	}
	if unknown := cert.X509.UnhandledCriticalExtensions; len(unknown) > 0 {
		return fmt.Errorf("%w: %v", ErrCriticalExtension, unknown[0])
	}
	return nil
}

// CheckValidity is the third step of Check. Both ends of the period belong to it (RFC 5280 §4.1.2.5).
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

// CheckAnchorValidity is the last step of Check. It fails with ErrAnchorExpired.
func CheckAnchorValidity(a Anchor, at time.Time) error {
	from, to := a.Certificate.NotBefore, a.Certificate.NotAfter
	if at.Before(from) || at.After(to) {
		return fmt.Errorf("%w: %s is valid from %s to %s", ErrAnchorExpired, a.Name, from.Format(time.RFC3339), to.Format(time.RFC3339))
	}
	return nil
}
