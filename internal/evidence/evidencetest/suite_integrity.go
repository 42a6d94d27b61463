// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package evidencetest

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/snodo-pa/snodo/internal/evidence"
)

func testEraseBySubject(t *testing.T, db Database) {
	cfg, keys := Config(t)
	l := Start(t, db.Open(t), cfg)
	Fill(t, l, EnteA, 2)
	Fill(t, l, EnteB, 1)
	other := Intent(EnteA, "somebody else")
	other.Subjects = []string{"CNTGLI88L65G999H"}
	MustAppend(t, l, other)

	if n, err := l.Erase(t.Context(), EnteA, CodiceFiscale); n != 4 || err != nil {
		t.Fatalf("Erase = %d, %v, want 4 side records", n, err)
	}
	if n, err := l.Erase(t.Context(), EnteA, CodiceFiscale); n != 0 || err != nil {
		t.Errorf("again: %d, %v, want none", n, err)
	}
	report := verifyWhole(t, l, keys, EnteA, 5)
	if report.Erased != 4 || report.Sides != 1 {
		t.Errorf("report: %d erased and %d side records, want 4 and 1", report.Erased, report.Sides)
	}
	if report := verifyWhole(t, l, keys, EnteB, 2); report.Sides != 2 {
		t.Errorf("the other ente has %d side records, want 2", report.Sides)
	}
	got, err := l.Get(t.Context(), EnteA, 0)
	if err != nil || got.SideState != evidence.SideErased || got.Side != nil {
		t.Errorf("erased entry: %s, %v", got.SideState, err)
	}
	list, err := l.List(t.Context(), evidence.Query{Ente: EnteA, Subject: CodiceFiscale})
	if err != nil || len(list) != 0 {
		t.Errorf("the person is still found: %d entries, %v", len(list), err)
	}
}

func testEraseByExchange(t *testing.T, db Database) {
	cfg, keys := Config(t)
	l := Start(t, db.Open(t), cfg)
	Fill(t, l, EnteA, 3)
	if n, err := l.EraseExchange(t.Context(), EnteA, EnteA+"-001"); n != 2 || err != nil {
		t.Fatalf("EraseExchange = %d, %v, want 2 side records", n, err)
	}
	if report := verifyWhole(t, l, keys, EnteA, 6); report.Erased != 2 || report.Sides != 4 {
		t.Errorf("report: %+v", report)
	}
}

func testPrune(t *testing.T, db Database) {
	cfg, keys := Config(t)
	l := Start(t, db.Open(t), cfg)
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	for exchange, until := range map[string]time.Time{
		"expired": now.Add(-time.Second), "ends now": now, "kept": now.Add(time.Second), "no term": {},
	} {
		r := Intent(EnteA, exchange)
		r.Side.RetainUntil = until
		MustAppend(t, l, r)
	}
	if n, err := l.Prune(t.Context(), now); n != 2 || err != nil {
		t.Fatalf("Prune = %d, %v, want 2", n, err)
	}
	list, err := l.List(t.Context(), evidence.Query{Ente: EnteA})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		want := evidence.SidePresent
		if s.Exchange == "expired" || s.Exchange == "ends now" {
			want = evidence.SideErased
		}
		if s.SideState != want {
			t.Errorf("%s: %s, want %s", s.Exchange, s.SideState, want)
		}
	}
	verifyWhole(t, l, keys, EnteA, 4)
}

func testCheckpointsExtend(t *testing.T, db Database) {
	cfg, keys := Config(t)
	var sink MemorySink
	cfg.Sink = &sink
	l := Start(t, db.Open(t), cfg)
	for range 3 {
		Fill(t, l, EnteA, 2)
		first, err := l.Checkpoint(t.Context(), EnteA)
		if err != nil {
			t.Fatal(err)
		}
		again, err := l.Checkpoint(t.Context(), EnteA)
		if err != nil || !bytes.Equal(first.Note, again.Note) || first.Root != again.Root {
			t.Errorf("a log that has not grown got another checkpoint: %v", err)
		}
	}
	if notes := sink.Notes(); len(notes) != 3 {
		t.Errorf("%d checkpoints left the database, want 3", len(notes))
	}
	if report := verifyWhole(t, l, keys, EnteA, 12); report.Checkpoints != 3 {
		t.Errorf("%d checkpoints in the export, want 3", report.Checkpoints)
	}
}

// expectAltered exports the log and wants the verifier to name an entry, or a checkpoint.
func expectAltered(t *testing.T, l *evidence.Log, keys *Keys, index, checkpoint int64) {
	t.Helper()
	file := Export(t, l, evidence.ExportQuery{Ente: EnteA, Sides: true})
	_, err := evidence.Verify(bytes.NewReader(file), keys.Trust(t, EnteA))
	var altered *evidence.AlteredError
	if !errors.As(err, &altered) {
		t.Fatalf("Verify = %v, want AlteredError", err)
	}
	if altered.Index != index || altered.Checkpoint != checkpoint {
		t.Errorf("Verify = %v, want entry %d, checkpoint %d", err, index, checkpoint)
	}
}

// filled returns a log of 6 entries for each of two enti, whose first has a checkpoint.
func filled(t *testing.T, db Database) (*evidence.Log, *Keys) {
	t.Helper()
	cfg, keys := Config(t)
	l := Start(t, db.Open(t), cfg)
	Fill(t, l, EnteA, 3)
	Fill(t, l, EnteB, 3)
	if _, err := l.Checkpoint(t.Context(), EnteA); err != nil {
		t.Fatal(err)
	}
	return l, keys
}

func testAlteredLeaf(t *testing.T, db Database) {
	l, keys := filled(t, db)
	db.Exec(t, `UPDATE evidence_entries SET leaf =
		(SELECT e.leaf FROM evidence_entries e WHERE e.ente = 'c_z001' AND e.idx = 2) WHERE ente = 'c_z001' AND idx = 4`)
	expectAltered(t, l, keys, 4, -1)
}

func testAlteredSide(t *testing.T, db Database) {
	l, keys := filled(t, db)
	db.Exec(t, `UPDATE evidence_sides SET data =
		(SELECT s.data FROM evidence_sides s WHERE s.ente = 'c_z001' AND s.idx = 2) WHERE ente = 'c_z001' AND idx = 4`)
	got, err := l.Get(t.Context(), EnteA, 4)
	if err != nil || got.SideState != evidence.SideAltered || got.Side != nil {
		t.Errorf("Get = %s, %v, want an altered side", got.SideState, err)
	}
	expectAltered(t, l, keys, 4, -1)
}

func testMovedSide(t *testing.T, db Database) {
	l, keys := filled(t, db)
	db.Exec(t, `DELETE FROM evidence_sides WHERE ente = 'c_z001' AND idx = 4`)
	db.Exec(t, `UPDATE evidence_sides SET idx = 4 WHERE ente = 'c_z001' AND idx = 2`)
	for _, index := range []int64{2, 4} {
		if got, err := l.Get(t.Context(), EnteA, index); err != nil || got.SideState != evidence.SideAltered {
			t.Errorf("Get(%d) = %s, %v, want an altered side", index, got.SideState, err)
		}
	}
	expectAltered(t, l, keys, 2, -1)
}

func testAlteredLeafHash(t *testing.T, db Database) {
	l, _ := filled(t, db)
	db.Exec(t, `UPDATE evidence_tiles SET data =
		(SELECT x.data FROM evidence_tiles x WHERE x.ente = 'c_z002' AND x.level = 0 AND x.n = 0)
		WHERE ente = 'c_z001' AND level = 0 AND n = 0`)
	expectTampered(t, l)
}

// testAlteredHistory replaces leaves, tiles and the recorded root by those of another log: only the signature is left to
// contradict them.
func testAlteredHistory(t *testing.T, db Database) {
	l, keys := filled(t, db)
	if _, err := l.Checkpoint(t.Context(), EnteB); err != nil {
		t.Fatal(err)
	}
	db.Exec(t, `UPDATE evidence_entries SET leaf =
		(SELECT x.leaf FROM evidence_entries x WHERE x.ente = 'c_z002' AND x.idx = evidence_entries.idx) WHERE ente = 'c_z001'`)
	db.Exec(t, `UPDATE evidence_tiles SET data =
		(SELECT x.data FROM evidence_tiles x WHERE x.ente = 'c_z002' AND x.level = 0 AND x.n = 0)
		WHERE ente = 'c_z001' AND level = 0 AND n = 0`)
	db.Exec(t, `UPDATE evidence_checkpoints SET root =
		(SELECT x.root FROM evidence_checkpoints x WHERE x.ente = 'c_z002') WHERE ente = 'c_z001'`)
	expectTampered(t, l)
	db.Exec(t, `UPDATE evidence_checkpoints SET note =
		(SELECT x.note FROM evidence_checkpoints x WHERE x.ente = 'c_z002') WHERE ente = 'c_z001'`)
	expectTampered(t, l)
	// Without its checkpoints the log is signed again: what left the database is what contradicts it.
	db.Exec(t, `DELETE FROM evidence_checkpoints WHERE ente = 'c_z001'`)
	file := Export(t, l, evidence.ExportQuery{Ente: EnteA})
	var altered *evidence.AlteredError
	if _, err := evidence.Verify(bytes.NewReader(file), keys.Trust(t, EnteA)); !errors.As(err, &altered) || altered.Index != 0 {
		t.Errorf("Verify = %v, want entry 0: it names another ente", err)
	}
}

// expectTampered wants the log neither signed nor exported.
func expectTampered(t *testing.T, l *evidence.Log) {
	t.Helper()
	if c, err := l.Checkpoint(t.Context(), EnteA); !errors.Is(err, evidence.ErrTampered) || c.Root != (tlog.Hash{}) {
		t.Errorf("Checkpoint = %v, want ErrTampered", err)
	}
	var b bytes.Buffer
	if err := l.Export(t.Context(), evidence.ExportQuery{Ente: EnteA}, &b); !errors.Is(err, evidence.ErrTampered) {
		t.Errorf("Export = %v, want ErrTampered", err)
	}
}

func testDeletedEntry(t *testing.T, db Database) {
	l, _ := filled(t, db)
	db.Exec(t, `DELETE FROM evidence_entries WHERE ente = 'c_z001' AND idx = 4`)
	var b bytes.Buffer
	if err := l.Export(t.Context(), evidence.ExportQuery{Ente: EnteA}, &b); !errors.Is(err, evidence.ErrTampered) {
		t.Errorf("Export = %v, want ErrTampered", err)
	}
}

func testRolledBack(t *testing.T, db Database) {
	l, _ := filled(t, db)
	db.Exec(t, `DELETE FROM evidence_entries WHERE ente = 'c_z001' AND idx = 5`)
	db.Exec(t, `UPDATE evidence_heads SET size = 5 WHERE ente = 'c_z001'`)
	if _, err := l.Checkpoint(t.Context(), EnteA); !errors.Is(err, evidence.ErrTampered) {
		t.Errorf("Checkpoint = %v, want ErrTampered", err)
	}
	if _, err := l.Append(t.Context(), Intent(EnteA, "next")); !errors.Is(err, evidence.ErrUnavailable) {
		t.Errorf("Append on a log whose tiles are longer than its head = %v, want ErrUnavailable", err)
	}
}

// testAlteredCheckpoint puts another validly signed checkpoint of the same log in the place of the last one.
func testAlteredCheckpoint(t *testing.T, db Database) {
	l, _ := filled(t, db)
	Fill(t, l, EnteA, 1)
	if _, err := l.Checkpoint(t.Context(), EnteA); err != nil {
		t.Fatal(err)
	}
	db.Exec(t, `UPDATE evidence_checkpoints SET note =
		(SELECT x.note FROM evidence_checkpoints x WHERE x.ente = 'c_z001' AND x.size = 6) WHERE ente = 'c_z001' AND size = 8`)
	expectTampered(t, l)
}

// testAlteredEarlierCheckpoint puts the checkpoint of another ente in the place of one before the last.
func testAlteredEarlierCheckpoint(t *testing.T, db Database) {
	l, keys := filled(t, db)
	Fill(t, l, EnteA, 1)
	for _, ente := range []string{EnteA, EnteB} {
		if _, err := l.Checkpoint(t.Context(), ente); err != nil {
			t.Fatal(err)
		}
	}
	db.Exec(t, `UPDATE evidence_checkpoints SET note =
		(SELECT x.note FROM evidence_checkpoints x WHERE x.ente = 'c_z002') WHERE ente = 'c_z001' AND size = 6`)
	expectAltered(t, l, keys, -1, 6)
}
