// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package problem

import (
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/snodo-pa/snodo/modi"
)

// Row is one rule as a caller meets it.
type Row struct {
	Rule    modi.RuleID
	Pattern modi.Pattern // "" for the hub's own rules
	Status  int          // HTTP status of a request that breaks it
	Title   modi.Text    // short, no final stop
	Remedy  modi.Text    // what the caller can do
	Source  string       // guideline, RFC, PDND rule or decision of this project
}

// Table returns every rule the hub can answer with, the protocol's and its own, sorted by id. The slice is the
// caller's.
func Table() []Row { return slices.Clone(index().rows) }

// Lookup finds the row of a rule.
func Lookup(id modi.RuleID) (Row, bool) {
	row, ok := index().byID[id]
	return row, ok
}

type tableIndex struct {
	rows []Row
	byID map[modi.RuleID]Row
}

// index builds the joined table once; nothing writes to it afterwards.
var index = sync.OnceValue(func() tableIndex {
	rows := slices.Concat(
		protocolRows(), requestRows(), nativeRows(), callerRows(), idempotencyRows(), authorisationRows(), registryRows(),
		exposureRows(), exposureCallerRows(), protectionRows(), interactionRows(), backEndRows(), hubRows(), evidenceRows(),
		jobRows(), tracingRows(), treasuryRows(),
	)
	slices.SortFunc(rows, func(a, b Row) int { return strings.Compare(string(a.Rule), string(b.Rule)) })
	byID := make(map[modi.RuleID]Row, len(rows))
	for _, row := range rows {
		byID[row.Rule] = row
	}
	return tableIndex{rows: rows, byID: byID}
})

// protocolRows gives the rules of modi the status of their class.
func protocolRows() []Row {
	rules := modi.Rules()
	rows := make([]Row, 0, len(rules))
	for _, r := range rules {
		rows = append(rows, Row{
			Rule: r.ID, Pattern: r.Pattern, Status: classStatus(r.Class), Title: r.Title, Remedy: r.Remedy, Source: r.Source,
		})
	}
	return rows
}

func classStatus(c modi.Class) int {
	switch c {
	case modi.Unauthenticated:
		return http.StatusUnauthorized
	case modi.Forbidden:
		return http.StatusForbidden
	case modi.Conflict:
		return http.StatusConflict
	case modi.Malformed:
		return http.StatusBadRequest
	default:
		return http.StatusBadRequest
	}
}
