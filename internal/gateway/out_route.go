// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"

	"github.com/snodo-pa/snodo/internal/problem"
)

// route finds what the call names. The path names service and operation (404), the body ente and procedimento (422). An
// application sees only its own ente: another one is refused before anything of it is looked up.
func (o *Out) route(_ context.Context, x *acquiring) error {
	c := x.in.Contesto
	x.ente = o.Config.Enti[x.in.Caller.Ente]
	if _, known := o.Config.Enti[c.Ente]; !known {
		return problem.New(problem.RuleUnknownEnte)
	}
	if x.ente == nil || c.Ente != x.in.Caller.Ente {
		return problem.New(problem.RuleOtherEnte)
	}
	binding, bound := x.ente.Consumes[x.in.Servizio]
	recipe, known := o.Config.Consumes[x.in.Servizio]
	if !bound || !known {
		return problem.New(problem.RuleUnknownService)
	}
	x.binding, x.recipe = binding, recipe
	if x.operation, known = recipe.Operations[x.in.Operazione]; !known {
		return problem.New(problem.RuleUnknownOperation)
	}
	if x.procedimento, known = x.ente.Procedimenti[c.Procedimento]; !known {
		return problem.New(problem.RuleUnknownProcedimento)
	}
	return nil
}
