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

	s, err = settings.Read([]byte(`{}`), "darwin")
	require.NoError(t, err)
	require.Zero(t, s)
}

func TestReadRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":               "",
		"null":                  "null",
		"a list":                "[]",
		"two objects":           "{}{}",
		"cut off":               `{"prompt":"any"`,
		"not UTF-8":             "{\"trust\":\"/\xff\"}",
		"an unknown key":        `{"Prompt":"any"}`,
		"a key twice":           `{"prompt":"any","prompt":"system"}`,
		"an unknown prompt":     `{"prompt":"window"}`,
		"a prompt of null":      `{"prompt":null}`,
		"a relative path":       `{"trust":"trust"}`,
		"a path of null":        `{"helpDesks":null}`,
		"another system's path": `{"helpDesks":"C:\\desks.json"}`,
		"an unknown family":     `{"extensionIds":{"safari":["x"]}}`,
		"a family twice":        `{"extensionIds":{"firefox":[],"firefox":[]}}`,
		"no list":               `{"extensionIds":{"firefox":null}}`,
		"an id of null":         `{"extensionIds":{"firefox":[null]}}`,
		"no id":                 `{"extensionIds":{"chromium":["abc"]}}`,
		"an origin":             `{"extensionIds":{"chromium":["chrome-extension://` + ownID + `/"]}}`,
		"another family's id":   `{"extensionIds":{"firefox":["` + ownID + `"]}}`,
		"all":                   `{"extensionIds":{"firefox":["*"]}}`,
		"too many":              `{"extensionIds":{"chromium":["` + ownID + strings.Repeat(`","`+ownID, 20) + `"]}}`,
		"too long":              `{}` + strings.Repeat(" ", 64<<10),
	} {
		t.Run(name, func(t *testing.T) {
			s, err := settings.Read([]byte(text), "linux")
			require.Error(t, err)
			require.Zero(t, s)
		})
	}
}

// What is read is in order, whatever stands in the file, and can be written down and read again.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{`{}`, `{"prompt":"system"}`, `{"trust":"/a","helpDesks":"/b"}`, `{"extensionIds":{"chromium":["` + ownID + `"],"firefox":["a@b"]}}`, `{"prompt":"any","prompt":"any"}`} {
		f.Add([]byte(seed))
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
	require.Nil(t, f.Problem)
	require.Zero(t, f.Settings)
	require.True(t, manifests.IsAbs(runtime.GOOS, f.Path))
}

// The example in the documents for administrators is one.
func TestExampleInTheDocuments(t *testing.T) {
	for _, doc := range []string{"../../docs/administrators.md", "../../docs/administrators.ja.md"} {
		text, err := os.ReadFile(doc)
		require.NoError(t, err)
		_, rest, _ := strings.Cut(string(text), "```json\n")
		example, _, _ := strings.Cut(rest, "```")
		s, err := settings.Read([]byte(example), "linux")
		require.NoError(t, err, doc)
		require.Equal(t, settings.System, s.Prompt)
		require.NotEmpty(t, s.ExtensionIDs)
	}
}
