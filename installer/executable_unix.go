//go:build !windows

package installer

import "golang.org/x/sys/unix"

// mayExecute says whether this account may execute a file.
func mayExecute(file string) bool { return unix.Access(file, unix.X_OK) == nil }
