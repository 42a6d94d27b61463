// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"crypto"
	"sync"
	"time"

	"github.com/snodo-pa/snodo/modi/voucher"
)

// maxVouchers is how many verified vouchers one generation of the cache holds.
const maxVouchers = 8192

// voucherKey is the text of a voucher, inside one environment. The text itself costs less to look up than a hash of it
// costs to make, and two texts are never taken for one.
type voucherKey struct{ environment, compact string }

type knownVoucher struct {
	voucher *voucher.Voucher
	public  crypto.PublicKey // that verified it; another key under its kid makes the entry worthless
	until   time.Time
}

func (k knownVoucher) end() time.Time { return k.until }

type voucherCache = verifiedCache[voucherKey, knownVoucher]

func newVoucherCache(size int) *voucherCache { return newVerifiedCache[voucherKey, knownVoucher](size) }

// verifiedCache remembers tokens whose signature has verified, never refusals. It holds at most two generations of
// entries: when the young one is full the old one goes, so that memory is bounded and what is in use survives.
type verifiedCache[K comparable, V interface{ end() time.Time }] struct {
	mu         sync.Mutex
	size       int
	young, old map[K]V
}

func newVerifiedCache[K comparable, V interface{ end() time.Time }](size int) *verifiedCache[K, V] {
	return &verifiedCache[K, V]{size: size, young: map[K]V{}}
}

func (c *verifiedCache[K, V]) get(key K, now time.Time) (v V, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if v, ok = c.young[key]; ok {
		return v, now.Before(v.end())
	}
	if v, ok = c.old[key]; !ok || !now.Before(v.end()) {
		return v, false
	}
	c.insert(key, v)
	return v, true
}

func (c *verifiedCache[K, V]) put(key K, v V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.insert(key, v)
}

// insert puts into the young generation; mu is held.
func (c *verifiedCache[K, V]) insert(key K, v V) {
	if len(c.young) >= c.size {
		c.old, c.young = c.young, make(map[K]V, c.size)
	}
	c.young[key] = v
}

func (c *verifiedCache[K, V]) drop(key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.young, key)
	delete(c.old, key)
}
