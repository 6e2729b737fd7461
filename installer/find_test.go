package installer_test

import (
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/installer"
	"github.com/natsuin/natsuin/manifests"
)

func TestFind(t *testing.T) {
	const proxy = "/usr/share/dbus-1/services/org.freedesktop.NativeMessagingProxy.service"
	flatpak := func(r *rig) { r.file("/var/lib/flatpak/exports/bin/org.mozilla.firefox", "") }
	for name, c := range map[string]struct {
		goos string
		set  func(r *rig)
		want []string // name, packaging and reach
	}{
		"none":               {"linux", func(*rig) {}, nil},
		"a package":          {"linux", func(r *rig) { r.file("/usr/bin/chromium", "") }, []string{"chromium native direct"}},
		"in PATH":            {"linux", func(r *rig) { r.env["PATH"] = "relative:/opt/x/bin"; r.file("/opt/x/bin/librewolf", "") }, []string{"librewolf native direct"}},
		"in its own folder":  {"linux", func(r *rig) { r.file("/opt/vivaldi/vivaldi", "") }, []string{"vivaldi native direct"}},
		"a folder of a name": {"linux", func(r *rig) { r.folder("/usr/bin/opera") }, nil},
		"by its profile":     {"linux", func(r *rig) { r.file(r.Home+"/.config/google-chrome/Local State", "{}") }, []string{"chrome native direct"}},
		"by manifests alone": {"linux", func(r *rig) { r.folder(r.Home + "/.config/google-chrome/NativeMessagingHosts") }, nil},
		"two names of one":   {"linux", func(r *rig) { r.file("/usr/bin/firefox-esr", ""); r.link("/usr/bin/firefox", "firefox-esr") }, []string{"firefox native direct"}},
		"Firefox as a snap":  {"linux", func(r *rig) { r.file("/usr/bin/snap", ""); r.link("/snap/bin/firefox", "../../usr/bin/snap") }, []string{"firefox snap portal"}},
		"Chromium as a snap": {"linux", func(r *rig) { r.file("/snap/bin/chromium", "") }, []string{"chromium snap confined"}},
		"Ubuntu's script":    {"linux", func(r *rig) { r.file("/usr/bin/chromium-browser", "#!/bin/sh\nexec /snap/bin/chromium\n") }, []string{"chromium snap confined"}},
		"twice":              {"linux", func(r *rig) { r.file("/snap/bin/firefox", ""); r.file("/usr/bin/firefox", "") }, []string{"firefox native direct", "firefox snap portal"}},
		"Chrome as a flatpak": {"linux", func(r *rig) {
			r.file(r.Home+"/.local/share/flatpak/exports/bin/com.google.Chrome", "")
			r.file(proxy, "")
		}, []string{"chrome flatpak confined"}},
		"without the proxy": {"linux", flatpak, []string{"firefox flatpak no-proxy"}},
		"with the proxy":    {"linux", func(r *rig) { flatpak(r); r.file(proxy, "") }, []string{"firefox flatpak proxy-forbidden"}},
		"by its own manifest": {"linux", func(r *rig) {
			flatpak(r)
			r.file(proxy, "")
			r.file("/var/lib/flatpak/app/org.mozilla.firefox/current/active/metadata", "[Application]\nname=x\n\n[Session Bus Policy]\norg.freedesktop.NativeMessagingProxy=talk\n")
		}, []string{"firefox flatpak proxy"}},
		"taken back": {"linux", func(r *rig) {
			flatpak(r)
			r.file(proxy, "")
			r.file("/var/lib/flatpak/overrides/org.mozilla.firefox", "[Session Bus Policy]\norg.freedesktop.NativeMessagingProxy=talk\n")
			r.file(r.Home+"/.local/share/flatpak/overrides/global", "[Session Bus Policy]\norg.freedesktop.NativeMessagingProxy = none\n")
		}, []string{"firefox flatpak proxy-forbidden"}},
		"of another group": {"linux", func(r *rig) {
			flatpak(r)
			r.file(proxy, "")
			r.file("/var/lib/flatpak/overrides/org.mozilla.firefox", "[System Bus Policy]\norg.freedesktop.NativeMessagingProxy=talk\n")
		}, []string{"firefox flatpak proxy-forbidden"}},
		"on a Mac":       {"darwin", func(r *rig) { r.folder("/Applications/Arc.app"); r.folder(r.Home + "/Applications/Google Chrome.app") }, []string{"chrome native direct", "arc native direct"}},
		"on Windows":     {"windows", func(r *rig) { r.file(`C:\Program Files\Mozilla Firefox\firefox.exe`, "") }, []string{"firefox native direct"}},
		"of one person":  {"windows", func(r *rig) { r.file(r.Home+`\AppData\Local\Programs\Opera\opera.exe`, "") }, []string{"opera native direct"}},
		"an app package": {"windows", func(r *rig) { r.folder(r.Home + `\AppData\Local\Packages\TheBrowserCompany.Arc_ttt1ap7aakyb4`) }, []string{"arc native direct"}},
		"of 32 bits": {"windows", func(r *rig) {
			r.env["ProgramFiles(x86)"] = `D:\x86`
			r.file(`D:\x86\Microsoft\Edge\Application\msedge.exe`, "")
		}, []string{"edge native direct"}},
		"a system unheard": {"plan9", func(*rig) {}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			goos := c.goos
			if _, ok := systems[goos]; !ok {
				goos = "linux"
			}
			r := newRig(t, goos, installer.User)
			r.OS = c.goos
			c.set(r)
			var got []string
			for _, f := range r.Find() {
				got = append(got, f.Name+" "+string(f.Packaging)+" "+string(f.Reach))
			}
			require.Equal(t, c.want, got)
		})
	}
}

// A browser in a sandbox is set up as far as that helps, and told of.
func TestConfinedBrowsers(t *testing.T) {
	const override = "/.local/share/flatpak/overrides/org.mozilla.firefox"
	reaches := func(report installer.Report) (all []installer.Reach) {
		for _, f := range report.Confined {
			all = append(all, f.Reach)
		}
		return all
	}
	r := newRig(t, "linux", installer.User)
	r.file("/snap/bin/chromium", "")
	r.file("/snap/bin/firefox", "")
	r.file("/usr/bin/vivaldi", "")
	report := r.install()
	require.Equal(t, []string{"firefox written", "vivaldi written"}, outcomes(report))
	require.Equal(t, []installer.Reach{installer.Confined, installer.Portal}, reaches(report))
	require.Equal(t, []string{"chromium written"}, outcomes(r.install("chromium")), "whoever asks for it gets it")

	r = newRig(t, "linux", installer.User)
	r.file("/var/lib/flatpak/exports/bin/org.mozilla.firefox", "")
	before := r.state()
	report = r.install()
	require.Empty(t, report.Actions)
	require.Equal(t, []installer.Reach{installer.NoProxy}, reaches(report))
	require.Equal(t, before, r.state(), "not even a folder for the record")

	r.file("/usr/share/dbus-1/services/org.freedesktop.NativeMessagingProxy.service", "")
	before = r.state()
	r.install()
	require.Equal(t, "[Session Bus Policy]\norg.freedesktop.NativeMessagingProxy=talk\n", r.read(r.Home+override))
	require.Equal(t, installer.Proxy, r.Find()[0].Reach)
	require.FileExists(t, r.Disk(r.Home+"/.mozilla/native-messaging-hosts/"+manifests.HostName+".json"))
	installed := r.state()
	r.install()
	require.Equal(t, installed, r.state())
	const changed = "[Session Bus Policy]\norg.freedesktop.NativeMessagingProxy=none\n"
	written := r.read(r.Home + override)
	r.file(r.Home+override, changed)
	r.install()
	require.Equal(t, changed, r.read(r.Home+override), "not even one that was written by an installation")
	r.file(r.Home+override, written)
	require.NoError(t, os.Chmod(r.Disk(r.Home+override), 0o644))
	r.uninstall()
	require.Equal(t, before, r.state())

	r.file(r.Home+override, "[Context]\nsockets=!x11;\n")
	report = r.install()
	require.Equal(t, "[Context]\nsockets=!x11;\n", r.read(r.Home+override), "an override of the person's own is theirs to change")
	require.Equal(t, installer.ProxyForbidden, r.Find()[0].Reach)
	r.uninstall()
	require.FileExists(t, r.Disk(r.Home+override))
}

func TestList(t *testing.T) {
	registrations := func(r *rig, name string) (all []string) {
		list, err := installer.List(r.Machine, r.Program, []string{name})
		require.NoError(t, err)
		require.Len(t, list, 1)
		for _, reg := range list[0].Registrations {
			all = append(all, string(reg.Scope)+" "+string(reg.State)+" "+string(reg.By)+" "+reg.Program)
		}
		return all
	}
	r := newRig(t, "linux", installer.User)
	system := "/etc/chromium/native-messaging-hosts/" + manifests.HostName + ".json"
	manifest := string(manifests.Host(manifests.Chromium, r.Program))
	require.Equal(t, []string{"user absent  ", "system absent  "}, registrations(r, "chromium"))
	r.install("chromium")
	require.Equal(t, []string{"user registered natsuin " + r.Program, "system absent  "}, registrations(r, "chromium"))
	r.file(system, manifest)
	require.Equal(t, "system registered package "+r.Program, registrations(r, "chromium")[1])
	r.file(system, string(manifests.Host(manifests.Chromium, "/opt/gone")))
	require.Equal(t, "system dangling package /opt/gone", registrations(r, "chromium")[1])
	r.file("/opt/other", "x")
	r.file(system, string(manifests.Host(manifests.Chromium, "/opt/other")))
	require.Equal(t, "system foreign other /opt/other", registrations(r, "chromium")[1])
	r.file(system, "{")
	require.Equal(t, "system broken other ", registrations(r, "chromium")[1])
	r.file(r.Home+chromiumPath, "{")
	require.Equal(t, "user broken natsuin ", registrations(r, "chromium")[0])
	r.remove(system)
	r.folder(system)
	require.Equal(t, "system broken other ", registrations(r, "chromium")[1])
	r.remove(system)
	r.link(system, "nowhere")
	require.Equal(t, "system broken other ", registrations(r, "chromium")[1])

	w := newRig(t, "windows", installer.User)
	require.Equal(t, []string{"user absent  ", "system absent  "}, registrations(w, "edge"))
	w.install("edge")
	require.Equal(t, "user registered natsuin "+w.Program, registrations(w, "edge")[0])
	w.remove(w.Home + `\AppData\Local\Natsuin\io.github.natsuin.chromium.json`)
	require.Equal(t, "user broken natsuin ", registrations(w, "edge")[0], "a key that leads nowhere")

	program, manifest := `C:\Program Files\Natsuin\natsuin.exe`, `C:\Program Files\Natsuin\io.github.natsuin.chromium.json`
	w.file(manifest, string(manifests.Host(manifests.Chromium, "natsuin.exe")))
	require.NoError(t, w.registry.Set(`HKLM\SOFTWARE\Microsoft\Edge\NativeMessagingHosts\`+manifests.HostName, manifest))
	require.Equal(t, "system dangling package "+program, registrations(w, "edge")[1], "a package's, which has its program beside it")
	w.Program = program
	w.file(program, "the host")
	require.Equal(t, "system registered package "+program, registrations(w, "edge")[1])
	w.Scope = installer.System
	require.Equal(t, []string{"edge written"}, outcomes(w.install("edge")))

	list, err := installer.List(w.Machine, w.Program, nil)
	require.NoError(t, err)
	require.Len(t, list, len(installer.Browsers))
	r.Home = ""
	list, err = installer.List(r.Machine, r.Program, nil)
	require.NoError(t, err)
	require.False(t, slices.ContainsFunc(list, func(l installer.Listed) bool { return l.Name == "arc" }))
	require.Len(t, list[0].Registrations, 1, "where nobody knows the home, what is everybody's is listed")
}
