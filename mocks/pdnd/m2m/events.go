// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package m2m

import (
	"strings"

	"github.com/snodo-pa/snodo/mocks/pdnd/events"
)

// maxEvents is the largest limit of a feed.
const maxEvents = 500

// eventRoutes are the feeds. The errors of these routes have no body.
func eventRoutes() []route {
	var all []route
	for _, feed := range events.Feeds() {
		all = append(all, route{
			pattern: "GET /" + string(feed), silent: true, only3: feed == events.PurposeTemplateEvents, run: readFeed(feed),
		})
	}
	return all
}

func readFeed(feed events.Feed) handler {
	return func(c *call) (reply, error) {
		q := c.query()
		ask := events.Query{Feed: feed, TenantID: c.actor.TenantID, After: strings.ToLower(q.uuid("lastEventId")), Limit: q.number("limit", 1, maxEvents)}
		if feed.Delegable() {
			if ask.Direct = q.one("delegationId") == "null"; !ask.Direct {
				ask.DelegationID = q.uuid("delegationId")
			}
		}
		if err := q.err(); err != nil {
			return reply{}, err
		}
		list := []object{}
		for _, e := range c.world().Log().Read(ask) {
			shown := object{"id": e.ID, "eventType": e.Type, "eventTimestamp": stamp(e.At)}
			for name, id := range e.IDs {
				shown[name] = id
			}
			list = append(list, shown)
		}
		return ok(object{"events": list})
	}
}
