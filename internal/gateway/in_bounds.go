// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"strconv"
	"unicode/utf8"

	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/rest"
)

// The longest claims of a tracking evidence that the hub takes, in characters. The guideline sets no bound; they go to
// the back end as headers.
const (
	maxInboundOperator = 128
	maxInboundLoA      = 20
)

// boundOperator refuses claims about the operator that are too long to hand on. The lengths are told, never the claims.
func boundOperator(audit rest.Proof) error {
	var broken []modi.Violation
	for _, c := range []struct {
		name, value string
		most        int
	}{
		{"userID", audit.UserID, maxInboundOperator},
		{"userLocation", audit.UserLocation, maxInboundOperator},
		{"LoA", audit.LoA, maxInboundLoA},
	} {
		if n := utf8.RuneCountInString(c.value); n > c.most {
			broken = append(broken, modi.Violation{
				Rule: problem.RuleOperatorClaim, Pattern: modi.PatternAuditREST02,
				Expected: c.name + " " + strconv.Itoa(c.most), Found: strconv.Itoa(n),
			})
		}
	}
	if len(broken) == 0 {
		return nil
	}
	return &problem.Error{Rule: problem.RuleOperatorClaim, Violations: broken}
}
