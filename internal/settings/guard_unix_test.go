//go:build !windows

package settings_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/settings"
)

// A machine is a folder with a settings file in it, which belongs to whoever runs the test.
type machine struct {
	t    *testing.T
	root string
}

func newMachine(t *testing.T, text string) machine {
	t.Helper()
	m := machine{t, t.TempDir()}
	m.write(m.settings(), text)
	return m
}

func (m machine) settings() string { return settings.Load(m.root).Path }

func (m machine) write(path, text string) {
	m.t.Helper()
	require.NoError(m.t, os.MkdirAll(filepath.Join(m.root, filepath.Dir(path)), 0o755))
	require.NoError(m.t, os.WriteFile(filepath.Join(m.root, path), []byte(text), 0o644))
}

func (m machine) chmod(path string, mode os.FileMode) {
	m.t.Helper()
	require.NoError(m.t, os.Chmod(filepath.Join(m.root, path), mode))
}

// replace puts a link where something is, and that elsewhere.
func (m machine) replace(path, elsewhere string) {
	m.t.Helper()
	require.NoError(m.t, os.MkdirAll(filepath.Join(m.root, filepath.Dir(elsewhere)), 0o755))
	require.NoError(m.t, os.Rename(filepath.Join(m.root, path), filepath.Join(m.root, elsewhere)))
	require.NoError(m.t, os.Symlink(elsewhere, filepath.Join(m.root, path)))
}

// A file that administrators alone can write holds, also where links lead to it.
func TestLoad(t *testing.T) {
	const text = `{"prompt":"system","extensionIds":{"firefox":["natsuin@example.jp"]}}`
	for name, prepare := range map[string]func(machine){
		"as it is":        func(machine) {},
		"a linked file":   func(m machine) { m.replace(m.settings(), "/nix/store/settings.json") },
		"a linked folder": func(m machine) { m.replace(filepath.Dir(m.settings()), "/nix/store/natsuin") },
		"in a sticky one": func(m machine) {
			m.replace(m.settings(), "/shared/settings.json")
			m.chmod("/shared", 0o777|os.ModeSticky)
		},
		"for nobody else": func(m machine) { m.chmod(m.settings(), 0o600) },
		"a relative link": func(m machine) {
			require.NoError(m.t, os.Rename(m.root+m.settings(), m.root+m.settings()+".1"))
			require.NoError(m.t, os.Symlink("./../"+filepath.Base(filepath.Dir(m.settings()))+"/settings.json.1", m.root+m.settings()))
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t, text)
			prepare(m)
			f := settings.Load(m.root)
			require.Empty(t, f.Problems)
			require.True(t, f.There)
			require.Equal(t, settings.System, f.Prompt)
			require.NotEmpty(t, f.ExtensionIDs)
		})
	}
}

// What others could have written settles nothing; what cannot be read may have forbidden the extension's window.
func TestLoadRefuses(t *testing.T) {
	const text = `{"prompt":"system","extensionIds":{"firefox":["natsuin@example.jp"]}}`
	for name, c := range map[string]struct {
		prepare func(machine)
		cause   settings.Cause
		prompt  settings.Prompt
	}{
		"everybody's file":    {func(m machine) { m.chmod(m.settings(), 0o646) }, settings.Writable, settings.Any},
		"a group's file":      {func(m machine) { m.chmod(m.settings(), 0o664) }, settings.Writable, settings.Any},
		"everybody's folder":  {func(m machine) { m.chmod(filepath.Dir(m.settings()), 0o777) }, settings.Writable, settings.Any},
		"everybody's parent":  {func(m machine) { m.chmod(filepath.Dir(filepath.Dir(m.settings())), 0o777) }, settings.Writable, settings.Any},
		"by everybody's link": {func(m machine) { m.replace(m.settings(), "/shared/settings.json"); m.chmod("/shared", 0o777) }, settings.Writable, settings.Any},
		"no settings":         {func(m machine) { m.write(m.settings(), "prompt: system") }, settings.NotSettings, settings.System},
		"an unknown key":      {func(m machine) { m.write(m.settings(), `{"colour":"red"}`) }, settings.NotSettings, settings.System},
		"far too long":        {func(m machine) { m.write(m.settings(), string(make([]byte, 1<<20))) }, settings.NotSettings, settings.System},
		"a folder in its place": {func(m machine) {
			require.NoError(m.t, os.Remove(m.root+m.settings()))
			require.NoError(m.t, os.Mkdir(m.root+m.settings(), 0o755))
		}, settings.Unreadable, settings.System},
		"a link to itself": {func(m machine) {
			require.NoError(m.t, os.Remove(m.root+m.settings()))
			require.NoError(m.t, os.Symlink("settings.json", m.root+m.settings()))
		}, settings.Unreadable, settings.System},
		"a link to what is not mounted": {func(m machine) {
			m.replace(m.settings(), "/mnt/share/settings.json")
			require.NoError(m.t, os.RemoveAll(m.root+"/mnt/share"))
		}, settings.Unreadable, settings.System},
		"its folder one": {func(m machine) {
			m.replace(filepath.Dir(m.settings()), "/mnt/share/natsuin")
			require.NoError(m.t, os.RemoveAll(m.root+"/mnt/share"))
		}, settings.Unreadable, settings.System},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t, text)
			c.prepare(m)
			f := settings.Load(m.root)
			require.True(t, f.There)
			require.Len(t, f.Problems, 1)
			require.Equal(t, c.cause, f.Problems[0].Cause)
			require.Equal(t, settings.Settings{Prompt: c.prompt}, f.Settings)
		})
	}
}

// A folder that is elsewhere, and has no settings in it, settles nothing.
func TestNoFileBehindALink(t *testing.T) {
	m := newMachine(t, "{}")
	require.NoError(t, os.Remove(m.root+m.settings()))
	m.replace(filepath.Dir(filepath.Dir(m.settings())), "/usr/etc")
	f := settings.Load(m.root)
	require.False(t, f.There)
	require.Empty(t, f.Problems)
}

// What the file names must not be anybody else's to write either. The rest of the settings holds.
func TestLoadGuardsWhatIsNamed(t *testing.T) {
	const text = `{"trust":"/srv/trust","helpDesks":"/srv/desks/desks.json","prompt":"system"}`
	for name, c := range map[string]struct {
		prepare      func(machine)
		trust, desks bool
		about        []string
	}{
		"in order":           {func(machine) {}, true, true, nil},
		"everybody's root":   {func(m machine) { m.chmod("/srv/trust/a.pem", 0o666) }, false, true, []string{"/srv/trust/a.pem"}},
		"everybody's folder": {func(m machine) { m.chmod("/srv/trust", 0o777|os.ModeSticky) }, false, true, []string{"/srv/trust"}},
		"no folder":          {func(m machine) { require.NoError(m.t, os.RemoveAll(m.root+"/srv/trust")) }, false, true, []string{"/srv/trust"}},
		"everybody's desks":  {func(m machine) { m.chmod("/srv/desks/desks.json", 0o666) }, true, false, []string{"/srv/desks/desks.json"}},
		"no desks":           {func(m machine) { require.NoError(m.t, os.RemoveAll(m.root+"/srv/desks")) }, true, false, []string{"/srv/desks/desks.json"}},
		"both": {func(m machine) { m.chmod("/srv/trust", 0o777); m.chmod("/srv/desks/desks.json", 0o666) }, false, false,
			[]string{"/srv/trust", "/srv/desks/desks.json"}},
		"what is above both": {func(m machine) { m.chmod("/srv", 0o777) }, false, false, []string{"/srv"}},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t, text)
			m.write("/srv/trust/a.pem", "a root")
			m.write("/srv/desks/desks.json", "{}")
			c.prepare(m)
			f := settings.Load(m.root)
			require.Equal(t, settings.System, f.Prompt)
			require.Equal(t, c.trust, f.Trust != "")
			require.Equal(t, c.desks, f.HelpDesks != "")
			var about []string
			for _, p := range f.Problems {
				about = append(about, p.Path)
			}
			require.Equal(t, c.about, about)
		})
	}
}

// What an administrator's program must not be.
func TestLoose(t *testing.T) {
	place, err := settings.Loose("", "/bin/sh")
	require.NoError(t, err)
	require.Empty(t, place)
	_, err = settings.Loose("", "/bin/sh/gone")
	require.Error(t, err)

	// What an administrator has in a folder like /tmp goes there, and then anybody can put something in its place.
	shared := filepath.Join(t.TempDir(), "shared")
	require.NoError(t, os.MkdirAll(shared+"/natsuin", 0o755))
	require.NoError(t, os.WriteFile(shared+"/natsuin/natsuin", nil, 0o755))
	require.NoError(t, os.Chmod(shared, 0o777|os.ModeSticky))
	place, err = settings.Loose("", shared+"/natsuin/natsuin")
	require.NoError(t, err)
	require.NotEmpty(t, place)
}

// On the machine itself a person's own files are not an administrator's.
func TestSomebodyElsesFileIsNotAnAdministrators(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("root is missing: the file is nobody's to give away")
	}
	m := newMachine(t, `{"prompt":"system"}`)
	require.NoError(t, os.Chown(m.root+m.settings(), 65534, 65534))
	f := settings.Load(m.root)
	require.Equal(t, settings.Writable, f.Problems[0].Cause)
	require.Equal(t, settings.Any, f.Prompt)
}
