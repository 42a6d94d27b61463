// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tracing

import (
	"context"
	"time"

	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/modi/uuid"
)

// Evidence reads the log of an ente; *evidence.Log is the one.
type Evidence interface {
	List(ctx context.Context, q evidence.Query) ([]evidence.Stored, error)
}

// late is how long after its first call an acquisition may have been stored: longer than
// any exchange.
const late = time.Hour

// count reads the requests of an ente from its evidence, in both roles:
//   - acquired: every answered attempt on the wire, by the instant it began. An attempt
//     without answer has no HTTP status and is not counted.
//   - exposed: every call with a verified voucher, answered or refused.
//
// lost are entries whose calls cannot be read any more (their side record was erased) or have
// identifiers that PDND does not take.
func count(ctx context.Context, log Evidence, ente, environment string, from, to time.Time) (c Counts, lost int64, err error) {
	c = Counts{}
	add := func(purpose, token string, status int) {
		if !uuid.Valid(purpose) || !uuid.Valid(token) {
			lost++
			return
		}
		c[Key{purpose, token, counted(status)}]++
	}
	q := evidence.Query{Ente: ente, Environment: environment, From: from, To: to.Add(late), Kind: evidence.KindAcquisizioneEsito}
	err = each(ctx, log, q, func(s *evidence.Stored) {
		if s.Side == nil {
			if len(s.Vouchers) > 0 && s.Instant.Before(to) {
				lost++
			}
			return
		}
		for _, call := range s.Side.Calls {
			if call.Status != 0 && !call.Started.Before(from) && call.Started.Before(to) {
				add(call.Purpose, call.VoucherJTI, call.Status)
			}
		}
	})
	if err != nil {
		return nil, 0, err
	}
	for _, kind := range []evidence.Kind{evidence.KindErogazioneEsito, evidence.KindErogazioneRifiuto} {
		q.Kind, q.To = kind, to
		err = each(ctx, log, q, func(s *evidence.Stored) {
			if len(s.Vouchers) > 0 { // the count of refusals beyond those kept one by one names no voucher
				add(s.Purpose, s.Vouchers[0], s.Status)
			}
		})
		if err != nil {
			return nil, 0, err
		}
	}
	return c, lost, nil
}

// each reads page after page.
func each(ctx context.Context, log Evidence, q evidence.Query, do func(*evidence.Stored)) error {
	for {
		page, err := log.List(ctx, q)
		if err != nil {
			return err
		}
		for i := range page {
			do(&page[i])
		}
		if len(page) < evidence.MaxPage {
			return nil
		}
		q.After = &page[len(page)-1].Index
	}
}
