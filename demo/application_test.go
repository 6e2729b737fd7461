package main

import (
	"bytes"
	"encoding/xml"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var today = time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)

// exampleForm is what a browser sends when the citizen changes nothing.
func exampleForm() url.Values {
	return url.Values{
		"name": {example.Name}, "kana": {example.Kana}, "birthDate": {example.BirthDate}, "address": {example.Address},
		"scope": {example.Scope}, "copies": {example.Copies}, "purpose": {example.Purpose},
	}
}

func TestReadApplicationTakesTheExample(t *testing.T) {
	a, wrong := readApplication(exampleForm(), today)
	require.Empty(t, wrong)
	require.Equal(t, example, a)
}

func TestReadApplicationNamesWhatIsWrong(t *testing.T) {
	tests := []struct {
		field, value, problem string
	}{
		{"name", "", "problem.missing"},
		{"name", "　 ", "problem.missing"},
		{"name", strings.Repeat("見", 61), "problem.long"},
		{"name", "見本\x00太郎", "problem.characters"},
		{"name", "見本\u202e太郎", "problem.characters"},
		{"name", "見本\uffff太郎", "problem.characters"},
		{"name", "見本\xff太郎", "problem.characters"},
		{"name", "見本😀太郎", "problem.characters"},
		{"kana", "みほん　たろう", "problem.kana"},
		{"kana", "ﾐﾎﾝ", "problem.kana"},
		{"birthDate", "", "problem.missing"},
		{"birthDate", "昭和55年5月5日", "problem.date"},
		{"birthDate", "1980-02-30", "problem.date"},
		{"birthDate", "0980-05-05", "problem.date"},
		{"birthDate", "2026-11-24", "problem.future"},
		{"address", strings.Repeat("本", 201), "problem.long"},
		{"scope", "", "problem.choice"},
		{"scope", "neighbours", "problem.choice"},
		{"copies", "0", "problem.copies"},
		{"copies", "11", "problem.copies"},
		{"copies", "２", "problem.copies"},
		{"purpose", "", "problem.choice"},
	}
	for _, test := range tests {
		t.Run(test.field+" "+strconv.Quote(test.value), func(t *testing.T) {
			form := exampleForm()
			form.Set(test.field, test.value)
			_, wrong := readApplication(form, today)
			require.Equal(t, problems{test.field: test.problem}, wrong)
		})
	}
}

func TestTodayIsJapans(t *testing.T) {
	form := exampleForm()
	form.Set("birthDate", "2026-11-24")
	_, wrong := readApplication(form, time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC))
	require.Empty(t, wrong)
}

func TestMarshal(t *testing.T) {
	a := example
	a.Domicile = true
	document, err := a.marshal("20261123-AAAAAAAA", today)
	require.NoError(t, err)
	require.Equal(t, `<?xml version="1.0" encoding="UTF-8"?>
<住民票の写しの交付申請 xmlns="https://mihon.example/ns/juminhyo/1" 整理番号="20261123-AAAAAAAA">
  <宛先>見本市長</宛先>
  <作成日時>2026-11-23T12:00:00+09:00</作成日時>
  <申請者>
    <氏名>見本　太郎</氏名>
    <フリガナ>ミホン　タロウ</フリガナ>
    <生年月日>1980-05-05</生年月日>
    <住所>東京都千代田区見本一丁目２番３号</住所>
  </申請者>
  <請求の内容>
    <必要な方>本人のみ</必要な方>
    <通数>1</通数>
    <使いみち>就職・入学</使いみち>
    <世帯主と続柄の記載>しない</世帯主と続柄の記載>
    <本籍と筆頭者の記載>する</本籍と筆頭者の記載>
  </請求の内容>
</住民票の写しの交付申請>
`, string(document))
}

// Whatever the form lets through arrives in both documents unchanged: a citizen never signs other words than were typed.
func FuzzApplication(f *testing.F) {
	f.Add(example.Name, example.Address)
	f.Add("<氏名>&amp;\"'", "]]>\r\n\t")
	f.Add("\u0085\u2028\ufeff", "\U000e0100\U0010ffff")
	f.Fuzz(func(t *testing.T, name, address string) {
		form := exampleForm()
		form.Set("name", name)
		form.Set("address", address)
		a, wrong := readApplication(form, today)
		if len(wrong) > 0 {
			return
		}
		source, err := a.marshal("1", today)
		require.NoError(t, err)
		var parsed document
		decoder := xml.NewDecoder(bytes.NewReader(source))
		require.NoError(t, decoder.Decode(&parsed))
		require.Equal(t, strings.TrimSpace(name), parsed.Applicant.Name)
		require.Equal(t, strings.TrimSpace(address), parsed.Applicant.Address)

		file, err := a.draw("1", today)
		require.NoError(t, err)
		text := drawn(t, file)
		require.Contains(t, text, "氏名"+strings.TrimSpace(name)+"フリガナ")
		require.Contains(t, text, "住所"+strings.TrimSpace(address)+"電子印影")
	})
}
