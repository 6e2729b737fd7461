//go:build unix

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card/simcard"
	"github.com/natsuin/natsuin/internal/rules"
)

// newExplainer is a shell without a card service, in a home of its own: to explain takes neither.
func newExplainer(t *testing.T) (s *shell, home string) {
	home = t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(home, ".config"))
	s = newShell(t, "", simcard.Options{})
	s.noService = true
	return s, home
}

func TestExplainEveryTopic(t *testing.T) {
	s, _ := newExplainer(t)
	for _, lang := range []string{"ja", "en"} {
		require.Zero(t, s.run("", "explain", "--lang", lang))
		list := s.stdout.String()
		for _, topic := range rules.Topics() {
			require.Regexp(t, `(?m)^  `+topic.ID+` +\S`, list)
			require.Contains(t, list, topic.Title.In(lang))
			require.Zero(t, s.run("", "explain", topic.ID, "--lang", lang))
			for _, paragraph := range topic.Text.In(lang) {
				require.Contains(t, s.stdout.String(), paragraph)
			}
		}
	}
	require.Zero(t, s.run("", "explain", "--json"))
	var list struct{ Topics []struct{ ID string } }
	require.NoError(t, json.Unmarshal(s.stdout.Bytes(), &list))
	require.Len(t, list.Topics, len(rules.Topics()))
}

func TestExplainFinds(t *testing.T) {
	s, _ := newExplainer(t)
	for words, wants := range map[string][]string{
		"locked-pin":    {"3 for authentication"},
		"LOCKED-PIN":    {"3 for authentication"},
		"re-issue yen":  {"  reissue ", "  fees ", "  loss "},
		"引っ越し":          {"  moving "},
		"継続利用 暗証番号":     {"  continued-use ", "  moving "},
		"kiosk  reset":  {"  kiosk-reset "},
		"legal counsel": {"needs no permission"}, // the only match is shown at once
	} {
		require.Zero(t, s.run("", append([]string{"explain"}, strings.Split(words, " ")...)...), s.stderr.String())
		for _, want := range wants {
			require.Contains(t, s.stdout.String(), want, words)
		}
	}
	require.Zero(t, s.run("", "explain", "継続利用", "--json"))
	var found struct{ Topics []rules.Topic }
	require.NoError(t, json.Unmarshal(s.stdout.Bytes(), &found))
	require.Equal(t, rules.Find("継続利用"), found.Topics)
}

func TestExplainFindsDesks(t *testing.T) {
	s, _ := newExplainer(t)
	const tobata = "北九州市  戸畑区役所 市民課  093-871-7828\n"
	for _, words := range []string{"戸畑", "tobata", "0938717828"} {
		require.Zero(t, s.run("", "explain", words, "--lang", "ja"), words)
		require.Equal(t, tobata, s.stdout.String())
	}
	require.Zero(t, s.run("", "explain", "戸畑区の電話番号", "--lang", "ja"))
	require.Contains(t, s.stdout.String(), "相談窓口\n", "and the topic")
	require.Contains(t, s.stdout.String(), "\n\n"+tobata)
	require.Zero(t, s.run("", "explain", "戸畑", "--json"))
	require.Contains(t, s.stdout.String(), `"topics": []`)
	require.Contains(t, s.stdout.String(), `"desks": [`)
	require.Zero(t, s.run("", "explain", "help-desks", "--json"))
	require.NotContains(t, s.stdout.String(), `"desks"`)
}

func TestExplainWhatIsNotThere(t *testing.T) {
	s, _ := newExplainer(t)
	require.Zero(t, s.run("", "explain", "renewel"), "the only one that is near is shown")
	require.Contains(t, s.stdout.String(), "Renewing the certificates\n")
	require.Equal(t, 2, s.run("", "explain", "validty"))
	require.Contains(t, s.stderr.String(), "validity (How long card and certificates last), validity-15-17")
	require.Equal(t, 2, s.run("", "explain", "validty", "--lang", "ja"))
	require.Contains(t, s.stderr.String(), "natsuin: TOPIC: 「validty」の説明は見つかりません。近い項目: validity (有効期限)、")
	require.Equal(t, 2, s.run("", "explain", strings.Repeat("あ", maxWords+1), "--lang", "ja"))
	require.Contains(t, s.stderr.String(), "200文字以内")
	require.Less(t, s.stderr.Len(), 1000)
	require.Equal(t, 2, s.run("", "explain", "xyzzy"))
	require.Contains(t, s.stderr.String(), `"xyzzy" is not explained`)
	require.Equal(t, 2, s.run("", "explain", "xy\x1b[2Jzzy"))
	require.NotContains(t, s.stderr.String(), "\x1b")
	for _, nothing := range []string{"", " ", "　"} {
		require.Equal(t, 2, s.run("", "explain", nothing), "%q", nothing)
	}
}

func TestExplainValidity(t *testing.T) {
	s, _ := newExplainer(t)
	require.Zero(t, s.run("", "explain", "validity", "--birth", "1990-01-31", "--issued", "2024-05-01"))
	require.Contains(t, s.stdout.String(), "My Number Card: to 2034-01-31\nAuthentication certificate: to 2029-01-31\nSignature certificate: to 2029-01-31\n")
	require.Contains(t, s.stdout.String(), "See also: validity-adult\n")
	require.Zero(t, s.run("", "explain", "--birth", "2012-01-31", "--issued", "2024-05-01", "--lang", "ja"))
	require.Contains(t, s.stdout.String(), "利用者証明用電子証明書: 2029年1月31日まで\n署名用電子証明書: 発行されません\n")
	require.Contains(t, s.stdout.String(), "関連する項目: validity-under-15、under-15\n")
	require.Zero(t, s.run("", "explain", "validity", "--birth", "2003-01-10", "--issued", "2022-04-20", "--applied", "2022-03-31", "--json"))
	require.JSONEq(t, `{"card":{"until":"2027-01-10","topic":"validity-20-for-18"},"authentication":{"until":"2027-01-10","topic":"validity-20-for-18"},
		"signature":{"until":"2027-01-10","topic":"validity-20-for-18"}}`, s.stdout.String())
	require.Zero(t, s.run("", "explain", "validity", "--birth", "1990-01-31", "--issued", "2024-05-01", "--foreign"))
	require.Contains(t, s.stdout.String(), "--stay-until")
	require.Zero(t, s.run("", "explain", "validity", "--birth", "1990-01-31", "--issued", "2024-05-01", "--foreign", "--stay-until", "2026-04-30"))
	require.Contains(t, s.stdout.String(), "My Number Card: to 2026-04-30")

	require.NotContains(t, s.stdout.String(), "6th birthday", "a stay may end before")
	require.Contains(t, s.stdout.String(), "2026-04-30 (past)")
	require.Zero(t, s.run("", "explain", "--birth", "2003-04-01", "--issued", "2022-05-01", "--lang", "ja"))
	require.Contains(t, s.stdout.String(), "マイナンバーカード: 2032年4月1日まで（2022年3月31日までに申請したカードの場合は2027年4月1日まで。")
	require.Contains(t, s.stdout.String(), "validity-20-for-18")
	require.Equal(t, 2, s.run("", "explain", "--birth", "1990-02-30", "--issued", "2024-05-01", "--lang", "ja"))
	require.Contains(t, s.stderr.String(), "natsuin: --birth: 暦にない日付です。\n「natsuin help explain」で")

	for _, c := range []struct {
		names string
		args  []string
	}{
		{"--issued", []string{"--birth", "2100-01-31", "--issued", "2199-01-01"}},
		{"--birth", []string{"--birth", "1990-02-30", "--issued", "2024-05-01"}},
		{"--birth", []string{"--issued", "2024-05-01"}},
		{"--birth", []string{"--foreign"}},
		{"--birth", []string{"validity", "--birth", "", "--issued", "2024-05-01"}},
		{"--issued", []string{"--birth", "1990-01-31"}},
		{"--issued", []string{"--birth", "1990-01-31", "--issued", "yesterday"}},
		{"--issued", []string{"--birth", "1990-01-31", "--issued", "2015-09-30"}},
		{"--applied", []string{"--birth", "1990-01-31", "--issued", "2024-05-01", "--applied", "2024-05-02"}},
		{"--stay-until", []string{"--birth", "1990-01-31", "--issued", "2024-05-01", "--stay-until", "2026-01-01"}},
		{"TOPIC", []string{"moving", "--birth", "1990-01-31", "--issued", "2024-05-01"}},
	} {
		require.Equal(t, 2, s.run("", append([]string{"explain"}, c.args...)...), c.args)
		require.Contains(t, s.stderr.String(), c.names)
		require.Empty(t, s.stdout.String())
	}
}

func TestExplainDesks(t *testing.T) {
	s, home := newExplainer(t)
	require.Zero(t, s.run("", "explain", "desks", "--lang", "ja"))
	require.Contains(t, s.stdout.String(), "北九州市  門司区役所 市民課（市民係）  093-331-1661\n")

	require.Zero(t, s.run("", "explain", "desks", "--json"))
	own := deskFiles()[len(deskFiles())-1]
	require.True(t, strings.HasPrefix(own, home))
	require.NoError(t, os.MkdirAll(filepath.Dir(own), 0o700))
	require.NoError(t, os.WriteFile(own, []byte(strings.ReplaceAll(s.stdout.String(), "北九州市", "見本市")), 0o600))
	require.Zero(t, s.run("", "explain", "desks", "--lang", "ja"))
	require.Contains(t, s.stdout.String(), "見本市  門司区役所", "what --json prints is what a file may hold")
	require.Contains(t, s.stdout.String(), "北九州市  門司区役所")

	more := filepath.Join(home, "more.json")
	require.Equal(t, 1, s.run("", "explain", "desks", "--desks", more), "a file that was named must be there")
	require.Contains(t, s.stderr.String(), more)
	require.NoError(t, os.WriteFile(more, []byte(`{"desks":[{}]}`), 0o600))
	require.Equal(t, 1, s.run("", "explain", "desks", "--desks", more))
	require.Contains(t, s.stderr.String(), more)
	require.Contains(t, s.stderr.String(), "desks[0]")
	require.Equal(t, 2, s.run("", "explain", "moving", "--desks", more))
	require.Equal(t, 2, s.run("", "explain", "--desks", more))
}

// The documentation's example of a file is one.
func TestDocumentedDesks(t *testing.T) {
	doc, err := os.ReadFile("../docs/cli.md")
	require.NoError(t, err)
	_, rest, _ := strings.Cut(string(doc), "```json\n{\"desks\"")
	example, _, _ := strings.Cut(rest, "```")
	desks, err := rules.ReadDesks(strings.NewReader(`{"desks"` + example))
	require.NoError(t, err)
	require.Len(t, desks, 1)
	require.Contains(t, rules.Desks(), desks[0])
}

// A remedy that names a topic names one that is there.
func TestTopicsThatTextsNameAreThere(t *testing.T) {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	known := map[string]bool{topicDesks: true}
	for _, topic := range rules.Topics() {
		known[topic.ID] = true
	}
	named := regexp.MustCompile(`natsuin explain ([a-z][a-z0-9-]+)`)
	found := 0
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		source, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, name := range named.FindAllStringSubmatch(string(source), -1) {
			if name[1] == "lists" { // "natsuin explain lists what is"
				continue
			}
			found++
			require.True(t, known[name[1]], "%s: %s", path, name[1])
		}
	}
	require.NotZero(t, found)
}
