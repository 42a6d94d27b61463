// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
)

// Change is a case whose verdict is not the same in two reports.
type Change struct {
	ID     string  `json:"id"`
	Title  Text    `json:"title"`
	Before Verdict `json:"before,omitempty"` // empty: the case was not there
	After  Verdict `json:"after,omitempty"`  // empty: the case is no longer there
}

// Worse tells a change that is a loss: it fails now and did not, or it passed and no
// longer does.
func (c Change) Worse() bool {
	return c.After == Fail && c.Before != Fail || c.Before == Pass && c.After != Pass
}

// Difference is what changed between two reports.
type Difference struct {
	Before  Verdict  `json:"before"`
	After   Verdict  `json:"after"`
	Worse   []Change `json:"worse"`
	Better  []Change `json:"better"` // it passes now, or no longer fails
	Other   []Change `json:"other"`
	Same    int      `json:"same"`
	Targets []string `json:"targets"` // of the two reports
}

// Compare tells what changed from one report to another.
func Compare(before, after *Report) Difference {
	d := Difference{
		Before: before.Verdict, After: after.Verdict, Worse: []Change{}, Better: []Change{}, Other: []Change{},
		Targets: []string{before.Target, after.Target},
	}
	changes := map[string]*Change{}
	for _, r := range before.Results {
		changes[r.Case.ID] = &Change{ID: r.Case.ID, Title: r.Case.Title, Before: r.Verdict}
	}
	for _, r := range after.Results {
		c, ok := changes[r.Case.ID]
		if !ok {
			c = &Change{ID: r.Case.ID, Title: r.Case.Title}
			changes[r.Case.ID] = c
		}
		c.After = r.Verdict
	}
	for _, c := range changes {
		switch {
		case c.Before == c.After:
			d.Same++
		case c.Worse():
			d.Worse = append(d.Worse, *c)
		case c.After == Pass || c.Before == Fail:
			d.Better = append(d.Better, *c)
		default:
			d.Other = append(d.Other, *c)
		}
	}
	for _, list := range [][]Change{d.Worse, d.Better, d.Other} {
		slices.SortFunc(list, func(a, b Change) int { return cmp.Compare(a.ID, b.ID) })
	}
	return d
}

// ReadReport reads a report that was written as JSON.
func ReadReport(data []byte) (*Report, error) {
	var r Report
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, misuse("non è un rapporto JSON della suite", "not a JSON report of the suite")
	}
	if r.Format != Format {
		return nil, fmt.Errorf("report of format %q, not %q", r.Format, Format)
	}
	return &r, nil
}
