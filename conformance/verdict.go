// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

// Verdict is what the suite says of a case, of a group of cases or of a whole run.
type Verdict string

// The verdicts, from the best to the worst.
const (
	Pass        Verdict = "pass"        // it does what the case wants
	Unsupported Verdict = "unsupported" // it does not claim what the case is about
	Skip        Verdict = "skip"        // the case was not played; the reason says why
	Error       Verdict = "error"       // the suite itself failed: nothing is known
	Fail        Verdict = "fail"        // it does not do what the case wants
)

// Verdicts lists the verdicts from the best to the worst.
func Verdicts() []Verdict { return []Verdict{Pass, Unsupported, Skip, Error, Fail} }

// rank is the place of a verdict in Verdicts; -1 for what is none.
func (v Verdict) rank() int {
	for i, other := range Verdicts() {
		if v == other {
			return i
		}
	}
	return -1
}

// Worst is the verdict of a parent: that of its worst child. Without children it is
// Skip, since nothing was played.
func Worst(children ...Verdict) Verdict {
	worst := Skip
	for i, v := range children {
		if i == 0 || v.rank() > worst.rank() {
			worst = v
		}
	}
	return worst
}

// Exit codes of a run.
const (
	ExitPass      = 0 // at least one case was played, none failed, the suite worked
	ExitFail      = 1 // at least one case failed, whatever else happened
	ExitUndecided = 2 // an error of the suite, or nothing was played, or wrong use
)

// ExitCode is the exit code that verdicts of cases ask for.
func ExitCode(verdicts ...Verdict) int {
	played, broken := 0, 0
	for _, v := range verdicts {
		switch v {
		case Fail:
			return ExitFail
		case Error:
			broken++
		case Pass:
			played++
		case Skip, Unsupported:
		}
	}
	if broken > 0 || played == 0 {
		return ExitUndecided
	}
	return ExitPass
}
