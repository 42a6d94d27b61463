// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package replay

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"time"
)

var (
	// ErrReplayed means that at least one of the keys was used before: the answer is "no" (409; 401 for a DPoP proof).
	ErrReplayed = errors.New("the token was already used")
	// ErrFull means that the cache holds as many live keys as it may: the answer is "don't know", as for every error
	// other than [ErrReplayed], and the call is refused (503).
	ErrFull = errors.New("the cache of used tokens is full")
	// ErrLate means that the token stopped being accepted while it was checked. What was marked of it may be forgotten,
	// so the answer is "don't know": the same token sent again is refused as expired.
	ErrLate = errors.New("the token expired while it was checked")
)

// A Key names one use of a token by what was verified of it, never by its bytes, which a sender can vary. Two keys are
// the same when all fields are.
type Key struct {
	Environment string // design D11
	Ente        string // who exposes
	Eservice    string // what is exposed
	Owner       string // rest.Proof.ReplayOwner: of the verified key, never a claim
	Kind        string // kind of token
	JTI         string
}

// Sum returns the fixed-length form in which a key is kept. Each field is preceded by its length, so that no two keys
// run together.
func (k Key) Sum() [sha256.Size]byte {
	var room [512]byte // of most keys
	text := room[:0]
	for _, f := range [...]string{k.Environment, k.Ente, k.Eservice, k.Owner, k.Kind, k.JTI} {
		text = binary.BigEndian.AppendUint64(text, uint64(len(f)))
		text = append(text, f...)
	}
	return sha256.Sum256(text)
}

// Sums returns the Sum of each key.
func Sums(keys []Key) [][sha256.Size]byte {
	sums := make([][sha256.Size]byte, len(keys))
	for i, k := range keys {
		sums[i] = k.Sum()
	}
	return sums
}

// A Cache remembers used keys. It is safe for concurrent use, by several processes where the database is shared.
type Cache interface {
	// Use marks all keys as used until expires, in one step: when one of them was used before and has not expired the
	// error wraps [ErrReplayed] and none is marked. Any other error means that the answer is not known; it wraps
	// [ErrLate] when expires is not in the future. It is called only after the signatures have verified, and expires is
	// when the token stops being accepted: with the tolerance on its times, never earlier than it is checked.
	Use(ctx context.Context, expires time.Time, keys ...Key) error
	// Purge forgets the keys that expired at or before now and returns how many they were.
	Purge(ctx context.Context, now time.Time) (int, error)
	// NotBefore returns the instant before which issued tokens must be refused ("don't know": their use may have been
	// lost when the process was stopped); zero when nothing can have been lost.
	NotBefore() time.Time
	// Close releases the cache and, where it matters, records that the stop was clean.
	Close() error
}
