package verify

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/natsuin/natsuin/internal/printable"
	"github.com/natsuin/natsuin/internal/signature/cms"
	"github.com/natsuin/natsuin/internal/signature/pdf"
	"github.com/natsuin/natsuin/internal/signature/timestamp"
)

// maxTimeStamps bounds how many time stamps of a signature are looked at.
const maxTimeStamps = 16

// timeStamps checks those of a signature, if there are any. One that is to be believed is enough: no signature
// covers them, so that anybody can add more.
func (j *judge) timeStamps(s *DocumentSignature, r *report, m *cms.Signature) {
	tokens := m.Timestamps
	switch {
	case len(tokens) == 0:
		return
	case j.options.TimeStampRoots == nil:
		r.skip(RuleTimeStamp, fmt.Sprintf("there are %d, and no roots to check them", len(tokens)))
		return
	}
	var proven []string
	var errs []error
	for _, token := range tokens[:min(len(tokens), maxTimeStamps)] {
		found, err := j.timeStamp(token, m.Value)
		if err != nil {
			found.Outcome, found.Detail = Failed, printable.Text(err.Error())
			errs = append(errs, err)
		} else {
			proven = append(proven, stamp(found.Time))
		}
		s.TimeStamps = append(s.TimeStamps, found)
	}
	if len(proven) == 0 {
		*r = s.refuse(r.fail(RuleTimeStamp, TimeStampInvalid, errors.Join(errs...)))
		return
	}
	r.pass(RuleTimeStamp, "seen at "+strings.Join(proven, ", "))
}

// timeStamp checks one token about a signature's value.
func (j *judge) timeStamp(der, value []byte) (TimeStamp, error) {
	token, err := timestamp.ParseToken(der)
	if err != nil {
		return TimeStamp{}, err
	}
	found := describeToken(token)
	if err := token.Covers(value); err != nil {
		return found, err
	}
	return found, token.Verify(j.options.TimeStampRoots, j.document.At)
}

// describeToken says what is in a token, as if it was to be believed.
func describeToken(t *timestamp.Token) TimeStamp {
	return TimeStamp{Outcome: Passed, Time: t.Time, Policy: t.Policy.String(), Authority: printable.Text(t.Certificate.Subject.String())}
}

// documentTimeStamp checks a time stamp of a whole PDF, of which all is right but perhaps the token. Being
// right it shows that the file was there, and not that anybody signed it. Without roots nothing says whom to
// trust; but whether it is a time stamp, and about these bytes, is looked at all the same: what comes with
// one may be added to a signed document, and anybody can write one that is none.
func (j *judge) documentTimeStamp(s *DocumentSignature, r *report, found *pdf.Signature, file io.ReaderAt) error {
	refuse := func(rule string, reason Reason, err error) {
		if len(s.TimeStamps) > 0 {
			s.TimeStamps[0].Outcome, s.TimeStamps[0].Detail = Failed, printable.Text(err.Error())
		}
		*r = s.refuse(r.fail(rule, reason, err))
	}
	token, err := timestamp.ParseToken(found.Message)
	if err != nil {
		refuse(RuleTimeStamp, TimeStampInvalid, err)
		return nil
	}
	if j.options.TimeStampRoots != nil {
		s.TimeStamps = []TimeStamp{describeToken(token)}
	}
	r.pass(RuleMessage, token.Imprint.Hash.String())
	r.pass(RuleSignature, "")
	if err := token.CoversContent(found.SignedBytes(file)); errors.Is(err, timestamp.ErrImprint) {
		refuse(RuleDocument, DocumentChanged, err)
		return nil
	} else if err != nil {
		return err
	}
	r.pass(RuleDocument, "")
	if j.options.TimeStampRoots == nil {
		s.Outcome = NotChecked
		r.skip(RuleTimeStamp, "a time stamp of the document, and no roots to check it")
		return nil
	}
	if err := token.Verify(j.options.TimeStampRoots, j.document.At); err != nil {
		refuse(RuleTimeStamp, TimeStampInvalid, err)
		return nil
	}
	r.pass(RuleTimeStamp, "seen at "+stamp(token.Time))
	return nil
}
