// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package plan compares what the configuration folder wants on PDND with what is there, and
// carries the difference out.
//
// It owns the sheets of an ente (pdnd/eservices, pdnd/purposes), the rules by which a step is
// to be done, is done already or must be left to a person, and the order of the steps. It
// depends on config, keys and package acts, which remembers what Snodo made: an object that
// it did not make is never changed, only described. It reads and writes PDND through the
// interfaces Reader and Writer and opens no connection.
//
// A plan holds nothing of its own between two runs. Each step is found by reading PDND and
// the acts anew, so that a run that was stopped anywhere is resumed by running again.
package plan

import (
	"context"
	"time"

	"github.com/snodo-pa/snodo/internal/pdnd/acts"
	"github.com/snodo-pa/snodo/internal/pdnd/admin"
	"github.com/snodo-pa/snodo/internal/pdnd/api"
	"github.com/snodo-pa/snodo/modi"
)

// Status tells what a step needs.
type Status string

// The statuses of a step.
const (
	Done   Status = "fatto"      // nothing to do
	Todo   Status = "da fare"    // apply does it
	Later  Status = "dopo"       // apply does it, once an earlier step of its target is done
	Manual Status = "a mano"     // only a person can: on PDND's pages or in the folder
	Held   Status = "trattenuto" // it could be sent, and is not: Why says what is missing
)

// The actions, as steps and acts name them.
const (
	EserviceCreate  = "eservice/create"
	EserviceUpdate  = "eservice/update"
	QuotasUpdate    = "eservice/quotas"
	InterfaceUpload = "interface/upload"
	Publish         = "descriptor/publish"
	KeychainLink    = "keychain/link"
	AgreementCreate = "agreement/create"
	AgreementSubmit = "agreement/submit"
	PurposeCreate   = "purpose/create"
	PurposeActivate = "purpose/activate"
	PurposeVersion  = "purpose/version"
	ClientLink      = "client/link"
	ClientKeyAdd    = "client-key/add"
	KeychainKeyAdd  = "keychain-key/add"
	Copy            = "copy" // values to be written in the folder
)

// Value is something that is declared or is to be copied.
type Value struct {
	Name string `json:"nome"`
	Text string `json:"valore"`
}

// Step is one change, done or to be done.
type Step struct {
	Action string
	Target string // purpose/asilo, eservice/stato-istanza, client/servizi
	Status Status
	Values []Value
	Why    modi.Text // of Manual and Held: what to do; else what was found

	act acts.Act
	// found is the id of an object that an interrupted run made: only its outcome is missing.
	found string
	do    func(ctx context.Context, w Writer) (result, error)
}

// result is what a write gave.
type result struct{ object, eservice, descriptor, purpose string }

// Plan is what stands between the folder and PDND.
type Plan struct {
	At   time.Time
	Enti []EntePlan
}

// EntePlan is the part of one ente in one environment.
type EntePlan struct {
	Ente        string // codice IPA
	Environment string
	Titles      []Title
	Steps       []Step
}

// Pending counts the steps that apply would do.
func (p *Plan) Pending() int { return p.count(Todo) + p.count(Later) }

// Open counts the steps that wait for a person.
func (p *Plan) Open() int { return p.count(Manual) + p.count(Held) }

func (p *Plan) count(s Status) int {
	n := 0
	for _, e := range p.Enti {
		for i := range e.Steps {
			if e.Steps[i].Status == s {
				n++
			}
		}
	}
	return n
}

// Reader is what a plan reads; *api.Client and *admin.Client are the ones. Errors are those
// of package api: an *api.Error is a no, everything else a don't know.
type Reader interface {
	// Eservices lists e-services; what the filter names restricts.
	Eservices(ctx context.Context, by api.EserviceFilter) ([]api.Eservice, error)
	// Eservice is one e-service.
	Eservice(ctx context.Context, id string) (api.Eservice, error)
	// Descriptors lists the versions of an e-service, of a state or, with "", of all.
	Descriptors(ctx context.Context, eserviceID string, state api.DescriptorState) ([]api.Descriptor, error)
	// Descriptor is one version.
	Descriptor(ctx context.Context, eserviceID, id string) (api.Descriptor, error)
	// DescriptorAttributes lists what a version asks of consumers.
	DescriptorAttributes(ctx context.Context, eserviceID, descriptorID string) ([]api.AttributeGroup, error)
	// Interface is the file of a version; api.ErrNotFound when it has none.
	Interface(ctx context.Context, eserviceID, descriptorID string) (api.File, error)
	// Agreements lists requests of access.
	Agreements(ctx context.Context, by api.AgreementFilter) ([]api.Agreement, error)
	// Purposes lists purposes.
	Purposes(ctx context.Context, by api.PurposeFilter) ([]api.Purpose, error)
	// Purpose is one purpose.
	Purpose(ctx context.Context, id string) (api.Purpose, error)
	// PurposeVersions lists the loads of a purpose, drafts too.
	PurposeVersions(ctx context.Context, id string) ([]api.PurposeVersion, error)
	// ClientKeys lists the public keys of a client.
	ClientKeys(ctx context.Context, id string) ([]modi.Key, error)
	// ClientPurposes lists the purposes linked to a client.
	ClientPurposes(ctx context.Context, id string) ([]api.Purpose, error)
	// KeychainKeys lists the public keys of a keychain.
	KeychainKeys(ctx context.Context, id string) ([]modi.Key, error)
	// KeychainEservices lists the e-services linked to a keychain.
	KeychainEservices(ctx context.Context, id string) ([]api.Eservice, error)
	// TenantAttributes lists the certified attributes of a tenant, revoked ones too.
	TenantAttributes(ctx context.Context, tenantID string) ([]api.HeldAttribute, error)
	// Delegations lists delegations of a kind.
	Delegations(ctx context.Context, kind api.DelegationKind, by api.DelegationFilter) ([]api.Delegation, error)
}

// Writer is what apply writes with; *admin.Client is the one. After an error that is no
// *api.Error the write may have happened.
type Writer interface {
	// CreateEservice makes a draft with its first version.
	CreateEservice(ctx context.Context, seed admin.EserviceSeed) (api.Eservice, error)
	// UpdateDraftEservice changes an e-service that was never published.
	UpdateDraftEservice(ctx context.Context, id string, change admin.EservicePatch) (api.Eservice, error)
	// UpdateDraftDescriptor changes a version that was never published.
	UpdateDraftDescriptor(ctx context.Context, eserviceID, id string, change admin.DescriptorPatch) (api.Descriptor, error)
	// UpdateEserviceName changes the name after publication.
	UpdateEserviceName(ctx context.Context, id, name string) (api.Eservice, error)
	// UpdateEserviceDescription changes the description after publication.
	UpdateEserviceDescription(ctx context.Context, id, text string) (api.Eservice, error)
	// UpdateEserviceDelegation changes what consumers may delegate.
	UpdateEserviceDelegation(ctx context.Context, id string, consumer, clientAccess *bool) (api.Eservice, error)
	// UpdateQuotas changes life of vouchers and thresholds of a published version.
	UpdateQuotas(ctx context.Context, eserviceID, id string, q admin.Quotas) (api.Descriptor, error)
	// UploadInterface gives a draft version its interface.
	UploadInterface(ctx context.Context, eserviceID, descriptorID string, f api.File) (api.Document, error)
	// DeleteInterface takes the interface of a draft version away.
	DeleteInterface(ctx context.Context, eserviceID, descriptorID string) error
	// PublishDescriptor publishes a version.
	PublishDescriptor(ctx context.Context, eserviceID, id string) (api.Descriptor, error)
	// CreateAgreement makes a draft request of access.
	CreateAgreement(ctx context.Context, seed admin.AgreementSeed) (api.Agreement, error)
	// SubmitAgreement sends a draft request to the producer.
	SubmitAgreement(ctx context.Context, id, consumerNotes string) (api.Agreement, error)
	// CreatePurpose makes a draft purpose.
	CreatePurpose(ctx context.Context, seed admin.PurposeSeed) (api.Purpose, error)
	// ActivatePurpose declares a draft purpose.
	ActivatePurpose(ctx context.Context, id, delegationID string) (api.Purpose, error)
	// CreatePurposeVersion declares another load.
	CreatePurposeVersion(ctx context.Context, purposeID string, dailyCalls int64) (api.PurposeVersion, error)
	// AddClientKey uploads a key to a client.
	AddClientKey(ctx context.Context, clientID string, seed admin.KeySeed) (modi.Key, error)
	// LinkPurpose lets a client use a purpose.
	LinkPurpose(ctx context.Context, clientID, purposeID string) error
	// AddKeychainKey uploads a key to a keychain.
	AddKeychainKey(ctx context.Context, keychainID string, seed admin.KeySeed) (modi.Key, error)
	// LinkEservice links an e-service to a keychain.
	LinkEservice(ctx context.Context, keychainID, eserviceID string) error
}
