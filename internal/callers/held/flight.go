// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package held

import (
	"context"
	"time"
)

const (
	// patience is how long a question is waited for: whoever comes after that is answered without it.
	patience = 2 * time.Second
	// askFor is how long a question may take before it has failed.
	askFor = 10 * time.Second
	// failedFor is how long a question that failed is not put again.
	failedFor = 5 * time.Second
	// mostAtOnce bounds the questions that an ente puts to PDND at a time in an environment, mostWaiting those that wait
	// for it: the calls of one ente use up nothing of another's.
	mostAtOnce  = 8
	mostWaiting = 256
)

// question is who asks about whom: what one ente is refused another may be told.
type question struct {
	ente string
	who  tenant
}

// flight is a question that is being put, once for all who want its answer.
type flight struct {
	done       chan struct{} // closed when the rest is there
	attributes []string
	err        error

	late chan struct{} // closed when nobody should wait any longer
}

// desk is an ente in an environment.
type desk struct{ ente, environment string }

// places are those of a desk.
type places struct {
	free    chan struct{}
	waiting int
}

// begin returns the flight that answers a question, or nil and what is known of it without asking: enough, or all that can
// be had now.
func (a *Attributes) begin(ctx context.Context, q question) (answer, *flight) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if known := a.within(q.who, freshFor); !known.at.IsZero() {
		return known, nil
	}
	if f := a.asking[q]; f != nil {
		return answer{}, f
	}
	at, there := a.failed[q]
	p := a.desk(desk{q.ente, q.who.environment})
	if there && a.clock().Sub(at) < failedFor || p.waiting >= mostWaiting {
		return a.within(q.who, staleFor), nil
	}
	f := &flight{done: make(chan struct{}), late: make(chan struct{})}
	a.asking[q] = f
	p.waiting++
	go a.fly(context.WithoutCancel(ctx), q, f, p)
	return answer{}, f
}

func (a *Attributes) desk(d desk) *places {
	p := a.desks[d]
	if p == nil { // as many as the configuration has enti and environments
		p = &places{free: make(chan struct{}, mostAtOnce)}
		a.desks[d] = p
	}
	return p
}

// fly puts a question and keeps what came of it. It does not end with the call that wanted it first: others wait too.
func (a *Attributes) fly(ctx context.Context, q question, f *flight, p *places) {
	ctx, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	tired := time.AfterFunc(patience, func() { close(f.late) })
	defer tired.Stop()
	f.attributes, f.err = a.inTurn(ctx, q, p)
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.clock()
	delete(a.asking, q)
	p.waiting--
	if f.err == nil {
		delete(a.failed, q)
		roomFor(a.known, maxKnown)
		a.known[q.who] = answer{attributes: f.attributes, at: now}
	} else {
		roomFor(a.failed, maxKnown)
		a.failed[q] = now
	}
	close(f.done)
}

// inTurn asks when there is a place.
func (a *Attributes) inTurn(ctx context.Context, q question, p *places) ([]string, error) {
	select {
	case p.free <- struct{}{}:
		defer func() { <-p.free }()
		return a.lookup(ctx, q.ente, q.who)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// roomFor forgets any one entry of a memory that is full.
func roomFor[K comparable, V any](m map[K]V, most int) {
	if len(m) < most {
		return
	}
	for k := range m {
		delete(m, k)
		return
	}
}
