// Dials is what natsuin must not be: the test of the check finds it out.
package main

import "net"

func main() {
	conn, err := net.Dial("tcp", "127.0.0.1:1")
	if err == nil {
		conn.Close()
	}
}
