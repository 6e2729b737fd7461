package doctor_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/doctor"
)

// A machine is a folder that stands for a machine's root, and what else a doctor is told.
type machine struct {
	t *testing.T
	doctor.System
	env map[string]string
}

// newMachine is a machine with nothing on it but a home.
func newMachine(t *testing.T) *machine {
	t.Helper()
	m := &machine{t: t, env: map[string]string{"PATH": "/usr/bin"}}
	m.System = doctor.System{
		Root: t.TempDir(), OS: "linux", Home: "/home/taro", Env: func(name string) string { return m.env[name] },
		Program: "/opt/natsuin/natsuin", Version: "0.1.0", Protocol: 1, Build: "go linux/amd64",
		Now: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC),
	}
	m.folder(m.Home)
	return m
}

func (m *machine) folder(path string) {
	m.t.Helper()
	require.NoError(m.t, os.MkdirAll(filepath.Join(m.Root, path), 0o755))
}

// file writes a file that everybody can read, and only its owner change.
func (m *machine) file(path, content string) {
	m.t.Helper()
	m.folder(filepath.Dir(path))
	require.NoError(m.t, os.WriteFile(filepath.Join(m.Root, path), []byte(content), 0o644))
}

func (m *machine) program(path, content string) {
	m.t.Helper()
	m.file(path, content)
	m.mode(path, 0o755)
}

func (m *machine) mode(path string, mode fs.FileMode) {
	m.t.Helper()
	require.NoError(m.t, os.Chmod(filepath.Join(m.Root, path), mode))
}

// link makes a link that leads, inside the machine, to target.
func (m *machine) link(path, target string) {
	m.t.Helper()
	m.folder(filepath.Dir(path))
	relative, err := filepath.Rel(filepath.Join(m.Root, filepath.Dir(path)), filepath.Join(m.Root, target))
	require.NoError(m.t, err)
	require.NoError(m.t, os.Symlink(relative, filepath.Join(m.Root, path)))
}

// socket puts a socket in place: one that was left behind, unless list, the kernel's, says that somebody listens.
func (m *machine) socket(path string) {
	m.t.Helper()
	m.folder(filepath.Dir(path))
	// The name of a socket is short; the folders of a test are long.
	short, err := os.MkdirTemp("", "doctor")
	require.NoError(m.t, err)
	m.t.Cleanup(func() { os.RemoveAll(short) })
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(short, "s"), Net: "unix"})
	require.NoError(m.t, err)
	listener.SetUnlinkOnClose(false)
	require.NoError(m.t, listener.Close())
	require.NoError(m.t, os.Rename(filepath.Join(short, "s"), filepath.Join(m.Root, path)))
}

// found returns what the checks with that id came to: "verdict cause", in their order.
func (m *machine) found(id string) (found []string) {
	for _, c := range m.checks(id) {
		found = append(found, strings.TrimSpace(string(c.Verdict)+" "+c.Cause))
	}
	return found
}

func (m *machine) checks(id string) (checks []doctor.Check) {
	for _, c := range doctor.Run(m.System) {
		if c.ID == id {
			checks = append(checks, c)
		}
	}
	return checks
}

var errNoService = errors.New("NO_SERVICE: connect to the smart card service: service not available")

// errSilent is what the program gets from a service that says nothing.
var errSilent = fmt.Errorf("NO_SERVICE: %w", os.ErrDeadlineExceeded)

// listed is the kernel's list of sockets with one on which a program listens.
func listed(path string) string {
	return "Num       RefCount Protocol Flags    Type St Inode Path\n" +
		"0000000000000000: 00000003 00000000 00000000 0001 03 11111 " + path + "\n" +
		"0000000000000000: 00000002 00000000 00010000 0001 01 22222 " + path + "\n"
}

func TestService(t *testing.T) {
	const socket = "/run/pcscd/pcscd.comm"
	for name, c := range map[string]struct {
		set                 func(*machine)
		service, permission string
		evidence            string
	}{
		"answers":          {func(m *machine) { m.Service = nil }, "ok", "ok", socket},
		"not installed":    {func(*machine) {}, "failure not-installed", "unknown", socket},
		"installed":        {func(m *machine) { m.program("/usr/sbin/pcscd", "") }, "failure not-running", "unknown", "pcscd.socket: –"},
		"with a unit":      {func(m *machine) { m.program("/usr/bin/pcscd", ""); m.file("/usr/lib/systemd/system/pcscd.socket", "") }, "failure not-running", "unknown", "/usr/lib/systemd/system/pcscd.socket"},
		"left behind":      {func(m *machine) { m.socket(socket) }, "failure stale-socket", "unknown", socket},
		"another's socket": {func(m *machine) { m.socket(socket); m.file("/proc/net/unix", listed("/run/other")) }, "failure stale-socket", "unknown", socket},
		"no socket":        {func(m *machine) { m.file(socket, "") }, "failure no-socket", "unknown", socket},
		"refused":          {func(m *machine) { m.socket(socket); m.file("/proc/net/unix", listed(socket)) }, "ok", "failure refused", socket},
		"refused, old unit": {func(m *machine) { m.socket(socket); m.file("/proc/net/unix", listed("/var"+socket)) },
			"ok", "failure refused", socket},
		"silent": {func(m *machine) { m.Service = errSilent; m.socket(socket); m.file("/proc/net/unix", listed(socket)) },
			"failure no-answer", "unknown", socket},
		"silent, gone since": {func(m *machine) { m.Service = errSilent; m.socket(socket) }, "failure stale-socket", "unknown", socket},
		"elsewhere": {func(m *machine) {
			m.env["PCSCLITE_CSOCK_NAME"] = "/tmp/comm"
			m.program("/usr/sbin/pcscd", "")
		}, "failure not-running", "unknown", "/tmp/comm"},
		"not Linux": {func(m *machine) { m.OS = "windows" }, "failure not-running", "", "NO_SERVICE"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			m.Service = errNoService
			c.set(m)
			require.Equal(t, []string{c.service}, m.found("pcsc-service"))
			require.Equal(t, c.permission, strings.Join(m.found("pcsc-permission"), "; "))
			require.Contains(t, m.checks("pcsc-service")[0].Evidence.In("en"), c.evidence)
		})
	}
}

func TestRefusalNamesPolkitAndTheSession(t *testing.T) {
	m := newMachine(t)
	m.Service = errNoService
	m.socket("/run/pcscd/pcscd.comm")
	m.file("/proc/net/unix", listed("/run/pcscd/pcscd.comm"))
	m.file("/usr/share/polkit-1/actions/org.debian.pcsc-lite.policy", "")
	m.file("/run/systemd/sessions/3", "USER=taro\nACTIVE=0\nREMOTE=1\n")
	m.env["XDG_SESSION_ID"] = "3"
	c := m.checks("pcsc-permission")[0]
	require.Contains(t, c.Evidence.In("en"), "polkit: org.debian.pcsc-lite, ACTIVE=0, REMOTE=1")
	require.Contains(t, c.Remedy.In("ja"), "org.debian.pcsc-lite.access_pcsc")
	m.env["XDG_SESSION_ID"] = "../../../etc/passwd"
	require.Contains(t, m.checks("pcsc-permission")[0].Evidence.In("en"), "XDG_SESSION_ID: –")
}

func TestReaders(t *testing.T) {
	for name, c := range map[string]struct {
		readers []string
		summary string
		each    []string
		kind    string
	}{
		"none":             {nil, "failure no-reader", nil, ""},
		"PaSoRi":           {[]string{"SONY FeliCa RC-S300/S (1234567) 00 00"}, "ok", []string{"ok"}, "contactless"},
		"contact":          {[]string{"ACS ACR39U ICC Reader 00 00"}, "ok", []string{"ok"}, "contact:"},
		"simulated":        {[]string{"Virtual PCD 00 00"}, "ok", []string{"ok"}, "simulated"},
		"of unknown kind":  {[]string{"Frobnicator 00 00"}, "ok", []string{"info"}, "unknown"},
		"a security key":   {[]string{"Yubico YubiKey OTP+FIDO+CCID 00 00"}, "failure no-card-reader", []string{"info"}, "security key"},
		"a modem":          {[]string{"Hewlett-Packard HP lt4112 Gobi 4G Module 00 00"}, "failure no-card-reader", []string{"info"}, "SIM"},
		"a slot for a SAM": {[]string{"ACS ACR1252 Dual Reader [ACR1252 Dual Reader SAM] 00 01"}, "failure no-card-reader", []string{"info"}, "SAM"},
		"Windows Hello":    {[]string{"Windows Hello for Business 1"}, "failure no-card-reader", []string{"info"}, "virtual"},
		"both":             {[]string{"Yubico YubiKey CCID 00 00", "I-O DATA USB-NFC4 00 00"}, "ok", []string{"info", "ok"}, "security key"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			for _, r := range c.readers {
				m.Readers = append(m.Readers, doctor.Reader{Name: r})
			}
			require.Equal(t, []string{c.summary}, m.found("readers"))
			require.Equal(t, c.each, m.found("reader"))
			if c.kind != "" {
				require.Contains(t, m.checks("reader")[0].Evidence.In("en"), c.kind)
			}
		})
	}
	m := newMachine(t)
	m.Service = errNoService
	require.Equal(t, []string{"unknown"}, m.found("readers"))
}

func TestUSB(t *testing.T) {
	const plist = `<?xml version="1.0"?><plist><dict>
<key>ifdVendorID</key><array><string>0x054C</string><string>0x072F</string></array>
<key>ifdProductID</key><array><string>0x0DC8</string><string>0x2200</string></array>
<key>ifdFriendlyName</key><array><string>SONY FeliCa RC-S300/S</string><string>ACS ACR122U PICC Interface</string></array>
</dict></plist>`
	for name, c := range map[string]struct {
		id, product, class, driver string
		plist                      string
		readers                    []doctor.Reader
		want                       []string
	}{
		"listed by the driver's name": {id: "054c:0dc8", product: "RC-S300/S", class: "0b", plist: plist, readers: []doctor.Reader{{Name: "SONY FeliCa RC-S300/S (123) 00 00"}}},
		"listed by its own name":      {id: "1234:0001", product: "Other Reader", class: "0b", plist: plist, readers: []doctor.Reader{{Name: "Maker Other Reader 00 00"}}},
		"no driver":                   {id: "054c:0dc8", product: "RC-S300/S", class: "0b", want: []string{"failure driver-missing"}},
		"driver does not know it":     {id: "1234:0001", product: "Other", class: "0b", plist: plist, want: []string{"warning driver-unaware"}},
		"known and not listed":        {id: "054c:0dc8", product: "RC-S300/S", class: "0b", plist: plist, want: []string{"failure not-listed"}},
		"beside another reader":       {id: "054c:0dc8", product: "RC-S300/S", class: "0b", plist: plist, readers: []doctor.Reader{{Name: "ACS ACR39U ICC Reader 00 00"}}, want: []string{"warning not-listed"}},
		"held by the kernel":          {id: "072f:2200", product: "ACR122U", class: "0b", driver: "pn533_usb", plist: plist, want: []string{"failure kernel-module"}},
		"RC-S380 held by the kernel":  {id: "054c:06c1", product: "RC-S380/S", class: "ff", driver: "port100", plist: plist, want: []string{"failure kernel-module"}},
		"RC-S380":                     {id: "054c:06c3", product: "RC-S380/P", class: "ff", plist: plist, want: []string{"failure not-ccid"}},
		"held by pcscd":               {id: "072f:2200", product: "ACR122U", class: "0b", driver: "usbfs", plist: plist, readers: []doctor.Reader{{Name: "ACS ACR122U PICC Interface 00 00"}}},
		"no reader":                   {id: "046d:c534", product: "Mouse", class: "03", driver: "usbhid"},
		"a driver's list cut short":   {id: "054c:0dc8", product: "RC-S300/S", class: "0b", plist: plist[:200], want: []string{"warning driver-unaware"}},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			m.Readers = c.readers
			const device = "/sys/bus/usb/devices/1-2"
			vendor, product, _ := strings.Cut(c.id, ":")
			m.file(device+"/idVendor", vendor+"\n")
			m.file(device+"/idProduct", product+"\n")
			m.file(device+"/product", c.product+"\n")
			m.file(device+":1.0/bInterfaceClass", c.class+"\n")
			if c.driver != "" {
				m.link(device+":1.0/driver", "/sys/bus/usb/drivers/"+c.driver)
			}
			if c.plist != "" {
				m.file("/usr/lib/pcsc/drivers/ifd-ccid.bundle/Contents/Info.plist", c.plist)
			}
			require.Equal(t, c.want, m.found("usb-reader"))
		})
	}
}

func TestAnchors(t *testing.T) {
	m := newMachine(t)
	require.Equal(t, []string{"info some-missing", "ok"}, m.found("trust-anchors"))
	authentication := m.checks("trust-anchors")[0].Evidence.In("en")
	require.Equal(t, "valid 03 (2023), expired 01 (2015), missing 02 (2019)", authentication)
	require.Equal(t, "有効 03（2023年）、期限切れ 01（2015年）、なし 02（2019年）", m.checks("trust-anchors")[0].Evidence.In("ja"))
	require.Contains(t, m.checks("trust-anchors")[0].Remedy.In("ja"), "管理者が設定のtrustで加えられます")
	require.Contains(t, m.checks("trust-anchors")[0].Remedy.In("en"), "an administrator adds it with the setting trust")
	require.NotContains(t, m.checks("trust-anchors")[1].Evidence.In("ja"), "なし")
	m.Now = m.Now.AddDate(20, 0, 0)
	require.Equal(t, []string{"failure none-valid", "failure none-valid"}, m.found("trust-anchors"))
}

// Whatever the machine, a check says what was looked at and what was seen, and a remedy stands wherever there is something to do.
func TestEveryCheckIsComplete(t *testing.T) {
	broken := newMachine(t)
	broken.Service = errNoService
	other := newMachine(t)
	other.OS = "darwin"
	for _, m := range []*machine{newMachine(t), broken, other} {
		for _, c := range doctor.Run(m.System) {
			for _, lang := range []string{"ja", "en"} {
				require.NotEmpty(t, c.Title.In(lang), c.ID)
				require.NotEmpty(t, c.Evidence.In(lang), c.ID)
				require.NotContains(t, c.Evidence.In(lang)+c.Remedy.In(lang)+c.Title.In(lang), "%!", c.ID)
				if c.Verdict == doctor.Warning || c.Verdict == doctor.Failure {
					require.NotEmpty(t, c.Remedy.In(lang), c.ID)
					require.NotEmpty(t, c.Cause, c.ID)
				}
			}
		}
	}
}
