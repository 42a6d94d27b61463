// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// stream writes events as go test does: one a line, "action package test output".
func stream(lines ...string) string {
	var out strings.Builder
	for _, line := range lines {
		f := strings.SplitN(line, " ", 4)
		for len(f) < 4 {
			f = append(f, "")
		}
		fmt.Fprintf(&out, "{\"Action\":%q,\"Package\":%q,\"Test\":%q,\"Output\":%q}\n", f[0], f[1], f[2], f[3]+"\n")
	}
	return out.String()
}

// closing sums one stream and returns the whole report and its last line.
func closing(t *testing.T, ci bool, steps string, streams ...string) (report, last string, err error) {
	t.Helper()
	dir := t.TempDir()
	args := []string{}
	if ci {
		args = append(args, "-ci")
	}
	if steps != "" {
		path := filepath.Join(dir, "steps")
		write(t, path, steps)
		args = append(args, "-steps", path)
	}
	for i, s := range streams {
		path := filepath.Join(dir, fmt.Sprintf("%d.json", i))
		write(t, path, s)
		args = append(args, path)
	}
	var out bytes.Buffer
	err = run(args, strings.NewReader(""), &out)
	lines := strings.Split(strings.TrimRight(out.String(), "\n"), "\n")
	return out.String(), lines[len(lines)-1], err
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestClosingLine(t *testing.T) {
	cases := map[string]struct {
		events []string
		ci     bool
		want   string
		bad    bool
	}{
		"all pass": {events: []string{"pass a TestX", "pass a TestY", "pass a"}, want: "2 passed, 0 failed, 0 skipped"},
		"a parent counts through its children": {
			events: []string{"pass a TestX/one", "pass a TestX/two", "pass a TestX", "pass a"},
			want:   "2 passed, 0 failed, 0 skipped",
		},
		"a failed child fails once": {
			events: []string{"fail a TestX/one", "pass a TestX/two", "fail a TestX", "fail a"},
			want:   "1 passed, 1 failed, 0 skipped", bad: true,
		},
		"a parent that fails by itself": {
			events: []string{"pass a TestX/one", "fail a TestX", "fail a"},
			want:   "1 passed, 1 failed, 0 skipped", bad: true,
		},
		"a package that does not build": {
			events: []string{"build-fail a", "fail a"},
			want:   "0 passed, 1 failed, 0 skipped", bad: true,
		},
		"a test that never ended": {
			events: []string{"run a TestX", "output a TestX panic: boom", "fail a"},
			want:   "0 passed, 1 failed, 0 skipped", bad: true,
		},
		"a package without tests": {events: []string{"skip a"}, want: "0 passed, 0 failed, 0 skipped"},
		"a skip at home": {
			events: []string{"output a TestX x_test.go:1: not-run: no postgresql", "skip a TestX", "pass a"},
			want:   "0 passed, 0 failed, 1 skipped",
		},
		"a skip in CI": {
			events: []string{"output a TestX x_test.go:1: not-run: no postgresql", "skip a TestX", "pass a"},
			ci:     true, want: "0 passed, 1 failed, 0 skipped", bad: true,
		},
		"an unexplained skip in CI": {
			events: []string{"skip a TestX", "pass a"},
			ci:     true, want: "0 passed, 1 failed, 0 skipped", bad: true,
		},
		"shared material is not asked for in CI": {
			events: []string{"output a TestX x_test.go:1: needs-shared vectors", "skip a TestX", "pass a"},
			ci:     true, want: "0 passed, 0 failed, 1 skipped",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			report, last, err := closing(t, c.ci, "", stream(c.events...))
			if last != c.want {
				t.Errorf("closing line %q, expected %q\n%s", last, c.want, report)
			}
			if got := errors.Is(err, errFailed); got != c.bad {
				t.Errorf("error %v, expected a failure: %t", err, c.bad)
			}
		})
	}
}

func TestTableSaysWhatDidNotRunAndWhy(t *testing.T) {
	report, _, err := closing(t, false, "not-run\trace detector\tno C compiler\n",
		stream("output a TestX     x_test.go:1: not-run: no postgresql", "skip a TestX", "pass a"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Did not run:", "a/TestX", "not-run: no postgresql", "race detector", "not-run: no C compiler",
	} {
		if !strings.Contains(report, want) {
			t.Errorf("the report lacks %q:\n%s", want, report)
		}
	}
}

func TestStepsCount(t *testing.T) {
	_, last, err := closing(t, false, "pass\tvet\nfail\tbuild\nnot-run\trace\tno gcc\n", stream("pass a TestX", "pass a"))
	if want := "2 passed, 1 failed, 1 skipped"; last != want || !errors.Is(err, errFailed) {
		t.Errorf("closing line %q and error %v, expected %q and a failure", last, err, want)
	}
	_, last, err = closing(t, true, "not-run\trace\tno gcc\n", stream("pass a TestX"))
	if want := "1 passed, 1 failed, 0 skipped"; last != want || !errors.Is(err, errFailed) {
		t.Errorf("closing line %q and error %v, expected %q and a failure", last, err, want)
	}
	if _, _, err := closing(t, false, "perhaps\tvet\n"); err == nil || errors.Is(err, errFailed) {
		t.Errorf("error %v, expected one about an unknown result", err)
	}
}

func TestStreamsAddUp(t *testing.T) {
	_, last, err := closing(t, true, "", stream("pass a TestX", "pass a"), stream("pass a TestX", "pass a"))
	if want := "2 passed, 0 failed, 0 skipped"; last != want || err != nil {
		t.Errorf("closing line %q and error %v, expected %q and none", last, err, want)
	}
}

func TestFollowPrintsFailuresAndKeepsTheStream(t *testing.T) {
	in := "compiler said no\n" + stream(
		"output a TestGood fine", "pass a TestGood", "output a TestBad === RUN   TestBad", "output a TestBad broken here", "fail a TestBad", "output a  FAIL a", "fail a",
		"pass b TestX", "pass b", "skip c",
	)
	path := filepath.Join(t.TempDir(), "events")
	var out bytes.Buffer
	if err := run([]string{"-save", path}, strings.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"compiler said no", "broken here", "FAIL a", "ok    b", "none  c"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the output lacks %q:\n%s", want, &out)
		}
	}
	if strings.Contains(out.String(), "fine") {
		t.Errorf("the output of a good test was printed:\n%s", &out)
	}
	if strings.Contains(out.String(), "=== RUN") {
		t.Errorf("the progress of a test was printed:\n%s", &out)
	}
	kept, err := os.ReadFile(path)
	if err != nil || string(kept) != in {
		t.Errorf("kept %d of %d bytes, error %v", len(kept), len(in), err)
	}
}

func TestUnreadableFilesAreErrors(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	for _, args := range [][]string{{missing}, {"-steps", missing}, {"-save", missing + "/x"}, {"-unknown"}} {
		var out bytes.Buffer
		if err := run(args, strings.NewReader(""), &out); err == nil || errors.Is(err, errFailed) {
			t.Errorf("%v: error %v, expected one about reading", args, err)
		}
	}
}
