// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi/token"
)

func TestSealThatCannotSignStopsTheStart(t *testing.T) {
	for name, seal := range map[string]func(string) (token.SigningKey, error){
		"no key":    func(string) (token.SigningKey, error) { return token.SigningKey{}, errors.New("locked") },
		"empty key": func(string) (token.SigningKey, error) { return token.SigningKey{}, nil },
		"RSA key":   func(string) (token.SigningKey, error) { return keysOnce().consumer, nil },
	} {
		d := newOutWorld(t).OutDeps
		d.Seal = seal
		if _, err := NewOut(d); err == nil {
			t.Errorf("%s: started", name)
		}
	}
}

func TestEnteThatConsumesNothingNeedsNoSeal(t *testing.T) {
	d := newOutWorld(t).OutDeps
	d.Seal = func(ente string) (token.SigningKey, error) {
		if ente != "c_a" {
			return token.SigningKey{}, errors.New("no seal")
		}
		return keysOnce().seal, nil
	}
	if _, err := NewOut(d); err != nil {
		t.Error(err)
	}
}

// TestProvenanceThatCannotBeSignedIsCorrected: the outcome says 200, so a refusal of the same exchange says that nothing
// was delivered, and the key cannot be used to ask again.
func TestProvenanceThatCannotBeSignedIsCorrected(t *testing.T) {
	w := newOutWorld(t)
	w.seals["c_a"] = token.SigningKey{}
	a := newAcquisition()
	a.IdempotencyKey = "key-1"
	got, err := w.Acquire(context.Background(), a)
	wantRule(t, err, problem.RuleNotAttested, http.StatusInternalServerError)
	if x := problem.Explain(err); got != nil || x.RetryAfter != 0 {
		t.Errorf("got %v, Retry-After %v", got, x.RetryAfter)
	}
	want := []evidence.Kind{
		evidence.KindAcquisizioneIntento, evidence.KindAcquisizioneEsito, evidence.KindAcquisizioneRifiuto,
	}
	if diff := cmp.Diff(want, w.log.kinds()); diff != "" {
		t.Fatal(diff)
	}
	outcome, correction := w.log.records[1], w.log.records[2]
	if correction.Exchange != outcome.Exchange || correction.Status != 500 || correction.Closes != nil ||
		correction.Rules[0] != string(problem.RuleNotAttested) {
		t.Errorf("corrected by %+v", correction.Entry)
	}
	_, err = w.Acquire(context.Background(), a)
	wantRule(t, err, problem.RuleIdempotencyUnknown, http.StatusConflict)
	if w.register.asked() != 1 {
		t.Error("asked again")
	}
}

func TestCorrectionThatCannotBeKeptStillDeliversNothing(t *testing.T) {
	w := newOutWorld(t)
	w.seals["c_a"] = token.SigningKey{}
	w.log.breakKind(evidence.KindAcquisizioneRifiuto)
	got, err := w.Acquire(context.Background(), newAcquisition())
	wantRule(t, err, problem.RuleNotAttested, http.StatusInternalServerError)
	if got != nil {
		t.Error("delivered")
	}
}
