// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package platform

import (
	"fmt"
	"slices"
	"time"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
	"github.com/snodo-pa/snodo/mocks/pdnd/events"
)

// seed stores a new object: its id must be a UUID and new.
func seed[T any](t *table[T], id string, value T) error {
	if !rules.IsUUID(id) {
		return fmt.Errorf("%w: %q is no UUID", ErrInvalid, id)
	}
	if t.get(id) != nil {
		return fmt.Errorf("%w: %s is already registered", ErrInvalid, id)
	}
	t.put(id, value)
	return nil
}

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrInvalid, fmt.Sprintf(format, args...))
}

func orElse[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}

// AddTenant registers an organisation. Identifiers everywhere are UUIDs, unique per
// kind; a broken rule is an error that wraps [ErrInvalid] and registers nothing.
func (p *Platform) AddTenant(t Tenant) error {
	return p.do(func() error {
		t.Kind = orElse(t.Kind, "PA")
		t.Users, t.Certified, t.CreatedAt = slices.Clone(t.Users), slices.Clone(t.Certified), p.clock()
		if err := seed(&p.tenants, t.ID, t); err != nil {
			return err
		}
		p.emit(events.Event{Feed: events.TenantEvents, Type: "TENANT_ONBOARDED", IDs: ids("tenantId", t.ID)})
		return nil
	})
}

// AddUser registers a person of a tenant; the same person again gets the new role.
// [ErrUnknown] when there is no such tenant.
func (p *Platform) AddUser(tenantID string, u User) error {
	return p.do(func() error {
		t := p.tenants.get(tenantID)
		if t == nil {
			return fmt.Errorf("tenant %s: %w", tenantID, ErrUnknown)
		}
		t.setUser(u)
		return nil
	})
}

func (t *Tenant) setUser(u User) {
	users := slices.DeleteFunc(slices.Clone(t.Users), func(other User) bool { return other.ID == u.ID })
	t.Users = append(users, u)
}

// AddAttribute registers a certified attribute.
func (p *Platform) AddAttribute(a Attribute) error {
	return p.do(func() error {
		a.CreatedAt = p.clock()
		if err := seed(&p.attributes, a.ID, a); err != nil {
			return err
		}
		p.emit(events.Event{Feed: events.AttributeEvents, Type: "ATTRIBUTE_ADDED", IDs: ids("attributeId", a.ID)})
		return nil
	})
}

// AddEservice registers an e-service of a known tenant.
func (p *Platform) AddEservice(e Eservice) error {
	return p.do(func() error {
		if p.tenants.get(e.ProducerID) == nil {
			return invalid("e-service %s has an unknown producer", e.ID)
		}
		e.Technology, e.Mode = orElse(e.Technology, "REST"), orElse(e.Mode, "DELIVER")
		e.Description = orElse(e.Description, e.Name)
		e.CreatedAt = p.clock()
		if err := seed(&p.eservices, e.ID, e); err != nil {
			return err
		}
		p.emitEservice(&e, "", "ESERVICE_ADDED")
		return nil
	})
}

// AddDescriptor registers a version of a known e-service. The audience must not be
// empty and the lifespan lie between 60 and 86400 seconds.
func (p *Platform) AddDescriptor(d Descriptor) error {
	return p.do(func() error {
		e := p.eservices.get(d.EserviceID)
		if e == nil {
			return invalid("descriptor %s has an unknown e-service", d.ID)
		}
		if len(d.Audience) == 0 || slices.Contains(d.Audience, "") {
			return invalid("descriptor %s has no audience", d.ID)
		}
		if d.VoucherLifespan < 60 || d.VoucherLifespan > 86400 {
			return invalid("descriptor %s: voucher lifespan %d, expected 60 to 86400 s", d.ID, d.VoucherLifespan)
		}
		if err := p.groupsKnown(d); err != nil {
			return err
		}
		d.State = orElse(d.State, Published)
		d.ApprovalPolicy = orElse(d.ApprovalPolicy, Automatic)
		d.DailyCallsTotal = orElse(d.DailyCallsTotal, MaxDailyCalls)
		d.DailyCallsPerConsumer = orElse(d.DailyCallsPerConsumer, d.DailyCallsTotal)
		d.Audience = slices.Clone(d.Audience)
		d.Version = len(p.versionsOf(d.EserviceID)) + 1
		d.CreatedAt = p.clock()
		if d.State != Draft && d.State != WaitingForApproval {
			d.PublishedAt = p.clock()
		}
		if err := seed(&p.descriptors, d.ID, d); err != nil {
			return err
		}
		if d.State == Published {
			p.emitEservice(e, d.ID, "ESERVICE_DESCRIPTOR_PUBLISHED")
		}
		return nil
	})
}

func (p *Platform) groupsKnown(d Descriptor) error {
	for _, group := range d.CertifiedGroups {
		for _, r := range group {
			if p.attributes.get(r.AttributeID) == nil {
				return invalid("descriptor %s asks for the unknown attribute %s", d.ID, r.AttributeID)
			}
		}
	}
	return nil
}

// AddClient registers a client of a known tenant. The admin of an API client is
// registered as a person of the tenant, as Selfcare would have.
func (p *Platform) AddClient(c Client) error {
	return p.do(func() error {
		t := p.tenants.get(c.TenantID)
		if t == nil {
			return invalid("client %s has an unknown tenant", c.ID)
		}
		c.Kind = orElse(c.Kind, Consumer)
		if c.Kind != Consumer && c.Kind != API {
			return invalid("client %s is of unknown kind %q", c.ID, c.Kind)
		}
		c.Users, c.CreatedAt = slices.Clone(c.Users), p.clock()
		if err := seed(&p.clients, c.ID, c); err != nil {
			return err
		}
		if c.AdminID != "" {
			t.setUser(User{ID: c.AdminID, Role: "admin"})
		}
		p.emitClient(&c, "CLIENT_ADDED")
		return nil
	})
}

// AddPurpose registers a purpose of a known tenant on a known descriptor. Only consumer
// clients can be linked to it. The agreement of the consumer with the e-service is made
// when there is none; an existing one takes the state given.
func (p *Platform) AddPurpose(s Purpose) error {
	return p.do(func() error {
		d := p.descriptors.get(s.DescriptorID)
		switch {
		case p.tenants.get(s.ConsumerID) == nil:
			return invalid("purpose %s has an unknown consumer", s.ID)
		case d == nil:
			return invalid("purpose %s has an unknown descriptor", s.ID)
		case s.DelegationID != "" && p.delegations.get(s.DelegationID) == nil:
			return invalid("purpose %s has an unknown delegation", s.ID)
		}
		links := make(map[string]time.Time)
		for _, id := range s.Clients {
			if c := p.clients.get(id); c == nil || c.Kind != Consumer {
				return invalid("purpose %s: %s is no consumer client", s.ID, id)
			}
			links[id] = time.Time{}
		}
		now := p.clock()
		record := PurposeRecord{
			ID: s.ID, EserviceID: d.EserviceID, ConsumerID: s.ConsumerID, DelegationID: s.DelegationID,
			Title: orElse(s.Title, s.ID), Description: orElse(s.Title, s.ID), IsFreeOfCharge: true,
			FreeOfChargeReason: "seeded", Links: links, CreatedAt: now,
			Versions: []PurposeVersion{{
				ID: p.newID(), State: orElse(s.State, Active), DailyCalls: orElse(s.DailyCalls, 1), CreatedAt: now,
			}},
		}
		if err := seed(&p.purposes, s.ID, record); err != nil {
			return err
		}
		p.seedAgreement(s, d)
		p.emitPurpose(&record, record.Versions[0].ID, "PURPOSE_ACTIVATED")
		return nil
	})
}

func (p *Platform) seedAgreement(s Purpose, d *Descriptor) {
	state := orElse(s.AgreementState, Active)
	if a := p.agreementOf(d.EserviceID, s.ConsumerID); a != nil {
		a.State, a.DescriptorID = state, d.ID
		return
	}
	a := Agreement{
		ID: p.newID(), EserviceID: d.EserviceID, DescriptorID: d.ID, DelegationID: s.DelegationID,
		ProducerID: p.eservices.get(d.EserviceID).ProducerID, ConsumerID: s.ConsumerID,
		State: state, CreatedAt: p.clock(),
	}
	p.agreements.put(a.ID, a)
	p.emitAgreement(&a, "AGREEMENT_ACTIVATED")
}

// AddKeychain registers a producer keychain of a known tenant, linked to its own
// e-services only.
func (p *Platform) AddKeychain(k Keychain) error {
	return p.do(func() error {
		if p.tenants.get(k.ProducerID) == nil {
			return invalid("keychain %s has an unknown producer", k.ID)
		}
		for _, id := range k.Eservices {
			if e := p.eservices.get(id); e == nil || e.ProducerID != k.ProducerID {
				return invalid("keychain %s: e-service %s is not its producer's", k.ID, id)
			}
		}
		k.Eservices, k.Users, k.CreatedAt = slices.Clone(k.Eservices), slices.Clone(k.Users), p.clock()
		if err := seed(&p.keychains, k.ID, k); err != nil {
			return err
		}
		p.emitKeychain(&k, "PRODUCER_KEYCHAIN_ADDED")
		return nil
	})
}

// AddDelegation registers a delegation between known tenants on a known e-service.
func (p *Platform) AddDelegation(d Delegation) error {
	return p.do(func() error {
		e := p.eservices.get(d.EserviceID)
		switch {
		case d.Kind != ConsumerDelegation && d.Kind != ProducerDelegation:
			return invalid("delegation %s is of unknown kind %q", d.ID, d.Kind)
		case p.tenants.get(d.DelegatorID) == nil || p.tenants.get(d.DelegateID) == nil || d.DelegatorID == d.DelegateID:
			return invalid("delegation %s does not join two known tenants", d.ID)
		case e == nil:
			return invalid("delegation %s has an unknown e-service", d.ID)
		case d.Kind == ConsumerDelegation && !e.IsConsumerDelegable:
			return invalid("delegation %s: the e-service is not delegable", d.ID)
		case d.Kind == ProducerDelegation && e.ProducerID != d.DelegatorID:
			return invalid("delegation %s: the delegator is not the producer", d.ID)
		}
		d.State, d.CreatedAt = orElse(d.State, Active), p.clock()
		if d.State == Active {
			d.ActivatedAt = p.clock()
		}
		if err := seed(&p.delegations, d.ID, d); err != nil {
			return err
		}
		p.emitDelegation(&d, "SUBMITTED")
		return nil
	})
}
