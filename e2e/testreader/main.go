//go:build linux

// Testreader gives a test a card reader of its own: pcscd with vpcd's virtual reader and a simulated
// card in it, in namespaces of their own, so that several benches run side by side, none touches the
// system's pcscd, and vpcd's open port is open to nobody.
//
//	testreader --dir DIR [--no-reader | --second-card | --second-foreign KIND] [--simcard PATH] [flags of natsuin-simcard …]
//
// It prints "ready" when the card is in the reader "Natsuin Test Reader 00 00" (there is another one,
// "… 00 01", which is empty but with --second-card, or with --second-foreign, which puts a card of another
// kind there: see natsuin-simcard --foreign), and leaves in DIR:
//
//	env           PCSCLITE_CSOCK_NAME=…, the environment that leads PC/SC programs to this pcscd
//	control       a Unix socket that takes the orders of natsuin-simcard, those to the second card after the
//	              word "second", and its own:
//	              pcscd stop | start | freeze | thaw, card freeze | thaw, reader detach | attach
//	trace         every APDU, PINs masked
//	certificates/ the card's and the CAs' certificates, as natsuin-simcard --out writes them
//	state/        the card's PINs and keys
//	pcscd.log
//
// The second card's files are called second-trace, and so on. To freeze is SIGSTOP, to thaw SIGCONT.
//
// It ends what it started and then itself on SIGTERM, or when its standard input, where that is a pipe,
// is closed, as it is when the parent dies. With --no-reader pcscd runs without any reader.
//
// It needs root or unprivileged user namespaces.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// inside is the first argument of this program's second self, which runs in the namespaces.
const inside = "inside"

func main() {
	// The death signals of children follow the thread that started them, so this thread has to stay.
	runtime.LockOSThread()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "testreader:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	if len(os.Args) > 1 && os.Args[1] == inside {
		b, err := parse(os.Args[2:])
		if err != nil {
			return err
		}
		return b.run(untilClosed(ctx, os.Stdin))
	}

	b, err := parse(os.Args[1:])
	if err != nil {
		return err
	}
	if isPipe(os.Stdin) {
		ctx = untilClosed(ctx, os.Stdin)
	}
	return enter(ctx, b)
}

// parse reads the command line. What it does not know is meant for natsuin-simcard.
func parse(args []string) (*bench, error) {
	b := &bench{simcard: "build/natsuin-simcard"}
	for len(args) > 0 {
		name, value, joined := strings.Cut(strings.TrimLeft(args[0], "-"), "=")
		if name == "no-reader" || name == "second-card" {
			b.noReader = b.noReader || name == "no-reader"
			b.secondCard = b.secondCard || name == "second-card"
			args = args[1:]
			continue
		}
		if name != "dir" && name != "simcard" && name != "second-foreign" {
			b.simcardArgs = append(b.simcardArgs, args[0])
			args = args[1:]
			continue
		}
		args = args[1:]
		if !joined {
			if len(args) == 0 {
				return nil, fmt.Errorf("--%s needs a value", name)
			}
			value, args = args[0], args[1:]
		}
		if name == "second-foreign" {
			b.secondCard, b.secondArgs = true, []string{"--foreign", value}
			continue
		}
		path, err := filepath.Abs(value)
		if err != nil {
			return nil, err
		}
		if name == "dir" {
			b.dir = path
		} else {
			b.simcard = path
		}
	}
	return b, b.check()
}

// enter starts this program again in namespaces of its own for network, mounts and processes, and
// waits for it. An ordinary user becomes root there, over nothing else.
func enter(ctx context.Context, b *bench) error {
	if err := os.MkdirAll(b.dir, 0o700); err != nil {
		return err
	}
	self := exec.Command("/proc/self/exe", append([]string{inside}, os.Args[1:]...)...)
	self.Stdout, self.Stderr = os.Stdout, os.Stderr
	stdin, err := self.StdinPipe()
	if err != nil {
		return err
	}
	self.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID,
		Pdeathsig:  syscall.SIGKILL,
		Setpgid:    true, // an interrupt from the terminal comes to this process alone
	}
	if os.Geteuid() != 0 {
		self.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		self.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		self.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	if err := self.Start(); err != nil {
		return fmt.Errorf("no namespaces (run as root, or allow unprivileged user namespaces): %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- self.Wait() }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		stdin.Close()
		return <-ended
	}
}

// untilClosed returns a context that ends with ctx, or when f has been read to its end.
func untilClosed(ctx context.Context, f *os.File) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		_, _ = io.Copy(io.Discard, f)
		cancel()
	}()
	return ctx
}

func isPipe(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&(os.ModeNamedPipe|os.ModeSocket) != 0
}
