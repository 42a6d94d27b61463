// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package token

import (
	"crypto"
	"fmt"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/jose"
)

// MaxJWKSetBytes is the size above which a key set is refused unread. The sets of PDND
// hold a few keys.
const MaxJWKSetBytes = 256 << 10

// Thumbprint returns the RFC 7638 SHA-256 thumbprint of an RSA or ECDSA public key in
// base64url, 43 characters: the kid that PDND gives to it.
func Thumbprint(pub crypto.PublicKey) (string, error) { return jose.Thumbprint(pub) }

// ParseJWK reads one public key. The kid may be absent; Owner is left empty. It refuses
// private and symmetric keys, RSA outside 2048-8192 bits, points off the curve, and
// use, key_ops or alg that contradict a signature key.
func ParseJWK(data []byte) (modi.Key, error) {
	if len(data) > MaxJWKSetBytes {
		return modi.Key{}, fmt.Errorf("key of %d bytes exceeds %d", len(data), MaxJWKSetBytes)
	}
	k, err := jose.ParseJWK(data)
	if err != nil {
		return modi.Key{}, err
	}
	return modi.Key{KID: k.KID, Algorithm: k.Alg, Public: k.Public}, nil
}

// ParseJWKSet reads a set of public keys, all with a kid and all kids different. Keys
// of another use, algorithm or type are left out (RFC 7517 §5); any key that is
// malformed, weak, private or symmetric makes the whole set be refused, as does a set
// without a usable key: such a set was not made by the authority we trust.
func ParseJWKSet(data []byte) ([]modi.Key, error) {
	if len(data) > MaxJWKSetBytes {
		return nil, fmt.Errorf("key set of %d bytes exceeds %d", len(data), MaxJWKSetBytes)
	}
	keys, err := jose.ParseJWKSet(data)
	if err != nil {
		return nil, err
	}
	out := make([]modi.Key, len(keys))
	for i, k := range keys {
		out[i] = modi.Key{KID: k.KID, Algorithm: k.Alg, Public: k.Public}
	}
	return out, nil
}

// MarshalJWK writes a public key as a JSON Web Key for signatures, members in
// alphabetical order. It fails when alg cannot use the key.
func MarshalJWK(pub crypto.PublicKey, kid string, alg Algorithm) ([]byte, error) {
	a, ok := jose.AlgorithmByName(string(alg))
	if !ok {
		return nil, fmt.Errorf("algorithm %q is unknown", alg)
	}
	return jose.MarshalJWK(pub, kid, a)
}
