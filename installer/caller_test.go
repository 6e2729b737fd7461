package installer_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/installer"
	"github.com/natsuin/natsuin/manifests"
)

func TestCaller(t *testing.T) {
	id := manifests.IDs(manifests.Chromium)[0]
	own := "ponmlkjihgfedcbaponmlkjihgfedcba"
	further := map[manifests.Family][]string{manifests.Chromium: {own}, manifests.Firefox: {"{01234567-89ab-cdef-0123-456789abcdef}"}}
	for name, c := range map[string]struct {
		args          []string
		browser, ours bool
	}{
		"a person":                {[]string{"status", "--json"}, false, false},
		"nobody":                  {nil, false, false},
		"Chromium":                {[]string{"chrome-extension://" + id + "/"}, true, true},
		"Chromium on Windows":     {[]string{"chrome-extension://" + id + "/", "--parent-window=0"}, true, true},
		"another extension":       {[]string{"chrome-extension://abcdefghijklmnopabcdefghijklmnop/"}, true, false},
		"our id as a prefix":      {[]string{"chrome-extension://" + id + "/x"}, true, false},
		"Firefox":                 {[]string{"/home/x/.mozilla/native-messaging-hosts/a.json", "natsuin@natsuin.github.io"}, true, true},
		"another add-on":          {[]string{"/home/x/a.json", "other@example.com"}, true, false},
		"an administrator's":      {[]string{"chrome-extension://" + own + "/"}, true, true},
		"an administrator's GUID": {[]string{"/home/x/a.json", "{01234567-89ab-cdef-0123-456789abcdef}"}, true, true},
		"another's GUID":          {[]string{"/home/x/a.json", "{11111111-89ab-cdef-0123-456789abcdef}"}, true, false},
		"a person verifying JSON": {[]string{"verify-token", "a.json"}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			browser, ours := installer.Caller(c.args, further)
			require.Equal(t, c.browser, browser)
			require.Equal(t, c.ours, ours)
		})
	}
}
