package main

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/natsuin/natsuin/installer"
	"github.com/natsuin/natsuin/manifests"
)

// An msi is what a Windows Installer package is made of, as natsuin.wxs.tmpl reads it.
type msi struct {
	Version, Number          string
	ProductCode, UpgradeCode string
	Files                    []msiFile
	Keys                     []msiKey
}

// An msiFile is a file that is put next to the program. ID is that of its component, too.
type msiFile struct {
	ID, GUID, Name string
}

// An msiKey is a key of the registry by which a browser finds the manifest that is the file with the id File.
type msiKey struct {
	ID, GUID, Key, File string
}

const msiProgram = "natsuin.exe"

// newMSI lists a package's components. A component's GUID stays the same as long as it is the same file or key in the same
// place, and so does that by which versions know each other. The product's is another for every version.
func newMSI(version, number string, names []string) msi {
	m := msi{Version: version, Number: number, ProductCode: guid("msi product " + version), UpgradeCode: guid("msi upgrade")}
	for _, name := range names {
		m.Files = append(m.Files, msiFile{msiID(name), guid(`msi component Natsuin\` + name), name})
	}
	for _, b := range installer.Browsers {
		for _, below := range b.On("windows").System {
			key := `SOFTWARE\` + below + `\` + manifests.HostName
			k := msiKey{msiID(key), guid(`msi component HKLM\` + key), key, msiID(installer.ManifestName("windows", b.Family))}
			if !slices.Contains(m.Keys, k) {
				m.Keys = append(m.Keys, k)
			}
		}
	}
	return m
}

// msiID makes an identifier of a name: letters, digits, underscores and full stops.
func msiID(name string) string {
	return "i_" + strings.Map(func(r rune) rune {
		if strings.ContainsRune(`\- `, r) {
			return '_'
		}
		return r
	}, name)
}

// guid derives a GUID from what it is for: RFC 9562, version 5, in the name space of URLs.
func guid(purpose string) string {
	space, err := hex.DecodeString("6ba7b8119dad11d180b400c04fd430c8")
	if err != nil {
		panic("dist: " + err.Error()) // it always decodes
	}
	sum := sha1.Sum(append(space, "https://github.com/natsuin/natsuin#"+purpose...))
	sum[6], sum[8] = sum[6]&0x0f|0x50, sum[8]&0x3f|0x80
	return strings.ToUpper(fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16]))
}

// makeMSI writes a package of the members, which are files without folders, and returns its path.
func (d *dist) makeMSI(members []member, icon []byte) (string, error) {
	folder := filepath.Join(d.work, "msi")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	var names []string
	digest := sha256.New()
	for _, m := range append(slices.SortedFunc(slices.Values(members), byName), member{"natsuin.ico", 0o644, icon}) {
		path := filepath.Join(folder, m.name)
		if err := os.WriteFile(path, m.content, 0o644); err != nil {
			return "", err
		}
		if err := os.Chtimes(path, d.epoch, d.epoch); err != nil {
			return "", err
		}
		fmt.Fprintf(digest, "%s %d\n%s", m.name, len(m.content), m.content)
		names = append(names, m.name)
	}
	m := newMSI(d.version, d.number, names[:len(names)-1])
	source, err := d.fill("installer/packages/windows/natsuin.wxs.tmpl", m)
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(folder, "natsuin.wxs"), source, 0o644); err != nil {
		return "", err
	}
	digest.Write(source)
	path := filepath.Join(folder, "natsuin.msi")
	if err := d.run(folder, nil, "wixl", "--arch", "x64", "--output", path, "natsuin.wxs"); err != nil {
		return "", err
	}
	queries := m.queries()
	fmt.Fprintln(digest, queries)
	if err := d.run(folder, nil, "msibuild", append([]string{path, "-q"}, queries...)...); err != nil {
		return "", err
	}
	return path, d.identifyMSI(path, guid("msi package "+hex.EncodeToString(digest.Sum(nil))))
}

// queries are changes to the package's tables for which wixl has no words (its attributes are those of Microsoft's
// "Windows Installer database tables").
func (m msi) queries() []string {
	const maxInclusive, migrateFeatures, whenRemoved = 0x200, 1, 2
	program := msiID(msiProgram)
	sprint := fmt.Sprintf
	return []string{
		// Go's programs do not start on anything older; Windows 11 is 603 here, too.
		"INSERT INTO `LaunchCondition` (`Condition`, `Description`) VALUES ('Installed OR VersionNT >= 603', 'Natsuin needs Windows 10 or later.')",
		// The older version goes in the same transaction: if this one fails, it comes back.
		"UPDATE `InstallExecuteSequence` SET `Sequence` = 1501 WHERE `Action` = 'RemoveExistingProducts'",
		// wixl counts from the action after which everything is done.
		"UPDATE `InstallExecuteSequence` SET `Sequence` = 1010 WHERE `Action` = 'SetInstallLocation'",
		// What was built between two releases has the number of the one before.
		"DELETE FROM `Upgrade` WHERE `ActionProperty` = 'WIX_UPGRADE_DETECTED'",
		sprint("INSERT INTO `Upgrade` (`UpgradeCode`, `VersionMax`, `Attributes`, `ActionProperty`) VALUES ('{%s}', '%s', %d, 'WIX_UPGRADE_DETECTED')",
			m.UpgradeCode, m.Number, maxInclusive|migrateFeatures),
		// A file that has a version, as ours has in its resources, is never replaced by one of which the package knows none.
		sprint("UPDATE `File` SET `Version` = '%s.0', `Language` = '1033' WHERE `File` = '%s'", m.Number, program),
		sprint("DELETE FROM `MsiFileHash` WHERE `File_` = '%s'", program),
		// What `natsuin install --system` may have left.
		sprint("INSERT INTO `RemoveFile` (`FileKey`, `Component_`, `FileName`, `DirProperty`, `InstallMode`) VALUES ('record', '%s', 'REGISTER.JSO|registered.json', 'INSTALLDIR', %d)",
			program, whenRemoved),
		// natsuin is a command: at the end of the machine's PATH, and taken out of it again.
		"CREATE TABLE `Environment` (`Environment` CHAR(72) NOT NULL, `Name` CHAR(255) NOT NULL LOCALIZABLE, `Value` CHAR(255) LOCALIZABLE, `Component_` CHAR(72) NOT NULL PRIMARY KEY `Environment`)",
		sprint("INSERT INTO `Environment` (`Environment`, `Name`, `Value`, `Component_`) VALUES ('path', '=-*PATH', '[~];[INSTALLDIR]', '%s')", program),
		"INSERT INTO `InstallExecuteSequence` (`Action`, `Sequence`) VALUES ('RemoveEnvironmentStrings', 3300)",
		"INSERT INTO `InstallExecuteSequence` (`Action`, `Sequence`) VALUES ('WriteEnvironmentStrings', 5200)",
	}
}

// The properties of a package's summary information that wixl makes up anew each time (Microsoft, "Summary Information
// Stream Property Set").
const (
	summaryRevision = "9" // the package code: packages that differ in anything have different ones
	summaryCreated  = "12"
	summarySaved    = "13"
)

// identifyMSI gives the package its code and its time.
func (d *dist) identifyMSI(path, code string) error {
	folder := filepath.Dir(path)
	table, err := d.output(folder, nil, "msiinfo", "export", path, "_SummaryInformation")
	if err != nil {
		return err
	}
	lines := strings.Split(string(table), "\r\n")
	for n, line := range lines {
		switch property, _, _ := strings.Cut(line, "\t"); property {
		case summaryRevision:
			lines[n] = property + "\t{" + code + "}"
		case summaryCreated, summarySaved:
			lines[n] = property + "\t" + d.epoch.UTC().Format(time.DateOnly+" "+time.TimeOnly)
			lines[n] = strings.ReplaceAll(lines[n], "-", "/")
		}
	}
	imported := filepath.Join(folder, "summary.idt")
	if err := os.WriteFile(imported, []byte(strings.Join(lines, "\r\n")), 0o644); err != nil {
		return err
	}
	return d.run(folder, nil, "msibuild", path, "-i", imported)
}
