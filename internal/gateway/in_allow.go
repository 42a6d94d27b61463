// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/quota"
)

// allow takes the call from the quotas of the day: the purpose's, as it was declared on PDND, the consumer's and the
// e-service's. Producer, e-service, descriptor
// and purpose are the voucher's, which PDND has checked and admit has held against this e-service. A count that cannot
// be kept refuses as a "don't know".
func (i *In) allow(_ context.Context, x *serving) error {
	return x.counted(i.Ledger.Take(x.quotaKey(), x.exposed.limits, false))
}

// afford refuses who has no calls left, and takes none: what is refused later for another reason is not counted, and what was
// counted too late for allow is refused by it.
func (i *In) afford(_ context.Context, x *serving) error {
	v := i.Ledger.Check(x.quotaKey(), x.exposed.limits, false)
	if v.Refused == "" {
		return nil
	}
	return x.counted(v)
}

// counted tells a verdict, with the headers that go with it.
func (x *serving) counted(v quota.Verdict) error {
	if v.Limit > 0 && v.Refused != quota.Unknown {
		setRateLimit(x.header, v)
	}
	switch v.Refused {
	case "":
		return nil
	case quota.Consumer:
		return problem.New(problem.RuleQuotaConsumer).After(v.Reset)
	case quota.Purpose:
		return problem.New(problem.RuleQuotaPurpose).After(v.Reset)
	case quota.Unknown:
		return problem.Newf(problem.RuleStore, "Il conteggio delle quote non si può tenere ora.", "The quotas cannot be counted now.")
	default:
		return problem.New(problem.RuleQuotaTotal).After(v.Reset)
	}
}

// headerRateLimit is in canonical form, as headers are looked up by it.
const headerRateLimit = "X-Ratelimit-Limit"

// setRateLimit writes the headers of the interoperability guideline (RAC), seconds for the reset.
func setRateLimit(h http.Header, v quota.Verdict) {
	h.Set(headerRateLimit, strconv.FormatInt(v.Limit, 10))
	h.Set("X-Ratelimit-Remaining", strconv.FormatInt(v.Remaining, 10))
	h.Set("X-Ratelimit-Reset", strconv.FormatInt(int64((v.Reset+time.Second-1)/time.Second), 10))
}
