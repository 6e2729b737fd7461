package revocation_test

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
	"github.com/natsuin/natsuin/internal/revocation"
)

// A bench is a folder in which OpenSSL plays the CA: ca.pem and card.pem with their keys, and the
// database of what was revoked.
type bench struct {
	t    testing.TB
	dir  string
	ca   *certtest.CA
	card *x509.Certificate
}

func newBench(t testing.TB) *bench {
	t.Helper()
	ca := certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "1")
	b := &bench{t: t, dir: t.TempDir(), ca: ca, card: ca.Signature(t, certtest.Key(t, "card"))}
	b.certificate("ca", ca.Certificate, ca.Key)
	b.certificate("card", b.card, certtest.Key(t, "card"))
	b.write("crlnumber", []byte("01\n"))
	b.write("ca.conf", []byte("[ca]\ndefault_ca=x\n[x]\ndatabase=index.txt\ncrlnumber=crlnumber\ndefault_md=sha256\n"+
		"[ext]\nauthorityKeyIdentifier=keyid\n[part]\nissuingDistributionPoint=critical,@point\n[point]\nfullname=URI:http://crl.example/1\n"+
		"[users]\nissuingDistributionPoint=critical,@users_point\n[users_point]\nonlyuser=TRUE\n"+
		"[cas]\nissuingDistributionPoint=critical,@cas_point\n[cas_point]\nonlyCA=TRUE\n"+
		"[some]\nissuingDistributionPoint=critical,@some_point\n[some_point]\nonlysomereasons=keyCompromise\n"+
		"[delta]\n2.5.29.27=critical,ASN1:INTEGER:1\n"))
	b.revoked("")
	return b
}

func (b *bench) write(name string, content []byte) {
	b.t.Helper()
	require.NoError(b.t, os.WriteFile(filepath.Join(b.dir, name), content, 0o600))
}

func (b *bench) certificate(name string, cert *x509.Certificate, key *rsa.PrivateKey) {
	b.t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(b.t, err)
	b.write(name+".pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}))
	b.write(name+".key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// revoked writes the database: the card as good, or as revoked at the time and for the reason that when
// says, as in "261101000000Z,keyCompromise".
func (b *bench) revoked(when string) {
	state := "V"
	if when != "" {
		state = "R"
	}
	b.write("index.txt", []byte(fmt.Sprintf("%s\t%s\t%s\t%02X\tunknown\t/CN=card\n", state,
		b.card.NotAfter.Format("060102150405Z"), when, b.card.SerialNumber.Bytes())))
}

// openssl runs it in the folder.
func (b *bench) openssl(args ...string) {
	b.t.Helper()
	path, err := exec.LookPath("openssl")
	require.NoError(b.t, err, "openssl makes the statements that are judged here: run make deps")
	cmd := exec.Command(path, args...)
	cmd.Dir = b.dir
	out, err := cmd.CombinedOutput()
	require.NoError(b.t, err, "openssl %s\n%s", strings.Join(args, " "), out)
}

func (b *bench) read(name string) []byte {
	b.t.Helper()
	data, err := os.ReadFile(filepath.Join(b.dir, name))
	require.NoError(b.t, err)
	return data
}

// crl has OpenSSL make a CRL in PEM, in force from an hour before the tests' time to a day after it.
func (b *bench) crl(args ...string) []byte {
	b.t.Helper()
	args = append([]string{"ca", "-gencrl", "-config", "ca.conf", "-cert", "ca.pem", "-keyfile", "ca.key", "-out", "crl.pem",
		"-crl_lastupdate", certtest.Now.Add(-time.Hour).Format("060102150405Z"),
		"-crl_nextupdate", certtest.Now.AddDate(0, 0, 1).Format("060102150405Z")}, args...)
	b.openssl(args...)
	return b.read("crl.pem")
}

// ocsp has OpenSSL answer our own request. It answers as of its own clock.
func (b *bench) ocsp(args ...string) []byte {
	b.t.Helper()
	request, err := revocation.Request(b.card, b.ca.Certificate)
	require.NoError(b.t, err)
	b.write("request", request)
	args = append([]string{"ocsp", "-index", "index.txt", "-CA", "ca.pem", "-reqin", "request", "-respout", "response"}, args...)
	b.openssl(args...)
	return b.read("response")
}

var byCA = []string{"-rsigner", "ca.pem", "-rkey", "ca.key", "-ndays", "1"}

// responder writes the certificate of a delegated responder and returns OpenSSL's arguments to use it.
func (b *bench) responder(ca *certtest.CA, edit ...func(*x509.Certificate)) []string {
	b.t.Helper()
	key := certtest.Key(b.t, "responder")
	delegate := func(c *x509.Certificate) {
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}
		c.NotBefore, c.NotAfter = time.Now().AddDate(-1, 0, 0), time.Now().AddDate(1, 0, 0)
	}
	b.certificate("responder", ca.Authentication(b.t, key, append([]func(*x509.Certificate){delegate}, edit...)...), key)
	return []string{"-rsigner", "responder.pem", "-rkey", "responder.key", "-ndays", "1"}
}

// ask parses statements and asks them.
func (b *bench) ask(at, now time.Time, texts ...[]byte) (revocation.Status, error) {
	b.t.Helper()
	var all []revocation.Statement
	for _, text := range texts {
		statements, err := revocation.Parse(text)
		if err != nil {
			return revocation.Status{}, err
		}
		all = append(all, statements...)
	}
	return revocation.Decide(all, revocation.Query{Certificate: b.card, Issuer: b.ca.Certificate, At: at, Now: now})
}
