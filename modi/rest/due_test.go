// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rest

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/modi"
)

// TestRejectsHeaderThatMustBeSignedOnAnEmptyMessage: who strips the token of a GET leaves
// the header that was agreed to be signed.
func TestRejectsHeaderThatMustBeSignedOnAnEmptyMessage(t *testing.T) {
	v := IntegrityVerifier{
		Audience: "https://api.ente.example/v1", MustSign: []string{"X-Codice-Ente"},
		Clock: func() time.Time { return time.Unix(1767225600, 0) }, Times: modi.PartyTimes(),
	}
	_, err := v.Verify(context.Background(), Message{Header: http.Header{"X-Codice-Ente": {"c_bf01"}}})
	var refusal *modi.Refusal
	if !errors.As(err, &refusal) || refusal.Violations[0].Rule != modi.IntegrityTokenMissing {
		t.Errorf("%v, want %s", err, modi.IntegrityTokenMissing)
	}
	if _, err := v.Verify(context.Background(), Message{Header: http.Header{}}); err != nil {
		t.Errorf("an empty message without that header: %v", err)
	}
}

// TestUndecidedWithoutTimes: a verifier that forgot its tolerances would check no age.
func TestUndecidedWithoutTimes(t *testing.T) {
	now := func() time.Time { return time.Unix(1767225600, 0) }
	_, integrity := IntegrityVerifier{Audience: "a", Clock: now}.Verify(context.Background(), Message{Header: http.Header{}})
	_, identity := IDAuthVerifier{Audience: "a", Clock: now}.Verify(context.Background(), http.Header{})
	_, audit := AuditVerifier{Audience: "a", PurposeID: "p", Clock: now}.Verify(context.Background(), http.Header{})
	for name, err := range map[string]error{"integrity": integrity, "identity": identity, "audit": audit} {
		if !errors.Is(err, modi.ErrUndecided) {
			t.Errorf("%s: %v, want undecided", name, err)
		}
	}
}
