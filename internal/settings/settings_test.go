package settings_test

import (
	"encoding/json"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/settings"
	"github.com/natsuin/natsuin/manifests"
)

const ownID = "ponmlkjihgfedcbaponmlkjihgfedcba"

func TestRead(t *testing.T) {
	s, err := settings.Read([]byte(`{"extensionIds":{"chromium":["`+ownID+`"],"firefox":["natsuin@example.jp","{01234567-89ab-cdef-0123-456789abcdef}"]},
		"trust":"/etc/natsuin/trust","helpDesks":"/etc/natsuin/help-desks.json","prompt":"system"}`), "linux")
	require.NoError(t, err)
	require.Equal(t, settings.Settings{
		ExtensionIDs: map[manifests.Family][]string{manifests.Chromium: {ownID}, manifests.Firefox: {"natsuin@example.jp", "{01234567-89ab-cdef-0123-456789abcdef}"}},
		Trust:        "/etc/natsuin/trust", HelpDesks: "/etc/natsuin/help-desks.json", Prompt: settings.System,
	}, s)

	s, err = settings.Read([]byte(` {"prompt":"any","trust":"C:\\Natsuin\\trust"} `), "windows")
	require.NoError(t, err)
	require.Equal(t, settings.Settings{Trust: `C:\Natsuin\trust`}, s)

	s, err = settings.Read([]byte("\uFEFF{\"prompt\":\"system\"}\r\n"), "windows")
	require.NoError(t, err, "as Windows' editors write it")
	require.Equal(t, settings.Settings{Prompt: settings.System}, s)

	s, err = settings.Read([]byte(`{}`), "darwin")
	require.NoError(t, err)
	require.Zero(t, s)
}

func TestReadRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		rule settings.Rule
		key  string
	}{
		"nothing":               {"", settings.Empty, ""},
		"nothing but a mark":    {"\uFEFF \r\n", settings.Empty, ""},
		"two marks":             {"\uFEFF\uFEFF{}", settings.NotJSON, ""},
		"null":                  {"null", settings.NotObject, ""},
		"a list":                {"[]", settings.NotObject, ""},
		"two objects":           {"{}{}", settings.Several, ""},
		"more behind it":        {"{}x", settings.Several, ""},
		"cut off":               {`{"prompt":"any"`, settings.NotJSON, ""},
		"a comma too many":      {`{"prompt":"any",}`, settings.NotJSON, ""},
		"not UTF-8":             {"{\"trust\":\"/\xff\"}", settings.NotUTF8, ""},
		"UTF-16":                {"\xff\xfe{\x00}\x00", settings.NotUTF8, ""},
		"an unknown key":        {`{"Prompt":"any"}`, settings.UnknownKey, "Prompt"},
		"a key twice":           {`{"prompt":"any","prompt":"system"}`, settings.Twice, "prompt"},
		"an unknown prompt":     {`{"prompt":"window"}`, settings.NotPrompt, "prompt"},
		"a prompt of null":      {`{"prompt":null}`, settings.NotPrompt, "prompt"},
		"a relative path":       {`{"trust":"trust"}`, settings.NotPath, "trust"},
		"a path of null":        {`{"helpDesks":null}`, settings.NotPath, "helpDesks"},
		"another system's path": {`{"helpDesks":"C:\\desks.json"}`, settings.NotPath, "helpDesks"},
		"no families":           {`{"extensionIds":["x"]}`, settings.NotObject, "extensionIds"},
		"an unknown family":     {`{"extensionIds":{"safari":["x"]}}`, settings.UnknownKey, "extensionIds.safari"},
		"a family twice":        {`{"extensionIds":{"firefox":[],"firefox":[]}}`, settings.Twice, "extensionIds.firefox"},
		"no list":               {`{"extensionIds":{"firefox":null}}`, settings.NotIDs, "extensionIds.firefox"},
		"an id of null":         {`{"extensionIds":{"firefox":[null]}}`, settings.NotID, "extensionIds.firefox"},
		"no id":                 {`{"extensionIds":{"chromium":["abc"]}}`, settings.NotID, "extensionIds.chromium"},
		"an origin":             {`{"extensionIds":{"chromium":["chrome-extension://` + ownID + `/"]}}`, settings.NotID, "extensionIds.chromium"},
		"another family's id":   {`{"extensionIds":{"firefox":["` + ownID + `"]}}`, settings.NotID, "extensionIds.firefox"},
		"all":                   {`{"extensionIds":{"firefox":["*"]}}`, settings.NotID, "extensionIds.firefox"},
		"too many":              {`{"extensionIds":{"chromium":["` + ownID + strings.Repeat(`","`+ownID, 20) + `"]}}`, settings.NotIDs, "extensionIds.chromium"},
		"too long":              {`{}` + strings.Repeat(" ", 64<<10), settings.TooLong, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := settings.Read([]byte(c.text), "linux")
			var fault *settings.Fault
			require.ErrorAs(t, err, &fault)
			require.Equal(t, []string{string(c.rule), c.key}, []string{string(fault.Rule), fault.Key})
			require.Zero(t, s)
		})
	}
	_, err := settings.Read([]byte(`{"prmpt":"any"}`), "linux")
	require.EqualError(t, err, `"prmpt" is no key of the settings`)
	_, err = settings.Read([]byte("{\n  \"extensionIds\": {\n    \"firefox\": [\"a@b\" \"c@d\"]\n  }\n}\n"), "linux")
	require.EqualError(t, err, "not JSON (line 3)")
	_, err = settings.Read([]byte("{\n  \"prompt\": \"any\""), "linux")
	require.EqualError(t, err, "not JSON (line 2)")
}

// What is read is in order, whatever stands in the file, and can be written down and read again.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{`{}`, `{"prompt":"system"}`, `{"trust":"/a","helpDesks":"/b"}`, `{"extensionIds":{"chromium":["` + ownID + `"],"firefox":["a@b"]}}`, `{"prompt":"any","prompt":"any"}`} {
		f.Add([]byte(seed))
		f.Add([]byte("\uFEFF" + seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := settings.Read(text, "linux")
		if err != nil {
			require.Zero(t, s)
			return
		}
		for family, ids := range s.ExtensionIDs {
			for _, id := range ids {
				require.True(t, manifests.IsID(family, id))
			}
		}
		again := map[string]any{"prompt": "any"}
		if s.Prompt != settings.Any {
			again["prompt"] = s.Prompt
		}
		if s.ExtensionIDs != nil {
			again["extensionIds"] = s.ExtensionIDs
		}
		for key, path := range map[string]string{"trust": s.Trust, "helpDesks": s.HelpDesks} {
			if path != "" {
				require.True(t, manifests.IsAbs("linux", path))
				again[key] = path
			}
		}
		written, err := json.Marshal(again)
		require.NoError(t, err)
		if len(written) <= 64<<10 {
			reread, err := settings.Read(written, "linux")
			require.NoError(t, err)
			require.Equal(t, s, reread)
		}
	})
}

func TestNoFileSettlesNothing(t *testing.T) {
	f := settings.Load(t.TempDir())
	require.False(t, f.There)
	require.Empty(t, f.Problems)
	require.Zero(t, f.Settings)
	require.True(t, manifests.IsAbs(runtime.GOOS, f.Path))
}

// The example in the documents for administrators is one.
func TestExampleInTheDocuments(t *testing.T) {
	for _, doc := range []string{"../../docs/administrators.md", "../../docs/administrators.ja.md"} {
		text, err := os.ReadFile(doc)
		require.NoError(t, err)
		_, rest, _ := strings.Cut(string(text), "```json\n{\n  \"extensionIds\"")
		example, _, _ := strings.Cut(rest, "```")
		s, err := settings.Read([]byte(`{"extensionIds"`+example), "linux")
		require.NoError(t, err, doc)
		require.Equal(t, settings.System, s.Prompt)
		require.NotEmpty(t, s.ExtensionIDs)
	}
}
