// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr_test

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/adapters/adaptertest"
	"github.com/snodo-pa/snodo/adapters/anpr"
	"github.com/snodo-pa/snodo/mocks/ambiente"
	mock "github.com/snodo-pa/snodo/mocks/anpr"
	"github.com/snodo-pa/snodo/mocks/fruitore"
	"github.com/snodo-pa/snodo/registry"
)

// world is the adapter before the simulated ANPR, over TCP.
type world struct {
	t       *testing.T
	amb     *ambiente.Ambiente
	http    *http.Client
	key     *rsa.PrivateKey
	kid     string
	adapter registry.Adapter

	mu    sync.Mutex
	time  time.Time
	calls []registry.Call
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, time: now()}
	var err error
	if w.amb, err = ambiente.New(ambiente.Options{Clock: w.now}); err != nil {
		t.Fatal(err)
	}
	if err := w.amb.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.amb.Close() })
	if w.key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&w.key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	if w.kid, err = w.amb.PDND.AddClientKey(ambiente.BorgoFiorito().ConsumerClientID, public); err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(w.amb.ANPR.CAPEM())
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
	w.http = &http.Client{Transport: transport}
	t.Cleanup(transport.CloseIdleConnections)
	w.adapter, err = anpr.New(registry.Deps{Transport: w, Clock: w.now, State: &adaptertest.Numbers{}, Recipes: recipes(t)})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.time
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.time = w.time.Add(d)
}

// Do makes a call as a consumer that is no hub: voucher, signatures, send, verify.
func (w *world) Do(ctx context.Context, _ *registry.Scope, c registry.Call) (registry.Reply, error) {
	w.mu.Lock()
	w.calls = append(w.calls, c)
	w.mu.Unlock()
	entry := entryOf(c.Service)
	profile, ente := w.amb.PDND.Profile(), ambiente.BorgoFiorito()
	client := fruitore.New(fruitore.Options{
		Clock: w.now, HTTP: w.http, TokenURL: profile.TokenURL, AssertionAudience: profile.AssertionAudience,
		ClientID: ente.ConsumerClientID, PurposeID: ente.PurposeANPR(c.Service), Audience: entry.Audience, Key: w.key, Kid: w.kid,
	})
	got, err := client.Do(ctx, c.Method, w.amb.ANPR.URL()+entry.Path+c.Path, c.Body, fruitore.Hooks{})
	if err != nil {
		return registry.Reply{}, &registry.Fault{Kind: registry.ErrUnavailable, Service: c.Service, Err: err}
	}
	if got.Status == http.StatusOK {
		_, key, _ := w.amb.PDND.KeychainKey(w.amb.ANPR.Kid())
		if err := client.CheckReply(got, key); err != nil {
			return registry.Reply{}, &registry.Fault{Kind: registry.ErrBadReply, Service: c.Service, Err: err}
		}
	}
	reply := registry.Reply{
		Status: got.Status, Header: got.Header, Body: got.Body, RegistryID: got.Header.Get("GovWay-Transaction-ID"), Received: w.now(),
	}
	return reply, c.Classify(reply)
}

func entryOf(recipe string) mock.Entry {
	for _, e := range mock.Catalogue() {
		if e.Recipe == recipe {
			return e
		}
	}
	return mock.Entry{}
}

// operationOf is the only operation of a recipe.
func (w *world) operationOf(service string) string {
	w.t.Helper()
	for name := range recipes(w.t)[service].Operations {
		return name
	}
	return ""
}

func (w *world) call(service, operation, richiesta string) (registry.Response, error) {
	w.t.Helper()
	purposes := map[string]string{}
	for _, e := range mock.Catalogue() {
		purposes[e.Recipe] = ambiente.BorgoFiorito().PurposeANPR(e.Recipe)
	}
	return w.adapter.Call(w.t.Context(), service, cmp.Or(operation, w.operationOf(service)), registry.Request{
		Scope: &registry.Scope{
			Ente: "c_bf01", Environment: registry.Locale, Pratica: "PRT/2026/0000123", Purposes: purposes, Calls: &registry.CallLog{},
		},
		Richiesta: json.RawMessage(richiesta),
	})
}

// ask makes a call that must succeed and gives its dati.
func (w *world) ask(service, operation, richiesta string) map[string]any {
	w.t.Helper()
	out, err := w.call(service, operation, richiesta)
	if err != nil {
		w.t.Fatalf("%s: %v (%v)", service, err, w.amb.ANPR.LastRefusal())
	}
	return decoded(w.t, out)
}
