// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package m2m

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

// TestRefusalsComeInOrder breaks a request in more and more places, from the last check
// to the first: the answer is always that of the first check that fails. The order is
// authentication, rate limit, admin of the client, path, body, role, operation.
func TestRefusalsComeInOrder(t *testing.T) {
	w := newWorld(t)
	const good = `{"eserviceId":"` + unknownID + `","descriptorId":"` + unknownID + `"}`
	path, as, body := "/agreements/"+unknownID+"/submit", "consumer", ""
	for _, step := range []struct {
		what   string
		spoil  func()
		status int
		code   string
	}{
		{"the operation", func() { body = `{}` }, 404, "002-0009"},
		{"the role", func() { as = "consumer-reader" }, 403, "017-9993"},
		{"the body", func() { body = good }, 400, "017-9999"},
		{"the path", func() { path = "/agreements/x/submit" }, 400, "017-9999"},
		{"the admin of the client", func() {
			as = "consumer"
			if err := w.Platform.SetClientAdmin(apiClients["consumer"], ""); err != nil {
				t.Fatal(err)
			}
		}, 403, "017-9993"},
		{"the rate", func() { w.rate = 0 }, 429, "017-10004"},
		{"the voucher", func() { as = "nobody" }, 401, "017-10014"},
		{"the scheme", func() { as = "" }, 401, "017-10014"},
	} {
		step.spoil()
		t.Run(step.what, func(t *testing.T) {
			w.want(w.call(as, "POST", path, body), step.status, step.code)
		})
	}
}

// TestARefusedVoucherIsNotCounted keeps the rate limit for who is known: the tenant is
// read out of the voucher.
func TestARefusedVoucherIsNotCounted(t *testing.T) {
	w := newWorld(t)
	w.rate = 1
	for range 3 {
		w.want(w.call("nobody", "GET", "/tenants?offset=0&limit=1", ""), 401, "017-10014")
	}
	w.want(w.call("consumer", "GET", "/tenants?offset=0&limit=1", ""), 200, "")
	w.want(w.call("consumer", "GET", "/tenants?offset=0&limit=1", ""), 429, "017-10004")
}

// TestTheAdminIsLookedAtAgain refuses a voucher of an admin who is one no longer, on
// reads too; a voucher without an admin still reads (PDND §3.1).
func TestTheAdminIsLookedAtAgain(t *testing.T) {
	w := newWorld(t)
	const path = "/eservices?offset=0&limit=1"
	w.want(w.call("consumer", "GET", path, ""), 200, "")
	if err := w.Platform.SetClientAdmin(apiClients["consumer"], unknownID); err != nil {
		t.Fatal(err)
	}
	_, detail := codeOf(t, w.want(w.call("consumer", "GET", path, ""), 403, "017-9993"))
	if !strings.Contains(detail, "no longer the admin of Client "+apiClients["consumer"]) {
		t.Errorf("detail %q", detail)
	}
	w.want(w.call("consumer-reader", "GET", path, ""), 200, "")
	_, detail = codeOf(t, w.want(w.call("consumer-reader", "DELETE", "/agreements/"+unknownID, ""), 403, "017-9993"))
	if !strings.HasPrefix(detail, "Admin user not set for Client "+apiClients["consumer"]) {
		t.Errorf("detail %q", detail)
	}
}

// TestReadsOfTheAdminOnly are GET of users and of the remaining daily calls; every other
// read takes either role.
func TestReadsOfTheAdminOnly(t *testing.T) {
	var admin []string
	for _, r := range routes() {
		if r.admin {
			admin = append(admin, r.pattern)
		}
	}
	want := []string{
		"GET /purposes/{purposeId}/remainingDailyCalls", "GET /clients/{clientId}/users", "GET /producerKeychains/{keychainId}/users",
	}
	if diff := cmp.Diff(want, admin); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	w := newWorld(t)
	for _, pattern := range want {
		path := strings.NewReplacer("{purposeId}", unknownID, "{clientId}", unknownID, "{keychainId}", unknownID).Replace(strings.TrimPrefix(pattern, "GET "))
		w.want(w.call("consumer-reader", "GET", path, ""), 403, "017-9993")
		if rec := w.call("consumer", "GET", path, ""); rec.Code != http.StatusNotFound {
			t.Errorf("%s: %d %s", pattern, rec.Code, rec.Body)
		}
	}
}

// TestTheVersionsDifferInTheirOperations lists what only v3 has, of what the mock serves
// (PDND §3.1: clients, keys and users, of keychains too, archive, remaining calls, one feed).
func TestTheVersionsDifferInTheirOperations(t *testing.T) {
	want := []string{
		"POST /agreements/{agreementId}/archive", "GET /purposes/{purposeId}/remainingDailyCalls",
		"POST /clients", "DELETE /clients/{clientId}", "POST /clients/{clientId}/keys", "DELETE /clients/{clientId}/keys/{kid}",
		"GET /clients/{clientId}/users", "POST /clients/{clientId}/users", "DELETE /clients/{clientId}/users/{userId}",
		"POST /producerKeychains", "DELETE /producerKeychains/{keychainId}", "POST /producerKeychains/{keychainId}/keys",
		"DELETE /producerKeychains/{keychainId}/keys/{kid}", "GET /producerKeychains/{keychainId}/users",
		"POST /producerKeychains/{keychainId}/users", "DELETE /producerKeychains/{keychainId}/users/{userId}", "GET /purposeTemplateEvents",
	}
	var got []string
	for _, r := range routes() {
		if r.only3 {
			got = append(got, r.pattern)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestBearerIsOneWholeHeader takes the scheme as v2 does: one header, "Bearer" and a
// space, in that case.
func TestBearerIsOneWholeHeader(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]struct {
		values []string
		status int
		code   string
	}{
		"good":           {[]string{"Bearer consumer"}, 200, ""},
		"none":           {nil, 400, "017-10007"},
		"two":            {[]string{"Bearer consumer", "Bearer consumer"}, 400, "017-10007"},
		"lower case":     {[]string{"bearer consumer"}, 400, "017-10007"},
		"DPoP":           {[]string{"DPoP consumer"}, 400, "017-10007"},
		"no space":       {[]string{"Bearerconsumer"}, 400, "017-10007"},
		"two spaces":     {[]string{"Bearer  consumer"}, 401, "017-10014"},
		"scheme alone":   {[]string{"Bearer "}, 401, "017-10014"},
		"token it knows": {[]string{"Bearer nobody"}, 401, "017-10014"},
	} {
		t.Run(name, func(t *testing.T) {
			r := w.request("", "GET", "/tenants?offset=0&limit=1", "")
			r.Header["Authorization"] = c.values
			w.want(w.do(r), c.status, c.code)
		})
	}
}

// TestEveryAnswerHasItsCorrelationID, errors too, and it is the one the problem names.
func TestEveryAnswerHasItsCorrelationID(t *testing.T) {
	w := newWorld(t)
	seen := map[string]bool{}
	for _, rec := range []*httptest.ResponseRecorder{
		w.call("consumer", "GET", "/tenants?offset=0&limit=1", ""), w.call("consumer", "GET", "/tenants", ""),
		w.call("nobody", "GET", "/tenants", ""), w.call("consumer-reader", "DELETE", "/purposes/"+unknownID, ""),
	} {
		id := rec.Header().Get("X-Correlation-Id")
		if !rules.IsUUID(id) || seen[id] {
			t.Errorf("%d has %q", rec.Code, id)
		}
		if rec.Code >= 400 && !strings.Contains(rec.Body.String(), `"correlationId":"`+id+`"`) {
			t.Errorf("the problem names another: %s", rec.Body)
		}
		seen[id] = true
	}
	w.Rand = iotest.ErrReader(errors.New("broken"))
	if rec := w.call("consumer", "GET", "/tenants?offset=0&limit=1", ""); rec.Code != http.StatusInternalServerError {
		t.Errorf("without randomness: %d", rec.Code)
	}
}

// TestProblemsTravelAsJSON: the members of problem+json, in the type application/json,
// and the length of the body.
func TestProblemsTravelAsJSON(t *testing.T) {
	w := newWorld(t)
	rec := w.call("consumer", "GET", "/tenants/"+unknownID, "")
	want := `{"title":"Tenant not found","type":"about:blank","status":404,"detail":"Tenant ` + unknownID + ` not found",` +
		`"errors":[{"code":"005-0004","detail":"Tenant ` + unknownID + ` not found"}],"correlationId":"` + rec.Header().Get("X-Correlation-Id") + `"}`
	if rec.Body.String() != want || rec.Header().Get("Content-Type") != "application/json" {
		t.Errorf("%v\n%s\nexpected\n%s", rec.Header(), rec.Body, want)
	}
	// Over the query: two filters that exclude each other have a code of the API itself.
	w.want(w.call("consumer", "GET", "/tenants?offset=0&limit=1&IPACode=a&taxCode=b", ""), 400, "017-0011")
}
