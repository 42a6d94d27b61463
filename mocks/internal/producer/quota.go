// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package producer

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Quota counts calls per key and day of Rome. It is safe for concurrent use.
type Quota struct {
	limit int

	mu     sync.Mutex
	day    string
	counts map[string]int
}

// NewQuota allows so many calls a day for each key.
func NewQuota(limit int) *Quota { return &Quota{limit: limit} }

// Take counts one call, writes the quota headers and reports false over the limit. The
// day ends at midnight in Rome; local is its time.
func (q *Quota) Take(h http.Header, key string, local time.Time) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if day := local.Format(time.DateOnly); day != q.day || q.counts == nil {
		q.day, q.counts = day, make(map[string]int)
	}
	within := q.counts[key] < q.limit
	if within {
		q.counts[key]++
	}
	h.Set("X-RateLimit-Limit", strconv.Itoa(q.limit))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(q.limit-q.counts[key]))
	if !within {
		midnight := time.Date(local.Year(), local.Month(), local.Day()+1, 0, 0, 0, 0, local.Location())
		left := strconv.Itoa(int(midnight.Sub(local)/time.Second) + 1)
		h.Set("X-RateLimit-Reset", left)
		h.Set("Retry-After", left)
	}
	return within
}
