// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package obs

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Jobs measures the durable queue (jobs.Observer). It is safe for concurrent use and never blocks.
type Jobs struct {
	kinds, outcomes set

	ended  *prometheus.CounterVec
	ran    *prometheus.HistogramVec
	count  *prometheus.GaugeVec
	oldest *prometheus.GaugeVec
}

// NewJobs adds the measures of the queue, once for each Metrics. kinds are the kinds of jobs that this process handles;
// any other is counted as "altro".
func (m *Metrics) NewJobs(kinds []string) *Jobs {
	return &Jobs{
		kinds: newSet(kinds...), outcomes: newSet("done", "retry", "dead", "lost", "released"),
		ended:  m.counter("jobs_ended_total", "Runs of jobs by kind and outcome.", "kind", "outcome"),
		ran:    m.histogram("job_run_seconds", "Time of runs of jobs.", "kind"),
		count:  m.gauge("jobs", "Jobs in the queue; every replica counts the same ones.", "kind", "state"),
		oldest: m.gauge("job_oldest_due_seconds", "For how long the oldest due job has waited.", "kind"),
	}
}

// JobEnded counts a run.
func (j *Jobs) JobEnded(kind, outcome string, _, ran time.Duration) {
	kind = j.kinds.of(kind)
	j.ended.WithLabelValues(kind, j.outcomes.of(outcome)).Inc()
	j.ran.WithLabelValues(kind).Observe(ran.Seconds())
}

// JobsSeen states how many jobs of a kind there are: an alert on dead letters reads it.
func (j *Jobs) JobsSeen(kind string, due, running, dead int, oldest time.Duration) {
	kind = j.kinds.of(kind)
	for state, n := range map[string]int{"due": due, "running": running, "dead": dead} {
		j.count.WithLabelValues(kind, state).Set(float64(n))
	}
	j.oldest.WithLabelValues(kind).Set(oldest.Seconds())
}
