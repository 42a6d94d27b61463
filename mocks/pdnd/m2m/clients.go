// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package m2m

import "github.com/snodo-pa/snodo/mocks/pdnd/platform"

func clientSchema() schema {
	return schema{"name": must(text(5, 60)), "description": may(text(10, 250)), "members": must(list(uuid, 0, 100))}
}

func keySchema() schema {
	return schema{"key": must(text(1, 1<<16)), "use": must(oneOf("SIG", "ENC")), "alg": must(anyText), "name": must(text(5, 60))}
}

func clientRoutes() []route {
	const path = "/clients/{clientId}"
	return []route{
		{pattern: "GET /clients", run: listClients},
		{pattern: "POST /clients", only3: true, run: createClient},
		{pattern: "GET " + path, run: func(c *call) (reply, error) {
			cl, err := c.world().SeeClient(c.id("clientId"))
			if err != nil {
				return reply{}, err
			}
			return ok(c.showClient(cl))
		}},
		{pattern: "DELETE " + path, only3: true, run: erase(func(c *call) error {
			return c.world().DeleteClient(c.actor, c.id("clientId"))
		})},
		{pattern: "GET " + path + "/keys", run: func(c *call) (reply, error) {
			keys, err := c.world().OwnClientKeys(c.actor, c.id("clientId"))
			if err != nil {
				return reply{}, err
			}
			return page(c.query(), keys, nil, showJWK)
		}},
		{pattern: "POST " + path + "/keys", only3: true, run: uploadKey("clientId", (*platform.Platform).UploadClientKey, showClientKey)},
		{pattern: "DELETE " + path + "/keys/{kid}", only3: true, run: erase(func(c *call) error {
			return c.world().DeleteClientKey(c.actor, c.id("clientId"), c.id("kid"))
		})},
		{pattern: "GET " + path + "/purposes", run: listClientPurposes},
		{pattern: "POST " + path + "/purposes", run: linkPurpose},
		{pattern: "DELETE " + path + "/purposes/{purposeId}", run: erase(func(c *call) error {
			return c.world().UnlinkPurpose(c.actor, c.id("clientId"), c.id("purposeId"))
		})},
		{pattern: "GET " + path + "/users", only3: true, admin: true, run: listClientUsers},
		{pattern: "POST " + path + "/users", only3: true, run: addUsers("clientId", (*platform.Platform).AddClientUsers)},
		{pattern: "DELETE " + path + "/users/{userId}", only3: true, run: erase(func(c *call) error {
			return c.world().RemoveClientUser(c.actor, c.id("clientId"), c.id("userId"))
		})},
	}
}

func listClients(c *call) (reply, error) {
	q := c.query()
	name, consumer := q.one("name"), q.uuid("consumerId")
	return page(q, c.world().AllClients(), func(cl platform.Client) bool {
		return (consumer == "" || cl.TenantID == consumer) && like(cl.Name, name)
	}, c.showClient)
}

func createClient(c *call) (reply, error) {
	var seed platform.ClientSeed
	if err := c.body(clientSchema(), &seed); err != nil {
		return reply{}, err
	}
	cl, err := c.world().CreateClient(c.actor, seed)
	if err != nil {
		return reply{}, err
	}
	return created(c.showClient(cl))
}

// uploadKey adds a key to a client or a keychain, named by a path parameter.
func uploadKey(owner string, store func(*platform.Platform, platform.Actor, string, platform.KeySeed) (platform.Key, error), show func(platform.Key) any) handler {
	return func(c *call) (reply, error) {
		var seed platform.KeySeed
		if err := c.body(keySchema(), &seed); err != nil {
			return reply{}, err
		}
		k, err := store(c.world(), c.actor, c.id(owner), seed)
		if err != nil {
			return reply{}, err
		}
		return ok(show(k))
	}
}

// addUsers adds people to a client or a keychain, named by a path parameter.
func addUsers(owner string, add func(*platform.Platform, platform.Actor, string, []string) error) handler {
	return func(c *call) (reply, error) {
		var seed struct {
			UserIDs []string `json:"userIds"`
		}
		if err := c.body(schema{"userIds": must(list(uuid, 1, 100))}, &seed); err != nil {
			return reply{}, err
		}
		return done(add(c.world(), c.actor, c.id(owner), seed.UserIDs))
	}
}

func listClientUsers(c *call) (reply, error) {
	if _, err := c.world().ClientPurposes(c.actor, c.id("clientId")); err != nil {
		return reply{}, err
	}
	cl, err := c.world().SeeClient(c.id("clientId"))
	if err != nil {
		return reply{}, err
	}
	return page(c.query(), cl.Users, nil, showUser)
}

func listClientPurposes(c *call) (reply, error) {
	purposes, err := c.world().ClientPurposes(c.actor, c.id("clientId"))
	if err != nil {
		return reply{}, err
	}
	return page(c.query(), purposes, nil, c.showPurpose)
}

func linkPurpose(c *call) (reply, error) {
	var seed struct {
		PurposeID string `json:"purposeId"`
	}
	if err := c.body(schema{"purposeId": must(uuid)}, &seed); err != nil {
		return reply{}, err
	}
	return done(c.world().LinkPurpose(c.actor, c.id("clientId"), seed.PurposeID))
}
