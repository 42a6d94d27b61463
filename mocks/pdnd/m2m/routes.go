// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package m2m

import (
	"slices"

	"github.com/snodo-pa/snodo/mocks/pdnd/platform"
)

// routes lists every operation. A read is for both roles unless it says otherwise; a
// write checks the role itself, after its body.
func routes() []route {
	return slices.Concat(
		registryRoutes(), eserviceRoutes(), descriptorRoutes(), agreementRoutes(), purposeRoutes(),
		clientRoutes(), keychainRoutes(), delegationRoutes(), eventRoutes(),
	)
}

// get answers with one object.
func get[T any](find func(c *call) (T, error), show func(T) any) handler {
	return func(c *call) (reply, error) {
		value, err := find(c)
		if err != nil {
			return reply{}, err
		}
		return ok(show(value))
	}
}

// action is a write without a body of its own, which may be absent or empty.
func action[T any](run func(c *call) (T, error), show func(T) any) handler {
	return bare(schema{}, func(c *call, _ string) (T, error) { return run(c) }, show)
}

// actionUnder is a write whose body may name the delegation the caller acts under.
func actionUnder[T any](run func(c *call, delegationID string) (T, error), show func(T) any) handler {
	return bare(schema{"delegationId": may(uuid)}, run, show)
}

func bare[T any](s schema, run func(c *call, delegationID string) (T, error), show func(T) any) handler {
	return func(c *call) (reply, error) {
		var seed struct {
			DelegationID string `json:"delegationId"`
		}
		if err := c.body(s, &seed); err != nil {
			return reply{}, err
		}
		value, err := run(c, seed.DelegationID)
		if err != nil {
			return reply{}, err
		}
		return ok(show(value))
	}
}

// erase is a write that answers nothing.
func erase(run func(c *call) error) handler {
	return func(c *call) (reply, error) {
		if err := c.admin(); err != nil {
			return reply{}, err
		}
		return done(run(c))
	}
}

// id returns a path parameter.
func (c *call) id(name string) string { return c.r.PathValue(name) }

// world is the state behind the API.
func (c *call) world() *platform.Platform { return c.api.Platform }

// registryRoutes are tenants, certified attributes and keys by kid.
func registryRoutes() []route {
	return []route{
		{pattern: "GET /tenants", run: listTenants},
		{pattern: "GET /tenants/{tenantId}", run: get(func(c *call) (platform.Tenant, error) {
			return c.world().SeeTenant(c.id("tenantId"))
		}, showTenant)},
		{pattern: "GET /tenants/{tenantId}/certifiedAttributes", run: listAssignments},
		{pattern: "GET /certifiedAttributes", run: func(c *call) (reply, error) {
			q := c.query()
			name := q.one("name")
			return page(q, c.world().ListAttributes(), func(a platform.Attribute) bool { return like(a.Name, name) }, showAttribute)
		}},
		{pattern: "GET /certifiedAttributes/{attributeId}", run: get(func(c *call) (platform.Attribute, error) {
			return c.world().SeeAttribute(c.id("attributeId"))
		}, showAttribute)},
		{pattern: "GET /keys/{kid}", run: get(func(c *call) (platform.Key, error) {
			return c.world().AnyClientKey(c.id("kid"))
		}, showClientKey)},
		{pattern: "GET /producerKeys/{kid}", run: get(func(c *call) (platform.Key, error) {
			return c.world().AnyKeychainKey(c.id("kid"))
		}, showKeychainKey)},
	}
}

func listTenants(c *call) (reply, error) {
	q := c.query()
	ipa, tax := q.one("IPACode"), q.one("taxCode")
	if ipa != "" && tax != "" {
		return reply{}, &platform.Problem{
			Status: 400, Code: "0011", Title: "Tax code and IPA code conflict in tenant query",
			Detail: "IPACode and taxCode query parameters cannot be provided together",
		}
	}
	return page(q, c.world().ListTenants(), func(t platform.Tenant) bool {
		return (ipa == "" || t.IPACode == ipa) && (tax == "" || t.TaxCode == tax)
	}, showTenant)
}

func listAssignments(c *call) (reply, error) {
	t, err := c.world().SeeTenant(c.id("tenantId"))
	if err != nil {
		return reply{}, err
	}
	return page(c.query(), t.Certified, nil, func(a platform.Assignment) any {
		return show("id", a.AttributeID, "assignedAt", stamp(a.AssignedAt), "revokedAt", stamp(a.RevokedAt))
	})
}
