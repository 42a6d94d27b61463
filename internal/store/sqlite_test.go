// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package store_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/evidence/evidencetest"
	"github.com/snodo-pa/snodo/internal/replay"
	"github.com/snodo-pa/snodo/internal/replay/replaytest"
	"github.com/snodo-pa/snodo/internal/store"
	"github.com/snodo-pa/snodo/internal/store/storetest"
)

func TestOpenRefusesAWrongDSNWithoutRepeatingIt(t *testing.T) {
	for _, dsn := range []string{
		"", "snodo.db", "mysql://u:s3cret@h/d", "sqlite:", "postgres://u:s3cret@h:notaport/d",
		"sqlite:" + filepath.Join(t.TempDir(), "no such folder", "nor this", "snodo.db"),
	} {
		s, err := store.Open(t.Context(), store.Config{DSN: dsn, Clock: time.Now, Rand: rand.Reader})
		if err == nil {
			t.Errorf("%q was opened", dsn)
			_ = s.Close()
			continue
		}
		if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("the error repeats the password: %v", err)
		}
	}
	dsn := storetest.SQLite(t).DSN
	for _, cfg := range []store.Config{{DSN: dsn, Rand: rand.Reader}, {DSN: dsn, Clock: time.Now}} {
		if _, err := store.Open(t.Context(), cfg); err == nil {
			t.Error("a store without clock or randomness was opened")
		}
	}
}

func TestPostgresThatDoesNotAnswerIsDontKnow(t *testing.T) {
	_, err := store.Open(t.Context(), store.Config{
		DSN: "postgres://u:s3cret@127.0.0.1:1/d?sslmode=disable", Clock: time.Now, Rand: rand.Reader, Timeout: time.Second,
	})
	if !errors.Is(err, store.ErrUnavailable) || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("Open = %v, want ErrUnavailable without the password", err)
	}
}

// TestSlowStatementEndsWithItsTimeout: the connection that writes is one, and whoever holds it holds up the evidence.
func TestSlowStatementEndsWithItsTimeout(t *testing.T) {
	db := storetest.SQLite(t)
	db.Migrated(t, time.Now)
	db.Leave(t)
	s, err := store.Open(t.Context(), store.Config{DSN: db.DSN, Clock: time.Now, Rand: rand.Reader, Timeout: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	const endless = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
		INSERT INTO counters (ente, name, value) SELECT 'c_z001', 'endless', MAX(i) FROM n`
	if err := s.ExecWrite(t.Context(), endless); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want the end of its time", err)
	}
}

func TestSQLiteFilesBelongToTheirOwner(t *testing.T) {
	db := storetest.SQLite(t)
	db.Migrated(t, time.Now)
	files, err := filepath.Glob(strings.TrimPrefix(db.DSN, "sqlite:") + "*")
	if err != nil || len(files) < 2 {
		t.Fatalf("files %v, %v", files, err)
	}
	for _, f := range files {
		if info, err := os.Stat(f); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v, want 0600", filepath.Base(f), info.Mode(), err)
		}
	}
}

// TestSQLiteIsDurable reads back what decides whether a commit survives a power failure.
func TestSQLiteIsDurable(t *testing.T) {
	db := storetest.SQLite(t)
	s := db.Migrated(t, time.Now)
	const full, normal = 2, 1
	evidencePragma, replayPragma := s.Synchronous(t.Context())
	if evidencePragma != full || replayPragma != normal {
		t.Errorf("synchronous: %d for evidence and %d for used tokens, want %d and %d",
			evidencePragma, replayPragma, full, normal)
	}
}

// TestErasedBytesLeaveTheFiles looks for the wrapped key of an erased record in the database and its journal.
func TestErasedBytesLeaveTheFiles(t *testing.T) {
	db := storetest.SQLite(t)
	cfg, _ := evidencetest.Config(t)
	l := evidencetest.Start(t, db.Migrated(t, time.Now).Evidence(), cfg)
	evidencetest.Fill(t, l, evidencetest.EnteA, 3)
	raw, err := sql.Open(db.Driver, db.Source)
	if err != nil {
		t.Fatal(err)
	}
	var key []byte
	if err := raw.QueryRowContext(t.Context(), "SELECT wrapped_key FROM evidence_sides WHERE idx = 2").Scan(&key); err != nil {
		t.Fatal(err)
	}
	if err := raw.Close(); err != nil {
		t.Fatal(err)
	}
	if !onDisk(t, db, key) {
		t.Fatal("the key is not found before the erasure: the test looks in the wrong place")
	}
	if n, err := l.Erase(t.Context(), evidencetest.EnteA, evidencetest.CodiceFiscale); n != 6 || err != nil {
		t.Fatalf("Erase = %d, %v", n, err)
	}
	if onDisk(t, db, key) {
		t.Error("the erased key is still in a file")
	}
}

func onDisk(t *testing.T, db storetest.Database, what []byte) bool {
	t.Helper()
	files, err := filepath.Glob(strings.TrimPrefix(db.DSN, "sqlite:") + "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(data, what) {
			return true
		}
	}
	return false
}

// TestDatabaseHoldsNoPersonalData: a stolen database without the master key names nobody.
func TestDatabaseHoldsNoPersonalData(t *testing.T) {
	db := storetest.SQLite(t)
	cfg, _ := evidencetest.Config(t)
	l := evidencetest.Start(t, db.Migrated(t, time.Now).Evidence(), cfg)
	evidencetest.Fill(t, l, evidencetest.EnteA, 3)
	for _, personal := range []string{evidencetest.CodiceFiscale, "m.rossi", "2026/42", "iscrizione-nido"} {
		if onDisk(t, db, []byte(personal)) {
			t.Errorf("%q is in a file", personal)
		}
	}
	if !onDisk(t, db, []byte("anpr-c020")) {
		t.Error("the leaf is not found: the test looks in the wrong place")
	}
}

// TestLockedDatabaseIsDontKnow: somebody holds the write lock and does not let go.
func TestLockedDatabaseIsDontKnow(t *testing.T) {
	db := storetest.SQLite(t)
	db.Migrated(t, time.Now)
	db.Leave(t)
	s, err := store.Open(t.Context(), store.Config{DSN: db.DSN, Clock: time.Now, Rand: rand.Reader, Timeout: 300 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	cfg, _ := evidencetest.Config(t)
	cfg.CommitTimeout = 50 * time.Millisecond
	l := evidencetest.Start(t, s.Evidence(), cfg)
	if _, err := s.State().Next(t.Context(), "c_z002", "anpr"); err != nil {
		t.Fatal(err)
	}

	raw, err := sql.Open(db.Driver, db.Source)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = raw.Close() }()
	conn, err := raw.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.ExecContext(t.Context(), "BEGIN EXCLUSIVE"); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Append(t.Context(), evidencetest.Intent(evidencetest.EnteA, "x")); !errors.Is(err, evidence.ErrUnavailable) {
		t.Errorf("Append = %v, want ErrUnavailable", err)
	}
	if _, err := s.State().Next(t.Context(), "c_z001", "anpr"); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Next = %v, want ErrUnavailable", err)
	}
	if n, err := s.State().Next(t.Context(), "c_z002", "anpr"); n != 2 || err != nil {
		t.Errorf("Next of a number set aside before = %d, %v, want 2", n, err)
	}
	if _, err := conn.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if r := evidencetest.MustAppend(t, l, evidencetest.Intent(evidencetest.EnteA, "x")); r.Index != 0 {
		t.Errorf("index %d once the lock is gone, want 0", r.Index)
	}
}

// TestFullDiskIsDontKnow: nothing is lost, nothing is half written, and the log goes on when there is room again.
func TestFullDiskIsDontKnow(t *testing.T) {
	db := storetest.SQLite(t)
	s := db.Migrated(t, time.Now)
	cfg, keys := evidencetest.Config(t)
	l := evidencetest.Start(t, s.Evidence(), cfg)
	evidencetest.Fill(t, l, evidencetest.EnteA, 2)
	if err := s.LimitPages(t.Context(), 1); err != nil { // as many as there are now
		t.Fatal(err)
	}
	big := evidencetest.Intent(evidencetest.EnteA, "big")
	big.Side.Messages = []evidence.Message{{Body: make([]byte, 1<<20)}}
	if _, err := l.Append(t.Context(), big); !errors.Is(err, evidence.ErrUnavailable) {
		t.Errorf("Append = %v, want ErrUnavailable", err)
	}
	if err := s.LimitPages(t.Context(), 1<<30); err != nil {
		t.Fatal(err)
	}
	if r := evidencetest.MustAppend(t, l, big); r.Index != 4 {
		t.Errorf("index %d, want 4", r.Index)
	}
	file := evidencetest.Export(t, l, evidence.ExportQuery{Ente: evidencetest.EnteA, Sides: true})
	if _, err := evidence.Verify(bytes.NewReader(file), keys.Trust(t, evidencetest.EnteA)); err != nil {
		t.Error(err)
	}
}

// TestUncleanStopRefusesEarlierTokens: after it nobody knows which tokens were used (design D5).
func TestUncleanStopRefusesEarlierTokens(t *testing.T) {
	db := storetest.SQLite(t)
	clock := replaytest.NewClock()
	db.Migrated(t, clock.Now)
	open := func() replay.Cache {
		t.Helper()
		db.Leave(t)
		c, err := db.Open(t, clock.Now).Replay(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		clock.Advance(time.Hour)
		return c
	}
	closeCache := func(c replay.Cache) {
		t.Helper()
		for range 2 {
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	first := open()
	if !first.NotBefore().IsZero() {
		t.Errorf("new file: NotBefore = %v, want none", first.NotBefore())
	}
	closeCache(first)
	second := open()
	if !second.NotBefore().IsZero() {
		t.Errorf("after a clean stop: NotBefore = %v, want none", second.NotBefore())
	}
	restart := clock.Now() // the second cache is never closed
	third := open()
	if !third.NotBefore().Equal(restart) {
		t.Errorf("after an unclean stop: NotBefore = %v, want the restart %v", third.NotBefore(), restart)
	}
	closeCache(third)
	// A clean stop does not bring back what the unclean one lost.
	fourth := open()
	if !fourth.NotBefore().Equal(restart) {
		t.Errorf("after a later clean stop: NotBefore = %v, want %v", fourth.NotBefore(), restart)
	}
	closeCache(fourth)
	if err := third.Use(t.Context(), clock.Now().Add(time.Minute), replaytest.Key("a")); err == nil || errors.Is(err, replay.ErrReplayed) {
		t.Errorf("Use of a closed cache = %v, want don't know", err)
	}
}

func TestSQLiteHasOneCacheOfUsedTokens(t *testing.T) {
	s := storetest.SQLite(t).Migrated(t, time.Now)
	first, err := s.Replay(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Replay(t.Context()); err == nil {
		t.Error("a second cache was opened")
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := s.Replay(t.Context())
	if err != nil {
		t.Fatalf("after the first was closed: %v", err)
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
}

// TestSecondProcessIsRefused: it would close the exchanges of the first and doubt its used tokens.
func TestSecondProcessIsRefused(t *testing.T) {
	db := storetest.SQLite(t)
	first := db.Migrated(t, time.Now)
	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(strings.TrimPrefix(db.DSN, "sqlite:"), link); err != nil {
		t.Fatal(err)
	}
	for _, dsn := range []string{db.DSN, "sqlite:" + link} {
		second, err := store.Open(t.Context(), store.Config{DSN: dsn, Clock: time.Now, Rand: rand.Reader})
		if !errors.Is(err, store.ErrInUse) {
			t.Errorf("a second store over %s: %v, want ErrInUse", filepath.Base(dsn), err)
		}
		if err == nil {
			_ = second.Close()
		}
	}
	if err := first.Ping(t.Context()); err != nil {
		t.Errorf("the first: %v", err)
	}
	db.Leave(t)
	if err := db.Open(t, time.Now).Ping(t.Context()); err != nil {
		t.Errorf("after the first has left: %v", err)
	}
}

func TestSQLiteMakesItsFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	s, err := store.Open(t.Context(), store.Config{DSN: "sqlite:" + filepath.Join(dir, "snodo.db"), Clock: time.Now, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder: %v, %v, want mode 0700", info, err)
	}
}

// TestErasureWaitsForReaders: a reader keeps the journal, which still holds what was erased.
func TestErasureWaitsForReaders(t *testing.T) {
	db := storetest.SQLite(t)
	db.Migrated(t, time.Now)
	db.Leave(t)
	s, err := store.Open(t.Context(), store.Config{DSN: db.DSN, Clock: time.Now, Rand: rand.Reader, Timeout: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	cfg, _ := evidencetest.Config(t)
	l := evidencetest.Start(t, s.Evidence(), cfg)
	evidencetest.Fill(t, l, evidencetest.EnteA, 3)
	raw, err := sql.Open(db.Driver, db.Source)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = raw.Close() }()
	reader, err := raw.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var key []byte
	if err := reader.QueryRowContext(t.Context(), "SELECT wrapped_key FROM evidence_sides WHERE idx = 2").Scan(&key); err != nil {
		t.Fatal(err)
	}
	if n, err := l.Erase(t.Context(), evidencetest.EnteA, evidencetest.CodiceFiscale); n != 6 || !errors.Is(err, evidence.ErrUnavailable) {
		t.Errorf("Erase while somebody reads = %d, %v, want 6 and ErrUnavailable", n, err)
	}
	if !onDisk(t, db, key) {
		t.Error("the journal was emptied under a reader: the test proves nothing")
	}
	if err := reader.Rollback(); err != nil {
		t.Fatal(err)
	}
	if n, err := l.Prune(t.Context(), time.Now()); n != 0 || err != nil {
		t.Errorf("the next erasure = %d, %v", n, err)
	}
	if onDisk(t, db, key) {
		t.Error("the erased key is still in a file")
	}
}

// TestUsedTokensOutliveTheirOldForm: a file in which each token had a row is carried into the journal, live tokens with it.
func TestUsedTokensOutliveTheirOldForm(t *testing.T) {
	db := storetest.SQLite(t)
	clock := replaytest.NewClock()
	db.Migrated(t, clock.Now)
	db.Leave(t)
	live, dead := replaytest.Key("live"), replaytest.Key("dead")
	sum, gone := live.Sum(), dead.Sum()
	used := storetest.Database{Driver: db.Driver, Source: strings.Replace(db.Source, "snodo.db", "snodo.db-replay", 1)}
	used.Exec(t, fmt.Sprintf(`DROP TABLE replay_journal;
		DELETE FROM goose_db_version WHERE version_id > 1;
		CREATE TABLE replay_keys (key BLOB NOT NULL PRIMARY KEY, expires INTEGER NOT NULL) STRICT, WITHOUT ROWID;
		INSERT INTO replay_keys (key, expires) VALUES (x'%x', %d), (x'%x', %d)`,
		sum, clock.Now().Add(time.Minute).UnixNano(), gone, clock.Now().Add(-time.Minute).UnixNano()))
	cache, err := db.Migrated(t, clock.Now).Replay(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cache.Close() })
	if err := cache.Use(t.Context(), clock.Now().Add(time.Minute), live); !errors.Is(err, replay.ErrReplayed) {
		t.Errorf("a live token: Use = %v, want ErrReplayed", err)
	}
	if err := cache.Use(t.Context(), clock.Now().Add(time.Minute), dead); err != nil {
		t.Errorf("a token that had expired: Use = %v", err)
	}
}

// TestUsedTokensThatCannotBeWrittenLeaveTheFileUnclean: this process goes on, because it remembers them; the next one
// is told that the file does not hold all.
func TestUsedTokensThatCannotBeWrittenLeaveTheFileUnclean(t *testing.T) {
	db := storetest.SQLite(t)
	clock := replaytest.NewClock()
	cache, err := db.Migrated(t, clock.Now).Replay(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	used := storetest.Database{Driver: db.Driver, Source: strings.Replace(db.Source, "snodo.db", "snodo.db-replay", 1)}
	used.Exec(t, "ALTER TABLE replay_journal RENAME TO replay_journal_away")
	until, key := clock.Now().Add(time.Minute), replaytest.Key("a")
	if err := cache.Use(t.Context(), until, key); err != nil {
		t.Errorf("Use = %v", err)
	}
	if err := cache.Use(t.Context(), until, key); !errors.Is(err, replay.ErrReplayed) {
		t.Errorf("second Use = %v, want ErrReplayed", err)
	}
	if err := cache.Close(); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Close = %v, want ErrUnavailable", err)
	}
	used.Exec(t, "ALTER TABLE replay_journal_away RENAME TO replay_journal")
	db.Leave(t)
	next, err := db.Open(t, clock.Now).Replay(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = next.Close() })
	if !next.NotBefore().Equal(clock.Now()) {
		t.Errorf("NotBefore = %v, want the restart %v", next.NotBefore(), clock.Now())
	}
}

// TestUsedTokensOutliveARestart: what was used is known to the next process, until it expires.
func TestUsedTokensOutliveARestart(t *testing.T) {
	db := storetest.SQLite(t)
	clock := replaytest.NewClock()
	first, err := db.Migrated(t, clock.Now).Replay(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	until := clock.Now().Add(time.Minute)
	for n := range 300 { // more than one batch
		if err := first.Use(t.Context(), until, replaytest.Key(strconv.Itoa(n)), replaytest.Key("twin "+strconv.Itoa(n))); err != nil {
			t.Fatal(err)
		}
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	db.Leave(t)
	second, err := db.Open(t, clock.Now).Replay(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = second.Close() })
	for n := range 300 {
		if err := second.Use(t.Context(), until, replaytest.Key("twin "+strconv.Itoa(n))); !errors.Is(err, replay.ErrReplayed) {
			t.Fatalf("key %d: %v, want ErrReplayed", n, err)
		}
	}
	clock.Advance(time.Minute)
	if err := second.Use(t.Context(), clock.Now().Add(time.Minute), replaytest.Key("7")); err != nil {
		t.Errorf("after it expired: %v", err)
	}
}
