package cms

import (
	"encoding/asn1"
	"fmt"
	"math/bits"
)

// toDER rewrites the first value of ber with definite, shortest lengths and undivided strings (X.690
// §8.1.3, §8.7.3, §10.1, §10.2), and returns what follows the value. The order within a SET stays. Work
// is bounded by the length times maxDepth.
func toDER(ber []byte) (der, rest []byte, err error) {
	return berValue(ber, 0)
}

func berValue(ber []byte, depth int) (der, rest []byte, err error) {
	if depth > maxDepth || len(ber) < 2 || ber[0]&0x1F == 0x1F {
		return nil, nil, errScan
	}
	identifier, constructed := ber[0], ber[0]&0x20 != 0
	length, body, err := berLength(ber[1:])
	if err != nil || length > len(body) || length < 0 && !constructed {
		return nil, nil, errScan
	}
	if !constructed {
		return berWrap(identifier, body[:length]), body[length:], nil
	}
	rest = nil
	if length >= 0 {
		body, rest = body[:length], body[length:]
	}

	divided := identifier == 0x20|asn1.TagOctetString
	var inner []byte
	for {
		if length < 0 && len(body) >= 2 && body[0] == 0 && body[1] == 0 { // end-of-contents
			rest = body[2:]
			break
		}
		if len(body) == 0 {
			if length < 0 {
				return nil, nil, errScan
			}
			break
		}
		var part []byte
		if part, body, err = berValue(body, depth+1); err != nil {
			return nil, nil, err
		}
		if divided {
			if part, err = octetsOf(part); err != nil {
				return nil, nil, err
			}
		}
		inner = append(inner, part...)
	}
	if divided {
		identifier = asn1.TagOctetString
	}
	return berWrap(identifier, inner), rest, nil
}

// octetsOf returns what is in a piece of a divided OCTET STRING.
func octetsOf(der []byte) ([]byte, error) {
	var raw asn1.RawValue
	if err := unmarshal(der, &raw); err != nil || raw.Class != asn1.ClassUniversal || raw.Tag != asn1.TagOctetString || raw.IsCompound {
		return nil, errScan
	}
	return raw.Bytes, nil
}

// berLength decodes a length of one to five bytes; -1 is the indefinite form.
func berLength(ber []byte) (length int, rest []byte, err error) {
	first := int(ber[0])
	switch size := first & 0x7F; {
	case first < 0x80:
		return first, ber[1:], nil
	case size == 0:
		return -1, ber[1:], nil
	case size > 4 || len(ber) < 1+size:
		return 0, nil, errScan
	default:
		for _, b := range ber[1 : 1+size] {
			length = length<<8 | int(b)
		}
		return length, ber[1+size:], nil
	}
}

// berWrap puts an identifier and the shortest length before a body.
func berWrap(identifier byte, body []byte) []byte {
	return append(header(identifier, int64(len(body))), body...)
}

// header returns an identifier and the shortest length of a body of n bytes (X.690 §8.1.3, §10.1).
func header(identifier byte, n int64) []byte {
	if n < 0x80 {
		return []byte{identifier, byte(n)}
	}
	size := (bits.Len64(uint64(n)) + 7) / 8
	out := []byte{identifier, 0x80 | byte(size)}
	for i := size - 1; i >= 0; i-- {
		out = append(out, byte(n>>(8*i)))
	}
	return out
}

// fromBER returns the DER of the first value in data, and how many bytes of data it took.
func fromBER(data []byte) (der []byte, length int, err error) {
	if len(data) > MaxStructure+MaxContent {
		return nil, 0, ErrTooLarge
	}
	der, rest, err := toDER(data)
	if err != nil {
		return nil, 0, fmt.Errorf("%w: %v", ErrMalformed, err)
	}
	return der, len(data) - len(rest), nil
}
