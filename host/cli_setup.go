package main

import (
	"context"
	"fmt"
	"runtime"
	"slices"

	"github.com/natsuin/natsuin/internal/protocol"
)

func (c *commandLine) version(_ context.Context, args []string) error {
	if err := noArguments(args); err != nil {
		return err
	}
	if c.json {
		return c.printJSON(map[string]any{"version": version, "protocol": protocol.Version, "build": build()})
	}
	fmt.Fprintf(c.stdout, "natsuin %s (protocol %d, %s)\n", version, protocol.Version, build())
	return nil
}

// build names the compiler and what it compiled for.
func build() string {
	return fmt.Sprintf("%s %s/%s", runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// help lists all commands, or explains one, or those that begin with one word.
func (c *commandLine) help(_ context.Context, args []string) error {
	if len(args) == 0 {
		fmt.Fprintln(c.stdout, helpIntroText.in(c.lang))
		fmt.Fprintln(c.stdout)
		for _, s := range subcommands() {
			fmt.Fprintf(c.stdout, "  natsuin %-12s  %s\n", s.name, s.does.in(c.lang))
		}
		fmt.Fprintln(c.stdout)
		for _, f := range flagTexts {
			fmt.Fprintln(c.stdout, "  "+f.in(c.lang))
		}
		fmt.Fprintln(c.stdout, noPINFlagText.in(c.lang))
		return nil
	}
	s, rest, ok := find(args)
	switch {
	case ok && len(rest) == 0:
		c.explainCommand(s)
		return nil
	case len(args) > 1:
		return unknownCommand(args)
	}
	found := beginningWith(args[0])
	for i, s := range found {
		if i > 0 {
			fmt.Fprintln(c.stdout)
		}
		c.explainCommand(s)
	}
	if len(found) == 0 {
		return unknownCommand(args)
	}
	return nil
}

// explainCommand prints how a command is called, what it does, and its flags.
func (c *commandLine) explainCommand(s subcommand) {
	fmt.Fprintf(c.stdout, "natsuin %s %s\n\n%s\n\n", s.name, s.usage, s.does.in(c.lang))
	fs := c.flagSet(s)
	explained := map[string]bool{}
	for _, f := range slices.Concat(commandFlagTexts[s.name], ownFlagTexts, flagTexts) {
		if fs.Lookup(f.name) != nil && !explained[f.name] {
			fmt.Fprintln(c.stdout, "  "+f.in(c.lang))
			explained[f.name] = true
		}
	}
}
