//go:build linux

package e2e

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/e2e/reader"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/internal/signature/pdf/pdftest"
)

// A PDF of 200 MB, which a page sends to the host, is signed and verified in its own size and 64 MiB of memory, the
// program itself included.
func TestLargePDFTakesItsOwnSize(t *testing.T) {
	const limit = 64 << 20
	document := pdftest.Document(1)
	document[4] = pdftest.Stream("", strings.Repeat("x", 200_000_000))
	file := pdftest.File(document, "")
	r := reader.Start(t)
	h := connect(t, r, scriptedDialog(t, "pin ABC123"))

	h.sendDocument(object{"type": "request", "id": "r", "command": "sign", "lang": "ja", "origin": origin, "format": "pdf", "profile": "moj"}, "大きい.pdf", file)
	p := h.until("prompt")
	require.Equal(t, []any{1.0}, p["pages"])
	h.send(object{"type": "answer", "id": "r", "prompt": p["prompt"], "accept": true})
	appended := h.signature()
	h.until("result")
	grown := h.peakMemory() - int64(len(file))
	t.Logf("signing: the file and %d KiB", grown>>10)
	require.LessOrEqual(t, grown, int64(limit))
	h.disconnect()

	signed := slices.Concat(file, appended)
	path := filepath.Join(t.TempDir(), "signed.pdf")
	require.NoError(t, os.WriteFile(path, signed, 0o600))
	report, err := pdftest.Run(t, "pdfsig", "-nocert", path)
	require.NoError(t, err, report)
	require.Contains(t, report, "Signature is Valid.")

	h = connect(t, r, nil)
	h.sendDocument(object{"type": "request", "id": "r", "command": "verify", "lang": "ja"}, "大きい.pdf", signed)
	found := h.until("result")["result"].(object)["document"].(object)
	require.Equal(t, "ISSUER_FOREIGN", found["signatures"].([]any)[0].(object)["reason"])
	grown = h.peakMemory() - int64(len(signed))
	t.Logf("verifying: the file and %d KiB", grown>>10)
	require.LessOrEqual(t, grown, int64(limit))
	h.disconnect()
}

// sendDocument sends a request about one document, and its bytes.
func (h *hostProcess) sendDocument(request object, name string, content []byte) {
	h.t.Helper()
	request["documents"] = []object{{"name": name, "size": len(content)}}
	h.send(request)
	for part := range slices.Chunk(content, protocol.MaxChunk) {
		h.send(object{"type": "chunk", "id": request["id"], "document": 0, "data": part})
		h.until("received")
	}
}

// signature takes the frames of one document's signature.
func (h *hostProcess) signature() []byte {
	h.t.Helper()
	var out bytes.Buffer
	for {
		m := h.until("signature")
		part, err := base64.StdEncoding.DecodeString(m["data"].(string))
		require.NoError(h.t, err)
		out.Write(part)
		if m["last"] == true {
			return out.Bytes()
		}
	}
}

// peakMemory returns how much memory of the machine the host has held at most, in bytes: VmHWM of proc(5).
func (h *hostProcess) peakMemory() (peak int64) {
	h.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", h.cmd.Process.Pid))
	require.NoError(h.t, err)
	for line := range strings.Lines(string(status)) {
		if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &peak); n == 1 {
			return peak << 10
		}
	}
	require.Fail(h.t, "no VmHWM", "%s", status)
	return 0
}
