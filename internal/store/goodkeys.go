// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"crypto/sha256"
	"sync"
)

// maxGoodKeys bounds what goodKeys remembers: more applications than a region has.
const maxGoodKeys = 4096

// goodKeys remembers application keys found good, for a store that one process has to itself: nobody else can revoke
// them. Every acquisition looks one up, and a read of SQLite costs as much as the rest of its authentication. Safe for
// concurrent use.
type goodKeys struct {
	mu      sync.Mutex
	byHash  map[[sha256.Size]byte]APIKey
	forgets uint64 // how often the keys were forgotten
}

// find returns a key found good before, and the mark that keep wants when there is none.
func (g *goodKeys) find(digest [sha256.Size]byte) (k APIKey, ok bool, mark uint64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	k, ok = g.byHash[digest]
	return k, ok, g.forgets
}

// keep remembers a key read after find gave mark, unless keys were forgotten since: what was read may be older.
func (g *goodKeys) keep(k APIKey, mark uint64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if mark != g.forgets {
		return
	}
	if g.byHash == nil || len(g.byHash) >= maxGoodKeys {
		g.byHash = make(map[[sha256.Size]byte]APIKey)
	}
	g.byHash[k.Digest] = k
}

// forget drops all keys: one of them may no longer be good.
func (g *goodKeys) forget() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.byHash = nil
	g.forgets++
}
