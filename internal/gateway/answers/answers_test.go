// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package answers_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/evidence/seal"
	"github.com/snodo-pa/snodo/internal/gateway"
	"github.com/snodo-pa/snodo/internal/gateway/answers"
	"github.com/snodo-pa/snodo/internal/store/storetest"
)

func newAnswers(t *testing.T) *answers.Answers {
	t.Helper()
	s := storetest.SQLite(t).Migrated(t, time.Now)
	sealer, err := seal.New(bytes.Repeat([]byte{7}, 32), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return answers.New(s.Idempotency(sealer))
}

func TestAnswersKeepTheContractOfTheGateway(t *testing.T) {
	a := newAnswers(t)
	ctx := context.Background()
	caller := gateway.Application{Ente: "c_a", Name: "asilo"}
	stored, claim, err := a.Begin(ctx, caller, "k", [32]byte{1})
	if err != nil || stored != nil || claim == nil {
		t.Fatalf("fresh: %q, %v", stored, err)
	}
	if _, _, err := a.Begin(ctx, caller, "k", [32]byte{1}); !errors.Is(err, gateway.ErrAnswerRunning) {
		t.Errorf("running: %v", err)
	}
	if _, _, err := a.Begin(ctx, caller, "k", [32]byte{2}); !errors.Is(err, gateway.ErrAnswerMismatch) {
		t.Errorf("another request: %v", err)
	}
	if err := claim.Abandon(ctx); err != nil {
		t.Fatal(err)
	}
	if _, claim, err = a.Begin(ctx, caller, "k", [32]byte{1}); err != nil || claim == nil {
		t.Fatalf("after abandon: %v", err)
	}
	if err := claim.Complete(ctx, []byte("risposta")); err != nil {
		t.Fatal(err)
	}
	if stored, _, err = a.Begin(ctx, caller, "k", [32]byte{1}); err != nil || string(stored) != "risposta" {
		t.Errorf("done: %q, %v", stored, err)
	}
	if _, claim, err := a.Begin(ctx, gateway.Application{Ente: "c_a", Name: "altra"}, "k", [32]byte{9}); err != nil || claim == nil {
		t.Errorf("the key of another application: %v", err)
	}
}

func TestDoomedKeyIsNeverUsedAgain(t *testing.T) {
	a := newAnswers(t)
	ctx := context.Background()
	caller := gateway.Application{Ente: "c_a", Name: "asilo"}
	_, claim, err := a.Begin(ctx, caller, "k", [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	if err := claim.Doom(ctx); err != nil {
		t.Fatal(err)
	}
	if stored, _, err := a.Begin(ctx, caller, "k", [32]byte{1}); !errors.Is(err, gateway.ErrAnswerUnknown) || stored != nil {
		t.Errorf("%q, %v", stored, err)
	}
	if _, _, err := a.Begin(ctx, caller, "k", [32]byte{2}); !errors.Is(err, gateway.ErrAnswerMismatch) {
		t.Errorf("another request: %v", err)
	}
}

func TestUnknownStateOfTheStoreIsAnError(t *testing.T) {
	a := newAnswers(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, _, err := a.Begin(ctx, gateway.Application{Ente: "c_a", Name: "asilo"}, "k", [32]byte{1})
	if err == nil || errors.Is(err, gateway.ErrAnswerRunning) || errors.Is(err, gateway.ErrAnswerMismatch) {
		t.Errorf("got %v", err)
	}
}
