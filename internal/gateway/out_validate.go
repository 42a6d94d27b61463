// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"

	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/schema"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry/codicefiscale"
)

// validate holds richiesta against the schema of the operation (400) and every codice fiscale in it against its check
// character (422, omocodia accepted). Nothing wrong here costs the ente a voucher or a call of its quota.
func (o *Out) validate(_ context.Context, x *acquiring) error {
	input, ok := o.plan.inputs[x.in.Servizio+"/"+x.in.Operazione]
	var value any
	var err error
	if ok {
		value, err = input.Check(x.in.Richiesta, "richiesta")
	} else {
		value, err = schema.ParseJSON(x.in.Richiesta)
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
		x.subjects = append(x.subjects, codicefiscale.Normal(p.value))
	}
	return nil
}

func badPersons(found []person) []modi.Violation {
	var bad []modi.Violation
	for _, p := range found {
		if codicefiscale.Valid(p.value) != nil {
			bad = append(bad, modi.Violation{Rule: problem.RuleCodiceFiscale, Found: p.where})
		}
	}
	return bad
}
