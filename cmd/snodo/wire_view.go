// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/internal/backend"
	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/gateway"
	"github.com/snodo-pa/snodo/internal/schema"
	"github.com/snodo-pa/snodo/registry"
)

// view opens the view that answers an exposure, nil when a procedure does.
func (h *hub) view(ente, exposure string) (gateway.Doer, error) {
	plan, err := h.app.readView(h.config, ente, exposure)
	if err != nil || plan == nil {
		return nil, err
	}
	dsn, err := h.app.viewDSN(h.config, plan.Source)
	if err != nil {
		return nil, err
	}
	v, err := backend.Open(plan, h.config.Path, dsn)
	if err != nil {
		return nil, bilingual.Errorf("vista: %w", "view: %w", err)
	}
	h.onClose(v.Close)
	return v, nil
}

// readView reads the view of an exposure and holds it against its OpenAPI document; nil when it has none. The errors of
// the file are told with their lines.
func (a *app) readView(c *config.Config, ente, exposure string) (*backend.Plan, error) {
	binding := c.Enti[ente].Exposes[exposure]
	if binding.BackEnd.View == "" {
		return nil, nil //nolint:nilnil // most exposures have none
	}
	file := c.ViewPath(ente, binding.BackEnd.View)
	data, err := os.ReadFile(file) // #nosec G304 -- the path is configuration
	if err != nil {
		return nil, bilingual.Errorf("vista: %w", "view: %w", err)
	}
	document, err := schema.Compile(c.Exposes[binding.Recipe].Document)
	if err != nil {
		return nil, err
	}
	name := path.Join("enti", ente, filepath.ToSlash(binding.BackEnd.View))
	plan, err := backend.Read(name, data, document.Without(gateway.StatusPath), c.Exposes[binding.Recipe].RequestHeaders)
	if err != nil {
		return nil, err
	}
	return plan, viewSource(c, name, plan.Source)
}

// viewSource checks the files that a view names: they are there, a secret is its owner's alone, and the hub's own
// database answers nobody.
func viewSource(c *config.Config, name string, s backend.Source) error {
	for _, file := range []string{s.Path, s.DSNFile} {
		if file == "" {
			continue
		}
		info, err := os.Stat(c.Path(file))
		if err != nil || !info.Mode().IsRegular() {
			return bilingual.Errorf("%s: il file %s non c'è", "%s: there is no file %s", name, file)
		}
		if file == s.DSNFile && info.Mode().Perm()&0o077 != 0 {
			return bilingual.Errorf("%s: dsnFile %s può essere letto da altri: chmod 600", "%s: dsnFile %s can be read by others: chmod 600", name, file)
		}
		own, err := os.Stat(c.Path(c.Hub.Store.Path))
		if c.Hub.Store.Path != "" && err == nil && os.SameFile(own, info) {
			return bilingual.Errorf("%s: %s è la base dati dello Snodo, che nessuna vista legge", "%s: %s is the hub's own database, which no view reads", name, file)
		}
	}
	return nil
}

// viewDSN is the connection string of a source; "" for one that is a file.
func (a *app) viewDSN(c *config.Config, s backend.Source) (string, error) {
	switch {
	case s.DSNEnv != "":
		if dsn := a.getenv(s.DSNEnv); dsn != "" {
			return dsn, nil
		}
		return "", bilingual.Errorf("vista: la variabile d'ambiente %s è vuota", "view: environment variable %s is empty", s.DSNEnv)
	case s.DSNFile != "":
		data, err := os.ReadFile(c.Path(s.DSNFile))
		if err != nil {
			return "", bilingual.Errorf("vista: %w", "view: %w", err)
		}
		return strings.TrimSpace(string(data)), nil
	}
	return "", nil
}

// probeWait bounds how long config check waits for the source of a view.
const probeWait = 5 * time.Second

// checkViews reads every view, asks its source for the columns that it names, and lists what is wrong. A hint tells of a
// server that does not answer, or that this user has no connection string for. An error means that this user may not read
// a view, which says nothing about it.
func (a *app) checkViews(ctx context.Context, c *config.Config) (lines []faultLine, hints []string, err error) {
	for _, ente := range slices.Sorted(maps.Keys(c.Enti)) {
		for _, exposure := range slices.Sorted(maps.Keys(c.Enti[ente].Exposes)) {
			plan, err := a.readView(c, ente, exposure)
			if err == nil && plan != nil {
				var untried error
				if untried, err = a.probeView(ctx, c, plan); untried != nil {
					hints = append(hints, fmt.Sprintf(a.t("%s, %s: le query della vista non sono state provate: %s", "%s, %s: the queries of the view were not tried: %s"), ente, exposure, a.say(untried)))
				}
			}
			faults := backend.Faults(err)
			for _, f := range faults {
				lines = append(lines, faultLine{File: f.File, Line: f.Line, Message: a.t(f.Message.IT, f.Message.EN)})
			}
			switch {
			case errors.Is(err, fs.ErrPermission):
				return nil, nil, err
			case err != nil && faults == nil:
				lines = append(lines, faultLine{Message: fmt.Sprintf("%s, %s: %s", ente, exposure, a.say(err))})
			}
		}
	}
	return lines, hints, nil
}

// probeView asks the source of a view; untried tells why it could not be asked.
func (a *app) probeView(ctx context.Context, c *config.Config, plan *backend.Plan) (untried, err error) {
	dsn, err := a.viewDSN(c, plan.Source)
	if err != nil {
		return err, nil
	}
	v, err := backend.Open(plan, c.Path, dsn)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, probeWait)
	defer cancel()
	err = errors.Join(v.Probe(ctx), v.Close())
	if errors.Is(err, registry.ErrUnavailable) {
		return err, nil
	}
	return nil, err
}
