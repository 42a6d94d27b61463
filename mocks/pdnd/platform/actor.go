// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package platform

import (
	"slices"
	"strings"
)

// Actor is who calls the platform API: an API client of a tenant and, for writes, the
// person that is its admin.
type Actor struct {
	TenantID, ClientID, AdminID string
}

// IsAdmin reports whether the actor's person is still the admin of the actor's client.
func (p *Platform) IsAdmin(a Actor) bool {
	c, ok := p.Client(a.ClientID)
	return ok && a.AdminID != "" && c.AdminID == a.AdminID && c.TenantID == a.TenantID
}

// delegationFor returns the active delegation of a kind that makes the tenant the
// delegate on an e-service, of a delegator when one is named.
func (p *Platform) delegationFor(kind, tenantID, eserviceID, delegatorID string) *Delegation {
	return p.firstDelegation(func(d *Delegation) bool {
		return d.Kind == kind && d.DelegateID == tenantID && d.EserviceID == eserviceID &&
			(delegatorID == "" || d.DelegatorID == delegatorID)
	})
}

// producerDelegate returns the active producer delegation of an e-service, or nil.
func (p *Platform) producerDelegate(eserviceID string) *Delegation {
	return p.firstDelegation(func(d *Delegation) bool {
		return d.Kind == ProducerDelegation && d.EserviceID == eserviceID
	})
}

// consumerDelegate returns the active consumer delegation that a consumer gave on an
// e-service, or nil.
func (p *Platform) consumerDelegate(eserviceID, consumerID string) *Delegation {
	return p.firstDelegation(func(d *Delegation) bool {
		return d.Kind == ConsumerDelegation && d.EserviceID == eserviceID && d.DelegatorID == consumerID
	})
}

// purposeDelegate returns the delegation a purpose was made under while it is active, or
// nil.
func (p *Platform) purposeDelegate(r *PurposeRecord) *Delegation {
	return p.firstDelegation(func(d *Delegation) bool {
		return d.ID == r.DelegationID && d.Kind == ConsumerDelegation
	})
}

func (p *Platform) firstDelegation(is func(*Delegation) bool) *Delegation {
	list := p.delegations.all(func(d *Delegation) bool { return d.State == Active && is(d) })
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

// mayProduce reports whether the tenant manages an e-service: the producer, unless it
// has delegated, or the delegate.
func (p *Platform) mayProduce(tenantID string, e *Eservice) bool {
	return actsFor(tenantID, e.ProducerID, p.producerDelegate(e.ID))
}

// actsFor reports whether the tenant acts in somebody's name: itself or, once it has
// delegated, only the delegate.
func actsFor(tenantID, ownerID string, by *Delegation) bool {
	if by != nil {
		return by.DelegateID == tenantID
	}
	return tenantID == ownerID
}

// looksAt reports whether the tenant may look at something between a consumer and the
// producer of an e-service: either of them, delegation or not, or a delegate of theirs.
func (p *Platform) looksAt(tenantID, eserviceID, consumerID string, by *Delegation) bool {
	return tenantID == consumerID || by != nil && by.DelegateID == tenantID ||
		tenantID == p.eservices.get(eserviceID).ProducerID || p.mayProduce(tenantID, p.eservices.get(eserviceID))
}

// The sides of an agreement and of a purpose, as the events name them.
const (
	consumerSide = "CONSUMER"
	producerSide = "PRODUCER"
)

// matter is what both sides may act on: an agreement or a purpose.
type matter struct {
	service                string // of the codes
	producerID             string
	consumerID             string
	byConsumer, byProducer *Delegation // in force, nil without
}

// side tells in whose name the actor suspends, takes back, activates or approves. A
// delegate must name its delegation; who has delegated may not act, named or not.
func (m matter) side(a Actor, delegationID string) (string, error) {
	missing := forbidden(m.service, "0031", "Missing delegation ID",
		"Tenant %s is not allowed to perform the operation: operation is restricted to delegate, but delegation ID parameter is missing", a.TenantID)
	switch {
	case m.producerID == m.consumerID && a.TenantID == m.producerID:
		return producerSide, nil
	case m.byConsumer != nil && delegationID == m.byConsumer.ID:
		return consumerSide, m.asConsumer(a)
	case m.byProducer != nil && delegationID == m.byProducer.ID:
		return producerSide, m.asProducer(a)
	case delegationID != "",
		a.TenantID == m.consumerID && m.byConsumer != nil,
		a.TenantID == m.producerID && m.byProducer != nil:
		return "", missing
	case a.TenantID == m.producerID:
		return producerSide, nil
	case a.TenantID == m.consumerID:
		return consumerSide, nil
	default:
		return "", notAllowed(m.service, a)
	}
}

// asConsumer and asProducer check that the actor acts for that side, without a
// delegation being named.
func (m matter) asConsumer(a Actor) error {
	switch {
	case actsFor(a.TenantID, m.consumerID, m.byConsumer):
		return nil
	case m.byConsumer == nil:
		return m.isNot(a, consumerSide)
	default:
		code := map[string]string{agreement: "0028", purpose: "0027"}[m.service]
		return forbidden(m.service, code, "Tenant not allowed", "Tenant %s is not the consumer delegate", a.TenantID)
	}
}

func (m matter) asProducer(a Actor) error {
	switch {
	case actsFor(a.TenantID, m.producerID, m.byProducer):
		return nil
	case m.byProducer == nil:
		return m.isNot(a, producerSide)
	default:
		code := map[string]string{agreement: "0030", purpose: "0028"}[m.service]
		return forbidden(m.service, code, "Tenant not allowed", "Tenant %s is not the producer delegate", a.TenantID)
	}
}

// mustBe checks that the actor acts for a side, under the delegation it names. Who is
// both sides is either.
func (m matter) mustBe(a Actor, delegationID, side string) error {
	got, err := m.side(a, delegationID)
	if err == nil && got != side && m.producerID != m.consumerID {
		err = m.isNot(a, side)
	}
	return err
}

// isNot is the refusal of who is not a side.
func (m matter) isNot(a Actor, side string) error {
	codes := map[string]string{
		agreement + consumerSide: "0027", agreement + producerSide: "0029",
		purpose + consumerSide: "0008", purpose + producerSide: "0010",
	}
	return forbidden(m.service, codes[m.service+side], "Tenant not allowed", "Tenant %s is not the %s", a.TenantID, strings.ToLower(side))
}

func notAllowed(service string, a Actor) error {
	return forbidden(service, "0007", "Tenant not allowed", "Tenant %s is not allowed to perform the operation", a.TenantID)
}

func (p *Platform) ofAgreement(g *Agreement) matter {
	return matter{agreement, g.ProducerID, g.ConsumerID, p.consumerDelegate(g.EserviceID, g.ConsumerID), p.producerDelegate(g.EserviceID)}
}

func (p *Platform) ofPurpose(r *PurposeRecord) matter {
	return matter{purpose, p.eservices.get(r.EserviceID).ProducerID, r.ConsumerID, p.purposeDelegate(r), p.producerDelegate(r.EserviceID)}
}

// Relation is what a tenant is to a purpose.
type Relation int

// The relations. Only the last lets a tenant report the calls of a purpose.
const (
	NoPurpose Relation = iota // there is no such purpose
	Stranger
	Concerned // producer, consumer or active delegate on the e-service
)

// RelationTo tells what a tenant is to a purpose.
func (p *Platform) RelationTo(tenantID, purposeID string) Relation {
	p.mu.RLock()
	defer p.mu.RUnlock()
	r := p.purposes.get(purposeID)
	if r == nil {
		return NoPurpose
	}
	delegates := p.delegations.all(func(d *Delegation) bool {
		return d.EserviceID == r.EserviceID && d.State == Active && d.DelegateID == tenantID
	})
	if len(delegates) > 0 || slices.Contains([]string{r.ConsumerID, p.eservices.get(r.EserviceID).ProducerID}, tenantID) {
		return Concerned
	}
	return Stranger
}
