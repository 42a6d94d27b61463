// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package forge

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
)

// Key is a key pair of one party, with what the party shows of it.
type Key struct {
	Name   string
	Signer crypto.Signer
	KID    string   // RFC 7638 thumbprint, or the id that the platform gave to its own key
	Chain  [][]byte // certificates in DER, the key's own first; nil when it has none
}

// Leaf is the key's own certificate in DER; nil when it has none.
func (k *Key) Leaf() []byte {
	if len(k.Chain) == 0 {
		return nil
	}
	return k.Chain[0]
}

// Key returns the key pair of that name, the same each time. The names are those of
// keyKinds, and those of certificates for keys that have one.
func (w *World) Key(name string) (*Key, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.key(name)
}

// key makes a key once; the caller holds the lock.
func (w *World) key(name string) (*Key, error) {
	if k, ok := w.keys[name]; ok {
		return k, nil
	}
	k, err := w.makeKey(name)
	if err != nil {
		return nil, fmt.Errorf("key %s: %w", name, err)
	}
	w.keys[name] = k
	return k, nil
}

func (w *World) makeKey(name string) (*Key, error) {
	kind, plain := keyKinds()[name]
	plan, certified := certificatePlans()[name]
	switch {
	case certified:
		return w.certifiedKey(name, plan)
	case !plain:
		return nil, fmt.Errorf("no such key")
	}
	k := &Key{Name: name}
	var err error
	k.Signer, err = w.generate(kind.algorithm)
	if err != nil {
		return nil, err
	}
	k.KID = w.Names[kind.kid]
	if k.KID == "" {
		k.KID, err = Thumbprint(k.Signer.Public())
	}
	return k, err
}

// keyKind is a key without certificate.
type keyKind struct {
	algorithm string
	kid       string // name of the kid, when it is not the thumbprint
}

// keyKinds are the keys without certificate.
func keyKinds() map[string]keyKind {
	return map[string]keyKind{
		"client":            {algorithm: "rsa-2048"}, // registered with PDND for the client
		"client-ec":         {algorithm: "p-256"},
		"client-ec384":      {algorithm: "p-384"},
		"client-ec521":      {algorithm: "p-521"},
		"other-client":      {algorithm: "rsa-2048"},
		"unregistered":      {algorithm: "rsa-2048"},
		"producer-keychain": {algorithm: "rsa-2048"},
		"platform":          {algorithm: "rsa-2048", kid: "platform-kid"},
		"platform-api":      {algorithm: "rsa-2048", kid: "api-kid"},
		"dpop":              {algorithm: "p-256"},
		"dpop-rsa":          {algorithm: "rsa-2048"},
		"dpop-other":        {algorithm: "p-256"},
		"weak-rsa":          {algorithm: "rsa-1024"},
		"weak-curve":        {algorithm: "p-224"},
		"edwards":           {algorithm: "ed25519"},
	}
}

func (w *World) generate(algorithm string) (crypto.Signer, error) {
	switch algorithm {
	case "rsa-2048":
		return rsa.GenerateKey(w.rand, 2048)
	case "rsa-1024":
		return rsa.GenerateKey(w.rand, 1024) //nolint:gosec // a weak key for the cases that want one refused
	case "p-224":
		return ecdsa.GenerateKey(elliptic.P224(), w.rand)
	case "p-256":
		return ecdsa.GenerateKey(elliptic.P256(), w.rand)
	case "p-384":
		return ecdsa.GenerateKey(elliptic.P384(), w.rand)
	case "p-521":
		return ecdsa.GenerateKey(elliptic.P521(), w.rand)
	case "ed25519":
		_, key, err := ed25519.GenerateKey(w.rand)
		return key, err
	default:
		return nil, fmt.Errorf("unknown kind of key %q", algorithm)
	}
}

// PublicJWK writes the members of a public key that RFC 7518 §6 and RFC 8037 §2 name.
func PublicJWK(pub crypto.PublicKey) (map[string]any, error) {
	switch key := pub.(type) {
	case *rsa.PublicKey:
		return map[string]any{"kty": "RSA", "n": b64(key.N.Bytes()), "e": b64(big.NewInt(int64(key.E)).Bytes())}, nil
	case *ecdsa.PublicKey:
		point, err := key.Bytes()
		if err != nil {
			return nil, fmt.Errorf("encode point: %w", err)
		}
		half := len(point) / 2
		return map[string]any{"kty": "EC", "crv": key.Params().Name, "x": b64(point[1 : 1+half]), "y": b64(point[1+half:])}, nil
	case ed25519.PublicKey:
		return map[string]any{"kty": "OKP", "crv": "Ed25519", "x": b64(key)}, nil
	default:
		return nil, fmt.Errorf("no JWK for a key of type %T", pub)
	}
}

// Thumbprint is the SHA-256 thumbprint of RFC 7638: the members of a public key in
// alphabetical order, which is how encoding/json writes a map.
func Thumbprint(pub crypto.PublicKey) (string, error) {
	jwk, err := PublicJWK(pub)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(jwk)
	if err != nil {
		return "", fmt.Errorf("encode JWK: %w", err)
	}
	sum := sha256.Sum256(text)
	return b64(sum[:]), nil
}

// b64 is the encoding of JOSE: base64url without padding.
func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
