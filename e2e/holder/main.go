//go:build linux

// Holder is another program that uses the card in a reader, until its standard input ends:
//
//	holder READER             opens a transaction and keeps the card in it
//	holder READER HOLD PAUSE  keeps the card for HOLD, gives it back for PAUSE, and so on
//
// In each transaction it selects the JPKI application, as a program does that cannot know who had the card
// before, and asks for the tries left of a PIN. It prints a line for what it meets: "held" when it has the card,
// "reset" when somebody took the card's power, "busy" when somebody else has it for too long.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/natsuin/natsuin/internal/card"
	"github.com/natsuin/natsuin/internal/card/jpki"
	"github.com/natsuin/natsuin/internal/card/pcsc"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "holder:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	var hold, pause time.Duration
	var err error
	switch len(args) {
	case 1:
		hold = 1 << 62 // longer than anybody waits
	case 3:
		if hold, err = time.ParseDuration(args[1]); err != nil {
			return err
		}
		if pause, err = time.ParseDuration(args[2]); err != nil {
			return err
		}
	default:
		return errors.New("usage: holder READER [HOLD PAUSE]")
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	return work(ctx, args[0], hold, pause)
}

// work takes the card again and again until ctx ends.
func work(ctx context.Context, reader string, hold, pause time.Duration) error {
	readers, err := pcsc.Open()
	if err != nil {
		return err
	}
	defer readers.Close()
	for ctx.Err() == nil {
		err := session(ctx, readers, reader, hold, pause)
		switch {
		case errors.Is(err, card.ErrBusy):
			fmt.Println("busy")
		case ctx.Err() == nil:
			return err
		}
	}
	return nil
}

// session works with one handle, as long as that is good.
func session(ctx context.Context, readers card.Readers, reader string, hold, pause time.Duration) error {
	handle, err := readers.Connect(ctx, reader)
	if err != nil {
		return err
	}
	defer handle.Close()
	for ctx.Err() == nil {
		err := use(ctx, handle, hold)
		switch {
		case errors.Is(err, card.ErrReset): // the handle is good again
			fmt.Println("reset")
		case err != nil && ctx.Err() == nil:
			return err
		default:
			wait(ctx, pause)
		}
	}
	return nil
}

// use is one transaction.
func use(ctx context.Context, handle card.Connection, hold time.Duration) error {
	if err := handle.Begin(ctx); err != nil {
		return err
	}
	defer handle.End()
	app, err := jpki.Select(handle)
	if err != nil {
		return err
	}
	if _, err := app.PIN(jpki.Authentication).TriesLeft(); err != nil {
		return err
	}
	fmt.Println("held")
	wait(ctx, hold)
	return nil
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
