// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package store_test

import (
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/evidence/evidencetest"
	"github.com/snodo-pa/snodo/internal/replay"
	"github.com/snodo-pa/snodo/internal/replay/replaytest"
	"github.com/snodo-pa/snodo/internal/store"
	"github.com/snodo-pa/snodo/internal/store/pgtest"
	"github.com/snodo-pa/snodo/internal/store/storetest"
)

func TestSQLite(t *testing.T) {
	runSuites(t, func(t *testing.T) storetest.Database { return storetest.SQLite(t) })
}

func TestPostgres(t *testing.T) {
	cluster := pgtest.Start(t)
	runSuites(t, func(t *testing.T) storetest.Database { return storetest.Postgres(cluster.NewDatabase(t)) })
}

// runSuites runs the suites of everything that the store implements.
func runSuites(t *testing.T, newDatabase func(t *testing.T) storetest.Database) {
	t.Run("store", func(t *testing.T) { storetest.Run(t, newDatabase) })
	t.Run("open intents move", func(t *testing.T) { testOpenIntentsMove(t, newDatabase(t)) })
	t.Run("evidence", func(t *testing.T) {
		evidencetest.Run(t, func(t *testing.T) evidencetest.Database {
			db := newDatabase(t)
			db.Migrated(t, time.Now)
			return evidencetest.Database{
				Open: func(t *testing.T) evidence.Store { return db.Open(t, time.Now).Evidence() },
				Exec: func(t *testing.T, statement string) { db.Exec(t, statement) },
			}
		})
	})
	t.Run("replay", func(t *testing.T) {
		replaytest.Run(t, func(t *testing.T, n int, clock func() time.Time) []replay.Cache {
			db := newDatabase(t)
			db.Migrated(t, clock)
			caches := make([]replay.Cache, n)
			for i := range caches {
				s := db.Open(t, clock)
				if i > 0 && s.Dialect() == store.DialectSQLite {
					caches[i] = caches[0] // a SQLite store has one cache
					continue
				}
				c, err := s.Replay(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				caches[i] = c
				t.Cleanup(func() {
					if err := c.Close(); err != nil {
						t.Errorf("close cache: %v", err)
					}
				})
			}
			return caches
		})
	})
}
