//go:build !windows

package installer

import (
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// mayExecute says whether this account may execute a file.
func mayExecute(file string) bool { return unix.Access(file, unix.X_OK) == nil }

// isStrangers says whether a file is neither this account's nor root's.
func isStrangers(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && stat.Uid != 0 && int(stat.Uid) != os.Geteuid()
}
