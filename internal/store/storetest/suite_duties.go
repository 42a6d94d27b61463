// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package storetest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/quota"
	"github.com/snodo-pa/snodo/internal/replay/replaytest"
	"github.com/snodo-pa/snodo/internal/store"
)

func testNotices(t *testing.T, db Database) {
	clock := replaytest.NewClock()
	s := db.Migrated(t, clock.Now)
	began := clock.Now()
	put := func(kind, subject string, fail error) {
		t.Helper()
		err := s.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			if err := tx.PutNotices(ctx, []store.Notice{{Environment: "collaudo", Kind: kind, Subject: subject}}); err != nil {
				return err
			}
			return fail
		})
		if !errors.Is(err, fail) {
			t.Fatal(err)
		}
	}
	put("key", "k-1", nil)
	put("key", "k-undone", errors.New("undone"))
	clock.Advance(time.Minute)
	put("all", "", nil)
	read := func(since time.Time) (kinds []string) {
		t.Helper()
		list, err := s.Notices(t.Context(), since)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range list {
			if n.Environment != "collaudo" || n.Seq == 0 {
				t.Errorf("%+v", n)
			}
			kinds = append(kinds, n.Kind+"/"+n.Subject)
		}
		return kinds
	}
	if diff := cmp.Diff([]string{"key/k-1", "all/"}, read(began)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"all/"}, read(clock.Now())); diff != "" {
		t.Error(diff)
	}
	if n, err := s.PurgeNotices(t.Context(), clock.Now().Add(26*time.Hour)); err != nil || n != 1 {
		t.Errorf("purged %d, %v", n, err)
	}
	if diff := cmp.Diff([]string{"all/"}, read(began)); diff != "" {
		t.Error(diff)
	}
}

func testQuotaUsage(t *testing.T, db Database) {
	clock := replaytest.NewClock()
	s := db.Migrated(t, clock.Now)
	q := s.Quota()
	row := func(day, purpose string, used int64) quota.Usage {
		return quota.Usage{Day: day, Used: used, Key: quota.Key{
			Environment: "collaudo", Direction: quota.Out, Eservice: "e", Consumer: "c", Purpose: purpose,
		}}
	}
	told := row("2026-11-02", "p", 0)
	told.ToldLimit, told.ToldRemaining, told.ToldAt = 100, 60, clock.Now().UTC()
	older := told
	older.ToldRemaining, older.ToldAt, older.Stopped = 99, clock.Now().Add(-time.Minute), true
	var group sync.WaitGroup
	for range 4 { // replicas that store the same rows at once
		group.Go(func() {
			if err := q.AddUsage(t.Context(), []quota.Usage{row("2026-11-02", "q", 1), row("2026-11-02", "p", 2)}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if err := q.AddUsage(t.Context(), []quota.Usage{told, row("2026-11-01", "p", 7), older}); err != nil {
		t.Fatal(err)
	}
	got, err := q.Usage(t.Context(), "2026-11-02", "2026-11-02")
	if err != nil {
		t.Fatal(err)
	}
	want := []quota.Usage{row("2026-11-02", "p", 8), row("2026-11-02", "q", 4)}
	want[0].ToldLimit, want[0].ToldRemaining, want[0].ToldAt, want[0].Stopped = 100, 60, told.ToldAt, true
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if n, err := q.PurgeUsage(t.Context(), "2026-11-02"); err != nil || n != 1 {
		t.Errorf("purged %d, %v", n, err)
	}
	if all, err := q.Usage(t.Context(), "2026-01-01", "2026-12-31"); err != nil || len(all) != 2 {
		t.Errorf("%+v, %v", all, err)
	}
	for _, calls := range []int64{10, 20} {
		if err := q.PutDeclared(t.Context(), quota.Declared{Environment: "collaudo", Purpose: "p", DailyCalls: calls, ReadAt: clock.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	if list, err := q.Declared(t.Context()); err != nil || len(list) != 1 || list[0].DailyCalls != 20 {
		t.Errorf("%+v, %v", list, err)
	}
}

func testTracingDays(t *testing.T, db Database) {
	clock := replaytest.NewClock()
	s := db.Migrated(t, clock.Now)
	if _, err := s.TracingOf(t.Context(), "c_z001", "collaudo", "2026-11-02"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("%v, want %v", err, store.ErrNotFound)
	}
	day := store.TracingDay{
		Ente: "c_z001", Environment: "collaudo", Day: "2026-11-02", State: "SENDING", Digest: "ab", Lines: 1, Requests: 2, ChangedAt: clock.Now().UTC(),
	}
	for _, state := range []string{"SENDING", "COMPLETED"} {
		if day.State = state; s.PutTracing(t.Context(), day) != nil {
			t.Fatal("not stored")
		}
	}
	other := day
	other.Day, other.Ente = "2026-11-03", "c_z002"
	if err := s.PutTracing(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	got, err := s.Tracing(t.Context(), "c_z001", "collaudo", "2026-11-01", "2026-11-30")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]store.TracingDay{day}, got); diff != "" {
		t.Error(diff)
	}
}
