// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jose

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/c2sp/wycheproof"
)

// The files of Project Wycheproof that apply: signatures, keys and the mix of both.
// Each vector goes through the strict parse, the header rules, the key rules and the
// signature, as a token from the network does. Only the claims are left out, since the
// vectors sign plain text.
type wycheproofFile struct {
	TestGroups []struct {
		Comment         string
		Private, Public json.RawMessage
		KeyJWK          json.RawMessage `json:"keyJwk"`
		PublicKeyJWK    json.RawMessage `json:"publicKeyJwk"`
		Tests           []wycheproofTest
	}
}

type wycheproofTest struct {
	TCID             int `json:"tcId"`
	Comment          string
	JWS              any // a string, or an object in the vectors on other serialisations
	Msg, Sig, Result string
}

func readWycheproof(t *testing.T, name string) wycheproofFile {
	t.Helper()
	data, err := fs.ReadFile(wycheproof.TestVectors, name)
	if err != nil {
		t.Fatal(err)
	}
	var f wycheproofFile
	err = json.Unmarshal(data, &f)
	if err != nil {
		t.Fatal(err)
	}
	if len(f.TestGroups) == 0 {
		t.Fatalf("%s has no groups", name)
	}
	return f
}

// accepts runs the checks that a token from the network meets before its claims.
func accepts(set json.RawMessage, compact string) bool {
	p, err := split(compact)
	if err != nil {
		return false
	}
	header, err := ParseObject(string(p.header))
	if err != nil {
		return false
	}
	for _, m := range header {
		if !slices.Contains([]string{"alg", "kid", "typ", "use"}, m.Name) {
			return false
		}
	}
	raw, _ := header.Get("alg")
	name, _ := Unquote(raw)
	alg, ok := AlgorithmByName(name)
	if !ok {
		return false
	}
	kid := ""
	if raw, ok = header.Get("kid"); ok {
		kid, _ = Unquote(raw)
	}
	key, ok := keyFrom(set, kid)
	if !ok || key.Alg != "" && key.Alg != name {
		return false
	}
	return alg.Verify(key.Public, p.input, p.signature) == nil
}

// keyFrom takes a key or a set of keys; a set is refused whole as ParseJWKSet does.
func keyFrom(data json.RawMessage, kid string) (JWK, bool) {
	o, err := ParseObject(string(data))
	if err != nil {
		return JWK{}, false
	}
	list, isSet := o.Get("keys")
	if !isSet {
		key, err := ParseJWK(data)
		return key, err == nil && (key.KID == "" || kid == "" || key.KID == kid)
	}
	keys, err := ParseJWKList([]byte(list))
	if err != nil {
		return JWK{}, false
	}
	for _, key := range keys {
		if key.KID == kid {
			return key, true
		}
	}
	return JWK{}, false
}

// public is the public half of a group; groups with one half only hold a secret key.
func public(private, public json.RawMessage) json.RawMessage {
	if len(public) > 0 {
		return public
	}
	return private
}

func TestWycheproofNothingInvalidIsAccepted(t *testing.T) {
	// Keys of the ROCA kind, made by the chips of one maker until 2017, have a sound
	// form; telling them apart takes a test of the modulus that this package has not.
	exceptions := map[string][]int{
		"json_web_signature_test.json": {},
		"json_web_key_test.json":       {7},
		"json_web_crypto_test.json":    {46},
	}
	for name, known := range exceptions {
		t.Run(name, func(t *testing.T) {
			invalid, accepted := 0, []int{}
			for _, g := range readWycheproof(t, name).TestGroups {
				for _, c := range g.Tests {
					compact, isText := c.JWS.(string)
					if c.Result != "invalid" || c.JWS == nil {
						continue
					}
					invalid++
					if isText && accepts(public(g.Private, g.Public), compact) {
						accepted = append(accepted, c.TCID)
						if !slices.Contains(known, c.TCID) {
							t.Errorf("vector %d (%s: %s) accepted", c.TCID, g.Comment, c.Comment)
						}
					}
				}
			}
			slices.Sort(accepted)
			if !slices.Equal(accepted, known) {
				t.Errorf("accepted %v, the named exceptions are %v", accepted, known)
			}
			if invalid < 20 {
				t.Errorf("only %d vectors ran", invalid)
			}
		})
	}
}

func TestWycheproofValidOnesOfOurAlgorithmsAreAccepted(t *testing.T) {
	// An empty payload is no claims set (259, 264, 268). The key of RFC 7520
	// figure 27 is tagged with ES521, which does not exist (347, 351).
	refused := map[string][]int{
		"json_web_signature_test.json": {259, 264, 268, 347, 351},
		"json_web_key_test.json":       {},
		"json_web_crypto_test.json":    {},
	}
	for name, known := range refused {
		t.Run(name, func(t *testing.T) {
			accepted, got := 0, []int{}
			for _, g := range readWycheproof(t, name).TestGroups {
				for _, c := range g.Tests {
					compact, isText := c.JWS.(string)
					if c.Result != "valid" || !isText || !ours(compact) {
						continue
					}
					if accepts(public(g.Private, g.Public), compact) {
						accepted++
					} else {
						got = append(got, c.TCID)
					}
				}
			}
			if accepted == 0 || !slices.Equal(got, known) {
				t.Errorf("accepted %d, refused %v, the named exceptions are %v", accepted, got, known)
			}
		})
	}
}

// ours tells whether the header names one of our algorithms.
func ours(compact string) bool {
	head, _, _ := strings.Cut(compact, ".")
	data, err := base64.RawURLEncoding.DecodeString(head)
	if err != nil {
		return false
	}
	var h struct{ Alg string }
	err = json.Unmarshal(data, &h)
	_, ok := AlgorithmByName(h.Alg)
	return err == nil && ok
}

func TestWycheproofRSA(t *testing.T) {
	for name, alg := range map[string]string{
		"rsa_signature_2048_sha256_test.json": "RS256",
		"rsa_signature_3072_sha384_test.json": "RS384",
		"rsa_signature_4096_sha512_test.json": "RS512",
	} {
		t.Run(name, func(t *testing.T) { primitive(t, name, alg) })
	}
}

func TestWycheproofECDSA(t *testing.T) {
	for name, alg := range map[string]string{
		"ecdsa_secp256r1_sha256_p1363_test.json": "ES256",
		"ecdsa_secp384r1_sha384_p1363_test.json": "ES384",
		"ecdsa_secp521r1_sha512_p1363_test.json": "ES512",
	} {
		t.Run(name, func(t *testing.T) { primitive(t, name, alg) })
	}
}

func primitive(t *testing.T, name, alg string) {
	t.Helper()
	run := 0
	for _, g := range readWycheproof(t, name).TestGroups {
		jwk := g.KeyJWK
		if jwk == nil {
			jwk = g.PublicKeyJWK
		}
		if jwk == nil {
			continue
		}
		key, err := ParseJWK(jwk)
		if err != nil {
			t.Logf("key refused: %v", err)
			continue
		}
		for _, c := range g.Tests {
			msg, sig := unhex(t, c.Msg), unhex(t, c.Sig)
			err := algorithm(t, alg).Verify(key.Public, msg, sig)
			if c.Result == "invalid" && err == nil {
				t.Errorf("vector %d (%s) accepted", c.TCID, c.Comment)
			}
			if c.Result == "valid" && err != nil {
				t.Errorf("vector %d (%s) refused: %v", c.TCID, c.Comment, err)
			}
			run++
		}
	}
	if run < 100 {
		t.Errorf("only %d vectors ran", run)
	}
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
