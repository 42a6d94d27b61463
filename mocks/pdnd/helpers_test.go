// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

const (
	tenantID     = "10000000-0000-4000-8000-000000000001"
	producerID   = "10000000-0000-4000-8000-000000000002"
	clientID     = "10000000-0000-4000-8000-000000000003"
	apiID        = "10000000-0000-4000-8000-000000000004"
	otherID      = "10000000-0000-4000-8000-000000000005"
	purposeID    = "10000000-0000-4000-8000-000000000006"
	eserviceID   = "10000000-0000-4000-8000-000000000007"
	descriptorID = "10000000-0000-4000-8000-000000000008"
	keychainID   = "10000000-0000-4000-8000-000000000009"
	asyncPurpose = "10000000-0000-4000-8000-00000000000a"
	asyncService = "10000000-0000-4000-8000-00000000000b"
	asyncVersion = "10000000-0000-4000-8000-00000000000c"
	adminAPIID   = "10000000-0000-4000-8000-00000000000d"
	adminID      = "10000000-0000-4000-8000-00000000000e"
	unknownID    = "10000000-0000-4000-8000-0000000000ff"
)

// keys are made once: their generation dwarfs everything else.
var keys = sync.OnceValue(func() []*rsa.PrivateKey {
	list := make([]*rsa.PrivateKey, 8)
	for i := range list {
		list[i], _ = rsa.GenerateKey(rand.Reader, 2048)
	}
	return list
})

// world is a platform with one producer, one consumer and their clients.
type testWorld struct {
	*Server
	t   *testing.T
	now time.Time
	// The kids of the consumer client, the API client, another client, the keychain.
	kid, apiKid, otherKid, chainKid string
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func publicPEM(t *testing.T, key *rsa.PrivateKey) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	must(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

func newWorldForTest(t *testing.T, opts Options) *testWorld {
	t.Helper()
	w := &testWorld{t: t, now: time.Unix(1_767_225_600, 0)}
	opts.Clock = func() time.Time { return w.now }
	opts.SigningKey = keys()[4]
	server, err := New(opts)
	must(t, err)
	w.Server = server
	must(t,
		server.AddTenant(Tenant{ID: tenantID, Name: "Comune"}),
		server.AddTenant(Tenant{ID: producerID, Name: "Ministero"}),
		server.AddEservice(Eservice{ID: eserviceID, ProducerID: producerID, Name: "C020"}),
		server.AddEservice(Eservice{ID: asyncService, ProducerID: producerID, Name: "async", AsyncExchange: true}),
		server.AddDescriptor(Descriptor{ID: descriptorID, EserviceID: eserviceID, Audience: []string{"https://a/v1", "https://b/v1"}, VoucherLifespan: 600}),
		server.AddDescriptor(Descriptor{ID: asyncVersion, EserviceID: asyncService, Audience: []string{"https://c"}, VoucherLifespan: 600}),
		server.AddClient(Client{ID: clientID, TenantID: tenantID, Name: "consumer"}),
		server.AddClient(Client{ID: otherID, TenantID: tenantID, Name: "other"}),
		server.AddClient(Client{ID: apiID, TenantID: tenantID, Name: "api", Kind: API}),
		server.AddClient(Client{ID: adminAPIID, TenantID: producerID, Name: "admin", Kind: API, AdminID: adminID}),
		server.AddPurpose(Purpose{ID: purposeID, ConsumerID: tenantID, DescriptorID: descriptorID, Clients: []string{clientID}}),
		server.AddPurpose(Purpose{ID: asyncPurpose, ConsumerID: tenantID, DescriptorID: asyncVersion, Clients: []string{clientID}}),
		server.AddKeychain(Keychain{ID: keychainID, ProducerID: producerID, Name: "chain", Eservices: []string{eserviceID}}),
	)
	w.kid, err = server.AddClientKey(clientID, publicPEM(t, keys()[0]))
	must(t, err)
	w.apiKid, err = server.AddClientKey(apiID, publicPEM(t, keys()[1]))
	must(t, err)
	w.otherKid, err = server.AddClientKey(otherID, publicPEM(t, keys()[2]))
	must(t, err)
	w.chainKid, err = server.AddKeychainKey(keychainID, publicPEM(t, keys()[3]))
	must(t, err)
	return w
}

type members = map[string]any

// claims of a good assertion of the consumer client.
func (w *testWorld) claims() members {
	return members{
		"iss": clientID, "sub": clientID, "aud": w.Profile().AssertionAudience, "jti": "j",
		"iat": w.now.Unix(), "exp": w.now.Unix() + 60, "purposeId": purposeID,
	}
}

func (w *testWorld) apiClaims() members {
	c := w.claims()
	c["iss"], c["sub"] = apiID, apiID
	delete(c, "purposeId")
	return c
}

// changed returns a copy with members replaced; nil removes one.
func changed(m, changes members) members {
	c := maps.Clone(m)
	for name, value := range changes {
		if value == nil {
			delete(c, name)
		} else {
			c[name] = value
		}
	}
	return c
}

func (w *testWorld) sign(key int, header, claims members) string {
	w.t.Helper()
	compact, err := rules.Sign(rand.Reader, keys()[key], header, claims)
	must(w.t, err)
	return compact
}

// assertion signs the claims as the consumer client.
func (w *testWorld) assertion(claims members) string {
	return w.sign(0, members{"alg": "RS256", "typ": "JWT", "kid": w.kid}, claims)
}

func form(assertion string) url.Values {
	return url.Values{
		"client_id":             {clientID},
		"client_assertion":      {assertion},
		"client_assertion_type": {assertionType},
		"grant_type":            {"client_credentials"},
	}
}

type answer struct {
	status int
	header http.Header
	raw    string
	body   members
}

func (w *testWorld) do(req *http.Request) answer {
	w.t.Helper()
	rec := httptest.NewRecorder()
	w.Handler().ServeHTTP(rec, req)
	a := answer{status: rec.Code, header: rec.Header(), raw: rec.Body.String()}
	_ = json.Unmarshal(rec.Body.Bytes(), &a.body) // not every answer is JSON
	return a
}

func (w *testWorld) post(values url.Values, proofs ...string) answer {
	w.t.Helper()
	req := httptest.NewRequestWithContext(w.t.Context(), http.MethodPost, "/token.oauth2", strings.NewReader(values.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, proof := range proofs {
		req.Header.Add("DPoP", proof)
	}
	return w.do(req)
}

// voucher asks for a voucher that must be given and returns its parts.
func (w *testWorld) voucher(values url.Values, proofs ...string) (*rules.Token, answer) {
	w.t.Helper()
	a := w.post(values, proofs...)
	if a.status != http.StatusOK {
		w.t.Fatalf("no voucher: %d %s: %v", a.status, a.raw, w.LastRefusal())
	}
	compact, _ := a.body["access_token"].(string)
	token, err := rules.Parse(compact)
	must(w.t, err)
	must(w.t, token.Verify(&keys()[4].PublicKey))
	return token, a
}

// apiVoucherText returns a voucher of the API client.
func (w *testWorld) apiVoucherText() string {
	w.t.Helper()
	values := form(w.sign(1, members{"alg": "RS256", "kid": w.apiKid}, w.apiClaims()))
	values.Set("client_id", apiID)
	token, _ := w.voucher(values)
	return token.Raw
}

// wantMasked fails unless the answer is the one masked body and the reason the given one.
func (w *testWorld) wantMasked(a answer, code string) {
	w.t.Helper()
	if a.status != http.StatusBadRequest {
		w.t.Fatalf("status %d: %s", a.status, a.raw)
	}
	correlation := a.header.Get("X-Correlation-Id")
	want := `{"title":"The request contains bad syntax or cannot be fulfilled.","type":"about:blank","status":400,` +
		`"detail":"Bad request","errors":[{"code":"015-0008","detail":"Unable to generate a token for the given request"}],` +
		`"correlationId":"` + correlation + `"}`
	if a.raw != want || !rules.IsUUID(correlation) {
		w.t.Errorf("the masked body is\n%s\nexpected\n%s", a.raw, want)
	}
	if !w.LastRefusal().Has(code) {
		w.t.Errorf("refused for %v, expected %s", w.LastRefusal(), code)
	}
}
