// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/gateway/confronto"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/schema"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

// choose decides who compares what a verifica declares (DPR 445/2000 art. 71): the registry, where it has a service for
// that and the procedimento may ask it, because then no data leave it (GDPR art. 5 c. 1 c); the hub otherwise. A service
// of the registry whose input cannot hold what was declared is passed over.
func (o *Out) choose(_ context.Context, x *acquiring) error {
	x.richiesta, x.decoded = x.in.Richiesta, x.in.Decoded
	if x.in.Dichiarato == nil {
		return nil
	}
	if x.operation.Interaction != nil {
		return problem.Newf(problem.RuleOperationNotListed, "La risposta di questa operazione arriva dopo: non se ne fa una verifica.",
			"The answer of this operation comes later: there is no verifica of it.")
	}
	value, err := schema.ParseJSON(x.in.Dichiarato)
	if err != nil {
		return schema.Problem(err)
	}
	declared, isObject := value.(map[string]any)
	if !isObject || len(declared) == 0 {
		return problem.Newf(problem.RuleSchema,
			"dichiarato: atteso un oggetto con almeno un campo.", "dichiarato: expected an object with at least one field.")
	}
	x.declared = declared
	if x.operation.Mode == registry.ModeCompare {
		return o.ask(x, x.in.Servizio, x.in.Operazione)
	}
	for _, a := range x.procedimento.Operazioni {
		if o.compares(x, a) && o.ask(x, a.Servizio, a.Operazione) == nil {
			return nil
		}
	}
	return nil
}

// compares tells whether an operation is one with which the same registry compares all that was declared.
func (o *Out) compares(x *acquiring, a config.Autorizzazione) bool {
	recipe, binding := o.Config.Consumes[a.Servizio], x.ente.Consumes[a.Servizio]
	if a.Passante || recipe == nil || binding == nil || recipe.Registry != x.recipe.Registry ||
		binding.Environment != x.binding.Environment {
		return false
	}
	op := recipe.Operations[a.Operazione]
	if op.Mode != registry.ModeCompare {
		return false
	}
	for name := range x.declared {
		if !slices.Contains(op.Verifica, name) {
			return false
		}
	}
	return true
}

// ask turns the exchange to an operation with which the registry compares: what was declared joins richiesta. It changes
// nothing when the input of the operation does not hold them.
func (o *Out) ask(x *acquiring, servizio, operazione string) error {
	value := x.decoded
	if value == nil {
		var err error
		if value, err = schema.ParseJSON(x.in.Richiesta); err != nil {
			return schema.Problem(err)
		}
	}
	richiesta, isObject := value.(map[string]any)
	if !isObject {
		return problem.New(problem.RuleSchema)
	}
	whole := maps.Clone(richiesta)
	maps.Copy(whole, x.declared)
	if len(whole) != len(richiesta)+len(x.declared) {
		return problem.Newf(problem.RuleSchema,
			"Un campo sta sia in richiesta sia in dichiarato.", "A field is in both richiesta and dichiarato.")
	}
	if input, ok := o.plan.inputs[servizio+"/"+operazione]; ok {
		if err := input.CheckValue(whole, "richiesta"); err != nil {
			return schema.Problem(err)
		}
	}
	text, err := encodeJSON(whole)
	if err != nil {
		return err
	}
	x.richiesta, x.decoded, x.own = text, whole, true
	x.in.Servizio, x.in.Operazione = servizio, operazione
	x.binding, x.recipe = x.ente.Consumes[servizio], o.Config.Consumes[servizio]
	x.operation = x.recipe.Operations[operazione]
	return nil
}

// authoriseMode takes what the procedimento allows of an operation: data, or comparisons alone, and with which fields.
func (x *acquiring) authoriseMode(a config.Autorizzazione) error {
	x.fields = a.Campi
	switch {
	case x.declared == nil && a.Modo == config.ModoVerifica && x.operation.Mode != registry.ModeCompare:
		return problem.Newf(problem.RuleOperationNotListed,
			"Il procedimento ne ammette la sola verifica: POST /v1/verifiche.",
			"The procedimento allows a verifica of it alone: POST /v1/verifiche.")
	case x.declared == nil, x.own:
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(x.declared)) {
		if !slices.Contains(a.Campi, name) {
			return problem.Unknown(problem.RuleFieldNotListed, "/dichiarato", name, a.Campi)
		}
	}
	return nil
}

// compare puts verdicts in the place of the data: what the registry holds ends here, neither kept nor told.
func (o *Out) compare(_ context.Context, x *acquiring) error {
	if x.recalled != nil || x.declared == nil {
		return nil
	}
	bad := func(what string) error {
		return &registry.Fault{Kind: registry.ErrBadReply, Service: x.in.Servizio, Err: errors.New(what)}
	}
	value, err := schema.ParseJSON(x.reply.Dati)
	held, isObject := value.(map[string]any)
	if err != nil || !isObject {
		return bad("the adapter's answer is not a JSON object")
	}
	x.reply.Dati = nil
	result := confronto.Compare(x.declared, held)
	if x.own {
		var ok bool
		if result, ok = confronto.OfRegistry(x.declared, held, slices.Contains(x.fields, "controlli")); !ok {
			return bad("the registry's comparison has no outcome")
		}
	} else if result.Esito == confronto.NonDeterminabile {
		x.reply.Avvisi = append(x.reply.Avvisi, undetermined())
	}
	x.dati, err = encodeJSON(result)
	return err
}

func undetermined() modi.Text {
	return modi.Text{
		IT: "per almeno un campo il registro non dice nulla: non vale né come conferma né come smentita",
		EN: "of at least one field the registry says nothing: this neither confirms nor denies it",
	}
}
