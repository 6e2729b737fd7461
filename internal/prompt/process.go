//go:build linux || darwin

package prompt

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"

	"golang.org/x/sys/unix"
)

// A process is a program that runs to ask a question.
type process struct {
	in  io.Writer
	out io.Reader

	kill func()                           // ends it at once, from any goroutine
	stop func()                           // ends it and waits until it is gone; from the goroutine that started it
	end  func() (*os.ProcessState, error) // instead of stop, once its output has ended: waits until it is gone by itself
}

// startProcess starts a program in a session of its own: it has no controlling terminal to ask on, and all
// that it starts ends with it. On Linux it also ends when this process is killed; the kernel ties that to the
// thread that started it, which is therefore kept until stop or end.
func startProcess(program string, args, env []string) (*process, error) {
	cmd := exec.Command(program, args...)
	cmd.Env = env
	cmd.Dir = "/"
	cmd.SysProcAttr = processAttributes()
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("prompt: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("prompt: %w", err)
	}
	runtime.LockOSThread()
	if err := cmd.Start(); err != nil {
		runtime.UnlockOSThread()
		return nil, fmt.Errorf("%w: %v", ErrUnavailable, err)
	}

	// The process group may be signalled only until it is reaped: then its number can belong to others.
	var mu sync.Mutex
	ending, reaped := false, false
	kill := func() {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case reaped:
		case ending:
			_ = cmd.Process.Kill() // which knows whether it is too late
		default:
			_ = unix.Kill(-cmd.Process.Pid, unix.SIGKILL)
			_ = out.Close()
		}
	}
	stop := func() {
		kill() // it has answered or failed: nothing is left for it to do
		mu.Lock()
		defer mu.Unlock()
		_ = cmd.Wait()
		reaped = true
		runtime.UnlockOSThread()
	}
	end := func() (*os.ProcessState, error) {
		defer runtime.UnlockOSThread()
		mu.Lock()
		ending = true
		mu.Unlock()
		_ = in.Close()
		state, err := cmd.Process.Wait()
		_ = out.Close()
		return state, err
	}
	return &process{in: in, out: out, kill: kill, stop: stop, end: end}, nil
}
