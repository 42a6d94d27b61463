// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package m2m

import "github.com/snodo-pa/snodo/mocks/pdnd/platform"

func agreementRoutes() []route {
	const path = "/agreements/{agreementId}"
	on := func(op func(p *platform.Platform, a platform.Actor, id string) (platform.Agreement, error)) func(c *call) (platform.Agreement, error) {
		return func(c *call) (platform.Agreement, error) { return op(c.world(), c.actor, c.id("agreementId")) }
	}
	under := func(op func(p *platform.Platform, a platform.Actor, id, delegationID string) (platform.Agreement, error)) handler {
		return actionUnder(func(c *call, delegationID string) (platform.Agreement, error) {
			return op(c.world(), c.actor, c.id("agreementId"), delegationID)
		}, showAgreement)
	}
	return []route{
		{pattern: "GET /agreements", run: listAgreements},
		{pattern: "POST /agreements", run: createAgreement},
		{pattern: "GET " + path, run: get(on((*platform.Platform).SeeAgreement), showAgreement)},
		{pattern: "DELETE " + path, run: erase(func(c *call) error {
			return c.world().DeleteAgreement(c.actor, c.id("agreementId"))
		})},
		{pattern: "GET " + path + "/purposes", run: listAgreementPurposes},
		{pattern: "POST " + path + "/submit", run: submitAgreement},
		{pattern: "POST " + path + "/reject", run: rejectAgreement},
		{pattern: "POST " + path + "/approve", run: under((*platform.Platform).ApproveAgreement)},
		{pattern: "POST " + path + "/suspend", run: under((*platform.Platform).SuspendAgreement)},
		{pattern: "POST " + path + "/unsuspend", run: under((*platform.Platform).UnsuspendAgreement)},
		{pattern: "POST " + path + "/upgrade", run: action(on((*platform.Platform).UpgradeAgreement), showAgreement)},
		{pattern: "POST " + path + "/clone", run: action(on((*platform.Platform).CloneAgreement), showAgreement)},
		{pattern: "POST " + path + "/archive", only3: true, run: action(on((*platform.Platform).ArchiveAgreement), showAgreement)},
	}
}

func listAgreements(c *call) (reply, error) {
	q := c.query()
	states := q.filter("states", oneOf(platform.StateDraft, platform.Active, platform.StateArchived, platform.StatePending,
		platform.StateSuspended, platform.StateMissingCertifiedAttribute, platform.StateRejected))
	producers, consumers := q.filter("producerIds", uuid), q.filter("consumerIds", uuid)
	descriptors, eservices := q.filter("descriptorIds", uuid), q.filter("eserviceIds", uuid)
	return page(q, c.world().ListAgreements(c.actor), func(a platform.Agreement) bool {
		return in(states, a.State) && in(producers, a.ProducerID) && in(consumers, a.ConsumerID) &&
			in(descriptors, a.DescriptorID) && in(eservices, a.EserviceID)
	}, showAgreement)
}

func createAgreement(c *call) (reply, error) {
	var seed struct {
		EserviceID   string `json:"eserviceId"`
		DescriptorID string `json:"descriptorId"`
		DelegationID string `json:"delegationId"`
	}
	s := schema{"eserviceId": must(uuid), "descriptorId": must(uuid), "delegationId": may(uuid)}
	if err := c.body(s, &seed); err != nil {
		return reply{}, err
	}
	a, err := c.world().CreateAgreement(c.actor, seed.EserviceID, seed.DescriptorID, seed.DelegationID)
	if err != nil {
		return reply{}, err
	}
	return created(showAgreement(a))
}

func listAgreementPurposes(c *call) (reply, error) {
	a, err := c.world().SeeAgreement(c.actor, c.id("agreementId"))
	if err != nil {
		return reply{}, err
	}
	return page(c.query(), c.world().ListPurposes(c.actor), func(r platform.PurposeRecord) bool {
		return r.EserviceID == a.EserviceID && r.ConsumerID == a.ConsumerID
	}, c.showPurpose)
}

func submitAgreement(c *call) (reply, error) {
	var seed struct {
		ConsumerNotes string `json:"consumerNotes"`
	}
	if err := c.body(schema{"consumerNotes": may(text(0, 1000))}, &seed); err != nil {
		return reply{}, err
	}
	a, err := c.world().SubmitAgreement(c.actor, c.id("agreementId"), seed.ConsumerNotes)
	if err != nil {
		return reply{}, err
	}
	return ok(showAgreement(a))
}

func rejectAgreement(c *call) (reply, error) {
	var seed struct {
		Reason string `json:"reason"`
	}
	if err := c.body(schema{"reason": must(text(20, 1000))}, &seed); err != nil {
		return reply{}, err
	}
	a, err := c.world().RejectAgreement(c.actor, c.id("agreementId"), seed.Reason)
	if err != nil {
		return reply{}, err
	}
	return ok(showAgreement(a))
}
