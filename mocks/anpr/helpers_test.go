// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/mocks/fruitore"
	"github.com/snodo-pa/snodo/mocks/internal/producer"
	"github.com/snodo-pa/snodo/mocks/pdnd"
)

const (
	ministero    = "20000000-0000-4000-8000-000000000001"
	comune       = "20000000-0000-4000-8000-000000000002"
	comuneClient = "20000000-0000-4000-8000-000000000003"
	otherClient  = "20000000-0000-4000-8000-000000000004"
	c020         = "20000000-0000-4000-8000-000000000020"
	c020v1       = "20000000-0000-4000-8000-000000000021"
	c030         = "20000000-0000-4000-8000-000000000030"
	c030v1       = "20000000-0000-4000-8000-000000000031"
	purpose020   = "20000000-0000-4000-8000-000000000022"
	purpose030   = "20000000-0000-4000-8000-000000000032"
	audience020  = "https://modipa.anpr.locale.invalid/C020/v1"
	audience030  = "https://modipa.anpr.locale.invalid/C030/v1"
)

var testKeys = sync.OnceValue(func() []*rsa.PrivateKey {
	list := make([]*rsa.PrivateKey, 4)
	for i := range list {
		list[i], _ = rsa.GenerateKey(rand.Reader, 2048)
	}
	return list
})

func must(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// world is a platform and a registry on the network, with a comune that may use both
// e-services.
type world struct {
	t        *testing.T
	mu       sync.Mutex
	clock    time.Time
	pdnd     *pdnd.Server
	anpr     *Server
	kid      string
	otherKid string
	next     int
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock
}

func (w *world) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = w.clock.Add(d)
}

func publicPEM(t *testing.T, key *rsa.PrivateKey) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	must(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

func newWorld(t *testing.T, opts Options) *world {
	t.Helper()
	w := &world{t: t, clock: time.Date(2026, 10, 12, 10, 0, 0, 0, time.UTC)}
	platform, err := pdnd.New(pdnd.Options{Clock: w.now, SigningKey: testKeys()[0]})
	must(t, err)
	w.pdnd = platform
	must(t,
		platform.AddTenant(pdnd.Tenant{ID: ministero}),
		platform.AddTenant(pdnd.Tenant{ID: comune}),
		platform.AddEservice(pdnd.Eservice{ID: c020, ProducerID: ministero}),
		platform.AddEservice(pdnd.Eservice{ID: c030, ProducerID: ministero}),
		platform.AddDescriptor(pdnd.Descriptor{ID: c020v1, EserviceID: c020, Audience: []string{audience020}, VoucherLifespan: 600}),
		platform.AddDescriptor(pdnd.Descriptor{ID: c030v1, EserviceID: c030, Audience: []string{audience030}, VoucherLifespan: 600}),
		platform.AddClient(pdnd.Client{ID: comuneClient, TenantID: comune}),
		platform.AddClient(pdnd.Client{ID: otherClient, TenantID: comune}),
		platform.AddPurpose(pdnd.Purpose{ID: purpose020, ConsumerID: comune, DescriptorID: c020v1, Clients: []string{comuneClient}}),
		platform.AddPurpose(pdnd.Purpose{ID: purpose030, ConsumerID: comune, DescriptorID: c030v1, Clients: []string{comuneClient}}),
	)
	w.kid, err = platform.AddClientKey(comuneClient, publicPEM(t, testKeys()[1]))
	must(t, err)
	w.otherKid, err = platform.AddClientKey(otherClient, publicPEM(t, testKeys()[2]))
	must(t, err)
	must(t, platform.Start(t.Context(), ""))
	t.Cleanup(func() { _ = platform.Close() })

	opts.Clock, opts.Issuer, opts.ProducerID, opts.SigningKey = w.now, platform.Profile().Issuer, ministero, testKeys()[3]
	opts.JWKSURL = func() string { return platform.Profile().JWKSURL }
	if opts.Keys == nil {
		opts.Keys = func(_ context.Context, kid string) (string, *rsa.PublicKey, error) {
			client, key, ok := platform.ClientKey(kid)
			if !ok {
				return "", nil, ErrKeyUnknown
			}
			return client, key, nil
		}
	}
	opts.Services = []Service{
		{CasoUso: "C020", Path: PathC020, Audience: audience020, EserviceID: c020, DescriptorIDs: []string{c020v1}},
		{CasoUso: "C030", Path: PathC030, Audience: audience030, EserviceID: c030, DescriptorIDs: []string{c030v1}},
	}
	w.anpr, err = New(opts)
	must(t, err)
	must(t, w.anpr.Start(t.Context(), ""))
	t.Cleanup(func() { _ = w.anpr.Close() })
	return w
}

// consumer is the comune as a caller of C020 or C030.
func (w *world) consumer(casoUso string, certificates ...tls.Certificate) *fruitore.Client {
	w.t.Helper()
	transport := &http.Transport{DisableKeepAlives: true}
	if ca := w.anpr.CAPEM(); ca != nil {
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(ca)
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12, Certificates: certificates}
	}
	profile := w.pdnd.Profile()
	opts := fruitore.Options{
		Clock: w.now, HTTP: &http.Client{Transport: transport}, TokenURL: profile.TokenURL,
		AssertionAudience: profile.AssertionAudience, ClientID: comuneClient, PurposeID: purpose020,
		Audience: audience020, Key: testKeys()[1], Kid: w.kid,
	}
	if casoUso == "C030" {
		opts.PurposeID, opts.Audience = purpose030, audience030
	}
	return fruitore.New(opts)
}

func endpoint(w *world, casoUso string) string {
	if casoUso == "C030" {
		return w.anpr.URL() + PathC030 + "/anpr-service-e002"
	}
	return w.anpr.URL() + PathC020 + "/anpr-service-e002"
}

// body is a request with a fresh, growing idOperazioneClient.
func (w *world) body(casoUso, criteri string) []byte {
	w.next++
	return fmt.Appendf(nil, `{"idOperazioneClient":"%d","criteriRicerca":%s,"datiRichiesta":{"dataRiferimentoRichiesta":"2026-10-12","motivoRichiesta":"PROT-2026-0012345","casoUso":"%s"}}`,
		1000+w.next, criteri, casoUso)
}

// send makes one call that reaches the registry.
func (w *world) send(casoUso string, body []byte, hooks fruitore.Hooks) *fruitore.Reply {
	w.t.Helper()
	reply, err := w.consumer(casoUso).Do(w.t.Context(), http.MethodPost, endpoint(w, casoUso), body, hooks)
	must(w.t, err)
	return reply
}

// ask searches and wants a 200.
func (w *world) ask(casoUso, criteri string) RispostaE002OK {
	w.t.Helper()
	reply := w.send(casoUso, w.body(casoUso, criteri), fruitore.Hooks{})
	if reply.Status != http.StatusOK {
		w.t.Fatalf("status %d: %s; %v", reply.Status, reply.Body, w.anpr.LastRefusal())
	}
	var answer RispostaE002OK
	must(w.t, json.Unmarshal(reply.Body, &answer))
	return answer
}

// wantKO fails unless the reply is a negative answer of the registry.
func wantKO(t *testing.T, reply *fruitore.Reply, status int, code, text string) {
	t.Helper()
	var answer RispostaKO
	must(t, json.Unmarshal(reply.Body, &answer))
	if reply.Status != status || reply.Header.Get("Content-Type") != "application/problem+json" || len(answer.ListaErrori) != 1 {
		t.Fatalf("%d %s", reply.Status, reply.Body)
	}
	e := answer.ListaErrori[0]
	if e.Codice != code || e.Tipo != "E" || (text != "" && e.Testo != text) || answer.IDOperazioneANPR == "" {
		t.Errorf("got %+v, expected %s %q", e, code, text)
	}
	if reply.Header.Get("Agid-JWT-Signature") != "" {
		t.Error("a negative answer is signed, which the real gateway does not do")
	}
}

// wantRefused fails unless the gateway refused with the status, without a word about the
// reason, and for the reason given.
func (w *world) wantRefused(reply *fruitore.Reply, status int, title, name string) {
	w.t.Helper()
	var problem producer.GovWayProblem
	must(w.t, json.Unmarshal(reply.Body, &problem))
	last := w.anpr.LastRefusal()
	if reply.Status != status || problem.Title != title || problem.Status != status {
		w.t.Fatalf("%d %s (%v)", reply.Status, reply.Body, last)
	}
	if problem.Type != fmt.Sprintf("https://govway.org/handling-errors/%d/%s.html", status, title) ||
		problem.GovwayID == "" || problem.GovwayID != reply.Header.Get("GovWay-Transaction-ID") {
		w.t.Errorf("problem %+v", problem)
	}
	if last == nil || last.Name != name {
		w.t.Errorf("refused for %v, expected %s", last, name)
	}
}
