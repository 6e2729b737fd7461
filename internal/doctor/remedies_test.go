package doctor_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/manifests"
)

// The remedy is one that helps: what is everybody's takes an administrator, and what is somebody else's is not overwritten.
func TestRemediesOfManifests(t *testing.T) {
	without := `{"name":"` + manifests.HostName + `","path":"/opt/other"}`
	for name, c := range map[string]struct {
		set      func(*machine)
		cause    string
		yes, not string
	}{
		"one's own": {func(m *machine) { m.edit(chromiumManifest, "path", "/opt/gone") }, "dangling", "Run natsuin install.", "sudo"},
		"none":      {func(m *machine) { m.remove(chromiumManifest) }, "absent", "Run natsuin install.", "sudo"},
		"everybody's": {func(m *machine) {
			m.move(chromiumManifest, everybodysManifest)
			m.edit(everybodysManifest, "path", "/opt/gone")
		}, "dangling", "Run sudo natsuin install --system.", "It is not"},
		"everybody's, ids": {func(m *machine) {
			m.move(chromiumManifest, everybodysManifest)
			m.edit(everybodysManifest, "allowed_origins", []string{})
		}, "wrong-extension", "Run sudo natsuin install --system.", "It is not"},
		"everybody's, torn": {func(m *machine) { m.move(chromiumManifest, everybodysManifest); m.file(everybodysManifest, "{") }, "not-json", "Look at this file, and remove it where nobody needs it. Then: Run sudo", "It is not"},
		"without a type":    {func(m *machine) { m.file(chromiumManifest, without) }, "wrong-type", "It is not Natsuin's registration, and natsuin install leaves it. Look at this file", "sudo"},
		"a stranger's gone": {func(m *machine) {
			m.edit(chromiumManifest, "path", "/opt/gone")
			m.edit(chromiumManifest, "allowed_origins", []string{"chrome-extension://x/"})
		}, "dangling", "It is not Natsuin's registration", "sudo"},
		"a stranger's": {func(m *machine) { m.program("/opt/other", ""); m.edit(chromiumManifest, "path", "/opt/other") }, "foreign-program", "It is not Natsuin's registration", "sudo"},
		"another copy's": {func(m *machine) { m.move(chromiumManifest, everybodysManifest); m.Program = "/usr/bin/natsuin" }, "other-installation",
			"To use this program instead: Run sudo natsuin install --system.", "It is not"},
	} {
		t.Run(name, func(t *testing.T) {
			m := registered(t)
			c.set(m)
			found := m.checks("manifest")[0]
			require.Equal(t, c.cause, found.Cause)
			require.Contains(t, found.Remedy.In("en"), c.yes)
			require.NotContains(t, found.Remedy.In("en")+found.Remedy.In("ja"), c.not)
			require.NotContains(t, found.Remedy.In("ja"), "%!")
		})
	}
	m := newMachine(t)
	m.OS, m.Registry = "windows", fakeRegistry{`HKLM\SOFTWARE\Microsoft\Edge\NativeMessagingHosts\` + manifests.HostName: `C:\Natsuin\m.json`}
	m.file("/C/Program Files/Microsoft/Edge/Application/msedge.exe", "")
	m.file("/C/Natsuin/m.json", string(manifests.Host(manifests.Chromium, `C:\Natsuin\gone.exe`)))
	require.Equal(t, "Run natsuin install --system as an administrator.", m.checks("manifest")[0].Remedy.In("en"))
}
