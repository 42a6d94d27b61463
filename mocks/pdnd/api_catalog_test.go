// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/mocks/pdnd/events"
	"github.com/snodo-pa/snodo/mocks/pdnd/platform"
)

func TestBodiesOfAnEserviceAreStrict(t *testing.T) {
	c := newQuickCast(t)
	for name, body := range map[string]any{
		"unknown property":        eserviceBody(members{"colour": "red"}),
		"unknown nested property": eserviceBody(members{"descriptor": descriptorBody(members{"colour": "red"})}),
		"no name":                 eserviceBody(members{"name": nil}),
		"short name":              eserviceBody(members{"name": "abcd"}),
		"long name":               eserviceBody(members{"name": strings.Repeat("à", 61)}),
		"short description":       eserviceBody(members{"description": "troppo"}),
		"long description":        eserviceBody(members{"description": strings.Repeat("x", 401)}),
		"technology":              eserviceBody(members{"technology": "GRAPHQL"}),
		"mode":                    eserviceBody(members{"mode": "BOTH"}),
		"flag as a text":          eserviceBody(members{"personalData": "true"}),
		"no audience":             eserviceBody(members{"descriptor": descriptorBody(members{"audience": []string{}})}),
		"two audiences":           eserviceBody(members{"descriptor": descriptorBody(members{"audience": []string{"a", "b"}})}),
		"lifespan of 59":          eserviceBody(members{"descriptor": descriptorBody(members{"voucherLifespan": 59})}),
		"lifespan over a day":     eserviceBody(members{"descriptor": descriptorBody(members{"voucherLifespan": 86401})}),
		"lifespan as a text":      eserviceBody(members{"descriptor": descriptorBody(members{"voucherLifespan": "600"})}),
		"half a call":             eserviceBody(members{"descriptor": descriptorBody(members{"dailyCallsTotal": 1.5})}),
		"no calls":                eserviceBody(members{"descriptor": descriptorBody(members{"dailyCallsTotal": 0})}),
		"too many calls":          eserviceBody(members{"descriptor": descriptorBody(members{"dailyCallsTotal": 1_000_000_001})}),
		"policy":                  eserviceBody(members{"descriptor": descriptorBody(members{"agreementApprovalPolicy": "MAYBE"})}),
		"a list":                  "[]",
		"not JSON":                "{",
		"a member twice":          `{"name":"a","name":"b"}`,
		"nothing":                 "",
		"null":                    eserviceBody(members{"descriptor": members(nil)}),
	} {
		t.Run(name, func(t *testing.T) {
			if a := c.producer.v3("POST", "/eservices", body); a.status != 400 || a.code() != "017-9999" {
				t.Errorf("%d %s", a.status, a.raw)
			}
		})
	}
	c.want(c.producer.v3As("text/plain", "POST", "/eservices", eserviceBody(nil)), 400, "017-9999")
	c.want(c.producer.v3("POST", "/eservices", eserviceBody(members{"name": "abcde", "description": strings.Repeat("x", 400)})), 201, "")
}

func TestEserviceCreationRules(t *testing.T) {
	c := newQuickCast(t)
	c.want(c.producer.v3("POST", "/eservices", eserviceBody(members{"descriptor": descriptorBody(members{"dailyCallsPerConsumer": 5001})})), 400, "001-0010")
	a := c.want(c.producer.v3("POST", "/eservices", eserviceBody(nil)), 201, "")
	want := members{
		"id": a.text("id"), "producerId": producerID, "name": "stato-istanza", "description": "Lo stato di una istanza",
		"technology": "REST", "mode": "DELIVER", "isSignalHubEnabled": false, "isConsumerDelegable": false,
		"isClientAccessDelegable": false, "personalData": true,
	}
	if diff := cmp.Diff(want, a.body); diff != "" {
		t.Errorf("the e-service (-want +got):\n%s", diff)
	}
	c.want(c.producer.v3("POST", "/eservices", eserviceBody(members{"name": "STATO-istanza"})), 409, "001-007")
	c.want(c.consumer.v3("POST", "/eservices", eserviceBody(nil)), 201, "")
	// A draft is its producer's only.
	c.want(c.consumer.v3("GET", "/eservices/"+a.text("id"), nil), 404, "001-0005")
	c.want(c.producer.v3("GET", "/eservices/"+a.text("id"), nil), 200, "")
	c.want(c.producer.v3("GET", "/eservices/not-a-uuid", nil), 400, "017-9999")
}

func TestPublishNeedsEverything(t *testing.T) {
	c := newQuickCast(t)
	e := c.want(c.producer.v3("POST", "/eservices", eserviceBody(members{
		"personalData": nil, "descriptor": descriptorBody(members{"audience": []string{""}}),
	})), 201, "").text("id")
	d := c.first(e)
	path := "/eservices/" + e + "/descriptors/" + d
	c.want(c.producer.v3("POST", path+"/publish", nil), 400, "001-0002")
	doc := c.want(c.producer.upload(path+"/interface", "openapi.yaml", "Interfaccia", openapi), 201, "")
	if doc.text("name") != "openapi.yaml" || doc.text("prettyName") != "Interfaccia" {
		t.Errorf("document %s", doc.raw)
	}
	c.want(c.producer.upload(path+"/interface", "openapi.yaml", "Altra", openapi), 409, "001-0011")
	c.want(c.producer.v3("POST", path+"/publish", nil), 400, "001-0023")
	c.want(c.producer.v3("PATCH", path, members{"audience": []string{"https://a"}}), 200, "")
	c.want(c.producer.v3("POST", path+"/publish", nil), 400, "001-0043")
	c.want(c.producer.v3("PATCH", "/eservices/"+e, members{"personalData": false}), 200, "")
	published := c.want(c.producer.v3("POST", path+"/publish", nil), 200, "")
	if published.text("state") != "PUBLISHED" || published.text("publishedAt") == "" || published.text("version") != "1" {
		t.Errorf("descriptor %s", published.raw)
	}
	if diff := cmp.Diff([]any{"https://snodo.invalid/modi/v1"}, published.body["serverUrls"]); diff != "" {
		t.Errorf("server URLs (-want +got):\n%s", diff)
	}
	c.want(c.producer.v3("POST", path+"/publish", nil), 400, "001-0003")
	c.want(c.producer.v3("PATCH", path, members{"voucherLifespan": 60}), 400, "001-0003")
	c.want(c.producer.v3("PATCH", "/eservices/"+e, members{"technology": "SOAP"}), 400, "001-0012")
	c.want(c.producer.v3("DELETE", "/eservices/"+e, nil), 409, "001-0012")
	c.want(c.producer.v3("DELETE", path+"/interface", nil), 400, "001-0003")
	c.want(c.consumer.v3("GET", "/eservices/"+e, nil), 200, "")
}

func TestReceiveModeNeedsARiskAnalysis(t *testing.T) {
	c := newQuickCast(t)
	e := c.want(c.producer.v3("POST", "/eservices", eserviceBody(members{"mode": "RECEIVE"})), 201, "").text("id")
	d := c.first(e)
	path := "/eservices/" + e + "/descriptors/" + d
	c.want(c.producer.upload(path+"/interface", "openapi.yaml", "Interfaccia", openapi), 201, "")
	c.want(c.producer.v3("POST", path+"/publish", nil), 400, "001-0018")
}

func TestInterfaceFiles(t *testing.T) {
	c := newQuickCast(t)
	e := c.want(c.producer.v3("POST", "/eservices", eserviceBody(nil)), 201, "").text("id")
	d := c.first(e)
	path := "/eservices/" + e + "/descriptors/" + d
	c.want(c.producer.v3("GET", path+"/interface", nil), 404, "017-0019")
	c.want(c.producer.v3("DELETE", path+"/interface", nil), 404, "017-0019")
	for name, k := range map[string]struct{ content, code string }{
		"not an interface": {"hello", "001-10010"},
		"broken JSON":      {"{", "001-10010"},
		"swagger 2":        {"swagger: '2.0'\nservers:\n  - url: https://a\n", "001-10011"},
		"JSON of 2.0":      {`{"openapi":"2.0","servers":[{"url":"https://a"}]}`, "001-10011"},
		"no servers":       {"openapi: 3.0.3\npaths: {}\n", "001-10012"},
		"relative server":  {"openapi: 3.0.3\nservers:\n  - url: /v1\n", "001-10026"},
	} {
		t.Run(name, func(t *testing.T) {
			c.want(c.producer.upload(path+"/interface", "openapi.yaml", "x", k.content), 400, k.code)
		})
	}
	c.want(c.producer.v3As("multipart/form-data; boundary=x", "POST", path+"/interface", "--x--"), 400, "017-9999")
	c.want(c.producer.v3("POST", path+"/interface", members{}), 400, "017-9999")
	c.want(c.producer.upload(path+"/interface", "big.yaml", "x", openapi+strings.Repeat("#", platform.MaxInterface)), 413, "001-10031")
	c.want(c.producer.upload(path+"/interface", "openapi.yaml", "Interfaccia", openapi), 201, "")
	a := c.want(c.producer.v3("GET", path+"/interface", nil), 200, "")
	_, params, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	must(t, err)
	got := map[string]string{}
	reader := multipart.NewReader(strings.NewReader(a.raw), params["boundary"])
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		must(t, err)
		content, err := io.ReadAll(part)
		must(t, err)
		got[part.FormName()] = string(content)
	}
	if got["file"] != openapi || got["filename"] != "openapi.yaml" || got["prettyName"] != "Interfaccia" || got["id"] == "" {
		t.Errorf("the form downloaded is %v", got)
	}
	c.want(c.producer.v3("DELETE", path+"/interface", nil), 204, "")
	c.want(c.producer.upload(path+"/documents", "a.pdf", "Manuale", "x"), 201, "")
	c.want(c.producer.upload(path+"/documents", "b.pdf", "manuale", "x"), 409, "001-0020")
	if list := c.producer.v3("GET", paged(path+"/documents"), nil).results(); len(list) != 1 || list[0]["name"] != "a.pdf" {
		t.Errorf("documents %v", list)
	}
}

func TestASecondVersion(t *testing.T) {
	c := newQuickCast(t)
	e, first := c.published(nil)
	versions := "/eservices/" + e + "/descriptors"
	second := c.want(c.producer.v3("POST", versions, descriptorBody(nil)), 201, "")
	c.want(c.producer.v3("POST", versions, descriptorBody(nil)), 400, "001-0006")
	c.want(c.consumer.v3("GET", versions+"/"+second.text("id"), nil), 404, "017-0010")
	if list := c.consumer.v3("GET", paged(versions), nil).results(); len(list) != 1 {
		t.Errorf("a draft is public: %v", list)
	}
	publish := func(d string) {
		c.want(c.producer.upload(versions+"/"+d+"/interface", "openapi.yaml", "x", openapi), 201, "")
		c.want(c.producer.v3("POST", versions+"/"+d+"/publish", nil), 200, "")
	}
	publish(second.text("id"))
	state := func(d string) string { return c.producer.v3("GET", versions+"/"+d, nil).text("state") }
	if state(first) != "ARCHIVED" || state(second.text("id")) != "PUBLISHED" {
		t.Errorf("an unused version is %s, the new one %s", state(first), state(second.text("id")))
	}
	c.agreed(c.consumer, e, second.text("id"))
	third := c.want(c.producer.v3("POST", versions, descriptorBody(nil)), 201, "").text("id")
	publish(third)
	if state(second.text("id")) != "DEPRECATED" {
		t.Errorf("a used version is %s", state(second.text("id")))
	}
	if list := c.producer.v3("GET", paged(versions, "state", "PUBLISHED"), nil).results(); len(list) != 1 || list[0]["version"] != "3" {
		t.Errorf("published %v", list)
	}
	c.want(c.producer.v3("POST", versions+"/"+third+"/suspend", nil), 200, "")
	c.want(c.producer.v3("POST", versions+"/"+third+"/suspend", nil), 400, "001-0003")
	if a := c.want(c.producer.v3("POST", versions+"/"+third+"/unsuspend", nil), 200, ""); a.text("state") != "PUBLISHED" {
		t.Errorf("taken back as %s", a.text("state"))
	}
	c.want(c.consumer.v3("POST", versions+"/"+third+"/suspend", nil), 403, "001-9989")
	c.want(c.producer.v3("DELETE", versions+"/"+third, nil), 400, "001-0003")
	fourth := c.want(c.producer.v3("POST", versions, descriptorBody(nil)), 201, "").text("id")
	c.want(c.producer.v3("DELETE", versions+"/"+fourth, nil), 204, "")
}

func TestTheLastDraftCannotBeDeleted(t *testing.T) {
	c := newQuickCast(t)
	e := c.want(c.producer.v3("POST", "/eservices", eserviceBody(nil)), 201, "").text("id")
	d := c.first(e)
	c.want(c.producer.v3("DELETE", "/eservices/"+e+"/descriptors/"+d, nil), 409, "017-0029")
	c.want(c.producer.v3("PATCH", "/eservices/"+e+"/name", members{"name": "another"}), 409, "001-0022")
	c.want(c.producer.v3("DELETE", "/eservices/"+e, nil), 204, "")
	c.want(c.producer.v3("GET", "/eservices/"+e, nil), 404, "001-0005")
}

func TestChangesAfterPublication(t *testing.T) {
	c := newQuickCast(t)
	e, d := c.published(nil)
	path := "/eservices/" + e
	c.want(c.producer.v3As("application/json", "PATCH", path+"/name", members{"name": "nuovo nome"}), 400, "017-9999")
	c.want(c.producer.v3("PATCH", path+"/name", members{"name": "nuovo nome", "description": "non qui"}), 400, "017-9999")
	c.want(c.producer.v3("PATCH", path+"/name", members{"name": nil}), 400, "017-9999")
	for op, body := range map[string]members{
		"/name": {"name": "nuovo nome"}, "/description": {"description": "una descrizione nuova"},
		"/signalHub": {"isSignalHubEnabled": true}, "/delegation": {"isConsumerDelegable": true, "isClientAccessDelegable": true},
	} {
		a := c.want(c.producer.v3("PATCH", path+op, body), 200, "")
		for name, want := range body {
			if a.body[name] != want {
				t.Errorf("%s: %s is %v", op, name, a.body[name])
			}
		}
	}
	c.want(c.producer.v3("PATCH", path+"/delegation", members{"isConsumerDelegable": false}), 400, "001-0025")
	c.want(c.consumer.v3("PATCH", path+"/name", members{"name": "non mio"}), 403, "001-9989")
	quotas := path + "/descriptors/" + d + "/quotas"
	c.want(c.producer.v3("PATCH", quotas, members{"dailyCallsPerConsumer": 6000}), 400, "001-0010")
	c.want(c.producer.v3("PATCH", quotas, members{"audience": []string{"x"}}), 400, "017-9999")
	if a := c.want(c.producer.v3("PATCH", quotas, members{"dailyCallsPerConsumer": 2000}), 200, ""); a.body["dailyCallsPerConsumer"] != 2000.0 {
		t.Errorf("quotas %s", a.raw)
	}
	log := c.Platform().Log().All(events.EserviceEvents)
	if last := log[len(log)-1]; last.Type != "ESERVICE_DESCRIPTOR_QUOTAS_UPDATED" || last.IDs["descriptorId"] != d {
		t.Errorf("event %+v", last)
	}
}

func TestNullIsAPatchOnlyWhereItMayBe(t *testing.T) {
	c := newQuickCast(t)
	e := c.want(c.producer.v3("POST", "/eservices", eserviceBody(nil)), 201, "").text("id")
	if a := c.want(c.producer.v3("PATCH", "/eservices/"+e, `{"personalData":null}`), 200, ""); a.body["personalData"] != nil {
		t.Errorf("still %v", a.body["personalData"])
	}
	c.want(c.producer.v3("PATCH", "/eservices/"+e, `{"name":null}`), 400, "017-9999")
	c.want(c.producer.v3("PATCH", "/eservices/"+e, ""), 400, "017-9999")
}

func TestCertifiedGroups(t *testing.T) {
	c := newQuickCast(t)
	e := c.want(c.producer.v3("POST", "/eservices", eserviceBody(nil)), 201, "").text("id")
	d := c.first(e)
	path := "/eservices/" + e + "/descriptors/" + d + "/certifiedAttributes"
	c.want(c.producer.v3("POST", path+"/groups", members{"attributeIds": []string{unknownID}}), 400, "001-0009")
	a := c.want(c.producer.v3("POST", path+"/groups", members{"attributeIds": []string{comuniID}}), 201, "")
	if list, _ := a.body["attributes"].([]any); len(list) != 1 {
		t.Errorf("group %s", a.raw)
	}
	list := c.want(c.producer.v3("GET", paged(path), nil), 200, "").results()
	if len(list) != 1 || list[0]["groupIndex"] != 0.0 {
		t.Errorf("groups %v", list)
	}
	attribute := c.want(c.consumer.v3("GET", "/certifiedAttributes/"+comuniID, nil), 200, "")
	if attribute.text("code") != "L6" || attribute.text("origin") != "IPA" {
		t.Errorf("attribute %s", attribute.raw)
	}
	c.want(c.consumer.v3("GET", "/certifiedAttributes/"+unknownID, nil), 404, "003-0002")
	if list := c.consumer.v3("GET", paged("/certifiedAttributes", "name", "comUNI"), nil).results(); len(list) != 1 {
		t.Errorf("by name %v", list)
	}
}

func TestPagingIsRequiredAndBounded(t *testing.T) {
	c := newQuickCast(t)
	for range 3 {
		c.published(members{"name": "servizio " + c.Profile().Issuer[:3] + string(rune('a'+len(c.Platform().Eservices(producerID))))})
	}
	for query, want := range map[string]int{
		"":                                           400,
		"?limit=10":                                  400,
		"?offset=0":                                  400,
		"?offset=-1&limit=10":                        400,
		"?offset=0&limit=0":                          400,
		"?offset=0&limit=51":                         400,
		"?offset=0&limit=+5":                         400,
		"?offset=0&limit=5&limit=5":                  400,
		"?offset=0&limit=ten":                        400,
		"?offset=0&limit=50":                         200,
		"?offset=0&limit=1&producerIds=x":            400,
		"?offset=0&limit=1&technology=x":             400,
		"?offset=0&limit=1&mode=x":                   400,
		"?offset=0&limit=1&colour=red":               200,
		"?offset=0&limit=1&a=%zz":                    400,
		"?offset=0&limit=1&isSignalHubEnabled=maybe": 400,
	} {
		if a := c.producer.v3("GET", "/eservices"+query, nil); a.status != want {
			t.Errorf("%q: %d %s, expected %d", query, a.status, a.raw, want)
		}
	}
	a := c.want(c.producer.v3("GET", "/eservices?offset=1&limit=1&name=servizio", nil), 200, "")
	if diff := cmp.Diff(members{"offset": 1.0, "limit": 1.0, "totalCount": 3.0}, a.body["pagination"]); diff != "" || len(a.results()) != 1 {
		t.Errorf("page %s", a.raw)
	}
	both := c.want(c.producer.v3("GET", paged("/eservices", "producerIds", producerID+","+tenantID), nil), 200, "")
	none := c.want(c.producer.v3("GET", paged("/eservices", "producerIds", delegateID), nil), 200, "")
	if len(both.results()) != 5 || len(none.results()) != 0 {
		t.Errorf("%d by two producers, %d by another", len(both.results()), len(none.results()))
	}
	if list := c.producer.v3("GET", paged("/eservices", "isConsumerDelegable", "true"), nil).results(); len(list) != 0 {
		t.Errorf("delegable %v", list)
	}
	if list := c.producer.v3("GET", paged("/eservices", "technology", "REST,SOAP", "mode", "DELIVER"), nil).results(); len(list) != 5 {
		t.Errorf("%d of any technology", len(list))
	}
}

func TestTenants(t *testing.T) {
	c := newQuickCast(t)
	must(t, c.AddTenant(Tenant{ID: unknownID, Name: "Impresa", TaxCode: "00000000000", Kind: "PRIVATE"}))
	c.want(c.reader.v3("GET", paged("/tenants", "IPACode", "c_up", "taxCode", "1"), nil), 400, "017-0011")
	list := c.want(c.reader.v3("GET", paged("/tenants", "IPACode", "c_up"), nil), 200, "").results()
	if len(list) != 1 || list[0]["id"] != delegateID || list[0]["kind"] != "PA" {
		t.Errorf("by IPA %v", list)
	}
	list = c.want(c.reader.v3("GET", paged("/tenants", "taxCode", "00000000000"), nil), 200, "").results()
	if len(list) != 1 || list[0]["kind"] != "PRIVATE" {
		t.Errorf("by tax code %v", list)
	}
	c.want(c.reader.v3("GET", "/tenants/10000000-0000-4000-8000-0000000000fe", nil), 404, "005-0004")
	if a := c.reader.v3("GET", "/tenants/"+delegateID, nil); a.text("externalId", "value") != "c_up" {
		t.Errorf("tenant %s", a.raw)
	}
	must(t, c.Platform().AssignAttribute(tenantID, comuniID))
	held := c.want(c.reader.v3("GET", paged("/tenants/"+tenantID+"/certifiedAttributes"), nil), 200, "").results()
	if len(held) != 1 || held[0]["id"] != comuniID || held[0]["revokedAt"] != nil {
		t.Errorf("held %v", held)
	}
	must(t, c.Platform().RevokeAttribute(tenantID, comuniID))
	held = c.reader.v3("GET", paged("/tenants/"+tenantID+"/certifiedAttributes"), nil).results()
	if held[0]["revokedAt"] == nil {
		t.Errorf("revoked %v", held)
	}
}
