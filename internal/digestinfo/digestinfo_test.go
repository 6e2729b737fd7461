package digestinfo_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha1" // known to crypto.Hash
	_ "crypto/sha256"
	_ "crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/digestinfo"
)

// The headers of efiling-pages.md §1.6.
const (
	sha1Header   = "3021300906052b0e03021a05000414"
	sha256Header = "3031300d060960864801650304020105000420"
	sha384Header = "3041300d060960864801650304020205000430"
	sha512Header = "3051300d060960864801650304020305000440"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	require.NoError(t, err)
	return b
}

// digest returns n bytes of a digest, as no header begins.
func digest(n int) string { return strings.Repeat("a5", n) }

func TestParse(t *testing.T) {
	usual, sha1, bare := digestinfo.Policy{}, digestinfo.Policy{SHA1: true}, digestinfo.Policy{Bare: true}
	for name, c := range map[string]struct {
		input  string
		policy digestinfo.Policy
		hash   crypto.Hash
	}{
		"SHA-256":             {sha256Header + digest(32), usual, crypto.SHA256},
		"SHA-384":             {sha384Header + digest(48), usual, crypto.SHA384},
		"SHA-512":             {sha512Header + digest(64), usual, crypto.SHA512},
		"SHA-1 where allowed": {sha1Header + digest(20), sha1, crypto.SHA1},
		"SHA-256 beside it":   {sha256Header + digest(32), digestinfo.Policy{Bare: true, SHA1: true}, crypto.SHA256},
		"bare 32":             {digest(32), bare, 0},
		"bare 48":             {digest(48), bare, 0},
		"bare 64":             {digest(64), bare, 0},
	} {
		t.Run(name, func(t *testing.T) {
			input := unhex(t, c.input)
			v, err := digestinfo.Parse(input, c.policy)
			require.NoError(t, err)
			require.Equal(t, c.hash, v.Hash())
			require.Equal(t, input, v.Bytes())
			require.True(t, bytes.HasSuffix(input, v.Digest()))
			require.Empty(t, strings.Trim(hex.EncodeToString(v.Digest()), "a5"))
		})
	}
}

func TestParseRefuses(t *testing.T) {
	random := make([]byte, 245)
	_, _ = rand.Read(random)
	usual, all := digestinfo.Policy{}, digestinfo.Policy{Bare: true, SHA1: true}
	sound := sha256Header + digest(32)
	for name, c := range map[string]struct {
		input  string
		policy digestinfo.Policy
		want   string
	}{
		"nothing":                         {"", all, "0 bytes that are no DigestInfo"},
		"245 random bytes":                {hex.EncodeToString(random), all, "245 bytes that are no DigestInfo"},
		"a byte behind":                   {sound + "00", all, "33 bytes where 32 belong"},
		"a second DigestInfo behind":      {sound + sound, all, "83 bytes where 32 belong"},
		"a byte short":                    {sound[:len(sound)-2], all, "31 bytes where 32 belong"},
		"the header alone":                {sha256Header, all, "0 bytes where 32 belong"},
		"half a header":                   {sha256Header[:20], all, "10 bytes that are no"},
		"SHA-1":                           {sha1Header + digest(20), digestinfo.Policy{Bare: true}, "SHA-1, which is not allowed"},
		"SHA-1 as long as SHA-256":        {sha1Header + digest(32), all, "32 bytes where 20 belong"},
		"a bare SHA-256":                  {digest(32), digestinfo.Policy{SHA1: true}, "32 bytes without the name"},
		"a bare SHA-384":                  {digest(48), usual, "48 bytes without the name"},
		"a bare SHA-512":                  {digest(64), usual, "64 bytes without the name"},
		"a bare SHA-1":                    {digest(20), all, "20 bytes that are no"},
		"a bare byte":                     {"a5", all, "1 bytes that are no"},
		"parameters left out":             {"302f300b0609608648016503040201" + "0420" + digest(32), all, "49 bytes that are no"},
		"MD5":                             {"3020300c06082a864886f70d020505000410" + digest(16), all, "34 bytes that are no"},
		"SHA-224":                         {"302d300d06096086480165030402040500041c" + digest(28), all, "47 bytes that are no"},
		"SHA-512/256":                     {"3031300d060960864801650304020605000420" + digest(32), all, "51 bytes that are no"},
		"SHA3-256":                        {"3031300d060960864801650304020805000420" + digest(32), all, "51 bytes that are no"},
		"outer length in long form":       {"308131300d060960864801650304020105000420" + digest(32), all, "52 bytes that are no"},
		"outer length indefinite":         {"3080300d060960864801650304020105000420" + digest(32) + "0000", all, "53 bytes that are no"},
		"outer length too long":           {"3032300d060960864801650304020105000420" + digest(33), all, "52 bytes that are no"},
		"digest as a BIT STRING":          {"3031300d060960864801650304020105000320" + digest(32), all, "51 bytes that are no"},
		"digest's length of another hash": {"3041300d060960864801650304020105000430" + digest(48), all, "67 bytes that are no"},
		"the padding itself":              {"0001" + strings.Repeat("ff", 202) + "00" + sound, all, "256 bytes that are no"},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := digestinfo.Parse(unhex(t, c.input), c.policy)
			require.ErrorContains(t, err, c.want)
			require.Zero(t, v)
			require.NotContains(t, err.Error(), "a5a5")
		})
	}
}

func TestNew(t *testing.T) {
	for hash, header := range map[crypto.Hash]string{crypto.SHA256: sha256Header, crypto.SHA384: sha384Header, crypto.SHA512: sha512Header} {
		made := unhex(t, digest(hash.Size()))
		v, err := digestinfo.New(hash, made)
		require.NoError(t, err)
		require.Equal(t, unhex(t, header+digest(hash.Size())), v.Bytes())
		clear(made)
		require.Equal(t, unhex(t, digest(hash.Size())), v.Digest(), "what a caller does with its bytes changes nothing")

		_, err = digestinfo.New(hash, made[1:])
		require.ErrorContains(t, err, "is not SHA-")
	}
	for _, hash := range []crypto.Hash{0, crypto.SHA1, crypto.MD5, crypto.SHA224, crypto.SHA512_256} {
		_, err := digestinfo.New(hash, make([]byte, 20))
		require.ErrorContains(t, err, "is not supported")
	}
}

// A signature over the bytes that Parse took is, for OpenSSL, one over the document with that hash function.
func TestOpenSSLAgrees(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	spki, err := x509.MarshalPKIXPublicKey(key.Public())
	require.NoError(t, err)
	document := []byte("見本")
	for hash, header := range map[crypto.Hash]string{crypto.SHA1: sha1Header, crypto.SHA256: sha256Header, crypto.SHA384: sha384Header, crypto.SHA512: sha512Header} {
		t.Run(hash.String(), func(t *testing.T) {
			h := hash.New()
			h.Write(document)
			v, err := digestinfo.Parse(h.Sum(unhex(t, header)), digestinfo.Policy{SHA1: true})
			require.NoError(t, err)
			signature, err := rsa.SignPKCS1v15(nil, key, 0, v.Bytes())
			require.NoError(t, err)

			dir := t.TempDir()
			for name, content := range map[string][]byte{
				"key.pem": pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: spki}), "signature": signature, "document": document,
			} {
				require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o600))
			}
			judge := exec.CommandContext(t.Context(), "openssl", "dgst", "-"+strings.ReplaceAll(strings.ToLower(hash.String()), "-", ""),
				"-verify", "key.pem", "-signature", "signature", "document")
			judge.Dir = dir
			output, err := judge.CombinedOutput()
			require.NoError(t, err, "openssl (make deps installs it): %s", output)
		})
	}
}

// FuzzParse: what is taken is given to the card as it came, is what a general DER decoder reads, too, and is taken
// by no narrower policy than its form needs.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		sha256Header + digest(32), sha384Header + digest(48), sha512Header + digest(64), sha1Header + digest(20), digest(32), digest(48), digest(64),
		sha256Header + digest(33), "302f300b0609608648016503040201" + "0420" + digest(32), digest(245),
	} {
		f.Add(unhex(f, seed), true, true)
		f.Add(unhex(f, seed), false, false)
	}
	f.Fuzz(func(t *testing.T, b []byte, bare, sha1 bool) {
		v, err := digestinfo.Parse(b, digestinfo.Policy{Bare: bare, SHA1: sha1})
		if err != nil {
			require.Zero(t, v)
			return
		}
		require.Equal(t, b, v.Bytes())
		again, err := digestinfo.Parse(v.Bytes(), digestinfo.Policy{Bare: v.Hash() == 0, SHA1: v.Hash() == crypto.SHA1})
		require.NoError(t, err)
		require.Equal(t, v, again)
		if v.Hash() == 0 {
			require.True(t, bare)
			require.Contains(t, []int{32, 48, 64}, len(b))
			return
		}
		require.True(t, sha1 || v.Hash() != crypto.SHA1)
		require.Len(t, v.Digest(), v.Hash().Size())
		var parsed struct {
			Algorithm pkix.AlgorithmIdentifier
			Digest    []byte
		}
		rest, err := asn1.Unmarshal(b, &parsed)
		require.NoError(t, err)
		require.Empty(t, rest)
		require.Equal(t, v.Digest(), parsed.Digest)
		require.Equal(t, asn1.NullBytes, parsed.Algorithm.Parameters.FullBytes)
	})
}
