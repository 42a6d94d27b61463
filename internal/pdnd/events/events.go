// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package events follows the event feeds of PDND, so that what the hub remembers of keys,
// purposes, agreements, descriptors and clients does not outlive what PDND knows.
//
// One process over all replicas reads a feed (a schedule of package jobs), from a durable
// cursor; what it read is stored as notices together with the new place of the cursor. Every
// process follows the notices ([Follower]) and forgets what they name. So PDND is asked once
// however many replicas there are, and none of them misses what another has read.
//
// Vouchers that other administrations present to this hub are good until they expire, unless
// what they rest on stops: a purpose, an agreement, a version of the e-service. An event tells
// so, and each process asks PDND, once, what it is now ([Standings]).
//
// It owns the meaning of the events. It depends on api for the feeds, on pdnd for the caches,
// on jobs and store. What else is remembered it only forgets: whoever needs it next asks.
package events

import (
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/jobs"
	"github.com/snodo-pa/snodo/internal/pdnd"
	"github.com/snodo-pa/snodo/internal/store"
)

const (
	// Retention is how old a cursor may be before what it may have missed is no longer there
	// to read. PDND keeps events for about thirty days; nobody promises them.
	Retention = 20 * 24 * time.Hour
	// margin is how far behind the hub's clock a feed that is read for the first time begins.
	margin = 5 * time.Minute
	// pages bounds one run: what is left is read in the next one.
	pages = 40
)

// Options are the parts of a Poller and a Follower. Everything is mandatory.
type Options struct {
	Config    *config.Config
	Platforms map[string]*pdnd.Platform // by environment
	// Credentials finds the API client of an ente that reads its feeds.
	Credentials func(ente, environment string) (pdnd.Credentials, error)
	Store       *store.Store
	Clock       func() time.Time
	Logger      *slog.Logger
	Every       time.Duration // between two looks at the feeds of keys, and of enti that expose
}

// KeysKind is the job that reads the feeds of keys of an environment, which are the same
// whoever asks. It is tried until it succeeds: a failing PDND leaves no dead letters.
func KeysKind() jobs.Kind[jobs.Tick] { return kind("pdnd.keys") }

// EnteKind is the job that reads what an ente sees of purposes, agreements, e-services and
// clients.
func EnteKind() jobs.Kind[jobs.Tick] { return kind("pdnd.ente") }

func kind(name string) jobs.Kind[jobs.Tick] {
	return jobs.Kind[jobs.Tick]{Name: name, Policy: jobs.Policy{
		MaxAttempts: jobs.Unlimited, Backoff: jobs.Backoff{Base: 5 * time.Second, Max: time.Minute}, Timeout: 2 * time.Minute,
		Concurrency: 4, Keep: time.Minute,
	}}
}

// Kinds are the names of both.
func Kinds() []string { return []string{KeysKind().Name, EnteKind().Name} }

// enteEvery is how many times rarer the feeds of an ente that only calls are read than those
// of keys: what they tell shortens the life of its own vouchers, which PDND and the producer
// refuse by themselves. Those of an ente that exposes are read as often as those of keys.
const enteEvery = 5

// Register gives the jobs their handlers and every environment and ente its schedule.
func (p *Poller) Register(set *jobs.Handlers) error {
	keys, err := jobs.ParseWhen("every " + p.o.Every.String())
	if err != nil {
		return err
	}
	ente, err := jobs.ParseWhen("every " + (enteEvery * p.o.Every).String() + " jitter " + p.o.Every.String())
	if err != nil {
		return err
	}
	KeysKind().Handle(set, p.pollKeys)
	EnteKind().Handle(set, p.pollEnte)
	for _, environment := range slices.Sorted(maps.Keys(p.o.Platforms)) {
		readers := p.readers(environment)
		if len(readers) > 0 {
			set.Schedule(jobs.Schedule{Name: "pdnd.keys", Environment: environment, When: keys, AtOnce: true}, KeysKind())
		}
		for _, codice := range readers {
			when := ente
			if len(exposed(p.o.Config.Enti[codice], environment)) > 0 {
				when = keys
			}
			set.Schedule(jobs.Schedule{Name: "pdnd.ente", Ente: codice, Environment: environment, When: when, AtOnce: true}, EnteKind())
		}
	}
	return nil
}

// readers are the enti with an API client in an environment, in a fixed order.
func (p *Poller) readers(environment string) []string {
	var list []string
	for _, codice := range slices.Sorted(maps.Keys(p.o.Config.Enti)) {
		if _, ok := p.o.Config.Enti[codice].APIClients[environment]; ok {
			list = append(list, codice)
		}
	}
	return list
}
