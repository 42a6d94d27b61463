// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
	"github.com/snodo-pa/snodo/internal/config"
)

// configFlag adds --config, whose default is SNODO_CONFIG or the current folder.
func (a *app) configFlag(cmd *cobra.Command, dir *string) {
	preset := a.getenv("SNODO_CONFIG")
	if preset == "" {
		preset = "."
	}
	cmd.Flags().StringVar(dir, "config", preset, a.t("cartella di configurazione (anche SNODO_CONFIG)", "configuration folder (also SNODO_CONFIG)"))
}

func (a *app) configCommand() *cobra.Command {
	return a.group("config", a.t("controlla la configurazione", "check the configuration"),
		"  snodo config check --config /etc/snodo", a.configCheckCommand())
}

// checked is the result of config check.
type checked struct {
	Valid  bool        `json:"valid"`
	Enti   []string    `json:"enti,omitempty"`
	Faults []faultLine `json:"faults,omitempty"`
}

type faultLine struct {
	File    string `json:"file"`
	Line    int    `json:"line,omitempty"`
	Message string `json:"message"`
}

func (f faultLine) String() string {
	if f.Line == 0 {
		return f.File + ": " + f.Message
	}
	return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Message)
}

func (a *app) configCheckCommand() *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "check",
		Short: a.t("legge tutta la configurazione e ne elenca i difetti", "read the whole configuration and list its faults"),
		Long: a.t("Esce con 0 se la configurazione è valida, con 1 se ha difetti, con 2 se non si può leggere.",
			"Exits with 0 when the configuration is valid, 1 when it has faults, 2 when it cannot be read."),
		Example: "  snodo config check --config /etc/snodo\n  snodo config check --output json",
		Args:    a.noArgs,
		RunE:    func(*cobra.Command, []string) error { return a.configCheck(dir) },
	}
	a.configFlag(cmd, &dir)
	return cmd
}

func (a *app) configCheck(dir string) error {
	result, err := checkFolder(dir)
	if err != nil {
		return err
	}
	err = a.emit(result, func(w *terminal.Writer) { a.showChecked(w, result) })
	if err != nil {
		return err
	}
	if !result.Valid {
		return no(a.errorf("la configurazione ha %d difetti", "the configuration has %d faults", len(result.Faults)))
	}
	return nil
}

// checkFolder loads a folder; an error means that it could not be read.
func checkFolder(dir string) (checked, error) {
	loaded, err := config.Load(dir)
	var faults *config.Faults
	switch {
	case errors.As(err, &faults):
		result := checked{}
		for _, f := range faults.List {
			result.Faults = append(result.Faults, faultLine{File: f.File, Line: f.Line, Message: f.Message})
		}
		return result, nil
	case err != nil:
		return checked{}, err
	}
	return checked{Valid: true, Enti: slices.Sorted(maps.Keys(loaded.Enti))}, nil
}

func (a *app) showChecked(w *terminal.Writer, result checked) {
	for _, f := range result.Faults {
		w.Line(f.String())
	}
	if result.Valid {
		w.Say(terminal.Good, fmt.Sprintf(a.t("configurazione valida, enti: %v", "valid configuration, enti: %v"), result.Enti))
	}
}

// loadConfig loads a folder for a command that needs it whole.
func (a *app) loadConfig(dir string) (*config.Config, error) {
	loaded, err := config.Load(dir)
	if err != nil {
		return nil, a.errorf("configurazione in %s: %w", "configuration in %s: %w", dir, err)
	}
	return loaded, nil
}
