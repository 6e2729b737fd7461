package installer

import (
	"slices"
	"strings"

	"github.com/natsuin/natsuin/manifests"
)

// Caller tells from the program's arguments whether a browser started it, and whether for our
// extension. Chromium passes the extension's origin, on Windows a --parent-window as well; Firefox the
// manifest's path and the add-on's id (ecosystem.md §6.1). The browser enforces the manifest's list
// itself; looking again catches a manifest that somebody else wrote. The further ids are an administrator's.
func Caller(args []string, further map[manifests.Family][]string) (browser, ours bool) {
	switch {
	case len(args) == 0:
		return false, false
	case strings.HasPrefix(args[0], "chrome-extension://"):
		return true, slices.Contains(manifests.Ours(manifests.Chromium, further[manifests.Chromium]...), args[0])
	case len(args) == 2 && strings.HasSuffix(args[0], ".json") && manifests.IsID(manifests.Firefox, args[1]):
		return true, slices.Contains(manifests.Ours(manifests.Firefox, further[manifests.Firefox]...), args[1])
	}
	return false, false
}
