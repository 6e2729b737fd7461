//go:build unix

package nativemsg

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

const claimEnv = "NATIVEMSG_TEST_CLAIM"

// TestMain lets the test binary stand for a host that prints where it should not.
func TestMain(m *testing.M) {
	if os.Getenv(claimEnv) != "" {
		printEverywhere()
		return
	}
	os.Exit(m.Run())
}

func printEverywhere() {
	frames, err := ClaimStdout()
	if err != nil {
		panic(err)
	}
	fmt.Println("fmt")
	fmt.Fprintln(os.Stdout, "os.Stdout")
	unix.Write(1, []byte("descriptor 1\n"))
	child := exec.Command("sh", "-c", "echo child")
	child.Stdout = os.Stdout
	child.Run()
	if err := NewWriter(frames, MaxToBrowser).Write([]byte(`{"only":"this"}`)); err != nil {
		panic(err)
	}
}

func TestClaimStdout(t *testing.T) {
	var stdout, stderr bytes.Buffer
	host := exec.Command(os.Args[0])
	host.Env = append(os.Environ(), claimEnv+"=1")
	host.Stdout, host.Stderr = &stdout, &stderr
	require.NoError(t, host.Run())

	require.Equal(t, whole(`{"only":"this"}`), stdout.String())
	for _, line := range []string{"fmt\n", "os.Stdout\n", "descriptor 1\n", "child\n"} {
		require.Contains(t, stderr.String(), line)
	}
}
