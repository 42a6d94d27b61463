// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/snodo-pa/snodo/internal/problem"
)

// allow takes the call from the quotas of the day: the consumer's and the e-service's. Producer, e-service, descriptor
// and purpose are the voucher's, which PDND has checked and admit has held against this e-service.
func (i *In) allow(_ context.Context, x *serving) error {
	e := x.exposed
	if e.perConsumer == 0 && e.total == 0 {
		return nil
	}
	name := e.binding.Environment + "/" + e.ente.CodiceIPA + "/" + e.binding.EserviceID
	u := i.quota.take(x.began, name, x.voucher.ConsumerID, e.perConsumer, e.total)
	setRateLimit(x.header, u)
	switch {
	case u.consumerSpent:
		return problem.New(problem.RuleQuotaConsumer).After(u.reset)
	case u.totalSpent:
		return problem.New(problem.RuleQuotaTotal).After(u.reset)
	}
	return nil
}

// setRateLimit writes the headers of the interoperability guideline (RAC), seconds for the reset.
func setRateLimit(h http.Header, u usage) {
	h.Set("X-RateLimit-Limit", strconv.FormatInt(u.limit, 10))
	h.Set("X-RateLimit-Remaining", strconv.FormatInt(u.remaining, 10))
	h.Set("X-RateLimit-Reset", strconv.FormatInt(int64((u.reset+time.Second-1)/time.Second), 10))
}
