package command_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/natsuin/natsuin/internal/card/simcard"
)

// TestMain has the simulated CAs made in the time of this day. A test in a synctest bubble, where it is the year
// 2000, would otherwise make those of all tests, if it came first.
func TestMain(m *testing.M) {
	if _, err := simcard.New(simcard.Options{}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}
