// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package platform

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/mocks/pdnd/events"
)

// id makes the identifier of a test object from a number.
func id(n int) string { return fmt.Sprintf("10000000-0000-4000-8000-%012d", n) }

// The objects of the fixture.
const (
	consumer = iota + 1
	producer
	other
	eservice
	delegable
	version
	delegableVersion
	client
	apiClient
	admin
	attributeID
	purposeID
	keychain
	unknown = 99
)

type fixture struct {
	*Platform
	t   *testing.T
	now time.Time
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{t: t, now: time.Unix(1_767_225_600, 0)}
	f.Platform = New(Options{Clock: func() time.Time { return f.now }, Rand: rand.Reader})
	must(
		t,
		f.AddTenant(Tenant{ID: id(consumer), Name: "Comune"}),
		f.AddTenant(Tenant{ID: id(producer), Name: "Ministero"}),
		f.AddTenant(Tenant{ID: id(other), Name: "Unione"}),
		f.AddAttribute(Attribute{ID: id(attributeID), Name: "Comuni"}),
		f.AddEservice(Eservice{ID: id(eservice), ProducerID: id(producer), Name: "chiuso"}),
		f.AddEservice(Eservice{ID: id(delegable), ProducerID: id(producer), Name: "delegabile", IsConsumerDelegable: true}),
		f.AddDescriptor(Descriptor{ID: id(version), EserviceID: id(eservice), Audience: []string{"a"}, VoucherLifespan: 60}),
		f.AddDescriptor(Descriptor{ID: id(delegableVersion), EserviceID: id(delegable), Audience: []string{"b"}, VoucherLifespan: 60}),
		f.AddClient(Client{ID: id(client), TenantID: id(consumer), Name: "client"}),
		f.AddClient(Client{ID: id(apiClient), TenantID: id(consumer), Name: "api", Kind: API, AdminID: id(admin)}),
		f.AddPurpose(Purpose{ID: id(purposeID), ConsumerID: id(consumer), DescriptorID: id(version), Clients: []string{id(client)}}),
		f.AddKeychain(Keychain{ID: id(keychain), ProducerID: id(producer), Eservices: []string{id(eservice)}}),
	)
	return f
}

// goodKey is a new key as it is uploaded.
func goodKey(t testing.TB) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

func (f *fixture) actor(tenantID int) Actor { return Actor{TenantID: id(tenantID)} }

func TestSeedsAreChecked(t *testing.T) {
	f := newFixture(t)
	aud := []string{"a"}
	for name, err := range map[string]error{
		"tenant no UUID":         f.AddTenant(Tenant{ID: "x"}),
		"tenant twice":           f.AddTenant(Tenant{ID: id(consumer)}),
		"attribute twice":        f.AddAttribute(Attribute{ID: id(attributeID)}),
		"e-service of nobody":    f.AddEservice(Eservice{ID: id(unknown), ProducerID: id(unknown)}),
		"version of nothing":     f.AddDescriptor(Descriptor{ID: id(unknown), EserviceID: id(unknown), Audience: aud, VoucherLifespan: 60}),
		"no audience":            f.AddDescriptor(Descriptor{ID: id(unknown), EserviceID: id(eservice), VoucherLifespan: 60}),
		"lifespan of 59":         f.AddDescriptor(Descriptor{ID: id(unknown), EserviceID: id(eservice), Audience: aud, VoucherLifespan: 59}),
		"unknown attribute":      f.AddDescriptor(Descriptor{ID: id(unknown), EserviceID: id(eservice), Audience: aud, VoucherLifespan: 60, CertifiedGroups: [][]Requirement{{{AttributeID: id(unknown)}}}}),
		"client of nobody":       f.AddClient(Client{ID: id(unknown), TenantID: id(unknown)}),
		"kind of client":         f.AddClient(Client{ID: id(unknown), TenantID: id(consumer), Kind: "X"}),
		"purpose of nobody":      f.AddPurpose(Purpose{ID: id(unknown), ConsumerID: id(unknown), DescriptorID: id(version)}),
		"purpose of nothing":     f.AddPurpose(Purpose{ID: id(unknown), ConsumerID: id(consumer), DescriptorID: id(unknown)}),
		"API client in it":       f.AddPurpose(Purpose{ID: id(unknown), ConsumerID: id(consumer), DescriptorID: id(version), Clients: []string{id(apiClient)}}),
		"unknown delegation":     f.AddPurpose(Purpose{ID: id(unknown), ConsumerID: id(consumer), DescriptorID: id(version), DelegationID: id(unknown)}),
		"keychain of nobody":     f.AddKeychain(Keychain{ID: id(unknown), ProducerID: id(unknown)}),
		"another's e-service":    f.AddKeychain(Keychain{ID: id(unknown), ProducerID: id(consumer), Eservices: []string{id(eservice)}}),
		"kind of delegation":     f.AddDelegation(Delegation{ID: id(unknown), Kind: "x"}),
		"delegation to oneself":  f.AddDelegation(Delegation{ID: id(unknown), Kind: ConsumerDelegation, DelegatorID: id(consumer), DelegateID: id(consumer), EserviceID: id(delegable)}),
		"delegation on nothing":  f.AddDelegation(Delegation{ID: id(unknown), Kind: ConsumerDelegation, DelegatorID: id(consumer), DelegateID: id(other), EserviceID: id(unknown)}),
		"delegation not allowed": f.AddDelegation(Delegation{ID: id(unknown), Kind: ConsumerDelegation, DelegatorID: id(consumer), DelegateID: id(other), EserviceID: id(eservice)}),
		"producer of another":    f.AddDelegation(Delegation{ID: id(unknown), Kind: ProducerDelegation, DelegatorID: id(consumer), DelegateID: id(other), EserviceID: id(eservice)}),
	} {
		if !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, err := range map[string]error{
		"user":              f.AddUser(id(unknown), User{}),
		"descriptor":        f.SetDescriptorState(id(unknown), Suspended),
		"purpose":           f.SetPurposeState(id(unknown), StateSuspended),
		"agreement":         f.SetAgreementState(id(unknown), StateSuspended),
		"admin":             f.SetClientAdmin(id(unknown), id(admin)),
		"attribute":         f.AssignAttribute(id(consumer), id(unknown)),
		"attribute of none": f.AssignAttribute(id(unknown), id(attributeID)),
		"attribute not had": f.RevokeAttribute(id(consumer), id(attributeID)),
		"delegation":        f.RevokeDelegation(id(unknown)),
		"key":               f.RemoveKey("x"),
	} {
		if !errors.Is(err, ErrUnknown) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSeedsHaveTheDefaultsOfThePlatform(t *testing.T) {
	f := newFixture(t)
	tenant, _ := f.Tenant(id(consumer))
	if tenant.Kind != "PA" || len(tenant.Users) != 1 || tenant.Users[0] != (User{ID: id(admin), Role: "admin"}) {
		t.Errorf("tenant %+v", tenant)
	}
	d, _ := f.Descriptor(id(version))
	if d.State != Published || d.ApprovalPolicy != Automatic || d.DailyCallsTotal != MaxDailyCalls || d.DailyCallsPerConsumer != MaxDailyCalls || d.Version != 1 {
		t.Errorf("descriptor %+v", d)
	}
	list := f.Agreements(id(consumer))
	if len(list) != 1 || list[0].State != Active || list[0].DescriptorID != id(version) || list[0].ProducerID != id(producer) {
		t.Errorf("agreements %+v", list)
	}
	r, _ := f.PurposeRecord(id(purposeID))
	if r.Current().State != Active || r.Current().DailyCalls != 1 || r.EserviceID != id(eservice) {
		t.Errorf("purpose %+v", r)
	}
	must(t, f.AddPurpose(Purpose{ID: id(50), ConsumerID: id(consumer), DescriptorID: id(version), AgreementState: StateSuspended}))
	if again := f.Agreements(id(consumer)); len(again) != 1 || again[0].State != StateSuspended {
		t.Errorf("a second purpose on the e-service: %+v", again)
	}
}

func TestInspectionGivesCopies(t *testing.T) {
	f := newFixture(t)
	r, _ := f.PurposeRecord(id(purposeID))
	r.Versions[0].State, r.Links["x"] = "BROKEN", f.now
	again, _ := f.PurposeRecord(id(purposeID))
	if again.Versions[0].State != Active || len(again.Links) != 1 {
		t.Errorf("changed from outside: %+v", again)
	}
	for name, n := range map[string]int{
		"e-services": len(f.Eservices(id(producer))), "descriptors": len(f.Descriptors(id(eservice))) + 1,
		"clients": len(f.Clients(id(consumer))), "keychains": len(f.Keychains(id(producer))) + 1,
		"purposes": len(f.Purposes(id(consumer))) + 1, "tenants": len(f.ListTenants()) - 1,
	} {
		if n != 2 {
			t.Errorf("%s: %d", name, n)
		}
	}
	for name, found := range map[string]bool{
		"tenant": second(f.Tenant(id(unknown))), "e-service": second(f.Eservice(id(unknown))), "agreement": second(f.Agreement(id(unknown))),
		"client": second(f.Client(id(unknown))), "keychain": second(f.Keychain(id(unknown))), "delegation": second(f.Delegation(id(unknown))),
	} {
		if found {
			t.Errorf("an unknown %s is found", name)
		}
	}
}

func second[T any](_ T, ok bool) bool { return ok }

func TestRiskAnalysisRules(t *testing.T) {
	personal, none := true, false
	base := map[string][]string{
		"purpose": {"INSTITUTIONAL"}, "institutionalPurpose": {"x"}, "usesPersonalData": {"NO"},
		"usesThirdPartyPersonalData": {"NO"}, "isRequestOnBehalfOfThirdParties": {"NO"},
	}
	for name, c := range map[string]struct {
		kind, version string
		flag          *bool
		whole         bool
		change        map[string][]string
		faults        int
	}{
		"minimal":                     {"PA", "3.1", &none, true, nil, 0},
		"flag not set":                {"PA", "3.1", nil, true, nil, 0},
		"against the flag":            {"PA", "3.1", &personal, true, nil, 1},
		"expired":                     {"PA", "3.0", &none, true, nil, 1},
		"of a private":                {"PA", "2.0", &none, true, nil, 1},
		"a private":                   {"PRIVATE", "2.0", &none, true, nil, 0},
		"a manager of services":       {"GSP", "2.0", &none, true, nil, 0},
		"a company":                   {"SCP", "3.1", &none, true, nil, 1},
		"missing in a whole form":     {"PA", "3.1", &none, true, map[string][]string{"institutionalPurpose": nil}, 1},
		"missing in a draft":          {"PA", "3.1", &none, false, map[string][]string{"institutionalPurpose": nil}, 0},
		"unknown value":               {"PA", "3.1", &none, false, map[string][]string{"usesPersonalData": {"MAYBE"}}, 2},
		"blank text":                  {"PA", "3.1", &none, true, map[string][]string{"institutionalPurpose": {" "}}, 1},
		"answer to another branch":    {"PA", "3.1", &none, false, map[string][]string{"otherPurpose": {"x"}}, 1},
		"other purpose":               {"PA", "3.1", &none, true, map[string][]string{"purpose": {"OTHER"}, "institutionalPurpose": nil, "otherPurpose": {"x"}}, 0},
		"question of the longer form": {"PA", "3.1", &none, true, map[string][]string{"dataRetentionPeriod": {"10"}}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			form := RiskAnalysis{Version: c.version, Answers: map[string][]string{}}
			for q, a := range base {
				form.Answers[q] = a
			}
			for q, a := range c.change {
				form.Answers[q] = a
				if a == nil {
					delete(form.Answers, q)
				}
			}
			if got := form.check(c.kind, c.flag, c.whole); len(got) != c.faults {
				t.Errorf("%q, expected %d", got, c.faults)
			}
		})
	}
}

func TestServerURLsOfAnInterface(t *testing.T) {
	const wsdl = `<definitions xmlns:soap="x"><service><port><soap:address location="https://a/ws"/></port></service></definitions>`
	for name, c := range map[string]struct {
		technology, content string
		want                []string
		code                string
	}{
		"YAML":                 {"REST", "openapi: 3.0.3\nservers:\n  - url: https://a/v1\n    description: x\n  - url: 'https://b/v1'\npaths: {}\n", []string{"https://a/v1", "https://b/v1"}, ""},
		"YAML without indents": {"REST", "openapi: \"3.1.0\"\r\nservers:\r\n- description: x\r\n  url: https://a/v1\r\npaths:\r\n  /x: {}\r\n", []string{"https://a/v1"}, ""},
		"url outside servers":  {"REST", "openapi: 3.0.3\ninfo:\n  license:\n    url: https://x\nservers:\n  - url: https://a\n", []string{"https://a"}, ""},
		"JSON":                 {"REST", `{"openapi":"3.0.1","servers":[{"url":"https://a"}]}`, []string{"https://a"}, ""},
		"WSDL":                 {"SOAP", wsdl, []string{"https://a/ws"}, ""},
		"WSDL for REST":        {"REST", wsdl, nil, "10010"},
		"YAML for SOAP":        {"SOAP", "openapi: 3.0.3", nil, "10017"},
		"broken XML":           {"SOAP", "<a>", nil, "10016"},
		"WSDL without address": {"SOAP", "<a/>", nil, "10017"},
		"other scheme":         {"REST", `{"openapi":"3.0.1","servers":[{"url":"ftp://a"}]}`, nil, "10026"},
		"JSON of no servers":   {"REST", `{"openapi":"3.0.1"}`, nil, "10012"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := serverURLs(&Eservice{ID: "x", Technology: c.technology}, []byte(c.content))
			var problem *Problem
			if errors.As(err, &problem) != (c.code != "") || problem != nil && problem.Code != c.code {
				t.Fatalf("%v, expected %q", err, c.code)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("addresses (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRelationToAPurpose(t *testing.T) {
	f := newFixture(t)
	must(t, f.AddPurpose(Purpose{ID: id(50), ConsumerID: id(consumer), DescriptorID: id(delegableVersion)}))
	for name, c := range map[string]struct {
		tenant, purpose int
		want            Relation
	}{
		"consumer":       {consumer, purposeID, Concerned},
		"producer":       {producer, purposeID, Concerned},
		"somebody else":  {other, purposeID, Stranger},
		"no purpose":     {consumer, unknown, NoPurpose},
		"not a delegate": {other, 50, Stranger},
	} {
		if got := f.RelationTo(id(c.tenant), id(c.purpose)); got != c.want {
			t.Errorf("%s: %d, expected %d", name, got, c.want)
		}
	}
	must(t, f.AddDelegation(Delegation{ID: id(51), Kind: ConsumerDelegation, DelegatorID: id(consumer), DelegateID: id(other), EserviceID: id(delegable)}))
	if got := f.RelationTo(id(other), id(50)); got != Concerned {
		t.Errorf("a delegate: %d", got)
	}
	must(t, f.RevokeDelegation(id(51)))
	if got := f.RelationTo(id(other), id(50)); got != Stranger {
		t.Errorf("no longer a delegate: %d", got)
	}
}

func TestGrantFollowsWithADelay(t *testing.T) {
	f := newFixture(t)
	f.keys["kid"] = ownedKey{kid: "kid", client: id(client), at: f.now}
	early, late := f.now.Add(-time.Second), f.now
	if _, ok := f.KeyOf(id(client), "kid", early); ok {
		t.Error("a key is known before its upload")
	}
	g, ok := f.KeyOf(id(client), "kid", late)
	if !ok {
		t.Fatal("a key is not known")
	}
	if _, ok := f.KeyOf("", "kid", late); ok {
		t.Error("a key of nobody")
	}
	if _, ok := f.KeyOf(id(apiClient), "kid", late); ok {
		t.Error("a key of another client")
	}
	full, ok := f.WithPurpose(g, id(purposeID), early)
	if !ok || full.PurposeState != Active || full.Agreement.State != Active || full.Descriptor.ID != id(version) || full.Eservice.ID != id(eservice) {
		t.Errorf("a seeded purpose: %t %+v", ok, full)
	}
	r := f.purposes.get(id(purposeID))
	r.Versions[0].FirstActivationAt = f.now
	if full, _ := f.WithPurpose(g, id(purposeID), early); full.PurposeState != StateDraft {
		t.Errorf("activated just now: %s", full.PurposeState)
	}
	r.Links[id(client)] = f.now
	if _, ok := f.WithPurpose(g, id(purposeID), early); ok {
		t.Error("linked just now")
	}
	if _, ok := f.WithPurpose(g, id(unknown), late); ok {
		t.Error("an unknown purpose")
	}
}

func TestKeyLimits(t *testing.T) {
	f := newFixture(t)
	a := Actor{TenantID: id(consumer), AdminID: id(admin)}
	f.clients.get(id(client)).Users = []string{id(admin)}
	for i := range MaxClientKeys {
		f.keys[fmt.Sprint("c", i)] = ownedKey{kid: fmt.Sprint("c", i), client: id(client)}
	}
	for i := range MaxKeychainKeys {
		f.keys[fmt.Sprint("k", i)] = ownedKey{kid: fmt.Sprint("k", i), keychain: id(keychain)}
	}
	_, err := f.UploadClientKey(a, id(client), KeySeed{Key: goodKey(t)})
	var problem *Problem
	if !errors.As(err, &problem) || problem.Code != "0015" {
		t.Errorf("client: %v", err)
	}
	f.tenants.get(id(producer)).Users = []User{{ID: id(admin), Role: "security"}}
	f.keychains.get(id(keychain)).Users = []string{id(admin)}
	_, err = f.UploadKeychainKey(Actor{TenantID: id(producer), AdminID: id(admin)}, id(keychain), KeySeed{Key: goodKey(t)})
	if !errors.As(err, &problem) || problem.Code != "0022" {
		t.Errorf("keychain: %v", err)
	}
	if n := len(f.ClientKeys(id(client))); n != MaxClientKeys {
		t.Errorf("%d keys", n)
	}
	must(t, f.RemoveKey("c0"))
	if _, err := f.UploadClientKey(a, id(client), KeySeed{Key: goodKey(t)}); err != nil {
		t.Errorf("with room: %v", err)
	}
}

func TestWithoutRandomnessNothingIsDone(t *testing.T) {
	f := newFixture(t)
	f.rand = iotest.ErrReader(errors.New("broken"))
	if _, err := f.CreateClient(f.actor(consumer), ClientSeed{Name: "x"}); err == nil || !strings.Contains(err.Error(), "broken") {
		t.Errorf("%v", err)
	}
	if _, err := f.SeeEservice(f.actor(consumer), id(eservice)); err != nil {
		t.Errorf("a read after it: %v", err)
	}
}

func TestOneOfManyAgreementsAtOnce(t *testing.T) {
	f := newFixture(t)
	var group sync.WaitGroup
	var mu sync.Mutex
	made := 0
	for range 16 {
		group.Go(func() {
			if _, err := f.CreateAgreement(f.actor(other), id(delegable), id(delegableVersion), ""); err == nil {
				mu.Lock()
				made++
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if made != 1 || len(f.Agreements(id(other))) != 1 {
		t.Errorf("%d agreements at once", made)
	}
}

func TestSeedsAreEventsToo(t *testing.T) {
	f := newFixture(t)
	for feed, want := range map[events.Feed]int{
		events.TenantEvents: 3, events.AttributeEvents: 1, events.EserviceEvents: 4, events.ClientEvents: 2,
		events.PurposeEvents: 1, events.AgreementEvents: 1, events.ProducerKeychainEvents: 1, events.KeyEvents: 0,
	} {
		if got := len(f.Log().All(feed)); got != want {
			t.Errorf("%s: %d, expected %d", feed, got, want)
		}
	}
}

func FuzzServerURLs(f *testing.F) {
	f.Add("REST", "openapi: 3.0.3\nservers:\n  - url: https://a/v1\n")
	f.Add("REST", `{"openapi":"3.0.1","servers":[{"url":"https://a"}]}`)
	f.Add("SOAP", `<a><address location="https://a"/></a>`)
	f.Fuzz(func(t *testing.T, technology, content string) {
		urls, err := serverURLs(&Eservice{Technology: technology}, []byte(content))
		if (err == nil) != (len(urls) > 0) {
			t.Fatalf("%q: %v and %v", content, urls, err)
		}
		for _, u := range urls {
			if !strings.HasPrefix(strings.ToLower(u), "http") {
				t.Fatalf("%q gives %q", content, u)
			}
		}
	})
}

func FuzzParseKey(f *testing.F) {
	f.Add(goodKey(f))
	f.Add("LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCi0tLS0tRU5EIENFUlRJRklDQVRFLS0tLS0K")
	f.Fuzz(func(t *testing.T, text string) {
		pub, err := parseKey(text)
		if (pub == nil) == (err == nil) {
			t.Fatalf("%q: %v", text, err)
		}
	})
}
