// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/mocks/pdnd/events"
	"github.com/snodo-pa/snodo/mocks/pdnd/platform"
)

// told is an event as a tenant reads it: its type, the ids it must carry and no others,
// and who of the cast reads it. The id "?" stands for one that only the event tells.
type told struct {
	kind                         string
	ids                          ids
	consumer, producer, stranger bool
}

type ids map[string]string

func toConsumer(kind string, i ids) told { return told{kind, i, true, false, false} }
func toProducer(kind string, i ids) told { return told{kind, i, false, true, false} }
func toBoth(kind string, i ids) told     { return told{kind, i, true, true, false} }
func toAll(kind string, i ids) told      { return told{kind, i, true, true, true} }

// tail reads what a feed has after a cursor.
func (c *caller) tail(feed events.Feed, after string) []map[string]any {
	c.w.t.Helper()
	path := "/" + string(feed) + "?limit=500"
	if after != "" {
		path += "&lastEventId=" + after
	}
	return c.feed(path)
}

// cursor is the id of the last event there is, whoever may see it.
func (c *cast) cursor(feed events.Feed) string {
	all := c.Platform().Log().All(feed)
	if len(all) == 0 {
		return ""
	}
	return all[len(all)-1].ID
}

// does is a call still to be made.
func does(who *caller, method, path string, body any) func() answer {
	return func() answer {
		who.w.t.Helper()
		return who.v3(method, path, body)
	}
}

// tells runs a change and looks at what each tenant then reads.
func (c *cast) tells(feed events.Feed, change func() answer, want ...told) answer {
	c.t.Helper()
	before := c.cursor(feed)
	made := change()
	if made.status >= 300 {
		c.t.Fatalf("the change is refused: %d %s", made.status, made.raw)
	}
	for name, reader := range map[string]*caller{"consumer": c.consumer, "producer": c.producer, "stranger": c.delegate} {
		var expected []map[string]any
		for _, e := range want {
			if !map[string]bool{"consumer": e.consumer, "producer": e.producer, "stranger": e.stranger}[name] {
				continue
			}
			shown := map[string]any{"eventType": e.kind}
			for member, id := range e.ids {
				shown[member] = id
			}
			expected = append(expected, shown)
		}
		got := reader.tail(feed, before)
		for i, event := range got {
			delete(event, "id")
			delete(event, "eventTimestamp")
			for member := range event {
				if i < len(expected) && expected[i][member] == "?" {
					expected[i][member] = event[member]
				}
			}
		}
		if len(got) == 0 {
			got = nil
		}
		if diff := cmp.Diff(expected, got); diff != "" {
			c.t.Errorf("%s as the %s reads it (-want +got):\n%s", feed, name, diff)
		}
	}
	return made
}

// TestEventsOfAnEservice: a draft is its producer's, what is published everybody's.
func TestEventsOfAnEservice(t *testing.T) {
	c := newQuickCast(t)
	feed := events.EserviceEvents
	e := c.tells(feed, does(c.producer, "POST", "/eservices", eserviceBody(nil)), toProducer("ESERVICE_ADDED", ids{"eserviceId": "?"})).text("id")
	d := c.first(e)
	path := "/eservices/" + e
	version := path + "/descriptors/" + d
	whole, both := ids{"eserviceId": e}, ids{"eserviceId": e, "descriptorId": d}
	upload := func() answer { return c.producer.upload(version+"/interface", "openapi.yaml", "x", openapi) }
	document := func() answer { return c.producer.upload(version+"/documents", "manuale.pdf", "Manuale", "x") }
	c.tells(feed, upload, toProducer("ESERVICE_DESCRIPTOR_INTERFACE_ADDED", both))
	c.tells(feed, does(c.producer, "DELETE", version+"/interface", nil), toProducer("ESERVICE_DESCRIPTOR_INTERFACE_DELETED", both))
	c.tells(feed, document, toProducer("ESERVICE_DESCRIPTOR_DOCUMENT_ADDED", both))
	c.tells(feed, does(c.producer, "PATCH", path, members{"name": "un altro nome"}), toProducer("DRAFT_ESERVICE_UPDATED", whole))
	c.tells(feed, does(c.producer, "PATCH", version, members{"voucherLifespan": 60}), toProducer("ESERVICE_DRAFT_DESCRIPTOR_UPDATED", both))
	c.tells(feed, upload, toProducer("ESERVICE_DESCRIPTOR_INTERFACE_ADDED", both))
	c.tells(feed, does(c.producer, "POST", version+"/publish", nil), toAll("ESERVICE_DESCRIPTOR_PUBLISHED", both))
	c.tells(feed, does(c.producer, "POST", version+"/suspend", nil), toAll("ESERVICE_DESCRIPTOR_SUSPENDED", both))
	c.tells(feed, does(c.producer, "POST", version+"/unsuspend", nil), toAll("ESERVICE_DESCRIPTOR_ACTIVATED", both))
	c.tells(feed, does(c.producer, "PATCH", version+"/quotas", members{"dailyCallsTotal": 7000}), toAll("ESERVICE_DESCRIPTOR_QUOTAS_UPDATED", both))
	c.tells(feed, does(c.producer, "PATCH", path+"/name", members{"name": "terzo nome"}), toAll("ESERVICE_NAME_UPDATED", whole))
	c.tells(feed, does(c.producer, "PATCH", path+"/description", members{"description": "un'altra descrizione"}), toAll("ESERVICE_DESCRIPTION_UPDATED", whole))
	next := c.tells(feed, does(c.producer, "POST", path+"/descriptors", descriptorBody(nil)),
		toProducer("ESERVICE_DESCRIPTOR_ADDED", ids{"eserviceId": e, "descriptorId": "?"})).text("id")
	second := ids{"eserviceId": e, "descriptorId": next}
	c.tells(feed, does(c.producer, "DELETE", path+"/descriptors/"+next, nil), toProducer("ESERVICE_DRAFT_DESCRIPTOR_DELETED", second))
	next = c.want(c.producer.v3("POST", path+"/descriptors", descriptorBody(nil)), 201, "").text("id")
	c.want(c.producer.upload(path+"/descriptors/"+next+"/interface", "openapi.yaml", "x", openapi), 201, "")
	second = ids{"eserviceId": e, "descriptorId": next}
	c.tells(feed, does(c.producer, "POST", path+"/descriptors/"+next+"/publish", nil),
		toAll("ESERVICE_DESCRIPTOR_ARCHIVED", both), toAll("ESERVICE_DESCRIPTOR_PUBLISHED", second))
	other := c.want(c.producer.v3("POST", "/eservices", eserviceBody(members{"name": "mai pubblicato"})), 201, "").text("id")
	c.tells(feed, does(c.producer, "DELETE", "/eservices/"+other, nil), toProducer("ESERVICE_DELETED", ids{"eserviceId": other}))
}

// TestEventsOfADelegatedPublication: the delegate's publication is told when the
// delegator has approved it, and names the delegation.
func TestEventsOfADelegatedPublication(t *testing.T) {
	c := newQuickCast(t)
	e, _ := c.published(nil)
	must(t, c.Platform().AddDelegation(Delegation{
		ID: inSupply, Kind: platform.ProducerDelegation, DelegatorID: producerID, DelegateID: delegateID, EserviceID: e,
	}))
	feed, path := events.EserviceEvents, "/eservices/"+e+"/descriptors"
	hidden := func(kind string, i ids) told { return told{kind, i, false, true, true} }
	named := func(d string) ids {
		return ids{"eserviceId": e, "descriptorId": d, "producerDelegationId": inSupply}
	}
	d := c.tells(feed, does(c.delegate, "POST", path, descriptorBody(nil)), hidden("ESERVICE_DESCRIPTOR_ADDED", named("?"))).text("id")
	c.want(c.delegate.upload(path+"/"+d+"/interface", "openapi.yaml", "x", openapi), 201, "")
	publish := does(c.delegate, "POST", path+"/"+d+"/publish", nil)
	c.tells(feed, publish, hidden("ESERVICE_DESCRIPTOR_SUBMITTED_BY_DELEGATE", named(d)))
	c.tells(feed, does(c.producer, "POST", path+"/"+d+"/reject", members{"rejectionReason": "manca un campo"}),
		hidden("ESERVICE_DESCRIPTOR_REJECTED_BY_DELEGATOR", named(d)))
	c.want(publish(), 200, "")
	first := c.first(e)
	c.tells(feed, does(c.producer, "POST", path+"/"+d+"/approve", nil),
		toAll("ESERVICE_DESCRIPTOR_ARCHIVED", named(first)), toAll("ESERVICE_DESCRIPTOR_PUBLISHED", named(d)))
}

// TestEventsOfAnAgreement: a draft is the consumer's, the rest both sides'.
func TestEventsOfAnAgreement(t *testing.T) {
	c := newQuickCast(t)
	must(t, c.Platform().AssignAttribute(tenantID, comuniID))
	e, d := c.withAttribute("MANUAL")
	feed, body := events.AgreementEvents, members{"eserviceId": e, "descriptorId": d}
	ask := func() (path string, id ids) {
		a := c.tells(feed, does(c.consumer, "POST", "/agreements", body), toConsumer("AGREEMENT_ADDED", ids{"agreementId": "?"}))
		return "/agreements/" + a.text("id"), ids{"agreementId": a.text("id")}
	}
	path, id := ask()
	c.tells(feed, does(c.consumer, "DELETE", path, nil), toConsumer("AGREEMENT_DELETED", id))
	path, id = ask()
	c.tells(feed, does(c.consumer, "POST", path+"/submit", members{}), toBoth("AGREEMENT_SUBMITTED", id))
	c.tells(feed, does(c.producer, "POST", path+"/reject", members{"reason": "mancano i documenti richiesti"}), toBoth("AGREEMENT_REJECTED", id))
	path, id = ask()
	c.want(c.consumer.v3("POST", path+"/submit", members{}), 200, "")
	c.tells(feed, does(c.producer, "POST", path+"/approve", members{}), toBoth("AGREEMENT_ACTIVATED", id))
	for side, who := range map[string]*caller{"CONSUMER": c.consumer, "PRODUCER": c.producer} {
		c.tells(feed, does(who, "POST", path+"/suspend", members{}), toBoth("AGREEMENT_SUSPENDED_BY_"+side, id))
		c.tells(feed, does(who, "POST", path+"/unsuspend", members{}), toBoth("AGREEMENT_UNSUSPENDED_BY_"+side, id))
	}
	attribute := func(change func(tenantID, attributeID string) error) func() answer {
		return func() answer {
			must(t, change(tenantID, comuniID))
			return answer{status: 200}
		}
	}
	c.tells(feed, attribute(c.Platform().RevokeAttribute), toBoth("AGREEMENT_SUSPENDED_BY_PLATFORM", id))
	c.tells(feed, attribute(c.Platform().AssignAttribute), toBoth("AGREEMENT_UNSUSPENDED_BY_PLATFORM", id))
	versions := "/eservices/" + e + "/descriptors"
	next := c.want(c.producer.v3("POST", versions, descriptorBody(nil)), 201, "").text("id")
	c.want(c.producer.upload(versions+"/"+next+"/interface", "openapi.yaml", "x", openapi), 201, "")
	c.want(c.producer.v3("POST", versions+"/"+next+"/publish", nil), 200, "")
	c.tells(feed, does(c.consumer, "POST", path+"/upgrade", nil), toBoth("AGREEMENT_UPGRADED", id))
	c.tells(feed, does(c.consumer, "POST", path+"/archive", nil), toBoth("AGREEMENT_ARCHIVED_BY_CONSUMER", id))
}

// TestEventsOfAPurpose: a draft is the consumer's, the rest both sides'.
func TestEventsOfAPurpose(t *testing.T) {
	c := newQuickCast(t)
	e, d := c.published(nil)
	c.agreed(c.consumer, e, d)
	feed := events.PurposeEvents
	declare := func(title string, calls int) (path string, whole, version ids) {
		body := purposeBody(e, members{"title": title, "dailyCalls": calls})
		a := c.tells(feed, does(c.consumer, "POST", "/purposes", body), toConsumer("PURPOSE_ADDED", ids{"purposeId": "?"}))
		id := a.text("id")
		return "/purposes/" + id, ids{"purposeId": id}, ids{"purposeId": id, "purposeVersionId": a.text("currentVersion", "id")}
	}
	path, whole, version := declare("la prima", 600)
	c.tells(feed, does(c.consumer, "PATCH", path, members{"dailyCalls": 500}), toConsumer("DRAFT_PURPOSE_UPDATED", whole))
	c.tells(feed, does(c.consumer, "POST", path+"/activate", members{}), toBoth("PURPOSE_ACTIVATED", version))
	for side, who := range map[string]*caller{"CONSUMER": c.consumer, "PRODUCER": c.producer} {
		c.tells(feed, does(who, "POST", path+"/suspend", members{}), toBoth("PURPOSE_VERSION_SUSPENDED_BY_"+side, version))
		c.tells(feed, does(who, "POST", path+"/unsuspend", members{}), toBoth("PURPOSE_VERSION_UNSUSPENDED_BY_"+side, version))
	}
	next := ids{"purposeId": whole["purposeId"], "purposeVersionId": "?"}
	c.tells(feed, does(c.consumer, "POST", path+"/versions", members{"dailyCalls": 600}), toBoth("NEW_PURPOSE_VERSION_ACTIVATED", next))
	next = ids{"purposeId": whole["purposeId"], "purposeVersionId": "?"}
	waiting := c.tells(feed, does(c.consumer, "POST", path+"/versions", members{"dailyCalls": 2000}),
		toBoth("NEW_PURPOSE_VERSION_WAITING_FOR_APPROVAL", next)).text("id")
	approved := ids{"purposeId": whole["purposeId"], "purposeVersionId": waiting}
	c.tells(feed, does(c.producer, "POST", path+"/approve", members{}), toBoth("PURPOSE_VERSION_ACTIVATED", approved))
	c.want(c.consumer.v3("POST", path+"/suspend", members{}), 200, "")
	next = ids{"purposeId": whole["purposeId"], "purposeVersionId": "?"}
	c.tells(feed, does(c.consumer, "POST", path+"/unsuspend", members{}), toBoth("PURPOSE_VERSION_OVERQUOTA_UNSUSPENDED", next))
	c.tells(feed, does(c.consumer, "POST", path+"/archive", nil), toBoth("PURPOSE_ARCHIVED", approved))

	path, _, version = declare("la seconda", 1001)
	c.tells(feed, does(c.consumer, "POST", path+"/activate", members{}), toBoth("PURPOSE_WAITING_FOR_APPROVAL", version))
	path, whole, _ = declare("la terza", 1)
	c.tells(feed, does(c.consumer, "DELETE", path, nil), toConsumer("PURPOSE_DELETED", whole))
}

// TestEventsOfClientsAndKeychains: birth, end and keys are everybody's, links the owner's.
func TestEventsOfClientsAndKeychains(t *testing.T) {
	c := newQuickCast(t)
	must(t, c.RemoveKey(c.kid), c.RemoveKey(c.chainKid))
	client := c.tells(events.ClientEvents, does(c.consumer, "POST", "/clients", members{"name": "un client", "members": []string{consumerUserID}}),
		toAll("CLIENT_ADDED", ids{"clientId": "?"})).text("id")
	path, id := "/clients/"+client, ids{"clientId": client}
	c.tells(events.ClientEvents, does(c.consumer, "POST", path+"/purposes", members{"purposeId": purposeID}), toConsumer("CLIENT_PURPOSE_ADDED", id))
	c.tells(events.ClientEvents, does(c.consumer, "DELETE", path+"/purposes/"+purposeID, nil), toConsumer("CLIENT_PURPOSE_REMOVED", id))
	key := ids{"kid": c.kid, "clientId": client}
	upload := does(c.consumer, "POST", path+"/keys", keyBody(publicPEM(t, keys()[0]), nil))
	c.tells(events.KeyEvents, upload, toAll("CLIENT_KEY_ADDED", key))
	c.tells(events.KeyEvents, does(c.consumer, "DELETE", path+"/keys/"+c.kid, nil), toAll("CLIENT_KEY_DELETED", key))
	c.want(upload(), 200, "")
	c.tells(events.KeyEvents, func() answer {
		return c.tells(events.ClientEvents, does(c.consumer, "DELETE", path, nil), toAll("CLIENT_DELETED", id))
	}, toAll("CLIENT_KEY_DELETED", key)) // a client takes its keys with it

	chain := c.tells(events.ProducerKeychainEvents, does(c.producer, "POST", "/producerKeychains", members{"name": "un portachiavi", "members": []string{adminID}}),
		toAll("PRODUCER_KEYCHAIN_ADDED", ids{"producerKeychainId": "?"})).text("id")
	path, id = "/producerKeychains/"+chain, ids{"producerKeychainId": chain}
	c.tells(events.ProducerKeychainEvents, does(c.producer, "POST", path+"/eservices", members{"eserviceId": eserviceID}),
		toProducer("PRODUCER_KEYCHAIN_ESERVICE_ADDED", id))
	c.tells(events.ProducerKeychainEvents, does(c.producer, "DELETE", path+"/eservices/"+eserviceID, nil),
		toProducer("PRODUCER_KEYCHAIN_ESERVICE_REMOVED", id))
	key = ids{"kid": c.chainKid, "producerKeychainId": chain}
	upload = does(c.producer, "POST", path+"/keys", keyBody(publicPEM(t, keys()[3]), nil))
	c.tells(events.ProducerKeyEvents, upload, toAll("PRODUCER_KEYCHAIN_KEY_ADDED", key))
	c.tells(events.ProducerKeyEvents, does(c.producer, "DELETE", path+"/keys/"+c.chainKid, nil), toAll("PRODUCER_KEYCHAIN_KEY_DELETED", key))
	c.want(upload(), 200, "")
	c.tells(events.ProducerKeyEvents, func() answer {
		return c.tells(events.ProducerKeychainEvents, does(c.producer, "DELETE", path, nil), toAll("PRODUCER_KEYCHAIN_DELETED", id))
	}, toAll("PRODUCER_KEYCHAIN_KEY_DELETED", key))
}

// TestEventsOfDelegations: the two tenants of a delegation read them, nobody else.
func TestEventsOfDelegations(t *testing.T) {
	for kind, feed := range map[string]events.Feed{ConsumerDelegation: events.ConsumerDelegationEvents, platform.ProducerDelegation: events.ProducerDelegationEvents} {
		c := newQuickCast(t)
		e, _ := c.published(members{"isConsumerDelegable": true})
		who, prefix := c.consumer, "CONSUMER_DELEGATION_"
		party := func(kind string, i ids) told { return told{prefix + kind, i, true, false, true} }
		if kind == platform.ProducerDelegation {
			who, prefix = c.producer, "PRODUCER_DELEGATION_"
			party = func(kind string, i ids) told { return told{prefix + kind, i, false, true, true} }
		}
		path, body := "/"+kind+"Delegations", members{"eserviceId": e, "delegateId": delegateID}
		first := c.tells(feed, does(who, "POST", path, body), party("SUBMITTED", ids{"delegationId": "?"})).text("id")
		c.tells(feed, does(c.delegate, "POST", path+"/"+first+"/reject", members{"rejectionReason": "no"}), party("REJECTED", ids{"delegationId": first}))
		second := c.tells(feed, does(who, "POST", path, body), party("SUBMITTED", ids{"delegationId": "?"})).text("id")
		c.tells(feed, does(c.delegate, "POST", path+"/"+second+"/accept", nil), party("APPROVED", ids{"delegationId": second}))
		c.tells(feed, func() answer {
			must(t, c.Platform().RevokeDelegation(second))
			return answer{status: 200}
		}, party("REVOKED", ids{"delegationId": second}))
	}
}

// TestEventsOfTenantsAndAttributes are everybody's.
func TestEventsOfTenantsAndAttributes(t *testing.T) {
	c := newQuickCast(t)
	const id = "30000000-0000-4000-8000-00000000000d"
	seeded := func(err error) func() answer {
		return func() answer {
			must(t, err)
			return answer{status: 200}
		}
	}
	c.tells(events.TenantEvents, func() answer { return seeded(c.AddTenant(Tenant{ID: id, Name: "Provincia"}))() },
		toAll("TENANT_ONBOARDED", ids{"tenantId": id}))
	c.tells(events.AttributeEvents, func() answer { return seeded(c.Platform().AddAttribute(Attribute{ID: id, Name: "Province"}))() },
		toAll("ATTRIBUTE_ADDED", ids{"attributeId": id}))
	c.tells(events.TenantEvents, func() answer { return seeded(c.Platform().AssignAttribute(id, id))() },
		toAll("TENANT_CERTIFIED_ATTRIBUTE_ASSIGNED", ids{"tenantId": id}))
	c.tells(events.TenantEvents, func() answer { return seeded(c.Platform().RevokeAttribute(id, id))() },
		toAll("TENANT_CERTIFIED_ATTRIBUTE_REVOKED", ids{"tenantId": id}))
}
