// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package scripted

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

// engine answers requests as the routes say. It keeps the jobs that they start.
type engine struct {
	clock func() time.Time
	jobs  jobs
}

// operate answers a verified request: the first check that does not hold, else the
// first reply for what the request has met.
func (e *engine) operate(script Script, route *Route, in *values) Reply {
	for _, c := range route.Checks {
		if !c.holds(script, in) {
			return c.Reply
		}
	}
	met := e.meet(script, route, in)
	for _, reply := range route.Replies {
		if reply.When == "" || reply.When == met {
			return reply
		}
	}
	return Reply{Status: http.StatusInternalServerError, Body: map[string]any{"title": "the script has no reply for " + met}}
}

// meet looks for the record or the job of the request.
func (e *engine) meet(script Script, route *Route, in *values) string {
	if route.Job != "" {
		id, _ := in.get(route.Job)
		j, pending := e.jobs.ask(in.caller, fmt.Sprint(id), e.clock())
		switch {
		case j == nil:
			return whenAbsent
		case pending:
			return whenPending
		}
		in.job = j
		return whenReady
	}
	if route.Start != nil {
		items, _ := in.get(route.Start.Items)
		list, _ := items.([]any) // what is no list is an empty job
		in.job = e.jobs.open(in.random, in.caller, list, route.Start.Pending, e.clock())
	}
	if route.Find == nil {
		return whenFound
	}
	in.record = route.Find.in(script, in)
	if in.record == nil {
		return whenAbsent
	}
	return whenFound
}

func (c Check) holds(script Script, in *values) bool {
	if c.Known != nil {
		return c.Known.in(script, in) != nil
	}
	v, ok := in.get(c.At)
	if !ok || v == "" {
		return !c.Required
	}
	list, isList := v.([]any)
	if !isList {
		return c.MaxItems == 0 && c.matches(v)
	}
	if c.MaxItems == 0 || len(list) > c.MaxItems || c.Required && len(list) == 0 {
		return false
	}
	for _, one := range list {
		if !c.matches(one) {
			return false
		}
	}
	return true
}

func (c Check) matches(v any) bool {
	if c.pattern == nil {
		return true
	}
	text, ok := v.(string)
	return ok && c.pattern.MatchString(text)
}

// in finds the first record that meets the request.
func (f *Find) in(script Script, in *values) map[string]any {
	for _, record := range script.Tables[f.In] {
		if f.meets(record, in) {
			return record
		}
	}
	return nil
}

func (f *Find) meets(record map[string]any, in *values) bool {
	for column, place := range f.By {
		v, ok := in.get(place)
		if !ok || record[column] == nil || !strings.EqualFold(fmt.Sprint(record[column]), fmt.Sprint(v)) {
			return false
		}
	}
	if f.Within == nil {
		return true
	}
	v, ok := in.get(f.Within.At)
	text, isText := v.(string)
	from, _ := record[f.Within.From].(string) // absent is open
	to, _ := record[f.Within.To].(string)     // absent is open
	return ok && isText && (from == "" || text >= from) && (to == "" || text <= to)
}

// jobs are the asynchronous operations under way. The zero value is ready.
type jobs struct {
	mu  sync.Mutex
	all map[string]*job
}

type job struct {
	id      string
	owner   string
	items   []any
	pending int
	opened  time.Time
}

// jobLife is how long a result can be fetched.
const jobLife = 48 * time.Hour

func (j *jobs) open(random io.Reader, owner string, items []any, pending int, now time.Time) *job {
	id, err := rules.UUID(random)
	if err != nil {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.all == nil {
		j.all = map[string]*job{}
	}
	j.all[id] = &job{id: id, owner: owner, items: items, pending: pending, opened: now}
	return j.all[id]
}

// ask finds a job of an owner and counts a question about it; pending tells that it is
// not ready.
func (j *jobs) ask(owner, id string, now time.Time) (found *job, pending bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	found = j.all[id]
	if found == nil || found.owner != owner || now.Sub(found.opened) > jobLife {
		return nil, false
	}
	if found.pending > 0 {
		found.pending--
		return found, true
	}
	return found, false
}
