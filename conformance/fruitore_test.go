// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/modi"
)

// runConsumer judges the stand-in consumer.
func runConsumer(t *testing.T, change func(*Config)) *Report {
	t.Helper()
	keys := filepath.Join(t.TempDir(), "fruitore.pem")
	if err := os.WriteFile(keys, publicPEM(t, ownKey()), 0o600); err != nil {
		t.Fatal(err)
	}
	c := Config{
		Role: RoleFruitore, Parties: parties(), Keys: Keys{Consumer: keys},
		Patterns:      []modi.Pattern{modi.PatternVoucher, modi.PatternAuditREST02, modi.PatternIntegrityREST02},
		ReplyPatterns: []modi.Pattern{modi.PatternIntegrityREST02},
		Trigger:       Trigger{URL: "http://127.0.0.1:1", Timeout: 10 * time.Second}, Setup: []string{"setup:non-repudiation"},
	}
	c.Parties.ReplyAudience = c.Parties.Client
	if change != nil {
		change(&c)
	}
	s := open(t, c)
	terms := terms(t, s, c.Patterns...)
	terms.Consumer, terms.ReplyPatterns = true, c.ReplyPatterns
	s.config.Trigger.URL = serve(t, terms)
	report, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// TestTheStandInConsumerPasses is the false-positive guard of the role fruitore.
func TestTheStandInConsumerPasses(t *testing.T) {
	t.Parallel()
	r := runConsumer(t, nil)
	tellFailures(t, r)
	t.Logf("%v", r.Counts)
	for _, one := range r.Results {
		if one.Verdict == Skip && one.Case.Expect == "observe" {
			t.Log(one.Case.ID, one.Reason.EN)
		}
	}
	if r.Counts[Pass] < 150 || r.ExitCode() != ExitPass {
		t.Errorf("%v %v, exit %d", r.Counts, r.Notes, r.ExitCode())
	}
}
