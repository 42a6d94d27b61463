// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/lestrrat-go/jwx/v2/jwk"
)

// PublicJWK wraps an RSA or ECDSA public key as a value for a header: it encodes to
// exactly the members that identify the key.
func PublicJWK(pub crypto.PublicKey) (any, error) { return wrap(pub) }

// MarshalJWK writes a public key for signatures with its kid and algorithm, members in
// alphabetical order. It fails when the algorithm cannot use the key.
func MarshalJWK(pub crypto.PublicKey, kid string, a Algorithm) ([]byte, error) {
	err := a.CheckKey(pub)
	if err != nil {
		return nil, err
	}
	key, err := wrap(pub)
	if err != nil {
		return nil, err
	}
	for name, value := range map[string]string{jwk.KeyIDKey: kid, jwk.AlgorithmKey: a.Name, jwk.KeyUsageKey: "sig"} {
		err = key.Set(name, value)
		if err != nil {
			return nil, fmt.Errorf("key member %s: %w", name, err)
		}
	}
	return json.Marshal(key)
}

// Thumbprint returns the RFC 7638 SHA-256 thumbprint in base64url, 43 characters: the
// kid under which PDND publishes a key.
func Thumbprint(pub crypto.PublicKey) (string, error) {
	key, err := wrap(pub)
	if err != nil {
		return "", err
	}
	sum, err := key.Thumbprint(crypto.SHA256)
	if err != nil {
		return "", fmt.Errorf("thumbprint: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(sum), nil
}

// wrap keeps private keys out: only the two public types pass.
func wrap(pub crypto.PublicKey) (jwk.Key, error) {
	switch pub.(type) {
	case *rsa.PublicKey, *ecdsa.PublicKey:
	default:
		return nil, fmt.Errorf("key of type %T is neither an RSA nor an ECDSA public key", pub)
	}
	key, err := jwk.FromRaw(pub)
	if err != nil {
		return nil, fmt.Errorf("wrap key: %w", err)
	}
	return key, nil
}
