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
// answer it got before, a new one must be greater than the last when it is a number. An
// id is of one e-service only: the others refuse it (EN079).
type sequence struct {
	mu      sync.Mutex
	clients map[string]*operations
	ids     map[string]*owners
}

// owners tells which e-service a client has used an id for.
type owners struct {
	casoUso map[string]string
	order   []string
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

// claim reports false when the client has used the id for another e-service.
func (s *sequence) claim(clientID, casoUso, id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ids == nil {
		s.ids = make(map[string]*owners)
	}
	used := s.ids[clientID]
	if used == nil {
		used = &owners{casoUso: make(map[string]string)}
		s.ids[clientID] = used
	}
	if owner, known := used.casoUso[id]; known {
		return owner == casoUso
	}
	if len(used.order) == maxRemembered {
		delete(used.casoUso, used.order[0])
		used.order = used.order[1:]
	}
	used.casoUso[id] = casoUso
	used.order = append(used.order, id)
	return true
}

// of returns the operations of a client at an e-service, locked: an id asked twice at
// once is answered once and then repeated.
func (s *sequence) of(clientID, casoUso string) *operations {
	key := clientID + " " + casoUso
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
