package protocol_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/protocol"
)

// The greeting alone may hold what nobody knows: it is read before the versions agree.
func TestGreetingOfAnotherVersion(t *testing.T) {
	for name, c := range map[string]struct {
		frame, update string
	}{
		"one less":               {`{"type":"hello","version":"0.0.9","protocol":0}`, "extension"},
		"the same":               {`{"type":"hello","version":"0.1.0","protocol":1}`, ""},
		"a newer product":        {`{"type":"hello","version":"9.9.9-rc.1+build~5","protocol":1,"channel":{"beta":true}}`, ""},
		"one more":               {`{"type":"hello","version":"2.0.0","protocol":2}`, "host"},
		"one more, with more":    {`{"id":"r","newest":3,"type":"hello","version":"2.0.0","protocol":2}`, "host"},
		"far more than there is": {`{"type":"hello","version":"2.0.0","protocol":1000000}`, "host"},
	} {
		t.Run(name, func(t *testing.T) {
			message, err := protocol.Decode([]byte(c.frame))
			require.NoError(t, err)
			unfit := message.(*protocol.Greeting).Fits()
			if c.update == "" {
				require.Nil(t, unfit)
				return
			}
			require.Equal(t, protocol.VersionMismatch, unfit.Code)
			require.Equal(t, c.update, unfit.Update)
		})
	}
}
