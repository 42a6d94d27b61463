// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package obs

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// maxCertificates is the most certificates of one configuration that are shown each on
// its own; further ones are shown together, by the one that ends first.
const maxCertificates = 1024

// Certificate is a configured certificate that will expire.
type Certificate struct {
	Kind     string // ca, pin or firma
	Name     string // where it is configured: never what a caller sends
	NotAfter time.Time
}

// expiries shows how many days are left to each certificate at the moment it is asked.
type expiries struct {
	days  *prometheus.Desc
	kinds set

	mu    sync.Mutex
	clock func() time.Time
	ends  map[[2]string]time.Time
}

func newExpiries() *expiries {
	return &expiries{
		days: prometheus.NewDesc(namespace+"_certificate_expiry_days",
			"Days left to a certificate of the configuration; negative once it has expired.", []string{"kind", "name"}, nil),
		kinds: newSet("ca", "pin", "firma"),
	}
}

// Certificates replaces the certificates whose expiry is shown, as a configuration is
// loaded; clock tells the time whenever the measure is read. Of several with one kind and
// name the one that ends first counts.
func (m *Metrics) Certificates(clock func() time.Time, all []Certificate) {
	ends := make(map[[2]string]time.Time, min(len(all), maxCertificates))
	for _, c := range all {
		key := [2]string{m.expiries.kinds.of(c.Kind), c.Name}
		if _, known := ends[key]; !known && len(ends) >= maxCertificates {
			key[1] = Other
		}
		if end, known := ends[key]; !known || c.NotAfter.Before(end) {
			ends[key] = c.NotAfter
		}
	}
	m.expiries.mu.Lock()
	defer m.expiries.mu.Unlock()
	m.expiries.clock, m.expiries.ends = clock, ends
}

// Describe names the measure (prometheus.Collector).
func (e *expiries) Describe(to chan<- *prometheus.Desc) { to <- e.days }

// Collect computes it (prometheus.Collector).
func (e *expiries) Collect(to chan<- prometheus.Metric) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for key, end := range e.ends {
		days := end.Sub(e.clock()).Hours() / 24
		to <- prometheus.MustNewConstMetric(e.days, prometheus.GaugeValue, days, key[0], key[1])
	}
}
