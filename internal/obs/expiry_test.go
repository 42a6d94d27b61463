// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package obs_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/obs"
)

// expiryLines are the lines of the measure of certificates.
func expiryLines(t *testing.T, m *obs.Metrics) []string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	var found []string
	for line := range strings.Lines(w.Body.String()) {
		if strings.HasPrefix(line, "snodo_certificate_expiry_days{") {
			found = append(found, strings.TrimSpace(line))
		}
	}
	return found
}

func TestDaysLeftToCertificates(t *testing.T) {
	m := obs.NewMetrics(obs.Bounds{})
	if lines := expiryLines(t, m); len(lines) != 0 {
		t.Errorf("before any configuration: %q", lines)
	}
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	m.Certificates(func() time.Time { return now }, []obs.Certificate{
		{Kind: "ca", Name: "qualificate.pem Ab12", NotAfter: now.AddDate(0, 0, 30)},
		{Kind: "pin", Name: "comune.pem Cd34", NotAfter: now.Add(-36 * time.Hour)},
		{Kind: "firma", Name: "c_bf01", NotAfter: now.AddDate(0, 0, 9)},
		{Kind: "firma", Name: "c_bf01", NotAfter: now.AddDate(0, 0, 8)},
		{Kind: "ignoto", Name: "x", NotAfter: now},
	})
	now = now.Add(24 * time.Hour) // it is computed when it is read
	for _, want := range []string{
		`snodo_certificate_expiry_days{kind="ca",name="qualificate.pem Ab12"} 29`,
		`snodo_certificate_expiry_days{kind="pin",name="comune.pem Cd34"} -2.5`,
		`snodo_certificate_expiry_days{kind="firma",name="c_bf01"} 7`,
		`snodo_certificate_expiry_days{kind="altro",name="x"} -1`,
	} {
		if lines := strings.Join(expiryLines(t, m), "\n"); !strings.Contains(lines, want) {
			t.Errorf("no %s in\n%s", want, lines)
		}
	}
	m.Certificates(func() time.Time { return now }, nil)
	if lines := expiryLines(t, m); len(lines) != 0 {
		t.Errorf("those of the configuration before are still there: %q", lines)
	}
}

func TestCertificatesAreShownInBoundedNumber(t *testing.T) {
	m := obs.NewMetrics(obs.Bounds{})
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	var all []obs.Certificate
	for i := range 3000 {
		all = append(all, obs.Certificate{Kind: "pin", Name: fmt.Sprintf("c%d", i), NotAfter: now.AddDate(0, 0, 3000-i)})
	}
	m.Certificates(func() time.Time { return now }, all)
	lines := expiryLines(t, m)
	if rest := `snodo_certificate_expiry_days{kind="pin",name="altro"} 1`; len(lines) != 1025 || !slices.Contains(lines, rest) {
		t.Errorf("%d lines, or none is %s", len(lines), rest)
	}
}
