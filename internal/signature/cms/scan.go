package cms

import "errors"

// maxDepth bounds how deep values nest. Ours reach 10 levels, and names in certificates a few more.
const maxDepth = 32

var errScan = errors.New("not in DER")

// scan walks through exactly one value and everything in it, and refuses what is not definite,
// shortest-form lengths, divided strings, and what nests too deep (X.690 §8.1.3, §10.1, §10.2). It stands before the reader, which
// takes a time quadratic in the input to turn BER, and deeply nested values, into DER.
func scan(der []byte) error {
	rest, err := scanValue(der, 0)
	if err == nil && len(rest) > 0 {
		err = errScan
	}
	return err
}

// scanValue walks through the first value of der and returns what follows it.
func scanValue(der []byte, depth int) (rest []byte, err error) {
	if depth > maxDepth || len(der) < 2 || der[0]&0x1F == 0x1F {
		return nil, errScan // no part of a SignedData has a tag of more than one byte
	}
	constructed := der[0]&0x20 != 0
	if constructed && der[0]&0xC0 == 0 && der[0] != 0x30 && der[0] != 0x31 {
		return nil, errScan // of the universal types only sequences and sets have parts
	}
	length, body, err := scanLength(der[1:])
	if err != nil || length > len(body) {
		return nil, errScan
	}
	body, rest = body[:length], body[length:]
	for constructed && len(body) > 0 {
		if body, err = scanValue(body, depth+1); err != nil {
			return nil, err
		}
	}
	return rest, nil
}

// scanLength decodes a length of one to five bytes, and returns what follows it.
func scanLength(der []byte) (length int, rest []byte, err error) {
	first := int(der[0])
	if first < 0x80 {
		return first, der[1:], nil
	}
	size := first & 0x7F
	if size == 0 || size > 4 || len(der) < 1+size {
		return 0, nil, errScan
	}
	for _, b := range der[1 : 1+size] {
		length = length<<8 | int(b)
	}
	if length < 0x80 || length>>(8*(size-1)) == 0 {
		return 0, nil, errScan
	}
	return length, der[1+size:], nil
}
