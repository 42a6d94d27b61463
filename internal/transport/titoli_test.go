// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package transport_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/keys"
	"github.com/snodo-pa/snodo/mocks/ambiente"
	"github.com/snodo-pa/snodo/mocks/pdnd/platform"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/dpop"
	"github.com/snodo-pa/snodo/registry"
)

// tenant gives an ente its id on PDND.
func tenant(e ambiente.Ente, id string) change {
	return func(c *config.Config) { c.Enti[e.CodiceIPA].Tenants = map[string]string{"locale": id} }
}

// bindingOf changes the binding of an ente to prova.
func bindingOf(e ambiente.Ente, alter func(*config.Consume)) change {
	return func(c *config.Config) { alter(c.Enti[e.CodiceIPA].Consumes["prova"]) }
}

// TestVoucherOfAnotherConsumerIsNotUsed: a purpose that is another ente's is a mistake of
// the configuration, found before the registry is called in the wrong name.
func TestVoucherOfAnotherConsumerIsNotUsed(t *testing.T) {
	borgo := ambiente.BorgoFiorito()
	w := newWorld(t, tenant(borgo, borgo.TenantID))
	if _, err := w.do(t.Context(), call(true)); err != nil {
		t.Fatal(err)
	}
	w = newWorld(t, tenant(borgo, ambiente.ValSerena().TenantID))
	_, err := w.do(t.Context(), call(true))
	if !errors.Is(err, registry.ErrConfig) || len(w.requests()) != 0 {
		t.Errorf("called %d times: %v", len(w.requests()), err)
	}
}

var purposes atomic.Uint64

// TestDelegateCallsForTheDelegator: with the client of another ente of the hub, and the
// delegator as consumer.
func TestDelegateCallsForTheDelegator(t *testing.T) {
	borgo, serena := ambiente.BorgoFiorito(), ambiente.ValSerena()
	w := newWorld(t, tenant(borgo, borgo.TenantID), tenant(serena, serena.TenantID), bindingOf(borgo, func(c *config.Consume) {
		c.Client, c.Titolo = serena.CodiceIPA+"/demografici", "delega PDND 50000000-0000-4000-8000-000000000001"
	}))
	record, ok := w.amb.PDND.Platform().PurposeRecord(borgo.PurposeC020)
	if !ok {
		t.Fatal("no purpose")
	}
	descriptors := w.amb.PDND.Platform().Descriptors(record.EserviceID)
	delegated := fmt.Sprintf("50000000-0000-4000-8000-%012d", purposes.Add(1))
	err := w.amb.PDND.AddPurpose(platform.Purpose{
		ID: delegated, ConsumerID: borgo.TenantID, DescriptorID: descriptors[0].ID, Clients: []string{serena.ConsumerClientID},
		Title: "Delegata " + delegated, DailyCalls: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	scope := w.borgo()
	scope.Purposes[provaPurpose] = delegated
	if _, err := w.transport.Do(t.Context(), scope, call(true)); err != nil {
		t.Fatal(err)
	}
	if got := w.calls.All()[0]; got.ClientID != serena.ConsumerClientID {
		t.Errorf("called as %s", got.ClientID)
	}
	scope.Purposes[provaPurpose] = serena.PurposeC020 // the delegate's own
	if _, err := w.transport.Do(t.Context(), scope, call(true)); !errors.Is(err, registry.ErrConfig) {
		t.Errorf("the delegate's own purpose: %v", err)
	}
}

// withDPoP gives the client of an ente a DPoP key.
func withDPoP(t *testing.T, e ambiente.Ente) change {
	t.Helper()
	path := filepath.Join(t.TempDir(), "dpop.pem")
	if _, err := keys.Generate(rand.Reader, keys.RoleDPoP, path); err != nil {
		t.Fatal(err)
	}
	return func(c *config.Config) {
		client := c.Enti[e.CodiceIPA].Clients["demografici"]
		client.DPoPKey = path
		c.Enti[e.CodiceIPA].Clients["demografici"] = client
	}
}

// TestEveryAttemptHasItsOwnProof: vouchers bound to a key go with a proof for the request,
// made anew for a retry (RFC 9449 §11.1).
func TestEveryAttemptHasItsOwnProof(t *testing.T) {
	borgo := ambiente.BorgoFiorito()
	for name, asks := range map[string]change{
		"asked by the binding": bindingOf(borgo, func(c *config.Consume) { c.DPoP = true }),
		"asked by the recipe": func(c *config.Config) {
			r := c.Consumes["prova"]
			r.Patterns.Request = append(slices.Clone(r.Patterns.Request), modi.PatternDPoP)
		},
	} {
		t.Run(name, func(t *testing.T) {
			everyAttemptHasItsOwnProof(t, newWorld(t, withDPoP(t, borgo), withDPoP(t, ambiente.ValSerena()), asks))
		})
	}
}

func everyAttemptHasItsOwnProof(t *testing.T, w *world) {
	t.Helper()
	var failed atomic.Bool
	w.answer(func(rw http.ResponseWriter, _ *http.Request) {
		if failed.CompareAndSwap(false, true) {
			rw.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		ok(rw)
	})
	if _, err := w.do(t.Context(), call(true)); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, h := range w.requests() {
		presented, err := dpop.Present(h)
		if err != nil || presented.Scheme != dpop.SchemeDPoP {
			t.Fatalf("scheme %s, %v", presented.Scheme, err)
		}
		proof, err := dpop.Verifier{Clock: time.Now, Times: modi.ProofTimes()}.Verify(
			dpop.Request{Method: http.MethodPost, URL: w.prova.URL + "/v1/ricerche", Header: h}, presented, jktOf(t, w))
		if err != nil {
			t.Fatal(err)
		}
		seen[proof.JTI] = true
	}
	if len(seen) != 2 {
		t.Errorf("%d proofs for two attempts", len(seen))
	}
}

func jktOf(t *testing.T, w *world) string {
	t.Helper()
	ring, err := keys.Open(w.config)
	if err != nil {
		t.Fatal(err)
	}
	client, err := ring.Client(ambiente.BorgoFiorito().CodiceIPA, "demografici")
	if err != nil {
		t.Fatal(err)
	}
	return client.DPoP.KID
}

// rotating is a ring whose client can be given another key between two calls.
type rotating struct {
	*keys.Ring

	next atomic.Pointer[keys.Client]
}

func (r *rotating) Client(ente, name string) (keys.Client, error) {
	if next := r.next.Load(); next != nil {
		return *next, nil
	}
	return r.Ring.Client(ente, name)
}

// TestKeyIsTheOneActiveAtTheCall: a key that changes is used from the next call on, without
// the transport being built anew.
func TestKeyIsTheOneActiveAtTheCall(t *testing.T) {
	w := newWorld(t)
	ring, err := keys.Open(w.config)
	if err != nil {
		t.Fatal(err)
	}
	active := &rotating{Ring: ring}
	w.rebuild(active)
	if _, err := w.do(t.Context(), call(true)); err != nil {
		t.Fatal(err)
	}
	borgo := ambiente.BorgoFiorito()
	old, err := ring.Client(borgo.CodiceIPA, "demografici")
	if err != nil {
		t.Fatal(err)
	}
	other, err := ring.APIClient(borgo.CodiceIPA, "locale") // any other key of the ente will do: PDND refuses it
	if err != nil {
		t.Fatal(err)
	}
	next := old
	next.Assertion = other.Assertion
	active.next.Store(&next)
	if _, err := w.do(t.Context(), call(true)); !errors.Is(err, registry.ErrConfig) {
		t.Errorf("the old key was used: %v", err)
	}
	active.next.Store(&old)
	if _, err := w.do(t.Context(), call(true)); err != nil {
		t.Errorf("the refusal of one key stopped the other: %v", err)
	}
}
