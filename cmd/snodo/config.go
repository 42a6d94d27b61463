// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/keys"
	"github.com/snodo-pa/snodo/internal/keys/pkcs11"
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
	return a.group("config", a.t("controlla la configurazione e dice come completarla", "check the configuration and say how to complete it"),
		"  snodo config check --config /etc/snodo\n  snodo config onboarding anpr-c020", a.configCheckCommand(), a.onboardingCommand(), a.proposteCommand())
}

// checked is the result of config check.
type checked struct {
	Valid  bool        `json:"valid"`
	Enti   []string    `json:"enti,omitempty"`
	Faults []faultLine `json:"faults,omitempty"`
	// Hints are remarks on a valid configuration, one line for each.
	Hints []string `json:"hints,omitempty"`
}

// faultLine is one fault. That of a key has no file and line of YAML: its message names
// the setting and the key file.
type faultLine struct {
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`
	Message string `json:"message"`
}

func (f faultLine) String() string {
	switch {
	case f.File == "":
		return f.Message
	case f.Line == 0:
		return f.File + ": " + f.Message
	default:
		return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Message)
	}
}

func (a *app) configCheckCommand() *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "check",
		Short: a.t("legge tutta la configurazione, apre le chiavi ed elenca i difetti", "read the whole configuration, open the keys and list the faults"),
		Long: a.t("Le chiavi si aprono, come fa serve, quando il resto della configurazione è senza difetti; alle viste si chiedono le\n"+
			"colonne che nominano, in file e basi dati, e nessuna riga.\n\nEsce con 0 se la configurazione è valida, con 1 se ha difetti, con 2 se non si può leggere.",
			"The keys are opened, as serve does, once the rest of the configuration has no faults; views are asked for the\n"+
				"columns that they name, in files and databases, and for no row.\n\nExits with 0 when the configuration is valid, 1 when it has faults, 2 when it cannot be read."),
		Example: "  snodo config check --config /etc/snodo\n  snodo config check --output json",
		Args:    a.noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.configCheck(cmd.Context(), dir) },
	}
	a.configFlag(cmd, &dir)
	return cmd
}

func (a *app) configCheck(ctx context.Context, dir string) error {
	result, err := a.checkFolder(ctx, dir, nil)
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

// checkFolder loads a folder, with some of its files as they may become, opens its keys and tries its views; an error means
// that it could not be read.
func (a *app) checkFolder(ctx context.Context, dir string, changed map[string][]byte) (checked, error) {
	loaded, err := config.LoadChanged(dir, changed)
	var faults *config.Faults
	switch {
	case errors.As(err, &faults):
		result := checked{}
		for _, f := range faults.List {
			result.Faults = append(result.Faults, faultLine{File: f.File, Line: f.Line, Message: a.t(f.Message.IT, f.Message.EN)})
		}
		return result, nil
	case err != nil:
		return checked{}, err
	}
	faultsOfKeys, err := a.checkKeys(loaded)
	if err != nil {
		return checked{}, err
	}
	faultsOfViews, hintsOfViews, err := a.checkViews(ctx, loaded)
	if err != nil {
		return checked{}, err
	}
	if faults := slices.Concat(faultsOfKeys, faultsOfViews, a.checkInteractions(loaded)); len(faults) > 0 {
		return checked{Faults: faults}, nil
	}
	result := checked{Valid: true, Enti: slices.Sorted(maps.Keys(loaded.Enti)), Hints: hintsOfViews}
	for _, h := range loaded.Hints() {
		result.Hints = append(result.Hints, h.Ente+", "+h.Procedimento+": "+a.t(h.Text.IT, h.Text.EN))
	}
	for _, h := range loaded.CallbackHints() {
		result.Hints = append(result.Hints, a.t(h.Text().IT, h.Text().EN))
	}
	for _, h := range loaded.DocumentHints() {
		result.Hints = append(result.Hints, a.t(h.Text().IT, h.Text().EN))
	}
	return result, nil
}

// checkKeys opens every key as serve does and lists what is wrong with them. An error
// means that this user may not read one, which says nothing about the key.
func (a *app) checkKeys(c *config.Config) ([]faultLine, error) {
	provider := pkcs11.Over(keys.Files{Path: c.Path})
	_, errRing := keys.OpenWith(c, provider)
	errRing = errors.Join(errRing, provider.Close())
	_, errMaster := keys.LoadMasterKey(c.Path(c.Hub.MasterKeyFile))
	if errMaster != nil {
		errMaster = fmt.Errorf("masterKeyFile: %w", errMaster)
	}
	if err := errors.Join(errRing, errMaster); errors.Is(err, fs.ErrPermission) {
		return nil, err
	}
	var lines []faultLine
	for _, err := range append(separate(errRing), separate(errMaster)...) {
		lines = append(lines, faultLine{Message: a.say(err)})
	}
	return lines, nil
}

// separate takes apart what errors.Join put together, at any depth; nil gives none. What
// fmt.Errorf wraps stays whole.
func separate(err error) []error {
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var all []error
	var texts []string
	for _, inner := range joined.Unwrap() {
		all = append(all, separate(inner)...)
		texts = append(texts, inner.Error())
	}
	if err.Error() != strings.Join(texts, "\n") {
		return []error{err}
	}
	return all
}

func (a *app) showChecked(w *terminal.Writer, result checked) {
	for _, f := range result.Faults {
		w.Line(f.String())
	}
	for _, h := range result.Hints {
		w.Line(a.t("nota: ", "note: ") + h)
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
