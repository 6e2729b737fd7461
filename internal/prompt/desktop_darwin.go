package prompt

import (
	"path/filepath"
	"slices"
)

// macPinentryFolders are where pinentry-mac stands besides PATH, which is short for a program that a browser
// started: Homebrew's folders, MacPorts', and GPG Suite's.
var macPinentryFolders = []string{
	"/opt/homebrew/bin", "/usr/local/bin", "/opt/local/bin", "/Applications/MacPorts/pinentry-mac.app/Contents/MacOS",
	"/usr/local/MacGPG2/libexec/pinentry-mac.app/Contents/MacOS",
}

// FindDialogs returns the dialogs that can be shown here: pinentry-mac, then osascript, which is a part of macOS.
// It returns none over SSH: the dialog would stand on a screen that the human may be far from. env looks up a
// variable of the environment: os.Getenv.
func FindDialogs(env func(string) string) []Dialog {
	if env("SSH_CONNECTION") != "" {
		return nil
	}
	folders := slices.Concat(filepath.SplitList(env("PATH")), macPinentryFolders)
	return slices.Concat(programs(Pinentry, []string{"pinentry-mac"}, folders),
		programs(OSAScript, []string{"osascript"}, []string{"/usr/bin"}))
}
