// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package platform

import (
	"maps"
	"slices"
)

// Tenant returns a copy of a tenant.
func (p *Platform) Tenant(id string) (Tenant, bool) { return one(p, &p.tenants, id) }

// Eservice returns a copy of an e-service.
func (p *Platform) Eservice(id string) (Eservice, bool) { return one(p, &p.eservices, id) }

// Descriptor returns a copy of a descriptor.
func (p *Platform) Descriptor(id string) (Descriptor, bool) { return one(p, &p.descriptors, id) }

// Agreement returns a copy of an agreement.
func (p *Platform) Agreement(id string) (Agreement, bool) { return one(p, &p.agreements, id) }

// PurposeRecord returns a copy of a purpose.
func (p *Platform) PurposeRecord(id string) (PurposeRecord, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	r := p.purposes.get(id)
	if r == nil {
		return PurposeRecord{}, false
	}
	return r.clone(), true
}

// Client returns a copy of a client.
func (p *Platform) Client(id string) (Client, bool) { return one(p, &p.clients, id) }

// Keychain returns a copy of a producer keychain.
func (p *Platform) Keychain(id string) (Keychain, bool) { return one(p, &p.keychains, id) }

// Delegation returns a copy of a delegation.
func (p *Platform) Delegation(id string) (Delegation, bool) { return one(p, &p.delegations, id) }

// Eservices returns the e-services of a producer.
func (p *Platform) Eservices(producerID string) []Eservice {
	return some(p, &p.eservices, func(e *Eservice) bool { return e.ProducerID == producerID })
}

// Descriptors returns the versions of an e-service, oldest first.
func (p *Platform) Descriptors(eserviceID string) []Descriptor {
	return some(p, &p.descriptors, func(d *Descriptor) bool { return d.EserviceID == eserviceID })
}

// Agreements returns the agreements of a consumer.
func (p *Platform) Agreements(consumerID string) []Agreement {
	return some(p, &p.agreements, func(a *Agreement) bool { return a.ConsumerID == consumerID })
}

// Purposes returns the purposes of a consumer.
func (p *Platform) Purposes(consumerID string) []PurposeRecord {
	return p.purposesWhere(func(r *PurposeRecord) bool { return r.ConsumerID == consumerID })
}

// purposesWhere copies out the purposes for which keep holds.
func (p *Platform) purposesWhere(keep func(*PurposeRecord) bool) []PurposeRecord {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return clones(p.purposes.all(keep))
}

func clones(list []*PurposeRecord) []PurposeRecord {
	out := make([]PurposeRecord, 0, len(list))
	for _, r := range list {
		out = append(out, r.clone())
	}
	return out
}

// Clients returns the clients of a tenant.
func (p *Platform) Clients(tenantID string) []Client {
	return some(p, &p.clients, func(c *Client) bool { return c.TenantID == tenantID })
}

// Keychains returns the producer keychains of a tenant.
func (p *Platform) Keychains(tenantID string) []Keychain {
	return some(p, &p.keychains, func(k *Keychain) bool { return k.ProducerID == tenantID })
}

// Delegations returns the delegations a tenant gave or received.
func (p *Platform) Delegations(tenantID string) []Delegation {
	return some(p, &p.delegations, func(d *Delegation) bool {
		return d.DelegatorID == tenantID || d.DelegateID == tenantID
	})
}

// clone copies what the platform changes in place.
func (r PurposeRecord) clone() PurposeRecord {
	r.Versions, r.Links = slices.Clone(r.Versions), maps.Clone(r.Links)
	return r
}

// latest returns the newest version, which every purpose has.
func (r *PurposeRecord) latest() *PurposeVersion { return &r.Versions[len(r.Versions)-1] }

// Current returns the version in force: the newest that is active, suspended or, when
// there is none, archived or draft. The result is nil when there is none of these.
func (r *PurposeRecord) Current() *PurposeVersion {
	for _, states := range [][]string{{Active, StateSuspended}, {StateArchived}, {StateDraft}} {
		if v := r.In(states...); v != nil {
			return v
		}
	}
	return nil
}

// In returns the newest version in one of the states, or nil.
func (r *PurposeRecord) In(states ...string) *PurposeVersion {
	for i := len(r.Versions) - 1; i >= 0; i-- {
		if slices.Contains(states, r.Versions[i].State) {
			return &r.Versions[i]
		}
	}
	return nil
}

// isDraft reports whether nothing of the purpose has left the draft.
func (r *PurposeRecord) isDraft() bool {
	return len(r.Versions) == 1 && r.Versions[0].State == StateDraft
}
