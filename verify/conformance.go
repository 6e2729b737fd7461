package verify

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"github.com/natsuin/natsuin/internal/printable"
	"github.com/natsuin/natsuin/internal/signature/pdf"
	xmldsig "github.com/natsuin/natsuin/internal/signature/xml"
)

// A Profile is the checklist of a service that takes signed documents. None of them is published in full: see
// the packages below internal/signature for where each comes from.
type Profile string

const (
	MOJ  Profile = "moj"  // a PDF for 登記・供託オンライン申請
	ETax Profile = "etax" // e-Tax's XTX
	EGov Profile = "egov" // e-Gov's kousei.xml
)

// Profiles returns all profiles.
func Profiles() []Profile { return []Profile{MOJ, ETax, EGov} }

// A Remedy names what helps where a document breaks a rule: a word for programs, stable, never translated.
type Remedy string

const (
	// RemedySign: sign the document with the profile.
	RemedySign Remedy = "sign"
	// RemedySignOriginal: take the document from before this signature and sign that.
	RemedySignOriginal Remedy = "sign-original"
	// RemedySignedVersion: take the file as it was right after signing.
	RemedySignedVersion Remedy = "use-signed-version"
	// RemedyOtherProgram: sign again with a program that writes this correctly.
	RemedyOtherProgram Remedy = "other-program"
	// RemedyUndamaged: take a copy that was not changed.
	RemedyUndamaged Remedy = "undamaged-copy"
	// RemedyWriteAnew: write the document as the service wants it, and sign that.
	RemedyWriteAnew Remedy = "write-anew"
	// RemedyGiveFiles: give the files that were signed along.
	RemedyGiveFiles Remedy = "give-files"
)

// FormatOther: the file is of another format than the profile is for. It is Conformance's alone, and its cause is a
// *FormatError.
const FormatOther Reason = "FORMAT_OTHER"

// A FormatError tells what a file is that is held against a profile for another format.
type FormatError struct {
	Profile   Profile
	Is, Wants Format
}

func (e *FormatError) Error() string {
	return fmt.Sprintf("the file is of the format %s, and the profile %s is for %s", e.Is, e.Profile, e.Wants)
}

// checkFormat refuses a file that begins as one of another format than the profile's. It says nothing of what is wrong
// with that file.
func checkFormat(p Profile, file io.ReaderAt, size int64) error {
	is, _, err := recognise(file, size)
	if err != nil {
		return err
	}
	wants := XML
	if p == MOJ {
		wants = PDF
	}
	if is != wants {
		return refuse(FormatOther, &FormatError{Profile: p, Is: is, Wants: wants})
	}
	return nil
}

// A ConformanceCheck is one rule of a profile and what came of it.
type ConformanceCheck struct {
	Rule string `json:"rule"`
	// Outcome is NotChecked where another rule that is broken leaves nothing to look at.
	Outcome Outcome `json:"outcome"`
	// Start and End are the bytes of the file that prove it. Both are the same where one place is meant, and
	// 0 where nothing was looked at.
	Start int64 `json:"start"`
	End   int64 `json:"end"`
	// Cause is what stands there or is missing, as a word for programs, and Values are the numbers and names that go
	// with it, which can be shown as they are. Detail is the same in English.
	Cause  string   `json:"cause,omitempty"`
	Values []string `json:"values,omitempty"`
	Detail string   `json:"detail,omitempty"`
	Remedy Remedy   `json:"remedy,omitempty"` // where the rule is broken
}

// A ConformanceReport holds a file against one profile.
type ConformanceReport struct {
	Profile Profile `json:"profile"`
	// Conforms tells that every rule passed. The signer's certificate is not looked at: VerifyDocument does that.
	Conforms bool `json:"conforms"`
	// Checks are all rules of the profile, in order.
	Checks []ConformanceCheck `json:"checks"`
}

// Conformance holds a signed file of size bytes against the rules of a profile. Names are those of the files
// that go with the document, which are opened in files by those names; MOJ has none. An error is a *Refusal
// where the file cannot be read as what the profile wants, or comes from reading it; it is ctx's once ctx has ended,
// after which nothing is read any more.
func Conformance(ctx context.Context, p Profile, file io.ReaderAt, size int64, names []string, files fs.FS) (*ConformanceReport, error) {
	if !slices.Contains(Profiles(), p) {
		return nil, fmt.Errorf("no profile is called %q", p)
	}
	file, files = readerAtUntil{file, ctx}, until(ctx, files)
	if err := checkFormat(p, file, size); err != nil {
		return nil, err
	}
	var checks []ConformanceCheck
	var err error
	switch p {
	case MOJ:
		checks, err = conformPDF(file, size)
	case ETax:
		checks, err = conformXML(xmldsig.ETax, file, size, names, files)
	case EGov:
		checks, err = conformXML(xmldsig.EGov, file, size, names, files)
	}
	if err != nil {
		return nil, err
	}
	report := &ConformanceReport{Profile: p, Conforms: true, Checks: checks}
	for i := range report.Checks {
		c := &report.Checks[i]
		c.Detail = printable.Text(c.Detail)
		for i, value := range c.Values {
			c.Values[i] = printable.Text(value)
		}
		report.Conforms = report.Conforms && c.Outcome == Passed
	}
	return report, nil
}

// pdfRemedies are package pdf's.
var pdfRemedies = map[pdf.Remedy]Remedy{
	pdf.RemedySign:       RemedySign,
	pdf.RemedySignAgain:  RemedySignOriginal,
	pdf.RemedyUseLast:    RemedySignedVersion,
	pdf.RemedyOtherMaker: RemedyOtherProgram,
	pdf.RemedyUndamaged:  RemedyUndamaged,
}

func conformPDF(file io.ReaderAt, size int64) ([]ConformanceCheck, error) {
	findings, err := pdf.Check(file, size)
	if err != nil {
		return nil, refusePDF(err)
	}
	outcomes := map[pdf.Verdict]Outcome{pdf.Pass: Passed, pdf.Fail: Failed, pdf.Unknown: NotChecked}
	var checks []ConformanceCheck
	for _, f := range findings {
		checks = append(checks, ConformanceCheck{
			Rule: string(f.Rule), Outcome: outcomes[f.Verdict], Start: f.Proof.Start, End: f.Proof.End,
			Cause: string(f.Cause), Values: f.Values, Detail: f.Evidence, Remedy: pdfRemedies[f.Remedy],
		})
	}
	return checks, nil
}

// xmlRemedies say what helps where signing the original again does not.
var xmlRemedies = map[xmldsig.Rule]Remedy{
	xmldsig.RuleWellFormed:     RemedyWriteAnew,
	xmldsig.RuleEncoding:       RemedyWriteAnew,
	xmldsig.RuleDoctype:        RemedyWriteAnew,
	xmldsig.RuleDeclaration:    RemedyWriteAnew,
	xmldsig.RuleRoot:           RemedyWriteAnew,
	xmldsig.RuleTarget:         RemedyWriteAnew,
	xmldsig.RuleID:             RemedyWriteAnew,
	xmldsig.RuleSignature:      RemedySign,
	xmldsig.RuleDigest:         RemedyUndamaged,
	xmldsig.RuleFilesGiven:     RemedyGiveFiles,
	xmldsig.RuleFileDigest:     RemedyUndamaged,
	xmldsig.RuleSignatureValue: RemedyUndamaged,
}

func conformXML(p xmldsig.Profile, file io.ReaderAt, size int64, names []string, files fs.FS) ([]ConformanceCheck, error) {
	text, err := readAll(file, size, xmldsig.MaxDocument)
	if err != nil {
		return nil, err
	}
	findings, err := xmldsig.Check(p, text, names, opener(files))
	if err != nil {
		return nil, err
	}
	outcomes := map[xmldsig.Verdict]Outcome{xmldsig.Pass: Passed, xmldsig.Fail: Failed, xmldsig.Skipped: NotChecked}
	var checks []ConformanceCheck
	for _, f := range findings {
		c := ConformanceCheck{Rule: string(f.Rule), Outcome: outcomes[f.Verdict], Start: int64(f.Start), End: int64(f.End),
			Cause: string(f.Cause), Values: f.Values, Detail: f.Detail}
		if c.Outcome == Failed {
			c.Remedy = cmp.Or(xmlRemedies[f.Rule], RemedySignOriginal)
		}
		checks = append(checks, c)
	}
	return checks, nil
}
