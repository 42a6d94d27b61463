// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi/token"
)

// Out is the acquisition pipeline: application of the ente → registry. It is safe for concurrent use.
type Out struct {
	OutDeps
	plan  plan                        // what the configuration fixes, compiled once
	seals map[string]token.SigningKey // by codice IPA, each of which has signed once
	down  []outStep
	up    []outStep

	nativeDown, nativeUp []outStep
	laterDown, laterUp   []outStep
}

// outStep is one step of an acquisition. An error ends the way down; the way up always runs.
type outStep func(ctx context.Context, x *acquiring) error

// NewOut compiles what the configuration fixes. It fails on an input schema or a pratica format that does not compile,
// and on the seal of an ente that consumes e-services when it is missing or cannot sign a provenance.
func NewOut(d OutDeps) (*Out, error) {
	if d.Config == nil || d.Log == nil || d.Catalogue == nil || d.Seal == nil || d.Clock == nil || d.Rand == nil {
		return nil, errors.New("gateway: a mandatory dependency of the acquisition pipeline is missing")
	}
	if d.Deadline <= 0 {
		d.Deadline = DefaultDeadline
	}
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	p, err := compilePlan(d.Config)
	if err != nil {
		return nil, err
	}
	seals, err := d.openSeals()
	if err != nil {
		return nil, err
	}
	o := &Out{OutDeps: d, plan: p, seals: seals}
	o.down = []outStep{
		o.route,     // ente, service, operation, procedimento
		o.choose,    // verifica: the registry's own service, where the procedimento has it
		o.authorise, // application, operation, purpose, operator, pratica (design D10b)
		o.validate,  // richiesta against the operation's schema
		o.recall,    // Idempotency-Key: an answer already given is not acquired again
		o.intend,    // evidence: durable before anything leaves the hub, or is handed out again
		o.call,      // adapter → transport: voucher, guard, signatures, verified reply
		o.await,     // an answer that comes later is waited for, and is none now
		o.compare,   // verifica: verdicts take the place of the data
		o.narrow,    // only the fields the procedimento may see
	}
	o.up = []outStep{
		o.conclude, // evidence: outcome or refusal; not stored = nothing delivered
		o.attest,   // provenance signed by the ente seal
		o.remember, // the answer under its Idempotency-Key
	}
	o.nativeDown = []outStep{
		o.routeNative,     // ente, service, procedimento
		o.authoriseNative, // as authorise, and the call is one that the procedimento lets through
		o.inspect,         // path, query, headers and body are fit to go on
		o.intend,
		o.send, // transport, without an adapter: the registry's answer as it is
		o.await,
	}
	o.nativeUp = []outStep{o.conclude}
	o.laterDown = []outStep{
		o.routeLater,     // what was asked, as it is configured now
		o.authoriseLater, // and whether the procedimento still covers it
		o.intend,
		o.receive, // the callback, read as the answer of the operation
		o.narrow,
	}
	o.laterUp = []outStep{o.conclude, o.attest}
	return o, nil
}

// Acquire carries one acquisition down the list and back up. Its errors are told by problem.From; every one of them
// names the exchange.
func (o *Out) Acquire(ctx context.Context, a Acquisition) (*Acquired, error) {
	x := &acquiring{in: a, began: o.Clock()}
	if err := x.identify(o.Clock(), o.Rand); err != nil {
		return nil, err
	}
	o.carry(ctx, x, o.down, o.up)
	return x.answer, problem.At(x.err, x.place())
}

// carry takes an exchange down one list of steps and back up the other.
func (o *Out) carry(ctx context.Context, x *acquiring, down, up []outStep) {
	ctx, cancel := context.WithTimeout(ctx, o.Deadline)
	defer cancel()
	for _, step := range down {
		if x.err = step(ctx, x); x.err != nil {
			break
		}
	}
	// The outcome is kept even if the caller has gone.
	late, stop := context.WithTimeout(context.WithoutCancel(ctx), storeDeadline)
	defer stop()
	for _, step := range up {
		x.err = step(late, x)
	}
	o.observe(ctx, x)
}

// observe counts and logs the exchange: identifiers and rules, never what was asked or answered.
func (o *Out) observe(ctx context.Context, x *acquiring) {
	status, took := x.status(), o.Clock().Sub(x.began)
	o.Observer.exchange(DirectionOut, x.serviceName(), status, took)
	attrs := []slog.Attr{
		slog.String("scambio", x.id), slog.String("id_richiesta", x.in.RequestID), slog.String("ente", x.enteName()),
		slog.String("servizio", x.serviceName()), slog.Int("stato", status), slog.Duration("durata", took.Round(time.Microsecond)),
	}
	if x.err == nil {
		attrs = append(attrs, slog.Bool("ripetuta", x.recalled != nil))
		o.Logger.LogAttrs(ctx, slog.LevelInfo, "acquisizione", attrs...)
		return
	}
	rules := problem.Rules(x.err)
	o.Observer.refusal(DirectionOut, rules[0])
	attrs = append(attrs, slog.Any("regole", rules), slog.String("errore", problem.ForLog(x.err)))
	o.Logger.LogAttrs(ctx, levelOf(status), "acquisizione non riuscita", attrs...)
}

// levelOf keeps what callers do wrong out of the operator's sight.
func levelOf(status int) slog.Level {
	if status >= 500 {
		return slog.LevelWarn
	}
	return slog.LevelInfo
}
