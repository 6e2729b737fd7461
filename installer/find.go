package installer

import (
	"bytes"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// A Packaging is how a browser came to the machine, which decides whether it can start other programs.
type Packaging string

// The packagings.
const (
	Native  Packaging = "native"
	Snap    Packaging = "snap"
	Flatpak Packaging = "flatpak"
)

// A Found is one browser, as it is on a machine.
type Found struct {
	Browser
	Path      string // of its program, or of its profiles where no program was found
	Packaging Packaging
	Reach     Reach
}

// Find lists the browsers that are there: one entry for each packaging.
func (m Machine) Find() (found []Found) {
	for _, b := range Browsers {
		facts := b.On(m.OS)
		seen := map[Packaging]bool{}
		for _, place := range m.candidates(facts) {
			if !m.isProgram(place) {
				continue
			}
			p := m.packagingOf(place)
			if seen[p] {
				continue
			}
			seen[p] = true
			found = append(found, Found{b, place, p, m.reach(facts, p)})
		}
		if profile := m.usedProfile(facts); len(seen) == 0 && profile != "" {
			found = append(found, Found{b, profile, Native, Direct})
		}
	}
	return found
}

// candidates are all paths at which a browser can be.
func (m Machine) candidates(f Facts) (places []string) {
	switch {
	case !f.Exists():
	case m.OS == "linux":
		for _, folder := range append(m.Commands(), "/snap/bin", "/var/lib/snapd/snap/bin") {
			for _, name := range f.Programs {
				places = append(places, path.Join(folder, name))
			}
		}
		places = append(places, f.Places...)
		for _, exports := range m.flatpakFolders("exports/bin") {
			places = append(places, path.Join(exports, f.Flatpak))
		}
	case m.OS == "darwin":
		for _, folder := range append([]string{"/Applications"}, m.Personal("Applications")...) {
			for _, name := range f.Programs {
				places = append(places, path.Join(folder, name))
			}
		}
	case m.OS == "windows":
		local, err := m.base(User)
		for _, folder := range []string{m.programFiles(), m.Env("ProgramFiles(x86)"), local} {
			for _, name := range f.Programs {
				if folder != "" {
					places = append(places, m.Join(folder, name))
				}
			}
		}
		for _, name := range f.Places {
			if err == nil {
				places = append(places, m.Join(local, name))
			}
		}
	}
	return places
}

// isProgram says whether a program is at a path: a file, or what stands for one as a folder.
func (m Machine) isProgram(place string) bool {
	info, err := os.Stat(m.Disk(place))
	if err != nil {
		return false
	}
	switch {
	case m.OS == "darwin":
		return info.IsDir()
	case m.OS == "windows" && !strings.HasSuffix(place, ".exe"):
		return info.IsDir()
	}
	return info.Mode().IsRegular()
}

// packagingOf tells by a program's path, by what it is a link to, and, for Ubuntu's placeholders, by what
// the script calls.
func (m Machine) packagingOf(place string) Packaging {
	if m.OS != "linux" {
		return Native
	}
	resolved := place
	if p, err := filepath.EvalSymlinks(m.Disk(place)); err == nil {
		resolved = m.shown(p)
	}
	for _, p := range []string{place, resolved} {
		switch {
		case strings.Contains(p, "/flatpak/"):
			return Flatpak
		case strings.HasPrefix(p, "/snap/"), strings.HasPrefix(p, "/var/lib/snapd/"), p == "/usr/bin/snap":
			return Snap
		}
	}
	f, _, err := openRegular(m.Disk(place))
	if err != nil {
		return Native
	}
	defer f.Close()
	start := make([]byte, 4096)
	n, _ := f.Read(start) // nothing read is no script
	if bytes.HasPrefix(start[:n], []byte("#!")) && bytes.Contains(start[:n], []byte("/snap/bin/")) {
		return Snap
	}
	return Native
}

// shown is the machine's path for one that Disk returned, or that was found by following links from there.
func (m Machine) shown(disk string) string {
	if m.Root == "" {
		return disk
	}
	root := filepath.Clean(m.Root)
	if resolved, err := filepath.EvalSymlinks(root); err == nil {
		root = resolved
	}
	return "/" + strings.TrimPrefix(strings.TrimPrefix(disk, root), "/")
}

// usedProfile returns a folder of profiles that somebody has used: one in which there is more than a folder of host
// manifests, which installers make for browsers that are not there.
func (m Machine) usedProfile(f Facts) string {
	hosts := []string{"NativeMessagingHosts", "native-messaging-hosts"}
	for _, profiles := range f.Profiles {
		for _, folder := range m.Personal(profiles) {
			entries, _ := os.ReadDir(m.Disk(folder)) // what cannot be read counts as empty
			if slices.ContainsFunc(entries, func(e os.DirEntry) bool { return !slices.Contains(hosts, e.Name()) }) {
				return folder
			}
		}
	}
	return ""
}
