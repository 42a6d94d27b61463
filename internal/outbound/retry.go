// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package outbound

import (
	"context"
	"net/http"
	"time"

	"github.com/snodo-pa/snodo/registry"
)

// wait is the pause before the next attempt: what the peer asks for in Retry-After,
// else a doubling backoff of which the upper half is random, so that callers that
// failed together do not come back together.
func (a *attempts) wait(least, most time.Duration, retry int, _ *http.Response) time.Duration {
	if a.last != nil {
		if d := registry.ParseRetryAfter(a.last.Header, a.client.settings.Clock()); d > 0 {
			return d
		}
	}
	d := most
	if retry < 16 { // beyond, the shift is past any sensible maximum
		d = min(most, least<<retry)
	}
	return d/2 + time.Duration(a.client.settings.Jitter()*float64(d/2))
}

// fits tells whether the next attempt would start before the deadline. It judges the
// longest pause that wait can give.
func (a *attempts) fits(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	if !ok {
		return true
	}
	s := a.client.settings
	pause := min(s.BackoffMax, s.BackoffMin<<min(a.count-1, 16))
	if a.last != nil {
		if d := registry.ParseRetryAfter(a.last.Header, s.Clock()); d > 0 {
			pause = d
		}
	}
	return pause < time.Until(deadline)
}
