// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"slices"
	"testing"

	"github.com/snodo-pa/snodo/mocks/pdnd/platform"
)

const (
	inUse    = "30000000-0000-4000-8000-00000000000a" // a consumer delegation to the delegate
	inSupply = "30000000-0000-4000-8000-00000000000b" // a producer delegation to the delegate
)

// delegated is an e-service whose use the consumer has delegated, or whose supply the
// producer has, with an agreement and a purpose made the regular way.
type delegated struct {
	*cast
	eservice, descriptor, agreement, purpose string
}

func underConsumerDelegation(t *testing.T) *delegated {
	t.Helper()
	c := newQuickCast(t)
	d := &delegated{cast: c}
	d.eservice, d.descriptor = c.published(members{"isConsumerDelegable": true})
	must(t, c.Platform().AddDelegation(Delegation{
		ID: inUse, Kind: ConsumerDelegation, DelegatorID: tenantID, DelegateID: delegateID, EserviceID: d.eservice,
	}))
	body := members{"eserviceId": d.eservice, "descriptorId": d.descriptor, "delegationId": inUse}
	d.agreement = c.want(c.delegate.v3("POST", "/agreements", body), 201, "").text("id")
	c.want(c.delegate.v3("POST", "/agreements/"+d.agreement+"/submit", members{}), 200, "")
	d.purpose = c.want(c.delegate.v3("POST", "/purposes", purposeBody(d.eservice, members{"delegationId": inUse})), 201, "").text("id")
	c.want(c.delegate.v3("POST", "/purposes/"+d.purpose+"/activate", members{"delegationId": inUse}), 200, "")
	return d
}

func underProducerDelegation(t *testing.T) *delegated {
	t.Helper()
	c := newQuickCast(t)
	d := &delegated{cast: c}
	d.eservice, d.descriptor = c.published(members{"descriptor": descriptorBody(members{"agreementApprovalPolicy": "MANUAL"})})
	must(t, c.Platform().AddDelegation(Delegation{
		ID: inSupply, Kind: platform.ProducerDelegation, DelegatorID: producerID, DelegateID: delegateID, EserviceID: d.eservice,
	}))
	body := members{"eserviceId": d.eservice, "descriptorId": d.descriptor}
	d.agreement = c.want(c.consumer.v3("POST", "/agreements", body), 201, "").text("id")
	c.want(c.consumer.v3("POST", "/agreements/"+d.agreement+"/submit", members{}), 200, "")
	c.want(c.delegate.v3("POST", "/agreements/"+d.agreement+"/approve", members{"delegationId": inSupply}), 200, "")
	d.purpose = c.activated(c.consumer, d.eservice, nil)
	return d
}

// attempt is a call of an action by somebody, with or without a delegation named.
type attempt struct {
	who        *caller
	delegation string
	status     int
	code       string
}

func (d *delegated) attempts(path string, list map[string]attempt) {
	d.t.Helper()
	for name, a := range list {
		body := members{}
		if a.delegation != "" {
			body["delegationId"] = a.delegation
		}
		if got := a.who.v3("POST", path, body); got.status != a.status || got.code() != a.code {
			d.t.Errorf("%s, %s: %d %s, expected %d %s", path, name, got.status, got.raw, a.status, a.code)
		}
	}
}

// TestADelegateOfTheConsumerNamesItsDelegation: without it the action is refused, and so
// is the delegator, who has given the right away.
func TestADelegateOfTheConsumerNamesItsDelegation(t *testing.T) {
	d := underConsumerDelegation(t)
	c := d.cast
	const other = "30000000-0000-4000-8000-00000000000c" // the delegate's, on another e-service
	must(t, c.AddEservice(Eservice{ID: asyncVersion, ProducerID: producerID, Name: "un altro", IsConsumerDelegable: true}))
	must(t, c.Platform().AddDelegation(Delegation{
		ID: other, Kind: ConsumerDelegation, DelegatorID: tenantID, DelegateID: delegateID, EserviceID: asyncVersion,
	}))
	for path, service := range map[string]string{"/agreements/" + d.agreement: "002", "/purposes/" + d.purpose: "004"} {
		notDelegate := map[string]string{"002": "002-0028", "004": "004-0027"}[service]
		for _, action := range []string{"/suspend", "/unsuspend"} {
			d.attempts(path+action, map[string]attempt{
				"the delegate without it":     {c.delegate, "", 403, service + "-0007"},
				"the delegate with another":   {c.delegate, other, 403, service + "-0031"},
				"the delegate with none such": {c.delegate, unknownID, 403, service + "-0031"},
				"the delegator":               {c.consumer, "", 403, service + "-0031"},
				"the delegator naming it":     {c.consumer, inUse, 403, notDelegate},
				"the producer naming it":      {c.producer, inUse, 403, notDelegate},
			})
			d.attempts(path+action, map[string]attempt{"the delegate": {c.delegate, inUse, 200, ""}})
			if action == "/suspend" {
				seen := c.want(c.consumer.v3("GET", path, nil), 200, "")
				if seen.body["suspendedByConsumer"] != true || seen.body["suspendedByProducer"] != nil {
					t.Errorf("suspended by the delegate: %s", seen.raw)
				}
			}
		}
	}
}

// TestADelegateOfTheProducerNamesItsDelegation is the same on the other side.
func TestADelegateOfTheProducerNamesItsDelegation(t *testing.T) {
	d := underProducerDelegation(t)
	c := d.cast
	for path, service := range map[string]string{"/agreements/" + d.agreement: "002", "/purposes/" + d.purpose: "004"} {
		notDelegate := map[string]string{"002": "002-0030", "004": "004-0028"}[service]
		for _, action := range []string{"/suspend", "/unsuspend"} {
			d.attempts(path+action, map[string]attempt{
				"the delegate without it":   {c.delegate, "", 403, service + "-0007"},
				"the delegate with another": {c.delegate, unknownID, 403, service + "-0031"},
				"the delegator":             {c.producer, "", 403, service + "-0031"},
				"the delegator naming it":   {c.producer, inSupply, 403, notDelegate},
				"the consumer naming it":    {c.consumer, inSupply, 403, notDelegate},
			})
			d.attempts(path+action, map[string]attempt{"the delegate": {c.delegate, inSupply, 200, ""}})
			if action == "/suspend" {
				seen := c.want(c.consumer.v3("GET", path, nil), 200, "")
				if seen.body["suspendedByProducer"] != true || seen.body["suspendedByConsumer"] != nil {
					t.Errorf("suspended by the delegate: %s", seen.raw)
				}
			}
		}
	}
}

// TestApprovalsAreOfWhoProduces: of agreements and of purposes, with and without a
// delegation.
func TestApprovalsAreOfWhoProduces(t *testing.T) {
	d := underProducerDelegation(t)
	c := d.cast
	over := c.want(c.consumer.v3("POST", "/purposes", purposeBody(d.eservice, members{"title": "oltre", "dailyCalls": 4000})), 201, "").text("id")
	c.want(c.consumer.v3("POST", "/purposes/"+over+"/activate", members{}), 200, "")
	d.attempts("/purposes/"+over+"/approve", map[string]attempt{
		"the consumer":            {c.consumer, "", 403, "004-0010"},
		"the delegator":           {c.producer, "", 403, "004-0031"},
		"the delegate without it": {c.delegate, "", 403, "004-0007"},
		"the consumer naming it":  {c.consumer, inSupply, 403, "004-0028"},
	})
	d.attempts("/purposes/"+over+"/approve", map[string]attempt{"the delegate": {c.delegate, inSupply, 200, ""}})
	must(t, c.SetAgreementState(d.purpose, "PENDING"))
	d.attempts("/agreements/"+d.agreement+"/approve", map[string]attempt{
		"the consumer":            {c.consumer, "", 403, "002-0029"},
		"the delegator":           {c.producer, "", 403, "002-0031"},
		"the delegate without it": {c.delegate, "", 403, "002-0007"},
	})
	reason := members{"reason": "mancano i documenti richiesti"}
	c.want(c.producer.v3("POST", "/agreements/"+d.agreement+"/reject", reason), 403, "002-0030")
	c.want(c.delegate.v3("POST", "/agreements/"+d.agreement+"/reject", reason), 200, "")
}

// TestADelegatorLeavesTheRestToItsDelegate: what names no delegation is done by the
// delegate as it is, and refused to the delegator.
func TestADelegatorLeavesTheRestToItsDelegate(t *testing.T) {
	d := underConsumerDelegation(t)
	c := d.cast
	agreement, purpose := "/agreements/"+d.agreement, "/purposes/"+d.purpose
	c.want(c.consumer.v3("POST", purpose+"/versions", members{"dailyCalls": 7}), 403, "004-0027")
	c.want(c.delegate.v3("POST", purpose+"/versions", members{"dailyCalls": 7}), 201, "")
	c.want(c.consumer.v3("POST", purpose+"/archive", nil), 403, "004-0027")
	c.want(c.consumer.v3("DELETE", purpose, nil), 403, "004-0027")
	c.want(c.delegate.v3("POST", purpose+"/archive", nil), 200, "")
	c.want(c.consumer.v3("POST", agreement+"/upgrade", nil), 403, "002-0028")
	c.want(c.delegate.v3("POST", agreement+"/upgrade", nil), 400, "002-0011")
	c.want(c.consumer.v3("POST", agreement+"/archive", nil), 403, "002-0028")
	c.want(c.delegate.v3("POST", agreement+"/archive", nil), 200, "")
	body := members{"eserviceId": d.eservice, "descriptorId": d.descriptor}
	c.want(c.consumer.v3("POST", "/agreements", body), 403, "002-0028")
	// Once it is revoked, the consumer is its own master again.
	must(t, c.Platform().RevokeDelegation(inUse))
	c.want(c.delegate.v3("POST", "/agreements", changed(body, members{"delegationId": inUse})), 400, "002-0026")
	c.want(c.consumer.v3("POST", "/agreements", body), 201, "")
}

// TestADelegateSeesWhatItsDelegationCovers: the purposes made under it, and no other of
// the delegator.
func TestADelegateSeesWhatItsDelegationCovers(t *testing.T) {
	d := underConsumerDelegation(t)
	c := d.cast
	// The delegator may still declare purposes of its own: those are not the delegate's.
	own := c.activated(c.consumer, d.eservice, members{"title": "in proprio"})
	c.want(c.delegate.v3("GET", "/purposes/"+own, nil), 403, "004-0007")
	c.want(c.delegate.v3("POST", "/purposes/"+own+"/suspend", members{"delegationId": inUse}), 403, "004-0007")
	c.want(c.consumer.v3("POST", "/purposes/"+own+"/suspend", members{}), 200, "")
	ids := func(who *caller) (list []string) {
		for _, r := range c.want(who.v3("GET", paged("/purposes", "eserviceIds", d.eservice), nil), 200, "").results() {
			id, _ := r["id"].(string)
			list = append(list, id)
		}
		return list
	}
	if got := ids(c.delegate); !slices.Equal(got, []string{d.purpose}) {
		t.Errorf("the delegate sees %v", got)
	}
	if got := ids(c.consumer); !slices.Equal(got, []string{d.purpose, own}) {
		t.Errorf("the delegator sees %v", got)
	}
	if a := c.want(c.delegate.v3("GET", "/purposes/"+d.purpose+"/agreement", nil), 200, ""); a.text("id") != d.agreement {
		t.Errorf("agreement %s", a.raw)
	}
	for _, who := range []*caller{c.consumer, c.delegate} {
		c.want(who.v3("GET", "/purposes/"+d.purpose+"/remainingDailyCalls", nil), 200, "")
	}
	must(t, c.Platform().RevokeDelegation(inUse))
	c.want(c.delegate.v3("GET", "/purposes/"+d.purpose, nil), 403, "004-0007")
	c.want(c.delegate.v3("GET", "/agreements/"+d.agreement, nil), 403, "002-0007")
}

// TestNoDelegationBesideAnAgreement: who uses an e-service cannot delegate its use.
func TestNoDelegationBesideAnAgreement(t *testing.T) {
	for state, want := range map[string]outcome{
		"ACTIVE": {409, "010-0015", ""}, "SUSPENDED": {409, "010-0015", ""}, "PENDING": {409, "010-0015", ""},
		"DRAFT": {201, "", ""}, "ARCHIVED": {201, "", ""}, "REJECTED": {201, "", ""},
	} {
		t.Run(state, func(t *testing.T) {
			c := newQuickCast(t)
			e, d := c.published(members{"isConsumerDelegable": true})
			must(t, c.AddPurpose(Purpose{ID: inUse, ConsumerID: tenantID, DescriptorID: d, AgreementState: state}))
			c.want(c.consumer.v3("POST", "/consumerDelegations", members{"eserviceId": e, "delegateId": delegateID}), want.status, want.code)
		})
	}
}

// TestARejectedAgreementIsClonedByItsConsumer: the producer sees it too, and may not.
func TestARejectedAgreementIsClonedByItsConsumer(t *testing.T) {
	c := newQuickCast(t)
	e, d := c.withAttribute("MANUAL")
	must(t, c.Platform().AssignAttribute(tenantID, comuniID))
	path := "/agreements/" + c.want(c.consumer.v3("POST", "/agreements", members{"eserviceId": e, "descriptorId": d}), 201, "").text("id")
	c.want(c.consumer.v3("POST", path+"/submit", members{}), 200, "")
	c.want(c.producer.v3("POST", path+"/reject", members{"reason": "mancano i documenti richiesti"}), 200, "")
	c.want(c.producer.v3("POST", path+"/clone", nil), 403, "002-0027")
	must(t, c.Platform().RevokeAttribute(tenantID, comuniID))
	c.want(c.consumer.v3("POST", path+"/clone", nil), 400, "002-0001")
	must(t, c.Platform().AssignAttribute(tenantID, comuniID))
	cloned := c.want(c.consumer.v3("POST", path+"/clone", nil), 200, "")
	if cloned.text("consumerId") != tenantID || cloned.text("descriptorId") != d || cloned.text("rejectionReason") != "" {
		t.Errorf("cloned %s", cloned.raw)
	}
	c.want(c.consumer.v3("POST", path+"/clone", nil), 409, "002-0010")
}

// TestSubmitLooksAtTheDescriptorAgain: a draft may outlive the version it was made for.
func TestSubmitLooksAtTheDescriptorAgain(t *testing.T) {
	c := newQuickCast(t)
	e, d := c.published(nil)
	path := "/agreements/" + c.want(c.consumer.v3("POST", "/agreements", members{"eserviceId": e, "descriptorId": d}), 201, "").text("id")
	must(t, c.SetDescriptorState(d, platform.Suspended))
	c.want(c.consumer.v3("POST", path+"/submit", members{}), 400, "002-0004")
	must(t, c.SetDescriptorState(d, platform.Published))
	versions := "/eservices/" + e + "/descriptors"
	second := c.want(c.producer.v3("POST", versions, descriptorBody(nil)), 201, "").text("id")
	c.want(c.producer.upload(versions+"/"+second+"/interface", "openapi.yaml", "x", openapi), 201, "")
	c.want(c.producer.v3("POST", versions+"/"+second+"/publish", nil), 200, "")
	c.want(c.consumer.v3("POST", path+"/submit", members{}), 400, "002-0021")
	if a := c.want(c.consumer.v3("GET", path, nil), 200, ""); a.text("state") != "DRAFT" {
		t.Errorf("refused, and now %s", a.text("state"))
	}
}
