package protocol

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/natsuin/natsuin/internal/digestinfo"
)

// MaxDigests is the most that a government page may have signed in one request.
const MaxDigests = 100

// maxServiceID is the longest word of a page for its service, in bytes.
const maxServiceID = 64

// The words of allow, for what else than a DigestInfo of SHA-256, SHA-384 or SHA-512 is taken.
const (
	allowBare = "bare"
	allowSHA1 = "sha-1"
)

// readPortal reads what a government page asks for through its bridge.
func readPortal(o *object, r *Request) {
	readOrigin(o, r)
	if !governmental(r.Origin) {
		o.fail("origin", "is no site of Japan's government or of its municipalities")
	}
	r.ServiceID = o.text("serviceId")
	if !isServiceID(r.ServiceID) {
		o.fail("serviceId", "is not 1 to %d printable ASCII characters", maxServiceID)
	}
	switch r.Command {
	case PortalLogin:
		text := o.text("digest")
		r.Prepared = []digestinfo.Value{o.prepared("digest", text, o.allowed())}
	case PortalSign:
		policy := o.allowed()
		for i, entry := range o.list("digests", MaxDigests) {
			var text string
			key := fmt.Sprintf("digests[%d]", i)
			o.decode(key, entry, `"`, &text, "a string")
			r.Prepared = append(r.Prepared, o.prepared(key, text, policy))
		}
	}
	if r.Command != PortalLogin {
		r.Identifier = o.identifier()
	}
}

// governmental reports whether an origin that is one has a host below go.jp or lg.jp, and the default port. Only
// bodies of the state and of municipalities can have such names.
func governmental(origin string) bool {
	host, found := strings.CutPrefix(origin, "https://")
	return found && (strings.HasSuffix(host, ".go.jp") || strings.HasSuffix(host, ".lg.jp"))
}

func isServiceID(s string) bool {
	return s != "" && len(s) <= maxServiceID && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

// allowed reads the list of what else may be signed, each at most once; absent is nothing.
func (o *object) allowed() (p digestinfo.Policy) {
	value, ok := o.take("allow", true)
	if !ok {
		return p
	}
	var words []string
	o.decode("allow", value, "[", &words, "a list of words")
	slices.Sort(words)
	if len(slices.Compact(slices.Clone(words))) != len(words) {
		o.fail("allow", "has a word twice")
	}
	for _, word := range words {
		switch word {
		case allowBare:
			p.Bare = true
		case allowSHA1:
			p.SHA1 = true
		default:
			o.fail("allow", "has another word than %s and %s", allowBare, allowSHA1)
		}
	}
	return p
}

// prepared reads what the card is to sign as it stands, in standard base64 with padding, in its one spelling.
func (o *object) prepared(key, text string, p digestinfo.Policy) digestinfo.Value {
	b, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || base64.StdEncoding.EncodeToString(b) != text {
		o.fail(key, "is not base64")
		return digestinfo.Value{}
	}
	v, err := digestinfo.Parse(b, p)
	if err != nil {
		o.fail(key, "has %v", err)
	}
	return v
}

// identifier reads what a combination code is made for; nil where none is asked for.
func (o *object) identifier() *[16]byte {
	value, ok := o.take("identifier", true)
	if !ok {
		return nil
	}
	var text string
	o.decode("identifier", value, `"`, &text, "a string")
	var id [16]byte
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != len(id) || hex.EncodeToString(b) != text {
		o.fail("identifier", "is not 32 hexadecimal digits in lower case")
	}
	copy(id[:], b)
	return &id
}
