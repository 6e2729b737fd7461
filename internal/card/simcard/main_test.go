package simcard

import (
	"os"
	"testing"
)

// TestMain fixes the epoch of the certificates in memory to the machine's time. A test inside a
// synctest bubble, whose clock begins in 2000, would fix it there if shuffling put that test first.
func TestMain(m *testing.M) {
	common()
	os.Exit(m.Run())
}
