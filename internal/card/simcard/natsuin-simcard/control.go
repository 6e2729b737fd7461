package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/natsuin/natsuin/internal/card/simcard"
)

const controlHelp = "remove, insert [PERSON], fault WORD,…, counter PIN N, quit"

// patience is how long insert waits for the reader to take the card.
const patience = 10 * time.Second

// A control carries out orders that come over a Unix socket while the card is served. Each line is one
// order and is answered by one line, "ok" or "error …":
//
//	remove              take the card out of the reader
//	insert [PERSON]     put it back, or PERSON's instead; ok means that the reader has powered it
//	fault WORD,…        replace the card's faults; "fault none" mends it
//	counter PIN N       set the tries left of auth, sign or attributes
//	quit                end the program
type control struct {
	card   *simcard.Card
	reader *reader
	quit   func()
}

// listen opens the socket, for this user only, in the place of one that a dead process left.
func listen(path string) (net.Listener, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	return listener, os.Chmod(path, 0o600)
}

func (c *control) serve(ctx context.Context, listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			for lines := bufio.NewScanner(conn); lines.Scan(); {
				words := strings.Fields(lines.Text())
				answer := "ok"
				if err := c.order(ctx, words); err != nil {
					answer = "error " + err.Error()
				}
				fmt.Fprintln(conn, answer)
				if len(words) == 1 && words[0] == "quit" {
					c.quit()
				}
			}
		}()
	}
}

func (c *control) order(ctx context.Context, words []string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()

	switch {
	case len(words) == 1 && words[0] == "remove":
		c.card.Remove()
		return c.reader.await(ctx, false)

	case len(words) == 1 && words[0] == "insert":
		c.card.Insert()
		return c.reader.await(ctx, true)

	case len(words) == 2 && words[0] == "insert":
		person, err := simcard.PersonByID(words[1])
		if err != nil {
			return err
		}
		c.card.Remove()
		if err := c.reader.await(ctx, false); err != nil {
			return err
		}
		if err := c.card.Swap(person); err != nil {
			return err
		}
		return c.reader.await(ctx, true)

	case len(words) == 2 && words[0] == "fault":
		faults, err := simcard.ParseFaults(words[1])
		if err != nil {
			return err
		}
		return c.card.SetFaults(faults)

	case len(words) == 3 && words[0] == "counter":
		n, err := strconv.Atoi(words[2])
		if err != nil {
			return err
		}
		return c.card.SetTries(simcard.PIN(words[1]), n)

	case len(words) == 1 && words[0] == "quit":
		return nil // serve quits, after the answer
	}
	return errors.New("the orders are: " + controlHelp)
}
