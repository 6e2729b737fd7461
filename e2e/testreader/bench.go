//go:build linux

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	driver = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"
	port   = 0x8D0F // 36111, in the private network; the second slot has the next one

	// patience is how long pcscd may take to start, to end, and the card to be taken by its reader.
	patience = 20 * time.Second
)

// The configuration of pcscd: one reader with two slots, of which the card takes the first, and a second card
// the other.
var configuration = fmt.Sprintf(`FRIENDLYNAME "Natsuin Test Reader"
DEVICENAME /dev/null:0x%X
LIBPATH %s
CHANNELID 0x%X
`, port, driver, port)

// A bench is pcscd and the card, as seen from inside the namespaces.
type bench struct {
	dir         string
	simcard     string
	simcardArgs []string
	noReader    bool
	secondCard  bool
	secondArgs  []string // of the second card alone

	pcscd *process   // nil while stopped
	cards []*process // by slot
	died  chan error
}

func (b *bench) path(name string) string { return filepath.Join(b.dir, name) }

// socket is where pcscd's socket is seen from outside: its /run is a folder of the bench.
func (b *bench) socket() string { return b.path("run/pcscd/pcscd.comm") }

// check says what is missing before anything is started.
func (b *bench) check() error {
	const longestSocketPath = 107 // sun_path of unix(7), less the final NUL
	switch {
	case b.dir == "":
		return errors.New("--dir is needed")
	case strings.HasPrefix(b.dir+"/", "/run/"):
		return errors.New("--dir must not lie in /run, which is replaced")
	case len(b.socket()) > longestSocketPath:
		return fmt.Errorf("--dir is too long: %s has more than %d bytes", b.socket(), longestSocketPath)
	}
	if _, err := os.Stat(driver); err != nil {
		return fmt.Errorf("vpcd is not installed (make deps): %w", err)
	}
	if _, err := pcscdPath(); err != nil {
		return err
	}
	if _, err := os.Stat(b.simcard); err != nil && !b.noReader {
		return fmt.Errorf("the simulated card is not built (make build): %w", err)
	}
	return nil
}

// pcscdPath finds pcscd also for users whose PATH has no sbin.
func pcscdPath() (string, error) {
	if path, err := exec.LookPath("pcscd"); err == nil {
		return path, nil
	}
	path, err := exec.LookPath("/usr/sbin/pcscd")
	if err != nil {
		return "", fmt.Errorf("pcscd is not installed (make deps): %w", err)
	}
	return path, nil
}

// run serves the bench until ctx ends.
func (b *bench) run(ctx context.Context) error {
	b.died = make(chan error, 2)
	if err := b.prepare(); err != nil {
		return err
	}
	if err := b.startPCSCD(); err != nil {
		return err
	}
	defer func() { b.stopPCSCD() }()

	slots := 1
	switch {
	case b.noReader:
		slots = 0
	case b.secondCard:
		slots = 2
	}
	for slot := range slots {
		simcard, err := b.startSimcard(slot)
		if err != nil {
			return err
		}
		defer simcard.stop()
		b.cards = append(b.cards, simcard)
	}

	listener, err := net.Listen("unix", b.path("control"))
	if err != nil {
		return err
	}
	defer listener.Close()
	orders := make(chan order)
	go accept(ctx, listener, orders)

	fmt.Println("ready")
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-b.died:
			return err
		case o := <-orders:
			o.answer <- b.carryOut(o.line)
		}
	}
}

// prepare makes the private network usable, puts a folder of the bench in the place of /run, where
// pcscd wants its socket, and writes the configuration. Nothing else may lie in the folder conf: pcscd
// reads every file in it.
func (b *bench) prepare() error {
	for _, dir := range []string{"run", "conf"} {
		if err := os.MkdirAll(b.path(dir), 0o755); err != nil {
			return err
		}
	}
	if err := os.RemoveAll(b.path("control")); err != nil {
		return err
	}
	if err := loopbackUp(); err != nil {
		return fmt.Errorf("loopback: %w", err)
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("mount: %w", err)
	}
	if err := unix.Mount(b.path("run"), "/run", "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("mount over /run: %w", err)
	}
	if !b.noReader {
		if err := b.configureReader(); err != nil {
			return err
		}
	}
	return os.WriteFile(b.path("env"), []byte("PCSCLITE_CSOCK_NAME="+b.socket()+"\n"), 0o644)
}

func (b *bench) configureReader() error {
	return os.WriteFile(b.path("conf/vpcd"), []byte(configuration), 0o644)
}

func loopbackUp() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	request, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	request.SetUint16(unix.IFF_UP)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, request)
}

// startPCSCD starts pcscd and waits until it accepts clients.
func (b *bench) startPCSCD() error {
	path, err := pcscdPath()
	if err != nil {
		return err
	}
	log, err := os.OpenFile(b.path("pcscd.log"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(path, "--foreground", "--config", b.path("conf"))
	cmd.Stdout, cmd.Stderr = log, log
	if b.pcscd, err = start(cmd, b.died); err != nil {
		return err
	}
	for deadline := time.Now().Add(patience); ; {
		conn, err := net.Dial("unix", b.socket())
		if err == nil {
			return conn.Close()
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("pcscd does not listen, see pcscd.log: %w", err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (b *bench) stopPCSCD() {
	if b.pcscd != nil {
		b.pcscd.stop()
		b.pcscd = nil
	}
}

// ofSlot is the name of a file that each card has for itself.
func (b *bench) ofSlot(name string, slot int) string {
	if slot == 0 {
		return b.path(name)
	}
	return b.path("second-" + name)
}

// startSimcard starts the card and waits until it is in its slot.
func (b *bench) startSimcard(slot int) (*process, error) {
	args := b.simcardArgs
	if slot > 0 {
		args = slices.Concat(args, b.secondArgs)
	}
	cmd := exec.Command(b.simcard, append([]string{
		"--vpcd", fmt.Sprintf("127.0.0.1:%d", port+slot),
		"--out", b.ofSlot("certificates", slot),
		"--state", b.ofSlot("state", slot),
		"--control", b.ofSlot("card", slot),
		"--trace", b.ofSlot("trace", slot),
	}, args...)...)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	simcard, err := start(cmd, b.died)
	if err != nil {
		return nil, err
	}
	ready := make(chan error, 1)
	go func() {
		_, err := bufio.NewReader(stdout).ReadString('\n')
		ready <- err
	}()
	select {
	case err = <-ready:
	case <-time.After(patience):
		err = errors.New("pcscd does not take it")
	}
	if err != nil {
		simcard.stop()
		return nil, fmt.Errorf("the card is not ready: %w", err)
	}
	return simcard, nil
}

// A process is a program that the bench started and has to end.
type process struct {
	cmd      *exec.Cmd
	stopping chan struct{}
	ended    chan struct{}
}

// start starts the command and reports on died when it ends without having been stopped.
func start(cmd *exec.Cmd, died chan<- error) (*process, error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, stopping: make(chan struct{}), ended: make(chan struct{})}
	go func() {
		err := cmd.Wait()
		close(p.ended)
		select {
		case <-p.stopping:
		default:
			died <- fmt.Errorf("%s ended by itself: %v", filepath.Base(cmd.Path), err)
		}
	}()
	return p, nil
}

// signal sends a signal to a process that may be none.
func (p *process) signal(s syscall.Signal) error {
	if p == nil {
		return errors.New("it does not run")
	}
	return p.cmd.Process.Signal(s)
}

// stop asks the process to end, and makes it.
func (p *process) stop() {
	close(p.stopping)
	_ = p.signal(syscall.SIGTERM)
	_ = p.signal(syscall.SIGCONT) // a frozen one hears nothing
	select {
	case <-p.ended:
	case <-time.After(patience):
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
}
