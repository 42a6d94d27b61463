// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// strangerLines is how many access lines a second one listener writes of requests that nobody answers for: no consumer
// whose voucher has verified, no application whose key is known. Metrics count all of them.
const strangerLines = 20

// flood keeps strangers from filling the access log: what is above the rate is counted.
type flood struct {
	mu      sync.Mutex
	second  int64
	written int   // in that second
	left    int64 // out, since the last count was written
}

// pass tells whether the line of a stranger is written, and how many were left out in earlier seconds.
func (f *flood) pass(now time.Time, stranger bool) (write bool, earlier int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if second := now.Unix(); second != f.second {
		f.second, f.written = second, 0
		earlier, f.left = f.left, 0
	}
	if !stranger {
		return true, earlier
	}
	if f.written >= strangerLines {
		f.left++
		return false, earlier
	}
	f.written++
	return true, earlier
}

// writes decides about one access line and writes the count of those that are missing before it.
func (a *API) writes(ctx context.Context, listener string, f *flood, r *request) bool {
	// The management listener is reached by who runs the hub alone.
	write, earlier := f.pass(a.Clock(), r.consumer == "" && listener != ListenerGestione)
	if earlier > 0 {
		a.Logger.LogAttrs(ctx, slog.LevelInfo, "richieste di sconosciuti non elencate",
			slog.String("ascolto", listener), slog.Int64("richieste", earlier))
	}
	return write
}
