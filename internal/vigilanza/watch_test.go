// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package vigilanza_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/quota"
	"github.com/snodo-pa/snodo/internal/vigilanza"
)

// TestTheLogIsToldOnceADayForEachLevel: before the threshold and at it.
func TestTheLogIsToldOnceADayForEachLevel(t *testing.T) {
	b, clock := newBook(t)
	mine := quota.Key{Environment: "locale", Direction: quota.Out, Eservice: "e-1", Consumer: "t-a", Purpose: "p-1"}
	calls := func(n int) {
		for range n {
			b.Ledger.Count(mine, quota.Limits{})
		}
	}
	var log bytes.Buffer
	w := vigilanza.NewWatch(b, slog.New(slog.NewTextHandler(&log, nil)))
	look := func() int {
		t.Helper()
		n, err := w.Look(t.Context(), clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	calls(4)
	if n := look(); n != 0 {
		t.Errorf("an ordinary day: %d lines", n)
	}
	clock.Advance(24 * time.Hour)
	for _, step := range []struct{ calls, lines int }{{5, 0}, {4, 1}, {0, 0}, {20, 1}, {1, 0}} {
		calls(step.calls)
		if n := look(); n != step.lines {
			t.Errorf("after %d more calls: %d lines, want %d\n%s", step.calls, n, step.lines, log.String())
		}
	}
	if got := log.String(); !strings.Contains(got, "livello=attenzione") || !strings.Contains(got, "livello=oltre") ||
		!strings.Contains(got, "servizio=anpr-c020") {
		t.Error(got)
	}
}
