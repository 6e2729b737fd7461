package main

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/natsuin/natsuin/internal/command"
	"github.com/natsuin/natsuin/internal/printable"
	"github.com/natsuin/natsuin/internal/rules"
	"github.com/natsuin/natsuin/verify"
)

// printDocument tells people what was found in a file, signature by signature.
func (c *commandLine) printDocument(name string, d *verify.Document) {
	fmt.Fprintf(c.stdout, documentText.in(c.lang)+"\n", printable.Text(name), formatTexts[d.Format].in(c.lang), d.Size)
	if d.Format == verify.PDF {
		c.item(pdfText, d.Revisions, d.Pages)
	}
	c.item(judgedAtText, c.moment(d.At))
	for i, s := range d.Signatures {
		fmt.Fprintf(c.stdout, "\n"+documentPlaceText.in(c.lang)+"\n", i+1, len(d.Signatures), printable.Text(placeText(s.Place, c.lang)))
		c.printSignature(&s)
	}
	fmt.Fprintf(c.stdout, "\n%s\n", acceptedTexts[d.Accepted].in(c.lang))
	for _, root := range d.MissingRoots {
		fmt.Fprintf(c.stdout, missingRootTexts[string(root.Hierarchy)].in(c.lang)+"\n", root.Name(), c.written(root.From), c.written(root.To))
	}
}

// written tells a day that is written as 2006-01-02, as people write it.
func (c *commandLine) written(day string) string {
	date, err := rules.ParseDate(day)
	if err != nil {
		return day
	}
	return c.day(date)
}

func (c *commandLine) printSignature(s *verify.DocumentSignature) {
	c.item(resultText, signatureOutcomeTexts[s.Outcome].in(c.lang))
	if s.Reason != "" {
		c.item(text{"理由: %s（%s）", "Reason: %s (%s)"}, documentReasonTexts[s.Reason].message.in(c.lang), s.Reason)
		c.item(recordText, printable.Text(s.Detail))
		c.item(whatHelpsText, documentReasonTexts[s.Reason].remedy.in(c.lang))
	}
	c.printCoverage(s)
	if s.Signer != nil {
		c.printSigner(s.Signer)
	}
	if s.Attributes != nil {
		c.item(holderText)
		c.printAttributes(*command.FourAttributes(*s.Attributes), "    ")
	}
	c.printClaims(s.Claims)
	c.printMarks(s.Marks)
	c.printTimeStamps(s.TimeStamps)
	c.item(documentRulesText)
	for _, check := range s.Checks {
		c.item(text{"  %s %s [%s]", "  %s %s [%s]"}, outcomeTexts[check.Outcome].in(c.lang), ruleTexts[check.Rule].in(c.lang), check.Rule)
		if check.Detail != "" {
			c.item(text{"       %s", "       %s"}, printable.Text(detailText(check, c.lang)))
		}
	}
	isRevocation := func(check verify.Check) bool { return check.Rule == verify.RuleRevocation }
	if s.Outcome == verify.Failed && !slices.ContainsFunc(s.Checks, isRevocation) {
		c.item(notReachedText)
	}
}

// printCoverage tells what a signature signs. One that failed proves nothing of that.
func (c *commandLine) printCoverage(s *verify.DocumentSignature) {
	covers := s.Covers
	if s.Outcome == verify.Failed {
		c.item(unprovenText)
	}
	if s.DocumentTimeStamp {
		c.item(timeStampText)
	}
	switch {
	case covers.Detached:
		c.item(coversContentText)
	case len(covers.References) > 0:
		c.printReferences(covers)
	case covers.ByteRange != nil:
		c.item(coversRevisionText, covers.Revision, c.bytes(covers.ByteRange))
		c.printLater(s.Outcome, covers)
	case covers.Whole:
		c.item(coversAttachedText, covers.Content)
	}
}

func (c *commandLine) printLater(outcome verify.Outcome, covers verify.Coverage) {
	switch later := covers.Later; {
	case later != nil:
		c.item(laterText, later.Signatures, later.TimeStamps, yesNoTexts[later.ValidationData].in(c.lang), yesNoTexts[later.Metadata].in(c.lang), yesNoTexts[later.Version].in(c.lang))
	case covers.Whole:
		c.item(nothingLaterText)
	case outcome == verify.Passed:
		c.item(somethingLaterText)
	}
}

func (c *commandLine) printReferences(covers verify.Coverage) {
	if covers.Whole {
		c.item(coversDocumentText)
	}
	for _, r := range covers.References {
		where := r.Path
		if r.File != "" {
			where = r.File
		}
		c.item(referenceText, scopeTexts[r.Scope].in(c.lang), printable.Text(r.URI), printable.Text(where))
	}
	for _, p := range covers.Unsigned {
		c.item(unsignedText, printable.Text(p.Path), partTexts[p.Kind].in(c.lang), c.span(int64(p.Start), int64(p.End)))
	}
	if covers.MoreUnsigned {
		c.item(moreUnsignedText)
	}
}

// bytes tells a byte range of a PDF: pairs of where bytes begin and how many they are.
func (c *commandLine) bytes(byteRange []int64) string {
	var spans listing
	for pair := range slices.Chunk(byteRange, 2) {
		spans = append(spans, c.span(pair[0], pair[0]+pair[1]))
	}
	return spans.in(c.lang)
}

// span tells which bytes there are before end, the first and the last of them counted in.
func (c *commandLine) span(start, end int64) string {
	if end <= start+1 {
		return strconv.FormatInt(start, 10)
	}
	return fmt.Sprintf(spanText.in(c.lang), start, end-1)
}

func (c *commandLine) printSigner(s *verify.Signer) {
	c.item(signerText, s.Serial, s.SHA256)
	c.item(validityText, c.moment(s.NotBefore), c.moment(s.NotAfter))
	if len(s.Policies) > 0 {
		c.item(policiesText, listing(s.Policies).in(c.lang))
	}
	if s.Anchor == nil {
		c.item(noAnchorText)
		return
	}
	c.item(anchorText, printable.Text(s.Anchor.Name), anchorTexts[s.Anchor.Origin].in(c.lang), s.Anchor.SHA256)
	if s.Anchor.Obtained != "" {
		c.item(obtainedText, obtainedTexts[s.Anchor.Obtained].in(c.lang))
	}
}

// printClaims tells what the signer wrote, of which nothing is proven.
func (c *commandLine) printClaims(claims verify.Claims) {
	if claims == (verify.Claims{}) {
		return
	}
	c.item(claimsText)
	if !claims.SigningTime.IsZero() {
		c.item(claimedTimeText, c.moment(claims.SigningTime))
	}
	if !claims.Time.IsZero() {
		c.item(claimedEntryText, c.moment(claims.Time))
	}
	for _, row := range []struct {
		name  text
		value string
	}{{nameText, claims.Name}, {claimedReasonText, claims.Reason}, {claimedLocationText, claims.Location}} {
		if row.value != "" {
			c.item(text{"  %s: %s", "  %s: %s"}, row.name.in(c.lang), printable.Text(row.value))
		}
	}
}

// printMarks tells on which pages a signature shows.
func (c *commandLine) printMarks(marks []verify.Mark) {
	var pages listing
	for _, m := range marks {
		pages = append(pages, strconv.Itoa(m.Page))
	}
	if len(pages) > 0 {
		c.item(marksText, slices.Compact(pages).in(c.lang))
	}
}
