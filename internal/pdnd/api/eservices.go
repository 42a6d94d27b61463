// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"context"
	"encoding/json"
	"strconv"
	"time"
)

// Eservice is an e-service of the catalogue.
type Eservice struct {
	ID                      string `json:"id"`
	ProducerID              string `json:"producerId"`
	Name                    string `json:"name"`
	Description             string `json:"description"`
	Technology              string `json:"technology"` // REST | SOAP
	Mode                    string `json:"mode"`       // DELIVER | RECEIVE
	IsSignalHubEnabled      bool   `json:"isSignalHubEnabled"`
	IsConsumerDelegable     bool   `json:"isConsumerDelegable"`
	IsClientAccessDelegable bool   `json:"isClientAccessDelegable"`
	PersonalData            *bool  `json:"personalData"` // nil: the producer has not said
	AsyncExchange           bool   `json:"asyncExchange"`
}

// DescriptorState is the state of a version of an e-service.
type DescriptorState string

// The states of a descriptor.
const (
	DescriptorDraft              DescriptorState = "DRAFT"
	DescriptorWaitingForApproval DescriptorState = "WAITING_FOR_APPROVAL"
	DescriptorPublished          DescriptorState = "PUBLISHED"
	DescriptorDeprecated         DescriptorState = "DEPRECATED"
	DescriptorSuspended          DescriptorState = "SUSPENDED"
	DescriptorArchiving          DescriptorState = "ARCHIVING"
	DescriptorArchivingSuspended DescriptorState = "ARCHIVING_SUSPENDED"
	DescriptorArchived           DescriptorState = "ARCHIVED"
)

// Active tells whether vouchers are issued for a descriptor in this state.
func (s DescriptorState) Active() bool {
	return s == DescriptorPublished || s == DescriptorDeprecated || s == DescriptorArchiving
}

// Descriptor is a version of an e-service.
type Descriptor struct {
	ID                      string          `json:"id"`
	Version                 string          `json:"version"` // "1", "2", ...
	Description             string          `json:"description"`
	Audience                []string        `json:"audience"`
	VoucherLifespan         int64           `json:"voucherLifespan"` // seconds
	DailyCallsPerConsumer   int64           `json:"dailyCallsPerConsumer"`
	DailyCallsTotal         int64           `json:"dailyCallsTotal"`
	State                   DescriptorState `json:"state"`
	AgreementApprovalPolicy string          `json:"agreementApprovalPolicy"` // AUTOMATIC | MANUAL
	ServerURLs              []string        `json:"serverUrls"`
	PublishedAt             *time.Time      `json:"publishedAt"`
	SuspendedAt             *time.Time      `json:"suspendedAt"`
	DeprecatedAt            *time.Time      `json:"deprecatedAt"`
	ArchivedAt              *time.Time      `json:"archivedAt"`
}

// EserviceFilter chooses e-services; zero fields choose all. Name matches a part of it.
type EserviceFilter struct {
	ProducerIDs                                  []string
	Name, Technology, Mode                       string
	IsConsumerDelegable, IsClientAccessDelegable *bool
}

// Eservices lists the catalogue as this client sees it. Without a filter it is large.
func (c *Client) Eservices(ctx context.Context, by EserviceFilter) ([]Eservice, error) {
	f := newFilter()
	many(f, "producerIds", by.ProducerIDs)
	f.one("name", by.Name)
	f.one("technology", by.Technology)
	f.one("mode", by.Mode)
	f.flag("isConsumerDelegable", by.IsConsumerDelegable)
	f.flag("isClientAccessDelegable", by.IsClientAccessDelegable)
	return list(ctx, c, "/eservices", f.values, func(e Eservice) string { return e.ID })
}

// Eservice reads one e-service.
func (c *Client) Eservice(ctx context.Context, id string) (Eservice, error) {
	return get[Eservice](ctx, c, Path("eservices", id), nil)
}

// Descriptors lists the versions of an e-service, all or those in one state.
func (c *Client) Descriptors(ctx context.Context, eserviceID string, state DescriptorState) ([]Descriptor, error) {
	f := newFilter()
	f.one("state", string(state))
	return list(ctx, c, Path("eservices", eserviceID, "descriptors"), f.values, func(d Descriptor) string { return d.ID })
}

// Descriptor reads one version of an e-service.
func (c *Client) Descriptor(ctx context.Context, eserviceID, id string) (Descriptor, error) {
	return get[Descriptor](ctx, c, Path("eservices", eserviceID, "descriptors", id), nil)
}

// AttributeGroup is a requirement of a descriptor: one of its attributes is enough, and
// every group must be met.
type AttributeGroup struct {
	Index      int
	Attributes []GroupAttribute
}

// GroupAttribute is an attribute of a requirement.
type GroupAttribute struct {
	Attribute

	DailyCallsPerConsumer int64 // threshold of those who hold it; 0: the descriptor's
}

// groupItem is how the platform lists requirements: one item for each attribute.
type groupItem struct {
	GroupIndex            int       `json:"groupIndex"`
	Attribute             Attribute `json:"attribute"`
	DailyCallsPerConsumer int64     `json:"dailyCallsPerConsumer"`
}

// DescriptorAttributes lists the certified attributes that a consumer must hold.
func (c *Client) DescriptorAttributes(ctx context.Context, eserviceID, descriptorID string) ([]AttributeGroup, error) {
	path := Path("eservices", eserviceID, "descriptors", descriptorID, "certifiedAttributes")
	items, err := list(ctx, c, path, nil, func(i groupItem) string { return strconv.Itoa(i.GroupIndex) + " " + i.Attribute.ID })
	if err != nil {
		return nil, err
	}
	var groups []AttributeGroup
	at := make(map[int]int)
	for _, i := range items {
		n, known := at[i.GroupIndex]
		if !known {
			n = len(groups)
			at[i.GroupIndex] = n
			groups = append(groups, AttributeGroup{Index: i.GroupIndex})
		}
		groups[n].Attributes = append(groups[n].Attributes, GroupAttribute{i.Attribute, i.DailyCallsPerConsumer})
	}
	return groups, nil
}

// UnmarshalJSON reads the threshold where the platform may write it: beside the attribute
// or in it.
func (i *groupItem) UnmarshalJSON(data []byte) error {
	type plain groupItem
	var wire struct {
		plain

		Attribute struct {
			Attribute

			DailyCallsPerConsumer int64 `json:"dailyCallsPerConsumer"`
		} `json:"attribute"`
	}
	if err := json.Unmarshal(data, &wire); err != nil {
		return err
	}
	*i = groupItem(wire.plain)
	i.Attribute = wire.Attribute.Attribute
	if i.DailyCallsPerConsumer == 0 {
		i.DailyCallsPerConsumer = wire.Attribute.DailyCallsPerConsumer
	}
	return nil
}
