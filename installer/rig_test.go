package installer_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/installer"
	"github.com/natsuin/natsuin/manifests"
)

// A rig is a folder that stands for a machine of any operating system.
type rig struct {
	t *testing.T
	installer.Target
	env      map[string]string
	registry *registry
}

// systems are the operating systems, each with a home that has spaces and Japanese characters in its path.
var systems = map[string]struct{ home, program string }{
	"linux":   {"/home/見本 太郎", "/home/見本 太郎/アプリ/natsuin"},
	"darwin":  {"/Users/見本 太郎", "/Users/見本 太郎/Applications/natsuin"},
	"windows": {`C:\Users\見本 太郎`, `C:\Users\見本 太郎\アプリ\natsuin.exe`},
}

// newRig is a machine with nothing on it but a home and the folders that systems come with.
func newRig(t *testing.T, goos string, scope installer.Scope) *rig {
	t.Helper()
	r := &rig{t: t, env: map[string]string{}}
	r.Target = installer.Target{
		Machine: installer.Machine{OS: goos, Root: t.TempDir(), Home: systems[goos].home, Env: func(name string) string { return r.env[name] }},
		Scope:   scope, Program: systems[goos].program,
	}
	r.folder(r.Home)
	r.file(r.Program, "the host")
	if goos == "windows" {
		r.registry = &registry{keys: map[string]*string{}}
		r.Registry = r.registry
		r.env["LOCALAPPDATA"] = r.Home + `\AppData\Local`
		r.env["ProgramFiles"] = `C:\Program Files`
		r.folder(r.env["LOCALAPPDATA"])
		r.folder(r.env["ProgramFiles"])
		r.registry.make(`HKCU\Software`)
		r.registry.make(`HKLM\SOFTWARE`)
	}
	return r
}

func (r *rig) folder(path string) {
	r.t.Helper()
	require.NoError(r.t, os.MkdirAll(r.Disk(path), 0o755))
}

func (r *rig) file(path, content string) {
	r.t.Helper()
	require.NoError(r.t, os.MkdirAll(filepath.Dir(r.Disk(path)), 0o755))
	require.NoError(r.t, os.WriteFile(r.Disk(path), []byte(content), 0o755))
}

func (r *rig) link(path, target string) {
	r.t.Helper()
	require.NoError(r.t, os.MkdirAll(filepath.Dir(r.Disk(path)), 0o755))
	require.NoError(r.t, os.Symlink(target, r.Disk(path)))
}

// move leaves a link to where a folder is now in its place.
func (r *rig) move(folder, to, target string) {
	r.t.Helper()
	require.NoError(r.t, os.Rename(r.Disk(folder), r.Disk(to)))
	r.link(folder, target)
}

func (r *rig) read(path string) string {
	r.t.Helper()
	text, err := os.ReadFile(r.Disk(path))
	require.NoError(r.t, err)
	return string(text)
}

func (r *rig) remove(path string) {
	r.t.Helper()
	require.NoError(r.t, os.Remove(r.Disk(path)))
}

// state is everything that is on the machine: paths with what is in them, and the registry.
func (r *rig) state() map[string]string {
	r.t.Helper()
	all := map[string]string{}
	require.NoError(r.t, filepath.WalkDir(r.Root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		require.NoError(r.t, err)
		content := info.Mode().String()
		switch {
		case d.Type()&fs.ModeSymlink != 0:
			content, err = os.Readlink(path)
		case d.Type().IsRegular():
			var text []byte
			text, err = os.ReadFile(path)
			content += "\n" + string(text)
		}
		all[path] = content
		return err
	}))
	if r.registry != nil {
		for key, value := range r.registry.keys {
			all[key] = "no value"
			if value != nil {
				all[key] = "value " + *value
			}
		}
	}
	return all
}

func (r *rig) install(names ...string) installer.Report {
	r.t.Helper()
	r.Browsers = names
	report, err := installer.Install(r.Target)
	require.NoError(r.t, err)
	return report
}

func (r *rig) uninstall(names ...string) installer.Report {
	r.t.Helper()
	r.Browsers = names
	report, err := installer.Uninstall(r.Target)
	require.NoError(r.t, err)
	return report
}

// outcomes are what was done, "browser outcome" each.
func outcomes(report installer.Report) (all []string) {
	for _, a := range report.Actions {
		if s := a.Browser + " " + string(a.Done); !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	slices.Sort(all)
	return all
}

// manifestsOf returns the manifests that a browser finds, as it reads them.
func (r *rig) manifestsOf(name string) (found []manifests.HostManifest) {
	r.t.Helper()
	b, ok := installer.Named(name)
	require.True(r.t, ok)
	registrations, err := r.Registrations(b, r.Program)
	require.NoError(r.t, err)
	for _, reg := range registrations {
		if reg.State == installer.NothingThere {
			continue
		}
		m, err := manifests.ReadHost([]byte(r.read(reg.Path)))
		require.NoError(r.t, err)
		require.NoError(r.t, m.Check(b.Family, r.OS))
		found = append(found, m)
	}
	return found
}

// A registry is one of Windows in memory. A key without a value has a nil.
type registry struct {
	keys map[string]*string
	// fail is the number of writes after which nothing can be written any more; 0 is never.
	fail, writes int
}

var errRegistry = errors.New("access is denied")

func (r *registry) make(key string) {
	for n, c := range key + `\` {
		if c == '\\' && r.keys[key[:n]] == nil {
			r.keys[key[:n]] = nil
		}
	}
}

func (r *registry) Get(key string) (string, bool, error) {
	if v := r.keys[key]; v != nil {
		return *v, true, nil
	}
	return "", false, nil
}

func (r *registry) Has(key string) (bool, error) {
	_, ok := r.keys[key]
	return ok, nil
}

func (r *registry) Set(key, value string) error {
	if r.writes++; r.fail > 0 && r.writes > r.fail {
		return errRegistry
	}
	r.make(key)
	r.keys[key] = &value
	return nil
}

func (r *registry) Clear(key string) error {
	if _, ok := r.keys[key]; ok {
		r.keys[key] = nil
	}
	return nil
}

func (r *registry) Remove(key string) error {
	for other := range r.keys {
		if strings.HasPrefix(other, key+`\`) {
			return nil
		}
	}
	if r.keys[key] == nil {
		delete(r.keys, key)
	}
	return nil
}
