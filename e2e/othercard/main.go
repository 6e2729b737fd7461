//go:build linux

// Othercard is a card that is no My Number Card, for vpcd's virtual reader: it knows no application. It stands in
// for natsuin-simcard in a testreader and takes its flags, of which it needs one.
package main

import (
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"time"
)

// Orders of vpcd, each a message of one byte (jpki-card.md §7.1). Longer messages are commands.
const orderATR = 0x04

var (
	atr      = []byte{0x3B, 0x00}     // the shortest there is: T=0, no historical bytes (ISO/IEC 7816-3 §8)
	notFound = []byte{0x6A, 0x82}     // file or application not found
	patience = 20 * time.Second       // for vpcd to listen
	redial   = 100 * time.Millisecond // between attempts
	unused   = []string{"out", "state", "control", "trace", "keys"}
)

func main() {
	address := flag.String("vpcd", "", "where vpcd listens")
	for _, name := range unused {
		flag.String(name, "", "unused")
	}
	flag.Parse()
	if err := serve(*address); err != nil {
		fmt.Fprintln(os.Stderr, "othercard:", err)
		os.Exit(1)
	}
}

// serve is in the reader from the connection to its end.
func serve(address string) error {
	conn, err := dial(address)
	if err != nil {
		return err
	}
	defer conn.Close()
	ready := false
	for {
		var length [2]byte
		if _, err := io.ReadFull(conn, length[:]); err != nil {
			return err
		}
		message := make([]byte, binary.BigEndian.Uint16(length[:]))
		if _, err := io.ReadFull(conn, message); err != nil {
			return err
		}
		var answer []byte
		switch {
		case len(message) == 1 && message[0] == orderATR:
			answer = atr
			if !ready {
				fmt.Println("ready")
				ready = true
			}
		case len(message) == 1:
			continue // power and resets change nothing
		default:
			answer = notFound
		}
		if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...)); err != nil {
			return err
		}
	}
}

func dial(address string) (net.Conn, error) {
	for deadline := time.Now().Add(patience); ; time.Sleep(redial) {
		conn, err := net.Dial("tcp", address)
		if err == nil || time.Now().After(deadline) {
			return conn, err
		}
	}
}
