//go:build linux

// Holder is another program that uses the card: it opens a transaction on the card in the reader that it is given, prints
// "held", and keeps the card until its standard input ends.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/natsuin/natsuin/internal/card/pcsc"
)

func main() {
	if err := hold(); err != nil {
		fmt.Fprintln(os.Stderr, "holder:", err)
		os.Exit(1)
	}
}

func hold() error {
	if len(os.Args) != 2 {
		return errors.New("usage: holder READER")
	}
	readers, err := pcsc.Open()
	if err != nil {
		return err
	}
	defer readers.Close()
	card, err := readers.Connect(context.Background(), os.Args[1])
	if err != nil {
		return err
	}
	defer card.Close()
	if err := card.Begin(context.Background()); err != nil {
		return err
	}
	fmt.Println("held")
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}
