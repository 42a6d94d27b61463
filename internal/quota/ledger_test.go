// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package quota_test

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
	"github.com/snodo-pa/snodo/internal/store/storetest"
)

func rome(t testing.TB) *time.Location {
	t.Helper()
	l, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func newLedger(t testing.TB, c quota.Config) *quota.Ledger {
	t.Helper()
	c.Location = rome(t)
	l, err := quota.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func out(consumer, purpose string) quota.Key {
	return quota.Key{Environment: "collaudo", Direction: quota.Out, Eservice: "e-1", Consumer: consumer, Purpose: purpose}
}

func at(day, hour, minute int) time.Time {
	return time.Date(2026, 1, day, hour, minute, 0, 0, time.UTC)
}

// fixed is a clock that the test sets.
type fixed struct {
	mu  sync.Mutex
	now time.Time
}

func (f *fixed) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

func (f *fixed) set(t time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = t
}

func TestTheTightestLimitIsTold(t *testing.T) {
	clock := &fixed{now: at(1, 22, 59)} // half past midnight's eve in Rome: 23:59
	l := newLedger(t, quota.Config{Clock: clock.Now})
	if v := l.Take(out("a", "p"), quota.Limits{Consumer: 10, Total: 3}, false); v != (quota.Verdict{Limit: 3, Remaining: 2, Reset: time.Minute}) {
		t.Errorf("the total is tighter: %+v", v)
	}
	if v := l.Take(out("a", "p"), quota.Limits{Consumer: 2, Total: 100}, false); v.Limit != 2 || v.Remaining != 0 || v.Refused != "" {
		t.Errorf("the consumer is tighter: %+v", v)
	}
	if v := l.Take(out("a", "q"), quota.Limits{Consumer: 2}, false); v.Refused != quota.Consumer || v.Remaining != 0 {
		t.Errorf("the sum of the purposes of a consumer: %+v", v)
	}
	if v := l.Take(out("b", "r"), quota.Limits{Total: 2}, false); v.Refused != quota.Total {
		t.Errorf("refused calls are not counted, accepted ones of others are: %+v", v)
	}
	if v := l.Take(out("b", "r"), quota.Limits{Purpose: 1}, false); v.Refused != "" {
		t.Errorf("a refused call was counted for its purpose: %+v", v)
	}
	if v := l.Take(out("c", "s"), quota.Limits{}, false); v.Limit != 0 || v.Refused != "" {
		t.Errorf("no limit: %+v", v)
	}
	clock.set(at(1, 23, 0))
	if v := l.Take(out("a", "p"), quota.Limits{Consumer: 2}, false); v.Refused != "" {
		t.Errorf("midnight in Rome did not begin a day: %+v", v)
	}
}

// TestADayOfItalyHasTwentyThreeToTwentyFiveHours when summer time begins and ends.
func TestADayOfItalyHasTwentyThreeToTwentyFiveHours(t *testing.T) {
	limits := quota.Limits{Purpose: 2}
	for name, tc := range map[string]struct {
		midnight time.Time // the beginning of the day, in UTC
		hours    time.Duration
	}{
		"ordinary":           {time.Date(2026, 1, 31, 23, 0, 0, 0, time.UTC), 24},
		"summer time begins": {time.Date(2026, 3, 28, 23, 0, 0, 0, time.UTC), 23},
		"summer time ends":   {time.Date(2026, 10, 24, 22, 0, 0, 0, time.UTC), 25},
	} {
		t.Run(name, func(t *testing.T) {
			clock := &fixed{now: tc.midnight}
			l := newLedger(t, quota.Config{Clock: clock.Now})
			if v := l.Take(out("a", "p"), limits, false); v.Reset != tc.hours*time.Hour {
				t.Errorf("reset after %v, want %dh", v.Reset, tc.hours)
			}
			end := tc.midnight.Add(tc.hours * time.Hour)
			clock.set(end.Add(-time.Second))
			if v := l.Take(out("a", "p"), limits, false); v.Refused != "" || v.Remaining != 0 || v.Reset != time.Second {
				t.Errorf("in the last second: %+v", v)
			}
			clock.set(end)
			if v := l.Check(out("a", "p"), limits, false); v.Remaining != 2 {
				t.Errorf("the day after: %+v", v)
			}
		})
	}
}

func TestBatchesLeaveTheReserveToPersons(t *testing.T) {
	l := newLedger(t, quota.Config{Clock: (&fixed{now: at(1, 12, 0)}).Now})
	limits := quota.Limits{Purpose: 10, Reserve: 20}
	for n := range 8 {
		if v := l.Take(out("a", "p"), limits, true); v.Refused != "" {
			t.Fatalf("batch call %d: %+v", n, v)
		}
	}
	if v := l.Take(out("a", "p"), limits, true); v.Refused != quota.Reserved || v.Remaining != 2 {
		t.Errorf("batch: %+v", v)
	}
	for n := range 2 {
		if v := l.Take(out("a", "p"), limits, false); v.Refused != "" {
			t.Errorf("person %d: %+v", n, v)
		}
	}
	if v := l.Take(out("a", "p"), limits, false); v.Refused != quota.Purpose {
		t.Errorf("beyond: %+v", v)
	}
}

func TestARegistryThatSaysStopIsBelievedUntilMidnight(t *testing.T) {
	clock := &fixed{now: at(1, 12, 0)}
	l := newLedger(t, quota.Config{Clock: clock.Now})
	l.Stop(out("a", "p"))
	if v := l.Check(out("a", "p"), quota.Limits{}, false); v.Refused != quota.Stopped || v.Reset != 11*time.Hour {
		t.Errorf("%+v", v)
	}
	if v := l.Check(out("a", "q"), quota.Limits{}, false); v.Refused != "" {
		t.Errorf("another purpose: %+v", v)
	}
	clock.set(at(1, 23, 0))
	if v := l.Check(out("a", "p"), quota.Limits{}, false); v.Refused != "" {
		t.Errorf("after midnight: %+v", v)
	}
}

func TestWarnsOnceAtFourFifths(t *testing.T) {
	var got []quota.Warning
	l := newLedger(t, quota.Config{Clock: (&fixed{now: at(1, 12, 0)}).Now, Warn: func(w quota.Warning) { got = append(got, w) }})
	for range 10 {
		l.Count(out("a", "p"), quota.Limits{Purpose: 10})
	}
	want := []quota.Warning{{Key: out("a", "p"), Reason: quota.Purpose, Used: 8, Limit: 10}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestConcurrentCallsNeverPassALimit(t *testing.T) {
	l := newLedger(t, quota.Config{Clock: (&fixed{now: at(1, 12, 0)}).Now})
	passed := make(chan bool, 64)
	var group sync.WaitGroup
	for range 64 {
		group.Go(func() { passed <- l.Take(out("a", "p"), quota.Limits{Consumer: 10}, false).Refused == "" })
	}
	group.Wait()
	close(passed)
	n := 0
	for ok := range passed {
		if ok {
			n++
		}
	}
	if n != 10 {
		t.Errorf("%d calls passed a limit of 10", n)
	}
}

// TestReplicasShareTheCountAndARestartKeepsIt over one database.
func TestReplicasShareTheCountAndARestartKeepsIt(t *testing.T) {
	clock := replaytest.NewClock()
	s := storetest.SQLite(t).Migrated(t, clock.Now)
	limits := quota.Limits{Purpose: 5}
	one := newLedger(t, quota.Config{Store: s.Quota(), Clock: clock.Now, Shared: true})
	two := newLedger(t, quota.Config{Store: s.Quota(), Clock: clock.Now, Shared: true})
	for range 3 {
		one.Count(out("a", "p"), limits)
	}
	one.Told(out("a", "p"), 100, 97)
	two.Count(out("a", "p"), limits)
	for _, l := range []*quota.Ledger{one, two, one} {
		if err := l.Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	third := newLedger(t, quota.Config{Store: s.Quota(), Clock: clock.Now})
	if err := third.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, l := range map[string]*quota.Ledger{"one": one, "two": two, "restarted": third} {
		if v := l.Check(out("a", "p"), limits, false); v.Remaining != 1 {
			t.Errorf("%s: %+v, want one call left", name, v)
		}
		today := l.Today()
		if len(today) != 1 || today[0].Used != 4 || today[0].ToldRemaining != 97 {
			t.Errorf("%s: %+v", name, today)
		}
	}
}

// brokenStore fails as it is told.
type brokenStore struct {
	quota.Store

	err error
}

func (b *brokenStore) AddUsage(ctx context.Context, d []quota.Usage) error {
	if b.err != nil {
		return b.err
	}
	return b.Store.AddUsage(ctx, d)
}

func TestACountThatNobodyKeepsRefusesCallsWithALimit(t *testing.T) {
	clock := replaytest.NewClock()
	s := &brokenStore{Store: storetest.SQLite(t).Migrated(t, clock.Now).Quota(), err: store.ErrUnavailable}
	l := newLedger(t, quota.Config{Store: s, Clock: clock.Now})
	limits := quota.Limits{Purpose: 100}
	l.Count(out("a", "p"), limits)
	if err := l.Sync(t.Context()); !errors.Is(err, store.ErrUnavailable) {
		t.Fatal(err)
	}
	if v := l.Check(out("a", "p"), limits, false); v.Refused != "" {
		t.Errorf("at first calls go on: %+v", v)
	}
	clock.Advance(2 * time.Minute)
	if v := l.Check(out("a", "p"), limits, false); v.Refused != quota.Unknown || v.Reset != 0 {
		t.Errorf("%+v", v)
	}
	if v := l.Check(out("a", "p"), quota.Limits{}, false); v.Refused != "" {
		t.Errorf("without a limit: %+v", v)
	}
	s.err = nil
	if err := l.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	if v := l.Check(out("a", "p"), limits, false); v.Refused != "" || v.Remaining != 99 {
		t.Errorf("stored again: %+v", v)
	}
}

func TestCallsOfYesterdayReachTheStoreAfterMidnight(t *testing.T) {
	clock := &fixed{now: at(1, 22, 59)}
	s := storetest.SQLite(t).Migrated(t, clock.Now)
	l := newLedger(t, quota.Config{Store: s.Quota(), Clock: clock.Now})
	l.Count(out("a", "p"), quota.Limits{})
	clock.set(at(1, 23, 1))
	l.Count(out("a", "p"), quota.Limits{})
	if err := l.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, err := s.Quota().Usage(t.Context(), "2026-01-01", "2026-01-02")
	if err != nil {
		t.Fatal(err)
	}
	want := []quota.Usage{
		{Day: "2026-01-01", Key: out("a", "p"), Used: 1, Night: 1},
		{Day: "2026-01-02", Key: out("a", "p"), Used: 1, Night: 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if today := l.Today(); len(today) != 1 || today[0].Used != 1 {
		t.Errorf("today %+v", today)
	}
}

func TestWhatAPurposeDeclaredTightensItsLimit(t *testing.T) {
	clock := replaytest.NewClock()
	s := storetest.SQLite(t).Migrated(t, clock.Now)
	l := newLedger(t, quota.Config{Store: s.Quota(), Clock: clock.Now})
	err := s.Quota().PutDeclared(t.Context(), quota.Declared{Environment: "collaudo", Purpose: "p", DailyCalls: 3, ReadAt: clock.Now()})
	if err == nil {
		err = l.Reread(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	for limit, want := range map[int64]int64{0: 3, 2: 2, 10: 3} {
		if v := l.Check(out("a", "p"), quota.Limits{Purpose: limit}, false); v.Limit != want {
			t.Errorf("configured %d: limit %d, want %d", limit, v.Limit, want)
		}
	}
	in := out("a", "p")
	in.Direction = quota.In
	if v := l.Check(in, quota.Limits{}, false); v.Limit != 3 {
		t.Errorf("a purpose that calls an e-service of ours: %+v", v)
	}
}

func TestWhatAnEserviceDeclaredTightensItsLimits(t *testing.T) {
	clock := replaytest.NewClock()
	s := storetest.SQLite(t).Migrated(t, clock.Now)
	l := newLedger(t, quota.Config{Store: s.Quota(), Clock: clock.Now})
	for subject, calls := range map[string]int64{quota.PerConsumer("e"): 2, quota.OfAll("e"): 3, "p": 1} {
		d := quota.Declared{Environment: "collaudo", Purpose: subject, DailyCalls: calls, ReadAt: clock.Now()}
		if err := s.Quota().PutDeclared(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Reread(t.Context()); err != nil {
		t.Fatal(err)
	}
	call := func(eservice, consumer, purpose string) quota.Reason {
		return l.Take(quota.Key{
			Environment: "collaudo", Direction: quota.In, Eservice: eservice, Consumer: consumer, Purpose: purpose,
		}, quota.Limits{}, false).Refused
	}
	for _, c := range []struct {
		eservice, consumer, purpose string
		want                        quota.Reason
	}{
		{"e", "a", "p", ""},
		{"e", "a", "p", quota.Purpose},
		{"e", "a", "q", ""},
		{"e", "a", "r", quota.Consumer},
		{"e", "b", "s", ""},
		{"e", "c", "t", quota.Total},
		{"f", "c", "t", ""},
	} {
		if got := call(c.eservice, c.consumer, c.purpose); got != c.want {
			t.Errorf("%s %s %s: %q, want %q", c.eservice, c.consumer, c.purpose, got, c.want)
		}
	}
	outside := quota.Key{Environment: "collaudo", Direction: quota.Out, Eservice: "e", Consumer: "a", Purpose: "q"}
	if v := l.Check(outside, quota.Limits{}, false); v.Limit != 0 {
		t.Errorf("calls to an e-service of the same id: %+v", v)
	}
}

func BenchmarkTake(b *testing.B) {
	l := newLedger(b, quota.Config{Clock: time.Now})
	k := out("30000000-0000-4000-8000-000000000001", "30000000-0000-4000-8000-000000000006")
	for b.Loop() {
		l.Take(k, quota.Limits{Consumer: 1 << 60, Total: 1 << 60}, false)
	}
}
