// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/evidence/seal"
	"github.com/snodo-pa/snodo/internal/interaction"
)

// testAsked: what was asked is found by who asks for it and by the correlation of who was asked, and is answered once.
func testAsked(t *testing.T, db Database) {
	at := time.Date(2026, 3, 1, 9, 0, 0, 5, time.UTC)
	opened := db.Migrated(t, func() time.Time { return at })
	kept := opened.Asked()
	row := interaction.AskedRow{
		Asked: interaction.Asked{
			ID: "8dce36eb-b198-473c-8109-2154e43f33b8", Ente: "c_a", Environment: "locale", Application: "sportello", Exposure: "esiti",
			Producer: "p", Correlation: "c0ffee/42", AskedAt: at, Expires: at.Add(time.Hour),
		},
		Question: seal.Box{Key: []byte{1}, Data: []byte{2}},
	}
	if err := kept.PutAsked(t.Context(), row); err != nil {
		t.Fatal(err)
	}
	again := row
	again.ID = "another"
	if err := kept.PutAsked(t.Context(), again); !errors.Is(err, interaction.ErrTaken) {
		t.Errorf("a correlation that was given before: %v", err)
	}
	again.Producer = "another"
	if err := kept.PutAsked(t.Context(), again); err != nil {
		t.Errorf("the same correlation of another producer: %v", err)
	}
	wantAsked := func(want interaction.AskedRow) {
		t.Helper()
		got, err := kept.AskedByID(t.Context(), want.ID)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("by id: %v %s", err, diff)
		}
		got, err = kept.AskedOf(t.Context(), "c_a", "locale", "esiti", want.Producer, "c0ffee/42")
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("by correlation: %v %s", err, diff)
		}
	}
	wantAsked(row)
	others := [][5]string{
		{"c_b", "locale", "esiti", "p", "c0ffee/42"},
		{"c_a", "collaudo", "esiti", "p", "c0ffee/42"},
		{"c_a", "locale", "altro", "p", "c0ffee/42"},
		{"c_a", "locale", "esiti", "q", "c0ffee/42"},
		{"c_a", "locale", "esiti", "p", "C0FFEE/42"},
	}
	for _, of := range others {
		if _, err := kept.AskedOf(t.Context(), of[0], of[1], of[2], of[3], of[4]); !errors.Is(err, interaction.ErrNotFound) {
			t.Errorf("%v: %v", of, err)
		}
	}
	answer := seal.Box{Key: []byte{3}, Data: []byte{4}}
	if err := kept.AnswerAsked(t.Context(), row.ID, answer, at.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if err := kept.AnswerAsked(t.Context(), row.ID, seal.Box{Key: []byte{5}, Data: []byte{6}}, at); !errors.Is(err, interaction.ErrNotFound) {
		t.Errorf("second answer: %v", err)
	}
	row.AnsweredAt, row.Answer = at.Add(time.Minute), answer
	wantAsked(row)
	wantAsked(again)
	purge := opened.Interactions().PurgeInteractions
	if n, err := purge(t.Context(), row.Expires.Add(-1)); err != nil || n != 0 {
		t.Errorf("before they expired: %d forgotten, %v", n, err)
	}
	if n, err := purge(t.Context(), row.Expires); err != nil || n != 2 {
		t.Errorf("when they expired: %d forgotten, %v", n, err)
	}
	if _, err := kept.AskedByID(t.Context(), row.ID); !errors.Is(err, interaction.ErrNotFound) {
		t.Errorf("after it expired: %v", err)
	}
}
