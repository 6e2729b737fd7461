//go:build !linux

package prompt

func lockPage([]byte)   {}
func unlockPage([]byte) {}
