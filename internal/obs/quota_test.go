// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package obs

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func TestQuotasShowTheTightestLimitOfAService(t *testing.T) {
	m := NewMetrics(Bounds{Services: []string{"anpr-c020"}, Environments: []string{"collaudo"}})
	m.Quotas(func() []QuotaState {
		return []QuotaState{
			{Direction: "acquisizione", Environment: "collaudo", Service: "anpr-c020", Calls: 3, Ratio: 0.75},
			{Direction: "acquisizione", Environment: "collaudo", Service: "anpr-c020", Calls: 2, Ratio: 0.25, Stopped: true},
			{Direction: "acquisizione", Environment: "collaudo", Service: "made-up", Calls: 1},
		}
	})
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	for _, line := range []string{
		`snodo_quota_used_calls{direction="acquisizione",environment="collaudo",service="anpr-c020"} 5`,
		`snodo_quota_used_ratio{direction="acquisizione",environment="collaudo",service="anpr-c020"} 0.75`,
		`snodo_quota_stopped{direction="acquisizione",environment="collaudo",service="anpr-c020"} 1`,
		`snodo_quota_used_calls{direction="acquisizione",environment="collaudo",service="altro"} 1`,
	} {
		if !strings.Contains(w.Body.String(), line+"\n") {
			t.Errorf("no line %s in\n%s", line, w.Body)
		}
	}
}
