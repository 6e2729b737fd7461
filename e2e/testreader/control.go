//go:build linux

package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strings"
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

// carryOut answers "ok" or "error …". Starting pcscd puts the card in, too.
func (b *bench) carryOut(line string) string {
	switch strings.TrimSpace(line) {
	case "pcscd stop":
		b.stopPCSCD()
		return "ok"
	case "pcscd start":
		if b.pcscd != nil {
			return "error pcscd runs"
		}
		if err := b.startPCSCD(); err != nil {
			return "error " + err.Error()
		}
		if b.noReader {
			return "ok"
		}
		return b.forward("insert")
	}
	return b.forward(line)
}

// forward hands the order to natsuin-simcard.
func (b *bench) forward(line string) string {
	conn, err := net.Dial("unix", b.path("card"))
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
