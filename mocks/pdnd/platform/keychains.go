// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package platform

import "slices"

// SeeKeychain returns any producer's keychain; the caller decides how much to show.
func (p *Platform) SeeKeychain(id string) (Keychain, error) {
	if k, ok := p.Keychain(id); ok {
		return k, nil
	}
	return Keychain{}, notFound(authorization, "0018", "Producer Keychain", id)
}

// AllKeychains returns every producer keychain, in order of creation.
func (p *Platform) AllKeychains() []Keychain {
	return some(p, &p.keychains, func(*Keychain) bool { return true })
}

func (p *Platform) keychainOwned(a Actor, id string) (*Keychain, error) {
	k := p.keychains.get(id)
	if k == nil {
		return nil, notFound(authorization, "0018", "Producer Keychain", id)
	}
	if k.ProducerID != a.TenantID {
		return nil, forbidden(authorization, "0019", "Tenant not allowed on producer keychain", "Tenant %s is not allowed on producer keychain %s", a.TenantID, id)
	}
	return k, nil
}

// CreateKeychain makes a producer keychain.
func (p *Platform) CreateKeychain(a Actor, s ClientSeed) (Keychain, error) {
	return act(p, func() (Keychain, error) {
		if err := p.usersKnown(a, s.Members); err != nil {
			return Keychain{}, err
		}
		k := Keychain{
			ID: p.newID(), ProducerID: a.TenantID, Name: s.Name, Description: s.Description,
			Users: slices.Clone(s.Members), CreatedAt: p.clock(),
		}
		p.keychains.put(k.ID, k)
		p.emitKeychain(&k, "PRODUCER_KEYCHAIN_ADDED")
		return k, nil
	})
}

// DeleteKeychain removes a producer keychain of the actor with its keys.
func (p *Platform) DeleteKeychain(a Actor, id string) error {
	return p.do(func() error {
		k, err := p.keychainOwned(a, id)
		if err != nil {
			return err
		}
		for _, kid := range p.kidsOf("", id) {
			p.dropKey(p.keys[kid])
		}
		p.emitKeychain(k, "PRODUCER_KEYCHAIN_DELETED")
		p.keychains.remove(id)
		return nil
	})
}

// AddKeychainUsers adds people to a producer keychain of the actor.
func (p *Platform) AddKeychainUsers(a Actor, id string, users []string) error {
	return p.do(func() error {
		k, err := p.keychainOwned(a, id)
		if err != nil {
			return err
		}
		next, err := p.addUsers(a, k.Users, users)
		if err == nil {
			k.Users = next
		}
		return err
	})
}

// RemoveKeychainUser takes a person from a producer keychain of the actor.
func (p *Platform) RemoveKeychainUser(a Actor, id, user string) error {
	return p.do(func() error {
		k, err := p.keychainOwned(a, id)
		if err != nil {
			return err
		}
		if !slices.Contains(k.Users, user) {
			return notFound(authorization, "0021", "User", user)
		}
		k.Users = slices.DeleteFunc(slices.Clone(k.Users), func(other string) bool { return other == user })
		return nil
	})
}

// KeychainEservices returns the e-services linked to a keychain of the actor.
func (p *Platform) KeychainEservices(a Actor, id string) ([]Eservice, error) {
	return act(p, func() ([]Eservice, error) {
		k, err := p.keychainOwned(a, id)
		if err != nil {
			return nil, err
		}
		return values(p.eservices.all(func(e *Eservice) bool { return slices.Contains(k.Eservices, e.ID) })), nil
	})
}

// LinkEservice lets a keychain of the actor sign for one of its e-services.
func (p *Platform) LinkEservice(a Actor, keychainID, eserviceID string) error {
	return p.do(func() error {
		k, err := p.keychainOwned(a, keychainID)
		if err != nil {
			return err
		}
		e := p.eservices.get(eserviceID)
		switch {
		case e == nil:
			return notFound(authorization, "0009", "EService", eserviceID)
		case e.ProducerID != a.TenantID:
			return forbidden(authorization, "0025", "Tenant not allowed on e-service", "Tenant %s is not allowed on e-service %s", a.TenantID, eserviceID)
		case slices.Contains(k.Eservices, eserviceID):
			return conflict(authorization, "0026", "EService already linked to producer keychain", "EService %s is already linked to producer keychain %s", eserviceID, keychainID)
		}
		k.Eservices = append(slices.Clone(k.Eservices), eserviceID)
		p.emitKeychain(k, "PRODUCER_KEYCHAIN_ESERVICE_ADDED")
		return nil
	})
}

// UnlinkEservice takes an e-service from a keychain of the actor.
func (p *Platform) UnlinkEservice(a Actor, keychainID, eserviceID string) error {
	return p.do(func() error {
		k, err := p.keychainOwned(a, keychainID)
		if err != nil {
			return err
		}
		if !slices.Contains(k.Eservices, eserviceID) {
			return badRequest(authorization, "0009", "EService not found", "EService %s not found", eserviceID)
		}
		k.Eservices = slices.DeleteFunc(slices.Clone(k.Eservices), func(other string) bool { return other == eserviceID })
		p.emitKeychain(k, "PRODUCER_KEYCHAIN_ESERVICE_REMOVED")
		return nil
	})
}
