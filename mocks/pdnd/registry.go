// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"errors"
	"fmt"
	"slices"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

// ErrInvalid means the platform would not accept what was registered; the text says why.
var ErrInvalid = errors.New("refused by the platform")

// ErrUnknown means nothing is registered under that identifier.
var ErrUnknown = errors.New("unknown to the platform")

// world is everything registered. It is guarded by the lock of the server.
type world struct {
	tenants     map[string]Tenant
	eservices   map[string]Eservice
	descriptors map[string]Descriptor
	clients     map[string]Client
	purposes    map[string]Purpose
	keychains   map[string]Keychain
	keys        map[string]ownedKey
}

func newWorld() world {
	return world{
		tenants:     make(map[string]Tenant),
		eservices:   make(map[string]Eservice),
		descriptors: make(map[string]Descriptor),
		clients:     make(map[string]Client),
		purposes:    make(map[string]Purpose),
		keychains:   make(map[string]Keychain),
		keys:        make(map[string]ownedKey),
	}
}

// AddTenant registers an organisation. Identifiers everywhere are UUIDs, unique per
// kind; a broken rule is an error that wraps [ErrInvalid] and registers nothing.
func (s *Server) AddTenant(t Tenant) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return put(s.world.tenants, t.ID, t)
}

// AddEservice registers an e-service of a known tenant.
func (s *Server) AddEservice(e Eservice) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.world.tenants[e.ProducerID]; !ok {
		return fmt.Errorf("%w: e-service %s has an unknown producer", ErrInvalid, e.ID)
	}
	return put(s.world.eservices, e.ID, e)
}

// AddDescriptor registers a version of a known e-service. The audience must not be
// empty and the lifespan lie between 60 and 86400 seconds.
func (s *Server) AddDescriptor(d Descriptor) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.world.eservices[d.EserviceID]; !ok {
		return fmt.Errorf("%w: descriptor %s has an unknown e-service", ErrInvalid, d.ID)
	}
	if len(d.Audience) == 0 || slices.Contains(d.Audience, "") {
		return fmt.Errorf("%w: descriptor %s has no audience", ErrInvalid, d.ID)
	}
	if d.VoucherLifespan < 60 || d.VoucherLifespan > 86400 {
		return fmt.Errorf("%w: descriptor %s: voucher lifespan %d, expected 60 to 86400 s", ErrInvalid, d.ID, d.VoucherLifespan)
	}
	if d.State == "" {
		d.State = Published
	}
	d.Audience = slices.Clone(d.Audience)
	return put(s.world.descriptors, d.ID, d)
}

// AddClient registers a client of a known tenant.
func (s *Server) AddClient(c Client) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.world.tenants[c.TenantID]; !ok {
		return fmt.Errorf("%w: client %s has an unknown tenant", ErrInvalid, c.ID)
	}
	if c.Kind == "" {
		c.Kind = Consumer
	}
	if c.Kind != Consumer && c.Kind != API {
		return fmt.Errorf("%w: client %s is of unknown kind %q", ErrInvalid, c.ID, c.Kind)
	}
	return put(s.world.clients, c.ID, c)
}

// AddPurpose registers a purpose of a known tenant on a known descriptor. Only consumer
// clients can be linked to it.
func (s *Server) AddPurpose(p Purpose) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.world.tenants[p.ConsumerID]; !ok {
		return fmt.Errorf("%w: purpose %s has an unknown consumer", ErrInvalid, p.ID)
	}
	if _, ok := s.world.descriptors[p.DescriptorID]; !ok {
		return fmt.Errorf("%w: purpose %s has an unknown descriptor", ErrInvalid, p.ID)
	}
	for _, id := range p.Clients {
		if s.world.clients[id].Kind != Consumer {
			return fmt.Errorf("%w: purpose %s: %s is no consumer client", ErrInvalid, p.ID, id)
		}
	}
	if p.State == "" {
		p.State = Active
	}
	if p.AgreementState == "" {
		p.AgreementState = Active
	}
	p.Clients = slices.Clone(p.Clients)
	return put(s.world.purposes, p.ID, p)
}

// AddKeychain registers a producer keychain of a known tenant, linked to its own
// e-services only.
func (s *Server) AddKeychain(k Keychain) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.world.tenants[k.ProducerID]; !ok {
		return fmt.Errorf("%w: keychain %s has an unknown producer", ErrInvalid, k.ID)
	}
	for _, id := range k.Eservices {
		if s.world.eservices[id].ProducerID != k.ProducerID {
			return fmt.Errorf("%w: keychain %s: e-service %s is not its producer's", ErrInvalid, k.ID, id)
		}
	}
	k.Eservices = slices.Clone(k.Eservices)
	return put(s.world.keychains, k.ID, k)
}

// SetDescriptorState changes the state of a version; [ErrUnknown] when there is none.
func (s *Server) SetDescriptorState(id string, state DescriptorState) error {
	return edit(s, s.world.descriptors, id, func(d *Descriptor) { d.State = state })
}

// SetPurposeState changes the state of a purpose; [ErrUnknown] when there is none.
func (s *Server) SetPurposeState(id, state string) error {
	return edit(s, s.world.purposes, id, func(p *Purpose) { p.State = state })
}

// SetAgreementState changes the state of the agreement behind a purpose; [ErrUnknown]
// when there is no such purpose.
func (s *Server) SetAgreementState(purposeID, state string) error {
	return edit(s, s.world.purposes, purposeID, func(p *Purpose) { p.AgreementState = state })
}

func put[T any](m map[string]T, id string, value T) error {
	if !rules.IsUUID(id) {
		return fmt.Errorf("%w: %q is no UUID", ErrInvalid, id)
	}
	if _, taken := m[id]; taken {
		return fmt.Errorf("%w: %s is already registered", ErrInvalid, id)
	}
	m[id] = value
	return nil
}

func edit[T any](s *Server, m map[string]T, id string, change func(*T)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	value, ok := m[id]
	if !ok {
		return fmt.Errorf("%s: %w", id, ErrUnknown)
	}
	change(&value)
	m[id] = value
	return nil
}
