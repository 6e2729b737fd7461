//go:build linux

package e2e

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/e2e/reader"
	"github.com/natsuin/natsuin/manifests"
)

// A patient is a set-up that the shipped program is to judge: a home, a browser, and an environment.
type patient struct {
	t       *testing.T
	home    string
	program string
	env     map[string]string
	as      *syscall.Credential // the user to run as; nil is this one
}

// newPatient is sound but for the card: Chromium is there, registered and extended, and so is a pinentry.
func newPatient(t *testing.T) *patient {
	t.Helper()
	program, err := natsuinProgram()
	require.NoError(t, err)
	// Not t.TempDir: other users must be able to enter it, and a socket's path is short.
	home, err := os.MkdirTemp("", "patient")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(home) })
	require.NoError(t, os.Chmod(home, 0o755))
	p := &patient{t: t, home: home, program: filepath.Join(home, "natsuin"),
		env: map[string]string{"LC_ALL": "C.UTF-8", "HOME": home, "PATH": filepath.Join(home, "bin"), "DISPLAY": ":0",
			"PCSCLITE_CSOCK_NAME": filepath.Join(home, "no-pcscd")}}
	copyProgram(t, program, p.program)
	p.write("bin/chromium", "#!/bin/sh\n", 0o755)
	p.write("bin/pinentry-gtk-2", "#!/bin/sh\n", 0o755)
	p.write(".config/chromium/Default/Extensions/"+manifests.IDs(manifests.Chromium)[0]+"/0.1.0_0/manifest.json", `{"version":"0.1.0"}`, 0o644)
	_, stderr, exit := p.run("install", "--user")
	require.Zero(t, exit, stderr)
	return p
}

func (p *patient) path(name string) string { return filepath.Join(p.home, name) }

func (p *patient) write(name, content string, mode os.FileMode) {
	p.t.Helper()
	require.NoError(p.t, os.MkdirAll(filepath.Dir(p.path(name)), 0o755))
	require.NoError(p.t, os.WriteFile(p.path(name), []byte(content), mode))
	require.NoError(p.t, os.Chmod(p.path(name), mode)) // whatever the umask
}

func (p *patient) run(args ...string) (stdout, stderr string, exit int) {
	p.t.Helper()
	cmd := exec.CommandContext(p.t.Context(), p.program, args...)
	for name, value := range p.env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	if p.as != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: p.as}
	}
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	err := cmd.Run()
	if exited := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exited) {
		require.NoError(p.t, err)
	}
	return out.String(), log.String(), cmd.ProcessState.ExitCode()
}

// on puts the patient's PC/SC onto a reader.
func (p *patient) on(r *reader.Reader) {
	name, value, _ := strings.Cut(r.Env(), "=")
	p.env[name] = value
}

// A finding is a line of the report.
type finding struct{ ID, Verdict, Cause, Title, Evidence, Remedy string }

// examine returns the report. The exit code and the report must agree, and nothing else may be said.
func (p *patient) examine() (findings []finding) {
	p.t.Helper()
	stdout, stderr, exit := p.run("doctor", "--json")
	require.Empty(p.t, stderr)
	var report struct{ Checks []finding }
	require.NoError(p.t, json.Unmarshal([]byte(stdout), &report), stdout)
	failed := slices.ContainsFunc(report.Checks, func(f finding) bool { return f.Verdict == "failure" })
	require.Equal(p.t, map[bool]int{false: 0, true: 10}[failed], exit, stdout)
	return report.Checks
}

// of returns the finding with that id, and, where several have it, that part of its title.
func of(findings []finding, id, title string) finding {
	for _, f := range findings {
		if f.ID == id && strings.Contains(f.Title, title) {
			return f
		}
	}
	return finding{}
}

// The set-ups are built for real, and the shipped program names what is wrong with each.
func TestDoctorNamesTheCause(t *testing.T) {
	t.Parallel()
	const manifest = ".config/chromium/NativeMessagingHosts/" + manifests.HostName + ".json"
	withPath := func(path string) string {
		return strings.ReplaceAll(string(manifests.Host(manifests.Chromium, "PATH")), "PATH", path)
	}
	for name, c := range map[string]struct {
		broken             func(*patient)
		id, title          string
		verdict, cause     string
		evidence           string
		remedyMentionsThis string
	}{
		"no pcscd": {func(*patient) {}, "pcsc-service", "", "failure", "not-running", "no-pcscd", "systemctl"},
		"a socket left behind": {func(p *patient) {
			p.env["PCSCLITE_CSOCK_NAME"] = p.path("comm")
			p.listen("comm", nil).Close()
		}, "pcsc-service", "", "failure", "stale-socket", "left behind", "systemctl"},
		"a service that turns this user away": {func(p *patient) {
			p.env["PCSCLITE_CSOCK_NAME"] = p.path("comm")
			p.listen("comm", func(c net.Conn) { c.Close() })
		}, "pcsc-permission", "", "failure", "refused", "turned this user away", "polkit"},
		"a socket that this user may not write to": {func(p *patient) {
			p.env["PCSCLITE_CSOCK_NAME"] = p.path("comm")
			p.listen("comm", func(c net.Conn) { c.Close() })
			require.NoError(p.t, os.Chmod(p.path("comm"), 0o600))
			if os.Geteuid() == 0 {
				p.as = &syscall.Credential{Uid: 65534, Gid: 65534}
			} else {
				require.NoError(p.t, os.Chmod(p.path("comm"), 0))
			}
		}, "pcsc-permission", "", "failure", "no-permission", "comm", "pcscd"},
		"a service that says nothing": {func(p *patient) {
			p.env["PCSCLITE_CSOCK_NAME"] = p.path("comm")
			p.listen("comm", p.hold)
		}, "pcsc-service", "", "failure", "no-answer", "no answer in time", "Restart it: sudo systemctl restart pcscd"},
		"no manifest":                 {func(p *patient) { p.remove(manifest) }, "manifest", "Chromium", "warning", "absent", manifest, "natsuin install"},
		"not registered at all":       {func(p *patient) { p.run("uninstall", "--user") }, "manifest", "Chromium", "failure", "absent", manifest, "natsuin install"},
		"a manifest that is not JSON": {func(p *patient) { p.write(manifest, "{", 0o644) }, "manifest", "Chromium", "failure", "not-json", manifest, "natsuin install"},
		"a program that is gone":      {func(p *patient) { p.write(manifest, withPath("/opt/gone/natsuin"), 0o644) }, "manifest", "Chromium", "failure", "dangling", "/opt/gone/natsuin", "natsuin install"},
		"a program that everybody can change": {func(p *patient) { require.NoError(p.t, os.Chmod(p.program, 0o777)) },
			"manifest", "Chromium", "failure", "world-writable", "natsuin", "chmod o-w"},
		"another extension's id": {func(p *patient) {
			p.write(manifest, strings.ReplaceAll(withPath(p.program), manifests.IDs(manifests.Chromium)[0], strings.Repeat("a", 32)), 0o644)
		}, "manifest", "Chromium", "failure", "wrong-extension", manifests.IDs(manifests.Chromium)[0], "natsuin install"},
		"somebody else's program under our name": {func(p *patient) {
			p.write("bin/other", "#!/bin/sh\n", 0o755)
			p.write(manifest, withPath(p.path("bin/other")), 0o644)
		}, "manifest", "Chromium", "failure", "foreign-program", "bin/other", "natsuin install"},
		"another installation": {func(p *patient) {
			copyProgram(p.t, p.program, p.path("bin/natsuin"))
			p.write(manifest, withPath(p.path("bin/natsuin")), 0o644)
		}, "manifest", "Chromium", "warning", "other-installation", "bin/natsuin", "natsuin install"},
		"no extension": {func(p *patient) { require.NoError(p.t, os.RemoveAll(p.path(".config/chromium/Default"))) },
			"extension", "Chromium", "warning", "absent", "no profile", "Install"},
		"an extension of another version": {func(p *patient) {
			p.write(".config/chromium/Profile 1/Extensions/"+manifests.IDs(manifests.Chromium)[0]+"/7.0.0_0/manifest.json", `{"version":"7.0.0"}`, 0o644)
		}, "extension", "Chromium", "warning", "other-version", "7.0.0", "one version"},
		"no display":  {func(p *patient) { delete(p.env, "DISPLAY") }, "prompt", "", "warning", "no-display", "DISPLAY", "desktop"},
		"no pinentry": {func(p *patient) { p.remove("bin/pinentry-gtk-2") }, "prompt", "", "warning", "no-pinentry", "no pinentry", "Install"},
		"only pinentry-curses": {func(p *patient) {
			require.NoError(p.t, os.Rename(p.path("bin/pinentry-gtk-2"), p.path("bin/pinentry-curses")))
		},
			"prompt", "", "warning", "text-only", "pinentry-curses", "Install"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPatient(t)
			before := of(p.examine(), c.id, c.title)
			if c.id != "pcsc-service" && c.id != "pcsc-permission" {
				require.Equal(t, "ok", before.Verdict, "what is broken next is sound: %v", before)
			}
			c.broken(p)
			f := of(p.examine(), c.id, c.title)
			require.Equal(t, c.verdict+" "+c.cause, f.Verdict+" "+f.Cause, "%v", f)
			require.Contains(t, f.Evidence, c.evidence)
			require.Contains(t, f.Remedy, c.remedyMentionsThis)
		})
	}
}

// Whatever has a browser's name: nobody writes to these named pipes, and no doctor waits for that.
func TestDoctorWaitsForNoPipe(t *testing.T) {
	t.Parallel()
	p := newPatient(t)
	require.NoError(t, syscall.Mkfifo(p.path("bin/firefox"), 0o755))
	require.NoError(t, syscall.Mkfifo(p.path("bin/vivaldi"), 0o755))
	for _, f := range p.examine() {
		require.NotContains(t, f.Evidence, p.path("bin/firefox"))
		require.NotContains(t, f.Evidence, p.path("bin/vivaldi"))
	}
}

// The home is known without HOME, and where the system knows no home either, the rest is looked at all the same.
func TestDoctorWithoutHOME(t *testing.T) {
	t.Parallel()
	p := newPatient(t)
	delete(p.env, "HOME")
	if _, err := user.Current(); err == nil {
		require.Empty(t, of(p.examine(), "home", ""))
	}
	if os.Geteuid() == 0 {
		p.as = &syscall.Credential{Uid: 54321, Gid: 54321}
		require.Equal(t, "warning home-unknown", strings.Join([]string{of(p.examine(), "home", "").Verdict, of(p.examine(), "home", "").Cause}, " "))
		require.Equal(t, "ok", of(p.examine(), "browser", "Chromium").Verdict)
	}
}

// Of a doctor that was ended while it waited, nothing stays behind.
func TestInterruptedDoctorLeavesNoBundle(t *testing.T) {
	t.Parallel()
	p := newPatient(t)
	p.env["PCSCLITE_CSOCK_NAME"] = p.path("comm")
	waiting := make(chan struct{}, 10)
	p.listen("comm", func(c net.Conn) { p.hold(c); waiting <- struct{}{} })
	reports := filepath.Join(p.home, "reports")
	require.NoError(t, os.Mkdir(reports, 0o755))
	cmd := exec.CommandContext(t.Context(), p.program, "doctor", "--bundle", filepath.Join(reports, "report.json"))
	for name, value := range p.env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	require.NoError(t, cmd.Start())
	<-waiting
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	_ = cmd.Wait() // it was ended
	require.False(t, cmd.ProcessState.Success())
	left, err := os.ReadDir(reports)
	require.NoError(t, err)
	require.Empty(t, left)
}

func (p *patient) remove(name string) {
	p.t.Helper()
	require.NoError(p.t, os.Remove(p.path(name)))
}

// hold keeps a client waiting for an answer.
func (p *patient) hold(c net.Conn) { p.t.Cleanup(func() { c.Close() }) }

// listen puts a service onto a socket in the home, which serves every client so, and leaves the socket behind.
func (p *patient) listen(name string, serve func(net.Conn)) net.Listener {
	p.t.Helper()
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: p.path(name), Net: "unix"})
	require.NoError(p.t, err)
	listener.SetUnlinkOnClose(false)
	p.t.Cleanup(func() { listener.Close() })
	require.NoError(p.t, os.Chmod(p.path(name), 0o666))
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serve(conn)
		}
	}()
	return listener
}

// Where all is in order, the doctor says so; and it follows the card in the reader through everything that can be wrong with it.
func TestDoctorFollowsTheCard(t *testing.T) {
	t.Parallel()
	r := reader.Start(t)
	p := newPatient(t)
	p.on(r)
	sound := p.examine()
	for _, id := range []string{"browser", "manifest", "extension", "prompt", "pcsc-service", "pcsc-permission", "readers", "reader", "card",
		"authentication-pin", "signature-pin", "authentication-certificate"} {
		require.Equal(t, "ok", of(sound, id, "").Verdict, "%s: %v", id, sound)
	}
	require.Equal(t, "issuer-foreign", of(sound, "issuer", "").Cause, "a simulated card never passes for a real one")
	require.Zero(t, r.Verifies(), "no try is touched")

	r.Order("counter auth 0")
	p.await("warning", "authentication-pin", "pin-blocked")
	r.Order("counter auth 1")
	p.await("warning", "authentication-pin", "last-try")
	r.Order("counter auth 3")

	other := hold(t, r)
	p.await("failure", "card", "card-busy")
	other.leave()
	p.await("ok", "card", "")

	r.Order("remove")
	p.await("warning", "card", "no-card")
	r.Order("pcscd stop")
	p.await("failure", "pcsc-service", map[bool]string{true: "stale-socket", false: "not-running"}[exists(p.env["PCSCLITE_CSOCK_NAME"])])
	require.Zero(t, r.Verifies())
}

// await examines until the finding is there: pcscd sees what happens in a reader a moment later.
func (p *patient) await(verdict, id, cause string) {
	p.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; {
		findings := p.examine()
		f := of(findings, id, "")
		if f.Verdict == verdict && f.Cause == cause {
			require.Equal(p.t, verdict == "ok", f.Remedy == "", "%v", f)
			return
		}
		require.True(p.t, time.Now().Before(deadline), "%s is never %s %s: %v", id, verdict, cause, findings)
	}
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func TestDoctorWithoutAReader(t *testing.T) {
	t.Parallel()
	p := newPatient(t)
	p.on(reader.Start(t, "--no-reader"))
	findings := p.examine()
	require.Equal(t, "ok", of(findings, "pcsc-service", "").Verdict)
	f := of(findings, "readers", "")
	require.Equal(t, "failure no-reader", f.Verdict+" "+f.Cause)
}

func TestDoctorWithAnotherCard(t *testing.T) {
	t.Parallel()
	p := newPatient(t)
	p.on(reader.Start(t, "--foreign", "security-key"))
	p.await("failure", "card", "not-jpki")
}

func TestDoctorWithAnExpiredCardOfAnUnknownRoot(t *testing.T) {
	t.Parallel()
	p := newPatient(t)
	p.on(reader.Start(t, "--validity", "expired", "--issuer-name", "j-lis"))
	p.await("warning", "authentication-certificate", "expired")
	p.await("warning", "issuer", "issuer-not-shipped")
}

// The bundle tells of a card that was there, and neither who holds it nor on which day its certificate begins or ends,
// which is a birthday.
func TestDoctorWritesABundleWithoutPersonalData(t *testing.T) {
	t.Parallel()
	r := reader.Start(t)
	p := newPatient(t)
	p.on(r)
	p.await("ok", "authentication-certificate", "")
	file := p.path("report.json")
	host, err := os.Hostname()
	require.NoError(t, err)
	traces := tracesOf(t, r)
	for _, lang := range []string{"en", "ja"} {
		_, stderr, exit := p.run("doctor", "--bundle", file, "--force", "--lang", lang)
		require.Zero(t, exit, stderr)
		require.Contains(t, stderr, file)
		require.Contains(t, stderr, map[string]string{"en": "user name", "ja": "利用者名"}[lang], "what is in it, and what is not")
		info, err := os.Stat(file)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

		bundle, err := os.ReadFile(file)
		require.NoError(t, err)
		var content struct{ Checks []finding }
		require.NoError(t, json.Unmarshal(bundle, &content))
		certificate := of(content.Checks, "authentication-certificate", "")
		require.Equal(t, "ok", certificate.Verdict, "the card was there")
		require.Contains(t, certificate.Evidence, map[string]string{"en": "revocation is not checked", "ja": "失効は確認していません"}[lang])
		report := string(bundle)
		require.Contains(t, report, `~/.config/chromium`)
		require.NotContains(t, report, p.home)
		require.NotContains(t, report, host)
		if u, err := user.Current(); err == nil && u.Uid != "0" {
			require.NotRegexp(t, `\b`+u.Username+`\b`, report)
		}
		for _, trace := range traces {
			require.NotRegexp(t, trace, report)
		}
	}
	_, stderr, exit := p.run("doctor", "--bundle", file)
	require.Equal(t, 1, exit)
	require.Contains(t, stderr, "--force")
}

// tracesOf are patterns of what the card in the reader says of its holder: the names and numbers in both certificates, and
// every form in which a day of their validity can be written, but for the year alone.
func tracesOf(t *testing.T, r *reader.Reader) (patterns []string) {
	t.Helper()
	alone := func(text string) string { return `(^|[^0-9])` + regexp.QuoteMeta(text) + `($|[^0-9])` }
	patterns = append(patterns, "見本", "太郎", "(?i)mihon", "(?i)jpkiap")
	for _, name := range []string{"auth-cert.pem", "sign-cert.pem"} {
		text, err := os.ReadFile(filepath.Join(r.Certificates(), name))
		require.NoError(t, err)
		block, _ := pem.Decode(text)
		require.NotNil(t, block)
		c, err := x509.ParseCertificate(block.Bytes)
		require.NoError(t, err)
		patterns = append(patterns, "(?i)"+c.SerialNumber.Text(16), c.SerialNumber.String(), regexp.QuoteMeta(c.Subject.CommonName))
		for _, moment := range []time.Time{c.NotBefore, c.NotAfter} {
			patterns = append(patterns, alone(strconv.FormatInt(moment.Unix(), 10)))
			for _, zone := range []*time.Location{time.UTC, time.FixedZone("JST", 9*60*60)} {
				day := moment.In(zone)
				for _, form := range []string{"01-02", "1-2", "01/02", "1/2", "02/01", "2/1", "01.02.", "02.01.", "2.1.", "0102", "20060102", "060102", "1月2日", "01月02日"} {
					patterns = append(patterns, alone(day.Format(form)))
				}
				for _, form := range []string{"Jan 2", "Jan _2", "January 2", "2 Jan", "02 Jan", "20060102150405", "060102150405", "T15:04", "15:04:05"} {
					patterns = append(patterns, regexp.QuoteMeta(day.Format(form)))
				}
			}
		}
	}
	return patterns
}
