// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package platform

import (
	"strings"

	"github.com/snodo-pa/snodo/mocks/pdnd/events"
)

// ids makes the members of an event from pairs; an empty value is left out.
func ids(pairs ...string) map[string]string {
	m := make(map[string]string, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			m[pairs[i]] = pairs[i+1]
		}
	}
	return m
}

// delegates returns the active delegates of an e-service, by tenant the delegation, and
// the ids for the event: consumer delegations only of one delegator.
func (p *Platform) delegates(eserviceID, consumerID string) (by map[string]string, consumer, producer string) {
	by = make(map[string]string)
	for _, d := range p.delegations.all(func(d *Delegation) bool { return d.EserviceID == eserviceID && d.State == Active }) {
		switch {
		case d.Kind == ProducerDelegation:
			by[d.DelegateID], producer = d.ID, d.ID
		case d.DelegatorID == consumerID:
			by[d.DelegateID], consumer = d.ID, d.ID
		}
	}
	return by, consumer, producer
}

// emitEservice tells of an e-service or of one of its descriptors. What is published is
// public, a draft only the producer's and its delegate's.
func (p *Platform) emitEservice(e *Eservice, descriptorID, kind string) {
	by, _, producer := p.delegates(e.ID, "")
	event := events.Event{
		Feed: events.EserviceEvents, Type: kind, Delegated: by,
		IDs: ids("eserviceId", e.ID, "descriptorId", descriptorID, "producerDelegationId", producer),
	}
	if !p.isPublic(e.ID, descriptorID) {
		event.Seen = []string{e.ProducerID}
	}
	p.emit(event)
}

// isPublic reports whether a descriptor has left the draft; of an e-service, whether any
// descriptor has.
func (p *Platform) isPublic(eserviceID, descriptorID string) bool {
	for _, d := range p.versionsOf(eserviceID) {
		if (descriptorID == "" || d.ID == descriptorID) && d.State != Draft && d.State != WaitingForApproval {
			return true
		}
	}
	return false
}

func (p *Platform) emitAgreement(a *Agreement, kind string) {
	by, consumer, producer := p.delegates(a.EserviceID, a.ConsumerID)
	event := events.Event{
		Feed: events.AgreementEvents, Type: kind, Seen: []string{a.ConsumerID, a.ProducerID}, Delegated: by,
		IDs: ids("agreementId", a.ID, "consumerDelegationId", consumer, "producerDelegationId", producer),
	}
	if a.State == StateDraft {
		event.Seen = []string{a.ConsumerID}
	}
	p.emit(event)
}

func (p *Platform) emitPurpose(r *PurposeRecord, versionID, kind string) {
	by, _, producer := p.delegates(r.EserviceID, "")
	consumer := ""
	if d := p.purposeDelegate(r); d != nil {
		by[d.DelegateID], consumer = d.ID, d.ID
	}
	event := events.Event{
		Feed: events.PurposeEvents, Type: kind, Delegated: by,
		Seen: []string{r.ConsumerID, p.eservices.get(r.EserviceID).ProducerID},
		IDs: ids("purposeId", r.ID, "purposeVersionId", versionID,
			"consumerDelegationId", consumer, "producerDelegationId", producer),
	}
	if r.isDraft() {
		event.Seen = []string{r.ConsumerID}
	}
	p.emit(event)
}

// emitClient tells of a client: its birth and end to everybody, its links to the owner.
func (p *Platform) emitClient(c *Client, kind string) {
	event := events.Event{Feed: events.ClientEvents, Type: kind, IDs: ids("clientId", c.ID)}
	if strings.Contains(kind, "_PURPOSE_") {
		event.Seen = []string{c.TenantID}
	}
	p.emit(event)
}

func (p *Platform) emitKeychain(k *Keychain, kind string) {
	event := events.Event{Feed: events.ProducerKeychainEvents, Type: kind, IDs: ids("producerKeychainId", k.ID)}
	if strings.Contains(kind, "_ESERVICE_") {
		event.Seen = []string{k.ProducerID}
	}
	p.emit(event)
}

// emitKey tells everybody of a key of a client or of a keychain.
func (p *Platform) emitKey(k ownedKey, kind string) {
	if k.client != "" {
		p.emit(events.Event{Feed: events.KeyEvents, Type: "CLIENT_KEY_" + kind, IDs: ids("kid", k.kid, "clientId", k.client)})
		return
	}
	p.emit(events.Event{
		Feed: events.ProducerKeyEvents, Type: "PRODUCER_KEYCHAIN_KEY_" + kind,
		IDs: ids("kid", k.kid, "producerKeychainId", k.keychain),
	})
}

// emitDelegation tells the two tenants of a delegation.
func (p *Platform) emitDelegation(d *Delegation, kind string) {
	event := events.Event{
		Feed: events.ConsumerDelegationEvents, Type: "CONSUMER_DELEGATION_" + kind,
		Seen: []string{d.DelegatorID, d.DelegateID}, IDs: ids("delegationId", d.ID),
	}
	if d.Kind == ProducerDelegation {
		event.Feed, event.Type = events.ProducerDelegationEvents, "PRODUCER_DELEGATION_"+kind
	}
	p.emit(event)
}
