//go:build linux

package e2e

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/e2e/reader"
)

// Once a PIN has served, no copy of it is left anywhere in the host's memory: not in its frame, not in
// what a dialog sent, not in the APDU, not in libpcsclite.
func TestPINIsWipedFromMemory(t *testing.T) {
	t.Parallel()
	const wrong, right = "WRONG7ZKX93WVJ5P", "RIGHT4HQ2N8TBC6Y"
	for name, dialog := range map[string]func(*testing.T, ...string) []string{
		"typed in pinentry": func(t *testing.T, pins ...string) []string {
			return scriptedDialog(t, "pin "+pins[0], "pin "+pins[1]).env()
		},
		"typed in zenity":     scriptedZenity,
		"typed in the window": nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := reader.Start(t, "--pins", "sign:"+right)
			cmd := hostCommand(t, chromiumArguments()...)
			cmd.Env = append(cmd.Env, r.Env())
			if dialog != nil {
				cmd.Env = append(cmd.Env, dialog(t, wrong, right)...)
			}
			inspectable(cmd)
			h, _ := startHost(t, cmd)
			h.requestSignature("sign")
			if dialog == nil {
				h.typePIN(wrong)
				h.typePIN(right)
			}
			h.until("result")
			require.Equal(t, 2, r.Verifies())

			// A frame is decoded over its own beginning, so its end is what could be left.
			control := chromiumArguments()[0]
			found := searchMemory(t, cmd.Process.Pid, control,
				wrong[:8], wrong[8:], right[:8], right[8:], numbers(wrong[8:]), numbers(right[8:]))
			require.Equal(t, []string{control}, found)
			h.disconnect()
		})
	}
}

// scriptedZenity prints those PINs, one for each question. It returns an environment in which nothing else asks.
func scriptedZenity(t *testing.T, pins ...string) []string {
	t.Helper()
	folder := t.TempDir()
	script := "#!/bin/sh\nset -e\n"
	for i, pin := range pins {
		asked := filepath.Join(folder, fmt.Sprint("asked", i))
		script += fmt.Sprintf("[ -e '%[1]s' ] || { : > '%[1]s'; echo %[2]s; exit; }\n", asked, pin)
	}
	writeProgram(t, filepath.Join(folder, "zenity"), []byte(script))
	return []string{"PATH=" + folder, "DISPLAY=:0"}
}

// searchMemory returns those of the texts that stand in memory which the process can write to.
func searchMemory(t *testing.T, pid int, texts ...string) (found []string) {
	t.Helper()
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	require.NoError(t, err)
	memory, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	require.NoError(t, err)
	defer memory.Close()
	for line := range strings.Lines(string(maps)) {
		var start, end uint64
		var access string
		_, err := fmt.Sscanf(line, "%x-%x %s", &start, &end, &access)
		require.NoError(t, err)
		if !strings.HasPrefix(access, "rw") {
			continue
		}
		part := make([]byte, end-start)
		_, err = memory.ReadAt(part, int64(start))
		require.NoError(t, err, line)
		for _, text := range texts {
			if bytes.Contains(part, []byte(text)) && !slices.Contains(found, text) {
				found = append(found, text)
			}
		}
	}
	return found
}
