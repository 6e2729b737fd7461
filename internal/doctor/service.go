package doctor

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

var (
	serviceTitle    = say("カードリーダーのサービス（PC/SC）", "Smart card service (PC/SC)")
	permissionTitle = say("カードリーダーを使う権限", "Permission to use card readers")
)

// checkService asks whether the PC/SC service runs, and whether it lets this person in. The program's
// own question has been asked already; the files tell why it got no answer.
func checkService(s System) []Check {
	service := Check{ID: "pcsc-service", Verdict: OK, Title: serviceTitle}
	permission := Check{ID: "pcsc-permission", Verdict: OK, Title: permissionTitle,
		Evidence: say("サービスがこの利用者に応答しました", "the service answers this user")}
	switch {
	case s.Service == nil && s.OS == "linux":
		service.Evidence = say("応答しました（%s）", "it answers (%s)", filePath(s.socket()))
	case s.Service == nil:
		service.Evidence = say("応答しました", "it answers")
	case s.OS != "linux":
		service.Verdict, service.Cause = Failure, "not-running"
		service.Evidence = same(s.Service)
		service.Remedy = say("Windowsでは「Smart Card」サービスを開始してください。macOSではカードリーダーをつなぎなおし、パソコンを再起動してください。",
			"On Windows, start the service “Smart Card”. On macOS, plug the reader in again and restart the computer.")
		return []Check{service}
	default:
		return s.whyNoService(service, permission)
	}
	return []Check{service, permission}
}

// whyNoService tells apart why pcscd does not answer. Connecting to its socket once more would tell
// nothing that is not told by the socket's file and by the kernel's list of sockets, and this program
// holds no function that connects to anything.
func (s System) whyNoService(service, permission Check) []Check {
	socket := s.socket()
	service.Verdict = Failure
	permission.Verdict = Unknown
	permission.Evidence = say("サービスが動いていないので分かりません", "cannot be told while the service is not running")
	info, err := os.Lstat(s.at(socket))
	switch {
	case errors.Is(err, fs.ErrNotExist) && !s.hasPCSCD():
		service.Cause = "not-installed"
		service.Evidence = say("pcscdが見つからず、ソケット%sもありません", "no pcscd was found, and no socket %s", filePath(socket))
		service.Remedy = say("pcscdとlibccidをインストールしてください（例: sudo apt install pcscd libccid、sudo dnf install pcsc-lite pcsc-lite-ccid）。",
			"Install pcscd and libccid (sudo apt install pcscd libccid, or sudo dnf install pcsc-lite pcsc-lite-ccid).")
	case errors.Is(err, fs.ErrNotExist):
		service.Cause = "not-running"
		service.Evidence = say("pcscdはありますが、ソケット%[1]sがありません（%[2]s）", "pcscd is installed, but there is no socket %[1]s (%[2]s)", filePath(socket), s.unit())
		service.Remedy = s.startRemedy()
	case err == nil && info.Mode().Type() == fs.ModeSocket && s.listening(socket) && errors.Is(s.Service, os.ErrDeadlineExceeded):
		service.Cause = "no-answer"
		service.Evidence = say("動いていますが、時間内に応答しません（%s）", "it is running, but gives no answer in time (%s)", filePath(socket))
		service.Remedy = say("再起動してください: sudo systemctl restart pcscd。続くようなら、カードリーダーを抜いてからもう一度再起動し、つなぎなおしてください。",
			"Restart it: sudo systemctl restart pcscd. If that does not help, unplug the reader, restart it again, and plug the reader in.")
		permission.Evidence = say("サービスが応答しないので分かりません", "cannot be told while the service does not answer")
	case err == nil && info.Mode().Type() == fs.ModeSocket && s.listening(socket):
		service.Verdict = OK
		service.Evidence = say("動いています（%s）", "it is running (%s)", filePath(socket))
		permission = s.whyRefused(permission, socket)
	case err == nil && info.Mode().Type() == fs.ModeSocket:
		service.Cause = "stale-socket"
		service.Evidence = say("ソケット%sはありますが、待ち受けるプログラムがありません（前回の残り）", "the socket %s is there, but no program listens on it: it was left behind", filePath(socket))
		service.Remedy = s.startRemedy()
	case err == nil:
		service.Cause = "no-socket"
		service.Evidence = say("%sはソケットではありません", "%s is not a socket", filePath(socket))
		service.Remedy = say("このファイルを取り除き、pcscdを起動しなおしてください。", "Remove this file and start pcscd again.")
	default:
		service.Cause = "unreachable"
		service.Evidence = say("%[1]sを調べられません: %[2]v", "cannot look at %[1]s: %[2]v", filePath(socket), plain(err))
		service.Remedy = say("フォルダーの権限を確かめてください。", "Look at the permissions of its folders.")
	}
	return []Check{service, permission}
}

// whyRefused tells why a service that runs does not answer this person: the socket's own permissions,
// or polkit, which pcscd asks about every client.
func (s System) whyRefused(c Check, socket string) Check {
	c.Verdict = Failure
	// A socket cannot be opened as a file; without the permission to write, that comes first.
	if f, err := os.OpenFile(s.at(socket), os.O_WRONLY, 0); err == nil {
		f.Close()
	} else if errors.Is(err, fs.ErrPermission) {
		c.Cause = "no-permission"
		c.Evidence = say("%sに書き込む権限がありません", "no permission to write to %s", filePath(socket))
		c.Remedy = say("既定ではだれでも書き込めます（0666）。pcscdを起動しなおし、ソケットの権限を変える設定がないか確かめてください。",
			"By default everybody may (0666). Start pcscd again, and look for settings that change the socket's permissions.")
		return c
	}
	c.Cause = "refused"
	c.Evidence = say("サービスは動いていますが、接続を断りました（%[1]v）。%[2]s", "the service runs, but turned this user away (%[1]v). %[2]s",
		s.Service, s.session())
	c.Remedy = say("polkitが許可していないときの症状です。パソコンの画面から直接ログインしたセッションで試すか、管理者が org.debian.pcsc-lite.access_pcsc と org.debian.pcsc-lite.access_card を許可する規則を /etc/polkit-1/rules.d に置いてください。",
		"This is what happens without polkit's permission. Try it in a session at the machine's own screen, or have the administrator put a rule into /etc/polkit-1/rules.d that permits org.debian.pcsc-lite.access_pcsc and org.debian.pcsc-lite.access_card.")
	return c
}

// socket is the path of pcscd's socket, as libpcsclite finds it.
func (s System) socket() string {
	if path := s.Env("PCSCLITE_CSOCK_NAME"); path != "" {
		return path
	}
	return "/run/pcscd/pcscd.comm"
}

// startRemedy is how pcscd is started; where the environment leads elsewhere, that comes first.
func (s System) startRemedy() Text {
	remedy := say("次のコマンドで起動してください: sudo systemctl enable --now pcscd.socket pcscd", "Start it: sudo systemctl enable --now pcscd.socket pcscd")
	if s.Env("PCSCLITE_CSOCK_NAME") != "" {
		return say("環境変数PCSCLITE_CSOCK_NAMEが別のソケットを指しています。心当たりがなければ取り除いてください。%s",
			"The environment variable PCSCLITE_CSOCK_NAME leads to a socket of its own: remove it unless you meant it. %s", remedy)
	}
	return remedy
}

func (s System) hasPCSCD() bool {
	_, ok := s.command("pcscd")
	return ok
}

// unit names the systemd unit that starts pcscd when it is wanted.
func (s System) unit() string {
	if unit, ok := s.first("/etc/systemd/system/pcscd.socket", "/usr/lib/systemd/system/pcscd.socket", "/lib/systemd/system/pcscd.socket"); ok {
		return unit
	}
	return "pcscd.socket: –"
}

// listening says whether a program accepts connections on the socket, by the kernel's list: address,
// reference count, protocol, flags, type, state, inode, path. Bit 16 of the flags is __SO_ACCEPTCON.
func (s System) listening(socket string) bool {
	const acceptsConnections = "00010000"
	list, err := os.ReadFile(s.at("/proc/net/unix"))
	if err != nil {
		return false
	}
	resolved := socket
	if path, err := filepath.EvalSymlinks(s.at(socket)); err == nil {
		resolved = s.shown(path)
	}
	for line := range strings.Lines(string(list)) {
		fields := strings.Fields(line)
		if len(fields) < 8 || fields[3] != acceptsConnections {
			continue
		}
		path := strings.Join(fields[7:], " ")
		// Systemd's unit may still write /run as /var/run.
		if path == socket || path == resolved || strings.TrimPrefix(path, "/var") == socket {
			return true
		}
	}
	return false
}

// sessionID matches what logind names: sessions, and the seats they are at.
var sessionID = regexp.MustCompile(`^[A-Za-z0-9]+$`)

// session tells what polkit goes by: whether the person sits at the machine.
func (s System) session() string {
	policy := "polkit: –"
	if s.exists("/usr/share/polkit-1/actions/org.debian.pcsc-lite.policy") {
		policy = "polkit: org.debian.pcsc-lite"
	}
	id := s.Env("XDG_SESSION_ID")
	if !sessionID.MatchString(id) {
		return policy + ", XDG_SESSION_ID: –"
	}
	state, err := s.read("/run/systemd/sessions/"+id, maxFile)
	if err != nil {
		return policy + ", session: –"
	}
	for line := range strings.Lines(string(state)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if (key == "ACTIVE" || key == "REMOTE" || key == "SEAT") && sessionID.MatchString(value) {
			policy += ", " + key + "=" + value
		}
	}
	return policy
}
