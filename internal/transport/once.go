// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package transport

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/snodo-pa/snodo/internal/replay"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/registry"
)

// firstReplies is the instant from which signed replies must be: an unclean stop may have lost that an earlier one came,
// and one that came just before it may say a later time, by as much as a clock may run ahead. Zero when nothing was lost.
func (t *Transport) firstReplies() time.Time {
	if t.replay == nil {
		return time.Time{}
	}
	floor := t.replay.NotBefore()
	if floor.IsZero() {
		return floor
	}
	return floor.Add(modi.PartyTimes().FutureIssued)
}

// awaited refuses a call whose signed reply could not be taken: the clock of who makes it may be behind, so for as long
// again as clocks may differ a reply made now may bear a time before firstReplies. Nothing is sent that would be done
// and counted over there, and its reply refused here.
func (x *exchange) awaited() error {
	from := x.transport.firstReplies()
	if !x.binding.signed || from.IsZero() {
		return nil
	}
	wait := from.Add(modi.PartyTimes().FutureIssued).Sub(x.transport.clock())
	if wait <= 0 {
		return nil
	}
	return &registry.Fault{Kind: registry.ErrState, Text: textJustStarted(), RetryAfter: wait}
}

// once uses the proof of a reply up, as one of a request is (design D5): a reply that came before is another's.
func (x *exchange) once(ctx context.Context, proof rest.Proof) error {
	if x.transport.replay == nil {
		return nil
	}
	if proof.IssuedAt.Before(x.transport.firstReplies()) {
		return errors.New("the reply was signed before the last start of the hub, after a stop that may have lost what came")
	}
	err := x.transport.replay.Use(ctx, proof.AcceptedUntil(modi.PartyTimes()), replay.Key{
		Environment: x.binding.environment, Ente: x.scope.Ente, Eservice: cmp.Or(x.binding.eserviceID, x.binding.service),
		Owner: proof.ReplayOwner(), Kind: "reply", JTI: proof.ReplayID(),
	})
	switch {
	case errors.Is(err, replay.ErrReplayed):
		return proof.Replayed(modi.IntegrityReplayed)
	case err != nil:
		return fmt.Errorf("whether the reply came before is not known: %w", err)
	}
	return nil
}
