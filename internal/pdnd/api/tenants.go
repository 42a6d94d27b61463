// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"context"
	"time"
)

// Tenant is an organisation on PDND.
type Tenant struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Kind       string `json:"kind"` // PA, GSP, SCP, PRIVATE
	ExternalID struct {
		Origin string `json:"origin"` // IPA, ...
		Value  string `json:"value"`
	} `json:"externalId"`
	OnboardedAt *time.Time `json:"onboardedAt"`
}

// Tenant reads one tenant.
func (c *Client) Tenant(ctx context.Context, id string) (Tenant, error) {
	return get[Tenant](ctx, c, Path("tenants", id), nil)
}

// HeldAttribute is a certified attribute that a tenant holds, or held until RevokedAt.
type HeldAttribute struct {
	ID         string     `json:"id"`
	AssignedAt time.Time  `json:"assignedAt"`
	RevokedAt  *time.Time `json:"revokedAt"`
}

// TenantAttributes lists the certified attributes of a tenant, revoked ones too.
func (c *Client) TenantAttributes(ctx context.Context, tenantID string) ([]HeldAttribute, error) {
	return list(ctx, c, Path("tenants", tenantID, "certifiedAttributes"), nil, func(a HeldAttribute) string { return a.ID })
}

// Attribute is a certified attribute.
type Attribute struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Code        string `json:"code"`
	Origin      string `json:"origin"`
}

// Attribute reads one certified attribute.
func (c *Client) Attribute(ctx context.Context, id string) (Attribute, error) {
	return get[Attribute](ctx, c, Path("certifiedAttributes", id), nil)
}

// DelegationKind is what a delegate acts as: consumer (in fruizione) or producer.
type DelegationKind string

// The kinds of delegation.
const (
	ConsumerDelegation DelegationKind = "consumerDelegations"
	ProducerDelegation DelegationKind = "producerDelegations"
)

// DelegationState is the state of a delegation.
type DelegationState string

// The states of a delegation.
const (
	DelegationWaitingForApproval DelegationState = "WAITING_FOR_APPROVAL"
	DelegationActive             DelegationState = "ACTIVE"
	DelegationRejected           DelegationState = "REJECTED"
	DelegationRevoked            DelegationState = "REVOKED"
)

// Delegation lets the delegate act for the delegator on one e-service.
type Delegation struct {
	ID          string          `json:"id"`
	DelegatorID string          `json:"delegatorId"`
	DelegateID  string          `json:"delegateId"`
	EserviceID  string          `json:"eserviceId"`
	State       DelegationState `json:"state"`
	CreatedAt   time.Time       `json:"createdAt"`
}

// DelegationFilter chooses delegations; zero fields choose all.
type DelegationFilter struct {
	States                                 []DelegationState
	DelegatorIDs, DelegateIDs, EserviceIDs []string
}

// Delegations lists the delegations of a kind that the tenant gave or was given.
func (c *Client) Delegations(ctx context.Context, kind DelegationKind, by DelegationFilter) ([]Delegation, error) {
	f := newFilter()
	many(f, "states", by.States)
	many(f, "delegatorIds", by.DelegatorIDs)
	many(f, "delegateIds", by.DelegateIDs)
	many(f, "eserviceIds", by.EserviceIDs)
	return list(ctx, c, Path(string(kind)), f.values, func(d Delegation) string { return d.ID })
}

// Delegation reads one delegation.
func (c *Client) Delegation(ctx context.Context, kind DelegationKind, id string) (Delegation, error) {
	return get[Delegation](ctx, c, Path(string(kind), id), nil)
}
