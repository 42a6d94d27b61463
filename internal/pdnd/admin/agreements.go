// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package admin

import (
	"context"
	"net/http"

	"github.com/snodo-pa/snodo/internal/pdnd/api"
)

// AgreementSeed asks for access to the newest published version of an e-service.
type AgreementSeed struct {
	EserviceID   string `json:"eserviceId"`
	DescriptorID string `json:"descriptorId"`
	DelegationID string `json:"delegationId,omitempty"` // when a delegate asks for the delegator
}

// CreateAgreement makes a draft; a conflict when the tenant has one that is not ended.
func (c *Client) CreateAgreement(ctx context.Context, seed AgreementSeed) (api.Agreement, error) {
	return write[api.Agreement](ctx, c, http.MethodPost, "/agreements", seed)
}

// SubmitAgreement sends a draft: it comes back ACTIVE, PENDING or MISSING_CERTIFIED_ATTRIBUTES.
// The notes, at most 1000 characters, may be empty.
func (c *Client) SubmitAgreement(ctx context.Context, id, consumerNotes string) (api.Agreement, error) {
	body := struct {
		ConsumerNotes string `json:"consumerNotes,omitempty"`
	}{consumerNotes}
	return write[api.Agreement](ctx, c, http.MethodPost, api.Path("agreements", id, "submit"), body)
}

// PurposeSeed is a new purpose. It is a legal declaration of the consumer.
type PurposeSeed struct {
	EserviceID         string       `json:"eserviceId"`
	Title              string       `json:"title"`       // 5..60 characters
	Description        string       `json:"description"` // 10..250
	IsFreeOfCharge     bool         `json:"isFreeOfCharge"`
	FreeOfChargeReason string       `json:"freeOfChargeReason,omitempty"`
	DailyCalls         int64        `json:"dailyCalls"`
	RiskAnalysis       RiskAnalysis `json:"riskAnalysisForm"`
	DelegationID       string       `json:"delegationId,omitempty"`
}

// RiskAnalysis is the filled form of a rule set of the platform.
type RiskAnalysis struct {
	Version string              `json:"version"`
	Answers map[string][]string `json:"answers"`
}

// CreatePurpose makes a draft.
func (c *Client) CreatePurpose(ctx context.Context, seed PurposeSeed) (api.Purpose, error) {
	return write[api.Purpose](ctx, c, http.MethodPost, "/purposes", seed)
}

// ActivatePurpose activates a draft: it comes back active, or waiting for approval when the
// thresholds of the e-service are exceeded. delegationID may be empty.
func (c *Client) ActivatePurpose(ctx context.Context, id, delegationID string) (api.Purpose, error) {
	body := struct {
		DelegationID string `json:"delegationId,omitempty"`
	}{delegationID}
	return write[api.Purpose](ctx, c, http.MethodPost, api.Path("purposes", id, "activate"), body)
}

// CreatePurposeVersion declares another load: the version comes back active, or waiting for
// approval when the thresholds of the e-service are exceeded.
func (c *Client) CreatePurposeVersion(ctx context.Context, purposeID string, dailyCalls int64) (api.PurposeVersion, error) {
	body := map[string]int64{"dailyCalls": dailyCalls}
	return write[api.PurposeVersion](ctx, c, http.MethodPost, api.Path("purposes", purposeID, "versions"), body)
}
