package main

import "golang.org/x/sys/unix"

// harden keeps a PIN in memory from other programs of the same user: no core dumps, no ptrace by
// processes that are not privileged. Both are best effort.
func harden() {
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
}
