// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package callers decides who may call an exposed e-service beyond what PDND lets through: the rules of the binding, and
// the consumers that the ente has suspended.
//
// It owns the decision and the suspensions, which are durable and which every replica follows. It depends on config for
// the rules and on problem for how a refusal is told; package store implements [Store], package held learns the attributes
// of a consumer. It never decides whether a voucher is genuine: it is asked after that, about who
// the voucher is of.
package callers

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/problem"
)

// A Caller is who calls, by a voucher that has verified.
type Caller struct {
	Ente, Environment, Service string // codice IPA, environment, exposure
	Consumer, Client, Purpose  string // consumerId, client_id, purposeId
}

// A Suspension keeps a consumer from an e-service of an ente, or from all of them.
type Suspension struct {
	Ente      string    `json:"ente"`
	Service   string    `json:"servizio,omitempty"` // "" = all
	Consumer  string    `json:"fruitore"`
	Reason    string    `json:"motivo"`
	By        string    `json:"da"`
	At        time.Time `json:"dal"`
	ResumedBy string    `json:"ripresoDa,omitempty"`
	ResumedAt time.Time `json:"al,omitzero"` // zero while it holds
}

// Holds tells a suspension that has not ended.
func (s Suspension) Holds() bool { return s.ResumedAt.IsZero() }

var (
	// ErrSuspended means that the consumer is suspended there already.
	ErrSuspended = errors.New("the consumer is suspended already")
	// ErrNotSuspended means that there is no such suspension to end.
	ErrNotSuspended = errors.New("the consumer is not suspended")
)

// Store keeps the suspensions. Errors other than the two above mean "don't know".
type Store interface {
	// Suspend keeps a suspension; ErrSuspended when one of the same ente, service and consumer holds.
	Suspend(ctx context.Context, s Suspension) error
	// Resume ends one; ErrNotSuspended when none holds.
	Resume(ctx context.Context, ente, service, consumer, by string, at time.Time) error
	// Suspensions returns those of an ente, of all when it is empty; ended ones too when asked, oldest first.
	Suspensions(ctx context.Context, ente string, ended bool) ([]Suspension, error)
}

// Options are the parts of a Desk. Attributes may be nil when no binding has rules on categories or attributes.
type Options struct {
	Config *config.Config
	Store  Store
	// Attributes tells the certified attributes that a consumer holds, as "origin/code". An error is a "don't know".
	Attributes func(ctx context.Context, ente, environment, consumer string) ([]string, error)
	Clock      func() time.Time
	Logger     *slog.Logger
}

// followEvery is how often a process reads what the others have suspended.
const followEvery = time.Second

// Desk decides. It is safe for concurrent use.
type Desk struct {
	o     Options
	names map[string]aliases // by ente

	change    sync.Mutex // one reading or writing of the store at a time: none undoes what came after it
	mu        sync.RWMutex
	suspended map[place]Suspension
}

type place struct{ ente, service, consumer string }

// New returns a Desk that knows of no suspension yet: see Follow.
func New(o Options) *Desk {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	d := &Desk{o: o, names: map[string]aliases{}, suspended: map[place]Suspension{}}
	if o.Config != nil {
		for codice, ente := range o.Config.Enti {
			d.names[codice] = aliasesOf(ente)
		}
	}
	return d
}

// Follow reads the suspensions that hold. While it fails those known before go on.
func (d *Desk) Follow(ctx context.Context) error {
	d.change.Lock()
	defer d.change.Unlock()
	list, err := d.o.Store.Suspensions(ctx, "", false)
	if err != nil {
		return err
	}
	now := make(map[place]Suspension, len(list))
	for _, s := range list {
		now[place{s.Ente, s.Service, s.Consumer}] = s
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.suspended = now
	return nil
}

// Run follows until ctx ends; failed is told of every attempt that fails.
func (d *Desk) Run(ctx context.Context, failed func(error)) {
	ticker := time.NewTicker(followEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := d.Follow(ctx); err != nil && ctx.Err() == nil {
				failed(err)
			}
		}
	}
}

// Suspend keeps a consumer from calling: durably, in this process when it returns, in the others within seconds. The
// error wraps ErrSuspended, or means "don't know".
func (d *Desk) Suspend(ctx context.Context, s Suspension) error {
	d.change.Lock()
	defer d.change.Unlock()
	s.At, s.ResumedAt, s.ResumedBy = d.o.Clock().UTC(), time.Time{}, ""
	if err := d.o.Store.Suspend(ctx, s); err != nil {
		return err
	}
	d.mu.Lock()
	d.suspended[place{s.Ente, s.Service, s.Consumer}] = s
	d.mu.Unlock()
	d.o.Logger.LogAttrs(ctx, slog.LevelWarn, "fruitore sospeso", slog.String("ente", s.Ente), slog.String("servizio", s.Service),
		slog.String("fruitore", s.Consumer), slog.String("da", s.By))
	return nil
}

// Resume lets a consumer call again. The error wraps ErrNotSuspended, or means "don't know".
func (d *Desk) Resume(ctx context.Context, ente, service, consumer, by string) error {
	d.change.Lock()
	defer d.change.Unlock()
	if err := d.o.Store.Resume(ctx, ente, service, consumer, by, d.o.Clock().UTC()); err != nil {
		return err
	}
	d.mu.Lock()
	delete(d.suspended, place{ente, service, consumer})
	d.mu.Unlock()
	d.o.Logger.LogAttrs(ctx, slog.LevelWarn, "fruitore riammesso", slog.String("ente", ente), slog.String("servizio", service),
		slog.String("fruitore", consumer), slog.String("da", by))
	return nil
}

// Suspensions lists those of an ente, ended ones too.
func (d *Desk) Suspensions(ctx context.Context, ente string) ([]Suspension, error) {
	return d.o.Store.Suspensions(ctx, ente, true)
}

// Allow decides about a call. The error is a *problem.Error: a "no" by the rule that says it, or a "don't know" when the
// attributes of the consumer cannot be learnt.
func (d *Desk) Allow(ctx context.Context, c Caller) error {
	if d.isSuspended(c) {
		return problem.New(problem.RuleCallerSuspended)
	}
	ente := d.o.Config.Enti[c.Ente]
	if ente == nil || ente.Exposes[c.Service] == nil {
		return problem.New(problem.RuleCallerNotListed)
	}
	rules := ente.Exposes[c.Service].Callers
	for _, list := range []struct {
		allowed []string
		own     string
	}{{rules.Consumers, c.Consumer}, {rules.Purposes, c.Purpose}, {rules.Clients, c.Client}} {
		if len(list.allowed) > 0 && (list.own == "" || !slices.Contains(list.allowed, list.own)) {
			return problem.New(problem.RuleCallerNotListed)
		}
	}
	return d.allowAttributes(ctx, c, rules)
}

func (d *Desk) isSuspended(c Caller) bool { return d.Suspended(c.Ente, c.Service, c.Consumer) }

// Suspended tells whether a consumer is kept from an e-service of an ente, or from all of them, by any name that the ente
// has for it.
func (d *Desk) Suspended(ente, service, consumer string) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if len(d.suspended) == 0 {
		return false
	}
	if d.suspendedAs(ente, service, consumer) {
		return true
	}
	return slices.ContainsFunc(d.names[ente][consumer], func(name string) bool { return d.suspendedAs(ente, service, name) })
}

func (d *Desk) suspendedAs(ente, service, name string) bool {
	_, here := d.suspended[place{ente, service, name}]
	_, everywhere := d.suspended[place{ente, "", name}]
	return here || everywhere
}

// originIPA is the origin of the certified attributes that are IPA categories.
const originIPA = "IPA/"

// allowAttributes asks for the consumer's attributes where the rules speak of them.
func (d *Desk) allowAttributes(ctx context.Context, c Caller, rules config.Callers) error {
	if len(rules.Categories) == 0 && len(rules.Attributes) == 0 {
		return nil
	}
	if d.o.Attributes == nil {
		return problem.New(problem.RuleAttributesUndecided)
	}
	held, err := d.o.Attributes(ctx, c.Ente, c.Environment, c.Consumer)
	if err != nil {
		return problem.New(problem.RuleAttributesUndecided).Because(err)
	}
	category := func(code string) bool { return slices.Contains(held, originIPA+code) }
	attribute := func(a string) bool { return slices.Contains(held, a) }
	if len(rules.Categories) > 0 && !slices.ContainsFunc(rules.Categories, category) ||
		len(rules.Attributes) > 0 && !slices.ContainsFunc(rules.Attributes, attribute) {
		return problem.New(problem.RuleCallerNotListed)
	}
	return nil
}
