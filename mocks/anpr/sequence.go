// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"strconv"
	"sync"
)

// maxRemembered is how many answers are remembered per client and e-service.
const maxRemembered = 4096

// sequence remembers idOperazioneClient per client and e-service: the same id gets the
// answer it got before, a new one must be greater than the last when it is a number.
type sequence struct {
	mu      sync.Mutex
	clients map[string]*operations
}

type operations struct {
	mu      sync.Mutex
	last    uint64
	answers map[string]remembered
	order   []string
}

type remembered struct {
	status int
	body   any
}

// of returns the operations of a client, locked: an id asked twice at once is answered
// once and then repeated.
func (s *sequence) of(key string) *operations {
	s.mu.Lock()
	if s.clients == nil {
		s.clients = make(map[string]*operations)
	}
	ops := s.clients[key]
	if ops == nil {
		ops = &operations{answers: make(map[string]remembered)}
		s.clients[key] = ops
	}
	s.mu.Unlock()
	ops.mu.Lock()
	return ops
}

// admit reports false when an id is a number lower than the last one.
func (o *operations) admit(id string) bool {
	n, err := strconv.ParseUint(id, 10, 64)
	if err != nil {
		return true // letters, or longer than a counter: the order cannot be told
	}
	if n < o.last {
		return false
	}
	o.last = n
	return true
}

func (o *operations) remember(id string, answer remembered) {
	if len(o.order) == maxRemembered {
		delete(o.answers, o.order[0])
		o.order = o.order[1:]
	}
	o.answers[id] = answer
	o.order = append(o.order, id)
}
