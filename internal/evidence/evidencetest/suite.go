// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package evidencetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/snodo-pa/snodo/internal/evidence"
)

// Run tests a store. newDatabase returns a new, migrated, empty database.
func Run(t *testing.T, newDatabase func(t *testing.T) Database) {
	for name, test := range map[string]func(*testing.T, Database){
		"ReceiptIsProved":                    testReceiptIsProved,
		"EntiAreApart":                       testEntiAreApart,
		"ManyWritersOfTwoProcesses":          testManyWriters,
		"ReopenedLogGoesOn":                  testReopened,
		"TilesFillUp":                        testTilesFillUp,
		"OutcomeClosesOnce":                  testOutcomeClosesOnce,
		"OutcomeOfAnotherExchangeIsRefused":  testOutcomeOfAnotherExchange,
		"RefusedRecordLeavesItsBatch":        testRefusedRecordLeavesItsBatch,
		"UnknownOutcomesAreClosedOnce":       testCloseUnknown,
		"RecentIntentsAreLeftOpen":           testCloseUnknownSparesRecent,
		"AbandonedRecordIsNotStored":         testAbandoned,
		"FailedCommitLeavesNothing":          testFailedCommit,
		"ListSelects":                        testListSelects,
		"EraseBySubjectKeepsTheLogWhole":     testEraseBySubject,
		"EraseByExchangeKeepsTheRest":        testEraseByExchange,
		"PruneErasesWhatHasExpired":          testPrune,
		"CheckpointsExtendEachOther":         testCheckpointsExtend,
		"AlteredLeafIsNamed":                 testAlteredLeaf,
		"AlteredSideIsNamed":                 testAlteredSide,
		"AlteredLeafHashStopsTheExport":      testAlteredLeafHash,
		"AlteredHistoryBreaksItsCheckpoint":  testAlteredHistory,
		"DeletedEntryIsNotExported":          testDeletedEntry,
		"RolledBackLogIsNotSigned":           testRolledBack,
		"AlteredCheckpointStopsTheSigning":   testAlteredCheckpoint,
		"AlteredEarlierCheckpointIsNamed":    testAlteredEarlierCheckpoint,
		"SideMovedToAnotherEntryDoesNotOpen": testMovedSide,
	} {
		t.Run(name, func(t *testing.T) { test(t, newDatabase(t)) })
	}
}

func testReceiptIsProved(t *testing.T, db Database) {
	cfg, _ := Config(t)
	l := Start(t, db.Open(t), cfg)
	intent := Intent(EnteA, "x1")
	intent.Instant = time.Date(2026, 3, 1, 9, 30, 0, 123456789, time.UTC)
	first := MustAppend(t, l, intent)
	second := MustAppend(t, l, Outcome(intent, first.Index))
	if first.Index != 0 || second.Index != 1 {
		t.Fatalf("indexes %d and %d, want 0 and 1", first.Index, second.Index)
	}
	got, err := l.Get(t.Context(), EnteA, second.Index)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := evidence.MarshalLeaf(got.Entry)
	if err != nil {
		t.Fatal(err)
	}
	if tlog.RecordHash(leaf) != second.LeafHash || got.LeafHash != second.LeafHash {
		t.Error("the receipt is not the hash of the stored leaf")
	}
	if got.SideState != evidence.SidePresent || got.Side.Calls[0].IDOperazioneClient != "7" {
		t.Errorf("side record: %s %+v", got.SideState, got.Side)
	}
	if !got.Instant.Equal(intent.Instant) || *got.Closes != first.Index {
		t.Errorf("stored entry: %+v", got.Entry)
	}
	c, err := l.Checkpoint(t.Context(), EnteA)
	if err != nil {
		t.Fatal(err)
	}
	proof, err := l.InclusionProof(t.Context(), EnteA, second.Index, c.Size)
	if err != nil {
		t.Fatal(err)
	}
	if err := tlog.CheckRecord(proof, c.Size, c.Root, second.Index, second.LeafHash); err != nil {
		t.Error(err)
	}
	for _, index := range []int64{-1, 2} {
		if _, err := l.Get(t.Context(), EnteA, index); !errors.Is(err, evidence.ErrNotFound) {
			t.Errorf("Get(%d) = %v, want ErrNotFound", index, err)
		}
	}
}

func testEntiAreApart(t *testing.T, db Database) {
	cfg, keys := Config(t)
	l := Start(t, db.Open(t), cfg)
	Fill(t, l, EnteA, 3)
	Fill(t, l, EnteB, 1)
	heads, err := l.Heads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := []evidence.Head{{Ente: EnteA, Size: 6}, {Ente: EnteB, Size: 2}}; !slices.Equal(heads, want) {
		t.Errorf("Heads() = %v, want %v", heads, want)
	}
	file := Export(t, l, evidence.ExportQuery{Ente: EnteB, Sides: true})
	if bytes.Contains(file, []byte(EnteA)) {
		t.Error("the export of one ente mentions another")
	}
	if _, err := evidence.Verify(bytes.NewReader(file), keys.Trust(t, EnteA)); !isUntrusted(err) {
		t.Errorf("Verify with the key of another ente = %v, want UntrustedError", err)
	}
	if _, err := l.Checkpoint(t.Context(), "c_z999"); !errors.Is(err, evidence.ErrNotFound) {
		t.Errorf("Checkpoint of an ente without log = %v, want ErrNotFound", err)
	}
}

// testManyWriters has 32 writers on two logs over one database, as two processes would be.
func testManyWriters(t *testing.T, db Database) {
	const writers, each = 32, 6
	cfg, keys := Config(t)
	logs := []*evidence.Log{Start(t, db.Open(t), cfg), Start(t, db.Open(t), cfg)}
	enti := []string{EnteA, EnteB}
	var mu sync.Mutex
	got := make(map[string][]int64)
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				ente := enti[(w+i)%len(enti)]
				r, err := logs[w%len(logs)].Append(t.Context(), Intent(ente, fmt.Sprintf("w%d-%d", w, i)))
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				got[ente] = append(got[ente], r.Index)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for _, ente := range enti {
		slices.Sort(got[ente])
		for i, index := range got[ente] {
			if index != int64(i) {
				t.Fatalf("indexes of %s: %d stands at %d", ente, index, i)
			}
		}
		verifyWhole(t, logs[0], keys, ente, writers*each/2)
	}
}

func testReopened(t *testing.T, db Database) {
	cfg, keys := Config(t)
	before := Start(t, db.Open(t), cfg)
	Fill(t, before, EnteA, 2)
	// The first log is not closed: what it confirmed must already be there.
	after := Start(t, db.Open(t), cfg)
	Fill(t, after, EnteA, 2)
	verifyWhole(t, after, keys, EnteA, 8)
	MustAppend(t, before, Intent(EnteA, "late"))
	verifyWhole(t, before, keys, EnteA, 9)
}

func testTilesFillUp(t *testing.T, db Database) {
	const size = 600 // two full tiles and a part
	cfg, keys := Config(t)
	cfg.CheckpointEvery = 100
	l := Start(t, db.Open(t), cfg)
	var wg sync.WaitGroup
	for w := range 20 {
		wg.Go(func() {
			for i := range size / 20 {
				if _, err := l.Append(t.Context(), Intent(EnteA, fmt.Sprintf("%d-%d", w, i))); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	verifyWhole(t, l, keys, EnteA, size)
	c, err := l.Checkpoint(t.Context(), EnteA)
	if err != nil {
		t.Fatal(err)
	}
	for _, index := range []int64{0, 255, 256, 511, 512, size - 1} {
		got, err := l.Get(t.Context(), EnteA, index)
		if err != nil {
			t.Fatal(err)
		}
		proof, err := l.InclusionProof(t.Context(), EnteA, index, c.Size)
		if err != nil {
			t.Fatal(err)
		}
		if err := tlog.CheckRecord(proof, c.Size, c.Root, index, got.LeafHash); err != nil {
			t.Errorf("entry %d: %v", index, err)
		}
	}
}

func testOutcomeClosesOnce(t *testing.T, db Database) {
	cfg, _ := Config(t)
	l := Start(t, db.Open(t), cfg)
	intent := Intent(EnteA, "x1")
	index := MustAppend(t, l, intent).Index
	if open := openIntents(t, l); len(open) != 1 || open[0].Index != index {
		t.Fatalf("open intents: %v", open)
	}
	MustAppend(t, l, Outcome(intent, index))
	if open := openIntents(t, l); len(open) != 0 {
		t.Errorf("open intents after the outcome: %v", open)
	}
	if _, err := l.Append(t.Context(), Outcome(intent, index)); !errors.Is(err, evidence.ErrNotOpen) {
		t.Errorf("second outcome: %v, want ErrNotOpen", err)
	}
}

func testOutcomeOfAnotherExchange(t *testing.T, db Database) {
	cfg, _ := Config(t)
	l := Start(t, db.Open(t), cfg)
	index := MustAppend(t, l, Intent(EnteA, "x1")).Index
	for name, r := range map[string]evidence.Record{
		"other exchange": Outcome(Intent(EnteA, "x2"), index),
		"other ente":     Outcome(Intent(EnteB, "x1"), index),
		"no such intent": Outcome(Intent(EnteA, "x1"), index+5),
	} {
		if _, err := l.Append(t.Context(), r); !errors.Is(err, evidence.ErrNotOpen) {
			t.Errorf("%s: %v, want ErrNotOpen", name, err)
		}
	}
}

func testRefusedRecordLeavesItsBatch(t *testing.T, db Database) {
	cfg, keys := Config(t)
	l := Start(t, db.Open(t), cfg)
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			r, refused := Intent(EnteA, fmt.Sprint(i)), i%2 == 1
			if refused {
				r = Outcome(r, 9999)
			}
			if _, err := l.Append(t.Context(), r); errors.Is(err, evidence.ErrNotOpen) != refused {
				t.Errorf("record %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	verifyWhole(t, l, keys, EnteA, 20)
}

func testCloseUnknown(t *testing.T, db Database) {
	cfg, keys := Config(t)
	before := Start(t, db.Open(t), cfg)
	lost := Intent(EnteA, "lost-1")
	index := MustAppend(t, before, lost).Index
	MustAppend(t, before, Intent(EnteA, "lost-2"))
	MustAppend(t, before, Intent(EnteB, "lost-3"))
	Fill(t, before, EnteA, 2)

	start := time.Now().Add(time.Second)
	var wg sync.WaitGroup
	var mu sync.Mutex
	closed := 0
	for range 2 {
		l := Start(t, db.Open(t), cfg)
		wg.Go(func() {
			n, err := l.CloseUnknown(t.Context(), start)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			closed += n
			mu.Unlock()
		})
	}
	wg.Wait()
	if closed != 3 {
		t.Errorf("two processes closed %d intents, want 3", closed)
	}
	list, err := before.List(t.Context(), evidence.Query{Ente: EnteA, Kind: evidence.KindSconosciuto})
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 2 || list[0].Exchange != "lost-1" || *list[0].Closes != index || list[0].Service != lost.Service {
		t.Errorf("closures of %s: %+v", EnteA, list)
	}
	if n, err := before.CloseUnknown(t.Context(), start); n != 0 || err != nil {
		t.Errorf("again: %d, %v, want none", n, err)
	}
	if _, err := before.Append(t.Context(), Outcome(lost, index)); !errors.Is(err, evidence.ErrNotOpen) {
		t.Errorf("late outcome: %v, want ErrNotOpen", err)
	}
	verifyWhole(t, before, keys, EnteA, 8)
}

func testCloseUnknownSparesRecent(t *testing.T, db Database) {
	cfg, _ := Config(t)
	l := Start(t, db.Open(t), cfg)
	now := time.Now()
	for name, instant := range map[string]time.Time{"old": now.Add(-time.Hour), "recent": now} {
		r := Intent(EnteA, name)
		r.Instant = instant
		MustAppend(t, l, r)
	}
	if n, err := l.CloseUnknown(t.Context(), now.Add(-time.Minute)); n != 1 || err != nil {
		t.Errorf("CloseUnknown = %d, %v, want 1", n, err)
	}
	if open := openIntents(t, l); len(open) != 1 || open[0].Exchange != "recent" {
		t.Errorf("still open: %+v", open)
	}
}

func testAbandoned(t *testing.T, db Database) {
	cfg, _ := Config(t)
	l := Start(t, db.Open(t), cfg)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Append(ctx, Intent(EnteA, "x1")); !errors.Is(err, evidence.ErrUnavailable) || !errors.Is(err, context.Canceled) {
		t.Errorf("Append with a cancelled context: %v", err)
	}
	if heads, err := l.Heads(t.Context()); err != nil || len(heads) != 0 {
		t.Errorf("Heads() = %v, %v, want none", heads, err)
	}
}

// testFailedCommit makes the transaction fail after the entry was inserted and before the side record is.
func testFailedCommit(t *testing.T, db Database) {
	cfg, keys := Config(t)
	l := Start(t, db.Open(t), cfg)
	Fill(t, l, EnteA, 1)
	db.Exec(t, "ALTER TABLE evidence_sides RENAME TO evidence_sides_away")
	if r, err := l.Append(t.Context(), Intent(EnteA, "x")); !errors.Is(err, evidence.ErrUnavailable) || r != (evidence.Receipt{}) {
		t.Errorf("Append = %v, %v, want ErrUnavailable and no receipt", r, err)
	}
	db.Exec(t, "ALTER TABLE evidence_sides_away RENAME TO evidence_sides")
	if heads, err := l.Heads(t.Context()); err != nil || heads[0].Size != 2 {
		t.Errorf("Heads() = %v, %v: the failed record is visible", heads, err)
	}
	if open := openIntents(t, l); len(open) != 0 {
		t.Errorf("open intents: %v", open)
	}
	if r := MustAppend(t, l, Intent(EnteA, "y")); r.Index != 2 {
		t.Errorf("next index %d, want 2", r.Index)
	}
	verifyWhole(t, l, keys, EnteA, 3)
}

func testListSelects(t *testing.T, db Database) {
	cfg, _ := Config(t)
	l := Start(t, db.Open(t), cfg)
	day := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	for i := range 6 {
		r := Intent(EnteA, fmt.Sprintf("x%d", i))
		r.Instant = day.Add(time.Duration(i) * time.Hour)
		if i == 2 {
			r.Environment = "collaudo"
			r.Subjects = []string{"CNTGLI88L65G999H"}
		}
		MustAppend(t, l, r)
	}
	second := int64(1)
	for name, test := range map[string]struct {
		query evidence.Query
		want  []int64
	}{
		"all":         {evidence.Query{}, []int64{0, 1, 2, 3, 4, 5}},
		"period":      {evidence.Query{From: day.Add(time.Hour), To: day.Add(3 * time.Hour)}, []int64{1, 2}},
		"environment": {evidence.Query{Environment: "collaudo"}, []int64{2}},
		"exchange":    {evidence.Query{Exchange: "x4"}, []int64{4}},
		"subject":     {evidence.Query{Subject: " cntgli88l65g999h"}, []int64{2}},
		"kind":        {evidence.Query{Kind: evidence.KindErogazioneIntento}, nil},
		"page":        {evidence.Query{After: &second, Limit: 2}, []int64{2, 3}},
	} {
		test.query.Ente = EnteA
		list, err := l.List(t.Context(), test.query)
		if err != nil {
			t.Fatal(err)
		}
		var got []int64
		for _, s := range list {
			got = append(got, s.Index)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

func openIntents(t *testing.T, l *evidence.Log) []evidence.Stored {
	t.Helper()
	open, err := l.OpenIntents(t.Context(), EnteA)
	if err != nil {
		t.Fatal(err)
	}
	return open
}

// verifyWhole exports the log of an ente and has it verified under its own key.
func verifyWhole(t *testing.T, l *evidence.Log, keys *Keys, ente string, size int64) evidence.Report {
	t.Helper()
	file := Export(t, l, evidence.ExportQuery{Ente: ente, Sides: true})
	report, err := evidence.Verify(bytes.NewReader(file), keys.Trust(t, ente))
	if err != nil {
		t.Fatalf("Verify: %v", err)
	}
	if report.Size != size || report.From != 0 || report.To != size {
		t.Fatalf("verified %d entries from %d to %d, want %d", report.Size, report.From, report.To, size)
	}
	return report
}

func isUntrusted(err error) bool {
	var untrusted *evidence.UntrustedError
	return errors.As(err, &untrusted)
}
