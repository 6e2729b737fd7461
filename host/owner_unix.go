//go:build unix

package main

import (
	"os"
	"syscall"
)

// belongsToAnother says whether a folder is there and is another user's than the one as whom the program runs.
func belongsToAnother(folder string) bool {
	info, err := os.Stat(folder)
	if err != nil {
		return false
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(owner.Uid) != os.Geteuid()
}
