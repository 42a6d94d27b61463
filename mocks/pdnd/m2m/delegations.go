// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package m2m

import "github.com/snodo-pa/snodo/mocks/pdnd/platform"

func delegationRoutes() []route {
	var all []route
	for kind, path := range map[string]string{
		platform.ConsumerDelegation: "/consumerDelegations",
		platform.ProducerDelegation: "/producerDelegations",
	} {
		one := path + "/{delegationId}"
		all = append(
			all,
			route{pattern: "GET " + path, run: listDelegations(kind)},
			route{pattern: "POST " + path, run: createDelegation(kind)},
			route{pattern: "GET " + one, run: get(func(c *call) (platform.Delegation, error) {
				return c.world().SeeDelegation(c.actor, kind, c.id("delegationId"))
			}, showDelegation)},
			route{pattern: "POST " + one + "/accept", run: decideDelegation(kind, true, schema{})},
			route{pattern: "POST " + one + "/reject", run: decideDelegation(kind, false, schema{"rejectionReason": must(anyText)})},
		)
	}
	return all
}

func listDelegations(kind string) handler {
	return func(c *call) (reply, error) {
		q := c.query()
		states := q.filter("states", oneOf(platform.StateWaitingForApproval, platform.Active, platform.StateRejected, platform.StateRevoked))
		delegators, delegates := q.filter("delegatorIds", uuid), q.filter("delegateIds", uuid)
		eservices := q.filter("eserviceIds", uuid)
		return page(q, c.world().ListDelegations(c.actor, kind), func(d platform.Delegation) bool {
			return in(states, d.State) && in(delegators, d.DelegatorID) && in(delegates, d.DelegateID) && in(eservices, d.EserviceID)
		}, showDelegation)
	}
}

func createDelegation(kind string) handler {
	return func(c *call) (reply, error) {
		var seed struct {
			EserviceID string `json:"eserviceId"`
			DelegateID string `json:"delegateId"`
		}
		if err := c.body(schema{"eserviceId": must(uuid), "delegateId": must(uuid)}, &seed); err != nil {
			return reply{}, err
		}
		d, err := c.world().CreateDelegation(c.actor, kind, seed.EserviceID, seed.DelegateID)
		if err != nil {
			return reply{}, err
		}
		return created(showDelegation(d))
	}
}

func decideDelegation(kind string, accept bool, s schema) handler {
	return func(c *call) (reply, error) {
		var seed struct {
			Reason string `json:"rejectionReason"`
		}
		if err := c.body(s, &seed); err != nil {
			return reply{}, err
		}
		d, err := c.world().DecideDelegation(c.actor, kind, c.id("delegationId"), accept, seed.Reason)
		if err != nil {
			return reply{}, err
		}
		return ok(showDelegation(d))
	}
}
