//go:build !unix

package main

// belongsToAnother is not asked: on Windows a program that was started as an administrator is still the same user's.
func belongsToAnother(string) bool { return false }
