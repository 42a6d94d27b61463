// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package scaffold

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// Bounds for what the document does not bound: far above what a procedure exchanges, and far below what would fill a machine.
const (
	maxText = 4000
	maxList = 1000
)

// schemas gives every number a format, and every text and list a bound.
func (p *publisher) schemas() {
	seen := map[*tree]bool{}
	for _, part := range []string{"paths", "components"} {
		each(p.root.at(part), func(t *tree) {
			if seen[t] {
				return
			}
			seen[t] = true
			switch t.text("type") {
			case "integer":
				p.format(t, integerFormat(t))
			case "number":
				p.format(t, "double")
			case "string":
				p.bound(t)
			case "array":
				if !t.has("maxItems") {
					t.set("maxItems", maxList)
					p.count["list"]++
				}
			}
		})
	}
}

func (p *publisher) format(t *tree, format string) {
	if t.text("format") == "" {
		t.set("format", format)
		p.count["format"]++
	}
}

// integerFormat is int32 when the bounds of the document fit, or when it has none that do not.
func integerFormat(t *tree) string {
	for _, key := range []string{"minimum", "maximum", "example", "default"} {
		var n float64
		if _, err := fmt.Sscan(fmt.Sprint(t.get(key)), &n); err == nil && (n > 1<<31-1 || n < -1<<31) {
			return "int64"
		}
	}
	if !t.has("maximum") {
		return "int64"
	}
	return "int32"
}

func (p *publisher) bound(t *tree) {
	fixed := []string{"date", "date-time", "uuid", "time", "binary", "byte"}
	if t.has("maxLength") || t.has("enum") || slices.Contains(fixed, t.text("format")) {
		return
	}
	limit := maxText
	for _, key := range []string{"example", "default"} {
		limit = max(limit, utf8.RuneCountInString(t.text(key)))
	}
	var least int
	if _, err := fmt.Sscan(fmt.Sprint(t.get("minLength")), &least); err == nil {
		limit = max(limit, least)
	}
	t.set("maxLength", limit)
	p.count["string"]++
}
