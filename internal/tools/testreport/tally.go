// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// The two beginnings of a reason that the project knows: a prerequisite that the
// machine lacks, and reference material that is kept outside the repository.
const (
	notRun      = "not-run:"
	needsShared = "needs-shared"
)

// absence is a row of the table of what did not run.
type absence struct {
	what, reason string
	counted      bool // as a failure
}

// tally is what a whole run came to. The zero value is ready to use.
type tally struct {
	passed, failed, skipped int
	failures                []string
	absences                []absence
}

// addResults counts the tests of one stream. A test with subtests counts through
// them, unless it failed by itself; a package counts only when it failed without
// any of its tests failing: it did not build, or the process died, perhaps with
// the stream, which then does not tell the package's end.
func (t *tally) addResults(results []*result, ci bool) {
	parents, failedUnder := kinship(results)
	for _, r := range results {
		key := r.pkg + "/" + r.test
		switch {
		case r.counts():
			if !failedUnder[key] {
				t.fail(strings.TrimSuffix(key, "/"))
			}
		case r.test == "" || parents[key] && r.outcome == passed:
		case r.outcome == skipped:
			t.absent(key, reason(r.output.String()), ci)
		case r.outcome == passed:
			t.passed++
		}
	}
}

// counts tells whether a result is a failure: one that says so, or one that never ended. A
// line without a package is of no test.
func (r *result) counts() bool { return r.outcome == failed || r.outcome == running && r.pkg != "" }

// kinship finds the tests and packages that have tests under them, and those that
// have a failed one.
func kinship(results []*result) (parents, failedUnder map[string]bool) {
	parents, failedUnder = map[string]bool{}, map[string]bool{}
	for _, r := range results {
		if r.test == "" {
			continue
		}
		bad := r.counts()
		name := r.test
		for {
			cut := strings.LastIndex(name, "/")
			if cut < 0 {
				break
			}
			name = name[:cut]
			parents[r.pkg+"/"+name] = true
			failedUnder[r.pkg+"/"+name] = failedUnder[r.pkg+"/"+name] || bad
		}
		failedUnder[r.pkg+"/"] = failedUnder[r.pkg+"/"] || bad
	}
	return parents, failedUnder
}

// addSteps counts steps that are not tests, one a line: pass, fail or not-run,
// a tab, the name, and for the last two a tab and the reason.
func (t *tally) addSteps(text string, ci bool) error {
	for n, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		if line == "" {
			continue
		}
		verdict, rest, _ := strings.Cut(line, "\t")
		name, why, _ := strings.Cut(rest, "\t")
		switch verdict {
		case "pass":
			t.passed++
		case "fail":
			t.fail(strings.TrimSpace(name + " " + why))
		case "not-run":
			t.absent(name, notRun+" "+why, ci)
		default:
			return fmt.Errorf("steps, line %d: result %q: expected pass, fail or not-run", n+1, verdict)
		}
	}
	return nil
}

func (t *tally) fail(what string) {
	t.failed++
	t.failures = append(t.failures, what)
}

// absent counts what did not run. In continuous integration everything is
// expected to run, except what needs material from outside the repository.
func (t *tally) absent(what, why string, ci bool) {
	counted := ci && !strings.HasPrefix(why, needsShared)
	t.absences = append(t.absences, absence{what, why, counted})
	if counted {
		t.fail(what + " did not run")
		return
	}
	t.skipped++
}

// reason finds, in the output of a skipped test, why it was skipped.
func reason(output string) string {
	for line := range strings.Lines(output) {
		for _, mark := range []string{notRun, needsShared} {
			if _, after, found := strings.Cut(line, mark); found {
				return mark + strings.TrimRight(after, "\n")
			}
		}
	}
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "===") && !strings.HasPrefix(line, "---") {
			return line
		}
	}
	return "no reason given"
}

// print writes the failures, the table and the closing line.
func (t *tally) print(out io.Writer) {
	if len(t.failures) > 0 {
		fmt.Fprintln(out, "\nFailed:")
		for _, f := range t.failures {
			fmt.Fprintln(out, "  "+f)
		}
	}
	if len(t.absences) > 0 {
		fmt.Fprintln(out, "\nDid not run:")
		w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
		for _, a := range t.absences {
			verdict := "skipped"
			if a.counted {
				verdict = "FAILED"
			}
			fmt.Fprintf(w, "  %s\t%s\t%s\n", a.what, verdict, a.reason)
		}
		_ = w.Flush()
	}
	fmt.Fprintf(out, "\n%d passed, %d failed, %d skipped\n", t.passed, t.failed, t.skipped)
}
