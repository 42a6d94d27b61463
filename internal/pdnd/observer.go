// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import "time"

// Observer is told what happens, for metrics. Every field may be nil; what is set must
// be safe for concurrent use and must not block. Arguments are words from short fixed
// lists, fit for labels.
type Observer struct {
	// Token: one request to the token endpoint ended. outcome is issued, refused,
	// throttled, unavailable or invalid (refused here, before it was sent).
	Token func(environment, outcome string, took time.Duration)
	// Cache: a cache was asked. cache is voucher, jwks, client-keys or producer-keys;
	// result is hit, miss, renewed, stale, refused, unknown, limited or unavailable.
	Cache func(environment, cache, result string)
	// Guard: a guard changed state.
	Guard func(name, from, to string)
}

func (p *Platform) observeToken(outcome string, began time.Time) {
	if p.observer.Token != nil {
		p.observer.Token(p.profile.Name, outcome, p.clock().Sub(began))
	}
}

func (p *Platform) observeCache(cache, result string) {
	if p.observer.Cache != nil {
		p.observer.Cache(p.profile.Name, cache, result)
	}
}
