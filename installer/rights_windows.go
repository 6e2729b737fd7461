package installer

import "io/fs"

// mayExecute says whether this account may execute a file. On Windows that does not show in the file.
func mayExecute(string) bool { return true }

// belongsToAnother says whether a file is somebody else's. On Windows an administrator's own files are those of a group.
func belongsToAnother(fs.FileInfo) bool { return false }
