// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package api_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/pdnd/admin"
	"github.com/snodo-pa/snodo/internal/pdnd/api"
	"github.com/snodo-pa/snodo/internal/pdnd/pdndtest"
	mock "github.com/snodo-pa/snodo/mocks/pdnd"
	"github.com/snodo-pa/snodo/mocks/pdnd/platform"
)

const unknown = "30000000-0000-4000-8000-0000000000ff"

// both runs a test over v3 and v2.
func both(t *testing.T, test func(t *testing.T, w *pdndtest.World, c *api.Client)) {
	t.Helper()
	for _, version := range []string{"v3", "v2"} {
		t.Run(version, func(t *testing.T) {
			w := pdndtest.New(t, mock.Options{})
			c := api.New(w.Platform, w.Reader())
			if version == "v2" {
				c = api.New(w.Platform, w.ReaderV2())
			}
			test(t, w, c)
		})
	}
}

// ids runs a read and gives the ids of what came.
func ids[T any](t *testing.T, read func() ([]T, error), id func(T) string) []string {
	t.Helper()
	items, err := read()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, item := range items {
		out = append(out, id(item))
	}
	return out
}

func TestReadsTheCatalogue(t *testing.T) {
	both(t, func(t *testing.T, _ *pdndtest.World, c *api.Client) {
		ctx, yes, no := t.Context(), true, false
		by := func(f api.EserviceFilter) []string {
			return ids(t, func() ([]api.Eservice, error) { return c.Eservices(ctx, f) }, func(e api.Eservice) string { return e.ID })
		}
		want := []string{pdndtest.EserviceID}
		for name, f := range map[string]api.EserviceFilter{
			"all": {}, "producer": {ProducerIDs: []string{unknown, pdndtest.MinisteroID}}, "delegable": {IsConsumerDelegable: &yes, IsClientAccessDelegable: &yes},
			"name": {Name: "consulta", Technology: "REST", Mode: "DELIVER"},
		} {
			if diff := cmp.Diff(want, by(f)); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
		if got := by(api.EserviceFilter{IsConsumerDelegable: &no}); got != nil {
			t.Errorf("not delegable: %v", got)
		}
		e, err := c.Eservice(ctx, pdndtest.EserviceID)
		if err != nil || e.PersonalData == nil || !*e.PersonalData || !e.IsConsumerDelegable || e.ProducerID != pdndtest.MinisteroID {
			t.Errorf("e-service %+v, %v", e, err)
		}
		d, err := c.Descriptor(ctx, pdndtest.EserviceID, pdndtest.DescriptorID)
		if err != nil || d.State != api.DescriptorPublished || !d.State.Active() || d.VoucherLifespan != 600 || d.DailyCallsPerConsumer != 1000 ||
			!cmp.Equal(d.Audience, []string{pdndtest.Audience}) || d.Version != "1" {
			t.Errorf("descriptor %+v, %v", d, err)
		}
		list, err := c.Descriptors(ctx, pdndtest.EserviceID, api.DescriptorSuspended)
		if err != nil || len(list) != 0 {
			t.Errorf("suspended: %v, %v", list, err)
		}
		if _, err := c.Interface(ctx, pdndtest.EserviceID, pdndtest.DescriptorID); !errors.Is(err, api.ErrNotFound) {
			t.Errorf("interface: %v", err)
		}
	})
}

func TestReadsAgreementsAndPurposes(t *testing.T) {
	both(t, func(t *testing.T, _ *pdndtest.World, c *api.Client) {
		ctx := t.Context()
		agreements, err := c.Agreements(ctx, api.AgreementFilter{
			States: []api.AgreementState{api.AgreementActive, api.AgreementPending}, ConsumerIDs: []string{pdndtest.ComuneID},
			EserviceIDs: []string{pdndtest.EserviceID}, ProducerIDs: []string{pdndtest.MinisteroID}, DescriptorIDs: []string{pdndtest.DescriptorID},
		})
		if err != nil || len(agreements) == 0 {
			t.Fatalf("agreements %v, %v", agreements, err)
		}
		one, err := c.Agreement(ctx, agreements[0].ID)
		if diff := cmp.Diff(agreements[0], one); err != nil || diff != "" {
			t.Errorf("%v: %s", err, diff)
		}
		got := ids(t, func() ([]api.Purpose, error) {
			return c.Purposes(ctx, api.PurposeFilter{ConsumerIDs: []string{pdndtest.ComuneID}, States: []api.PurposeState{api.PurposeActive}})
		}, func(p api.Purpose) string { return p.ID })
		if diff := cmp.Diff([]string{pdndtest.PurposeID, pdndtest.DelegatedID}, got); diff != "" {
			t.Error(diff)
		}
		p, err := c.Purpose(ctx, pdndtest.DelegatedID)
		if err != nil || p.DelegationID != pdndtest.DelegationID || p.CurrentVersion == nil || p.CurrentVersion.State != api.PurposeActive || p.CurrentVersion.DailyCalls != 100 {
			t.Errorf("purpose %+v, %v", p, err)
		}
		versions, err := c.PurposeVersions(ctx, pdndtest.PurposeID)
		if err != nil || len(versions) != 1 || versions[0].DailyCalls != 100 {
			t.Errorf("versions %+v, %v", versions, err)
		}
		under, err := c.PurposeAgreement(ctx, pdndtest.PurposeID)
		if err != nil || under.EserviceID != pdndtest.EserviceID {
			t.Errorf("agreement of the purpose %+v, %v", under, err)
		}
	})
}

func TestReadsClientsAndKeychains(t *testing.T) {
	both(t, func(t *testing.T, w *pdndtest.World, c *api.Client) {
		ctx, kid := t.Context(), w.Consumer().Key.KID
		keys, err := c.ClientKeys(ctx, pdndtest.ConsumerID)
		if err != nil || len(keys) != 1 || keys[0].KID != kid || keys[0].Owner != pdndtest.ConsumerID {
			t.Errorf("keys %v, %v", keys, err)
		}
		purposes, err := c.ClientPurposes(ctx, pdndtest.ConsumerID)
		if err != nil || len(purposes) != 1 || purposes[0].ID != pdndtest.PurposeID {
			t.Errorf("purposes %v, %v", purposes, err)
		}
		key, err := c.ClientKey(ctx, kid)
		if err != nil || key.Owner != pdndtest.ConsumerID {
			t.Errorf("key of %q, %v", key.Owner, err)
		}
		if _, err := c.ProducerKey(ctx, kid); !errors.Is(err, api.ErrNotFound) {
			t.Errorf("a client's key as a producer's: %v", err)
		}
		produced, err := c.ProducerKey(ctx, w.KeychainKey().KID)
		if err != nil || produced.Owner != pdndtest.KeychainID {
			t.Errorf("producer key of %q, %v", produced.Owner, err)
		}
		if _, err := c.KeychainKeys(ctx, pdndtest.KeychainID); !errors.Is(err, api.ErrRefused) {
			t.Errorf("another's keychain keys: %v", err)
		}
	})
}

func TestReadsTheOwnKeychain(t *testing.T) {
	w := pdndtest.New(t, mock.Options{})
	c := admin.New(w.Platform, w.Producer())
	chain, err := c.Keychain(t.Context(), pdndtest.KeychainID)
	if err != nil || chain.Name != "risposte" || chain.ProducerID != pdndtest.MinisteroID {
		t.Errorf("keychain %+v, %v", chain, err)
	}
	keys, err := c.KeychainKeys(t.Context(), pdndtest.KeychainID)
	if err != nil || len(keys) != 1 || keys[0].KID != w.KeychainKey().KID || keys[0].Owner != pdndtest.KeychainID {
		t.Errorf("keys %v, %v", keys, err)
	}
	eservices, err := c.KeychainEservices(t.Context(), pdndtest.KeychainID)
	if err != nil || len(eservices) != 1 || eservices[0].ID != pdndtest.EserviceID {
		t.Errorf("e-services %v, %v", eservices, err)
	}
}

func TestReadsTenantsAttributesAndDelegations(t *testing.T) {
	both(t, func(t *testing.T, w *pdndtest.World, c *api.Client) {
		const comuni, province = "30000000-0000-4000-8000-0000000000a1", "30000000-0000-4000-8000-0000000000a2"
		ctx, p := t.Context(), w.Mock.Platform()
		for _, err := range []error{
			p.AddAttribute(platform.Attribute{ID: comuni, Name: "Comuni", Code: "L6", Origin: "IPA", Description: "Comuni"}),
			p.AddAttribute(platform.Attribute{ID: province, Name: "Province", Code: "L5", Origin: "IPA", Description: "Province"}),
			p.AssignAttribute(pdndtest.ComuneID, comuni),
			p.AddDescriptor(platform.Descriptor{
				ID: unknown, EserviceID: pdndtest.EserviceID, Audience: []string{"a"}, VoucherLifespan: 60,
				CertifiedGroups: [][]platform.Requirement{{{AttributeID: comuni}, {AttributeID: province}}, {{AttributeID: comuni}}},
			}),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		if got, err := c.Tenant(ctx, pdndtest.UnioneID); err != nil || got.Name != "Unione di Val Serena" {
			t.Errorf("tenant %+v, %v", got, err)
		}
		held, err := c.TenantAttributes(ctx, pdndtest.ComuneID)
		if err != nil || len(held) != 1 || held[0].ID != comuni || held[0].RevokedAt != nil {
			t.Errorf("attributes %+v, %v", held, err)
		}
		if a, err := c.Attribute(ctx, comuni); err != nil || a.Code != "L6" {
			t.Errorf("attribute %+v, %v", a, err)
		}
		groups, err := c.DescriptorAttributes(ctx, pdndtest.EserviceID, unknown)
		if err != nil || len(groups) != 2 || len(groups[0].Attributes) != 2 || groups[1].Attributes[0].ID != comuni {
			t.Errorf("groups %+v, %v", groups, err)
		}
		delegations, err := c.Delegations(ctx, api.ConsumerDelegation, api.DelegationFilter{
			States: []api.DelegationState{api.DelegationActive}, DelegatorIDs: []string{pdndtest.ComuneID},
		})
		if err != nil || len(delegations) != 1 || delegations[0].DelegateID != pdndtest.UnioneID {
			t.Errorf("delegations %+v, %v", delegations, err)
		}
		one, err := c.Delegation(ctx, api.ConsumerDelegation, pdndtest.DelegationID)
		if err != nil || one.State != api.DelegationActive {
			t.Errorf("delegation %+v, %v", one, err)
		}
	})
}

// TestReadsAllPages: 50 at a time, overlapping by one, whole and once each.
func TestReadsAllPages(t *testing.T) {
	w := pdndtest.New(t, mock.Options{})
	for n := range 123 {
		add(t, w, n)
	}
	got, err := api.New(w.Platform, w.Reader()).Eservices(context.Background(), api.EserviceFilter{Name: "numero"})
	if err != nil || len(got) != 123 {
		t.Fatalf("%d e-services, %v", len(got), err)
	}
	seen := map[string]bool{}
	for _, e := range got {
		seen[e.ID] = true
	}
	if len(seen) != 123 {
		t.Errorf("%d different ones", len(seen))
	}
}
