// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package storetest

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/callers"
	"github.com/snodo-pa/snodo/internal/kpi"
	"github.com/snodo-pa/snodo/internal/replay/replaytest"
	"github.com/snodo-pa/snodo/internal/store"
)

func testSuspensions(t *testing.T, db Database) {
	clock := replaytest.NewClock()
	c := db.Migrated(t, clock.Now).Callers()
	first := callers.Suspension{Ente: "c_z001", Service: "pratiche", Consumer: "c-1", Reason: "abuso", By: "anna", At: clock.Now().UTC()}
	results := make(chan error, 4)
	var group sync.WaitGroup
	for range cap(results) { // replicas that suspend at once
		group.Go(func() { results <- c.Suspend(t.Context(), first) })
	}
	group.Wait()
	close(results)
	made := 0
	for err := range results {
		switch {
		case err == nil:
			made++
		case !errors.Is(err, callers.ErrSuspended):
			t.Error(err)
		}
	}
	if made != 1 {
		t.Errorf("suspended %d times", made)
	}
	all := first
	all.Service, all.Reason = "", "tutti"
	other := first
	other.Ente = "c_z002"
	for _, s := range []callers.Suspension{all, other} {
		if err := c.Suspend(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	later := clock.Now().Add(time.Hour).UTC()
	if err := c.Resume(t.Context(), "c_z001", "pratiche", "c-1", "bruno", later); err != nil {
		t.Fatal(err)
	}
	if err := c.Resume(t.Context(), "c_z001", "pratiche", "c-1", "bruno", later); !errors.Is(err, callers.ErrNotSuspended) {
		t.Errorf("resumed twice: %v", err)
	}
	want := func(ente string, ended bool, list ...callers.Suspension) {
		t.Helper()
		got, err := c.Suspensions(t.Context(), ente, ended)
		if diff := cmp.Diff(list, got); err != nil || diff != "" {
			t.Errorf("%v\n%s", err, diff)
		}
	}
	done := first
	done.ResumedBy, done.ResumedAt = "bruno", later
	want("", false, all, other)
	want("c_z001", false, all)
	want("c_z001", true, done, all)
	again := first
	again.At = later
	if err := c.Suspend(t.Context(), again); err != nil {
		t.Errorf("suspended anew: %v", err)
	}
	want("c_z001", true, done, all, again)
}

func testKPI(t *testing.T, db Database) {
	clock := replaytest.NewClock()
	k := db.Migrated(t, clock.Now).KPI()
	series := kpi.Series{Day: "2026-11-02", Ente: "c_z001", Environment: "collaudo", Service: "pratiche"}
	began, ended := clock.Now().UTC(), clock.Now().Add(time.Minute).UTC()
	one := kpi.Calls{Series: series, Consumer: "c-1", Purpose: "p", Calls: 3, Good: 1, Faulty: 1, Refused: 1, First: ended, Last: ended}
	two := kpi.Calls{Series: series, Consumer: "c-2", Purpose: "p", Calls: 1, Good: 1, First: began, Last: began}
	rule := kpi.Count{Series: series, Kind: kpi.KindRule, Value: "a/b", Calls: 2}
	var group sync.WaitGroup
	for range 4 { // replicas that store the same rows at once, in any order
		group.Go(func() {
			if err := k.AddKPI(t.Context(), []kpi.Calls{two, one}, []kpi.Count{rule}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	earlier := one
	earlier.First, earlier.Last = began, began
	yesterday := two
	yesterday.Day, yesterday.Ente = "2026-11-01", "c_z002"
	if err := k.AddKPI(t.Context(), []kpi.Calls{earlier, yesterday}, nil); err != nil {
		t.Fatal(err)
	}
	sum := one
	sum.Calls, sum.Good, sum.Faulty, sum.Refused, sum.First = 15, 5, 5, 5, began
	more := two
	more.Calls, more.Good = 4, 4
	read := func(q kpi.Query, want ...kpi.Calls) {
		t.Helper()
		got, err := k.KPICalls(t.Context(), q)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%+v: %v\n%s", q, err, diff)
		}
	}
	read(kpi.Query{From: "2026-11-01", To: "2026-11-02"}, yesterday, sum, more)
	read(kpi.Query{From: "2026-11-02", To: "2026-11-02"}, sum, more)
	read(kpi.Query{From: "2026-11-01", To: "2026-11-02", Ente: "c_z002"}, yesterday)
	read(kpi.Query{From: "2026-11-01", To: "2026-11-02", Ente: "c_z002", Service: "altro"})
	rule.Calls = 8
	counts, err := k.KPICounts(t.Context(), kpi.Query{From: "2026-11-01", To: "2026-11-02"})
	if diff := cmp.Diff([]kpi.Count{rule}, counts); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	if n, err := k.PurgeKPI(t.Context(), "2026-11-02"); err != nil || n != 1 {
		t.Errorf("purged %d, %v", n, err)
	}
	read(kpi.Query{From: "2026-11-01", To: "2026-11-02"}, sum, more)
}

// testExposedUnavailable: without the tables nothing is a "no".
func testExposedUnavailable(t *testing.T, db Database) {
	s := db.Migrated(t, replaytest.NewClock().Now)
	for _, table := range []string{"caller_suspensions", "kpi_calls", "kpi_counts"} {
		db.Exec(t, "DROP TABLE "+table)
	}
	c, k, ctx := s.Callers(), s.KPI(), t.Context()
	series := kpi.Series{Day: "2026-11-02", Ente: "c_z001", Environment: "collaudo", Service: "segreta"}
	for name, do := range map[string]func() error{
		"suspend":     func() error { return c.Suspend(ctx, callers.Suspension{Ente: "c_z001", Consumer: "segreta"}) },
		"resume":      func() error { return c.Resume(ctx, "c_z001", "", "segreta", "anna", time.Now()) },
		"suspensions": func() error { _, err := c.Suspensions(ctx, "", true); return err },
		"add": func() error {
			return k.AddKPI(ctx, []kpi.Calls{{Series: series, Calls: 1, First: time.Now(), Last: time.Now()}}, nil)
		},
		"calls":  func() error { _, err := k.KPICalls(ctx, kpi.Query{}); return err },
		"counts": func() error { _, err := k.KPICounts(ctx, kpi.Query{}); return err },
		"purge":  func() error { _, err := k.PurgeKPI(ctx, "2026-11-02"); return err },
	} {
		err := do()
		if !errors.Is(err, store.ErrUnavailable) || errors.Is(err, callers.ErrSuspended) || errors.Is(err, callers.ErrNotSuspended) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "segreta") {
			t.Errorf("%s tells what was to be stored: %v", name, err)
		}
	}
}

// testKPIAllOrNone: increments that fail half-way leave nothing, so that they can be added again.
func testKPIAllOrNone(t *testing.T, db Database) {
	k := db.Migrated(t, replaytest.NewClock().Now).KPI()
	db.Exec(t, "DROP TABLE kpi_counts")
	series := kpi.Series{Day: "2026-11-02", Ente: "c_z001", Environment: "collaudo", Service: "pratiche"}
	calls := []kpi.Calls{{Series: series, Consumer: "c-1", Calls: 1, First: time.Now(), Last: time.Now()}}
	if err := k.AddKPI(t.Context(), calls, []kpi.Count{{Series: series, Kind: kpi.KindRule, Value: "a/b", Calls: 1}}); err == nil {
		t.Fatal("stored without its table")
	}
	if got, err := k.KPICalls(t.Context(), kpi.Query{From: "2026-01-01", To: "2026-12-31"}); err != nil || len(got) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
}
