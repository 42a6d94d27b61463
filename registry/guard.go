// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/sony/gobreaker/v2"
)

// Defaults of a GuardSettings whose fields are zero.
const (
	DefaultFailures = 5
	DefaultRatio    = 0.5
	DefaultMinCalls = 20
	DefaultWindow   = time.Minute
	DefaultOpenFor  = 30 * time.Second
	DefaultProbes   = 1
	DefaultDeadline = 15 * time.Second
	DefaultAttempts = 2
)

// ErrGuardOpen is the cause of the refusals of a guard: the call was not made.
var ErrGuardOpen = errors.New("the guard keeps calls back")

// probeRetry is what a caller is told while the probes of a half-open guard run.
const probeRetry = time.Second

// windowBuckets is the grain in which old counts leave the window.
const windowBuckets = 10

// Guard is a circuit breaker around the calls to one remote host: one for each recipe,
// host and network, one for each network that reaches PDND, one for each back end. It
// opens after Failures failures in a row, or when Ratio of at least MinCalls calls within Window have failed; after
// OpenFor it lets Probes calls through and closes when all of them succeed.
//
// Only errors that wrap ErrUnavailable are failures: a 404, a denial, a quota or a
// refused token say that the host is alive. A call whose caller went away counts for
// nothing. A Guard is safe for concurrent use.
type Guard struct {
	name     string
	openFor  time.Duration
	breaker  *gobreaker.CircuitBreaker[struct{}]
	mu       sync.Mutex
	openedAt time.Time
}

// NewGuard returns a closed guard. Zero settings take the defaults of this package.
// onChange, which may be nil, is told of every change of state ("closed", "open",
// "half-open"); it runs inside the guard and must neither block nor call it.
func NewGuard(name string, s GuardSettings, onChange func(name, from, to string)) *Guard {
	s = s.WithDefaults()
	g := &Guard{name: name, openFor: s.OpenFor}
	g.breaker = gobreaker.NewCircuitBreaker[struct{}](gobreaker.Settings{
		Name:         name,
		MaxRequests:  s.Probes,
		Interval:     s.Window,
		BucketPeriod: s.Window / windowBuckets,
		Timeout:      s.OpenFor,
		ReadyToTrip: func(c gobreaker.Counts) bool {
			counted := c.TotalSuccesses + c.TotalFailures
			return c.ConsecutiveFailures >= s.Failures ||
				counted >= s.MinCalls && float64(c.TotalFailures) >= s.Ratio*float64(counted)
		},
		OnStateChange: func(name string, from, to gobreaker.State) {
			if to == gobreaker.StateOpen {
				g.mu.Lock()
				g.openedAt = time.Now()
				g.mu.Unlock()
			}
			if onChange != nil {
				onChange(name, from.String(), to.String())
			}
		},
		IsSuccessful: func(err error) bool { return !errors.Is(err, ErrUnavailable) },
		IsExcluded: func(err error) bool {
			var left *callerLeft
			return errors.As(err, &left)
		},
	})
	return g
}

// WithDefaults fills the zero fields.
func (s GuardSettings) WithDefaults() GuardSettings {
	s.Failures = cmp.Or(s.Failures, DefaultFailures)
	s.Ratio = cmp.Or(s.Ratio, DefaultRatio)
	s.MinCalls = cmp.Or(s.MinCalls, DefaultMinCalls)
	s.Window = cmp.Or(s.Window, DefaultWindow)
	s.OpenFor = cmp.Or(s.OpenFor, DefaultOpenFor)
	s.Probes = cmp.Or(s.Probes, DefaultProbes)
	s.Deadline = cmp.Or(s.Deadline, DefaultDeadline)
	s.Attempts = cmp.Or(s.Attempts, DefaultAttempts)
	return s
}

// callerLeft marks an error of a call whose caller cancelled it.
type callerLeft struct{ err error }

func (c *callerLeft) Error() string { return c.err.Error() }

// Do runs call and returns its error unchanged. When the guard is open, or half-open
// with its probes under way, call does not run and the error is a *Fault of kind
// ErrUnavailable, caused by ErrGuardOpen, whose RetryAfter says when the next probe is due.
func (g *Guard) Do(ctx context.Context, call func(context.Context) error) error {
	var result error
	_, err := g.breaker.Execute(func() (struct{}, error) {
		result = call(ctx)
		if result != nil && errors.Is(ctx.Err(), context.Canceled) {
			return struct{}{}, &callerLeft{result}
		}
		return struct{}{}, result
	})
	switch {
	case errors.Is(err, gobreaker.ErrOpenState):
		return g.refusal(g.untilProbe())
	case errors.Is(err, gobreaker.ErrTooManyRequests):
		return g.refusal(probeRetry)
	default:
		return result
	}
}

// Name is the name given to NewGuard.
func (g *Guard) Name() string { return g.name }

// State is "closed", "half-open" or "open".
func (g *Guard) State() string { return g.breaker.State().String() }

// untilProbe is the time left until the next probe, at least a second so that it
// survives being written as whole seconds.
func (g *Guard) untilProbe() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return max(time.Second, g.openFor-time.Since(g.openedAt))
}

func (g *Guard) refusal(after time.Duration) *Fault {
	return &Fault{
		Kind:       ErrUnavailable,
		Service:    g.name,
		Text:       guardOpen(),
		RetryAfter: after,
		Err:        ErrGuardOpen,
	}
}
