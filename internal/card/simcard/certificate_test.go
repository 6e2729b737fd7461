package simcard

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// epoch is the moment that validity is counted from.
func epoch(t *testing.T) time.Time {
	ring, err := openKeyring("")
	require.NoError(t, err)
	return ring.epoch
}

func parse509(t *testing.T, der []byte) *x509.Certificate {
	certificate, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	require.Empty(t, certificate.UnhandledCriticalExtensions)
	require.Equal(t, x509.SHA256WithRSA, certificate.SignatureAlgorithm)
	return certificate
}

func extensionOrder(certificate *x509.Certificate) (order []string) {
	for _, e := range certificate.Extensions {
		mark := ""
		if e.Critical {
			mark = "!"
		}
		order = append(order, mark+e.Id.String())
	}
	return order
}

// jpki-card.md §5.2.
func TestAuthorities(t *testing.T) {
	certificates := newCard(t, Options{}).Certificates()
	for unit, generation := range map[string][3][]byte{
		"JPKI for digital signature":   certificates.SignCA,
		"JPKI for user authentication": certificates.AuthCA,
	} {
		first := parse509(t, generation[0])
		for n, der := range generation {
			ca := parse509(t, der)
			require.Equal(t, first.RawSubject, ca.RawSubject, "one name in all generations")
			require.Equal(t, ca.RawSubject, ca.RawIssuer)
			require.Equal(t, []string{"JPKI-SIM"}, ca.Subject.Organization)
			require.Equal(t, []string{unit, "Natsuin Simulated Card"}, ca.Subject.OrganizationalUnit)
			require.NoError(t, ca.CheckSignatureFrom(ca))
			require.True(t, ca.IsCA)
			require.Equal(t, x509.KeyUsageCertSign|x509.KeyUsageCRLSign, ca.KeyUsage)
			require.Empty(t, ca.AuthorityKeyId)
			require.Equal(t, []string{"!2.5.29.15", "2.5.29.17", "!2.5.29.19", "2.5.29.31", "2.5.29.14"}, extensionOrder(ca))
			require.Equal(t, "14:59:59", ca.NotAfter.UTC().Format(time.TimeOnly))
			require.Equal(t, n == 0, ca.NotAfter.Before(epoch(t)), "only the first has ended")
			if n > 0 {
				require.NotEqual(t, first.SubjectKeyId, ca.SubjectKeyId)
			}
		}
	}
}

// jpki-card.md §5.3 to §5.5.
func TestEndEntities(t *testing.T) {
	for _, p := range Persons {
		t.Run(p.ID, func(t *testing.T) {
			certificates := newCard(t, Options{Person: p}).Certificates()

			auth := parse509(t, certificates.Auth)
			require.NoError(t, auth.CheckSignatureFrom(parse509(t, certificates.AuthCA[2])))
			require.Equal(t, x509.KeyUsageDigitalSignature, auth.KeyUsage)
			require.Equal(t, []string{"!2.5.29.15", "!2.5.29.32", "2.5.29.18", "2.5.29.31", "2.5.29.35", "2.5.29.14"}, extensionOrder(auth))
			require.Equal(t, "1.2.392.200149.8.5.1.3.30", auth.PolicyIdentifiers[0].String())
			require.Empty(t, auth.Subject.Locality)

			sign := parse509(t, certificates.Sign)
			require.NoError(t, sign.CheckSignatureFrom(parse509(t, certificates.SignCA[2])))
			require.Equal(t, x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment, sign.KeyUsage)
			require.Equal(t, []string{"!2.5.29.15", "2.5.29.17", "!2.5.29.32", "2.5.29.18", "2.5.29.31", "2.5.29.35", "2.5.29.14"}, extensionOrder(sign))
			require.Equal(t, "1.2.392.200149.8.5.1.1.20", sign.PolicyIdentifiers[0].String())
			require.Equal(t, []string{p.Prefecture, p.Municipality}, sign.Subject.Locality)
			require.Regexp(t, `^[0-9]{17}$`, sign.Subject.CommonName)
			requireInOrder(t, sign.Extensions[1].Value, p.Name, p.Era+p.Birth, p.Sex, p.Address, p.NameFlags, p.AddressFlags)

			for _, certificate := range []*x509.Certificate{auth, sign} {
				require.Len(t, certificate.SerialNumber.Bytes(), 4)
				require.Empty(t, certificate.CRLDistributionPoints, "a directory name, not a URL")
				require.Empty(t, certificate.OCSPServer)
				require.Contains(t, string(certificate.RawSubject), "\x13\x02JP", "PrintableString")
				require.True(t, certificate.NotBefore.Before(epoch(t)) && certificate.NotAfter.After(epoch(t)))
			}
		})
	}
}

// requireInOrder requires the UTF8Strings to stand in b one after the other.
func requireInOrder(t *testing.T, b []byte, values ...string) {
	for _, value := range values {
		element := append([]byte{0x0C, byte(len(value))}, value...)
		at := bytes.Index(b, element)
		require.GreaterOrEqual(t, at, 0, value)
		b = b[at+len(element):]
	}
}

func TestFifthBirthday(t *testing.T) {
	for _, test := range []struct{ birth, issued, expires string }{
		{"19800505", "2026-05-04T10:00:00+09:00", "2030-05-05T14:59:59Z"},
		{"19800505", "2026-05-05T10:00:00+09:00", "2031-05-05T14:59:59Z"},
		{"19800505", "2026-05-04T15:30:00Z", "2031-05-05T14:59:59Z"}, // already the birthday in Japan
		{"19920229", "2026-11-23T00:00:00Z", "2031-03-01T14:59:59Z"},
	} {
		issued, err := time.Parse(time.RFC3339, test.issued)
		require.NoError(t, err)
		expires, err := fifthBirthday(test.birth, issued)
		require.NoError(t, err)
		require.Equal(t, test.expires, expires.UTC().Format(time.RFC3339), test.issued)
	}
}

func TestValidityAndIssuerName(t *testing.T) {
	expired := newCard(t, Options{Validity: Expired}).Certificates()
	require.Equal(t, 1, expired.Issuing)
	future := newCard(t, Options{Validity: NotYetValid}).Certificates()
	jlis := newCard(t, Options{IssuerName: IssuerJLIS}).Certificates()
	sound := newCard(t, Options{}).Certificates()

	for _, slot := range []func(Certificates) ([3][]byte, []byte){
		func(c Certificates) ([3][]byte, []byte) { return c.AuthCA, c.Auth },
		func(c Certificates) ([3][]byte, []byte) { return c.SignCA, c.Sign },
	} {
		cas, leaf := slot(expired)
		require.NoError(t, parse509(t, leaf).CheckSignatureFrom(parse509(t, cas[1])))
		require.True(t, parse509(t, leaf).NotAfter.Before(epoch(t)))
		require.True(t, parse509(t, cas[1]).NotAfter.After(epoch(t)), "the issuer is still good")

		_, leaf = slot(future)
		require.True(t, parse509(t, leaf).NotBefore.After(epoch(t)))

		_, leaf = slot(jlis)
		_, simulated := slot(sound)
		require.Equal(t, []string{"JPKI"}, parse509(t, leaf).Issuer.Organization)
		require.Equal(t, "Japan Agency for Local Authority Information Systems", parse509(t, leaf).Issuer.OrganizationalUnit[1])
		require.NotEqual(t, parse509(t, simulated).RawIssuer, parse509(t, leaf).RawIssuer)
	}
}

// Processes that share a folder of keys mint the very same certificates, whoever comes first.
func TestKeysFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	first := newCard(t, Options{Keys: dir}).Certificates()
	require.Equal(t, first, newCard(t, Options{Keys: dir}).Certificates())
	require.NotEqual(t, first.Auth, newCard(t, Options{Keys: dir, Person: Hanako}).Certificates().Auth)

	require.NoError(t, os.WriteFile(filepath.Join(dir, "auth-taro.pem"), []byte("not a key"), 0o600))
	_, err := New(Options{Keys: dir})
	require.ErrorContains(t, err, "auth-taro")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "epoch"), []byte("not a time"), 0o600))
	_, err = New(Options{Keys: dir})
	require.Error(t, err)
}

// openssl is the judge of what crypto/x509 might let pass.
func TestWriteTrust(t *testing.T) {
	_, err := exec.LookPath("openssl")
	require.NoError(t, err, "openssl is not installed: run `make deps`")

	dir := t.TempDir()
	c := newCard(t, Options{})
	require.NoError(t, c.WriteTrust(dir))
	for _, slot := range []string{"sign", "auth"} {
		issuer, leaf := filepath.Join(dir, slot+"-ca.pem"), filepath.Join(dir, slot+"-cert.pem")
		output, err := exec.Command("openssl", "verify", "-x509_strict", "-CAfile", issuer, leaf).CombinedOutput()
		require.NoError(t, err, "%s", output)
		output, err = exec.Command("openssl", "verify", "-CAfile", filepath.Join(dir, slot+"-ca-2.pem"), leaf).CombinedOutput()
		require.Error(t, err, "another generation of the same name: %s", output)
	}
	trust, err := os.ReadDir(filepath.Join(dir, "trust"))
	require.NoError(t, err)
	require.Len(t, trust, 6)
	text, err := os.ReadFile(filepath.Join(dir, "trust", "auth-ca-3.pem"))
	require.NoError(t, err)
	block, _ := pem.Decode(text)
	require.Equal(t, c.Certificates().AuthCA[2], block.Bytes)
}
