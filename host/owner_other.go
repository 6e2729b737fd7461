//go:build !unix

package main

// isAnothersHome is not asked: on Windows a program that was started as an administrator is still the same user's.
func isAnothersHome(string) bool { return false }
