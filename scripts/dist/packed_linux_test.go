//go:build install

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPacked holds what nfpm makes of a package's scripts and of the dialogs that it asks for; dpkg and rpm read it.
func TestPacked(t *testing.T) {
	d := ours(t)
	d.nfpm, d.out = d.file("build/tools/nfpm"), t.TempDir()
	files := []packaged{{member{"usr/bin/natsuin", 0o755, []byte("a program")}, ""}}
	asks := map[string]string{}
	for _, format := range []string{"deb", "rpm"} {
		require.NoError(t, d.pack(format, linuxAMD64, needs{libraries: []string{"libc.so.6"}, glibc: "2.34"}, files))
		recommends, suggests := dialogs(format)
		asks[format] = strings.Join(append(recommends, suggests...), "\n") + "\n"
	}
	tell := func(name string, args ...string) string {
		out, err := exec.CommandContext(t.Context(), name, args...).Output()
		require.NoError(t, err, "%s %s", name, args)
		return string(out)
	}

	deb := filepath.Join(d.out, "natsuin_0.1.0_amd64.deb")
	control := filepath.Join(t.TempDir(), "control")
	tell("dpkg-deb", "--control", deb, control)
	before, err := d.beforeInstall(t.TempDir(), nil)
	require.NoError(t, err)
	for file, source := range map[string]string{"preinst": "preinstall", "postinst": "postinstall", "prerm": "preremove", "postrm": "postremove"} {
		packed, err := os.ReadFile(filepath.Join(control, file))
		require.NoError(t, err)
		written, err := os.ReadFile(d.maintainerScripts("deb", before)[source])
		require.NoError(t, err)
		require.Equal(t, string(written), string(packed), file)
	}
	fields := tell("dpkg-deb", "--show", "--showformat", "${Recommends}, ${Suggests}\n", deb)
	require.Equal(t, asks["deb"], strings.ReplaceAll(fields, ", ", "\n"))
	require.Equal(t, asks["rpm"], tell("rpm", "--query", "--package", "--recommends", "--suggests", filepath.Join(d.out, "natsuin-0.1.0-1.x86_64.rpm")))
}
