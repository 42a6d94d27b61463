// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// TestPageOfARun compares the whole page and the summary with testdata, for rounds of
// which one limit is kept at its very edge and one is broken.
func TestPageOfARun(t *testing.T) {
	a, err := txtar.ParseFile("testdata/page.txtar")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	samples := Samples{}
	for _, f := range a.Files {
		files[f.Name] = string(f.Data)
		if strings.HasPrefix(f.Name, "round-") {
			units := map[string][]string{"rest": {unitOurs, unitBare}, "cache": {unitWall}}[strings.TrimPrefix(f.Name, "round-")]
			if units == nil {
				units = []string{unitCPU}
			}
			if err := samples.Read(strings.NewReader(string(f.Data)), units...); err != nil {
				t.Fatal(err)
			}
		}
	}
	result, err := Judge(samples, Limits())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(files["page.md"], Page("Example 9000, 2 cores used", 3, 2000, result)); diff != "" {
		t.Errorf("page (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(files["summary"], Summary(result)); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
	if result.Holds() {
		t.Error("a broken limit holds")
	}
}

// TestAMeasurementThatCannotBeMade is no measurement: nothing is written.
func TestAMeasurementThatCannotBeMade(t *testing.T) {
	page := t.TempDir() + "/page.md"
	if err := run(t.Context(), []string{"-rounds", "many"}, io.Discard); err == nil || errors.Is(err, errLimit) {
		t.Errorf("flags: error is %v", err)
	}
	// The folder of this test is not that of the repository: there is nothing to build.
	err := run(t.Context(), []string{"-out", page, "-rounds", "1"}, io.Discard)
	if err == nil || errors.Is(err, errLimit) || !strings.Contains(err.Error(), "build benchmarks") {
		t.Errorf("build: error is %v", err)
	}
	if err := (suite{binary: "/does/not/exist"}).measure(t.Context(), io.Discard, Samples{}); err == nil {
		t.Error("a binary that is not there was run")
	}
}
