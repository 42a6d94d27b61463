// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"slices"

	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/schema"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry/codicefiscale"
)

// validate holds richiesta against the schema of the operation (400) and every codice fiscale in it against its check
// character (422; omocodia and lower case are accepted). Nothing wrong here costs the ente a voucher or a call of its quota.
func (o *Out) validate(_ context.Context, x *acquiring) error {
	var err error
	value := x.decoded
	if value == nil {
		value, err = schema.ParseJSON(x.richiesta)
	}
	if input, ok := o.plan.inputs[x.in.Servizio+"/"+x.in.Operazione]; ok && err == nil {
		err = input.CheckValue(value, "richiesta")
	}
	// A wrong codice fiscale is told as such, even where the schema would only say "pattern".
	found := persons(value, "/richiesta")
	if bad := badPersons(found); len(bad) > 0 {
		return &problem.Error{Rule: problem.RuleCodiceFiscale, Spots: bad}
	}
	if err != nil {
		return schema.Problem(err)
	}
	for _, p := range append(found, persons(x.declared, "/dichiarato")...) {
		x.concerns(p.value)
	}
	return nil
}

// concerns adds persons that the exchange is about, each once: what evidence is looked up and erased by. A text that is
// no codice fiscale is passed over.
func (x *acquiring) concerns(codes ...string) {
	known := func(code string) bool { return slices.Contains(x.subjects, code) }
	if len(codes) > 50 { // a list of the registry, which may hold thousands
		seen := map[string]bool{}
		for _, code := range x.subjects {
			seen[code] = true
		}
		known = func(code string) bool {
			before := seen[code]
			seen[code] = true
			return before
		}
	}
	for _, code := range codes {
		normal := codicefiscale.Normal(code)
		if codicefiscale.Valid(normal) == nil && !known(normal) {
			x.subjects = append(x.subjects, normal)
		}
	}
}

func badPersons(found []person) []problem.Spot {
	var bad []problem.Spot
	for _, p := range found {
		if codicefiscale.Valid(codicefiscale.Normal(p.value)) != nil {
			bad = append(bad, problem.Spot{
				Rule: problem.RuleCodiceFiscale, Where: p.where,
				Expected: modi.Text{
					IT: "un codice fiscale con il suo carattere di controllo", EN: "a codice fiscale with its check character",
				},
				Found: modi.Text{IT: "un codice che non torna", EN: "a code that does not hold"},
			})
		}
	}
	return bad
}
