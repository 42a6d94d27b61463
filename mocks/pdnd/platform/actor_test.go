// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package platform

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/mocks/pdnd/events"
)

// The delegations of the tests of who acts for whom.
const (
	fruizione  = 61
	erogazione = 62
	fourth     = 63 // a tenant that is the delegate in erogazione
)

// TestInWhoseNameOneActs tries every tenant with every delegation it may name, on
// something without delegations, with one on either side, and with both. The answer is a
// side or the code of the refusal; the first of each pair is of an agreement, the second
// of a purpose (PDND §1.10).
func TestInWhoseNameOneActs(t *testing.T) {
	none, byC, byP := "", id(fruizione), id(erogazione)
	const missing, stranger = "0031", "0007"
	c := &Delegation{ID: byC, Kind: ConsumerDelegation, DelegatorID: id(consumer), DelegateID: id(other)}
	p := &Delegation{ID: byP, Kind: ProducerDelegation, DelegatorID: id(producer), DelegateID: id(fourth)}
	for name, c := range map[string]struct {
		byConsumer, byProducer *Delegation
		who                    int
		names                  string
		agreement, purpose     string
	}{
		"the consumer":                            {nil, nil, consumer, none, consumerSide, consumerSide},
		"the producer":                            {nil, nil, producer, none, producerSide, producerSide},
		"a stranger":                              {nil, nil, other, none, stranger, stranger},
		"the consumer naming nothing there is":    {nil, nil, consumer, byC, missing, missing},
		"a delegate naming its delegation":        {c, nil, other, byC, consumerSide, consumerSide},
		"a delegate naming none":                  {c, nil, other, none, stranger, stranger},
		"a delegate naming another":               {c, nil, other, byP, missing, missing},
		"who delegated, naming none":              {c, nil, consumer, none, missing, missing},
		"who delegated, naming it":                {c, nil, consumer, byC, "0028", "0027"},
		"the producer with a delegated consumer":  {c, nil, producer, none, producerSide, producerSide},
		"the producer naming the consumer's":      {c, nil, producer, byC, "0028", "0027"},
		"a delegate in erogazione":                {nil, p, fourth, byP, producerSide, producerSide},
		"a delegate in erogazione naming none":    {nil, p, fourth, none, stranger, stranger},
		"the producer who delegated, naming none": {nil, p, producer, none, missing, missing},
		"the producer who delegated, naming it":   {nil, p, producer, byP, "0030", "0028"},
		"the consumer beside a delegated one":     {nil, p, consumer, none, consumerSide, consumerSide},
		"both, the delegate of the consumer":      {c, p, other, byC, consumerSide, consumerSide},
		"both, the delegate of the producer":      {c, p, fourth, byP, producerSide, producerSide},
		"both, each naming the other's":           {c, p, other, byP, "0030", "0028"},
		"both, the consumer itself":               {c, p, consumer, none, missing, missing},
		"both, the producer itself":               {c, p, producer, none, missing, missing},
	} {
		t.Run(name, func(t *testing.T) {
			for service, want := range map[string]string{agreement: c.agreement, purpose: c.purpose} {
				m := matter{service, id(producer), id(consumer), c.byConsumer, c.byProducer}
				side, err := m.side(Actor{TenantID: id(c.who)}, c.names)
				got := side
				if err != nil {
					got = codeOf(t, err)[len(service)+1:]
				}
				if got != want {
					t.Errorf("service %s: %s, expected %s", service, got, want)
				}
			}
		})
	}
}

// TestWhoIsBothSidesActsAsTheProducer of its own e-service, and passes for either where
// one side is asked.
func TestWhoIsBothSidesActsAsTheProducer(t *testing.T) {
	self := Actor{TenantID: id(producer)}
	m := matter{service: purpose, producerID: id(producer), consumerID: id(producer)}
	side, err := m.side(self, "")
	if side != producerSide || err != nil {
		t.Errorf("%s, %v", side, err)
	}
	for _, asked := range []string{consumerSide, producerSide} {
		if err := m.mustBe(self, "", asked); err != nil {
			t.Errorf("as the %s: %v", asked, err)
		}
	}
	if got := codeOf(t, m.mustBe(Actor{TenantID: id(consumer)}, "", producerSide)); got != "004-0007" {
		t.Errorf("a stranger: %s", got)
	}
}

// TestOnlyTheSideThatIsAskedWill do: a consumer does not approve, a producer does not
// activate, and the refusal says which side was missing.
func TestOnlyTheSideThatIsAskedWillDo(t *testing.T) {
	for _, c := range []struct {
		service, asked string
		who            int
		want           string
	}{
		{agreement, consumerSide, consumer, ""},
		{agreement, consumerSide, producer, "002-0027"},
		{agreement, producerSide, producer, ""},
		{agreement, producerSide, consumer, "002-0029"},
		{purpose, consumerSide, consumer, ""},
		{purpose, consumerSide, producer, "004-0008"},
		{purpose, producerSide, producer, ""},
		{purpose, producerSide, consumer, "004-0010"},
		{purpose, producerSide, other, "004-0007"},
	} {
		m := matter{service: c.service, producerID: id(producer), consumerID: id(consumer)}
		if got := codeOf(t, m.mustBe(Actor{TenantID: id(c.who)}, "", c.asked)); got != c.want {
			t.Errorf("%s as %s of %s: %s, expected %s", id(c.who), c.asked, c.service, got, c.want)
		}
		as := map[string]func(Actor) error{consumerSide: m.asConsumer, producerSide: m.asProducer}[c.asked]
		if err := as(Actor{TenantID: id(c.who)}); (err == nil) != (c.want == "") {
			t.Errorf("%s as %s of %s alone: %v", id(c.who), c.asked, c.service, err)
		}
	}
}

// TestTheAdminIsThatOfTheClient compares tenant, client and person: an API client without
// an admin, another person or the client of another tenant write nothing.
func TestTheAdminIsThatOfTheClient(t *testing.T) {
	f := newFixture(t)
	for name, c := range map[string]struct {
		actor Actor
		want  bool
	}{
		"the admin":            {Actor{id(consumer), id(apiClient), id(admin)}, true},
		"another person":       {Actor{id(consumer), id(apiClient), id(other)}, false},
		"nobody":               {Actor{id(consumer), id(apiClient), ""}, false},
		"another tenant":       {Actor{id(producer), id(apiClient), id(admin)}, false},
		"a consumer client":    {Actor{id(consumer), id(client), id(admin)}, false},
		"a client's nobody":    {Actor{id(consumer), id(client), ""}, false},
		"an unknown client":    {Actor{id(consumer), id(unknown), id(admin)}, false},
		"no client at all":     {Actor{id(consumer), "", id(admin)}, false},
		"a space after a name": {Actor{id(consumer), id(apiClient), id(admin) + " "}, false},
	} {
		if got := f.IsAdmin(c.actor); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
	must(t, f.SetClientAdmin(id(apiClient), id(other)))
	if f.IsAdmin(Actor{id(consumer), id(apiClient), id(admin)}) || !f.IsAdmin(Actor{id(consumer), id(apiClient), id(other)}) {
		t.Error("the admin did not change")
	}
}

// TestARefusedOperationLeavesNoTrace runs operations that are refused: neither an object
// nor a feed changes.
func TestARefusedOperationLeavesNoTrace(t *testing.T) {
	f := newFixture(t)
	g := f.Agreements(id(consumer))[0].ID
	short, taken := "", "delegabile"
	thousand, all := 1000, MaxDailyCalls
	title := "x"
	for name, refused := range map[string]func() error{
		"an e-service of a name there is": func() error {
			_, err := f.CreateEservice(f.actor(producer), EserviceSeed{Name: "CHIUSO"})
			return err
		},
		"an e-service with more for one than for all": func() error {
			_, err := f.CreateEservice(f.actor(producer), EserviceSeed{Name: "nuovo", Descriptor: DescriptorSeed{DailyCallsPerConsumer: 2, DailyCallsTotal: 1}})
			return err
		},
		"a version with more for one than for all": func() error {
			_, err := f.CreateDescriptor(f.actor(producer), id(eservice), DescriptorSeed{DailyCallsPerConsumer: 2, DailyCallsTotal: 1})
			return err
		},
		"a version of another's e-service": func() error {
			_, err := f.CreateDescriptor(f.actor(other), id(eservice), DescriptorSeed{})
			return err
		},
		"a name another has": func() error {
			_, err := f.UpdatePublished(f.actor(producer), id(eservice), "x", EservicePatch{Name: &taken})
			return err
		},
		"quotas that do not agree": func() error {
			_, err := f.UpdateQuotas(f.actor(producer), id(eservice), id(version), DescriptorPatch{DailyCallsPerConsumer: &all, DailyCallsTotal: &thousand})
			return err
		},
		"a draft's change of a published one": func() error {
			_, err := f.UpdateEservice(f.actor(producer), id(eservice), EservicePatch{Description: &short})
			return err
		},
		"the end of a published one": func() error { return f.DeleteEservice(f.actor(producer), id(eservice)) },
		"an agreement there is": func() error {
			_, err := f.CreateAgreement(f.actor(consumer), id(eservice), id(version), "")
			return err
		},
		"an upgrade to nothing newer": func() error { _, err := f.UpgradeAgreement(f.actor(consumer), g); return err },
		"an approval of nothing":      func() error { _, err := f.ApproveAgreement(f.actor(producer), g, ""); return err },
		"another's archive":           func() error { _, err := f.ArchiveAgreement(f.actor(other), g); return err },
		"a suspension by a stranger":  func() error { _, err := f.SuspendAgreement(f.actor(other), g, ""); return err },
		"a delegation to oneself": func() error {
			_, err := f.CreateDelegation(f.actor(consumer), ConsumerDelegation, id(delegable), id(consumer))
			return err
		},
		"a purpose without agreement": func() error {
			_, err := f.CreatePurpose(f.actor(other), PurposeSeed{EserviceID: id(eservice), Title: title})
			return err
		},
		"the same load": func() error { _, err := f.AddVersion(f.actor(consumer), id(purposeID), 1); return err },
		"a change of an active one": func() error {
			_, err := f.UpdatePurpose(f.actor(consumer), id(purposeID), PurposePatch{Title: &title})
			return err
		},
		"the end of an active one":    func() error { return f.DeletePurpose(f.actor(consumer), id(purposeID)) },
		"a link there is":             func() error { return f.LinkPurpose(f.actor(consumer), id(client), id(purposeID)) },
		"a link of an API client":     func() error { return f.LinkPurpose(f.actor(consumer), id(apiClient), id(purposeID)) },
		"a link of nothing":           func() error { return f.LinkPurpose(f.actor(consumer), id(client), id(unknown)) },
		"a link that is not there":    func() error { return f.UnlinkPurpose(f.actor(consumer), id(client), id(unknown)) },
		"another's client":            func() error { return f.DeleteClient(f.actor(other), id(client)) },
		"people of nobody":            func() error { return f.AddClientUsers(f.actor(consumer), id(client), []string{id(unknown)}) },
		"an e-service linked already": func() error { return f.LinkEservice(f.actor(producer), id(keychain), id(eservice)) },
		"another's e-service":         func() error { return f.LinkEservice(f.actor(consumer), id(keychain), id(eservice)) },
		"a keychain of nobody's":      func() error { return f.DeleteKeychain(f.actor(producer), id(unknown)) },
		"a key nobody has":            func() error { return f.DeleteClientKey(f.actor(consumer), id(client), "x") },
		"a descriptor not submitted": func() error {
			_, err := f.DecideDescriptor(f.actor(producer), id(eservice), id(version), true)
			return err
		},
		"an interface after the draft": func() error { return f.DeleteInterface(f.actor(producer), id(eservice), id(version)) },
	} {
		t.Run(name, func(t *testing.T) {
			before := f.state()
			if err := refused(); err == nil {
				t.Fatal("it was done")
			}
			if diff := cmp.Diff(before, f.state()); diff != "" {
				t.Errorf("changed (-before +after):\n%s", diff)
			}
		})
	}
}

// state is all there is to see from outside.
func (f *fixture) state() map[string]any {
	state := map[string]any{"tenants": f.ListTenants(), "clients": f.AllClients(), "keychains": f.AllKeychains()}
	for _, tenant := range []int{consumer, producer, other} {
		state["e-services of "+id(tenant)] = f.Eservices(id(tenant))
		state["agreements of "+id(tenant)] = f.Agreements(id(tenant))
		state["purposes of "+id(tenant)] = f.Purposes(id(tenant))
		state["delegations of "+id(tenant)] = f.Delegations(id(tenant))
		for _, e := range f.Eservices(id(tenant)) {
			state["versions of "+e.ID] = f.Descriptors(e.ID)
		}
	}
	for _, feed := range events.Feeds() {
		state[string(feed)] = f.Log().All(feed)
	}
	return state
}
