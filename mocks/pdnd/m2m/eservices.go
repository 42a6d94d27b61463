// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package m2m

import (
	"slices"

	"github.com/snodo-pa/snodo/mocks/pdnd/platform"
)

// daily is a number of daily calls.
func daily(value any) string { return integer(1, platform.MaxDailyCalls)(value) }

func descriptorSchema() schema {
	return schema{
		"description":             may(text(10, 250)),
		"audience":                must(list(text(0, 250), 1, 1)),
		"voucherLifespan":         must(integer(60, 86400)),
		"dailyCallsPerConsumer":   must(daily),
		"dailyCallsTotal":         must(daily),
		"agreementApprovalPolicy": must(oneOf(platform.Automatic, platform.Manual)),
	}
}

func eserviceSchema() schema {
	return schema{
		"name":                    must(text(5, 60)),
		"description":             must(text(10, 400)),
		"technology":              must(oneOf("REST", "SOAP")),
		"mode":                    must(oneOf("DELIVER", "RECEIVE")),
		"isSignalHubEnabled":      may(boolean),
		"isConsumerDelegable":     may(boolean),
		"isClientAccessDelegable": may(boolean),
		"personalData":            may(boolean),
	}
}

func eserviceRoutes() []route {
	return []route{
		{pattern: "GET /eservices", run: listEservices},
		{pattern: "POST /eservices", run: createEservice},
		{pattern: "GET /eservices/{eserviceId}", run: get(func(c *call) (platform.Eservice, error) {
			return c.world().SeeEservice(c.actor, c.id("eserviceId"))
		}, showEservice)},
		{pattern: "PATCH /eservices/{eserviceId}", run: patchEservice},
		{pattern: "DELETE /eservices/{eserviceId}", run: erase(func(c *call) error {
			return c.world().DeleteEservice(c.actor, c.id("eserviceId"))
		})},
		{pattern: "PATCH /eservices/{eserviceId}/name", run: patchPublished("ESERVICE_NAME_UPDATED", "name")},
		{pattern: "PATCH /eservices/{eserviceId}/description", run: patchPublished("ESERVICE_DESCRIPTION_UPDATED", "description")},
		{pattern: "PATCH /eservices/{eserviceId}/signalHub", run: patchPublished("ESERVICE_SIGNAL_HUB_ENABLED", "isSignalHubEnabled")},
		{pattern: "PATCH /eservices/{eserviceId}/delegation", run: patchPublished(
			"ESERVICE_IS_CONSUMER_DELEGABLE_ENABLED", "isConsumerDelegable", "isClientAccessDelegable")},
	}
}

func listEservices(c *call) (reply, error) {
	q := c.query()
	producers, name := q.filter("producerIds", uuid), q.one("name")
	technology, mode := q.filter("technology", oneOf("REST", "SOAP")), q.filter("mode", oneOf("DELIVER", "RECEIVE"))
	signal, consumer, access := q.flag("isSignalHubEnabled"), q.flag("isConsumerDelegable"), q.flag("isClientAccessDelegable")
	templates := q.filter("templateIds", uuid)
	return page(q, c.world().ListEservices(c.actor), func(e platform.Eservice) bool {
		return in(producers, e.ProducerID) && like(e.Name, name) && in(technology, e.Technology) && in(mode, e.Mode) &&
			same(signal, e.IsSignalHubEnabled) && same(consumer, e.IsConsumerDelegable) && same(access, e.IsClientAccessDelegable) &&
			len(templates) == 0
	}, showEservice)
}

func createEservice(c *call) (reply, error) {
	s := eserviceSchema()
	s["descriptor"] = must(nested(descriptorSchema()))
	var seed platform.EserviceSeed
	if err := c.body(s, &seed); err != nil {
		return reply{}, err
	}
	e, err := c.world().CreateEservice(c.actor, seed)
	if err != nil {
		return reply{}, err
	}
	return created(showEservice(e))
}

func patchEservice(c *call) (reply, error) {
	s := eserviceSchema()
	s["personalData"] = nullable(boolean)
	var change platform.EservicePatch
	cleared, err := c.patch(s, &change)
	if err != nil {
		return reply{}, err
	}
	change.ClearPersonalData = slices.Contains(cleared, "personalData")
	e, err := c.world().UpdateEservice(c.actor, c.id("eserviceId"), change)
	if err != nil {
		return reply{}, err
	}
	return ok(showEservice(e))
}

// patchPublished changes some members of an e-service that has left the draft. One alone
// is required, of several each may be left out.
func patchPublished(kind string, names ...string) handler {
	return func(c *call) (reply, error) {
		s := make(schema, len(names))
		for _, name := range names {
			s[name] = eserviceSchema()[name]
		}
		var change platform.EservicePatch
		if _, err := c.patch(s, &change); err != nil {
			return reply{}, err
		}
		e, err := c.world().UpdatePublished(c.actor, c.id("eserviceId"), kind, change)
		if err != nil {
			return reply{}, err
		}
		return ok(showEservice(e))
	}
}
