package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func libraryFile(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "natsuin.js")
	require.NoError(t, os.WriteFile(file, []byte("export {};"), 0o600))
	return file
}

func TestRunServesUntilItIsEnded(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	defer end()
	reader, writer := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, []string{"--library", libraryFile(t)}, writer, io.Discard) }()

	line, err := bufio.NewReader(reader).ReadString('\n')
	require.NoError(t, err)
	url, found := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	require.True(t, found)
	require.Regexp(t, `^http://localhost:\d+$`, url)

	response, err := http.Get(url + "/natsuin.js")
	require.NoError(t, err)
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, "export {};", string(body))

	end()
	require.NoError(t, <-ended)
	_, err = http.Get(url)
	require.Error(t, err)
}

func TestRunRefuses(t *testing.T) {
	library := libraryFile(t)
	empty := t.TempDir()
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"no library":        {[]string{"--library", filepath.Join(empty, "none.js")}, "make build"},
		"all interfaces":    {[]string{"--library", library, "--listen", ":0"}, "loopback"},
		"any address":       {[]string{"--library", library, "--listen", "0.0.0.0:0"}, "loopback"},
		"no port":           {[]string{"--library", library, "--listen", "127.0.0.1"}, "--listen"},
		"a folder of none":  {[]string{"--library", library, "--trust", empty}, "no root certificate"},
		"an argument":       {[]string{"--library", library, "x"}, `unexpected argument "x"`},
		"an unknown flag":   {[]string{"--nonsense"}, "nonsense"},
		"an origin of http": {[]string{"--library", library, "--origin", "http://shinsei.example"}, "--origin"},
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorContains(t, run(t.Context(), test.args, io.Discard, io.Discard), test.want)
		})
	}
}
