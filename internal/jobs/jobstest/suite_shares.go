// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jobstest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/jobs"
)

// testPostponed: what waits for something else wears out no attempt, however long; its deadline ends it all the same.
func testPostponed(t *testing.T, s scene) {
	kind, runs := Kind("note", jobs.Policy{MaxAttempts: 2}), &Runs{}
	barred := true
	set := runs.Handlers(kind, func(jobs.Job[Note]) error {
		if barred {
			return jobs.Coded("peer/barred", jobs.Postpone(errors.New("not now"), time.Minute))
		}
		return nil
	})
	waits := s.a.Put(t, kind, Own(), "x")
	limited := Own()
	limited.GiveUpAfter = 5 * time.Minute
	ends := s.a.Put(t, kind, limited, "y")
	for range 10 {
		s.a.Drain(t, set)
		s.clock.Advance(time.Minute)
	}
	if got := s.a.Info(t, waits.ID); got.State != jobs.StatePending || got.Attempt != 0 || got.Code != "peer/barred" {
		t.Errorf("%+v, want it pending and without an attempt", got)
	}
	if got := s.a.Info(t, ends.ID); got.State != jobs.StateDead || got.Code != "peer/barred" {
		t.Errorf("%+v, want it dead by its deadline", got)
	}
	if postponed, retried := s.a.Seen.Ended("note", jobs.OutcomePostponed), s.a.Seen.Ended("note", jobs.OutcomeRetry); postponed != 14 || retried != 0 {
		t.Errorf("observed %d postponed, %d retried", postponed, retried)
	}
	barred = false
	s.a.Drain(t, set)
	if got := s.a.Info(t, waits.ID); got.State != jobs.StateDone {
		t.Errorf("%+v, want it done", got)
	}
}

// testShares: of a share with many due jobs as many run as may, over all processes; those of others pass them by.
func testShares(t *testing.T, s scene) {
	kind := Kind("note", jobs.Policy{Concurrency: 4, PerShare: 2})
	of := func(ente, share string) jobs.Spec {
		return jobs.Spec{Ente: ente, Environment: Environment, Share: share}
	}
	var slow []jobs.Receipt
	for range 5 {
		slow = append(slow, s.a.Put(t, kind, of(Ente, "slow"), "slow"))
	}
	same := s.a.Put(t, kind, of("c_z002", "slow"), "of another ente")
	own := s.a.Put(t, kind, of(Ente, "quick"), "quick")
	none := s.a.Put(t, kind, of(Ente, ""), "without a share")

	take := func(w *World, most int) []string {
		t.Helper()
		c, err := w.Store.Jobs().Claim(t.Context(), s.clock.Now(), []jobs.Wanted{{Kind: "note", Most: most, Lease: time.Minute, PerShare: 2}})
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for i := range c.Jobs {
			ids = append(ids, c.Jobs[i].ID)
		}
		return ids
	}
	first := take(s.a, 4)
	if diff := cmp.Diff([]string{slow[0].ID, slow[1].ID, same.ID, own.ID}, first); diff != "" {
		t.Errorf("first claim (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{none.ID}, take(s.b, 4)); diff != "" {
		t.Errorf("of another process (-want +got):\n%s", diff)
	}
	if err := s.a.Store.Jobs().End(t.Context(), jobs.Lease{ID: slow[0].ID, Fence: 1}, jobs.End{State: jobs.StateDone, At: s.clock.Now()}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{slow[2].ID}, take(s.b, 4)); diff != "" {
		t.Errorf("a place that was given back (-want +got):\n%s", diff)
	}
	s.clock.Advance(time.Minute) // the processes died: their places are free
	if got := take(s.a, 4); !slices.Contains(got, slow[1].ID) || !slices.Contains(got, slow[2].ID) || slices.Contains(got, slow[3].ID) {
		t.Errorf("after the leases ran out: %v", got)
	}
}
