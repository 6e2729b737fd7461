// Natsuin lets a web page ask for what a My Number Card can do. A browser starts this program as its
// native messaging host; a person or a script starts it as a command-line tool. See docs/protocol.md
// and docs/cli.md.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/natsuin/natsuin/installer"
	"github.com/natsuin/natsuin/internal/nativemsg"
	"github.com/natsuin/natsuin/internal/settings"
)

// version is set by the build; see the Makefile.
var version = "0.1.0"

func main() {
	// A traceback prints arguments and could end up in a browser's log.
	debug.SetTraceback("none")
	harden()
	ignoreSIGPIPE()
	ctx, stop := signal.NotifyContext(context.Background(), endings...)
	defer stop()
	os.Exit(run(ctx, os.Args[1:]))
}

// run decides before any flag is parsed who started the program: a browser's arguments are not ours.
func run(ctx context.Context, args []string) int {
	settled := settings.Load("")
	browser, ours := installer.Caller(args, settled.ExtensionIDs)
	switch {
	case browser && !ours:
		fmt.Fprintln(os.Stderr, "natsuin: started by an extension that is not Natsuin's")
		return 2
	case browser, startedByPortal(args, os.Stdin):
		return serveBrowser(ctx, settled, parentWindow(args))
	}
	c := &commandLine{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv, lent: os.Geteuid() == 0 && rightsAreLent(os.Getenv), openReaders: openReaders, settled: settled}
	return c.run(ctx, args)
}

// startedByPortal tells a browser behind a desktop portal, which drops the arguments, from a person: its
// pipe is our standard input.
func startedByPortal(args []string, stdin *os.File) bool {
	if len(args) > 0 {
		return false
	}
	info, err := stdin.Stat()
	return err == nil && info.Mode()&(os.ModeNamedPipe|os.ModeSocket) != 0
}

// parentWindow is the handle of the browser's window, which Chromium names in decimal on Windows (ecosystem.md §6.1);
// 0 where it names none, as for a service worker.
func parentWindow(args []string) uintptr {
	for _, arg := range args {
		if decimal, ok := strings.CutPrefix(arg, "--parent-window="); ok {
			handle, _ := strconv.ParseUint(decimal, 10, strconv.IntSize) // what is no handle is no window, as is 0
			return uintptr(handle)
		}
	}
	return 0
}

// serveBrowser speaks with the extension until the browser closes standard input.
func serveBrowser(ctx context.Context, settled settings.File, parent uintptr) int {
	stdout, err := nativemsg.ClaimStdout()
	if err != nil {
		fmt.Fprintln(os.Stderr, "natsuin: standard output cannot be taken:", err)
		return 1
	}
	b := newBrowser(os.Stdin, stdout, openReaders, os.Getenv, parent)
	b.settled = settled.Settings
	if err := b.serve(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "natsuin:", err)
		return 1
	}
	return 0
}
