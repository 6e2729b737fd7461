package protocol

import (
	"fmt"
	"regexp"
)

// The versions of the protocol that this host speaks, from the oldest to its own. docs/protocol.md says what
// makes a new one.
const (
	Oldest  = 1
	Version = 1
)

// A Greeting is what an extension says of itself, first of all.
type Greeting struct {
	Version  string // the extension's own, as in "0.1.0"
	Protocol int    // the version of the protocol that it will speak: the newest that both do
}

func (*Greeting) message() {}

// productPattern keeps a stranger's version fit to be shown.
var productPattern = regexp.MustCompile(`^[0-9A-Za-z.+~-]{1,64}$`)

// maxProtocol is more than any version of the protocol will be.
const maxProtocol = 1_000_000

// readGreeting passes over keys that it does not know: a greeting is read before it is clear whose rules hold.
func readGreeting(o *object) (*Greeting, error) {
	g := &Greeting{Version: o.text("version"), Protocol: int(o.integer("protocol", maxProtocol))}
	if !productPattern.MatchString(g.Version) {
		o.fail("version", "is not a version")
	}
	if o.err != nil {
		return nil, o.err
	}
	return g, nil
}

// Fits returns nil where this host speaks what the extension will speak. Else it returns VersionMismatch, which
// names the older of the two.
func (g *Greeting) Fits() *Error {
	update := "extension"
	switch {
	case g.Protocol > Version:
		update = "host"
	case g.Protocol >= Oldest:
		return nil
	}
	e := Fail(VersionMismatch, fmt.Errorf("the extension %s speaks protocol %d, and this program %d to %d: the %s is too old", g.Version, g.Protocol, Oldest, Version, update))
	e.Update = update
	return e
}
