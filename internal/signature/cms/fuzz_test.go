package cms

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"io"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/certificate/certtest"
)

// secondSigner returns another person's key, and a certificate of that serial number.
func secondSigner(t testing.TB, serial int64) (crypto.Signer, *x509.Certificate) {
	t.Helper()
	ca := certtest.NewCA(t, certtest.Organization, certtest.SignatureUnit, "1")
	key := certtest.Key(t, "second")
	return key, ca.Signature(t, key, func(c *x509.Certificate) { c.SerialNumber = big.NewInt(serial) })
}

// inBER rewrites the frames of a message as a program does that writes while it reads: with indefinite
// lengths, and the content in pieces of one byte.
func inBER(t testing.TB, message []byte) []byte {
	t.Helper()
	var content bytes.Buffer
	p, _, err := takeApart(bytes.NewReader(message), &content)
	require.NoError(t, err)
	frame := func(identifier byte, parts ...[]byte) []byte {
		return append(append([]byte{identifier, 0x80}, bytes.Join(parts, nil)...), 0, 0)
	}
	encapsulated := p.contentType
	if !p.detached {
		var pieces [][]byte
		for _, b := range content.Bytes() {
			pieces = append(pieces, []byte{0x04, 1, b})
		}
		encapsulated = append(bytes.Clone(encapsulated), frame(0xA0, frame(0x24, pieces...))...)
	}
	return frame(0x30, p.kind, frame(0xA0, frame(0x30, p.version, frame(0x31, p.digests...), frame(0x30, encapsulated),
		frame(0xA0, p.certificates...), frame(0x31, p.signers...))))
}

// messageSeeds are messages over the test's document, all of whose signatures verify: detached or not,
// with one signer or two, with something attached as a time stamp or nothing, in DER and in BER.
func messageSeeds(t testing.TB) [][]byte {
	t.Helper()
	key, cert := secondSigner(t, 2)
	digest := sha256.Sum256(document)
	bare := newForger(t)
	bare.data = func(sd *signedData) { sd.Content.Content = asn1.RawValue{} }
	var seeds [][]byte
	for _, message := range [][]byte{newForger(t).message(t), bare.message(t)} {
		both, err := AddSigner(message, key, cert, digest[:], Options{})
		require.NoError(t, err)
		stamped, err := AttachTimestamp(both, 1, []byte{0x30, 0})
		require.NoError(t, err)
		for _, m := range [][]byte{message, both, stamped} {
			seeds = append(seeds, m, inBER(t, m))
		}
	}
	return seeds
}

// verifyAny verifies a message over the test's document, wherever that is.
func verifyAny(message []byte) (*Report, error) {
	report, err := VerifyStream(bytes.NewReader(message), nil)
	if err == ErrContentMissing {
		return VerifyStream(bytes.NewReader(message), bytes.NewReader(document))
	}
	return report, err
}

func TestSeeds(t *testing.T) {
	seeds := messageSeeds(t)
	require.Len(t, seeds, 12)
	for i, seed := range seeds {
		report, err := verifyAny(seed)
		require.NoError(t, err)
		require.Len(t, report.Signers, []int{1, 1, 2, 2, 2, 2}[i%6])
		for _, s := range report.Signers {
			require.NoError(t, s.Problem)
		}
		require.Equal(t, i%2 == 0, scan(seed) == nil)
	}
}

// FuzzVerifyStream asks three things of a message that can be read. Put together again it is DER that is
// read as the same, with signatures as good as they were. A signature that verifies alone does so for
// VerifyForeign. And none verifies when a bit of the content is another.
func FuzzVerifyStream(f *testing.F) {
	for _, seed := range messageSeeds(f) {
		f.Add(seed, uint(0))
	}
	f.Fuzz(func(t *testing.T, message []byte, bit uint) {
		var content bytes.Buffer
		p, _, err := takeApart(bytes.NewReader(message), &content)
		if err != nil {
			_, err := VerifyStream(bytes.NewReader(message), nil)
			require.Error(t, err)
			return
		}
		der, err := p.encode(content.Bytes())
		require.NoError(t, err)
		require.NoError(t, scan(der))
		q, _, err := takeApart(bytes.NewReader(der), io.Discard)
		require.NoError(t, err)
		require.False(t, q.rewritten)
		again, err := q.encode(content.Bytes())
		require.NoError(t, err)
		require.Equal(t, der, again)

		report, err := verifyAny(message)
		same, errSame := verifyAny(der)
		require.Equal(t, err == nil, errSame == nil)
		if err != nil {
			return
		}
		require.ElementsMatch(t, good(report), good(same))
		if len(good(report)) == 1 && len(report.Signers) == 1 && !p.detached {
			alone, err := VerifyForeign(der, nil)
			require.NoError(t, err)
			alone.Content = nil
			require.Equal(t, good(report)[0], alone)
		}
		if content.Len() > 0 {
			i := bit % uint(8*content.Len())
			content.Bytes()[i/8] ^= 1 << (i % 8)
			other, err := p.encode(content.Bytes())
			require.NoError(t, err)
			report, err := VerifyStream(bytes.NewReader(other), nil)
			require.NoError(t, err)
			require.Empty(t, good(report))
		}
	})
}

func good(r *Report) []*Signature {
	var found []*Signature
	for _, s := range r.Signers {
		if s.Problem == nil {
			found = append(found, s.Signature)
		}
	}
	return found
}

// FuzzGrow asks that a message to which a signer and a time stamp were added has just these more: every
// earlier signer is there byte for byte, and as good as it was.
func FuzzGrow(f *testing.F) {
	for _, seed := range messageSeeds(f) {
		f.Add(seed, []byte{0x30, 0})
		f.Add(seed, []byte{0x24, 0})
	}
	key, cert := secondSigner(f, 3) // the seeds may be of a process with other keys
	digest := sha256.Sum256(document)
	f.Fuzz(func(t *testing.T, message, token []byte) {
		grown, err := AddSigner(message, key, cert, digest[:], Options{SigningTime: certtest.Now})
		if err != nil {
			return
		}
		before, _, err := open(message)
		require.NoError(t, err)
		after, _, err := open(grown)
		require.NoError(t, err)
		require.Subset(t, after.signers, before.signers)
		require.Len(t, after.signers, len(before.signers)+1)
		require.Subset(t, after.certificates, before.certificates)
		reportBefore, err := verifyAny(message)
		require.NoError(t, err)
		reportAfter, err := verifyAny(grown)
		require.NoError(t, err)
		require.Len(t, good(reportAfter), len(good(reportBefore))+1)

		stamped, err := AttachTimestamp(grown, 0, token)
		if err != nil {
			require.Error(t, scan(token))
			return
		}
		reportStamped, err := verifyAny(stamped)
		require.NoError(t, err)
		require.Len(t, good(reportStamped), len(good(reportAfter)))
		count := func(message []byte) (n int) {
			infos, err := SignerInfos(bytes.NewReader(message))
			require.NoError(t, err)
			for _, info := range infos {
				n += len(info.Timestamps)
			}
			return n
		}
		require.Equal(t, count(grown)+1, count(stamped))
	})
}
