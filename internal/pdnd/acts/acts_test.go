// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package acts_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/evidence/evidencetest"
	"github.com/snodo-pa/snodo/internal/pdnd/acts"
	"github.com/snodo-pa/snodo/internal/store/storetest"
)

// journal is a journal over a real log on SQLite.
func journal(t *testing.T) (*acts.Log, *evidence.Log) {
	t.Helper()
	opened := storetest.SQLite(t).Migrated(t, time.Now)
	cfg, _ := evidencetest.Config(t)
	log := evidencetest.Start(t, opened.Evidence(), cfg)
	n := 0
	return acts.NewLog(log, func() (string, error) { n++; return fmt.Sprintf("atto-%d", n), nil }), log
}

func purpose() acts.Act {
	return acts.Act{
		Ente: evidencetest.EnteA, Environment: "collaudo", Action: "purpose/create", Target: "purpose/asilo", Service: "anpr-c020",
		Operator: "mrossi", Workstation: "pc-7", Eservice: "e1", Values: map[string]string{"title": "Iscrizione al nido"},
		Approval: &evidence.Approval{By: "Elena Fontana", On: "2026-10-01", Atto: "Det. 12/2026", DPO: "Luca Neri", DPOOn: "2026-09-20", SHA256: "00", File: "f"},
	}
}

func TestAnActIsReadAsItWasKept(t *testing.T) {
	j, _ := journal(t)
	begun, err := j.Begin(t.Context(), purpose())
	if err != nil {
		t.Fatal(err)
	}
	done := purpose()
	done.Outcome, done.Object, done.Purpose, done.Status = acts.Done, "p1", "p1", 201
	if err := j.End(t.Context(), begun, done); err != nil {
		t.Fatal(err)
	}
	list, err := j.Acts(t.Context(), evidencetest.EnteA, "collaudo")
	if err != nil {
		t.Fatal(err)
	}
	done.ID = begun.ID
	if diff := cmp.Diff([]acts.Act{done}, list, cmpopts.IgnoreFields(acts.Act{}, "At")); diff != "" {
		t.Errorf("acts (-want +got):\n%s", diff)
	}
	if others, err := j.Acts(t.Context(), evidencetest.EnteA, "produzione"); err != nil || len(others) != 0 {
		t.Errorf("acts of another environment: %v, %v", others, err)
	}
}

func TestAnActWithoutOutcomeIsUnknown(t *testing.T) {
	j, log := journal(t)
	begun, err := j.Begin(t.Context(), purpose())
	if err != nil {
		t.Fatal(err)
	}
	outcome := func() acts.Outcome {
		list, err := j.Acts(t.Context(), evidencetest.EnteA, "collaudo")
		if err != nil || len(list) != 1 {
			t.Fatalf("acts: %v, %v", list, err)
		}
		return list[0].Outcome
	}
	if got := outcome(); got != acts.Unknown {
		t.Errorf("outcome of an open act: %s", got)
	}
	if n, err := log.CloseUnknown(t.Context(), time.Now().Add(time.Hour)); err != nil || n != 1 {
		t.Fatalf("CloseUnknown = %d, %v", n, err)
	}
	if got := outcome(); got != acts.Unknown {
		t.Errorf("outcome of an act closed by the hub: %s", got)
	}
	late := purpose()
	late.Outcome = acts.Done
	if err := j.End(t.Context(), begun, late); !errors.Is(err, evidence.ErrNotOpen) {
		t.Errorf("End after the hub closed it: %v, want ErrNotOpen", err)
	}
}

func TestARefusedActKeepsTheCode(t *testing.T) {
	j, _ := journal(t)
	begun, err := j.Begin(t.Context(), purpose())
	if err != nil {
		t.Fatal(err)
	}
	refused := purpose()
	refused.Outcome, refused.Status, refused.Code = acts.Refused, 409, "004-0022"
	if err := j.End(t.Context(), begun, refused); err != nil {
		t.Fatal(err)
	}
	list, err := j.Acts(t.Context(), evidencetest.EnteA, "collaudo")
	if err != nil || len(list) != 1 || list[0].Outcome != acts.Refused || list[0].Code != "004-0022" {
		t.Errorf("acts = %+v, %v", list, err)
	}
}

func TestAnErasedActIsNobodys(t *testing.T) {
	j, log := journal(t)
	begun, err := j.Begin(t.Context(), purpose())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := log.EraseExchange(t.Context(), evidencetest.EnteA, begun.ID); err != nil {
		t.Fatal(err)
	}
	if list, err := j.Acts(t.Context(), evidencetest.EnteA, "collaudo"); err != nil || len(list) != 0 {
		t.Errorf("acts = %v, %v, want none", list, err)
	}
}

func TestRefusesActsThatSayNothing(t *testing.T) {
	j, _ := journal(t)
	for name, spoil := range map[string]func(*acts.Act){
		"no ente": func(a *acts.Act) { a.Ente = "" }, "no environment": func(a *acts.Act) { a.Environment = "" },
		"no action": func(a *acts.Act) { a.Action = "" }, "no target": func(a *acts.Act) { a.Target = "" },
	} {
		a := purpose()
		spoil(&a)
		if _, err := j.Begin(t.Context(), a); !errors.Is(err, acts.ErrInvalid) {
			t.Errorf("%s: Begin = %v, want ErrInvalid", name, err)
		}
	}
	begun, err := j.Begin(t.Context(), purpose())
	if err != nil {
		t.Fatal(err)
	}
	if err := j.End(t.Context(), begun, purpose()); !errors.Is(err, acts.ErrInvalid) {
		t.Errorf("End without outcome = %v, want ErrInvalid", err)
	}
}

func TestNothingIsBegunWithoutAnID(t *testing.T) {
	_, log := journal(t)
	j := acts.NewLog(log, func() (string, error) { return "", context.Canceled })
	if _, err := j.Begin(t.Context(), purpose()); !errors.Is(err, context.Canceled) {
		t.Errorf("Begin = %v", err)
	}
}
