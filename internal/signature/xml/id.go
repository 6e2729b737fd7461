package xmldsig

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/natsuin/natsuin/internal/signature/xml/tree"
)

// idNames are the attributes that are taken for ids, none of which a schema is at hand for.
var idNames = []struct{ space, local string }{{"", "Id"}, {"", "ID"}, {"", "id"}, {tree.SpaceXML, "id"}}

// ids are the elements of a document by their ids.
type ids map[string][]*tree.Node

func idsOf(d *tree.Document) ids {
	found := ids{}
	for n := range d.Root.All() {
		for _, a := range n.Attributes {
			for _, name := range idNames {
				if a.Local == name.local && a.Space == name.space && !slices.Contains(last(found[a.Value]), n) {
					found[a.Value] = append(found[a.Value], n)
				}
			}
		}
	}
	return found
}

// last returns the last of some elements: an id may be given to one element under several names.
func last(elements []*tree.Node) []*tree.Node { return elements[max(0, len(elements)-1):] }

// find returns the one element that a fragment names. The fragment is percent-encoded (RFC 3986 §3.5) or not; an id
// that says the same with other characters makes it ambiguous.
func (i ids) find(fragment string) (*tree.Node, error) {
	if strings.HasPrefix(fragment, "xpointer(") {
		return nil, fmt.Errorf("%w: an XPointer", ErrReference)
	}
	id, err := url.PathUnescape(fragment)
	if err != nil || id == "" {
		return nil, fmt.Errorf("%w: %q", ErrReference, "#"+shortened(fragment))
	}
	if id != fragment && len(i[fragment]) > 0 {
		return nil, fmt.Errorf("%w: %q", ErrAmbiguousID, "#"+shortened(fragment))
	}
	return i.one(id)
}

// one returns the one element with that id.
func (i ids) one(id string) (*tree.Node, error) {
	found := i[id]
	switch {
	case len(found) == 0:
		return nil, fmt.Errorf("%w: no element has the id %q", ErrReference, shortened(id))
	case len(found) == 1:
		return found[0], nil
	case sameName(found, id):
		return nil, fmt.Errorf("%w: %q", ErrDuplicateID, shortened(id))
	default:
		return nil, fmt.Errorf("%w: %q is in attributes of different names", ErrAmbiguousID, shortened(id))
	}
}

// sameName reports whether the elements have the id in attributes of one name.
func sameName(elements []*tree.Node, id string) bool {
	for _, name := range idNames {
		all := true
		for _, n := range elements {
			value, _ := n.Attribute(name.space, name.local)
			all = all && value == id
		}
		if all {
			return true
		}
	}
	return false
}

// escape percent-encodes what is not unreserved (RFC 3986 §2.3), for a fragment or the name of a file in a URI.
func escape(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// fileName returns the name that a URI reference of one path segment means (RFC 3986 §4.2).
func fileName(uri string) (string, error) {
	name, err := url.PathUnescape(uri)
	if err != nil || strings.ContainsAny(uri, ":?#") || !plainName(name) {
		return "", fmt.Errorf("%w: %q is not the name of a file beside the document", ErrReference, shortened(uri))
	}
	return name, nil
}

// plainName reports whether a name stays where it is: no folder, no control character.
func plainName(name string) bool {
	return name != "" && name != "." && name != ".." && !strings.ContainsFunc(name, func(c rune) bool {
		return c == '/' || c == '\\' || c < 0x20 || c == 0x7F || c == '\uFFFD'
	})
}
