// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rules

import (
	"encoding/json"
	"testing"
	"time"
)

func TestTimesOfVouchersHaveNoAge(t *testing.T) {
	w := Window{Future: 5 * time.Second, NeedNbf: true}
	day := int64(86400)
	for name, c := range map[string]struct {
		claims Members
		want   string
	}{
		"a day old":    {Members{"iat": at(-day), "nbf": at(-day), "exp": at(1)}, ""},
		"no nbf":       {Members{"iat": at(-1), "exp": at(1)}, "nbf-missing"},
		"expired":      {Members{"iat": at(-day), "nbf": at(-day), "exp": at(0)}, "expired"},
		"5 s ahead":    {Members{"iat": at(5), "nbf": at(5), "exp": at(60)}, ""},
		"6 s ahead":    {Members{"iat": at(6), "nbf": at(6), "exp": at(60)}, "iat-future"},
		"nbf 6 s":      {Members{"iat": at(0), "nbf": at(6), "exp": at(60)}, "nbf-future"},
		"negative iat": {Members{"iat": json.Number("-1"), "nbf": at(0), "exp": at(60)}, "iat-missing"},
	} {
		t.Run(name, func(t *testing.T) {
			fault := CheckTimes(c.claims, now(), w, ClassToken)
			wantFault(t, fault, c.want)
			if fault != nil && fault.Class != ClassToken {
				t.Errorf("class %d", fault.Class)
			}
		})
	}
}

func TestTimesLookAtFractionsOfTheClock(t *testing.T) {
	w := Window{MaxAge: 300 * time.Second, Future: 5 * time.Second}
	for name, c := range map[string]struct {
		clock  time.Time
		claims Members
		want   string
	}{
		"half a second too old":    {now().Add(300*time.Second + 500*time.Millisecond), Members{"iat": at(0), "exp": at(900)}, "iat-old"},
		"just within":              {now().Add(300 * time.Second), Members{"iat": at(0), "exp": at(900)}, ""},
		"half a second to live":    {now().Add(-500 * time.Millisecond), Members{"iat": at(-9), "exp": at(0)}, ""},
		"half a second after exp":  {now().Add(500 * time.Millisecond), Members{"iat": at(-9), "exp": at(0)}, "expired"},
		"5.5 s ahead of the clock": {now().Add(-5500 * time.Millisecond), Members{"iat": at(0), "exp": at(60)}, "iat-future"},
		"4.5 s ahead of the clock": {now().Add(-4500 * time.Millisecond), Members{"iat": at(0), "exp": at(60)}, ""},
	} {
		t.Run(name, func(t *testing.T) { wantFault(t, CheckTimes(c.claims, c.clock, w, ClassProfile), c.want) })
	}
}

func TestFaultText(t *testing.T) {
	if got := profile("name", "detail").Error(); got != "name: detail" {
		t.Error(got)
	}
	if got := profile("name", "").Error(); got != "name" {
		t.Error(got)
	}
}
