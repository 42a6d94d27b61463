// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jobstest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/jobs"
	"github.com/snodo-pa/snodo/internal/replay/replaytest"
	"github.com/snodo-pa/snodo/internal/store"
	"github.com/snodo-pa/snodo/internal/store/storetest"
)

// A scene is what a test of the suite gets: one database, and two processes over it that share a clock. On SQLite the
// two share the store as well.
type scene struct {
	db    storetest.Database
	clock *replaytest.Clock
	a, b  *World
}

// Run tests a dialect. newDatabase returns a new, empty database, not migrated.
func Run(t *testing.T, newDatabase func(t *testing.T) storetest.Database) {
	for name, test := range map[string]func(*testing.T, scene){
		"AcceptedJobRunsAndIsErased":        testRuns,
		"JobWaitsForItsInstant":             testRunAt,
		"OneOfManyWorkersGetsAJob":          testOneWorker,
		"DueJobsStartInOrder":               testOrder,
		"LaneRunsOneAtATimeAndInOrder":      testLane,
		"LaneHoldsOverManyWorkers":          testLaneConcurrent,
		"DeadJobFreesItsLane":               testDeadLane,
		"RetriedDeadLetterWaitsForItsLane":  testRetriedLane,
		"LeaseThatRanOutIsTaken":            testLeaseRunsOut,
		"RenewedLeaseHolds":                 testRenewed,
		"LateFinisherIsRefused":             testLateFinisher,
		"JobThatKillsItsProcessDies":        testPoison,
		"FenceHoldsInATransaction":          testFence,
		"SameKeyIsEnqueuedOnce":             testKeyOnce,
		"KeysAreApart":                      testKeysApart,
		"KeyIsForgottenAfterKeep":           testKeyForgotten,
		"JobOfAnUndoneTransactionIsNone":    testUndone,
		"JobAndCursorMoveTogether":          testTogether,
		"FailedJobWaitsLongerEachTime":      testBackoff,
		"FailuresAreClassified":             testFailures,
		"DeadlineEndsAJob":                  testDeadline,
		"InterruptedRunIsNotCounted":        testUncounted,
		"PostponedRunIsNotCounted":          testPostponed,
		"SlowShareLeavesRoomForTheOthers":   testShares,
		"DeadLettersAreListed":              testDeadList,
		"JobIsFoundByItsKey":                testFind,
		"DeadLetterIsRetried":               testRetryDead,
		"DeadLetterIsDiscarded":             testDiscard,
		"DeadLettersAreNeverPurged":         testPurge,
		"StatsCountByKind":                  testStats,
		"NothingAtRestNamesAPerson":         testSealed,
		"JobMovedToAnotherRowDoesNotOpen":   testMovedBox,
		"OtherMasterKeyIsRetried":           testOtherMasterKey,
		"ScheduleFiresOnceOverReplicas":     testFiresOnce,
		"MissedInstantsFireOnce":            testMissed,
		"ScheduledRunsDoNotOverlap":         testNoOverlap,
		"ScheduleAtOnce":                    testAtOnce,
		"ChangedScheduleTakesEffect":        testChangedSchedule,
		"DailyScheduleOverTheTurnOfClocks":  testTurnOfClocks,
		"SchedulesOfEntiAreApart":           testSchedulesApart,
		"MissingTablesAreDontKnow":          testMissingTables,
		"StateOfAnotherProcessIsSeenAtOnce": testSeenAtOnce,
	} {
		t.Run(name, func(t *testing.T) {
			db, clock, sealer := newDatabase(t), NewClock(), storetest.Sealer(t)
			s := scene{db: db, clock: clock}
			s.a = Over(t, db.Migrated(t, clock.Now), sealer, clock.Now)
			s.b = Over(t, db.Open(t, clock.Now), sealer, clock.Now)
			test(t, s)
		})
	}
}

func testRuns(t *testing.T, s scene) {
	kind, runs := Kind("note", jobs.Policy{}), &Runs{}
	spec := Own()
	spec.Key = "k1"
	r := s.a.Put(t, kind, spec, "hello")
	if r.Existing || r.ID == "" {
		t.Errorf("receipt %+v", r)
	}
	if n := s.b.Drain(t, runs.Handlers(kind, nil)); n != 1 {
		t.Fatalf("%d runs, want 1", n)
	}
	row, err := s.a.Store.Jobs().Get(t.Context(), r.ID)
	if err != nil || row.State != jobs.StateDone || row.Box.Key != nil || row.Box.Data != nil || row.EndedAt.IsZero() {
		t.Errorf("row %+v, %v: want it done and without payload", row, err)
	}
	got := runs.All()[0]
	wanted := jobs.Job[Note]{
		ID: r.ID, Kind: "note", Ente: Ente, Environment: Environment, Key: "k1", Attempt: 1, MaxAttempts: 8,
		EnqueuedAt: s.clock.Now(), Lease: jobs.Lease{ID: r.ID, Fence: 1}, Payload: Note{"hello"},
	}
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Errorf("job (-want +got):\n%s", diff)
	}
	if n := s.a.Drain(t, runs.Handlers(kind, nil)); n != 0 {
		t.Errorf("%d more runs", n)
	}
	if got := s.b.Seen.Ended("note", jobs.OutcomeDone); got != 1 {
		t.Errorf("observed %d done", got)
	}
}

func testRunAt(t *testing.T, s scene) {
	kind, runs := Kind("note", jobs.Policy{}), &Runs{}
	spec := Own()
	spec.RunAt = s.clock.Now().Add(time.Hour)
	s.a.Put(t, kind, spec, "later")
	s.clock.Advance(time.Hour - time.Nanosecond)
	if n := s.a.Drain(t, runs.Handlers(kind, nil)); n != 0 {
		t.Error("ran before its instant")
	}
	s.clock.Advance(time.Nanosecond)
	if n := s.a.Drain(t, runs.Handlers(kind, nil)); n != 1 {
		t.Error("did not run at its instant")
	}
}

func testOneWorker(t *testing.T, s scene) {
	const workers, count = 16, 60
	kind := Kind("note", jobs.Policy{Concurrency: 3})
	for _, text := range texts(count) {
		s.a.Put(t, kind, Own(), text)
	}
	runs := &Runs{}
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range workers {
		worker := []*World{s.a, s.b}[i%2].Worker(t, runs.Handlers(kind, nil))
		wg.Go(func() {
			<-start
			if _, err := worker.Drain(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	close(start)
	wg.Wait()
	got := runs.Texts()
	slices.Sort(got)
	if diff := cmp.Diff(texts(count), got); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
}

func testOrder(t *testing.T, s scene) {
	kind, runs := Kind("note", jobs.Policy{}), &Runs{}
	for i, text := range texts(6) {
		spec := Own()
		spec.RunAt = s.clock.Now().Add(-time.Duration(i/2) * time.Minute) // later ones are due earlier, two by two
		s.a.Put(t, kind, spec, text)
	}
	s.a.Drain(t, runs.Handlers(kind, nil))
	if diff := cmp.Diff([]string{"004", "005", "002", "003", "000", "001"}, runs.Texts()); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

func inLane(lane string) jobs.Spec {
	spec := Own()
	spec.Lane = lane
	return spec
}

func testLane(t *testing.T, s scene) {
	kind, runs := Kind("note", jobs.Policy{Concurrency: 8, Backoff: jobs.Backoff{Base: time.Minute}}), &Runs{}
	for _, text := range []string{"a1", "a2", "a3"} {
		s.a.Put(t, kind, inLane("a"), text)
	}
	s.a.Put(t, kind, inLane("b"), "b1")
	other := inLane("a")
	other.Ente = "c_z002"
	s.a.Put(t, kind, other, "other ente")
	failed := false
	set := runs.Handlers(kind, func(job jobs.Job[Note]) error {
		if job.Payload.Text == "a2" && !failed {
			failed = true
			return errors.New("not yet")
		}
		return nil
	})
	s.a.Drain(t, set)
	got := runs.Texts()
	slices.Sort(got)
	if diff := cmp.Diff([]string{"a1", "a2", "b1", "other ente"}, got); diff != "" {
		t.Errorf("before the retry (-want +got):\n%s", diff)
	}
	s.clock.Advance(time.Minute)
	s.a.Drain(t, set)
	if diff := cmp.Diff([]string{"a2", "a3"}, runs.Texts()[4:]); diff != "" {
		t.Errorf("after it (-want +got):\n%s", diff)
	}
}

func testLaneConcurrent(t *testing.T, s scene) {
	const workers, count = 8, 24
	kind := Kind("note", jobs.Policy{Concurrency: 4})
	for i, text := range texts(count) {
		s.a.Put(t, kind, inLane(fmt.Sprint(i%2)), text)
	}
	runs := &Runs{}
	var inside [2]atomic.Int32
	set := runs.Handlers(kind, func(job jobs.Job[Note]) error {
		lane := &inside[(job.Payload.Text[2]-'0')%2]
		if lane.Add(1) != 1 {
			t.Error("two jobs of one lane at a time")
		}
		lane.Add(-1)
		return nil
	})
	var wg sync.WaitGroup
	for i := range workers {
		worker := []*World{s.a, s.b}[i%2].Worker(t, set)
		wg.Go(func() {
			for len(runs.All()) < count && t.Context().Err() == nil { // a lane looks empty while another worker is in it
				if _, err := worker.Drain(t.Context()); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	for lane := range 2 {
		var got []string
		for _, text := range runs.Texts() {
			if int(text[2]-'0')%2 == lane {
				got = append(got, text)
			}
		}
		if !slices.IsSorted(got) || len(got) != count/2 {
			t.Errorf("lane %d ran %v", lane, got)
		}
	}
}

func testDeadLane(t *testing.T, s scene) {
	kind, runs := Kind("note", jobs.Policy{}), &Runs{}
	s.a.Put(t, kind, inLane("a"), "bad")
	s.a.Put(t, kind, inLane("a"), "good")
	s.a.Drain(t, runs.Handlers(kind, func(job jobs.Job[Note]) error {
		if job.Payload.Text == "bad" {
			return jobs.Permanent(errors.New("never"))
		}
		return nil
	}))
	if diff := cmp.Diff([]string{"bad", "good"}, runs.Texts()); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
}

// testRetriedLane: a dead letter that comes back is before the job that runs, and still not beside it.
func testRetriedLane(t *testing.T, s scene) {
	kind := Kind("note", jobs.Policy{})
	dead := s.a.kill(t, kind, inLane("a"), "dead")[0]
	s.a.Put(t, kind, inLane("a"), "running")
	running := s.a.claim(t, "note", 5, time.Minute)
	if err := s.a.Queue.Retry(t.Context(), dead); err != nil {
		t.Fatal(err)
	}
	if got := s.b.claim(t, "note", 5, time.Minute); len(running) != 1 || len(got) != 0 {
		t.Errorf("%d jobs of the lane beside the %d that run", len(got), len(running))
	}
	end := jobs.End{State: jobs.StateDone, At: s.clock.Now()}
	if err := s.a.Store.Jobs().End(t.Context(), leaseOf(&running[0]), end); err != nil {
		t.Fatal(err)
	}
	if got := s.b.claim(t, "note", 5, time.Minute); len(got) != 1 || got[0].ID != dead {
		t.Errorf("claimed %+v, want the letter that came back", got)
	}
}

func testKeyOnce(t *testing.T, s scene) {
	kind, runs := Kind("note", jobs.Policy{}), &Runs{}
	spec := Own()
	spec.Key = "k"
	var mu sync.Mutex
	fresh, ids := 0, map[string]bool{}
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() {
			r, err := kind.Enqueue(t.Context(), []*World{s.a, s.b}[i%2].Queue, spec, Note{fmt.Sprint(i)})
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			ids[r.ID] = true
			if !r.Existing {
				fresh++
			}
		})
	}
	wg.Wait()
	if fresh != 1 || len(ids) != 1 {
		t.Errorf("%d jobs were made under %d ids, want 1", fresh, len(ids))
	}
	if n := s.a.Drain(t, runs.Handlers(kind, nil)); n != 1 {
		t.Errorf("%d runs", n)
	}
	if r := s.a.Put(t, kind, spec, "again"); !r.Existing || !ids[r.ID] {
		t.Errorf("enqueued again after it was done: %+v", r)
	}
}

func testKeysApart(t *testing.T, s scene) {
	base := Own()
	base.Key = "k"
	for i, change := range []func(*jobs.Spec, *jobs.Kind[Note]){
		func(*jobs.Spec, *jobs.Kind[Note]) {},
		func(sp *jobs.Spec, _ *jobs.Kind[Note]) { sp.Ente = "c_z002" },
		func(sp *jobs.Spec, _ *jobs.Kind[Note]) { sp.Environment = "collaudo" },
		func(sp *jobs.Spec, _ *jobs.Kind[Note]) { sp.Key = "l" },
		func(sp *jobs.Spec, _ *jobs.Kind[Note]) { sp.Environment, sp.Key = sp.Environment+sp.Key, "" },
		func(_ *jobs.Spec, k *jobs.Kind[Note]) { k.Name = "other" },
	} {
		spec, kind := base, Kind("note", jobs.Policy{})
		change(&spec, &kind)
		if r := s.a.Put(t, kind, spec, "x"); r.Existing {
			t.Errorf("key %d is another's", i)
		}
	}
}

func testKeyForgotten(t *testing.T, s scene) {
	kind, runs := Kind("note", jobs.Policy{Keep: time.Hour}), &Runs{}
	spec := Own()
	spec.Key = "k"
	s.a.Put(t, kind, spec, "one")
	s.a.Drain(t, runs.Handlers(kind, nil))
	for _, step := range []struct {
		after    time.Duration
		purged   int
		existing bool
	}{{time.Hour - time.Nanosecond, 0, true}, {time.Nanosecond, 1, false}} {
		s.clock.Advance(step.after)
		if n, err := s.a.Queue.Purge(t.Context(), s.clock.Now()); n != step.purged || err != nil {
			t.Errorf("Purge = %d, %v, want %d", n, err, step.purged)
		}
		if r := s.a.Put(t, kind, spec, "two"); r.Existing != step.existing {
			t.Errorf("receipt %+v, want existing %v", r, step.existing)
		}
	}
}

func testUndone(t *testing.T, s scene) {
	kind, runs := Kind("note", jobs.Policy{}), &Runs{}
	errNo := errors.New("the caller thought better of it")
	spec := Own()
	spec.Key = "k"
	err := s.a.Store.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		if _, err := kind.EnqueueIn(ctx, s.a.Queue, tx, spec, Note{"x"}); err != nil {
			return err
		}
		return errNo
	})
	if !errors.Is(err, errNo) || errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Update = %v, want the caller's error as it is", err)
	}
	if n := s.a.Drain(t, runs.Handlers(kind, nil)); n != 0 {
		t.Error("a job of an undone transaction ran")
	}
	if r := s.a.Put(t, kind, spec, "y"); r.Existing {
		t.Error("its key is taken")
	}
}

func testTogether(t *testing.T, s scene) {
	kind, runs := Kind("note", jobs.Policy{}), &Runs{}
	feed := store.CursorName{Ente: Ente, Environment: Environment, Feed: "events"}
	page := func(value, expected, text string) error {
		return s.a.Store.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			if _, err := kind.EnqueueIn(ctx, s.a.Queue, tx, Own(), Note{text}); err != nil {
				return err
			}
			return tx.SetCursor(ctx, feed, value, expected)
		})
	}
	if err := page("10", "", "first"); err != nil {
		t.Fatal(err)
	}
	want(t, "the same page again", page("10", "", "again"), store.ErrCursorMoved)
	if err := page("20", "10", "second"); err != nil {
		t.Fatal(err)
	}
	s.b.Drain(t, runs.Handlers(kind, nil))
	if diff := cmp.Diff([]string{"first", "second"}, runs.Texts()); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
}

func testMissingTables(t *testing.T, s scene) {
	kind := Kind("note", jobs.Policy{})
	for _, table := range []string{"jobs", "job_schedules", "cursors"} {
		s.db.Exec(t, "DROP TABLE "+table)
	}
	ctx, q := t.Context(), s.a.Queue
	_, errEnqueue := kind.Enqueue(ctx, q, Own(), Note{"secret"})
	_, errGet := q.Get(ctx, "x")
	_, errDead := q.Dead(ctx, jobs.DeadQuery{})
	_, errStats := q.Stats(ctx)
	_, errPurge := q.Purge(ctx, s.clock.Now())
	_, errDrain := s.a.Worker(t, (&Runs{}).Handlers(kind, nil)).Drain(ctx)
	for doing, err := range map[string]error{
		"Enqueue": errEnqueue, "Get": errGet, "Dead": errDead, "Stats": errStats, "Purge": errPurge, "Drain": errDrain,
		"Retry": q.Retry(ctx, "x"), "Discard": q.Discard(ctx, "x", "no"),
	} {
		want(t, doing, err, store.ErrUnavailable)
		for _, no := range []error{jobs.ErrNotFound, jobs.ErrNotDead, jobs.ErrLeaseLost} {
			if errors.Is(err, no) {
				t.Errorf("%s says %v", doing, no)
			}
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s repeats the payload", doing)
		}
	}
}

// testSeenAtOnce: what one process enqueued, and ended, the other knows.
func testSeenAtOnce(t *testing.T, s scene) {
	kind := Kind("note", jobs.Policy{})
	r := s.a.Put(t, kind, Own(), "x")
	if got := s.b.Info(t, r.ID); got.State != jobs.StatePending {
		t.Errorf("%+v", got)
	}
	s.b.Drain(t, (&Runs{}).Handlers(kind, nil))
	if got := s.a.Info(t, r.ID); got.State != jobs.StateDone {
		t.Errorf("%+v", got)
	}
}
