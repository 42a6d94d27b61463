// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/modi"
)

// runProvider judges the stand-in provider.
func runProvider(t *testing.T, change func(*Config), patterns ...modi.Pattern) *Report {
	t.Helper()
	keys := filepath.Join(t.TempDir(), "erogatore.pem")
	if err := os.WriteFile(keys, publicPEM(t, ownKey()), 0o600); err != nil {
		t.Fatal(err)
	}
	c := Config{
		Role: RoleErogatore, Target: "http://127.0.0.1:1", Patterns: patterns, Parties: parties(), Operations: posting(), Parallel: 4,
		Keys: Keys{Producer: keys},
	}
	if patterns[0] == modi.PatternVoucher {
		c.ReplyPatterns = []modi.Pattern{modi.PatternIntegrityREST02}
	}
	if change != nil {
		change(&c)
	}
	s := open(t, c)
	terms := terms(t, s, patterns...)
	terms.ReplyPatterns = c.ReplyPatterns
	s.SetTarget(serve(t, terms))
	report, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// tellFailures prints what did not pass.
func tellFailures(t *testing.T, r *Report) {
	t.Helper()
	for _, one := range r.Results {
		if one.Verdict == Fail || one.Verdict == Error {
			t.Errorf("%s %s: %s; expected %s, found %s", one.Verdict, one.Case.ID, one.Reason.EN, one.Expected.EN, one.Found.EN)
		}
	}
}

// TestTheStandInPasses is the false-positive guard: a provider made of our verifiers
// keeps every rule, in every combination.
func TestTheStandInPasses(t *testing.T) {
	for _, patterns := range [][]modi.Pattern{
		{modi.PatternVoucher, modi.PatternAuditREST02, modi.PatternIntegrityREST02},
		{modi.PatternVoucher, modi.PatternDPoP},
		{modi.PatternIDAuthREST02, modi.PatternIntegrityREST01},
		{modi.PatternIDAuthREST01},
	} {
		t.Run(strings.Join(patternTexts(patterns), "+"), func(t *testing.T) {
			t.Parallel()
			r := runProvider(t, nil, patterns...)
			tellFailures(t, r)
			t.Logf("%v", r.Counts)
			if r.Counts[Pass] < 50 || r.ExitCode() != ExitPass {
				t.Errorf("%v, exit %d", r.Counts, r.ExitCode())
			}
		})
	}
}
