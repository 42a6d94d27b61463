// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package transport makes one call to an e-service of another administration: limiter,
// voucher, guard, signatures, send, retry, verified reply. It implements
// registry.Transport.
//
// It owns the bindings of enti to consumed e-services, the guards (one for each recipe,
// host and network) and the local limits (one for each ente and purpose). It depends on pdnd
// for vouchers and keys, on keys for signing keys, on outbound for the wire, on replay to
// take each signed reply once, and on modi for the patterns. It never interprets a business
// answer (adapters do), stores nothing and writes no log.
package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/keys"
	"github.com/snodo-pa/snodo/internal/outbound/rete"
	"github.com/snodo-pa/snodo/internal/pdnd"
	"github.com/snodo-pa/snodo/internal/quota"
	"github.com/snodo-pa/snodo/internal/replay"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

// Options are the parts of a Transport.
type Options struct {
	Config    *config.Config
	Platforms map[string]*pdnd.Platform // by environment
	Keys      Keys
	Clients   *rete.Clients
	Clock     modi.Clock // time.Now when nil
	Rand      io.Reader  // for jti and dnonce; safe for concurrent use
	// Ledger counts the requests of the day; nil counts in this process alone.
	Ledger *quota.Ledger
	// Replay remembers the signed replies that came; nil remembers none.
	Replay   replay.Cache
	Observer Observer
}

// Keys finds the keys of the enti; *keys.Ring does. It is asked for every call, so that
// what stands in its place can change the active key of a client between two calls. It is
// safe for concurrent use.
type Keys interface {
	// Client is the consumer client that the ente calls name, with the key active now.
	Client(ente, name string) (keys.Client, error)
	// APIClient is the API client of the ente in an environment.
	APIClient(ente, environment string) (keys.Client, error)
}

// Observer is told what happens, for metrics. Every field may be nil; what is set must
// be safe for concurrent use and must not block.
type Observer struct {
	// Call: a call ended. outcome is ok or the name of a kind of failure: not-found,
	// ambiguous, invalid, denied, throttled, config, signature, bad-reply, not-ready,
	// unavailable, pdnd, unsupported, settings, state, cancelled, failed.
	Call func(service, environment, outcome string, took time.Duration)
	// Attempt: one request was made; status is 0 when no answer came.
	Attempt func(service, environment string, status int, took time.Duration)
	// Guard: a guard was made (from is "") or changed state.
	Guard func(name, from, to string)
}

// Transport calls the e-services that the configuration binds. It is safe for
// concurrent use.
type Transport struct {
	bindings map[bindingKey]*binding
	guards   map[guardKey]*registry.Guard
	gates    *gates
	denials  *denials
	clock    modi.Clock
	rand     io.Reader
	replay   replay.Cache
	observer Observer
}

var _ registry.Transport = (*Transport)(nil)

// New resolves every binding of the configuration to keys, network and PDND platform.
// All faults are reported at once; nothing is sent.
func New(o Options) (*Transport, error) {
	if o.Config == nil || o.Keys == nil || o.Clients == nil || o.Rand == nil {
		return nil, errors.New("transport: options lack configuration, keys, clients or randomness")
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	t := &Transport{
		bindings: make(map[bindingKey]*binding), guards: make(map[guardKey]*registry.Guard),
		clock: o.Clock, rand: o.Rand, replay: o.Replay, observer: o.Observer, denials: &denials{of: make(map[gateKey]bool)},
	}
	var err error
	if t.gates, err = newGates(o); err != nil {
		return nil, err
	}
	var faults []error
	for _, code := range slices.Sorted(maps.Keys(o.Config.Enti)) { // the first to use a network names its guards
		ente := o.Config.Enti[code]
		for service, consume := range ente.Consumes {
			b, err := t.bind(o, ente, service, consume)
			if err != nil {
				faults = append(faults, fmt.Errorf("%s: consumes %s: %w", code, service, err))
				continue
			}
			t.bindings[bindingKey{code, service}] = b
		}
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return t, nil
}

// GuardStates gives the state of each guard by name, "<recipe>@<host>", with "/<ente>"
// behind for a network set by rete: the first ente, by codice IPA, that reaches the host
// over it. What PDND denies a voucher is among them, as Denied, until it gives one.
func (t *Transport) GuardStates() map[string]string {
	states := make(map[string]string, len(t.guards))
	for _, g := range t.guards {
		states[g.Name()] = g.State()
	}
	t.denials.states(states)
	return states
}

// Do implements registry.Transport. Every error is a *registry.Fault whose Service is
// the call's; the attempts made are added to s.Calls whatever the result.
//
// The recipe's deadline is the registry's alone: it spans the attempts made with one
// voucher and begins when the voucher is at hand, so that a slow PDND, which has its own
// time, leaves a registry all of its. The call ends sooner when ctx does, and then trips
// no guard.
func (t *Transport) Do(ctx context.Context, s *registry.Scope, c registry.Call) (registry.Reply, error) {
	began := t.clock()
	b, err := t.route(s, c)
	if err != nil {
		return registry.Reply{}, named(err, c.Service)
	}
	caller, leave := untilGone(ctx)
	defer leave()
	x := &exchange{transport: t, binding: b, scope: s, call: c}
	reply, err := x.begin(caller)
	x.record()
	if t.observer.Call != nil {
		t.observer.Call(c.Service, b.environment, outcome(err), t.clock().Sub(began))
	}
	if err != nil {
		return registry.Reply{}, named(err, c.Service)
	}
	return reply, nil
}

// untilGone returns a context that is cancelled when parent ends in whatever way. To a
// guard a caller whose own deadline has passed is a caller who left: it says nothing
// about the remote host.
func untilGone(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(parent))
	unhook := context.AfterFunc(parent, cancel)
	return ctx, func() {
		unhook()
		cancel()
	}
}
