// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package platform

import (
	"errors"
	"testing"

	"github.com/snodo-pa/snodo/mocks/pdnd/events"
)

// codeOf is what an operation ended with: the code of a problem, or nothing.
func codeOf(t *testing.T, err error) string {
	t.Helper()
	var problem *Problem
	switch {
	case err == nil:
		return ""
	case errors.As(err, &problem):
		return problem.Service + "-" + problem.Code
	default:
		t.Fatalf("not a problem: %v", err)
		return ""
	}
}

// TestAgreementOperationsByState tries every operation in every state.
func TestAgreementOperationsByState(t *testing.T) {
	states := []string{StateDraft, StatePending, Active, StateSuspended, StateArchived, StateRejected, StateMissingCertifiedAttribute}
	operations := map[string]struct {
		who int
		run func(p *Platform, a Actor, id string) error
		// want is the code by state, in the order above.
		want [7]string
	}{
		"submit": {consumer, func(p *Platform, a Actor, id string) error {
			_, err := p.SubmitAgreement(a, id, "")
			return err
		}, [7]string{"", "002-0003", "002-0003", "002-0003", "002-0003", "002-0003", "002-0003"}},
		"approve": {producer, func(p *Platform, a Actor, id string) error {
			_, err := p.ApproveAgreement(a, id, "")
			return err
		}, [7]string{"-0014", "", "-0014", "-0014", "-0014", "-0014", "-0014"}},
		"reject": {producer, func(p *Platform, a Actor, id string) error {
			_, err := p.RejectAgreement(a, id, "x")
			return err
		}, [7]string{"002-0003", "", "002-0003", "002-0003", "002-0003", "002-0003", "002-0003"}},
		"suspend": {producer, func(p *Platform, a Actor, id string) error {
			_, err := p.SuspendAgreement(a, id, "")
			return err
		}, [7]string{"002-0003", "002-0003", "", "", "002-0003", "002-0003", "002-0003"}},
		"unsuspend": {consumer, func(p *Platform, a Actor, id string) error {
			_, err := p.UnsuspendAgreement(a, id, "")
			return err
		}, [7]string{"-0013", "-0013", "-0013", "", "-0013", "-0013", "-0013"}},
		"upgrade": {consumer, func(p *Platform, a Actor, id string) error {
			_, err := p.UpgradeAgreement(a, id)
			return err
		}, [7]string{"002-0003", "002-0003", "002-0011", "002-0011", "002-0003", "002-0003", "002-0003"}},
		"clone": {consumer, func(p *Platform, a Actor, id string) error {
			_, err := p.CloneAgreement(a, id)
			return err
		}, [7]string{"002-0003", "002-0003", "002-0003", "002-0003", "002-0003", "", "002-0003"}},
		"archive": {consumer, func(p *Platform, a Actor, id string) error {
			_, err := p.ArchiveAgreement(a, id)
			return err
		}, [7]string{"002-0003", "002-0003", "", "", "002-0003", "002-0003", "002-0003"}},
		"delete": {consumer, func(p *Platform, a Actor, id string) error {
			return p.DeleteAgreement(a, id)
		}, [7]string{"", "", "002-0003", "002-0003", "002-0003", "002-0003", ""}},
	}
	for name, op := range operations {
		for i, state := range states {
			t.Run(name+" in "+state, func(t *testing.T) {
				f := newFixture(t)
				g := f.Agreements(id(consumer))[0]
				f.agreements.get(g.ID).State = state
				if got := codeOf(t, op.run(f.Platform, f.actor(op.who), g.ID)); got != op.want[i] {
					t.Errorf("%q, expected %q", got, op.want[i])
				}
			})
		}
	}
}

// TestPurposeOperationsByState tries every operation in every state of the only version.
func TestPurposeOperationsByState(t *testing.T) {
	states := []string{StateDraft, StateWaitingForApproval, Active, StateSuspended, StateArchived, StateRejected}
	on := func(op func(p *Platform, a Actor, id, delegationID string) (PurposeRecord, error)) func(p *Platform, a Actor, id string) error {
		return func(p *Platform, a Actor, id string) error {
			_, err := op(p, a, id, "")
			return err
		}
	}
	title := "un titolo nuovo"
	operations := map[string]struct {
		who  int
		run  func(p *Platform, a Actor, id string) error
		want [6]string
	}{
		"activate":  {consumer, on((*Platform).ActivatePurpose), [6]string{"004-0024", "-0015", "-0015", "-0015", "-0015", "-0015"}},
		"approve":   {producer, on((*Platform).ApprovePurpose), [6]string{"004-0007", "", "-0015", "-0015", "-0015", "-0015"}},
		"suspend":   {producer, on((*Platform).SuspendPurpose), [6]string{"004-0007", "-0016", "", "", "-0016", "-0016"}},
		"unsuspend": {consumer, on((*Platform).UnsuspendPurpose), [6]string{"-0015", "-0015", "-0015", "", "-0015", "-0015"}},
		"archive": {consumer, func(p *Platform, a Actor, id string) error {
			_, err := p.ArchivePurpose(a, id)
			return err
		}, [6]string{"-0016", "-0016", "", "", "-0016", "-0016"}},
		"new version": {consumer, func(p *Platform, a Actor, id string) error {
			_, err := p.AddVersion(a, id, 7)
			return err
		}, [6]string{"004-0025", "004-0025", "", "", "004-0030", "004-0030"}},
		"patch": {consumer, func(p *Platform, a Actor, id string) error {
			_, err := p.UpdatePurpose(a, id, PurposePatch{Title: &title})
			return err
		}, [6]string{"", "004-0015", "004-0015", "004-0015", "004-0015", "004-0015"}},
		"delete": {consumer, func(p *Platform, a Actor, id string) error {
			return p.DeletePurpose(a, id)
		}, [6]string{"", "", "004-0017", "004-0017", "004-0017", "004-0017"}},
		"link a client": {consumer, func(p *Platform, a Actor, id string) error {
			return p.LinkPurpose(a, p.Clients(a.TenantID)[0].ID, id)
		}, [6]string{"006-0010", "006-0010", "", "", "006-0010", "006-0010"}},
	}
	for name, op := range operations {
		for i, state := range states {
			t.Run(name+" in "+state, func(t *testing.T) {
				f := newFixture(t)
				r := f.purposes.get(id(purposeID))
				r.Versions[0].State, r.ByConsumer = state, true
				delete(r.Links, id(client))
				if got := codeOf(t, op.run(f.Platform, f.actor(op.who), id(purposeID))); got != op.want[i] {
					t.Errorf("%q, expected %q", got, op.want[i])
				}
			})
		}
	}
}

// TestDescriptorOperationsByState tries every operation in every state.
func TestDescriptorOperationsByState(t *testing.T) {
	states := []DescriptorState{Draft, WaitingForApproval, Published, Deprecated, Suspended, Archived, Archiving, ArchivingSuspended}
	on := func(op func(p *Platform, a Actor, eserviceID, id string) (Descriptor, error)) func(p *Platform, a Actor) error {
		return func(p *Platform, a Actor) error {
			_, err := op(p, a, id(eservice), id(version))
			return err
		}
	}
	lifespan := 120
	wrong := "001-0003"
	operations := map[string]struct {
		run  func(p *Platform, a Actor) error
		want [8]string
	}{
		"publish":   {on((*Platform).PublishDescriptor), [8]string{"001-0002", wrong, wrong, wrong, wrong, wrong, wrong, wrong}},
		"suspend":   {on((*Platform).SuspendDescriptor), [8]string{wrong, wrong, "", "", wrong, wrong, wrong, wrong}},
		"unsuspend": {on((*Platform).UnsuspendDescriptor), [8]string{wrong, wrong, wrong, wrong, "", wrong, wrong, wrong}},
		"approve": {func(p *Platform, a Actor) error {
			_, err := p.DecideDescriptor(a, id(eservice), id(version), true)
			return err
		}, [8]string{wrong, "", wrong, wrong, wrong, wrong, wrong, wrong}},
		"quotas": {func(p *Platform, a Actor) error {
			_, err := p.UpdateQuotas(a, id(eservice), id(version), DescriptorPatch{VoucherLifespan: &lifespan})
			return err
		}, [8]string{wrong, wrong, "", "", "", wrong, wrong, wrong}},
		"patch": {func(p *Platform, a Actor) error {
			_, err := p.UpdateDescriptor(a, id(eservice), id(version), DescriptorPatch{VoucherLifespan: &lifespan})
			return err
		}, [8]string{"", wrong, wrong, wrong, wrong, wrong, wrong, wrong}},
		"delete": {func(p *Platform, a Actor) error {
			return p.DeleteDescriptor(a, id(eservice), id(version))
		}, [8]string{"-0029", wrong, wrong, wrong, wrong, wrong, wrong, wrong}},
		"interface": {func(p *Platform, a Actor) error {
			_, err := p.SetInterface(a, id(eservice), id(version), FileSeed{Content: []byte("openapi: 3.0.0\nservers:\n - url: https://a\n")})
			return err
		}, [8]string{"", wrong, wrong, wrong, wrong, wrong, wrong, wrong}},
		"group of attributes": {func(p *Platform, a Actor) error {
			_, err := p.AddCertifiedGroup(a, id(eservice), id(version), []string{id(attributeID)})
			return err
		}, [8]string{"", wrong, wrong, wrong, wrong, wrong, wrong, wrong}},
		"another version": {func(p *Platform, a Actor) error {
			_, err := p.CreateDescriptor(a, id(eservice), DescriptorSeed{Audience: []string{"a"}, DailyCallsPerConsumer: 1, DailyCallsTotal: 1})
			return err
		}, [8]string{"001-0006", "001-0006", "", "", "", "", "", ""}},
	}
	for name, op := range operations {
		for i, state := range states {
			t.Run(name+" in "+string(state), func(t *testing.T) {
				f := newFixture(t)
				f.descriptors.get(id(version)).State = state
				if got := codeOf(t, op.run(f.Platform, f.actor(producer))); got != op.want[i] {
					t.Errorf("%q, expected %q", got, op.want[i])
				}
			})
		}
	}
}

// TestWhoMaySee tries every object with each of three tenants.
func TestWhoMaySee(t *testing.T) {
	f := newFixture(t)
	g := f.Agreements(id(consumer))[0].ID
	must(t, f.AddDelegation(Delegation{ID: id(50), Kind: ConsumerDelegation, DelegatorID: id(consumer), DelegateID: id(other), EserviceID: id(delegable)}))
	must(t, f.AddPurpose(Purpose{ID: id(51), ConsumerID: id(consumer), DescriptorID: id(delegableVersion), DelegationID: id(50)}))
	must(t, f.AddPurpose(Purpose{ID: id(52), ConsumerID: id(consumer), DescriptorID: id(version), State: StateDraft}))
	for name, c := range map[string]struct {
		see                       func(a Actor) error
		consumer, producer, other string
	}{
		"a published e-service": {func(a Actor) error { _, err := f.SeeEservice(a, id(eservice)); return err }, "", "", ""},
		"its descriptor":        {func(a Actor) error { _, err := f.SeeDescriptor(a, id(eservice), id(version)); return err }, "", "", ""},
		"another's descriptor":  {func(a Actor) error { _, err := f.SeeDescriptor(a, id(delegable), id(version)); return err }, "-0010", "-0010", "-0010"},
		"an agreement":          {func(a Actor) error { _, err := f.SeeAgreement(a, g); return err }, "", "", "002-0007"},
		"a purpose":             {func(a Actor) error { _, err := f.SeePurpose(a, id(purposeID)); return err }, "", "", "004-0007"},
		"a draft purpose":       {func(a Actor) error { _, err := f.SeePurpose(a, id(52)); return err }, "", "004-0007", "004-0007"},
		"a delegated purpose":   {func(a Actor) error { _, err := f.SeePurpose(a, id(51)); return err }, "", "", ""},
		"what is left of it":    {func(a Actor) error { _, err := f.Remaining(a, id(51)); return err }, "", "004-0027", ""},
		"a delegation": {func(a Actor) error {
			_, err := f.SeeDelegation(a, ConsumerDelegation, id(50))
			return err
		}, "", "010-0001", ""},
		"a delegation of another kind": {func(a Actor) error {
			_, err := f.SeeDelegation(a, ProducerDelegation, id(50))
			return err
		}, "010-0001", "010-0001", "010-0001"},
		"the keys of a client":   {func(a Actor) error { _, err := f.OwnClientKeys(a, id(client)); return err }, "", "006-0002", "006-0002"},
		"the keys of a keychain": {func(a Actor) error { _, err := f.OwnKeychainKeys(a, id(keychain)); return err }, "006-0019", "", "006-0019"},
		"links of a keychain":    {func(a Actor) error { _, err := f.KeychainEservices(a, id(keychain)); return err }, "006-0019", "", "006-0019"},
		"links of a client":      {func(a Actor) error { _, err := f.ClientPurposes(a, id(client)); return err }, "", "006-0002", "006-0002"},
		"an agreement's purpose": {func(a Actor) error { _, err := f.PurposeAgreement(a, id(purposeID)); return err }, "", "", "004-0007"},
		"nobody's client":        {func(Actor) error { _, err := f.SeeClient(id(unknown)); return err }, "006-0001", "006-0001", "006-0001"},
		"nobody's keychain":      {func(Actor) error { _, err := f.SeeKeychain(id(unknown)); return err }, "006-0018", "006-0018", "006-0018"},
	} {
		t.Run(name, func(t *testing.T) {
			for tenant, want := range map[int]string{consumer: c.consumer, producer: c.producer, other: c.other} {
				if got := codeOf(t, c.see(f.actor(tenant))); got != want {
					t.Errorf("tenant %d: %q, expected %q", tenant, got, want)
				}
			}
		})
	}
	if n := len(f.Delegations(id(other))); n != 1 {
		t.Errorf("%d delegations", n)
	}
}

// TestEventOfEachOperation runs one life of everything and reads what it left behind.
func TestEventOfEachOperation(t *testing.T) {
	f := newFixture(t)
	p, c := f.actor(producer), f.actor(consumer)
	c.AdminID = id(admin)
	last := func(feed events.Feed) string {
		all := f.Log().All(feed)
		return all[len(all)-1].Type
	}
	e, err := f.CreateEservice(p, EserviceSeed{Name: "nuovo", Technology: "REST", Mode: "DELIVER", PersonalData: new(bool), Descriptor: DescriptorSeed{
		Audience: []string{"a"}, DailyCallsPerConsumer: 5, DailyCallsTotal: 5, AgreementApprovalPolicy: Manual,
	}})
	must(t, err)
	d := f.Descriptors(e.ID)[0].ID
	var g Agreement
	steps := []struct {
		feed events.Feed
		want string
		run  func() error
	}{
		{events.EserviceEvents, "ESERVICE_DESCRIPTOR_INTERFACE_ADDED", func() error {
			_, err := f.SetInterface(p, e.ID, d, FileSeed{Content: []byte(`{"openapi":"3.0.0","servers":[{"url":"https://a"}]}`)})
			return err
		}},
		{events.EserviceEvents, "ESERVICE_DESCRIPTOR_INTERFACE_DELETED", func() error { return f.DeleteInterface(p, e.ID, d) }},
		{events.EserviceEvents, "ESERVICE_DESCRIPTOR_INTERFACE_ADDED", func() error {
			_, err := f.SetInterface(p, e.ID, d, FileSeed{Content: []byte(`{"openapi":"3.0.0","servers":[{"url":"https://a"}]}`)})
			return err
		}},
		{events.EserviceEvents, "ESERVICE_DESCRIPTOR_DOCUMENT_ADDED", func() error {
			_, err := f.AddDocument(p, e.ID, d, FileSeed{Name: "a"})
			return err
		}},
		{events.EserviceEvents, "ESERVICE_DRAFT_DESCRIPTOR_UPDATED", func() error {
			_, err := f.UpdateDescriptor(p, e.ID, d, DescriptorPatch{})
			return err
		}},
		{events.EserviceEvents, "DRAFT_ESERVICE_UPDATED", func() error {
			_, err := f.UpdateEservice(p, e.ID, EservicePatch{})
			return err
		}},
		{events.EserviceEvents, "ESERVICE_DESCRIPTOR_PUBLISHED", func() error {
			_, err := f.PublishDescriptor(p, e.ID, d)
			return err
		}},
		{events.AgreementEvents, "AGREEMENT_ADDED", func() error {
			var err error
			g, err = f.CreateAgreement(c, e.ID, d, "")
			return err
		}},
		{events.AgreementEvents, "AGREEMENT_SUBMITTED", func() error {
			_, err := f.SubmitAgreement(c, g.ID, "")
			return err
		}},
		{events.AgreementEvents, "AGREEMENT_ACTIVATED", func() error {
			_, err := f.ApproveAgreement(p, g.ID, "")
			return err
		}},
		{events.AgreementEvents, "AGREEMENT_SUSPENDED_BY_CONSUMER", func() error {
			_, err := f.SuspendAgreement(c, g.ID, "")
			return err
		}},
		{events.AgreementEvents, "AGREEMENT_UNSUSPENDED_BY_CONSUMER", func() error {
			_, err := f.UnsuspendAgreement(c, g.ID, "")
			return err
		}},
		{events.PurposeEvents, "PURPOSE_VERSION_SUSPENDED_BY_CONSUMER", func() error {
			_, err := f.SuspendPurpose(c, id(purposeID), "")
			return err
		}},
		{events.PurposeEvents, "PURPOSE_VERSION_UNSUSPENDED_BY_CONSUMER", func() error {
			_, err := f.UnsuspendPurpose(c, id(purposeID), "")
			return err
		}},
		{events.PurposeEvents, "NEW_PURPOSE_VERSION_ACTIVATED", func() error {
			_, err := f.AddVersion(c, id(purposeID), 2)
			return err
		}},
		{events.PurposeEvents, "PURPOSE_ARCHIVED", func() error {
			_, err := f.ArchivePurpose(c, id(purposeID))
			return err
		}},
		{events.AgreementEvents, "AGREEMENT_ARCHIVED_BY_CONSUMER", func() error {
			_, err := f.ArchiveAgreement(c, g.ID)
			return err
		}},
		{events.EserviceEvents, "ESERVICE_DESCRIPTOR_SUSPENDED", func() error {
			_, err := f.SuspendDescriptor(p, e.ID, d)
			return err
		}},
		{events.EserviceEvents, "ESERVICE_DESCRIPTOR_ACTIVATED", func() error {
			_, err := f.UnsuspendDescriptor(p, e.ID, d)
			return err
		}},
		{events.ProducerKeychainEvents, "PRODUCER_KEYCHAIN_ESERVICE_ADDED", func() error {
			return f.LinkEservice(p, id(keychain), e.ID)
		}},
		{events.ProducerKeychainEvents, "PRODUCER_KEYCHAIN_ESERVICE_REMOVED", func() error {
			return f.UnlinkEservice(p, id(keychain), e.ID)
		}},
		{events.ClientEvents, "CLIENT_PURPOSE_REMOVED", func() error {
			return f.UnlinkPurpose(c, id(client), id(purposeID))
		}},
		{events.ClientEvents, "CLIENT_DELETED", func() error { return f.DeleteClient(c, id(client)) }},
		{events.ProducerKeychainEvents, "PRODUCER_KEYCHAIN_DELETED", func() error { return f.DeleteKeychain(p, id(keychain)) }},
		{events.TenantEvents, "TENANT_CERTIFIED_ATTRIBUTE_ASSIGNED", func() error {
			return f.AssignAttribute(id(consumer), id(attributeID))
		}},
		{events.TenantEvents, "TENANT_CERTIFIED_ATTRIBUTE_REVOKED", func() error {
			return f.RevokeAttribute(id(consumer), id(attributeID))
		}},
	}
	for i, step := range steps {
		before := len(f.Log().All(step.feed))
		if err := step.run(); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
		if after := len(f.Log().All(step.feed)); after != before+1 || last(step.feed) != step.want {
			t.Errorf("step %d: %d events, the last %s, expected %s", i, after-before, last(step.feed), step.want)
		}
	}
}
