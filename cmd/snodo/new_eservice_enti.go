// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/scaffold"
	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/registry"
)

// bindings makes the new exposes.yaml of the enti of --enti that do not offer the e-service, by their paths below the
// configuration.
func (a *app) bindings(o newEserviceOptions, made scaffold.Published, s *newEserviceSummary) (map[string][]byte, error) {
	if o.enti == "" {
		return nil, nil //nolint:nilnil // nothing to bind
	}
	text, err := os.ReadFile(o.enti)
	if err != nil {
		return nil, bilingual.Errorf("lettura di --enti: %w", "read --enti: %w", err)
	}
	exposure, err := registry.DecodeExposure(o.name+".yaml", made.Recipe, made.Document)
	if err != nil {
		return nil, err
	}
	items, err := scaffold.Bind(o.enti, text, o.name, exposure.Major)
	if err != nil {
		return nil, err
	}
	if err := a.sameFolder(o); err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, ente := range slices.Sorted(maps.Keys(items)) {
		folder := filepath.Join(o.config, "enti", filepath.Base(ente))
		if info, err := os.Stat(folder); err != nil || !info.IsDir() {
			return nil, bilingual.Errorf("ente %s: la cartella %s non c'è", "ente %s: there is no folder %s", ente, folder)
		}
		path := filepath.Join(folder, "exposes.yaml")
		before, err := os.ReadFile(path) //nolint:gosec // the user's own folder
		if err != nil && !os.IsNotExist(err) {
			return nil, bilingual.Errorf("lettura di %s: %w", "read %s: %w", path, err)
		}
		after, bound, err := scaffold.AppendItem(path, before, items[ente], o.name)
		if err != nil {
			return nil, err
		}
		if bound {
			s.Bound = append(s.Bound, ente)
			continue
		}
		files["enti/"+filepath.Base(ente)+"/exposes.yaml"] = after
	}
	return files, nil
}

// sameFolder wants the recipe to be where the configuration reads its own.
func (a *app) sameFolder(o newEserviceOptions) error {
	draft, err := config.LoadDraft(o.config)
	if err != nil {
		return err
	}
	own, errOwn := filepath.Abs(draft.Path(draft.Hub.RecipesDir))
	here, errHere := filepath.Abs(o.dir)
	there, errThere := os.Stat(own)
	given, errGiven := os.Stat(here)
	same := errOwn == nil && errHere == nil && own == here || errThere == nil && errGiven == nil && os.SameFile(there, given)
	if draft.Hub.RecipesDir == "" || !same {
		return a.errorf("recipesDir di %s è %q, non %s: nessun ente è stato collegato", "recipesDir of %s is %q, not %s: no ente was bound",
			filepath.Join(o.config, config.HubFile), draft.Hub.RecipesDir, o.dir)
	}
	return nil
}

// soundWith checks the configuration as it will be. Faults that it has already do not count.
func (a *app) soundWith(ctx context.Context, dir string, files map[string][]byte) error {
	if len(files) == 0 {
		return nil
	}
	before, err := a.checkFolder(ctx, dir, nil)
	if err != nil {
		return err
	}
	after, err := a.checkFolder(ctx, dir, files)
	if err != nil {
		return err
	}
	var lines []string
	for _, f := range after.Faults {
		if !slices.Contains(before.Faults, f) {
			lines = append(lines, f.String())
		}
	}
	if len(lines) > 0 {
		return a.errorf("così la configurazione avrebbe difetti, e nessun ente è stato collegato:\n%s", "the configuration would have faults, and no ente was bound:\n%s", strings.Join(lines, "\n"))
	}
	return nil
}

// writeBindings puts the new texts in the place of the old ones, each whole.
func writeBindings(dir string, files map[string][]byte) (map[string]string, error) {
	written := map[string]string{}
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		next := path + ".nuovo"
		if err := os.WriteFile(next, text, 0o600); err != nil {
			return nil, bilingual.Errorf("scrittura: %w", "write: %w", err)
		}
		if err := os.Rename(next, path); err != nil {
			return nil, bilingual.Errorf("scrittura: %w", "write: %w", err)
		}
		written[filepath.Base(filepath.Dir(path))] = path
	}
	return written, nil
}
