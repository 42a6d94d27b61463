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

// enter takes a place among the calls under way of the e-service, where it bounds them. It comes before the body is read.
func (i *In) enter(_ context.Context, x *serving) error {
	most := int64(x.exposed.recipe.Limits.Concurrency)
	if most == 0 {
		return nil
	}
	if x.exposed.underWay.Add(1) > most {
		x.exposed.underWay.Add(-1)
		return problem.New(problem.RuleConcurrency).After(retryConcurrency)
	}
	x.entered = true
	return nil
}

// leave gives the place back, once.
func (x *serving) leave() {
	if x.entered {
		x.entered = false
		x.exposed.underWay.Add(-1)
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
