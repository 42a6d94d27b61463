// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jose

import (
	"crypto"
	"crypto/elliptic"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/modi/internal/moditest"
)

// rsaMembers is a good RSA key, to be spoiled.
func rsaMembers(t testing.TB) map[string]any {
	t.Helper()
	key := moditest.RSA(t, 0)
	return map[string]any{"kty": "RSA", "n": moditest.B64(key.N.Bytes()), "e": "AQAB", "kid": "k", "use": "sig", "alg": "RS256"}
}

func ecMembers(t testing.TB) map[string]any {
	t.Helper()
	point, err := moditest.EC(t, elliptic.P256()).PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return map[string]any{"kty": "EC", "crv": "P-256", "x": moditest.B64(point[1:33]), "y": moditest.B64(point[33:])}
}

// text is a member that is a string.
func text(v any) string { return fmt.Sprint(v) }

func TestParseJWKRefuses(t *testing.T) {
	r, e := rsaMembers(t), ecMembers(t)
	n, x := text(r["n"]), text(e["x"])
	even := new(big.Int).Sub(moditest.RSA(t, 0).N, big.NewInt(1))
	short := new(big.Int).Rsh(moditest.RSA(t, 0).N, 1024)
	for name, key := range map[string]map[string]any{
		"symmetric":             {"kty": "oct", "k": "c2VjcmV0"},
		"symmetric member":      moditest.With(r, "k", "c2VjcmV0"),
		"private exponent":      moditest.With(r, "d", n),
		"private prime":         moditest.With(r, "p", n),
		"private scalar":        moditest.With(e, "d", e["x"]),
		"no kty":                moditest.With(r, "kty", nil),
		"kty not a string":      moditest.With(r, "kty", 1),
		"lower-case kty":        moditest.With(r, "kty", "rsa"),
		"kid not a string":      moditest.With(r, "kid", 7),
		"empty kid":             moditest.With(r, "kid", ""),
		"use enc":               moditest.With(r, "use", "enc"),
		"key_ops sign":          moditest.With(r, "key_ops", []string{"sign"}),
		"key_ops sign, verify":  moditest.With(r, "key_ops", []string{"sign", "verify"}),
		"key_ops not a list":    moditest.With(r, "key_ops", "verify"),
		"alg PS256":             moditest.With(r, "alg", "PS256"),
		"alg HS256":             moditest.With(r, "alg", "HS256"),
		"alg none":              moditest.With(r, "alg", "none"),
		"alg of another type":   moditest.With(r, "alg", "ES256"),
		"alg of another curve":  moditest.With(e, "alg", "ES384"),
		"no n":                  moditest.With(r, "n", nil),
		"no e":                  moditest.With(r, "e", nil),
		"n padded":              moditest.With(r, "n", n+"=="),
		"n in base64":           moditest.With(r, "n", "+/"+n[2:]),
		"n even":                moditest.With(r, "n", moditest.B64(even.Bytes())),
		"RSA 1024":              moditest.With(r, "n", moditest.B64(short.Bytes())),
		"RSA above 8192":        moditest.With(r, "n", moditest.B64([]byte(strings.Repeat("\xff", 1025)))),
		"e is 1":                moditest.With(r, "e", "AQ"),
		"e is even":             moditest.With(r, "e", "AQAA"),
		"e above 32 bits":       moditest.With(r, "e", "AQAAAAE"),
		"e is 2^32-1":           moditest.With(r, "e", "_____w"),
		"no crv":                moditest.With(e, "crv", nil),
		"P-224":                 moditest.With(e, "crv", "P-224"),
		"secp256k1":             moditest.With(e, "crv", "secp256k1"),
		"no y":                  moditest.With(e, "y", nil),
		"x too long":            moditest.With(e, "x", "AA"+x),
		"x too short":           moditest.With(e, "x", x[:40]),
		"point off the curve":   moditest.With(e, "y", e["x"]),
		"coordinates of P-384":  moditest.With(e, "crv", "P-384"),
		"OKP":                   {"kty": "OKP", "crv": "Ed25519", "x": e["x"]},
		"members of both types": {"kty": "EC", "n": n, "e": "AQAB"},
	} {
		t.Run(name, func(t *testing.T) {
			k, err := ParseJWK([]byte(moditest.JSON(t, key)))
			if err == nil {
				t.Errorf("accepted as %T", k.Public)
			}
		})
	}
	for name, text := range map[string]string{
		"repeated kid": strings.Replace(moditest.JSON(t, r), "{", `{"kid":"other",`, 1),
		"not JSON":     "key",
		"a list":       "[]",
		"nothing":      "",
		"null":         "null",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseJWK([]byte(text))
			if err == nil {
				t.Error("accepted")
			}
		})
	}
}

func TestParseJWKAccepts(t *testing.T) {
	r, e := rsaMembers(t), ecMembers(t)
	for name, key := range map[string]map[string]any{
		"RSA":                     r,
		"bare RSA":                moditest.With(r, "kid", nil, "use", nil, "alg", nil),
		"RSA for RS512":           moditest.With(r, "alg", "RS512"),
		"RSA with key_ops":        moditest.With(r, "key_ops", []string{"verify"}),
		"RSA with unknown member": moditest.With(r, "nbf", 1),
		"EC":                      e,
		"EC for ES256":            moditest.With(e, "alg", "ES256"),
	} {
		t.Run(name, func(t *testing.T) {
			k, err := ParseJWK([]byte(moditest.JSON(t, key)))
			if err != nil {
				t.Fatal(err)
			}
			if want, _ := key["kid"].(string); k.KID != want || k.Public == nil {
				t.Errorf("kid %q, key %T", k.KID, k.Public)
			}
		})
	}
}

func TestParseJWKSet(t *testing.T) {
	good, other := rsaMembers(t), moditest.With(ecMembers(t), "kid", "ec")
	enc := moditest.With(good, "kid", "enc", "use", "enc")
	for name, c := range map[string]struct {
		keys any
		want []string // kids, nil: refused
	}{
		"two keys":                     {[]any{good, other}, []string{"k", "ec"}},
		"encryption key left out":      {[]any{enc, good}, []string{"k"}},
		"unknown type left out":        {[]any{map[string]any{"kty": "OKP", "kid": "o"}, good}, []string{"k"}},
		"duplicate kid":                {[]any{good, moditest.With(other, "kid", "k")}, nil},
		"duplicate kid with one unfit": {[]any{moditest.With(enc, "kid", "k"), good}, nil},
		"mixed with a symmetric key":   {[]any{good, map[string]any{"kty": "oct", "k": "AA", "kid": "h"}}, nil},
		"mixed with a private key":     {[]any{good, moditest.With(other, "d", "AA")}, nil},
		"one weak key":                 {[]any{good, moditest.With(good, "kid", "w", "e", "AQ")}, nil},
		"key without kid":              {[]any{good, moditest.With(other, "kid", nil)}, nil},
		"an entry that is no object":   {[]any{good, "key"}, nil},
		"no keys":                      {[]any{}, nil},
		"only unfit keys":              {[]any{enc}, nil},
		"keys is an object":            {map[string]any{"k": good}, nil},
		"keys is null":                 {nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			keys, err := ParseJWKSet([]byte(moditest.JSON(t, map[string]any{"keys": c.keys})))
			if (err == nil) != (c.want != nil) {
				t.Fatalf("error %v, want keys %v", err, c.want)
			}
			var got []string
			for _, k := range keys {
				got = append(got, k.KID)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	many := make([]any, 257)
	for i := range many {
		many[i] = moditest.With(enc, "kid", strings.Repeat("x", i+1))
	}
	for name, text := range map[string]string{
		"a bare key":    moditest.JSON(t, good),
		"a list":        moditest.JSON(t, []any{good}),
		"repeated keys": `{"keys":[],"keys":[]}`,
		"too many keys": moditest.JSON(t, map[string]any{"keys": many}),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseJWKSet([]byte(text))
			if err == nil {
				t.Error("accepted")
			}
		})
	}
}

func TestParseEmbeddedJWKWantsExactMembers(t *testing.T) {
	r, e := moditest.With(rsaMembers(t), "kid", nil, "use", nil, "alg", nil), ecMembers(t)
	for name, c := range map[string]struct {
		key map[string]any
		ok  bool
	}{
		"EC":          {e, true},
		"RSA":         {r, true},
		"with kid":    {moditest.With(e, "kid", "k"), false},
		"with alg":    {moditest.With(e, "alg", "ES256"), false},
		"with use":    {moditest.With(r, "use", "sig"), false},
		"private":     {moditest.With(e, "d", e["x"]), false},
		"without kty": {moditest.With(e, "kty", nil), false},
		"symmetric":   {map[string]any{"kty": "oct", "k": "AA"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseEmbeddedJWK([]byte(moditest.JSON(t, c.key)))
			if (err == nil) != c.ok {
				t.Errorf("error %v, want ok %t", err, c.ok)
			}
		})
	}
	_, err := ParseEmbeddedJWK([]byte("[]"))
	if err == nil {
		t.Error("a list was accepted")
	}
}

// The key of RFC 7638 §3.1 has the thumbprint printed there.
func TestThumbprintOfTheRFC(t *testing.T) {
	const key = `{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}`
	k, err := ParseJWK([]byte(key))
	if err != nil {
		t.Fatal(err)
	}
	got, err := Thumbprint(k.Public)
	if err != nil || got != "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs" {
		t.Errorf("thumbprint %s, %v", got, err)
	}
}

func TestMarshalJWKReadsBack(t *testing.T) {
	for name, c := range map[string]struct {
		key crypto.Signer
		alg string
	}{
		"RSA":   {moditest.RSA(t, 0), "RS256"},
		"P-256": {moditest.EC(t, elliptic.P256()), "ES256"},
		"P-521": {moditest.EC(t, elliptic.P521()), "ES512"},
	} {
		t.Run(name, func(t *testing.T) {
			data, err := MarshalJWK(c.key.Public(), "kid-1", algorithm(t, c.alg))
			if err != nil {
				t.Fatal(err)
			}
			k, err := ParseJWK(data)
			if err != nil {
				t.Fatal(err)
			}
			equal, ok := k.Public.(interface{ Equal(crypto.PublicKey) bool })
			if !ok || !equal.Equal(c.key.Public()) || k.KID != "kid-1" || k.Alg != c.alg {
				t.Errorf("read back %+v from %s", k, data)
			}
			var o map[string]any
			err = json.Unmarshal(data, &o)
			if err != nil || o["use"] != "sig" || o["d"] != nil {
				t.Errorf("wrote %s, %v", data, err)
			}
		})
	}
	_, err := MarshalJWK(moditest.RSA(t, 0).Public(), "k", algorithm(t, "ES256"))
	wantKind(t, err, KeyUnsuitable)
}

func TestPrivateKeysAreNeverWritten(t *testing.T) {
	for _, key := range []any{moditest.RSA(t, 0), moditest.EC(t, elliptic.P256()), []byte("secret"), nil} {
		_, err := Thumbprint(key)
		if err == nil {
			t.Errorf("%T was taken for a public key", key)
		}
		_, err = PublicJWK(key)
		if err == nil {
			t.Errorf("%T was taken for a public key", key)
		}
	}
}

func FuzzParseJWK(f *testing.F) {
	f.Add([]byte(moditest.JSON(f, rsaMembers(f))))
	f.Add([]byte(moditest.JSON(f, ecMembers(f))))
	f.Add([]byte(`{"kty":"RSA","n":"AQ","e":"AQAB"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		k, err := ParseJWK(data)
		if err != nil {
			return
		}
		for _, name := range []string{"RS256", "ES256", "ES384", "ES512"} {
			if algorithm(t, name).CheckKey(k.Public) == nil {
				_, err = Thumbprint(k.Public)
				if err != nil {
					t.Fatalf("accepted a key without thumbprint: %v", err)
				}
				return
			}
		}
		t.Fatal("accepted a key that no algorithm can use")
	})
}

func TestNotForSignaturesIsItsOwnError(t *testing.T) {
	_, err := ParseJWK([]byte(`{"kty":"OKP","kid":"o"}`))
	if !errors.Is(err, ErrNotForSignatures) {
		t.Errorf("error %v", err)
	}
}
