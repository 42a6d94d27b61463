// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"cmp"
	"time"
)

// Limits bound what a Platform keeps and how long it waits. Zero fields take the
// default named beside them.
type Limits struct {
	TokenTimeout  time.Duration // one token request, second attempt included: 10 s
	LookupTimeout time.Duration // one fetch of keys: 5 s
	Waiting       int           // callers that may wait at once, for vouchers and for each kind of key: 256

	Vouchers      int           // vouchers and refusals kept: 4096 each
	VoucherMargin time.Duration // a cached voucher with less life left is not handed out: 10 s
	Refused       time.Duration // how long a refusal is remembered: 5 s
	PaceWait      time.Duration // the longest a request waits so as not to exceed the limit of the ente: 2 s
	Throttled     time.Duration // the longest pause after repeated 429s: 5 min

	Keys       int           // keys of parties kept, of each kind: 4096
	KeyFresh   time.Duration // how long a key is used unasked: 5 min
	KeyStale   time.Duration // how long it is used when PDND gives no answer: 15 min
	KeyUnknown time.Duration // how long "no such key" is remembered: 30 s
	BlindFresh time.Duration // KeyFresh while no events come (SetEventsAlive): 1 min
	BlindStale time.Duration // KeyStale while no events come: 5 min

	UnknownBurst int           // lookups a client may cause for kids nobody knows: 10
	UnknownEvery time.Duration // and how long until it may cause one more: 6 s
	LookupBurst  int           // the same for all clients together: 100
	LookupEvery  time.Duration // 50 ms

	JWKSRefresh time.Duration // age at which PDND's key set is fetched again: 10 min
	JWKSMaxAge  time.Duration // age at which it is no longer believed: 24 h
	JWKSFloor   time.Duration // least time between two fetches: 10 s
}

func (l Limits) withDefaults() Limits {
	l.TokenTimeout = cmp.Or(l.TokenTimeout, 10*time.Second)
	l.LookupTimeout = cmp.Or(l.LookupTimeout, 5*time.Second)
	l.Waiting = cmp.Or(l.Waiting, 256)
	l.Vouchers = cmp.Or(l.Vouchers, 4096)
	l.VoucherMargin = cmp.Or(l.VoucherMargin, 10*time.Second)
	l.Refused = cmp.Or(l.Refused, 5*time.Second)
	l.PaceWait = cmp.Or(l.PaceWait, 2*time.Second)
	l.Throttled = cmp.Or(l.Throttled, 5*time.Minute)
	l.Keys = cmp.Or(l.Keys, 4096)
	l.KeyFresh = cmp.Or(l.KeyFresh, 5*time.Minute)
	l.KeyStale = cmp.Or(l.KeyStale, 15*time.Minute)
	l.KeyUnknown = cmp.Or(l.KeyUnknown, 30*time.Second)
	l.BlindFresh = cmp.Or(l.BlindFresh, time.Minute)
	l.BlindStale = cmp.Or(l.BlindStale, 5*time.Minute)
	l.UnknownBurst = cmp.Or(l.UnknownBurst, 10)
	l.UnknownEvery = cmp.Or(l.UnknownEvery, 6*time.Second)
	l.LookupBurst = cmp.Or(l.LookupBurst, 100)
	l.LookupEvery = cmp.Or(l.LookupEvery, 50*time.Millisecond)
	l.JWKSRefresh = cmp.Or(l.JWKSRefresh, 10*time.Minute)
	l.JWKSMaxAge = cmp.Or(l.JWKSMaxAge, 24*time.Hour)
	l.JWKSFloor = cmp.Or(l.JWKSFloor, 10*time.Second)
	return l
}
