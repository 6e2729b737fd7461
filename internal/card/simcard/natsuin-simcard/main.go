// Natsuin-simcard puts a simulated My Number Card into the virtual reader of pcscd (vpcd, of the
// vsmartcard project), so that any PC/SC program meets it as a card. It is a tool for tests: its
// certificates come from CAs of its own, and its PINs lie in plain text in the state folder.
package main

import (
	"context"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/simcard"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "natsuin-simcard:", err)
		os.Exit(1)
	}
}

// errUsage says that the flag package has already explained what is wrong.
var errUsage = errors.New("usage")

// A config is the command line, taken apart.
type config struct {
	vpcd, out, control, trace string
	card                      simcard.Options
}

// run serves the card until ctx ends or the control socket says quit, and prints "ready" once the card
// has been powered up by the reader.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	cfg, err := parse(args, stderr)
	if err != nil {
		return err
	}
	ctx, quit := context.WithCancel(ctx)
	defer quit()

	trace := io.Discard
	if cfg.trace != "" {
		f, err := os.OpenFile(cfg.trace, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			return err
		}
		defer f.Close()
		trace = f
	}
	tracer := &tracer{w: trace}
	cfg.card.Trace = tracer.exchange

	simulated, err := simcard.New(cfg.card)
	if err != nil {
		return err
	}
	if cfg.out != "" {
		if err := simulated.WriteTrust(cfg.out); err != nil {
			return err
		}
	}

	reader := newReader(cfg.vpcd, simulated, tracer.event)
	if cfg.control != "" {
		listener, err := listen(cfg.control)
		if err != nil {
			return err
		}
		defer listener.Close()
		go (&control{card: simulated, reader: reader, quit: quit}).serve(ctx, listener)
	}
	go func() {
		if reader.await(ctx, true) == nil {
			fmt.Fprintln(stdout, "ready")
		}
	}()
	reader.serve(ctx)
	return nil
}

func parse(args []string, stderr io.Writer) (config, error) {
	cfg := config{card: simcard.Options{PINs: map[simcard.PIN]string{}}}
	flags := flag.NewFlagSet("natsuin-simcard", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&cfg.vpcd, "vpcd", "127.0.0.1:35963", "`HOST:PORT` of vpcd")
	flags.StringVar(&cfg.out, "out", "", "write the CAs' and the card's certificates to `DIR` as PEM")
	flags.StringVar(&cfg.control, "control", "", "take orders on the Unix socket `PATH`: "+controlHelp)
	flags.StringVar(&cfg.trace, "trace", "", "append every APDU to `FILE`, PINs masked")
	flags.Func("state", "keep PINs and tries left in `DIR`, and the keys in DIR/keys", func(dir string) error {
		cfg.card.State = filepath.Join(dir, "card.json")
		return os.MkdirAll(dir, 0o700)
	})
	flags.StringVar(&cfg.card.Keys, "keys", "", "keep the keys in `DIR` instead")
	flags.Func("pins", "`NAME:PIN,…` for auth, sign, attributes (default auth:1234,sign:ABC123,attributes:4321)", func(text string) error {
		for pair := range strings.SplitSeq(text, ",") {
			name, value, _ := strings.Cut(pair, ":")
			cfg.card.PINs[simcard.PIN(name)] = value
		}
		return nil
	})
	flags.Func("person", "the holder, `NAME`: taro, hanako, john (default taro)", func(id string) (err error) {
		cfg.card.Person, err = simcard.PersonByID(id)
		return err
	})
	flags.Func("validity", "`WHEN` the certificates are valid: valid, expired, not-yet (default valid)",
		choice(&cfg.card.Validity, map[string]simcard.Validity{
			"valid": simcard.Valid, "expired": simcard.Expired, "not-yet": simcard.NotYetValid}))
	flags.Func("issuer-name", "the CAs' `NAME`: simulated, j-lis (default simulated)",
		choice(&cfg.card.IssuerName, map[string]simcard.IssuerName{
			"simulated": simcard.IssuerSimulated, "j-lis": simcard.IssuerJLIS}))
	flags.Func("foreign", "a card of another `KIND` instead: security-key, sim, old-sim",
		choice(&cfg.card.Foreign, map[string]simcard.Foreign{
			"security-key": simcard.SecurityKey, "sim": simcard.SIM, "old-sim": simcard.OldSIM}))
	flags.Func("atr", "the answer to reset, in `HEX`", func(text string) (err error) {
		cfg.card.ATR, err = hex.DecodeString(strings.ReplaceAll(text, " ", ""))
		if err == nil && (len(cfg.card.ATR) < 2 || len(cfg.card.ATR) > 33) {
			return errors.New("an ATR has 2 to 33 bytes")
		}
		return err
	})
	flags.Func("fault", "make the card misbehave, `WORD,…`:\n"+simcard.FaultHelp(), func(text string) (err error) {
		cfg.card.Faults, err = simcard.ParseFaults(text)
		return err
	})

	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return config{}, err
	case err != nil:
		return config{}, errUsage
	case flags.NArg() > 0:
		fmt.Fprintf(stderr, "natsuin-simcard takes no argument %q\n", flags.Arg(0))
		return config{}, errUsage
	}
	if cfg.card.State != "" && cfg.card.Keys == "" {
		cfg.card.Keys = filepath.Join(filepath.Dir(cfg.card.State), "keys")
	}
	return cfg, nil
}

func choice[T any](target *T, values map[string]T) func(string) error {
	return func(word string) error {
		value, ok := values[word]
		if !ok {
			return errors.New("not one of the words listed")
		}
		*target = value
		return nil
	}
}

// A tracer writes what passes between reader and card, one line for each command, response and event:
//
//	> 00200080 ***
//	< 9000
//	# power off
type tracer struct {
	mu sync.Mutex
	w  io.Writer
}

func (t *tracer) exchange(command, response []byte) {
	printed := "(not a short APDU)"
	if c, err := card.ParseCommand(command); err == nil {
		printed = c.String()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	fmt.Fprintf(t.w, "> %s\n", printed)
	if response != nil {
		fmt.Fprintf(t.w, "< %X\n", response)
	}
}

func (t *tracer) event(what string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	fmt.Fprintf(t.w, "# %s\n", what)
}
