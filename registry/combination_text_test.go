// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry

import (
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/rest"
)

// TestWhyPatternsDoNotGoTogetherIsToldInItalian, every reason of every pair and of none.
func TestWhyPatternsDoNotGoTogetherIsToldInItalian(t *testing.T) {
	all := []modi.Pattern{
		modi.PatternVoucher, modi.PatternDPoP, modi.PatternIDAuthREST01, modi.PatternIDAuthREST02, modi.PatternIntegrityREST01,
		modi.PatternIntegrityREST02, modi.PatternAuditREST01, modi.PatternAuditREST02, modi.PatternPDNDResponse,
	}
	sets := [][]modi.Pattern{nil}
	for _, a := range all {
		sets = append(sets, []modi.Pattern{a})
		for _, b := range all {
			sets = append(sets, []modi.Pattern{a, b}, []modi.Pattern{a, b, modi.PatternVoucher})
		}
	}
	refused := 0
	for _, set := range sets {
		_, err := rest.Combine(rest.REST, set...)
		if err == nil {
			continue
		}
		refused++
		for _, english := range []string{" the ", " needs ", " and ", " use ", " twice", "more than", " not "} {
			if text := apartText(err); strings.Contains(text.IT, english) || text.EN != err.Error() {
				t.Errorf("%v: %s", set, text.IT)
			}
		}
	}
	if refused < 20 {
		t.Errorf("%d refused", refused)
	}
}
