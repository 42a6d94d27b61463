// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package adaptertest asks every adapter, declarative or in Go, the same questions over
// a scripted Transport: what it sends, how it maps each kind of answer, that it leaves
// when its caller does, and that neither its errors nor the log name a person.
//
// It depends on registry and, to hold requests against their contracts, on kin-openapi.
// It is for tests only.
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
	// Contract is nil for a call that the contract of its registry admits; see [OpenAPI].
	Contract func(registry.Call) error
	// Exempt gives the reason why a question is not asked, by its name, or by
	// "service/operation: name" for one operation alone. It is logged.
	Exempt map[string]string
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
	t.Run("exemptions are reasoned", s.exemptions)
	for _, q := range general() {
		s.put(t, q.name, q.name, func(t *testing.T) { q.ask(s, t) })
	}
	for _, p := range s.Probes {
		operation := p.Service + "/" + p.Operation
		t.Run(operation, func(t *testing.T) {
			for _, q := range ofEachProbe() {
				s.put(t, q.name, operation+": "+q.name, func(t *testing.T) { q.ask(s, t, p) })
			}
		})
	}
}

// generalQuestion is asked once, a probeQuestion about each probe.
type (
	generalQuestion struct {
		name string
		ask  func(Subject, *testing.T)
	}
	probeQuestion struct {
		name string
		ask  func(Subject, *testing.T, Probe)
	}
)

func general() []generalQuestion {
	return []generalQuestion{
		{"services", Subject.services},
		{"probes cover every operation", Subject.coverage},
		{"unknown service and operation", Subject.unknown},
		{"input is documented", Subject.documented},
	}
}

func ofEachProbe() []probeQuestion {
	return []probeQuestion{
		{"answer", Subject.answer},
		{"request matches the contract", Subject.contract},
		{"fields are documented", Subject.fields},
		{"absent record", Subject.absent},
		{"404 of another shape", Subject.unexplained},
		{"faults of the registry", Subject.faults},
		{"Retry-After", Subject.retryAfter},
		{"faults of the transport", Subject.transport},
		{"replies that cannot be read", Subject.unreadable},
		{"replies of another type", Subject.otherType},
		{"caller who leaves", Subject.cancelled},
		{"caller whose time is over", Subject.timeout},
		{"the log names nobody", Subject.silent},
		{"32 callers", Subject.many},
	}
}

// put asks one question unless it is exempted under its name or its full name.
func (s Subject) put(t *testing.T, name, full string, ask func(*testing.T)) {
	t.Helper()
	for _, key := range []string{name, full} {
		if reason, exempt := s.Exempt[key]; exempt {
			t.Logf("%s is not asked: %s", full, reason)
			return
		}
	}
	t.Run(name, ask)
}

// exemptions refuses a reason that is none, and one for a question nobody asks.
func (s Subject) exemptions(t *testing.T) {
	names := map[string]bool{}
	for _, q := range general() {
		names[q.name] = true
	}
	for _, q := range ofEachProbe() {
		names[q.name] = true
		for _, p := range s.Probes {
			names[p.Service+"/"+p.Operation+": "+q.name] = true
		}
	}
	for name, reason := range s.Exempt {
		if !names[name] {
			t.Errorf("%q is exempted, which is no question", name)
		}
		if len(reason) < leastReason {
			t.Errorf("%q is exempted without a reason: %q", name, reason)
		}
	}
}

// leastReason is the length in bytes below which a reason says nothing.
const leastReason = 20
