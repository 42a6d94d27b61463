// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package platform

import (
	"fmt"
	"slices"
	"time"

	"github.com/snodo-pa/snodo/mocks/pdnd/events"
)

// edit changes an object under the lock; [ErrUnknown] when there is none.
func edit[T any](p *Platform, t *table[T], id string, change func(*T)) error {
	return p.do(func() error {
		value := t.get(id)
		if value == nil {
			return fmt.Errorf("%s: %w", id, ErrUnknown)
		}
		change(value)
		return nil
	})
}

// SetDescriptorState changes the state of a version, whatever it was; [ErrUnknown] when
// there is none.
func (p *Platform) SetDescriptorState(id string, state DescriptorState) error {
	kinds := map[DescriptorState]string{
		Published: "ACTIVATED", Suspended: "SUSPENDED", Archived: "ARCHIVED", Archiving: "ARCHIVING_SCHEDULED",
		ArchivingSuspended: "SUSPENDED", Deprecated: "ACTIVATED",
	}
	return edit(p, &p.descriptors, id, func(d *Descriptor) {
		d.State = state
		p.emitEservice(p.eservices.get(d.EserviceID), id, "ESERVICE_DESCRIPTOR_"+orElse(kinds[state], "DRAFT_UPDATED"))
	})
}

// SetPurposeState changes the state of the latest version of a purpose, as its producer
// would; [ErrUnknown] when there is no such purpose.
func (p *Platform) SetPurposeState(id, state string) error {
	kinds := map[string]string{
		Active: "PURPOSE_VERSION_UNSUSPENDED_BY_PRODUCER", StateSuspended: "PURPOSE_VERSION_SUSPENDED_BY_PRODUCER",
		StateArchived: "PURPOSE_ARCHIVED", StateRejected: "PURPOSE_VERSION_REJECTED",
	}
	return edit(p, &p.purposes, id, func(r *PurposeRecord) {
		v := r.latest()
		v.State = state
		r.ByProducer = state == StateSuspended
		p.emitPurpose(r, v.ID, orElse(kinds[state], "DRAFT_PURPOSE_UPDATED"))
	})
}

// SetAgreementState changes the state of the agreement behind a purpose, as its producer
// would; [ErrUnknown] when there is no such purpose.
func (p *Platform) SetAgreementState(purposeID, state string) error {
	kinds := map[string]string{
		Active: "AGREEMENT_UNSUSPENDED_BY_PRODUCER", StateSuspended: "AGREEMENT_SUSPENDED_BY_PRODUCER",
		StateArchived: "AGREEMENT_ARCHIVED_BY_CONSUMER", StateRejected: "AGREEMENT_REJECTED",
	}
	return edit(p, &p.purposes, purposeID, func(r *PurposeRecord) {
		a := p.agreementOf(r.EserviceID, r.ConsumerID)
		a.State = state
		a.ByProducer = state == StateSuspended
		p.emitAgreement(a, orElse(kinds[state], "DRAFT_AGREEMENT_UPDATED"))
	})
}

// SetClientAdmin names the admin of an API client, registering it as a person of the
// tenant. An empty one takes the role away: vouchers already out as m2m-admin are then
// refused. [ErrUnknown] when there is no such client.
func (p *Platform) SetClientAdmin(clientID, adminID string) error {
	return edit(p, &p.clients, clientID, func(c *Client) {
		c.AdminID = adminID
		if adminID != "" {
			p.tenants.get(c.TenantID).setUser(User{ID: adminID, Role: "admin"})
		}
	})
}

// AssignAttribute gives a certified attribute to a tenant; [ErrUnknown] when either does
// not exist.
func (p *Platform) AssignAttribute(tenantID, attributeID string) error {
	return p.do(func() error {
		t := p.tenants.get(tenantID)
		if t == nil || p.attributes.get(attributeID) == nil {
			return fmt.Errorf("tenant %s, attribute %s: %w", tenantID, attributeID, ErrUnknown)
		}
		kept := slices.DeleteFunc(slices.Clone(t.Certified), func(a Assignment) bool { return a.AttributeID == attributeID })
		t.Certified = append(kept, Assignment{AttributeID: attributeID, AssignedAt: p.clock()})
		p.emit(events.Event{Feed: events.TenantEvents, Type: "TENANT_CERTIFIED_ATTRIBUTE_ASSIGNED", IDs: ids("tenantId", t.ID)})
		p.reconsider(t)
		return nil
	})
}

// RevokeAttribute takes a certified attribute from a tenant: its active agreements that
// need it are suspended by the platform, its drafts and pending ones miss it.
// [ErrUnknown] when the tenant does not hold it.
func (p *Platform) RevokeAttribute(tenantID, attributeID string) error {
	return p.do(func() error {
		t := p.tenants.get(tenantID)
		if t == nil || !t.holds(attributeID) {
			return fmt.Errorf("tenant %s, attribute %s: %w", tenantID, attributeID, ErrUnknown)
		}
		t.Certified = slices.Clone(t.Certified)
		for i := range t.Certified {
			if t.Certified[i].AttributeID == attributeID {
				t.Certified[i].RevokedAt = p.clock()
			}
		}
		p.emit(events.Event{Feed: events.TenantEvents, Type: "TENANT_CERTIFIED_ATTRIBUTE_REVOKED", IDs: ids("tenantId", t.ID)})
		p.reconsider(t)
		return nil
	})
}

// reconsider brings the agreements of a tenant in line with the attributes it holds.
func (p *Platform) reconsider(t *Tenant) {
	for _, a := range p.agreements.all(func(a *Agreement) bool { return a.ConsumerID == t.ID }) {
		met := t.meets(p.descriptors.get(a.DescriptorID))
		switch {
		case !met && a.State == Active:
			a.State, a.ByPlatform, a.SuspendedAt = StateSuspended, true, p.clock()
			p.emitAgreement(a, "AGREEMENT_SUSPENDED_BY_PLATFORM")
		case met && a.State == StateSuspended && a.ByPlatform:
			a.ByPlatform = false
			if !a.ByConsumer && !a.ByProducer {
				a.State, a.SuspendedAt = Active, time.Time{}
			}
			p.emitAgreement(a, "AGREEMENT_UNSUSPENDED_BY_PLATFORM")
		case !met && (a.State == StateDraft || a.State == StatePending):
			a.State = StateMissingCertifiedAttribute
			p.emitAgreement(a, "AGREEMENT_SET_MISSING_CERTIFIED_ATTRIBUTES_BY_PLATFORM")
		case met && a.State == StateMissingCertifiedAttribute:
			a.State = StateDraft
			p.emitAgreement(a, "AGREEMENT_SET_DRAFT_BY_PLATFORM")
		}
	}
}

// holds reports whether a tenant has a certified attribute that was not revoked.
func (t *Tenant) holds(attributeID string) bool {
	return slices.ContainsFunc(t.Certified, func(a Assignment) bool {
		return a.AttributeID == attributeID && a.RevokedAt.IsZero()
	})
}

// meets reports whether a tenant meets every group of a descriptor.
func (t *Tenant) meets(d *Descriptor) bool {
	for _, group := range d.CertifiedGroups {
		if !slices.ContainsFunc(group, func(r Requirement) bool { return t.holds(r.AttributeID) }) {
			return false
		}
	}
	return true
}
