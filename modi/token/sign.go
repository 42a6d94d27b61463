// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package token

import (
	"bytes"
	"crypto"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/snodo-pa/snodo/modi/internal/jose"
)

// SigningKey is a private key ready to sign. It is safe for concurrent use as far as
// its Signer is; keys of the standard library are.
type SigningKey struct {
	KID       string
	Algorithm Algorithm
	Signer    crypto.Signer // *rsa.PrivateKey, *ecdsa.PrivateKey or a key held elsewhere
}

// HeaderExtra are header members beside alg, kid and typ, which Sign always writes
// itself (for a DPoP proof jwk instead of kid).
type HeaderExtra struct {
	Use string // empty: not written; only a voucher may have it
}

// Sign writes a token of kind k. Claims are encoded once, without HTML escapes, so the
// same claims always give the same bytes. It fails when the kind does not admit the
// algorithm, the kid or the extra header, when the key does not fit the algorithm, when
// the claims do not encode to a JSON object, and when the signer fails.
func Sign(k Kind, header HeaderExtra, claims any, key SigningKey) (string, error) {
	alg, ok := jose.AlgorithmByName(string(key.Algorithm))
	if !ok || !slices.Contains(k.algorithms, key.Algorithm) {
		return "", fmt.Errorf("algorithm %q is not one of %s", key.Algorithm, k.algorithmList())
	}
	members, err := k.header(header, key)
	if err != nil {
		return "", err
	}
	payload, err := encode(claims)
	if err != nil {
		return "", err
	}
	compact, err := jose.Sign(alg, members, payload, key.Signer)
	if err != nil {
		return "", err
	}
	if len(compact) > jose.MaxCompact {
		return "", fmt.Errorf("token of %d bytes exceeds %d", len(compact), jose.MaxCompact)
	}
	return compact, nil
}

func (k Kind) header(extra HeaderExtra, key SigningKey) (map[string]any, error) {
	if key.Signer == nil {
		return nil, errors.New("no signing key")
	}
	members := map[string]any{"typ": k.typ}
	if extra.Use != "" {
		if !slices.Contains(k.members, "use") {
			return nil, errors.New("header member use is not of this token")
		}
		members["use"] = extra.Use
	}
	if k.embedsKey() {
		jwk, err := jose.PublicJWK(key.Signer.Public())
		if err != nil {
			return nil, err
		}
		members["jwk"] = jwk
		return members, nil
	}
	if !k.validKID(key.KID) {
		return nil, fmt.Errorf("kid of the signing key is not %s", k.kidForm)
	}
	members["kid"] = key.KID
	return members, nil
}

func encode(claims any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(claims)
	if err != nil {
		return nil, fmt.Errorf("encode claims: %w", err)
	}
	payload := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	_, err = jose.ParseObject(payload)
	if err != nil {
		return nil, fmt.Errorf("claims: %w", err)
	}
	return payload, nil
}
