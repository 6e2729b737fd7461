package installer

import "io/fs"

// mayExecute says whether this account may execute a file. On Windows that does not show in the file.
func mayExecute(string) bool { return true }

// isStrangers knows nothing of Windows, where an administrator's own files are those of a group.
func isStrangers(fs.FileInfo) bool { return false }
