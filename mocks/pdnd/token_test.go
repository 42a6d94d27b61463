// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/mocks/faults"
	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

func TestFormIsStrictAndUnmasked(t *testing.T) {
	w := newWorldForTest(t, Options{})
	good := form(w.assertion(w.claims()))
	cases := map[string]struct {
		change func(url.Values)
		named  string
	}{
		"unknown field":      {func(v url.Values) { v.Set("scope", "x") }, "'scope'"},
		"no assertion":       {func(v url.Values) { v.Del("client_assertion") }, "'client_assertion'"},
		"no type":            {func(v url.Values) { v.Del("client_assertion_type") }, "'client_assertion_type'"},
		"no grant":           {func(v url.Values) { v.Del("grant_type") }, "'grant_type'"},
		"another grant":      {func(v url.Values) { v.Set("grant_type", "password") }, "'grant_type'"},
		"client_id no UUID":  {func(v url.Values) { v.Set("client_id", "x") }, "'client_id'"},
		"field sent twice":   {func(v url.Values) { v.Add("grant_type", "client_credentials") }, "'grant_type'"},
		"empty client_id":    {func(v url.Values) { v.Set("client_id", "") }, "'client_id'"},
		"camel case unknown": {func(v url.Values) { v.Set("clientId", clientID) }, "'clientId'"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			values, err := url.ParseQuery(good.Encode())
			must(t, err)
			c.change(values)
			a := w.post(values)
			if a.status != http.StatusBadRequest || a.body["title"] != "Bad request" ||
				!strings.Contains(a.raw, "007-9999") || !strings.Contains(a.raw, c.named) {
				t.Errorf("%d %s", a.status, a.raw)
			}
		})
	}
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/token.oauth2", strings.NewReader(`{}`))
	req.Header.Set("Content-Type", "application/json")
	if a := w.do(req); a.status != http.StatusBadRequest || !strings.Contains(a.raw, "007-9999") {
		t.Errorf("JSON: %d %s", a.status, a.raw)
	}
	values := form(w.assertion(w.claims()))
	values.Del("client_id")
	w.voucher(values) // client_id may be left out
}

func TestConsumerVoucherClaims(t *testing.T) {
	w := newWorldForTest(t, Options{})
	digest := members{"alg": "SHA256", "value": strings.Repeat("Z", 64)}
	token, a := w.voucher(form(w.assertion(changed(w.claims(), members{"digest": digest}))))
	wantHeader := members{"alg": "RS256", "use": "sig", "typ": "at+jwt", "kid": w.signing[0].kid}
	if diff := cmp.Diff(wantHeader, map[string]any(token.Header)); diff != "" || !rules.IsUUID(w.signing[0].kid) {
		t.Errorf("header (-want +got):\n%s", diff)
	}
	jti, _ := token.Claims.String("jti")
	if !rules.IsUUID(jti) {
		t.Errorf("jti %q is no UUID", jti)
	}
	got := map[string]any{}
	for name, value := range token.Claims {
		if _, isNumber := value.(interface{ Int64() (int64, error) }); !isNumber && name != "jti" {
			got[name] = value
		}
	}
	want := members{
		"iss": "interop.locale.invalid", "aud": "https://a/v1,https://b/v1", "client_id": clientID, "sub": clientID,
		"purposeId": purposeID, "digest": digest, "producerId": producerID, "consumerId": tenantID,
		"eserviceId": eserviceID, "descriptorId": descriptorID,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("claims (-want +got):\n%s", diff)
	}
	iat, _ := token.Claims.Seconds("iat")
	nbf, _ := token.Claims.Seconds("nbf")
	exp, _ := token.Claims.Seconds("exp")
	if iat != float64(w.now.Unix()) || nbf != iat || exp != iat+600 {
		t.Errorf("times %v %v %v", iat, nbf, exp)
	}
	if a.body["token_type"] != "Bearer" || a.body["expires_in"] != 600.0 {
		t.Errorf("answer %v", a.body)
	}
	for _, name := range []string{"X-Rate-Limit-Limit", "X-Rate-Limit-Remaining", "X-Rate-Limit-Interval", "X-Correlation-Id", "Cache-Control"} {
		if a.header.Get(name) == "" {
			t.Errorf("no header %s", name)
		}
	}
}

func TestVoucherWithoutDigestHasNone(t *testing.T) {
	w := newWorldForTest(t, Options{})
	token, _ := w.voucher(form(w.assertion(w.claims())))
	for _, name := range []string{"digest", "cnf", "role", "organizationId", "dnonce"} {
		if token.Claims.Has(name) {
			t.Errorf("unasked claim %s", name)
		}
	}
}

func TestAPIVoucherClaims(t *testing.T) {
	w := newWorldForTest(t, Options{})
	token, err := rules.Parse(w.apiVoucherText())
	must(t, err)
	if extra := token.Claims.Extra("jti", "iss", "aud", "client_id", "sub", "iat", "nbf", "exp", "organizationId", "role"); len(extra) > 0 {
		t.Errorf("unexpected claims %v", extra)
	}
	for name, want := range map[string]string{"aud": "interop.locale.invalid/m2m", "role": "m2m", "organizationId": tenantID, "sub": apiID} {
		if got, _ := token.Claims.String(name); got != want {
			t.Errorf("%s is %q, expected %q", name, got, want)
		}
	}
}

func TestAPIClientWithAdminGetsItsRole(t *testing.T) {
	w := newWorldForTest(t, Options{})
	must(t, w.RemoveKey(w.otherKid))
	kid, err := w.AddClientKey(adminAPIID, publicPEM(t, keys()[2]))
	must(t, err)
	values := form(w.sign(2, members{"alg": "RS256", "kid": kid}, changed(w.apiClaims(), members{"sub": adminAPIID, "iss": adminAPIID})))
	values.Set("client_id", adminAPIID)
	token, _ := w.voucher(values)
	role, _ := token.Claims.String("role")
	admin, _ := token.Claims.String("adminId")
	if role != "m2m-admin" || admin != adminID {
		t.Errorf("role %q, adminId %q", role, admin)
	}
}

func TestPlatformStates(t *testing.T) {
	w := newWorldForTest(t, Options{})
	values := form(w.assertion(w.claims()))
	for state, active := range map[DescriptorState]bool{
		Published: true, Deprecated: true, Archiving: true,
		Suspended: false, ArchivingSuspended: false, Archived: false, Draft: false, WaitingForApproval: false,
	} {
		must(t, w.SetDescriptorState(descriptorID, state))
		if a := w.post(values); (a.status == http.StatusOK) != active {
			t.Errorf("descriptor %s: %d", state, a.status)
		} else if !active {
			w.wantMasked(a, "invalidDescriptorState")
		}
	}
	must(t, w.SetDescriptorState(descriptorID, Published), w.SetAgreementState(purposeID, "SUSPENDED"))
	w.wantMasked(w.post(values), "invalidAgreementState")
	must(t, w.SetPurposeState(purposeID, "SUSPENDED"))
	w.wantMasked(w.post(values), "0020")
	if !w.LastRefusal().Has("0021") {
		t.Error("not every inactive state is reported")
	}
	must(t, w.SetAgreementState(purposeID, Active), w.SetPurposeState(purposeID, Active))
	w.voucher(values)
	w.wantMasked(w.post(form(w.assertion(changed(w.claims(), members{"purposeId": asyncPurpose})))), "0039")
}

func TestAssertionMayBeSentAgain(t *testing.T) {
	w := newWorldForTest(t, Options{})
	values := form(w.assertion(w.claims()))
	w.voucher(values)
	w.voucher(values) // the platform does not check jti for reuse
}

func TestRateLimitPerTenant(t *testing.T) {
	w := newWorldForTest(t, Options{RateLimit: 2})
	values := form(w.assertion(w.claims()))
	w.wantMasked(w.post(form("x")), "0006") // counted only after a good assertion
	_, first := w.voucher(values)
	if first.header.Get("X-Rate-Limit-Remaining") != "1" || first.header.Get("X-Rate-Limit-Interval") != "1000" {
		t.Errorf("headers %v", first.header)
	}
	w.voucher(values)
	a := w.post(values)
	if a.status != http.StatusTooManyRequests || !strings.Contains(a.raw, "007-10004") ||
		a.header.Get("Retry-After") != "" || a.header.Get("X-Rate-Limit-Remaining") != "0" {
		t.Errorf("%d %s %v", a.status, a.raw, a.header)
	}
	w.now = w.now.Add(time.Second)
	w.voucher(values)
}

func TestMaskedFaultOnDemand(t *testing.T) {
	w := newWorldForTest(t, Options{})
	must(t, w.SetFaults(faults.Fault{Kind: faults.Masked, Times: 1}))
	values := form(w.assertion(w.claims()))
	w.wantMasked(w.post(values), "masked400")
	w.voucher(values)
}

func TestRefusalIsRecordedAndNeverSent(t *testing.T) {
	w := newWorldForTest(t, Options{})
	a := w.post(form(w.sign(2, members{"alg": "RS256", "kid": w.kid}, w.claims())))
	w.wantMasked(a, "invalidSignature")
	all := w.Requests()
	last := all[len(all)-1]
	if !strings.Contains(last.Refusal, "0033") || strings.Contains(a.raw, "0033") || strings.Contains(a.raw, "signature") {
		t.Errorf("recorded %q, sent %s", last.Refusal, a.raw)
	}
	if len(last.RequestTokens) != 1 || last.RequestTokens[0].Payload["sub"] != clientID {
		t.Errorf("tokens %+v", last.RequestTokens)
	}
}
