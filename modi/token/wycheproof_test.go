// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package token_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"io/fs"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/c2sp/wycheproof"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/moditest"
	"github.com/snodo-pa/snodo/modi/token"
)

// The vectors of Project Wycheproof on signatures, keys and the mix of both, through the
// entry points of this package: the key by ParseJWKSet or ParseJWK, the token by Parse
// and Verify. The vectors sign plain text, which is no claims set; so that this is not
// all that the test shows, the header of each vector is also put in front of claims that
// its own private key signs.

type wycheproofGroup struct {
	Comment         string
	Private, Public json.RawMessage
	Tests           []struct {
		TCID            int `json:"tcId"`
		Comment, Result string
		JWS             any // a text, or an object in the vectors on other serialisations
	}
}

// wycheproofFiles are the files, with the keys that are weak in a way that their form
// does not show: those of the ROCA kind, made by the chips of one maker until 2017.
func wycheproofFiles() map[string][]int {
	return map[string][]int{
		"json_web_signature_test.json": nil,
		"json_web_key_test.json":       {7},
		"json_web_crypto_test.json":    {46},
	}
}

func wycheproofGroups(t *testing.T, name string) []wycheproofGroup {
	t.Helper()
	data, err := fs.ReadFile(wycheproof.TestVectors, name)
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ TestGroups []wycheproofGroup }
	err = json.Unmarshal(data, &file)
	if err != nil || len(file.TestGroups) == 0 {
		t.Fatalf("%d groups, %v", len(file.TestGroups), err)
	}
	return file.TestGroups
}

// public is what the verifier of a group has; groups of secret keys have one half only.
func (g wycheproofGroup) public() json.RawMessage {
	if len(g.Public) > 0 {
		return g.Public
	}
	return g.Private
}

// anyAlgorithm is a kind that narrows as little as one can: a short kid will do.
func anyAlgorithm() token.Kind {
	return token.Voucher().WithAlgorithms(token.RS256, token.RS384, token.RS512, token.ES256, token.ES384, token.ES512)
}

// keysOf reads a set, or one key as a set of one.
func keysOf(data json.RawMessage) []modi.Key {
	var set struct{ Keys json.RawMessage }
	err := json.Unmarshal(data, &set)
	if err == nil && set.Keys != nil {
		keys, err := token.ParseJWKSet(data)
		if err != nil {
			return nil
		}
		return keys
	}
	k, err := token.ParseJWK(data)
	if err != nil {
		return nil
	}
	return []modi.Key{k}
}

// accepted tells whether a token gives claims under one of the keys that it names.
func accepted(keys []modi.Key, compact string) bool {
	u, err := token.Parse(compact, anyAlgorithm())
	if err != nil {
		return false
	}
	for _, k := range keys {
		if k.KID != "" && k.KID != u.KID() || k.Algorithm != "" && k.Algorithm != string(u.Header().Algorithm) {
			continue
		}
		claims, _ := u.Verify(k.Public) // a wrong typ is not what these vectors are about
		if claims != nil {
			return true
		}
	}
	return false
}

func TestWycheproofNothingInvalidIsAccepted(t *testing.T) {
	for name := range wycheproofFiles() {
		run := 0
		for _, g := range wycheproofGroups(t, name) {
			keys := keysOf(g.public())
			for _, c := range g.Tests {
				compact, isText := c.JWS.(string)
				if c.Result != "invalid" || !isText {
					continue
				}
				run++
				if accepted(keys, compact) {
					t.Errorf("%s %d (%s: %s) accepted", name, c.TCID, g.Comment, c.Comment)
				}
			}
		}
		if run < 20 {
			t.Errorf("%s: %d invalid vectors ran", name, run)
		}
	}
}

// TestWycheproofHeadersAndKeysWithClaims signs claims under the header of each vector. A
// vector whose own signature is right is invalid for its header or its key: then so are
// the claims. Under the header of a valid one they are accepted.
func TestWycheproofHeadersAndKeysWithClaims(t *testing.T) {
	// The key of RFC 7520 figure 27 is tagged with ES521, which does not exist, and
	// figure 13 names its key by an address, whose @ no kid of PDND has.
	unlike := []int{347, 351, 345, 349}
	good, bad := 0, 0
	for name, roca := range wycheproofFiles() {
		for _, g := range wycheproofGroups(t, name) {
			keys := keysOf(g.public())
			for _, c := range g.Tests {
				compact, _ := c.JWS.(string)
				signed, rightly, ok := transplant(t, g, compact)
				if !ok {
					continue
				}
				got := accepted(keys, signed)
				switch {
				case c.Result == "valid" && name == "json_web_signature_test.json" && slices.Contains(unlike, c.TCID):
				case c.Result == "valid":
					good++
					if !got {
						t.Errorf("%s %d (%s: %s): claims under a good header and key refused", name, c.TCID, g.Comment, c.Comment)
					}
				case rightly && !slices.Contains(roca, c.TCID):
					bad++
					if got {
						t.Errorf("%s %d (%s: %s): claims under a bad header or key accepted", name, c.TCID, g.Comment, c.Comment)
					}
				}
			}
		}
	}
	t.Logf("%d good and %d bad headers and keys", good, bad)
	if good < 10 || bad < 10 {
		t.Errorf("%d good and %d bad headers and keys ran", good, bad)
	}
}

// transplant signs claims under the header of a vector, with the private key that the
// header names. It tells whether the vector's own signature is right; ok is false where
// there is no such key, or no algorithm of ours.
func transplant(t *testing.T, g wycheproofGroup, compact string) (signed string, rightly, ok bool) {
	t.Helper()
	parts := strings.Split(compact, ".")
	header, err := base64.RawURLEncoding.DecodeString(parts[0])
	if err != nil || len(parts) != 3 {
		return "", false, false
	}
	var h struct{ Alg, KID string }
	err = json.Unmarshal(header, &h)
	hash, ours := map[string]crypto.Hash{
		"RS256": crypto.SHA256, "RS384": crypto.SHA384, "RS512": crypto.SHA512,
		"ES256": crypto.SHA256, "ES384": crypto.SHA384, "ES512": crypto.SHA512,
	}[h.Alg]
	key := privateKey(g.Private, h.KID)
	if err != nil || !ours || key == nil {
		return "", false, false
	}
	if _, isRSA := key.(*rsa.PrivateKey); isRSA != strings.HasPrefix(h.Alg, "RS") {
		return "", false, false
	}
	sum := func(text string) []byte {
		x := hash.New()
		x.Write([]byte(text))
		return x.Sum(nil)
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	rightly = err == nil && verifies(key, hash, sum(parts[0]+"."+parts[1]), signature)
	input := parts[0] + "." + moditest.B64([]byte(`{"iss":"prova"}`))
	return input + "." + moditest.B64(moditest.Signature(t, input, key, hash)), rightly, true
}

func verifies(key crypto.Signer, hash crypto.Hash, sum, signature []byte) bool {
	switch pub := key.Public().(type) {
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(pub, hash, sum, signature) == nil
	case *ecdsa.PublicKey:
		half := (pub.Params().BitSize + 7) / 8
		return len(signature) == 2*half && ecdsa.Verify(pub, sum, new(big.Int).SetBytes(signature[:half]), new(big.Int).SetBytes(signature[half:]))
	default:
		return false
	}
}

// jwkText are the members of a private key that the tests use.
type jwkText struct{ KTY, KID, CRV, N, E, D, P, Q, X, Y string }

// privateKey finds a key of a group and reads it; nil when it cannot sign.
func privateKey(data json.RawMessage, kid string) crypto.Signer {
	var set struct{ Keys []jwkText }
	var one jwkText
	if json.Unmarshal(data, &set) != nil || json.Unmarshal(data, &one) != nil {
		return nil
	}
	for _, k := range append(set.Keys, one) {
		if k.KID == kid {
			return k.signer()
		}
	}
	return nil
}

func (k jwkText) signer() crypto.Signer {
	number := func(text string) *big.Int {
		b, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil {
			return new(big.Int)
		}
		return new(big.Int).SetBytes(b)
	}
	switch {
	case k.KTY == "RSA" && k.D != "":
		key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: number(k.N), E: int(number(k.E).Int64())}, D: number(k.D), Primes: []*big.Int{number(k.P), number(k.Q)}}
		if key.Validate() != nil {
			return nil
		}
		return key
	case k.KTY == "EC" && k.CRV == "P-256" && k.D != "":
		key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), number(k.D).FillBytes(make([]byte, 32)))
		if err != nil {
			return nil
		}
		return key
	default:
		return nil
	}
}

// TestWycheproofPrivateKeysAreNoKeySets wants every private half to be refused: who
// publishes one has lost it.
func TestWycheproofPrivateKeysAreNoKeySets(t *testing.T) {
	run := 0
	for name := range wycheproofFiles() {
		for _, g := range wycheproofGroups(t, name) {
			run++
			if keys := keysOf(g.Private); len(keys) > 0 {
				t.Errorf("%s, %s: a set with private keys gave %d keys", name, g.Comment, len(keys))
			}
		}
	}
	if run < 30 {
		t.Errorf("%d groups ran", run)
	}
}
