// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package platform

import (
	"slices"
	"time"
)

// agreementOf returns the agreement of a consumer with an e-service that is not closed,
// or nil.
func (p *Platform) agreementOf(eserviceID, consumerID string) *Agreement {
	list := p.agreements.all(func(a *Agreement) bool {
		return a.EserviceID == eserviceID && a.ConsumerID == consumerID &&
			a.State != StateArchived && a.State != StateRejected
	})
	if len(list) == 0 { // a closed one still says what was agreed
		list = p.agreements.all(func(a *Agreement) bool { return a.EserviceID == eserviceID && a.ConsumerID == consumerID })
	}
	if len(list) == 0 {
		return nil
	}
	return list[len(list)-1]
}

// newestPublished returns the published descriptor of an e-service, or nil.
func (p *Platform) newestPublished(eserviceID string) *Descriptor {
	var newest *Descriptor
	for _, d := range p.versionsOf(eserviceID) {
		if d.State == Published {
			newest = d
		}
	}
	return newest
}

// SeeAgreement returns an agreement to its parties and their delegates.
func (p *Platform) SeeAgreement(a Actor, id string) (Agreement, error) {
	return act(p, func() (Agreement, error) {
		g, err := p.agreementSeen(a, id)
		if err != nil {
			return Agreement{}, err
		}
		return *g, nil
	})
}

func (p *Platform) agreementSeen(a Actor, id string) (*Agreement, error) {
	g := p.agreements.get(id)
	if g == nil {
		return nil, notFound(agreement, "0009", "Agreement", id)
	}
	if !p.looksAt(a.TenantID, g.EserviceID, g.ConsumerID, p.consumerDelegate(g.EserviceID, g.ConsumerID)) {
		return nil, notAllowed(agreement, a)
	}
	return g, nil
}

// ListAgreements returns the agreements the actor may see.
func (p *Platform) ListAgreements(a Actor) []Agreement {
	return some(p, &p.agreements, func(g *Agreement) bool {
		_, err := p.agreementSeen(a, g.ID)
		return err == nil
	})
}

// newestSeen returns the newest descriptor of an e-service that was ever published, or
// nil.
func (p *Platform) newestSeen(eserviceID string) *Descriptor {
	var newest *Descriptor
	for _, d := range p.versionsOf(eserviceID) {
		if slices.Contains([]DescriptorState{Published, Deprecated, Suspended, Archived}, d.State) {
			newest = d
		}
	}
	return newest
}

// mayRequest checks that an agreement may be asked for on a descriptor: the newest of
// its e-service, and published.
func (p *Platform) mayRequest(eserviceID, descriptorID string) (*Descriptor, error) {
	d := p.newestSeen(eserviceID)
	if d == nil || d.ID != descriptorID {
		return nil, badRequest(agreement, "0021", "Descriptor provided is not the latest descriptor", "Descriptor with descriptorId: %s is not the latest descriptor", descriptorID)
	}
	if d.State != Published {
		return nil, badRequest(agreement, "0004", "Descriptor not in expected state", "Descriptor %s of EService %s has not status in PUBLISHED", descriptorID, eserviceID)
	}
	return d, nil
}

// CreateAgreement makes a draft agreement on the newest published descriptor, for the
// actor or, with a consumer delegation, for its delegator. Who has delegated the use of
// the e-service cannot ask itself.
func (p *Platform) CreateAgreement(a Actor, eserviceID, descriptorID, delegationID string) (Agreement, error) {
	return act(p, func() (Agreement, error) {
		consumerID, err := p.consumerFor(a, eserviceID, delegationID)
		if err != nil {
			return Agreement{}, err
		}
		if p.eservices.get(eserviceID) == nil {
			return Agreement{}, badRequest(agreement, "0005", "EService not found", "EService %s not found", eserviceID)
		}
		d, err := p.mayRequest(eserviceID, descriptorID)
		if err != nil {
			return Agreement{}, err
		}
		if p.consumerDelegate(eserviceID, consumerID) != nil && delegationID == "" {
			return Agreement{}, forbidden(agreement, "0028", "Tenant not allowed", "Tenant %s is not the consumer delegate", a.TenantID)
		}
		return p.draftAgreement(d, consumerID, delegationID)
	})
}

func (p *Platform) draftAgreement(d *Descriptor, consumerID, delegationID string) (Agreement, error) {
	e := p.eservices.get(d.EserviceID)
	if g := p.agreementOf(e.ID, consumerID); g != nil && g.State != StateArchived && g.State != StateRejected {
		return Agreement{}, conflict(agreement, "0010", "Agreement already exists", "Agreement already exists for Consumer = %s, EService = %s", consumerID, e.ID)
	}
	if e.ProducerID != consumerID && !p.tenants.get(consumerID).meets(d) {
		return Agreement{}, attributesMissing(d.ID, consumerID)
	}
	g := Agreement{
		ID: p.newID(), EserviceID: e.ID, DescriptorID: d.ID, ProducerID: e.ProducerID, ConsumerID: consumerID,
		DelegationID: delegationID, State: StateDraft, CreatedAt: p.clock(),
	}
	p.agreements.put(g.ID, g)
	p.emitAgreement(&g, "AGREEMENT_ADDED")
	return g, nil
}

func attributesMissing(descriptorID, consumerID string) error {
	return badRequest(agreement, "0001", "Required certified attribute is missing",
		"Required certified attribute is missing. Descriptor %s, Consumer: %s", descriptorID, consumerID)
}

// consumerFor returns for whom the actor consumes an e-service.
func (p *Platform) consumerFor(a Actor, eserviceID, delegationID string) (string, error) {
	if delegationID == "" {
		return a.TenantID, nil
	}
	d := p.delegations.get(delegationID)
	switch {
	case d == nil || d.Kind != ConsumerDelegation || d.State != Active:
		return "", badRequest(agreement, "0026", "Delegation not found", "Delegation %s not found", delegationID)
	case d.EserviceID != eserviceID:
		return "", forbidden("", "0032", "Delegation e-service mismatch", "Delegation %s is not a delegation for e-service %s", delegationID, eserviceID)
	case d.DelegateID != a.TenantID:
		return "", forbidden("", "0025", "Requester is not the delegate consumer", "Requester tenant is not the delegate consumer for delegation %s", delegationID)
	}
	return d.DelegatorID, nil
}

// agreementOwned returns an agreement to who acts for its consumer.
func (p *Platform) agreementOwned(a Actor, id string) (*Agreement, error) {
	g, err := p.agreementSeen(a, id)
	if err != nil {
		return nil, err
	}
	return g, p.ofAgreement(g).asConsumer(a)
}

func wrongState(g *Agreement) error {
	return badRequest(agreement, "0003", "Agreement not in expected state", "Agreement %s not in expected state (current state: %s)", g.ID, g.State)
}

// change runs an operation on an agreement that the actor may see and stamps it.
func (p *Platform) change(a Actor, id string, op func(*Agreement) error) (Agreement, error) {
	return act(p, func() (Agreement, error) {
		g, err := p.agreementSeen(a, id)
		if err != nil {
			return Agreement{}, err
		}
		if err := op(g); err != nil {
			return Agreement{}, err
		}
		g.UpdatedAt = p.clock()
		return *g, nil
	})
}

// SubmitAgreement sends a draft: active at once under an automatic policy, else pending.
// A certified attribute lost meanwhile leaves it without.
func (p *Platform) SubmitAgreement(a Actor, id, notes string) (Agreement, error) {
	return p.change(a, id, func(g *Agreement) error {
		if err := p.ofAgreement(g).asConsumer(a); err != nil {
			return err
		}
		if g.State != StateDraft {
			return wrongState(g)
		}
		d, err := p.mayRequest(g.EserviceID, g.DescriptorID)
		if err != nil {
			return err
		}
		if g.ProducerID != g.ConsumerID && !p.tenants.get(g.ConsumerID).meets(d) {
			g.State = StateMissingCertifiedAttribute
			p.emitAgreement(g, "AGREEMENT_SET_MISSING_CERTIFIED_ATTRIBUTES_BY_PLATFORM")
			return attributesMissing(d.ID, g.ConsumerID)
		}
		g.ConsumerNotes = notes
		if d.ApprovalPolicy == Automatic || g.ProducerID == g.ConsumerID {
			g.State = Active
			p.emitAgreement(g, "AGREEMENT_ACTIVATED")
			return nil
		}
		g.State = StatePending
		p.emitAgreement(g, "AGREEMENT_SUBMITTED")
		return nil
	})
}

// inUse checks that the descriptor of an agreement is one that may be consumed.
func (p *Platform) inUse(g *Agreement) error {
	if d := p.descriptors.get(g.DescriptorID); !slices.Contains([]DescriptorState{Published, Suspended, Deprecated}, d.State) {
		return badRequest(agreement, "0004", "Descriptor not in expected state", "Descriptor %s of EService %s has not status in PUBLISHED,SUSPENDED,DEPRECATED", d.ID, g.EserviceID)
	}
	return nil
}

// ApproveAgreement is the producer's yes to a pending agreement; a producer delegate
// names its delegation.
func (p *Platform) ApproveAgreement(a Actor, id, delegationID string) (Agreement, error) {
	return p.change(a, id, func(g *Agreement) error {
		if g.State != StatePending {
			return conflict("", "0014", "Agreement not in pending state", "Agreement %s is not in pending state", id)
		}
		if err := p.ofAgreement(g).mustBe(a, delegationID, producerSide); err != nil {
			return err
		}
		if err := p.inUse(g); err != nil {
			return err
		}
		g.State = Active
		p.emitAgreement(g, "AGREEMENT_ACTIVATED")
		return nil
	})
}

// RejectAgreement is the producer's no to a pending agreement.
func (p *Platform) RejectAgreement(a Actor, id, reason string) (Agreement, error) {
	return p.change(a, id, func(g *Agreement) error {
		if err := p.ofAgreement(g).asProducer(a); err != nil {
			return err
		}
		if g.State != StatePending {
			return wrongState(g)
		}
		g.State, g.RejectionReason = StateRejected, reason
		p.emitAgreement(g, "AGREEMENT_REJECTED")
		return nil
	})
}

// SuspendAgreement suspends for the actor's side; both sides may. A delegate names its
// delegation.
func (p *Platform) SuspendAgreement(a Actor, id, delegationID string) (Agreement, error) {
	return p.change(a, id, func(g *Agreement) error {
		side, err := p.ofAgreement(g).side(a, delegationID)
		if err != nil {
			return err
		}
		if g.State != Active && g.State != StateSuspended {
			return wrongState(g)
		}
		g.State, g.SuspendedAt = StateSuspended, p.clock()
		*g.heldBy(side) = true
		p.emitAgreement(g, "AGREEMENT_SUSPENDED_BY_"+side)
		return nil
	})
}

// heldBy is the mark of a side's suspension.
func (g *Agreement) heldBy(side string) *bool {
	if side == consumerSide {
		return &g.ByConsumer
	}
	return &g.ByProducer
}

// UnsuspendAgreement takes back the suspension of the actor's side; it is active again
// when no other side holds it. A delegate names its delegation.
func (p *Platform) UnsuspendAgreement(a Actor, id, delegationID string) (Agreement, error) {
	return p.change(a, id, func(g *Agreement) error {
		if g.State != StateSuspended {
			return conflict("", "0013", "Agreement not in suspended state", "Agreement %s is not in suspended state", id)
		}
		side, err := p.ofAgreement(g).side(a, delegationID)
		if err == nil {
			err = p.inUse(g)
		}
		if err != nil {
			return err
		}
		*g.heldBy(side) = false
		if !g.ByConsumer && !g.ByProducer && !g.ByPlatform {
			g.State, g.SuspendedAt = Active, time.Time{}
		}
		p.emitAgreement(g, "AGREEMENT_UNSUSPENDED_BY_"+side)
		return nil
	})
}

// UpgradeAgreement moves an agreement to the newest published descriptor.
func (p *Platform) UpgradeAgreement(a Actor, id string) (Agreement, error) {
	return p.change(a, id, func(g *Agreement) error {
		if err := p.ofAgreement(g).asConsumer(a); err != nil {
			return err
		}
		if g.State != Active && g.State != StateSuspended {
			return wrongState(g)
		}
		newest := p.newestPublished(g.EserviceID)
		if newest == nil {
			return badRequest(agreement, "0012", "Published descriptor not found", "Published descriptor not found in EService %s", g.EserviceID)
		}
		if newest.Version <= p.descriptors.get(g.DescriptorID).Version {
			return badRequest(agreement, "0011", "Agreement cannot be upgraded", "No newer descriptor in EService %s exists for upgrade. Current descriptor %s", g.EserviceID, g.DescriptorID)
		}
		if !p.tenants.get(g.ConsumerID).meets(newest) {
			return attributesMissing(newest.ID, g.ConsumerID)
		}
		g.DescriptorID = newest.ID
		p.emitAgreement(g, "AGREEMENT_UPGRADED")
		return nil
	})
}

// CloneAgreement makes a new draft from a rejected agreement, on the same descriptor.
func (p *Platform) CloneAgreement(a Actor, id string) (Agreement, error) {
	return act(p, func() (Agreement, error) {
		g, err := p.agreementOwned(a, id)
		if err != nil {
			return Agreement{}, err
		}
		if g.State != StateRejected {
			return Agreement{}, wrongState(g)
		}
		return p.draftAgreement(p.descriptors.get(g.DescriptorID), g.ConsumerID, g.DelegationID)
	})
}

// ArchiveAgreement ends an agreement for good.
func (p *Platform) ArchiveAgreement(a Actor, id string) (Agreement, error) {
	return p.change(a, id, func(g *Agreement) error {
		if err := p.ofAgreement(g).asConsumer(a); err != nil {
			return err
		}
		if g.State != Active && g.State != StateSuspended {
			return wrongState(g)
		}
		g.State = StateArchived
		p.emitAgreement(g, "AGREEMENT_ARCHIVED_BY_CONSUMER")
		return nil
	})
}

// DeleteAgreement removes an agreement that was never approved.
func (p *Platform) DeleteAgreement(a Actor, id string) error {
	return p.do(func() error {
		g, err := p.agreementOwned(a, id)
		if err != nil {
			return err
		}
		if !slices.Contains([]string{StateDraft, StatePending, StateMissingCertifiedAttribute}, g.State) {
			return wrongState(g)
		}
		p.emitAgreement(g, "AGREEMENT_DELETED")
		p.agreements.remove(id)
		return nil
	})
}
