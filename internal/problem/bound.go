// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package problem

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/snodo-pa/snodo/modi"
)

// MaxViolations is how many places one problem lists; the others are counted. A message of a few hundred kilobytes can
// break its schema in a hundred thousand places.
const MaxViolations = 32

// maxLogged bounds what one error says in a log, in bytes.
const maxLogged = 1024

// bounded cuts violations and spots together to MaxViolations and adds what it leaves out to more.
func bounded(all []modi.Violation, spots []Spot, more int) ([]modi.Violation, []Spot, int) {
	told, at := min(len(all), MaxViolations), 0
	at = min(len(spots), MaxViolations-told)
	more += len(all) - told + len(spots) - at
	return all[:told:told], spots[:at:at], more
}

// ForLog is the text of an error cut to what a log line should hold.
func ForLog(err error) string {
	s := err.Error()
	if len(s) <= maxLogged {
		return s
	}
	cut := maxLogged
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "..."
}

// writeKinds names each pair of rule and kind of place once, with how often it occurs. Places themselves stay out of
// logs: the names of members and parameters are the caller's text.
func writeKinds(b *strings.Builder, vs []modi.Violation, spots []Spot) {
	var order []string
	count := map[string]int{}
	add := func(rule modi.RuleID, place string) {
		key := string(rule)
		if kind := placeKind(place); kind != "" {
			key += " in " + kind
		}
		if count[key] == 0 {
			order = append(order, key)
		}
		count[key]++
	}
	for _, v := range vs {
		add(v.Rule, v.Found)
	}
	for _, s := range spots {
		add(s.Rule, s.Where)
	}
	for _, key := range order {
		b.WriteString("; " + key)
		if n := count[key]; n > 1 {
			fmt.Fprintf(b, " (%d times)", n)
		}
	}
}

// placeKind tells what a place is part of: "/a/0/b" of the body, "query n" of the query.
func placeKind(place string) string {
	kind, _, _ := strings.Cut(place, " ")
	switch {
	case strings.HasPrefix(place, "/"):
		return "body"
	case kind == "query", kind == "header", kind == "path", kind == "status":
		return kind
	default:
		return ""
	}
}
