package nativemsg

import "os"

// ClaimStdout takes the process's standard output away from everything else and returns it, for a Writer.
// From then on whatever any code prints there, including code that knows only the file descriptor and
// programs started later, goes to standard error: one stray byte between two frames would end the
// connection. On Windows only os.Stdout is redirected.
//
// Call it once, before anything else runs.
func ClaimStdout() (*os.File, error) {
	frames, err := takeStdout()
	if err != nil {
		return nil, err
	}
	os.Stdout = os.Stderr
	return frames, nil
}
