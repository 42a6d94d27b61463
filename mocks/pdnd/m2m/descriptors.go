// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package m2m

import (
	"github.com/snodo-pa/snodo/mocks/pdnd/platform"
)

const descriptorPath = "/eservices/{eserviceId}/descriptors/{descriptorId}"

func descriptorRoutes() []route {
	const path = descriptorPath
	world := func(c *call) (*platform.Platform, platform.Actor, string, string) {
		return c.world(), c.actor, c.id("eserviceId"), c.id("descriptorId")
	}
	on := func(op func(p *platform.Platform, a platform.Actor, eserviceID, id string) (platform.Descriptor, error)) func(c *call) (platform.Descriptor, error) {
		return func(c *call) (platform.Descriptor, error) { return op(world(c)) }
	}
	return []route{
		{pattern: "GET /eservices/{eserviceId}/descriptors", run: listDescriptors},
		{pattern: "POST /eservices/{eserviceId}/descriptors", run: createDescriptor},
		{pattern: "GET " + path, run: get(on((*platform.Platform).SeeDescriptor), showDescriptor)},
		{pattern: "PATCH " + path, run: patchDescriptor(descriptorSchema(), (*platform.Platform).UpdateDescriptor)},
		{pattern: "PATCH " + path + "/quotas", run: patchDescriptor(quotaSchema(), (*platform.Platform).UpdateQuotas)},
		{pattern: "DELETE " + path, run: erase(func(c *call) error {
			p, a, eserviceID, id := world(c)
			return p.DeleteDescriptor(a, eserviceID, id)
		})},
		{pattern: "POST " + path + "/publish", run: action(on((*platform.Platform).PublishDescriptor), showDescriptor)},
		{pattern: "POST " + path + "/suspend", run: action(on((*platform.Platform).SuspendDescriptor), showDescriptor)},
		{pattern: "POST " + path + "/unsuspend", run: action(on((*platform.Platform).UnsuspendDescriptor), showDescriptor)},
		{pattern: "POST " + path + "/approve", run: action(func(c *call) (platform.Descriptor, error) {
			p, a, eserviceID, id := world(c)
			return p.DecideDescriptor(a, eserviceID, id, true)
		}, showDescriptor)},
		{pattern: "POST " + path + "/reject", run: rejectDescriptor},
		{pattern: "GET " + path + "/interface", run: downloadInterface},
		{pattern: "POST " + path + "/interface", run: upload((*platform.Platform).SetInterface)},
		{pattern: "DELETE " + path + "/interface", run: erase(func(c *call) error {
			p, a, eserviceID, id := world(c)
			return p.DeleteInterface(a, eserviceID, id)
		})},
		{pattern: "GET " + path + "/documents", run: listDocuments},
		{pattern: "POST " + path + "/documents", run: upload((*platform.Platform).AddDocument)},
		{pattern: "GET " + path + "/certifiedAttributes", run: listGroups},
		{pattern: "POST " + path + "/certifiedAttributes/groups", run: addGroup},
	}
}

func quotaSchema() schema {
	s := descriptorSchema()
	return schema{
		"voucherLifespan":       s["voucherLifespan"],
		"dailyCallsPerConsumer": s["dailyCallsPerConsumer"],
		"dailyCallsTotal":       s["dailyCallsTotal"],
	}
}

func listDescriptors(c *call) (reply, error) {
	q := c.query()
	state := q.filter("state", anyText)
	list, err := c.world().ListDescriptors(c.actor, c.id("eserviceId"))
	if err != nil {
		return reply{}, err
	}
	return page(q, list, func(d platform.Descriptor) bool { return in(state, string(d.State)) }, showDescriptor)
}

func createDescriptor(c *call) (reply, error) {
	var seed platform.DescriptorSeed
	if err := c.body(descriptorSchema(), &seed); err != nil {
		return reply{}, err
	}
	d, err := c.world().CreateDescriptor(c.actor, c.id("eserviceId"), seed)
	if err != nil {
		return reply{}, err
	}
	return created(showDescriptor(d))
}

func patchDescriptor(s schema, update func(*platform.Platform, platform.Actor, string, string, platform.DescriptorPatch) (platform.Descriptor, error)) handler {
	return func(c *call) (reply, error) {
		var change platform.DescriptorPatch
		if _, err := c.patch(s, &change); err != nil {
			return reply{}, err
		}
		d, err := update(c.world(), c.actor, c.id("eserviceId"), c.id("descriptorId"), change)
		if err != nil {
			return reply{}, err
		}
		return ok(showDescriptor(d))
	}
}

func rejectDescriptor(c *call) (reply, error) {
	if err := c.body(schema{"rejectionReason": must(anyText)}, nil); err != nil {
		return reply{}, err
	}
	d, err := c.world().DecideDescriptor(c.actor, c.id("eserviceId"), c.id("descriptorId"), false)
	if err != nil {
		return reply{}, err
	}
	return ok(showDescriptor(d))
}

func listDocuments(c *call) (reply, error) {
	d, err := c.world().SeeDescriptor(c.actor, c.id("eserviceId"), c.id("descriptorId"))
	if err != nil {
		return reply{}, err
	}
	return page(c.query(), d.Documents, nil, showDocument)
}

// grouped is an attribute with the index of its group.
type grouped struct {
	index     int
	attribute platform.Attribute
}

func showGrouped(g grouped) any {
	return object{"groupIndex": g.index, "attribute": showAttribute(g.attribute)}
}

func (c *call) groups(d platform.Descriptor) ([]grouped, error) {
	var list []grouped
	for i, group := range d.CertifiedGroups {
		for _, r := range group {
			a, err := c.world().SeeAttribute(r.AttributeID)
			if err != nil {
				return nil, err
			}
			list = append(list, grouped{i, a})
		}
	}
	return list, nil
}

func listGroups(c *call) (reply, error) {
	d, err := c.world().SeeDescriptor(c.actor, c.id("eserviceId"), c.id("descriptorId"))
	if err != nil {
		return reply{}, err
	}
	list, err := c.groups(d)
	if err != nil {
		return reply{}, err
	}
	return page(c.query(), list, nil, showGrouped)
}

func addGroup(c *call) (reply, error) {
	var seed struct {
		AttributeIDs []string `json:"attributeIds"`
	}
	if err := c.body(schema{"attributeIds": must(list(uuid, 0, 100))}, &seed); err != nil {
		return reply{}, err
	}
	d, err := c.world().AddCertifiedGroup(c.actor, c.id("eserviceId"), c.id("descriptorId"), seed.AttributeIDs)
	if err != nil {
		return reply{}, err
	}
	all, err := c.groups(d)
	if err != nil {
		return reply{}, err
	}
	attributes := []any{}
	for _, g := range all {
		if g.index == len(d.CertifiedGroups)-1 {
			attributes = append(attributes, showGrouped(g))
		}
	}
	return created(object{"attributes": attributes})
}
