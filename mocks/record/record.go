// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package record keeps the last requests a mock received, with their tokens decoded,
// for tests and for the demonstration that shows what went over the wire.
//
// It owns a bounded ring in memory and nothing else: tokens are kept decoded and without
// their signature, so that what is shown cannot be sent again.
package record

import (
	"net/http"
	"slices"
	"sync"
	"time"
)

// Size is how many exchanges a [Ring] keeps.
const Size = 256

// MaxBody is how many bytes of each body are kept.
const MaxBody = 16 << 10

// Token is a decoded JWS. It has not necessarily verified.
type Token struct {
	// Name is where the token was found: a header name or a form field.
	Name    string
	Header  map[string]any
	Payload map[string]any
}

// Exchange is one request and the answer it got. Headers that hold tokens are left out
// of RequestHeader and ResponseHeader.
type Exchange struct {
	At            time.Time
	Method        string
	Path          string
	RequestHeader http.Header
	RequestTokens []Token
	RequestBody   []byte
	// Status is 0 when nothing was sent.
	Status         int
	ResponseHeader http.Header
	ResponseTokens []Token
	ResponseBody   []byte
	// Refusal is the true reason of a refusal, which the mock never sends.
	Refusal string
}

// Ring keeps the last [Size] exchanges. The zero value is ready; it is safe for
// concurrent use.
type Ring struct {
	mu    sync.Mutex
	items []Exchange
}

// Add stores an exchange, dropping the oldest when the ring is full.
func (r *Ring) Add(e Exchange) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.items) == Size {
		r.items = slices.Delete(r.items, 0, 1)
	}
	r.items = append(r.items, e)
}

// All returns the exchanges kept, oldest first.
func (r *Ring) All() []Exchange {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.items)
}

// Reset forgets everything.
func (r *Ring) Reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.items = nil
}
