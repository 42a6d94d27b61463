// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"bufio"
	"encoding/json"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/conformance/internal/standintest"
	"github.com/snodo-pa/snodo/modi"
)

// startForeign runs the server that is written in Python.
func startForeign(t *testing.T, terms standintest.Terms) string {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("not-run: python3 is not installed (Debian package python3)")
	}
	cmd := exec.CommandContext(t.Context(), python, "-u", "testdata/erogatore.py")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var told strings.Builder
	cmd.Stderr = &told
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close() // it ends with its input
		_ = cmd.Wait()
		if t.Failed() && told.Len() > 0 {
			t.Log(told.String())
		}
	})
	if err := json.NewEncoder(in).Encode(terms); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// TestAForeignServerWithFiveFaults points the suite at a server in another language: its
// five faults are named, by every case that is about them, and nothing else is.
func TestAForeignServerWithFiveFaults(t *testing.T) {
	t.Parallel()
	patterns := []modi.Pattern{modi.PatternVoucher, modi.PatternIntegrityREST02}
	s := open(t, Config{Role: RoleErogatore, Target: "http://127.0.0.1:1", Patterns: patterns, Parties: parties(), Operations: posting(), Parallel: 4})
	s.SetTarget(startForeign(t, terms(t, s, patterns...)))
	r, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, one := range r.Results {
		if one.Verdict == Fail || one.Verdict == Error {
			rule, _, _ := strings.Cut(one.Case.ID, "#")
			named[rule] = true
			t.Logf("%s %s (%s)", one.Verdict, one.Case.ID, one.Found.EN)
		}
	}
	want := []string{
		"modi.integrity/digest-mismatch",                 // 1
		"modi.integrity/replayed",                        // 2
		"modi.integrity/expired", "pdnd.voucher/expired", // 3
		"modi.integrity/owner-mismatch",                                 // 4
		"suite.answer/internals-shown", "suite.answer/problem-document", // 5
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(named))); diff != "" {
		t.Errorf("rules that failed (-want +got):\n%s", diff)
	}
	t.Logf("%v", r.Counts)
	if r.Counts[Pass] < 200 || r.ExitCode() != ExitFail {
		t.Errorf("%v, exit %d", r.Counts, r.ExitCode())
	}
}
