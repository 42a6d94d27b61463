// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/mocks/faults"
	"github.com/snodo-pa/snodo/mocks/pdnd/events"
)

// feed reads a feed of v3.
func (c *caller) feed(path string) []map[string]any {
	c.w.t.Helper()
	a := c.v3("GET", path, nil)
	items, isList := a.body["events"].([]any)
	if a.status != 200 || !isList {
		c.w.t.Fatalf("%s: %d %s", path, a.status, a.raw)
	}
	list := make([]map[string]any, 0, len(items))
	for _, item := range items {
		event, _ := item.(map[string]any)
		list = append(list, event)
	}
	return list
}

func TestErrorsOfFeedsHaveNoBody(t *testing.T) {
	c := newCast(t, Options{})
	for _, query := range []string{
		"", "?limit=", "?limit=0", "?limit=501", "?limit=ten", "?limit=5&lastEventId=x", "?lastEventId=" + unknownID,
		"?limit=1&limit=2",
	} {
		for _, feed := range []events.Feed{events.KeyEvents, events.PurposeEvents} {
			a := c.reader.v3("GET", "/"+string(feed)+query, nil)
			if a.status != 400 || a.raw != "" || a.header.Get("Content-Length") != "0" {
				t.Errorf("%s%s: %d %q", feed, query, a.status, a.raw)
			}
		}
	}
	a := c.reader.v3("GET", "/purposeEvents?limit=1&delegationId=x", nil)
	if a.status != 400 || a.raw != "" {
		t.Errorf("delegationId: %d %q", a.status, a.raw)
	}
	// Who may not come in is told so, as everywhere.
	c.want(c.reader.send("GET", c.Profile().APIv3BaseURL+"/keyEvents?limit=1", http.Header{}, nil), 400, "017-9994")
}

func TestEveryFeedIsServed(t *testing.T) {
	c := newCast(t, Options{})
	for _, feed := range events.Feeds() {
		path := "/" + string(feed) + "?limit=500"
		c.reader.feed(path)
		want := http.StatusOK
		if feed == events.PurposeTemplateEvents {
			want = http.StatusNotFound
		}
		if a := c.reader.v2("GET", path, nil); a.status != want {
			t.Errorf("v2 %s: %d, expected %d", feed, a.status, want)
		}
	}
}

func TestKeyEventsAreEverybodysAndResume(t *testing.T) {
	c := newCast(t, Options{})
	all := c.delegate.feed("/keyEvents?limit=500")
	if len(all) != 6 {
		t.Fatalf("%d events, expected one for each key of a client", len(all))
	}
	want := members{
		"id": all[0]["id"], "eventType": "CLIENT_KEY_ADDED", "eventTimestamp": "2026-01-01T00:00:00.000Z", "kid": c.kid, "clientId": clientID,
	}
	if diff := cmp.Diff(want, all[0]); diff != "" {
		t.Errorf("an event (-want +got):\n%s", diff)
	}
	var cursor string
	var got []string
	for {
		page := c.reader.feed("/keyEvents?limit=2&lastEventId=" + cursor)
		for _, e := range page {
			got, cursor = append(got, fmt.Sprint(e["id"])), fmt.Sprint(e["id"])
		}
		if len(page) < 2 {
			break
		}
	}
	if len(got) != len(all) {
		t.Errorf("%d by pages of two, %d at once", len(got), len(all))
	}
	if rest := c.reader.feed("/keyEvents?limit=500&lastEventId=" + strings.ToUpper(cursor)); len(rest) != 0 {
		t.Errorf("an upper-case cursor begins again: %v", rest)
	}
	must(t, c.RemoveKey(c.kid))
	if next := c.reader.feed("/keyEvents?limit=500&lastEventId=" + cursor); len(next) != 1 || next[0]["eventType"] != "CLIENT_KEY_DELETED" {
		t.Errorf("after a deletion %v", next)
	}
}

func TestPurposeEventsAreForThoseConcerned(t *testing.T) {
	c := newCast(t, Options{})
	e, d := c.published(nil)
	c.agreed(c.consumer, e, d)
	before := len(c.producer.feed("/purposeEvents?limit=500"))
	id := c.want(c.consumer.v3("POST", "/purposes", purposeBody(e, nil)), 201, "").text("id")
	if n := len(c.producer.feed("/purposeEvents?limit=500")); n != before {
		t.Error("the producer sees a draft")
	}
	if own := c.consumer.feed("/purposeEvents?limit=500"); own[len(own)-1]["purposeId"] != id {
		t.Error("the consumer does not see its draft")
	}
	c.want(c.consumer.v3("POST", "/purposes/"+id+"/activate", members{}), 200, "")
	if n := len(c.producer.feed("/purposeEvents?limit=500")); n != before+1 {
		t.Error("the producer does not see an activation")
	}
	if list := c.delegate.feed("/purposeEvents?limit=500"); len(list) != 0 {
		t.Errorf("a stranger sees %v", list)
	}
}

func TestDelegatesReadEventsThroughTheDelegation(t *testing.T) {
	c := newCast(t, Options{})
	e, d := c.published(members{"isConsumerDelegable": true})
	a := c.want(c.consumer.v3("POST", "/consumerDelegations", members{"eserviceId": e, "delegateId": delegateID}), 201, "")
	c.want(c.delegate.v3("POST", "/consumerDelegations/"+a.text("id")+"/accept", nil), 200, "")
	g := c.want(c.delegate.v3("POST", "/agreements", members{"eserviceId": e, "descriptorId": d, "delegationId": a.text("id")}), 201, "")
	c.want(c.delegate.v3("POST", "/agreements/"+g.text("id")+"/submit", members{}), 200, "")
	for query, want := range map[string]int{
		"":                              1, // of the two, the draft is the consumer's only, or its delegate's
		"&delegationId=null":            0,
		"&delegationId=" + a.text("id"): 1,
		"&delegationId=" + unknownID:    0,
	} {
		list := c.delegate.feed("/agreementEvents?limit=500" + query)
		active := 0
		for _, event := range list {
			if event["eventType"] == "AGREEMENT_ACTIVATED" {
				active++
			}
		}
		if active != want {
			t.Errorf("%q: %d, expected %d: %v", query, active, want, list)
		}
	}
	list := c.delegate.feed("/agreementEvents?limit=500&delegationId=" + a.text("id"))
	if list[0]["consumerDelegationId"] != a.text("id") {
		t.Errorf("the event does not name the delegation: %v", list[0])
	}
}

func TestAPurgedCursorStartsAtTheOldestKept(t *testing.T) {
	c := newCast(t, Options{EventRetention: time.Hour})
	cursor := fmt.Sprint(c.reader.feed("/keyEvents?limit=1")[0]["id"])
	c.now = c.now.Add(59 * time.Minute)
	must(t, c.RemoveKey(c.otherKid))
	c.now = c.now.Add(2 * time.Minute)
	must(t, c.RemoveKey(c.chainKid), c.RemoveKey(c.kid))
	list := c.reader.feed("/keyEvents?limit=500&lastEventId=" + cursor)
	if len(list) != 2 || list[0]["eventType"] != "CLIENT_KEY_DELETED" {
		t.Errorf("after the purge %v", list)
	}
}

func TestFaultsOfTheFeeds(t *testing.T) {
	c := newCast(t, Options{})
	voucher := c.reader.voucher(false)
	get := func(path string) answer {
		return c.reader.send("GET", c.Profile().APIBaseURL+path, http.Header{"Authorization": {"Bearer " + voucher}}, nil)
	}
	must(t, c.SetFaults(faults.Fault{Kind: faults.Empty, Path: "Events", Times: 1}))
	if a := get("/keyEvents?limit=1"); a.status != 503 || a.raw != "" {
		t.Errorf("unavailable: %d %q", a.status, a.raw)
	}
	if a := get("/keyEvents?limit=1"); a.status != 200 {
		t.Errorf("once: %d", a.status)
	}
	must(t, c.SetFaults(faults.Fault{Kind: faults.Delay, Path: "Events", DelayMS: 5}))
	if a := get("/keys/" + c.kid); a.status != 200 {
		t.Errorf("another path: %d", a.status)
	}
	start := time.Now()
	if a := get("/keyEvents?limit=1"); a.status != 200 || time.Since(start) < 5*time.Millisecond {
		t.Errorf("slow: %d after %v", a.status, time.Since(start))
	}
}

func TestMockSurface(t *testing.T) {
	c := newCast(t, Options{})
	send := func(method, path, body string) int {
		return c.reader.send(method, c.URL()+path, http.Header{}, []byte(body)).status
	}
	for _, k := range []struct {
		method, path, body string
		want               int
	}{
		{"PUT", "/_mock/purposes/" + purposeID + "/state", `{"state":"SUSPENDED"}`, 204},
		{"PUT", "/_mock/agreements/" + purposeID + "/state", `{"state":"SUSPENDED"}`, 204},
		{"PUT", "/_mock/purposes/" + unknownID + "/state", `{"state":"SUSPENDED"}`, 404},
		{"PUT", "/_mock/purposes/" + purposeID + "/state", `{}`, 400},
		{"PUT", "/_mock/propagation", `{"seconds":2.5}`, 204},
		{"PUT", "/_mock/propagation", `{"seconds":-1}`, 400},
		{"PUT", "/_mock/propagation", `x`, 400},
		{"DELETE", "/_mock/events", "", 204},
	} {
		if got := send(k.method, k.path, k.body); got != k.want {
			t.Errorf("%s %s %s: %d, expected %d", k.method, k.path, k.body, got, k.want)
		}
	}
	if c.propagation() != 2500*time.Millisecond || len(c.Platform().Log().All(events.KeyEvents)) != 0 {
		t.Error("the surface changes nothing")
	}
	if r, _ := c.Platform().PurposeRecord(purposeID); r.Versions[0].State != "SUSPENDED" {
		t.Errorf("the purpose is %s", r.Versions[0].State)
	}
}
