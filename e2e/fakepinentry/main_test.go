package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The script goes on where the process before stopped, and the log keeps everything but the PINs.
func TestServe(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "answers"), []byte("pin 73%91\ncancel\ntimeout\n"), 0o600))
	for _, test := range []struct{ sent, want string }{
		{"GETINFO flavor\nSETDESC who asks\nGETPIN\nBYE\n", "D fake\nOK\nOK\nD 73%2591\nOK\nOK closing connection\n"},
		{"GETPIN\n", cancelled + "\n"},
		{"GETPIN\n", timedOut + "\n"},
		{"GETPIN\n", cancelled + "\n"},
	} {
		var out bytes.Buffer
		require.NoError(t, serve(dir, strings.NewReader(test.sent), &out))
		require.Equal(t, "OK Pleased to meet you\n"+test.want, out.String())
	}
	log, err := os.ReadFile(filepath.Join(dir, "log"))
	require.NoError(t, err)
	require.Equal(t, "GETINFO flavor\nSETDESC who asks\nGETPIN\n# pin\nBYE\nGETPIN\n# cancel\n"+
		"GETPIN\n# timeout\nGETPIN\n# nothing-left\n", string(log))
}

func TestServeRefusesAnUnknownAnswer(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "answers"), []byte("shrug\n"), 0o600))
	require.Error(t, serve(dir, strings.NewReader("GETPIN\n"), &bytes.Buffer{}))
}
