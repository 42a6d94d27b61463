// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package declarative

import (
	"slices"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/pick"
)

// all tells whether every condition holds.
func all(list []condition, src source) bool {
	for _, one := range list {
		if !one.holds(src) {
			return false
		}
	}
	return true
}

func (c condition) holds(src source) bool {
	v, ok := src.value(c.at)
	switch {
	case len(c.In) > 0:
		return ok && among(c.In, v)
	case len(c.NotIn) > 0:
		return ok && !among(c.NotIn, v)
	}
	switch c.Test {
	case registry.TestPresent:
		return ok
	case registry.TestAbsent:
		return !ok
	case registry.TestEmpty:
		return !ok || empty(v)
	case registry.TestNotEmpty:
		return ok && !empty(v)
	case registry.TestFuture:
		return ok && !past(v, src.instant(), false)
	case registry.TestNotPast:
		return !ok || !past(v, src.instant(), true)
	default:
		return false
	}
}

func among(words []string, v any) bool {
	s, ok := pick.Text(v)
	return ok && slices.ContainsFunc(words, func(word string) bool { return same(word, s) })
}

func empty(v any) bool {
	switch x := v.(type) {
	case string:
		return x == ""
	case []any:
		return len(x) == 0
	case map[string]any:
		return len(x) == 0
	default:
		return false
	}
}

// past tells whether a date or instant lies before now; orNow lets now itself, and for a
// date the whole of today, count as not past. now is in the zone whose days count. What
// is no date counts as past: a right that ends on a day nobody can read is not taken to
// last.
func past(v any, now time.Time, orNow bool) bool {
	s, ok := pick.Text(v)
	if !ok {
		return true
	}
	at, day, err := readTime(s)
	if err != nil {
		return true
	}
	order := at.Compare(now)
	if day { // written year first, days compare as text
		order = strings.Compare(at.Format(time.DateOnly), now.Format(time.DateOnly))
	}
	return order < 0 || order == 0 && !orNow
}
