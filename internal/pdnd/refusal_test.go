// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/voucher"
	"github.com/snodo-pa/snodo/registry"
)

func answer(status int, header map[string]string, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for k, v := range header {
			w.Header().Set(k, v)
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func refusedWith(t *testing.T, p *Platform, r VoucherRequest) *registry.Fault {
	t.Helper()
	_, err := p.Voucher(t.Context(), r)
	var fault *registry.Fault
	if !errors.As(err, &fault) {
		t.Fatalf("Voucher = %v, want a *registry.Fault", err)
	}
	return fault
}

func TestMaskedRefusalIsNotRetriedAndIsRememberedForSeconds(t *testing.T) {
	f := newFake(t)
	f.set(&f.token, masked)
	p := f.platform()
	for range 3 {
		fault := refusedWith(t, p, plain())
		if !errors.Is(fault, registry.ErrConfig) || errors.Is(fault, registry.ErrUnavailable) || fault.Code != "015-0008" ||
			fault.Status != 400 || fault.RegistryID != "c0ffee-1" {
			t.Fatalf("fault %+v", fault)
		}
	}
	if n := f.count("/token"); n != 1 {
		t.Fatalf("%d token requests", n)
	}
	// Another tracking evidence is the same client and purpose: no use in asking.
	_ = refusedWith(t, p, bound(1))
	if n := f.count("/token"); n != 1 {
		t.Fatalf("%d token requests", n)
	}
	f.set(&f.token, nil)
	f.clock.forward(6 * time.Second)
	must(t, p, plain())
}

func TestMaskedRefusalNamesItsLikelyCauses(t *testing.T) {
	f := newFake(t)
	f.set(&f.token, masked)
	p := f.platform()
	fault := refusedWith(t, p, plain())
	for _, text := range []string{fault.Text.IT, fault.Text.EN} {
		for _, want := range []string{clientID, purposeID, ours().KID, "locale", "1)", "5)"} {
			if !strings.Contains(text, want) {
				t.Errorf("%q lacks %q", text, want)
			}
		}
	}
	fault = refusedWith(t, p, VoucherRequest{Client: api()})
	if strings.Contains(fault.Text.IT, purposeID) || !strings.Contains(fault.Text.IT, "API interop") {
		t.Errorf("hint for an API client: %q", fault.Text.IT)
	}
}

func TestRefusalsOfTheTokenEndpoint(t *testing.T) {
	limit := map[string]string{"X-Rate-Limit-Limit": "10", "X-Rate-Limit-Remaining": "0", "X-Rate-Limit-Interval": "3000"}
	problem := func(code string) string {
		return fmt.Sprintf(`{"status":400,"correlationId":"id-1","errors":[{"code":%q,"detail":"eyJhbGciOi segreto"}]}`, code)
	}
	for name, tc := range map[string]struct {
		handler http.HandlerFunc
		kind    error
		code    string
		after   time.Duration
		asked   int
	}{
		"unmasked schema fault":   {answer(400, nil, problem("007-9999")), registry.ErrConfig, "007-9999", 0, 1},
		"code of another form":    {answer(400, nil, problem("<script>")), registry.ErrConfig, "", 0, 1},
		"401 of an edge":          {answer(401, nil, ""), registry.ErrConfig, "", 0, 1},
		"404: wrong tokenURL":     {answer(404, nil, "<html>"), registry.ErrConfig, "", 0, 1},
		"429 with the interval":   {answer(429, limit, problem("007-10004")), registry.ErrThrottled, "007-10004", 3 * time.Second, 1},
		"429 with Retry-After":    {answer(429, map[string]string{"Retry-After": "7"}, ""), registry.ErrThrottled, "", 7 * time.Second, 1},
		"429 bare":                {answer(429, nil, ""), registry.ErrThrottled, "", time.Second, 1},
		"500":                     {answer(500, nil, ""), registry.ErrPDND, "", 0, 2},
		"503 with Retry-After":    {answer(503, map[string]string{"Retry-After": "40"}, ""), registry.ErrPDND, "", 40 * time.Second, 1},
		"408":                     {answer(408, nil, ""), registry.ErrPDND, "", 0, 1},
		"redirect":                {answer(302, map[string]string{"Location": "https://altrove.example/"}, ""), registry.ErrPDND, "", 0, 1},
		"connection lost":         {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, registry.ErrPDND, "", 0, 2},
		"200 with a page":         {answer(200, nil, "<html>"), registry.ErrPDND, "", 0, 1},
		"200 larger than a reply": {answer(200, nil, strings.Repeat("a", 1<<20)), registry.ErrPDND, "", 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.set(&f.token, tc.handler)
			fault := refusedWith(t, f.platform(), plain())
			if !errors.Is(fault.Kind, tc.kind) || fault.Code != tc.code || fault.RetryAfter != tc.after {
				t.Fatalf("fault %v code %q after %v", fault.Kind, fault.Code, fault.RetryAfter)
			}
			if n := f.count("/token"); n != tc.asked {
				t.Fatalf("%d token requests, want %d", n, tc.asked)
			}
			if fault.Text.IT == "" || fault.Text.EN == "" {
				t.Error("the fault says nothing to a person")
			}
			for _, secret := range []string{"eyJ", "segreto", "<html", "client_assertion", f.server.URL} {
				if text := fmt.Sprintf("%v %v %v", fault, fault.Text, fault.Err); strings.Contains(text, secret) {
					t.Errorf("%q shows %q", text, secret)
				}
			}
		})
	}
}

func TestThrottledClientWaits(t *testing.T) {
	f := newFake(t)
	f.set(&f.token, answer(429, map[string]string{"X-Rate-Limit-Interval": "3000"}, ""))
	p := f.platform()
	_ = refusedWith(t, p, plain())
	f.clock.forward(time.Second)
	if fault := refusedWith(t, p, plain()); fault.RetryAfter != 2*time.Second || f.count("/token") != 1 {
		t.Fatalf("RetryAfter %v after %d requests", fault.RetryAfter, f.count("/token"))
	}
}

func TestBrokenAssertionIsNotSentAndNamesItsRule(t *testing.T) {
	otherKid := credentials()
	otherKid.Key.KID = aPartys().KID
	for name, tc := range map[string]struct {
		request VoucherRequest
		rule    modi.RuleID
	}{
		"client id that is no UUID": {
			VoucherRequest{Client: Credentials{ClientID: "comune", Key: ours()}, PurposeID: purposeID}, modi.AssertionSubjectMismatch,
		},
		"purpose that is no UUID": {
			VoucherRequest{Client: credentials(), PurposeID: "anagrafe"}, modi.AssertionPurposeMalformed,
		},
		"kid of another key": {VoucherRequest{Client: otherKid, PurposeID: purposeID}, modi.AssertionKIDMismatch},
		"digest of another form": {
			VoucherRequest{Client: credentials(), PurposeID: purposeID, Digest: &voucher.Digest{Alg: "SHA256", Value: "ABC"}},
			modi.AssertionDigestMalformed,
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			fault := refusedWith(t, f.platform(), tc.request)
			var refusal *modi.Refusal
			if !errors.Is(fault, registry.ErrConfig) || !errors.As(fault, &refusal) || !refusal.Has(tc.rule) {
				t.Fatalf("fault %v: %v, want rule %s", fault, fault.Violations, tc.rule)
			}
			if len(fault.Violations) == 0 || f.count("/token") != 0 {
				t.Fatalf("%d token requests were sent", f.count("/token"))
			}
		})
	}
}

func TestClientWithoutKeyIsRefused(t *testing.T) {
	f := newFake(t)
	fault := refusedWith(t, f.platform(), VoucherRequest{Client: Credentials{ClientID: clientID}, PurposeID: purposeID})
	if !errors.Is(fault, registry.ErrConfig) || f.count("/token") != 0 {
		t.Fatalf("fault %v", fault)
	}
}

func TestRepliesThatAreNoVoucherForTheRequest(t *testing.T) {
	claims := func(change map[string]any) map[string]any {
		out := map[string]any{
			"jti": "j-1", "iss": "i", "aud": "a", "sub": clientID, "client_id": clientID, "purposeId": purposeID,
			"iat": 1, "nbf": 1, "exp": 2,
			"digest": map[string]any{"alg": "SHA256", "value": fmt.Sprintf("%064x", 1)},
		}
		for k, v := range change {
			out[k] = v
			if v == nil {
				delete(out, k)
			}
		}
		return out
	}
	issue := func(change map[string]any, expiresIn int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { writeToken(t, w, claims(change), expiresIn) }
	}
	raw := func(body string) http.HandlerFunc { return answer(200, nil, body) }
	for name, tc := range map[string]struct {
		handler http.HandlerFunc
		ok      bool
	}{
		"the voucher asked for": {issue(nil, 600), true},
		"another client":        {issue(map[string]any{"client_id": apiID}, 600), false},
		"no client":             {issue(map[string]any{"client_id": nil}, 600), false},
		"another purpose":       {issue(map[string]any{"purposeId": clientID}, 600), false},
		"another digest":        {issue(map[string]any{"digest": map[string]any{"alg": "SHA256", "value": fmt.Sprintf("%064x", 2)}}, 600), false},
		"no digest":             {issue(map[string]any{"digest": nil}, 600), false},
		"no jti":                {issue(map[string]any{"jti": nil}, 600), false},
		"jti of another type":   {issue(map[string]any{"jti": 7}, 600), false},
		"no life":               {issue(nil, 0), false},
		"negative life":         {issue(nil, -5), false},
		"life beyond a day":     {issue(nil, 86401), false},
		"DPoP though not asked": {raw(`{"access_token":"a.b.c","token_type":"DPoP","expires_in":600}`), false},
		"no token":              {raw(`{"token_type":"Bearer","expires_in":600}`), false},
		"token of another form": {raw(`{"access_token":"opaco","token_type":"Bearer","expires_in":600}`), false},
		"unsigned token":        {raw(`{"access_token":"eyJhbGciOiJub25lIn0.e30.","token_type":"Bearer","expires_in":600}`), false},
		"life of another type":  {raw(`{"access_token":"a.b.c","token_type":"Bearer","expires_in":"600"}`), false},
		"absurd life":           {raw(`{"access_token":"a.b.c","token_type":"Bearer","expires_in":1e300}`), false},
		"a list":                {raw(`[]`), false},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.set(&f.token, tc.handler)
			v, err := f.platform().Voucher(t.Context(), bound(1))
			if (err == nil) != tc.ok || (!tc.ok && !errors.Is(err, registry.ErrPDND)) {
				t.Fatalf("Voucher = %q, %v", v.JTI, err)
			}
		})
	}
}

func TestDownPDNDOpensItsOwnGuardAndCachedVouchersServeOn(t *testing.T) {
	f := newFake(t)
	var changes []string
	p := f.platform(func(o *Options) {
		o.Guard = registry.GuardSettings{Failures: 2, OpenFor: time.Hour}
		o.Observer.Guard = func(name, from, to string) { changes = append(changes, name+" "+from+">"+to) }
	})
	first := must(t, p, plain())
	f.set(&f.token, answer(503, map[string]string{"Retry-After": "3600"}, ""))
	for i := range 5 {
		fault := refusedWith(t, p, bound(i))
		if !errors.Is(fault, registry.ErrPDND) || errors.Is(fault, registry.ErrUnavailable) || fault.RetryAfter <= 0 {
			t.Fatalf("fault %v after %v", fault, fault.RetryAfter)
		}
	}
	if n := f.count("/token"); n != 3 { // the first voucher, then two failures
		t.Fatalf("%d token requests", n)
	}
	if got := p.GuardStates()["pdnd-token/locale"]; got != "open" {
		t.Fatalf("guard %s", got)
	}
	want := []string{"pdnd-token/locale >closed", "pdnd-api/locale >closed", "pdnd-token/locale closed>open"}
	if diff := cmp.Diff(want, changes); diff != "" {
		t.Fatalf("told of guards (-want +got):\n%s", diff)
	}
	if must(t, p, plain()) != first {
		t.Fatal("the cached voucher was lost")
	}
}

func TestValidCode(t *testing.T) {
	for code, want := range map[string]bool{
		"015-0008": true, "017-10028": true, "": false, "15-0008": false, "001-007": true, "015-08": false, "015-000008": false,
		"015-0008x": false, "abc-0008": false, "015_0008": false, "015-00 8": false,
	} {
		if validCode(code) != want {
			t.Errorf("validCode(%q) = %v", code, !want)
		}
	}
}

func FuzzParseVoucher(f *testing.F) {
	f.Add([]byte(`{"access_token":"a.b.c","token_type":"Bearer","expires_in":600}`))
	f.Add([]byte(`{"access_token":"eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.e30.AA","token_type":"bearer","expires_in":1}`))
	f.Add([]byte(`[]`))
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, body []byte) {
		v, err := parseVoucher(body, plain(), now)
		if err == nil && (v.Token == "" || v.JTI == "" || !v.ExpiresAt.After(now)) {
			t.Fatalf("accepted %q as %+v", body, v)
		}
		if err != nil && strings.Contains(err.Error(), "eyJ") {
			t.Fatalf("the error shows the token: %v", err)
		}
	})
}
