// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package plan

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/pdnd/admin"
	"github.com/snodo-pa/snodo/internal/pdnd/api"
	"github.com/snodo-pa/snodo/modi"
)

// declare creates the purpose and activates it, or changes the load of one that is there.
func (a *access) declare(ctx context.Context, r Reader) ([]Step, error) {
	all, err := r.Purposes(ctx, api.PurposeFilter{EserviceIDs: []string{a.eservice.ID}, ConsumerIDs: []string{a.consumer}})
	if err != nil {
		return nil, err
	}
	own := a.made.object(a.target, PurposeCreate)
	at := slices.IndexFunc(all, func(p api.Purpose) bool { return own != "" && p.ID == own })
	if at >= 0 {
		return a.proceed(ctx, r, all, all[at])
	}
	create := a.step(PurposeCreate, a.target, Later, a.ids(), a.values()...)
	create.act.Approval = a.sheet.approval()
	activate := a.step(PurposeActivate, a.target, Later, a.ids())
	at = slices.IndexFunc(all, func(p api.Purpose) bool { return strings.EqualFold(p.Title, a.sheet.Title) })
	switch lacks := a.sheet.declared(a.eservice.PersonalData, a.Clock()); {
	case at >= 0 && a.made.interrupted(a.target, PurposeCreate) && all[at].Description == a.sheet.Description:
		create.Status = Todo
		return []Step{create.recorded(all[at].ID), activate}, nil
	case at >= 0 && a.named(all[at].ID):
		return a.foreign(all[at]), nil
	case at >= 0:
		create.Status, create.Values = Manual, []Value{{"purposeId", all[at].ID}}
		return []Step{create.because("su PDND c'è già una finalità con questo titolo, che Snodo non ha fatto: se è questa, copiarne l'id nel procedimento; se no, cambiare title",
			"there is already a purpose of that title on PDND, which Snodo did not make: if it is this one, copy its id into the procedimento; if not, change title")}, nil
	case lacks != modi.Text{}:
		create.Status, create.Why = Held, lacks
		return []Step{create}, nil
	case !a.active:
		return []Step{create, activate}, nil
	}
	over, err := a.over(ctx, r, all, "")
	if err != nil {
		return nil, err
	}
	if over != (modi.Text{}) {
		create.Status, create.Why = Held, over
		return []Step{create}, nil
	}
	create.Status = Todo
	return []Step{create.doing(a.create), activate}, nil
}

// named reports whether a procedimento of the ente names a purpose.
func (a *access) named(id string) bool {
	for _, p := range a.ente.Procedimenti {
		if p.Purposes[a.sheet.Recipe] == id {
			return true
		}
	}
	return false
}

// foreign is a purpose that a person made and the folder names: it is used, never changed.
func (a *access) foreign(p api.Purpose) []Step {
	a.purposeID = p.ID
	st := a.step(PurposeCreate, a.target, Done, a.ids(), Value{"purposeId", p.ID})
	if p.CurrentVersion != nil && p.CurrentVersion.DailyCalls != a.sheet.DailyCalls {
		change := a.step(PurposeVersion, a.target, Manual, a.ids(), number("dailyCalls", a.sheet.DailyCalls))
		return []Step{st, change.because("la finalità non è stata fatta da Snodo: cambiarne la stima su PDND, o correggere il file",
			"the purpose was not made by Snodo: change its estimate on PDND, or correct the file")}
	}
	return []Step{st}
}

func (a *access) values() []Value {
	s := a.sheet
	list := []Value{
		{"eserviceId", a.eservice.ID},
		{"consumer", a.consumer},
		{"title", s.Title},
		{"description", s.Description},
		flag("isFreeOfCharge", s.IsFreeOfCharge),
		{"freeOfChargeReason", s.FreeOfChargeReason},
		number("dailyCalls", s.DailyCalls),
	}
	if s.RiskAnalysis != nil {
		list = append(list, Value{"riskAnalysis.version", s.RiskAnalysis.Version})
		for _, question := range sortedKeys(s.RiskAnalysis.Answers) {
			list = append(list, Value{"riskAnalysis.answers." + question, strings.Join(s.RiskAnalysis.Answers[question], "; ")})
		}
	}
	return list
}

// approval is who answers for the declaration, with the file it was made from.
func (s *PurposeSheet) approval() *evidence.Approval {
	if s.Approvazione == nil {
		return nil
	}
	v := s.Approvazione
	return &evidence.Approval{By: v.Da, On: v.Il, Atto: v.Atto, DPO: v.DPO.Consultato, DPOOn: v.DPO.Il, SHA256: s.sha256, File: s.file}
}

func (a *access) create(ctx context.Context, w Writer) (result, error) {
	s := a.sheet
	made, err := w.CreatePurpose(ctx, admin.PurposeSeed{
		EserviceID: a.eservice.ID, Title: s.Title, Description: s.Description, IsFreeOfCharge: s.IsFreeOfCharge,
		FreeOfChargeReason: s.FreeOfChargeReason, DailyCalls: s.DailyCalls, DelegationID: a.delegationID,
		RiskAnalysis: admin.RiskAnalysis{Version: s.RiskAnalysis.Version, Answers: s.RiskAnalysis.Answers},
	})
	return result{object: made.ID, eservice: a.eservice.ID, purpose: made.ID}, err
}

// proceed takes a purpose that Snodo made to its active state and to the load of the sheet.
func (a *access) proceed(ctx context.Context, r Reader, all []api.Purpose, p api.Purpose) ([]Step, error) {
	a.purposeID = p.ID
	versions, err := r.PurposeVersions(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	made := a.step(PurposeCreate, a.target, Done, a.ids(), Value{"purposeId", p.ID})
	state := func(want api.PurposeState) bool {
		return slices.ContainsFunc(versions, func(v api.PurposeVersion) bool { return v.State == want })
	}
	activate := a.step(PurposeActivate, a.target, Done, a.ids())
	activate.act.Object = p.ID
	manual := func(it, en string) ([]Step, error) {
		activate.Status = Manual
		return []Step{made, activate.because(it, en)}, nil
	}
	switch {
	case state(api.PurposeWaitingForApproval):
		return manual("la finalità attende l'approvazione dell'erogatore: supera la soglia", "the purpose waits for the producer's approval: it is over the threshold")
	case state(api.PurposeActive):
		return a.load(ctx, r, all, p, []Step{made, activate})
	case state(api.PurposeDraft):
		activate.Status = Todo
		return []Step{made, activate.doing(func(ctx context.Context, w Writer) (result, error) {
			_, err := w.ActivatePurpose(ctx, p.ID, a.delegationID)
			return result{object: p.ID, eservice: a.eservice.ID, purpose: p.ID}, err
		})}, nil
	default:
		return manual("la finalità è sospesa, respinta o archiviata: vedere su PDND", "the purpose is suspended, rejected or archived: see PDND")
	}
}

// load declares another number of daily calls, when the sheet has one.
func (a *access) load(ctx context.Context, r Reader, all []api.Purpose, p api.Purpose, steps []Step) ([]Step, error) {
	if p.CurrentVersion == nil || p.CurrentVersion.DailyCalls == a.sheet.DailyCalls {
		return steps, nil
	}
	change := a.step(PurposeVersion, a.target, Todo, a.ids(), number("dailyCalls", a.sheet.DailyCalls))
	change.act.Object, change.act.Approval = p.ID, a.sheet.approval()
	lacks := a.sheet.declared(a.eservice.PersonalData, a.Clock())
	if lacks == (modi.Text{}) {
		var err error
		if lacks, err = a.over(ctx, r, all, p.ID); err != nil {
			return nil, err
		}
	}
	if lacks != (modi.Text{}) {
		change.Status, change.Why = Held, lacks
		return append(steps, change), nil
	}
	return append(steps, change.doing(func(ctx context.Context, w Writer) (result, error) {
		_, err := w.CreatePurposeVersion(ctx, p.ID, a.sheet.DailyCalls)
		return result{object: p.ID, eservice: a.eservice.ID, purpose: p.ID}, err
	})), nil
}

// over says why the load of the sheet would exceed what the consumer may declare on the
// e-service: the sum of its active purposes, but the one named, against the threshold of the
// version its agreement is for. A certified attribute with a threshold of its own replaces
// that of the version; the largest counts. What all consumers declare together only PDND
// knows.
func (a *access) over(ctx context.Context, r Reader, all []api.Purpose, but string) (modi.Text, error) {
	version, err := r.Descriptor(ctx, a.eservice.ID, a.agreement.DescriptorID)
	if err != nil {
		return modi.Text{}, err
	}
	threshold, err := a.threshold(ctx, r, version)
	if err != nil {
		return modi.Text{}, err
	}
	var sum int64
	for _, p := range all {
		if p.ID != but && p.CurrentVersion != nil && p.CurrentVersion.State == api.PurposeActive {
			sum += p.CurrentVersion.DailyCalls
		}
	}
	if sum+a.sheet.DailyCalls <= threshold && a.sheet.DailyCalls <= version.DailyCallsTotal {
		return modi.Text{}, nil
	}
	return modi.Text{
		IT: fmt.Sprintf("dailyCalls è %d e le altre finalità attive ne dichiarano %d: la soglia del fruitore è %d, e oltre serve l'approvazione dell'erogatore. Ridurre la stima, o concordarla e crearla su PDND",
			a.sheet.DailyCalls, sum, threshold),
		EN: fmt.Sprintf("dailyCalls is %d and the other active purposes declare %d: the consumer's threshold is %d, and beyond it the producer has to approve. Lower the estimate, or agree on it and create it on PDND",
			a.sheet.DailyCalls, sum, threshold),
	}, nil
}

func (a *access) threshold(ctx context.Context, r Reader, version api.Descriptor) (int64, error) {
	groups, err := r.DescriptorAttributes(ctx, a.eservice.ID, version.ID)
	if err != nil {
		return 0, err
	}
	if len(groups) == 0 {
		return version.DailyCallsPerConsumer, nil
	}
	assigned, err := r.TenantAttributes(ctx, a.consumer)
	if err != nil {
		return 0, err
	}
	held, own := holding(assigned), int64(0)
	for _, g := range groups {
		for _, attribute := range g.Attributes {
			if held[attribute.ID] {
				own = max(own, attribute.DailyCallsPerConsumer)
			}
		}
	}
	if own > 0 {
		return own, nil
	}
	return version.DailyCallsPerConsumer, nil
}
