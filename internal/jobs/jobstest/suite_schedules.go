// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jobstest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/jobs"
)

// ticks collects the instants for which scheduled jobs ran.
type ticks struct {
	mu  sync.Mutex
	due []time.Time
}

func (k *ticks) all() []time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	return append([]time.Time{}, k.due...)
}

// scheduleSet returns handlers with one schedule whose runs are collected.
func scheduleSet(t *testing.T, k *ticks, s jobs.Schedule, when string) *jobs.Handlers {
	t.Helper()
	var err error
	if s.When, err = jobs.ParseWhen(when); err != nil {
		t.Fatal(err)
	}
	set := jobs.NewHandlers()
	set.Schedule(s, k.handle(set))
	return set
}

func (k *ticks) handle(set *jobs.Handlers) jobs.Kind[jobs.Tick] {
	kind := jobs.Kind[jobs.Tick]{Name: "tick", Policy: jobs.Policy{Concurrency: 4}}
	kind.Handle(set, func(_ context.Context, job jobs.Job[jobs.Tick]) error {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.due = append(k.due, job.Payload.Due)
		return nil
	})
	return kind
}

func poll() jobs.Schedule {
	return jobs.Schedule{Name: "poll", Ente: Ente, Environment: Environment}
}

func testFiresOnce(t *testing.T, s scene) {
	var k ticks
	var workers []*jobs.Worker
	for i := range 8 {
		w := []*World{s.a, s.b}[i%2].Worker(t, scheduleSet(t, &k, poll(), "every 1m"))
		if _, err := w.Drain(t.Context()); err != nil { // stores the schedule
			t.Fatal(err)
		}
		workers = append(workers, w)
	}
	const rounds = 5
	wanted := []time.Time{}
	for range rounds {
		s.clock.Advance(time.Minute)
		wanted = append(wanted, s.clock.Now())
		var wg sync.WaitGroup
		for _, w := range workers {
			wg.Go(func() {
				if _, err := w.Drain(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	if diff := cmp.Diff(wanted, k.all()); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
}

func testMissed(t *testing.T, s scene) {
	var k ticks
	start := s.clock.Now()
	s.a.Drain(t, scheduleSet(t, &k, poll(), "every 1h"))
	s.clock.Advance(7*time.Hour + time.Minute) // nobody runs
	set := scheduleSet(t, &k, poll(), "every 1h")
	s.b.Drain(t, set)
	s.b.Drain(t, set)
	if diff := cmp.Diff([]time.Time{start.Add(time.Hour)}, k.all()); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
	s.clock.Advance(time.Hour)
	s.b.Drain(t, set)
	if diff := cmp.Diff([]time.Time{start.Add(time.Hour), start.Add(8*time.Hour + time.Minute)}, k.all()); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
}

// testNoOverlap: a run takes longer than the schedule's period.
func testNoOverlap(t *testing.T, s scene) {
	var k ticks
	set := scheduleSet(t, &k, poll(), "every 1m")
	fires, err := jobs.NewWorker(s.b.QueueOver(t, claimsNothing{s.b.Store.Jobs()}), set, jobs.WorkerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	fire := func() {
		t.Helper()
		s.clock.Advance(time.Minute)
		if _, err := fires.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	fire() // stores the schedule
	fire()
	if got := s.b.claim(t, "tick", 5, 24*time.Hour); len(got) != 1 {
		t.Fatalf("%d jobs fired, want 1", len(got))
	}
	for range 3 {
		fire()
		if n := s.a.Drain(t, set); n != 0 {
			t.Fatalf("%d runs beside the one under way", n)
		}
	}
	stats, err := s.a.Queue.Stats(t.Context())
	if err != nil || len(stats) != 1 || stats[0].Running != 1 || stats[0].Due != 1 {
		t.Errorf("%+v, %v, want one running and one waiting for all the instants since", stats, err)
	}
}

// claimsNothing is a store in which no job is ever due.
type claimsNothing struct{ jobs.Store }

func (claimsNothing) Claim(context.Context, time.Time, []jobs.Wanted) (jobs.Claimed, error) {
	return jobs.Claimed{}, nil
}

func testAtOnce(t *testing.T, s scene) {
	var k ticks
	at := poll()
	at.AtOnce = true
	start := s.clock.Now()
	for range 2 { // a second start does not fire again
		s.a.Drain(t, scheduleSet(t, &k, at, "daily 03:30"))
		s.clock.Advance(time.Second)
	}
	if diff := cmp.Diff([]time.Time{start}, k.all()); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
}

func testChangedSchedule(t *testing.T, s scene) {
	var before, after ticks
	start := s.clock.Now()
	old := s.a.Worker(t, scheduleSet(t, &before, poll(), "every 1h"))
	if _, err := old.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	newer := s.b.Worker(t, scheduleSet(t, &after, poll(), "every 10m"))
	if _, err := newer.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.clock.Advance(10 * time.Minute)
	if n, err := old.Drain(t.Context()); n != 0 || err != nil {
		t.Errorf("the process with the old schedule fired: %d, %v", n, err)
	}
	if _, err := newer.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]time.Time{start.Add(10 * time.Minute)}, after.all()); diff != "" || len(before.all()) != 0 {
		t.Errorf("old ran %v; new (-want +got):\n%s", before.all(), diff)
	}
}

// testTurnOfClocks drives daily schedules over both turns of the clocks of 2026, an hour at a time: each day of Rome has
// one run, at the time of that day's clock.
func testTurnOfClocks(t *testing.T, s scene) {
	for name, test := range map[string]struct {
		from time.Time
		when string
		want []string // UTC
	}{
		"spring, in the gap": {
			time.Date(2026, 3, 27, 12, 0, 0, 0, time.UTC), "daily 02:30",
			[]string{"2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"},
		},
		"spring, after it": {
			time.Date(2026, 3, 27, 12, 0, 0, 0, time.UTC), "daily 03:30",
			[]string{"2026-03-28T02:30:00Z", "2026-03-29T01:30:00Z", "2026-03-30T01:30:00Z"},
		},
		"autumn, twice": {
			time.Date(2026, 10, 23, 12, 0, 0, 0, time.UTC), "daily 02:30",
			[]string{"2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"},
		},
		"autumn, after it": {
			time.Date(2026, 10, 23, 12, 0, 0, 0, time.UTC), "daily 03:30",
			[]string{"2026-10-24T01:30:00Z", "2026-10-25T02:30:00Z", "2026-10-26T02:30:00Z"},
		},
	} {
		var k ticks
		s.clock.Advance(test.from.Sub(s.clock.Now()))
		own := poll()
		own.Ente = "c_" + test.when + name
		worker := s.a.Worker(t, scheduleSet(t, &k, own, test.when))
		for range 72 {
			if _, err := worker.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			s.clock.Advance(time.Hour)
		}
		got := []string{}
		for _, due := range k.all() {
			got = append(got, due.Format(time.RFC3339))
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func testSchedulesApart(t *testing.T, s scene) {
	var k ticks
	set := jobs.NewHandlers()
	kind := k.handle(set)
	when, err := jobs.ParseWhen("every 1m")
	if err != nil {
		t.Fatal(err)
	}
	for _, own := range []jobs.Schedule{
		{Name: "poll", When: when},
		{Name: "poll", Ente: Ente, When: when},
		{Name: "poll", Environment: Environment, When: when},
		{Name: "poll2", When: when},
	} {
		set.Schedule(own, kind)
	}
	w := s.a.Worker(t, set)
	for range 2 {
		if _, err := w.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.clock.Advance(time.Minute)
	}
	if got := k.all(); len(got) != 4 {
		t.Errorf("%d runs of four schedules", len(got))
	}
}
