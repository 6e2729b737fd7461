//go:build linux

package e2e

import (
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/e2e/reader"
)

// suspension is how long a suspended machine sleeps: longer than any single question to the PC/SC service takes.
const suspension = 700 * time.Millisecond

// An interruption happens to the machine under a host. A request that is under way goes on, or ends with one
// of the codes: pcscd may be back before anybody noticed.
type interruption struct {
	happen func(*testing.T, *reader.Reader, *hostProcess)
	codes  []any
}

func orders(lines ...string) func(*testing.T, *reader.Reader, *hostProcess) {
	return func(_ *testing.T, r *reader.Reader, _ *hostProcess) {
		for _, line := range lines {
			r.Order(line)
		}
	}
}

var interruptions = map[string]interruption{
	"the service is restarted":       {orders("pcscd stop", "pcscd start"), []any{"NO_SERVICE", "CARD_LOST"}},
	"the reader goes and comes back": {orders("reader detach", "reader attach"), []any{"NO_SERVICE", "CARD_LOST"}},
	"the machine is suspended": {happen: func(t *testing.T, r *reader.Reader, h *hostProcess) {
		require.NoError(t, h.cmd.Process.Signal(syscall.SIGSTOP))
		orders("pcscd freeze", "card freeze")(t, r, h)
		time.Sleep(suspension)
		require.NoError(t, h.cmd.Process.Signal(syscall.SIGCONT))
		orders("card thaw", "pcscd thaw")(t, r, h)
	}},
	"the service sleeps": {happen: func(_ *testing.T, r *reader.Reader, _ *hostProcess) {
		r.Order("pcscd freeze")
		time.Sleep(suspension)
		r.Order("pcscd thaw")
	}},
	"the card sleeps": {happen: func(_ *testing.T, r *reader.Reader, _ *hostProcess) {
		r.Order("card freeze")
		time.Sleep(suspension)
		r.Order("card thaw")
	}},
}

// Whatever happens to the PC/SC service, the reader and the card, and whenever, the same host process carries
// out the next request, and no try is lost.
func TestHostOutlivesInterruptions(t *testing.T) {
	t.Parallel()
	for name, i := range interruptions {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := reader.Start(t)
			h := connect(t, r, nil)
			typed := 0
			typePIN := func(prompt object) {
				t.Helper()
				h.answerPIN(prompt, "1234")
				typed++
			}
			// end brings a login to its end, which is a failure for one of the codes only.
			end := func(codes ...any) {
				t.Helper()
				for {
					switch m := h.receive(); m["type"] {
					case "prompt":
						typePIN(m)
					case "error":
						require.Contains(t, codes, m["error"].(object)["code"])
						return
					case "result":
						return
					}
				}
			}
			logIn := func() {
				t.Helper()
				h.requestLogin()
				end()
			}

			logIn()
			i.happen(t, r, h)
			logIn()

			r.Order("remove")
			h.requestLogin()
			for h.until("card")["presence"] != "no-card" {
			}
			i.happen(t, r, h)
			r.Order("insert")
			end(i.codes...)
			logIn()

			h.requestLogin()
			prompt := h.until("prompt")
			i.happen(t, r, h)
			typePIN(prompt) // to nobody, where the request has ended
			end(i.codes...)
			logIn()

			r.Order("fault slow-sign=1s")
			before := r.Verifies()
			h.requestLogin()
			typePIN(h.until("prompt"))
			require.Eventually(t, func() bool { return r.Verifies() > before }, hang, 10*time.Millisecond)
			i.happen(t, r, h)
			end(i.codes...)
			r.Order("fault none")
			logIn()

			h.disconnect()
			require.LessOrEqual(t, r.Verifies(), typed)
			requireNoTryLost(t, r)
		})
	}
}

// A service that hangs is told from one that is busy, and the request after it woke up works.
func TestHostOutlivesAServiceThatHangs(t *testing.T) {
	t.Parallel()
	r := reader.Start(t)
	h := connect(t, r, nil)
	r.Order("pcscd freeze")
	h.requestLogin()
	require.Equal(t, object{"code": "NO_SERVICE"}, h.untilError())
	r.Order("pcscd thaw")
	h.requestLogin()
	h.typePIN("1234")
	require.Equal(t, "result", h.outcome()["type"])
	h.disconnect()
}
