// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import "time"

// Limits bound what a Platform keeps and how long it waits. Zero fields take the
// default named beside them.
type Limits struct {
	TokenTimeout  time.Duration // one token request, second attempt included: 10 s
	LookupTimeout time.Duration // one fetch of keys: 5 s
	Waiting       int           // callers that may wait at once, for vouchers and for each kind of key: 256

	Vouchers      int           // vouchers and refusals kept: 4096 each
	VoucherMargin time.Duration // a cached voucher with less life left is not handed out: 10 s
	Refused       time.Duration // how long a refusal is remembered: 5 s

	Keys       int           // keys of parties kept, of each kind: 4096
	KeyFresh   time.Duration // how long a key is used unasked: 5 min
	KeyStale   time.Duration // how long it is used when PDND gives no answer: 15 min
	KeyUnknown time.Duration // how long "no such key" is remembered: 30 s

	UnknownBurst int           // lookups a client may cause for kids nobody knows: 10
	UnknownEvery time.Duration // and how long until it may cause one more: 6 s
	LookupBurst  int           // the same for all clients together: 100
	LookupEvery  time.Duration // 50 ms

	JWKSRefresh time.Duration // age at which PDND's key set is fetched again: 10 min
	JWKSMaxAge  time.Duration // age at which it is no longer believed: 24 h
	JWKSFloor   time.Duration // least time between two fetches: 10 s
}

func (l Limits) withDefaults() Limits {
	fill(&l.TokenTimeout, 10*time.Second)
	fill(&l.LookupTimeout, 5*time.Second)
	fill(&l.Waiting, 256)
	fill(&l.Vouchers, 4096)
	fill(&l.VoucherMargin, 10*time.Second)
	fill(&l.Refused, 5*time.Second)
	fill(&l.Keys, 4096)
	fill(&l.KeyFresh, 5*time.Minute)
	fill(&l.KeyStale, 15*time.Minute)
	fill(&l.KeyUnknown, 30*time.Second)
	fill(&l.UnknownBurst, 10)
	fill(&l.UnknownEvery, 6*time.Second)
	fill(&l.LookupBurst, 100)
	fill(&l.LookupEvery, 50*time.Millisecond)
	fill(&l.JWKSRefresh, 10*time.Minute)
	fill(&l.JWKSMaxAge, 24*time.Hour)
	fill(&l.JWKSFloor, 10*time.Second)
	return l
}

func fill[T int | time.Duration](v *T, fallback T) {
	if *v <= 0 {
		*v = fallback
	}
}
