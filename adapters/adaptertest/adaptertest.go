// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package adaptertest asks every adapter the same questions, over a scripted
// Transport: what it sends, how it maps each kind of answer, that it leaves when its
// caller does, and that no error of it names a person.
//
// It depends on registry and the standard library. It is for tests only.
package adaptertest

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/registry"
)

// Subject is an adapter under test.
type Subject struct {
	// New builds the adapter over the given dependencies.
	New func(registry.Deps) (registry.Adapter, error)
	// Recipes are those the adapter is built with.
	Recipes map[string]*registry.Recipe
	// Now is the time of the adapter's clock.
	Now time.Time
	// Probes are questions whose answers are known, at least one for each operation of
	// each recipe.
	Probes []Probe
}

// Probe is one operation and the answers of the registry to it.
type Probe struct {
	Service, Operation string
	Richiesta          json.RawMessage
	// Answers are given to the calls on the wire, in their order. The last one may be
	// replaced by the suite with an answer of its own.
	Answers []registry.Reply
	// Dati is what the caller must get.
	Dati json.RawMessage
	// Absent is the last answer when the registry knows no such record.
	Absent registry.Reply
	// Private are the words of the request that no error may hold.
	Private []string
}

// scope is a scope as the gateway makes it, new for every call.
func (p Probe) scope(s Subject) *registry.Scope {
	purposes := map[string]string{}
	for name := range s.Recipes {
		purposes[name] = "b1000000-0000-4000-8000-0000000000aa"
	}
	return &registry.Scope{
		ExchangeID: "e-1", Ente: "c_bf01", Environment: registry.Locale, Applicazione: "gestionale", Procedimento: "prova",
		Pratica:  "PRT/2026/0000123",
		Operator: registry.Operator{Kind: registry.Persona, UserID: "mat-00417", UserLocation: "SRV-01", LoA: "LoA3"},
		Purposes: purposes, Calls: &registry.CallLog{},
	}
}

// Run asks all the questions as subtests of t.
func Run(t *testing.T, s Subject) {
	t.Helper()
	t.Run("services", s.services)
	t.Run("probes cover every operation", s.coverage)
	t.Run("unknown service and operation", s.unknown)
	for _, p := range s.Probes {
		t.Run(p.Service+"/"+p.Operation, func(t *testing.T) {
			t.Run("answer", func(t *testing.T) { s.answer(t, p) })
			t.Run("fields are documented", func(t *testing.T) { s.fields(t, p) })
			t.Run("absent record", func(t *testing.T) { s.absent(t, p) })
			t.Run("faults of the registry", func(t *testing.T) { s.faults(t, p) })
			t.Run("Retry-After", func(t *testing.T) { s.retryAfter(t, p) })
			t.Run("faults of the transport", func(t *testing.T) { s.transport(t, p) })
			t.Run("replies that cannot be read", func(t *testing.T) { s.unreadable(t, p) })
			t.Run("caller who leaves", func(t *testing.T) { s.cancelled(t, p) })
			t.Run("32 callers", func(t *testing.T) { s.many(t, p) })
		})
	}
}
