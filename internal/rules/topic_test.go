package rules

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTopicsAreComplete(t *testing.T) {
	strict := json.NewDecoder(bytes.NewReader(topicsJSON))
	strict.DisallowUnknownFields()
	require.NoError(t, strict.Decode(new([]Topic)))

	byID := map[string]Topic{}
	for _, topic := range Topics() {
		require.NotContains(t, byID, topic.ID)
		byID[topic.ID] = topic
	}
	id := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	japanese := regexp.MustCompile(`[\p{Hiragana}\p{Katakana}]`)
	for _, topic := range byID {
		t.Run(topic.ID, func(t *testing.T) {
			require.Regexp(t, id, topic.ID)
			require.Regexp(t, `[\p{Hiragana}\p{Katakana}\p{Han}]`, topic.Title.JA)
			require.NotEmpty(t, topic.Title.EN)
			require.NotRegexp(t, japanese, topic.Title.EN)
			require.NotEmpty(t, topic.Words)
			require.Len(t, topic.Text.EN, len(topic.Text.JA), "as many paragraphs in both languages")
			require.NotEmpty(t, topic.Text.JA)
			for i := range topic.Text.JA {
				require.Regexp(t, japanese, topic.Text.JA[i])
				require.Regexp(t, `。$`, topic.Text.JA[i])
				require.Regexp(t, `^[A-Z][\s\S]*\.$`, topic.Text.EN[i])
			}
			for _, see := range topic.See {
				require.Contains(t, byID, see)
				require.NotEqual(t, topic.ID, see)
			}
		})
	}
}

func TestEveryTopicIsNamedByAnother(t *testing.T) {
	named := map[string]bool{"what-it-is": true} // where reading begins
	for _, topic := range Topics() {
		for _, see := range topic.See {
			named[see] = true
		}
	}
	for _, topic := range Topics() {
		require.True(t, named[topic.ID], topic.ID)
	}
}

func TestTopicsAreFound(t *testing.T) {
	for _, topic := range Topics() {
		byID := Find(topic.ID)
		require.Len(t, byID, 1)
		require.Equal(t, topic, byID[0])
		for _, name := range []string{topic.Title.JA, topic.Title.EN} {
			require.Equal(t, topic.ID, Find(name)[0].ID, name)
			require.Equal(t, topic.ID, Find(strings.ToUpper(name))[0].ID, name)
		}
		for _, word := range topic.Words {
			require.Contains(t, Find(word), topic, word)
		}
	}
}

func TestFindBestFirst(t *testing.T) {
	for words, first := range map[string]string{
		"ロック":                "locked-pin",
		"ﾛｯｸ":                "locked-pin",
		"更新":                 "renewal",
		"renew":              "renewal",
		"ＩＰＨＯＮＥ":             "smartphone",
		"iPhone":             "smartphone",
		"引っ越し":               "moving",
		"継続利用":               "continued-use",
		"結婚":                 "change-of-details",
		"marriage":           "change-of-details",
		"委任状":                "proxies",
		"200円":               "fees",
		"２００円":               "fees",
		"コンビニ　再設定":           "kiosk-reset",
		"Convenience  STORE": "kiosk-reset",
		"forgot":             "forgotten-pin",
		"ｶｰﾄﾞﾘｰﾀﾞｰ":          "card-reader",
		"在留期間":               "foreign-residents",
		"20歳":                "validity-20-for-18",
	} {
		found := Find(words)
		require.NotEmpty(t, found, words)
		require.Equal(t, first, found[0].ID, words)
	}
	for _, words := range []string{"", "  　", "xyzzy"} {
		require.Empty(t, Find(words), words)
	}
}

// What people ask, in their own words. The extension's test reads the same table.
func TestQueries(t *testing.T) {
	table, err := os.ReadFile("testdata/queries.json")
	require.NoError(t, err)
	var queries struct {
		Topics []struct{ Query, First string } // First is "" where nothing is to be found
		Desks  []struct{ Query, Only string }  // the Japanese name of the office
	}
	require.NoError(t, json.Unmarshal(table, &queries))
	for _, q := range queries.Topics {
		found := Find(q.Query)
		if q.First == "" {
			require.Empty(t, found, q.Query)
			continue
		}
		require.NotEmpty(t, found, q.Query)
		require.Equal(t, q.First, found[0].ID, q.Query)
	}
	for _, q := range queries.Desks {
		found := FindDesks(Desks(), q.Query)
		require.Len(t, found, 1, q.Query)
		require.Equal(t, q.Only, found[0].Office.JA, q.Query)
	}
	for _, query := range []string{"", "　", "引っ越し", "093", "xyzzy"} {
		require.Empty(t, FindDesks(Desks(), query), query)
	}
	require.Len(t, FindDesks(Desks(), "北九州市"), len(Desks()))
}

func TestNear(t *testing.T) {
	for words, near := range map[string]string{
		"renewel":    "renewal",
		"forgoten":   "forgotten-pin",
		"smartfone":  "smartphone",
		"継続の利用":      "continued-use",
		"カードリーダ機":    "card-reader",
		"lockedpin":  "locked-pin",
		"kiosks":     "kiosk-reset",
		"certificat": "two-certificates",
	} {
		found := Near(words)
		require.LessOrEqual(t, len(found), 3)
		var ids []string
		for _, topic := range found {
			ids = append(ids, topic.ID)
		}
		require.Contains(t, ids, near, words)
	}
	require.Empty(t, Near("xyzzy"))
	require.Empty(t, Near(""))
}

func TestFold(t *testing.T) {
	for from, to := range map[string]string{
		"ＰＩＮ　１２３４": "pin 1234",
		"ﾊﾟｽﾜｰﾄﾞ":  "パスワード",
		"ｳﾞｧｲｵﾘﾝ":  "ヴァイオリン",
		"ﾞｱﾟ":      "゛ア゜",
		"6〜16":     "6~16",
		"6～16":     "6~16",
		"｢窓口｣":     "「窓口」",
	} {
		require.Equal(t, to, fold(from))
		require.Equal(t, to, fold(to), "folded once is folded for good")
	}
	require.Len(t, halfWidth, 'ﾟ'-'｡'+1)
}
