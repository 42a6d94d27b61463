// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package transport_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/keys"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/outbound/rete"
	"github.com/snodo-pa/snodo/internal/pdnd"
	"github.com/snodo-pa/snodo/internal/replay"
	"github.com/snodo-pa/snodo/internal/transport"
	"github.com/snodo-pa/snodo/mocks/ambiente"
	"github.com/snodo-pa/snodo/mocks/anpr"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

// pems are key files made once: RSA keys take long to make.
func pems(n int) func() [][]byte {
	return sync.OnceValue(func() [][]byte {
		dir, err := os.MkdirTemp("", "keys")
		if err != nil {
			panic(err)
		}
		defer func() { _ = os.RemoveAll(dir) }()
		var out [][]byte
		for range n {
			path := filepath.Join(dir, "k.pem")
			_, err := keys.Generate(rand.Reader, keys.RoleClient, path)
			if err != nil {
				panic(err)
			}
			data, err := os.ReadFile(path)
			if err != nil {
				panic(err)
			}
			out = append(out, data)
			if err := os.Remove(path); err != nil {
				panic(err)
			}
		}
		return out
	})
}

var (
	clientPEMs   = pems(4)
	keychainPEMs = pems(2) // of the producer of ANPR, and of another ente that is a producer too
)

// mocks are the world of ambiente, started once with the clients' keys registered: tests
// run one after the other and leave it as they found it.
var mocks = sync.OnceValues(func() (*ambiente.Ambiente, error) {
	amb, err := ambiente.New(ambiente.Options{})
	if err != nil {
		return nil, err
	}
	if err := amb.Start(context.Background()); err != nil {
		return nil, err
	}
	for i, e := range ambiente.Enti() {
		for j, client := range []string{e.ConsumerClientID, e.APIClientID} {
			public, err := publicPEM(clientPEMs()[2*i+j])
			if err != nil {
				return nil, err
			}
			if _, err := amb.PDND.AddClientKey(client, public); err != nil {
				return nil, err
			}
		}
	}
	for i, keychain := range []string{ambiente.MinisteroKeychain, ambiente.ValSerena().KeychainID} {
		public, err := publicPEM(keychainPEMs()[i])
		if err != nil {
			return nil, err
		}
		if _, err := amb.PDND.AddKeychainKey(keychain, public); err != nil {
			return nil, err
		}
	}
	return amb, nil
})

// world is a hub's transport before the mocks, and a further e-service, "prova", whose
// answers the test writes.
type world struct {
	t         *testing.T
	amb       *ambiente.Ambiente
	config    *config.Config
	transport *transport.Transport
	platform  *pdnd.Platform
	clients   *rete.Clients
	prova     *httptest.Server
	calls     *registry.CallLog
	wrap      func(pdnd.Doer) pdnd.Doer // around what PDND is reached by, nil for nothing
	replay    replay.Cache              // of signed replies

	mu      sync.Mutex
	handler http.HandlerFunc
	seen    []http.Header
	events  []string
}

// started is a cache that knows what came since an instant.
type started struct {
	replay.Cache

	at time.Time
}

func (s started) NotBefore() time.Time { return s.at }

// since is a cache made some time ago.
func since(ago time.Duration) replay.Cache {
	return started{replay.NewMemory(100, time.Now), time.Now().Add(-ago)}
}

const provaPurpose = "prova"

type change func(*config.Config)

func newWorld(t *testing.T, changes ...change) *world {
	t.Helper()
	amb, err := mocks()
	if err != nil {
		t.Fatal(err)
	}
	amb.PDND.ResetRequests()
	w := &world{t: t, amb: amb, calls: new(registry.CallLog), replay: since(time.Hour)}
	w.prova = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // a server notices only then that a client has gone
		w.mu.Lock()
		w.seen = append(w.seen, r.Header.Clone())
		h := w.handler
		w.mu.Unlock()
		h(rw, r)
	}))
	t.Cleanup(w.prova.Close)
	w.answer(func(rw http.ResponseWriter, _ *http.Request) { ok(rw) })
	w.configure()
	for _, c := range changes {
		c(w.config)
	}
	w.open()
	return w
}

func ok(rw http.ResponseWriter) {
	rw.Header().Set("Content-Type", "application/json")
	_, _ = rw.Write([]byte(`{"esito":"ok"}`))
}

// configure writes the configuration of two enti that consume ANPR and prova.
func (w *world) configure() {
	dir := w.t.TempDir()
	file := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			w.t.Fatal(err)
		}
		return path
	}
	ca := file("anpr-ca.pem", w.amb.ANPR.CAPEM())
	w.config = &config.Config{
		Hub:      config.Hub{Egress: config.Egress{AllowPrivate: []string{"127.0.0.0/8"}}},
		Enti:     map[string]*config.Ente{},
		Consumes: map[string]*registry.Recipe{},
	}
	for i, e := range ambiente.Enti() {
		consumer := file(e.CodiceIPA+".pem", clientPEMs()[2*i])
		api := file(e.CodiceIPA+"-api.pem", clientPEMs()[2*i+1])
		bound := func(recipe, url string, r *config.Rete) *config.Consume {
			return &config.Consume{Recipe: recipe, Environment: "locale", Client: "demografici", URL: url, Rete: r}
		}
		private := &config.Rete{CA: ca}
		w.config.Enti[e.CodiceIPA] = &config.Ente{
			CodiceIPA:  e.CodiceIPA,
			Clients:    map[string]config.Client{"demografici": {Environment: "locale", ID: e.ConsumerClientID, Key: consumer}},
			APIClients: map[string]config.Client{"locale": {Environment: "locale", ID: e.APIClientID, Key: api}},
			Consumes: map[string]*config.Consume{
				"anpr-c020": bound("anpr-c020", w.amb.ANPR.URL()+anpr.PathC020, private),
				"prova":     bound("prova", w.prova.URL+"/v1", nil),
			},
		}
	}
	both := []modi.Pattern{modi.PatternVoucher, modi.PatternIntegrityREST02, modi.PatternAuditREST02}
	w.config.Consumes["anpr-c020"] = &registry.Recipe{
		Name:     "anpr-c020",
		Patterns: registry.RecipePatterns{Request: both, Response: []modi.Pattern{modi.PatternIntegrityREST02}},
		Environments: map[string]registry.RecipeEnvironment{"locale": {
			Audience: ambiente.C020Audience, EserviceID: ambiente.C020EserviceID, ProducerID: ambiente.MinisteroTenantID,
		}},
		Guard: registry.GuardSettings{Failures: 3, OpenFor: 200 * time.Millisecond, Attempts: 2, Deadline: 20 * time.Second},
	}
	w.config.Consumes["prova"] = &registry.Recipe{
		Name:         "prova",
		Patterns:     registry.RecipePatterns{Request: both},
		Environments: map[string]registry.RecipeEnvironment{"locale": {Audience: "https://prova.invalid/v1"}},
		Guard:        registry.GuardSettings{Failures: 3, OpenFor: 200 * time.Millisecond, Attempts: 3, Deadline: 20 * time.Second},
	}
}

// open builds the transport from the configuration.
func (w *world) open() {
	clients, err := rete.New(w.config, outbound.Settings{BackoffMin: time.Millisecond, BackoffMax: 2 * time.Millisecond})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(clients.Close)
	network, err := clients.For()
	if err != nil {
		w.t.Fatal(err)
	}
	var toPDND pdnd.Doer = network
	if w.wrap != nil {
		toPDND = w.wrap(network)
	}
	profile := w.amb.PDND.Profile()
	w.platform, err = pdnd.New(pdnd.Options{
		Profile: config.Environment{
			Name: "locale", Issuer: profile.Issuer, TokenURL: profile.TokenURL, AssertionAudience: profile.AssertionAudience,
			JWKSURL: profile.JWKSURL, APIBase: strings.TrimSuffix(profile.APIBaseURL, "/v2"), APIAudience: profile.M2MAudience,
		},
		HTTP: toPDND, Rand: rand.Reader,
		Guard: registry.GuardSettings{Failures: 3, OpenFor: 200 * time.Millisecond},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(w.platform.Close)
	ring, err := keys.Open(w.config)
	if err != nil {
		w.t.Fatal(err)
	}
	w.clients = clients
	w.rebuild(ring)
}

// rebuild makes the transport with other keys.
func (w *world) rebuild(ring transport.Keys) {
	var err error
	w.transport, err = transport.New(transport.Options{
		Replay: w.replay,
		Config: w.config, Platforms: map[string]*pdnd.Platform{"locale": w.platform}, Keys: ring, Clients: w.clients,
		Rand: rand.Reader,
		Observer: transport.Observer{
			Call: func(service, _, outcome string, _ time.Duration) { w.event(service + " " + outcome) },
			Guard: func(name, _, to string) {
				recipe, _, _ := strings.Cut(name, "@")
				w.event("guard " + recipe + " " + to)
			},
		},
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) event(e string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, e)
}

func (w *world) took(e string) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, x := range w.events {
		if x == e {
			n++
		}
	}
	return n
}

// answer sets what prova says.
func (w *world) answer(h http.HandlerFunc) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.handler = h
	w.seen = nil
}

// requests returns the headers prova has received since the last answer.
func (w *world) requests() []http.Header {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]http.Header(nil), w.seen...)
}

func (w *world) scope(e ambiente.Ente) *registry.Scope {
	return &registry.Scope{
		ExchangeID: "x-1", Ente: e.CodiceIPA, Environment: "locale", Procedimento: "iscrizione-asilo", Pratica: "PROT-1",
		Operator: registry.Operator{Kind: registry.Persona, UserID: "mat-00417", UserLocation: "SRV-01", LoA: "LoA3"},
		Purposes: map[string]string{"anpr-c020": e.PurposeC020, provaPurpose: e.PurposeC020},
		Calls:    w.calls,
	}
}

func (w *world) borgo() *registry.Scope { return w.scope(ambiente.BorgoFiorito()) }

// call is a call to prova.
func call(idempotent bool) registry.Call {
	return registry.Call{
		Service: "prova", Method: http.MethodPost, Path: "/ricerche", Body: []byte(`{"a":1}`), Idempotent: idempotent, OperationID: "77",
	}
}

// operations numbers the calls to ANPR, which wants every number greater than the last.
var operations atomic.Uint64

// c020 is a call to ANPR for an invented person.
func c020() registry.Call {
	id := strconv.FormatUint(operations.Add(1), 10)
	body := `{"idOperazioneClient":"` + id + `","criteriRicerca":{"codiceFiscale":"BNCMRC85C12D612V"},` +
		`"datiRichiesta":{"dataRiferimentoRichiesta":"2026-10-12","motivoRichiesta":"PROT-1","casoUso":"C020"}}`
	return registry.Call{
		Service: "anpr-c020", Method: http.MethodPost, Path: "/anpr-service-e002", Body: []byte(body), Idempotent: true, OperationID: id,
	}
}

func (w *world) do(ctx context.Context, c registry.Call) (registry.Reply, error) {
	return w.transport.Do(ctx, w.borgo(), c)
}

func equalBodies(a, b []byte) bool { return bytes.Equal(a, b) }
