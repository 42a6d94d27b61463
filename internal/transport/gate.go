// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package transport

import (
	"cmp"
	"math"
	"sync"
	"time"
	_ "time/tzdata" // quotas of registries end at midnight in Italy, wherever the hub runs

	"golang.org/x/time/rate"

	"github.com/snodo-pa/snodo/internal/quota"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

// gates are the local limits, one for each ente and purpose: what one ente or purpose
// uses up is not another's.
type gates struct {
	ledger *quota.Ledger

	mu   sync.Mutex
	open map[gateKey]*gate
}

type gateKey struct{ ente, service, purpose string }

func newGates(o Options) (*gates, error) {
	if o.Ledger == nil {
		italy, err := time.LoadLocation("Europe/Rome")
		if err != nil {
			return nil, err
		}
		if o.Ledger, err = quota.New(quota.Config{Clock: o.Clock, Location: italy}); err != nil {
			return nil, err
		}
	}
	return &gates{ledger: o.Ledger, open: make(map[gateKey]*gate)}, nil
}

// of finds the gate of a binding and purpose. Purposes come from the configuration, so
// there are few.
func (g *gates) of(b *binding, purposeID string) *gate {
	key := gateKey{b.ente, b.service, purposeID}
	g.mu.Lock()
	defer g.mu.Unlock()
	one, ok := g.open[key]
	if !ok {
		one = &gate{ledger: g.ledger, key: b.quotaKey(purposeID), limits: b.limits, limit: rate.NewLimiter(rate.Inf, 0)}
		if b.rate > 0 {
			one.limit = rate.NewLimiter(rate.Limit(b.rate), max(1, int(math.Ceil(b.rate))))
		}
		g.open[key] = one
	}
	return one
}

// quotaKey is the place of a purpose of the binding in the ledger.
func (b *binding) quotaKey(purposeID string) quota.Key {
	return quota.Key{
		Environment: b.environment, Direction: quota.Out, Eservice: cmp.Or(b.eserviceID, b.service),
		Consumer: cmp.Or(b.consumerID, b.ente), Purpose: purposeID,
	}
}

// gate lets calls through or says when to come back: after a 429, beyond the rate, and
// beyond the quota of the day, which the ledger counts over all replicas.
type gate struct {
	limit  *rate.Limiter
	ledger *quota.Ledger
	key    quota.Key
	limits quota.Limits

	mu    sync.Mutex
	until time.Time // no call before: a 429 of the registry
}

// enter returns nil, or why the call may not be made and for how long. batch is a call
// that no person waits for.
func (g *gate) enter(now time.Time, batch bool) *registry.Fault {
	g.mu.Lock()
	defer g.mu.Unlock()
	if wait := g.until.Sub(now); wait > 0 {
		return throttled(wait, textHeld())
	}
	switch v := g.ledger.Check(g.key, g.limits, batch); v.Refused {
	case "":
	case quota.Unknown:
		return &registry.Fault{Kind: registry.ErrState, Text: textUncounted()}
	case quota.Stopped:
		return throttled(v.Reset, textStopped())
	case quota.Reserved:
		return throttled(v.Reset, textReserved())
	default:
		return throttled(v.Reset, textQuota())
	}
	reservation := g.limit.ReserveN(now, 1)
	if wait := reservation.DelayFrom(now); wait > 0 {
		reservation.CancelAt(now)
		return throttled(wait, textRate())
	}
	return nil
}

func throttled(wait time.Duration, why modi.Text) *registry.Fault {
	return &registry.Fault{Kind: registry.ErrThrottled, Text: why, RetryAfter: wait}
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
func (g *gate) count() { g.ledger.Count(g.key, g.limits) }
