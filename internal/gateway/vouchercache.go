// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"crypto"
	"crypto/sha256"
	"sync"
	"time"

	"github.com/snodo-pa/snodo/modi/voucher"
)

// maxVouchers is how many verified vouchers one generation of the cache holds.
const maxVouchers = 8192

// voucherKey names a voucher by its bytes, inside one environment.
type voucherKey struct {
	environment string
	sum         [sha256.Size]byte
}

type knownVoucher struct {
	voucher *voucher.Voucher
	public  crypto.PublicKey // that verified it; another key under its kid makes the entry worthless
	until   time.Time
}

// voucherCache remembers vouchers whose signature has verified, never refusals. It holds at most two generations of
// entries: when the young one is full the old one goes, so that memory is bounded and what is in use survives.
type voucherCache struct {
	mu         sync.Mutex
	size       int
	young, old map[voucherKey]knownVoucher
}

func newVoucherCache(size int) *voucherCache {
	return &voucherCache{size: size, young: map[voucherKey]knownVoucher{}}
}

// get finds an entry that has not expired.
func (c *voucherCache) get(key voucherKey, now time.Time) (knownVoucher, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if v, ok := c.young[key]; ok {
		return v, now.Before(v.until)
	}
	v, ok := c.old[key]
	if !ok || !now.Before(v.until) {
		return knownVoucher{}, false
	}
	c.insert(key, v)
	return v, true
}

func (c *voucherCache) put(key voucherKey, v knownVoucher) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.insert(key, v)
}

// insert puts into the young generation; mu is held.
func (c *voucherCache) insert(key voucherKey, v knownVoucher) {
	if len(c.young) >= c.size {
		c.old, c.young = c.young, make(map[voucherKey]knownVoucher, c.size)
	}
	c.young[key] = v
}

func (c *voucherCache) drop(key voucherKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.young, key)
	delete(c.old, key)
}

func (c *voucherCache) len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.young) + len(c.old)
}

// sameKey compares public keys of the kinds that modi knows.
func sameKey(a, b crypto.PublicKey) bool {
	k, ok := a.(interface{ Equal(x crypto.PublicKey) bool })
	return ok && b != nil && k.Equal(b)
}
