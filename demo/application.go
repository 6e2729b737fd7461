package main

import (
	"encoding/xml"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Names that the citizen's window, the receipt and the downloads use.
const (
	documentName  = "住民票の写しの交付申請.xml"
	signatureName = "住民票の写しの交付申請.xml.p7s"
	pdfName       = "住民票の写しの交付申請.pdf"
	signedPDFName = "住民票の写しの交付申請.signed.pdf"
)

const maxCopies = 10

// japan is the time zone of everything a citizen reads. Japan has no daylight saving time.
var japan = time.FixedZone("JST", 9*60*60)

// A choice is one of the values of a list: its name in the form and in the texts, and its word in the document.
type choice struct{ Value, Word string }

var (
	scopes   = []choice{{"self", "本人のみ"}, {"household", "世帯全員"}}
	purposes = []choice{
		{"employment", "就職・入学"}, {"licence", "免許・資格"}, {"housing", "住宅・登記"},
		{"pension", "年金・保険"}, {"other", "その他"},
	}
)

// An application is 住民票の写しの交付申請 as the citizen typed it. The fields are named as in the form.
type application struct {
	Name, Kana, BirthDate, Address string
	Scope, Copies, Purpose         string
	Relationship, Domicile         bool // 世帯主・続柄 and 本籍・筆頭者: whether the copy shows them
}

// example fills the empty form: the person of the simulated card.
var example = application{
	Name: "見本　太郎", Kana: "ミホン　タロウ", BirthDate: "1980-05-05", Address: "東京都千代田区見本一丁目２番３号",
	Scope: "self", Copies: "1", Purpose: "employment",
}

// problems maps a field's name to the text that says what is wrong with it.
type problems map[string]string

// readApplication takes the form's values and says what is wrong with them.
func readApplication(form url.Values, today time.Time) (application, problems) {
	a := application{
		Name: trimmed(form, "name"), Kana: trimmed(form, "kana"),
		BirthDate: trimmed(form, "birthDate"), Address: trimmed(form, "address"),
		Scope: form.Get("scope"), Copies: trimmed(form, "copies"), Purpose: form.Get("purpose"),
		Relationship: form.Get("relationship") == "yes", Domicile: form.Get("domicile") == "yes",
	}
	wrong := problems{}
	check := func(field, problem string) {
		if problem != "" {
			wrong[field] = problem
		}
	}
	check("name", checkText(a.Name, 60))
	check("kana", checkKana(a.Kana))
	check("birthDate", checkBirthDate(a.BirthDate, today))
	check("address", checkText(a.Address, 200))
	check("scope", checkChoice(a.Scope, scopes))
	check("copies", checkCopies(a.Copies))
	check("purpose", checkChoice(a.Purpose, purposes))
	return a, wrong
}

func trimmed(form url.Values, field string) string { return strings.TrimSpace(form.Get(field)) }

// checkText refuses what a document cannot carry as it was typed: encoding/xml would replace it, or a viewer of the
// PDF would leave a blank.
func checkText(text string, longest int) string {
	switch {
	case text == "":
		return "problem.missing"
	case utf8.RuneCountInString(text) > longest:
		return "problem.long"
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unprintable) || strings.ContainsFunc(text, undrawable):
		return "problem.characters"
	}
	return ""
}

// unprintable holds for control characters, invisible format characters (which could turn the direction of the
// text that is signed) and U+FFFD, U+FFFE and U+FFFF.
func unprintable(r rune) bool {
	return unicode.Is(unicode.C, r) || r >= 0xFFFD && r <= 0xFFFF
}

func undrawable(r rune) bool { return !drawable(r) }

func checkKana(text string) string {
	if problem := checkText(text, 60); problem != "" {
		return problem
	}
	for _, r := range text {
		if !(r >= 'ァ' && r <= 'ヺ') && r != 'ー' && r != '・' && r != '　' && r != ' ' {
			return "problem.kana"
		}
	}
	return ""
}

func checkBirthDate(text string, today time.Time) string {
	if text == "" {
		return "problem.missing"
	}
	date, err := time.Parse(time.DateOnly, text)
	if err != nil || date.Year() < 1900 {
		return "problem.date"
	}
	if date.Format(time.DateOnly) > today.In(japan).Format(time.DateOnly) {
		return "problem.future"
	}
	return ""
}

func checkCopies(text string) string {
	if n, err := strconv.Atoi(text); err != nil || n < 1 || n > maxCopies {
		return "problem.copies"
	}
	return ""
}

func checkChoice(value string, list []choice) string {
	if word(value, list) == "" {
		return "problem.choice"
	}
	return ""
}

func word(value string, list []choice) string {
	for _, c := range list {
		if c.Value == value {
			return c.Word
		}
	}
	return ""
}

// document is the XML of an application. Its element names are the words of the paper form, since the citizen is
// asked to read it before signing.
type document struct {
	XMLName   xml.Name  `xml:"https://mihon.example/ns/juminhyo/1 住民票の写しの交付申請"`
	Number    string    `xml:"整理番号,attr"`
	To        string    `xml:"宛先"`
	Date      string    `xml:"作成日時"`
	Applicant applicant `xml:"申請者"`
	Request   request   `xml:"請求の内容"`
}

type applicant struct {
	Name      string `xml:"氏名"`
	Kana      string `xml:"フリガナ"`
	BirthDate string `xml:"生年月日"`
	Address   string `xml:"住所"`
}

type request struct {
	Scope        string `xml:"必要な方"`
	Copies       int    `xml:"通数"`
	Purpose      string `xml:"使いみち"`
	Relationship string `xml:"世帯主と続柄の記載"`
	Domicile     string `xml:"本籍と筆頭者の記載"`
}

// marshal writes the document that will be signed. The application must be one that readApplication found no
// problem with; number makes each document, and so each signature, good for one filing.
func (a application) marshal(number string, at time.Time) ([]byte, error) {
	copies, err := strconv.Atoi(a.Copies)
	if err != nil {
		return nil, err
	}
	body, err := xml.MarshalIndent(document{
		Number: number, To: "見本市長", Date: at.In(japan).Format(time.RFC3339),
		Applicant: applicant{Name: a.Name, Kana: a.Kana, BirthDate: a.BirthDate, Address: a.Address},
		Request: request{
			Scope: word(a.Scope, scopes), Copies: copies, Purpose: word(a.Purpose, purposes),
			Relationship: yesNo(a.Relationship), Domicile: yesNo(a.Domicile),
		},
	}, "", "  ")
	if err != nil {
		return nil, err
	}
	return append([]byte(xml.Header), append(body, '\n')...), nil
}

func yesNo(yes bool) string {
	if yes {
		return "する"
	}
	return "しない"
}
