package main

import (
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/verify"
)

// squeezed leaves out white space, which says nothing in extracted text.
func squeezed(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '\f' {
			return -1
		}
		return r
	}, text)
}

// The PDF says what the XML says, in words that a program finds in it.
func TestDraw(t *testing.T) {
	a := example
	a.Name, a.Domicile, a.Scope, a.Purpose, a.Copies = "髙橋　𠮷子", true, "household", "licence", "10"
	file, err := a.draw("20261123-AAAAAAAA", today)
	require.NoError(t, err)
	judged(t, file, "qpdf", "--check", "-")
	text := squeezed(judged(t, file, "pdftotext", "-raw", "-", "-"))
	for _, want := range []string{
		"住民票の写しの交付申請書", "整理番号20261123-AAAAAAAA", "作成日時2026年11月23日12時00分", "見本市長宛て",
		"氏名髙橋𠮷子", "フリガナミホンタロウ", "生年月日1980年5月5日", "住所東京都千代田区見本一丁目２番３号",
		"必要な方世帯全員", "通数10通", "使いみち免許・資格", "世帯主・続柄記載しない", "本籍・筆頭者記載する",
	} {
		require.Contains(t, text, want)
	}
}

// The longest application that the form takes stays on its page, and the place of the seal stays free.
func TestDrawLongest(t *testing.T) {
	a := example
	a.Name, a.Kana, a.Address = strings.Repeat("見", 60), strings.Repeat("ミ", 60), strings.Repeat("京", 200)
	file, err := a.draw("20261123-AAAAAAAA", today)
	require.NoError(t, err)
	require.Contains(t, drawn(t, file), a.Address)
	text := judged(t, file, "pdftotext", "-x", "455", "-y", "200", "-W", "90", "-H", "100", "-r", "72", "-", "-")
	require.Equal(t, "電子印影（任意）", squeezed(text), "beside the applicant, nothing else")
	last := squeezed(judged(t, file, "pdftotext", "-x", "0", "-y", "700", "-W", "595", "-H", "142", "-r", "72", "-", "-"))
	require.True(t, strings.HasPrefix(last, "この申請書は"), last)
}

func TestDrawNeedsADate(t *testing.T) {
	_, err := application{BirthDate: "1980-02-30"}.draw("1", today)
	require.Error(t, err)
}

func TestSealOf(t *testing.T) {
	for name, want := range map[string]string{
		"見本　太郎": "見本", "見本 太郎": "見本", "MIHON JOHN": "MIHON", "見本太郎": "見本太郎",
		"ABCDEFGH": "ABCDEFGH", "ABCDEFGHI": "", "ÉÉÉÉÉÉÉÉ Z": "ÉÉÉÉÉÉÉÉ",
	} {
		a := example
		a.Name = name
		seal := sealOf(a)
		if want == "" {
			require.Nil(t, seal, name)
			continue
		}
		require.Equal(t, want, seal.Text)
	}
}

func TestHoldsSeal(t *testing.T) {
	place := [4]float64{sealX, sealY, sealX + sealSize, sealY + sealSize}
	require.True(t, holdsSeal(verify.Mark{Page: 1, Rect: place}))
	require.False(t, holdsSeal(verify.Mark{Page: 2, Rect: place}))
	for i, by := range []float64{-1, -1, 1, 1} {
		outside := place
		outside[i] += by
		require.False(t, holdsSeal(verify.Mark{Page: 1, Rect: outside}), "edge %d", i)
	}
}
