// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package judge

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	_ "crypto/sha256" // registers SHA-256
	_ "crypto/sha512" // registers SHA-384 and SHA-512
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strings"
)

// token is a JWS in its compact form, taken apart.
type token struct {
	compact   string
	head      map[string]any
	claims    map[string]any
	input     []byte // what is signed
	signature []byte
}

// maxToken bounds a token, in bytes: no receiver takes more in a header.
const maxToken = 16 << 10

// parse takes a compact JWS apart (RFC 7515 §7.1), with nothing forgiven: three parts in
// base64url without padding or stray bits, header and payload objects whose members are
// there once.
func parse(compact string) (*token, error) {
	if len(compact) > maxToken {
		return nil, fmt.Errorf("%d bytes", len(compact))
	}
	parts := strings.Split(compact, ".")
	if len(parts) != 3 {
		return nil, fmt.Errorf("%d parts", len(parts))
	}
	var raw [3][]byte
	for i, part := range parts {
		var err error
		raw[i], err = base64.RawURLEncoding.Strict().DecodeString(part)
		if err != nil || len(raw[i]) == 0 {
			return nil, fmt.Errorf("part %d is not base64url", i+1)
		}
	}
	t := &token{compact: compact, input: []byte(parts[0] + "." + parts[1]), signature: raw[2]}
	var err error
	if t.head, err = object(raw[0]); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	if t.claims, err = object(raw[1]); err != nil {
		return nil, fmt.Errorf("payload: %w", err)
	}
	return t, nil
}

// object reads a JSON object whose members, at every depth, have names of their own.
func object(data []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	value, err := decode(d)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the object")
	}
	members, ok := value.(map[string]any)
	if !ok {
		return nil, errors.New("not an object")
	}
	return members, nil
}

func decode(d *json.Decoder) (any, error) {
	next, err := d.Token()
	if err != nil {
		return nil, errors.New("not JSON")
	}
	switch next {
	case json.Delim('{'):
		return decodeObject(d)
	case json.Delim('['):
		list := []any{}
		for d.More() {
			item, err := decode(d)
			if err != nil {
				return nil, err
			}
			list = append(list, item)
		}
		_, err = d.Token()
		return list, err
	default:
		return next, nil
	}
}

func decodeObject(d *json.Decoder) (any, error) {
	members := map[string]any{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, errors.New("not JSON")
		}
		key, ok := name.(string)
		if _, twice := members[key]; twice || !ok {
			return nil, fmt.Errorf("member %q is there twice", key)
		}
		if members[key], err = decode(d); err != nil {
			return nil, err
		}
	}
	_, err := d.Token()
	return members, err
}

// text is a member that is a text; false when it is absent or something else.
func text(members map[string]any, name string) (string, bool) {
	value, ok := members[name].(string)
	return value, ok
}

// seconds is a claim that is a time (RFC 7519 §2, NumericDate).
func (t *token) seconds(name string) (float64, bool) {
	n, ok := t.claims[name].(json.Number)
	if !ok {
		return 0, false
	}
	value, err := n.Float64()
	return value, err == nil
}

// audience is the claim aud: a text or a list of texts, none of them empty; false when it
// is something else. PDND joins those of a voucher with commas.
func (t *token) audience(commas bool) ([]string, bool) {
	switch aud := t.claims["aud"].(type) {
	case string:
		if commas {
			return strings.Split(aud, ","), aud != ""
		}
		return []string{aud}, aud != ""
	case []any:
		var out []string
		for _, one := range aud {
			s, ok := one.(string)
			if !ok || s == "" {
				return nil, false
			}
			out = append(out, s)
		}
		return out, len(out) > 0
	default:
		return nil, false
	}
}

// algorithm is alg of the header.
func (t *token) algorithm() string {
	alg, _ := text(t.head, "alg")
	return alg
}

// signedBy checks the signature (RFC 7518 §3.3 and §3.4).
func (t *token) signedBy(key crypto.PublicKey) bool {
	hash, ok := map[string]crypto.Hash{"256": crypto.SHA256, "384": crypto.SHA384, "512": crypto.SHA512}[strings.TrimLeft(t.algorithm(), "RES")]
	if !ok {
		return false
	}
	h := hash.New()
	h.Write(t.input)
	sum := h.Sum(nil)
	switch key := key.(type) {
	case *rsa.PublicKey:
		return strings.HasPrefix(t.algorithm(), "RS") && rsa.VerifyPKCS1v15(key, hash, sum, t.signature) == nil
	case *ecdsa.PublicKey:
		size := (key.Params().N.BitLen() + 7) / 8
		if !strings.HasPrefix(t.algorithm(), "ES") || len(t.signature) != 2*size {
			return false
		}
		return ecdsa.Verify(key, sum, new(big.Int).SetBytes(t.signature[:size]), new(big.Int).SetBytes(t.signature[size:]))
	default:
		return false
	}
}

// JTI is the identifier that a token claims; empty when it has none or is no token.
func JTI(compact string) string {
	t, err := parse(compact)
	if err != nil {
		return ""
	}
	jti, _ := text(t.claims, "jti")
	return jti
}

// ProofKey is the thumbprint of the key that a DPoP proof shows; empty when it shows none.
func ProofKey(compact string) string {
	t, err := parse(compact)
	if err != nil {
		return ""
	}
	members, ok := t.head["jwk"].(map[string]any)
	if !ok {
		return ""
	}
	return thumbprint(members)
}
