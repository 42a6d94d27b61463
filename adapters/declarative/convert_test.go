// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package declarative

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/pick"
)

func decode(t testing.TB, text string) any {
	t.Helper()
	v, err := pick.Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestConversions(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"upper", `"aà1"`, `"AÀ1"`},
		{"lower", `"AÀ"`, `"aà"`},
		{"trim", `" a b "`, `"a b"`},
		{"text", `12.50`, `"12.50"`},
		{"text", `true`, `"true"`},
		{"number", `"12.50"`, `12.50`},
		{"number", `7`, `7`},
		{"codice-fiscale", `" bncmrc85c12d612v "`, `"BNCMRC85C12D612V"`},
		{"codice-fiscale", `"RSSNNA76D52H50MT"`, `"RSSNNA76D52H50MT"`},
		{"codice-fiscale", `["07000001235","BNCMRC85C12D612V"]`, `["07000001235","BNCMRC85C12D612V"]`},
		{"date", `"12/10/2026"`, `"2026-10-12"`},
		{"date", `"2026-10-12T23:30:00+02:00"`, `"2026-10-12"`},
		{"date-it", `"2026-10-12"`, `"12/10/2026"`},
		{"date-compact", `"2026-10-12"`, `"20261012"`},
		{"instant", `"2026-10-12T10:00:00+02:00"`, `"2026-10-12T08:00:00Z"`},
		{"instant", `"2026-10-12T10:00:00"`, `"2026-10-12T10:00:00Z"`},
		{"last-segment", `"https://a.example/b/c-7/?x=/1"`, `"c-7"`},
		{"last-segment", `"c-7"`, `"c-7"`},
		{"count", `[1,[2,3]]`, `2`},
		{"upper", `[]`, `[]`},
	} {
		got, err := convert(c.name, decode(t, c.in))
		if err != nil || !reflect.DeepEqual(got, decode(t, c.want)) {
			t.Errorf("%s of %s is %v (%v), want %s", c.name, c.in, got, err, c.want)
		}
	}
}

// TestConversionsThatCannotBe: the error never repeats the value.
func TestConversionsThatCannotBe(t *testing.T) {
	for _, c := range [][2]string{
		{"upper", `{"segreto":1}`},
		{"upper", `["a",{"segreto":1}]`},
		{"number", `"segreto"`},
		{"number", `"0x7"`},
		{"number", `"NaN"`},
		{"number", `" 7"`},
		{"codice-fiscale", `"SEGRETO"`},
		{"codice-fiscale", `"BNCMRC85C12D612X"`},
		{"date", `"segreto"`},
		{"date", `"2026-02-30"`},
		{"date-it", `"12-10-2026"`},
		{"instant", `"2026-10-12"`},
		{"last-segment", `"/"`},
		{"count", `"segreto"`},
		{"unheard-of", `"segreto"`},
	} {
		v, err := convert(c[0], decode(t, c[1]))
		if err == nil {
			t.Errorf("%s of %s is %v", c[0], c[1], v)
		} else if strings.Contains(strings.ToLower(err.Error()), "segreto") || strings.Contains(err.Error(), "BNCMRC") {
			t.Errorf("%s: the error repeats the value: %v", c[0], err)
		}
	}
}

// TestEveryConversionHasAMeaning keeps the list of words and the code together.
func TestEveryConversionHasAMeaning(t *testing.T) {
	for _, name := range registry.Conversions() {
		_, err := convert(name, json.Number("20261012"))
		if err != nil && strings.Contains(err.Error(), "does not fit it") && name != registry.AsCount {
			t.Errorf("%s is listed and not known", name)
		}
	}
}

func TestConditions(t *testing.T) {
	italy, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	// Half past midnight of the 13th in Italy, still the 12th in UTC.
	now := time.Date(2026, 10, 12, 22, 30, 0, 0, time.UTC).In(italy)
	doc := decode(t, `{"text":" Sì  certo ","empty":"","none":null,"list":[1],"bare":[],"object":{},"flag":false,"n":1.0,
		"yesterday":"2026-10-12","today":"2026-10-13","tomorrow":"2026-10-14","past":"2026-10-12T22:29:59Z","now":"2026-10-12T22:30:00Z","later":"2026-10-12T22:30:01Z"}`)
	for _, c := range []struct {
		at, test string
		in       []string
		want     bool
	}{
		{"text", "present", nil, true},
		{"none", "present", nil, false},
		{"none", "absent", nil, true},
		{"flag", "absent", nil, false},
		{"empty", "empty", nil, true},
		{"none", "empty", nil, true},
		{"bare", "empty", nil, true},
		{"object", "empty", nil, true},
		{"list", "empty", nil, false},
		{"flag", "empty", nil, false},
		{"list", "not-empty", nil, true},
		{"none", "not-empty", nil, false},
		{"yesterday", "not-past", nil, false},
		{"today", "not-past", nil, true},
		{"none", "not-past", nil, true},
		{"text", "not-past", nil, false},
		{"list", "not-past", nil, false},
		{"past", "not-past", nil, false},
		{"now", "not-past", nil, true},
		{"today", "future", nil, false},
		{"tomorrow", "future", nil, true},
		{"now", "future", nil, false},
		{"later", "future", nil, true},
		{"none", "future", nil, false},
		{"text", "", []string{"sì certo"}, true},
		{"text", "", []string{"sì"}, false},
		{"flag", "", []string{"FALSE"}, true},
		{"n", "", []string{"1.0"}, true},
		{"none", "", []string{""}, false},
		{"list", "", []string{"1"}, false},
		{"text", "unheard-of", nil, false},
	} {
		at, err := registry.ParseRef(c.at)
		if err != nil {
			t.Fatal(err)
		}
		one := condition{registry.Condition{At: c.at, Test: c.test, In: c.in}, at}
		if got := one.holds(item{doc, now}); got != c.want {
			t.Errorf("%s %s %v holds: %v, want %v", c.at, c.test, c.in, got, c.want)
		}
		if len(c.in) == 0 {
			continue
		}
		_, there := at.Path.Get(doc)
		one.In, one.NotIn = nil, c.in
		if got := one.holds(item{doc, now}); got != (there && !c.want) {
			t.Errorf("%s not in %v holds: %v", c.at, c.in, got)
		}
	}
}

func TestNewRefusesWhatTheCheckWould(t *testing.T) {
	for name, op := range map[string]registry.RecipeOperation{
		"target":     {Request: []registry.Assignment{{To: "elsewhere/x", From: "pratica"}}},
		"source":     {Request: []registry.Assignment{{To: "query/x", From: "body/x"}}},
		"conversion": {Response: []registry.Assignment{{To: "x", From: "body/x", As: []string{"rot13"}}}},
		"sameness":   {Same: []registry.Sameness{{At: "body/x", Is: "ente"}}},
		"subject":    {Subjects: []string{"header/x"}},
		"outcome":    {Outcomes: []registry.RecipeOutcome{{When: []registry.Condition{{At: ""}}}}},
		"page":       {Paging: &registry.RecipePaging{Items: "a//b"}},
	} {
		recipe := &registry.Recipe{Name: "x", Adapter: Name, Operations: map[string]registry.RecipeOperation{"op": op}}
		if _, err := New(registry.Deps{Recipes: map[string]*registry.Recipe{"x": recipe}}); err == nil || !strings.Contains(err.Error(), "recipe x, operation op") {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}
