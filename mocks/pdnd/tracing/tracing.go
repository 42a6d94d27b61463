// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package tracing is the stand-in for the platform's tracing service: one CSV per tenant
// and day with the calls of every purpose, checked as the real code checks it.
//
// It owns the submissions, their states and the daily job that marks the days nobody
// told of. It asks mocks/pdnd/platform what a tenant is to a purpose and depends beside
// that on mocks/pdnd/m2m for the voucher and on mocks/internal/*.
package tracing

import (
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
	"github.com/snodo-pa/snodo/mocks/pdnd/m2m"
	"github.com/snodo-pa/snodo/mocks/pdnd/platform"
)

// State is the state of a submission.
type State string

// The states.
const (
	Pending   State = "PENDING"
	Completed State = "COMPLETED"
	Warning   State = "WARNING"
	Failed    State = "ERROR"
	Missing   State = "MISSING"
)

// day is the form of a date.
const day = "2006-01-02"

// jobAt is when the daily job runs, after midnight of the server clock.
const jobAt = 23*time.Hour + 30*time.Minute

// Options configure a [Service].
type Options struct {
	Platform *platform.Platform
	// Verify checks the voucher of an API client; either role will do.
	Verify func(compact string, now time.Time) (m2m.Voucher, *rules.Fault)
	Clock  func() time.Time
	Rand   io.Reader
	// Delay is how long a file stays PENDING before it is looked at.
	Delay time.Duration
	// Zone of the server clock; UTC when nil.
	Zone *time.Location
}

// Tracing is what the service knows of one day of a tenant.
type Tracing struct {
	ID, TenantID, Date string
	State              State
	Version            int // 1 at first; more after each recovery or replacement
	Errors             []Issue
	// Rows are those imported.
	Rows []Row

	file []byte
	due  time.Time // when a PENDING file is looked at
}

// Service is the tracing service. It is safe for concurrent use.
type Service struct {
	opts Options

	mu    sync.Mutex
	all   []*Tracing           // in order of arrival
	first map[string]time.Time // by tenant, when it first submitted
	until time.Time            // the daily job has run up to here
}

// New makes a service without submissions.
func New(opts Options) *Service {
	if opts.Zone == nil {
		opts.Zone = time.UTC
	}
	return &Service{opts: opts, first: make(map[string]time.Time)}
}

// Tracings returns what the service knows of a tenant, by date.
func (s *Service) Tracings(tenantID string) []Tracing {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.catchUp()
	var list []Tracing
	for _, t := range s.all {
		if t.TenantID == tenantID {
			list = append(list, *t)
		}
	}
	slices.SortStableFunc(list, func(a, b Tracing) int { return strings.Compare(a.Date, b.Date) })
	return list
}

// today is the date of the server clock.
func (s *Service) today() string { return s.opts.Clock().In(s.opts.Zone).Format(day) }

// catchUp runs what time has brought: the daily job, then the files that are due.
func (s *Service) catchUp() {
	now := s.opts.Clock().In(s.opts.Zone)
	for len(s.first) > 0 {
		next := runAfter(s.until)
		if next.After(now) {
			break
		}
		s.process(next)
		s.markMissing(next)
		s.until = next
	}
	s.process(now)
}

// runAfter is the first run of the daily job after an instant.
func runAfter(t time.Time) time.Time {
	midnight := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
	run := midnight.Add(jobAt)
	if !run.After(t) {
		run = midnight.AddDate(0, 0, 1).Add(jobAt)
	}
	return run
}

// markMissing marks the day before a run for the tenants that have submitted before it.
func (s *Service) markMissing(run time.Time) {
	date := run.AddDate(0, 0, -1).Format(day)
	for _, tenantID := range s.tenantsBefore(run) {
		if s.of(tenantID, date) != nil {
			continue
		}
		id, err := rules.UUID(s.opts.Rand)
		if err != nil {
			return // without randomness no job runs
		}
		s.all = append(s.all, &Tracing{ID: id, TenantID: tenantID, Date: date, State: Missing, Version: 1})
	}
}

func (s *Service) tenantsBefore(run time.Time) []string {
	var list []string
	for tenantID, first := range s.first {
		if first.Before(run) {
			list = append(list, tenantID)
		}
	}
	slices.Sort(list)
	return list
}

func (s *Service) of(tenantID, date string) *Tracing {
	for _, t := range s.all {
		if t.TenantID == tenantID && t.Date == date {
			return t
		}
	}
	return nil
}

// owned returns a tracing of a tenant by its id, or nil.
func (s *Service) owned(tenantID, id string) *Tracing {
	for _, t := range s.all {
		if t.TenantID == tenantID && t.ID == strings.ToLower(id) {
			return t
		}
	}
	return nil
}

// process looks at the pending files that are due.
func (s *Service) process(now time.Time) {
	for _, t := range s.all {
		if t.State == Pending && !t.due.After(now) {
			s.examine(t)
		}
	}
}

// examine checks a file and imports its rows. A formal error or an unknown purpose stops
// everything; a purpose of others only warns, and its row is left out.
func (s *Service) examine(t *Tracing) {
	rows, issues := parse(t.file, t.Date)
	t.file, t.Rows, t.Errors = nil, nil, issues
	if len(issues) > 0 {
		t.State = Failed
		return
	}
	t.State = Completed
	for _, row := range rows {
		switch s.opts.Platform.RelationTo(t.TenantID, row.PurposeID) {
		case platform.NoPurpose:
			t.Errors = append(t.Errors, row.issue(severityInvalid, "PURPOSE_NOT_FOUND", "purpose_id: Invalid purpose id "+row.PurposeID))
			t.State = Failed
		case platform.Stranger:
			t.Errors = append(t.Errors, row.issue(severityWarning, "TENANT_IS_NOT_PRODUCER_OR_CONSUMER", "purpose_id: Invalid purpose id "+row.PurposeID))
			if t.State == Completed {
				t.State = Warning
			}
		case platform.Concerned:
			t.Rows = append(t.Rows, row)
		}
	}
	if t.State == Failed {
		t.Rows = nil
	}
}

// accept takes a new file for a tracing.
func (s *Service) accept(t *Tracing, file []byte) {
	now := s.opts.Clock()
	t.State, t.file, t.due = Pending, file, now.Add(s.opts.Delay)
	if _, known := s.first[t.TenantID]; !known {
		if len(s.first) == 0 {
			s.until = now.In(s.opts.Zone)
		}
		s.first[t.TenantID] = now
	}
	s.process(now)
}

// submit takes the file of a day in the past that nobody told of yet.
func (s *Service) submit(tenantID, date string, file []byte) (id string, earlier bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.catchUp()
	if date >= s.today() {
		return "", false, &refusal{400, "TRACING_FUTURE_DATE", "Tracing date " + date + " is not in the past"}
	}
	t := s.of(tenantID, date)
	switch {
	case t == nil:
		if id, err = rules.UUID(s.opts.Rand); err != nil {
			return "", false, err
		}
		t = &Tracing{ID: id, TenantID: tenantID, Date: date, Version: 1}
		s.all = append(s.all, t)
	case t.State == Missing:
		t.Version++
	default:
		return "", false, &refusal{400, "TRACING_ALREADY_EXISTS", "A tracing for the current tenant already exists on this date: " + date}
	}
	for _, other := range s.all {
		if other.TenantID == tenantID && other.Date < date && (other.State == Failed || other.State == Missing) {
			earlier = true
		}
	}
	s.accept(t, file)
	return t.ID, earlier, nil
}

// again takes another file for a day that is in one of the states.
func (s *Service) again(tenantID, id string, file []byte, states ...State) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.catchUp()
	t := s.owned(tenantID, id)
	if t == nil {
		return &refusal{404, "TRACING_NOT_FOUND", "Tracing by " + id + " not found"}
	}
	if !slices.Contains(states, t.State) {
		return &refusal{409, "TRACING_CANNOT_BE_UPDATED", "Tracing with Id " + id + " cannot be updated in state " + string(t.State)}
	}
	t.Version++
	s.accept(t, file)
	return nil
}

// refusal is a broken rule with its status and the word that names it.
type refusal struct {
	status       int
	code, detail string
}

func (r *refusal) Error() string { return r.code + ": " + r.detail }
