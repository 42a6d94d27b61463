// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/rest"
)

// TestOnlySilenceCountsAgainstTheBackEnd: an answer that cannot be read shows that the procedure is there, and the hub's
// own network settings say nothing of it. The breaker of the world opens after two failures.
func TestOnlySilenceCountsAgainstTheBackEnd(t *testing.T) {
	for reason, want := range map[outbound.Reason]struct {
		rule   modi.RuleID
		status int
		state  string
		bad    int
	}{
		outbound.ReasonTooLarge:    {problem.RuleBackEndBadAnswer, 502, "closed", 3},
		outbound.ReasonEncoding:    {problem.RuleBackEndBadAnswer, 502, "closed", 3},
		outbound.ReasonAddress:     {problem.RuleBackEndSettings, 502, "closed", 0},
		outbound.ReasonCertificate: {problem.RuleBackEndSettings, 502, "closed", 0},
		outbound.ReasonRefused:     {problem.RuleBackEndUnavailable, 503, "open", 0},
		outbound.ReasonTimeout:     {problem.RuleBackEndUnavailable, 503, "open", 0},
		outbound.ReasonCut:         {problem.RuleBackEndUnavailable, 503, "open", 0},
	} {
		t.Run(string(reason), func(t *testing.T) {
			w := newInWorld(t)
			w.backEnd.err = fmt.Errorf("call: %w", &outbound.Error{Reason: reason})
			for range 3 {
				_, err := w.serve(t, w.newCall())
				wantRule(t, err, want.rule, want.status)
			}
			if state := w.GuardStates()["esposizione/c_a/pratiche"]; state != want.state {
				t.Errorf("breaker %s", state)
			}
			if w.seen.bad != want.bad {
				t.Errorf("%d bad answers counted, want %d", w.seen.bad, want.bad)
			}
		})
	}
}

// TestEndOfTheExchangeIsNotTheBackEndsFault: the whole exchange has less time left than the back end may take.
func TestEndOfTheExchangeIsNotTheBackEndsFault(t *testing.T) {
	w := newInWorld(t, func(c *config.Config) { c.Enti["c_a"].Exposes["pratiche"].BackEnd.Deadline = time.Hour })
	w.Deadline = 50 * time.Millisecond
	w.backEnd.hang = true
	for range 3 {
		_, err := w.serve(t, w.newCall())
		wantRule(t, err, problem.RuleDeadline, http.StatusServiceUnavailable)
	}
	if state := w.GuardStates()["esposizione/c_a/pratiche"]; state != "closed" {
		t.Errorf("breaker %s", state)
	}
}

func TestBreakersAreToldWhenTheyAreMade(t *testing.T) {
	d := newInWorld(t).InDeps
	told := map[string]string{}
	d.Observer.Guard = func(name, from, to string) { told[name] = from + ">" + to }
	if _, err := NewIn(d); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"esposizione/c_a/pratiche": ">closed", "esposizione/c_b/pratiche": ">closed"}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Error(diff)
	}
}

// TestFaultsOfBothTokensAreToldTogether, each by its own rule and in the order integrity, audit.
func TestFaultsOfBothTokensAreToldTogether(t *testing.T) {
	w := newInWorld(t)
	in := w.newCall().build(t)
	in.Body = []byte(`{"id":"13"}`)
	in.Header.Del(rest.HeaderTrackingEvidence)
	_, err := w.Serve(t.Context(), in)
	wantRule(t, err, modi.IntegrityDigestMismatch, http.StatusBadRequest)
	want := []string{string(modi.IntegrityDigestMismatch), string(modi.AuditTokenMissing)}
	if diff := cmp.Diff(want, problem.Rules(err)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want, w.log.last(t).Rules); diff != "" {
		t.Errorf("evidence: %s", diff)
	}
}

// TestUnsignedClaimsStayUntold: the integrity token names the wrong audience too, but its signature does not verify.
func TestUnsignedClaimsStayUntold(t *testing.T) {
	w := newInWorld(t)
	call := w.newCall()
	call.audience, call.integrityKey = audienceB, keysOnce().consumer
	call.integrityKey.Signer = keysOnce().other.Signer
	_, err := w.serve(t, call)
	want := []string{string(modi.IntegritySignatureInvalid), string(modi.AuditAudienceMismatch)}
	if diff := cmp.Diff(want, problem.Rules(err)); diff != "" {
		t.Error(diff)
	}
}

func TestTogether(t *testing.T) {
	no := func(id modi.RuleID) error { return modi.Refuse(modi.Violation{Rule: id}) }
	unknown, other := fmt.Errorf("a: %w", modi.ErrUndecided), fmt.Errorf("b: %w", modi.ErrUndecided)
	for name, tc := range map[string]struct {
		verdicts []error
		rules    []string
		is       error
	}{
		"both fine":          {verdicts: []error{nil, nil}},
		"first refused":      {verdicts: []error{no("a/x"), nil}, rules: []string{"a/x"}},
		"both refused":       {verdicts: []error{no("a/x"), no("b/y")}, rules: []string{"a/x", "b/y"}},
		"no beats undecided": {verdicts: []error{unknown, no("b/y")}, rules: []string{"b/y"}},
		"undecided alone":    {verdicts: []error{nil, unknown}, is: unknown},
		"first undecided":    {verdicts: []error{unknown, other}, is: unknown},
	} {
		t.Run(name, func(t *testing.T) {
			err := together(tc.verdicts...)
			switch {
			case tc.rules != nil:
				if diff := cmp.Diff(tc.rules, problem.Rules(err)); diff != "" || errors.Is(err, modi.ErrUndecided) {
					t.Errorf("%v: %s", err, diff)
				}
			case !errors.Is(err, tc.is):
				t.Errorf("got %v, want %v", err, tc.is)
			}
		})
	}
}
