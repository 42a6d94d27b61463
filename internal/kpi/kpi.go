// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package kpi counts what exposed e-services do, day by day: calls of each consumer and purpose, answers, faults,
// refusals by rule, and how long answers take.
//
// It owns the count, over all replicas, and the figures made of it ([Report]). A call costs no access to the database: a
// process counts in memory and adds to the database every few seconds, so that one that dies takes its last seconds
// with it. What proves a call is the evidence, not this count. It names organisations, never persons. The package
// depends on nothing of the hub; package store implements [Store].
package kpi

import (
	"context"
	"errors"
	"math"
	"strconv"
	"sync"
	"time"
)

// A Call is one that has ended.
type Call struct {
	Ente, Environment, Service string
	Consumer, Purpose          string // of the verified voucher; both "" without one
	Status                     int
	Rule                       string // by which the hub refused or failed it; "" when the procedure's answer was delivered
	Took                       time.Duration
	// Anybody tells of a failure that whoever calls may cause while the service is well, such as lack of room for bodies:
	// without a voucher it is not held against the service.
	Anybody bool
}

// Series is an e-service of an ente on a day.
type Series struct{ Day, Ente, Environment, Service string }

// Calls are the calls of a day by one consumer for one purpose.
type Calls struct {
	Series

	Consumer, Purpose string
	Calls             int64
	Good              int64 // the procedure's answer, below 500, was delivered
	Faulty            int64 // answered with 500 and more, whoever's fault it was
	Refused           int64 // refused by the hub
	First, Last       time.Time
}

// Kinds of counts.
const (
	KindRule = "regola" // value is a rule
	KindTime = "tempo"  // value is the number of an interval
)

// A Count is anything else that is counted of a day.
type Count struct {
	Series

	Kind, Value string
	Calls       int64
}

// Query chooses days, both included, and enti and e-services; "" is all of them.
type Query struct{ From, To, Ente, Service string }

// reportDays is how many days a report covers that does not say.
const reportDays = 30

// days fills in the days of a report: until today, and thirty of them.
func (l *Ledger) days(q Query) Query {
	if q.To == "" {
		q.To = l.clock().In(l.location).Format(time.DateOnly)
	}
	if last, err := time.Parse(time.DateOnly, q.To); q.From == "" && err == nil {
		q.From = last.AddDate(0, 0, 1-reportDays).Format(time.DateOnly)
	}
	return q
}

// Store keeps the counts. Errors mean "don't know".
type Store interface {
	// AddKPI adds increments, all or none.
	AddKPI(ctx context.Context, calls []Calls, counts []Count) error
	// KPICalls returns the calls that were counted, by day.
	KPICalls(ctx context.Context, q Query) ([]Calls, error)
	// KPICounts returns what else was counted, by day.
	KPICounts(ctx context.Context, q Query) ([]Count, error)
	// PurgeKPI forgets the days before one and returns how many rows they were.
	PurgeKPI(ctx context.Context, before string) (int, error)
}

const (
	syncEvery = 5 * time.Second
	// KeptDays is how many days are kept: three years and some, for comparisons from year to year.
	KeptDays = 1100
)

// Ledger counts. It is safe for concurrent use.
type Ledger struct {
	store    Store
	clock    func() time.Time
	location *time.Location

	syncing sync.Mutex // held by the one that talks to the store

	mu     sync.Mutex
	calls  map[callsKey]Calls
	counts map[countKey]int64
}

type callsKey struct {
	Series

	consumer, purpose string
}

type countKey struct {
	Series

	kind, value string
}

// New returns an empty ledger; location is where days begin and end.
func New(store Store, clock func() time.Time, location *time.Location) (*Ledger, error) {
	if store == nil || clock == nil || location == nil {
		return nil, errors.New("kpi: store, clock and location are mandatory")
	}
	return &Ledger{store: store, clock: clock, location: location, calls: map[callsKey]Calls{}, counts: map[countKey]int64{}}, nil
}

// Count counts a call. It never blocks on the store.
func (l *Ledger) Count(c Call) {
	now := l.clock()
	series := Series{now.In(l.location).Format(time.DateOnly), c.Ente, c.Environment, c.Service}
	one := Calls{Series: series, Consumer: c.Consumer, Purpose: c.Purpose, Calls: 1, First: now, Last: now}
	switch {
	case c.Status >= 500 && (!c.Anybody || c.Consumer != ""):
		one.Faulty = 1
	case c.Rule != "":
		one.Refused = 1
	default:
		one.Good = 1
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.addCalls(one)
	if c.Rule != "" {
		l.counts[countKey{series, KindRule, c.Rule}]++
	}
	if one.Good == 1 {
		l.counts[countKey{series, KindTime, strconv.Itoa(interval(c.Took))}]++
	}
}

// addCalls adds increments; l.mu is held.
func (l *Ledger) addCalls(c Calls) {
	key := callsKey{c.Series, c.Consumer, c.Purpose}
	sum, there := l.calls[key]
	if !there {
		l.calls[key] = c
		return
	}
	sum.Calls, sum.Good, sum.Faulty, sum.Refused = sum.Calls+c.Calls, sum.Good+c.Good, sum.Faulty+c.Faulty, sum.Refused+c.Refused
	if c.First.Before(sum.First) {
		sum.First = c.First
	}
	if c.Last.After(sum.Last) {
		sum.Last = c.Last
	}
	l.calls[key] = sum
}

// Run stores until ctx ends, and then once more; failed is told of every attempt that fails.
func (l *Ledger) Run(ctx context.Context, failed func(error)) {
	ticker := time.NewTicker(syncEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), syncEvery)
			defer cancel()
			if err := l.Sync(last); err != nil {
				failed(err)
			}
			return
		case <-ticker.C:
			if err := l.Sync(ctx); err != nil && ctx.Err() == nil {
				failed(err)
			}
		}
	}
}

// Sync adds what was counted since to the store. After an error it counts as not stored, and may then be stored twice.
func (l *Ledger) Sync(ctx context.Context) error {
	l.syncing.Lock()
	defer l.syncing.Unlock()
	l.mu.Lock()
	calls, counts := make([]Calls, 0, len(l.calls)), make([]Count, 0, len(l.counts))
	for _, c := range l.calls {
		calls = append(calls, c)
	}
	for k, n := range l.counts {
		counts = append(counts, Count{Series: k.Series, Kind: k.kind, Value: k.value, Calls: n})
	}
	clear(l.calls)
	clear(l.counts)
	l.mu.Unlock()
	if len(calls) == 0 {
		return nil
	}
	err := l.store.AddKPI(ctx, calls, counts)
	if err == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range calls {
		l.addCalls(c)
	}
	for _, c := range counts {
		l.counts[countKey{c.Series, c.Kind, c.Value}] += c.Calls
	}
	return err
}

// The intervals of times grow by the fourth root of two from a millisecond: a percentile is known to a tenth.
const (
	perDouble = 4
	intervals = 16*perDouble + 1 // up to 65 seconds
)

// interval is the number of the interval that a time falls into.
func interval(took time.Duration) int {
	if took <= time.Millisecond {
		return 0
	}
	n := int(math.Ceil(perDouble * math.Log2(float64(took)/float64(time.Millisecond))))
	return min(n, intervals)
}

// upTo is the greatest time of an interval, in milliseconds.
func upTo(n int) float64 { return math.Exp2(float64(min(n, intervals-1)) / perDouble) }
