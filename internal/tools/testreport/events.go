// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"sort"
	"strings"
)

// maxOutput bounds what is kept of one test's output: its beginning, where the
// first failure is told.
const maxOutput = 64 << 10

// event is one line of `go test -json`; the form is that of `go doc test2json`,
// and of `go help buildjson` for the lines about building.
type event struct {
	Action      string
	Package     string
	ImportPath  string
	Test        string
	Elapsed     float64
	Output      string
	FailedBuild string
}

// outcome is how a test or a package ended.
type outcome string

const (
	passed  outcome = "pass"
	failed  outcome = "fail"
	skipped outcome = "skip"
	// running is the outcome of what never ended: the process died under it.
	running outcome = ""
)

// result is one test, or one package when test is empty.
type result struct {
	pkg, test string
	outcome   outcome
	elapsed   float64
	output    strings.Builder
}

// observer is told of each package at its end, with its results in name order.
type observer interface {
	packageEnded(pkg *result, tests []*result)
	text(line string)
}

// reader gathers events into results.
type reader struct {
	results map[string]*result
	watch   observer
}

// readEvents reads a stream to its end. Lines that are not events, such as those
// a compiler prints, are handed to watch as they are; watch may be nil.
func readEvents(in io.Reader, watch observer) ([]*result, error) {
	r := reader{results: map[string]*result{}, watch: watch}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil || e.Action == "" {
			r.tell(lines.Text() + "\n")
			continue
		}
		r.take(e)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read a line: %w", err)
	}
	return r.sorted(func(*result) bool { return true }), nil
}

func (r *reader) tell(text string) {
	if r.watch != nil {
		r.watch.text(text)
	}
}

func (r *reader) take(e event) {
	switch e.Action {
	case "build-output":
		r.tell(e.Output)
		return
	case "build-fail":
		return
	}
	at := r.get(e.Package, e.Test)
	switch outcome(e.Action) {
	case passed, failed, skipped:
		at.outcome, at.elapsed = outcome(e.Action), e.Elapsed
		if e.Test == "" && r.watch != nil {
			inside := func(t *result) bool { return t.pkg == e.Package && t.test != "" }
			r.watch.packageEnded(at, r.sorted(inside))
		}
	default:
		if e.Action == "output" && at.output.Len() < maxOutput {
			at.output.WriteString(e.Output)
		}
	}
}

func (r *reader) get(pkg, test string) *result {
	key := pkg + "\x00" + test
	if r.results[key] == nil {
		r.results[key] = &result{pkg: pkg, test: test}
	}
	return r.results[key]
}

func (r *reader) sorted(keep func(*result) bool) []*result {
	var out []*result
	for _, res := range r.results {
		if keep(res) {
			out = append(out, res)
		}
	}
	sort.Slice(out, func(i, j int) bool {
		a, b := out[i], out[j]
		return a.pkg < b.pkg || a.pkg == b.pkg && a.test < b.test
	})
	return out
}
