// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package transport

import (
	"math"
	"sync"
	"time"
	_ "time/tzdata" // quotas of registries end at midnight in Italy, wherever the hub runs

	"golang.org/x/time/rate"

	"github.com/snodo-pa/snodo/modi"
)

// gates are the local limits, one for each ente and purpose: what one ente or purpose
// uses up is not another's.
type gates struct {
	italy *time.Location

	mu   sync.Mutex
	open map[gateKey]*gate
}

type gateKey struct{ ente, service, purpose string }

func newGates() *gates {
	italy, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		italy = time.FixedZone("CET", 3600) // the data is linked in, so this does not happen
	}
	return &gates{italy: italy, open: make(map[gateKey]*gate)}
}

// of finds the gate of a binding and purpose. Purposes come from the configuration, so
// there are few.
func (g *gates) of(b *binding, purposeID string) *gate {
	key := gateKey{b.ente, b.service, purposeID}
	g.mu.Lock()
	defer g.mu.Unlock()
	one, ok := g.open[key]
	if !ok {
		one = &gate{italy: g.italy, daily: b.daily, limit: rate.NewLimiter(rate.Inf, 0)}
		if b.rate > 0 {
			one.limit = rate.NewLimiter(rate.Limit(b.rate), max(1, int(math.Ceil(b.rate))))
		}
		g.open[key] = one
	}
	return one
}

// gate lets calls through or says when to come back. The count of the day lives in
// memory: it protects a quota against a runaway batch, and starts again with the
// process; the registry's own count is the one that holds.
type gate struct {
	limit *rate.Limiter
	daily int64
	italy *time.Location

	mu    sync.Mutex
	until time.Time // no call before: a 429 of the registry
	day   string    // which used counts
	used  int64
}

// enter returns zero, or how long to wait and why.
func (g *gate) enter(now time.Time) (time.Duration, modi.Text) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if wait := g.until.Sub(now); wait > 0 {
		return wait, textHeld()
	}
	if g.daily > 0 && g.today(now) >= g.daily {
		return g.midnight(now).Sub(now), textQuota()
	}
	reservation := g.limit.ReserveN(now, 1)
	if wait := reservation.DelayFrom(now); wait > 0 {
		reservation.CancelAt(now)
		return wait, textRate()
	}
	return 0, modi.Text{}
}

// hold closes the gate until an instant; it never opens it earlier.
func (g *gate) hold(until time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if until.After(g.until) {
		g.until = until
	}
}

// count takes one request off the quota of the day: registries count requests, not
// calls.
func (g *gate) count(at time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.today(at)
	g.used++
}

// today is what the day of now has used; g.mu is held.
func (g *gate) today(now time.Time) int64 {
	if day := now.In(g.italy).Format(time.DateOnly); day != g.day {
		g.day, g.used = day, 0
	}
	return g.used
}

func (g *gate) midnight(now time.Time) time.Time {
	y, m, d := now.In(g.italy).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, g.italy)
}
