//go:build unix

package main

import (
	"os"
	"path/filepath"
	"syscall"
)

// isAnothersHome says whether a folder is another user's than the one as whom the program runs. Root could also make a
// folder in somebody else's: where there is none yet, root is asked about the one in which it would be.
func isAnothersHome(folder string) bool {
	info, err := os.Stat(folder)
	for os.Geteuid() == 0 && os.IsNotExist(err) && folder != filepath.Dir(folder) {
		folder = filepath.Dir(folder)
		info, err = os.Stat(folder)
	}
	if err != nil {
		return false
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(owner.Uid) != os.Geteuid()
}
