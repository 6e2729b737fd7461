package pinpad

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/card"
)

// A script is a connection whose reader answers from a table. Nothing but Features and Control may be
// called on it.
type script struct {
	card.Connection
	features    []byte
	featuresErr error
	answers     map[uint32]answer
	requests    map[uint32][]byte
}

type answer struct {
	bytes []byte
	err   error
}

var errRefused = errors.New("refused")

func (s *script) Features(context.Context) ([]byte, error) { return s.features, s.featuresErr }

func (s *script) Control(_ context.Context, code uint32, request []byte) ([]byte, error) {
	if s.requests == nil {
		s.requests = map[uint32][]byte{}
	}
	s.requests[code] = request
	a, ok := s.answers[code]
	if !ok {
		return nil, errRefused
	}
	return a.bytes, a.err
}

// entry is one feature of a list, with the code 4233 00 xx.
func entry(f feature) []byte { return []byte{byte(f), 4, 0x42, 0x33, 0x00, byte(f)} }

func code(f feature) uint32 { return 0x42330000 | uint32(f) }

func list(features ...feature) []byte {
	var b []byte
	for _, f := range features {
		b = append(b, entry(f)...)
	}
	return b
}

func TestFind(t *testing.T) {
	tlv := func(b ...byte) map[uint32]answer { return map[uint32]answer{code(getTLVProperties): {bytes: b}} }
	for name, test := range map[string]struct {
		connection card.Connection
		found      bool
		properties properties
	}{
		"not a controller":        {connection: struct{ card.Connection }{}},
		"the driver refuses":      {connection: &script{featuresErr: errRefused}},
		"no features":             {connection: &script{}},
		"malformed features":      {connection: &script{features: entry(verifyDirect)[:5]}},
		"other features":          {connection: &script{features: list(modifyDirect, pinProperties)}},
		"a code of zero":          {connection: &script{features: []byte{byte(verifyDirect), 4, 0, 0, 0, 0}}},
		"a pad and nothing more":  {connection: &script{features: list(verifyDirect)}, found: true},
		"properties refused":      {connection: &script{features: list(verifyDirect, getTLVProperties, pinProperties)}, found: true},
		"properties malformed":    {connection: &script{features: list(verifyDirect, getTLVProperties), answers: tlv(0x06)}, found: true},
		"too many digits":         {connection: &script{features: list(verifyDirect, getTLVProperties), answers: tlv(0x06, 1, 6)}},
		"too few digits":          {connection: &script{features: list(verifyDirect, getTLVProperties), answers: tlv(0x07, 1, 3)}},
		"known not to be one":     {connection: &script{features: list(verifyDirect, getTLVProperties), answers: tlv(0x0B, 2, 0x6B, 0x07, 0x0C, 2, 0x31, 0x30)}},
		"another of that company": {connection: &script{features: list(verifyDirect, getTLVProperties), answers: tlv(0x0B, 2, 0x6B, 0x07, 0x0C, 2, 0x01, 0x00)}, found: true, properties: properties{vendor: 0x076B, product: 1}},
		"TLV properties first": {
			connection: &script{features: list(verifyDirect, pinProperties, getTLVProperties), answers: map[uint32]answer{
				code(getTLVProperties): {bytes: []byte{0x06, 1, 4}},
				code(pinProperties):    {bytes: []byte{0x10, 0x02, 0x02, 0x00}},
			}},
			found: true, properties: properties{minDigits: 4},
		},
		"PIN properties where TLV fails": {
			connection: &script{features: list(verifyDirect, pinProperties, getTLVProperties), answers: map[uint32]answer{
				code(pinProperties): {bytes: []byte{0x10, 0x02, 0x02, 0x00}},
			}},
			found: true, properties: properties{display: true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			pad, err := Find(t.Context(), test.connection)
			if !test.found {
				require.ErrorIs(t, err, ErrNone)
			} else {
				require.NoError(t, err)
				require.Equal(t, test.properties, pad.properties)
				require.False(t, pad.CanChange())
				require.Error(t, pad.Change(t.Context(), Japanese, time.Minute))
			}
		})
	}
}

// Where the driver does not answer, the connection is used up, which is another thing than no pad.
func TestFindWithASilentDriver(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, test := range map[string]struct {
		ctx    context.Context
		script script
	}{
		"stuck":                 {t.Context(), script{featuresErr: card.ErrUnresponsive}},
		"late":                  {ended, script{featuresErr: context.Canceled}},
		"stuck over properties": {t.Context(), script{features: list(verifyDirect, getTLVProperties), answers: map[uint32]answer{code(getTLVProperties): {err: card.ErrUnresponsive}}}},
		"late with properties":  {ended, script{features: list(verifyDirect, pinProperties), answers: map[uint32]answer{code(pinProperties): {err: context.Canceled}}}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Find(test.ctx, &test.script)
			require.ErrorIs(t, err, ErrSilent)
		})
	}
}

func TestVerifyAndChange(t *testing.T) {
	all := list(verifyDirect, modifyDirect)
	for name, test := range map[string]struct {
		answer     answer
		want       error
		notEntered bool
		uncertain  bool
	}{
		"done":            {answer: answer{bytes: []byte{0x90, 0x00}}},
		"time out":        {answer: answer{bytes: []byte{0x64, 0x00}}, want: ErrTimeout, notEntered: true},
		"cancelled":       {answer: answer{bytes: []byte{0x64, 0x01}}, want: ErrCancelled, notEntered: true},
		"different":       {answer: answer{bytes: []byte{0x64, 0x02}}, want: ErrDifferent, notEntered: true},
		"length":          {answer: answer{bytes: []byte{0x64, 0x03}}, want: ErrLength, notEntered: true},
		"wrong PIN":       {answer: answer{bytes: []byte{0x63, 0xC2}}, want: card.Status(0x63C2)},
		"blocked":         {answer: answer{bytes: []byte{0x69, 0x84}}, want: card.ReferenceDataUnusable},
		"refused by pad":  {answer: answer{bytes: []byte{0x6B, 0x80}}, want: card.Status(0x6B80)},
		"card is gone":    {answer: answer{err: card.ErrRemoved}, want: card.ErrRemoved, uncertain: true},
		"the human left":  {answer: answer{err: context.Canceled}, want: context.Canceled, uncertain: true},
		"no status word":  {answer: answer{bytes: []byte{0x90}}, want: ErrUncertain, uncertain: true},
		"an empty answer": {answer: answer{}, want: ErrUncertain, uncertain: true},
		"too long":        {answer: answer{bytes: []byte{0x00, 0x90, 0x00}}, want: ErrUncertain, uncertain: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{features: all, answers: map[uint32]answer{code(verifyDirect): test.answer, code(modifyDirect): test.answer}}
			pad, err := Find(t.Context(), s)
			require.NoError(t, err)
			require.True(t, pad.CanChange())
			for _, err := range []error{pad.Verify(t.Context(), Japanese, time.Minute), pad.Change(t.Context(), English, time.Minute)} {
				require.ErrorIs(t, err, test.want)
				require.Equal(t, test.notEntered, errors.Is(err, ErrNotEntered))
				require.Equal(t, test.uncertain, errors.Is(err, ErrUncertain))
			}
			require.Equal(t, map[uint32][]byte{
				code(verifyDirect): verifyStructure(properties{}, Japanese, time.Minute),
				code(modifyDirect): modifyStructure(properties{}, English, time.Minute),
			}, s.requests)
		})
	}
}
