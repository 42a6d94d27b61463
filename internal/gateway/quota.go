// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"sync"
	"time"
)

// quotas counts the calls of the day in memory: a restart forgets the count of the day, and every process has its own.
// PDND declares quotas, it does not enforce them; the count that proves anything is the evidence.
type quotas struct {
	location *time.Location

	mu    sync.Mutex
	day   string
	count map[quotaKey]int64
}

type quotaKey struct{ service, consumer string } // consumer "" = the whole service

// usage is where a caller stands after take.
type usage struct {
	limit, remaining          int64 // of the tighter of the two quotas
	reset                     time.Duration
	consumerSpent, totalSpent bool
}

func newQuotas(location *time.Location) *quotas {
	return &quotas{location: location, count: map[quotaKey]int64{}}
}

// take counts one call unless a quota is spent. A limit of 0 is none; at least one must be set.
func (q *quotas) take(now time.Time, service, consumer string, perConsumer, total int64) usage {
	local := now.In(q.location)
	midnight := time.Date(local.Year(), local.Month(), local.Day()+1, 0, 0, 0, 0, q.location)
	u := usage{reset: midnight.Sub(now)}

	q.mu.Lock()
	defer q.mu.Unlock()
	if day := local.Format(time.DateOnly); day != q.day {
		q.day, q.count = day, map[quotaKey]int64{}
	}
	own, all := quotaKey{service, consumer}, quotaKey{service, ""}
	u.consumerSpent = perConsumer > 0 && q.count[own] >= perConsumer
	u.totalSpent = total > 0 && q.count[all] >= total
	if !u.consumerSpent && !u.totalSpent {
		q.count[own]++
		q.count[all]++
	}
	u.limit, u.remaining = perConsumer, perConsumer-q.count[own]
	if left := total - q.count[all]; perConsumer == 0 || (total > 0 && left < u.remaining) {
		u.limit, u.remaining = total, left
	}
	return u
}
