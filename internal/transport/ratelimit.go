// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package transport

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// longWait is how long a registry asks to wait when it means the rest of the day: a limit
// by the second or the minute asks for less.
const longWait = 10 * time.Minute

// told is what a registry says of its own count (X-RateLimit-Limit and -Remaining, RAC).
type told struct {
	limit, remaining int64
	ok               bool
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
	return t
}

// spent tells whether a 429 says that the quota of the day is used up, and not that calls
// come too fast: registries count every further call too.
func (t told) spent(retryAfter time.Duration) bool {
	return retryAfter >= longWait || t.ok && t.remaining == 0 && retryAfter == 0
}
