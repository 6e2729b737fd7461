package doctor

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/natsuin/natsuin/internal/prompt"
	"github.com/natsuin/natsuin/internal/rules"
)

// checkPrompt says where a PIN is typed when a page asks for the card: in a dialog of the system, or, where none can
// start, in the extension's own window.
func checkPrompt(s System) []Check {
	c := Check{ID: "prompt", Verdict: OK, Title: say("暗証番号の入力画面", "Where the PIN is typed")}
	if s.OS != "linux" {
		c.Verdict = Info
		c.Evidence = say("拡張機能のウィンドウ（システムの画面はLinuxだけ）", "in the extension's window (system dialogs: Linux only)")
		return []Check{c}
	}
	if found := prompt.FindPinentry(s.Env); len(found) > 0 {
		c.Evidence = say("システムの画面（%s）", "in a system dialog (%s)", strings.Join(found, ", "))
		return []Check{c}
	}
	c.Verdict = Warning
	window := say("拡張機能のウィンドウで入力します", "the extension's own window takes it")
	// Whether the program is there can be told without a display, too.
	graphical := prompt.FindPinentry(func(name string) string {
		if name == "DISPLAY" {
			return ":"
		}
		return s.Env(name)
	})
	text := s.textPinentry()
	switch {
	case s.Env("DISPLAY") == "" && s.Env("WAYLAND_DISPLAY") == "":
		c.Cause = "no-display"
		c.Evidence = rules.Text{JA: "DISPLAYもWAYLAND_DISPLAYもありません。" + window.JA, EN: "neither DISPLAY nor WAYLAND_DISPLAY is set; " + window.EN}
		c.Remedy = say("デスクトップの端末から調べなおしてください。SSHなどの接続では、暗証番号は端末で入力できます。", "Look again from a terminal on the desktop. Over SSH, the PIN can be typed on the terminal.")
		if len(graphical) == 0 {
			c.Remedy = rules.Text{JA: c.Remedy.JA + installPinentry.JA, EN: c.Remedy.EN + " " + installPinentry.EN}
		}
	case text != "":
		c.Cause = "text-only"
		c.Evidence = rules.Text{JA: text + "は端末用です。" + window.JA, EN: text + " asks on a terminal only; " + window.EN}
		c.Remedy = installPinentry
	default:
		c.Cause = "no-pinentry"
		c.Evidence = rules.Text{JA: "pinentryがありません。" + window.JA, EN: "there is no pinentry; " + window.EN}
		c.Remedy = installPinentry
	}
	if browsers := s.windowForbidden(); browsers != "" {
		c.Verdict, c.Cause = Failure, "window-forbidden"
		c.Evidence = rules.Text{JA: c.Evidence.JA + "が、管理者が禁じています（" + browsers + "）", EN: c.Evidence.EN + ", which the administrator forbids (" + browsers + ")"}
	}
	return []Check{c}
}

var installPinentry = say("画面に出るpinentryをインストールしてください（例: sudo apt install pinentry-gnome3、KDEではpinentry-qt）。",
	"Install a graphical pinentry (sudo apt install pinentry-gnome3; on KDE pinentry-qt).")

// textPinentry is a pinentry that asks on a terminal.
func (s System) textPinentry() string {
	for _, folder := range filepath.SplitList(s.Env("PATH")) {
		for _, name := range []string{"pinentry", "pinentry-curses", "pinentry-tty"} {
			if info, err := os.Stat(s.at(filepath.Join(folder, name))); err == nil && info.Mode().IsRegular() {
				return filepath.Join(folder, name)
			}
		}
	}
	return ""
}
