// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package transport

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/registry"
)

// longWait is how long a registry asks to wait when it means the rest of the day: a limit
// by the second or the minute asks for less.
const longWait = 10 * time.Minute

// told is what a registry says of its own count (X-RateLimit-Limit, -Remaining and -Reset, RAC).
type told struct {
	limit, remaining int64
	ok               bool          // both were said
	reset            time.Duration // until it counts anew; 0 when it was not said
}

func readTold(h http.Header) told {
	number := func(name string) int64 {
		// "100, 100;window=86400" is a form of the same header: the first number is the limit.
		first, _, _ := strings.Cut(h.Get(name), ",")
		n, err := strconv.ParseInt(strings.TrimSpace(first), 10, 64)
		if err != nil {
			return -1
		}
		return n
	}
	t := told{limit: number("X-RateLimit-Limit"), remaining: number("X-RateLimit-Remaining")}
	t.ok = t.limit > 0 && t.remaining >= 0
	// Seconds. More than a day of them is an instant, which others write there: it says nothing that can be relied on.
	if seconds := number("X-RateLimit-Reset"); seconds > 0 && seconds <= int64(registry.MaxRetryAfter/time.Second) {
		t.reset = time.Duration(seconds) * time.Second
	}
	return t
}

// wait is how long a 429 asks to wait: what Retry-After says, else until the registry counts anew; 0 when it says neither.
func (t told) wait(retryAfter time.Duration) time.Duration {
	if retryAfter > 0 {
		return retryAfter
	}
	return t.reset
}

// spent tells whether a 429 says that the quota of the day is used up, and not that calls
// come too fast: registries count every further call too. wait is what it asks for.
func (t told) spent(wait time.Duration) bool {
	return wait >= longWait || t.ok && t.remaining == 0 && wait == 0
}
