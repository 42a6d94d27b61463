// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package store_test

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/evidence/seal"
	"github.com/snodo-pa/snodo/internal/interaction"
	"github.com/snodo-pa/snodo/internal/store/storetest"
)

// TestForgottenInteractionLeavesNoTrace: the data key of a request that was answered, or that expired, is in none of the files
// once the store has tidied up.
func TestForgottenInteractionLeavesNoTrace(t *testing.T) {
	for name, forget := range map[string]func(s interaction.Store, id string, now time.Time) error{
		"answered": func(s interaction.Store, id string, now time.Time) error {
			return s.Update(t.Context(), func(ctx context.Context, tx interaction.Tx) error {
				return tx.EndInteraction(ctx, id, seal.Box{Key: []byte{1}, Data: []byte{2}}, now)
			})
		},
		"expired": func(s interaction.Store, _ string, now time.Time) error {
			_, err := s.PurgeInteractions(t.Context(), now.Add(time.Hour))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			db, now := storetest.SQLite(t), time.Now()
			s := db.Migrated(t, time.Now)
			const id = "8dce36eb-b198-473c-8109-2154e43f33b8"
			secret := bytes.Repeat([]byte("chiave dei dati "), 3)
			err := s.Interactions().Update(t.Context(), func(ctx context.Context, tx interaction.Tx) error {
				return tx.PutInteraction(ctx, interaction.Row{
					ID: id, Ente: "c_a", Environment: "locale", Service: "visure", Operation: "ask", Consumer: "c", Purpose: "p",
					AcceptedAt: now, Expires: now.Add(time.Hour), Request: seal.Box{Key: secret, Data: []byte{1}},
				})
			})
			if err != nil {
				t.Fatal(err)
			}
			held := func() bool {
				path := strings.TrimPrefix(db.DSN, "sqlite:")
				for _, file := range []string{path, path + "-wal"} {
					text, err := os.ReadFile(file)
					if err != nil {
						t.Fatal(err)
					}
					if bytes.Contains(text, secret) {
						return true
					}
				}
				return false
			}
			if !held() {
				t.Fatal("the test does not find what is stored")
			}
			if err := forget(s.Interactions(), id, now); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Jobs().Purge(t.Context(), now); err != nil {
				t.Fatal(err)
			}
			if held() {
				t.Error("it is still in the files")
			}
		})
	}
}
