// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tesoreria

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/problem"
)

// service is what the treasury is called in the evidence.
const service = "tesoreria"

// event is one entry of the evidence. Its exchange tells it from all others: one that is there already is not kept again.
type event struct {
	exchange, operation, target, object, code string
	operator, application                     string
	values                                    map[string]string
	rules                                     []string
}

// note keeps an event, unless a process that ended before it could act on it has kept it. Nothing takes effect before.
func (d *Desk) note(ctx context.Context, c *channel, e event) error {
	known, err := d.Evidence.List(ctx, evidence.Query{Ente: c.Ente, Environment: c.Environment, Exchange: e.exchange, Limit: 1})
	if err == nil && len(known) == 0 {
		_, err = d.Evidence.Append(ctx, d.record(c, e, evidence.KindTesoreriaEvento))
	}
	if err != nil {
		return problem.New(problem.RuleIntentNotStored).Because(err)
	}
	return nil
}

func (d *Desk) record(c *channel, e event, kind evidence.Kind) evidence.Record {
	operator := evidence.Operator{Type: "persona", UserID: e.operator, Assurance: "dichiarati"}
	if e.operator == "" {
		operator = evidence.Operator{Type: "automatismo", UserID: "snodo"}
	} else if o, listed := c.ente.Operatori[e.operator]; listed {
		operator = evidence.Operator{Type: o.Tipo, UserID: e.operator, Assurance: "elenco", Responsible: o.Responsabile, Atto: o.Atto}
	}
	return evidence.Record{
		Entry: evidence.Entry{Ente: c.Ente, Environment: c.Environment, Kind: kind, Exchange: e.exchange, Service: service, Operation: e.operation, Rules: e.rules},
		Side: evidence.Side{
			Application: e.application, Operator: operator,
			Act: &evidence.Act{Target: e.target, Object: e.object, Values: e.values, Code: e.code},
		},
	}
}

// newExchange is an id that nothing else has.
func (d *Desk) newExchange() (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(d.Rand, b[:]); err != nil {
		return "", fmt.Errorf("tesoreria: %w", err)
	}
	return "tesoreria/" + hex.EncodeToString(b[:]), nil
}
