// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"sync"
	"time"
)

const (
	// refusalsPerMinute is how many refusals of one consumer on one exposure become evidence of their own. A genuine
	// voucher can be sent with any number of wrong messages, and what is evidence is kept for years.
	refusalsPerMinute = 60
	// refusalsSummary is how long refusals beyond that are counted before the count becomes evidence.
	refusalsSummary = time.Minute
	// maxRefusers bounds the consumers that are followed; those beyond it share one allowance for each exposure.
	maxRefusers = 4096
)

// refuser is a consumer on an exposure; consumer "" stands for all that are not followed.
type refuser struct {
	exposed  *exposed
	consumer string
}

// refusals is a token bucket for each refuser, with the count of what it did not let through. It is in memory: a
// restart forgets a count that is not evidence yet.
type refusals struct {
	most int // refusers

	mu sync.Mutex
	by map[refuser]*refusalBucket
}

type refusalBucket struct {
	tokens  float64
	at      time.Time // of tokens
	counted int64     // refusals without evidence
	since   time.Time // of the first of them
	last    time.Time
}

// refusalCount is what is to be said of refusals without evidence of their own.
type refusalCount struct {
	refuser
	n           int64
	since, last time.Time
}

func newRefusals(most int) *refusals {
	return &refusals{most: most, by: map[refuser]*refusalBucket{}}
}

// take lets a refusal become evidence, or counts it; first tells the first that is counted.
func (r *refusals) take(now time.Time, who refuser) (recorded, first bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	b := r.bucket(now, who)
	b.refill(now)
	if b.tokens >= 1 {
		b.tokens--
		return true, false
	}
	if first = b.counted == 0; first {
		b.since = now
	}
	b.counted++
	b.last = now
	return false, first
}

// due takes one count that is old enough to become evidence.
func (r *refusals) due(now time.Time) (refusalCount, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for who, b := range r.by {
		if b.counted > 0 && now.Sub(b.since) >= refusalsSummary {
			c := refusalCount{refuser: who, n: b.counted, since: b.since, last: b.last}
			b.counted = 0
			return c, true
		}
	}
	return refusalCount{}, false
}

// restore gives back a count that could not be stored.
func (r *refusals) restore(c refusalCount) {
	r.mu.Lock()
	defer r.mu.Unlock()
	b := r.bucket(c.last, c.refuser)
	if b.counted == 0 {
		b.last = c.last
	}
	b.counted, b.since = b.counted+c.n, c.since
}

// bucket finds or makes the bucket of a refuser; mu is held.
func (r *refusals) bucket(now time.Time, who refuser) *refusalBucket {
	if b, ok := r.by[who]; ok {
		return b
	}
	if len(r.by) >= r.most {
		for other, b := range r.by {
			if b.refill(now); b.tokens == refusalsPerMinute && b.counted == 0 {
				delete(r.by, other)
			}
		}
	}
	if len(r.by) >= r.most && who.consumer != "" {
		return r.bucket(now, refuser{exposed: who.exposed})
	}
	b := &refusalBucket{tokens: refusalsPerMinute, at: now}
	r.by[who] = b
	return b
}

func (b *refusalBucket) refill(now time.Time) {
	if passed := now.Sub(b.at); passed > 0 {
		b.tokens = min(refusalsPerMinute, b.tokens+passed.Minutes()*refusalsPerMinute)
		b.at = now
	}
}
