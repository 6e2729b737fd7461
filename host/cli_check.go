package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/natsuin/natsuin/internal/printable"
	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/verify"
)

func (c *commandLine) checkFlags(fs *flag.FlagSet) {
	fs.StringVar(&c.profile, "profile", "", "")
	fs.StringVar(&c.files, "files", "", "")
}

// A conformance is a report with its words, as check prints it.
type conformance struct {
	*verify.ConformanceReport
	Checks []conformanceCheck `json:"checks"`
}

type conformanceCheck struct {
	verify.ConformanceCheck
	Says  string `json:"says"`
	Found string `json:"found,omitempty"`
	Help  string `json:"help,omitempty"`
}

// check holds a signed file against the rules of the service that is to take it.
func (c *commandLine) check(ctx context.Context, args []string) error {
	profile := verify.Profile(c.profile)
	if !slices.Contains(verify.Profiles(), profile) {
		return misused("--profile", text{"moj、etax、egovのどれかを指定してください。", "is none of moj, etax and egov"})
	}
	if c.files != "" && profile == verify.MOJ {
		return misused("--files", text{"etaxとegovだけに使えます。", "goes with etax and egov only"})
	}
	return c.withSigned(args, func(d signedFile) error {
		report, err := d.conformance(ctx, profile)
		if err != nil {
			return err
		}
		return c.tell(c.inWords(report), report.Conforms, func() { c.printConformance(d.name, report) })
	})
}

// conformance holds a document against the rules of a service; without one it returns nil.
func (d signedFile) conformance(ctx context.Context, profile verify.Profile) (*verify.ConformanceReport, error) {
	if profile == "" {
		return nil, nil
	}
	names, err := d.fileNames()
	if err != nil {
		return nil, protocol.Fail(protocol.FileFailed, err)
	}
	report, err := verify.Conformance(ctx, profile, d, d.size, names, d.files)
	var other *verify.FormatError
	if errors.As(err, &other) {
		err = fmt.Errorf("%w: %w", err, &usage{text: otherFormatTexts[other.Is], args: []any{other.Profile}})
	}
	if err != nil {
		return nil, unjudged(err)
	}
	return report, nil
}

// maxFilesBeside bounds the files that go with a document: each is held against each reference.
const maxFilesBeside = 1000

// fileNames returns the names of the files that go with a document: all others of its archive, or the regular files of
// the folder --files but the document itself.
func (d signedFile) fileNames() ([]string, error) {
	switch {
	case d.files == nil:
		return nil, nil
	case d.archive != nil:
		return d.archive.names, nil
	}
	own, err := d.file.Stat()
	if err != nil {
		return nil, err
	}
	entries, err := fs.ReadDir(d.files, ".")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			return nil, err
		}
		if info.Mode().IsRegular() && !os.SameFile(info, own) {
			names = append(names, entry.Name())
		}
	}
	if len(names) > maxFilesBeside {
		return nil, fmt.Errorf("the folder has more than %d files", maxFilesBeside)
	}
	return names, nil
}

// inWords adds each rule's sentence, what was found, and what helps where it is broken.
func (c *commandLine) inWords(report *verify.ConformanceReport) conformance {
	said := conformance{ConformanceReport: report}
	for _, check := range report.Checks {
		said.Checks = append(said.Checks, conformanceCheck{check, conformanceTexts[check.Rule].in(c.lang), foundText(check, c.lang), c.whatHelps(check)})
	}
	return said
}

func (c *commandLine) whatHelps(check verify.ConformanceCheck) string {
	if check.Outcome != verify.Failed {
		return ""
	}
	return documentRemedyTexts[check.Remedy].in(c.lang)
}

// printConformance lists the rules for people, with the bytes to look at.
func (c *commandLine) printConformance(name string, report *verify.ConformanceReport) {
	fmt.Fprintf(c.stdout, "%s: %s\n", printable.Text(name), profileTexts[report.Profile].in(c.lang))
	broken := 0
	for _, check := range report.Checks {
		c.item(text{"%s %s [%s]", "%s %s [%s]"}, outcomeTexts[check.Outcome].in(c.lang), conformanceTexts[check.Rule].in(c.lang), check.Rule)
		if check.Outcome == verify.NotChecked {
			c.item(text{"     %s", "     %s"}, printable.Text(foundText(check, c.lang)))
			continue
		}
		if check.Detail == "" {
			c.item(wholeText, extent(check))
		} else {
			c.item(bytesText, extent(check), printable.Text(foundText(check, c.lang)))
		}
		if check.Outcome == verify.Failed {
			broken++
			c.item(remedyText, c.whatHelps(check))
		}
	}
	if report.Conforms {
		fmt.Fprintln(c.stdout, conformsText.in(c.lang))
		return
	}
	fmt.Fprintf(c.stdout, brokenText.in(c.lang)+"\n", broken)
}

// extent names the bytes that prove a verdict.
func extent(check verify.ConformanceCheck) string {
	if check.End > check.Start {
		return fmt.Sprintf("%d-%d", check.Start, check.End-1)
	}
	return fmt.Sprint(check.Start)
}
