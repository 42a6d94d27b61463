// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package platform

import "slices"

// ListDelegations returns the delegations of a kind that the actor gave or received.
func (p *Platform) ListDelegations(a Actor, kind string) []Delegation {
	return some(p, &p.delegations, func(d *Delegation) bool { return d.Kind == kind && d.concerns(a.TenantID) })
}

func (d *Delegation) concerns(tenantID string) bool {
	return d.DelegatorID == tenantID || d.DelegateID == tenantID
}

func (p *Platform) delegationSeen(a Actor, kind, id string) (*Delegation, error) {
	d := p.delegations.get(id)
	if d == nil || d.Kind != kind || !d.concerns(a.TenantID) {
		return nil, notFound(delegation, "0001", "Delegation", id)
	}
	return d, nil
}

// SeeDelegation returns a delegation to its two tenants.
func (p *Platform) SeeDelegation(a Actor, kind, id string) (Delegation, error) {
	return act(p, func() (Delegation, error) {
		d, err := p.delegationSeen(a, kind, id)
		if err != nil {
			return Delegation{}, err
		}
		return *d, nil
	})
}

// CreateDelegation asks a tenant to act for the actor on an e-service.
func (p *Platform) CreateDelegation(a Actor, kind, eserviceID, delegateID string) (Delegation, error) {
	return act(p, func() (Delegation, error) {
		e := p.eservices.get(eserviceID)
		switch {
		case e == nil:
			return Delegation{}, badRequest(delegation, "0002", "EService not found", "EService %s not found", eserviceID)
		case p.tenants.get(delegateID) == nil:
			return Delegation{}, badRequest(delegation, "0004", "Tenant not found", "Tenant %s not found", delegateID)
		case delegateID == a.TenantID:
			return Delegation{}, conflict(delegation, "0005", "Delegator and Delegate Ids are the same", "Delegator and Delegate Ids are the same")
		case kind == ProducerDelegation && e.ProducerID != a.TenantID:
			return Delegation{}, forbidden(delegation, "0012", "Operation not allowed", "EService %s is not of tenant %s", eserviceID, a.TenantID)
		case kind == ConsumerDelegation && !e.IsConsumerDelegable:
			return Delegation{}, conflict(delegation, "0014", "EService not consumer delegable", "EService %s is not consumer delegable", eserviceID)
		}
		if kind == ConsumerDelegation {
			if g := p.agreementOf(eserviceID, a.TenantID); g != nil && slices.Contains([]string{Active, StateSuspended, StatePending}, g.State) {
				return Delegation{}, conflict(delegation, "0015", "Active agreement for this eservice and consumer exists",
					"Active agreement %s for eservice %s and consumer %s exists", g.ID, eserviceID, a.TenantID)
			}
		}
		open := p.delegations.all(func(d *Delegation) bool {
			return d.Kind == kind && d.EserviceID == eserviceID && d.DelegatorID == a.TenantID &&
				(d.State == Active || d.State == StateWaitingForApproval)
		})
		if len(open) > 0 {
			return Delegation{}, conflict(delegation, "0003", "Delegation already exists", "Delegation already exists for eservice %s", eserviceID)
		}
		d := Delegation{
			ID: p.newID(), Kind: kind, DelegatorID: a.TenantID, DelegateID: delegateID, EserviceID: eserviceID,
			State: StateWaitingForApproval, CreatedAt: p.clock(),
		}
		p.delegations.put(d.ID, d)
		p.emitDelegation(&d, "SUBMITTED")
		return d, nil
	})
}

// DecideDelegation is the delegate's answer. A reason goes with a refusal.
func (p *Platform) DecideDelegation(a Actor, kind, id string, accept bool, reason string) (Delegation, error) {
	return act(p, func() (Delegation, error) {
		d, err := p.delegationSeen(a, kind, id)
		if err != nil {
			return Delegation{}, err
		}
		if d.DelegateID != a.TenantID {
			return Delegation{}, forbidden(delegation, "0010", "Operation restricted to delegate", "Tenant %s is not the delegate of delegation %s", a.TenantID, id)
		}
		if d.State != StateWaitingForApproval {
			return Delegation{}, conflict(delegation, "0011", "Delegation incorrect state", "Delegation %s is in state %s", id, d.State)
		}
		if accept {
			d.State, d.ActivatedAt = Active, p.clock()
			p.emitDelegation(d, "APPROVED")
			return *d, nil
		}
		d.State, d.RejectedAt, d.RejectionReason = StateRejected, p.clock(), reason
		p.emitDelegation(d, "REJECTED")
		return *d, nil
	})
}

// RevokeDelegation ends an active delegation, as its delegator would in the front
// office: the purposes made under it are archived. [ErrUnknown] when there is none.
func (p *Platform) RevokeDelegation(id string) error {
	return edit(p, &p.delegations, id, func(d *Delegation) {
		d.State, d.RevokedAt = StateRevoked, p.clock()
		for _, r := range p.purposes.all(func(r *PurposeRecord) bool { return r.DelegationID == id }) {
			for i := range r.Versions {
				r.Versions[i].State = StateArchived
			}
			p.emitPurpose(r, "", "PURPOSE_ARCHIVED_BY_REVOKED_DELEGATION")
		}
		p.emitDelegation(d, "REVOKED")
	})
}
