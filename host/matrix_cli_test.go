//go:build unix

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/natsuin/natsuin/internal/protocol"
)

// run carries the deed out on the command line, as a script does: no waiting, and PINs from a descriptor, one a
// line.
func (s *station) run(d deed) outcome {
	c := &s.citizen
	args := s.files(d)
	var lines []string
	for _, pin := range d.pins {
		lines = append(lines, c.types(pin, ""))
	}
	unread := func() int { return 0 }
	if len(lines) > 0 {
		var fd int
		fd, unread = s.supply(lines)
		args = append(args, "--pin-fd", strconv.Itoa(fd))
		if !c.noLastTry {
			args = append(args, "--last-try")
		}
	}
	if d.changes != "" {
		fd, closeIt := s.supply([]string{c.types(d.changes, "new")})
		defer closeIt()
		args = append(args, "--new-pin-fd", strconv.Itoa(fd))
	}
	stdin, err := os.Open(os.DevNull)
	require.NoError(s.t, err)
	defer stdin.Close()
	var stdout, stderr bytes.Buffer
	program := &commandLine{stdin: stdin, stdout: &stdout, stderr: &stderr, getenv: func(string) string { return "" }, openReaders: s.readers.open}
	ctx, cancel := context.WithTimeout(context.Background(), hanging)
	defer cancel()
	exit := program.run(ctx, append(args, "--json"))

	// What the program did not read was not typed.
	for _, pin := range d.pins[len(lines)-unread():] {
		if c.malformed[pin] > 0 {
			c.malformed[pin] = 0
			continue
		}
		c.typed[pin]--
		c.wrong[pin] = 0
	}
	if exit == 0 {
		return ok
	}
	var failed struct{ Error object }
	require.NoError(s.t, json.Unmarshal(stdout.Bytes(), &failed), "%s", stdout.Bytes())
	require.Equal(s.t, protocol.Code(failed.Error["code"].(string)).Exit(), exit)
	return failureOf(failed.Error)
}

// files returns the deed's arguments with files in the place of their names.
func (s *station) files(d deed) []string {
	var args []string
	for _, arg := range d.args {
		switch {
		case strings.HasPrefix(arg, "IN"):
			path := filepath.Join(s.t.TempDir(), arg)
			content := []byte(arg)
			if d.contents != nil {
				n, err := strconv.Atoi(strings.TrimPrefix(arg, "IN"))
				require.NoError(s.t, err)
				content = d.contents[n-1]
			}
			require.NoError(s.t, os.WriteFile(path, content, 0o600))
			arg = path
		case arg == "OUT":
			arg = filepath.Join(s.t.TempDir(), arg)
		}
		args = append(args, arg)
	}
	return args
}

// supply returns a descriptor from which the lines can be read, for the program to close, and a function that
// tells how many of them nobody read.
func (s *station) supply(lines []string) (fd int, unread func() int) {
	var ends [2]int
	require.NoError(s.t, unix.Pipe(ends[:]))
	w := os.NewFile(uintptr(ends[1]), "")
	_, err := w.WriteString(strings.Join(lines, "\n") + "\n")
	require.NoError(s.t, err)
	require.NoError(s.t, w.Close())
	same, err := unix.Dup(ends[0])
	require.NoError(s.t, err)
	return ends[0], func() int {
		rest := os.NewFile(uintptr(same), "")
		defer rest.Close()
		var text bytes.Buffer
		_, err := text.ReadFrom(rest)
		require.NoError(s.t, err)
		return bytes.Count(text.Bytes(), []byte("\n"))
	}
}
