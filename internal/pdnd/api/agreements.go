// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"context"
	"time"
)

// AgreementState is the state of an agreement.
type AgreementState string

// The states of an agreement.
const (
	AgreementDraft             AgreementState = "DRAFT"
	AgreementPending           AgreementState = "PENDING"
	AgreementActive            AgreementState = "ACTIVE"
	AgreementSuspended         AgreementState = "SUSPENDED"
	AgreementArchived          AgreementState = "ARCHIVED"
	AgreementRejected          AgreementState = "REJECTED"
	AgreementMissingAttributes AgreementState = "MISSING_CERTIFIED_ATTRIBUTES"
)

// Agreement is the right of a consumer to use a version of an e-service.
type Agreement struct {
	ID                  string         `json:"id"`
	EserviceID          string         `json:"eserviceId"`
	DescriptorID        string         `json:"descriptorId"`
	ProducerID          string         `json:"producerId"`
	ConsumerID          string         `json:"consumerId"`
	DelegationID        string         `json:"delegationId"` // "" without delegation
	State               AgreementState `json:"state"`
	SuspendedByConsumer bool           `json:"suspendedByConsumer"`
	SuspendedByProducer bool           `json:"suspendedByProducer"`
	SuspendedByPlatform bool           `json:"suspendedByPlatform"`
	ConsumerNotes       string         `json:"consumerNotes"`
	RejectionReason     string         `json:"rejectionReason"`
	CreatedAt           time.Time      `json:"createdAt"`
	SuspendedAt         *time.Time     `json:"suspendedAt"`
}

// AgreementFilter chooses agreements; zero fields choose all.
type AgreementFilter struct {
	States                                               []AgreementState
	ProducerIDs, ConsumerIDs, DescriptorIDs, EserviceIDs []string
}

// Agreements lists the agreements that the tenant is part of.
func (c *Client) Agreements(ctx context.Context, by AgreementFilter) ([]Agreement, error) {
	f := newFilter()
	many(f, "states", by.States)
	many(f, "producerIds", by.ProducerIDs)
	many(f, "consumerIds", by.ConsumerIDs)
	many(f, "descriptorIds", by.DescriptorIDs)
	many(f, "eserviceIds", by.EserviceIDs)
	return list(ctx, c, "/agreements", f.values, func(a Agreement) string { return a.ID })
}

// Agreement reads one agreement.
func (c *Client) Agreement(ctx context.Context, id string) (Agreement, error) {
	return get[Agreement](ctx, c, Path("agreements", id), nil)
}

// PurposeState is the state of a version of a purpose.
type PurposeState string

// The states of a version of a purpose.
const (
	PurposeDraft              PurposeState = "DRAFT"
	PurposeWaitingForApproval PurposeState = "WAITING_FOR_APPROVAL"
	PurposeActive             PurposeState = "ACTIVE"
	PurposeSuspended          PurposeState = "SUSPENDED"
	PurposeRejected           PurposeState = "REJECTED"
	PurposeArchived           PurposeState = "ARCHIVED"
)

// Purpose is what a consumer uses an e-service for.
type Purpose struct {
	ID                        string          `json:"id"`
	EserviceID                string          `json:"eserviceId"`
	ConsumerID                string          `json:"consumerId"`
	DelegationID              string          `json:"delegationId"` // "" without delegation
	Title                     string          `json:"title"`
	Description               string          `json:"description"`
	SuspendedByConsumer       bool            `json:"suspendedByConsumer"`
	SuspendedByProducer       bool            `json:"suspendedByProducer"`
	IsRiskAnalysisValid       bool            `json:"isRiskAnalysisValid"`
	IsFreeOfCharge            bool            `json:"isFreeOfCharge"`
	FreeOfChargeReason        string          `json:"freeOfChargeReason"`
	CurrentVersion            *PurposeVersion `json:"currentVersion"` // nil: none was ever active, or it waits
	WaitingForApprovalVersion *PurposeVersion `json:"waitingForApprovalVersion"`
	RejectedVersion           *PurposeVersion `json:"rejectedVersion"`
	CreatedAt                 time.Time       `json:"createdAt"`
}

// PurposeVersion is a purpose with one declared load.
type PurposeVersion struct {
	ID                string       `json:"id"`
	State             PurposeState `json:"state"`
	DailyCalls        int64        `json:"dailyCalls"`
	RejectionReason   string       `json:"rejectionReason"`
	CreatedAt         time.Time    `json:"createdAt"`
	FirstActivationAt *time.Time   `json:"firstActivationAt"`
	SuspendedAt       *time.Time   `json:"suspendedAt"`
}

// PurposeFilter chooses purposes; zero fields choose all. Title matches a part of it.
type PurposeFilter struct {
	EserviceIDs, ConsumerIDs []string
	States                   []PurposeState
	Title                    string
}

// Purposes lists the purposes that the tenant sees as consumer, producer or delegate.
func (c *Client) Purposes(ctx context.Context, by PurposeFilter) ([]Purpose, error) {
	f := newFilter()
	many(f, "eserviceIds", by.EserviceIDs)
	many(f, "consumerIds", by.ConsumerIDs)
	many(f, "states", by.States)
	f.one("title", by.Title)
	return list(ctx, c, "/purposes", f.values, purposeID)
}

func purposeID(p Purpose) string { return p.ID }

// Purpose reads one purpose.
func (c *Client) Purpose(ctx context.Context, id string) (Purpose, error) {
	return get[Purpose](ctx, c, Path("purposes", id), nil)
}

// PurposeVersions lists the versions of a purpose.
func (c *Client) PurposeVersions(ctx context.Context, id string) ([]PurposeVersion, error) {
	return list(ctx, c, Path("purposes", id, "versions"), nil, func(v PurposeVersion) string { return v.ID })
}

// PurposeAgreement reads the agreement that a purpose rests on.
func (c *Client) PurposeAgreement(ctx context.Context, id string) (Agreement, error) {
	return get[Agreement](ctx, c, Path("purposes", id, "agreement"), nil)
}
