// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/evidence/seal"
	"github.com/snodo-pa/snodo/internal/interaction"
)

// testInteractions: an interaction is answered once, and is forgotten when it expires.
func testInteractions(t *testing.T, db Database) {
	at := time.Date(2026, 3, 1, 9, 0, 0, 5, time.UTC)
	kept := db.Migrated(t, func() time.Time { return at }).Interactions()
	row := interaction.Row{
		ID: "8dce36eb-b198-473c-8109-2154e43f33b8", Ente: "c_a", Environment: "locale", Service: "visure", Operation: "ask",
		Consumer: "c", Purpose: "p", AcceptedAt: at, Expires: at.Add(time.Hour),
		Request: seal.Box{Key: []byte{1}, Data: []byte{2}},
	}
	put := func(ctx context.Context, tx interaction.Tx) error { return tx.PutInteraction(ctx, row) }
	undone := errors.New("undone")
	err := kept.Update(t.Context(), func(ctx context.Context, tx interaction.Tx) error { return errors.Join(put(ctx, tx), undone) })
	if !errors.Is(err, undone) {
		t.Fatal(err)
	}
	if _, err := kept.Interaction(t.Context(), row.ID); !errors.Is(err, interaction.ErrNotFound) {
		t.Errorf("of a transaction that failed: %v", err)
	}
	if err := kept.Update(t.Context(), put); err != nil {
		t.Fatal(err)
	}
	if err := kept.Update(t.Context(), put); err == nil {
		t.Error("one id was given twice")
	}
	got, err := kept.Interaction(t.Context(), row.ID)
	if diff := cmp.Diff(row, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	asker := interaction.Asker{Ente: "c_a", Environment: "locale", Service: "visure", Consumer: "c"}
	wantOpen(t, kept, asker, at, interaction.Open{Count: 1, Bytes: 1})
	wantOpen(t, kept, asker, row.Expires, interaction.Open{})
	for _, another := range []interaction.Asker{
		{Ente: "c_b", Environment: "locale", Service: "visure", Consumer: "c"},
		{Ente: "c_a", Environment: "collaudo", Service: "visure", Consumer: "c"},
		{Ente: "c_a", Environment: "locale", Service: "atti", Consumer: "c"},
		{Ente: "c_a", Environment: "locale", Service: "visure", Consumer: "d"},
	} {
		wantOpen(t, kept, another, at, interaction.Open{})
	}
	answer := seal.Box{Key: []byte{3}, Data: []byte{4}}
	end := func(ctx context.Context, tx interaction.Tx) error {
		return tx.EndInteraction(ctx, row.ID, answer, at.Add(time.Minute))
	}
	if err := kept.Update(t.Context(), end); err != nil {
		t.Fatal(err)
	}
	if err := kept.Update(t.Context(), end); !errors.Is(err, interaction.ErrNotFound) {
		t.Errorf("second end: %v", err)
	}
	wantOpen(t, kept, asker, at, interaction.Open{})
	row.EndedAt, row.Answer, row.Request = at.Add(time.Minute), answer, seal.Box{}
	got, err = kept.Interaction(t.Context(), row.ID)
	if diff := cmp.Diff(row, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	if n, err := kept.PurgeInteractions(t.Context(), row.Expires.Add(-1)); err != nil || n != 0 {
		t.Errorf("before it expired: %d forgotten, %v", n, err)
	}
	if n, err := kept.PurgeInteractions(t.Context(), row.Expires); err != nil || n != 1 {
		t.Errorf("when it expired: %d forgotten, %v", n, err)
	}
	if _, err := kept.Interaction(t.Context(), row.ID); !errors.Is(err, interaction.ErrNotFound) {
		t.Errorf("after it expired: %v", err)
	}
}

// wantOpen holds what waits for its answer against what is wanted.
func wantOpen(t *testing.T, kept interaction.Store, of interaction.Asker, now time.Time, want interaction.Open) {
	t.Helper()
	var got interaction.Open
	err := kept.Update(t.Context(), func(ctx context.Context, tx interaction.Tx) (err error) {
		got, err = tx.OpenInteractions(ctx, of, now)
		return err
	})
	if err != nil || got != want {
		t.Errorf("%+v has %+v open, %v, want %+v", of, got, err, want)
	}
}
