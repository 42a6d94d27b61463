// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package platform

import (
	"slices"
	"strings"
	"time"
)

// PurposeSeed is a new purpose.
type PurposeSeed struct {
	EserviceID         string        `json:"eserviceId"`
	DelegationID       string        `json:"delegationId"`
	Title              string        `json:"title"`
	Description        string        `json:"description"`
	IsFreeOfCharge     bool          `json:"isFreeOfCharge"`
	FreeOfChargeReason string        `json:"freeOfChargeReason"`
	DailyCalls         int           `json:"dailyCalls"`
	RiskAnalysis       *RiskAnalysis `json:"riskAnalysisForm"`
}

// PurposePatch changes a draft purpose; nil leaves a member as it is.
type PurposePatch struct {
	Title              *string       `json:"title"`
	Description        *string       `json:"description"`
	IsFreeOfCharge     *bool         `json:"isFreeOfCharge"`
	FreeOfChargeReason *string       `json:"freeOfChargeReason"`
	DailyCalls         *int          `json:"dailyCalls"`
	RiskAnalysis       *RiskAnalysis `json:"riskAnalysisForm"`
}

// SeePurpose returns a purpose to its consumer, its producer and their delegates. A
// draft is the consumer's only.
func (p *Platform) SeePurpose(a Actor, id string) (PurposeRecord, error) {
	return act(p, func() (PurposeRecord, error) {
		r, err := p.purposeSeen(a, id)
		if err != nil {
			return PurposeRecord{}, err
		}
		return r.clone(), nil
	})
}

func (p *Platform) purposeSeen(a Actor, id string) (*PurposeRecord, error) {
	r := p.purposes.get(id)
	if r == nil {
		return nil, notFound(purpose, "0001", "Purpose", id)
	}
	by := p.purposeDelegate(r)
	consumers := a.TenantID == r.ConsumerID || by != nil && by.DelegateID == a.TenantID
	if !p.looksAt(a.TenantID, r.EserviceID, r.ConsumerID, by) || r.isDraft() && !consumers {
		return nil, notAllowed(purpose, a)
	}
	return r, nil
}

// ListPurposes returns the purposes the actor may see.
func (p *Platform) ListPurposes(a Actor) []PurposeRecord {
	return p.purposesWhere(func(r *PurposeRecord) bool {
		_, err := p.purposeSeen(a, r.ID)
		return err == nil
	})
}

// PurposeAgreement returns the agreement in use behind a purpose.
func (p *Platform) PurposeAgreement(a Actor, id string) (Agreement, error) {
	return act(p, func() (Agreement, error) {
		r, err := p.purposeSeen(a, id)
		if err != nil {
			return Agreement{}, err
		}
		g := p.agreementOf(r.EserviceID, r.ConsumerID)
		if g == nil || g.State != Active && g.State != StateSuspended {
			return Agreement{}, refuse(404, "", "0022", "Agreement for purpose not found", "No active agreement found for purpose %s", id)
		}
		return *g, nil
	})
}

// IsRiskAnalysisValid reports whether the form of a purpose would pass today.
func (p *Platform) IsRiskAnalysisValid(r PurposeRecord) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.riskFault(r.RiskAnalysis, r.ConsumerID, r.EserviceID, true) == nil
}

// purposeOwned returns a purpose to who acts for its consumer: the delegate of the
// delegation it was made under, else the consumer.
func (p *Platform) purposeOwned(a Actor, id string) (*PurposeRecord, error) {
	r, err := p.purposeSeen(a, id)
	if err != nil {
		return nil, err
	}
	return r, p.ofPurpose(r).asConsumer(a)
}

// CreatePurpose makes a draft purpose. It needs an active agreement; a risk analysis may
// come later, but one that is given must be whole.
func (p *Platform) CreatePurpose(a Actor, s PurposeSeed) (PurposeRecord, error) {
	return act(p, func() (PurposeRecord, error) {
		consumerID, err := p.consumerFor(a, s.EserviceID, s.DelegationID)
		if err != nil {
			return PurposeRecord{}, err
		}
		e := p.eservices.get(s.EserviceID)
		switch {
		case e == nil:
			return PurposeRecord{}, badRequest(purpose, "0002", "EService not found", "EService %s not found", s.EserviceID)
		case e.Mode != "DELIVER":
			return PurposeRecord{}, badRequest(purpose, "0012", "EService mode not allowed", "EService %s has not DELIVER mode", e.ID)
		case s.IsFreeOfCharge && s.FreeOfChargeReason == "":
			return PurposeRecord{}, reasonMissing()
		}
		if g := p.agreementOf(e.ID, consumerID); g == nil || g.State != Active {
			return PurposeRecord{}, agreementMissing(e.ID, consumerID)
		}
		if err := p.titleFree(e.ID, consumerID, "", s.Title); err != nil {
			return PurposeRecord{}, err
		}
		if err := p.riskFault(s.RiskAnalysis, consumerID, e.ID, s.RiskAnalysis != nil); err != nil {
			return PurposeRecord{}, err
		}
		now := p.clock()
		r := PurposeRecord{
			ID: p.newID(), EserviceID: e.ID, ConsumerID: consumerID, DelegationID: s.DelegationID, Title: s.Title,
			Description: s.Description, IsFreeOfCharge: s.IsFreeOfCharge, FreeOfChargeReason: s.FreeOfChargeReason,
			RiskAnalysis: s.RiskAnalysis, Links: make(map[string]time.Time), CreatedAt: now,
			Versions: []PurposeVersion{{ID: p.newID(), State: StateDraft, DailyCalls: s.DailyCalls, CreatedAt: now}},
		}
		p.purposes.put(r.ID, r)
		p.emitPurpose(&r, "", "PURPOSE_ADDED")
		return r.clone(), nil
	})
}

func agreementMissing(eserviceID, consumerID string) error {
	return badRequest(purpose, "0018", "Agreement Not Found", "No Agreement found for EService %s and Consumer %s", eserviceID, consumerID)
}

func reasonMissing() error {
	return badRequest(purpose, "0013", "Missing free of charge reason", "Missing free of charge reason")
}

func (p *Platform) titleFree(eserviceID, consumerID, except, title string) error {
	taken := p.purposes.all(func(r *PurposeRecord) bool {
		return r.EserviceID == eserviceID && r.ConsumerID == consumerID && r.ID != except && strings.EqualFold(r.Title, title)
	})
	if len(taken) > 0 {
		return conflict(purpose, "0016", "Duplicated Purpose Title", "Purpose with title: %s already exists", title)
	}
	return nil
}

// editPurpose runs an operation on a purpose and stamps it.
func (p *Platform) editPurpose(find func() (*PurposeRecord, error), op func(*PurposeRecord) error) (PurposeRecord, error) {
	return act(p, func() (PurposeRecord, error) {
		r, err := find()
		if err != nil {
			return PurposeRecord{}, err
		}
		if err := op(r); err != nil {
			return PurposeRecord{}, err
		}
		r.UpdatedAt = p.clock()
		return r.clone(), nil
	})
}

// UpdatePurpose changes a draft purpose.
func (p *Platform) UpdatePurpose(a Actor, id string, change PurposePatch) (PurposeRecord, error) {
	find := func() (*PurposeRecord, error) { return p.purposeOwned(a, id) }
	return p.editPurpose(find, func(r *PurposeRecord) error {
		if !r.isDraft() {
			return forbidden(purpose, "0015", "Purpose not in draft state", "Purpose %s is not in draft state", id)
		}
		next := *r
		set(&next.Title, change.Title)
		set(&next.Description, change.Description)
		set(&next.IsFreeOfCharge, change.IsFreeOfCharge)
		set(&next.FreeOfChargeReason, change.FreeOfChargeReason)
		if change.RiskAnalysis != nil {
			next.RiskAnalysis = change.RiskAnalysis
		}
		if next.IsFreeOfCharge && next.FreeOfChargeReason == "" {
			return reasonMissing()
		}
		if err := p.titleFree(r.EserviceID, r.ConsumerID, id, next.Title); err != nil {
			return err
		}
		if err := p.riskFault(next.RiskAnalysis, r.ConsumerID, r.EserviceID, false); err != nil {
			return err
		}
		*r = next
		set(&r.Versions[0].DailyCalls, change.DailyCalls)
		p.emitPurpose(r, "", "DRAFT_PURPOSE_UPDATED")
		return nil
	})
}

// DeletePurpose removes a purpose that never became active.
func (p *Platform) DeletePurpose(a Actor, id string) error {
	return p.do(func() error {
		r, err := p.purposeOwned(a, id)
		if err != nil {
			return err
		}
		if len(r.Versions) > 1 || !slices.Contains([]string{StateDraft, StateWaitingForApproval}, r.latest().State) {
			return conflict(purpose, "0017", "Purpose cannot be deleted", "Purpose %s cannot be deleted", id)
		}
		p.emitPurpose(r, "", "PURPOSE_DELETED")
		p.purposes.remove(id)
		return nil
	})
}
