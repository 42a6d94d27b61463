// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jobs

import (
	"context"
	"crypto/rand"
	"errors"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// withSchedules is a worker of the schedules a, b and c, which fire every hour.
func withSchedules(t *testing.T, s *silent) *Worker {
	t.Helper()
	w := newTestWorker(t, s, rand.Reader)
	tick := Kind[Tick]{Name: "tick"}
	tick.Handle(w.set, func(context.Context, Job[Tick]) error { return nil })
	for _, name := range []string{"a", "b", "c"} {
		w.set.Schedule(Schedule{Name: name, When: whenOf(t, "every 1h")}, tick)
	}
	return w
}

func whenOf(t *testing.T, text string) When {
	t.Helper()
	when, err := ParseWhen(text)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

// TestSchedulesAreStoredUntilAllAre: a store that fails half way is asked again, from the
// beginning, at the next look; once all are there they are left in peace.
func TestSchedulesAreStoredUntilAllAre(t *testing.T) {
	s := &silent{taken: 2, due: []ScheduleRow{}}
	w := withSchedules(t, s)
	if _, err := w.fire(t.Context()); !errors.Is(err, errSilent) || w.scheduled {
		t.Fatalf("%v, all stored: %t", err, w.scheduled)
	}
	s.taken = 5
	for range 2 {
		if n, err := w.fire(t.Context()); n != 0 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
	}
	if diff := cmp.Diff([]string{"a", "b", "a", "b", "c"}, s.puts); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
}

// TestWhoFiresASchedule: this hub what it has, as it has it; one that another version
// stored, or that is nobody's any more, is left alone.
func TestWhoFiresASchedule(t *testing.T) {
	var fired []string
	row := func(name, when string) ScheduleRow { return ScheduleRow{Name: name, When: when, Next: noon} }
	s := &silent{taken: 3, due: []ScheduleRow{row("a", "every 1h0m0s"), row("b", "every 2h0m0s"), row("z", "every 1h0m0s"), row("c", "every 1h0m0s")}}
	s.fire = func(r ScheduleRow) (Fired, error) {
		fired = append(fired, r.Name)
		return FiredJob, nil
	}
	n, err := withSchedules(t, s).fire(t.Context())
	if diff := cmp.Diff([]string{"a", "c"}, fired); diff != "" || n != 2 || err != nil {
		t.Errorf("%d, %v (-want +got):\n%s", n, err, diff)
	}
}

// TestOnlyAJobThatWasStoredCounts: another replica was first, or the one before still
// waits; after an error the rest waits for the next look.
func TestOnlyAJobThatWasStoredCounts(t *testing.T) {
	due := []ScheduleRow{{Name: "a", When: "every 1h0m0s", Next: noon}, {Name: "b", When: "every 1h0m0s", Next: noon}, {Name: "c", When: "every 1h0m0s", Next: noon}}
	for name, c := range map[string]struct {
		answers map[string]Fired
		fails   string
		n       int
	}{
		"all":                  {map[string]Fired{"a": FiredJob, "b": FiredJob, "c": FiredJob}, "", 3},
		"one by another":       {map[string]Fired{"a": FiredJob, "b": FiredByOther, "c": FiredJob}, "", 2},
		"one merged":           {map[string]Fired{"a": FiredMerged, "b": FiredJob, "c": FiredByOther}, "", 1},
		"the second fails":     {map[string]Fired{"a": FiredJob, "c": FiredJob}, "b", 1},
		"the first one fails":  {map[string]Fired{"b": FiredJob, "c": FiredJob}, "a", 0},
		"the last merged only": {map[string]Fired{"a": FiredByOther, "b": FiredByOther, "c": FiredMerged}, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := &silent{taken: 3, due: due, fire: func(r ScheduleRow) (Fired, error) {
				if r.Name == c.fails {
					return FiredByOther, errSilent
				}
				return c.answers[r.Name], nil
			}}
			n, err := withSchedules(t, s).fire(t.Context())
			if n != c.n || (err != nil) != (c.fails != "") {
				t.Errorf("%d, %v, expected %d", n, err, c.n)
			}
		})
	}
	s := &silent{taken: 3}
	if _, err := withSchedules(t, s).fire(t.Context()); !errors.Is(err, errSilent) {
		t.Errorf("a store that lists nothing: %v", err)
	}
}

// TestTheNextInstant follows the one that was due, or now when the hub was off for longer;
// a jitter is drawn within its bound, and not without randomness.
func TestTheNextInstant(t *testing.T) {
	for _, c := range []struct {
		when string
		due  time.Time
		want time.Time
	}{
		{"every 1h", noon, noon.Add(time.Hour)},
		{"every 1h", noon.Add(-time.Minute), noon.Add(59 * time.Minute)},
		{"every 1h", noon.Add(-time.Hour), noon.Add(time.Hour)},
		{"every 1h", noon.Add(-30 * time.Hour), noon.Add(time.Hour)},
		{"daily 13:30", noon.Add(-48 * time.Hour), noon.Add(30 * time.Minute)}, // 13:30 in Rome
		{"daily 13:00", noon, noon.Add(24 * time.Hour)},
		{"every 1h jitter 10m", noon, noon.Add(time.Hour)}, // zeros draw nothing of it
	} {
		w := newTestWorker(t, nil, zeros{})
		got, err := w.instant(whenOf(t, c.when), c.due, noon)
		if err != nil || !got.Equal(c.want) {
			t.Errorf("%s after %s: %s, %v; expected %s", c.when, c.due, got, err, c.want)
		}
	}
	blind := newTestWorker(t, nil, iotest.ErrReader(errSilent))
	if _, err := blind.instant(whenOf(t, "every 1h jitter 10m"), noon, noon); !errors.Is(err, errSilent) {
		t.Errorf("a jitter without randomness: %v", err)
	}
	if _, err := blind.instant(whenOf(t, "every 1h"), noon, noon); err != nil {
		t.Errorf("no jitter: %v", err)
	}
}
