// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/mocks/pdnd/events"
	"github.com/snodo-pa/snodo/mocks/pdnd/platform"
)

func TestPurposeFromDraftToArchive(t *testing.T) {
	c := newQuickCast(t)
	e, d := c.published(nil)
	c.want(c.consumer.v3("POST", "/purposes", purposeBody(e, nil)), 400, "004-0018")
	agreement := c.agreed(c.consumer, e, d)
	r := c.want(c.consumer.v3("POST", "/purposes", purposeBody(e, nil)), 201, "")
	if r.text("currentVersion", "state") != "DRAFT" || r.body["isRiskAnalysisValid"] != true || r.text("consumerId") != tenantID {
		t.Errorf("draft %s", r.raw)
	}
	path := "/purposes/" + r.text("id")
	c.want(c.consumer.v3("POST", "/purposes", purposeBody(e, nil)), 409, "004-0016")
	c.want(c.producer.v3("GET", path, nil), 403, "004-0007")
	r = c.want(c.consumer.v3("POST", path+"/activate", members{}), 200, "")
	if r.text("currentVersion", "state") != "ACTIVE" || r.text("currentVersion", "firstActivationAt") == "" {
		t.Errorf("active %s", r.raw)
	}
	if last := c.lastEvent(events.PurposeEvents); last.Type != "PURPOSE_ACTIVATED" || last.IDs["purposeVersionId"] != r.text("currentVersion", "id") {
		t.Errorf("event %+v", last)
	}
	c.want(c.consumer.v3("POST", path+"/activate", members{}), 409, "017-0015")
	c.want(c.producer.v3("GET", path, nil), 200, "")
	c.want(c.delegate.v3("GET", path, nil), 403, "004-0007")
	if a := c.want(c.producer.v3("GET", path+"/agreement", nil), 200, ""); a.text("id") != agreement {
		t.Errorf("agreement %s", a.raw)
	}
	c.want(c.consumer.v3("DELETE", path, nil), 409, "004-0017")
	c.want(c.consumer.v3("PATCH", path, members{"title": "un altro titolo"}), 403, "004-0015")
	c.want(c.producer.v3("POST", path+"/archive", nil), 403, "004-0008")
	if r := c.want(c.consumer.v3("POST", path+"/archive", nil), 200, ""); r.text("currentVersion", "state") != "ARCHIVED" {
		t.Errorf("archived %s", r.raw)
	}
	c.want(c.consumer.v3("POST", path+"/archive", nil), 409, "017-0016")
	c.want(c.consumer.v3("POST", path+"/suspend", nil), 409, "017-0016")
	c.want(c.consumer.v3("GET", "/purposes/"+unknownID, nil), 404, "004-0001")
}

func TestPurposeBodiesAreStrict(t *testing.T) {
	c := newQuickCast(t)
	e, d := c.published(nil)
	c.agreed(c.consumer, e, d)
	for name, k := range map[string]struct {
		changes members
		code    string
	}{
		"unknown property":        {members{"colour": "red"}, "017-9999"},
		"short title":             {members{"title": "abcd"}, "017-9999"},
		"long title":              {members{"title": strings.Repeat("x", 61)}, "017-9999"},
		"short description":       {members{"description": "corta"}, "017-9999"},
		"long description":        {members{"description": strings.Repeat("x", 251)}, "017-9999"},
		"no calls":                {members{"dailyCalls": 0}, "017-9999"},
		"too many calls":          {members{"dailyCalls": 1_000_000_001}, "017-9999"},
		"e-service no UUID":       {members{"eserviceId": "x"}, "017-9999"},
		"no e-service":            {members{"eserviceId": nil}, "017-9999"},
		"form without a version":  {members{"riskAnalysisForm": members{"answers": members{}}}, "017-9999"},
		"answer that is no list":  {members{"riskAnalysisForm": members{"version": "3.1", "answers": members{"purpose": "OTHER"}}}, "017-9999"},
		"empty answer":            {members{"riskAnalysisForm": members{"version": "3.1", "answers": members{"purpose": []string{""}}}}, "017-9999"},
		"answer too long":         {members{"riskAnalysisForm": members{"version": "3.1", "answers": members{"purpose": []string{strings.Repeat("x", 2001)}}}}, "017-9999"},
		"free without a reason":   {members{"freeOfChargeReason": nil}, "004-0013"},
		"unknown e-service":       {members{"eserviceId": unknownID}, "004-0002"},
		"expired form":            {members{"riskAnalysisForm": changed(riskForm(true), members{"version": "3.0"})}, "004-0014"},
		"form of a private":       {members{"riskAnalysisForm": changed(riskForm(true), members{"version": "2.0"})}, "004-0014"},
		"unknown value of answer": {members{"riskAnalysisForm": members{"version": "3.1", "answers": members{"purpose": []string{"FUN"}}}}, "004-0014"},
		"unknown delegation":      {members{"delegationId": unknownID}, "002-0026"},
	} {
		t.Run(name, func(t *testing.T) {
			if a := c.consumer.v3("POST", "/purposes", purposeBody(e, k.changes)); a.status != 400 || a.code() != k.code {
				t.Errorf("%d %s, expected 400 %s", a.status, a.raw, k.code)
			}
		})
	}
}

func TestActivationNeedsAWholeRiskAnalysis(t *testing.T) {
	c := newQuickCast(t)
	e, d := c.published(nil)
	c.agreed(c.consumer, e, d)
	full, _ := riskForm(true)["answers"].(members)
	with := func(changes members) members {
		return members{"version": "3.1", "answers": changed(full, changes)}
	}
	for name, form := range map[string]any{
		"no form":                       nil,
		"nothing answered":              members{"version": "3.1", "answers": members{}},
		"no purpose":                    with(members{"purpose": nil, "institutionalPurpose": nil}),
		"no institutional purpose":      with(members{"institutionalPurpose": nil}),
		"other purpose without a text":  with(members{"purpose": []string{"OTHER"}, "institutionalPurpose": nil}),
		"no legal basis":                with(members{"legalBasis": nil}),
		"no kinds of data":              with(members{"personalDataTypes": nil}),
		"no word on third parties":      with(members{"isRequestOnBehalfOfThirdParties": nil}),
		"against the e-service's flag":  riskForm(false),
		"personal data not spoken of":   with(members{"usesPersonalData": nil, "legalBasis": nil, "personalDataTypes": nil}),
		"other purpose with a wrong id": with(members{"purpose": []string{"OTHER"}, "otherPurpose": nil, "institutionalPurpose": nil}),
	} {
		t.Run(name, func(t *testing.T) {
			// A form that is given is whole from the start; a draft may be made without one.
			status, code, wanted := 400, "004-0014", "004-0014"
			if form == nil {
				status, code, wanted = 201, "", "004-0024"
			}
			c.want(c.consumer.v3("POST", "/purposes", purposeBody(e, members{"title": "subito " + name, "riskAnalysisForm": form})), status, code)
			r := c.want(c.consumer.v3("POST", "/purposes", purposeBody(e, members{"title": name, "riskAnalysisForm": nil})), 201, "")
			path := "/purposes/" + r.text("id")
			if form != nil {
				r = c.want(c.consumer.v3("PATCH", path, members{"riskAnalysisForm": form}), 200, "")
			}
			if r.body["isRiskAnalysisValid"] != false {
				t.Error("the form passes for valid")
			}
			c.want(c.consumer.v3("POST", path+"/activate", members{}), 400, wanted)
			c.want(c.consumer.v3("PATCH", path, members{"riskAnalysisForm": riskForm(true)}), 200, "")
			c.want(c.consumer.v3("POST", path+"/activate", members{}), 200, "")
		})
	}
	// What depends on an answer not given is refused at once.
	c.want(c.consumer.v3("POST", "/purposes", purposeBody(e, members{"riskAnalysisForm": with(members{"purpose": []string{"OTHER"}})})), 400, "004-0014")
	must(t, c.Platform().SetAgreementState(c.Platform().Purposes(tenantID)[2].ID, "SUSPENDED"))
}

func TestPurposeWithoutPersonalData(t *testing.T) {
	c := newQuickCast(t)
	e, d := c.published(members{"personalData": false})
	c.agreed(c.consumer, e, d)
	c.activated(c.consumer, e, members{"riskAnalysisForm": riskForm(false)})
}

func TestQuotaOfTheConsumerAndOfAll(t *testing.T) {
	c := newQuickCast(t)
	e, d := c.published(nil) // 1000 per consumer, 5000 in all
	c.agreed(c.consumer, e, d)
	first := c.activated(c.consumer, e, members{"title": "la prima", "dailyCalls": 600})
	left := c.want(c.consumer.v3("GET", "/purposes/"+first+"/remainingDailyCalls", nil), 200, "")
	if left.body["remainingDailyCallsPerConsumer"] != 400.0 || left.body["remainingDailyCallsTotal"] != 4400.0 {
		t.Errorf("left %s", left.raw)
	}
	c.want(c.producer.v3("GET", "/purposes/"+first+"/remainingDailyCalls", nil), 403, "004-0008")
	exact := c.want(c.consumer.v3("POST", "/purposes", purposeBody(e, members{"title": "la seconda", "dailyCalls": 401})), 201, "").text("id")
	waiting := c.want(c.consumer.v3("POST", "/purposes/"+exact+"/activate", members{}), 200, "")
	if waiting.text("waitingForApprovalVersion", "state") != "WAITING_FOR_APPROVAL" || waiting.body["currentVersion"] != nil {
		t.Errorf("over quota: %s", waiting.raw)
	}
	c.want(c.consumer.v3("POST", "/purposes/"+exact+"/approve", members{}), 403, "004-0010")
	if r := c.want(c.producer.v3("POST", "/purposes/"+exact+"/approve", members{}), 200, ""); r.text("currentVersion", "state") != "ACTIVE" {
		t.Errorf("approved %s", r.raw)
	}
	c.want(c.producer.v3("POST", "/purposes/"+exact+"/approve", members{}), 409, "017-0015")
	if left := c.consumer.v3("GET", "/purposes/"+first+"/remainingDailyCalls", nil); left.body["remainingDailyCallsPerConsumer"] != 0.0 {
		t.Errorf("left %s", left.raw)
	}
	// Another consumer has a threshold of its own, and shares the total.
	c.agreed(c.delegate, e, d)
	c.activated(c.delegate, e, members{"dailyCalls": 1000})
	// A suspended version leaves room.
	c.want(c.consumer.v3("POST", "/purposes/"+exact+"/suspend", members{}), 200, "")
	c.activated(c.consumer, e, members{"title": "la terza", "dailyCalls": 400})
	back := c.want(c.consumer.v3("POST", "/purposes/"+exact+"/unsuspend", members{}), 200, "")
	if back.text("waitingForApprovalVersion", "state") != "WAITING_FOR_APPROVAL" {
		t.Errorf("taken back over quota: %s", back.raw)
	}
	// The version that was suspended stays so until the producer approves the other.
	if back.text("currentVersion", "state") != "SUSPENDED" || back.body["suspendedByConsumer"] != true {
		t.Errorf("beside the one that waits: %s", back.raw)
	}
	approved := c.want(c.producer.v3("POST", "/purposes/"+exact+"/approve", members{}), 200, "")
	if approved.text("currentVersion", "state") != "ACTIVE" || approved.body["suspendedByConsumer"] != nil {
		t.Errorf("approved after it: %s", approved.raw)
	}
}

func TestTheTotalIsAThresholdToo(t *testing.T) {
	c := newQuickCast(t)
	e, d := c.published(members{"descriptor": descriptorBody(members{"dailyCallsPerConsumer": 1000, "dailyCallsTotal": 1500})})
	c.agreed(c.consumer, e, d)
	c.agreed(c.delegate, e, d)
	c.activated(c.consumer, e, members{"dailyCalls": 1000})
	r := c.activated(c.delegate, e, members{"dailyCalls": 501})
	if state := c.delegate.v3("GET", "/purposes/"+r, nil).text("waitingForApprovalVersion", "state"); state != "WAITING_FOR_APPROVAL" {
		t.Errorf("over the total: %q", state)
	}
}

func TestAnAttributeMayHaveAThresholdOfItsOwn(t *testing.T) {
	c := newQuickCast(t)
	const e, d = "30000000-0000-4000-8000-000000000001", "30000000-0000-4000-8000-000000000002"
	const small = "30000000-0000-4000-8000-000000000003"
	p := c.Platform()
	personal := true
	must(
		t,
		p.AddAttribute(Attribute{ID: small, Name: "Piccoli"}),
		c.AddEservice(Eservice{ID: e, ProducerID: producerID, Name: "con soglie", PersonalData: &personal}),
		c.AddDescriptor(Descriptor{
			ID: d, EserviceID: e, Audience: []string{"https://d"}, VoucherLifespan: 60, DailyCallsPerConsumer: 1000,
			CertifiedGroups: [][]Requirement{{{AttributeID: comuniID, DailyCallsPerConsumer: 50}, {AttributeID: small, DailyCallsPerConsumer: 20}}},
		}),
		p.AssignAttribute(tenantID, comuniID),
		p.AssignAttribute(tenantID, small),
	)
	c.agreed(c.consumer, e, d)
	id := c.activated(c.consumer, e, members{"dailyCalls": 51})
	if state := c.consumer.v3("GET", "/purposes/"+id, nil).text("waitingForApprovalVersion", "state"); state != "WAITING_FOR_APPROVAL" {
		t.Errorf("over the attribute's 50: %q", state)
	}
	id = c.activated(c.consumer, e, members{"title": "la seconda", "dailyCalls": 50})
	if state := c.consumer.v3("GET", "/purposes/"+id, nil).text("currentVersion", "state"); state != "ACTIVE" {
		t.Errorf("the larger of the two thresholds: %q", state)
	}
}

func TestVersionsOfAPurpose(t *testing.T) {
	c := newQuickCast(t)
	e, d := c.published(nil)
	c.agreed(c.consumer, e, d)
	path := "/purposes/" + c.activated(c.consumer, e, members{"dailyCalls": 100})
	c.want(c.consumer.v3("POST", path+"/versions", members{"dailyCalls": 100}), 409, "004-0023")
	c.want(c.consumer.v3("POST", path+"/versions", members{"dailyCalls": 0}), 400, "017-9999")
	c.want(c.producer.v3("POST", path+"/versions", members{"dailyCalls": 200}), 403, "004-0008")
	v := c.want(c.consumer.v3("POST", path+"/versions", members{"dailyCalls": 200}), 201, "")
	if v.text("state") != "ACTIVE" {
		t.Errorf("within the quota: %s", v.raw)
	}
	// The version in force makes room: 1000 is what the quota admits, 1001 is not.
	if full := c.want(c.consumer.v3("POST", path+"/versions", members{"dailyCalls": 1000}), 201, ""); full.text("state") != "ACTIVE" {
		t.Errorf("the whole quota: %s", full.raw)
	}
	v = c.want(c.consumer.v3("POST", path+"/versions", members{"dailyCalls": 200}), 201, "")
	over := c.want(c.consumer.v3("POST", path+"/versions", members{"dailyCalls": 1001}), 201, "")
	if over.text("state") != "WAITING_FOR_APPROVAL" {
		t.Errorf("over it: %s", over.raw)
	}
	r := c.want(c.consumer.v3("GET", path, nil), 200, "")
	if r.text("currentVersion", "id") != v.text("id") || r.text("waitingForApprovalVersion", "id") != over.text("id") {
		t.Errorf("versions of %s", r.raw)
	}
	c.want(c.consumer.v3("POST", path+"/versions", members{"dailyCalls": 300}), 409, "004-0025")
	c.want(c.producer.v3("POST", path+"/approve", members{}), 200, "")
	list := c.want(c.consumer.v3("GET", paged(path+"/versions"), nil), 200, "").results()
	if len(list) != 5 || list[0]["state"] != "ARCHIVED" || list[4]["state"] != "ACTIVE" {
		t.Errorf("versions %v", list)
	}
	if list := c.consumer.v3("GET", paged(path+"/versions", "state", "ACTIVE"), nil).results(); len(list) != 1 {
		t.Errorf("active versions %v", list)
	}
	c.want(c.consumer.v3("GET", path+"/versions/"+v.text("id"), nil), 200, "")
	c.want(c.consumer.v3("GET", path+"/versions/"+unknownID, nil), 404, "017-0012")
}

func TestBothSidesSuspendAPurpose(t *testing.T) {
	c := newQuickCast(t)
	e, d := c.published(nil)
	c.agreed(c.consumer, e, d)
	path := "/purposes/" + c.activated(c.consumer, e, nil)
	c.want(c.consumer.v3("POST", path+"/unsuspend", members{}), 409, "017-0015")
	c.want(c.producer.v3("POST", path+"/suspend", members{}), 200, "")
	both := c.want(c.consumer.v3("POST", path+"/suspend", members{}), 200, "")
	if both.body["suspendedByConsumer"] != true || both.body["suspendedByProducer"] != true {
		t.Errorf("by both: %s", both.raw)
	}
	if r := c.want(c.consumer.v3("POST", path+"/unsuspend", members{}), 200, ""); r.text("currentVersion", "state") != "SUSPENDED" {
		t.Errorf("by the producer still: %s", r.raw)
	}
	if r := c.want(c.producer.v3("POST", path+"/unsuspend", members{}), 200, ""); r.text("currentVersion", "state") != "ACTIVE" {
		t.Errorf("by none: %s", r.raw)
	}
	if last := c.lastEvent(events.PurposeEvents); last.Type != "PURPOSE_VERSION_UNSUSPENDED_BY_PRODUCER" {
		t.Errorf("event %+v", last)
	}
}

func TestPurposeDraftsAreChangedAndDeleted(t *testing.T) {
	c := newQuickCast(t)
	e, d := c.published(nil)
	c.agreed(c.consumer, e, d)
	taken := c.activated(c.consumer, e, nil)
	id := c.want(c.consumer.v3("POST", "/purposes", purposeBody(e, members{"title": "seconda"})), 201, "").text("id")
	path := "/purposes/" + id
	c.want(c.consumer.v3("PATCH", path, members{"title": "verifica ISTANZE"}), 409, "004-0016")
	c.want(c.consumer.v3("PATCH", path, `{"freeOfChargeReason":null}`), 400, "004-0013")
	r := c.want(c.consumer.v3("PATCH", path, `{"freeOfChargeReason":null,"isFreeOfCharge":false,"dailyCalls":7}`), 200, "")
	if r.body["freeOfChargeReason"] != nil || r.body["isFreeOfCharge"] != false {
		t.Errorf("patched %s", r.raw)
	}
	if v, _ := c.Platform().PurposeRecord(id); v.Versions[0].DailyCalls != 7 {
		t.Errorf("daily calls %d", v.Versions[0].DailyCalls)
	}
	c.want(c.consumer.v3("DELETE", path, nil), 204, "")
	c.want(c.consumer.v3("GET", path, nil), 404, "004-0001")
	if list := c.consumer.v3("GET", paged("/purposes", "title", "verifica", "eserviceIds", e, "states", "ACTIVE"), nil).results(); len(list) != 1 || list[0]["id"] != taken {
		t.Errorf("filtered %v", list)
	}
	if list := c.producer.v3("GET", paged("/purposes", "consumerIds", delegateID), nil).results(); len(list) != 0 {
		t.Errorf("of another %v", list)
	}
}

func TestReverseEservicesHaveNoPurposeOfTheConsumer(t *testing.T) {
	c := newQuickCast(t)
	const e, d, seeded = "30000000-0000-4000-8000-000000000001", "30000000-0000-4000-8000-000000000002", "30000000-0000-4000-8000-000000000003"
	must(
		t,
		c.AddEservice(Eservice{ID: e, ProducerID: producerID, Name: "ricevente", Mode: "RECEIVE"}),
		c.AddDescriptor(Descriptor{ID: d, EserviceID: e, Audience: []string{"https://d"}, VoucherLifespan: 60}),
		c.AddPurpose(Purpose{ID: seeded, ConsumerID: tenantID, DescriptorID: d}),
	)
	c.want(c.consumer.v3("POST", "/purposes", purposeBody(e, nil)), 400, "004-0012")
}

func TestStatesSetByHandAreEvents(t *testing.T) {
	c := newQuickCast(t)
	for state, want := range map[string]string{
		"SUSPENDED": "PURPOSE_VERSION_SUSPENDED_BY_PRODUCER", "ACTIVE": "PURPOSE_VERSION_UNSUSPENDED_BY_PRODUCER",
		"ARCHIVED": "PURPOSE_ARCHIVED", "REJECTED": "PURPOSE_VERSION_REJECTED",
	} {
		must(t, c.SetPurposeState(purposeID, state))
		if last := c.lastEvent(events.PurposeEvents); last.Type != want {
			t.Errorf("%s: %s", state, last.Type)
		}
	}
	must(t, c.SetDescriptorState(descriptorID, platform.Suspended))
	if last := c.lastEvent(events.EserviceEvents); last.Type != "ESERVICE_DESCRIPTOR_SUSPENDED" {
		t.Errorf("%s", last.Type)
	}
	must(t, c.SetAgreementState(purposeID, "SUSPENDED"))
	if last := c.lastEvent(events.AgreementEvents); last.Type != "AGREEMENT_SUSPENDED_BY_PRODUCER" {
		t.Errorf("%s", last.Type)
	}
}
