// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/codicefiscale"
)

// question is what every richiesta about one person holds: one of the two keys, and the
// day the situation is asked for.
type question struct {
	CodiceFiscale   string `json:"codiceFiscale"`
	IDANPR          string `json:"idANPR"`
	DataRiferimento string `json:"dataRiferimento"`
}

// normalID writes an idANPR as ANPR does, in capital letters.
func normalID(s string) string { return strings.ToUpper(s) }

// read takes a richiesta apart: the question, and the members to be compared.
func (q inquiry) read(richiesta json.RawMessage) (question, map[string]json.RawMessage, error) {
	var members map[string]json.RawMessage
	if json.Unmarshal(richiesta, &members) != nil || members == nil {
		return question{}, nil, q.noRichiesta()
	}
	declared := map[string]json.RawMessage{}
	for _, name := range q.op.Verifica {
		if value, ok := members[name]; ok && string(value) != "null" {
			declared[name] = value
			delete(members, name)
		}
	}
	rest, err := json.Marshal(members)
	if err != nil {
		return question{}, nil, fmt.Errorf("read richiesta: %w", err)
	}
	var asked question
	if err := q.decode(rest, &asked); err != nil {
		return question{}, nil, err
	}
	asked.CodiceFiscale, asked.IDANPR = codicefiscale.Normal(asked.CodiceFiscale), normalID(asked.IDANPR)
	switch {
	case len(declared) != len(q.op.Verifica):
		return question{}, nil, q.invalid(modi.Text{
			IT: "manca il dato dichiarato da confrontare",
			EN: "the declared datum to compare is missing",
		})
	case (asked.CodiceFiscale == "") == (asked.IDANPR == ""):
		return question{}, nil, q.invalid(modi.Text{
			IT: "indicare codiceFiscale oppure idANPR",
			EN: "give either codiceFiscale or idANPR",
		})
	case asked.CodiceFiscale != "":
		return asked, declared, q.checkCode(asked.CodiceFiscale)
	}
	return asked, declared, nil
}

// about asks the e-service about one person. A codice fiscale is turned into an idANPR
// first, as the DM of 3 March 2023 asks; the id it became is in the returned question.
// An idANPR that was remembered and that ANPR no longer knows is looked up again.
func (q inquiry) about(ctx context.Context, asked question, declared map[string]json.RawMessage) (question, answer, []modi.Text, error) {
	day, err := q.day(asked.DataRiferimento)
	if err != nil {
		return question{}, answer{}, nil, err
	}
	if asked.CodiceFiscale == "" {
		a, err := q.ask(ctx, criteria{IDANPR: asked.IDANPR}, declared, day)
		return asked, a, nil, err
	}
	if len(q.op.Needs) == 0 {
		a, err := q.ask(ctx, criteria{CodiceFiscale: asked.CodiceFiscale}, declared, day)
		return asked, a, nil, err
	}
	if id, known := q.adapter.memory.get(q.scope, asked.CodiceFiscale); known {
		asked.IDANPR = id
		a, err := q.ask(ctx, criteria{IDANPR: id}, declared, day)
		if !errors.Is(err, registry.ErrNotFound) {
			return asked, a, nil, err
		}
		q.adapter.memory.forget(q.scope, asked.CodiceFiscale)
	}
	who, warnings, err := q.resolve(ctx, asked.CodiceFiscale)
	if err != nil {
		return question{}, answer{}, nil, err
	}
	asked.IDANPR = who.IDANPR
	a, err := q.ask(ctx, who, declared, day)
	return asked, a, warnings, err
}

// doubt forgets the idANPR of a person about whom the answer was none: if it has become
// somebody else's, the next question looks it up again.
func (q inquiry) doubt(asked question, err error) error {
	if asked.CodiceFiscale != "" {
		q.adapter.memory.forget(q.scope, asked.CodiceFiscale)
	}
	return err
}

// resolve asks the C030 service that the operation needs. Where the procedimento has no
// purpose for it, which the binding has to allow (senza_c030: avvisa), the codice
// fiscale itself is the key, and the operator is told.
func (q inquiry) resolve(ctx context.Context, codiceFiscale string) (criteria, []modi.Text, error) {
	recipe, op, err := q.adapter.identifier(q.op)
	if err != nil {
		return criteria{}, nil, fmt.Errorf("find the idANPR: %w", err)
	}
	if q.scope.Purposes[recipe.Name] == "" {
		return criteria{CodiceFiscale: codiceFiscale}, []modi.Text{{
			IT: "l'ente non ha il servizio C030: ANPR è stata interrogata per codice fiscale invece che per idANPR (DM 3 marzo 2023)",
			EN: "the ente lacks service C030: ANPR was asked by codice fiscale instead of idANPR (DM 3 March 2023)",
		}}, nil
	}
	first := inquiry{adapter: q.adapter, recipe: recipe, op: op, scope: q.scope}
	id, _, a, err := first.idANPR(ctx, criteria{CodiceFiscale: codiceFiscale})
	if err != nil {
		return criteria{}, nil, err
	}
	q.adapter.memory.put(q.scope, codiceFiscale, id, op.Remember)
	return criteria{IDANPR: id}, first.warnings(a), nil
}
