// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"errors"
	"time"

	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/quota"
)

// retryConcurrency is how long a caller waits for a place among the calls under way.
const retryConcurrency = 2 * time.Second

// patience is how long a call waits for a place before it is refused: where many want one, those that are read at once get
// theirs in turn with uploads, which wait longer.
const patience = time.Second

// enter takes a place among the calls under way of the e-service, where it bounds them, or among the uploads that arrive. It
// comes before the body is read.
func (i *In) enter(ctx context.Context, x *serving) error {
	e, ok := x.exposed, false
	switch {
	case e.places == nil:
		return nil
	case x.uploads():
		x.seat, ok = e.arrivals.try(x.sender())
	default:
		if x.seat, ok = e.places.try(x.sender()); !ok {
			x.seat, ok = e.waitBriefly(ctx, x.sender())
		}
	}
	if !ok {
		return problem.New(problem.RuleConcurrency).After(retryConcurrency)
	}
	return nil
}

// waitBriefly waits for a place in a queue that is bounded too.
func (e *exposed) waitBriefly(ctx context.Context, consumer string) (leave func(), ok bool) {
	out, ok := e.queue.try(consumer)
	if !ok {
		return nil, false
	}
	defer out()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return e.places.wait(ctx, consumer)
}

// leave gives the place back, once.
func (x *serving) leave() {
	if x.seat != nil {
		x.seat()
		x.seat = nil
	}
}

// nobody has never called, with no purpose: an empty name would stand for all.
const nobody = "-"

// quotaKey names what the call is counted under: nobody, while it is not known who calls.
func (x *serving) quotaKey() quota.Key {
	k := quota.Key{
		Environment: x.exposed.binding.Environment, Direction: quota.In, Eservice: x.exposed.binding.EserviceID,
		Consumer: nobody, Purpose: nobody,
	}
	if x.voucher != nil {
		k.Consumer, k.Purpose = x.voucher.ConsumerID, x.voucher.PurposeID
	}
	return k
}

// tellRemaining puts the rate limit on an answer that was not counted: what is left to the caller, or, to one that nobody
// knows, what the e-service gives to each. Where it was refused for want of something else than calls of the day it is that
// limit, of which nothing remains.
func (i *In) tellRemaining(x *serving) {
	var refused *problem.Error
	if errors.As(x.err, &refused) && refused.Limit > 0 {
		setRateLimit(x.header, quota.Verdict{Limit: refused.Limit, Reset: refused.RetryAfter})
		return
	}
	if x.exposed == nil || len(x.header[headerRateLimit]) > 0 {
		return
	}
	if v := i.Ledger.Check(x.quotaKey(), x.exposed.limits, false); v.Limit > 0 {
		setRateLimit(x.header, v)
	}
}
