// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/registry"
)

// pace is what one part of PDND has said of its limit for one ente: it counts the requests
// of a tenant and tells at every answer how many are left (X-Rate-Limit-*). The hub slows
// down when few are, and stops for a while after a 429.
type pace struct {
	next    time.Time       // no request before: few are left
	spacing time.Duration   // between requests from next on
	fault   *registry.Fault // the latest 429
	until   time.Time       // how long it holds
	strikes int             // 429s in a row, each after the wait of the one before
}

// scarce is the part of the limit below which requests are spaced: one fifth.
const scarce = 5

// enter lets a request to a part of PDND through: at once, after a short wait, or with a
// registry.ErrThrottled fault that says when to come back.
func (p *Platform) enter(ctx context.Context, key string) error {
	if fault := p.held(key); fault != nil {
		return fault
	}
	now := p.clock()
	var wait time.Duration
	p.paces.update(key, func(l pace, found bool) (pace, bool) {
		wait = l.next.Sub(now)
		if !found || wait <= 0 || wait > p.limits.PaceWait {
			return l, false
		}
		l.next = l.next.Add(l.spacing)
		return l, true
	})
	switch {
	case wait <= 0:
		return nil
	case wait > p.limits.PaceWait:
		return &registry.Fault{Kind: registry.ErrThrottled, Text: textPaced(), RetryAfter: wait}
	default:
		return p.pause(ctx, wait)
	}
}

// held returns the 429 that still holds, with the wait that is left, or nil.
func (p *Platform) held(key string) *registry.Fault {
	kept, ok := p.paces.get(key)
	left := kept.until.Sub(p.clock())
	if !ok || kept.fault == nil || left <= 0 {
		return nil
	}
	fault := *kept.fault
	fault.RetryAfter = left
	return &fault
}

// learn reads what an answer other than a 429 says of the limit.
func (p *Platform) learn(key string, h http.Header) {
	now := p.clock()
	limit, remaining, interval, told := readLimit(h)
	p.paces.update(key, func(l pace, found bool) (pace, bool) {
		if !told || remaining > limit/scarce {
			if l.until.After(now) { // an answer that was on its way when the 429 came
				return l, false
			}
			return pace{}, found
		}
		l.spacing = interval / time.Duration(limit)
		next := now.Add(l.spacing)
		if remaining == 0 {
			next = now.Add(interval)
		}
		if next.After(l.next) {
			l.next = next
		}
		if !l.until.After(now) {
			l.fault, l.strikes = nil, 0
		}
		return l, true
	})
}

// hold remembers a 429 and returns it with how long it holds: its own Retry-After, or the
// interval of the limit, doubled for every further 429 that comes after such a wait.
func (p *Platform) hold(key string, fault *registry.Fault, h http.Header) *registry.Fault {
	now := p.clock()
	p.paces.update(key, func(l pace, _ bool) (pace, bool) {
		if l.fault != nil && l.until.After(now) { // requests that left together are one strike
			fault.RetryAfter = l.until.Sub(now)
			return l, false
		}
		l.strikes++
		fault.RetryAfter = throttledFor(h, now)
		for n := 1; n < l.strikes && fault.RetryAfter < p.limits.Throttled; n++ {
			fault.RetryAfter = min(2*fault.RetryAfter, p.limits.Throttled)
		}
		l.fault, l.until = fault, now.Add(fault.RetryAfter)
		return l, true
	})
	return fault
}

// readLimit reads X-Rate-Limit-Limit, -Remaining and -Interval (milliseconds). What is
// missing or absurd says nothing.
func readLimit(h http.Header) (limit, remaining int64, interval time.Duration, ok bool) {
	number := func(name string) int64 {
		n, err := strconv.ParseInt(strings.TrimSpace(h.Get(name)), 10, 32)
		if err != nil {
			return -1
		}
		return n
	}
	limit, remaining = number("X-Rate-Limit-Limit"), number("X-Rate-Limit-Remaining")
	ms := number("X-Rate-Limit-Interval")
	interval = min(time.Duration(ms)*time.Millisecond, time.Hour)
	return limit, remaining, interval, limit > 0 && remaining >= 0 && ms > 0
}

// pause waits for d by the clock of the machine.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
