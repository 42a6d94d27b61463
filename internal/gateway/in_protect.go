// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"time"

	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/quota"
)

// retryConcurrency is how long a caller waits for a place among the calls under way.
const retryConcurrency = 2 * time.Second

// enter takes a place among the calls under way of the e-service, where it bounds them, or among the bodies that arrive. It
// comes before the body is read.
func (i *In) enter(_ context.Context, x *serving) error {
	places := x.exposed.places
	if places == nil {
		return nil
	}
	if x.uploads() {
		places = x.exposed.arrivals
	}
	select {
	case places <- struct{}{}:
		x.seat = places
		return nil
	default:
		return problem.New(problem.RuleConcurrency).After(retryConcurrency)
	}
}

// leave gives the place back, once.
func (x *serving) leave() {
	if x.seat != nil {
		<-x.seat
		x.seat = nil
	}
}

// quotaKey names what the call is counted under.
func (x *serving) quotaKey() quota.Key {
	return quota.Key{
		Environment: x.exposed.binding.Environment, Direction: quota.In, Eservice: x.exposed.binding.EserviceID,
		Consumer: x.voucher.ConsumerID, Purpose: x.voucher.PurposeID,
	}
}

// tellRemaining puts the rate limit on an answer to a known caller that was refused before it was counted.
func (i *In) tellRemaining(x *serving) {
	if x.voucher == nil || len(x.header[headerRateLimit]) > 0 {
		return
	}
	if v := i.Ledger.Check(x.quotaKey(), x.exposed.limits, false); v.Limit > 0 {
		setRateLimit(x.header, v)
	}
}
