package verify

import (
	"errors"
	"fmt"
	"strings"

	"github.com/natsuin/natsuin/internal/signature/cms"
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
			found.Outcome, found.Detail = Failed, printable(err.Error())
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
	found := TimeStamp{Outcome: Passed, Time: token.Time, Policy: token.Policy.String()}
	if err := token.Covers(value); err != nil {
		return found, err
	}
	return found, token.Verify(j.options.TimeStampRoots, j.document.At)
}
