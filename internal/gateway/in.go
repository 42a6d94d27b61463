// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/snodo-pa/snodo/internal/problem"
)

// In is the exposed side: another administration → procedure of the ente. It is safe for concurrent use.
type In struct {
	InDeps
	exposed  map[string]*exposed // by ente "/" name "/v" major
	vouchers *voucherCache
	audits   *verifiedCache[auditKey, knownAudit]
	refused  *refusals
	sample   sampler
	// strangers bounds the refusals that are signed for callers nobody knows.
	strangers signerOfRefusals
	down      []inStep
}

// inStep is one step of an exposed call. An error, or an answer already found, ends the way down.
type inStep func(ctx context.Context, x *serving) error

// NewIn compiles every exposed e-service. It fails on an OpenAPI document that does not compile and on a key or a back
// end that is missing.
func NewIn(d InDeps) (*In, error) {
	d, err := d.complete()
	if err != nil {
		return nil, err
	}
	i := &In{InDeps: d, vouchers: newVoucherCache(maxVouchers), refused: newRefusals(maxRefusers)}
	i.audits = newVerifiedCache[auditKey, knownAudit](maxVouchers)
	if i.exposed, err = compileExposed(d); err != nil {
		return nil, err
	}
	i.down = []inStep{
		i.route,    // ente, e-service, operation: 404 and 405 before any token check; /status ends here
		i.admit,    // who calls: the voucher for this e-service, with the proof of its key where one is due, or a certificate
		i.stand,    // what the voucher rests on: purpose, agreement and version, as PDND's events last told
		i.choose,   // whom the ente admits and has not suspended
		i.afford,   // who has used the quota of the day up goes no further, and uses nothing else up
		i.enter,    // a place among the calls under way
		i.foresee,  // an upload is judged by its head, and what was made for it is used up, before any of it is read
		i.receive,  // the body, which nobody without a voucher makes the hub read
		i.remain,   // what an upload rests on, which may have stopped while it arrived
		i.prove,    // INTEGRITY_REST_* and AUDIT_REST_* over the same bytes
		i.once,     // replay: what was made for one request is used once
		i.settle,   // what was uploaded, which was held apart until it was here, takes its place
		i.allow,    // quota of the day
		i.validate, // the request against the OpenAPI document
		i.intend,   // evidence: durable before the back end is called
		i.forward,  // back end: allow-listed headers, deadline, breaker, no retry
		i.judge,    // its answer against the OpenAPI document
		i.sign,     // by the producer keychain
	}
	return i, nil
}

// Serve carries one call down the list and back up. The Reply is never nil: with an error, told by problem.From, it
// holds the headers that the problem document must carry, or, where it has a status, the whole refusal in the words of
// the e-service.
func (i *In) Serve(ctx context.Context, in *Inbound) (*Reply, error) {
	own := *in
	x := &serving{in: &own, began: i.Clock(), whole: ctx, header: http.Header{}}
	ctx, cancel := context.WithTimeout(ctx, i.Deadline)
	defer func() { cancel() }()
	ended := false
	defer func() {
		if !ended {
			x.leave() // a step panicked
		}
		x.drop()
	}()
	for _, step := range i.down {
		if x.err = step(ctx, x); x.err != nil || x.done {
			break
		}
		if x.arrived {
			cancel()
			ctx, cancel = i.afterArrival(x)
		}
	}
	i.tellRemaining(x)
	if x.err != nil {
		i.format(ctx, x)
	}
	if x.voucher != nil { // from here on everything is evidence, also what was refused
		late, stop := context.WithTimeout(context.WithoutCancel(ctx), storeDeadline)
		defer stop()
		if err := i.conclude(late, x); !errors.Is(err, x.err) {
			x.err = err
			i.format(ctx, x)
		}
		i.summarise(late)
	}
	i.observe(ctx, x)
	reply := x.result()
	i.handOver(x, reply)
	ended = true
	return reply, problem.At(x.err, x.place())
}

// observe counts every exchange and logs it; what came before a verified voucher is only sampled whatever its
// status, so that a flood of unauthenticated calls fills no log.
func (i *In) observe(ctx context.Context, x *serving) {
	if x.exposed == nil {
		return // led nowhere: the access log has it
	}
	status, took := x.status(), i.Clock().Sub(x.began)
	i.Observer.exchange(DirectionIn, x.exposed.recipe.Name, status, took)
	i.ended(x, status, took)
	if x.err == nil {
		return
	}
	rules := problem.Rules(x.err)
	i.Observer.refusal(DirectionIn, rules[0])
	if x.voucher == nil && !i.sample.take(x.began) {
		return
	}
	i.Logger.LogAttrs(ctx, levelOf(status), "erogazione non riuscita",
		slog.String("scambio", x.id), slog.String("id_richiesta", x.in.RequestID),
		slog.String("ente", x.exposed.ente.CodiceIPA), slog.String("servizio", x.exposed.recipe.Name),
		slog.Int("stato", status), slog.Duration("durata", took.Round(time.Microsecond)),
		slog.Any("regole", rules), slog.String("errore", problem.ForLog(x.err)))
}

// GuardStates tells the state of the breaker before every back end, by guard name.
func (i *In) GuardStates() map[string]string {
	states := make(map[string]string, len(i.exposed))
	for _, e := range i.exposed {
		if e.procedure != nil {
			states[e.procedure.guard.Name()] = e.procedure.guard.State()
		}
	}
	return states
}
