// Package installer registers the host with browsers and removes it again, for one person or for
// everybody on a machine. Where each browser looks stands in one table; what was written stands in a
// record, by which it is removed again.
package installer

import "github.com/natsuin/natsuin/manifests"

// A Browser is one row of the table.
type Browser struct {
	Name   string // as --browser takes it
	Title  string // as people call it
	Family manifests.Family

	Linux, MacOS, Windows Facts
}

// Facts tell where a browser and what belongs to it is on one operating system. A browser without User
// and System does not exist there.
type Facts struct {
	// User and System hold where the browser looks for host manifests: folders, User's below the
	// person's home, or, on Windows, the registry's keys below SOFTWARE in HKCU and in HKLM.
	User, System []string
	// Programs are the browser's own: commands on Linux, bundles in an Applications folder on macOS;
	// on Windows paths below a program folder.
	Programs []string
	// Places are where it is without being one of Programs: paths on Linux, folders below
	// %LOCALAPPDATA% on Windows.
	Places []string
	// Profiles are the folders of what the browser remembers, below the person's home.
	Profiles []string
	// Policies is the folder of the administrator's policies; "" where it is not known.
	Policies string
	// Flatpak is the browser's id there; "" is none.
	Flatpak string
	// Portal says that the browser as a snap starts hosts through the desktop's portal, Proxy that it
	// does as a flatpak, through xdg-native-messaging-proxy.
	Portal, Proxy bool
}

// On returns the facts for an operating system, named as runtime.GOOS does.
func (b Browser) On(goos string) Facts {
	switch goos {
	case "linux":
		return b.Linux
	case "darwin":
		return b.MacOS
	case "windows":
		return b.Windows
	}
	return Facts{}
}

// Exists says whether there is such a browser on that system.
func (f Facts) Exists() bool { return len(f.User)+len(f.System) > 0 }

// support is where programs keep what is theirs on macOS.
const support = "Library/Application Support/"

// keys are the registry's keys that a browser reads, for a person and for a machine.
func keys(names ...string) (both []string) {
	for _, name := range names {
		both = append(both, name+`\NativeMessagingHosts`)
	}
	return both
}

// Browsers is the table. Its sources are Chrome's "Native messaging", Microsoft's "Native messaging", MDN's
// "Native manifests", and for the others what KeePassXC, gopass and browserpass register (ecosystem.md §6.2).
// Where these disagree, a browser has several places, and all are used.
var Browsers = []Browser{
	{
		Name: "chromium", Title: "Chromium", Family: manifests.Chromium,
		Linux: Facts{
			User: []string{".config/chromium/NativeMessagingHosts"}, System: []string{"/etc/chromium/native-messaging-hosts"},
			Programs: []string{"chromium", "chromium-browser"}, Flatpak: "org.chromium.Chromium",
			Profiles: []string{".config/chromium", "snap/chromium/common/chromium"}, Policies: "/etc/chromium/policies/managed",
		},
		MacOS: Facts{
			User: []string{support + "Chromium/NativeMessagingHosts"}, System: []string{"/" + support + "Chromium/NativeMessagingHosts"},
			Programs: []string{"Chromium.app"}, Profiles: []string{support + "Chromium"},
		},
		Windows: Facts{User: keys("Chromium"), System: keys("Chromium"), Programs: []string{`Chromium\Application\chrome.exe`}},
	},
	{
		Name: "chrome", Title: "Google Chrome", Family: manifests.Chromium,
		Linux: Facts{
			User: []string{".config/google-chrome/NativeMessagingHosts"}, System: []string{"/etc/opt/chrome/native-messaging-hosts"},
			Programs: []string{"google-chrome", "google-chrome-stable"}, Places: []string{"/opt/google/chrome/chrome"}, Flatpak: "com.google.Chrome",
			Profiles: []string{".config/google-chrome"}, Policies: "/etc/opt/chrome/policies/managed",
		},
		MacOS: Facts{
			User: []string{support + "Google/Chrome/NativeMessagingHosts"}, System: []string{"/Library/Google/Chrome/NativeMessagingHosts"},
			Programs: []string{"Google Chrome.app"}, Profiles: []string{support + "Google/Chrome"},
		},
		Windows: Facts{User: keys(`Google\Chrome`), System: keys(`Google\Chrome`), Programs: []string{`Google\Chrome\Application\chrome.exe`}},
	},
	{
		Name: "edge", Title: "Microsoft Edge", Family: manifests.Chromium,
		Linux: Facts{
			User: []string{".config/microsoft-edge/NativeMessagingHosts"}, System: []string{"/etc/opt/edge/native-messaging-hosts"},
			Programs: []string{"microsoft-edge", "microsoft-edge-stable"}, Places: []string{"/opt/microsoft/msedge/microsoft-edge"}, Flatpak: "com.microsoft.Edge",
			Profiles: []string{".config/microsoft-edge"}, Policies: "/etc/opt/edge/policies/managed",
		},
		MacOS: Facts{
			User: []string{support + "Microsoft Edge/NativeMessagingHosts"}, System: []string{"/Library/Microsoft/Edge/NativeMessagingHosts"},
			Programs: []string{"Microsoft Edge.app"}, Profiles: []string{support + "Microsoft Edge"},
		},
		Windows: Facts{User: keys(`Microsoft\Edge`), System: keys(`Microsoft\Edge`), Programs: []string{`Microsoft\Edge\Application\msedge.exe`}},
	},
	{
		Name: "brave", Title: "Brave", Family: manifests.Chromium,
		Linux: Facts{
			User: []string{".config/BraveSoftware/Brave-Browser/NativeMessagingHosts"}, System: []string{"/etc/opt/chrome/native-messaging-hosts"},
			Programs: []string{"brave-browser", "brave-browser-stable", "brave"}, Places: []string{"/opt/brave.com/brave/brave-browser"}, Flatpak: "com.brave.Browser",
			Profiles: []string{".config/BraveSoftware/Brave-Browser"}, Policies: "/etc/brave/policies/managed",
		},
		MacOS: Facts{
			User: []string{support + "BraveSoftware/Brave-Browser/NativeMessagingHosts"}, System: []string{"/Library/Google/Chrome/NativeMessagingHosts"},
			Programs: []string{"Brave Browser.app"}, Profiles: []string{support + "BraveSoftware/Brave-Browser"},
		},
		Windows: Facts{User: keys(`Google\Chrome`), System: keys(`Google\Chrome`), Programs: []string{`BraveSoftware\Brave-Browser\Application\brave.exe`}},
	},
	{
		Name: "vivaldi", Title: "Vivaldi", Family: manifests.Chromium,
		Linux: Facts{
			User:     []string{".config/vivaldi/NativeMessagingHosts"},
			System:   []string{"/etc/opt/vivaldi/native-messaging-hosts", "/etc/chromium/native-messaging-hosts"},
			Programs: []string{"vivaldi", "vivaldi-stable"}, Places: []string{"/opt/vivaldi/vivaldi"}, Flatpak: "com.vivaldi.Vivaldi",
			Profiles: []string{".config/vivaldi"},
		},
		MacOS: Facts{
			User: []string{support + "Vivaldi/NativeMessagingHosts"}, System: []string{"/" + support + "Vivaldi/NativeMessagingHosts"},
			Programs: []string{"Vivaldi.app"}, Profiles: []string{support + "Vivaldi"},
		},
		Windows: Facts{User: keys(`Google\Chrome`), System: keys(`Google\Chrome`), Programs: []string{`Vivaldi\Application\vivaldi.exe`}},
	},
	{
		// Opera says nowhere where it looks, and reports name Chrome's places as well as its own.
		Name: "opera", Title: "Opera", Family: manifests.Chromium,
		Linux: Facts{
			User:     []string{".config/opera/NativeMessagingHosts", ".config/google-chrome/NativeMessagingHosts"},
			System:   []string{"/etc/opt/chrome/native-messaging-hosts"},
			Programs: []string{"opera", "opera-stable"}, Flatpak: "com.opera.Opera", Profiles: []string{".config/opera"},
		},
		MacOS: Facts{
			User:     []string{support + "com.operasoftware.Opera/NativeMessagingHosts", support + "Google/Chrome/NativeMessagingHosts"},
			System:   []string{"/Library/Google/Chrome/NativeMessagingHosts"},
			Programs: []string{"Opera.app"}, Profiles: []string{support + "com.operasoftware.Opera"},
		},
		Windows: Facts{
			User: keys("Opera Software", `Google\Chrome`), System: keys("Opera Software", `Google\Chrome`),
			Programs: []string{`Opera\opera.exe`, `Programs\Opera\opera.exe`},
		},
	},
	{
		Name: "arc", Title: "Arc", Family: manifests.Chromium,
		MacOS: Facts{
			User: []string{support + "Arc/User Data/NativeMessagingHosts"}, System: []string{"/" + support + "Arc/User Data/NativeMessagingHosts"},
			Programs: []string{"Arc.app"}, Profiles: []string{support + "Arc/User Data"},
		},
		// On Windows it comes as an app package, and its program is not among the others.
		Windows: Facts{User: keys(`Google\Chrome`), System: keys(`Google\Chrome`), Places: []string{`Packages\TheBrowserCompany.Arc_ttt1ap7aakyb4`}},
	},
	{
		Name: "firefox", Title: "Firefox", Family: manifests.Firefox,
		Linux: Facts{
			// Firefox keeps its profiles in ~/.config/mozilla since 147, yet looks for host manifests in ~/.mozilla alone.
			User:     []string{".mozilla/native-messaging-hosts"},
			System:   []string{"/usr/lib/mozilla/native-messaging-hosts", "/usr/lib64/mozilla/native-messaging-hosts"},
			Programs: []string{"firefox", "firefox-esr"}, Places: []string{"/opt/firefox/firefox"}, Flatpak: "org.mozilla.firefox",
			Profiles: []string{".mozilla/firefox", ".config/mozilla/firefox", "snap/firefox/common/.mozilla/firefox"},
			Portal:   true, Proxy: true,
		},
		MacOS: Facts{
			User: []string{support + "Mozilla/NativeMessagingHosts"}, System: []string{"/" + support + "Mozilla/NativeMessagingHosts"},
			Programs: []string{"Firefox.app"}, Profiles: []string{support + "Firefox/Profiles"},
		},
		Windows: Facts{User: keys("Mozilla"), System: keys("Mozilla"), Programs: []string{`Mozilla Firefox\firefox.exe`}},
	},
	{
		Name: "librewolf", Title: "LibreWolf", Family: manifests.Firefox,
		Linux: Facts{
			User: []string{".librewolf/native-messaging-hosts"},
			// Its packages for Fedora keep everything below /usr/share.
			System:   []string{"/usr/lib/librewolf/native-messaging-hosts", "/usr/lib64/librewolf/native-messaging-hosts", "/usr/share/librewolf/native-messaging-hosts"},
			Programs: []string{"librewolf"}, Flatpak: "io.gitlab.librewolf-community", Profiles: []string{".librewolf"},
		},
		MacOS: Facts{
			User: []string{support + "LibreWolf/NativeMessagingHosts"}, System: []string{"/" + support + "LibreWolf/NativeMessagingHosts"},
			Programs: []string{"LibreWolf.app"}, Profiles: []string{support + "LibreWolf/Profiles"},
		},
		Windows: Facts{User: keys("Mozilla"), System: keys("Mozilla"), Programs: []string{`LibreWolf\librewolf.exe`}},
	},
}

// Named returns the row with that name.
func Named(name string) (Browser, bool) {
	for _, b := range Browsers {
		if b.Name == name {
			return b, true
		}
	}
	return Browser{}, false
}
