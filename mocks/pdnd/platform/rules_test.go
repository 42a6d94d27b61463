// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package platform

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/mocks/pdnd/events"
)

// TestAnAttributeLostAndFound follows an agreement in each state while its consumer loses
// the certified attribute it needs and gets it back (PDND §3.2: suspended by the platform,
// MISSING_CERTIFIED_ATTRIBUTES).
func TestAnAttributeLostAndFound(t *testing.T) {
	for state, want := range map[string]struct{ lost, found string }{
		Active:                         {StateSuspended, Active},
		StateSuspended:                 {StateSuspended, StateSuspended},
		StateDraft:                     {StateMissingCertifiedAttribute, StateDraft},
		StatePending:                   {StateMissingCertifiedAttribute, StateDraft},
		StateMissingCertifiedAttribute: {StateMissingCertifiedAttribute, StateDraft},
		StateArchived:                  {StateArchived, StateArchived},
		StateRejected:                  {StateRejected, StateRejected},
	} {
		t.Run(state, func(t *testing.T) {
			f := newFixture(t)
			f.descriptors.get(id(version)).CertifiedGroups = [][]Requirement{{{AttributeID: id(attributeID)}}}
			must(t, f.AssignAttribute(id(consumer), id(attributeID)))
			g := f.agreements.get(f.Agreements(id(consumer))[0].ID)
			g.State = state
			must(t, f.RevokeAttribute(id(consumer), id(attributeID)))
			if g.State != want.lost || g.ByPlatform != (state == Active) {
				t.Errorf("without it %s, by the platform %t; expected %s", g.State, g.ByPlatform, want.lost)
			}
			must(t, f.AssignAttribute(id(consumer), id(attributeID)))
			if g.State != want.found || g.ByPlatform {
				t.Errorf("with it again %s, by the platform %t; expected %s", g.State, g.ByPlatform, want.found)
			}
		})
	}
}

// TestASuspensionByThePlatformIsBesideTheOthers keeps an agreement suspended until
// everybody who suspended it has taken that back.
func TestASuspensionByThePlatformIsBesideTheOthers(t *testing.T) {
	f := newFixture(t)
	f.descriptors.get(id(version)).CertifiedGroups = [][]Requirement{{{AttributeID: id(attributeID)}}}
	must(t, f.AssignAttribute(id(consumer), id(attributeID)))
	g := f.Agreements(id(consumer))[0].ID
	must(t, f.RevokeAttribute(id(consumer), id(attributeID)))
	_, err := f.SuspendAgreement(f.actor(consumer), g, "")
	must(t, err)
	must(t, f.AssignAttribute(id(consumer), id(attributeID)))
	if a, _ := f.Agreement(g); a.State != StateSuspended || a.ByPlatform || !a.ByConsumer {
		t.Errorf("the consumer's suspension is gone: %+v", a)
	}
	back, err := f.UnsuspendAgreement(f.actor(consumer), g, "")
	must(t, err)
	if back.State != Active || !back.SuspendedAt.IsZero() {
		t.Errorf("%+v", back)
	}
}

// TestEveryGroupAndAnyOfIt: each group must be met, by any attribute in it; an attribute
// that was revoked meets nothing (PDND §3.3).
func TestEveryGroupAndAnyOfIt(t *testing.T) {
	need := func(names ...string) []Requirement {
		var group []Requirement
		for _, name := range names {
			group = append(group, Requirement{AttributeID: name})
		}
		return group
	}
	held := func(names ...string) []Assignment {
		var list []Assignment
		for _, name := range names {
			list = append(list, Assignment{AttributeID: name})
		}
		return list
	}
	for name, c := range map[string]struct {
		groups [][]Requirement
		held   []Assignment
		want   bool
	}{
		"nothing asked":           {nil, nil, true},
		"one, held":               {[][]Requirement{need("a")}, held("a"), true},
		"one, not held":           {[][]Requirement{need("a")}, held("b"), false},
		"any of a group":          {[][]Requirement{need("a", "b", "c")}, held("c"), true},
		"one of each group":       {[][]Requirement{need("a", "b"), need("c")}, held("c", "b"), true},
		"one group not met":       {[][]Requirement{need("a", "b"), need("c")}, held("a", "b"), false},
		"revoked":                 {[][]Requirement{need("a")}, []Assignment{{AttributeID: "a", RevokedAt: time.Unix(1, 0)}}, false},
		"revoked, another serves": {[][]Requirement{need("a", "b")}, []Assignment{{AttributeID: "a", RevokedAt: time.Unix(1, 0)}, {AttributeID: "b"}}, true},
		"a group of nothing":      {[][]Requirement{{}}, held("a"), false},
	} {
		tenant := Tenant{Certified: c.held}
		if got := tenant.meets(&Descriptor{CertifiedGroups: c.groups}); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// TestThresholds: that of the descriptor, or the largest of the attributes that are held;
// the total is the descriptor's whatever is held (PDND §3.3).
func TestThresholds(t *testing.T) {
	const second = 70
	for name, c := range map[string]struct {
		groups [][]Requirement
		held   []int
		want   int
	}{
		"no attributes":                   {nil, nil, 100},
		"one without a number":            {[][]Requirement{{{id(attributeID), 0}}}, []int{attributeID}, 100},
		"one larger":                      {[][]Requirement{{{id(attributeID), 300}}}, []int{attributeID}, 300},
		"one smaller":                     {[][]Requirement{{{id(attributeID), 30}}}, []int{attributeID}, 30},
		"one not held":                    {[][]Requirement{{{id(attributeID), 300}}}, nil, 100},
		"the larger of a group":           {[][]Requirement{{{id(attributeID), 30}, {id(second), 40}}}, []int{attributeID, second}, 40},
		"the larger of two groups":        {[][]Requirement{{{id(attributeID), 30}}, {{id(second), 20}}}, []int{attributeID, second}, 30},
		"only what is held":               {[][]Requirement{{{id(attributeID), 30}, {id(second), 40}}}, []int{attributeID}, 30},
		"a number beside one without":     {[][]Requirement{{{id(attributeID), 0}, {id(second), 40}}}, []int{attributeID, second}, 40},
		"one that nobody but others hold": {[][]Requirement{{{id(second), 40}}}, []int{attributeID}, 100},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			must(t, f.AddAttribute(Attribute{ID: id(second), Name: "Province"}))
			d := f.descriptors.get(id(version))
			d.DailyCallsPerConsumer, d.DailyCallsTotal, d.CertifiedGroups = 100, 500, c.groups
			for _, n := range c.held {
				must(t, f.AssignAttribute(id(consumer), id(n)))
			}
			perConsumer, total := f.thresholds(id(eservice), id(consumer))
			if perConsumer != c.want || total != 500 {
				t.Errorf("%d of %d, expected %d of 500", perConsumer, total, c.want)
			}
		})
	}
	f := newFixture(t)
	if one, all := f.thresholds(id(eservice), id(other)); one != 0 || all != 0 {
		t.Errorf("without an agreement: %d of %d", one, all)
	}
}

// TestWhatIsDeclared counts active versions only, of one consumer and of all.
func TestWhatIsDeclared(t *testing.T) {
	f := newFixture(t) // its purpose declares 1
	f.purposes.get(id(purposeID)).Versions = []PurposeVersion{
		{State: StateArchived, DailyCalls: 1}, {State: Active, DailyCalls: 10}, {State: StateWaitingForApproval, DailyCalls: 100},
	}
	must(t, f.AddPurpose(Purpose{ID: id(71), ConsumerID: id(consumer), DescriptorID: id(version), DailyCalls: 20}))
	must(t, f.AddPurpose(Purpose{ID: id(72), ConsumerID: id(consumer), DescriptorID: id(version), DailyCalls: 40, State: StateSuspended}))
	must(t, f.AddPurpose(Purpose{ID: id(73), ConsumerID: id(other), DescriptorID: id(version), DailyCalls: 300}))
	must(t, f.AddPurpose(Purpose{ID: id(74), ConsumerID: id(consumer), DescriptorID: id(delegableVersion), DailyCalls: 5000}))
	if mine, all := f.declared(id(eservice), id(consumer)); mine != 30 || all != 330 {
		t.Errorf("%d of %d, expected 30 of 330", mine, all)
	}
	d := f.descriptors.get(id(version))
	d.DailyCallsPerConsumer, d.DailyCallsTotal = 50, 340
	for more, over := range map[int]bool{0: false, 10: false, 11: true, 20: true, 21: true} {
		if got := f.overQuota(id(eservice), id(consumer), more); got != over {
			t.Errorf("%d more: %t", more, got)
		}
	}
	left, err := f.Remaining(f.actor(consumer), id(purposeID))
	must(t, err)
	if left != (RemainingDailyCalls{PerConsumer: 20, Total: 10}) {
		t.Errorf("left %+v", left)
	}
	d.DailyCallsPerConsumer, d.DailyCallsTotal = 5, 10 // lowered after it was declared
	if left, err = f.Remaining(f.actor(consumer), id(purposeID)); err != nil || left != (RemainingDailyCalls{}) {
		t.Errorf("left %+v, %v", left, err)
	}
}

// TestTheVersionInForce: the newest active or suspended one, else the archived, else the
// draft; what waits or was rejected is not in force.
func TestTheVersionInForce(t *testing.T) {
	for _, c := range []struct {
		states  []string
		current int // its place, -1 for none
		draft   bool
	}{
		{[]string{StateDraft}, 0, true},
		{[]string{Active}, 0, false},
		{[]string{StateWaitingForApproval}, -1, false},
		{[]string{StateRejected}, -1, false},
		{[]string{StateArchived}, 0, false},
		{[]string{Active, StateWaitingForApproval}, 0, false},
		{[]string{StateSuspended, StateRejected}, 0, false},
		{[]string{StateArchived, Active}, 1, false},
		{[]string{StateArchived, StateArchived}, 1, false},
		{[]string{StateArchived, StateDraft}, 0, false},
		{[]string{StateArchived, StateSuspended, StateWaitingForApproval}, 1, false},
	} {
		r := PurposeRecord{}
		for i, state := range c.states {
			r.Versions = append(r.Versions, PurposeVersion{ID: id(i), State: state})
		}
		got := -1
		for i := range r.Versions {
			if v := r.Current(); v != nil && v.ID == r.Versions[i].ID {
				got = i
			}
		}
		if got != c.current || r.isDraft() != c.draft {
			t.Errorf("%v: the one at %d, draft %t", c.states, got, r.isDraft())
		}
	}
}

// TestWhoIsToldOfWhat reads each kind of change as each tenant: drafts are their owner's,
// links of clients and keychains too, what is published is everybody's (PDND §2).
func TestWhoIsToldOfWhat(t *testing.T) {
	owner := map[int]bool{consumer: true}
	maker := map[int]bool{producer: true}
	both := map[int]bool{consumer: true, producer: true}
	everybody := map[int]bool{consumer: true, producer: true, other: true}
	for name, c := range map[string]struct {
		feed events.Feed
		emit func(f *fixture)
		want map[int]bool
	}{
		"a published e-service": {events.EserviceEvents, func(f *fixture) { f.emitEservice(f.eservices.get(id(eservice)), "", "T") }, everybody},
		"a draft descriptor of it": {events.EserviceEvents, func(f *fixture) {
			f.descriptors.get(id(version)).State = Draft
			f.emitEservice(f.eservices.get(id(eservice)), id(version), "T")
		}, maker},
		"a descriptor that waits": {events.EserviceEvents, func(f *fixture) {
			f.descriptors.get(id(version)).State = WaitingForApproval
			f.emitEservice(f.eservices.get(id(eservice)), id(version), "T")
		}, maker},
		"an archived descriptor": {events.EserviceEvents, func(f *fixture) {
			f.descriptors.get(id(version)).State = Archived
			f.emitEservice(f.eservices.get(id(eservice)), id(version), "T")
		}, everybody},
		"an agreement": {events.AgreementEvents, func(f *fixture) { f.emitAgreement(f.agreementOf(id(eservice), id(consumer)), "T") }, both},
		"a draft agreement": {events.AgreementEvents, func(f *fixture) {
			g := f.agreementOf(id(eservice), id(consumer))
			g.State = StateDraft
			f.emitAgreement(g, "T")
		}, owner},
		"a purpose": {events.PurposeEvents, func(f *fixture) { f.emitPurpose(f.purposes.get(id(purposeID)), "", "T") }, both},
		"a draft purpose": {events.PurposeEvents, func(f *fixture) {
			r := f.purposes.get(id(purposeID))
			r.Versions[0].State = StateDraft
			f.emitPurpose(r, "", "T")
		}, owner},
		"a client":             {events.ClientEvents, func(f *fixture) { f.emitClient(f.clients.get(id(client)), "CLIENT_DELETED") }, everybody},
		"a link of a client":   {events.ClientEvents, func(f *fixture) { f.emitClient(f.clients.get(id(client)), "CLIENT_PURPOSE_ADDED") }, owner},
		"a keychain":           {events.ProducerKeychainEvents, func(f *fixture) { f.emitKeychain(f.keychains.get(id(keychain)), "PRODUCER_KEYCHAIN_DELETED") }, everybody},
		"a link of a keychain": {events.ProducerKeychainEvents, func(f *fixture) { f.emitKeychain(f.keychains.get(id(keychain)), "PRODUCER_KEYCHAIN_ESERVICE_ADDED") }, maker},
		"a client's key":       {events.KeyEvents, func(f *fixture) { f.emitKey(ownedKey{kid: "k", client: id(client)}, "ADDED") }, everybody},
		"a keychain's key":     {events.ProducerKeyEvents, func(f *fixture) { f.emitKey(ownedKey{kid: "k", keychain: id(keychain)}, "ADDED") }, everybody},
		"a delegation": {events.ConsumerDelegationEvents, func(f *fixture) {
			f.emitDelegation(&Delegation{ID: id(80), Kind: ConsumerDelegation, DelegatorID: id(consumer), DelegateID: id(producer)}, "REVOKED")
		}, both},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			before := len(f.Log().All(c.feed))
			c.emit(f)
			made := f.Log().All(c.feed)[before:]
			if len(made) != 1 {
				t.Fatalf("%d events", len(made))
			}
			got := map[int]bool{}
			for _, tenant := range []int{consumer, producer, other} {
				for _, e := range f.Log().Read(events.Query{Feed: c.feed, Limit: 500, TenantID: id(tenant)}) {
					if e.ID == made[0].ID {
						got[tenant] = true
					}
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
		})
	}
}

// TestAStateSetByHandIsTheEventOfThatState, as whoever watches the feeds would read it.
func TestAStateSetByHandIsTheEventOfThatState(t *testing.T) {
	for _, c := range []struct {
		feed  events.Feed
		set   func(f *fixture, state string) error
		state string
		want  string
	}{
		{events.EserviceEvents, setDescriptor, "PUBLISHED", "ESERVICE_DESCRIPTOR_ACTIVATED"},
		{events.EserviceEvents, setDescriptor, "DEPRECATED", "ESERVICE_DESCRIPTOR_ACTIVATED"},
		{events.EserviceEvents, setDescriptor, "SUSPENDED", "ESERVICE_DESCRIPTOR_SUSPENDED"},
		{events.EserviceEvents, setDescriptor, "ARCHIVING", "ESERVICE_DESCRIPTOR_ARCHIVING_SCHEDULED"},
		{events.EserviceEvents, setDescriptor, "ARCHIVING_SUSPENDED", "ESERVICE_DESCRIPTOR_SUSPENDED"},
		{events.EserviceEvents, setDescriptor, "ARCHIVED", "ESERVICE_DESCRIPTOR_ARCHIVED"},
		{events.EserviceEvents, setDescriptor, "DRAFT", "ESERVICE_DESCRIPTOR_DRAFT_UPDATED"},
		{events.PurposeEvents, setPurpose, Active, "PURPOSE_VERSION_UNSUSPENDED_BY_PRODUCER"},
		{events.PurposeEvents, setPurpose, StateSuspended, "PURPOSE_VERSION_SUSPENDED_BY_PRODUCER"},
		{events.PurposeEvents, setPurpose, StateArchived, "PURPOSE_ARCHIVED"},
		{events.PurposeEvents, setPurpose, StateRejected, "PURPOSE_VERSION_REJECTED"},
		{events.PurposeEvents, setPurpose, StateDraft, "DRAFT_PURPOSE_UPDATED"},
		{events.AgreementEvents, setAgreement, Active, "AGREEMENT_UNSUSPENDED_BY_PRODUCER"},
		{events.AgreementEvents, setAgreement, StateSuspended, "AGREEMENT_SUSPENDED_BY_PRODUCER"},
		{events.AgreementEvents, setAgreement, StateArchived, "AGREEMENT_ARCHIVED_BY_CONSUMER"},
		{events.AgreementEvents, setAgreement, StateRejected, "AGREEMENT_REJECTED"},
		{events.AgreementEvents, setAgreement, StateDraft, "DRAFT_AGREEMENT_UPDATED"},
	} {
		f := newFixture(t)
		must(t, c.set(f, c.state))
		all := f.Log().All(c.feed)
		if got := all[len(all)-1].Type; got != c.want {
			t.Errorf("%s in %s: %s, expected %s", c.feed, c.state, got, c.want)
		}
	}
}

func setDescriptor(f *fixture, state string) error {
	return f.SetDescriptorState(id(version), DescriptorState(state))
}
func setPurpose(f *fixture, state string) error   { return f.SetPurposeState(id(purposeID), state) }
func setAgreement(f *fixture, state string) error { return f.SetAgreementState(id(purposeID), state) }
