// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package platform

import (
	"slices"
)

// ClientSeed is a new consumer client or producer keychain.
type ClientSeed struct {
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Members     []string `json:"members"`
}

// SeeClient returns any tenant's client; the caller decides how much of it to show.
func (p *Platform) SeeClient(id string) (Client, error) {
	if c, ok := p.Client(id); ok {
		return c, nil
	}
	return Client{}, notFound(authorization, "0001", "Client", id)
}

// AllClients returns every client, in order of creation.
func (p *Platform) AllClients() []Client {
	return some(p, &p.clients, func(*Client) bool { return true })
}

func (p *Platform) clientOwned(a Actor, id string) (*Client, error) {
	c := p.clients.get(id)
	if c == nil {
		return nil, notFound(authorization, "0001", "Client", id)
	}
	if c.TenantID != a.TenantID {
		return nil, forbidden(authorization, "0002", "Tenant not allowed on client", "Tenant %s is not allowed on client %s", a.TenantID, id)
	}
	return c, nil
}

// CreateClient makes a consumer client. An API client cannot be made by API.
func (p *Platform) CreateClient(a Actor, s ClientSeed) (Client, error) {
	return act(p, func() (Client, error) {
		if err := p.usersKnown(a, s.Members); err != nil {
			return Client{}, err
		}
		c := Client{
			ID: p.newID(), TenantID: a.TenantID, Name: s.Name, Description: s.Description, Kind: Consumer,
			Users: slices.Clone(s.Members), CreatedAt: p.clock(),
		}
		p.clients.put(c.ID, c)
		p.emitClient(&c, "CLIENT_ADDED")
		return c, nil
	})
}

// usersKnown checks that people are of the actor's tenant, with a role for keys.
func (p *Platform) usersKnown(a Actor, users []string) error {
	for _, id := range users {
		if err := p.mayUpload(Actor{TenantID: a.TenantID, AdminID: id}, users); err != nil {
			return err
		}
	}
	return nil
}

// DeleteClient removes a client of the actor with its keys and links.
func (p *Platform) DeleteClient(a Actor, id string) error {
	return p.do(func() error {
		c, err := p.clientOwned(a, id)
		if err != nil {
			return err
		}
		for _, kid := range p.kidsOf(id, "") {
			p.dropKey(p.keys[kid])
		}
		for _, r := range p.purposes.all(func(*PurposeRecord) bool { return true }) {
			delete(r.Links, id)
		}
		p.emitClient(c, "CLIENT_DELETED")
		p.clients.remove(id)
		return nil
	})
}

// AddClientUsers adds people to a client of the actor.
func (p *Platform) AddClientUsers(a Actor, id string, users []string) error {
	return p.do(func() error {
		c, err := p.clientOwned(a, id)
		if err != nil {
			return err
		}
		next, err := p.addUsers(a, c.Users, users)
		if err == nil {
			c.Users = next
		}
		return err
	})
}

func (p *Platform) addUsers(a Actor, have, users []string) ([]string, error) {
	if err := p.usersKnown(a, users); err != nil {
		return nil, err
	}
	for _, user := range users {
		if slices.Contains(have, user) {
			return nil, badRequest(authorization, "0008", "User already assigned", "User %s is already assigned", user)
		}
	}
	return append(slices.Clone(have), users...), nil
}

// RemoveClientUser takes a person from a client of the actor.
func (p *Platform) RemoveClientUser(a Actor, id, user string) error {
	return p.do(func() error {
		c, err := p.clientOwned(a, id)
		if err != nil {
			return err
		}
		if !slices.Contains(c.Users, user) {
			return notFound(authorization, "0003", "User", user)
		}
		c.Users = slices.DeleteFunc(slices.Clone(c.Users), func(other string) bool { return other == user })
		return nil
	})
}

// ClientPurposes returns the purposes linked to a client of the actor.
func (p *Platform) ClientPurposes(a Actor, id string) ([]PurposeRecord, error) {
	return act(p, func() ([]PurposeRecord, error) {
		if _, err := p.clientOwned(a, id); err != nil {
			return nil, err
		}
		return clones(p.purposes.all(func(r *PurposeRecord) bool { _, linked := r.Links[id]; return linked })), nil
	})
}

// LinkPurpose lets a consumer client of the actor use a purpose: the actor's own, or a
// delegator's when the e-service lets delegates bring their clients. The agreement and a
// version of the purpose must be active or suspended.
func (p *Platform) LinkPurpose(a Actor, clientID, purposeID string) error {
	return p.do(func() error {
		c, err := p.clientOwned(a, clientID)
		if err != nil {
			return err
		}
		if c.Kind != Consumer {
			return forbidden(authorization, "0031", "Client kind not allowed", "Client %s kind is not allowed", clientID)
		}
		r := p.purposes.get(purposeID)
		if r == nil {
			return notFound(authorization, "0006", "Purpose", purposeID)
		}
		if err := p.mayLink(a, r); err != nil {
			return err
		}
		if _, linked := r.Links[clientID]; linked {
			return conflict(authorization, "0013", "Purpose already linked to client", "Purpose %s is already linked to client %s", purposeID, clientID)
		}
		g := p.agreementOf(r.EserviceID, r.ConsumerID)
		if g == nil || g.State != Active && g.State != StateSuspended {
			return badRequest(authorization, "0012", "No active or suspended Agreement found", "No active or suspended agreement found for eservice %s and consumer %s", r.EserviceID, r.ConsumerID)
		}
		if r.In(Active, StateSuspended) == nil {
			return badRequest(authorization, "0010", "No active or suspended purpose version found", "No active or suspended version found in purpose %s", purposeID)
		}
		r.Links[clientID] = p.clock()
		p.emitClient(c, "CLIENT_PURPOSE_ADDED")
		return nil
	})
}

func (p *Platform) mayLink(a Actor, r *PurposeRecord) error {
	if r.ConsumerID == a.TenantID && r.DelegationID == "" {
		return nil
	}
	d := p.delegationFor(ConsumerDelegation, a.TenantID, r.EserviceID, r.ConsumerID)
	if d == nil || r.DelegationID != d.ID {
		return forbidden(authorization, "0014", "Tenant not allowed on purpose", "Tenant %s is not allowed on purpose %s", a.TenantID, r.ID)
	}
	if e := p.eservices.get(r.EserviceID); !e.IsConsumerDelegable || !e.IsClientAccessDelegable {
		return badRequest(authorization, "0030", "EService not delegable for client access", "EService %s is not delegable for client access", e.ID)
	}
	return nil
}

// UnlinkPurpose takes a purpose from a client of the actor.
func (p *Platform) UnlinkPurpose(a Actor, clientID, purposeID string) error {
	return p.do(func() error {
		c, err := p.clientOwned(a, clientID)
		if err != nil {
			return err
		}
		r := p.purposes.get(purposeID)
		if r == nil {
			return notFound(authorization, "0006", "Purpose", purposeID)
		}
		if _, linked := r.Links[clientID]; !linked {
			return notFound(authorization, "0006", "Purpose", purposeID)
		}
		delete(r.Links, clientID)
		p.emitClient(c, "CLIENT_PURPOSE_REMOVED")
		return nil
	})
}
