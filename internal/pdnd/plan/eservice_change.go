// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package plan

import (
	"context"
	"slices"

	"github.com/snodo-pa/snodo/internal/pdnd/admin"
)

// The changes of an e-service, besides those in plan.go.
const (
	DescriptorUpdate   = "descriptor/update"
	EserviceName       = "eservice/name"
	EserviceText       = "eservice/description"
	EserviceDelegation = "eservice/delegation"
)

// changes compares an e-service with its sheet. A draft is changed freely; after its
// publication PDND takes only name, description, delegation and quotas, each on its own.
func (p *publication) changes(context.Context, Reader) ([]Step, error) {
	if p.drafted {
		return p.draftChanges(), nil
	}
	var steps []Step
	s, e, d := p.sheet, p.service, p.descriptor
	if e.Name != s.Name {
		steps = append(steps, p.change(EserviceName, func(ctx context.Context, w Writer) (result, error) {
			_, err := w.UpdateEserviceName(ctx, p.id, s.Name)
			return p.ids(), err
		}, Value{"name", s.Name}))
	}
	if e.Description != s.Description {
		steps = append(steps, p.change(EserviceText, func(ctx context.Context, w Writer) (result, error) {
			_, err := w.UpdateEserviceDescription(ctx, p.id, s.Description)
			return p.ids(), err
		}, Value{"description", s.Description}))
	}
	if e.IsConsumerDelegable != s.IsConsumerDelegable || e.IsClientAccessDelegable != s.IsClientAccessDelegable {
		steps = append(steps, p.change(EserviceDelegation, func(ctx context.Context, w Writer) (result, error) {
			_, err := w.UpdateEserviceDelegation(ctx, p.id, &s.IsConsumerDelegable, &s.IsClientAccessDelegable)
			return p.ids(), err
		}, flag("isConsumerDelegable", s.IsConsumerDelegable), flag("isClientAccessDelegable", s.IsClientAccessDelegable)))
	}
	if d.VoucherLifespan != s.VoucherLifespan || d.DailyCallsPerConsumer != s.DailyCallsPerConsumer || d.DailyCallsTotal != s.DailyCallsTotal {
		steps = append(steps, p.change(QuotasUpdate, func(ctx context.Context, w Writer) (result, error) {
			_, err := w.UpdateQuotas(ctx, p.id, d.ID, admin.Quotas{
				VoucherLifespan: &s.VoucherLifespan, DailyCallsPerConsumer: &s.DailyCallsPerConsumer, DailyCallsTotal: &s.DailyCallsTotal,
			})
			return p.ids(), err
		}, number("voucherLifespan", s.VoucherLifespan), number("dailyCallsPerConsumer", s.DailyCallsPerConsumer), number("dailyCallsTotal", s.DailyCallsTotal)))
	}
	if !slices.Equal(d.Audience, []string{s.Audience}) {
		st := p.step(DescriptorUpdate, p.target, Manual, p.ids(), Value{"audience", s.Audience})
		steps = append(steps, st.because("l'audience di una versione pubblicata non si modifica: creare una nuova versione su PDND",
			"the audience of a published version is not changed: make a new version on PDND"))
	}
	return steps, nil
}

func (p *publication) draftChanges() []Step {
	var steps []Step
	s, e, d := p.sheet, p.service, p.descriptor
	if e.Name != s.Name || e.Description != s.Description || e.IsConsumerDelegable != s.IsConsumerDelegable ||
		e.IsClientAccessDelegable != s.IsClientAccessDelegable || e.PersonalData == nil || *e.PersonalData != *s.PersonalData {
		steps = append(steps, p.change(EserviceUpdate, func(ctx context.Context, w Writer) (result, error) {
			_, err := w.UpdateDraftEservice(ctx, p.id, admin.EservicePatch{
				Name: &s.Name, Description: &s.Description, PersonalData: s.PersonalData,
				IsConsumerDelegable: &s.IsConsumerDelegable, IsClientAccessDelegable: &s.IsClientAccessDelegable,
			})
			return p.ids(), err
		}, p.values()[:7]...))
	}
	if !slices.Equal(d.Audience, []string{s.Audience}) || d.VoucherLifespan != s.VoucherLifespan ||
		d.DailyCallsPerConsumer != s.DailyCallsPerConsumer || d.DailyCallsTotal != s.DailyCallsTotal ||
		d.AgreementApprovalPolicy != s.AgreementApprovalPolicy {
		steps = append(steps, p.change(DescriptorUpdate, func(ctx context.Context, w Writer) (result, error) {
			_, err := w.UpdateDraftDescriptor(ctx, p.id, d.ID, admin.DescriptorPatch{
				Audience: []string{s.Audience}, VoucherLifespan: &s.VoucherLifespan, DailyCallsPerConsumer: &s.DailyCallsPerConsumer,
				DailyCallsTotal: &s.DailyCallsTotal, AgreementApprovalPolicy: &s.AgreementApprovalPolicy,
			})
			return p.ids(), err
		}, p.values()[7:]...))
	}
	return steps
}
