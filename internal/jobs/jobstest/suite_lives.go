// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jobstest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/jobs"
	"github.com/snodo-pa/snodo/internal/store"
	"github.com/snodo-pa/snodo/internal/store/storetest"
)

func testLeaseRunsOut(t *testing.T, s scene) {
	kind, runs := Kind("note", jobs.Policy{}), &Runs{}
	s.a.Put(t, kind, Own(), "x")
	if got := s.a.claim(t, "note", 5, time.Minute); len(got) != 1 {
		t.Fatalf("%d jobs claimed", len(got))
	}
	s.clock.Advance(time.Minute - time.Nanosecond)
	if n := s.b.Drain(t, runs.Handlers(kind, nil)); n != 0 {
		t.Fatal("taken under a lease that holds")
	}
	s.clock.Advance(time.Nanosecond)
	if n := s.b.Drain(t, runs.Handlers(kind, nil)); n != 1 {
		t.Fatal("not taken when the lease ran out")
	}
	if got := runs.All()[0]; got.Attempt != 2 || got.Lease.Fence <= 1 {
		t.Errorf("%+v, want the second attempt under a greater fence", got)
	}
	if n := s.b.Seen.Ended("note", jobs.OutcomeLost); n != 1 {
		t.Errorf("observed %d lost", n)
	}
}

func testRenewed(t *testing.T, s scene) {
	kind, runs := Kind("note", jobs.Policy{}), &Runs{}
	s.a.Put(t, kind, Own(), "x")
	row := s.a.claim(t, "note", 1, time.Minute)[0]
	for range 5 {
		s.clock.Advance(40 * time.Second)
		if err := s.a.Store.Jobs().Renew(t.Context(), leaseOf(&row), s.clock.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if n := s.b.Drain(t, runs.Handlers(kind, nil)); n != 0 {
			t.Fatal("a renewed lease was taken")
		}
	}
}

// testLateFinisher: a worker that comes back after its job was taken can neither end nor keep it, before or after the
// other has ended it.
func testLateFinisher(t *testing.T, s scene) {
	kind := Kind("note", jobs.Policy{})
	r := s.a.Put(t, kind, Own(), "x")
	late := s.a.claim(t, "note", 1, time.Minute)[0]
	s.clock.Advance(time.Minute)
	taken := s.b.claim(t, "note", 1, time.Minute)[0]
	refused := func(when string) {
		t.Helper()
		ctx, now := t.Context(), s.clock.Now()
		for _, e := range []jobs.End{
			{State: jobs.StateDone, At: now},
			{State: jobs.StateDead, At: now, Code: "late"},
			{State: jobs.StatePending, At: now, RunAt: now, Uncount: true},
		} {
			want(t, when+": End "+string(e.State), s.a.Store.Jobs().End(ctx, leaseOf(&late), e), jobs.ErrLeaseLost)
		}
		want(t, when+": Renew", s.a.Store.Jobs().Renew(ctx, leaseOf(&late), now.Add(time.Hour)), jobs.ErrLeaseLost)
	}
	refused("taken")
	if err := s.b.Store.Jobs().End(t.Context(), leaseOf(&taken), jobs.End{State: jobs.StateDone, At: s.clock.Now()}); err != nil {
		t.Fatal(err)
	}
	refused("ended")
	want(t, "End twice", s.b.Store.Jobs().End(t.Context(), leaseOf(&taken), jobs.End{State: jobs.StateDone, At: s.clock.Now()}),
		jobs.ErrLeaseLost)
	if got := s.a.Info(t, r.ID); got.State != jobs.StateDone || got.Code != "" {
		t.Errorf("%+v", got)
	}
}

func testPoison(t *testing.T, s scene) {
	kind, runs := Kind("note", jobs.Policy{MaxAttempts: 2}), &Runs{}
	r := s.a.Put(t, kind, Own(), "x")
	for range 2 {
		if len(s.a.claim(t, "note", 1, time.Minute)) != 1 {
			t.Fatal("not claimed")
		}
		s.clock.Advance(time.Minute)
	}
	if n := s.a.Drain(t, runs.Handlers(kind, nil)); n != 0 {
		t.Error("it ran once more")
	}
	if got := s.a.Info(t, r.ID); got.State != jobs.StateDead || got.Code != jobs.CodeLeaseExpired || got.EndedAt.IsZero() {
		t.Errorf("%+v, want it dead", got)
	}
	if n := s.a.Seen.Ended("note", jobs.OutcomeDead); n != 1 {
		t.Errorf("observed %d dead", n)
	}
}

func testFence(t *testing.T, s scene) {
	kind := Kind("note", jobs.Policy{})
	s.a.Put(t, kind, Own(), "x")
	row := s.a.claim(t, "note", 1, time.Minute)[0]
	feed := store.CursorName{Ente: Ente, Feed: "f"}
	move := func(value, expected string) error {
		return s.a.Store.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			if err := tx.Fence(ctx, leaseOf(&row)); err != nil {
				return err
			}
			return tx.SetCursor(ctx, feed, value, expected)
		})
	}
	if err := move("1", ""); err != nil {
		t.Fatal(err)
	}
	s.clock.Advance(time.Minute)
	s.b.claim(t, "note", 1, time.Minute)
	want(t, "a transaction of the late finisher", move("2", "1"), jobs.ErrLeaseLost)
	if c, err := s.a.Store.State().Cursor(t.Context(), feed); c.Value != "1" || err != nil {
		t.Errorf("cursor %+v, %v: the late finisher moved it", c, err)
	}
}

func testBackoff(t *testing.T, s scene) {
	kind := Kind("note", jobs.Policy{MaxAttempts: 5, Backoff: jobs.Backoff{Base: time.Minute, Max: 3 * time.Minute}})
	runs := &Runs{}
	set := runs.Handlers(kind, func(job jobs.Job[Note]) error {
		if job.Attempt == 4 {
			return jobs.Retry(errors.New("busy"), 17*time.Hour)
		}
		return errors.New("no")
	})
	r := s.a.Put(t, kind, Own(), "x")
	for attempt, most := range []time.Duration{time.Minute, 2 * time.Minute, 3 * time.Minute, 17 * time.Hour} {
		if n := s.a.Drain(t, set); n != 1 {
			t.Fatalf("attempt %d: %d runs", attempt+1, n)
		}
		got := s.a.Info(t, r.ID)
		wait, least := got.RunAt.Sub(s.clock.Now()), most/2
		if attempt == 3 {
			least = most // what a peer said is not drawn
		}
		if got.State != jobs.StatePending || got.Code != jobs.CodeError || wait < least || wait > most {
			t.Errorf("after attempt %d: %+v, waits %v, want %v to %v", attempt+1, got, wait, least, most)
		}
		s.clock.Advance(wait)
	}
	s.a.Drain(t, set)
	if got := s.a.Info(t, r.ID); got.State != jobs.StateDead || got.Attempt != 5 {
		t.Errorf("after the last attempt: %+v", got)
	}
	if retried, dead := s.a.Seen.Ended("note", jobs.OutcomeRetry), s.a.Seen.Ended("note", jobs.OutcomeDead); retried != 4 || dead != 1 {
		t.Errorf("observed %d retries and %d dead", retried, dead)
	}
}

// invented is a codice fiscale of nobody: an error, a payload and a key that must not be found anywhere.
const invented = "RSSMRA80A01Z999X"

func testFailures(t *testing.T, s scene) {
	base := errors.New("person " + invented + " not found")
	var nilMap map[string]int
	for name, test := range map[string]struct {
		fails func() error
		code  string
		dead  bool
	}{
		"plain":             {func() error { return base }, jobs.CodeError, false},
		"permanent":         {func() error { return jobs.Permanent(base) }, jobs.CodeError, true},
		"coded":             {func() error { return jobs.Coded("peer/gone", base) }, "peer/gone", false},
		"coded, permanent":  {func() error { return jobs.Permanent(jobs.Coded("peer/gone", base)) }, "peer/gone", true},
		"permanent, coded":  {func() error { return jobs.Coded("peer/gone", jobs.Permanent(base)) }, "peer/gone", true},
		"wrapped":           {func() error { return fmt.Errorf("why: %w", jobs.Permanent(base)) }, jobs.CodeError, true},
		"outermost code":    {func() error { return jobs.Coded("a", jobs.Coded("b", base)) }, "a", false},
		"code is a text":    {func() error { return jobs.Coded("Not a code: "+invented, base) }, jobs.CodeError, false},
		"code is a person":  {func() error { return jobs.Coded(strings.ToLower(invented), base) }, jobs.CodeError, false},
		"deadline":          {func() error { return fmt.Errorf("x: %w", context.DeadlineExceeded) }, jobs.CodeTimeout, false},
		"cancelled":         {func() error { return context.Canceled }, jobs.CodeCancelled, false},
		"panic":             {func() error { nilMap[invented] = 1; return nil }, jobs.CodePanic, true},
		"panic with a text": {func() error { panic(base) }, jobs.CodePanic, true},
		"goroutine ended":   {func() error { runtime.Goexit(); return nil }, jobs.CodePanic, true},
	} {
		kind := Kind("note", jobs.Policy{})
		r := s.a.Put(t, kind, Own(), invented)
		s.a.Drain(t, (&Runs{}).Handlers(kind, func(jobs.Job[Note]) error { return test.fails() }))
		if got := s.a.Info(t, r.ID); got.Code != test.code || (got.State == jobs.StateDead) != test.dead {
			t.Errorf("%s: %+v, want code %s, dead %v", name, got, test.code, test.dead)
		}
	}
	for _, secret := range []string{invented, strings.ToLower(invented), "not found"} {
		if strings.Contains(s.a.Log.String(), secret) {
			t.Errorf("the log holds %q:\n%s", secret, s.a.Log)
		}
	}
	if log := s.a.Log.String(); !strings.Contains(log, "peer/gone") || !strings.Contains(log, "testFailures") {
		t.Errorf("the log lacks the code, or where the panic was:\n%s", log)
	}
}

func testDeadline(t *testing.T, s scene) {
	kind, runs := Kind("note", jobs.Policy{GiveUpAfter: time.Hour, Backoff: jobs.Backoff{Base: 40 * time.Minute, Max: 40 * time.Minute}}), &Runs{}
	late := s.a.Put(t, kind, Own(), "late")
	s.clock.Advance(time.Hour)
	failing := s.a.Put(t, kind, Own(), "failing")
	short := Own()
	short.GiveUpAfter = time.Minute
	short.MaxAttempts = 3
	own := s.a.Put(t, kind, short, "own")
	set := runs.Handlers(kind, func(jobs.Job[Note]) error { return jobs.Coded("peer/busy", errors.New("busy")) })
	s.a.Drain(t, set)
	if got := s.a.Info(t, late.ID); got.State != jobs.StateDead || got.Code != jobs.CodeExpired || got.Attempt != 0 {
		t.Errorf("%+v, want it dead without a run", got)
	}
	if got := s.a.Info(t, own.ID); got.State != jobs.StateDead || got.Code != "peer/busy" || got.MaxAttempts != 3 {
		t.Errorf("%+v, want it dead since it has no time for a second attempt", got)
	}
	if got := s.a.Info(t, failing.ID); got.State != jobs.StatePending || !got.Deadline.Equal(s.clock.Now().Add(time.Hour)) {
		t.Errorf("%+v, want it waiting", got)
	}
	s.clock.Advance(time.Hour)
	s.a.Drain(t, set)
	if got := s.a.Info(t, failing.ID); got.State != jobs.StateDead || got.Code != "peer/busy" || got.Attempt != 1 {
		t.Errorf("%+v, want it dead with the code of its failure", got)
	}
}

func testUncounted(t *testing.T, s scene) {
	kind := Kind("note", jobs.Policy{})
	r := s.a.Put(t, kind, Own(), "x")
	row := s.a.claim(t, "note", 1, time.Minute)[0]
	now := s.clock.Now()
	if err := s.a.Store.Jobs().End(t.Context(), leaseOf(&row), jobs.End{State: jobs.StatePending, At: now, RunAt: now, Uncount: true}); err != nil {
		t.Fatal(err)
	}
	if got := s.a.Info(t, r.ID); got.Attempt != 0 || got.State != jobs.StatePending {
		t.Errorf("%+v", got)
	}
	if again := s.a.claim(t, "note", 1, time.Minute)[0]; again.Fence <= row.Fence {
		t.Errorf("fence %d after %d: it must grow even when attempts do not", again.Fence, row.Fence)
	}
}

// everything returns all that the database holds of jobs, schedules and cursors.
func everything(t *testing.T, db storetest.Database) string {
	t.Helper()
	conn, err := sql.Open(db.Driver, db.Source)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	var all strings.Builder
	for _, name := range []string{"jobs", "job_schedules", "cursors"} {
		table(t, conn, "SELECT * FROM "+name, &all)
	}
	return all.String()
}

// table writes all that a query returns.
func table(t *testing.T, conn *sql.DB, query string, to *strings.Builder) {
	t.Helper()
	rows, err := conn.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	values, dest := make([]any, len(columns)), make([]any, len(columns))
	for i := range dest {
		dest[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			t.Fatal(err)
		}
		for _, v := range values {
			if b, ok := v.([]byte); ok {
				v = string(b)
			}
			fmt.Fprintf(to, "%v ", v)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

func testSealed(t *testing.T, s scene) {
	kind := Kind("note", jobs.Policy{})
	spec := Own()
	spec.Key, spec.Lane = "key "+invented, "lane "+invented
	s.a.Put(t, kind, spec, "payload "+invented)
	s.a.Drain(t, (&Runs{}).Handlers(kind, func(jobs.Job[Note]) error { return errors.New(invented) }))
	all := everything(t, s.db)
	if !strings.Contains(all, "note") || !strings.Contains(all, Ente) {
		t.Fatal("the test does not see what is stored")
	}
	if strings.Contains(all, invented) {
		t.Error("a codice fiscale is stored in clear")
	}
}

func testMovedBox(t *testing.T, s scene) {
	kind := Kind("note", jobs.Policy{})
	a, b := s.a.Put(t, kind, Own(), "a"), s.a.Put(t, kind, Own(), "b")
	s.db.Exec(t, "UPDATE jobs SET wrapped_key = (SELECT wrapped_key FROM jobs WHERE id = '"+a.ID+
		"'), data = (SELECT data FROM jobs WHERE id = '"+a.ID+"') WHERE id = '"+b.ID+"'")
	runs := &Runs{}
	s.a.Drain(t, runs.Handlers(kind, nil))
	if diff := cmp.Diff([]string{"a"}, runs.Texts()); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
	if got := s.a.Info(t, b.ID); got.State != jobs.StateDead || got.Code != jobs.CodeSealed {
		t.Errorf("%+v, want it dead", got)
	}
}

func testOtherMasterKey(t *testing.T, s scene) {
	kind, runs := Kind("note", jobs.Policy{}), &Runs{}
	r := s.a.Put(t, kind, Own(), "x")
	wrong := Over(t, s.a.Store, storetest.Sealer(t), s.clock.Now)
	wrong.Drain(t, runs.Handlers(kind, nil))
	if got := s.a.Info(t, r.ID); got.State != jobs.StatePending || got.Code != jobs.CodeMasterKey {
		t.Errorf("%+v, want it waiting for the right key", got)
	}
	s.clock.Advance(time.Hour)
	s.a.Drain(t, runs.Handlers(kind, nil))
	if diff := cmp.Diff([]string{"x"}, runs.Texts()); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
}
