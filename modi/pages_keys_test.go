// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package modi_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"io"
	"math/big"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/modi/token"
)

// stream is randomness that is the same for the same seed: what is made with it can be
// printed in a page and made again.
type stream struct {
	seed  string
	count uint64
	rest  []byte
}

func (s *stream) Read(p []byte) (int, error) {
	for i := range p {
		if len(s.rest) == 0 {
			sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte(s.seed), s.count))
			s.rest, s.count = sum[:], s.count+1
		}
		p[i], s.rest = s.rest[0], s.rest[1:]
	}
	return len(p), nil
}

// take reads n bytes of the stream of a seed.
func take(t *testing.T, seed string, n int) []byte {
	t.Helper()
	out := make([]byte, n)
	_, err := io.ReadFull(&stream{seed: seed}, out)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// repeatable signs the same bytes with the same signature: RFC 6979 for ECDSA; PKCS #1
// v1.5 has no choice.
type repeatable struct{ *ecdsa.PrivateKey }

func (r repeatable) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return r.PrivateKey.Sign(nil, digest, opts)
}

// ecKey is the P-256 key of a seed. Keys of a seed are worth nothing: the seed is here.
func ecKey(t *testing.T, seed string) crypto.Signer {
	t.Helper()
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), take(t, seed, 32))
	if err != nil {
		t.Fatal(err)
	}
	return repeatable{key}
}

// rsaKey is the RSA key of 2048 bits of a seed: the first primes above two numbers of its
// stream.
func rsaKey(t *testing.T, seed string) crypto.Signer {
	t.Helper()
	one, e := big.NewInt(1), big.NewInt(65537)
	prime := func(name string) *big.Int {
		raw := take(t, seed+name, 128)
		raw[0] |= 0xc0
		raw[127] |= 1
		p := new(big.Int).SetBytes(raw)
		for !p.ProbablyPrime(20) || new(big.Int).Mod(p, e).Cmp(one) == 0 {
			p.Add(p, big.NewInt(2))
		}
		return p
	}
	p, q := prime("p"), prime("q")
	phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	key := &rsa.PrivateKey{
		PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: 65537},
		D:         new(big.Int).ModInverse(e, phi), Primes: []*big.Int{p, q},
	}
	key.Precompute()
	err := key.Validate()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// signing is a key under its thumbprint.
func signing(t *testing.T, alg token.Algorithm, key crypto.Signer) token.SigningKey {
	t.Helper()
	kid, err := token.Thumbprint(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return token.SigningKey{KID: kid, Algorithm: alg, Signer: key}
}

// sealed is a key with a certificate of its own, which names the ente.
func sealed(t *testing.T, key crypto.Signer) token.SigningKey {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(20260302),
		Subject: pkix.Name{
			Country: []string{"IT"}, Organization: []string{"Comune di Esempio"}, CommonName: "sigillo di esempio",
			ExtraNames: []pkix.AttributeTypeAndValue{{Type: asn1.ObjectIdentifier{2, 5, 4, 97}, Value: "CF:IT-" + organization}},
		},
		NotBefore: now().AddDate(-1, 0, 0), NotAfter: now().AddDate(9, 0, 0).Truncate(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(&stream{seed: "certificate"}, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return token.SigningKey{Algorithm: token.ES256, Signer: key, Chain: []*x509.Certificate{certificate}}
}
