package prompt

import (
	"context"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestRealZenity types into GNOME's own dialog on a display of its own.
func TestRealZenity(t *testing.T) { typeInto(t, Zenity, "Tab", "space") }

// typeInto tries a program of one question. The keys press its Cancel.
func typeInto(t *testing.T, dialog Tool, cancelKeys ...string) {
	for _, tool := range []string{"Xvfb", "xdotool", string(dialog)} {
		_, err := exec.LookPath(tool)
		require.NoError(t, err, "run `make deps`")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	desk := startDisplay(t, ctx)
	program, err := exec.LookPath(string(dialog))
	require.NoError(t, err)
	d := Desktop{Dialogs: []Dialog{{dialog, program}}, Env: desk.env}
	require.Contains(t, FindDialogs(desk.env), d.Dialogs[0])

	hostile := with(signRequest, func(r *Request) { r.Origin, r.Lang, r.Wrong = "https://a_b<b>&amp;\\n.example", English, true })
	for name, test := range map[string]struct {
		request Request
		title   string
		keys    [][]string
		want    string
		err     error
	}{
		"typed":       {loginRequest, "暗証番号の入力", [][]string{{"type", "1234"}, {"key", "Return"}}, "1234", nil},
		"letters":     {hostile, "enter your PIN", [][]string{{"type", "abc%12"}, {"key", "Return"}}, "abc%12", nil},
		"escape":      {loginRequest, "暗証番号の入力", [][]string{{"type", "12"}, {"key", "Escape"}}, "", ErrCancelled},
		"called off":  {loginRequest, "暗証番号の入力", [][]string{{"type", "12"}, nil}, "", ErrCancelled},
		"Cancel":      {loginRequest, "暗証番号の入力", [][]string{{"type", "12"}, append([]string{"key"}, cancelKeys...)}, "", ErrCancelled},
		"nothing yet": {loginRequest, "暗証番号の入力", [][]string{{"key", "Return"}}, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			asking, callOff := context.WithCancel(ctx)
			defer callOff()
			type answer struct {
				pin *PIN
				err error
			}
			answered := make(chan answer, 1)
			go func() {
				pin, err := d.Ask(asking, test.request)
				answered <- answer{pin, err}
			}()
			desk.focus(t, ctx, test.title)
			for _, keys := range test.keys {
				if keys == nil {
					callOff()
					continue
				}
				desk.press(t, ctx, test.title, keys[0], keys[1:]...)
			}
			got := <-answered
			require.ErrorIs(t, got.err, test.err)
			if test.err == nil {
				require.Equal(t, test.want, string(got.pin.Bytes()))
				got.pin.Wipe()
			}
			desk.requireNoWindow(t, ctx, test.title)
		})
	}
	t.Run("no display", func(t *testing.T) {
		d.Env = func(name string) string {
			if name == "DISPLAY" {
				return ":" + strconv.Itoa(1<<15)
			}
			return desk.env(name)
		}
		_, err := d.Ask(ctx, loginRequest)
		require.ErrorIs(t, err, ErrUnavailable)
	})
}

// focus waits for the window with that title and gives it the keyboard, which without a window manager nobody does.
func (d display) focus(t *testing.T, ctx context.Context, title string) {
	t.Helper()
	out, err := d.xdotool(ctx, "search", "--sync", "--onlyvisible", "--name", title, "windowfocus", "--sync").CombinedOutput()
	require.NoError(t, err, string(out))
}
