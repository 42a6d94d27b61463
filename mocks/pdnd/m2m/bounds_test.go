// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package m2m

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

func of(n int) string { return strings.Repeat("x", n) }

// sample is a body that its schema takes.
func sample(s string) map[string]any {
	descriptor := map[string]any{
		"audience": []any{"https://ente.example/v1"}, "voucherLifespan": 600, "dailyCallsPerConsumer": 10, "dailyCallsTotal": 100,
		"agreementApprovalPolicy": "AUTOMATIC",
	}
	return map[string]map[string]any{
		"e-service":  {"name": "stato-istanza", "description": "Lo stato di una istanza", "technology": "REST", "mode": "DELIVER"},
		"descriptor": descriptor,
		"purpose":    {"title": "Verifica istanze", "description": "Verifica delle istanze", "isFreeOfCharge": false, "dailyCalls": 10},
		"client":     {"name": "snodo", "members": []any{}},
		"key":        {"key": "AAAA", "use": "SIG", "alg": "RS256", "name": "chiave"},
	}[s]
}

func schemaOf(s string) schema {
	return map[string]schema{
		"e-service": eserviceSchema(), "descriptor": descriptorSchema(), "purpose": purposeSchema(), "client": clientSchema(), "key": keySchema(),
	}[s]
}

// checked holds a body, as it would come over the wire, against a schema.
func checked(t *testing.T, s schema, body map[string]any) string {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	object, err := rules.DecodeObject(raw)
	if err != nil {
		t.Fatal(err)
	}
	return s.check(object)
}

// TestBoundsOfEveryMember takes each member at its edges and refuses it beyond them
// (PDND §3.3: the limits of the API's schemas).
func TestBoundsOfEveryMember(t *testing.T) {
	uuids := func(n int) []any {
		list := make([]any, n)
		for i := range list {
			list[i] = someID
		}
		return list
	}
	for _, c := range []struct {
		schema, member string
		good, bad      []any
	}{
		{"e-service", "name", []any{of(5), of(60)}, []any{of(4), of(61), 12345}},
		{"e-service", "description", []any{of(10), of(400)}, []any{of(9), of(401), nil}},
		{"e-service", "technology", []any{"REST", "SOAP"}, []any{"rest", "GRPC", "", 1}},
		{"e-service", "mode", []any{"DELIVER", "RECEIVE"}, []any{"BOTH", "deliver"}},
		{"e-service", "isSignalHubEnabled", []any{true, false}, []any{"true", 1, nil}},
		{"e-service", "isConsumerDelegable", []any{true, false}, []any{"false", 0}},
		{"e-service", "isClientAccessDelegable", []any{true, false}, []any{"false", 0}},
		{"e-service", "personalData", []any{true, false}, []any{"YES", nil}},
		{"descriptor", "description", []any{of(10), of(250)}, []any{of(9), of(251)}},
		{"descriptor", "audience", []any{[]any{""}, []any{of(250)}}, []any{[]any{}, []any{"a", "b"}, []any{of(251)}, []any{1}, "a"}},
		{"descriptor", "voucherLifespan", []any{60, 86400}, []any{59, 86401, 600.5, "600", -60}},
		{"descriptor", "dailyCallsPerConsumer", []any{1, 1_000_000_000}, []any{0, 1_000_000_001, "1"}},
		{"descriptor", "dailyCallsTotal", []any{1, 1_000_000_000}, []any{0, 1_000_000_001, -1}},
		{"descriptor", "agreementApprovalPolicy", []any{"AUTOMATIC", "MANUAL"}, []any{"automatic", "NONE"}},
		{"purpose", "title", []any{of(5), of(60)}, []any{of(4), of(61)}},
		{"purpose", "description", []any{of(10), of(250)}, []any{of(9), of(251)}},
		{"purpose", "isFreeOfCharge", []any{true, false}, []any{"YES", nil}},
		{"purpose", "freeOfChargeReason", []any{"", of(1000)}, []any{1, nil}},
		{"purpose", "dailyCalls", []any{1, 1_000_000_000}, []any{0, 1_000_000_001, 1.5}},
		{
			"purpose", "riskAnalysisForm",
			[]any{map[string]any{"version": "3.1", "answers": map[string]any{}}, map[string]any{"version": "3.1", "answers": map[string]any{"q": []any{of(2000)}}}},
			[]any{
				map[string]any{"version": "3.1"},
				map[string]any{"answers": map[string]any{}},
				map[string]any{"version": "", "answers": map[string]any{}},
				map[string]any{"version": "3.1", "answers": map[string]any{"q": []any{""}}},
				map[string]any{"version": "3.1", "answers": map[string]any{"q": []any{of(2001)}}},
				map[string]any{"version": "3.1", "answers": map[string]any{}, "riskAnalysisId": someID},
			},
		},
		{"client", "name", []any{of(5), of(60)}, []any{of(4), of(61)}},
		{"client", "description", []any{of(10), of(250)}, []any{of(9), of(251)}},
		{"client", "members", []any{[]any{}, uuids(100)}, []any{uuids(101), []any{"x"}, someID}},
		{"key", "key", []any{"A", of(1 << 16)}, []any{"", of(1<<16 + 1)}},
		{"key", "use", []any{"SIG", "ENC"}, []any{"sig", "VERIFY"}},
		{"key", "alg", []any{"RS256", ""}, []any{256}},
		{"key", "name", []any{of(5), of(60)}, []any{of(4), of(61)}},
	} {
		t.Run(c.schema+" "+c.member, func(t *testing.T) {
			for taken, values := range map[bool][]any{true: c.good, false: c.bad} {
				for _, value := range values {
					body := maps.Clone(sample(c.schema))
					body[c.member] = value
					fault := checked(t, schemaOf(c.schema), body)
					if (fault == "") != taken {
						t.Errorf("%.60v: %q", value, fault)
					}
					if fault != "" && !strings.Contains(fault, "at '"+c.member+"'") {
						t.Errorf("%q does not say where", fault)
					}
				}
			}
		})
	}
}

// TestWhatMustBeThere takes each member away: the API asks for some, and a merge patch
// for none.
func TestWhatMustBeThere(t *testing.T) {
	required := map[string]string{
		"e-service":  "name description technology mode",
		"descriptor": "audience voucherLifespan dailyCallsPerConsumer dailyCallsTotal agreementApprovalPolicy",
		"purpose":    "title description isFreeOfCharge dailyCalls",
		"client":     "name members",
		"key":        "key use alg name",
	}
	for kind, names := range required {
		s := schemaOf(kind)
		if fault := checked(t, s, sample(kind)); fault != "" {
			t.Fatalf("the sample of a %s: %s", kind, fault)
		}
		for name := range s {
			body := maps.Clone(sample(kind))
			delete(body, name)
			want := ""
			if strings.Contains(" "+names+" ", " "+name+" ") {
				want = "Required at '" + name + "'"
			}
			if got := checked(t, s, body); got != want {
				t.Errorf("a %s without %s: %q, expected %q", kind, name, got, want)
			}
			if got := checked(t, s.partial(), body); got != "" {
				t.Errorf("a patch of a %s without %s: %q", kind, name, got)
			}
		}
	}
}

// TestBodiesOfTheSmallOperations holds those whose schema is written where it is used.
func TestBodiesOfTheSmallOperations(t *testing.T) {
	const agreement, purpose, delegation = "/agreements/" + unknownID, "/purposes/" + unknownID, "/consumerDelegations/" + unknownID
	w := newWorld(t)
	for name, c := range map[string]struct {
		path, body string
		code       string // of the operation when the body is taken
	}{
		"notes of 1000":                   {agreement + "/submit", `{"consumerNotes":"` + of(1000) + `"}`, "002-0009"},
		"notes of 1001":                   {agreement + "/submit", `{"consumerNotes":"` + of(1001) + `"}`, ""},
		"no notes":                        {agreement + "/submit", `{}`, "002-0009"},
		"no body at all":                  {agreement + "/submit", ``, "002-0009"},
		"a reason of 20":                  {agreement + "/reject", `{"reason":"` + of(20) + `"}`, "002-0009"},
		"a reason of 19":                  {agreement + "/reject", `{"reason":"` + of(19) + `"}`, ""},
		"a reason of 1000":                {agreement + "/reject", `{"reason":"` + of(1000) + `"}`, "002-0009"},
		"a reason of 1001":                {agreement + "/reject", `{"reason":"` + of(1001) + `"}`, ""},
		"no reason":                       {agreement + "/reject", `{}`, ""},
		"the delegation of an approval":   {agreement + "/approve", `{"delegationId":"` + someID + `"}`, "002-0009"},
		"a delegation that is no id":      {agreement + "/approve", `{"delegationId":"x"}`, ""},
		"null for a delegation":           {agreement + "/suspend", `{"delegationId":null}`, ""},
		"an upgrade names no delegation":  {agreement + "/upgrade", `{"delegationId":"` + someID + `"}`, ""},
		"an archive names no delegation":  {purpose + "/archive", `{"delegationId":"` + someID + `"}`, ""},
		"activation under a delegation":   {purpose + "/activate", `{"delegationId":"` + someID + `"}`, "004-0001"},
		"one daily call":                  {purpose + "/versions", `{"dailyCalls":1}`, "004-0001"},
		"no daily call":                   {purpose + "/versions", `{"dailyCalls":0}`, ""},
		"too many daily calls":            {purpose + "/versions", `{"dailyCalls":1000000001}`, ""},
		"daily calls with an exponent":    {purpose + "/versions", `{"dailyCalls":1e3}`, ""},
		"users of a client":               {"/clients/" + unknownID + "/users", `{"userIds":["` + someID + `"]}`, "006-0001"},
		"no users":                        {"/clients/" + unknownID + "/users", `{"userIds":[]}`, ""},
		"a purpose to link":               {"/clients/" + unknownID + "/purposes", `{"purposeId":"` + someID + `"}`, "006-0001"},
		"no purpose to link":              {"/clients/" + unknownID + "/purposes", `{}`, ""},
		"an e-service to link":            {"/producerKeychains/" + unknownID + "/eservices", `{"eserviceId":"` + someID + `"}`, "006-0018"},
		"no e-service to link":            {"/producerKeychains/" + unknownID + "/eservices", `{"eserviceId":""}`, ""},
		"a delegation's refusal":          {delegation + "/reject", `{"rejectionReason":""}`, "010-0001"},
		"a refusal without a reason":      {delegation + "/reject", `{}`, ""},
		"an acceptance with a reason":     {delegation + "/accept", `{"rejectionReason":"x"}`, ""},
		"a delegation of no delegate":     {"/consumerDelegations", `{"eserviceId":"` + someID + `"}`, ""},
		"a delegation on nothing":         {"/consumerDelegations", `{"eserviceId":"` + someID + `","delegateId":"` + otherID + `"}`, "010-0002"},
		"an agreement on nothing":         {"/agreements", `{"eserviceId":"` + someID + `","descriptorId":"` + someID + `"}`, "002-0005"},
		"an agreement on no descriptor":   {"/agreements", `{"eserviceId":"` + someID + `"}`, ""},
		"a member twice":                  {"/agreements", `{"eserviceId":"` + someID + `","eserviceId":"` + someID + `","descriptorId":"` + someID + `"}`, ""},
		"something after the object":      {agreement + "/submit", `{} {}`, ""},
		"a list for an object":            {agreement + "/submit", `[]`, ""},
		"a body that is no JSON":          {agreement + "/submit", `{`, ""},
		"a byte order mark before a body": {agreement + "/submit", "\ufeff{}", ""},
	} {
		t.Run(name, func(t *testing.T) {
			rec := w.call("consumer", "POST", c.path, c.body)
			if code, _ := codeOf(t, rec); c.code == "" && (rec.Code != 400 || code != "017-9999") || c.code != "" && code != c.code {
				t.Errorf("%d %s, expected %q", rec.Code, rec.Body, c.code)
			}
		})
	}
}

// TestMediaTypesOfBodies: JSON for a POST, a merge patch for a PATCH, parameters or not.
func TestMediaTypesOfBodies(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		method, path, media string
		taken               bool
	}{
		{"POST", "/agreements/" + unknownID + "/submit", "application/json", true},
		{"POST", "/agreements/" + unknownID + "/submit", "application/json; charset=utf-8", true},
		{"POST", "/agreements/" + unknownID + "/submit", "application/merge-patch+json", false},
		{"POST", "/agreements/" + unknownID + "/submit", "text/json", false},
		{"POST", "/agreements/" + unknownID + "/submit", "", false},
		{"PATCH", "/purposes/" + unknownID, "application/merge-patch+json", true},
		{"PATCH", "/purposes/" + unknownID, "application/json", false},
		{"PATCH", "/purposes/" + unknownID, "application/json-patch+json", false},
		{"PATCH", "/purposes/" + unknownID, "", false},
	} {
		r := w.request("consumer", c.method, c.path, `{}`)
		r.Header.Set("Content-Type", c.media)
		rec := w.do(r)
		if taken := rec.Code == 404; taken != c.taken {
			t.Errorf("%s of %q: %d %s", c.method, c.media, rec.Code, rec.Body)
		}
	}
	r := w.request("consumer", "PATCH", "/purposes/"+unknownID, "")
	w.want(w.do(r), 400, "017-9999") // a patch has a body
}

// TestFeedsAreBounded: limit is required, 1 to 500, and ids are UUIDs; the errors of a
// feed have no body at all (PDND §3.1).
func TestFeedsAreBounded(t *testing.T) {
	w := newWorld(t)
	for query, status := range map[string]int{
		"limit=1": 200, "limit=500": 200, "limit=501": 400, "limit=0": 400, "": 400, "limit=1&limit=2": 400, "limit=1.0": 400, "limit=+1": 400,
		"limit=1&lastEventId=" + someID: 200, "limit=1&lastEventId=x": 400,
		"limit=1&delegationId=null": 200, "limit=1&delegationId=" + someID: 200, "limit=1&delegationId=x": 400,
	} {
		rec := w.call("consumer-reader", "GET", "/eserviceEvents?"+query, "")
		if rec.Code != status || status == 400 && rec.Body.Len() > 0 {
			t.Errorf("%s: %d %s, expected %d", query, rec.Code, rec.Body, status)
		}
	}
	// A feed that knows no delegations does not look at the parameter.
	w.want(w.call("consumer-reader", "GET", "/keyEvents?limit=1&delegationId=x", ""), 200, "")
}
