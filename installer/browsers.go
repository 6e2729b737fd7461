// Package installer registers the host with browsers and removes it again: for one person on Linux,
// without rights. Where each browser looks stands in one table.
package installer

import "github.com/natsuin/natsuin/manifests"

// A Browser is one row of the table.
type Browser struct {
	Name   string // as --browser takes it
	Family manifests.Family
	// Manifests is the folder, below the person's home, in which the browser looks for host manifests.
	Manifests string
}

// Browsers is the table for Linux (ecosystem.md §6.2). Firefox keeps its profiles in ~/.config/mozilla
// since 147, yet looks for host manifests in ~/.mozilla alone.
var Browsers = []Browser{
	{"chromium", manifests.Chromium, ".config/chromium/NativeMessagingHosts"},
	{"chrome", manifests.Chromium, ".config/google-chrome/NativeMessagingHosts"},
	{"edge", manifests.Chromium, ".config/microsoft-edge/NativeMessagingHosts"},
	{"firefox", manifests.Firefox, ".mozilla/native-messaging-hosts"},
}
