// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// lists are the operations of v3 that answer with a page, as an admin of the consumer or
// of the producer calls them, with the filters they take and a wrong value of each.
func lists() map[string]struct {
	producer bool
	wrong    map[string]string
} {
	type l = struct {
		producer bool
		wrong    map[string]string
	}
	version := "/eservices/" + eserviceID + "/descriptors/" + descriptorID
	ids := func(names ...string) map[string]string {
		wrong := map[string]string{}
		for _, name := range names {
			wrong[name] = tenantID + ",not-a-uuid"
		}
		return wrong
	}
	with := func(m map[string]string, name, value string) map[string]string {
		m[name] = value
		return m
	}
	delegation := with(ids("delegatorIds", "delegateIds", "eserviceIds"), "states", "PENDING")
	eservices := with(with(ids("producerIds", "templateIds"), "technology", "rest"), "mode", "DELIVER,BOTH")
	for _, flag := range []string{"isSignalHubEnabled", "isConsumerDelegable", "isClientAccessDelegable"} {
		eservices[flag] = "TRUE"
	}
	return map[string]l{
		"/tenants": {}, "/tenants/" + tenantID + "/certifiedAttributes": {}, "/certifiedAttributes": {},
		"/eservices": {wrong: eservices}, "/eservices/" + eserviceID + "/descriptors": {},
		version + "/documents": {}, version + "/certifiedAttributes": {},
		"/agreements":                          {wrong: with(ids("producerIds", "consumerIds", "descriptorIds", "eserviceIds"), "states", "WAITING_FOR_APPROVAL")},
		"/purposes":                            {wrong: with(ids("eserviceIds", "consumerIds"), "states", "ACTIVE,PENDING")},
		"/purposes/" + purposeID + "/versions": {},
		"/clients":                             {wrong: map[string]string{"consumerId": "x"}},
		"/clients/" + clientID + "/keys":       {}, "/clients/" + clientID + "/purposes": {}, "/clients/" + clientID + "/users": {},
		"/producerKeychains":                              {wrong: map[string]string{"producerId": "x"}},
		"/producerKeychains/" + keychainID + "/keys":      {producer: true},
		"/producerKeychains/" + keychainID + "/eservices": {producer: true},
		"/producerKeychains/" + keychainID + "/users":     {producer: true},
		"/consumerDelegations":                            {wrong: delegation}, "/producerDelegations": {wrong: delegation},
	}
}

// browse calls many operations with one voucher, to be quick.
func (c *caller) browse() func(path string) answer {
	bound := c.voucher(true)
	return func(path string) answer {
		c.w.t.Helper()
		address := c.w.Profile().APIv3BaseURL + path
		htu, _, _ := strings.Cut(address, "?")
		return c.send("GET", address, http.Header{"Authorization": {"DPoP " + bound}, "Dpop": {c.proof("GET", htu, bound, nil, nil)}}, nil)
	}
}

// TestEveryListIsPaged: offset and limit are required and bounded on each of them.
func TestEveryListIsPaged(t *testing.T) {
	c := newQuickCast(t)
	consumer, producer := c.consumer.browse(), c.producer.browse()
	for path, l := range lists() {
		t.Run(path, func(t *testing.T) {
			read := consumer
			if l.producer {
				read = producer
			}
			for _, query := range []string{
				"", "offset=0", "limit=1", "offset=&limit=1", "offset=0&limit=", "offset=-1&limit=1", "offset=0&limit=0",
				"offset=0&limit=51", "offset=0&limit=1.0", "offset=0&limit=01", "offset=x&limit=1", "offset=0&offset=0&limit=1",
			} {
				if a := read(path + "?" + query); a.status != 400 || a.code() != "017-9999" {
					t.Errorf("%q: %d %s", query, a.status, a.raw)
				}
			}
			a := c.want(read(path+"?offset=1000&limit=50"), 200, "")
			page, _ := a.body["pagination"].(map[string]any)
			if list, isList := a.body["results"].([]any); !isList || len(list) != 0 || page["offset"] != 1000.0 || page["limit"] != 50.0 {
				t.Errorf("beyond the end: %s", a.raw)
			}
			for name, value := range l.wrong {
				if a := read(path + "?offset=0&limit=1&" + name + "=" + value); a.status != 400 || !strings.Contains(a.raw, "'"+name+"'") {
					t.Errorf("%s=%s: %d %s", name, value, a.status, a.raw)
				}
			}
		})
	}
}

// TestPagesAreOneList: the pages of any size make up the same list, in the same order.
func TestPagesAreOneList(t *testing.T) {
	c := newQuickCast(t)
	for i := range 7 {
		c.want(c.producer.v3("POST", "/eservices", eserviceBody(members{"name": "servizio " + strconv.Itoa(i)})), 201, "")
	}
	read := c.producer.browse()
	ids := func(limit int) (all []string) {
		for offset := 0; ; offset += limit {
			a := c.want(read("/eservices?name=SERVIZIO&offset="+strconv.Itoa(offset)+"&limit="+strconv.Itoa(limit)), 200, "")
			page, _ := a.body["pagination"].(map[string]any)
			if page["totalCount"] != 7.0 {
				t.Fatalf("total of %s", a.raw)
			}
			for _, e := range a.results() {
				id, _ := e["id"].(string)
				all = append(all, id)
			}
			if len(a.results()) < limit {
				return all
			}
		}
	}
	whole := ids(50)
	if len(whole) != 7 {
		t.Fatalf("%d e-services", len(whole))
	}
	for _, limit := range []int{1, 2, 3, 7} {
		if got := ids(limit); !slices.Equal(got, whole) {
			t.Errorf("by %d: %v, expected %v", limit, got, whole)
		}
	}
}

// TestFiltersSelect: each filter leaves what it names and takes several values by comma.
func TestFiltersSelect(t *testing.T) {
	c := newQuickCast(t)
	e, d := c.published(members{"isSignalHubEnabled": true, "isConsumerDelegable": true})
	must(t, c.Platform().AddDelegation(Delegation{
		ID: inUse, Kind: ConsumerDelegation, DelegatorID: delegateID, DelegateID: tenantID, EserviceID: e,
	}))
	g := c.agreed(c.consumer, e, d)
	r := c.activated(c.consumer, e, nil)
	read := c.consumer.browse()
	for name, k := range map[string]struct {
		path, filter string
		want         []string
	}{
		"e-services by flag":            {"/eservices", "isSignalHubEnabled=true", []string{e}},
		"e-services by another flag":    {"/eservices", "isConsumerDelegable=true&isClientAccessDelegable=false", []string{e}},
		"e-services by name and mode":   {"/eservices", "name=STATO&mode=DELIVER", []string{e}},
		"e-services of a template":      {"/eservices", "templateIds=" + unknownID, nil},
		"e-services of nobody":          {"/eservices", "producerIds=" + unknownID, nil},
		"e-services of RECEIVE":         {"/eservices", "mode=RECEIVE", nil},
		"agreements by e-service":       {"/agreements", "eserviceIds=" + e + "," + unknownID, []string{g}},
		"agreements by descriptor":      {"/agreements", "descriptorIds=" + d + "&states=ACTIVE,SUSPENDED", []string{g}},
		"agreements in another state":   {"/agreements", "eserviceIds=" + e + "&states=DRAFT,PENDING", nil},
		"purposes by title":             {"/purposes", "title=istanze&states=ACTIVE", []string{r}},
		"purposes by e-service":         {"/purposes", "eserviceIds=" + e + "&consumerIds=" + tenantID, []string{r}},
		"purposes of another":           {"/purposes", "consumerIds=" + delegateID, nil},
		"delegations received":          {"/consumerDelegations", "delegateIds=" + tenantID, []string{inUse}},
		"delegations given":             {"/consumerDelegations", "delegatorIds=" + tenantID, nil},
		"delegations in a state":        {"/consumerDelegations", "states=ACTIVE,REVOKED&eserviceIds=" + e, []string{inUse}},
		"delegations that were refused": {"/consumerDelegations", "states=REJECTED", nil},
		"delegations of the other kind": {"/producerDelegations", "eserviceIds=" + e, nil},
		"clients by name":               {"/clients", "name=OTHER&consumerId=" + tenantID, []string{otherID}},
		"keychains of a producer":       {"/producerKeychains", "producerId=" + producerID, []string{keychainID}},
		"tenants by IPA code":           {"/tenants", "IPACode=c_up", []string{delegateID}},
		"tenants by a part of it":       {"/tenants", "IPACode=c_", nil},
	} {
		var got []string
		for _, item := range c.want(read(k.path+"?offset=0&limit=50&"+k.filter), 200, "").results() {
			id, _ := item["id"].(string)
			got = append(got, id)
		}
		if !slices.Equal(got, k.want) {
			t.Errorf("%s: %v, expected %v", name, got, k.want)
		}
	}
}
