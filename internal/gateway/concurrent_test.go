// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi"
)

// TestReplayRaceHasOneWinner sends one signed request from 64 callers at once.
func TestReplayRaceHasOneWinner(t *testing.T) {
	w := newInWorld(t)
	in := w.newCall().build(t)
	var won, replayed atomic.Int64
	var group sync.WaitGroup
	for range 64 {
		group.Go(func() {
			_, err := w.Serve(context.Background(), in)
			switch {
			case err == nil:
				won.Add(1)
			case problem.Explain(err).Row.Rule == modi.IntegrityReplayed:
				replayed.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	group.Wait()
	if won.Load() != 1 || replayed.Load() != 63 {
		t.Errorf("%d won, %d replayed", won.Load(), replayed.Load())
	}
	if w.backEnd.calls() != 1 {
		t.Errorf("the back end was called %d times", w.backEnd.calls())
	}
}

// TestCallersDoNotMix serves many callers at once, each with its own voucher, and looks for what one left in another's
// evidence.
func TestCallersDoNotMix(t *testing.T) {
	w := newInWorld(t)
	const callers = 24
	requests := make([]*Inbound, callers)
	for i := range requests {
		call := w.newCall()
		call.claims["jti"] = fmt.Sprint("voucher-", i)
		call.claims["consumerId"] = fmt.Sprint("consumer-", i)
		requests[i] = call.build(t)
	}
	exchanges := make([]string, callers)
	var group sync.WaitGroup
	for i, in := range requests {
		group.Go(func() {
			reply, err := w.Serve(context.Background(), in)
			if err != nil {
				t.Error(err)
				return
			}
			if reply.Access.Consumer != fmt.Sprint("consumer-", i) {
				t.Errorf("caller %d was taken for %s", i, reply.Access.Consumer)
			}
			exchanges[i] = reply.Access.Exchange
		})
	}
	group.Wait()
	vouchers := map[string]string{}
	for _, r := range w.log.records {
		if known, ok := vouchers[r.Exchange]; ok && known != r.Vouchers[0] {
			t.Errorf("exchange %s holds two vouchers", r.Exchange)
		}
		vouchers[r.Exchange] = r.Vouchers[0]
	}
	for i, exchange := range exchanges {
		if vouchers[exchange] != fmt.Sprint("voucher-", i) {
			t.Errorf("caller %d has the evidence of %s", i, vouchers[exchange])
		}
	}
}

func TestIdempotencyRaceAsksOnce(t *testing.T) {
	w := newOutWorld(t)
	a := newAcquisition()
	a.IdempotencyKey = "key-1"
	var answered atomic.Int64
	var group sync.WaitGroup
	for range 32 {
		group.Go(func() {
			_, err := w.Acquire(context.Background(), a)
			switch {
			case err == nil:
				answered.Add(1)
			case problem.Explain(err).Row.Rule != problem.RuleIdempotencyInProgress:
				t.Error(err)
			}
		})
	}
	group.Wait()
	if answered.Load() == 0 || w.register.asked() != 1 {
		t.Errorf("%d answers, the registry was asked %d times", answered.Load(), w.register.asked())
	}
}

func TestAcquisitionsDoNotMix(t *testing.T) {
	w := newOutWorld(t)
	var group sync.WaitGroup
	for i := range 32 {
		group.Go(func() {
			a := newAcquisition()
			a.Contesto.Pratica = fmt.Sprintf("ASILO-%04d", i)
			got, err := w.Acquire(context.Background(), a)
			if err != nil {
				t.Error(err)
				return
			}
			if got.Provenienza.Scambio == "" {
				t.Error("no exchange")
			}
		})
	}
	group.Wait()
	pratiche := map[string]string{}
	for _, r := range w.log.records {
		if known, ok := pratiche[r.Exchange]; ok && known != r.Side.Pratica {
			t.Errorf("exchange %s holds two pratiche", r.Exchange)
		}
		pratiche[r.Exchange] = r.Side.Pratica
	}
	if len(pratiche) != 32 {
		t.Errorf("%d exchanges", len(pratiche))
	}
}

// TestFloodBeforeTheVoucherLeavesNoEvidence sends what an outsider can send.
func TestFloodBeforeTheVoucherLeavesNoEvidence(t *testing.T) {
	w := newInWorld(t)
	for range 200 {
		_, err := w.Serve(context.Background(), &Inbound{
			Method: http.MethodPost, Path: "/modi/c_a/pratiche/v1/ricerche",
			Header: http.Header{"Authorization": {"Bearer a.b.c"}}, Body: []byte(`{"id":"1"}`),
		})
		wantRule(t, err, modi.VoucherMalformed, http.StatusUnauthorized)
	}
	if kinds := w.log.kinds(); len(kinds) != 0 {
		t.Errorf("evidence %v", kinds)
	}
	if len(w.seen.rules) != 200 {
		t.Errorf("%d refusals were counted", len(w.seen.rules))
	}
	if n := w.vouchers.len(); n != 0 {
		t.Errorf("%d refused vouchers are remembered", n)
	}
}

func TestRefusalsOfAVerifiedCallerAreEvidence(t *testing.T) {
	w := newInWorld(t)
	call := w.newCall()
	call.noIntegrity = true
	if _, err := w.serve(t, call); err == nil {
		t.Fatal("accepted")
	}
	r := w.log.last(t)
	if r.Kind != evidence.KindErogazioneRifiuto || r.Closes != nil || r.Client != clientID || r.Purpose != purposeID {
		t.Errorf("kept %+v", r.Entry)
	}
}
