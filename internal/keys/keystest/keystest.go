// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package keystest is the suite that every keys.Provider passes.
//
// It owns the questions; a provider's test owns the answers: it fills a Subject with
// references that its provider knows. It depends on keys and on the standard library.
package keystest

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"sync"
	"testing"

	"github.com/snodo-pa/snodo/internal/keys"
)

// Subject is a provider under test and what it holds. An empty reference leaves out
// the questions about it.
type Subject struct {
	Provider  keys.Provider
	RSA       string // an RSA key of at least 2048 bits
	EC        string // an EC P-256 key
	Ed25519   string // an Ed25519 key
	Certified string // a key with its certificate
	Secret    string // 32 bytes
	Missing   string // a reference to nothing
}

// Run asks every question of the suite.
func Run(t *testing.T, s Subject) {
	t.Helper()
	for name, ref := range map[string]string{"RSA": s.RSA, "EC": s.EC, "Ed25519": s.Ed25519} {
		if ref == "" {
			continue
		}
		t.Run(name+" signs what its public key verifies", func(t *testing.T) { signs(t, s.Provider, ref) })
		t.Run(name+" is the same key each time", func(t *testing.T) { stable(t, s.Provider, ref) })
		t.Run(name+" serves many callers", func(t *testing.T) { concurrent(t, s.Provider, ref) })
	}
	if s.Certified != "" {
		t.Run("a certificate is of its key", func(t *testing.T) { certified(t, s.Provider, s.Certified) })
	}
	t.Run("a missing key is not found", func(t *testing.T) {
		if _, err := s.Provider.Pair(s.Missing); !errors.Is(err, keys.ErrNotFound) {
			t.Errorf("Pair = %v, want ErrNotFound", err)
		}
	})
	if s.Secret != "" {
		t.Run("a missing secret is not found", func(t *testing.T) {
			if _, err := s.Provider.Secret(s.Missing); !errors.Is(err, keys.ErrNotFound) {
				t.Errorf("Secret = %v, want ErrNotFound", err)
			}
		})
		t.Run("a secret is 32 stable bytes", func(t *testing.T) { secret(t, s.Provider, s.Secret) })
		t.Run("a secret is no key pair", func(t *testing.T) {
			if _, err := s.Provider.Pair(s.Secret); !errors.Is(err, keys.ErrMalformed) {
				t.Errorf("Pair = %v, want ErrMalformed", err)
			}
		})
	}
}

func signs(t *testing.T, p keys.Provider, ref string) {
	signer := open(t, p, ref)
	if err := roundTrip(signer); err != nil {
		t.Fatal(err)
	}
}

func stable(t *testing.T, p keys.Provider, ref string) {
	first, second := open(t, p, ref).Public(), open(t, p, ref).Public()
	equal, ok := first.(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !equal.Equal(second) {
		t.Fatal("two openings gave two keys")
	}
}

func concurrent(t *testing.T, p keys.Provider, ref string) {
	signer := open(t, p, ref)
	var wg sync.WaitGroup
	failures := make(chan error, 32)
	for range cap(failures) {
		wg.Go(func() { failures <- roundTrip(signer) })
	}
	wg.Wait()
	close(failures)
	for err := range failures {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func secret(t *testing.T, p keys.Provider, ref string) {
	first, err := p.Secret(ref)
	if err != nil {
		t.Fatal(err)
	}
	second, err := p.Secret(ref)
	if err != nil || len(first) != 32 || !bytes.Equal(first, second) {
		t.Fatalf("two readings of %d and %d bytes, %v", len(first), len(second), err)
	}
}

func open(t *testing.T, p keys.Provider, ref string) crypto.Signer {
	t.Helper()
	pair, err := p.Pair(ref)
	if err != nil {
		t.Fatalf("Pair(%s): %v", ref, err)
	}
	return pair.Signer
}

// certified checks that the chain starts with the certificate of the key.
func certified(t *testing.T, p keys.Provider, ref string) {
	pair, err := p.Pair(ref)
	if err != nil || len(pair.Chain) == 0 {
		t.Fatalf("Pair(%s): %d certificates, %v", ref, len(pair.Chain), err)
	}
	public, ok := pair.Signer.Public().(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !public.Equal(pair.Chain[0].PublicKey) {
		t.Fatal("the first certificate is of another key")
	}
}

// roundTrip signs the way tokens are signed and verifies with the public key.
func roundTrip(signer crypto.Signer) error {
	message := []byte("messaggio di prova")
	digest := sha256.Sum256(message)
	input, hash := digest[:], crypto.SHA256
	if _, ok := signer.Public().(ed25519.PublicKey); ok {
		input, hash = message, crypto.Hash(0)
	}
	signature, err := signer.Sign(rand.Reader, input, hash)
	if err != nil {
		return err
	}
	ok := false
	switch pub := signer.Public().(type) {
	case *rsa.PublicKey:
		ok = rsa.VerifyPKCS1v15(pub, crypto.SHA256, digest[:], signature) == nil
	case *ecdsa.PublicKey:
		ok = ecdsa.VerifyASN1(pub, digest[:], signature)
	case ed25519.PublicKey:
		ok = ed25519.Verify(pub, message, signature)
	}
	if !ok {
		return errors.New("the public key does not verify the signature")
	}
	return nil
}
