// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/mocks/pdnd/events"
)

// withAttribute makes an e-service with a group of certified attributes and publishes it.
func (c *cast) withAttribute(policy string) (eserviceID, descriptorID string) {
	c.t.Helper()
	e := c.want(c.producer.v3("POST", "/eservices", eserviceBody(members{
		"name": "riservato ai comuni", "descriptor": descriptorBody(members{"agreementApprovalPolicy": policy}),
	})), 201, "").text("id")
	d := c.first(e)
	path := "/eservices/" + e + "/descriptors/" + d
	c.want(c.producer.v3("POST", path+"/certifiedAttributes/groups", members{"attributeIds": []string{comuniID}}), 201, "")
	c.want(c.producer.upload(path+"/interface", "openapi.yaml", "x", openapi), 201, "")
	c.want(c.producer.v3("POST", path+"/publish", nil), 200, "")
	return e, d
}

func (c *cast) lastEvent(feed events.Feed) events.Event {
	c.t.Helper()
	all := c.Platform().Log().All(feed)
	if len(all) == 0 {
		c.t.Fatalf("no event on %s", feed)
	}
	return all[len(all)-1]
}

func TestAgreementUnderAnAutomaticPolicy(t *testing.T) {
	c := newCast(t, Options{})
	e, d := c.published(nil)
	a := c.want(c.consumer.v3("POST", "/agreements", members{"eserviceId": e, "descriptorId": d}), 201, "")
	if a.text("state") != "DRAFT" || a.text("producerId") != producerID || a.text("consumerId") != tenantID {
		t.Errorf("draft %s", a.raw)
	}
	c.want(c.consumer.v3("POST", "/agreements", members{"eserviceId": e, "descriptorId": d}), 409, "002-0010")
	path := "/agreements/" + a.text("id")
	c.want(c.producer.v3("POST", path+"/submit", members{}), 403, "002-0027")
	c.want(c.consumer.v3("POST", path+"/submit", members{"consumerNotes": strings.Repeat("x", 1001)}), 400, "017-9999")
	a = c.want(c.consumer.v3("POST", path+"/submit", members{"consumerNotes": "per le verifiche"}), 200, "")
	if a.text("state") != "ACTIVE" || a.text("consumerNotes") != "per le verifiche" {
		t.Errorf("submitted %s", a.raw)
	}
	if last := c.lastEvent(events.AgreementEvents); last.Type != "AGREEMENT_ACTIVATED" || last.IDs["agreementId"] != a.text("id") {
		t.Errorf("event %+v", last)
	}
	c.want(c.consumer.v3("POST", path+"/submit", members{}), 400, "002-0003")
	c.want(c.consumer.v3("DELETE", path, nil), 400, "002-0003")
	c.want(c.delegate.v3("GET", path, nil), 403, "002-0007")
	c.want(c.producer.v3("GET", path, nil), 200, "")
	c.want(c.producer.v3("GET", "/agreements/"+unknownID, nil), 404, "002-0009")
}

func TestAgreementOnTheWrongDescriptor(t *testing.T) {
	c := newCast(t, Options{})
	e, first := c.published(nil)
	versions := "/eservices/" + e + "/descriptors"
	draft := c.want(c.producer.v3("POST", versions, descriptorBody(nil)), 201, "").text("id")
	try := func(descriptor string) answer {
		return c.consumer.v3("POST", "/agreements", members{"eserviceId": e, "descriptorId": descriptor})
	}
	c.want(try(draft), 400, "002-0021")
	c.want(try(unknownID), 400, "002-0021")
	c.want(c.producer.upload(versions+"/"+draft+"/interface", "openapi.yaml", "x", openapi), 201, "")
	c.want(c.producer.v3("POST", versions+"/"+draft+"/publish", nil), 200, "")
	c.want(try(first), 400, "002-0021")
	c.want(c.producer.v3("POST", versions+"/"+draft+"/suspend", nil), 200, "")
	c.want(try(draft), 400, "002-0004")
	c.want(c.producer.v3("POST", versions+"/"+draft+"/unsuspend", nil), 200, "")
	c.want(c.consumer.v3("POST", "/agreements", members{"eserviceId": unknownID, "descriptorId": draft}), 400, "002-0005")
	c.want(c.consumer.v3("POST", "/agreements", members{"eserviceId": "x", "descriptorId": draft}), 400, "017-9999")
	c.want(try(draft), 201, "")
}

func TestAgreementNeedsTheCertifiedAttribute(t *testing.T) {
	c := newCast(t, Options{})
	e, d := c.withAttribute("AUTOMATIC")
	body := members{"eserviceId": e, "descriptorId": d}
	c.want(c.consumer.v3("POST", "/agreements", body), 400, "002-0001")
	must(t, c.Platform().AssignAttribute(tenantID, comuniID))
	a := c.want(c.consumer.v3("POST", "/agreements", body), 201, "")
	path := "/agreements/" + a.text("id")
	must(t, c.Platform().RevokeAttribute(tenantID, comuniID))
	state := func() string { return c.consumer.v3("GET", path, nil).text("state") }
	if state() != "MISSING_CERTIFIED_ATTRIBUTES" {
		t.Errorf("a draft without its attribute is %s", state())
	}
	c.want(c.consumer.v3("POST", path+"/submit", members{}), 400, "002-0003")
	must(t, c.Platform().AssignAttribute(tenantID, comuniID))
	if state() != "DRAFT" {
		t.Errorf("a draft with its attribute is %s", state())
	}
	c.want(c.consumer.v3("POST", path+"/submit", members{}), 200, "")
	must(t, c.Platform().RevokeAttribute(tenantID, comuniID))
	suspended := c.consumer.v3("GET", path, nil)
	if suspended.text("state") != "SUSPENDED" || suspended.body["suspendedByPlatform"] != true {
		t.Errorf("an active one without its attribute is %s", suspended.raw)
	}
	if last := c.lastEvent(events.AgreementEvents); last.Type != "AGREEMENT_SUSPENDED_BY_PLATFORM" {
		t.Errorf("event %+v", last)
	}
	must(t, c.Platform().AssignAttribute(tenantID, comuniID))
	if state() != "ACTIVE" {
		t.Errorf("back as %s", state())
	}
	// The producer is not asked for attributes on its own e-service.
	c.want(c.producer.v3("POST", "/agreements", body), 201, "")
}

func TestAgreementUnderAManualPolicy(t *testing.T) {
	c := newCast(t, Options{})
	must(t, c.Platform().AssignAttribute(tenantID, comuniID))
	e, d := c.withAttribute("MANUAL")
	body := members{"eserviceId": e, "descriptorId": d}
	submit := func() string {
		a := c.want(c.consumer.v3("POST", "/agreements", body), 201, "")
		if a := c.want(c.consumer.v3("POST", "/agreements/"+a.text("id")+"/submit", members{}), 200, ""); a.text("state") != "PENDING" {
			t.Errorf("submitted as %s", a.text("state"))
		}
		return "/agreements/" + a.text("id")
	}
	path := submit()
	c.want(c.consumer.v3("POST", path+"/approve", members{}), 403, "002-0029")
	c.want(c.consumer.v3("POST", path+"/suspend", members{}), 400, "002-0003")
	c.want(c.producer.v3("POST", path+"/reject", members{"reason": "troppo corto"}), 400, "017-9999")
	c.want(c.producer.v3("POST", path+"/reject", members{"reason": strings.Repeat("x", 1001)}), 400, "017-9999")
	rejected := c.want(c.producer.v3("POST", path+"/reject", members{"reason": "mancano i documenti richiesti"}), 200, "")
	if rejected.text("state") != "REJECTED" || rejected.text("rejectionReason") == "" {
		t.Errorf("rejected %s", rejected.raw)
	}
	c.want(c.producer.v3("POST", path+"/approve", members{}), 409, "017-0014")
	cloned := c.want(c.consumer.v3("POST", path+"/clone", nil), 200, "")
	if cloned.text("state") != "DRAFT" || "/agreements/"+cloned.text("id") == path {
		t.Errorf("cloned %s", cloned.raw)
	}
	c.want(c.consumer.v3("POST", "/agreements/"+cloned.text("id")+"/clone", nil), 400, "002-0003")
	c.want(c.consumer.v3("DELETE", "/agreements/"+cloned.text("id"), nil), 204, "")
	path = submit()
	if a := c.want(c.producer.v3("POST", path+"/approve", members{}), 200, ""); a.text("state") != "ACTIVE" {
		t.Errorf("approved as %s", a.text("state"))
	}
	c.want(c.producer.v3("POST", path+"/reject", members{"reason": "mancano i documenti richiesti"}), 400, "002-0003")
}

func TestBothSidesSuspendAnAgreement(t *testing.T) {
	c := newCast(t, Options{})
	e, d := c.published(nil)
	path := "/agreements/" + c.agreed(c.consumer, e, d)
	c.want(c.consumer.v3("POST", path+"/unsuspend", members{}), 409, "017-0013")
	c.want(c.consumer.v3("POST", path+"/suspend", members{}), 200, "")
	both := c.want(c.producer.v3("POST", path+"/suspend", members{}), 200, "")
	if both.body["suspendedByConsumer"] != true || both.body["suspendedByProducer"] != true || both.text("suspendedAt") == "" {
		t.Errorf("suspended by both: %s", both.raw)
	}
	if a := c.want(c.consumer.v3("POST", path+"/unsuspend", nil), 200, ""); a.text("state") != "SUSPENDED" {
		t.Errorf("with the producer's suspension: %s", a.text("state"))
	}
	if a := c.want(c.producer.v3("POST", path+"/unsuspend", members{}), 200, ""); a.text("state") != "ACTIVE" {
		t.Errorf("with none: %s", a.text("state"))
	}
	if last := c.lastEvent(events.AgreementEvents); last.Type != "AGREEMENT_UNSUSPENDED_BY_PRODUCER" {
		t.Errorf("event %+v", last)
	}
	c.want(c.delegate.v3("POST", path+"/suspend", members{}), 403, "002-0007")
	c.want(c.consumer.v3("POST", path+"/suspend", members{"reason": "x"}), 400, "017-9999")
}

func TestAgreementIsUpgradedAndArchived(t *testing.T) {
	c := newCast(t, Options{})
	e, d := c.published(nil)
	id := c.agreed(c.consumer, e, d)
	path := "/agreements/" + id
	c.want(c.consumer.v3("POST", path+"/upgrade", nil), 400, "002-0011")
	versions := "/eservices/" + e + "/descriptors"
	second := c.want(c.producer.v3("POST", versions, descriptorBody(nil)), 201, "").text("id")
	c.want(c.producer.upload(versions+"/"+second+"/interface", "openapi.yaml", "x", openapi), 201, "")
	c.want(c.producer.v3("POST", versions+"/"+second+"/publish", nil), 200, "")
	if a := c.want(c.consumer.v3("POST", path+"/upgrade", nil), 200, ""); a.text("descriptorId") != second {
		t.Errorf("upgraded to %s", a.text("descriptorId"))
	}
	if a := c.want(c.consumer.v3("POST", path+"/archive", nil), 200, ""); a.text("state") != "ARCHIVED" {
		t.Errorf("archived as %s", a.text("state"))
	}
	c.want(c.consumer.v3("POST", path+"/archive", nil), 400, "002-0003")
	c.want(c.consumer.v3("POST", path+"/upgrade", nil), 400, "002-0003")
	c.agreed(c.consumer, e, second) // after an archived one there may be another
}

func TestAgreementsAreFiltered(t *testing.T) {
	c := newCast(t, Options{})
	e, d := c.published(nil)
	id := c.agreed(c.consumer, e, d)
	for name, k := range map[string]struct {
		who     *caller
		filters []string
		want    int
	}{
		"all of the consumer":   {c.consumer, nil, 3}, // two are seeded
		"all of the producer":   {c.producer, nil, 3},
		"of a stranger":         {c.delegate, nil, 0},
		"by e-service":          {c.consumer, []string{"eserviceIds", e}, 1},
		"by descriptor":         {c.consumer, []string{"descriptorIds", d}, 1},
		"by consumer":           {c.producer, []string{"consumerIds", tenantID}, 3},
		"by another consumer":   {c.producer, []string{"consumerIds", delegateID}, 0},
		"by producer and state": {c.consumer, []string{"producerIds", producerID, "states", "ACTIVE,PENDING"}, 3},
		"by another state":      {c.consumer, []string{"states", "DRAFT"}, 0},
	} {
		if list := c.want(k.who.v3("GET", paged("/agreements", k.filters...), nil), 200, "").results(); len(list) != k.want {
			t.Errorf("%s: %d, expected %d", name, len(list), k.want)
		}
	}
	c.want(c.consumer.v3("GET", paged("/agreements", "states", "NICE"), nil), 400, "017-9999")
	c.activated(c.consumer, e, nil)
	if list := c.want(c.consumer.v3("GET", paged("/agreements/"+id+"/purposes"), nil), 200, "").results(); len(list) != 1 {
		t.Errorf("purposes %v", list)
	}
}
