// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"log/slog"

	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi"
)

// noEnvironment stands in the evidence of a refusal that came before the binding was known.
const noEnvironment = "indefinito"

// intend stores the intent. It returns only when the record is durable: nothing leaves the hub before.
func (o *Out) intend(ctx context.Context, x *acquiring) error {
	receipt, err := o.append(ctx, x.record(evidence.KindAcquisizioneIntento))
	if err != nil {
		return problem.New(problem.RuleIntentNotStored).Because(err)
	}
	x.intent = &receipt
	return nil
}

// conclude stores how the exchange ended: the outcome that closes its intent, or a refusal when there is none. An
// outcome that cannot be stored withholds the answer; a refusal is refused anyway.
func (o *Out) conclude(ctx context.Context, x *acquiring) error {
	x.ended = o.Clock()
	if x.intent == nil {
		return o.concludeRefusal(ctx, x)
	}
	r := x.record(evidence.KindAcquisizioneEsito)
	r.Closes = &x.intent.Index
	r.Status = x.status()
	if x.err != nil {
		r.Rules = problem.Rules(x.err)
	}
	x.describeCalls(&r)
	receipt, err := o.append(ctx, r)
	if err != nil {
		return problem.New(problem.RuleOutcomeNotStored).Because(err)
	}
	x.outcome = receipt
	return x.err
}

func (o *Out) concludeRefusal(ctx context.Context, x *acquiring) error {
	rules := problem.Rules(x.err)
	if x.ente == nil || modi.RuleID(rules[0]) == problem.RuleIntentNotStored {
		return x.err
	}
	r := x.record(evidence.KindAcquisizioneRifiuto)
	r.Status, r.Rules = x.status(), rules
	if _, err := o.append(ctx, r); err != nil {
		o.Logger.LogAttrs(ctx, slog.LevelError, "rifiuto non registrato tra le prove",
			slog.String("scambio", x.id), slog.String("errore", err.Error()))
	}
	return x.err
}

func (o *Out) append(ctx context.Context, r evidence.Record) (evidence.Receipt, error) {
	began := o.Clock()
	receipt, err := o.Log.Append(ctx, r)
	o.Observer.evidence(string(r.Kind), err == nil, o.Clock().Sub(began))
	return receipt, err
}

// record fills in what is known of the exchange so far.
func (x *acquiring) record(kind evidence.Kind) evidence.Record {
	r := evidence.Record{
		Entry:    evidence.Entry{Ente: x.ente.CodiceIPA, Environment: noEnvironment, Kind: kind, Exchange: x.id},
		Subjects: x.subjects,
		Side: evidence.Side{
			Application: x.in.Caller.Name, Pratica: clip(x.in.Contesto.Pratica), Operator: x.evidenceOperator(),
		},
	}
	if x.binding == nil {
		return r
	}
	r.Environment, r.Service = x.binding.Environment, x.in.Servizio
	r.Eservice = x.recipe.Environments[x.binding.Environment].EserviceID
	r.Client = x.ente.Clients[x.binding.Client].ID
	r.Side.Titolo = x.binding.Titolo
	if _, known := x.recipe.Operations[x.in.Operazione]; known {
		r.Operation = x.in.Operazione
	}
	if x.native != nil {
		r.Operation = x.native.operation()
		r.Side.Method, r.Side.URI = clip(x.native.in.Method), x.native.in.Path // without the query, as of exposed calls
		if len(r.Side.URI) > maxNativePath {
			r.Side.URI = r.Side.URI[:maxNativePath]
		}
	}
	if p := x.procedimento; p != nil {
		r.Purpose = p.Purposes[x.in.Servizio]
		r.Side.Procedimento, r.Side.Ufficio, r.Side.BaseGiuridica = x.in.Contesto.Procedimento, p.Ufficio, p.BaseGiuridica
		r.Side.Norma = p.Norma
		if p.Conservazione > 0 {
			r.Side.RetainUntil = x.began.Add(p.Conservazione)
		}
	}
	return r
}

func (x *acquiring) evidenceOperator() evidence.Operator {
	op := x.in.Contesto.Operatore
	return evidence.Operator{
		Type: clip(op.Tipo), UserID: clip(op.UserID), Workstation: clip(op.Postazione), LoA: clip(op.LoA),
		Assurance: x.assurance, Responsible: x.responsible, Atto: x.act,
	}
}

// clip bounds what a refused caller can make the hub store.
func clip(s string) string {
	if len(s) > 2*maxOperatorText {
		return s[:2*maxOperatorText]
	}
	return s
}
