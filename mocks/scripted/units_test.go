// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package scripted

import (
	"crypto/rand"
	"encoding/json"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// some are values of a request with a record and a job.
func some(t *testing.T) *values {
	t.Helper()
	r := httptest.NewRequest("GET", "/x/7?q=a+b", nil)
	r.SetPathValue("id", "7")
	r.Header.Set("X-Ente", "c_bf01")
	return &values{
		request: r, body: map[string]any{"lista": []any{map[string]any{"n": json.Number("1")}}, "nulla": nil},
		record: map[string]any{"nome": "Anna", "valido": true, "domicili": []any{}}, job: &job{id: "j-1", items: []any{"A", "b"}},
		base: "http://registro.invalid/v1", random: rand.Reader,
		clock: func() time.Time { return time.Date(2026, 10, 12, 9, 0, 0, 0, time.UTC) },
	}
}

func TestPlaces(t *testing.T) {
	v := some(t)
	for place, want := range map[string]any{
		"path.id": "7", "query.q": "a b", "header.X-Ente": "c_bf01", "body.lista.0.n": json.Number("1"), "record.nome": "Anna",
		"record.valido": true, "job.id": "j-1", "base": "http://registro.invalid/v1", "now": "2026-10-12T09:00:00Z", "today": "2026-10-12",
		"path.no": nil, "query.no": nil, "body.lista.1": nil, "body.lista.x": nil, "body.nulla": nil, "record.nome.x": nil, "elsewhere": nil,
	} {
		got, ok := v.get(place)
		if !ok {
			got = nil
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", place, diff)
		}
	}
	v.job = nil
	if got, ok := v.get("job.id"); ok {
		t.Errorf("without a job its id is %v", got)
	}
	a, _ := v.get("uuid")
	b, _ := v.get("uuid")
	if a == b {
		t.Errorf("two UUIDs are %v", a)
	}
}

func TestTemplates(t *testing.T) {
	v := some(t)
	tables := map[string][]map[string]any{"persone": {{"codice": "a", "nome": "Anna"}}}
	for _, c := range []struct{ template, want any }{
		{"${record.valido}", true},
		{"n. ${path.id} di ${record.nome}${record.no}", "n. 7 di Anna"},
		{map[string]any{"a": "${record.no}", "b": "${record.domicili}", "c": 5}, map[string]any{"b": []any{}, "c": 5}},
		{[]any{"${record.no}", "x"}, []any{"x"}},
		{
			map[string]any{"$each": "${job.items}", "in": "persone", "by": "codice", "found": map[string]any{"c": "${item}", "n": "${record.nome}"}, "absent": map[string]any{"c": "${item}"}},
			[]any{map[string]any{"c": "A", "n": "Anna"}, map[string]any{"c": "b"}},
		},
		{map[string]any{"$each": "${record.nome}"}, []any{}},
	} {
		got, ok := v.fill(c.template, tables)
		if diff := cmp.Diff(c.want, got); !ok || diff != "" {
			t.Errorf("%v (-want +got):\n%s", c.template, diff)
		}
	}
	if _, ok := v.fill(nil, tables); ok {
		t.Error("nothing fills something")
	}
}

func TestJobsEnd(t *testing.T) {
	var all jobs
	now := time.Date(2026, 10, 12, 9, 0, 0, 0, time.UTC)
	one := all.open(rand.Reader, "a", []any{"A"}, 2, now)
	for i, want := range []bool{true, true, false, false} {
		found, pending := all.ask("a", one.id, now)
		if found != one || pending != want {
			t.Errorf("question %d: pending %v, want %v", i, pending, want)
		}
	}
	if found, _ := all.ask("a", one.id, now.Add(48*time.Hour)); found != one {
		t.Error("it has gone before its time")
	}
	if found, _ := all.ask("a", one.id, now.Add(48*time.Hour+time.Second)); found != nil {
		t.Error("it is there after its time")
	}
	if found, _ := all.ask("a", "j-0", now); found != nil {
		t.Error("an unknown job is found")
	}
}

// TestWithin: a record may be open at either end, and both ends belong to it.
func TestWithin(t *testing.T) {
	for _, c := range []struct {
		from, to any
		want     bool
	}{
		{nil, nil, true},
		{"2026-10-12", "2026-10-12", true},
		{"2026-10-13", nil, false},
		{nil, "2026-10-11", false},
		{"2020-01-01", nil, true},
	} {
		v := some(t)
		f := Find{In: "x", Within: &Within{At: "today", From: "dal", To: "al"}}
		if got := f.meets(map[string]any{"dal": c.from, "al": c.to}, v); got != c.want {
			t.Errorf("%v to %v: %v", c.from, c.to, got)
		}
	}
}
