// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/rest"
)

// remembered serves a call twice and checks that its evidence is remembered: each test then changes one thing.
func remembered(t *testing.T) (*inWorld, *Inbound) {
	t.Helper()
	w := newInWorld(t)
	in := w.newCall().get("/modi/c_a/pratiche/v1/pratiche/12").build(t)
	for range 2 {
		if _, err := w.Serve(context.Background(), in); err != nil {
			t.Fatal(err)
		}
	}
	if w.audits.len() != 1 {
		t.Fatalf("%d evidences remembered, want 1", w.audits.len())
	}
	first, second := w.log.records[0], w.log.records[2]
	if first.Side.Operator != second.Side.Operator || second.Side.Operator.UserID == "" {
		t.Errorf("operator %+v, then from memory %+v", first.Side.Operator, second.Side.Operator)
	}
	return w, in
}

func TestRememberedEvidenceGoesWithItsKey(t *testing.T) {
	w, in := remembered(t)
	w.consumer.remove(keysOnce().consumer.KID)
	_, err := w.Serve(context.Background(), in)
	wantRule(t, err, modi.AuditKeyUnknown, http.StatusBadRequest)
}

func TestRememberedEvidenceGoesWithTheOwnerOfItsKey(t *testing.T) {
	w, in := remembered(t)
	w.consumer.add(keysOnce().consumer, "another-client")
	_, err := w.Serve(context.Background(), in)
	wantRule(t, err, modi.AuditOwnerMismatch, http.StatusForbidden)
}

func TestRememberedEvidenceAges(t *testing.T) {
	w, in := remembered(t)
	w.clock.Advance(296 * time.Second) // its iat lies 5 s before the call
	_, err := w.Serve(context.Background(), in)
	wantRule(t, err, modi.AuditTooOld, http.StatusBadRequest)
}

func TestRememberedEvidenceIsBoundToItsVoucher(t *testing.T) {
	w, in := remembered(t)
	other := w.newCall().get("/modi/c_a/pratiche/v1/pratiche/12").build(t)
	other.Header.Set(rest.HeaderTrackingEvidence, in.Header.Get(rest.HeaderTrackingEvidence))
	_, err := w.Serve(context.Background(), other)
	wantRule(t, err, modi.AuditDigestMismatch, http.StatusBadRequest)
}

func TestRepeatedEvidenceHeaderIsNotRemembered(t *testing.T) {
	w, in := remembered(t)
	in.Header.Add(rest.HeaderTrackingEvidence, in.Header.Get(rest.HeaderTrackingEvidence))
	_, err := w.Serve(context.Background(), in)
	wantRule(t, err, modi.AuditTokenRepeated, http.StatusBadRequest)
}
