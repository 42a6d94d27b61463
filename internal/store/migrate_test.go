// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package store_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/evidence/evidencetest"
	"github.com/snodo-pa/snodo/internal/store"
	"github.com/snodo-pa/snodo/internal/store/storetest"
)

// withOpenRows is the last version in which an open intent was a row.
func withOpenRows(d store.Dialect) int64 {
	if d == store.DialectPostgres {
		return 10
	}
	return 9
}

// testOpenIntentsMove: the log of a hub that was stopped in the middle of two exchanges is the same before and after the
// schema changes, in both directions.
func testOpenIntentsMove(t *testing.T, db storetest.Database) {
	s := db.Migrated(t, time.Now)
	cfg, _ := evidencetest.Config(t)
	l := evidencetest.Start(t, s.Evidence(), cfg)
	var last evidence.Record
	var receipt evidence.Receipt
	for _, id := range []string{"done", "lost", "under way"} {
		last = evidencetest.Intent(evidencetest.EnteA, id)
		var err error
		if receipt, err = l.Append(t.Context(), last); err != nil {
			t.Fatal(err)
		}
		if id == "done" {
			if _, err := l.Append(t.Context(), evidencetest.Outcome(last, receipt.Index)); err != nil {
				t.Fatal(err)
			}
		}
	}
	before, exported := openOf(t, l), export(t, l)
	if want := []string{"lost", "under way"}; !cmp.Equal(want, before) {
		t.Fatalf("open: %q, want %q", before, want)
	}
	if err := s.MigrateTo(t.Context(), withOpenRows(s.Dialect())); err != nil {
		t.Fatal(err)
	}
	if err := s.MigrateTo(t.Context(), 99999); err != nil {
		t.Fatal(err)
	}
	after := evidencetest.Start(t, s.Evidence(), cfg)
	if diff := cmp.Diff(before, openOf(t, after)); diff != "" {
		t.Errorf("open (-before +after):\n%s", diff)
	}
	if !bytes.Equal(exported, export(t, after)) {
		t.Error("the log is not the same any more")
	}
	if _, err := after.Append(t.Context(), evidencetest.Outcome(last, receipt.Index)); err != nil {
		t.Errorf("an intent from before cannot be closed: %v", err)
	}
}

func openOf(t *testing.T, l *evidence.Log) (exchanges []string) {
	t.Helper()
	open, err := l.OpenIntents(t.Context(), evidencetest.EnteA)
	if err != nil {
		t.Fatal(err)
	}
	for i := range open {
		exchanges = append(exchanges, open[i].Exchange)
	}
	return exchanges
}

func export(t *testing.T, l *evidence.Log) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := l.Export(t.Context(), evidence.ExportQuery{Ente: evidencetest.EnteA, Sides: true}, &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
