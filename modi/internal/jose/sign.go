// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jose

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
)

// Sign writes the compact JWS of payload. alg is added to the header members, which are
// written in alphabetical order, so that the same header always has the same bytes. The
// private key may live elsewhere, in a device or in another library: only Public and Sign
// of the signer are called, Sign with a digest and its hash, and it answers PKCS #1 v1.5
// for RSA and ASN.1 for ECDSA. Sign is safe for concurrent use as far as the signer is.
func Sign(a Algorithm, header map[string]any, payload []byte, signer crypto.Signer) (string, error) {
	if signer == nil {
		return "", errors.New("no signing key")
	}
	err := a.CheckKey(signer.Public())
	if err != nil {
		return "", fmt.Errorf("signing key: %w", err)
	}
	members := maps.Clone(header)
	if members == nil {
		members = map[string]any{}
	}
	members["alg"] = a.Name
	head, err := Encode(members)
	if err != nil {
		return "", fmt.Errorf("header: %w", err)
	}
	enc := base64.RawURLEncoding
	out := make([]byte, 0, enc.EncodedLen(len(head))+enc.EncodedLen(len(payload))+1024)
	out = enc.AppendEncode(out, head)
	out = append(out, '.')
	out = enc.AppendEncode(out, payload)
	signature, err := signer.Sign(rand.Reader, a.digest(out), a.Hash)
	if err == nil {
		signature, err = a.fixed(signature)
	}
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	out = append(out, '.')
	out = enc.AppendEncode(out, signature)
	return string(out), nil
}

// fixed turns the ASN.1 signature of an ECDSA signer into the r||s of RFC 7518 §3.4. An
// RSA signature is left as it is.
func (a Algorithm) fixed(signature []byte) ([]byte, error) {
	if a.Curve == nil {
		return signature, nil
	}
	var pair struct{ R, S *big.Int }
	rest, err := asn1.Unmarshal(signature, &pair)
	size := a.coordinateSize()
	if err != nil || len(rest) > 0 || !fits(pair.R, size) || !fits(pair.S, size) {
		return nil, errors.New("the signer gave no ECDSA signature in ASN.1")
	}
	out := make([]byte, 2*size)
	pair.R.FillBytes(out[:size])
	pair.S.FillBytes(out[size:])
	return out, nil
}

func fits(n *big.Int, size int) bool { return n.Sign() > 0 && n.BitLen() <= 8*size }

// Encode writes a value as JSON without HTML escapes.
func Encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
