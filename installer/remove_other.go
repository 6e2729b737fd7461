//go:build !windows

package installer

import "os"

// removeIn removes a file or an empty folder.
func removeIn(root *os.Root, name string) error { return root.Remove(name) }
