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
	value := x.in.Decoded
	if value == nil {
		value, err = schema.ParseJSON(x.in.Richiesta)
	}
	if input, ok := o.plan.inputs[x.in.Servizio+"/"+x.in.Operazione]; ok && err == nil {
		err = input.CheckValue(value, "richiesta")
	}
	// A wrong codice fiscale is told as such, even where the schema would only say "pattern".
	found := persons(value, "/richiesta")
	if bad := badPersons(found); len(bad) > 0 {
		return &problem.Error{Rule: problem.RuleCodiceFiscale, Violations: bad}
	}
	if err != nil {
		return schema.Problem(err)
	}
	for _, p := range found {
		x.concerns(p.value)
	}
	return nil
}

// concerns adds persons that the exchange is about, each once: what evidence is looked up and erased by. A text that is
// no codice fiscale is passed over.
func (x *acquiring) concerns(codes ...string) {
	for _, code := range codes {
		normal := codicefiscale.Normal(code)
		if codicefiscale.Valid(normal) == nil && !slices.Contains(x.subjects, normal) {
			x.subjects = append(x.subjects, normal)
		}
	}
}

func badPersons(found []person) []modi.Violation {
	var bad []modi.Violation
	for _, p := range found {
		if codicefiscale.Valid(codicefiscale.Normal(p.value)) != nil {
			bad = append(bad, modi.Violation{Rule: problem.RuleCodiceFiscale, Found: p.where})
		}
	}
	return bad
}
