// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/lestrrat-go/jwx/v2/jwk"
)

// ErrNotForSignatures reports a well-formed key that cannot verify a signature of
// ours: another use, another algorithm or an unknown key type. RFC 7517 §5 has a set
// with such keys read without them.
var ErrNotForSignatures = errors.New("key is not for RS* or ES* signatures")

// JWK is one public key and what is written about it.
type JWK struct {
	KID    string // may be empty
	Alg    string // may be empty
	Public crypto.PublicKey
}

// ParseJWK reads one public JSON Web Key. It refuses private and symmetric members,
// RSA outside 2048-8192 bits or with an even exponent or one below 3, points off the
// curve, and use, key_ops or alg that contradict a signature key. Members that it does
// not know are ignored (RFC 7517 §4). With ErrNotForSignatures the kid is returned too.
func ParseJWK(data []byte) (JWK, error) {
	o, err := ParseObject(string(data))
	if err != nil {
		return JWK{}, fmt.Errorf("key: %w", err)
	}
	return keyOf(o, data)
}

// maxKeys bounds a set: those of PDND hold a few keys.
const maxKeys = 256

// ParseJWKSet reads the object of a JSON Web Key set and its keys as ParseJWKList does.
func ParseJWKSet(data []byte) ([]JWK, error) {
	o, err := ParseObject(string(data))
	if err != nil {
		return nil, fmt.Errorf("key set: %w", err)
	}
	raw, ok := o.Get("keys")
	if !ok {
		return nil, errors.New("key set: keys is missing")
	}
	return ParseJWKList([]byte(raw))
}

// ParseJWKList reads the keys of a set, all with a kid and all kids different. Keys
// that are not for signatures are left out (RFC 7517 §5). Any other fault of any key
// refuses the whole list, and so does a list without a usable key.
func ParseJWKList(data []byte) ([]JWK, error) {
	var items []json.RawMessage
	err := json.Unmarshal(data, &items)
	if err != nil {
		return nil, errors.New("key set: keys is not a list")
	}
	if len(items) > maxKeys {
		return nil, fmt.Errorf("key set: %d keys exceed %d", len(items), maxKeys)
	}
	var out []JWK
	seen := make(map[string]bool, len(items))
	for i, item := range items {
		k, err := ParseJWK(item)
		switch {
		case err != nil && !errors.Is(err, ErrNotForSignatures):
			return nil, fmt.Errorf("key set: entry %d: %w", i, err)
		case k.KID != "" && seen[k.KID]:
			return nil, fmt.Errorf("key set: entry %d repeats a kid", i)
		case k.KID == "" && err == nil:
			return nil, fmt.Errorf("key set: entry %d has no kid", i)
		case err == nil:
			out = append(out, k)
		}
		seen[k.KID] = true
	}
	if len(out) == 0 {
		return nil, errors.New("key set: no key for RS* or ES* signatures")
	}
	return out, nil
}

// ParseEmbeddedJWK reads the jwk member of a DPoP proof: exactly the members of a
// public key, nothing else (RFC 9449 §4.3, PDND).
func ParseEmbeddedJWK(data []byte) (crypto.PublicKey, error) {
	o, err := ParseObject(string(data))
	if err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	names := make([]string, len(o))
	for i, m := range o {
		names[i] = m.Name
	}
	slices.Sort(names)
	if !slices.Equal(names, []string{"e", "kty", "n"}) && !slices.Equal(names, []string{"crv", "kty", "x", "y"}) {
		return nil, errors.New("key: members other than kty, n, e or kty, crv, x, y")
	}
	k, err := keyOf(o, data)
	return k.Public, err
}

func keyOf(o Object, data []byte) (JWK, error) {
	for _, name := range []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"} {
		if _, ok := o.Get(name); ok {
			return JWK{}, fmt.Errorf("key: holds the private or symmetric member %q", name)
		}
	}
	var kty, use string
	var out JWK
	for _, f := range []struct {
		name string
		into *string
	}{{"kty", &kty}, {"use", &use}, {"alg", &out.Alg}, {"kid", &out.KID}} {
		err := o.optionalText(f.name, f.into)
		if err != nil {
			return JWK{}, err
		}
	}
	switch {
	case kty == "":
		return JWK{}, errors.New("key: kty is missing")
	case kty == "oct":
		return JWK{}, errors.New("key: symmetric")
	case kty != "RSA" && kty != "EC", use != "" && use != "sig":
		return out, ErrNotForSignatures
	}
	err := o.checkOperations()
	if err != nil {
		return out, err
	}
	if kty == "RSA" {
		err = o.checkRSA()
	} else {
		err = o.checkEC()
	}
	if err != nil {
		return out, err
	}
	out.Public, err = build(data)
	if err != nil {
		return out, err
	}
	return out, out.checkAlg()
}

// optionalText reads a string member; one that is there must be a non-empty string.
func (o Object) optionalText(name string, into *string) error {
	raw, ok := o.Get(name)
	if !ok {
		return nil
	}
	s, ok := Unquote(raw)
	if !ok || s == "" {
		return fmt.Errorf("key: %s is not a non-empty string", name)
	}
	*into = s
	return nil
}

// checkOperations wants key_ops, when there, to be exactly verify (RFC 7517 §4.3).
func (o Object) checkOperations() error {
	raw, ok := o.Get("key_ops")
	if !ok {
		return nil
	}
	var ops []string
	err := json.Unmarshal([]byte(raw), &ops)
	if err != nil {
		return errors.New("key: key_ops is not a list of strings")
	}
	if !slices.Equal(ops, []string{"verify"}) {
		return ErrNotForSignatures
	}
	return nil
}

// checkBytes wants a member to be canonical base64url of min to max bytes.
func (o Object) checkBytes(name string, minimum, maximum int) error {
	var s string
	err := o.optionalText(name, &s)
	if err != nil {
		return err
	}
	out, ok := DecodeURL(s)
	if !ok {
		return fmt.Errorf("key: %s is not base64url without padding", name)
	}
	if len(out) < minimum || len(out) > maximum {
		return fmt.Errorf("key: %s has %d bytes, expected %d to %d", name, len(out), minimum, maximum)
	}
	return nil
}

// checkRSA bounds the integers before the library turns them into a key: an exponent
// above 32 bits would not fit its type.
func (o Object) checkRSA() error {
	err := o.checkBytes("n", MinRSABits/8, MaxRSABits/8)
	if err != nil {
		return err
	}
	return o.checkBytes("e", 1, 4)
}

// checkEC wants a known curve and coordinates of its exact length (RFC 7518 §6.2.1.2).
func (o Object) checkEC() error {
	var crv string
	err := o.optionalText("crv", &crv)
	if err != nil {
		return err
	}
	alg, ok := algorithmOfCurve(crv)
	if !ok {
		return ErrNotForSignatures
	}
	for _, name := range []string{"x", "y"} {
		err = o.checkBytes(name, alg.coordinateSize(), alg.coordinateSize())
		if err != nil {
			return err
		}
	}
	return nil
}

// build lets the library make the key out of members that have passed the checks, then
// checks the key itself.
func build(data []byte) (crypto.PublicKey, error) {
	parsed, err := jwk.ParseKey(data)
	if err != nil {
		return nil, errors.New("key: not a public key")
	}
	var pub crypto.PublicKey
	err = parsed.Raw(&pub)
	if err != nil {
		return nil, errors.New("key: not a public key")
	}
	switch key := pub.(type) {
	case *rsa.PublicKey:
		if key.N.Bit(0) == 0 || key.E > 1<<31-1 {
			return nil, errors.New("key: n is even or e is above 31 bits")
		}
		return key, Algorithm{Name: "RS*"}.CheckKey(key)
	case *ecdsa.PublicKey:
		_, err = key.ECDH()
		if err != nil {
			return nil, errors.New("key: not a point of its curve")
		}
		return key, nil
	default:
		return nil, ErrNotForSignatures
	}
}

func algorithmOfCurve(crv string) (Algorithm, bool) {
	switch crv {
	case "P-256":
		return AlgorithmByName("ES256")
	case "P-384":
		return AlgorithmByName("ES384")
	case "P-521":
		return AlgorithmByName("ES512")
	default:
		return Algorithm{}, false
	}
}

// checkAlg wants alg, when there, to be one of ours that the key can serve.
func (k JWK) checkAlg() error {
	if k.Alg == "" {
		return nil
	}
	a, ok := AlgorithmByName(k.Alg)
	if !ok {
		return ErrNotForSignatures
	}
	err := a.CheckKey(k.Public)
	if err != nil {
		return fmt.Errorf("key: alg contradicts the key: %w", err)
	}
	return nil
}
