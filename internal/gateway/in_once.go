// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"errors"
	"time"

	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/replay"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/rest"
)

// Kinds of token in replay keys.
const (
	replayIntegrity = "integrity"
	replayAudit     = "audit"
)

// once uses up what was signed for this request alone, all keys in one step (design D5). Vouchers and tracking evidence
// may be sent again, unless the exposure asks otherwise: peers reuse them.
func (i *In) once(ctx context.Context, x *serving) error {
	var keys []replay.Key
	var until, oldest time.Time
	use := func(kind string, p rest.Proof) {
		keys = append(keys, replay.Key{
			Environment: x.exposed.binding.Environment, Ente: x.exposed.ente.CodiceIPA,
			Eservice: x.exposed.binding.EserviceID, Owner: p.Owner, Kind: kind, JTI: p.JTI,
		})
		if end := acceptedUntil(p); end.After(until) {
			until = end
		}
		if oldest.IsZero() || p.IssuedAt.Before(oldest) {
			oldest = p.IssuedAt
		}
	}
	if x.integrity.JTI != "" {
		use(replayIntegrity, x.integrity)
	}
	if x.exposed.recipe.ReplayAudit && x.audit.JTI != "" {
		use(replayAudit, x.audit)
	}
	if len(keys) == 0 {
		return nil
	}
	// A token used just before an unclean stop may say that it was issued after it, by as much as a clock may run ahead.
	if floor := i.Replay.NotBefore(); !floor.IsZero() && oldest.Before(floor.Add(modi.PartyTimes().FutureIssued)) {
		i.Observer.replay("undecided")
		return problem.Newf(problem.RuleReplayUndecided,
			"Il token è stato emesso prima dell'ultimo avvio del nodo.", "The token was issued before the hub's last start.")
	}
	err := i.Replay.Use(ctx, until, keys...)
	switch {
	case err == nil:
		i.Observer.replay("fresh")
		return nil
	case errors.Is(err, replay.ErrReplayed):
		i.Observer.replay("replayed")
		return replayed(x)
	default:
		i.Observer.replay("undecided")
		return problem.New(problem.RuleReplayUndecided).Because(err)
	}
}

// acceptedUntil is when a token stops being accepted, whatever happens to it: the earlier of its expiry and of the age
// its iat may have, with the tolerance of a clock that runs ahead.
func acceptedUntil(p rest.Proof) time.Time {
	times := modi.PartyTimes()
	aged := p.IssuedAt.Add(times.MaxAge)
	if p.ExpiresAt.Before(aged) {
		aged = p.ExpiresAt
	}
	return aged.Add(times.FutureIssued)
}

func replayed(x *serving) error {
	if x.integrity.JTI == "" {
		return problem.New(problem.RuleAuditReplayed)
	}
	return modi.Refuse(modi.Violation{
		Rule: modi.IntegrityReplayed, Pattern: modi.PatternIntegrityREST02, Expected: "a jti not used before", Found: "one used before",
	})
}
