//go:build !linux && !darwin && !windows

package prompt

import "context"

// FindDialogs returns none: no dialog is known for this system.
func FindDialogs(func(string) string) []Dialog { return nil }

func (Desktop) show(context.Context, Dialog, Request, *PIN) error { return ErrUnavailable }
