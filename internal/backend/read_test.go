// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package backend

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/schema"
)

// TestRefusesAViewThat changes one piece of a sound view and looks for the fault.
func TestRefusesAViewThat(t *testing.T) {
	for name, tc := range map[string]struct{ old, new, want string }{
		"names no source":                {"kind: sqlite", "kind: oracle", "write one of sqlite"},
		"has no path":                    {", path: dati.db", "", "source.path is missing"},
		"has a path and a DSN":           {"path: dati.db", "path: dati.db, dsnEnv: X", "no connection string"},
		"has no DSN":                     {"kind: sqlite, path: dati.db", "kind: postgresql", "either dsnFile or dsnEnv"},
		"has two DSN":                    {"kind: sqlite, path: dati.db", "kind: postgresql, dsnFile: a, dsnEnv: B", "either dsnFile or dsnEnv"},
		"has a DSN and a path":           {"kind: sqlite, path: dati.db", "kind: postgresql, dsnFile: a, path: b", "source.path is for"},
		"separates what is no CSV":       {"path: dati.db", `path: dati.db, separator: ";"`, "for csv alone"},
		"takes too long":                 {"rows: 2", "rows: 2\ntimeout: 2m", "timeout is 2m0s"},
		"gives too many rows":            {"rows: 2", "rows: 100000", "rows is 100000"},
		"has an unknown key":             {"rows: 2", "righe: 2", "unknown key"},
		"answers an unknown operation":   {"  leggi:", "  scrivi:", "no operation scrivi"},
		"leaves an operation out":        {"  leggi:", "  scrivi:", "operation leggi of the OpenAPI document has no answer"},
		"has no query":                   {"query: SELECT * FROM pratiche WHERE id = :id AND fruitore = :chi", "notFound: problem", "query is missing"},
		"writes":                         {"SELECT * FROM pratiche WHERE id", "DELETE FROM pratiche WHERE id", "does not begin with SELECT"},
		"asks two things":                {"WHERE id = :id AND", "WHERE id = :id; DELETE FROM pratiche WHERE", "more than one statement"},
		"uses a parameter of nobody":     {"id = :id AND", "id = :altro AND", "uses :altro"},
		"does not use a parameter":       {"id = :id AND", "id = '1' AND", "does not use :id"},
		"names a value wrongly":          {"id: path.id, chi", "id: percorso.id, chi", "write path.NAME"},
		"names a value of nobody":        {"id: path.id, chi", "id: path.numero, chi", "no path.numero"},
		"names a caller's other side":    {"caller.consumer", "caller.operator", "write path.NAME"},
		"names a member of nobody":       {"body.filtro.stato", "body.filtro.anno", "no body.filtro.anno"},
		"names a whole object":           {"body.filtro.stato", "body.filtro", "no simple value"},
		"ignores what the query asks":    {"anno: query.anno, stato", "anno: body.filtro.stato, stato", "query.anno is not used"},
		"searches a database by columns": {"    params: {id: path.id, chi: caller.consumer}", "    where: {id: path.id}", "where is of files"},
		"has an unknown result":          {"result: list", "result: lista", "result: write one of object, list"},
		"gives an object for a list":     {"    result: list\n    list: pratiche\n", "", "no member id"},
		"lists where no list is":         {"list: pratiche", "list: filtri", "has no list there"},
		"finds an empty object":          {"    params: {id: path.id", "    notFound: empty\n    params: {id: path.id", "notFound: empty is of a list"},
		"has a 404 of nobody":            {"    list: pratiche", "    list: pratiche\n    notFound: problem", "no answer 404"},
		"has an unknown not found":       {"    list: pratiche", "    list: pratiche\n    notFound: 404", "notFound: write one of"},
		"gives a member of nobody":       {"anno: anno", "anni: anno", "no member anni"},
		"leaves a required member out":   {"stato: stato, ", "", "must have the member stato"},
		"has a member without column":    {"anno: anno", `anno: ""`, "anno is missing"},
		"has a member in another":        {"ufficio.nome: ufficio", "ufficio.nome: ufficio, ufficio: ufficio", "within another member"},
		"has a member without type":      {"anno: anno", "altro: anno", "write it in types"},
		"types a member of nobody":       {"    list: pratiche", "    list: pratiche\n    types: {x: string}", "members has no x"},
		"types a member wrongly":         {"    list: pratiche", "    list: pratiche\n    types: {anno: testo}", "write one of string"},
	} {
		text := strings.Replace(sqlView, tc.old, tc.new, 1)
		if text == sqlView {
			t.Fatalf("%s: %q changes nothing", name, tc.old)
		}
		_, err := Read("vista.yaml", []byte(text), document(t), nil)
		if err == nil || !strings.Contains(err.Error(), tc.want) || !strings.HasPrefix(err.Error(), "vista.yaml:") {
			t.Errorf("%s: %v, want %s", name, err, tc.want)
		}
		if len(Faults(err)) == 0 {
			t.Errorf("%s: no faults in %v", name, err)
		}
	}
	for name, tc := range map[string]struct{ old, new, want string }{
		"asks a file in SQL":        {"leggi: {where: {id: path.id, fruitore: caller.consumer}", "leggi: {query: SELECT 1, params: {id: path.id}", "write where for a file"},
		"separates by two":          {`";"`, `";;"`, "one character"},
		"separates by a quote":      {`";"`, `'"'`, "one character"},
		"ignores what the path has": {"{id: path.id, fruitore: caller.consumer}", "{fruitore: caller.consumer}", "path.id is not used"},
	} {
		text := strings.Replace(csvView, tc.old, tc.new, 1)
		if _, err := Read("vista.yaml", []byte(text), document(t), nil); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAViewOnlyReads(t *testing.T) {
	d, err := schema.Compile([]byte(strings.Replace(contract, "    get:\n      operationId: leggi", "    put:\n      operationId: leggi", 1)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Read("vista.yaml", []byte(sqlView), d, nil); err == nil || !strings.Contains(err.Error(), "a view only reads") {
		t.Error(err)
	}
}

func TestAMemberMayBeTyped(t *testing.T) {
	text := strings.Replace(sqlView, "    list: pratiche\n    members: "+members, "    list: pratiche\n    types: {altro: json}\n    members: {id: id, stato: stato, altro: nota}", 1)
	if _, err := Read("vista.yaml", []byte(text), document(t), nil); err != nil {
		t.Error(err)
	}
}

func TestNothingIsRoundedOrGuessed(t *testing.T) {
	day := time.Date(2026, 3, 1, 12, 0, 0, 0, time.FixedZone("", 3600))
	for _, tc := range []struct {
		kind  string
		value any
		want  string // "" = refused
	}{
		{typeInteger, int64(9007199254740993), "9007199254740993"},
		{typeInteger, "42", "42"},
		{typeInteger, "3.00", "3"},
		{typeInteger, "3.5", ""},
		{typeInteger, "quattro", ""},
		{typeInteger, true, ""},
		{typeInteger, "007", ""},
		{typeInteger, "", ""},
		{typeInteger, json.Number("12"), "12"},
		{typeInteger, "99999999999999999999", ""},
		{typeNumber, "12.50", "12.50"},
		{typeNumber, 1e300, "1" + strings.Repeat("0", 300)},
		{typeNumber, "1.234,56", ""},
		{typeNumber, "NaN", ""},
		{typeNumber, `"1"`, ""},
		{typeNumber, float32(1.5), "1.5"},
		{typeBool, "T", "true"},
		{typeBool, int64(0), "false"},
		{typeBool, int64(2), ""},
		{typeBool, "sì", ""},
		{typeDate, day, `"2026-03-01"`},
		{typeDate, "2026-03-01", `"2026-03-01"`},
		{typeDate, "01/03/2026", ""},
		{typeDate, "2026-02-30", ""},
		{typeInstant, day, `"2026-03-01T11:00:00Z"`},
		{typeInstant, "2026-03-01T10:00:00", ""},
		{typeInstant, int64(0), ""},
		{typeJSON, `{"a":[1]}`, `{"a":[1]}`},
		{typeJSON, `{"a":1,"a":2}`, ""},
		{typeJSON, int64(1), ""},
		{typeText, "a", `"a"`},
		{typeText, int64(7), `"7"`},
		{typeText, json.Number("7.0"), `"7.0"`},
		{typeText, true, `"true"`},
		{typeText, 1.5, `"1.5"`},
		{typeText, day, `"2026-03-01T11:00:00Z"`},
		{typeText, struct{}{}, ""},
		{typeText, nil, "null"},
	} {
		got, err := convert(tc.kind, tc.value)
		if tc.want == "" {
			if err == nil {
				t.Errorf("%s of %v became %v", tc.kind, tc.value, got)
			}
			continue
		}
		data, failed := json.Marshal(got)
		if err != nil || failed != nil || string(data) != tc.want {
			t.Errorf("%s of %v: %s, %v, want %s", tc.kind, tc.value, data, err, tc.want)
		}
	}
}

// FuzzRead: a file is read or refused with faults.
func FuzzRead(f *testing.F) {
	d, err := schema.Compile([]byte(contract))
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(sqlView))
	f.Add([]byte(csvView))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Read("vista.yaml", data, d, nil)
		if err != nil && len(Faults(err)) == 0 {
			t.Fatal(err)
		}
		if err == nil && len(p.operations) != 2 {
			t.Fatalf("%d operations", len(p.operations))
		}
	})
}
