// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
	"github.com/snodo-pa/snodo/internal/store"
)

func (a *app) migrateCommand() *cobra.Command {
	return a.group("migrate", a.t("schema della base dati", "schema of the database"),
		"  snodo migrate status --config /etc/snodo\n  snodo migrate up --config /etc/snodo",
		a.migrateStep("up", a.t("porta lo schema alla versione del programma", "bring the schema to the version of the program"), a.migrateUp),
		a.migrateStep("status", a.t("elenca le migrazioni; esce con 1 se ne mancano", "list the migrations; exits with 1 when some are missing"), a.migrateStatus))
}

func (a *app) migrateStep(use, short string, step func(context.Context, *store.Store) error) *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use: use, Short: short, Example: "  snodo migrate " + use + " --config /etc/snodo", Args: a.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			loaded, err := a.loadConfig(dir)
			if err != nil {
				return err
			}
			opened, err := openStore(cmd.Context(), a, loaded)
			if err != nil {
				return err
			}
			defer func() { _ = opened.Close() }()
			return step(cmd.Context(), opened)
		},
	}
	a.configFlag(cmd, &dir)
	return cmd
}

// migration is one row of migrate's results.
type migration struct {
	Version int64  `json:"version"`
	Name    string `json:"name"`
	Applied bool   `json:"applied"`
}

func (a *app) migrateUp(ctx context.Context, s *store.Store) error {
	applied, err := s.Migrate(ctx)
	if err != nil {
		return err
	}
	return a.emit(migrations(applied), func(w *terminal.Writer) {
		if len(applied) == 0 {
			w.Say(terminal.Good, a.t("lo schema è già aggiornato", "the schema is already up to date"))
			return
		}
		w.Say(terminal.Good, fmt.Sprintf(a.t("migrazioni applicate: %d", "migrations applied: %d"), len(applied)))
	})
}

func (a *app) migrateStatus(ctx context.Context, s *store.Store) error {
	all, err := s.Status(ctx)
	if err != nil {
		return err
	}
	rows := migrations(all)
	err = a.emit(rows, func(w *terminal.Writer) { a.showMigrations(w, rows) })
	if err != nil {
		return err
	}
	for _, m := range rows {
		if !m.Applied {
			return no(a.errorf("mancano migrazioni: snodo migrate up", "migrations are missing: snodo migrate up"))
		}
	}
	return nil
}

func (a *app) showMigrations(w *terminal.Writer, rows []migration) {
	table := [][]string{{a.t("VERSIONE", "VERSION"), a.t("NOME", "NAME"), a.t("APPLICATA", "APPLIED")}}
	for _, m := range rows {
		applied := "no"
		if m.Applied {
			applied = a.t("sì", "yes")
		}
		table = append(table, []string{strconv.FormatInt(m.Version, 10), m.Name, applied})
	}
	w.Table(table)
}

func migrations(list []store.Migration) []migration {
	rows := make([]migration, 0, len(list))
	for _, m := range list {
		rows = append(rows, migration{Version: m.Version, Name: m.Name, Applied: m.Applied})
	}
	return rows
}
