package main

import (
	"strings"
	"time"

	"github.com/natsuin/natsuin/verify"
)

// The place on page 1 that the sheet keeps for a seal: lower left corner and size, in points.
const sealX, sealY, sealSize = 461, 566, 64

// Where things stand on the sheet.
const (
	left, right       = 56.0, 539.0
	labelEnd          = 166.0
	applicantEnd      = 443.0 // the seal stands to the right of it
	textSize, leading = 11.0, 16.0
)

// draw writes the application as a PDF of one page that says the same as marshal's document, for whom a paper is
// easier to read and to keep. Like there, no problem may have been found with the application.
func (a application) draw(number string, at time.Time) ([]byte, error) {
	const title = "住民票の写しの交付申請書"
	birthDate, err := time.Parse(time.DateOnly, a.BirthDate)
	if err != nil {
		return nil, err
	}
	var s sheet
	s.rightText(800, 9, "整理番号　"+number)
	s.rightText(786, 9, "作成日時　"+at.In(japan).Format("2006年1月2日 15時04分"))
	s.text((sheetWidth-textWidth(title, 18))/2, 740, 18, title)
	s.text(left, 704, 12, "見本市長　宛て")
	s.text(left, 682, textSize, "次のとおり、住民票の写しの交付を申請します。")

	y := s.table(648, applicantEnd, "申請者", [][2]string{
		{"氏名", a.Name}, {"フリガナ", a.Kana}, {"生年月日", birthDate.Format("2006年1月2日")}, {"住所", a.Address},
	})
	s.dashedSquare(sealX-4, sealY-4, sealSize+8)
	s.text(sealX-4, sealY-16, 8, "電子印影（任意）")

	// The seal's place ends above this table however little the first one holds.
	s.table(min(y, sealY-24)-28, right, "請求の内容", [][2]string{
		{"必要な方", word(a.Scope, scopes)}, {"通数", a.Copies + "通"}, {"使いみち", word(a.Purpose, purposes)},
		{"世帯主・続柄", "記載" + yesNo(a.Relationship)}, {"本籍・筆頭者", "記載" + yesNo(a.Domicile)},
	})

	s.text(left, 74, 8, "この申請書は、実在しない自治体「見本市」のデモサイトが作成しました。")
	s.text(left, 62, 8, "電子署名が付いているかどうかは、紙面ではなく、PDFの署名を検証するソフトウェアで確かめてください。")
	return s.file(title+" "+number, at), nil
}

// rightText writes a line that ends at the right margin.
func (s *sheet) rightText(y, size float64, text string) {
	s.text(right-textWidth(text, size), y, size, text)
}

// table draws a heading at y and below it a row for each label and value. It returns where the table ends.
func (s *sheet) table(y, end float64, heading string, rows [][2]string) float64 {
	s.text(left, y, 12, heading)
	y -= 8
	top := y
	s.line(left, y, end, y)
	for _, row := range rows {
		s.text(left+6, y-leading, 10, row[0])
		for _, line := range wrap(row[1], textSize, end-labelEnd-12) {
			y -= leading
			s.text(labelEnd+6, y, textSize, line)
		}
		y -= 8
		s.line(left, y, end, y)
	}
	for _, x := range []float64{left, labelEnd, end} {
		s.line(x, top, x, y)
	}
	return y
}

// A seal is what the page asks Natsuin for: docs/page-api.md says how it is drawn.
type seal struct {
	Page int    `json:"page"`
	X    int    `json:"x"`
	Y    int    `json:"y"`
	Size int    `json:"size"`
	Ring bool   `json:"ring"`
	Text string `json:"text"`
}

// sealOf returns the seal that fits the application: the surname in a ring. It is nil for a surname that is too long.
func sealOf(a application) *seal {
	const most = 8 // characters that Natsuin draws
	surname := strings.Fields(a.Name)[0]
	if len([]rune(surname)) > most {
		return nil
	}
	return &seal{Page: 1, X: sealX, Y: sealY, Size: sealSize, Ring: true, Text: surname}
}

// holdsSeal tells whether a mark stands where the sheet keeps the place for it.
func holdsSeal(m verify.Mark) bool {
	r := m.Rect
	return m.Page == 1 && r[0] >= sealX && r[1] >= sealY && r[2] <= sealX+sealSize && r[3] <= sealY+sealSize
}
