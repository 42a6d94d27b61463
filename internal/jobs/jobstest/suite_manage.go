// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jobstest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/jobs"
)

// kill makes dead letters of these texts and returns their ids in order.
func (w *World) kill(t *testing.T, kind jobs.Kind[Note], s jobs.Spec, texts ...string) []string {
	t.Helper()
	ids := make([]string, len(texts))
	for i, text := range texts {
		ids[i] = w.Put(t, kind, s, text).ID
	}
	w.Drain(t, (&Runs{}).Handlers(kind, func(jobs.Job[Note]) error {
		return jobs.Permanent(jobs.Coded("peer/gone", errors.New("gone")))
	}))
	return ids
}

func testDeadList(t *testing.T, s scene) {
	note, other := Kind("note", jobs.Policy{}), Kind("other", jobs.Policy{})
	ids := s.a.kill(t, note, Own(), "a", "b", "c")
	spec := Own()
	spec.Ente = "c_z002"
	ids = append(ids, s.a.kill(t, other, spec, "d")...)
	s.a.Put(t, Kind("alive", jobs.Policy{}), Own(), "e")
	for name, test := range map[string]struct {
		query jobs.DeadQuery
		want  []string
	}{
		"all":       {jobs.DeadQuery{}, ids},
		"kind":      {jobs.DeadQuery{Kind: "note"}, ids[:3]},
		"ente":      {jobs.DeadQuery{Ente: "c_z002"}, ids[3:]},
		"first two": {jobs.DeadQuery{Limit: 2}, ids[:2]},
		"next two":  {jobs.DeadQuery{Limit: 2, After: ids[1]}, ids[2:]},
		"after all": {jobs.DeadQuery{After: ids[3], Kind: "other", Ente: "c_z002"}, []string{}},
		"nobody's":  {jobs.DeadQuery{Ente: "c_z003"}, []string{}},
	} {
		list, err := s.b.Queue.Dead(t.Context(), test.query)
		if err != nil {
			t.Fatal(err)
		}
		got := []string{}
		for _, i := range list {
			got = append(got, i.ID)
			if i.State != jobs.StateDead || i.Code != "peer/gone" || i.Attempt != 1 || i.EndedAt.IsZero() || i.EnqueuedAt.IsZero() {
				t.Errorf("%s: %+v", name, i)
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// testFind: a job is found again by what it was enqueued under, and by nothing else.
func testFind(t *testing.T, s scene) {
	kind, spec := Kind("note", jobs.Policy{}), Own()
	spec.Key = "chiave"
	id := s.a.kill(t, kind, spec, "a")[0]
	got, err := kind.Find(t.Context(), s.b.Queue, spec)
	if err != nil || got.ID != id || got.State != jobs.StateDead {
		t.Errorf("%+v %v", got, err)
	}
	other := spec
	other.Key = "altra"
	_, err = kind.Find(t.Context(), s.b.Queue, other)
	want(t, "Find under another key", err, jobs.ErrNotFound)
	_, err = Kind("other", jobs.Policy{}).Find(t.Context(), s.b.Queue, spec)
	want(t, "Find of another kind", err, jobs.ErrNotFound)
}

func testRetryDead(t *testing.T, s scene) {
	kind, runs := Kind("note", jobs.Policy{GiveUpAfter: time.Hour}), &Runs{}
	id := s.a.kill(t, kind, Own(), "x")[0]
	s.clock.Advance(2 * time.Hour) // its deadline is over: who retries it knows
	if err := s.b.Queue.Retry(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if got := s.a.Info(t, id); got.State != jobs.StatePending || got.Attempt != 0 || !got.EndedAt.IsZero() || !got.Deadline.IsZero() {
		t.Errorf("%+v", got)
	}
	want(t, "Retry of a pending job", s.a.Queue.Retry(t.Context(), id), jobs.ErrNotDead)
	s.a.Drain(t, runs.Handlers(kind, nil))
	if diff := cmp.Diff([]string{"x"}, runs.Texts()); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
	want(t, "Retry of a job that is done", s.a.Queue.Retry(t.Context(), id), jobs.ErrNotDead)
	want(t, "Retry of no job", s.a.Queue.Retry(t.Context(), "x"), jobs.ErrNotFound)
	_, err := s.a.Queue.Get(t.Context(), "x")
	want(t, "Get of no job", err, jobs.ErrNotFound)
}

func testDiscard(t *testing.T, s scene) {
	kind, runs := Kind("note", jobs.Policy{}), &Runs{}
	id := s.a.kill(t, kind, Own(), "x")[0]
	for name, reason := range map[string]string{
		"none": "", "two lines": "a\nb", "too long": strings.Repeat("a", 201), "a person": "non esiste " + strings.ToLower(invented),
		"not text": "\xff", "control": "a\x1b[0m",
	} {
		want(t, "reason "+name, s.a.Queue.Discard(t.Context(), id, reason), jobs.ErrReason)
	}
	if err := s.b.Queue.Discard(t.Context(), id, "l'ente ha già risposto per posta"); err != nil {
		t.Fatal(err)
	}
	row, err := s.a.Store.Jobs().Get(t.Context(), id)
	if err != nil || row.State != jobs.StateDiscarded || row.Reason != "l'ente ha già risposto per posta" ||
		row.Box.Key != nil || row.Box.Data != nil {
		t.Errorf("%+v, %v, want it discarded and without payload", row, err)
	}
	want(t, "Discard twice", s.a.Queue.Discard(t.Context(), id, "again"), jobs.ErrNotDead)
	want(t, "Retry of a discarded job", s.a.Queue.Retry(t.Context(), id), jobs.ErrNotDead)
	want(t, "Discard of no job", s.a.Queue.Discard(t.Context(), "x", "no"), jobs.ErrNotFound)
	if n := s.a.Drain(t, runs.Handlers(kind, nil)); n != 0 {
		t.Error("a discarded job ran")
	}
}

func testPurge(t *testing.T, s scene) {
	kind := Kind("note", jobs.Policy{Keep: time.Hour})
	ids := s.a.kill(t, kind, Own(), "dead", "discarded")
	if err := s.a.Queue.Discard(t.Context(), ids[1], "no"); err != nil {
		t.Fatal(err)
	}
	spec := Own()
	spec.RunAt = s.clock.Now().Add(365 * 24 * time.Hour)
	waiting := s.a.Put(t, kind, spec, "waiting")
	s.clock.Advance(30 * 24 * time.Hour)
	if n, err := s.a.Queue.Purge(t.Context(), s.clock.Now()); n != 1 || err != nil {
		t.Errorf("Purge = %d, %v, want the discarded one", n, err)
	}
	for _, id := range []string{ids[0], waiting.ID} {
		s.a.Info(t, id)
	}
}

func testStats(t *testing.T, s scene) {
	note := Kind("note", jobs.Policy{})
	s.a.kill(t, note, Own(), "dead")
	s.a.Put(t, note, Own(), "running")
	s.a.claim(t, "note", 1, time.Minute)
	s.a.Put(t, note, Own(), "due")
	oldest := s.clock.Now()
	s.clock.Advance(10 * time.Second)
	s.a.Put(t, note, Own(), "due later")
	spec := Own()
	spec.RunAt = s.clock.Now().Add(time.Hour)
	s.a.Put(t, Kind("waits", jobs.Policy{}), spec, "waiting")
	stats, err := s.b.Queue.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]jobs.KindStats{
		{Kind: "note", Due: 2, Running: 1, Dead: 1, OldestDue: oldest}, {Kind: "waits", Waiting: 1},
	}, stats); diff != "" {
		t.Errorf("stats (-want +got):\n%s", diff)
	}
}
