// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package platform is a small PDND Interoperabilità in memory: tenants, certified
// attributes, e-services with their descriptors, agreements, purposes, clients, producer
// keychains, keys and delegations, with the rules the real platform applies to them.
//
// It owns that state and the events it causes. It is seeded by Go, as by the front
// office, or changed by an [Actor], as by the platform API; a broken rule is a [Problem]
// with the real code. It knows nothing of HTTP or tokens and depends on
// mocks/internal/rules and mocks/pdnd/events.
package platform

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
	"github.com/snodo-pa/snodo/mocks/pdnd/events"
)

// Options configure a [Platform].
type Options struct {
	Clock func() time.Time
	Rand  io.Reader // safe for concurrent use
	// Retention of events; [events.Retention] when zero.
	Retention time.Duration
}

// Platform is the state. It is safe for concurrent use.
type Platform struct {
	clock func() time.Time
	rand  io.Reader
	log   *events.Log

	mu          sync.RWMutex
	tenants     table[Tenant]
	attributes  table[Attribute]
	eservices   table[Eservice]
	descriptors table[Descriptor]
	agreements  table[Agreement]
	purposes    table[PurposeRecord]
	clients     table[Client]
	keychains   table[Keychain]
	delegations table[Delegation]
	keys        map[string]ownedKey
	failed      error // of the randomness, kept for the operation under way
}

// New makes an empty platform.
func New(opts Options) *Platform {
	return &Platform{
		clock: opts.Clock,
		rand:  opts.Rand,
		log:   events.New(events.Options{Clock: opts.Clock, Rand: opts.Rand, Retention: opts.Retention}),
		keys:  make(map[string]ownedKey),
	}
}

// Log returns the feeds.
func (p *Platform) Log() *events.Log { return p.log }

// table keeps objects by id in the order they came.
type table[T any] struct {
	byID  map[string]*T
	order []string
}

func (t *table[T]) get(id string) *T { return t.byID[id] }

func (t *table[T]) put(id string, value T) {
	if t.byID == nil {
		t.byID = make(map[string]*T)
	}
	if t.byID[id] == nil {
		t.order = append(t.order, id)
	}
	t.byID[id] = &value
}

func (t *table[T]) remove(id string) {
	delete(t.byID, id)
	kept := t.order[:0]
	for _, other := range t.order {
		if other != id {
			kept = append(kept, other)
		}
	}
	t.order = kept
}

// all returns pointers to the objects for which keep holds, in order.
func (t *table[T]) all(keep func(*T) bool) []*T {
	var list []*T
	for _, id := range t.order {
		if value := t.byID[id]; keep(value) {
			list = append(list, value)
		}
	}
	return list
}

// values copies objects out.
func values[T any](list []*T) []T {
	out := make([]T, 0, len(list))
	for _, value := range list {
		out = append(out, *value)
	}
	return out
}

// one copies an object out.
func one[T any](p *Platform, t *table[T], id string) (T, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if value := t.get(id); value != nil {
		return *value, true
	}
	var none T
	return none, false
}

// some copies out the objects for which keep holds.
func some[T any](p *Platform, t *table[T], keep func(*T) bool) []T {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return values(t.all(keep))
}

// newID makes an identifier; a failure is kept and ends the operation, see [act].
func (p *Platform) newID() string {
	id, err := rules.UUID(p.rand)
	if err != nil {
		p.failed = err
	}
	return id
}

// emit stores an event.
func (p *Platform) emit(e events.Event) {
	if err := p.log.Append(e); err != nil {
		p.failed = err
	}
}

// act runs an operation under the lock.
func act[T any](p *Platform, op func() (T, error)) (T, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failed = nil
	value, err := op()
	if err == nil && p.failed != nil {
		err = fmt.Errorf("mock platform: %w", p.failed)
	}
	if err != nil {
		var none T
		return none, err
	}
	return value, nil
}

// do is [act] for operations without a result.
func (p *Platform) do(op func() error) error {
	_, err := act(p, func() (struct{}, error) { return struct{}{}, op() })
	return err
}
