// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package token

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"

	"github.com/snodo-pa/snodo/modi/internal/jose"
)

// SigningKey is a private key ready to sign. It is safe for concurrent use as far as
// its Signer is; keys of the standard library are.
//
// Signer may be any crypto.Signer: a key of the standard library, one in a device, one of
// another library built in behind a build tag (OpenSSL signs RSA about three times
// faster). It is called with a digest and its crypto.Hash as options, and answers a
// PKCS #1 v1.5 signature for RSA, an ASN.1 one for ECDSA; nothing else of it is used.
type SigningKey struct {
	KID       string // optional where a certificate names the key
	Algorithm Algorithm
	Signer    crypto.Signer       // *rsa.PrivateKey, *ecdsa.PrivateKey or a key held elsewhere
	Chain     []*x509.Certificate // certificate of the key and its issuers, where a certificate names it
	X5U       string              // where the certificate is published, for X5U alone
}

// HeaderExtra are header members beside alg, kid and typ, which Sign always writes
// itself (for a DPoP proof jwk instead of kid).
type HeaderExtra struct {
	Use        string      // empty: not written; only a voucher may have it
	References []Reference // how to name the certificate; empty: X5C. Only where a certificate names the key
}

// Sign writes a token of kind k. Claims are encoded once, without HTML escapes, so the
// same claims always give the same bytes. It fails when the kind does not admit the
// algorithm, the kid or the extra header, when the key does not fit the algorithm, when
// the claims do not encode to a JSON object, and when the signer fails.
func Sign(k Kind, header HeaderExtra, claims any, key SigningKey) (string, error) {
	return SignChecked(k, header, claims, key, nil)
}

// SignChecked is [Sign] with a look at the claims as their reader will see them: an error of check comes back as it is, and
// nothing is signed.
func SignChecked(k Kind, header HeaderExtra, claims any, key SigningKey, check func(*Claims) error) (string, error) {
	alg, ok := jose.AlgorithmByName(string(key.Algorithm))
	if !ok || !slices.Contains(k.algorithms, key.Algorithm) {
		return "", fmt.Errorf("algorithm %q is not one of %s", key.Algorithm, k.algorithmList())
	}
	members, err := k.header(header, key)
	if err != nil {
		return "", err
	}
	payload, object, err := encode(claims)
	if err != nil {
		return "", err
	}
	if check != nil {
		if err := check(&Claims{raw: string(payload), members: object}); err != nil {
			return "", err
		}
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
	if k.references != nil {
		return members, k.writeReferences(members, extra.References, key)
	}
	if len(extra.References) > 0 {
		return nil, errors.New("the key of this token is not named by a certificate")
	}
	if !k.validKID(key.KID) {
		return nil, fmt.Errorf("kid of the signing key is not %s", k.kidForm)
	}
	members["kid"] = key.KID
	return members, nil
}

func encode(claims any) ([]byte, jose.Object, error) {
	payload, err := jose.Encode(claims)
	if err != nil {
		return nil, nil, fmt.Errorf("encode claims: %w", err)
	}
	object, err := jose.ParseObject(string(payload))
	if err != nil {
		return nil, nil, fmt.Errorf("claims: %w", err)
	}
	return payload, object, nil
}
