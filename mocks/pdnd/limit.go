// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// limiter counts requests per tenant in fixed windows.
type limiter struct {
	limit    int
	interval time.Duration

	mu      sync.Mutex
	windows map[string]window
}

type window struct {
	start time.Time
	count int
}

// take counts one request, writes the X-Rate-Limit headers and reports false when the
// tenant is over its limit.
func (l *limiter) take(h http.Header, tenant string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.windows == nil {
		l.windows = make(map[string]window)
	}
	w := l.windows[tenant]
	if now.Sub(w.start) >= l.interval || now.Before(w.start) {
		w = window{start: now}
	}
	w.count++
	l.windows[tenant] = w
	h.Set("X-Rate-Limit-Limit", strconv.Itoa(l.limit))
	h.Set("X-Rate-Limit-Remaining", strconv.Itoa(max(0, l.limit-w.count)))
	h.Set("X-Rate-Limit-Interval", strconv.FormatInt(l.interval.Milliseconds(), 10))
	return w.count <= l.limit
}

// tooMany answers 429 as the platform does, without Retry-After.
func (s *Server) tooMany(w http.ResponseWriter, code string) {
	s.problem(w, problem{
		Title:  "Too Many Requests",
		Status: http.StatusTooManyRequests,
		Detail: "Requests limit exceeded for organization",
		Errors: []problemError{{code, "Requests limit exceeded for organization"}},
	})
}
