// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/modi/voucher"
	"github.com/snodo-pa/snodo/registry"
)

// The ids of these tests, all invented.
const (
	clientID   = "4f0a2d5e-0000-4000-8000-000000000001"
	apiID      = "4f0a2d5e-0000-4000-8000-000000000002"
	purposeID  = "4f0a2d5e-0000-4000-8000-000000000003"
	producerID = "4f0a2d5e-0000-4000-8000-000000000004"
	keychainID = "4f0a2d5e-0000-4000-8000-000000000005"
	audience   = "auth.locale.invalid/client-assertion"
)

// Three keys are enough for every test of the package; making one takes long.
var (
	ours     = sync.OnceValue(makeKey)
	pdndOwn  = sync.OnceValue(makeKey)
	aPartys  = sync.OnceValue(makeKey)
	smallKey = sync.OnceValue(func() *rsa.PrivateKey { return mustKey(1024) })
)

func makeKey() token.SigningKey {
	k := mustKey(2048)
	kid, err := token.Thumbprint(k.Public())
	if err != nil {
		panic(err)
	}
	return token.SigningKey{KID: kid, Algorithm: token.RS256, Signer: k}
}

func mustKey(bits int) *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		panic(err)
	}
	return k
}

// clock is a hand that tests turn.
type clock struct{ nanos atomic.Int64 }

func newClock() *clock {
	c := new(clock)
	c.nanos.Store(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).UnixNano())
	return c
}

func (c *clock) now() time.Time          { return time.Unix(0, c.nanos.Load()).UTC() }
func (c *clock) forward(d time.Duration) { c.nanos.Add(int64(d)) }

// fake is a PDND of which every answer can be replaced.
type fake struct {
	t      *testing.T
	server *httptest.Server
	clock  *clock
	life   time.Duration

	mu       sync.Mutex
	token    http.HandlerFunc // nil: issue
	jwks     http.HandlerFunc
	api      http.HandlerFunc
	vouchers int
	forms    []map[string]string
	calls    map[string]int
}

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{t: t, clock: newClock(), life: 10 * time.Minute, calls: map[string]int{}}
	f.server = httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(f.server.Close)
	return f
}

func (f *fake) serve(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.calls[r.URL.Path]++
	handler := f.api
	switch r.URL.Path {
	case "/token":
		handler = f.token
		if handler == nil {
			handler = f.issue
		}
	case "/jwks":
		handler = f.jwks
		if handler == nil {
			handler = serveJWKS(jwkSet(f.t, pdndOwn()))
		}
	default:
		if handler == nil {
			handler = f.serveKey
		}
	}
	f.mu.Unlock()
	handler(w, r)
}

// set replaces one of the handlers.
func (f *fake) set(which *http.HandlerFunc, h http.HandlerFunc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	*which = h
}

func (f *fake) count(path string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[path]
}

// issue answers as PDND does, and keeps the form for the test.
func (f *fake) issue(w http.ResponseWriter, r *http.Request) {
	form, claims := f.read(r)
	f.mu.Lock()
	f.vouchers++
	n, life := f.vouchers, f.life
	f.forms = append(f.forms, form)
	f.mu.Unlock()
	out := map[string]any{
		"jti": fmt.Sprintf("7d1f0c55-0000-4000-8000-%012d", n), "iss": "locale.invalid", "aud": "https://api.invalid/v1",
		"sub": form["client_id"], "client_id": form["client_id"],
		"iat": f.clock.now().Unix(), "nbf": f.clock.now().Unix(), "exp": f.clock.now().Add(life).Unix(),
	}
	if p, ok := claims["purposeId"]; ok {
		out["purposeId"] = p
		out["producerId"], out["eserviceId"], out["descriptorId"] = producerID, "es", "de"
	}
	if d, ok := claims["digest"]; ok {
		out["digest"] = d
	}
	writeToken(f.t, w, out, int(life/time.Second))
}

func (f *fake) read(r *http.Request) (form map[string]string, claims map[string]any) {
	if err := r.ParseForm(); err != nil {
		f.t.Error(err)
	}
	form = map[string]string{}
	for k, v := range r.PostForm {
		form[k] = strings.Join(v, " ")
	}
	u, err := token.Parse(form["client_assertion"], token.ClientAssertion())
	if err != nil {
		f.t.Errorf("client_assertion: %v", err)
		return form, nil
	}
	verified, err := u.Verify(ours().Signer.Public())
	if err != nil {
		f.t.Errorf("client_assertion: %v", err)
		return form, nil
	}
	if err := verified.Decode(&claims); err != nil {
		f.t.Error(err)
	}
	return form, claims
}

func writeToken(t *testing.T, w http.ResponseWriter, claims map[string]any, expiresIn int) {
	compact, err := token.Sign(token.Voucher(), token.HeaderExtra{Use: "sig"}, claims, pdndOwn())
	if err != nil {
		t.Error(err)
	}
	writeJSON(w, http.StatusOK, map[string]any{"access_token": compact, "token_type": "Bearer", "expires_in": expiresIn})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// masked answers as PDND does to every fault of a client.
func masked(w http.ResponseWriter, _ *http.Request) {
	writeProblem(w, http.StatusBadRequest, "015-0008", "Unable to generate a token for the given request")
}

func writeProblem(w http.ResponseWriter, status int, code, detail string) {
	writeJSON(w, status, map[string]any{
		"type": "about:blank", "title": "t", "status": status, "correlationId": "c0ffee-1",
		"errors": []map[string]string{{"code": code, "detail": detail}},
	})
}

// hang never answers. The body is read first: a server notices only then that the
// client has gone.
func hang(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

func serveJWKS(body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body)
	}
}

func jwk(t *testing.T, k token.SigningKey) json.RawMessage {
	t.Helper()
	data, err := token.MarshalJWK(k.Signer.Public(), k.KID, k.Algorithm)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func jwkSet(t *testing.T, ks ...token.SigningKey) []byte {
	t.Helper()
	var list []json.RawMessage
	for _, k := range ks {
		list = append(list, jwk(t, k))
	}
	data, err := json.Marshal(map[string]any{"keys": list})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// serveKey knows the party's key as a client's and as a keychain's.
func (f *fake) serveKey(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer eyJ") {
		writeProblem(w, http.StatusBadRequest, "012-10007", "no voucher")
		return
	}
	switch r.URL.Path {
	case "/v2/keys/" + aPartys().KID:
		writeJSON(w, http.StatusOK, map[string]any{"clientId": clientID, "jwk": jwk(f.t, aPartys())})
	case "/v2/producerKeys/" + aPartys().KID:
		writeJSON(w, http.StatusOK, map[string]any{"producerKeychainId": keychainID, "jwk": jwk(f.t, aPartys())})
	case "/v2/producerKeychains/" + keychainID:
		writeJSON(w, http.StatusOK, map[string]any{"id": keychainID, "producerId": producerID})
	default:
		writeProblem(w, http.StatusNotFound, "012-0009", "not found")
	}
}

// platform is a Platform of the fake, with its clock.
func (f *fake) platform(change ...func(*Options)) *Platform {
	f.t.Helper()
	client, err := outbound.New(outbound.Settings{
		Egress:     outbound.Egress{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}},
		BackoffMin: time.Millisecond, BackoffMax: time.Millisecond,
	})
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(client.Close)
	o := Options{
		Profile: config.Environment{
			Name: "locale", Issuer: "locale.invalid", TokenURL: f.server.URL + "/token", AssertionAudience: audience,
			JWKSURL: f.server.URL + "/jwks", APIBase: f.server.URL, APIAudience: "locale.invalid/m2m",
		},
		HTTP: client, Clock: f.clock.now, Rand: rand.Reader,
		Guard: registry.GuardSettings{Failures: 1000, MinCalls: 100000},
	}
	for _, c := range change {
		c(&o)
	}
	p, err := New(o)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(p.Close)
	return p
}

func limits(l Limits) func(*Options) { return func(o *Options) { o.Limits = l } }

func credentials() Credentials { return Credentials{ClientID: clientID, Key: ours()} }
func api() Credentials         { return Credentials{ClientID: apiID, Key: ours()} }

func plain() VoucherRequest { return VoucherRequest{Client: credentials(), PurposeID: purposeID} }

func bound(n int) VoucherRequest {
	r := plain()
	r.Digest = &voucher.Digest{Alg: "SHA256", Value: fmt.Sprintf("%064x", n)}
	return r
}

var _ modi.KeyResolver = (*jwks)(nil)

// eventually polls until ok or a deadline.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ok(); {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
		<-time.After(time.Millisecond)
	}
}
