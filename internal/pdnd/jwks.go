// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
)

// jwks is PDND's own key set: it verifies vouchers. It keeps the last good set when
// PDND is down or publishes one that cannot be trusted, up to Limits.JWKSMaxAge. It
// asks again for an unknown kid at most once per Limits.JWKSFloor, however many kids
// are invented.
type jwks struct {
	platform *Platform
	url      string
	fetches  *flights[struct{}]

	mu    sync.Mutex
	set   keySet
	tried time.Time // start of the latest fetch
	fault error     // of the latest fetch, nil when it succeeded
}

// keySet is a good set and how to ask whether it has changed.
type keySet struct {
	keys               map[string]modi.Key // nil: none yet
	confirmed          time.Time           // when PDND last said that this is the set
	etag, lastModified string
}

func newJWKS(p *Platform, url string) *jwks {
	return &jwks{platform: p, url: url, fetches: newFlights[struct{}](p.limits.Waiting, p.work)}
}

// VoucherKeys resolves the keys of PDND that sign vouchers (header kid of a voucher).
func (p *Platform) VoucherKeys() modi.KeyResolver { return p.jwks }

// ResolveKey implements modi.KeyResolver. A kid that the set of a moment ago lacks is
// unknown; without a set that is recent enough the answer is not known.
func (j *jwks) ResolveKey(ctx context.Context, kid string) (modi.Key, error) {
	now := j.platform.clock()
	key, age, ok := j.find(kid, now)
	if ok {
		if age >= j.platform.limits.JWKSRefresh {
			j.platform.observeCache("jwks", "stale")
			j.fetches.start("", j.mayFetch, j.fetch)
		} else {
			j.platform.observeCache("jwks", "hit")
		}
		return key, nil
	}
	_, err := j.fetches.do(ctx, "", j.mayFetch, j.fetch)
	if key, _, ok = j.find(kid, j.platform.clock()); ok {
		j.platform.observeCache("jwks", "miss")
		return key, nil
	}
	if errors.Is(err, errNotNow) {
		err = j.latestFault()
	}
	if err != nil {
		j.platform.observeCache("jwks", "unavailable")
		return modi.Key{}, undecided("key set of PDND", err)
	}
	j.platform.observeCache("jwks", "unknown")
	return modi.Key{}, fmt.Errorf("%w: PDND publishes no such key", modi.ErrKeyUnknown)
}

// find looks in the set if it is young enough to be believed.
func (j *jwks) find(kid string, now time.Time) (modi.Key, time.Duration, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	age := now.Sub(j.set.confirmed)
	if age > j.platform.limits.JWKSMaxAge {
		return modi.Key{}, age, false
	}
	key, ok := j.set.keys[kid]
	return key, age, ok
}

// mayFetch holds fetches apart: by the floor, or a fifth of it while there is no set,
// so that a start with PDND down recovers soon.
func (j *jwks) mayFetch() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	now, floor := j.platform.clock(), j.platform.limits.JWKSFloor
	if j.set.keys == nil {
		floor /= 5
	}
	if !j.tried.IsZero() && now.Sub(j.tried) < floor {
		return false
	}
	j.tried = now
	return true
}

func (j *jwks) latestFault() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.fault
}

func (j *jwks) ready(ctx context.Context) error {
	if j.usable() {
		return nil
	}
	_, err := j.fetches.do(ctx, "", j.mayFetch, j.fetch)
	if j.usable() {
		return nil
	}
	if fault := j.latestFault(); fault != nil {
		err = fault
	}
	return fmt.Errorf("PDND %s: no key set to verify vouchers with: %w", j.platform.profile.Name, err)
}

func (j *jwks) usable() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.set.keys != nil && j.platform.clock().Sub(j.set.confirmed) <= j.platform.limits.JWKSMaxAge
}

// fetch replaces the set by what PDND publishes, or leaves it as it is.
func (j *jwks) fetch() (struct{}, error) {
	ctx, cancel := context.WithTimeout(j.platform.background, j.platform.limits.LookupTimeout)
	defer cancel()
	j.mu.Lock()
	old := j.set
	j.mu.Unlock()
	fresh, err := j.download(ctx, old)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.fault = err
	if err == nil {
		j.set = fresh
	}
	return struct{}{}, err
}

func (j *jwks) download(ctx context.Context, old keySet) (keySet, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, j.url, nil)
	if err != nil {
		return keySet{}, errors.New("jwksURL or apiJWKSURL of the environment is not a URL")
	}
	req.Header.Set("Accept", "application/json")
	if old.keys != nil && old.etag != "" {
		req.Header.Set("If-None-Match", old.etag)
	}
	if old.keys != nil && old.lastModified != "" {
		req.Header.Set("If-Modified-Since", old.lastModified)
	}
	began := j.platform.clock()
	resp, err := j.platform.http.Do(ctx, req, outbound.Exchange{MaxBody: token.MaxJWKSetBytes})
	if err != nil {
		return keySet{}, err
	}
	switch {
	case resp.Status == http.StatusNotModified && old.keys != nil:
		old.confirmed = began
		return old, nil
	case resp.Status != http.StatusOK:
		return keySet{}, fmt.Errorf("HTTP %d instead of a key set", resp.Status)
	}
	list, err := token.ParseJWKSet(resp.Body)
	if err != nil {
		j.platform.observeCache("jwks", "refused")
		return keySet{}, err
	}
	fresh := keySet{
		keys: make(map[string]modi.Key, len(list)), confirmed: began,
		etag: resp.Header.Get("ETag"), lastModified: resp.Header.Get("Last-Modified"),
	}
	for _, key := range list {
		fresh.keys[key.KID] = key
	}
	return fresh, nil
}

// undecided says that a question about keys has no answer. The cause is kept as text,
// so that a fault of our own request is not taken for the fault of a caller; only the
// end of a context stays visible to errors.Is.
func undecided(what string, cause error) error {
	if errors.Is(cause, context.Canceled) {
		return fmt.Errorf("%w: %s: %w", modi.ErrUndecided, what, context.Canceled)
	}
	return fmt.Errorf("%w: %s: %s", modi.ErrUndecided, what, cause.Error())
}
