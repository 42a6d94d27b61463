// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package pdnd is the client of one PDND environment: it obtains vouchers and looks
// up keys.
//
// It owns the token endpoint, the environment's key sets, one request to the platform
// API (Call), the lookups /keys and /producerKeys made of it, and their caches and limits.
// The operations of the platform API are package api's, the writes package admin's. It
// depends on modi for assertions, proofs and keys, on registry for errors and the guard,
// and on outbound for the wire. It never sees a message to an e-service and never writes a log: what an
// operator should know is in its errors and goes through Observer.
//
// "No" and "don't know" are kept apart: a refused voucher is registry.ErrConfig, a
// PDND that gives no answer registry.ErrPDND; an unknown key is modi.ErrKeyUnknown, a
// failed lookup wraps modi.ErrUndecided.
package pdnd

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

// Doer sends requests; *outbound.Client does. It is safe for concurrent use.
type Doer interface {
	Do(ctx context.Context, req *http.Request, x outbound.Exchange) (*outbound.Response, error)
}

// Options are the parts of a Platform.
type Options struct {
	Profile config.Environment
	// HTTP is the network of the requests that belong to no ente, those for PDND's key
	// set, and of the clients that have none of their own.
	HTTP     Doer
	Clock    modi.Clock             // time.Now when nil
	Rand     io.Reader              // for jti and jitter; safe for concurrent use
	Guard    registry.GuardSettings // of the token endpoint and of the platform API, a guard each for every network
	Limits   Limits
	Observer Observer
	// Pause waits for d or until ctx ends, and then returns its error. nil means a timer.
	Pause func(ctx context.Context, d time.Duration) error
}

// Platform is one PDND environment. It is safe for concurrent use.
type Platform struct {
	profile  config.Environment
	http     Doer
	clock    modi.Clock
	rand     io.Reader
	limits   Limits
	observer Observer
	pause    func(ctx context.Context, d time.Duration) error

	tokenGuards, apiGuards *guards

	vouchers *lru[held]
	refusals *lru[refusal]
	paces    *lru[pace]
	tokens   *flights[held]
	// voucherEra grows when a voucher is forgotten.
	voucherEra atomic.Uint64

	jwks      *jwks // signs vouchers
	apiJWKS   *jwks // signs replies of the platform API; most often the same
	blind     atomic.Bool
	consumers *lookup
	producers *lookup
	keychains *lru[producer]

	background context.Context // ends at Close
	stop       context.CancelFunc
	work       *sync.WaitGroup
}

// New returns the client of o.Profile. It sends nothing until asked.
func New(o Options) (*Platform, error) {
	if o.HTTP == nil || o.Rand == nil {
		return nil, errors.New("pdnd: no HTTP client or no randomness")
	}
	if o.Profile.TokenURL == "" || o.Profile.AssertionAudience == "" || o.Profile.JWKSURL == "" || o.Profile.APIBase == "" {
		return nil, fmt.Errorf("pdnd: profile of environment %q lacks tokenURL, assertionAudience, jwksURL or apiBase", o.Profile.Name)
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Pause == nil {
		o.Pause = pause
	}
	limits := o.Limits.withDefaults()
	background, stop := context.WithCancel(context.Background())
	p := &Platform{
		profile: o.Profile, http: o.HTTP, clock: o.Clock, rand: o.Rand, limits: limits, observer: o.Observer, pause: o.Pause,
		tokenGuards: newGuards("pdnd-token", o), apiGuards: newGuards("pdnd-api", o),
		vouchers:   newLRU[held](limits.Vouchers),
		refusals:   newLRU[refusal](limits.Vouchers),
		paces:      newLRU[pace](limits.Vouchers),
		keychains:  newLRU[producer](limits.Keys),
		background: background, stop: stop, work: new(sync.WaitGroup),
	}
	p.tokens = newFlights[held](limits.Waiting, p.work)
	p.jwks = newJWKS(p, o.Profile.JWKSURL)
	p.apiJWKS = p.jwks
	if other := o.Profile.APIJWKSURL; other != "" && other != o.Profile.JWKSURL {
		p.apiJWKS = newJWKS(p, other)
	}
	p.consumers = newLookup(p, consumerKeys())
	p.producers = newLookup(p, producerKeys())
	return p, nil
}

// Name is the environment.
func (p *Platform) Name() string { return p.profile.Name }

// Ready tells whether vouchers can be verified: it fetches PDND's key set if there is
// none yet and fails only when none can be had.
func (p *Platform) Ready(ctx context.Context) error { return p.jwks.ready(ctx) }

// GuardStates gives the state of each guard by name: pdnd-token/<environment> and
// pdnd-api/<environment>, with /<ente> behind where an ente has a network of its own.
func (p *Platform) GuardStates() map[string]string {
	states := make(map[string]string)
	p.tokenGuards.states(states)
	p.apiGuards.states(states)
	return states
}

// Close ends the work in the background, waits for it, and forgets every voucher.
// Requests made after it fail.
func (p *Platform) Close() {
	p.stop()
	p.work.Wait()
	p.vouchers.clear()
}

// guarded runs call inside a guard. The guard counts registry.ErrUnavailable only, and
// callers must see a PDND that is down as registry.ErrPDND, which trips no registry's
// guard: the two are translated here.
func guarded(ctx context.Context, g *registry.Guard, call func(context.Context) error) error {
	var result error
	err := g.Do(ctx, func(ctx context.Context) error {
		result = call(ctx)
		if errors.Is(result, registry.ErrPDND) {
			return fmt.Errorf("%w: %w", registry.ErrUnavailable, result)
		}
		return result
	})
	var open *registry.Fault
	if result == nil && errors.As(err, &open) {
		return &registry.Fault{Kind: registry.ErrPDND, Text: open.Text, RetryAfter: open.RetryAfter}
	}
	return result
}

// jitter is a number in [0, 1). It spreads load and protects no secret, so a failing
// source only takes the spread away.
func (p *Platform) jitter() float64 {
	var b [4]byte
	if _, err := io.ReadFull(p.rand, b[:]); err != nil {
		return 0
	}
	return float64(binary.BigEndian.Uint32(b[:])) / (1 << 32)
}
