//go:build !windows

package installer

// SystemRegistry returns this machine's registry: nil, for only Windows has one.
func SystemRegistry() Registry { return nil }
