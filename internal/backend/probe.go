// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package backend

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/internal/backend/sqlview"
	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry/yamlfile"
)

// Probe asks the source for the columns that the view names, and for no row: a file is read, a query is asked without
// values. The error is yamlfile.Faults, each at its line of the view, when one is not there or the database refuses a query;
// it wraps registry.ErrUnavailable when a server does not answer, which says nothing of the view.
func (v *View) Probe(ctx context.Context) error {
	p := probe{Report: v.plan.file.Report(nil), View: v}
	ids := slices.Sorted(maps.Keys(v.plan.operations))
	var err error
	if v.file != nil {
		p.inFile(ctx, ids)
	} else {
		err = p.inDatabase(ctx, ids)
	}
	if faults := p.Faults(); len(faults) > 0 {
		return faults.Err()
	}
	return err
}

// probe is one run of Probe.
type probe struct {
	*yamlfile.Report
	*View
}

// inFile holds the columns of the file against all that the operations name.
func (p probe) inFile(ctx context.Context, ids []string) {
	columns, err := p.file.Columns(ctx)
	source := p.plan.Source
	if err != nil {
		p.Addf(yamlfile.Path("source", "path"), "%s: %s", "%s: %s", source.Path, spoken(err))
		return
	}
	if separator := likelySeparator(columns); source.Kind == kindCSV && separator != "" {
		p.Addf(yamlfile.Path("source"), "la prima riga di %s ha un solo nome, che contiene %q: scrivere separator: %q",
			"the first line of %s has one name, which contains %q: write separator: %q", source.Path, separator, separator)
		return
	}
	has := modi.Text{IT: source.Path + " ha " + strings.Join(columns, ", "), EN: source.Path + " has " + strings.Join(columns, ", ")}
	for _, id := range ids {
		op := p.plan.operations[id]
		for _, column := range slices.Sorted(maps.Keys(op.values)) {
			if !slices.Contains(columns, column) {
				p.absent(column, has, "operations", id, "where", column)
			}
		}
		p.members(id, op, columns, has)
	}
}

// inDatabase asks every query; of a server that is away it asks one.
func (p probe) inDatabase(ctx context.Context, ids []string) error {
	for _, id := range ids {
		op := p.plan.operations[id]
		columns, err := p.sql.Columns(ctx, op.statement)
		var refused *sqlview.QueryError
		switch {
		case errors.As(err, &refused):
			p.Addf(yamlfile.Path("operations", id, "query"), "query: %s", "query: %s", refused.Why)
		case errors.Is(err, sqlview.ErrSettings):
			p.Addf(yamlfile.Path("source"), "%s", "%s", spoken(err))
			return nil
		case err != nil && p.plan.Source.hasDSN():
			return silence{err}
		case err != nil:
			p.Addf(yamlfile.Path("source", "path"), "%s", "%s", spoken(err))
			return nil
		default:
			all := strings.Join(columns, ", ")
			p.members(id, op, columns, modi.Text{IT: "la query dà " + all, EN: "the query gives " + all})
		}
	}
	return nil
}

// members wants the column of every member once.
func (p probe) members(id string, op *operation, columns []string, has modi.Text) {
	for _, m := range op.members {
		name := strings.Join(m.path, ".")
		switch n := slices.Index(columns, m.column); {
		case n < 0:
			p.absent(m.column, has, "operations", id, "members", name)
		case slices.Contains(columns[n+1:], m.column):
			p.Addf(yamlfile.Path("operations", id, "members", name), "la colonna %s c'è due volte: %s", "column %s is there twice: %s", m.column, has)
		}
	}
}

func (p probe) absent(column string, has modi.Text, path ...any) {
	p.Addf(path, "la colonna %s non c'è: %s", "there is no column %s: %s", column, has)
}

// likelySeparator finds, in the one name of a first line, what separates names there; "" when nothing does.
func likelySeparator(columns []string) string {
	if len(columns) != 1 {
		return ""
	}
	for _, c := range []string{";", "\t", ",", "|"} {
		if strings.Contains(columns[0], c) {
			return c
		}
	}
	return ""
}

// spoken is what an error says, in both languages.
func spoken(err error) modi.Text { return modi.Text{IT: bilingual.In(err, "it"), EN: err.Error()} }
