// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package m2m

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
	"github.com/snodo-pa/snodo/mocks/pdnd/platform"
)

// The objects of a world, by the name its tests give them.
const (
	consumerID = "10000000-0000-4000-8000-00000000000a"
	producerID = "10000000-0000-4000-8000-00000000000b"
	otherID    = "10000000-0000-4000-8000-00000000000c"
	adminID    = "10000000-0000-4000-8000-00000000000d"
	comuniID   = "10000000-0000-4000-8000-00000000000e"
	unknownID  = "10000000-0000-4000-8000-0000000000ff"
)

// apiClients are the API clients of the three tenants.
var apiClients = map[string]string{
	"consumer": "20000000-0000-4000-8000-00000000000a",
	"producer": "20000000-0000-4000-8000-00000000000b",
	"other":    "20000000-0000-4000-8000-00000000000c",
}

var tenants = map[string]string{"consumer": consumerID, "producer": producerID, "other": otherID}

// world is the API over a platform of three tenants, called in memory. A voucher is the
// name of its tenant; "-reader" after it takes the admin away.
type world struct {
	*API
	t     *testing.T
	mux   http.Handler
	now   time.Time
	rate  int           // requests left, for every tenant
	noKey error         // what signing fails with
	after time.Duration // how much the clock moves at every request
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, now: time.Unix(1_767_225_600, 0), rate: 1 << 20}
	clock := func() time.Time { return w.now }
	p := platform.New(platform.Options{Clock: clock, Rand: rand.Reader})
	for _, name := range []string{"consumer", "producer", "other"} {
		id := tenants[name]
		err := errors.Join(
			p.AddTenant(platform.Tenant{ID: id, Name: "Ente " + name, IPACode: "c_" + name}),
			p.AddClient(platform.Client{ID: apiClients[name], TenantID: id, Name: name + " api", Kind: platform.API, AdminID: adminID}),
		)
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := p.AddAttribute(platform.Attribute{ID: comuniID, Name: "Comuni", Code: "L6", Origin: "IPA", Description: "Comuni e loro consorzi"}); err != nil {
		t.Fatal(err)
	}
	w.API = New(Options{
		Platform: p, Verify: w.verify, Limit: w.limit, Issuer: "interop.pagopa.it",
		Sign: func(claims any) (string, error) {
			raw, err := json.Marshal(claims)
			return "signed " + string(raw), errors.Join(err, w.noKey)
		},
		BaseURL: func() string { return "https://api.interop.pagopa.it" }, Clock: clock, Rand: rand.Reader,
	})
	w.mux = w.newMux()
	return w
}

func (w *world) verify(compact string, _ time.Time) (Voucher, *rules.Fault) {
	name, reader := strings.CutSuffix(compact, "-reader")
	id, known := tenants[name]
	if !known {
		return Voucher{}, &rules.Fault{Class: rules.ClassToken, Name: "voucher-signature", Detail: "the signature does not verify"}
	}
	if reader {
		return Voucher{TenantID: id, ClientID: apiClients[name], Role: RoleM2M}, nil
	}
	return Voucher{TenantID: id, ClientID: apiClients[name], Role: RoleAdmin, AdminID: adminID}, nil
}

func (w *world) limit(http.Header, string, time.Time) bool {
	w.rate--
	return w.rate >= 0
}

// newMux serves every operation of v3 below /v3, taking vouchers as v2 does: proofs and
// signatures have tests of their own.
func (w *world) newMux() http.Handler {
	mux := http.NewServeMux()
	for _, r := range routes() {
		method, path, _ := strings.Cut(r.pattern, " ")
		mux.HandleFunc(method+" /v3"+path, w.serve(version{prefix: "/v3", service: "017"}, r))
	}
	return mux
}

// request makes a request as somebody; the body is JSON, of the media type its method has.
func (w *world) request(as, method, path, body string) *http.Request {
	w.t.Helper()
	r := httptest.NewRequestWithContext(w.t.Context(), method, "/v3"+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+as)
	r.Header.Set("Content-Type", mediaJSON)
	if method == http.MethodPatch {
		r.Header.Set("Content-Type", mediaPatch)
	}
	return r
}

func (w *world) call(as, method, path, body string) *httptest.ResponseRecorder {
	w.t.Helper()
	return w.do(w.request(as, method, path, body))
}

func (w *world) do(r *http.Request) *httptest.ResponseRecorder {
	w.t.Helper()
	rec := httptest.NewRecorder()
	w.mux.ServeHTTP(rec, r)
	w.now = w.now.Add(w.after)
	return rec
}

// codeOf is the code and the detail of a problem; both are empty in any other answer.
func codeOf(t *testing.T, rec *httptest.ResponseRecorder) (code, detail string) {
	t.Helper()
	var p problem
	if err := json.Unmarshal(rec.Body.Bytes(), &p); err != nil && !errors.Is(err, io.EOF) && rec.Body.Len() > 0 {
		t.Fatalf("no JSON: %s", rec.Body)
	}
	if len(p.Errors) == 0 {
		return "", ""
	}
	return p.Errors[0].Code, p.Errors[0].Detail
}

// want fails unless an answer has the status and the code.
func (w *world) want(rec *httptest.ResponseRecorder, status int, code string) *httptest.ResponseRecorder {
	w.t.Helper()
	if got, _ := codeOf(w.t, rec); rec.Code != status || got != code {
		w.t.Errorf("%d %s, expected %d %s", rec.Code, rec.Body, status, code)
	}
	return rec
}

// idOf is the id of what an answer shows.
func idOf(t *testing.T, rec *httptest.ResponseRecorder) string {
	t.Helper()
	var shown struct {
		ID string `json:"id"`
	}
	if err := json.NewDecoder(bytes.NewReader(rec.Body.Bytes())).Decode(&shown); err != nil || shown.ID == "" {
		t.Fatalf("no id in %d %s", rec.Code, rec.Body)
	}
	return shown.ID
}
