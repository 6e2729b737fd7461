package certificate

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"strings"
)

// ErrNoAttributes is returned for a certificate without any attribute of the JPKI, which every
// authentication certificate is.
var ErrNoAttributes = errors.New("the certificate carries no attributes")

// Attributes are the 基本4情報 of a signature certificate, as read: text is neither trimmed nor
// normalised, and may be empty where the certificate has none.
type Attributes struct {
	Name      string    `json:"name"`
	BirthDate BirthDate `json:"birthDate"`
	Sex       Sex       `json:"sex"`
	Address   string    `json:"address"`
	// NameSubstitutes and AddressSubstitutes mark the characters that stand for others.
	NameSubstitutes    SubstitutePositions `json:"nameSubstitutes"`
	AddressSubstitutes SubstitutePositions `json:"addressSubstitutes"`
}

// A BirthDate is nine digits as the certificate has them: one for the era (1 明治 to 5 令和, 0 unknown),
// then the Gregorian YYYYMMDD, with zeros for the parts that the register does not know.
type BirthDate string

// Date returns the Gregorian date as YYYY-MM-DD with its zeros kept, or "" when b is not nine digits.
func (b BirthDate) Date() string {
	if len(b) != 9 || strings.Trim(string(b), "0123456789") != "" {
		return ""
	}
	return string(b[1:5] + "-" + b[5:7] + "-" + b[7:9])
}

// A Sex is the code as read: "1" male, "2" female; sources disagree about further codes
// (jpki-card.md §5.4), so that a display shows those as they are.
type Sex string

// SubstitutePositions holds one flag per character of the text it belongs to: "0" for a character as
// registered, anything else for a substitute (代替文字), where the text differs from the register.
type SubstitutePositions string

// Any reports whether a character was substituted.
func (s SubstitutePositions) Any() bool { return strings.Trim(string(s), "0") != "" }

var oidSubjectAltName = asn1.ObjectIdentifier{2, 5, 29, 17}

// otherName is the GeneralName of that kind without its [0] (RFC 5280 §4.2.1.6).
type otherName struct {
	Type  asn1.ObjectIdentifier
	Value string `asn1:"explicit,tag:0"`
}

// Attributes decodes the six otherName entries of the subjectAltName, found by OID (jpki-card.md
// §5.4). Entries of other kinds and other OIDs are passed over. It fails with ErrNoAttributes, or with
// ErrMalformed when one of the six cannot be read or occurs twice.
func (c *Certificate) Attributes() (Attributes, error) {
	var a Attributes
	fields := map[string]*string{
		"1.2.392.200149.8.5.5.1": &a.Name,
		"1.2.392.200149.8.5.5.2": (*string)(&a.NameSubstitutes),
		"1.2.392.200149.8.5.5.3": (*string)(&a.Sex),
		"1.2.392.200149.8.5.5.4": (*string)(&a.BirthDate),
		"1.2.392.200149.8.5.5.5": &a.Address,
		"1.2.392.200149.8.5.5.6": (*string)(&a.AddressSubstitutes),
	}
	names, err := otherNames(c.X509.Extensions)
	if err != nil {
		return Attributes{}, fmt.Errorf("%w: subjectAltName: %v", ErrMalformed, err)
	}

	found := 0
	seen := map[string]bool{}
	for _, raw := range names {
		oid, err := readOID(raw)
		if err != nil {
			return Attributes{}, fmt.Errorf("%w: otherName: %v", ErrMalformed, err)
		}
		field, known := fields[oid]
		if !known {
			continue
		}
		if seen[oid] {
			return Attributes{}, fmt.Errorf("%w: attribute %s occurs twice", ErrMalformed, oid)
		}
		seen[oid] = true
		var name otherName
		if rest, err := asn1.UnmarshalWithParams(raw.FullBytes, &name, "tag:0"); err != nil || len(rest) > 0 {
			return Attributes{}, fmt.Errorf("%w: attribute %s is not a string", ErrMalformed, oid)
		}
		*field = name.Value
		found++
	}
	if found == 0 {
		return Attributes{}, ErrNoAttributes
	}
	return a, nil
}

// otherNames returns the GeneralNames of kind [0] of the subjectAltName, which crypto/x509 does not expose.
func otherNames(extensions []pkix.Extension) ([]asn1.RawValue, error) {
	var names []asn1.RawValue
	for _, extension := range extensions {
		if !extension.Id.Equal(oidSubjectAltName) {
			continue
		}
		var all []asn1.RawValue
		if rest, err := asn1.Unmarshal(extension.Value, &all); err != nil {
			return nil, err
		} else if len(rest) > 0 {
			return nil, errors.New("trailing data")
		}
		for _, name := range all {
			if name.Class == asn1.ClassContextSpecific && name.Tag == 0 && name.IsCompound {
				names = append(names, name)
			}
		}
	}
	return names, nil
}

func readOID(name asn1.RawValue) (string, error) {
	var oid asn1.ObjectIdentifier
	if _, err := asn1.Unmarshal(name.Bytes, &oid); err != nil {
		return "", err
	}
	return oid.String(), nil
}
