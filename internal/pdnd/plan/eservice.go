// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package plan

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/internal/pdnd/admin"
	"github.com/snodo-pa/snodo/internal/pdnd/api"
)

// publication is an e-service of the ente on its way to the catalogue.
type publication struct {
	*scope
	sheet      *EserviceSheet
	target     string
	id         string // "" while there is none
	ours       bool   // Snodo made it
	service    api.Eservice
	descriptor api.Descriptor
	drafted    bool // the latest version is a draft
}

// eserviceSteps are the steps from a sheet to a published e-service.
func (s *scope) eserviceSteps(ctx context.Context, r Reader, sheet *EserviceSheet) ([]Step, error) {
	p := &publication{scope: s, sheet: sheet, target: "eservice/" + sheet.Recipe}
	create, err := p.find(ctx, r)
	if err != nil {
		return nil, err
	}
	if create.Status == Manual {
		return []Step{create}, nil
	}
	steps := []Step{create}
	if p.id == "" {
		return append(steps,
			p.step(InterfaceUpload, p.target, Later, result{}, p.interfaceValues()...),
			p.step(Publish, p.target, Later, result{}),
			p.step(KeychainLink, p.target, Later, result{}, Value{"keychain", p.ente.Keychains[sheet.Keychain].ID})), nil
	}
	for _, next := range []func(context.Context, Reader) ([]Step, error){p.changes, p.publish, p.link, p.copied} {
		more, err := next(ctx, r)
		if err != nil {
			return nil, err
		}
		steps = append(steps, more...)
	}
	return steps, nil
}

// find looks for the e-service: the one the folder names, else the one Snodo made. One with
// the same name that nobody told of is left alone.
func (p *publication) find(ctx context.Context, r Reader) (Step, error) {
	create := p.step(EserviceCreate, p.target, Done, result{}, p.values()...)
	if x := p.ente.Exposes[p.sheet.Recipe]; x != nil && x.Environment == p.environment {
		p.id = x.EserviceID
	} else {
		p.id = p.made.object(p.target, EserviceCreate)
	}
	if p.id != "" {
		create.Values, create.act.Object = []Value{{"eserviceId", p.id}}, p.id
		p.ours = p.made.created(p.id)
		return create, p.read(ctx, r)
	}
	named, err := r.Eservices(ctx, api.EserviceFilter{ProducerIDs: []string{p.tenant}, Name: p.sheet.Name})
	if err != nil {
		return create, err
	}
	named = slices.DeleteFunc(named, func(e api.Eservice) bool { return !strings.EqualFold(e.Name, p.sheet.Name) })
	if len(named) == 0 {
		create.Status = Todo
		return create.doing(p.create), nil
	}
	if p.made.interrupted(p.target, EserviceCreate) {
		ours, err := p.asWritten(ctx, r, named[0])
		if err != nil {
			return create, err
		}
		if ours {
			create.Status = Todo
			return create.recorded(named[0].ID), nil
		}
	}
	create.Status, create.Values = Manual, []Value{{"eserviceId", named[0].ID}}
	return create.because("su PDND c'è già un e-service con questo nome, che Snodo non ha fatto: se è questo, indicarlo in exposes.yaml",
		"there is already an e-service of that name on PDND, which Snodo did not make: if it is this one, name it in exposes.yaml"), nil
}

// asWritten tells whether an e-service is what the interrupted act was to make: still a
// draft, and as the sheet describes it.
func (p *publication) asWritten(ctx context.Context, r Reader, e api.Eservice) (bool, error) {
	list, err := r.Descriptors(ctx, e.ID, "")
	return err == nil && len(list) == 1 && list[0].State == api.DescriptorDraft && e.Description == p.sheet.Description &&
		slices.Equal(list[0].Audience, []string{p.sheet.Audience}), err
}

func (p *publication) read(ctx context.Context, r Reader) error {
	var err error
	if p.service, err = r.Eservice(ctx, p.id); err != nil {
		return err
	}
	list, err := r.Descriptors(ctx, p.id, "")
	if err != nil {
		return err
	}
	p.descriptor, _ = newest(list, func(d api.Descriptor) bool { return d.State != api.DescriptorArchived })
	p.drafted = p.descriptor.State == api.DescriptorDraft
	return nil
}

func (p *publication) values() []Value {
	s := p.sheet
	return []Value{
		{"name", s.Name},
		{"description", s.Description},
		{"technology", "REST"},
		{"mode", "DELIVER"},
		flag("personalData", *s.PersonalData),
		flag("isConsumerDelegable", s.IsConsumerDelegable), flag("isClientAccessDelegable", s.IsClientAccessDelegable),
		{"audience", s.Audience},
		number("voucherLifespan", s.VoucherLifespan), number("dailyCallsPerConsumer", s.DailyCallsPerConsumer),
		number("dailyCallsTotal", s.DailyCallsTotal),
		{"agreementApprovalPolicy", s.AgreementApprovalPolicy},
	}
}

func (p *publication) create(ctx context.Context, w Writer) (result, error) {
	s := p.sheet
	made, err := w.CreateEservice(ctx, admin.EserviceSeed{
		Name: s.Name, Description: s.Description, Technology: "REST", Mode: "DELIVER", PersonalData: s.PersonalData,
		IsConsumerDelegable: &s.IsConsumerDelegable, IsClientAccessDelegable: &s.IsClientAccessDelegable,
		Descriptor: admin.DescriptorSeed{
			Description: s.Version, Audience: []string{s.Audience}, VoucherLifespan: s.VoucherLifespan,
			DailyCallsPerConsumer: s.DailyCallsPerConsumer, DailyCallsTotal: s.DailyCallsTotal, AgreementApprovalPolicy: s.AgreementApprovalPolicy,
		},
	})
	return result{object: made.ID, eservice: made.ID}, err
}

// ids are those of the e-service and of its latest version.
func (p *publication) ids() result {
	return result{object: p.descriptor.ID, eservice: p.id, descriptor: p.descriptor.ID}
}

// change is a step that only the maker of the e-service may take.
func (p *publication) change(action string, do func(context.Context, Writer) (result, error), values ...Value) Step {
	st := p.step(action, p.target, Todo, p.ids(), values...)
	if !p.ours {
		st.Status = Manual
		return st.because("l'e-service non è stato fatto da Snodo: modificarlo su PDND con questi valori, o correggere il file",
			"the e-service was not made by Snodo: change it on PDND to these values, or correct the file")
	}
	return st.doing(do)
}

// interfaceFile is the recipe's OpenAPI document with the address of the ente as its server.
func (p *publication) interfaceFile() api.File {
	content := withServer(p.Config.Exposes[p.sheet.Recipe].Document, p.sheet.PublicURL)
	return api.File{Name: p.sheet.Recipe + ".openapi.yaml", PrettyName: "Interfaccia", ContentType: "application/yaml", Content: content}
}

func (p *publication) interfaceValues() []Value {
	sum := sha256.Sum256(p.interfaceFile().Content)
	return []Value{{"server", p.sheet.PublicURL}, {"sha256", hex.EncodeToString(sum[:])}}
}

// publish uploads the interface and publishes the version.
func (p *publication) publish(ctx context.Context, r Reader) ([]Step, error) {
	upload := p.step(InterfaceUpload, p.target, Done, p.ids(), p.interfaceValues()...)
	there, err := r.Interface(ctx, p.id, p.descriptor.ID)
	missing := errors.Is(err, api.ErrNotFound)
	if err != nil && !missing {
		return nil, err
	}
	file := p.interfaceFile()
	same := !missing && bytes.Equal(there.Content, file.Content)
	switch {
	case same:
	case p.drafted:
		upload = p.change(InterfaceUpload, func(ctx context.Context, w Writer) (result, error) {
			if !missing {
				if err := w.DeleteInterface(ctx, p.id, p.descriptor.ID); err != nil && !errors.Is(err, api.ErrNotFound) {
					return p.ids(), err
				}
			}
			_, err := w.UploadInterface(ctx, p.id, p.descriptor.ID, file)
			return p.ids(), err
		}, p.interfaceValues()...)
	default:
		upload.Status = Manual
		upload = upload.because("l'interfaccia pubblicata è un'altra: una versione pubblicata non si modifica, crearne una nuova su PDND",
			"the published interface is another: a published version is not changed, make a new one on PDND")
	}
	published := p.step(Publish, p.target, Done, p.ids())
	switch {
	case p.descriptor.State == api.DescriptorWaitingForApproval:
		published.Status = Manual
		published = published.because("la versione attende l'approvazione del delegante su PDND", "the version waits for the delegator's approval on PDND")
	case p.drafted && upload.Status == Done:
		published = p.change(Publish, func(ctx context.Context, w Writer) (result, error) {
			_, err := w.PublishDescriptor(ctx, p.id, p.descriptor.ID)
			return p.ids(), err
		})
	case p.drafted:
		published.Status = Later
	case p.descriptor.State != api.DescriptorPublished:
		published.Status = Manual
		published = published.because("lo stato della versione è "+string(p.descriptor.State), "the state of the version is "+string(p.descriptor.State))
	}
	return []Step{upload, published}, nil
}

// link gives the e-service its keychain: a link is Snodo's own, whoever made the two.
func (p *publication) link(ctx context.Context, r Reader) ([]Step, error) {
	keychain := p.ente.Keychains[p.sheet.Keychain].ID
	linked, err := r.KeychainEservices(ctx, keychain)
	if err != nil {
		return nil, err
	}
	st := p.step(KeychainLink, p.target, Done, result{object: keychain, eservice: p.id}, Value{"keychain", keychain})
	if slices.ContainsFunc(linked, func(e api.Eservice) bool { return e.ID == p.id }) {
		return []Step{st}, nil
	}
	st.Status = Todo
	return []Step{st.doing(func(ctx context.Context, w Writer) (result, error) {
		return result{object: keychain, eservice: p.id}, w.LinkEservice(ctx, keychain, p.id)
	})}, nil
}

// copied asks for the binding, which holds the ids that PDND gave.
func (p *publication) copied(context.Context, Reader) ([]Step, error) {
	x := p.ente.Exposes[p.sheet.Recipe]
	if x != nil && x.Environment == p.environment && slices.Contains(x.DescriptorIDs, p.descriptor.ID) {
		return nil, nil
	}
	st := p.step(Copy, p.target, Manual, result{}, Value{"recipe", p.sheet.Recipe}, Value{"environment", p.environment},
		Value{"eserviceId", p.id}, Value{"descriptorIds", p.descriptor.ID}, Value{"audience", p.sheet.Audience},
		Value{"keychain", p.sheet.Keychain}, Value{"publicURL", p.sheet.PublicURL})
	return []Step{st.because("copiare in exposes.yaml", "copy into exposes.yaml")}, nil
}
