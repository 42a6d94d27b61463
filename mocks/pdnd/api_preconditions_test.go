// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/mocks/pdnd/platform"
)

// TestPublicationNeedsEachThing takes one thing at a time from an e-service that would be
// published.
func TestPublicationNeedsEachThing(t *testing.T) {
	wsdl := `<definitions xmlns:soap="x"><service><port><soap:address location="https://snodo.invalid/ws"/></port></service></definitions>`
	for name, k := range map[string]struct {
		eservice, descriptor members
		file                 string // of the interface; none when empty
		by                   func(c *cast) *caller
		want                 outcome
	}{
		"everything":                 {nil, nil, openapi, nil, outcome{200, "", "PUBLISHED"}},
		"everything of SOAP":         {members{"technology": "SOAP"}, nil, wsdl, nil, outcome{200, "", "PUBLISHED"}},
		"without personal data":      {members{"personalData": false}, nil, openapi, nil, outcome{200, "", "PUBLISHED"}},
		"no interface":               {nil, nil, "", nil, outcome{400, "001-0002", "DRAFT"}},
		"an empty audience":          {nil, members{"audience": []string{""}}, openapi, nil, outcome{400, "001-0023", "DRAFT"}},
		"personal data not declared": {members{"personalData": nil}, nil, openapi, nil, outcome{400, "001-0043", "DRAFT"}},
		"RECEIVE, no risk analysis":  {members{"mode": "RECEIVE"}, nil, openapi, nil, outcome{400, "001-0018", "DRAFT"}},
		"somebody else's":            {nil, nil, openapi, func(c *cast) *caller { return c.consumer }, outcome{404, "001-0005", "DRAFT"}},
	} {
		t.Run(name, func(t *testing.T) {
			c := newQuickCast(t)
			body := changed(eserviceBody(members{"descriptor": descriptorBody(k.descriptor)}), k.eservice)
			e := c.want(c.producer.v3("POST", "/eservices", body), 201, "").text("id")
			d := c.first(e)
			path := "/eservices/" + e + "/descriptors/" + d
			if k.file != "" {
				c.want(c.producer.upload(path+"/interface", "interface", "Interfaccia", k.file), 201, "")
			}
			who := c.producer
			if k.by != nil {
				who = k.by(c)
			}
			c.want(who.v3("POST", path+"/publish", nil), k.want.status, k.want.code)
			if found, _ := c.Platform().Descriptor(d); string(found.State) != k.want.state {
				t.Errorf("the descriptor is %s", found.State)
			}
		})
	}
}

// TestWhatBecomesOfTheVersionBefore: by its state and by whether somebody uses it.
func TestWhatBecomesOfTheVersionBefore(t *testing.T) {
	for name, k := range map[string]struct {
		state     platform.DescriptorState
		agreement string // none when empty
		want      platform.DescriptorState
	}{
		"published and unused":       {platform.Published, "", platform.Archived},
		"published, draft agreement": {platform.Published, "DRAFT", platform.Archived},
		"published, agreement ended": {platform.Published, "ARCHIVED", platform.Archived},
		"published and used":         {platform.Published, "ACTIVE", platform.Deprecated},
		"published, use suspended":   {platform.Published, "SUSPENDED", platform.Deprecated},
		"suspended and unused":       {platform.Suspended, "", platform.Archived},
		"suspended and used":         {platform.Suspended, "ACTIVE", platform.Suspended},
		"deprecated stays":           {platform.Deprecated, "ACTIVE", platform.Deprecated},
		"archived stays":             {platform.Archived, "", platform.Archived},
	} {
		t.Run(name, func(t *testing.T) {
			c := newQuickCast(t)
			e, first := c.published(nil)
			if k.agreement != "" {
				must(t, c.AddPurpose(Purpose{ID: inUse, ConsumerID: tenantID, DescriptorID: first, AgreementState: k.agreement}))
			}
			must(t, c.SetDescriptorState(first, k.state))
			versions := "/eservices/" + e + "/descriptors"
			next := c.want(c.producer.v3("POST", versions, descriptorBody(nil)), 201, "").text("id")
			c.want(c.producer.upload(versions+"/"+next+"/interface", "openapi.yaml", "x", openapi), 201, "")
			c.want(c.producer.v3("POST", versions+"/"+next+"/publish", nil), 200, "")
			if d, _ := c.Platform().Descriptor(first); d.State != k.want {
				t.Errorf("it is %s, expected %s", d.State, k.want)
			}
		})
	}
}

// TestQuotaAtItsEdges: per consumer and in all, at the last call that is admitted and one
// more; what is not active does not count.
func TestQuotaAtItsEdges(t *testing.T) {
	const mine, theirs = "30000000-0000-4000-8000-000000000001", "30000000-0000-4000-8000-000000000002"
	for name, k := range map[string]struct {
		perConsumer, total int
		mine, theirs       int    // declared already, by the consumer and by another
		state              string // of what is declared; active when empty
		ask                int
		want               string
	}{
		"the first call":                      {10, 20, 0, 0, "", 1, "ACTIVE"},
		"all of the consumer's":               {10, 20, 0, 0, "", 10, "ACTIVE"},
		"one more":                            {10, 20, 0, 0, "", 11, "WAITING_FOR_APPROVAL"},
		"the rest of the consumer's":          {10, 20, 4, 0, "", 6, "ACTIVE"},
		"one more than the rest":              {10, 20, 4, 0, "", 7, "WAITING_FOR_APPROVAL"},
		"others do not count for the first":   {10, 100, 0, 50, "", 10, "ACTIVE"},
		"the rest of all":                     {10, 20, 4, 10, "", 6, "ACTIVE"},
		"one more than the rest of all":       {10, 20, 4, 11, "", 6, "WAITING_FOR_APPROVAL"},
		"all of it taken by others":           {10, 20, 0, 20, "", 1, "WAITING_FOR_APPROVAL"},
		"both thresholds the same":            {10, 10, 0, 4, "", 7, "WAITING_FOR_APPROVAL"},
		"suspended ones leave room":           {10, 20, 10, 10, "SUSPENDED", 10, "ACTIVE"},
		"those that wait leave room":          {10, 20, 10, 10, "WAITING_FOR_APPROVAL", 10, "ACTIVE"},
		"archived ones leave room":            {10, 20, 10, 10, "ARCHIVED", 10, "ACTIVE"},
		"over both":                           {10, 10, 10, 10, "", 1, "WAITING_FOR_APPROVAL"},
		"the greatest number the API accepts": {10, 20, 0, 0, "", platform.MaxDailyCalls, "WAITING_FOR_APPROVAL"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newQuickCast(t)
			e, d := c.published(members{"descriptor": descriptorBody(members{"dailyCallsPerConsumer": k.perConsumer, "dailyCallsTotal": k.total})})
			if k.mine > 0 {
				must(t, c.AddPurpose(Purpose{ID: mine, ConsumerID: tenantID, DescriptorID: d, DailyCalls: k.mine, State: k.state}))
			} else {
				c.agreed(c.consumer, e, d)
			}
			if k.theirs > 0 {
				must(t, c.AddPurpose(Purpose{ID: theirs, ConsumerID: delegateID, DescriptorID: d, DailyCalls: k.theirs, State: k.state}))
			}
			id := c.activated(c.consumer, e, members{"dailyCalls": k.ask})
			if r, _ := c.Platform().PurposeRecord(id); r.Versions[0].State != k.want {
				t.Errorf("%s, expected %s", r.Versions[0].State, k.want)
			}
		})
	}
}

// TestThresholdOfAnAttribute: the one of an attribute that is held replaces the
// descriptor's, larger or smaller; of several the largest counts; the total stays.
func TestThresholdOfAnAttribute(t *testing.T) {
	const e, d = "30000000-0000-4000-8000-000000000001", "30000000-0000-4000-8000-000000000002"
	const second = "30000000-0000-4000-8000-000000000003"
	for name, k := range map[string]struct {
		own  []int // thresholds of the attributes, in one group
		held []bool
		want int // what is left to the consumer
	}{
		"none of its own":       {[]int{0, 0}, []bool{true, true}, 100},
		"smaller":               {[]int{30, 0}, []bool{true, false}, 30},
		"larger":                {[]int{300, 0}, []bool{true, false}, 300},
		"the largest":           {[]int{30, 60}, []bool{true, true}, 60},
		"only of those held":    {[]int{30, 600}, []bool{true, false}, 30},
		"of another that holds": {[]int{30, 600}, []bool{false, true}, 600},
		"over the total":        {[]int{5000, 0}, []bool{true, false}, 5000},
	} {
		t.Run(name, func(t *testing.T) {
			c := newQuickCast(t)
			personal := true
			p := c.Platform()
			must(
				t,
				p.AddAttribute(Attribute{ID: second, Name: "Province"}),
				c.AddEservice(Eservice{ID: e, ProducerID: producerID, Name: "con soglie", PersonalData: &personal}),
				c.AddDescriptor(Descriptor{
					ID: d, EserviceID: e, Audience: []string{"https://d"}, VoucherLifespan: 60, DailyCallsPerConsumer: 100, DailyCallsTotal: 1000,
					CertifiedGroups: [][]Requirement{{
						{AttributeID: comuniID, DailyCallsPerConsumer: k.own[0]}, {AttributeID: second, DailyCallsPerConsumer: k.own[1]},
					}},
				}),
			)
			for i, id := range []string{comuniID, second} {
				if k.held[i] {
					must(t, p.AssignAttribute(tenantID, id))
				}
			}
			c.agreed(c.consumer, e, d)
			id := c.want(c.consumer.v3("POST", "/purposes", purposeBody(e, members{"dailyCalls": min(k.want, 1000)})), 201, "").text("id")
			left := c.want(c.consumer.v3("GET", "/purposes/"+id+"/remainingDailyCalls", nil), 200, "")
			if left.body["remainingDailyCallsPerConsumer"] != float64(k.want) || left.body["remainingDailyCallsTotal"] != 1000.0 {
				t.Errorf("left %s", left.raw)
			}
			if r := c.want(c.consumer.v3("POST", "/purposes/"+id+"/activate", members{}), 200, ""); r.text("currentVersion", "state") != "ACTIVE" {
				t.Errorf("at the edge: %s", r.raw)
			}
			more := c.activated(c.consumer, e, members{"title": "una di troppo", "dailyCalls": 1})
			if r, _ := p.PurposeRecord(more); r.Versions[0].State != "WAITING_FOR_APPROVAL" {
				t.Errorf("one more: %s", r.Versions[0].State)
			}
		})
	}
}

// TestKeysOfAKeychainHaveTheRulesOfThoseOfAClient: of form, of owner, of person, of number.
func TestKeysOfAKeychainHaveTheRulesOfThoseOfAClient(t *testing.T) {
	c := newQuickCast(t)
	must(t, c.RemoveKey(c.chainKid))
	path := "/producerKeychains/" + keychainID
	good := keyBody(publicPEM(t, keys()[3]), nil)
	c.want(c.producer.v3("POST", path+"/keys", good), 403, "006-0016")
	c.want(c.producer.v3("POST", path+"/users", members{"userIds": []string{consumerUserID}}), 403, "006-0007")
	c.want(c.producer.v3("POST", path+"/users", members{"userIds": []string{adminID}}), 204, "")
	c.want(c.producer.v3("POST", path+"/users", members{"userIds": []string{adminID}}), 400, "006-0008")
	must(t, c.Platform().AddUser(producerID, platform.User{ID: adminID, Role: "operator"}))
	c.want(c.producer.v3("POST", path+"/keys", good), 403, "006-0007")
	must(t, c.Platform().AddUser(producerID, platform.User{ID: adminID, Role: "security"}))
	c.want(c.consumer.v3("POST", path+"/keys", good), 403, "006-0019")
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	must(t, err)
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	pkix := func(key any) []byte {
		der, err := x509.MarshalPKIXPublicKey(key)
		return block(t, "PUBLIC KEY", der, err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(keys()[3])
	for name, k := range map[string]struct {
		text []byte
		code string
	}{
		"private":     {block(t, "PRIVATE KEY", private, err), "006-10001"},
		"certificate": {block(t, "CERTIFICATE", []byte("x"), nil), "006-10005"},
		"two keys":    {append(publicPEM(t, keys()[3]), publicPEM(t, keys()[3])...), "006-10019"},
		"short":       {pkix(&short.PublicKey), "006-10008"},
		"curve":       {pkix(&curve.PublicKey), "006-10009"},
		"no PEM":      {[]byte("hello"), "006-10003"},
	} {
		if a := c.producer.v3("POST", path+"/keys", keyBody(k.text, nil)); a.status != 400 || a.code() != k.code {
			t.Errorf("%s: %d %s, expected 400 %s", name, a.status, a.raw, k.code)
		}
	}
	c.want(c.producer.v3("POST", path+"/keys", good), 200, "")
	c.want(c.producer.v3("POST", path+"/keys", good), 409, "006-0017")
	if list := c.want(c.producer.v3("GET", paged(path+"/keys"), nil), 200, "").results(); len(list) != 1 || list[0]["kid"] != c.chainKid {
		t.Errorf("keys %v", list)
	}
}

// TestAKidNobodyHasIsNotFound by either route, whatever it looks like.
func TestAKidNobodyHasIsNotFound(t *testing.T) {
	c := newQuickCast(t)
	for _, kid := range []string{strings.Repeat("A", 43), "x", c.kid + "A", strings.ToLower(c.kid) + "-", fmt.Sprint(unknownID)} {
		c.want(c.reader.v3("GET", "/keys/"+kid, nil), 404, "006-0035")
		c.want(c.reader.v3("GET", "/producerKeys/"+kid, nil), 404, "006-0036")
	}
}

// TestADeletedClientIsForgotten: its keys, its links and its vouchers to come.
func TestADeletedClientIsForgotten(t *testing.T) {
	c := newQuickCast(t)
	good := form(c.assertion(c.claims()))
	c.voucher(good)
	c.want(c.consumer.v3("DELETE", "/clients/"+clientID, nil), 204, "")
	c.wantMasked(c.post(good), "0006")
	c.want(c.reader.v3("GET", "/keys/"+c.kid, nil), 404, "006-0035")
	c.want(c.producer.v3("GET", "/clients/"+clientID, nil), 404, "006-0001")
	if r, _ := c.Platform().PurposeRecord(purposeID); len(r.Links) != 0 {
		t.Errorf("the purpose is still linked: %v", r.Links)
	}
	// Its kid is free again.
	must(t, c.Platform().AddUser(tenantID, platform.User{ID: consumerUserID, Role: "security"}))
	c.user(otherID)
	c.want(c.consumer.v3("POST", "/clients/"+otherID+"/keys", keyBody(publicPEM(t, keys()[0]), nil)), 200, "")
}

// TestLinksByState tries a link in every state of the agreement and of the purpose.
func TestLinksByState(t *testing.T) {
	states := map[string]bool{"ACTIVE": true, "SUSPENDED": true, "DRAFT": false, "PENDING": false, "ARCHIVED": false, "REJECTED": false}
	for state, linked := range states {
		t.Run(state, func(t *testing.T) {
			for what, code := range map[string]string{"agreement": "006-0012", "purpose": "006-0010"} {
				c := newQuickCast(t)
				set := c.SetAgreementState
				if what == "purpose" {
					set = c.SetPurposeState
				}
				must(t, set(purposeID, state))
				want := outcome{status: 204}
				if !linked {
					want = outcome{status: 400, code: code}
				}
				c.want(c.consumer.v3("POST", "/clients/"+otherID+"/purposes", members{"purposeId": purposeID}), want.status, want.code)
			}
		})
	}
}
