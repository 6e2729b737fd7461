package doctor

import (
	"bytes"
	"path"
	"path/filepath"
	"strings"

	"github.com/natsuin/natsuin/installer"
)

// A browser is a row of the installer's table, and where the rest of it is on Linux (ecosystem.md §6.2).
type browser struct {
	installer.Browser
	title    string
	programs []string // names of its commands
	places   []string // where it is without being a command
	flatpak  string   // its name there
	system   []string // folders of host manifests for everybody, besides the person's own
	policies string   // folder of the administrator's policies; "" where they are not read
	profiles []string // folders of profiles, below the home
}

var browserFacts = map[string]browser{
	"chromium": {title: "Chromium", programs: []string{"chromium", "chromium-browser"}, flatpak: "org.chromium.Chromium",
		system: []string{"/etc/chromium/native-messaging-hosts"}, policies: "/etc/chromium/policies/managed",
		profiles: []string{".config/chromium", "snap/chromium/common/chromium"}},
	"chrome": {title: "Google Chrome", programs: []string{"google-chrome", "google-chrome-stable"}, places: []string{"/opt/google/chrome/chrome"}, flatpak: "com.google.Chrome",
		system: []string{"/etc/opt/chrome/native-messaging-hosts"}, policies: "/etc/opt/chrome/policies/managed",
		profiles: []string{".config/google-chrome"}},
	"edge": {title: "Microsoft Edge", programs: []string{"microsoft-edge", "microsoft-edge-stable"}, places: []string{"/opt/microsoft/msedge/microsoft-edge"}, flatpak: "com.microsoft.Edge",
		system: []string{"/etc/opt/edge/native-messaging-hosts"}, policies: "/etc/opt/edge/policies/managed",
		profiles: []string{".config/microsoft-edge"}},
	"firefox": {title: "Firefox", programs: []string{"firefox", "firefox-esr"}, places: []string{"/opt/firefox/firefox"}, flatpak: "org.mozilla.firefox",
		system: []string{"/usr/lib/mozilla/native-messaging-hosts", "/usr/lib64/mozilla/native-messaging-hosts"},
		// Since Firefox 147 in .config.
		profiles: []string{".mozilla/firefox", ".config/mozilla/firefox", "snap/firefox/common/.mozilla/firefox"}},
}

// others are browsers that Natsuin is not registered with.
var others = []struct{ command, title string }{
	{"brave-browser", "Brave"}, {"vivaldi", "Vivaldi"}, {"opera", "Opera"}, {"librewolf", "LibreWolf"},
}

// A packaging is how a browser came to the machine, which decides whether it can start other programs.
type packaging string

const (
	native  packaging = "native"
	snap    packaging = "snap"
	flatpak packaging = "flatpak"
)

// An installation is one browser, as it is on this machine.
type installation struct {
	browser
	path      string
	packaging packaging
}

// startsHosts says whether it can start a program outside of itself. Ubuntu's Firefox asks the desktop to, in a snap.
func (i installation) startsHosts() bool {
	return i.packaging == native || i.packaging == snap && i.Name == "firefox"
}

// browsers lists the installed browsers of the installer's table: one entry for each packaging.
func (s System) browsers() (found []installation) {
	for _, row := range installer.Browsers {
		b := browserFacts[row.Name]
		b.Browser = row
		seen := map[packaging]bool{}
		for _, place := range s.candidates(b) {
			if !s.isFile(place) {
				continue
			}
			if p := s.packagingOf(place); !seen[p] {
				seen[p] = true
				found = append(found, installation{b, place, p})
			}
		}
	}
	return found
}

// candidates are all paths at which a browser can be.
func (s System) candidates(b browser) (places []string) {
	folders := append(s.commands(), "/snap/bin", "/var/lib/snapd/snap/bin")
	for _, folder := range folders {
		for _, name := range b.programs {
			places = append(places, path.Join(folder, name))
		}
	}
	places = append(places, b.places...)
	return append(append(places, "/var/lib/flatpak/exports/bin/"+b.flatpak), s.personal(".local/share/flatpak/exports/bin/"+b.flatpak)...)
}

// packagingOf tells by a program's path, by what it is a link to, and, for Ubuntu's placeholders, by what
// the script calls.
func (s System) packagingOf(place string) packaging {
	resolved := place
	if p, err := filepath.EvalSymlinks(s.at(place)); err == nil {
		resolved = s.shown(p)
	}
	for _, p := range []string{place, resolved} {
		switch {
		case strings.Contains(p, "/flatpak/"):
			return flatpak
		case strings.HasPrefix(p, "/snap/"), strings.HasPrefix(p, "/var/lib/snapd/"), p == "/usr/bin/snap":
			return snap
		}
	}
	f, err := s.open(place)
	if err != nil {
		return native
	}
	defer f.Close()
	start := make([]byte, 4096)
	n, _ := f.Read(start) // nothing read is no script
	if bytes.HasPrefix(start[:n], []byte("#!")) && bytes.Contains(start[:n], []byte("/snap/bin/")) {
		return snap
	}
	return native
}

// checkBrowsers lists the browsers, and says which cannot start the host.
func checkBrowsers(s System) []Check {
	if s.OS != "linux" {
		return []Check{{ID: "browsers", Verdict: Unknown, Title: say("ブラウザー", "Browsers"),
			Evidence: say("この版が登録できるのはLinuxのブラウザーだけです", "this version registers with browsers on Linux only")}}
	}
	found := s.browsers()
	usable := false
	for _, i := range found {
		usable = usable || i.startsHosts()
	}
	var checks []Check
	for _, i := range found {
		checks = append(checks, i.check(usable))
	}
	for _, o := range others {
		if place, ok := s.command(o.command); ok {
			checks = append(checks, Check{ID: "browser", Verdict: Info, Cause: "not-supported", Title: same(o.title), Evidence: same(filePath(place)),
				Remedy: say("この版はこのブラウザーには登録しません。", "This version does not register with this browser.")})
		}
	}
	if len(found) == 0 {
		checks = append(checks, Check{ID: "browsers", Verdict: Failure, Cause: "no-browser", Title: say("ブラウザー", "Browsers"),
			Evidence: say("Chromium、Chrome、Edge、Firefoxのどれも見つかりません", "neither Chromium nor Chrome, Edge or Firefox was found"),
			Remedy:   say("どれかをインストールしてください。コマンドラインだけを使うなら、このままでかまいません。", "Install one of them. For the command line alone none is needed.")})
	}
	return checks
}

// check says whether the browser is packaged in a way that lets it start the host.
func (i installation) check(usable bool) Check {
	c := Check{ID: "browser", Verdict: OK, Title: same(i.title), Evidence: same(filePath(i.path))}
	switch {
	case i.packaging == native:
		return c
	case i.startsHosts():
		c.Verdict, c.Cause = Info, "snap-portal"
		c.Evidence = say("%s（snap）。Natsuinの起動はデスクトップのポータルが仲介します", "%s (snap). The desktop's portal starts Natsuin for it", filePath(i.path))
		c.Remedy = say("初めて使うときに出る「拡張機能がNatsuinを起動してよいか」の問いに「許可」と答えてください。xdg-desktop-portalが動いている必要があります。",
			"Allow it when the desktop asks whether the extension may start Natsuin, the first time. xdg-desktop-portal must be running.")
		return c
	}
	c.Verdict, c.Cause = Failure, string(i.packaging)
	if usable {
		c.Verdict = Warning
	}
	c.Evidence = say("%[1]s（%[2]s）。囲いの中で動くため、外のプログラムであるNatsuinを起動できません", "%[1]s (%[2]s). It is confined and cannot start a program outside, such as Natsuin", filePath(i.path), string(i.packaging))
	c.Remedy = say("deb・rpmなどの通常のパッケージのブラウザーを使ってください。", "Use a browser from an ordinary package (deb, rpm).")
	if i.packaging == flatpak && i.Name == "firefox" {
		c.Remedy = say("通常のパッケージのFirefoxを使ってください。Firefox 157以降は、xdg-native-messaging-proxyを入れて有効にすると使えます。",
			"Use Firefox from an ordinary package. Firefox 157 and later can, with xdg-native-messaging-proxy installed and enabled.")
	}
	return c
}
