package main

import (
	"context"
	"fmt"

	"github.com/natsuin/natsuin/installer"
	"github.com/natsuin/natsuin/internal/printable"
)

// A listedLine is a browser as list --json prints it.
type listedLine struct {
	Name          string             `json:"name"`
	Title         string             `json:"title"`
	Found         []foundLine        `json:"found"`
	Registrations []registrationLine `json:"registrations"`
}

type foundLine struct {
	Path      string              `json:"path"`
	Packaging installer.Packaging `json:"packaging"`
	Reach     installer.Reach     `json:"reach"`
}

type registrationLine struct {
	Scope   installer.Scope  `json:"scope"`
	Key     string           `json:"key,omitempty"`
	Path    string           `json:"path,omitempty"`
	State   installer.State  `json:"state"`
	Program string           `json:"program,omitempty"`
	By      installer.Author `json:"by,omitempty"`
}

// list tells of every browser where it is and what is registered with it.
func (c *commandLine) list(_ context.Context, args []string) error {
	target, err := c.target(args)
	if err != nil {
		return err
	}
	listed, err := installer.List(target.Machine, target.Program, c.browsers)
	if err != nil {
		return c.registerFailure(err)
	}
	lines := []listedLine{}
	for _, l := range listed {
		lines = append(lines, c.listedLine(l, target.Scope))
	}
	if c.json {
		return c.printJSON(map[string]any{"browsers": lines})
	}
	for _, l := range lines {
		c.printListed(l)
	}
	return nil
}

// listedLine leaves out the places of the scope that was not asked for.
func (c *commandLine) listedLine(l installer.Listed, scope installer.Scope) listedLine {
	line := listedLine{Name: l.Name, Title: l.Title, Found: []foundLine{}, Registrations: []registrationLine{}}
	for _, f := range l.Found {
		line.Found = append(line.Found, foundLine{f.Path, f.Packaging, f.Reach})
	}
	both := !c.user && !c.system
	for _, r := range l.Registrations {
		if both || r.Scope == scope {
			line.Registrations = append(line.Registrations, registrationLine(r))
		}
	}
	return line
}

// printListed writes a line for a browser, and under it one for each place where something is registered.
func (c *commandLine) printListed(l listedLine) {
	if len(l.Found) == 0 {
		fmt.Fprintf(c.stdout, notFoundText.in(c.lang)+"\n", l.Title, l.Name)
	}
	for _, f := range l.Found {
		fmt.Fprintln(c.stdout, printable.Text(fmt.Sprintf(foundBrowserText.in(c.lang), l.Title, l.Name, f.Path)+packagingTexts[f.Packaging].in(c.lang)))
	}
	nothing := true
	for _, r := range l.Registrations {
		if r.State == installer.NothingThere {
			continue
		}
		nothing = false
		place := r.Path
		if r.Key != "" {
			place = r.Key
		}
		fmt.Fprintln(c.stdout, "  "+printable.Text(fmt.Sprintf(stateTexts[r.State].in(c.lang), registeredForTexts[r.Scope].in(c.lang), place, r.Program)+authorTexts[r.By].in(c.lang)))
	}
	if nothing && len(l.Found) > 0 {
		fmt.Fprintln(c.stdout, "  "+notRegisteredText.in(c.lang))
	}
}
