package xmldsig

import (
	"crypto"
	_ "crypto/sha1"   // for documents of the past, in tests
	_ "crypto/sha256" // linked for crypto.Hash
	_ "crypto/sha512" // linked for crypto.Hash
	"fmt"
	"strings"
)

// A suite is a hash with the URIs of its digest and of RSASSA-PKCS1-v1_5 with it (RFC 6931 §2.1, §2.3; XML
// Encryption 1.1 §5.8; XML Signature 1.1 §6.1).
type suite struct {
	hash              crypto.Hash
	digest, signature string
}

var suites = []suite{
	{crypto.SHA256, "http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"},
	{crypto.SHA384, "http://www.w3.org/2001/04/xmldsig-more#sha384", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384"},
	{crypto.SHA512, "http://www.w3.org/2001/04/xmlenc#sha512", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"},
	{crypto.SHA1, "http://www.w3.org/2000/09/xmldsig#sha1", "http://www.w3.org/2000/09/xmldsig#rsa-sha1"},
}

const transformEnveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"

// suiteOf returns the suite whose URI, got by uri, is the one wanted. SHA-1 is found only where weak allows it.
func suiteOf(wanted string, uri func(suite) string, weak bool) (suite, error) {
	for _, s := range suites {
		if uri(s) != wanted {
			continue
		}
		if s.hash == crypto.SHA1 && !weak {
			return suite{}, fmt.Errorf("%w: %s", ErrWeak, wanted)
		}
		return s, nil
	}
	return suite{}, fmt.Errorf("%w: %q", ErrAlgorithm, shortened(wanted))
}

func digestURI(s suite) string    { return s.digest }
func signatureURI(s suite) string { return s.signature }

// sum returns the digest of data.
func sum(hash crypto.Hash, data []byte) []byte {
	h := hash.New()
	h.Write(data)
	return h.Sum(nil)
}

// shortened bounds what of a document gets into an error or a path.
func shortened(s string) string {
	const most = 100
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
