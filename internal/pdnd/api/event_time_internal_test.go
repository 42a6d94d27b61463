// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"testing"
	"time"
)

func TestAnEventTellsWhenItWasMade(t *testing.T) {
	want := time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)
	at, ok := eventTime("019D43C3-D200-7000-8000-000000000000")
	if !ok || !at.Equal(want) {
		t.Errorf("%v, %v, want %v", at.UTC(), ok, want)
	}
}

func FuzzEventTime(f *testing.F) {
	f.Add("019d43b3-1c00-7000-8000-000000000000")
	f.Add("x")
	f.Fuzz(func(t *testing.T, id string) {
		at, ok := eventTime(id)
		if !ok && !at.IsZero() {
			t.Errorf("%q: no time and %v", id, at)
		}
		if ok && (at.UnixMilli() < 0 || at.UnixMilli() >= 1<<48) {
			t.Errorf("%q: %v", id, at)
		}
	})
}
