// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"fmt"
	"testing"
)

// TestTheParentIsTheWorstChild: Fail > Error > Skip > Unsupported > Pass.
func TestTheParentIsTheWorstChild(t *testing.T) {
	for _, c := range []struct {
		children []Verdict
		want     Verdict
	}{
		{nil, Skip},
		{[]Verdict{Pass}, Pass},
		{[]Verdict{Pass, Pass, Unsupported}, Unsupported},
		{[]Verdict{Unsupported, Skip, Pass}, Skip},
		{[]Verdict{Skip, Error, Unsupported}, Error},
		{[]Verdict{Error, Fail, Pass}, Fail},
		{[]Verdict{Fail, Error}, Fail},
	} {
		if got := Worst(c.children...); got != c.want {
			t.Errorf("%v: %s, want %s", c.children, got, c.want)
		}
	}
	for i, a := range Verdicts() {
		for j, b := range Verdicts() {
			if got, want := Worst(a, b), Verdicts()[max(i, j)]; got != want {
				t.Errorf("%s and %s: %s, want %s", a, b, got, want)
			}
		}
	}
}

// TestExitCodes: 0 only when something was played and nothing is wrong, 1 for any Fail even
// beside an Error, 2 otherwise.
func TestExitCodes(t *testing.T) {
	for _, c := range []struct {
		verdicts []Verdict
		want     int
	}{
		{nil, ExitUndecided},
		{[]Verdict{Skip, Unsupported}, ExitUndecided},
		{[]Verdict{Unsupported}, ExitUndecided},
		{[]Verdict{Pass}, ExitPass},
		{[]Verdict{Pass, Skip, Unsupported}, ExitPass},
		{[]Verdict{Pass, Error}, ExitUndecided},
		{[]Verdict{Error}, ExitUndecided},
		{[]Verdict{Fail}, ExitFail},
		{[]Verdict{Pass, Fail}, ExitFail},
		{[]Verdict{Error, Fail}, ExitFail},
		{[]Verdict{Fail, Error, Skip}, ExitFail},
	} {
		t.Run(fmt.Sprint(c.verdicts), func(t *testing.T) {
			if got := ExitCode(c.verdicts...); got != c.want {
				t.Errorf("%d, want %d", got, c.want)
			}
		})
	}
}
