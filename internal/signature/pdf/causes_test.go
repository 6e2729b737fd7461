package pdf

import "strings"

// Causes returns every cause with how many values go with it.
func Causes() map[Cause]int {
	all := map[Cause]int{CauseByteRange: 0, CauseGap: 0, CauseContents: 0, CausePadding: 0, CauseBadCMS: 0, CauseDigest: 0, CauseBadSignature: 0}
	for cause, sentence := range evidence {
		all[cause] = strings.Count(sentence, "%")
	}
	return all
}
