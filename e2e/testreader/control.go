//go:build linux

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
)

// An order is one line from the control socket, and the way back for its answer.
type order struct {
	line   string
	answer chan string
}

// accept passes the orders of every client on, one at a time.
func accept(ctx context.Context, listener net.Listener, orders chan<- order) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			for lines := bufio.NewScanner(conn); lines.Scan(); {
				o := order{line: lines.Text(), answer: make(chan string, 1)}
				select {
				case orders <- o:
					fmt.Fprintln(conn, <-o.answer)
				case <-ctx.Done():
					return
				}
			}
		}()
	}
}

// carryOut answers "ok" or "error …".
func (b *bench) carryOut(line string) string {
	var err error
	switch line = strings.TrimSpace(line); line {
	case "pcscd stop":
		b.stopPCSCD()
	case "pcscd start":
		err = b.restart()
	case "pcscd freeze":
		err = b.pcscd.signal(syscall.SIGSTOP)
	case "pcscd thaw":
		err = b.pcscd.signal(syscall.SIGCONT)
	case "card freeze":
		err = b.signalCards(syscall.SIGSTOP)
	case "card thaw":
		err = b.signalCards(syscall.SIGCONT)
	case "reader detach":
		err = b.detach()
	case "reader attach":
		err = b.attach()
	default:
		if second, ok := strings.CutPrefix(line, "second "); ok {
			return b.forward(1, second)
		}
		return b.forward(0, line)
	}
	if err != nil {
		return "error " + err.Error()
	}
	return "ok"
}

// restart starts pcscd again, and puts the cards in.
func (b *bench) restart() error {
	if b.pcscd != nil {
		return errors.New("pcscd runs")
	}
	if err := b.startPCSCD(); err != nil {
		return err
	}
	return b.insert()
}

// insert puts every card in.
func (b *bench) insert() error {
	for slot := range b.cards {
		if answer := b.forward(slot, "insert"); answer != "ok" {
			return errors.New(answer)
		}
	}
	return nil
}

func (b *bench) signalCards(s syscall.Signal) error {
	for _, card := range b.cards {
		if err := card.signal(s); err != nil {
			return err
		}
	}
	return nil
}

// detach takes the reader away. pcscd knows a reader without a bus from a file alone, which it reads when it
// starts: so it starts anew, without the file.
func (b *bench) detach() error {
	b.stopPCSCD()
	if err := os.Remove(b.path("conf/vpcd")); err != nil {
		return err
	}
	return b.startPCSCD()
}

// attach puts the reader back, and the cards in.
func (b *bench) attach() error {
	b.stopPCSCD()
	if err := b.configureReader(); err != nil {
		return err
	}
	return b.restart()
}

// forward hands the order to the natsuin-simcard of a slot.
func (b *bench) forward(slot int, line string) string {
	conn, err := net.Dial("unix", b.ofSlot("card", slot))
	if err != nil {
		return "error " + err.Error()
	}
	defer conn.Close()
	if _, err := fmt.Fprintln(conn, line); err != nil {
		return "error " + err.Error()
	}
	answer, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return "error " + err.Error()
	}
	return strings.TrimSpace(answer)
}
