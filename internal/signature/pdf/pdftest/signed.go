package pdftest

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf16"
)

// Places for what Complete fills in, to be put into the body of a signature dictionary.
const (
	ByteRange = "/ByteRange [0 ********** ********** **********]"
	room      = 4096 // for the CMS, in bytes
)

// Contents is /Contents with room for a CMS.
var Contents = ContentsOf(room)

// ContentsOf is /Contents with room for a CMS of that many bytes.
func ContentsOf(room int) string { return "/Contents <" + strings.Repeat("00", room) + ">" }

// Text is the token of a text string in UTF-16 (ISO 32000-1 §7.9.2.2).
func Text(s string) string {
	token := "<FEFF"
	for _, unit := range utf16.Encode([]rune(s)) {
		token += fmt.Sprintf("%04X", unit)
	}
	return token + ">"
}

// SignatureDict is the body of a signature dictionary as the registry wants it.
func SignatureDict() string {
	return "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached/Name(Mihon)/M(D:20261123120000+09'00')" + ByteRange + Contents + ">>"
}

// SignatureObjects is what has to be written beside it, as object 21, to have Document's first page and
// form hold it.
func SignatureObjects(dict string) Objects {
	return Objects{
		1:  "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[20 0 R]/SigFlags 3>>>>",
		3:  "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>/Contents 4 0 R/Annots[20 0 R]>>",
		20: "<</Type/Annot/Subtype/Widget/FT/Sig/T(Signature1)/Rect[0 0 0 0]/F 132/P 3 0 R/V 21 0 R>>",
		21: dict,
	}
}

// Complete fills in the last ByteRange, which adjust may change, and the last Contents, with what sign
// makes of the bytes that are covered.
func Complete(file []byte, adjust func([4]int) [4]int, sign func(content []byte) []byte) []byte {
	file = bytes.Clone(file)
	contents := bytes.LastIndex(file, []byte("/Contents <0000")) + len("/Contents ")
	end := contents + bytes.IndexByte(file[contents:], '>') + 1
	r := [4]int{0, contents, end, len(file) - end}
	if adjust != nil {
		r = adjust(r)
	}
	if i := bytes.LastIndex(file, []byte(ByteRange)); i >= 0 {
		copy(file[i:], fmt.Appendf(nil, "/ByteRange [%d %10d %10d %10d]", r[0], r[1], r[2], r[3]))
	}
	var covered []byte
	for _, part := range [][2]int{{r[0], r[1]}, {r[2], r[3]}} {
		from := min(max(part[0], 0), len(file))
		covered = append(covered, file[from:min(max(from+part[1], from), len(file))]...)
	}
	hex.Encode(file[contents+1:end-1], sign(covered))
	return file
}
