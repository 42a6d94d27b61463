// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package m2m

import "github.com/snodo-pa/snodo/mocks/pdnd/platform"

func keychainRoutes() []route {
	const path = "/producerKeychains/{keychainId}"
	return []route{
		{pattern: "GET /producerKeychains", run: listKeychains},
		{pattern: "POST /producerKeychains", only3: true, run: createKeychain},
		{pattern: "GET " + path, run: func(c *call) (reply, error) {
			k, err := c.world().SeeKeychain(c.id("keychainId"))
			if err != nil {
				return reply{}, err
			}
			return ok(c.showKeychain(k))
		}},
		{pattern: "DELETE " + path, only3: true, run: erase(func(c *call) error {
			return c.world().DeleteKeychain(c.actor, c.id("keychainId"))
		})},
		{pattern: "GET " + path + "/keys", run: func(c *call) (reply, error) {
			keys, err := c.world().OwnKeychainKeys(c.actor, c.id("keychainId"))
			if err != nil {
				return reply{}, err
			}
			return page(c.query(), keys, nil, showJWK)
		}},
		{pattern: "POST " + path + "/keys", only3: true, run: uploadKey("keychainId", (*platform.Platform).UploadKeychainKey, showKeychainKey)},
		{pattern: "DELETE " + path + "/keys/{kid}", only3: true, run: erase(func(c *call) error {
			return c.world().DeleteKeychainKey(c.actor, c.id("keychainId"), c.id("kid"))
		})},
		{pattern: "GET " + path + "/eservices", run: func(c *call) (reply, error) {
			list, err := c.world().KeychainEservices(c.actor, c.id("keychainId"))
			if err != nil {
				return reply{}, err
			}
			return page(c.query(), list, nil, showEservice)
		}},
		{pattern: "POST " + path + "/eservices", run: linkEservice},
		{pattern: "DELETE " + path + "/eservices/{eserviceId}", run: erase(func(c *call) error {
			return c.world().UnlinkEservice(c.actor, c.id("keychainId"), c.id("eserviceId"))
		})},
		{pattern: "GET " + path + "/users", only3: true, admin: true, run: listKeychainUsers},
		{pattern: "POST " + path + "/users", only3: true, run: addUsers("keychainId", (*platform.Platform).AddKeychainUsers)},
		{pattern: "DELETE " + path + "/users/{userId}", only3: true, run: erase(func(c *call) error {
			return c.world().RemoveKeychainUser(c.actor, c.id("keychainId"), c.id("userId"))
		})},
	}
}

func listKeychains(c *call) (reply, error) {
	q := c.query()
	name, producer := q.one("name"), q.uuid("producerId")
	return page(q, c.world().AllKeychains(), func(k platform.Keychain) bool {
		return (producer == "" || k.ProducerID == producer) && like(k.Name, name)
	}, c.showKeychain)
}

func createKeychain(c *call) (reply, error) {
	var seed platform.ClientSeed
	if err := c.body(clientSchema(), &seed); err != nil {
		return reply{}, err
	}
	k, err := c.world().CreateKeychain(c.actor, seed)
	if err != nil {
		return reply{}, err
	}
	return created(c.showKeychain(k))
}

func linkEservice(c *call) (reply, error) {
	var seed struct {
		EserviceID string `json:"eserviceId"`
	}
	if err := c.body(schema{"eserviceId": must(uuid)}, &seed); err != nil {
		return reply{}, err
	}
	return done(c.world().LinkEservice(c.actor, c.id("keychainId"), seed.EserviceID))
}

func listKeychainUsers(c *call) (reply, error) {
	if _, err := c.world().KeychainEservices(c.actor, c.id("keychainId")); err != nil {
		return reply{}, err
	}
	k, err := c.world().SeeKeychain(c.id("keychainId"))
	if err != nil {
		return reply{}, err
	}
	return page(c.query(), k.Users, nil, showUser)
}
