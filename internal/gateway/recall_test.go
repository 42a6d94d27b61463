// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/registry"
)

// otherCF is another invented codice fiscale.
const otherCF = "BNCMRC85C12D612V"

func TestRepeatedDeliveryIsEvidenceOfItsOwn(t *testing.T) {
	w := newOutWorld(t)
	w.register.subjects = []string{otherCF}
	a := newAcquisition()
	a.IdempotencyKey = "key-1"
	for range 2 {
		if _, err := w.Acquire(context.Background(), a); err != nil {
			t.Fatal(err)
		}
	}
	want := []evidence.Kind{
		evidence.KindAcquisizioneIntento, evidence.KindAcquisizioneEsito,
		evidence.KindAcquisizioneIntento, evidence.KindAcquisizioneEsito,
	}
	if diff := cmp.Diff(want, w.log.kinds()); diff != "" {
		t.Fatal(diff)
	}
	first, again := w.log.records[1], w.log.records[3]
	if again.Exchange != first.Exchange || again.Status != http.StatusOK || *again.Closes != 2 {
		t.Errorf("kept as %+v", again.Entry)
	}
	if len(again.Side.Calls) != 0 || len(again.Vouchers) != 0 {
		t.Error("a delivery from memory counts calls")
	}
	if again.Side.Operator.UserID != "op-1" || again.Side.Pratica != "ASILO-0001" {
		t.Errorf("who got it is not kept: %+v", again.Side)
	}
	if diff := cmp.Diff([]string{validCF, otherCF}, again.Subjects); diff != "" {
		t.Error(diff)
	}
}

func TestRepeatedDeliveryWithoutEvidenceIsWithheld(t *testing.T) {
	for kind, rule := range map[evidence.Kind]string{
		evidence.KindAcquisizioneIntento: string(problem.RuleIntentNotStored),
		evidence.KindAcquisizioneEsito:   string(problem.RuleOutcomeNotStored),
	} {
		w := newOutWorld(t)
		a := newAcquisition()
		a.IdempotencyKey = "key-1"
		if _, err := w.Acquire(context.Background(), a); err != nil {
			t.Fatal(err)
		}
		w.log.breakKind(kind)
		got, err := w.Acquire(context.Background(), a)
		if err == nil || got != nil || problem.Rules(err)[0] != rule {
			t.Errorf("%s broken: got %v, %v", kind, got, err)
		}
		w.log.breakKind("")
		if _, err := w.Acquire(context.Background(), a); err != nil {
			t.Errorf("%s: the answer was lost: %v", kind, err)
		}
	}
}

// TestAnActThatMayHaveBeenDoneIsNotDoneTwice: of a call that must not be repeated, whether it reached the registry decides
// what becomes of the key.
func TestAnActThatMayHaveBeenDoneIsNotDoneTwice(t *testing.T) {
	for name, c := range map[string]struct {
		idempotent bool
		status     int
		fault      outbound.Reason
		repeats    bool
	}{
		"no answer in time":          {false, 0, outbound.ReasonTimeout, false},
		"connection lost":            {false, 0, outbound.ReasonLost, false},
		"answer cut":                 {false, 200, outbound.ReasonCut, false},
		"answer that nobody can use": {false, 202, "", false},
		"fault behind the gateway":   {false, 504, "", false},
		"connection refused":         {false, 0, outbound.ReasonRefused, true},
		"name not resolved":          {false, 0, outbound.ReasonName, true},
		"not available":              {false, 503, "", true},
		"too many requests":          {false, 429, "", true},
		"refused":                    {false, 400, "", true},
		"an idempotent call":         {true, 0, outbound.ReasonTimeout, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newOutWorld(t)
			op := w.Config.Consumes["anagrafe"].Operations["residenza"]
			op.Idempotent = c.idempotent
			w.Config.Consumes["anagrafe"].Operations["residenza"] = op
			w.register.status, w.register.fault = c.status, string(c.fault)
			w.register.err = &registry.Fault{Kind: registry.ErrUnavailable, Service: "anagrafe", Status: c.status}
			a := newAcquisition()
			a.IdempotencyKey = "key-1"
			if _, err := w.Acquire(context.Background(), a); err == nil {
				t.Fatal("acquired")
			}
			w.register.status, w.register.fault, w.register.err = 0, "", nil
			_, err := w.Acquire(context.Background(), a)
			if c.repeats && err != nil {
				t.Errorf("the second try: %v", err)
			}
			if !c.repeats {
				wantRule(t, err, problem.RuleIdempotencyUnknown, http.StatusConflict)
			}
			if asked := w.register.asked(); (asked == 2) != c.repeats {
				t.Errorf("asked %d times", asked)
			}
		})
	}
}

// TestKeptAnswerNeverShowsMoreThanTheProcedimentoAllows: fields taken away after the answer was kept stay away.
func TestKeptAnswerNeverShowsMoreThanTheProcedimentoAllows(t *testing.T) {
	w := newOutWorld(t)
	a := newAcquisition()
	a.IdempotencyKey = "key-1"
	if _, err := w.Acquire(context.Background(), a); err != nil {
		t.Fatal(err)
	}
	w.Config.Enti["c_a"].Procedimenti["iscrizione"].Operazioni[0].Campi = []string{"nome", "residenza"}
	if _, err := w.Acquire(context.Background(), a); err != nil {
		t.Errorf("the same fields in another order: %v", err)
	}
	w.Config.Enti["c_a"].Procedimenti["iscrizione"].Operazioni[0].Campi = []string{"nome"}
	got, err := w.Acquire(context.Background(), a)
	wantRule(t, err, problem.RuleIdempotencyMismatch, http.StatusUnprocessableEntity)
	if got != nil {
		t.Errorf("delivered %s", got.Dati)
	}
}

// TestSubjectsOfTheAnswerAreIndexed: a person searched without a codice fiscale is found, and erased, by it.
func TestSubjectsOfTheAnswerAreIndexed(t *testing.T) {
	w := newOutWorld(t)
	w.register.subjects = []string{otherCF, otherCF, "not one"}
	a := newAcquisition()
	a.Richiesta = json.RawMessage(`{"nota":"x"}`)
	if _, err := w.Acquire(context.Background(), a); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{otherCF}, w.log.last(t).Subjects); diff != "" {
		t.Error(diff)
	}
}
