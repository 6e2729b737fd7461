//go:build linux

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/e2e/reader"
)

// with returns arguments and more of them.
func with(args []string, more ...string) []string { return slices.Concat(args, more) }

// at returns the arguments of a command about the card in the bench's first reader.
func at(args ...string) []string { return with(args, "--reader", reader.Name) }

// login are the arguments of a login.
var login = []string{"auth", "--origin", origin, "--challenge", challenge}

// runJSON is natsuin with --json, for a command that succeeds.
func runJSON(t *testing.T, r *reader.Reader, pin string, args ...string) (result object) {
	t.Helper()
	stdout, stderr, exit := natsuin(t, r, pin, with(args, "--json")...)
	require.Zero(t, exit, stderr)
	require.NoError(t, json.Unmarshal([]byte(stdout), &result), stdout)
	return result
}

// What the command line reads from a card, and the only PINs that it shows to it.
func TestReadingThroughPCSC(t *testing.T) {
	t.Parallel()
	r := reader.Start(t)

	entry := runJSON(t, r, "", at("status")...)["readers"].([]any)[0].(object)
	for _, pin := range []struct {
		name  string
		tries float64
	}{{"authentication", 3}, {"signature", 5}, {"cardSurface", 3}} {
		require.Equal(t, pin.tries, entry[pin.name].(object)["triesLeft"], pin.name)
		require.Equal(t, pin.tries, entry[pin.name].(object)["maxTries"], pin.name)
	}
	require.Equal(t, "card", entry["token"])
	require.Equal(t, "valid", entry["authentication"].(object)["standing"].(object)["state"])
	require.Equal(t, "yes", entry["signature"].(object)["present"])
	require.Zero(t, r.Verifies())

	taro := runJSON(t, r, "4321", at("attributes")...)
	require.Equal(t, "見本　太郎", taro["attributes"].(object)["name"])
	require.Equal(t, 1, r.Verifies())
	compared := runJSON(t, r, "4321\nabc123", at("attributes", "--compare")...)
	require.Equal(t, taro["attributes"], compared["attributes"])
	require.Equal(t, []any{}, compared["differences"])
	require.Equal(t, 3, r.Verifies(), "one for each PIN")

	for _, certificate := range []struct{ name, pin string }{{"auth", ""}, {"sign", "abc123"}, {"auth-ca", ""}, {"sign-ca", ""}} {
		read := filepath.Join(t.TempDir(), "read.pem")
		_, stderr, exit := natsuin(t, r, certificate.pin, at("cert", certificate.name, "--out", read)...)
		require.Zero(t, exit, stderr)
		file := strings.TrimSuffix(certificate.name, "-ca") + map[bool]string{true: "-ca.pem", false: "-cert.pem"}[strings.HasSuffix(certificate.name, "-ca")]
		require.Equal(t, x509Text(t, filepath.Join(r.Certificates(), file)), x509Text(t, read))
	}
	require.Equal(t, 4, r.Verifies())
	require.Contains(t, r.Trace(), "# power off", "a card that saw a PIN loses its power")
}

// Each PIN is changed, and back again. In between the card takes the new one from any program, and the old
// one no more.
func TestPINChangeThroughPCSC(t *testing.T) {
	t.Parallel()
	r := reader.Start(t)
	document := filepath.Join(t.TempDir(), "document")
	require.NoError(t, os.WriteFile(document, []byte("捺印"), 0o600))
	for _, pin := range []struct {
		name, old, fresh string
		use              []string
		max              float64
	}{
		{"auth", "1234", "7392", at(login...), 3},
		{"sign", "ABC123", "NATSU1N", at("sign", "--format", "raw", "--in", document), 5},
		{"attributes", "4321", "8517", at("attributes"), 3},
	} {
		change := func(from, to string) {
			t.Helper()
			require.Equal(t, pin.max, runJSON(t, r, from+"\n"+to, at("pin", "change", pin.name, "--new-pin-fd", "0")...)["triesLeft"])
		}
		change(pin.old, pin.fresh)
		_, stderr, exit := natsuin(t, r, pin.old, pin.use...)
		require.Equal(t, 6, exit, stderr)
		_, stderr, exit = natsuin(t, r, pin.fresh, pin.use...)
		require.Zero(t, exit, stderr)
		if id := map[string]string{"auth": "01", "sign": "02"}[pin.name]; id != "" {
			require.NoError(t, openSCSigns(r, t.TempDir(), id, pin.fresh))
		}
		change(pin.fresh, pin.old)
		_, stderr, exit = natsuin(t, r, pin.old, pin.use...)
		require.Zero(t, exit, stderr)
	}
	require.Equal(t, "jpki\n", opensc(t, r, "opensc-tool", "--reader", reader.Name, "--name"))
}

// openSCSigns has OpenSC sign with the key of that id.
func openSCSigns(r *reader.Reader, dir, id, pin string) error {
	token := map[string]string{"01": "0", "02": "1"}[id]
	data := filepath.Join(dir, "data")
	if err := os.WriteFile(data, []byte("捺印"), 0o600); err != nil {
		return err
	}
	cmd := exec.Command("pkcs11-tool", "--slot-index", token, "--login", "--pin", pin,
		"--sign", "--id", id, "--mechanism", "SHA256-RSA-PKCS", "--input-file", data, "--output-file", data+".signed")
	cmd.Env = append(os.Environ(), r.Env(), "LC_ALL=C.UTF-8")
	output, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("pkcs11-tool: %w\n%s", err, output)
	}
	return nil
}

// --wait takes the card that comes, and says what did not.
func TestWaitThroughPCSC(t *testing.T) {
	t.Parallel()
	r := reader.Start(t)
	r.Order("remove")
	_, stderr, exit := natsuin(t, r, "", "status", "--wait", "1s")
	require.Equal(t, 4, exit, stderr)
	_, stderr, exit = natsuin(t, r, "1234", with(login, "--reader", reader.EmptyName, "--wait", "1s")...)
	require.Equal(t, 4, exit, stderr)
	require.Zero(t, r.Verifies())

	waiting := start(t, r, "1234", with(login, "--wait", hang.String())...)
	waiting.waitFor("Put the My Number Card on the reader")
	r.Order("insert")
	require.Zero(t, waiting.wait(), waiting.stderr.String())
	require.Contains(t, waiting.stdout.String(), `"format"`)

	// A reader that is plugged in while somebody waits for it.
	r.Order("reader detach")
	_, stderr, exit = natsuin(t, r, "", "status", "--wait", "1s")
	require.Equal(t, 3, exit, stderr)
}

// --reader is a whole name, or a part of one.
func TestReaderChosenThroughPCSC(t *testing.T) {
	t.Parallel()
	r := reader.Start(t)
	for name, test := range map[string]struct {
		exit int
		says []string
	}{
		reader.Name:             {0, nil},
		reader.EmptyName:        {4, nil},
		"00 00":                 {0, nil},
		"test reader 00 01":     {4, nil},
		"Natsuin":               {2, []string{reader.Name, reader.EmptyName}},
		"ACS ACR1252":           {3, []string{"ACS ACR1252", reader.Name, reader.EmptyName}},
		reader.Name + " and on": {3, []string{reader.Name, reader.EmptyName}},
	} {
		for _, command := range [][]string{{"status"}, {"cert", "auth"}} {
			_, stderr, exit := natsuin(t, r, "", with(command, "--reader", name)...)
			require.Equal(t, test.exit, exit, "%s --reader %q\n%s", command[0], name, stderr)
			for _, part := range test.says {
				require.Contains(t, stderr, part)
			}
		}
	}
}

// With two cards a command that either could be meant for names both and does nothing.
func TestTwoCardsThroughPCSC(t *testing.T) {
	t.Parallel()
	r := reader.Start(t, "--second-card")
	r.Order("second fault phone")
	r.Order("second insert hanako")
	require.Len(t, runJSON(t, r, "", "status")["readers"], 2)

	for _, command := range [][]string{login, {"cert", "sign"}, {"pin", "change", "auth"}} {
		_, stderr, exit := natsuin(t, r, "1234", command...)
		require.Equal(t, 2, exit, stderr)
		require.Contains(t, stderr, `--reader "`+reader.Name+`"`)
		require.Contains(t, stderr, `--reader "`+reader.EmptyName+`"`)
	}
	_, stderr, exit := natsuin(t, r, "1234", with(login, "--reader", reader.EmptyName)...)
	require.Zero(t, exit, stderr)
	_, stderr, exit = natsuin(t, r, "4321", "attributes", "--reader", reader.EmptyName)
	require.Equal(t, 5, exit, "a smartphone has no such application\n%s", stderr)
	require.Zero(t, r.Verifies(), "the first card was never meant")
	_, stderr, exit = natsuin(t, r, "4321", "attributes")
	require.Zero(t, exit, "only one of the two has it\n%s", stderr)
	require.Equal(t, 1, r.Verifies())

	r.Order("second remove")
	_, stderr, exit = natsuin(t, r, "1234", with(login, "--wait", "1s")...)
	require.Zero(t, exit, stderr)
	require.Equal(t, 2, r.Verifies())
}
