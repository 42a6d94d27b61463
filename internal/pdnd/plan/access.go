// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package plan

import (
	"context"
	"slices"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/pdnd/admin"
	"github.com/snodo-pa/snodo/internal/pdnd/api"
)

// access is the use of an e-service by an ente on its way to a voucher.
type access struct {
	*scope
	sheet        *PurposeSheet
	target       string
	consumer     string // tenant: the delegator, when there is a delegation
	delegationID string
	client       config.Client
	eservice     api.Eservice
	version      api.Descriptor // the newest published one
	agreement    api.Agreement
	active       bool // the agreement
	purposeID    string
}

// accessSteps are the steps from a sheet to a client that may ask for vouchers.
func (s *scope) accessSteps(ctx context.Context, r Reader, sheet *PurposeSheet, titles []Title) ([]Step, error) {
	binding := sheet.binding()
	a := &access{scope: s, sheet: sheet, target: "purpose/" + sheet.name, delegationID: binding.Delegation()}
	_, a.consumer = s.Config.ConsumerOf(s.ente, binding)
	a.client, _ = s.Config.ClientOf(s.ente, binding)
	held, err := a.open(ctx, r, titles)
	if err != nil || held != nil {
		return held, err
	}
	steps, err := a.request(ctx, r)
	if err != nil {
		return nil, err
	}
	declared, err := a.declare(ctx, r)
	if err != nil {
		return nil, err
	}
	linked, err := a.link(ctx, r)
	if err != nil {
		return nil, err
	}
	return slices.Concat(steps, declared, linked, a.copied()), nil
}

// open finds the e-service and whether the titolo allows its use. The steps it returns stand
// in the way of all others.
func (a *access) open(ctx context.Context, r Reader, titles []Title) ([]Step, error) {
	id := a.Config.Consumes[a.sheet.Recipe].Environments[a.environment].EserviceID
	stop := func(st Step) ([]Step, error) { return []Step{st}, nil }
	if id == "" {
		st := a.step(AgreementCreate, a.target, Manual, result{})
		return stop(st.because("la ricetta non dice l'id dell'e-service in questo ambiente: leggerlo nel catalogo di PDND e scriverlo nella ricetta",
			"the recipe does not say the id of the e-service in this environment: read it in PDND's catalogue and write it in the recipe"))
	}
	for i := range titles {
		if o, known := titles[i].allows(a.sheet.Titolo); titles[i].Recipe == a.sheet.Recipe && known && !o.Possible {
			st := a.step(AgreementCreate, a.target, Held, result{eservice: id}, Value{"titolo", a.sheet.Titolo})
			return stop(st.because("il titolo non è possibile: "+o.Why.IT, "the titolo is not possible: "+o.Why.EN))
		}
	}
	var err error
	if a.eservice, err = r.Eservice(ctx, id); err != nil {
		return nil, err
	}
	list, err := r.Descriptors(ctx, id, api.DescriptorPublished)
	if err != nil {
		return nil, err
	}
	var published bool
	if a.version, published = newest(list, func(api.Descriptor) bool { return true }); !published {
		st := a.step(AgreementCreate, a.target, Held, result{eservice: id})
		return stop(st.because("l'e-service non ha una versione pubblicata", "the e-service has no published version"))
	}
	return a.delegation(ctx, r)
}

// delegation checks that the delegation of the titolo is in force for this e-service.
func (a *access) delegation(ctx context.Context, r Reader) ([]Step, error) {
	if a.delegationID == "" {
		return nil, nil
	}
	list, err := r.Delegations(ctx, api.ConsumerDelegation, api.DelegationFilter{
		EserviceIDs: []string{a.eservice.ID}, DelegatorIDs: []string{a.consumer},
	})
	if err != nil {
		return nil, err
	}
	for _, d := range list {
		if d.ID == a.delegationID && d.State == api.DelegationActive {
			return nil, nil
		}
	}
	st := a.step(AgreementCreate, a.target, Manual, a.ids(), Value{"delega", a.delegationID}, Value{"delegante", a.consumer}, Value{"eserviceId", a.eservice.ID})
	return []Step{st.because("la delega non è attiva per questo e-service: conferirla e accettarla su PDND, poi scriverne l'id nel titolo",
		"the delegation is not active for this e-service: give and accept it on PDND, then write its id in the titolo")}, nil
}

func (a *access) ids() result {
	return result{object: a.agreement.ID, eservice: a.eservice.ID, descriptor: a.version.ID, purpose: a.purposeID}
}

// request asks the producer for access.
func (a *access) request(ctx context.Context, r Reader) ([]Step, error) {
	list, err := r.Agreements(ctx, api.AgreementFilter{ConsumerIDs: []string{a.consumer}, EserviceIDs: []string{a.eservice.ID}})
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(g api.Agreement) bool {
		return g.State == api.AgreementArchived || g.State == api.AgreementRejected
	})
	values := []Value{{"eserviceId", a.eservice.ID}, {"descriptorId", a.version.ID}, {"consumer", a.consumer}}
	create := a.step(AgreementCreate, a.target, Todo, a.ids(), values...)
	submit := a.step(AgreementSubmit, a.target, Later, a.ids(), Value{"consumerNotes", a.sheet.ConsumerNotes})
	if len(list) == 0 {
		return []Step{create.doing(func(ctx context.Context, w Writer) (result, error) {
			made, err := w.CreateAgreement(ctx, admin.AgreementSeed{EserviceID: a.eservice.ID, DescriptorID: a.version.ID, DelegationID: a.delegationID})
			return result{object: made.ID, eservice: a.eservice.ID, descriptor: a.version.ID}, err
		}), submit}, nil
	}
	a.agreement = list[0]
	a.active = a.agreement.State == api.AgreementActive
	ours := a.made.created(a.agreement.ID)
	if !ours && a.agreement.State == api.AgreementDraft && a.made.interrupted(a.target, AgreementCreate) && a.agreement.DescriptorID == a.version.ID {
		return []Step{create.recorded(a.agreement.ID), submit}, nil
	}
	create.Status, create.Values, create.act.Object = Done, []Value{{"agreementId", a.agreement.ID}}, a.agreement.ID
	submit.act.Object = a.agreement.ID
	switch a.agreement.State {
	case api.AgreementActive:
		submit.Status = Done
	case api.AgreementDraft:
		submit.Status = Manual
		submit = submit.because("la richiesta è una bozza che Snodo non ha fatto: inoltrarla su PDND", "the request is a draft that Snodo did not make: submit it on PDND")
		if ours {
			submit.Status, submit.Why = Todo, create.Why
			submit = submit.doing(func(ctx context.Context, w Writer) (result, error) {
				_, err := w.SubmitAgreement(ctx, a.agreement.ID, a.sheet.ConsumerNotes)
				return a.ids(), err
			})
		}
	case api.AgreementPending:
		submit.Status = Manual
		submit = submit.because("la richiesta attende l'erogatore", "the request waits for the producer")
	default:
		submit.Status = Manual
		submit = submit.because("la richiesta è nello stato "+string(a.agreement.State)+": vedere su PDND", "the request is in state "+string(a.agreement.State)+": see PDND")
	}
	return []Step{create, submit}, nil
}

// link lets the client use the purpose.
func (a *access) link(ctx context.Context, r Reader) ([]Step, error) {
	st := a.step(ClientLink, a.target, Later, result{purpose: a.purposeID, eservice: a.eservice.ID}, Value{"clientId", a.client.ID})
	st.act.Client = a.client.ID
	if a.purposeID == "" {
		return []Step{st}, nil
	}
	linked, err := r.ClientPurposes(ctx, a.client.ID)
	if err != nil {
		return nil, err
	}
	purpose, err := r.Purpose(ctx, a.purposeID)
	if err != nil {
		return nil, err
	}
	ready := purpose.CurrentVersion != nil && (purpose.CurrentVersion.State == api.PurposeActive || purpose.CurrentVersion.State == api.PurposeSuspended)
	switch {
	case slices.ContainsFunc(linked, func(p api.Purpose) bool { return p.ID == a.purposeID }):
		st.Status = Done
	case ready:
		st.Status = Todo
		st = st.doing(func(ctx context.Context, w Writer) (result, error) {
			return result{object: a.client.ID, purpose: a.purposeID}, w.LinkPurpose(ctx, a.client.ID, a.purposeID)
		})
	}
	return []Step{st}, nil
}

// copied asks for the purposeId in a procedimento.
func (a *access) copied() []Step {
	if a.purposeID == "" {
		return nil
	}
	for _, p := range a.ente.Procedimenti {
		if p.Purposes[a.sheet.Recipe] == a.purposeID {
			return nil
		}
	}
	st := a.step(Copy, a.target, Manual, result{}, Value{"purposes." + a.sheet.Recipe, a.purposeID})
	return []Step{st.because("copiare nel procedimento, e collegare la ricetta in consumes.yaml", "copy into the procedimento, and bind the recipe in consumes.yaml")}
}
