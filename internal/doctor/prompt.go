package doctor

import (
	"path/filepath"

	"github.com/natsuin/natsuin/internal/prompt"
)

// checkPrompt says where a PIN is typed when a page asks for the card: in a dialog of the system, or, where none can
// start, in the extension's own window.
func checkPrompt(s System) []Check {
	c := Check{ID: "prompt", Verdict: OK, Title: say("暗証番号の入力画面", "Where the PIN is typed")}
	if found := prompt.FindDialogs(s.Env); len(found) > 0 {
		return []Check{dialogs(c, s, found)}
	}
	c.Verdict = Warning
	window := say("拡張機能のウィンドウで入力します", "the extension's own window takes it")
	// Whether the program is there can be told without a display, too.
	graphical := prompt.FindDialogs(func(name string) string {
		if name == "DISPLAY" {
			return ":"
		}
		return s.Env(name)
	})
	text := s.textPinentry()
	switch {
	case s.OS != "linux":
		c.Cause = "no-display"
		c.Evidence = say("SSHなど、画面のない接続です。%s", "this session has no screen, as over SSH; %s", window)
		c.Remedy = say("パソコンの画面で開いた端末から調べなおしてください。", "Look again from a terminal on the computer's own screen.")
	case s.Env("DISPLAY") == "" && s.Env("WAYLAND_DISPLAY") == "":
		c.Cause = "no-display"
		c.Evidence = say("DISPLAYもWAYLAND_DISPLAYもありません。%s", "neither DISPLAY nor WAYLAND_DISPLAY is set; %s", window)
		c.Remedy = say("デスクトップの端末から調べなおしてください。SSHなどの接続では、暗証番号は端末で入力できます。", "Look again from a terminal on the desktop. Over SSH, the PIN can be typed on the terminal.")
		if len(graphical) == 0 {
			c.Remedy = say("%[1]s%[2]s", "%[1]s %[2]s", c.Remedy, installPinentry)
		}
	case text != "":
		c.Cause = "text-only"
		c.Evidence = say("%[1]sは端末用です。%[2]s", "%[1]s asks on a terminal only; %[2]s", filePath(text), window)
		c.Remedy = installPinentry
	default:
		c.Cause = "no-pinentry"
		c.Evidence = say("pinentryも、ほかの入力画面（zenity、kdialog）もありません。%s", "there is no pinentry and no other dialog (zenity, kdialog); %s", window)
		c.Remedy = installPinentry
	}
	if browsers := s.windowForbidden(); len(browsers) > 0 {
		c.Verdict, c.Cause = Failure, "window-forbidden"
		c.Evidence = say("%[1]sが、管理者が禁じています（%[2]s）", "%[1]s, which the administrator forbids (%[2]s)", c.Evidence, browsers)
	}
	return []Check{c}
}

// dialogs tells which dialogs there are, in the order in which they are tried, and of the first what it cannot do.
func dialogs(c Check, s System, found []prompt.Dialog) Check {
	if found[0].Tool == prompt.OwnWindow {
		c.Evidence = say("Natsuinの入力画面", "in a dialog of Natsuin's own")
		return c
	}
	c.Evidence = say("システムの画面（%s）", "in a system dialog (%s)", programsOf(found))
	if found[0].Tool == prompt.Pinentry {
		return c
	}
	c.Verdict, c.Cause = Info, "plain-dialog"
	c.Evidence = say("%[1]s。このプログラムは、入力された暗証番号をメモリーから消しません。どのサイトが何を求めているかは、このパソコンのほかの利用者にも見えます",
		"%[1]s; its program does not wipe what was typed, and other users of this computer can see which site asks for what", c.Evidence)
	c.Remedy = installPinentry
	if s.OS == "darwin" {
		c.Remedy = say("pinentry-macをインストールすると（例: brew install pinentry-mac）、そちらを使います。", "Natsuin takes pinentry-mac once it is installed (brew install pinentry-mac, for example).")
	}
	return c
}

var installPinentry = say("画面に出るpinentryをインストールしてください（例: sudo apt install pinentry-gnome3、KDEではpinentry-qt）。",
	"Install a graphical pinentry (sudo apt install pinentry-gnome3; on KDE pinentry-qt).")

// textPinentry is a pinentry that asks on a terminal.
func (s System) textPinentry() string {
	for _, folder := range filepath.SplitList(s.Env("PATH")) {
		for _, name := range []string{"pinentry", "pinentry-curses", "pinentry-tty"} {
			if place := filepath.Join(folder, name); s.isFile(place) {
				return place
			}
		}
	}
	return ""
}

func programsOf(list []prompt.Dialog) (paths filePaths) {
	for _, d := range list {
		paths = append(paths, filePath(d.Program))
	}
	return paths
}
