package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/natsuin/natsuin/internal/printable"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/verify"
)

// maxTokenFile is more than any token has; verify knows the real limit.
const maxTokenFile = 1 << 20

func (c *commandLine) verifyToken(_ context.Context, args []string) error {
	if len(args) != 1 {
		return misused("FILE", missingText)
	}
	if err := c.checkTokenFlags(); err != nil {
		return err
	}
	options := verify.TokenOptions{Origin: c.origin, Challenge: c.challenge}
	var err error
	if options.Trust, options.At, err = c.readTrust(); err != nil {
		return err
	}
	token, err := c.readToken(args[0])
	if err != nil {
		return protocol.Fail(protocol.FileFailed, err)
	}
	login, err := verify.VerifyToken(token, options)
	var refusal *verify.Refusal
	if errors.As(err, &refusal) {
		c.printChecks(refusal.Checks)
		failure := protocol.Fail(protocol.VerificationFailed, err)
		failure.Reason = string(refusal.Reason)
		return failure
	}
	if err != nil {
		return protocol.Fail(protocol.Internal, err)
	}
	if c.json {
		return c.printJSON(map[string]any{"anchor": login.Anchor, "checks": login.Checks})
	}
	c.printChecks(login.Checks)
	fmt.Fprintf(c.stdout, "anchor: %s\n", login.Anchor)
	return nil
}

// trustIn returns J-LIS's roots together with those in an administrator's folder; "" is no folder.
func trustIn(folder string) (trust verify.Trust, err error) {
	if folder == "" {
		return trust, nil
	}
	if trust, err = trust.WithDir(folder); err != nil {
		return trust, protocol.Fail(protocol.FileFailed, &usage{text: settledText, args: []any{printable.Text(folder)}, cause: err, remedy: settledHelp})
	}
	return trust, nil
}

// readTrust takes --trust and --at. What an administrator settled holds, too.
func (c *commandLine) readTrust() (trust verify.Trust, at time.Time, err error) {
	if trust, err = trustIn(c.settled.Trust); err != nil {
		return trust, at, err
	}
	if c.trust != "" {
		if trust, err = trust.WithDir(c.trust); err != nil {
			return trust, at, misusedFor(err, "--trust", rootsText, printable.Text(c.trust))
		}
	}
	if c.at != "" {
		if at, err = time.Parse(time.RFC3339, c.at); err != nil {
			return trust, at, misused("--at", atTimeText)
		}
	}
	return trust, at, nil
}

func (c *commandLine) readToken(path string) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(io.LimitReader(c.stdin, maxTokenFile))
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxTokenFile))
}

// printChecks lists the rules for people; with --json they stand in the result.
func (c *commandLine) printChecks(checks []verify.Check) {
	if c.json {
		return
	}
	for _, check := range checks {
		fmt.Fprintf(c.stdout, "%-12s %-22s %s\n", check.Outcome, check.Rule, printable.Text(check.Detail))
	}
}
