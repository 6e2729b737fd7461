//go:build install

package install

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/manifests"
)

// Where browsers on a Mac look for everybody's hosts (Chrome's and Edge's "Native messaging", MDN's "Native manifests"), and
// whose manifest each wants.
var hostFolders = map[string]manifests.Family{
	"/Library/Google/Chrome/NativeMessagingHosts":                     manifests.Chromium,
	"/Library/Microsoft/Edge/NativeMessagingHosts":                    manifests.Chromium,
	"/Library/Application Support/Chromium/NativeMessagingHosts":      manifests.Chromium,
	"/Library/Application Support/Mozilla/NativeMessagingHosts":       manifests.Firefox,
	"/Library/Application Support/Vivaldi/NativeMessagingHosts":       manifests.Chromium,
	"/Library/Application Support/Arc/User Data/NativeMessagingHosts": manifests.Chromium,
}

// The package that the variable NATSUIN_PKG names is installed on this very machine, by root, and removed again.
func TestPKG(t *testing.T) {
	pkg := os.Getenv("NATSUIN_PKG")
	require.FileExists(t, pkg, "NATSUIN_PKG is to be the path of a package, of installer/packages/macos/build")
	const folder, name = "/Library/Application Support/Natsuin", "/io.github.natsuin.json"
	require.NoDirExists(t, folder, "something is installed already")
	root := person{}

	root.run(t, "installer", "-pkg", pkg, "-target", "/")
	for place, family := range hostFolders {
		text, err := os.ReadFile(place + name)
		require.NoError(t, err)
		var manifest manifests.HostManifest
		require.NoError(t, json.Unmarshal(text, &manifest))
		require.Equal(t, "io.github.natsuin", manifest.Name)
		require.Equal(t, manifests.Ours(family), manifest.Allowed(family))
		greets(t, root.command(t, manifest.Path, startedWith(family, place+name)...))
	}

	root.run(t, folder+"/uninstall")
	for place := range hostFolders {
		require.NoFileExists(t, place+name)
	}
	require.NoDirExists(t, folder)
}
