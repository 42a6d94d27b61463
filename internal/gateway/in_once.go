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
	replayIdentity  = "identity"
	replayProof     = "dpop"
	replayVoucher   = "voucher"
)

// single is a token that is good once and what its second use is refused as.
type single struct {
	kind  string
	proof *rest.Proof
	until time.Time // it stops being accepted, whatever happens to it
	again func(x *serving) error
}

// once uses up what was made for this request alone (design D5): the proof of possession, the integrity token, the
// identity of ID_AUTH_REST_02. Vouchers and tracking evidence may be sent again, unless the exposure asks otherwise:
// peers reuse them. Each is used by itself, so that the one that was used before is told; what costs the caller most to
// renew comes last. Those of an upload are used up before it is read (foresee).
func (i *In) once(ctx context.Context, x *serving) error {
	if x.upload != nil {
		return nil
	}
	if err := i.useMade(ctx, x, replayProof, x.possession, replayedProof); err != nil {
		return err
	}
	if err := i.useMade(ctx, x, replayIntegrity, &x.integrity, replayedIntegrity); err != nil {
		return err
	}
	if x.terms.Identity == modi.PatternIDAuthREST02 {
		if err := i.useMade(ctx, x, replayIdentity, x.identity, replayedIdentity); err != nil {
			return err
		}
	}
	if x.exposed.recipe.ReplayAudit {
		if err := i.useMade(ctx, x, replayAudit, &x.audit, replayedAudit); err != nil {
			return err
		}
	}
	if x.exposed.recipe.ReplayVoucher && x.terms.byVoucher() {
		return i.use(ctx, x, x.wholeVoucher())
	}
	return nil
}

// useMade uses up a token that a party made; one that is not there is not used.
func (i *In) useMade(ctx context.Context, x *serving, kind string, p *rest.Proof, again func(x *serving) error) error {
	if p == nil || p.ReplayID() == "" {
		return nil
	}
	return i.use(ctx, x, single{kind, p, p.AcceptedUntil(modi.PartyTimes()), again})
}

// wholeVoucher is the voucher as a token that is good once, for as long as PDND lets it live.
func (x *serving) wholeVoucher() single {
	v := x.voucher
	proof := &rest.Proof{Owner: v.ClientID, JTI: v.JTI, IssuedAt: v.IssuedAt, ExpiresAt: v.ExpiresAt}
	return single{replayVoucher, proof, v.ExpiresAt.Add(modi.VoucherTimes().FutureIssued), replayedVoucher}
}

func (i *In) use(ctx context.Context, x *serving, s single) error {
	// A token used just before an unclean stop may say that it was issued after it, by as much as a clock may run ahead.
	if floor := i.Replay.NotBefore(); !floor.IsZero() && s.proof.IssuedAt.Before(floor.Add(modi.PartyTimes().FutureIssued)) {
		i.Observer.replay("undecided")
		return problem.Newf(problem.RuleReplayUndecided,
			"Il token è stato emesso prima dell'ultimo avvio del nodo.", "The token was issued before the hub's last start.")
	}
	err := i.Replay.Use(ctx, s.until, replay.Key{
		Environment: x.exposed.binding.Environment, Ente: x.exposed.ente.CodiceIPA,
		Eservice: x.exposed.binding.EserviceID, Owner: s.proof.ReplayOwner(), Kind: s.kind, JTI: s.proof.ReplayID(),
	})
	switch {
	case err == nil:
		i.Observer.replay("fresh")
		return nil
	case errors.Is(err, replay.ErrReplayed):
		i.Observer.replay("replayed")
		return s.again(x)
	default:
		i.Observer.replay("undecided")
		return problem.New(problem.RuleReplayUndecided).Because(err)
	}
}

func replayedAudit(*serving) error       { return problem.New(problem.RuleAuditReplayed) }
func replayedVoucher(*serving) error     { return problem.New(problem.RuleVoucherReplayed) }
func replayedProof(x *serving) error     { return x.possession.Replayed(modi.DPoPReplayed) }
func replayedIdentity(x *serving) error  { return x.identity.Replayed(modi.IDAuthReplayed) }
func replayedIntegrity(x *serving) error { return x.integrity.Replayed(modi.IntegrityReplayed) }
