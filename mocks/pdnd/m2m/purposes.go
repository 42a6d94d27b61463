// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package m2m

import (
	"net/http"
	"slices"

	"github.com/snodo-pa/snodo/mocks/pdnd/platform"
)

func purposeSchema() schema {
	return schema{
		"title":              must(text(5, 60)),
		"description":        must(text(10, 250)),
		"isFreeOfCharge":     must(boolean),
		"freeOfChargeReason": may(anyText),
		"dailyCalls":         must(daily),
		"riskAnalysisForm":   may(nested(schema{"version": must(text(1, 250)), "answers": must(lists)})),
	}
}

func purposeRoutes() []route {
	const path = "/purposes/{purposeId}"
	on := func(op func(p *platform.Platform, a platform.Actor, id, delegationID string) (platform.PurposeRecord, error)) handler {
		return func(c *call) (reply, error) {
			run := func(c *call, delegationID string) (platform.PurposeRecord, error) {
				return op(c.world(), c.actor, c.id("purposeId"), delegationID)
			}
			return actionUnder(run, c.showPurpose)(c)
		}
	}
	return []route{
		{pattern: "GET /purposes", run: listPurposes},
		{pattern: "POST /purposes", run: createPurpose},
		{pattern: "GET " + path, run: func(c *call) (reply, error) {
			r, err := c.world().SeePurpose(c.actor, c.id("purposeId"))
			if err != nil {
				return reply{}, err
			}
			return ok(c.showPurpose(r))
		}},
		{pattern: "PATCH " + path, run: patchPurpose},
		{pattern: "DELETE " + path, run: erase(func(c *call) error {
			return c.world().DeletePurpose(c.actor, c.id("purposeId"))
		})},
		{pattern: "GET " + path + "/agreement", run: get(func(c *call) (platform.Agreement, error) {
			return c.world().PurposeAgreement(c.actor, c.id("purposeId"))
		}, showAgreement)},
		{pattern: "GET " + path + "/versions", run: listVersions},
		{pattern: "GET " + path + "/versions/{versionId}", run: getVersion},
		{pattern: "POST " + path + "/versions", run: addVersion},
		{pattern: "GET " + path + "/remainingDailyCalls", only3: true, admin: true, run: func(c *call) (reply, error) {
			left, err := c.world().Remaining(c.actor, c.id("purposeId"))
			if err != nil {
				return reply{}, err
			}
			return ok(left)
		}},
		{pattern: "POST " + path + "/activate", run: on((*platform.Platform).ActivatePurpose)},
		{pattern: "POST " + path + "/approve", run: on((*platform.Platform).ApprovePurpose)},
		{pattern: "POST " + path + "/suspend", run: on((*platform.Platform).SuspendPurpose)},
		{pattern: "POST " + path + "/unsuspend", run: on((*platform.Platform).UnsuspendPurpose)},
		{pattern: "POST " + path + "/archive", run: func(c *call) (reply, error) {
			return action(func(c *call) (platform.PurposeRecord, error) {
				return c.world().ArchivePurpose(c.actor, c.id("purposeId"))
			}, c.showPurpose)(c)
		}},
	}
}

func listPurposes(c *call) (reply, error) {
	q := c.query()
	eservices, consumers := q.filter("eserviceIds", uuid), q.filter("consumerIds", uuid)
	states := q.filter("states", oneOf(platform.Active, platform.StateDraft, platform.StateSuspended,
		platform.StateWaitingForApproval, platform.StateArchived, platform.StateRejected))
	title := q.one("title")
	return page(q, c.world().ListPurposes(c.actor), func(r platform.PurposeRecord) bool {
		inState := len(states) == 0 || slices.ContainsFunc(r.Versions, func(v platform.PurposeVersion) bool { return in(states, v.State) })
		return inState && in(eservices, r.EserviceID) && in(consumers, r.ConsumerID) && like(r.Title, title)
	}, c.showPurpose)
}

func createPurpose(c *call) (reply, error) {
	s := purposeSchema()
	s["eserviceId"], s["delegationId"] = must(uuid), may(uuid)
	var seed platform.PurposeSeed
	if err := c.body(s, &seed); err != nil {
		return reply{}, err
	}
	r, err := c.world().CreatePurpose(c.actor, seed)
	if err != nil {
		return reply{}, err
	}
	return created(c.showPurpose(r))
}

func patchPurpose(c *call) (reply, error) {
	s := purposeSchema()
	s["freeOfChargeReason"] = nullable(anyText)
	var change platform.PurposePatch
	cleared, err := c.patch(s, &change)
	if err != nil {
		return reply{}, err
	}
	if slices.Contains(cleared, "freeOfChargeReason") {
		change.FreeOfChargeReason = new(string)
	}
	r, err := c.world().UpdatePurpose(c.actor, c.id("purposeId"), change)
	if err != nil {
		return reply{}, err
	}
	return ok(c.showPurpose(r))
}

func listVersions(c *call) (reply, error) {
	q := c.query()
	state := q.filter("state", anyText)
	r, err := c.world().SeePurpose(c.actor, c.id("purposeId"))
	if err != nil {
		return reply{}, err
	}
	return page(q, r.Versions, func(v platform.PurposeVersion) bool { return in(state, v.State) }, showVersion)
}

func getVersion(c *call) (reply, error) {
	r, err := c.world().SeePurpose(c.actor, c.id("purposeId"))
	if err != nil {
		return reply{}, err
	}
	for _, v := range r.Versions {
		if v.ID == c.id("versionId") {
			return ok(showVersion(v))
		}
	}
	return reply{}, &platform.Problem{
		Status: http.StatusNotFound, Code: "0012", Title: "Purpose version not found",
		Detail: "Version " + c.id("versionId") + " not found in purpose " + r.ID,
	}
}

func addVersion(c *call) (reply, error) {
	var seed struct {
		DailyCalls int `json:"dailyCalls"`
	}
	if err := c.body(schema{"dailyCalls": must(daily)}, &seed); err != nil {
		return reply{}, err
	}
	v, err := c.world().AddVersion(c.actor, c.id("purposeId"), seed.DailyCalls)
	if err != nil {
		return reply{}, err
	}
	return created(showVersion(v))
}
