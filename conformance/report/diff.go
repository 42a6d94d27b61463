// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/snodo-pa/snodo/conformance"
)

// Difference writes what changed between two reports, the losses first.
func Difference(w io.Writer, d conformance.Difference, lang string) error {
	var b strings.Builder
	pick := func(it, en string) string { return conformance.Text{IT: it, EN: en}.In(lang) }
	word := func(v conformance.Verdict) string {
		if v == "" {
			return pick("assente", "absent")
		}
		return Word(v, lang)
	}
	for _, part := range []struct {
		title   string
		changes []conformance.Change
	}{{pick("peggiorati", "worse"), d.Worse}, {pick("migliorati", "better"), d.Better}, {pick("altri cambiamenti", "other changes"), d.Other}} {
		if len(part.changes) == 0 {
			continue
		}
		fmt.Fprintf(&b, "%s (%d)\n", part.title, len(part.changes))
		for _, c := range part.changes {
			fmt.Fprintf(&b, "  %s → %s  %s  %s\n", word(c.Before), word(c.After), c.ID, c.Title.In(lang))
		}
	}
	fmt.Fprintf(&b, "%s %d\n", pick("invariati:", "unchanged:"), d.Same)
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write difference: %w", err)
	}
	return nil
}
