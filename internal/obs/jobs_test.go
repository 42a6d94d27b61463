// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package obs

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/jobs"
)

var _ jobs.Observer = (*Jobs)(nil)

func TestJobsAreMeasuredWithinBounds(t *testing.T) {
	m := sampleMetrics()
	j := m.NewJobs([]string{"callback"})
	for _, outcome := range []string{
		jobs.OutcomeDone, jobs.OutcomeRetry, jobs.OutcomeDead, jobs.OutcomeLost, jobs.OutcomeReleased, "unheard of",
	} {
		j.JobEnded("callback", outcome, time.Second, 2*time.Second)
	}
	for i := range 100 {
		j.JobEnded(fmt.Sprint("kind", i), jobs.OutcomeDone, 0, 0)
	}
	j.JobsSeen("callback", 3, 2, 1, 90*time.Second)
	j.JobsSeen(jobs.OtherKind, 4, 0, 0, 0)
	text := scrape(t, m)
	for _, want := range []string{
		`snodo_jobs_ended_total{kind="callback",outcome="done"} 1`,
		`snodo_jobs_ended_total{kind="callback",outcome="retry"} 1`,
		`snodo_jobs_ended_total{kind="callback",outcome="dead"} 1`,
		`snodo_jobs_ended_total{kind="callback",outcome="lost"} 1`,
		`snodo_jobs_ended_total{kind="callback",outcome="released"} 1`,
		`snodo_jobs_ended_total{kind="callback",outcome="altro"} 1`,
		`snodo_jobs_ended_total{kind="altro",outcome="done"} 100`,
		`snodo_job_run_seconds_sum{kind="callback"} 12`,
		`snodo_jobs{kind="callback",state="due"} 3`,
		`snodo_jobs{kind="callback",state="running"} 2`,
		`snodo_jobs{kind="callback",state="dead"} 1`,
		`snodo_jobs{kind="altro",state="due"} 4`,
		`snodo_job_oldest_due_seconds{kind="callback"} 90`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("missing %s", want)
		}
	}
}
