// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/problem"
)

const maxPratica = 100

// authorise holds the call against its procedimento, the unit of authorisation (design D10b): application, operation,
// purposes, operator, pratica. What it does not cover is refused with the reason, before a voucher is asked.
func (o *Out) authorise(_ context.Context, x *acquiring) error {
	if err := x.listApplication(); err != nil {
		return err
	}
	i := slices.IndexFunc(x.procedimento.Operazioni, func(a config.Autorizzazione) bool {
		return !a.Passante && a.Servizio == x.in.Servizio && a.Operazione == x.in.Operazione
	})
	if i < 0 {
		return problem.New(problem.RuleOperationNotListed)
	}
	if err := x.authoriseMode(x.procedimento.Operazioni[i]); err != nil {
		return err
	}
	return o.authorisePerson(x)
}

func (x *acquiring) listApplication() error {
	var listed bool
	if x.applicazione, listed = x.ente.Applicazioni[x.in.Caller.Name]; !listed ||
		!slices.Contains(x.procedimento.Applicazioni, x.in.Caller.Name) {
		return problem.New(problem.RuleApplicationNotListed)
	}
	return nil
}

// authorisePerson is what every call needs, whatever it asks: purposes, operator, pratica.
func (o *Out) authorisePerson(x *acquiring) error {
	for _, service := range append([]string{x.in.Servizio}, x.operation.Needs...) {
		spare := service != x.in.Servizio && x.binding.WithoutC030()
		if x.procedimento.Purposes[service] == "" && !spare {
			return problem.Newf(problem.RuleNoPurpose,
				fmt.Sprintf("Manca il purposeId del servizio %s.", service),
				fmt.Sprintf("The purposeId of service %s is missing.", service))
		}
	}
	if err := o.authoriseOperator(x); err != nil {
		return err
	}
	if err := o.checkAssurance(x); err != nil {
		return err
	}
	return o.checkPratica(x)
}

// checkAssurance refuses an operator without a level of assurance where a registry that would be asked refuses it too:
// before a voucher and a call of the quota are spent.
func (o *Out) checkAssurance(x *acquiring) error {
	if x.operator.LoA != "" {
		return nil
	}
	for _, service := range append([]string{x.in.Servizio}, x.operation.Needs...) {
		if r := o.Config.Consumes[service]; r != nil && r.Evidence.RequireLoA {
			return problem.Newf(problem.RuleOperator,
				fmt.Sprintf("loa: il servizio %s non risponde senza.", service),
				fmt.Sprintf("loa: service %s does not answer without it.", service))
		}
	}
	return nil
}

func (o *Out) checkPratica(x *acquiring) error {
	pratica := x.in.Contesto.Pratica
	if pratica == "" || utf8.RuneCountInString(pratica) > maxPratica || !printable(pratica) {
		return problem.Newf(problem.RulePratica,
			fmt.Sprintf("Attesi da 1 a %d caratteri stampabili.", maxPratica),
			fmt.Sprintf("Expected 1 to %d printable characters.", maxPratica))
	}
	form, fixed := o.plan.pratica[x.ente.CodiceIPA+"/"+x.in.Contesto.Procedimento]
	if fixed && !form.MatchString(pratica) {
		return problem.Newf(problem.RulePratica,
			"Forma attesa: "+x.procedimento.PraticaFormato, "Expected form: "+x.procedimento.PraticaFormato)
	}
	return nil
}
