// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

func (w *testWorld) get(path string, authorization ...string) answer {
	w.t.Helper()
	req := httptest.NewRequestWithContext(w.t.Context(), http.MethodGet, path, http.NoBody)
	for _, value := range authorization {
		req.Header.Add("Authorization", value)
	}
	return w.do(req)
}

func TestPlatformAnswers(t *testing.T) {
	w := newWorldForTest(t, Options{})
	bearer := "Bearer " + w.apiVoucherText()
	jwk := func(key int, kid string) members {
		j := rules.RSAJWK(&keys()[key].PublicKey, kid)
		return members{"kty": "RSA", "n": j.N, "e": j.E, "use": "sig", "alg": "RS256", "kid": kid}
	}
	cases := map[string]members{
		"/v2/keys/" + w.kid:                       {"clientId": clientID, "jwk": jwk(0, w.kid)},
		"/v2/producerKeys/" + w.chainKid:          {"producerKeychainId": keychainID, "jwk": jwk(3, w.chainKid)},
		"/v2/clients/" + clientID:                 {"id": clientID, "consumerId": tenantID, "name": "consumer", "createdAt": "2026-01-01T00:00:00.000Z"},
		"/v2/clients/" + adminAPIID:               {"id": adminAPIID, "consumerId": producerID},
		"/v2/producerKeychains/" + keychainID:     {"id": keychainID, "producerId": producerID},
		"/v2/keys/" + w.apiKid:                    {"clientId": apiID, "jwk": jwk(1, w.apiKid)},
		"/v2/keys/" + w.kid + "?offset=1&limit=2": {"clientId": clientID, "jwk": jwk(0, w.kid)},
	}
	for path, want := range cases {
		a := w.get(path, bearer)
		if a.status != http.StatusOK || a.header.Get("X-Rate-Limit-Limit") == "" {
			t.Errorf("%s: %d %v", path, a.status, a.header)
		}
		if diff := cmp.Diff(want, a.body); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

func TestPlatformNotFound(t *testing.T) {
	w := newWorldForTest(t, Options{})
	bearer := "Bearer " + w.apiVoucherText()
	for _, path := range []string{
		"/v2/keys/" + w.chainKid, "/v2/keys/" + w.signing[0].kid, "/v2/producerKeys/" + w.kid,
		"/v2/clients/" + unknownID, "/v2/producerKeychains/" + unknownID,
	} {
		a := w.get(path, bearer)
		if a.status != http.StatusNotFound || a.header.Get("Content-Type") != "application/json" ||
			a.body["correlationId"] != a.header.Get("X-Correlation-Id") || a.body["errors"] == nil {
			t.Errorf("%s: %d %s", path, a.status, a.raw)
		}
	}
}

func TestPlatformWantsOneBearer(t *testing.T) {
	w := newWorldForTest(t, Options{})
	voucher := w.apiVoucherText()
	for name, authorization := range map[string][]string{
		"none":       nil,
		"DPoP":       {"DPoP " + voucher},
		"Basic":      {"Basic " + voucher},
		"lower case": {"bearer " + voucher},
		"two":        {"Bearer " + voucher, "Bearer " + voucher},
		"no scheme":  {voucher},
	} {
		a := w.get("/v2/keys/"+w.kid, authorization...)
		if a.status != http.StatusBadRequest || !strings.Contains(a.raw, "012-10007") {
			t.Errorf("%s: %d %s", name, a.status, a.raw)
		}
	}
}

func TestPlatformVerifiesTheVoucher(t *testing.T) {
	w := newWorldForTest(t, Options{})
	good, err := rules.Parse(w.apiVoucherText())
	must(t, err)
	consumer, _ := w.voucher(form(w.assertion(w.claims())))
	sign := func(key int, header, claims members) string {
		return w.sign(key, changed(good.Header, header), changed(good.Claims, claims))
	}
	cases := map[string]string{
		"not a token":       "x",
		"another's key":     sign(0, nil, nil),
		"unknown kid":       sign(4, members{"kid": "x"}, nil),
		"alg none":          sign(4, members{"alg": "none"}, nil),
		"typ JWT":           sign(4, members{"typ": "JWT"}, nil),
		"another issuer":    sign(4, nil, members{"iss": "interop.pagopa.it"}),
		"expired":           sign(4, nil, members{"exp": w.now.Unix()}),
		"no nbf":            sign(4, nil, members{"nbf": nil}),
		"another audience":  sign(4, nil, members{"aud": "https://a/v1"}),
		"no role":           sign(4, nil, members{"role": nil}),
		"another role":      sign(4, nil, members{"role": "admin"}),
		"no organisation":   sign(4, nil, members{"organizationId": nil}),
		"a consumer's":      consumer.Raw,
		"the assertion":     w.sign(1, members{"alg": "RS256", "kid": w.apiKid}, w.apiClaims()),
		"sub of another":    sign(4, nil, members{"sub": clientID}),
		"without signature": good.Raw[:strings.LastIndexByte(good.Raw, '.')+1],
	}
	if a := w.get("/v2/keys/"+w.kid, "Bearer "+sign(4, nil, nil)); a.status != http.StatusOK {
		t.Fatalf("refused a good voucher: %s", a.raw)
	}
	for name, voucher := range cases {
		t.Run(name, func(t *testing.T) {
			a := w.get("/v2/keys/"+w.kid, "Bearer "+voucher)
			if a.status != http.StatusUnauthorized || !strings.Contains(a.raw, "012-10014") {
				t.Errorf("%d %s", a.status, a.raw)
			}
		})
	}
}

func TestPlatformVoucherExpires(t *testing.T) {
	w := newWorldForTest(t, Options{M2MLifespan: time.Minute})
	bearer := "Bearer " + w.apiVoucherText()
	w.now = w.now.Add(59 * time.Second)
	if a := w.get("/v2/keys/"+w.kid, bearer); a.status != http.StatusOK {
		t.Errorf("still good: %d", a.status)
	}
	w.now = w.now.Add(time.Second)
	if a := w.get("/v2/keys/"+w.kid, bearer); a.status != http.StatusUnauthorized {
		t.Errorf("expired: %d", a.status)
	}
}

func TestPlatformRateLimit(t *testing.T) {
	w := newWorldForTest(t, Options{RateLimit: 2})
	bearer := "Bearer " + w.apiVoucherText() // counts one for the tenant
	if a := w.get("/v2/keys/"+w.kid, bearer); a.status != http.StatusOK || a.header.Get("X-Rate-Limit-Remaining") != "0" {
		t.Errorf("%d %v", a.status, a.header)
	}
	a := w.get("/v2/keys/"+w.kid, bearer)
	if a.status != http.StatusTooManyRequests || a.header.Get("Retry-After") != "" {
		t.Errorf("%d %v", a.status, a.header)
	}
}
