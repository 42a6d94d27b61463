// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
	"github.com/snodo-pa/snodo/mocks/pdnd/probing"
	"github.com/snodo-pa/snodo/mocks/pdnd/tracing"
)

// bound is a caller with a voucher of v3 in its hands and an address to call.
type bound struct {
	*cast
	voucher, address string
}

func newBound(t *testing.T) *bound {
	c := newCast(t, Options{RateLimit: 10_000})
	return &bound{c, c.consumer.voucher(true), c.Profile().APIv3BaseURL + "/keys/" + c.kid}
}

func (b *bound) get(authorization, proof string) answer {
	b.t.Helper()
	return b.consumer.send("GET", b.address, http.Header{"Authorization": {authorization}, "Dpop": {proof}}, nil)
}

func (b *bound) proof(header, claims members) string {
	b.t.Helper()
	return b.consumer.proof("GET", b.address, b.voucher, header, claims)
}

// TestTheWindowOfAProof: 60 seconds back, 10 ahead, whole.
func TestTheWindowOfAProof(t *testing.T) {
	b := newBound(t)
	for offset, status := range map[int64]int{-61: 401, -60: 200, -59: 200, 0: 200, 9: 200, 10: 200, 11: 401} {
		if a := b.get("DPoP "+b.voucher, b.proof(nil, members{"iat": b.now.Unix() + offset})); a.status != status {
			t.Errorf("iat %+d: %d %s", offset, a.status, a.raw)
		}
	}
	// While a proof may still be good its jti is remembered: to the last instant.
	proof := b.proof(nil, members{"iat": b.now.Unix() + 10})
	b.want(b.get("DPoP "+b.voucher, proof), 200, "")
	b.now = b.now.Add(70 * time.Second)
	b.want(b.get("DPoP "+b.voucher, proof), 401, "017-0044")
}

// TestClaimsOfAProof takes each claim away and gives it a wrong form.
func TestClaimsOfAProof(t *testing.T) {
	b := newBound(t)
	for name, claims := range map[string]members{
		"no jti": {"jti": nil}, "empty jti": {"jti": ""}, "jti no text": {"jti": 7},
		"no htm": {"htm": nil}, "htm in lower case": {"htm": "get"}, "htm no text": {"htm": []string{"GET"}},
		"no htu": {"htu": nil}, "htu with a slash": {"htu": b.address + "/"}, "htu in upper case": {"htu": strings.ToUpper(b.address)},
		"htu with a fragment": {"htu": b.address + "#x"}, "htu of another scheme": {"htu": strings.Replace(b.address, "http:", "https:", 1)},
		"no iat": {"iat": nil}, "iat as a text": {"iat": "1767225600"}, "iat in milliseconds": {"iat": b.now.UnixMilli()},
		"no ath": {"ath": nil}, "ath in hex": {"ath": strings.Repeat("0f", 32)}, "empty ath": {"ath": ""},
		"exp": {"exp": b.now.Unix() + 1}, "nonce": {"nonce": "x"}, "nbf": {"nbf": b.now.Unix()},
	} {
		if a := b.get("DPoP "+b.voucher, b.proof(nil, claims)); a.status != 401 || a.code() != "017-0041" {
			t.Errorf("%s: %d %s", name, a.status, a.raw)
		}
	}
	for name, header := range map[string]members{
		"no typ": {"typ": nil}, "typ of a token": {"typ": "at+jwt"}, "no alg": {"alg": nil}, "none": {"alg": "none"}, "HS256": {"alg": "HS256"},
		"PS256": {"alg": "PS256"}, "ES384": {"alg": "ES384"}, "no jwk": {"jwk": nil}, "jwk no object": {"jwk": "x"}, "kid": {"kid": "x"}, "crit": {"crit": []string{"exp"}},
	} {
		if a := b.get("DPoP "+b.voucher, b.proof(header, nil)); a.status != 401 || a.code() != "017-0041" {
			t.Errorf("header, %s: %d %s", name, a.status, a.raw)
		}
	}
}

// TestKeysOfAProof: RSA and P-256, exactly their members, on the curve.
func TestKeysOfAProof(t *testing.T) {
	b := newBound(t)
	parsed, err := rules.Parse(b.proof(nil, nil))
	must(t, err)
	own, _ := parsed.Header["jwk"].(map[string]any)
	x, _ := own["x"].(string)
	enc := base64.RawURLEncoding
	other, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	must(t, err)
	point, err := other.PublicKey.Bytes()
	must(t, err)
	for name, jwk := range map[string]members{
		"no kty": changed(own, members{"kty": nil}), "no crv": changed(own, members{"crv": nil}), "no y": changed(own, members{"y": nil}),
		"not on the curve": changed(own, members{"x": own["y"], "y": own["x"]}), "x no text": changed(own, members{"x": 7}),
		"x padded": changed(own, members{"x": x + "="}), "another member": changed(own, members{"ext": true}),
		"P-384":  {"kty": "EC", "crv": "P-384", "x": enc.EncodeToString(point[1:49]), "y": enc.EncodeToString(point[49:])},
		"secret": {"kty": "oct", "k": "AAAA"}, "Ed25519": {"kty": "OKP", "crv": "Ed25519", "x": own["x"]},
	} {
		if a := b.get("DPoP "+b.voucher, b.proof(members{"jwk": jwk}, nil)); a.status != 401 || a.code() != "017-0041" {
			t.Errorf("%s: %d %s", name, a.status, a.raw)
		}
	}
}

// TestAnRSAProofIsAsGood: the key of the proof is the caller's choice.
func TestAnRSAProofIsAsGood(t *testing.T) {
	b := newBound(t)
	key := keys()[7]
	enc := base64.RawURLEncoding
	jwk := members{"kty": "RSA", "n": enc.EncodeToString(key.N.Bytes()), "e": "AQAB"}
	prove := func(method, uri, voucher string) string {
		jti, err := rules.UUID(rand.Reader)
		must(t, err)
		claims := members{"jti": jti, "htm": method, "htu": uri, "iat": b.now.Unix()}
		if voucher != "" {
			sum := sha256.Sum256([]byte(voucher))
			claims["ath"] = enc.EncodeToString(sum[:])
		}
		compact, err := rules.Sign(rand.Reader, key, members{"typ": "dpop+jwt", "alg": "RS256", "jwk": jwk}, claims)
		must(t, err)
		return compact
	}
	c := b.consumer
	values := form(b.sign(c.key, members{"alg": "RS256", "kid": c.kid}, changed(b.claims(), members{"iss": c.clientID, "sub": c.clientID, "purposeId": nil})))
	values.Set("client_id", c.clientID)
	given := c.send("POST", b.Profile().TokenURL, http.Header{
		"Content-Type": {"application/x-www-form-urlencoded"}, "Dpop": {prove("POST", b.Profile().DPoPHTU, "")},
	}, []byte(values.Encode()))
	voucher := given.text("access_token")
	if given.text("token_type") != "DPoP" || voucher == "" {
		t.Fatalf("%d %s", given.status, given.raw)
	}
	b.want(b.get("DPoP "+voucher, prove("GET", b.address, voucher)), 200, "")
	// Nobody else's proof goes with it, nor this one with another voucher.
	b.want(b.get("DPoP "+voucher, c.proof("GET", b.address, voucher, nil, nil)), 401, "017-0045")
	b.want(b.get("DPoP "+b.voucher, prove("GET", b.address, b.voucher)), 401, "017-0045")
}

// TestVouchersOfV3 are looked at as those of v2, and must be bound beside.
func TestVouchersOfV3(t *testing.T) {
	b := newBound(t)
	good, err := rules.Parse(b.voucher)
	must(t, err)
	for name, k := range map[string]struct {
		key            int
		header, claims members
	}{
		"another's key": {0, nil, nil}, "unknown kid": {4, members{"kid": "x"}, nil}, "typ": {4, members{"typ": "dpop+jwt"}, nil},
		"another issuer": {4, nil, members{"iss": "interop.pagopa.it"}}, "expired": {4, nil, members{"exp": b.now.Unix()}},
		"not yet": {4, nil, members{"nbf": b.now.Unix() + 60}}, "another audience": {4, nil, members{"aud": "https://a/v1"}},
		"role": {4, nil, members{"role": "admin"}}, "no tenant": {4, nil, members{"organizationId": nil}},
		"no cnf": {4, nil, members{"cnf": nil}}, "empty cnf": {4, nil, members{"cnf": members{}}}, "cnf a text": {4, nil, members{"cnf": "x"}},
	} {
		voucher := b.sign(k.key, changed(good.Header, k.header), changed(good.Claims, k.claims))
		a := b.get("DPoP "+voucher, b.consumer.proof("GET", b.address, voucher, nil, nil))
		if a.status != 401 || a.code() != "017-10014" {
			t.Errorf("%s: %d %s", name, a.status, a.raw)
		}
	}
	stolen := b.sign(4, good.Header, changed(good.Claims, members{"cnf": members{"jkt": strings.Repeat("A", 43)}}))
	b.want(b.get("DPoP "+stolen, b.consumer.proof("GET", b.address, stolen, nil, nil)), 401, "017-0045")
}

// TestOneProofOfManyAtOnce: of the same proof sent by many at the same time, one counts.
func TestOneProofOfManyAtOnce(t *testing.T) {
	b := newBound(t)
	proof := b.proof(nil, nil)
	statuses := make([]int, 16)
	var group sync.WaitGroup
	for i := range statuses {
		group.Go(func() {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.address, http.NoBody)
			if err != nil {
				return
			}
			req.Header.Set("Authorization", "DPoP "+b.voucher)
			req.Header.Set("DPoP", proof)
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				return
			}
			_ = resp.Body.Close()
			statuses[i] = resp.StatusCode
		})
	}
	group.Wait()
	count := map[int]int{}
	for _, status := range statuses {
		count[status]++
	}
	if diff := cmp.Diff(map[int]int{200: 1, 401: 15}, count); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
}

// TestTheLimitIsOfTheTenant: its clients share it, other tenants have their own, and it
// begins anew after the interval.
func TestTheLimitIsOfTheTenant(t *testing.T) {
	c := newCast(t, Options{RateLimit: 4})
	path := c.Profile().APIBaseURL + "/keys/" + c.kid
	header := func(who *caller) http.Header { return http.Header{"Authorization": {"Bearer " + who.voucher(false)}} }
	admin, reader, producer := header(c.consumer), header(c.reader), header(c.producer) // two of the consumer's four
	for _, h := range []http.Header{admin, reader} {
		c.want(c.consumer.send("GET", path, h, nil), 200, "")
	}
	for _, h := range []http.Header{admin, reader} {
		c.want(c.consumer.send("GET", path, h, nil), 429, "012-10004")
	}
	a := c.want(c.consumer.send("GET", path, producer, nil), 200, "")
	if a.header.Get("X-Rate-Limit-Remaining") != "2" {
		t.Errorf("another tenant has %s left", a.header.Get("X-Rate-Limit-Remaining"))
	}
	c.now = c.now.Add(time.Second)
	c.want(c.consumer.send("GET", path, admin, nil), 200, "")
	// Who does not come in does not count.
	for range 10 {
		c.want(c.consumer.send("GET", path, http.Header{"Authorization": {"Bearer x"}}, nil), 401, "012-10014")
	}
	c.want(c.consumer.send("GET", path, admin, nil), 200, "")
}

// TestTracingOfDelegates: whoever acts for the consumer or the producer may report the
// calls of a purpose; of others the row is left out with a warning.
func TestTracingOfDelegates(t *testing.T) {
	d := underConsumerDelegation(t)
	row := "date,purpose_id,token_id,status,requests_count\n2025-12-31," + d.purpose + "," + unknownID + ",200,3\n"
	state := func(who *caller, tenant string) tracing.State {
		d.want(who.trace("/tracings/submit", "2025-12-31", row), 200, "")
		list := d.Tracing().Tracings(tenant)
		return list[len(list)-1].State
	}
	if got := state(d.delegate, delegateID); got != tracing.Completed {
		t.Errorf("the delegate: %s", got)
	}
	must(t, d.Platform().RevokeDelegation(inUse))
	id := d.Tracing().Tracings(delegateID)[0].ID
	d.want(d.delegate.trace("/tracings/"+id+"/recover", "", row), 409, "TRACING_CANNOT_BE_UPDATED")
	d.want(d.delegate.trace("/tracings/"+id+"/replace", "", row), 200, "")
	after := d.Tracing().Tracings(delegateID)[0]
	if after.State != tracing.Warning || len(after.Rows) != 0 || after.Errors[0].Code != "TENANT_IS_NOT_PRODUCER_OR_CONSUMER" {
		t.Errorf("once it is revoked: %+v", after)
	}
	if got := state(d.consumer, tenantID); got != tracing.Completed {
		t.Errorf("the consumer: %s", got)
	}
	d.want(d.producer.trace("/tracings/"+id+"/replace", "", row), 404, "TRACING_NOT_FOUND")
}

// TestProbingTokensVerify with the published keys, by the standard library alone, and
// live for a second.
func TestProbingTokensVerify(t *testing.T) {
	c := newCast(t, Options{})
	var heard []string
	service := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		heard = append(heard, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	}))
	t.Cleanup(service.Close)
	for range 2 {
		if result := c.Probe(t.Context(), probing.Request{BaseURL: service.URL, Audience: []string{"https://a", "https://b"}}); !result.OK {
			t.Fatalf("%+v", result)
		}
	}
	published, jtis := publishedKeys(t, c.consumer), map[string]bool{}
	for _, compact := range heard {
		parts := strings.Split(compact, ".")
		var header struct{ Alg, Typ, Use, Kid string }
		var claims struct {
			Aud      []string
			Iss, Jti string
			Iat, Exp int64
		}
		raw := make([][]byte, 3)
		for i := range parts {
			var err error
			raw[i], err = base64.RawURLEncoding.DecodeString(parts[i])
			must(t, err)
		}
		must(t, json.Unmarshal(raw[0], &header), json.Unmarshal(raw[1], &claims))
		sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
		must(t, rsa.VerifyPKCS1v15(published[header.Kid], crypto.SHA256, sum[:], raw[2]))
		if header.Alg != "RS256" || header.Typ != "at+jwt" || header.Use != "sig" || claims.Exp-claims.Iat != 1 || claims.Iat != c.now.Unix() {
			t.Errorf("header %+v, claims %+v", header, claims)
		}
		if diff := cmp.Diff([]string{"https://a", "https://b"}, claims.Aud); diff != "" || jtis[claims.Jti] {
			t.Errorf("jti %s, aud (-want +got):\n%s", claims.Jti, diff)
		}
		jtis[claims.Jti] = true
	}
}

// TestTheProofIsRecordedWithTheVoucher: both decoded and by the names they travel under,
// neither whole.
func TestTheProofIsRecordedWithTheVoucher(t *testing.T) {
	b := newBound(t)
	proof := b.proof(nil, nil)
	b.ResetRequests()
	b.want(b.get("DPoP "+b.voucher, proof), 200, "")
	list := b.Requests()
	if len(list) != 1 || len(list[0].RequestTokens) != 2 {
		t.Fatalf("recorded %+v", list)
	}
	voucher, proved := list[0].RequestTokens[0], list[0].RequestTokens[1]
	if voucher.Name != "Authorization" || proved.Name != "DPoP" || proved.Payload["htu"] != b.address || proved.Header["typ"] != "dpop+jwt" {
		t.Errorf("%s and %s: %v", voucher.Name, proved.Name, proved.Payload)
	}
	for name, values := range list[0].RequestHeader {
		if strings.Contains(strings.Join(values, " "), proof) || strings.Contains(strings.Join(values, " "), b.voucher) {
			t.Errorf("%s keeps a whole token", name)
		}
	}
	if len(list[0].ResponseTokens) != 1 || list[0].ResponseTokens[0].Payload["iss"] != b.Profile().Issuer {
		t.Errorf("of the reply %+v", list[0].ResponseTokens)
	}
}
