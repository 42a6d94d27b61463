// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package platform

import (
	"time"
)

// Grant is what the token endpoint knows of a client, a kid and a purpose: its copy of
// the platform, which follows the changes with a delay.
type Grant struct {
	Key        Key
	Client     Client
	Purpose    PurposeRecord
	Agreement  Agreement
	Descriptor Descriptor
	Eservice   Eservice
	// PurposeState is that of the purpose's current version as the copy has it.
	PurposeState string
}

// KeyOf finds the row of a client and a kid, as it was at an instant.
func (p *Platform) KeyOf(clientID, kid string, at time.Time) (Grant, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	k, ok := p.keys[kid]
	if !ok || clientID == "" || k.client != clientID || k.at.After(at) {
		return Grant{}, false
	}
	return Grant{Key: k.copy(), Client: *p.clients.get(clientID)}, true
}

// WithPurpose completes a row with a purpose the client is linked to, as it was at an
// instant.
func (p *Platform) WithPurpose(g Grant, purposeID string, at time.Time) (Grant, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	r := p.purposes.get(purposeID)
	if r == nil || g.Client.Kind == API {
		return g, false
	}
	linked, ok := r.Links[g.Client.ID]
	if !ok || linked.After(at) {
		return g, false
	}
	a := p.agreementOf(r.EserviceID, r.ConsumerID)
	g.Purpose, g.Agreement = r.clone(), *a
	g.Descriptor, g.Eservice = *p.descriptors.get(a.DescriptorID), *p.eservices.get(r.EserviceID)
	g.PurposeState = r.latest().State
	if v := r.Current(); v != nil {
		g.PurposeState = v.State
		if len(r.Versions) == 1 && v.FirstActivationAt.After(at) {
			g.PurposeState = StateDraft
		}
	}
	return g, true
}
