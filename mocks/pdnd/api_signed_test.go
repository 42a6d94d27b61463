// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// published reads the platform's keys as anybody does, with the standard library alone.
func publishedKeys(t *testing.T, who *caller) map[string]*rsa.PublicKey {
	t.Helper()
	a := who.send("GET", who.w.Profile().JWKSURL, http.Header{}, nil)
	var set struct {
		Keys []struct{ Kty, Kid, N, E string }
	}
	must(t, json.Unmarshal([]byte(a.raw), &set))
	keys := map[string]*rsa.PublicKey{}
	for _, k := range set.Keys {
		n, errN := base64.RawURLEncoding.DecodeString(k.N)
		e, errE := base64.RawURLEncoding.DecodeString(k.E)
		must(t, errN, errE)
		keys[k.Kid] = &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
	}
	return keys
}

// replySignature is what a reply of v3 signs.
type replySignature struct {
	Jti           string              `json:"jti"`
	Iss           string              `json:"iss"`
	Iat           int64               `json:"iat"`
	Exp           int64               `json:"exp"`
	SignedHeaders []map[string]string `json:"signed_headers"`
	ClientID      string              `json:"client_id"`
}

// opened verifies the signature of a reply by hand: RFC 7515 §5.2, RFC 7518 §3.3.
func openedReply(t *testing.T, keys map[string]*rsa.PublicKey, a answer) (header, claims map[string]any, s replySignature) {
	t.Helper()
	values := a.header.Values("Agid-JWT-Signature")
	if len(values) != 1 {
		t.Fatalf("%d signatures", len(values))
	}
	parts := strings.Split(values[0], ".")
	if len(parts) != 3 {
		t.Fatalf("%d parts", len(parts))
	}
	raw := make([][]byte, 3)
	for i, part := range parts {
		var err error
		raw[i], err = base64.RawURLEncoding.Strict().DecodeString(part)
		must(t, err)
	}
	must(t, json.Unmarshal(raw[0], &header), json.Unmarshal(raw[1], &claims), json.Unmarshal(raw[1], &s))
	kid, _ := header["kid"].(string)
	if keys[kid] == nil {
		t.Fatalf("the key %q is not in the JWKS", kid)
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	must(t, rsa.VerifyPKCS1v15(keys[kid], crypto.SHA256, sum[:], raw[2]))
	return header, claims, s
}

// answersOfEveryKind makes one of each kind of answer of v3.
func answersOfEveryKind(t *testing.T) (*cast, map[string]answer) {
	t.Helper()
	c := newCast(t, Options{RateLimit: 50})
	all := map[string]answer{}
	take := func(name string, status int, a answer) {
		t.Helper()
		if a.status != status {
			t.Fatalf("%s: %d %s, expected %d", name, a.status, a.raw, status)
		}
		all[name] = a
	}
	address := c.Profile().APIv3BaseURL + "/keys/" + c.kid
	bound := c.consumer.voucher(true)
	take("a page", 200, c.consumer.v3("GET", paged("/eservices"), nil))
	take("an object", 200, c.consumer.v3("GET", "/keys/"+c.kid, nil))
	take("events", 200, c.consumer.v3("GET", "/keyEvents?limit=5", nil))
	take("events asked for wrongly", 400, c.consumer.v3("GET", "/keyEvents", nil))
	e := c.producer.v3("POST", "/eservices", eserviceBody(nil))
	take("created", 201, e)
	descriptor := "/eservices/" + e.text("id") + "/descriptors/" + c.first(e.text("id"))
	take("created from a form", 201, c.producer.upload(descriptor+"/interface", "openapi.yaml", "x", openapi))
	take("a file", 200, c.producer.v3("GET", descriptor+"/interface", nil))
	take("an action", 200, c.producer.v3("POST", descriptor+"/publish", nil))
	take("nothing to say", 204, c.consumer.v3("DELETE", "/clients/"+otherID, nil))
	take("a wrong body", 400, c.consumer.v3("POST", "/clients", members{}))
	take("no header at all", 400, c.consumer.send("GET", address, http.Header{}, nil))
	take("a Bearer", 400, c.consumer.send("GET", address, http.Header{"Authorization": {"Bearer " + bound}}, nil))
	take("no voucher", 401, c.consumer.send("GET", address, http.Header{"Authorization": {"DPoP x"}, "Dpop": {"x"}}, nil))
	take("no proof", 401, c.consumer.send("GET", address, http.Header{"Authorization": {"DPoP " + bound}, "Dpop": {"x"}}, nil))
	take("the lesser role", 403, c.reader.v3("POST", "/eservices", eserviceBody(nil)))
	take("another's", 403, c.producer.v3("GET", paged("/clients/"+clientID+"/keys"), nil))
	take("no object", 404, c.consumer.v3("GET", "/purposes/"+unknownID, nil))
	take("no operation", 404, c.consumer.v3("GET", "/nothing", nil))
	take("a conflict", 409, c.producer.v3("POST", "/eservices", eserviceBody(nil)))
	bound = c.delegate.voucher(true)
	for range 60 { // more than the limit
		header := http.Header{"Authorization": {"DPoP " + bound}, "Dpop": {c.delegate.proof("GET", address, bound, nil, nil)}}
		if a := c.delegate.send("GET", address, header, nil); a.status == 429 {
			take("too many", 429, a)
			break
		}
	}
	return c, all
}

// TestEveryKindOfReplyIsSigned verifies the replies without a line of the mock's own code.
func TestEveryKindOfReplyIsSigned(t *testing.T) {
	c, all := answersOfEveryKind(t)
	if len(all) != 20 {
		t.Errorf("%d kinds of answer", len(all))
	}
	anonymous := map[string]bool{"no header at all": true, "a Bearer": true, "no voucher": true, "no proof": true, "no operation": true}
	keys, used := publishedKeys(t, c.consumer), map[string]bool{}
	for name, a := range all {
		t.Run(name, func(t *testing.T) {
			header, claims, s := openedReply(t, keys, a)
			if diff := cmp.Diff(map[string]any{"alg": "RS256", "use": "sig", "typ": "at+jwt", "kid": header["kid"]}, header); diff != "" {
				t.Errorf("header (-want +got):\n%s", diff)
			}
			for _, claim := range []string{"aud", "sub", "nbf"} {
				if _, there := claims[claim]; there {
					t.Errorf("claim %s is there", claim)
				}
			}
			if s.Iss != c.Profile().Issuer || s.Iat != c.now.Unix() || s.Exp != s.Iat+100 || s.Jti == "" || used[s.Jti] {
				t.Errorf("claims %v", claims)
			}
			used[s.Jti] = true
			if (s.ClientID == "") != anonymous[name] {
				t.Errorf("client_id %q", s.ClientID)
			}
			sum := sha256.Sum256([]byte(a.raw))
			digest := "SHA-256=" + base64.StdEncoding.EncodeToString(sum[:])
			want := []map[string]string{{"digest": digest}, {"x-correlation-id": a.header.Get("X-Correlation-Id")}}
			if media := a.header.Get("Content-Type"); media != "" {
				want = append(want, map[string]string{"content-type": media})
			}
			if diff := cmp.Diff(want, s.SignedHeaders); diff != "" || a.header.Get("Digest") != digest {
				t.Errorf("Digest %s, signed headers (-want +got):\n%s", a.header.Get("Digest"), diff)
			}
		})
	}
}

// TestSignaturesFollowTheRotationOfTheKey: new replies are signed with the new key, the
// old one stays published for those under way.
func TestSignaturesFollowTheRotationOfTheKey(t *testing.T) {
	c := newCast(t, Options{})
	before := c.consumer.v3("GET", "/keys/"+c.kid, nil)
	next, err := c.RotateKey(true)
	must(t, err)
	bound := c.consumer.voucher(true)
	address := c.Profile().APIv3BaseURL + "/keys/" + c.kid
	after := c.consumer.send("GET", address, http.Header{
		"Authorization": {"DPoP " + bound}, "Dpop": {c.consumer.proof("GET", address, bound, nil, nil)},
	}, nil)
	published := publishedKeys(t, c.consumer)
	one, _, _ := openedReply(t, published, before)
	two, _, _ := openedReply(t, published, after)
	if one["kid"] == next || two["kid"] != next || len(published) != 2 {
		t.Errorf("signed by %v, then by %v, of %d keys; the new one is %s", one["kid"], two["kid"], len(published), next)
	}
}

// TestV2SignsNothing: the older API has neither Digest nor signature, in any answer.
func TestV2SignsNothing(t *testing.T) {
	c := newCast(t, Options{})
	for name, a := range map[string]answer{
		"an object":    c.consumer.v2("GET", "/keys/"+c.kid, nil),
		"a page":       c.consumer.v2("GET", paged("/eservices"), nil),
		"events":       c.consumer.v2("GET", "/keyEvents?limit=5", nil),
		"wrong events": c.consumer.v2("GET", "/keyEvents", nil),
		"no object":    c.consumer.v2("GET", "/purposes/"+unknownID, nil),
		"no operation": c.consumer.v2("GET", "/nothing", nil),
	} {
		if a.header.Get("Agid-JWT-Signature") != "" || a.header.Get("Digest") != "" {
			t.Errorf("%s is signed: %v", name, a.header)
		}
	}
}
