package rules

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

const oneDesk = `{"desks":[{"municipality":{"ja":"見本市","en":"Mihon"},"office":{"ja":"市民課　窓口","en":"Citizens Division"},"telephone":"0120-00-0000"}]}`

func TestReadDesks(t *testing.T) {
	desks, err := ReadDesks(strings.NewReader(oneDesk))
	require.NoError(t, err)
	require.Equal(t, []Desk{{Text{"見本市", "Mihon"}, Text{"市民課　窓口", "Citizens Division"}, "0120-00-0000"}}, desks)
	desks, err = ReadDesks(strings.NewReader(`{"desks":[]}`))
	require.NoError(t, err)
	require.Empty(t, desks)
}

func TestReadDesksRefuses(t *testing.T) {
	for name, c := range map[string]struct{ old, new, says string }{
		"nothing":                {oneDesk, "", "not a JSON object"},
		"an array":               {oneDesk, "[]", "not a JSON object"},
		"null":                   {oneDesk, "null", "not a JSON object"},
		"no list":                {oneDesk, "{}", "desks is missing"},
		"null for the list":      {oneDesk, `{"desks":null}`, "not an array"},
		"an object for the list": {oneDesk, `{"desks":{}}`, "not an array"},
		"null for a desk":        {oneDesk, `{"desks":[null]}`, "desks[0]"},
		"cut":                    {"}]}", "}]", "not JSON"},
		"something behind":       {"}]}", "}]} 1", "more than one"},
		"unknown key":            {`"telephone"`, `"fax":1,"telephone"`, `"fax"`},
		"key in capitals":        {`"telephone"`, `"Telephone"`, `"Telephone"`},
		"key twice":              {`"telephone"`, `"telephone":"0120-00-0000","telephone"`, "stands twice"},
		"key twice, escaped":     {`"telephone"`, `"telephon\u0065":"0120-00-0000","telephone"`, "stands twice"},
		"list twice":             {`{"desks"`, `{"desks":[],"desks"`, "stands twice"},
		"language missing":       {`,"en":"Mihon"`, ``, "municipality: en is missing"},
		"language unknown":       {`,"en":"Mihon"`, `,"en":"Mihon","de":"Mihon"`, `"de"`},
		"telephone missing":      {`,"telephone":"0120-00-0000"`, ``, "telephone is missing"},
		"empty name":             {"見本市", "", "municipality: ja"},
		"null for a name":        {`"見本市"`, "null", "municipality: ja"},
		"a number for a name":    {`"見本市"`, "1", "municipality: ja"},
		"blank around a name":    {"見本市", "見本市 ", "municipality: ja"},
		"long name":              {"見本市", strings.Repeat("長", 201), "municipality: ja"},
		"escape sequence":        {"Citizens", `\u001b[2J`, "office: en"},
		"line break":             {"Citizens", `a\nb`, "office: en"},
		"right to left":          {"Citizens", `a\u202eb`, "office: en"},
		"zero width":             {"Citizens", `a\u200bb`, "office: en"},
		"blank letter":           {"Citizens", `a\u3164b`, "office: en"},
		"blank Braille":          {"Citizens", `a\u2800b`, "office: en"},
		"variation selector":     {"Citizens", `a\ufe0fb`, "office: en"},
		"ideographic variation":  {"見本市", "見\U000E0100本市", "municipality: ja"},
		"a pile of marks":        {"Citizens", `a\u0301\u0302\u0303b`, "office: en"},
		"a mark on nothing":      {"Citizens", `\u0301a`, "office: en"},
		"half a character":       {"Citizens", `a\ud800b`, "office: en"},
		"not UTF-8":              {"Citizens", "\xff", "not UTF-8"},
		"telephone: letters":     {"0120-00-0000", "0120-CARD-00", "telephone"},
		"telephone: full width":  {"0120-00-0000", "０120-00-0000", "telephone"},
		"telephone: short":       {"0120-00-0000", "012-00-0000", "telephone"},
		"telephone: long":        {"0120-00-0000", "01200-0000-0000", "telephone"},
		"telephone: no area":     {"0120-00-0000", "331-1661", "telephone"},
		"telephone: abroad":      {"0120-00-0000", "+81-93-331-1661", "telephone"},
		"telephone: a number":    {`"0120-00-0000"`, "120", "telephone"},
		"office twice":           {`{"desks":[`, strings.TrimSuffix(oneDesk, "]}") + ",", "desks[1]: the office stands twice"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, oneDesk, c.old)
			_, err := ReadDesks(strings.NewReader(strings.Replace(oneDesk, c.old, c.new, 1)))
			require.ErrorContains(t, err, c.says)
		})
	}
	_, err := ReadDesks(strings.NewReader(oneDesk + strings.Repeat(" ", maxDeskFile)))
	require.ErrorContains(t, err, "more than")
	_, err = ReadDesks(iotest.ErrReader(errors.New("disk gone")))
	require.ErrorContains(t, err, "disk gone")
}

func TestLoadDesks(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	absent := filepath.Join(dir, "absent")
	built := Desks()

	desks, err := LoadDesks()
	require.NoError(t, err)
	require.Equal(t, built, desks)
	desks, err = LoadDesks(absent, filepath.Join(dir, "no", "folder"))
	require.NoError(t, err)
	require.Equal(t, built, desks)

	more := write("more", oneDesk)
	again := write("again", strings.ReplaceAll(oneDesk, "0120-00-0000", "0120-11-1111"))
	desks, err = LoadDesks(more, absent, again)
	require.NoError(t, err)
	require.Len(t, desks, len(built)+1)
	require.Equal(t, "0120-11-1111", desks[len(built)].Telephone, "the later file corrects the earlier")

	correction := built[0]
	correction.Telephone = "093-000-0000"
	text, err := json.Marshal(map[string][]Desk{"desks": {correction}})
	require.NoError(t, err)
	desks, err = LoadDesks(write("correction", string(text)))
	require.NoError(t, err)
	require.Len(t, desks, len(built))
	require.Equal(t, correction, desks[0])

	broken := write("broken", "{")
	_, err = LoadDesks(more, broken)
	require.ErrorContains(t, err, broken)
	for _, other := range []string{dir, os.DevNull} {
		_, err = LoadDesks(other)
		require.ErrorContains(t, err, other)
		require.ErrorContains(t, err, "not a regular file")
	}
}

// Several files together are bounded too: the whole directory goes through one message to a browser.
func TestLoadDesksIsBounded(t *testing.T) {
	file := func(name string, entries, office int) string {
		var desks []Desk
		for i := range entries {
			desks = append(desks, Desk{Text{"見本市", name}, Text{fmt.Sprintf("%s%d%s", name, i, strings.Repeat("長", office)), "Office"}, "0120-00-0000"})
		}
		text, err := json.Marshal(map[string][]Desk{"desks": desks})
		require.NoError(t, err)
		path := filepath.Join(t.TempDir(), name)
		require.NoError(t, os.WriteFile(path, text, 0o600))
		return path
	}
	built := len(Desks())
	a, b := file("a", maxDesks-built-1, 0), file("b", 1, 0)
	desks, err := LoadDesks(a, b)
	require.NoError(t, err)
	require.Len(t, desks, maxDesks)
	_, err = LoadDesks(a, b, file("c", 1, 0))
	require.ErrorContains(t, err, "more than 2000 entries")
	_, err = LoadDesks(a, b, b)
	require.NoError(t, err, "corrections are no further entries")
	_, err = LoadDesks(file("d", 900, 190), file("e", 900, 190))
	require.ErrorContains(t, err, "more than")
}

// What was read is written and read again as the same, and shows a person what it holds.
func FuzzReadDesks(f *testing.F) {
	f.Add([]byte(oneDesk))
	f.Add(desksJSON)
	f.Add([]byte(`{"desks":[]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		desks, err := ReadDesks(bytes.NewReader(text))
		if err != nil {
			require.Nil(t, desks)
			return
		}
		written, err := json.Marshal(map[string][]Desk{"desks": desks})
		require.NoError(t, err)
		again, err := ReadDesks(bytes.NewReader(written))
		require.NoError(t, err)
		require.Equal(t, desks, again)
		for _, d := range desks {
			for _, name := range []string{d.Municipality.JA, d.Municipality.EN, d.Office.JA, d.Office.EN} {
				require.NotContains(t, name, "\x1b")
				require.NotContains(t, name, "\n")
				require.NotEmpty(t, strings.TrimSpace(name))
			}
		}
	})
}
