package nativemsg

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

const testMax = 64

// frame builds a frame by hand, so that Reader and Writer are not judged by each other alone.
func frame(length uint32, payload string) string {
	return string(binary.NativeEndian.AppendUint32(nil, length)) + payload
}

func whole(payload string) string { return frame(uint32(len(payload)), payload) }

func TestNext(t *testing.T) {
	long := strings.Repeat("x", 3*4096+5)
	type result struct {
		payload string
		err     error
	}
	for name, test := range map[string]struct {
		stream string
		want   []result
	}{
		"nothing":                 {"", []result{{err: io.EOF}}},
		"one":                     {whole(`{"a":1}`), []result{{payload: `{"a":1}`}, {err: io.EOF}}},
		"two":                     {whole("1") + whole(`"捺印"`), []result{{payload: "1"}, {payload: `"捺印"`}, {err: io.EOF}}},
		"as long as the cap":      {whole(long[:testMax]), []result{{payload: long[:testMax]}, {err: io.EOF}}},
		"cut in the header":       {"\x01\x00", []result{{err: ErrCut}}},
		"cut after the header":    {frame(3, ""), []result{{err: ErrCut}}},
		"cut in the payload":      {frame(3, "ab"), []result{{err: ErrCut}}},
		"cut while skipping":      {frame(5000, long[:4999]), []result{{err: ErrCut}}},
		"too long, then another":  {whole(long[:testMax+1]) + whole("1"), []result{{err: &TooLongError{testMax + 1, testMax}}, {payload: "1"}, {err: io.EOF}}},
		"far too long":            {whole(long) + whole("1"), []result{{err: &TooLongError{int64(len(long)), testMax}}, {payload: "1"}}},
		"largest length, cut":     {frame(1<<32-1, "abc"), []result{{err: ErrCut}}},
		"empty, then another":     {frame(0, "") + whole("1"), []result{{err: ErrEmpty}, {payload: "1"}, {err: io.EOF}}},
		"not UTF-8, then another": {whole("\xff") + whole("1"), []result{{err: ErrNotUTF8}, {payload: "1"}, {err: io.EOF}}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, stream := range []io.Reader{
				strings.NewReader(test.stream),
				iotest.OneByteReader(strings.NewReader(test.stream)),
				iotest.DataErrReader(strings.NewReader(test.stream)),
			} {
				r := NewReader(stream, testMax)
				for _, want := range test.want {
					payload, err := r.Next()
					require.Equal(t, want.payload, string(payload))
					var tooLong *TooLongError
					if errors.As(want.err, &tooLong) {
						require.Equal(t, want.err, err)
					} else {
						require.ErrorIs(t, err, want.err)
					}
				}
			}
		})
	}
}

func TestNextPassesReadErrorsOn(t *testing.T) {
	fault := errors.New("fault")
	for _, before := range []string{"", "\x01", frame(3, "a"), frame(testMax+1, "a")} {
		stream := io.MultiReader(strings.NewReader(before), iotest.ErrReader(fault))
		_, err := NewReader(stream, testMax).Next()
		require.ErrorIs(t, err, fault)
		require.NotErrorIs(t, err, ErrCut)
	}
}

// The length is checked before memory is taken for it.
func TestNextDoesNotAllocateWhatIsTooLong(t *testing.T) {
	r := NewReader(strings.NewReader(frame(1<<32-1, "")), testMax)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := r.Next()
	runtime.ReadMemStats(&after)
	require.ErrorIs(t, err, ErrCut)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))
}

// What stands behind a frame stays in the stream: nothing secret lingers in a read-ahead buffer.
func TestNextReadsNotOneByteAhead(t *testing.T) {
	stream := strings.NewReader(whole("1") + "rest")
	_, err := NewReader(stream, testMax).Next()
	require.NoError(t, err)
	require.Equal(t, len("rest"), stream.Len())
}

// writes records each call of Write.
type writes struct {
	calls []string
	err   error
}

func (w *writes) Write(p []byte) (int, error) {
	w.calls = append(w.calls, string(p))
	return len(p), w.err
}

func TestWrite(t *testing.T) {
	for name, test := range map[string]struct {
		payload string
		calls   []string
		err     error
	}{
		"one byte":           {"1", []string{whole("1")}, nil},
		"as long as the cap": {strings.Repeat("x", testMax), []string{whole(strings.Repeat("x", testMax))}, nil},
		"too long":           {strings.Repeat("x", testMax+1), nil, &TooLongError{testMax + 1, testMax}},
		"empty":              {"", nil, ErrEmpty},
		"not UTF-8":          {"\xff", nil, ErrNotUTF8},
	} {
		t.Run(name, func(t *testing.T) {
			var stream writes
			require.Equal(t, test.err, NewWriter(&stream, testMax).Write([]byte(test.payload)))
			require.Equal(t, test.calls, stream.calls)
		})
	}
}

func TestWriteAfterAFailedWrite(t *testing.T) {
	stream := writes{err: io.ErrClosedPipe}
	w := NewWriter(&stream, testMax)
	require.ErrorIs(t, w.Write([]byte("1")), io.ErrClosedPipe)
	stream.err = nil
	require.ErrorIs(t, w.Write([]byte("2")), io.ErrClosedPipe)
	require.Len(t, stream.calls, 1)
}

func TestWriteFromManyGoroutines(t *testing.T) {
	const each = 50
	payloads := []string{"1", `"a longer one"`, `{"k":"捺印"}`}
	var stream writes
	w := NewWriter(&stream, testMax)
	var done sync.WaitGroup
	for _, payload := range payloads {
		done.Go(func() {
			for range each {
				if err := w.Write([]byte(payload)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	done.Wait()

	r := NewReader(strings.NewReader(strings.Join(stream.calls, "")), testMax)
	seen := map[string]int{}
	for range each * len(payloads) {
		payload, err := r.Next()
		require.NoError(t, err)
		seen[string(payload)]++
	}
	for _, payload := range payloads {
		require.Equal(t, each, seen[payload])
	}
	require.Len(t, stream.calls, each*len(payloads))
}

// However a stream is cut into reads, the same frames come out of it; and the valid ones, written again,
// give the same bytes.
func FuzzNext(f *testing.F) {
	f.Add([]byte(whole("1") + whole(`{"a":"捺印"}`)))
	f.Add([]byte(whole(strings.Repeat("x", testMax+1)) + whole("2")))
	f.Add([]byte(frame(0, "") + whole("\xff") + frame(9, "cut")))
	f.Fuzz(func(t *testing.T, stream []byte) {
		payloads, errs := drain(bytes.NewReader(stream))
		slowPayloads, slowErrs := drain(iotest.OneByteReader(bytes.NewReader(stream)))
		require.Equal(t, payloads, slowPayloads)
		require.Equal(t, errs, slowErrs)

		var again bytes.Buffer
		w := NewWriter(&again, testMax)
		for _, payload := range payloads {
			require.NoError(t, w.Write(payload))
		}
		reread, errs := drain(bytes.NewReader(again.Bytes()))
		require.Equal(t, payloads, reread)
		require.Equal(t, []string{io.EOF.Error()}, errs)
		if len(slowErrs) == 1 && slowErrs[0] == io.EOF.Error() {
			require.Equal(t, stream, append([]byte{}, again.Bytes()...))
		}
	})
}

// drain reads frames until nothing can be read any more.
func drain(stream io.Reader) (payloads [][]byte, errs []string) {
	r := NewReader(stream, testMax)
	for {
		payload, err := r.Next()
		if err == nil {
			payloads = append(payloads, payload)
			continue
		}
		errs = append(errs, err.Error())
		var tooLong *TooLongError
		if !errors.As(err, &tooLong) && !errors.Is(err, ErrEmpty) && !errors.Is(err, ErrNotUTF8) {
			return payloads, errs
		}
	}
}
