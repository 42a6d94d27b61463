// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package trust

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"math/big"
	"testing"
)

// CAs of one name that all certify one another would be tried in every order.
func TestAStrangersCAsAreNotTriedInEveryOrder(t *testing.T) {
	named := func(subject, issuer, key string) *x509.Certificate {
		return &x509.Certificate{
			RawSubject: []byte(subject), RawIssuer: []byte(issuer), RawSubjectPublicKeyInfo: []byte(key),
			PublicKey: &ecdsa.PublicKey{Curve: elliptic.P256()},
		}
	}
	huge := named("b", "c", "2")
	huge.PublicKey = &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 24576), E: 65537}
	leaf := named("leaf", "a", "0")
	for name, tc := range map[string]struct {
		given []*x509.Certificate
		want  int
		weak  bool
	}{
		"a chain":                 {[]*x509.Certificate{named("a", "b", "1"), named("b", "c", "2"), named("c", "c", "3")}, 3, false},
		"one CA many times":       {[]*x509.Certificate{named("a", "a", "1"), named("a", "a", "1"), named("a", "a", "1")}, 1, false},
		"two that go in a circle": {[]*x509.Certificate{named("a", "b", "1"), named("b", "a", "2"), named("a", "b", "1"), named("b", "a", "2")}, 2, false},
		"a key that was renewed":  {[]*x509.Certificate{named("a", "a", "1"), named("a", "b", "2"), named("b", "b", "3")}, 3, false},
		"of somebody else":        {[]*x509.Certificate{named("b", "b", "2"), named("a", "b", "1")}, 0, false},
		"RSA of 24577 bits":       {[]*x509.Certificate{named("a", "b", "1"), huge, named("c", "c", "3")}, 1, true},
	} {
		got, err := inOrder(leaf, tc.given)
		if len(got) != tc.want || (err != nil) != tc.weak {
			t.Errorf("%s: %d certificates, %v", name, len(got), err)
		}
	}
}

// Whatever ten CAs certify one another with, a stranger's chain is refused at the door.
func BenchmarkStrangersChain(b *testing.B) {
	key, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	var ders [][]byte
	for i := range maxChain {
		template := &x509.Certificate{
			SerialNumber: big.NewInt(int64(i + 1)), NotBefore: start.AddDate(-1, 0, 0), NotAfter: start.AddDate(1, 0, 0),
			BasicConstraintsValid: true, IsCA: true, KeyUsage: x509.KeyUsageCertSign,
		}
		der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
		if err != nil {
			b.Fatal(err)
		}
		ders = append(ders, der)
	}
	s := &Store{roots: x509.NewCertPool(), intermediates: x509.NewCertPool()}
	for b.Loop() {
		if a := s.judge(b.Context(), ders, start); a.err == nil {
			b.Fatal("trusted")
		}
	}
}
