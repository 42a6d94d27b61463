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

// TestTheStandInConsumerProvesPossession: the suite as PDND binds the voucher to the key of
// the proof, and holds the proofs at both addresses against the rules.
func TestTheStandInConsumerProvesPossession(t *testing.T) {
	t.Parallel()
	r := runConsumer(t, func(c *Config) {
		c.Patterns, c.ReplyPatterns = []modi.Pattern{modi.PatternVoucher, modi.PatternDPoP}, nil
		c.Only = []string{"pdnd.dpop", "pdnd.voucher"}
	})
	tellFailures(t, r)
	for _, rule := range []string{"htm-mismatch", "htu-mismatch", "ath-mismatch", "key-mismatch", "scheme-not-allowed", "too-old", "issued-in-future", "replayed", "signature-invalid"} {
		if got := resultOf(t, r, "pdnd.dpop/"+rule+"#sent"); got.Verdict != Pass {
			t.Errorf("%s: %s %s", rule, got.Verdict, got.Reason.EN)
		}
	}
	if r.ExitCode() != ExitPass {
		t.Errorf("%v %v", r.Counts, r.Notes)
	}
}

// TestAConsumerWithoutItsProofFails where DPoP was agreed: at the token endpoint and at the
// e-service.
func TestAConsumerWithoutItsProofFails(t *testing.T) {
	t.Parallel()
	s := open(t, Config{
		Role: RoleFruitore, Parties: parties(), Keys: Keys{Consumer: file(t, "own.pem", publicPEM(t, ownKey()))}, Patterns: []modi.Pattern{modi.PatternVoucher, modi.PatternDPoP},
		Only: []string{"pdnd.dpop"}, Trigger: Trigger{URL: "http://127.0.0.1:1"},
	})
	what := terms(t, s, modi.PatternVoucher)
	what.Consumer = true
	s.config.Trigger.URL = serve(t, what)
	r, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := resultOf(t, r, "pdnd.dpop/token-missing#sent"); got.Verdict != Fail || len(got.Exchanges) < 2 {
		t.Errorf("%+v", got)
	}
}
