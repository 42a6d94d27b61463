// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package store_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/jobs"
	"github.com/snodo-pa/snodo/internal/jobs/jobstest"
	"github.com/snodo-pa/snodo/internal/store"
	"github.com/snodo-pa/snodo/internal/store/pgtest"
	"github.com/snodo-pa/snodo/internal/store/storetest"
)

// envJobVictim holds the DSN when the test binary runs as the process to be killed.
const envJobVictim = "SNODO_TEST_JOB_CRASH_DSN"

func crashKind() jobs.Kind[jobstest.Note] { return jobstest.Kind("crash", jobs.Policy{Concurrency: 2}) }

func crashQueue(t *testing.T, s *store.Store, clock func() time.Time) *jobs.Queue {
	t.Helper()
	q, err := jobs.NewQueue(jobs.Config{
		Store: s.Jobs(), Sealer: fixedConfig(t).Sealer, Clock: clock, Rand: rand.Reader, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// TestJobVictim is not a test of its own: TestKilledWorkerLosesNoJob runs it in another process and kills it. It accepts
// jobs, says so, ends the first of them and never ends the others.
func TestJobVictim(t *testing.T) {
	dsn := os.Getenv(envJobVictim)
	if dsn == "" {
		return
	}
	s, err := store.Open(t.Context(), store.Config{DSN: dsn, Clock: time.Now, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	q := crashQueue(t, s, time.Now)
	for i := range 5 {
		text := fmt.Sprint("job ", i)
		if _, err := crashKind().Enqueue(t.Context(), q, jobstest.Own(), jobstest.Note{Text: text}); err != nil {
			t.Fatal(err)
		}
		fmt.Println("accepted " + text)
	}
	set := jobs.NewHandlers()
	crashKind().Handle(set, func(ctx context.Context, job jobs.Job[jobstest.Note]) error {
		if job.Payload.Text == "job 0" {
			return nil
		}
		fmt.Println("inside " + job.Payload.Text)
		<-ctx.Done()
		return ctx.Err()
	})
	w, err := jobs.NewWorker(q, set, jobs.WorkerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestKilledWorkerLosesNoJob kills a process while its handlers run: every job that was accepted and not done is run by
// another process, the interrupted ones when their lease is over, and what was done is not done again.
func TestKilledWorkerLosesNoJob(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) { testKilledWorker(t, storetest.SQLite(t)) })
	t.Run("Postgres", func(t *testing.T) {
		testKilledWorker(t, storetest.Postgres(pgtest.Start(t).NewDatabase(t)))
	})
}

func testKilledWorker(t *testing.T, db storetest.Database) {
	db.Migrated(t, time.Now)
	db.Leave(t)
	accepted, inside := killInHandlers(t, db)
	if len(accepted) != 5 || len(inside) != 2 {
		t.Fatalf("the victim accepted %v and was in %v", accepted, inside)
	}

	killed := time.Now()
	at := killed
	s := db.Open(t, func() time.Time { return at })
	q := crashQueue(t, s, func() time.Time { return at })
	var ran []string
	set := jobs.NewHandlers()
	kind := crashKind()
	kind.Policy.Concurrency = 1
	kind.Handle(set, func(_ context.Context, job jobs.Job[jobstest.Note]) error {
		ran = append(ran, job.Payload.Text)
		return nil
	})
	w, err := jobs.NewWorker(q, set, jobs.WorkerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	drain := func() []string {
		t.Helper()
		ran = nil
		if _, err := w.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		slices.Sort(ran)
		return ran
	}
	left := slices.DeleteFunc(slices.Clone(accepted), func(text string) bool {
		return text == "job 0" || slices.Contains(inside, text)
	})
	if diff := cmp.Diff(left, drain()); diff != "" {
		t.Errorf("at once (-want +got):\n%s", diff)
	}
	at = killed.Add(2 * time.Minute)
	slices.Sort(inside)
	if diff := cmp.Diff(inside, drain()); diff != "" {
		t.Errorf("when the leases are over (-want +got):\n%s", diff)
	}
	if again := drain(); len(again) != 0 {
		t.Errorf("ran again: %v", again)
	}
}

// killInHandlers runs the victim until two handlers are at work, kills it, and returns what it accepted and in which
// jobs it was.
func killInHandlers(t *testing.T, db storetest.Database) (accepted, inside []string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestJobVictim$")
	cmd.Env = append(os.Environ(), envJobVictim+"="+db.DSN)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); len(inside) < 2 && lines.Scan(); {
		if text, ok := strings.CutPrefix(lines.Text(), "accepted "); ok {
			accepted = append(accepted, text)
		}
		if text, ok := strings.CutPrefix(lines.Text(), "inside "); ok {
			inside = append(inside, text)
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != -1 {
		t.Fatalf("the victim ended by itself: %v", err)
	}
	return accepted, inside
}
