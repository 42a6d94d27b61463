// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/yamlfile"
)

const mapped = `name: prova
title: {it: Prova, en: Test}
registry: Ente di prova
adapter: declarative
environments:
  locale: {url: "http://127.0.0.1:9000/v1", audience: in-voucher}
errorShape: {code: codice}
errors:
  - {codes: [K1], kind: not-found, say: {it: no, en: no}}
operations:
  leggi:
    title: {it: Leggi, en: Read}
    method: GET
    path: /dati/{id}
    idempotent: true
    input: {type: object}
    fields: [dato]
    request:
      - {to: path/id, from: richiesta/id, as: [trim]}
      - {to: query/p, from: pratica}
    response:
      - {to: dato, from: body/dato, where: [{at: x, test: present}], items: [{to: y, from: y}]}
    same: [{at: body/id, is: richiesta/id}]
    subjects: [body/list/*/codiceFiscale]
    outcomes:
      - {when: [{at: body/esito, in: [KO]}], kind: denied, say: {it: no, en: no}}
    poll: {pending: [{status: [202]}], every: 1s, max: 5s, deadline: 10s}
    then: {method: GET, path: "/x/{id}", request: [{to: path/id, from: body/id}]}
`

func TestDecodeMapping(t *testing.T) {
	recipe, err := registry.DecodeRecipe("prova.yaml", []byte(mapped))
	if err != nil {
		t.Fatal(err)
	}
	op := recipe.Operations["leggi"]
	if op.Poll.Deadline != 10*time.Second || op.Response[0].Items[0].To != "y" || op.Then.Request[0].From != "body/id" {
		t.Errorf("operation is %+v", op)
	}
}

// TestDecodeMappingRefuses changes one line of a sound recipe at a time.
func TestDecodeMappingRefuses(t *testing.T) {
	for name, c := range map[string]struct{ old, new, want string }{
		"a mapping no code reads":    {"adapter: declarative", "adapter: anpr", "prova.yaml:11: operations.leggi describes request or response, but adapter anpr"},
		"case of use":                {"idempotent: true", "idempotent: true\n    casoUso: C020", "belong to Go adapters"},
		"unfilled part of the path":  {"to: path/id, from: richiesta/id", "to: query/id, from: richiesta/id", "prova.yaml:14: no line of request fills {id}"},
		"part the path has not":      {"to: query/p", "to: path/altro", "prova.yaml:20: path /dati/{id} has no {altro}"},
		"body of a GET":              {"to: query/p", "to: body/p", "a GET request has no body"},
		"header of the hub":          {"to: query/p", "to: header/Authorization", "header Authorization belongs to the hub"},
		"type of the content":        {"to: query/p", "to: header/content-type", "header content-type belongs to the hub"},
		"same target twice":          {"to: query/p", "to: path/id", `"path/id" is written twice`},
		"unknown target":             {"to: query/p", "to: cookie/p", `operations.leggi.request[1].to is "cookie/p": a place is written path/x`},
		"unknown source":             {"from: pratica", "from: segreto", `request[1].from is "segreto"`},
		"answer before there is one": {"from: pratica", "from: body/x", `request[1].from is "body/x"`},
		"no source":                  {", from: pratica}", "}", "request[1]: write one of from, value and cases"},
		"two sources":                {"from: pratica", "from: pratica, value: x", "request[1]: write one of from, value and cases"},
		"conversion of a constant":   {"from: pratica", "value: x, as: [trim]", "as, none, table, where and items need from"},
		"unknown conversion":         {"as: [trim]", "as: [rot13]", `operations.leggi.request[0].as[0] is "rot13"`},
		"case without a value":       {"from: pratica", "cases: [{when: [{at: ente, test: present}]}]", "cases[0].value is missing"},
		"undocumented field":         {"to: dato, from: body/dato", "to: altro, from: body/dato", `prova.yaml:22: "altro" is not among the fields`},
		"field nobody writes":        {"fields: [dato]", "fields: [dato, altro]", `no line of response writes "altro"`},
		"unknown test":               {"test: present", "test: active", `where[0].test is "active"`},
		"test and words":             {"test: present", "test: present, in: [x]", "where[0]: write one of in, notIn and test"},
		"absolute place in an item":  {"items: [{to: y, from: y}]", "items: [{to: y}]", "items[0]: write one of from, value and cases"},
		"star outside subjects":      {"from: body/dato", "from: body/*/dato", `response[0].from is "body/*/dato"`},
		"sameness with nothing":      {"is: richiesta/id", "is: pratica", `same[0].is is "pratica"`},
		"subject elsewhere":          {"subjects: [body/", "subjects: [dati/", `subjects[0] is "dati/list/*/codiceFiscale"`},
		"outcome that is none":       {"kind: denied", "kind: ignore", "an outcome cannot be ignore"},
		"outcome of no kind":         {"kind: denied", "kind: maybe", `outcomes[0].kind is "maybe"`},
		"failure that looks at dati": {"at: body/esito", "at: dati/esito", `outcomes[0].when[0].at is "dati/esito"`},
		"answer of no kind":          {"idempotent: true", "idempotent: true\n    answer: text", `operations.leggi.answer is "text"`},
		"polling what is not safe":   {"idempotent: true", "idempotent: false", "sending and fetching are two operations"},
		"impatient poll":             {"every: 1s", "every: 1ms", "poll.every lies outside 100ms-10m0s"},
		"303 without then":           {"every: 1s", "seeOther: true, every: 1s", ""},
		"pending of any status":      {"pending: [{status: [202]}]", "pending: [{when: [{at: body/x, test: present}]}]", "pending[0].status is missing"},
		"paging and polling":         {"subjects:", "paging: {by: page, param: p, items: list, maxPages: 2, size: {value: 5}}\n    subjects:", "paging is not used with poll or then"},
		"row that never holds":       {"codes: [K1]", "text: x", "prova.yaml:9: errorShape does not say where it stands"},
		"quota below 0":              {"errorShape:", "quota: {daily: -1}\nerrorShape:", "a quota is not below 0"},
		"path of errorShape":         {"{code: codice}", "{code: /codice}", `errorShape.code is "/codice": a path into the body is written a/b/0`},
	} {
		t.Run(name, func(t *testing.T) {
			data := strings.Replace(mapped, c.old, c.new, 1)
			if data == mapped {
				t.Fatal("the change changes nothing")
			}
			recipe, err := registry.DecodeRecipe("prova.yaml", []byte(data))
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var faults yamlfile.Faults
			if !errors.As(err, &faults) || recipe != nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is\n%v\nwant %s", err, c.want)
			}
			if faults.In("it") == faults.In("en") {
				t.Errorf("the fault has one language: %s", faults.In("it"))
			}
		})
	}
}

func TestDecodePagingRefuses(t *testing.T) {
	const sound = "paging: {by: cursor, param: da, items: list, next: more, maxPages: 2}"
	start, end := strings.Index(mapped, "    poll:"), len(mapped)
	base := mapped[:start] + "    " + sound + "\n" + mapped[end:]
	if _, err := registry.DecodeRecipe("prova.yaml", []byte(base)); err != nil {
		t.Fatal(err)
	}
	for change, want := range map[string]string{
		"paging: {by: cursor, param: da, items: list, maxPages: 2}":        "paging.next is missing",
		"paging: {by: offset, param: da, items: list, maxPages: 2}":        "paging.size is missing: without it nobody knows which page is the last",
		"paging: {by: rows, param: da, items: list, maxPages: 2}":          `paging.by is "rows"`,
		"paging: {by: page, items: list, maxPages: 2, size: {value: 2}}":   "paging.param is missing",
		"paging: {by: page, param: p, maxPages: 2, size: {value: 2}}":      "paging.items is missing",
		"paging: {by: page, param: p, items: list, size: {value: 2}}":      "paging.maxPages lies outside 1-1000",
		"paging: {by: cursor, param: p, items: a/*, next: x, maxPages: 1}": `paging.items is "a/*"`,
	} {
		_, err := registry.DecodeRecipe("prova.yaml", []byte(strings.Replace(base, sound, change, 1)))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error is %v, want %s", change, err, want)
		}
	}
}

func TestUntilMidnightOfItaly(t *testing.T) {
	for at, want := range map[string]time.Duration{
		"2026-10-12T21:59:59Z": time.Second, "2026-10-12T22:00:00Z": 24 * time.Hour,
		"2026-10-24T22:00:00Z": 25 * time.Hour, // the clocks go back
	} {
		now, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := registry.UntilMidnight(now); got != want {
			t.Errorf("%s: %v, want %v", at, got, want)
		}
	}
	if registry.UntilMidnight(time.Time{}) != time.Hour {
		t.Error("without a clock it is not an hour")
	}
}
