//go:build !linux

package main

// harden does nothing where the system has no such switch for one process.
func harden() {}
