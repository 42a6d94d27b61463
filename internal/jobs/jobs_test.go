// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jobs_test

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/jobs"
	"github.com/snodo-pa/snodo/internal/jobs/jobstest"
)

func nothing(context.Context, jobs.Job[jobstest.Note]) error { return nil }

func TestHandlersAreChecked(t *testing.T) {
	when := mustWhen(t, "every 1m")
	tick := jobs.Kind[jobs.Tick]{Name: "tick"}
	handleTick := func(set *jobs.Handlers) {
		tick.Handle(set, func(context.Context, jobs.Job[jobs.Tick]) error { return nil })
	}
	q := jobstest.New(t, time.Now).Queue
	for name, test := range map[string]struct {
		fill func(set *jobs.Handlers)
		want string
	}{
		"good": {func(set *jobs.Handlers) {
			handleTick(set)
			jobstest.Kind("note", jobs.Policy{}).Handle(set, nothing)
			set.Schedule(jobs.Schedule{Name: "s", When: when}, tick)
			set.Schedule(jobs.Schedule{Name: "s", Ente: "c_z001", When: when}, tick)
		}, ""},
		"kind without a name": {func(set *jobs.Handlers) { jobstest.Kind("", jobs.Policy{}).Handle(set, nothing) }, "the name of a kind"},
		"kind in capitals":    {func(set *jobs.Handlers) { jobstest.Kind("Note", jobs.Policy{}).Handle(set, nothing) }, "the name of a kind"},
		"kind too long": {func(set *jobs.Handlers) {
			jobstest.Kind(strings.Repeat("a", 65), jobs.Policy{}).Handle(set, nothing)
		}, "the name of a kind"},
		"kind twice": {func(set *jobs.Handlers) {
			jobstest.Kind("note", jobs.Policy{}).Handle(set, nothing)
			jobstest.Kind("note", jobs.Policy{}).Handle(set, nothing)
		}, "two handlers"},
		"schedule without a handler": {func(set *jobs.Handlers) {
			set.Schedule(jobs.Schedule{Name: "s", When: when}, tick)
		}, "no handler"},
		"schedule that fires never": {func(set *jobs.Handlers) {
			handleTick(set)
			set.Schedule(jobs.Schedule{Name: "s"}, tick)
		}, "fires never"},
		"schedule twice": {func(set *jobs.Handlers) {
			handleTick(set)
			for range 2 {
				set.Schedule(jobs.Schedule{Name: "s", Ente: "c_z001", When: when}, tick)
			}
		}, "twice"},
		"schedule without a name": {func(set *jobs.Handlers) {
			handleTick(set)
			set.Schedule(jobs.Schedule{When: when}, tick)
		}, "the name"},
	} {
		set := jobs.NewHandlers()
		test.fill(set)
		_, err := jobs.NewWorker(q, set, jobs.WorkerConfig{})
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case test.want != "" && (!errors.Is(err, jobs.ErrInvalid) || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: %v, want ErrInvalid that says %q", name, err, test.want)
		}
	}
}

func TestJobsAreChecked(t *testing.T) {
	w := jobstest.New(t, time.Now)
	long := strings.Repeat("x", 257)
	for name, test := range map[string]struct {
		kind jobs.Kind[jobstest.Note]
		spec jobs.Spec
		text string
	}{
		"name":     {jobstest.Kind("a b", jobs.Policy{}), jobs.Spec{}, ""},
		"ente":     {jobstest.Kind("a", jobs.Policy{}), jobs.Spec{Ente: long}, ""},
		"key":      {jobstest.Kind("a", jobs.Policy{}), jobs.Spec{Key: long}, ""},
		"lane":     {jobstest.Kind("a", jobs.Policy{}), jobs.Spec{Lane: long}, ""},
		"attempts": {jobstest.Kind("a", jobs.Policy{}), jobs.Spec{MaxAttempts: -1}, ""},
		"give up":  {jobstest.Kind("a", jobs.Policy{}), jobs.Spec{GiveUpAfter: -1}, ""},
		"payload":  {jobstest.Kind("a", jobs.Policy{}), jobs.Spec{}, strings.Repeat("x", jobs.MaxPayload)},
	} {
		_, err := test.kind.Enqueue(t.Context(), w.Queue, test.spec, jobstest.Note{Text: test.text})
		if !errors.Is(err, jobs.ErrInvalid) || strings.Contains(err.Error(), "xxx") {
			t.Errorf("%s: %v, want ErrInvalid without the value", name, err)
		}
	}
	odd := jobs.Kind[chan int]{Name: "odd"}
	if _, err := odd.Enqueue(t.Context(), w.Queue, jobs.Spec{}, nil); !errors.Is(err, jobs.ErrInvalid) {
		t.Errorf("a payload without JSON: %v", err)
	}
}

func TestQueueNeedsItsParts(t *testing.T) {
	if _, err := jobs.NewQueue(jobs.Config{}); err == nil {
		t.Error("a queue of nothing")
	}
}

// TestNothingIsAcceptedWithoutRandomness: neither an id nor a data key can be drawn.
func TestNothingIsAcceptedWithoutRandomness(t *testing.T) {
	w := jobstest.New(t, time.Now)
	q, err := jobs.NewQueue(jobs.Config{
		Store: w.Store.Jobs(), Sealer: w.Sealer, Clock: time.Now, Rand: iotest.ErrReader(errors.New("none")),
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := jobstest.Kind("note", jobs.Policy{}).Enqueue(t.Context(), q, jobs.Spec{}, jobstest.Note{}); err == nil {
		t.Error("accepted")
	}
}

// TestPayloadOfAnotherVersion: a payload that this program cannot read waits for a person, not for attempts.
func TestPayloadOfAnotherVersion(t *testing.T) {
	w := jobstest.New(t, time.Now)
	other := jobs.Kind[struct {
		Text int `json:"text"`
	}]{Name: "note"}
	r := w.Put(t, jobstest.Kind("note", jobs.Policy{}), jobstest.Own(), "text")
	set := jobs.NewHandlers()
	other.Handle(set, func(context.Context, jobs.Job[struct {
		Text int `json:"text"`
	}],
	) error {
		t.Error("the handler was called")
		return nil
	})
	w.Drain(t, set)
	if got := w.Info(t, r.ID); got.State != jobs.StateDead || got.Code != jobs.CodePayload {
		t.Errorf("%+v", got)
	}
}

// TestObserverMeetsBoundedKinds: a kind that this process does not handle is counted under one name.
func TestObserverMeetsBoundedKinds(t *testing.T) {
	clock := jobstest.NewClock()
	w := jobstest.New(t, clock.Now)
	w.Put(t, jobstest.Kind("unknown1", jobs.Policy{}), jobstest.Own(), "x")
	w.Put(t, jobstest.Kind("unknown2", jobs.Policy{}), jobstest.Own(), "x")
	set := (&jobstest.Runs{}).Handlers(jobstest.Kind("note", jobs.Policy{}), func(jobs.Job[jobstest.Note]) error {
		return jobs.Permanent(errors.New("no"))
	})
	w.Put(t, jobstest.Kind("note", jobs.Policy{}), jobstest.Own(), "x")
	w.Drain(t, set)
	clock.Advance(time.Minute)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.Worker(t, set).Run(ctx) }()
	type seen struct {
		Counts [3]int
		Oldest time.Duration
		OK     bool
	}
	last := func(kind string) (s seen) {
		s.Counts, s.Oldest, s.OK = w.Seen.Last(kind)
		return s
	}
	for deadline := time.Now().Add(10 * time.Second); !last(jobs.OtherKind).OK && time.Now().Before(deadline); {
		<-time.After(time.Millisecond)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	want := map[string]seen{
		"note": {[3]int{0, 0, 1}, 0, true}, jobs.OtherKind: {[3]int{2, 0, 0}, time.Minute, true}, "unknown1": {},
	}
	got := map[string]seen{"note": last("note"), jobs.OtherKind: last(jobs.OtherKind), "unknown1": last("unknown1")}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("seen (-want +got):\n%s", diff)
	}
}

func BenchmarkEnqueueAndRun(b *testing.B) {
	w := jobstest.New(b, time.Now)
	kind := jobstest.Kind("note", jobs.Policy{Concurrency: 16})
	set := jobs.NewHandlers()
	kind.Handle(set, nothing)
	for b.Loop() {
		w.Put(b, kind, jobs.Spec{Key: rand.Text()}, "x")
	}
	if n := w.Drain(b, set); n != b.N {
		b.Fatalf("%d runs of %d", n, b.N)
	}
}
