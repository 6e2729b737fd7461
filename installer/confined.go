package installer

import (
	"bytes"
	"os"
	"path"
	"strings"
)

// A Reach says how a browser can start a program outside of itself, or why it cannot.
type Reach string

// The reaches.
const (
	Direct Reach = "direct"
	// Portal: Ubuntu's Firefox as a snap asks the desktop's portal, which reads the ordinary folders and asks the person.
	Portal Reach = "portal"
	// Proxy: Firefox as a flatpak, from version 157 on and with its setting
	// widget.use-xdg-desktop-portal.native-messaging-proxy, asks xdg-native-messaging-proxy, which is there and which it
	// may talk to. The proxy reads the ordinary folders.
	Proxy Reach = "proxy"
	// ProxyForbidden: the proxy is there, and the flatpak may not talk to it.
	ProxyForbidden Reach = "proxy-forbidden"
	// NoProxy: Firefox as a flatpak could use the proxy, which is not there.
	NoProxy Reach = "no-proxy"
	// Confined: it is in a sandbox, and nothing leads out of it.
	Confined Reach = "confined"
)

// StartsHosts says whether a browser of that reach can start the host.
func (r Reach) StartsHosts() bool { return r == Direct || r == Portal || r == Proxy }

// reach says what a browser can, packaged like that.
func (m Machine) reach(f Facts, p Packaging) Reach {
	switch {
	case p == Native:
		return Direct
	case p == Snap && f.Portal:
		return Portal
	case p != Flatpak || !f.Proxy:
		return Confined
	case !m.hasProxy():
		return NoProxy
	case !m.mayTalkToProxy(f.Flatpak):
		return ProxyForbidden
	}
	return Proxy
}

// proxyName is what xdg-native-messaging-proxy is called on the session bus.
const proxyName = "org.freedesktop.NativeMessagingProxy"

// hasProxy says whether the bus can start the proxy (D-Bus specification, "Message bus starting services").
func (m Machine) hasProxy() bool {
	folders := append(m.Personal(".local/share/dbus-1/services"), "/usr/local/share/dbus-1/services", "/usr/share/dbus-1/services")
	for _, folder := range folders {
		if _, err := os.Stat(m.Disk(path.Join(folder, proxyName+".service"))); err == nil {
			return true
		}
	}
	return false
}

// flatpakFolders are what is below the installations of flatpak: the machine's, then the person's.
func (m Machine) flatpakFolders(below string) []string {
	return append([]string{path.Join("/var/lib/flatpak", below)}, m.Personal(path.Join(".local/share/flatpak", below))...)
}

// mayTalkToProxy reads who may talk to whom as flatpak does: what the application was built with, then the overrides,
// each in the place of what came before (flatpak-metadata(5), flatpak-override(1)).
func (m Machine) mayTalkToProxy(id string) bool {
	files := m.flatpakFolders(path.Join("app", id, "current/active/metadata"))
	for _, overrides := range m.flatpakFolders("overrides") {
		files = append(files, path.Join(overrides, "global"), path.Join(overrides, id))
	}
	allowed := false
	for _, file := range files {
		text, err := m.read(file)
		if err != nil {
			continue
		}
		if policy, ok := sessionBusPolicy(text); ok {
			allowed = policy == "talk" || policy == "own"
		}
	}
	return allowed
}

// sessionBusPolicy returns what a file of flatpak's says of the proxy, if it says anything.
func sessionBusPolicy(text []byte) (policy string, ok bool) {
	group := ""
	for line := range bytes.Lines(text) {
		l := strings.TrimSpace(string(line))
		if strings.HasPrefix(l, "[") {
			group = l
			continue
		}
		if key, value, found := strings.Cut(l, "="); found && group == "[Session Bus Policy]" && strings.TrimSpace(key) == proxyName {
			policy, ok = strings.TrimSpace(value), true
		}
	}
	return policy, ok
}

// proxyOverride lets a flatpak talk to the proxy.
var proxyOverride = []byte("[Session Bus Policy]\n" + proxyName + "=talk\n")

// overrideFolder is where flatpak keeps such files.
func (m Machine) overrideFolder(s Scope) (folder, error) {
	if s == System {
		return everybodys("/var/lib/flatpak/overrides"), nil
	}
	return m.personal(".local/share/flatpak/overrides")
}
