// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rules

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"testing"
)

func FuzzDecodeObject(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a":1,"a":2}`, `{"a":{"b":[1,2,{"c":null}]}}`, `[]`, `{"a":1}x`, "{\"a\":\"\xff\"}", `{"a":1e999}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		object, err := DecodeObject(raw)
		if err != nil {
			if !errors.Is(err, ErrJSON) {
				t.Fatalf("an error of another kind: %v", err)
			}
			return
		}
		var other map[string]any
		if json.Unmarshal(raw, &other) == nil && len(other) != len(object) {
			t.Fatalf("%d members, the standard library sees %d", len(object), len(other))
		}
		again, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := DecodeObject(again); err != nil {
			t.Fatalf("refuses its own output: %v", err)
		}
	})
}

func FuzzParseJWK(f *testing.F) {
	f.Add([]byte(`{"kty":"RSA","e":"AQAB","n":"` + rfc7638n + `"}`))
	f.Add([]byte(`{"kty":"RSA","e":"AQAB","n":"` + rfc7638n + `","d":"AA"}`))
	f.Add([]byte(`{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		pub, err := ParseJWK(raw)
		if err != nil {
			if !errors.Is(err, ErrJWK) {
				t.Fatalf("an error of another kind: %v", err)
			}
			return
		}
		if pub.N.BitLen() < 2048 || pub.E < 3 || pub.E%2 == 0 {
			t.Fatalf("accepted a weak key: %d bits, e %d", pub.N.BitLen(), pub.E)
		}
		if thumbprint, err := Thumbprint(pub); err != nil || !kidRegexp.MatchString(thumbprint) {
			t.Fatalf("thumbprint %q, %v", thumbprint, err)
		}
	})
}

func FuzzPublicKeyPEM(f *testing.F) {
	der, err := x509.MarshalPKIXPublicKey(&testRSA(f).PublicKey)
	if err != nil {
		f.Fatal(err)
	}
	good := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	f.Add(good)
	f.Add(append(good, good...))
	f.Add([]byte("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		pub, err := PublicKeyPEM(text)
		if err != nil {
			if !errors.Is(err, ErrPEM) {
				t.Fatalf("an error of another kind: %v", err)
			}
			return
		}
		if pub.N.BitLen() < 2048 {
			t.Fatalf("accepted %d bits", pub.N.BitLen())
		}
	})
}

func FuzzParseProof(f *testing.F) {
	key := testEC(f)
	header := Members{"typ": "dpop+jwt", "alg": "ES256", "jwk": ecMembers(f, key)}
	f.Add(mustSign(f, key, header, Members{"jti": "j", "htm": "POST", "htu": testHTU, "iat": at(0)}))
	f.Add("e30.e30.AA")
	f.Fuzz(func(t *testing.T, compact string) {
		proof, fault := ParseProof(compact, http.MethodPost, testHTU, "", now())
		if fault != nil {
			if fault.Name == "" || fault.Class != ClassToken {
				t.Fatalf("a fault without name or class: %+v", fault)
			}
			return
		}
		if proof.JTI == "" || len(proof.JKT) != 43 || proof.Key == nil {
			t.Fatalf("an accepted proof lacks a part: %+v", proof)
		}
	})
}

func FuzzSignedHeaders(f *testing.F) {
	f.Add([]byte(`{"signed_headers":[{"digest":"`+exampleDigest+`"},{"content-type":"application/json"}]}`), "application/json")
	f.Add([]byte(`{"signed_headers":{"digest":"x"}}`), "text/plain")
	f.Add([]byte(`{"signed_headers":[{"digest":"x","a":"b"}]}`), "")
	f.Fuzz(func(t *testing.T, raw []byte, contentType string) {
		object, err := DecodeObject(raw)
		if err != nil {
			return
		}
		h := http.Header{"Digest": {exampleDigest}, "Content-Type": {contentType}}
		if CheckSignedHeaders(object, h) != nil {
			return
		}
		// Whatever was accepted must cover the two headers that are there.
		signed, fault := signedHeaders(object)
		if fault != nil || len(signed["digest"]) != 1 || signed["digest"][0] != exampleDigest || len(signed["content-type"]) != 1 {
			t.Fatalf("accepted %v for %v", signed, h)
		}
	})
}
