package main

import (
	"errors"
	"slices"
	"time"

	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/internal/rules"
)

var notYetIssued = &rules.Problem{JA: "まだ来ていない日付です。", EN: "is in the future"}

// validity reckons until when card and certificates last. A date that cannot be is named by its key.
func validity(h rules.Holder) (rules.Validity, error) {
	v, err := h.Validity()
	if err == nil && rules.DateIn(time.Now()).Before(h.Issued) {
		err = &rules.FieldError{Field: "issued", Problem: notYetIssued}
	}
	var field *rules.FieldError
	if errors.As(err, &field) {
		return v, protocol.Invalid(field.Field, "%w", field.Problem)
	}
	return v, err
}

// loadDesks returns the built-in help desks and those of the usual places, then those of the named files; "" names none.
func loadDesks(named ...string) ([]rules.Desk, error) {
	named = slices.DeleteFunc(named, func(file string) bool { return file == "" })
	desks, err := rules.LoadDesks(append(deskFiles(), named...)...)
	if err != nil {
		return nil, protocol.Fail(protocol.FileFailed, err)
	}
	return desks, nil
}
