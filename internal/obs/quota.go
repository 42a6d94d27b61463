// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package obs

import "github.com/prometheus/client_golang/prometheus"

// QuotaState is one limit of the day. Purposes and consumers are no labels: of one service the limit nearest to its end
// is shown.
type QuotaState struct {
	Direction, Environment, Service string
	Calls                           int64   // added up over the states of a service
	Ratio                           float64 // used part of the limit, 0 when there is none
	Stopped                         bool    // the registry said that the quota is used up
}

// quotas shows the states whenever it is asked.
type quotas struct {
	bounds      *bounds
	read        func() []QuotaState
	used, ratio *prometheus.Desc
	stopped     *prometheus.Desc
}

// Quotas adds the measures of the quotas, once for each Metrics; read is asked at every scrape.
func (m *Metrics) Quotas(read func() []QuotaState) {
	labels := []string{"direction", "environment", "service"}
	describe := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, labels, nil)
	}
	m.registry.MustRegister(&quotas{
		bounds: &m.bounds, read: read,
		used:    describe(namespace+"_quota_used_calls", "Calls of the day, over all replicas."),
		ratio:   describe(namespace+"_quota_used_ratio", "Part of the tightest daily limit that is used."),
		stopped: describe(namespace+"_quota_stopped", "1 when the registry said that a daily quota is used up."),
	})
}

// Describe names the measures (prometheus.Collector).
func (q *quotas) Describe(to chan<- *prometheus.Desc) {
	to <- q.used
	to <- q.ratio
	to <- q.stopped
}

// Collect computes them (prometheus.Collector).
func (q *quotas) Collect(to chan<- prometheus.Metric) {
	type sums struct {
		used           int64
		ratio, stopped float64
	}
	all := map[[3]string]sums{}
	for _, s := range q.read() {
		key := [3]string{q.bounds.direction(s.Direction), q.bounds.environment(s.Environment), q.bounds.service(s.Service)}
		sum := all[key]
		sum.used += s.Calls
		sum.ratio = max(sum.ratio, s.Ratio)
		if s.Stopped {
			sum.stopped = 1
		}
		all[key] = sum
	}
	for key, sum := range all {
		gauge := func(d *prometheus.Desc, v float64) {
			to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, key[0], key[1], key[2])
		}
		gauge(q.used, float64(sum.used))
		gauge(q.ratio, sum.ratio)
		gauge(q.stopped, sum.stopped)
	}
}
