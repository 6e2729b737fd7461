package simcard

import (
	"encoding/asn1"
	"encoding/binary"
)

// Identifier octets of DER (ITU-T X.690 §8.1.2) that the certificates need.
const (
	tagInteger         = 0x02
	tagBitString       = 0x03
	tagOctetString     = 0x04
	tagUTF8String      = 0x0C
	tagPrintableString = 0x13
	tagIA5String       = 0x16
	tagUTCTime         = 0x17
	tagSequence        = 0x30
	tagSet             = 0x31
	tagContext         = 0x80 // [0] primitive; [n] is tagContext+n
	tagConstructed     = 0x20
)

// der encodes one element: the identifier octet, the length, and the parts one after the other.
//
// The certificates are written octet by octet, because crypto/x509 chooses the order of extensions and
// the string types of names itself, and both are part of what is simulated.
func der(tag byte, parts ...[]byte) []byte {
	n := 0
	for _, part := range parts {
		n += len(part)
	}
	b := []byte{tag}
	switch {
	case n < 0x80:
		b = append(b, byte(n))
	case n < 0x100:
		b = append(b, 0x81, byte(n))
	default:
		b = append(b, 0x82)
		b = binary.BigEndian.AppendUint16(b, uint16(n))
	}
	for _, part := range parts {
		b = append(b, part...)
	}
	return b
}

// explicit encodes [n] EXPLICIT, or any constructed [n].
func explicit(n byte, parts ...[]byte) []byte {
	return der(tagContext|tagConstructed|n, parts...)
}

func oid(arcs ...int) []byte {
	b, err := asn1.Marshal(asn1.ObjectIdentifier(arcs))
	if err != nil {
		panic(err) // the arcs are constants
	}
	return b
}

func utf8String(s string) []byte      { return der(tagUTF8String, []byte(s)) }
func printableString(s string) []byte { return der(tagPrintableString, []byte(s)) }

// A name is a distinguished name: one attribute per RDN, in order.
type name []attribute

type attribute struct {
	oid   []byte
	value []byte
}

var (
	oidCountry      = oid(2, 5, 4, 6)
	oidOrganization = oid(2, 5, 4, 10)
	oidUnit         = oid(2, 5, 4, 11)
	oidLocality     = oid(2, 5, 4, 7)
	oidCommonName   = oid(2, 5, 4, 3)
)

func country() attribute              { return attribute{oidCountry, printableString("JP")} }
func organization(s string) attribute { return attribute{oidOrganization, utf8String(s)} }
func unit(s string) attribute         { return attribute{oidUnit, utf8String(s)} }
func locality(s string) attribute     { return attribute{oidLocality, utf8String(s)} }
func commonName(s string) attribute   { return attribute{oidCommonName, utf8String(s)} }

func (n name) der() []byte {
	var rdns [][]byte
	for _, a := range n {
		rdns = append(rdns, der(tagSet, der(tagSequence, a.oid, a.value)))
	}
	return der(tagSequence, rdns...)
}

// directoryName encodes the name as the GeneralName of that choice, [4] (RFC 5280 §4.2.1.6).
func (n name) directoryName() []byte { return explicit(4, n.der()) }
