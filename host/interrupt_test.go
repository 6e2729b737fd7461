//go:build unix

package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/simcard"
	"github.com/natsuin/natsuin/internal/nativemsg"
	"github.com/natsuin/natsuin/internal/protocol"
)

// What waits for a file or a pipe that never says anything ends when the person says so.
func TestInterruptedWhileReading(t *testing.T) {
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	require.NoError(t, unix.Mkfifo(fifo, 0o600))
	silent, stranger, err := os.Pipe()
	require.NoError(t, err)
	defer stranger.Close()
	for name, args := range map[string][]string{
		"--in":     {"sign", "--format", "raw", "--in", fifo},
		"FILE":     {"verify-token", "--origin", "https://shinsei.example", "--challenge", challenge, fifo},
		"--pin-fd": append([]string{}, append(authArgs, "--pin-fd", "0")...),
	} {
		t.Run(name, func(t *testing.T) {
			c, err := simcard.New(simcard.Options{})
			require.NoError(t, err)
			if name == "--pin-fd" {
				fd, err := unix.Dup(int(silent.Fd()))
				require.NoError(t, err)
				args[len(args)-1] = strconv.Itoa(fd)
			}
			ctx, cancel := context.WithCancel(context.Background())
			time.AfterFunc(50*time.Millisecond, cancel)
			line := &commandLine{stdin: os.Stdin, stdout: io.Discard, stderr: io.Discard, getenv: func(string) string { return "" },
				openReaders: func() (card.Readers, error) { return simcard.NewReaders(c), nil }}
			require.Equal(t, protocol.Cancelled.Exit(), line.run(ctx, args))
			left, err := c.Tries(simcard.PINAuth)
			require.NoError(t, err)
			require.Equal(t, 3, left)
		})
	}
}

// A browser that reads nothing holds up neither the end of the host nor a card.
func TestBrowserThatDoesNotRead(t *testing.T) {
	c, err := simcard.New(simcard.Options{})
	require.NoError(t, err)
	in, toHost := io.Pipe()
	nobody, out := io.Pipe() // never read
	defer nobody.Close()
	b := newBrowser(in, out, func() (card.Readers, error) { return simcard.NewReaders(c), nil }, func(string) string { return "" }, 0)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- b.serve(ctx) }()
	w := nativemsg.NewWriter(toHost, nativemsg.MaxFromBrowser)
	require.NoError(t, w.Write([]byte(`{"x":1}`)))
	cancel()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Fatal("the host waits for a browser that does not read")
	}
}

func TestResultsThatCannotBeWrittenAreAFailure(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	require.NoError(t, err)
	defer full.Close()
	var log bytes.Buffer
	line := &commandLine{stdin: os.Stdin, stdout: full, stderr: &log, getenv: func(string) string { return "" }}
	require.Equal(t, protocol.FileFailed.Exit(), line.run(context.Background(), []string{"help"}))
	require.Contains(t, log.String(), "no space left for /dev/full")
}
