// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package m2m

import (
	"strconv"
	"time"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
	"github.com/snodo-pa/snodo/mocks/pdnd/platform"
)

// stamp writes a time as the platform does; the zero time is left out.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

// object is a JSON object whose empty texts and nil values are left out.
type object map[string]any

func show(pairs ...any) object {
	o := make(object, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		name, isName := pairs[i].(string)
		value := pairs[i+1]
		if !isName || value == nil || value == "" {
			continue
		}
		o[name] = value
	}
	return o
}

// ifTrue is a flag that is left out when it does not hold.
func ifTrue(flag bool) any {
	if flag {
		return true
	}
	return nil
}

func showTenant(t platform.Tenant) any {
	external := map[string]string{"origin": "IPA", "value": t.IPACode}
	if t.IPACode == "" {
		external = map[string]string{"origin": "ADE", "value": t.TaxCode}
	}
	return show("id", t.ID, "externalId", external, "createdAt", stamp(t.CreatedAt), "name", t.Name, "kind", t.Kind, "onboardedAt", stamp(t.CreatedAt))
}

func showAttribute(a platform.Attribute) any {
	return object{
		"id": a.ID, "name": a.Name, "description": a.Description, "code": a.Code, "origin": a.Origin,
		"createdAt": stamp(a.CreatedAt),
	}
}

func showEservice(e platform.Eservice) any {
	var personalData any
	if e.PersonalData != nil {
		personalData = *e.PersonalData
	}
	return show("id", e.ID, "producerId", e.ProducerID, "name", e.Name, "description", e.Description,
		"technology", e.Technology, "mode", e.Mode, "isSignalHubEnabled", e.IsSignalHubEnabled,
		"isConsumerDelegable", e.IsConsumerDelegable, "isClientAccessDelegable", e.IsClientAccessDelegable,
		"personalData", personalData)
}

func showDescriptor(d platform.Descriptor) any {
	urls := d.ServerURLs
	if urls == nil {
		urls = []string{}
	}
	return show("id", d.ID, "version", strconv.Itoa(d.Version), "description", d.Description, "audience", d.Audience,
		"voucherLifespan", d.VoucherLifespan, "dailyCallsPerConsumer", d.DailyCallsPerConsumer,
		"dailyCallsTotal", d.DailyCallsTotal, "state", d.State, "agreementApprovalPolicy", d.ApprovalPolicy,
		"serverUrls", urls, "publishedAt", stamp(d.PublishedAt), "suspendedAt", stamp(d.SuspendedAt),
		"deprecatedAt", stamp(d.DeprecatedAt), "archivedAt", stamp(d.ArchivedAt))
}

func showDocument(d platform.Document) any {
	return object{
		"id": d.ID, "name": d.Name, "prettyName": d.PrettyName, "contentType": d.ContentType, "createdAt": stamp(d.CreatedAt),
	}
}

func showAgreement(a platform.Agreement) any {
	return show("id", a.ID, "eserviceId", a.EserviceID, "descriptorId", a.DescriptorID, "producerId", a.ProducerID,
		"consumerId", a.ConsumerID, "delegationId", a.DelegationID, "state", a.State,
		"suspendedByConsumer", ifTrue(a.ByConsumer), "suspendedByProducer", ifTrue(a.ByProducer),
		"suspendedByPlatform", ifTrue(a.ByPlatform), "consumerNotes", a.ConsumerNotes, "rejectionReason", a.RejectionReason,
		"createdAt", stamp(a.CreatedAt), "updatedAt", stamp(a.UpdatedAt), "suspendedAt", stamp(a.SuspendedAt))
}

func showVersion(v platform.PurposeVersion) any {
	return show("id", v.ID, "state", v.State, "dailyCalls", v.DailyCalls, "createdAt", stamp(v.CreatedAt),
		"suspendedAt", stamp(v.SuspendedAt), "updatedAt", stamp(v.UpdatedAt),
		"firstActivationAt", stamp(v.FirstActivationAt), "rejectionReason", v.RejectionReason)
}

// versionOr is a version, or nothing when there is none.
func versionOr(v *platform.PurposeVersion) any {
	if v == nil {
		return nil
	}
	return showVersion(*v)
}

func (c *call) showPurpose(r platform.PurposeRecord) any {
	return show("id", r.ID, "eserviceId", r.EserviceID, "consumerId", r.ConsumerID,
		"suspendedByConsumer", ifTrue(r.ByConsumer), "suspendedByProducer", ifTrue(r.ByProducer),
		"title", r.Title, "description", r.Description, "createdAt", stamp(r.CreatedAt), "updatedAt", stamp(r.UpdatedAt),
		"isRiskAnalysisValid", c.api.Platform.IsRiskAnalysisValid(r), "isFreeOfCharge", r.IsFreeOfCharge,
		"freeOfChargeReason", r.FreeOfChargeReason, "delegationId", r.DelegationID, "currentVersion", versionOr(r.Current()),
		"waitingForApprovalVersion", versionOr(r.In(platform.StateWaitingForApproval)),
		"rejectedVersion", versionOr(r.In(platform.StateRejected)))
}

// showClient shows a client whole to its owner, else its id and owner only.
func (c *call) showClient(cl platform.Client) any {
	if cl.TenantID != c.actor.TenantID {
		return object{"id": cl.ID, "consumerId": cl.TenantID}
	}
	return show("id", cl.ID, "consumerId", cl.TenantID, "name", cl.Name, "description", cl.Description, "createdAt", stamp(cl.CreatedAt))
}

// showKeychain shows a keychain as showClient does a client.
func (c *call) showKeychain(k platform.Keychain) any {
	if k.ProducerID != c.actor.TenantID {
		return object{"id": k.ID, "producerId": k.ProducerID}
	}
	return show("id", k.ID, "producerId", k.ProducerID, "name", k.Name, "description", k.Description, "createdAt", stamp(k.CreatedAt))
}

func showJWK(k platform.Key) any { return rules.RSAJWK(k.Public, k.Kid) }

func showClientKey(k platform.Key) any { return object{"clientId": k.ClientID, "jwk": showJWK(k)} }

func showKeychainKey(k platform.Key) any {
	return object{"producerKeychainId": k.KeychainID, "jwk": showJWK(k)}
}

func showUser(id string) any { return object{"userId": id} }

func showDelegation(d platform.Delegation) any {
	return show("id", d.ID, "delegatorId", d.DelegatorID, "delegateId", d.DelegateID, "eserviceId", d.EserviceID,
		"createdAt", stamp(d.CreatedAt), "state", d.State, "submittedAt", stamp(d.CreatedAt),
		"activatedAt", stamp(d.ActivatedAt), "rejectedAt", stamp(d.RejectedAt), "revokedAt", stamp(d.RevokedAt),
		"rejectionReason", d.RejectionReason)
}
