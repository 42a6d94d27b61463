// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/snodo-pa/snodo/adapters/adaptertest"
	"github.com/snodo-pa/snodo/adapters/anpr"
	"github.com/snodo-pa/snodo/registry"
)

// sent is what the tests read of a request.
type sent struct {
	IDOperazioneClient string
	CriteriRicerca     map[string]any
	DatiRichiesta      map[string]string
}

// desk is an adapter over a transport, ready to be asked.
type desk struct {
	t       *testing.T
	adapter registry.Adapter
	pratica string
	// purposes are those of the procedimento.
	purposes map[string]string
	calls    *registry.CallLog
}

func open(t *testing.T, tr registry.Transport, change ...func(*registry.Deps)) *desk {
	t.Helper()
	return openOver(t, subject(t), tr, change...)
}

// openOver takes a subject made before, which a fuzz target does once.
func openOver(t *testing.T, s adaptertest.Subject, tr registry.Transport, change ...func(*registry.Deps)) *desk {
	t.Helper()
	deps := s.Deps(tr)
	for _, c := range change {
		c(&deps)
	}
	a, err := anpr.New(deps)
	if err != nil {
		t.Fatal(err)
	}
	return &desk{t: t, adapter: a, pratica: "PROT-2026-0012345", purposes: map[string]string{"anpr-c030": "b1000000-0000-4000-8000-000000000030"}}
}

func (d *desk) ask(service, operation, richiesta string) (registry.Response, error) {
	d.t.Helper()
	d.calls = &registry.CallLog{}
	return d.adapter.Call(context.Background(), service, operation, registry.Request{
		Scope:     &registry.Scope{Ente: "c_bf01", Environment: registry.Locale, Pratica: d.pratica, Purposes: d.purposes, Calls: d.calls},
		Richiesta: json.RawMessage(richiesta),
	})
}

// residence asks C020 by codice fiscale.
func (d *desk) residence() (registry.Response, error) {
	d.t.Helper()
	return d.ask("anpr-c020", "residenza", `{"codiceFiscale":"`+code+`"}`)
}

func request(t *testing.T, c registry.Call) sent {
	t.Helper()
	var r sent
	if err := json.Unmarshal(c.Body, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func faultOf(t *testing.T, err, kind error) *registry.Fault {
	t.Helper()
	var f *registry.Fault
	if !errors.Is(err, kind) || !errors.As(err, &f) {
		t.Fatalf("error is %v, want a fault of kind %v", err, kind)
	}
	return f
}

// never is a transport that must not be used.
func never(t *testing.T) *adaptertest.Transport {
	return &adaptertest.Transport{Script: func(context.Context, int, registry.Call) (registry.Reply, error) {
		t.Error("a call was made")
		return registry.Reply{}, registry.ErrUnavailable
	}}
}

// fixedNumber is a State that gives one number.
type fixedNumber uint64

func (n fixedNumber) Next(context.Context, string, string, uint64) (uint64, error) {
	return uint64(n), nil
}

// noNumber is a State that is down.
type noNumber struct{ err error }

func (n noNumber) Next(context.Context, string, string, uint64) (uint64, error) { return 0, n.err }
