package protocol

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/natsuin/natsuin/internal/digestinfo"
)

// Hello greets the extension.
type Hello struct {
	Type    string `json:"type"`
	Version string `json:"version"`
	// Protocol is the newest version of the protocol that this host speaks, and Oldest the oldest.
	Protocol     int          `json:"protocol"`
	Oldest       int          `json:"oldest"`
	Capabilities Capabilities `json:"capabilities"`
}

// Capabilities tells what this host can do.
type Capabilities struct {
	Commands []Command `json:"commands"`
	Formats  []Format  `json:"formats"`
	// Profiles are those of each format that has any, the usual one first.
	Profiles map[Format][]string `json:"profiles"`
	Hashes   []Hash              `json:"hashes"`
	// Prompt is "dialog" or "window": where a PIN will be typed.
	Prompt string `json:"prompt"`
}

// NewHello returns the greeting of a host of that version.
func NewHello(version, prompt string) Hello {
	return Hello{Type: "hello", Version: version, Protocol: Version, Oldest: Oldest, Capabilities: Capabilities{
		Commands: Commands(), Formats: Formats(), Profiles: map[Format][]string{PDF: Profiles(PDF), XML: Profiles(XML)}, Hashes: anyHash, Prompt: prompt,
	}}
}

// Received acknowledges a chunk: Bytes of the document have come so far.
type Received struct {
	ID       string `json:"id"`
	Document int    `json:"document"`
	Bytes    int64  `json:"bytes"`
}

// CardPresence tells what the operation waits for.
type CardPresence struct {
	ID       string `json:"id"`
	Presence string `json:"presence"` // "no-reader", "no-card" or "present"
	Reader   string `json:"reader,omitempty"`
	// Other names the readers that hold a card of another kind, which is passed over.
	Other []string `json:"other,omitempty"`
}

// PINState is what a human must know before typing a PIN.
type PINState struct {
	PIN       PINName  `json:"pin"`
	Purpose   string   `json:"purpose,omitempty"` // of change-pin: "current", "new" or "repeat"
	TriesLeft int      `json:"triesLeft"`
	MaxTries  int      `json:"maxTries"`
	Problem   string   `json:"problem,omitempty"` // why the last one was not taken
	NoPad     bool     `json:"noPad,omitempty"`   // the reader's own pad was wanted, and cannot take it
	Card      CardInfo `json:"card"`
}

// CardInfo is what can be said of the card without a PIN.
type CardInfo struct {
	Token  string `json:"token"`
	Issuer string `json:"issuer"`
}

// Dialog tells that the system's dialog asks for a PIN now.
type Dialog struct {
	ID string `json:"id"`
	PINState
}

// Pad tells that the reader's own pad takes a PIN now, for so many seconds.
type Pad struct {
	ID string `json:"id"`
	PINState
	Seconds int `json:"seconds"`
}

// Prompt asks the extension's window; an Answer or a PIN with the same number answers it.
type Prompt struct {
	ID     string `json:"id"`
	Prompt int    `json:"prompt"`
	Kind   string `json:"kind"` // "consent", "last-try", "pin", "weak-pin", "pad" or "choose-reader"
	// Digest and Hidden belong to consent: one SHA-256 over the list, in hex, and the number of
	// documents of which only a digest is known.
	Digest string `json:"digest,omitempty"`
	Hidden *int   `json:"hidden,omitempty"`
	// Pages and Seal belong to consent over PDFs: how many pages each document has, and as a PNG what is drawn inside
	// the seal.
	Pages []int  `json:"pages,omitempty"`
	Seal  []byte `json:"seal,omitempty"`
	// Digests belong to consent to what a government page asks for, in place of all of these: what is to be signed, and
	// nothing where it is nothing.
	Digests *[]ChosenDigest `json:"digests,omitempty"`
	// Reasons belong to weak-pin: why another PIN would be better.
	Reasons []string `json:"reasons,omitempty"`
	// Readers belong to choose-reader, which has no PINState.
	Readers []Candidate `json:"readers,omitempty"`
	*PINState
}

// A ChosenDigest is what can be said of a value that a page wants signed as it stands.
type ChosenDigest struct {
	Hash string `json:"hash"` // of the DigestInfo, as Hash has it, "SHA-1", or "bare" where there is none
	// First and Last are the first and the last four bytes of the digest, in hex.
	First string `json:"first"`
	Last  string `json:"last"`
}

// NewChosenDigest describes a value that Decode has taken.
func NewChosenDigest(v digestinfo.Value) ChosenDigest {
	digest := v.Digest()
	d := ChosenDigest{Hash: "bare", First: hex.EncodeToString(digest[:4]), Last: hex.EncodeToString(digest[len(digest)-4:])}
	if v.Hash() != 0 {
		d.Hash = v.Hash().String()
	}
	return d
}

// A Candidate is one of several cards that a request could be about.
type Candidate struct {
	Name  string `json:"name"`  // the reader's
	Token string `json:"token"` // as in CardInfo
}

// Gone withdraws a prompt.
type Gone struct {
	ID     string `json:"id"`
	Prompt int    `json:"prompt"`
}

// Progress counts the signatures that are made.
type Progress struct {
	ID    string `json:"id"`
	Done  int    `json:"done"`
	Total int    `json:"total"`
}

// Signature carries one part of a document's signature.
type Signature struct {
	ID       string `json:"id"`
	Document int    `json:"document"`
	Last     bool   `json:"last"`
	Data     []byte `json:"data"`
}

// MaxSignaturePart is the most bytes of a signature that one frame carries, before base64.
const MaxSignaturePart = 512 << 10

// Result ends a request well.
type Result struct {
	ID     string `json:"id"`
	Result any    `json:"result"`
}

// Failure ends a request badly. ID is empty when it could not be told.
type Failure struct {
	ID    string `json:"id,omitempty"`
	Error *Error `json:"error"`
}

// Encode returns the frame of one of this file's messages.
func Encode(message any) ([]byte, error) {
	var kind string
	switch message.(type) {
	case Hello:
		return json.Marshal(message)
	case Received:
		kind = "received"
	case CardPresence:
		kind = "card"
	case Dialog:
		kind = "dialog"
	case Pad:
		kind = "pad"
	case Prompt:
		kind = "prompt"
	case Gone:
		kind = "gone"
	case Progress:
		kind = "progress"
	case Signature:
		kind = "signature"
	case Result:
		kind = "result"
	case Failure:
		kind = "error"
	default:
		return nil, fmt.Errorf("%T is not a message to the extension", message)
	}
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false) // no HTML here, and six bytes for one
	if err := encoder.Encode(message); err != nil {
		return nil, err
	}
	members := bytes.TrimSuffix(body.Bytes()[1:], []byte("\n"))
	return append([]byte(`{"type":"`+kind+`",`), members...), nil
}
