// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package platform

import (
	"slices"
	"strings"
)

// EserviceSeed is a new e-service with its first descriptor.
type EserviceSeed struct {
	Name                    string         `json:"name"`
	Description             string         `json:"description"`
	Technology              string         `json:"technology"`
	Mode                    string         `json:"mode"`
	Descriptor              DescriptorSeed `json:"descriptor"`
	IsSignalHubEnabled      bool           `json:"isSignalHubEnabled"`
	IsConsumerDelegable     bool           `json:"isConsumerDelegable"`
	IsClientAccessDelegable bool           `json:"isClientAccessDelegable"`
	PersonalData            *bool          `json:"personalData"`
}

// DescriptorSeed is a new version of an e-service.
type DescriptorSeed struct {
	Description             string   `json:"description"`
	Audience                []string `json:"audience"`
	VoucherLifespan         int      `json:"voucherLifespan"`
	DailyCallsPerConsumer   int      `json:"dailyCallsPerConsumer"`
	DailyCallsTotal         int      `json:"dailyCallsTotal"`
	AgreementApprovalPolicy string   `json:"agreementApprovalPolicy"`
}

// EservicePatch changes an e-service; nil leaves a member as it is.
type EservicePatch struct {
	Name                    *string `json:"name"`
	Description             *string `json:"description"`
	Technology              *string `json:"technology"`
	Mode                    *string `json:"mode"`
	IsSignalHubEnabled      *bool   `json:"isSignalHubEnabled"`
	IsConsumerDelegable     *bool   `json:"isConsumerDelegable"`
	IsClientAccessDelegable *bool   `json:"isClientAccessDelegable"`
	PersonalData            *bool   `json:"personalData"`
	// ClearPersonalData takes the flag back: a null on the wire.
	ClearPersonalData bool `json:"-"`
}

// apply changes the members that are given.
func (c EservicePatch) apply(e *Eservice) {
	set(&e.Name, c.Name)
	set(&e.Description, c.Description)
	set(&e.Technology, c.Technology)
	set(&e.Mode, c.Mode)
	set(&e.IsSignalHubEnabled, c.IsSignalHubEnabled)
	set(&e.IsConsumerDelegable, c.IsConsumerDelegable)
	set(&e.IsClientAccessDelegable, c.IsClientAccessDelegable)
	if c.PersonalData != nil || c.ClearPersonalData {
		e.PersonalData = c.PersonalData
	}
}

func set[T any](member, value *T) {
	if value != nil {
		*member = *value
	}
}

// versionsOf returns the descriptors of an e-service, oldest first.
func (p *Platform) versionsOf(eserviceID string) []*Descriptor {
	return p.descriptors.all(func(d *Descriptor) bool { return d.EserviceID == eserviceID })
}

// eserviceSeen returns an e-service that the tenant may see: one with something
// published, or its own.
func (p *Platform) eserviceSeen(tenantID, id string) (*Eservice, error) {
	e := p.eservices.get(id)
	if e == nil || !p.isPublic(id, "") && e.ProducerID != tenantID && !p.mayProduce(tenantID, e) {
		return nil, notFound(catalog, "0005", "EService", id)
	}
	return e, nil
}

// eserviceOwned returns an e-service that the actor manages.
func (p *Platform) eserviceOwned(a Actor, id string) (*Eservice, error) {
	e, err := p.eserviceSeen(a.TenantID, id)
	if err != nil {
		return nil, err
	}
	if !p.mayProduce(a.TenantID, e) {
		return nil, operationForbidden(catalog)
	}
	return e, nil
}

// SeeEservice returns an e-service as the platform API shows it.
func (p *Platform) SeeEservice(a Actor, id string) (Eservice, error) {
	return act(p, func() (Eservice, error) {
		e, err := p.eserviceSeen(a.TenantID, id)
		if err != nil {
			return Eservice{}, err
		}
		return *e, nil
	})
}

// ListEservices returns the e-services the actor may see, in order of creation.
func (p *Platform) ListEservices(a Actor) []Eservice {
	return some(p, &p.eservices, func(e *Eservice) bool {
		_, err := p.eserviceSeen(a.TenantID, e.ID)
		return err == nil
	})
}

// CreateEservice makes an e-service in draft with its first descriptor.
func (p *Platform) CreateEservice(a Actor, s EserviceSeed) (Eservice, error) {
	return act(p, func() (Eservice, error) {
		if err := p.nameFree(a.TenantID, "", s.Name); err != nil {
			return Eservice{}, err
		}
		if err := consistent(s.Descriptor.DailyCallsPerConsumer, s.Descriptor.DailyCallsTotal); err != nil {
			return Eservice{}, err
		}
		e := Eservice{
			ID: p.newID(), ProducerID: a.TenantID, Name: s.Name, Description: s.Description,
			Technology: s.Technology, Mode: s.Mode, PersonalData: s.PersonalData,
			IsSignalHubEnabled: s.IsSignalHubEnabled, IsConsumerDelegable: s.IsConsumerDelegable,
			IsClientAccessDelegable: s.IsConsumerDelegable && s.IsClientAccessDelegable,
			CreatedAt:               p.clock(),
		}
		p.eservices.put(e.ID, e)
		p.addDraft(e.ID, s.Descriptor)
		p.emitEservice(&e, "", "ESERVICE_ADDED")
		return e, nil
	})
}

func (p *Platform) nameFree(producerID, except, name string) error {
	taken := p.eservices.all(func(e *Eservice) bool {
		return e.ProducerID == producerID && e.ID != except && strings.EqualFold(e.Name, name)
	})
	if len(taken) > 0 {
		return conflict(catalog, "007", "Duplicated service name", "An EService with name %s already exists for the same producer", name)
	}
	return nil
}

func consistent(perConsumer, total int) error {
	if perConsumer > total {
		return badRequest(catalog, "0010", "Inconsistent daily calls", "dailyCallsPerConsumer can't be greater than dailyCallsTotal")
	}
	return nil
}

// UpdateEservice changes an e-service that is still a draft.
func (p *Platform) UpdateEservice(a Actor, id string, change EservicePatch) (Eservice, error) {
	return act(p, func() (Eservice, error) {
		e, err := p.eserviceOwned(a, id)
		if err != nil {
			return Eservice{}, err
		}
		if !p.inDraft(id) {
			return Eservice{}, notDraft(id)
		}
		if change.Name != nil {
			if err := p.nameFree(e.ProducerID, id, *change.Name); err != nil {
				return Eservice{}, err
			}
		}
		change.apply(e)
		p.emitEservice(e, "", "DRAFT_ESERVICE_UPDATED")
		return *e, nil
	})
}

func notDraft(id string) error {
	return badRequest(catalog, "0012", "EService is not in draft state", "EService %s is not in draft state", id)
}

// UpdatePublished changes a member of an e-service that has left the draft: its name,
// description, delegation flags or Signal Hub. kind is the type of the event.
func (p *Platform) UpdatePublished(a Actor, id, kind string, change EservicePatch) (Eservice, error) {
	return act(p, func() (Eservice, error) {
		e, err := p.eserviceOwned(a, id)
		if err != nil {
			return Eservice{}, err
		}
		if p.inDraft(id) {
			return Eservice{}, conflict(catalog, "0022", "EService without valid descriptors", "EService %s does not have a valid descriptor", id)
		}
		if change.Name != nil {
			if err := p.nameFree(e.ProducerID, id, *change.Name); err != nil {
				return Eservice{}, err
			}
		}
		next := *e
		change.apply(&next)
		if next.IsClientAccessDelegable && !next.IsConsumerDelegable {
			return Eservice{}, badRequest(catalog, "0025", "Invalid eservice flags", "EService %s flags are not valid", id)
		}
		*e = next
		p.emitEservice(e, "", kind)
		return *e, nil
	})
}

// DeleteEservice removes an e-service that is still a draft.
func (p *Platform) DeleteEservice(a Actor, id string) error {
	return p.do(func() error {
		e, err := p.eserviceOwned(a, id)
		if err != nil {
			return err
		}
		if !p.inDraft(id) {
			return conflict(catalog, "0012", "EService is not in draft state", "EService %s is not in draft state", id)
		}
		p.emitEservice(e, "", "ESERVICE_DELETED")
		for _, d := range p.versionsOf(id) {
			p.descriptors.remove(d.ID)
		}
		p.eservices.remove(id)
		return nil
	})
}

// inDraft reports whether nothing of an e-service has been published.
func (p *Platform) inDraft(eserviceID string) bool {
	return !slices.ContainsFunc(p.versionsOf(eserviceID), func(d *Descriptor) bool { return d.State != Draft })
}
