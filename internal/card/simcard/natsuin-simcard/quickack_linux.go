package main

import (
	"net"
	"syscall"
)

// acknowledge makes the kernel acknowledge what was read at once. vpcd sends a message in two writes
// and waits, by Nagle's rule, for the acknowledgement of the first before it sends the second; delayed
// acknowledgement would cost 40 ms for every APDU. The option holds for one acknowledgement only.
func acknowledge(conn net.Conn) {
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return
	}
	// Without the option the card is slower, and that is all.
	_ = raw.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1)
	})
}
