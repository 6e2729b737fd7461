package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"encoding/xml"
	"image"
	"image/png"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/installer"
	"github.com/natsuin/natsuin/manifests"
)

// The package knows every key that the installer does, and with it every browser.
func TestMSIHasEveryBrowser(t *testing.T) {
	m := newMSI("0.1.0-3-g0123abc", "0.1.0", []string{msiProgram, "io.github.natsuin.chromium.json", "io.github.natsuin.firefox.json"})
	file := map[string]string{}
	for _, k := range m.Keys {
		require.NotContains(t, file, k.Key)
		file[k.Key] = k.File
	}
	for _, b := range installer.Browsers {
		places := b.On("windows").System
		require.NotEmpty(t, places, b.Name)
		for _, place := range places {
			require.Equal(t, "i_io.github.natsuin."+string(b.Family)+".json", file[`SOFTWARE\`+place+`\io.github.natsuin`], b.Name)
		}
	}
	d := &dist{repository: "../.."}
	text, err := d.fill("installer/packages/windows/natsuin.wxs.tmpl", m)
	require.NoError(t, err)
	var wxs struct {
		Components []struct {
			ID   string `xml:"Id,attr"`
			GUID string `xml:"Guid,attr"`
			// Without it, Windows puts the component where it keeps what is for programs of 32 bits.
			Win64 string `xml:"Win64,attr"`
		} `xml:"Product>Directory>Directory>Directory>Component"`
		Refs []struct {
			ID string `xml:"Id,attr"`
		} `xml:"Product>Feature>ComponentRef"`
	}
	require.NoError(t, xml.Unmarshal(text, &wxs))
	require.Len(t, wxs.Components, len(m.Files)+len(m.Keys))
	require.Len(t, wxs.Refs, len(wxs.Components))
	seen := map[string]bool{}
	for n, c := range wxs.Components {
		require.Equal(t, wxs.Refs[n].ID, c.ID)
		require.Regexp(t, regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.]{0,71}$`), c.ID)
		require.Equal(t, "yes", c.Win64)
		require.False(t, seen[c.ID] || seen[c.GUID], c.ID)
		seen[c.ID], seen[c.GUID] = true, true
	}
}

// What identifies a component must be the same in every version, and for the product another in each.
func TestGUIDs(t *testing.T) {
	require.Regexp(t, regexp.MustCompile(`^[0-9A-F]{8}-[0-9A-F]{4}-5[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$`), guid("x"))
	old, recent := newMSI("0.1.0", "0.1.0", []string{msiProgram}), newMSI("0.2.0", "0.2.0", []string{"another", msiProgram})
	require.Equal(t, old.Files[0], recent.Files[1])
	require.Equal(t, old.Keys, recent.Keys)
	require.NotEqual(t, old.ProductCode, recent.ProductCode)
	// Published packages have these: one with another would not find them, to replace them.
	require.Equal(t, "4989F4CD-F79C-5C0A-88F3-77FB9FAA4603", old.UpgradeCode)
	require.Equal(t, "E52FFF08-73EE-5A8D-AC7F-6FAEEC2CC53B", old.Files[0].GUID)
}

// A browser takes the manifests of the package, wherever that is installed.
func TestWindowsManifests(t *testing.T) {
	families := []manifests.Family{manifests.Chromium, manifests.Firefox}
	for n, m := range windowsManifests() {
		read, err := manifests.ReadHost(m.content)
		require.NoError(t, err)
		read = read.In("windows", `D:\Programme\Natsuin\`+m.name)
		require.Equal(t, `D:\Programme\Natsuin\natsuin.exe`, read.Path)
		require.NoError(t, read.Check(families[n], "windows"))
	}
}

func TestIcon(t *testing.T) {
	var pictures [][]byte
	for _, size := range []int{16, 256} {
		var b bytes.Buffer
		require.NoError(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, size, size))))
		pictures = append(pictures, b.Bytes())
	}
	icon, err := iconOf(pictures)
	require.NoError(t, err)
	require.Equal(t, []byte{0, 0, 1, 0, 2, 0}, icon[:6])
	for n, picture := range pictures {
		entry := icon[6+16*n:]
		require.Equal(t, []byte{16, 0}[n], entry[0], "256 is written as 0")
		size, at := binary.LittleEndian.Uint32(entry[8:]), binary.LittleEndian.Uint32(entry[12:])
		require.Equal(t, picture, icon[at:at+size])
	}
	var large bytes.Buffer
	require.NoError(t, png.Encode(&large, image.NewGray(image.Rect(0, 0, 257, 1))))
	for _, bad := range [][]byte{nil, []byte("GIF89a"), large.Bytes()} {
		_, err := iconOf([][]byte{bad})
		require.Error(t, err)
	}
}

func TestResources(t *testing.T) {
	text, err := json.Marshal(resources("0.1.0-3-g0123abc", "0.1.0"))
	require.NoError(t, err)
	for _, wanted := range []string{`"file_version":"0.1.0.0"`, `"ProductVersion":"0.1.0-3-g0123abc"`, `"OriginalFilename":"natsuin.exe"`} {
		require.Contains(t, string(text), wanted)
	}
}

func TestWindowsText(t *testing.T) {
	require.Equal(t, "\ufeff捺\r\n\r\n", string(windowsText([]byte("捺\n\n"))))
	require.Equal(t, "\ufeffa", string(windowsText([]byte("\ufeffa"))))
}

// The README names only commands that there are.
func TestWindowsReadme(t *testing.T) {
	d := &dist{repository: "../..", version: "0.1.0", number: "0.1.0"}
	text, err := d.fill("installer/packages/windows/README.txt", d.names())
	require.NoError(t, err)
	for _, command := range []string{"natsuin.exe install\n", "natsuin.exe uninstall\n", "natsuin.exe doctor\n"} {
		require.Equal(t, 2, strings.Count(string(text), command), command)
	}
	require.NotContains(t, string(text), "{{")
}

func TestAuthenticodeSettings(t *testing.T) {
	with := func(values map[string]string) (*signer, error) {
		return authenticode(func(name string) string { return values[name] })
	}
	s, err := with(nil)
	require.NoError(t, err)
	require.Nil(t, s)
	require.NoError(t, s.sign(nil, "anything"), "nobody signs")
	s, err = with(map[string]string{"AUTHENTICODE_CERTIFICATES": "c.pem", "AUTHENTICODE_KEY": "pkcs11:object=k", "AUTHENTICODE_PKCS11_MODULE": "m.so", "AUTHENTICODE_TIMESTAMP": "http://ts"})
	require.NoError(t, err)
	require.Equal(t, []string{"-certs", "c.pem", "-key", "pkcs11:object=k", "-pkcs11module", "m.so", "-ts", "http://ts"}, s.args)
	for _, half := range []map[string]string{{"AUTHENTICODE_KEY": "k"}, {"AUTHENTICODE_CERTIFICATES": "c"}, {"AUTHENTICODE_TIMESTAMP": "t"}} {
		_, err := with(half)
		require.Error(t, err)
	}
}
