// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rules

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
)

// ErrSignature means the signature does not verify with the given key, or that key and
// algorithm do not belong together.
var ErrSignature = errors.New("the signature does not verify")

// Verify checks the signature with the algorithm of the header: RS256 with an RSA key
// of at least 2048 bits, ES256 with a P-256 key, nothing else. The error is
// [ErrSignature].
func (t *Token) Verify(key crypto.PublicKey) error {
	sum := sha256.Sum256([]byte(t.signed))
	alg, _ := t.Header.String("alg")
	switch pub := key.(type) {
	case *rsa.PublicKey:
		if alg != "RS256" || pub.N.BitLen() < minRSABits {
			return ErrSignature
		}
		if rsa.VerifyPKCS1v15(pub, crypto.SHA256, sum[:], t.signature) != nil {
			return ErrSignature
		}
		return nil
	case *ecdsa.PublicKey:
		if alg != "ES256" || pub.Curve != elliptic.P256() || len(t.signature) != 2*coordinate {
			return ErrSignature
		}
		r := new(big.Int).SetBytes(t.signature[:coordinate])
		s := new(big.Int).SetBytes(t.signature[coordinate:])
		if !ecdsa.Verify(pub, sum[:], r, s) {
			return ErrSignature
		}
		return nil
	default:
		return ErrSignature
	}
}

// Sign makes a compact JWS: RS256 with an RSA key, ES256 with a P-256 key. The header
// is taken as it is given, so that a caller may forge one; only the signature follows
// the key.
func Sign(random io.Reader, key crypto.Signer, header, claims any) (string, error) {
	h, err := json.Marshal(header)
	if err != nil {
		return "", fmt.Errorf("encode the header: %w", err)
	}
	c, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("encode the claims: %w", err)
	}
	enc := base64.RawURLEncoding
	signed := enc.EncodeToString(h) + "." + enc.EncodeToString(c)
	sum := sha256.Sum256([]byte(signed))
	var signature []byte
	switch k := key.(type) {
	case *rsa.PrivateKey:
		signature, err = rsa.SignPKCS1v15(random, k, crypto.SHA256, sum[:])
	case *ecdsa.PrivateKey:
		var r, s *big.Int
		if r, s, err = ecdsa.Sign(random, k, sum[:]); err == nil {
			signature = append(r.FillBytes(make([]byte, coordinate)), s.FillBytes(make([]byte, coordinate))...)
		}
	default:
		err = errors.New("the key is neither RSA nor P-256")
	}
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	return signed + "." + enc.EncodeToString(signature), nil
}
