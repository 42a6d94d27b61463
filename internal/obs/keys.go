// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package obs

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// KeyLife is how long a key of the hub on PDND is to be used: an alert on what is left of it
// says when to rotate.
const KeyLife = 365 * 24 * time.Hour

// maxKeys is the most keys of one configuration that are shown.
const maxKeys = 1024

// Key is a key of the hub that PDND knows.
type Key struct {
	Ente    string // codice IPA
	Setting string // where it is configured: clients.servizi.key
	Since   time.Time
}

// keyAges shows age and rest of the life of each key at the moment it is asked.
type keyAges struct {
	age, left *prometheus.Desc

	mu    sync.Mutex
	clock func() time.Time
	keys  []Key
}

func newKeyAges() *keyAges {
	labels := []string{"ente", "key"}
	return &keyAges{
		age:  prometheus.NewDesc(namespace+"_key_age_days", "Days since a key that PDND knows was made.", labels, nil),
		left: prometheus.NewDesc(namespace+"_key_expiry_days", "Days left until a key that PDND knows is a year old and due for rotation; negative after.", labels, nil),
	}
}

// Keys replaces the keys whose age is shown, as they are opened; clock tells the time whenever
// the measures are read. Enti and settings are those of the configuration.
func (m *Metrics) Keys(clock func() time.Time, all []Key) {
	m.keyAges.mu.Lock()
	defer m.keyAges.mu.Unlock()
	m.keyAges.clock, m.keyAges.keys = clock, all[:min(len(all), maxKeys)]
}

// Describe names the measures (prometheus.Collector).
func (k *keyAges) Describe(to chan<- *prometheus.Desc) {
	to <- k.age
	to <- k.left
}

// Collect computes them (prometheus.Collector).
func (k *keyAges) Collect(to chan<- prometheus.Metric) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, key := range k.keys {
		age := k.clock().Sub(key.Since)
		to <- prometheus.MustNewConstMetric(k.age, prometheus.GaugeValue, age.Hours()/24, key.Ente, key.Setting)
		to <- prometheus.MustNewConstMetric(k.left, prometheus.GaugeValue, (KeyLife-age).Hours()/24, key.Ente, key.Setting)
	}
}
