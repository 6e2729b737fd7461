package installer

import (
	"slices"
	"strings"

	"github.com/natsuin/natsuin/manifests"
)

// Caller tells from the program's arguments whether a browser started it, and whether for our
// extension. Chromium passes the extension's origin, on Windows a --parent-window as well; Firefox the
// manifest's path and the add-on's id (ecosystem.md §6.1). The browser enforces the manifest's list
// itself; looking again catches a manifest that somebody else wrote.
func Caller(args []string) (browser, ours bool) {
	switch {
	case len(args) == 0:
		return false, false
	case strings.HasPrefix(args[0], "chrome-extension://"):
		for _, id := range manifests.IDs(manifests.Chromium) {
			if args[0] == manifests.ChromiumOrigin(id) {
				return true, true
			}
		}
		return true, false
	case len(args) == 2 && strings.HasSuffix(args[0], ".json") && strings.Contains(args[1], "@"):
		return true, slices.Contains(manifests.IDs(manifests.Firefox), args[1])
	}
	return false, false
}
