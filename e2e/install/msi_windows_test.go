//go:build install

package install

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/windows/registry"

	"github.com/natsuin/natsuin/manifests"
)

// The keys below HKLM\SOFTWARE where browsers look for hosts (Chrome's and Edge's "Native messaging", MDN's "Native
// manifests"), and whose manifest each wants.
var hostKeys = map[string]manifests.Family{
	`SOFTWARE\Google\Chrome\NativeMessagingHosts\io.github.natsuin`:  manifests.Chromium,
	`SOFTWARE\Microsoft\Edge\NativeMessagingHosts\io.github.natsuin`: manifests.Chromium,
	`SOFTWARE\Chromium\NativeMessagingHosts\io.github.natsuin`:       manifests.Chromium,
	`SOFTWARE\Mozilla\NativeMessagingHosts\io.github.natsuin`:        manifests.Firefox,
}

// The package that the variable NATSUIN_MSI names is installed on this very machine, by an administrator, and removed again.
func TestMSI(t *testing.T) {
	msi := os.Getenv("NATSUIN_MSI")
	require.FileExists(t, msi, "NATSUIN_MSI is to be the path of a package, of `make dist`")
	admin := person{}
	for key := range hostKeys {
		require.Empty(t, hostManifest(t, key), "%s: something is installed already", key)
	}

	admin.run(t, "msiexec", "/i", msi, "/qn", "/norestart")
	t.Cleanup(func() { _ = admin.command(t, "msiexec", "/x", msi, "/qn", "/norestart").Run() })
	var program string
	for key, family := range hostKeys {
		path := hostManifest(t, key)
		require.FileExists(t, path, key)
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		var manifest manifests.HostManifest
		require.NoError(t, json.Unmarshal(text, &manifest))
		require.Equal(t, "io.github.natsuin", manifest.Name)
		require.Equal(t, "stdio", manifest.Type)
		require.Equal(t, manifests.Ours(family), manifest.Allowed(family))
		if program = manifest.Path; !filepath.IsAbs(program) { // Windows alone allows that
			program = filepath.Join(filepath.Dir(path), program)
		}
		greets(t, admin.command(t, program, startedWith(family, path)...))
	}

	admin.run(t, "msiexec", "/x", msi, "/qn", "/norestart")
	for key := range hostKeys {
		require.Empty(t, hostManifest(t, key), key)
	}
	require.NoDirExists(t, filepath.Dir(program))
}

// hostManifest is what a browser reads at a key: the manifest's path, or "" where there is no such key.
func hostManifest(t *testing.T, key string) string {
	k, err := registry.OpenKey(registry.LOCAL_MACHINE, key, registry.QUERY_VALUE|registry.WOW64_64KEY)
	if err == registry.ErrNotExist {
		return ""
	}
	require.NoError(t, err, key)
	defer k.Close()
	path, _, err := k.GetStringValue("")
	require.NoError(t, err, key)
	return path
}
