// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package store_test

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/jobs"
	"github.com/snodo-pa/snodo/internal/jobs/jobstest"
	"github.com/snodo-pa/snodo/internal/store/pgtest"
	"github.com/snodo-pa/snodo/internal/store/storetest"
)

func TestJobsSQLite(t *testing.T) {
	jobstest.Run(t, func(t *testing.T) storetest.Database { return storetest.SQLite(t) })
}

func TestJobsPostgres(t *testing.T) {
	cluster := pgtest.Start(t)
	jobstest.Run(t, func(t *testing.T) storetest.Database { return storetest.Postgres(cluster.NewDatabase(t)) })
}

// TestEndedJobLeavesNoTrace: the data key of a job that was done, or discarded, is in none of the files once the store
// has tidied up; without it the payload is lost in every copy made from then on.
func TestEndedJobLeavesNoTrace(t *testing.T) {
	db := storetest.SQLite(t)
	w := jobstest.Over(t, db.Migrated(t, time.Now), storetest.Sealer(t), time.Now)
	kind := jobstest.Kind("note", jobs.Policy{})
	done, discarded := w.Put(t, kind, jobstest.Own(), "good"), w.Put(t, kind, jobstest.Own(), "bad")
	secrets := make(map[string][]byte)
	for _, id := range []string{done.ID, discarded.ID} {
		row, err := w.Store.Jobs().Get(t.Context(), id)
		if err != nil || len(row.Box.Key) == 0 {
			t.Fatalf("%+v, %v", row, err)
		}
		secrets[id] = row.Box.Key
	}
	files := func() (found int) {
		path := strings.TrimPrefix(db.DSN, "sqlite:")
		for _, name := range []string{path, path + "-wal"} {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, secret := range secrets {
				if bytes.Contains(text, secret) {
					found++
				}
			}
		}
		return found
	}
	if files() == 0 {
		t.Fatal("the test does not find what is stored")
	}
	w.Drain(t, (&jobstest.Runs{}).Handlers(kind, func(job jobs.Job[jobstest.Note]) error {
		if job.Payload.Text == "bad" {
			return jobs.Permanent(errors.New("no"))
		}
		return nil
	}))
	if err := w.Queue.Discard(t.Context(), discarded.ID, "prova"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Queue.Purge(t.Context(), time.Now()); err != nil {
		t.Fatal(err)
	}
	if n := files(); n != 0 {
		t.Errorf("found %d times in the files", n)
	}
}
