package simcard

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"time"
)

// generations is how many CA certificates of one name each hierarchy has (jpki-card.md §5.2).
const generations = 3

// A hierarchy is one of the two separate trees of certificates: a self-signed CA, three keys of it one
// after the other under one name, and the certificates on the cards.
type hierarchy struct {
	id         string // names files and keys
	unit       string // first OU of the CA
	japanese   string // its Japanese name, in the CA's subjectAltName
	keyUsage   []byte // BIT STRING contents of the end entity's keyUsage
	policy     []byte
	practices  string // CPS URI of the policy, or none
	caSerials  [generations][]byte
	attributes bool // the end entity carries the holder's four attributes
}

var (
	signHierarchy = hierarchy{
		id:         "sign",
		unit:       "JPKI for digital signature",
		japanese:   "公的個人認証サービス署名用（模擬）",
		keyUsage:   []byte{0x06, 0xC0}, // digitalSignature, nonRepudiation
		policy:     oid(1, 2, 392, 200149, 8, 5, 1, 1, 20),
		practices:  "http://www.jpki.go.jp/cps.html",
		caSerials:  [generations][]byte{{0x01}, {0x01, 0x32, 0xC4, 0xAB}, {0x06, 0x7C, 0x6A, 0x21}},
		attributes: true,
	}
	authHierarchy = hierarchy{
		id:        "auth",
		unit:      "JPKI for user authentication",
		japanese:  "公的個人認証サービス利用者証明用（模擬）",
		keyUsage:  []byte{0x07, 0x80}, // digitalSignature
		policy:    oid(1, 2, 392, 200149, 8, 5, 1, 3, 30),
		caSerials: [generations][]byte{{0x01}, {0x01, 0x33, 0xC3, 0x49}, {0x06, 0xD1, 0x80, 0x06}},
	}
)

// An IssuerName is the distinguished name that the simulated CAs go by.
type IssuerName int

const (
	// IssuerSimulated is O=JPKI-SIM, which cannot be mistaken for the real thing.
	IssuerSimulated IssuerName = iota

	// IssuerJLIS is the very name of J-LIS's CAs, on keys that are not theirs: what a program sees whose
	// trust anchors lack the generation that issued a card. For tests only.
	IssuerJLIS
)

// An issuer is a hierarchy under one of the names.
type issuer struct {
	hierarchy
	organization string
	subject      name
	alternative  name
}

func (h hierarchy) under(n IssuerName) issuer {
	i := issuer{hierarchy: h, organization: "JPKI-SIM"}
	operator := "Natsuin Simulated Card"
	if n == IssuerJLIS {
		i.organization = "JPKI"
		operator = "Japan Agency for Local Authority Information Systems"
	}
	i.subject = name{country(), organization(i.organization), unit(h.unit), unit(operator)}
	i.alternative = name{country(), organization("公的個人認証サービス（模擬）"), unit(h.japanese), unit("捺印模擬カード")}
	return i
}

// An authority is one generation of an issuer.
type authority struct {
	issuer
	key   *rsa.PrivateKey
	keyID []byte
	der   []byte
}

// starts returns when each generation came into use. They stand to the epoch's year as the real ones
// stood to 2026 (jpki-card.md §5.2): the first has ended, the other two have not.
func starts(epoch time.Time) [generations]time.Time {
	year := epoch.Year()
	return [generations]time.Time{
		time.Date(year-11, time.October, 20, 3, 8, 13, 0, time.UTC),
		time.Date(year-7, time.September, 14, 23, 41, 56, 0, time.UTC),
		time.Date(year-3, time.July, 16, 1, 1, 4, 0, time.UTC),
	}
}

// issuing returns the generation that issued certificates at the time: the newest in use.
func issuing(at, epoch time.Time) (generation int) {
	for n, start := range starts(epoch) {
		if !start.After(at) {
			generation = n
		}
	}
	return generation
}

// authorities mints the three generations, the oldest first.
func (i issuer) authorities(keys *keyring) ([generations]authority, error) {
	var all [generations]authority
	for n, start := range starts(keys.epoch) {
		key, err := keys.key(fmt.Sprintf("%s-ca-%d", i.id, n+1))
		if err != nil {
			return all, err
		}
		a := authority{issuer: i, key: key, keyID: keyID(&key.PublicKey)}
		a.der, err = sign(key, der(tagSequence,
			version3, der(tagInteger, i.caSerials[n]), sha256WithRSA,
			i.subject.der(), validity(start, endOfDay(start.AddDate(10, 0, -1))), i.subject.der(),
			publicKeyInfo(&key.PublicKey),
			explicit(3, der(tagSequence,
				extension(oidKeyUsage, critical, der(tagBitString, []byte{0x01, 0x06})), // keyCertSign, cRLSign
				extension(oidSubjectAltName, !critical, der(tagSequence, i.alternative.directoryName())),
				extension(oidBasicConstraints, critical, der(tagSequence, der(0x01, []byte{0xFF}))),
				extension(oidCRLDistribution, !critical, distributionPoint(i.subject)),
				extension(oidSubjectKeyID, !critical, der(tagOctetString, a.keyID)),
			))))
		if err != nil {
			return all, err
		}
		all[n] = a
	}
	return all, nil
}

// issue mints the certificate of the person's key in the shape of jpki-card.md §5.3 to §5.5.
func (a authority) issue(p Person, key *rsa.PublicKey, issued time.Time) ([]byte, error) {
	// The digest only has to give each certificate a number of its own, four bytes long like the real ones.
	digest := sha256.Sum256(fmt.Appendf(nil, "%s %s %d", a.id, p.ID, issued.Unix()))
	serial := append([]byte{0x07}, digest[:3]...)

	expiry, err := fifthBirthday(p.Birth, issued)
	if err != nil {
		return nil, err
	}

	subject := name{country(), commonName(fmt.Sprintf("SIM%XEG13101003A", digest[3:6]))}
	if a.attributes {
		subject = name{country(), locality(p.Prefecture), locality(p.Municipality), commonName(issued.Format("20060102150405") + "000")}
	}
	crl := name{country(), organization(a.organization), unit(a.unit), unit("CRL Distribution Points"),
		unit(p.Prefecture), commonName(p.Municipality + " CRLDP")}

	extensions := [][]byte{extension(oidKeyUsage, critical, der(tagBitString, a.keyUsage))}
	if a.attributes {
		extensions = append(extensions, extension(oidSubjectAltName, !critical, attributes(p)))
	}
	extensions = append(extensions,
		extension(oidCertificatePolicies, critical, policies(a.policy, a.practices)),
		extension(oidIssuerAltName, !critical, der(tagSequence, a.alternative.directoryName())),
		extension(oidCRLDistribution, !critical, distributionPoint(crl)),
		extension(oidAuthorityKeyID, !critical, der(tagSequence, der(tagContext, a.keyID))),
		extension(oidSubjectKeyID, !critical, der(tagOctetString, keyID(key))),
	)

	return sign(a.key, der(tagSequence,
		version3, der(tagInteger, serial), sha256WithRSA,
		a.subject.der(), validity(issued, expiry), subject.der(), publicKeyInfo(key),
		explicit(3, der(tagSequence, extensions...))))
}

// mint makes the generations of one hierarchy, and the person's key and certificate in it.
func mint(i issuer, keys *keyring, p Person, issued time.Time) (cas [generations][]byte, certificate []byte, key *rsa.PrivateKey, err error) {
	all, err := i.authorities(keys)
	if err != nil {
		return cas, nil, nil, err
	}
	for n, a := range all {
		cas[n] = a.der
	}
	if key, err = keys.key(i.id + "-" + p.ID); err != nil {
		return cas, nil, nil, err
	}
	certificate, err = all[issuing(issued, keys.epoch)].issue(p, &key.PublicKey, issued)
	return cas, certificate, key, err
}

// attributes encodes the six otherNames in the order in which real certificates have them.
func attributes(p Person) []byte {
	otherName := func(arc int, value string) []byte {
		return explicit(0, oid(1, 2, 392, 200149, 8, 5, 5, arc), explicit(0, utf8String(value)))
	}
	return der(tagSequence,
		otherName(1, p.Name),
		otherName(4, p.Era+p.Birth),
		otherName(3, p.Sex),
		otherName(5, p.Address),
		otherName(2, p.NameFlags),
		otherName(6, p.AddressFlags),
	)
}

var japan = time.FixedZone("JST", 9*60*60)

// fifthBirthday returns the end, in Japan, of the fifth birthday after the day of issue. A birthday on
// 29 February falls on 1 March in common years.
func fifthBirthday(birth string, issued time.Time) (time.Time, error) {
	born, err := time.ParseInLocation("20060102", birth, japan)
	if err != nil {
		return time.Time{}, err
	}
	issued = issued.In(japan)
	first := time.Date(issued.Year(), born.Month(), born.Day(), 0, 0, 0, 0, japan)
	years := 4
	if !first.After(issued) {
		years = 5
	}
	return endOfDay(time.Date(issued.Year()+years, born.Month(), born.Day(), 0, 0, 0, 0, japan)), nil
}

// endOfDay returns 23:59:59 in Japan of the day that t falls on there.
func endOfDay(t time.Time) time.Time {
	t = t.In(japan)
	return time.Date(t.Year(), t.Month(), t.Day(), 23, 59, 59, 0, japan)
}

const critical = true

var (
	version3      = explicit(0, der(tagInteger, []byte{2}))
	sha256WithRSA = der(tagSequence, oid(1, 2, 840, 113549, 1, 1, 11), []byte{0x05, 0x00})
	rsaEncryption = der(tagSequence, oid(1, 2, 840, 113549, 1, 1, 1), []byte{0x05, 0x00})

	oidKeyUsage            = oid(2, 5, 29, 15)
	oidSubjectKeyID        = oid(2, 5, 29, 14)
	oidSubjectAltName      = oid(2, 5, 29, 17)
	oidIssuerAltName       = oid(2, 5, 29, 18)
	oidBasicConstraints    = oid(2, 5, 29, 19)
	oidCRLDistribution     = oid(2, 5, 29, 31)
	oidCertificatePolicies = oid(2, 5, 29, 32)
	oidAuthorityKeyID      = oid(2, 5, 29, 35)
	oidCPS                 = oid(1, 3, 6, 1, 5, 5, 7, 2, 1)
)

func extension(id []byte, critical bool, value []byte) []byte {
	if critical {
		return der(tagSequence, id, der(0x01, []byte{0xFF}), der(tagOctetString, value))
	}
	return der(tagSequence, id, der(tagOctetString, value))
}

// distributionPoint encodes cRLDistributionPoints with one fullName, a directory name and not a URL.
func distributionPoint(n name) []byte {
	return der(tagSequence, der(tagSequence, explicit(0, explicit(0, n.directoryName()))))
}

func policies(policy []byte, practices string) []byte {
	if practices == "" {
		return der(tagSequence, der(tagSequence, policy))
	}
	qualifier := der(tagSequence, oidCPS, der(tagIA5String, []byte(practices)))
	return der(tagSequence, der(tagSequence, policy, der(tagSequence, qualifier)))
}

func validity(from, to time.Time) []byte {
	utc := func(t time.Time) []byte { return der(tagUTCTime, []byte(t.UTC().Format("060102150405Z"))) }
	return der(tagSequence, utc(from), utc(to))
}

func publicKeyInfo(key *rsa.PublicKey) []byte {
	return der(tagSequence, rsaEncryption, der(tagBitString, []byte{0}, x509.MarshalPKCS1PublicKey(key)))
}

// keyID is the SHA-1 of the RSAPublicKey, as in the real certificates. It identifies and secures nothing.
func keyID(key *rsa.PublicKey) []byte {
	sum := sha1.Sum(x509.MarshalPKCS1PublicKey(key))
	return sum[:]
}

// sign completes a certificate around its to-be-signed part.
func sign(key *rsa.PrivateKey, tbs []byte) ([]byte, error) {
	digest := sha256.Sum256(tbs)
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
	if err != nil {
		return nil, err
	}
	return der(tagSequence, tbs, sha256WithRSA, der(tagBitString, []byte{0}, signature)), nil
}
