// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"log/slog"
	"time"

	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi/uuid"
)

// recordsRefusal tells whether the refusal of a verified caller becomes evidence of its own. The caller gets its true
// refusal in any case, and the metrics count it.
func (i *In) recordsRefusal(ctx context.Context, x *serving) bool {
	recorded, first := i.refused.take(x.began, refuser{x.exposed, x.voucher.ConsumerID})
	if first {
		i.Logger.LogAttrs(ctx, slog.LevelWarn, "troppi rifiuti allo stesso fruitore: da qui solo contati",
			slog.String("ente", x.exposed.ente.CodiceIPA), slog.String("servizio", x.exposed.recipe.Name),
			slog.String("fruitore", x.voucher.ConsumerID))
	}
	return recorded
}

// refusalSummary is the message of the record that stands for refusals without records of their own.
type refusalSummary struct {
	Rifiuti  int64     `json:"rifiuti"`
	Fruitore string    `json:"fruitore,omitempty"` // consumerId, absent for consumers counted together
	Dal      time.Time `json:"dal"`
	Al       time.Time `json:"al"`
}

// summarise stores one count of refusals that is due. It runs at the end of exchanges: with no traffic nothing is
// counted either. One that cannot be stored stays due.
func (i *In) summarise(ctx context.Context) {
	c, due := i.refused.due(i.Clock())
	if !due {
		return
	}
	if err := i.storeSummary(ctx, c); err != nil {
		i.refused.restore(c)
		i.Logger.LogAttrs(ctx, slog.LevelError, "conteggio dei rifiuti non registrato tra le prove",
			slog.String("ente", c.exposed.ente.CodiceIPA), slog.String("servizio", c.exposed.recipe.Name),
			slog.String("errore", problem.ForLog(err)))
	}
}

func (i *In) storeSummary(ctx context.Context, c refusalCount) error {
	id, err := uuid.NewAt(i.Clock(), i.Rand)
	if err != nil {
		return err
	}
	body, err := encodeJSON(refusalSummary{
		Rifiuti: c.n, Fruitore: c.consumer, Dal: c.since.UTC(), Al: c.last.UTC(),
	})
	if err != nil {
		return err
	}
	e := c.exposed
	_, err = i.append(ctx, evidence.Record{
		Entry: evidence.Entry{
			Ente: e.ente.CodiceIPA, Environment: e.binding.Environment, Kind: evidence.KindErogazioneRifiuto, Exchange: id,
			Service: e.recipe.Name, Eservice: e.binding.EserviceID, Status: problem.Status(problem.New(problem.RuleRefusalsCounted)),
			Rules: []string{string(problem.RuleRefusalsCounted)},
		},
		// No message of anybody's: the hub's own count, whatever the exposure keeps.
		Side: evidence.Side{Messages: []evidence.Message{{
			Direction: evidence.DirectionResponse, MediaType: mediaJSON, Body: body,
		}}},
	})
	return err
}
