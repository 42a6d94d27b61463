// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"testing"

	"github.com/snodo-pa/snodo/internal/tracing"
)

// TestDaysThatAwaitSomebodyEndInANo: a script sees by the exit code that nothing will happen by itself any more.
func TestDaysThatAwaitSomebodyEndInANo(t *testing.T) {
	for state, want := range map[tracing.State]bool{
		"": false, tracing.Pending: false, tracing.Sending: false, tracing.Completed: false, tracing.Warning: false, tracing.Missing: false,
		tracing.Failed: true, tracing.Refused: true, tracing.OtherSender: true,
	} {
		days := tracing.Overview{Giorni: []tracing.Status{{Stato: string(tracing.Completed)}, {Stato: string(state)}}}
		if got := awaitsSomebody(days); got != want {
			t.Errorf("%q: %v", state, got)
		}
	}
}
