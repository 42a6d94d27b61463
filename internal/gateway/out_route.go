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
	if err := o.routeService(x); err != nil {
		return err
	}
	var known bool
	if x.operation, known = x.recipe.Operations[x.in.Operazione]; !known {
		return problem.Unknown(problem.RuleUnknownOperation, "path operazione", x.in.Operazione, x.operations())
	}
	return o.routeProcedimento(x, "/contesto/procedimento")
}

func (o *Out) routeService(x *acquiring) error {
	c := x.in.Contesto
	x.ente = o.Config.Enti[x.in.Caller.Ente]
	if _, known := o.Config.Enti[c.Ente]; !known {
		return problem.Unknown(problem.RuleUnknownEnte, "/contesto/ente", c.Ente, []string{x.in.Caller.Ente})
	}
	if x.ente == nil || c.Ente != x.in.Caller.Ente {
		return problem.New(problem.RuleOtherEnte)
	}
	binding, bound := x.ente.Consumes[x.in.Servizio]
	recipe, known := o.Config.Consumes[x.in.Servizio]
	if !bound || !known {
		return problem.Unknown(problem.RuleUnknownService, "path servizio", x.in.Servizio, x.services())
	}
	x.binding, x.recipe = binding, recipe
	return nil
}

func (o *Out) routeProcedimento(x *acquiring, where string) error {
	name, known := x.in.Contesto.Procedimento, false
	if x.procedimento, known = x.ente.Procedimenti[name]; !known {
		return problem.Unknown(problem.RuleUnknownProcedimento, where, name, x.procedimenti())
	}
	return nil
}
