// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package platform

import (
	"slices"
	"time"
)

// DescriptorPatch changes a descriptor; nil leaves a member as it is.
type DescriptorPatch struct {
	Description             *string   `json:"description"`
	Audience                *[]string `json:"audience"`
	VoucherLifespan         *int      `json:"voucherLifespan"`
	DailyCallsPerConsumer   *int      `json:"dailyCallsPerConsumer"`
	DailyCallsTotal         *int      `json:"dailyCallsTotal"`
	AgreementApprovalPolicy *string   `json:"agreementApprovalPolicy"`
}

func (c DescriptorPatch) apply(d *Descriptor) {
	set(&d.Description, c.Description)
	set(&d.Audience, c.Audience)
	set(&d.VoucherLifespan, c.VoucherLifespan)
	set(&d.DailyCallsPerConsumer, c.DailyCallsPerConsumer)
	set(&d.DailyCallsTotal, c.DailyCallsTotal)
	set(&d.ApprovalPolicy, c.AgreementApprovalPolicy)
}

// addDraft makes a draft descriptor.
func (p *Platform) addDraft(eserviceID string, s DescriptorSeed) *Descriptor {
	d := Descriptor{
		ID: p.newID(), EserviceID: eserviceID, Version: len(p.versionsOf(eserviceID)) + 1,
		Description: s.Description, Audience: s.Audience, VoucherLifespan: s.VoucherLifespan,
		DailyCallsPerConsumer: s.DailyCallsPerConsumer, DailyCallsTotal: s.DailyCallsTotal,
		ApprovalPolicy: s.AgreementApprovalPolicy, State: Draft, CreatedAt: p.clock(),
	}
	p.descriptors.put(d.ID, d)
	return p.descriptors.get(d.ID)
}

func (p *Platform) descriptorSeen(tenantID, eserviceID, id string) (*Eservice, *Descriptor, error) {
	e, err := p.eserviceSeen(tenantID, eserviceID)
	if err != nil {
		return nil, nil, err
	}
	d := p.descriptors.get(id)
	hidden := d != nil && !p.isPublic(eserviceID, id) && e.ProducerID != tenantID && !p.mayProduce(tenantID, e)
	if d == nil || d.EserviceID != eserviceID || hidden {
		return nil, nil, refuse(404, "", "0010", "Eservice descriptor not found", "Descriptor %s not found for eservice %s", id, eserviceID)
	}
	return e, d, nil
}

// descriptorOwned returns a descriptor that the actor manages, in one of the states.
func (p *Platform) descriptorOwned(a Actor, eserviceID, id string, states ...DescriptorState) (*Eservice, *Descriptor, error) {
	e, d, err := p.descriptorSeen(a.TenantID, eserviceID, id)
	if err != nil {
		return nil, nil, err
	}
	if !p.mayProduce(a.TenantID, e) {
		return nil, nil, operationForbidden(catalog)
	}
	if len(states) > 0 && !slices.Contains(states, d.State) {
		return nil, nil, notValidDescriptor(d)
	}
	return e, d, nil
}

func notValidDescriptor(d *Descriptor) error {
	return badRequest(catalog, "0003", "Not valid descriptor", "Descriptor %s has a not valid status for this operation %s", d.ID, d.State)
}

// SeeDescriptor returns a descriptor as the platform API shows it.
func (p *Platform) SeeDescriptor(a Actor, eserviceID, id string) (Descriptor, error) {
	return act(p, func() (Descriptor, error) {
		_, d, err := p.descriptorSeen(a.TenantID, eserviceID, id)
		if err != nil {
			return Descriptor{}, err
		}
		return *d, nil
	})
}

// ListDescriptors returns the descriptors of an e-service that the actor may see.
func (p *Platform) ListDescriptors(a Actor, eserviceID string) ([]Descriptor, error) {
	return act(p, func() ([]Descriptor, error) {
		if _, err := p.eserviceSeen(a.TenantID, eserviceID); err != nil {
			return nil, err
		}
		return values(p.descriptors.all(func(d *Descriptor) bool {
			_, _, err := p.descriptorSeen(a.TenantID, eserviceID, d.ID)
			return err == nil
		})), nil
	})
}

// CreateDescriptor makes a new version in draft; there can be only one.
func (p *Platform) CreateDescriptor(a Actor, eserviceID string, s DescriptorSeed) (Descriptor, error) {
	return act(p, func() (Descriptor, error) {
		e, err := p.eserviceOwned(a, eserviceID)
		if err != nil {
			return Descriptor{}, err
		}
		for _, d := range p.versionsOf(eserviceID) {
			if d.State == Draft || d.State == WaitingForApproval {
				return Descriptor{}, badRequest(catalog, "0006", "EService already contains a draft descriptor", "EService %s already contains a draft descriptor", eserviceID)
			}
		}
		if err := consistent(s.DailyCallsPerConsumer, s.DailyCallsTotal); err != nil {
			return Descriptor{}, err
		}
		d := p.addDraft(eserviceID, s)
		p.emitEservice(e, d.ID, "ESERVICE_DESCRIPTOR_ADDED")
		return *d, nil
	})
}

// UpdateDescriptor changes a draft descriptor.
func (p *Platform) UpdateDescriptor(a Actor, eserviceID, id string, change DescriptorPatch) (Descriptor, error) {
	return p.patchDescriptor(a, eserviceID, id, change, "ESERVICE_DRAFT_DESCRIPTOR_UPDATED", Draft)
}

// UpdateQuotas changes lifespan and thresholds of a descriptor after publication.
func (p *Platform) UpdateQuotas(a Actor, eserviceID, id string, change DescriptorPatch) (Descriptor, error) {
	return p.patchDescriptor(a, eserviceID, id, change, "ESERVICE_DESCRIPTOR_QUOTAS_UPDATED", Published, Suspended, Deprecated)
}

func (p *Platform) patchDescriptor(a Actor, eserviceID, id string, change DescriptorPatch, kind string, states ...DescriptorState) (Descriptor, error) {
	return act(p, func() (Descriptor, error) {
		e, d, err := p.descriptorOwned(a, eserviceID, id, states...)
		if err != nil {
			return Descriptor{}, err
		}
		next := *d
		change.apply(&next)
		if err := consistent(next.DailyCallsPerConsumer, next.DailyCallsTotal); err != nil {
			return Descriptor{}, err
		}
		*d = next
		p.emitEservice(e, id, kind)
		return *d, nil
	})
}

// DeleteDescriptor removes a draft that is not the only descriptor.
func (p *Platform) DeleteDescriptor(a Actor, eserviceID, id string) error {
	return p.do(func() error {
		e, _, err := p.descriptorOwned(a, eserviceID, id, Draft)
		if err != nil {
			return err
		}
		if len(p.versionsOf(eserviceID)) == 1 {
			return conflict("", "0029", "Cannot delete last e-service descriptor",
				"Cannot delete descriptor %s for e-service %s because it is the last remaining descriptor", id, eserviceID)
		}
		p.emitEservice(e, id, "ESERVICE_DRAFT_DESCRIPTOR_DELETED")
		p.descriptors.remove(id)
		return nil
	})
}

// PublishDescriptor publishes a draft: it needs an interface, an audience and the
// personal data flag. Under a producer delegation it waits for the delegator.
func (p *Platform) PublishDescriptor(a Actor, eserviceID, id string) (Descriptor, error) {
	return act(p, func() (Descriptor, error) {
		e, d, err := p.descriptorOwned(a, eserviceID, id, Draft)
		if err != nil {
			return Descriptor{}, err
		}
		switch {
		case d.Interface == nil:
			return Descriptor{}, badRequest(catalog, "0002", "Not valid descriptor", "Descriptor %s does not have an interface", id)
		case e.Mode == "RECEIVE":
			return Descriptor{}, badRequest(catalog, "0018", "At least one Risk Analysis is required", "At least one Risk Analysis is required for EService %s", eserviceID)
		case len(d.Audience) == 0 || slices.Contains(d.Audience, ""):
			return Descriptor{}, badRequest(catalog, "0023", "Audience cannot be empty", "Descriptor %s can't be published with empty audience", id)
		case e.PersonalData == nil:
			return Descriptor{}, badRequest(catalog, "0043", "EService personalData flag must be set before publication",
				"Descriptor %s in eservice %s can't be published because personalData flag must be set for the eservice", id, eserviceID)
		}
		if p.producerDelegate(eserviceID) != nil {
			d.State = WaitingForApproval
			p.emitEservice(e, id, "ESERVICE_DESCRIPTOR_SUBMITTED_BY_DELEGATE")
			return *d, nil
		}
		p.publish(e, d)
		return *d, nil
	})
}

// publish makes a descriptor the published one. The previous becomes deprecated when it
// has agreements in use, else archived; a suspended one in use stays suspended.
func (p *Platform) publish(e *Eservice, d *Descriptor) {
	for _, old := range p.versionsOf(e.ID) {
		if old.ID == d.ID || old.State != Published && old.State != Suspended {
			continue
		}
		used := len(p.agreements.all(func(a *Agreement) bool {
			return a.DescriptorID == old.ID && (a.State == Active || a.State == StateSuspended)
		})) > 0
		switch {
		case !used:
			old.State, old.ArchivedAt = Archived, p.clock()
			p.emitEservice(e, old.ID, "ESERVICE_DESCRIPTOR_ARCHIVED")
		case old.State == Published:
			old.State, old.DeprecatedAt = Deprecated, p.clock()
		}
	}
	d.State, d.PublishedAt = Published, p.clock()
	p.emitEservice(e, d.ID, "ESERVICE_DESCRIPTOR_PUBLISHED")
}

// DecideDescriptor is the delegator's approval or refusal of what its producer delegate
// published.
func (p *Platform) DecideDescriptor(a Actor, eserviceID, id string, approve bool) (Descriptor, error) {
	return act(p, func() (Descriptor, error) {
		e, d, err := p.descriptorSeen(a.TenantID, eserviceID, id)
		if err != nil {
			return Descriptor{}, err
		}
		if e.ProducerID != a.TenantID {
			return Descriptor{}, operationForbidden(catalog)
		}
		if d.State != WaitingForApproval {
			return Descriptor{}, notValidDescriptor(d)
		}
		if approve {
			p.publish(e, d)
			return *d, nil
		}
		d.State = Draft
		p.emitEservice(e, id, "ESERVICE_DESCRIPTOR_REJECTED_BY_DELEGATOR")
		return *d, nil
	})
}

// SuspendDescriptor suspends a published or deprecated descriptor.
func (p *Platform) SuspendDescriptor(a Actor, eserviceID, id string) (Descriptor, error) {
	return act(p, func() (Descriptor, error) {
		e, d, err := p.descriptorOwned(a, eserviceID, id, Published, Deprecated)
		if err != nil {
			return Descriptor{}, err
		}
		d.State, d.SuspendedAt = Suspended, p.clock()
		p.emitEservice(e, id, "ESERVICE_DESCRIPTOR_SUSPENDED")
		return *d, nil
	})
}

// UnsuspendDescriptor takes a descriptor back: published when it is the newest,
// deprecated otherwise.
func (p *Platform) UnsuspendDescriptor(a Actor, eserviceID, id string) (Descriptor, error) {
	return act(p, func() (Descriptor, error) {
		e, d, err := p.descriptorOwned(a, eserviceID, id, Suspended)
		if err != nil {
			return Descriptor{}, err
		}
		d.State, d.SuspendedAt = Published, time.Time{}
		for _, other := range p.versionsOf(eserviceID) {
			if other.Version > d.Version && other.State != Draft && other.State != WaitingForApproval {
				d.State = Deprecated
			}
		}
		p.emitEservice(e, id, "ESERVICE_DESCRIPTOR_ACTIVATED")
		return *d, nil
	})
}
