// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"strings"

	"github.com/snodo-pa/snodo/internal/problem"
)

// checkLoA refuses a stated level of assurance above the cap. Nothing stated is nothing claimed; without a cap nothing
// may be claimed, because nobody answers for it.
func checkLoA(stated, limit string) error {
	if stated == "" || stated == limit {
		return nil
	}
	have, ok := loaRank(stated)
	most, capped := loaRank(limit)
	if ok && capped && have <= most {
		return nil
	}
	return problem.New(problem.RuleLoA)
}

// loaRank puts the scales in use on the one of ISO/IEC 29115 (1-4): SPID and CIE levels 1-3 are 2-4, the eIDAS words low,
// substantial and high are 2-4. A level of no known scale has no rank: it is only equal to itself.
func loaRank(level string) (int, bool) {
	s := strings.ToLower(strings.NewReplacer("-", "", "_", "", " ", "").Replace(level))
	switch s {
	case "low", "basso", "substantial", "significativo", "high", "elevato", "alto":
		return map[string]int{
			"low": 2, "basso": 2, "substantial": 3, "significativo": 3, "high": 4, "elevato": 4, "alto": 4,
		}[s], true
	}
	for _, scale := range []struct {
		prefix       string
		shift, limit int
	}{{"loa", 0, 4}, {"spidl", 1, 3}, {"ciel", 1, 3}, {"l", 1, 3}} {
		rest, ok := strings.CutPrefix(s, scale.prefix)
		if !ok || len(rest) != 1 {
			continue
		}
		n := int(rest[0] - '0')
		if n < 1 || n > scale.limit {
			return 0, false
		}
		return n + scale.shift, true
	}
	return 0, false
}
