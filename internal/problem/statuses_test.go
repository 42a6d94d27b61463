// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package problem

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/modi"
)

// TestStatusesOfTheHubsRules repeats the list, so that a status changes only on purpose: ids and statuses are what
// callers program against.
func TestStatusesOfTheHubsRules(t *testing.T) {
	want := map[modi.RuleID]int{
		"hub.request/malformed-json":               400,
		"hub.request/duplicate-member":             400,
		"hub.request/unknown-field":                400,
		"hub.request/schema":                       400,
		"hub.request/too-large":                    413,
		"hub.request/incomplete-body":              400,
		"hub.request/body-timeout":                 408,
		"hub.request/media-type":                   415,
		"hub.request/repeated-authorization":       400,
		"hub.request/unknown-path":                 404,
		"hub.request/method":                       405,
		"hub.request/native-path":                  400,
		"hub.request/context-header":               400,
		"hub.caller/no-key":                        401,
		"hub.caller/unknown-key":                   401,
		"hub.caller/revoked-key":                   401,
		"hub.acquisition/unknown-ente":             422,
		"hub.acquisition/unknown-procedimento":     422,
		"hub.acquisition/unknown-service":          404,
		"hub.acquisition/unknown-operation":        404,
		"hub.acquisition/pratica":                  422,
		"hub.acquisition/operator":                 422,
		"hub.acquisition/codice-fiscale":           422,
		"hub.authorisation/other-ente":             403,
		"hub.authorisation/application-not-listed": 403,
		"hub.authorisation/operation-not-listed":   403,
		"hub.authorisation/field-not-listed":       403,
		"hub.authorisation/native-not-listed":      403,
		"hub.authorisation/no-purpose":             403,
		"hub.authorisation/operator-not-listed":    403,
		"hub.authorisation/operator-kind":          403,
		"hub.authorisation/operator-office":        403,
		"hub.authorisation/workstation":            403,
		"hub.authorisation/loa":                    403,
		"hub.idempotency/malformed-key":            400,
		"hub.idempotency/in-progress":              409,
		"hub.idempotency/other-request":            422,
		"hub.idempotency/unknown-outcome":          409,
		"hub.evidence/intent-not-stored":           503,
		"hub.evidence/outcome-not-stored":          500,
		"hub.evidence/not-attested":                500,
		"hub.evidence/not-found":                   404,
		"hub.evidence/altered":                     500,
		"hub.evidence/unavailable":                 503,
		"hub.registry/not-found":                   404,
		"hub.registry/ambiguous":                   409,
		"hub.registry/invalid":                     422,
		"hub.registry/denied":                      502,
		"hub.registry/throttled":                   429,
		"hub.registry/voucher-refused":             502,
		"hub.registry/message-refused":             502,
		"hub.registry/bad-reply":                   502,
		"hub.registry/not-ready":                   503,
		"hub.registry/unavailable":                 503,
		"hub.registry/unsupported":                 501,
		"hub.registry/settings":                    502,
		"hub.pdnd/unavailable":                     503,
		"hub.exposure/unknown-service":             404,
		"hub.exposure/quota-consumer":              429,
		"hub.exposure/quota-total":                 429,
		"hub.exposure/not-active":                  403,
		"hub.exposure/quota-purpose":               429,
		"hub.exposure/concurrency":                 503,
		"hub.exposure/caller-suspended":            403,
		"hub.exposure/caller-not-listed":           403,
		"hub.exposure/attributes-undecided":        503,
		"hub.management/suspension":                422,
		"hub.management/already-suspended":         409,
		"hub.management/not-suspended":             409,
		"hub.interaction/reply-to-missing":         400,
		"hub.interaction/reply-to-unknown":         403,
		"hub.interaction/unknown":                  404,
		"hub.interaction/pending":                  404,
		"hub.interaction/failed":                   500,
		"hub.interaction/too-many-open":            429,
		"hub.interaction/correlation-missing":      400,
		"hub.interaction/correlation-unknown":      404,
		"hub.interaction/correlation-early":        503,
		"hub.interaction/not-accepted":             502,
		"hub.interaction/answer-unknown":           404,
		"hub.request/if-match-missing":             428,
		"hub.request/person-in-url":                400,
		"hub.request/malformed-xml":                400,
		"hub.replay/voucher":                       409,
		"hub.exposure/operator-claim":              400,
		"hub.exposure/refusals-counted":            429,
		"hub.backend/unavailable":                  503,
		"hub.backend/bad-answer":                   502,
		"hub.backend/settings":                     502,
		"hub.keys/undecided":                       503,
		"hub.replay/undecided":                     503,
		"hub.replay/tracking-evidence":             409,
		"hub.store/unavailable":                    503,
		"hub.management/unknown-key":               404,
		"hub.management/unknown-application":       422,
		"hub.jobs/unknown-job":                     404,
		"hub.jobs/not-dead":                        409,
		"hub.jobs/reason":                          422,
		"hub.tesoreria/days":                       400,
		"hub.tesoreria/none":                       404,
		"hub.tesoreria/flow":                       422,
		"hub.tesoreria/form":                       415,
		"hub.tesoreria/signature":                  422,
		"hub.tesoreria/signer":                     403,
		"hub.tesoreria/same-person":                403,
		"hub.tesoreria/changed":                    422,
		"hub.tesoreria/file-key":                   403,
		"hub.tesoreria/remote":                     422,
		"hub.tesoreria/otp":                        422,
		"hub.tesoreria/operator":                   403,
		"hub.tesoreria/identifier-used":            409,
		"hub.tesoreria/unknown":                    404,
		"hub.tesoreria/state":                      409,
		"hub.tracing/off":                          422,
		"hub.tracing/day":                          422,
		"hub.tracing/other-file":                   422,
		"hub.internal/busy":                        503,
		"hub.internal/stopping":                    503,
		"hub.internal/deadline":                    503,
		"hub.internal/unexpected":                  500,
	}
	protocol := map[modi.RuleID]bool{}
	for _, r := range modi.Rules() {
		protocol[r.ID] = true
	}
	got := map[modi.RuleID]int{}
	for _, r := range Table() {
		if !protocol[r.Rule] {
			got[r.Rule] = r.Status
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestStatusesOfProtocolRules holds the classes of the protocol's rules against the statuses of the ModI profile
// (modi.md T43): 401 for vouchers, 400 for the other tokens, 403 for the key of another, 409 for a replay.
func TestStatusesOfProtocolRules(t *testing.T) {
	for id, want := range map[modi.RuleID]int{
		modi.VoucherTokenMissing:       401,
		modi.VoucherMalformed:          401,
		modi.VoucherSignatureInvalid:   401,
		modi.VoucherAudienceMismatch:   401,
		modi.VoucherProducerMismatch:   401,
		modi.VoucherEserviceMismatch:   401,
		modi.VoucherDescriptorMismatch: 401,
		modi.VoucherExpired:            401,
		modi.IntegrityTokenMissing:     400,
		modi.IntegritySignatureInvalid: 400,
		modi.IntegrityDigestMismatch:   400,
		modi.IntegrityOwnerMismatch:    403,
		modi.IntegrityReplayed:         409,
		modi.AuditTokenMissing:         400,
		modi.AuditDigestMismatch:       400,
		modi.AuditOwnerMismatch:        403,
	} {
		row, ok := Lookup(id)
		if !ok || row.Status != want {
			t.Errorf("%s: status %d, want %d", id, row.Status, want)
		}
	}
}

// TestEvery503And429HasAWait: "don't know" and "not now" tell when to ask again (design D6).
func TestEvery503And429HasAWait(t *testing.T) {
	for _, r := range Table() {
		_, wait := From(New(r.Rule), "it", "")
		if due := r.Status == 503 || r.Status == 429; due != (wait > 0) {
			t.Errorf("%s (%d): Retry-After %v", r.Rule, r.Status, wait)
		}
	}
}

// FuzzLanguage: whatever the header says, the answer is one of the two languages.
func FuzzLanguage(f *testing.F) {
	for _, seed := range []string{"", "en", "it-IT,it;q=0.9,en;q=0.8", "*;q=0.5", ";;;,,,", "en;q=1e309"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		if got := Language(header); got != "it" && got != "en" {
			t.Errorf("Language(%q) = %q", header, got)
		}
	})
}
