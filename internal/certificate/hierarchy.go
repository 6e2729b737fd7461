package certificate

import "crypto/x509/pkix"

// A Hierarchy is one of the two trees of the JPKI. A certificate of one never counts in the other.
type Hierarchy string

const (
	// Authentication is 利用者証明用: certificates that log in.
	Authentication Hierarchy = "authentication"
	// Signature is 署名用: certificates that sign documents and carry the holder's attributes.
	Signature Hierarchy = "signature"
)

// units maps the first OU of a CA's name to its hierarchy (jpki-card.md §5.2). The three generations
// of a hierarchy share that name.
var units = map[string]Hierarchy{
	"JPKI for user authentication": Authentication,
	"JPKI for digital signature":   Signature,
}

// Japanese returns the official word for the hierarchy.
func (h Hierarchy) Japanese() string {
	switch h {
	case Authentication:
		return "利用者証明用"
	case Signature:
		return "署名用"
	}
	return string(h)
}

// hierarchyOf reads the hierarchy out of a CA's name, or "" when the name is of neither.
func hierarchyOf(name pkix.Name) Hierarchy {
	if len(name.OrganizationalUnit) == 0 {
		return ""
	}
	return units[name.OrganizationalUnit[0]]
}
