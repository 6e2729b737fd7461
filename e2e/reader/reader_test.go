//go:build linux

package reader_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/e2e/reader"
)

// client runs OpenSC's opensc-tool, as any PC/SC program, and returns what it says.
func client(t *testing.T, r *reader.Reader, args ...string) (string, error) {
	path, err := exec.LookPath("opensc-tool")
	require.NoError(t, err, "opensc is not installed: run `make deps`")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = append(os.Environ(), r.Env())
	output, err := cmd.CombinedOutput()
	return string(output), err
}

func requireReaders(t *testing.T, r *reader.Reader, listing string) {
	output, err := client(t, r, "--list-readers")
	require.NoError(t, err)
	require.Equal(t, listing, output)
}

// awaitReaders is for a card that was taken away: pcscd looks at its slots now and then.
func awaitReaders(t *testing.T, r *reader.Reader, listing string) {
	require.Eventually(t, func() bool {
		output, err := client(t, r, "--list-readers")
		return err == nil && output == listing
	}, 10*time.Second, 100*time.Millisecond)
}

const (
	withCard = "# Detected readers (pcsc)\nNr.  Card  Features  Name\n" +
		"0    Yes             " + reader.Name + "\n1    No              " + reader.EmptyName + "\n"
	withoutCard = "# Detected readers (pcsc)\nNr.  Card  Features  Name\n" +
		"0    No              " + reader.Name + "\n1    No              " + reader.EmptyName + "\n"
)

func TestReaderObeysOrders(t *testing.T) {
	t.Parallel()
	r := reader.Start(t)
	requireReaders(t, r, withCard)

	r.Order("remove")
	awaitReaders(t, r, withoutCard)
	r.Order("insert john")
	requireReaders(t, r, withCard)

	r.Order("pcscd stop")
	output, err := client(t, r, "--list-readers")
	require.NoError(t, err)
	require.Contains(t, output, "No smart card readers found")
	r.Order("pcscd start")
	requireReaders(t, r, withCard)

	r.Order("reader detach")
	output, err = client(t, r, "--list-readers")
	require.NoError(t, err)
	require.Contains(t, output, "No smart card readers found")
	r.Order("reader attach")
	requireReaders(t, r, withCard)

	for _, frozen := range []string{"card", "pcscd"} {
		r.Order(frozen + " freeze")
		r.Order(frozen + " thaw")
	}
	output, err = client(t, r, "--reader", reader.Name,
		"--send-apdu", "00A4040C0AD392F000260100000001", "--send-apdu", "00200098", "--send-apdu", "002000980431323334")
	require.NoError(t, err, output)
	require.Equal(t, 1, r.Verifies())
	require.Contains(t, r.Trace(), "> 00200098\n< 63C3\n> 00200098 ***\n< 9000\n")
}

func TestReadersSideBySide(t *testing.T) {
	t.Parallel()
	first, second := reader.Start(t, "--fault", "auth-tries=1"), reader.Start(t, "--fault", "auth-tries=2")
	for r, tries := range map[*reader.Reader]string{first: "63C1", second: "63C2"} {
		output, err := client(t, r, "--reader", reader.Name, "--send-apdu", "00A4040C0AD392F000260100000001", "--send-apdu", "00200098")
		require.NoError(t, err, output)
		require.Contains(t, r.Trace(), "> 00200098\n< "+tries+"\n")
		require.Zero(t, r.Verifies())
	}
}

func TestSecondCard(t *testing.T) {
	t.Parallel()
	r := reader.Start(t, "--second-card")
	bothCards := strings.ReplaceAll(withCard, "No              "+reader.EmptyName, "Yes             "+reader.EmptyName)
	requireReaders(t, r, bothCards)
	r.Order("second remove")
	awaitReaders(t, r, withCard)
	r.Order("second insert john")
	requireReaders(t, r, bothCards)
}

func TestNoReader(t *testing.T) {
	t.Parallel()
	r := reader.Start(t, "--no-reader")
	output, err := client(t, r, "--list-readers")
	require.NoError(t, err)
	require.Equal(t, "No smart card readers found.\n", output)
}
