package seal

import (
	"cmp"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

const (
	// maxFiles and maxDepth bound the search below each folder of fonts.
	maxFiles = 20_000
	maxDepth = 6
)

// families are the beginnings of the names of font files that have Japanese characters, in the order in which
// they suit a seal: serif before sans serif, bold before regular. Variable fonts in CFF2 are not among those
// that can be read, and are passed over when they are opened.
var families = []string{
	"notoserifcjk-bold", "notoserifcjkjp-bold", "notoserifjp-bold", "sourcehanserif-bold", "sourcehanserifjp-bold",
	"yumindb",                // 游明朝 Demibold: Windows, with the Japanese supplement
	"ヒラギノ明朝", "ヒラキ\u3099ノ明朝", // macOS; its file systems may tell names with the mark apart
	"notoserifcjk", "notoserifjp", "sourcehanserif", "yumin", "msmincho", "ipaexm", "ipam", "takao", "fonts-japanese-mincho",
	"notosanscjk-bold", "notosanscjkjp-bold", "notosansjp-bold", "sourcehansans-bold",
	"yugothb", "meiryob", // Windows
	"ヒラギノ角ゴシック w6", "ヒラキ\u3099ノ角コ\u3099シック w6",
	"notosanscjk", "notosansjp", "sourcehansans", "yugoth", "meiryo", "msgothic", "ヒラギノ", "ヒラキ\u3099ノ",
	"ipaexg", "ipag", "fonts-japanese-gothic", "vl-gothic", "vl-pgothic", "mplus-", "droidsansfallback", "arial unicode",
}

// folders are where a system keeps its fonts: Linux and its kin (fontconfig's usual folders, and NixOS's),
// Windows (for all users and for one) and macOS.
func folders(system string, getenv func(string) string) []string {
	below := func(variable string, path ...string) []string {
		base := getenv(variable)
		if !filepath.IsAbs(base) { // not set: the folder would be one of whoever started the program
			return nil
		}
		return []string{filepath.Join(append([]string{base}, path...)...)}
	}
	switch system {
	case "windows":
		return slices.Concat(below("WINDIR", "Fonts"), below("LOCALAPPDATA", "Microsoft", "Windows", "Fonts"))
	case "darwin":
		return slices.Concat([]string{"/System/Library/Fonts", "/Library/Fonts"}, below("HOME", "Library", "Fonts"))
	}
	return slices.Concat([]string{"/usr/share/fonts", "/usr/local/share/fonts", "/run/current-system/sw/share/X11/fonts"},
		below("XDG_DATA_HOME", "fonts"), below("HOME", ".local", "share", "fonts"), below("HOME", ".fonts"))
}

// find returns the font files of known names, the most suitable first. What cannot be listed is left out.
func find(folders []string) []string {
	type font struct {
		path string
		rank int
	}
	var found []font
	for _, folder := range folders {
		files := 0
		_ = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if files++; files > maxFiles {
				return fs.SkipAll
			}
			if err != nil {
				return nil
			}
			if entry.IsDir() {
				if strings.Count(path[len(folder):], string(filepath.Separator)) > maxDepth {
					return fs.SkipDir
				}
				return nil
			}
			if rank := slices.IndexFunc(families, func(family string) bool { return isOf(entry.Name(), family) }); rank >= 0 {
				found = append(found, font{path, rank})
			}
			return nil
		})
	}
	slices.SortStableFunc(found, func(a, b font) int { return cmp.Compare(a.rank, b.rank) })
	paths := make([]string, len(found))
	for i, f := range found {
		paths[i] = f.path
	}
	return paths
}

// isOf tells whether a file is a font of a family, by its name.
func isOf(name, family string) bool {
	name = strings.ToLower(name)
	return strings.HasPrefix(name, family) && slices.Contains([]string{".ttc", ".otf", ".ttf", ".otc"}, filepath.Ext(name))
}
