package prompt

import (
	"path/filepath"
	"slices"
	"strings"
)

// The graphical pinentries as distributions install them. The last two of others are alternatives that may
// lead anywhere.
var (
	gnomePinentries = []string{"pinentry-gnome3"}
	qtPinentries    = []string{"pinentry-qt", "pinentry-qt5", "pinentry-qt4"}
	otherPinentries = []string{"pinentry-gtk-2", "pinentry-gtk", "pinentry-fltk", "pinentry-x11", "pinentry"}
)

// FindDialogs returns the dialogs that can be shown here: the graphical pinentries in PATH, then zenity and
// kdialog, the desktop's own first of each. It returns none when there is no display to show one on. env looks
// up a variable of the environment: os.Getenv.
func FindDialogs(env func(string) string) []Dialog {
	if env("DISPLAY") == "" && env("WAYLAND_DISPLAY") == "" {
		return nil
	}
	folders := filepath.SplitList(env("PATH"))
	zenities, kdialogs := programs(Zenity, []string{"zenity"}, folders), programs(KDialog, []string{"kdialog"}, folders)
	if slices.Contains(strings.Split(env("XDG_CURRENT_DESKTOP"), ":"), "KDE") {
		pinentries := slices.Concat(qtPinentries, gnomePinentries, otherPinentries)
		return slices.Concat(programs(Pinentry, pinentries, folders), kdialogs, zenities)
	}
	pinentries := slices.Concat(gnomePinentries, qtPinentries, otherPinentries)
	return slices.Concat(programs(Pinentry, pinentries, folders), zenities, kdialogs)
}
