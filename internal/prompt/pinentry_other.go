//go:build !linux

package prompt

import "fmt"

// FindPinentry returns none: pinentry is used on Linux only.
func FindPinentry(func(string) string) []string { return nil }

func startPinentry(string, []string) (*pinentryProcess, error) {
	return nil, fmt.Errorf("%w: pinentry is used on Linux only", ErrUnavailable)
}
