// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package transport

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/snodo-pa/snodo/internal/keys"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/pdnd"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/dpop"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/modi/voucher"
	"github.com/snodo-pa/snodo/registry"
)

// exchange is one call on its way: run is its list of steps.
type exchange struct {
	transport *Transport
	binding   *binding
	scope     *registry.Scope
	call      registry.Call

	client      keys.Client
	credentials pdnd.Credentials
	purposeID   string
	gate        *gate
	evidence    *rest.Evidence // nil when the recipe asks for none
	voucher     pdnd.Voucher
	attempts    []registry.CallRecord
	told        told // by the last answer
}

// begin takes the keys that are active now, the same for all of the call, and runs it.
func (x *exchange) begin(caller context.Context) (registry.Reply, error) {
	var err error
	x.client, x.credentials, err = x.binding.identity()
	if err != nil {
		return registry.Reply{}, &registry.Fault{Kind: registry.ErrSettings, Text: textNoKey(), Err: err}
	}
	return x.run(caller)
}

// run takes the steps of a call: limiter, tracking evidence, voucher, guard. The
// evidence is made once: a second voucher is bound to the same. caller ends when the
// caller leaves, by cancellation alone: to the guard, a deadline is the registry's.
func (x *exchange) run(caller context.Context) (registry.Reply, error) {
	if err := x.awaited(); err != nil {
		return registry.Reply{}, err
	}
	b := x.binding
	x.purposeID = x.scope.Purposes[x.call.Service]
	x.gate = x.transport.gates.of(b, x.purposeID)
	batch := x.scope.Operator.Kind == registry.Automatismo
	if fault := x.gate.enter(x.transport.clock(), batch); fault != nil {
		return registry.Reply{}, fault
	}
	if err := x.makeEvidence(); err != nil {
		return registry.Reply{}, err
	}
	for round := 1; ; round++ {
		request := x.voucherRequest()
		var err error
		x.voucher, err = b.platform.Voucher(caller, request)
		x.transport.denials.note(gateKey{b.ente, b.service, x.purposeID}, err)
		if err != nil {
			return registry.Reply{}, err
		}
		var reply registry.Reply
		err = b.guard.Do(caller, func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, b.settings.Deadline)
			defer cancel()
			reply, err = x.send(ctx)
			return err
		})
		if err == nil {
			return reply, nil
		}
		if round == 1 && x.call.Idempotent && x.refusedVoucher(err) {
			b.platform.Invalidate(request, x.voucher)
			continue
		}
		x.hold(err)
		return registry.Reply{}, err
	}
}

// refusedVoucher tells whether the registry answered 401: the voucher may have expired
// on the way, or by a clock ahead of ours.
func (x *exchange) refusedVoucher(err error) bool {
	var fault *registry.Fault
	return errors.As(err, &fault) && fault.Status == http.StatusUnauthorized
}

// hold remembers a 429 of the registry, so that the next calls for this purpose are
// refused here instead of there. One that is about its own call alone holds nothing.
func (x *exchange) hold(err error) {
	var fault *registry.Fault
	if !errors.As(err, &fault) || !errors.Is(fault.Kind, registry.ErrThrottled) || fault.Alone {
		return
	}
	fault.RetryAfter = x.told.wait(fault.RetryAfter)
	if x.told.spent(fault.RetryAfter) {
		x.gate.ledger.Stop(x.gate.key)
	}
	if fault.RetryAfter <= 0 {
		fault.RetryAfter = time.Second
	}
	x.gate.hold(x.transport.clock().Add(fault.RetryAfter))
}

func (x *exchange) stamp() rest.Stamp {
	return rest.Stamp{
		Now: x.transport.clock(), Rand: x.transport.rand,
		BackDate: x.binding.backDate, Lifetime: x.binding.lifetime,
	}
}

// makeEvidence signs who asks, from where and why (AUDIT_REST_02): fresh for every
// acquisition (D16).
func (x *exchange) makeEvidence() error {
	if !x.binding.audit {
		return nil
	}
	operator := x.scope.Operator
	evidence, err := rest.SignAudit(rest.AuditInput{
		Issuer: x.client.ID, Audience: x.binding.audience, PurposeID: x.purposeID,
		UserID: operator.UserID, UserLocation: operator.UserLocation, LoA: operator.LoA,
	}, x.stamp(), x.client.ModI)
	if err != nil {
		return &registry.Fault{Kind: registry.ErrSignature, Text: textNotSigned(), Err: err}
	}
	x.evidence = &evidence
	return nil
}

func (x *exchange) voucherRequest() pdnd.VoucherRequest {
	r := pdnd.VoucherRequest{Client: x.credentials, PurposeID: x.purposeID, ConsumerID: x.binding.consumerID}
	if x.evidence != nil {
		r.Digest = &voucher.Digest{Alg: x.evidence.Digest.Alg, Value: x.evidence.Digest.Value}
	}
	return r
}

// send makes the attempts and judges the last reply. It runs inside the guard.
func (x *exchange) send(ctx context.Context) (registry.Reply, error) {
	req, err := x.request(ctx)
	if err != nil {
		return registry.Reply{}, err
	}
	attempts := 1
	if x.call.Idempotent {
		attempts = x.binding.settings.Attempts
	}
	resp, err := x.binding.http.Do(ctx, req, outbound.Exchange{
		Attempts:  attempts,
		Prepare:   func(_ int, r *http.Request) error { return x.sign(r) },
		Retryable: x.retryable,
		Done:      x.attemptDone,
	})
	if err != nil {
		return registry.Reply{}, x.failed(unanswered(err))
	}
	return x.judge(ctx, resp)
}

// request builds what all attempts share. The headers that this package signs or
// fills in are taken from an adapter that sets them.
func (x *exchange) request(ctx context.Context) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, x.call.Method, x.binding.url+x.call.Path, bytes.NewReader(x.call.Body))
	if err != nil {
		return nil, &registry.Fault{Kind: registry.ErrUnsupported, Err: errors.New("method or path of the call cannot be sent")}
	}
	for name, values := range x.call.Header {
		req.Header[http.CanonicalHeaderKey(name)] = append([]string(nil), values...)
	}
	for _, name := range []string{"Authorization", dpop.HeaderProof, rest.HeaderDigest, rest.HeaderSignature, rest.HeaderTrackingEvidence} {
		req.Header.Del(name)
	}
	if req.Header.Get("Accept") == "" {
		req.Header.Set("Accept", "application/json, application/problem+json")
	}
	if len(x.call.Body) > 0 && req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// sign gives an attempt its tokens. The integrity token and the proof of possession are
// single use, so every attempt has its own; voucher and evidence stay (D16).
func (x *exchange) sign(r *http.Request) error {
	b := x.binding
	record := registry.CallRecord{
		Service: b.service, EserviceID: b.eserviceID, DescriptorID: x.voucher.DescriptorID, PurposeID: x.purposeID,
		ClientID: x.client.ID, VoucherJTI: x.voucher.JTI, KID: x.client.ModI.KID, OperationID: x.call.OperationID,
		Started: x.transport.clock(),
	}
	if x.voucher.EserviceID != "" {
		record.EserviceID = x.voucher.EserviceID
	}
	if err := b.platform.Authorize(r, x.credentials, x.voucher); err != nil {
		return err
	}
	if x.evidence != nil {
		r.Header.Set(rest.HeaderTrackingEvidence, x.evidence.Compact)
		record.TrackingEvidence = x.evidence.Compact
	}
	if b.integrity && len(x.call.Body) > 0 {
		message := rest.Message{Header: r.Header, Body: modi.Bytes(x.call.Body)}
		proof, err := rest.SignIntegrity(&message, rest.IntegrityInput{
			Issuer: x.client.ID, Subject: x.client.ID, Audience: b.audience,
		}, x.stamp(), x.client.ModI)
		if err != nil {
			return err
		}
		record.RequestSignature, record.RequestDigest = proof.Compact, proof.BodyDigest
	}
	x.attempts = append(x.attempts, record)
	return nil
}

// retryable allows another attempt of an idempotent call after a failed exchange or an
// answer that says the registry is out of order. A 429 is not waited for: it is held
// against the purpose, and the caller is told when to come back.
func (x *exchange) retryable(resp *outbound.Response, err error) bool {
	if !x.call.Idempotent {
		return false
	}
	if err != nil {
		return true
	}
	return resp.Status >= 400 && errors.Is(x.classify(x.reply(resp)), registry.ErrUnavailable)
}

func (x *exchange) attemptDone(_ int, resp *outbound.Response, err error) {
	record := &x.attempts[len(x.attempts)-1]
	record.Ended = x.transport.clock()
	if resp != nil {
		record.Status = resp.Status
		record.RegistryID = registryID(resp)
		if x.told = readTold(resp.Header); x.told.ok {
			x.gate.ledger.Told(x.gate.key, x.told.limit, x.told.remaining)
		}
	}
	if err != nil {
		record.Fault = string(outbound.ReasonOf(err))
	}
	x.gate.count()
	if observe := x.transport.observer.Attempt; observe != nil {
		observe(x.binding.service, x.binding.environment, record.Status, record.Ended.Sub(record.Started))
	}
}

// record hands the attempts to the scope, in their order.
func (x *exchange) record() {
	if x.scope.Calls == nil {
		return
	}
	for _, r := range x.attempts {
		x.scope.Calls.Add(r)
	}
}
