// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package storetest

import (
	"context"
	"crypto/rand"
	"errors"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/replay/replaytest"
	"github.com/snodo-pa/snodo/internal/store"
)

// Run tests a dialect. newDatabase returns a new, empty database, not migrated.
func Run(t *testing.T, newDatabase func(t *testing.T) Database) {
	for name, test := range map[string]func(*testing.T, Database){
		"SchemaMustBeMigrated":               testSchema,
		"NewerSchemaIsRefused":               testNewerSchema,
		"TwoProcessesMigrateOnce":            testMigrateTwice,
		"CounterNeverRepeats":                testCounterNeverRepeats,
		"CounterStaysAboveTheFloor":          testCounterFloor,
		"CountersAreApart":                   testCountersApart,
		"CounterSurvivesReopening":           testCounterReopened,
		"CounterHasSeveralHandles":           testCounterHandles,
		"CursorMovesFromWhereItIs":           testCursor,
		"CursorsAreApart":                    testCursorsApart,
		"OneOfManyMovesOfACursorWins":        testCursorRace,
		"CursorSurvivesReopening":            testCursorReopened,
		"ErrorOfTheCallerUndoesEverything":   testUndoneTransaction,
		"NoticesAreReadSinceAnInstant":       testNotices,
		"UsageAddsUpOverReplicas":            testQuotaUsage,
		"TracingDaysAreKeptByEnte":           testTracingDays,
		"SuspensionsHoldOnceAndAreKept":      testSuspensions,
		"ExposedSideWithoutTablesIsDontKnow": testExposedUnavailable,
		"FiguresAreStoredAllOrNone":          testKPIAllOrNone,
		"FiguresAddUpOverReplicas":           testKPI,
		"InteractionsAreAnsweredOnce":        testInteractions,
		"FlowIdentifiersAreUsedOnce":         testTreasuryFlows,
		"OrdersAreFoundByFlow":               testTreasuryOrders,
		"TreasuryMessagesEndOnce":            testTreasuryMessages,
		"WhatWasAskedIsAnsweredOnce":         testAsked,
		"APIKeyIsFoundByDigestOnly":          testAPIKey,
		"RevokedAPIKeyIsRefused":             testRevokedAPIKey,
		"APIKeysAreListedByEnte":             testListAPIKeys,
		"DuplicateAPIKeyIsRefused":           testDuplicateAPIKey,
		"RepeatedRequestGetsFirstAnswer":     testRepeatedRequest,
		"IdempotencyKeyOfAnotherRequest":     testIdempotencyMismatch,
		"IdempotencyKeysAreApart":            testIdempotencyScopes,
		"OneOfManyClaimsWins":                testOneClaimWins,
		"AbandonedClaimCanBeMadeAgain":       testAbandonedClaim,
		"ClaimOfDeadProcessRunsOut":          testClaimRunsOut,
		"DoomedRequestIsNeverMadeAgain":      testDoomedRequest,
		"KeptAnswerExpires":                  testAnswerExpires,
		"KeptAnswerIsEncrypted":              testAnswerEncrypted,
		"KeptAnswerNeedsItsMasterKey":        testAnswerOtherKey,
		"MissingTablesAreDontKnow":           testMissingTables,
		"ClosedStoreIsDontKnow":              testClosedStore,
		"ErrorsDoNotRepeatStoredValues":      testErrorsAreDiscreet,
		"StatusListsEveryMigrationOfTheSet":  testStatus,
	} {
		t.Run(name, func(t *testing.T) { test(t, newDatabase(t)) })
	}
}

func testSchema(t *testing.T, db Database) {
	s := db.Open(t, time.Now)
	err := s.CheckSchema(t.Context())
	if !errors.Is(err, store.ErrSchema) || !strings.Contains(err.Error(), "migrate up") {
		t.Errorf("CheckSchema of an empty database = %v, want ErrSchema and what to do", err)
	}
	done, err := s.Migrate(t.Context())
	if err != nil || len(done) == 0 {
		t.Fatalf("Migrate = %v, %v", done, err)
	}
	if err := s.CheckSchema(t.Context()); err != nil {
		t.Errorf("CheckSchema after Migrate = %v", err)
	}
	if again, err := s.Migrate(t.Context()); err != nil || len(again) != 0 {
		t.Errorf("Migrate again = %v, %v, want nothing to do", again, err)
	}
}

func testNewerSchema(t *testing.T, db Database) {
	s := db.Migrated(t, time.Now)
	insert := "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, "
	if s.Dialect() == store.DialectPostgres {
		db.Exec(t, insert+"true)")
	} else {
		db.Exec(t, insert+"1)")
	}
	if err := s.CheckSchema(t.Context()); !errors.Is(err, store.ErrSchema) || !strings.Contains(err.Error(), "newer") {
		t.Errorf("CheckSchema = %v, want ErrSchema", err)
	}
}

func testMigrateTwice(t *testing.T, db Database) {
	if strings.HasPrefix(db.DSN, "sqlite:") {
		// Only one process has a SQLite file; the second start finds the work done.
		db.Migrated(t, time.Now)
		db.Leave(t)
		if done, err := db.Open(t, time.Now).Migrate(t.Context()); err != nil || len(done) != 0 {
			t.Errorf("second start: %v, %v", done, err)
		}
		return
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	total := 0
	for range 2 {
		s := db.Open(t, time.Now)
		wg.Go(func() {
			done, err := s.Migrate(t.Context())
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			total += len(done)
			mu.Unlock()
		})
	}
	wg.Wait()
	list, err := db.Open(t, time.Now).Status(t.Context())
	if err != nil || len(list) != total {
		t.Errorf("%d steps were taken by two processes, there are %d (%v)", total, len(list), err)
	}
}

func testStatus(t *testing.T, db Database) {
	s := db.Open(t, time.Now)
	before, err := s.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range before {
		if m.Applied || !m.At.IsZero() || m.Name == "" {
			t.Errorf("before: %+v", m)
		}
	}
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	after, err := s.Status(t.Context())
	if err != nil || len(after) != len(before) {
		t.Fatalf("after: %d steps, %v, want %d", len(after), err, len(before))
	}
	for _, m := range after {
		if !m.Applied || m.At.IsZero() {
			t.Errorf("after: %+v", m)
		}
	}
}

func testCounterNeverRepeats(t *testing.T, db Database) {
	stores := []*store.Store{db.Migrated(t, time.Now), db.Open(t, time.Now)}
	var mu sync.Mutex
	var got []uint64
	var wg sync.WaitGroup
	for w := range 16 {
		wg.Go(func() {
			last := uint64(0)
			for range 10 {
				n, err := stores[w%2].State().Next(t.Context(), "c_z001", "anpr")
				if err != nil {
					t.Error(err)
					return
				}
				if n <= last {
					t.Errorf("%d after %d", n, last)
				}
				last = n
				mu.Lock()
				got = append(got, n)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	slices.Sort(got)
	for i, n := range got {
		if n != uint64(i)+1 {
			t.Fatalf("number %d is %d, want %d", i, n, i+1)
		}
	}
}

func testCounterFloor(t *testing.T, db Database) {
	state := db.Migrated(t, time.Now).State()
	for i, test := range []struct{ floor, want uint64 }{
		{1_770_000_000, 1_770_000_000}, {0, 1_770_000_001}, {1_770_000_001, 1_770_000_002}, {1_780_000_000, 1_780_000_000},
	} {
		if got, err := state.NextAtLeast(t.Context(), "c_z001", "anpr", test.floor); got != test.want || err != nil {
			t.Errorf("step %d: NextAtLeast(%d) = %d, %v, want %d", i, test.floor, got, err, test.want)
		}
	}
	if _, err := state.NextAtLeast(t.Context(), "c_z001", "anpr", math.MaxUint64); err == nil || errors.Is(err, store.ErrUnavailable) {
		t.Errorf("a floor out of range: %v", err)
	}
}

func testCountersApart(t *testing.T, db Database) {
	state := db.Migrated(t, time.Now).State()
	for _, c := range [][2]string{{"c_z001", "anpr"}, {"c_z002", "anpr"}, {"c_z001", "ade"}} {
		if n, err := state.Next(t.Context(), c[0], c[1]); n != 1 || err != nil {
			t.Errorf("Next(%v) = %d, %v, want 1", c, n, err)
		}
	}
}

func testCounterReopened(t *testing.T, db Database) {
	if n, err := db.Migrated(t, time.Now).State().Next(t.Context(), "c_z001", "anpr"); n != 1 || err != nil {
		t.Fatalf("Next = %d, %v", n, err)
	}
	last := uint64(1)
	for range 3 {
		db.Leave(t)
		n, err := db.Open(t, time.Now).State().Next(t.Context(), "c_z001", "anpr")
		if n <= last || n > last+100 || err != nil {
			t.Errorf("Next after reopening = %d, %v, want a little more than %d", n, err, last)
		}
		last = n
	}
}

// testCounterHandles counts over several handles on one store: what one has set aside is the other's too.
func testCounterHandles(t *testing.T, db Database) {
	s := db.Migrated(t, time.Now)
	for want := uint64(1); want <= 300; want++ {
		if n, err := s.State().Next(t.Context(), "c_z001", "anpr"); n != want || err != nil {
			t.Fatalf("Next = %d, %v, want %d", n, err, want)
		}
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.State().Next(cancelled, "c_z001", "anpr"); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Next of a caller that has left = %v, want ErrUnavailable", err)
	}
}

func newKey(t *testing.T, ente, application string) (string, store.APIKey) {
	t.Helper()
	plain, k, err := store.NewAPIKey(rand.Reader, ente, application, replaytest.Start())
	if err != nil {
		t.Fatal(err)
	}
	return plain, k
}

func putKey(t *testing.T, s *store.Store, ente, application string) (string, store.APIKey) {
	t.Helper()
	plain, k := newKey(t, ente, application)
	if err := s.APIKeys().Put(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	return plain, k
}

func testAPIKey(t *testing.T, db Database) {
	s := db.Migrated(t, time.Now)
	plain, k := putKey(t, s, "c_z001", "anagrafe")
	got, err := s.APIKeys().Lookup(t.Context(), store.DigestAPIKey(plain))
	if err != nil || got != k {
		t.Errorf("Lookup = %+v, %v, want %+v", got, err, k)
	}
	other, _ := newKey(t, "c_z001", "anagrafe")
	for _, wrong := range []string{other, plain[:len(plain)-1], plain + "A", k.ID, ""} {
		if _, err := s.APIKeys().Lookup(t.Context(), store.DigestAPIKey(wrong)); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("Lookup of a wrong key = %v, want ErrNotFound", err)
		}
	}
}

func testRevokedAPIKey(t *testing.T, db Database) {
	s := db.Migrated(t, time.Now)
	plain, k := putKey(t, s, "c_z001", "anagrafe")
	at := replaytest.Start().Add(time.Hour)
	if err := s.APIKeys().Revoke(t.Context(), k.ID, at); err != nil {
		t.Fatal(err)
	}
	got, err := s.APIKeys().Lookup(t.Context(), store.DigestAPIKey(plain))
	if !errors.Is(err, store.ErrRevoked) || !got.RevokedAt.Equal(at) {
		t.Errorf("Lookup = %+v, %v, want ErrRevoked", got, err)
	}
	for _, id := range []string{k.ID, "unknown"} {
		if err := s.APIKeys().Revoke(t.Context(), id, at); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("Revoke(%s) = %v, want ErrNotFound", id, err)
		}
	}
}

func testListAPIKeys(t *testing.T, db Database) {
	s := db.Migrated(t, time.Now)
	putKey(t, s, "c_z001", "anagrafe")
	putKey(t, s, "c_z001", "scuola")
	putKey(t, s, "c_z002", "tributi")
	for ente, want := range map[string]int{"c_z001": 2, "c_z002": 1, "c_z003": 0, "": 3} {
		list, err := s.APIKeys().List(t.Context(), ente)
		if err != nil || len(list) != want {
			t.Errorf("List(%q) = %d keys, %v, want %d", ente, len(list), err, want)
		}
	}
}

func testDuplicateAPIKey(t *testing.T, db Database) {
	s := db.Migrated(t, time.Now)
	_, k := putKey(t, s, "c_z001", "anagrafe")
	k.ID = "another"
	if err := s.APIKeys().Put(t.Context(), k); err == nil {
		t.Error("two keys with one digest were stored")
	}
}

func testMissingTables(t *testing.T, db Database) {
	s := db.Open(t, time.Now)
	if _, err := s.State().Next(t.Context(), "c_z001", "anpr"); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Next = %v, want ErrUnavailable", err)
	}
	_, err := s.APIKeys().Lookup(t.Context(), store.DigestAPIKey("x"))
	if !errors.Is(err, store.ErrUnavailable) || errors.Is(err, store.ErrNotFound) {
		t.Errorf("Lookup = %v, want ErrUnavailable", err)
	}
}

func testClosedStore(t *testing.T, db Database) {
	s := db.Migrated(t, time.Now)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Ping = %v, want ErrUnavailable", err)
	}
	if _, err := s.State().Next(t.Context(), "c_z001", "anpr"); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Next = %v, want ErrUnavailable", err)
	}
}

func testErrorsAreDiscreet(t *testing.T, db Database) {
	s := db.Migrated(t, time.Now)
	_, k := putKey(t, s, "c_z001", "secret-application")
	err := s.APIKeys().Put(t.Context(), k)
	if err == nil {
		t.Fatal("one key was stored twice")
	}
	for _, value := range []string{"secret-application", k.ID, "c_z001"} {
		if strings.Contains(err.Error(), value) {
			t.Errorf("the error repeats a stored value: %v", err)
		}
	}
}
