package prompt

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestRealPinentry types into GnuPG's own dialog on a display of its own.
func TestRealPinentry(t *testing.T) {
	for _, tool := range []string{"Xvfb", "xdotool", "pinentry-gtk-2"} {
		_, err := exec.LookPath(tool)
		require.NoError(t, err, "run `make deps`")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	desk := startDisplay(t, ctx)
	gtk, err := exec.LookPath("pinentry-gtk-2")
	require.NoError(t, err)
	p := Desktop{Dialogs: []Dialog{{Pinentry, gtk}}, Env: desk.env}
	require.Contains(t, FindDialogs(desk.env), Dialog{Pinentry, gtk})

	type answer struct {
		pin *PIN
		err error
	}
	ask := func(ctx context.Context, r Request) <-chan answer {
		answered := make(chan answer, 1)
		go func() {
			pin, err := p.Ask(ctx, r)
			answered <- answer{pin, err}
		}()
		return answered
	}

	t.Run("typed", func(t *testing.T) {
		answered := ask(ctx, loginRequest)
		desk.press(t, ctx, "暗証番号の入力", "type", "1234")
		desk.press(t, ctx, "暗証番号の入力", "key", "Return")
		got := <-answered
		require.NoError(t, got.err)
		require.Equal(t, "1234", string(got.pin.Bytes()))
		got.pin.Wipe()
	})
	t.Run("longest description", func(t *testing.T) {
		r := with(signRequest, func(r *Request) {
			r.Origin = "https://" + strings.Repeat("long-label.", 22) + "example"
			r.Wrong, r.Documents, r.Lang = true, 1000, English
		})
		answered := ask(ctx, r)
		desk.press(t, ctx, "enter your PIN", "type", "abc%123")
		desk.press(t, ctx, "enter your PIN", "key", "Return")
		got := <-answered
		require.NoError(t, got.err)
		require.Equal(t, "abc%123", string(got.pin.Bytes()))
		got.pin.Wipe()
	})
	t.Run("new PIN, then once more", func(t *testing.T) {
		for _, purpose := range []Purpose{New, Repeat} {
			answered := ask(ctx, with(changeRequest, func(r *Request) { r.Purpose, r.Malformed = purpose, Different }))
			desk.press(t, ctx, "暗証番号の入力", "type", "k7q2x9")
			desk.press(t, ctx, "暗証番号の入力", "key", "Return")
			got := <-answered
			require.NoError(t, got.err)
			require.NoError(t, SignaturePIN.ForNew().Normalize(got.pin))
			require.Equal(t, "K7Q2X9", string(got.pin.Bytes()))
			got.pin.Wipe()
		}
	})
	t.Run("escape", func(t *testing.T) {
		answered := ask(ctx, loginRequest)
		desk.press(t, ctx, "暗証番号の入力", "key", "Escape")
		require.ErrorIs(t, (<-answered).err, ErrCancelled)
	})
	t.Run("called off", func(t *testing.T) {
		asking, callOff := context.WithCancel(ctx)
		answered := ask(asking, loginRequest)
		desk.press(t, ctx, "暗証番号の入力", "type", "12")
		callOff()
		require.ErrorIs(t, (<-answered).err, ErrCancelled)
		desk.requireNoWindow(t, ctx, "暗証番号の入力")
	})
	t.Run("no display", func(t *testing.T) {
		p := Desktop{Dialogs: []Dialog{{Pinentry, gtk}}, Env: func(name string) string {
			if name == "DISPLAY" {
				return ":" + fmt.Sprint(1<<15)
			}
			return desk.env(name)
		}}
		_, err := p.Ask(ctx, loginRequest)
		require.ErrorIs(t, err, ErrUnavailable)
	})
}

// A display is an X server that only the test uses.
type display struct{ name, home string }

func startDisplay(t *testing.T, ctx context.Context) display {
	t.Helper()
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()
	server := exec.CommandContext(ctx, "Xvfb", "-noreset", "-displayfd", "3", "-screen", "0", "1280x900x24", "-nolisten", "tcp")
	server.ExtraFiles = []*os.File{w}
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		server.Process.Kill()
		server.Wait()
	})
	w.Close()
	var number int
	_, err = fmt.Fscan(r, &number)
	require.NoError(t, err)
	return display{fmt.Sprintf(":%d", number), t.TempDir()}
}

// env is an environment with this display in it.
func (d display) env(name string) string {
	switch name {
	case "DISPLAY":
		return d.name
	case "PATH":
		return os.Getenv("PATH")
	case "HOME":
		return d.home
	}
	return ""
}

func (d display) xdotool(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "xdotool", args...)
	cmd.Env = []string{"DISPLAY=" + d.name, "LC_ALL=C.UTF-8", "PATH=" + os.Getenv("PATH"), "HOME=" + d.home}
	return cmd
}

// press waits for the window with that title and then does what xdotool calls action.
func (d display) press(t *testing.T, ctx context.Context, title, action string, what ...string) {
	t.Helper()
	out, err := d.xdotool(ctx, "search", "--sync", "--onlyvisible", "--name", title).CombinedOutput()
	require.NoError(t, err, string(out))
	d.waitForFocus(t, ctx)
	out, err = d.xdotool(ctx, append([]string{action, "--clearmodifiers"}, what...)...).CombinedOutput()
	require.NoError(t, err, string(out))
}

// waitForFocus waits until a window has the keyboard: without a window manager the dialog takes it itself,
// a moment after it is shown.
func (d display) waitForFocus(t *testing.T, ctx context.Context) {
	t.Helper()
	for {
		out, _ := d.xdotool(ctx, "getwindowfocus", "getwindowname").Output()
		if strings.Contains(string(out), "Natsuin") {
			return
		}
		select {
		case <-ctx.Done():
			require.Fail(t, "no window has the keyboard")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (d display) requireNoWindow(t *testing.T, ctx context.Context, title string) {
	t.Helper()
	require.Eventually(t, func() bool {
		return d.xdotool(ctx, "search", "--onlyvisible", "--name", title).Run() != nil
	}, 10*time.Second, 20*time.Millisecond)
}
