// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package problem

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/modi"
)

// maxKnown is how many of the known names an answer lists.
const maxKnown = 16

var (
	codeForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)
	// personForm is the form of a codice fiscale, omocodia included, or the digits of a partita IVA, anywhere in a text.
	personForm = regexp.MustCompile(`(?i)[a-z]{6}[0-9lmnpqrstuv]{2}[a-z][0-9lmnpqrstuv]{2}[a-z][0-9lmnpqrstuv]{3}[a-z]|[0-9]{11}`)
)

// Unknown is the refusal of a name that the configuration does not have. It repeats the name when it has the form of a
// code and cannot be that of a person, and lists the known ones that the caller may see; logs hold neither.
func Unknown(rule modi.RuleID, where, asked string, known []string) *Error {
	spot := Spot{Rule: rule, Where: where, Found: modi.Text{IT: "un altro nome", EN: "another name"}}
	if codeForm.MatchString(asked) && !personForm.MatchString(asked) {
		spot.Found = modi.Text{IT: asked, EN: asked}
	}
	if len(known) > 0 {
		spot.Expected = oneOf(known)
	}
	return &Error{Rule: rule, Spots: []Spot{spot}}
}

func oneOf(known []string) modi.Text {
	sorted := slices.Sorted(slices.Values(known))
	sorted = slices.Compact(sorted)
	if more := len(sorted) - maxKnown; more > 0 {
		list := strings.Join(sorted[:maxKnown], ", ")
		return modi.Text{IT: fmt.Sprintf("uno tra %s e altri %d", list, more), EN: fmt.Sprintf("one of %s and %d more", list, more)}
	}
	list := strings.Join(sorted, ", ")
	return modi.Text{IT: "uno tra " + list, EN: "one of " + list}
}
