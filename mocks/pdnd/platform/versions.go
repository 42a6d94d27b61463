// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package platform

import (
	"slices"
	"time"
)

// missingVersion is what the API answers when no version is in the state it works on.
func missingVersion(id, state string) error {
	return conflict("", "0015", "Missing "+state+" purpose version", "There is no %s version for purpose %s", state, id)
}

func missingCurrent(id string) error {
	return conflict("", "0016", "Missing current purpose version", "There is no current valid version for purpose %s", id)
}

// ActivatePurpose activates a draft: at once within the quota, else it waits for the
// producer. It needs an active agreement and a whole risk analysis. A delegate names its
// delegation.
func (p *Platform) ActivatePurpose(a Actor, id, delegationID string) (PurposeRecord, error) {
	return p.editPurpose(p.finder(a, id), func(r *PurposeRecord) error {
		v := r.In(StateDraft)
		if v == nil {
			return missingVersion(id, StateDraft)
		}
		if err := p.riskFault(r.RiskAnalysis, r.ConsumerID, r.EserviceID, true); err != nil {
			return err
		}
		if err := p.ofPurpose(r).mustBe(a, delegationID, consumerSide); err != nil {
			return err
		}
		if g := p.agreementOf(r.EserviceID, r.ConsumerID); g == nil || g.State != Active {
			return agreementMissing(r.EserviceID, r.ConsumerID)
		}
		if p.overQuota(r.EserviceID, r.ConsumerID, v.DailyCalls) {
			v.State = StateWaitingForApproval
			p.emitPurpose(r, v.ID, "PURPOSE_WAITING_FOR_APPROVAL")
			return nil
		}
		p.activate(r, v)
		p.emitPurpose(r, v.ID, "PURPOSE_ACTIVATED")
		return nil
	})
}

// finder finds a purpose that the actor may see.
func (p *Platform) finder(a Actor, id string) func() (*PurposeRecord, error) {
	return func() (*PurposeRecord, error) { return p.purposeSeen(a, id) }
}

// activate makes a version the one in force.
func (p *Platform) activate(r *PurposeRecord, v *PurposeVersion) {
	for i := range r.Versions {
		if old := &r.Versions[i]; old.ID != v.ID && (old.State == Active || old.State == StateSuspended) {
			old.State = StateArchived
		}
	}
	v.State, v.UpdatedAt = Active, p.clock()
	if v.FirstActivationAt.IsZero() {
		v.FirstActivationAt = p.clock()
	}
}

// AddVersion declares another load: in force at once within the quota, else it waits for
// the producer beside the one in force. An active version counts for what it adds.
func (p *Platform) AddVersion(a Actor, id string, dailyCalls int) (PurposeVersion, error) {
	var made PurposeVersion
	find := func() (*PurposeRecord, error) { return p.purposeOwned(a, id) }
	_, err := p.editPurpose(find, func(r *PurposeRecord) error {
		if err := r.mayDeclare(dailyCalls); err != nil {
			return err
		}
		more := dailyCalls
		if v := r.In(Active); v != nil {
			more -= v.DailyCalls
		}
		over := p.overQuota(r.EserviceID, r.ConsumerID, more)
		r.Versions = append(r.Versions, PurposeVersion{
			ID: p.newID(), State: StateWaitingForApproval, DailyCalls: dailyCalls, CreatedAt: p.clock(),
		})
		v := r.latest()
		if over {
			p.emitPurpose(r, v.ID, "NEW_PURPOSE_VERSION_WAITING_FOR_APPROVAL")
		} else {
			p.activate(r, v)
			p.emitPurpose(r, v.ID, "NEW_PURPOSE_VERSION_ACTIVATED")
		}
		made = *v
		return nil
	})
	return made, err
}

// mayDeclare checks that a purpose is in force, with nothing waiting and another load.
func (r *PurposeRecord) mayDeclare(dailyCalls int) error {
	inForce, waiting := r.In(Active, StateSuspended), r.In(StateDraft, StateWaitingForApproval)
	switch {
	case inForce == nil && waiting == nil:
		return badRequest(purpose, "0030", "Purpose cannot be updated", "Archived purpose %s cannot be updated", r.ID)
	case inForce != nil && inForce.DailyCalls == dailyCalls:
		return conflict(purpose, "0023", "Unchanged daily calls", "Creation of new version without changing daily calls for purpose %s is not allowed", r.ID)
	case waiting != nil:
		return conflict(purpose, "0025", "Purpose version state conflict", "Version %s of purpose %s is in state %s", waiting.ID, r.ID, waiting.State)
	}
	return nil
}

// ApprovePurpose is the producer's yes to a version over quota; a producer delegate names
// its delegation.
func (p *Platform) ApprovePurpose(a Actor, id, delegationID string) (PurposeRecord, error) {
	return p.editPurpose(p.finder(a, id), func(r *PurposeRecord) error {
		v := r.In(StateWaitingForApproval)
		if v == nil {
			return missingVersion(id, StateWaitingForApproval)
		}
		if err := p.ofPurpose(r).mustBe(a, delegationID, producerSide); err != nil {
			return err
		}
		r.ByConsumer, r.ByProducer = false, false
		p.activate(r, v)
		p.emitPurpose(r, v.ID, "PURPOSE_VERSION_ACTIVATED")
		return nil
	})
}

// heldBy is the mark of a side's suspension.
func (r *PurposeRecord) heldBy(side string) *bool {
	if side == consumerSide {
		return &r.ByConsumer
	}
	return &r.ByProducer
}

// SuspendPurpose suspends the version in force for the actor's side. A delegate names its
// delegation.
func (p *Platform) SuspendPurpose(a Actor, id, delegationID string) (PurposeRecord, error) {
	return p.editPurpose(p.finder(a, id), func(r *PurposeRecord) error {
		v := r.In(Active, StateSuspended)
		if v == nil {
			return missingCurrent(id)
		}
		side, err := p.ofPurpose(r).side(a, delegationID)
		if err != nil {
			return err
		}
		v.State, v.SuspendedAt = StateSuspended, p.clock()
		*r.heldBy(side) = true
		p.emitPurpose(r, v.ID, "PURPOSE_VERSION_SUSPENDED_BY_"+side)
		return nil
	})
}

func otherSide(side string) string {
	if side == consumerSide {
		return producerSide
	}
	return consumerSide
}

// UnsuspendPurpose takes back the suspension of the actor's side. When no side holds the
// version it is active again; when a consumer takes it back and the quota was filled
// meanwhile it stays suspended, and a version of the same load waits for the producer. A consumer takes back only a suspension of its own. A
// delegate names its delegation.
func (p *Platform) UnsuspendPurpose(a Actor, id, delegationID string) (PurposeRecord, error) {
	return p.editPurpose(p.finder(a, id), func(r *PurposeRecord) error {
		v := r.In(StateSuspended)
		if v == nil {
			return missingVersion(id, StateSuspended)
		}
		side, err := p.ofPurpose(r).side(a, delegationID)
		if err != nil {
			return err
		}
		if side == consumerSide && !r.ByConsumer {
			return notAllowed(purpose, a)
		}
		self := r.ConsumerID == p.eservices.get(r.EserviceID).ProducerID
		switch other := otherSide(side); {
		case *r.heldBy(other) && !self:
		case (side == consumerSide || self) && p.overQuota(r.EserviceID, r.ConsumerID, v.DailyCalls):
			r.Versions = append(r.withoutWaiting(), PurposeVersion{
				ID: p.newID(), State: StateWaitingForApproval, DailyCalls: v.DailyCalls, CreatedAt: p.clock(),
			})
			p.emitPurpose(r, r.latest().ID, "PURPOSE_VERSION_OVERQUOTA_UNSUSPENDED")
			return nil
		default:
			v.State, v.SuspendedAt = Active, time.Time{}
		}
		*r.heldBy(side) = false
		p.emitPurpose(r, v.ID, "PURPOSE_VERSION_UNSUSPENDED_BY_"+side)
		return nil
	})
}

// withoutWaiting returns the versions but those that wait for approval.
func (r *PurposeRecord) withoutWaiting() []PurposeVersion {
	return slices.DeleteFunc(slices.Clone(r.Versions), func(v PurposeVersion) bool { return v.State == StateWaitingForApproval })
}

// ArchivePurpose ends a purpose for good.
func (p *Platform) ArchivePurpose(a Actor, id string) (PurposeRecord, error) {
	find := func() (*PurposeRecord, error) { return p.purposeOwned(a, id) }
	return p.editPurpose(find, func(r *PurposeRecord) error {
		v := r.In(Active, StateSuspended)
		if v == nil {
			return missingCurrent(id)
		}
		v.State = StateArchived
		r.Versions = r.withoutWaiting()
		p.emitPurpose(r, r.latest().ID, "PURPOSE_ARCHIVED")
		return nil
	})
}
