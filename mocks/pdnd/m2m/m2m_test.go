// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package m2m

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
	"github.com/snodo-pa/snodo/mocks/pdnd/platform"
)

const someID = "10000000-0000-4000-8000-000000000001"

func TestSchemaRules(t *testing.T) {
	s := schema{
		"name": must(text(2, 3)), "flag": may(boolean), "id": may(uuid), "count": may(integer(1, 5)),
		"kind": may(oneOf("A", "B")), "tags": may(list(anyText, 1, 2)), "inner": may(nested(schema{"x": must(anyText)})),
		"maybe": nullable(anyText), "answers": may(lists),
	}
	for name, c := range map[string]struct {
		body, want string
	}{
		"good":                 {`{"name":"ab","flag":true,"id":"` + someID + `","count":5,"kind":"A","tags":["x"],"inner":{"x":""},"maybe":null,"answers":{"q":["a"]}}`, ""},
		"unknown":              {`{"name":"ab","nome":"x"}`, "Unrecognized key(s) in object: 'nome'"},
		"missing":              {`{}`, "Required at 'name'"},
		"null":                 {`{"name":null}`, "Expected a value, received null at 'name'"},
		"short":                {`{"name":"a"}`, "String must contain at least 2 character(s) at 'name'"},
		"long":                 {`{"name":"abcd"}`, "String must contain at most 3 character(s) at 'name'"},
		"characters not bytes": {`{"name":"àèì"}`, ""},
		"number for text":      {`{"name":12}`, "Expected string at 'name'"},
		"text for flag":        {`{"name":"ab","flag":"true"}`, "Expected boolean at 'flag'"},
		"no UUID":              {`{"name":"ab","id":"x"}`, "Invalid uuid at 'id'"},
		"fraction":             {`{"name":"ab","count":1.5}`, "Expected integer at 'count'"},
		"exponent":             {`{"name":"ab","count":1e0}`, "Expected integer at 'count'"},
		"too small":            {`{"name":"ab","count":0}`, "Number must be between 1 and 5 at 'count'"},
		"too large":            {`{"name":"ab","count":6}`, "Number must be between 1 and 5 at 'count'"},
		"no such kind":         {`{"name":"ab","kind":"C"}`, "Invalid enum value. Expected A | B at 'kind'"},
		"empty list":           {`{"name":"ab","tags":[]}`, "Expected array of 1 to 2 items at 'tags'"},
		"long list":            {`{"name":"ab","tags":["a","b","c"]}`, "Expected array of 1 to 2 items at 'tags'"},
		"wrong item":           {`{"name":"ab","tags":[1]}`, "Expected string at 'tags'"},
		"unknown inside":       {`{"name":"ab","inner":{"x":"","y":1}}`, "Unrecognized key(s) in object: 'y' at 'inner'"},
		"no object":            {`{"name":"ab","inner":[]}`, "Expected object at 'inner'"},
		"answers as a list":    {`{"name":"ab","answers":[]}`, "Expected object at 'answers'"},
		"answer as a text":     {`{"name":"ab","answers":{"q":"a"}}`, "Expected array of 0 to 1000 items at 'q' at 'answers'"},
	} {
		t.Run(name, func(t *testing.T) {
			object, err := rules.DecodeObject([]byte(c.body))
			if err != nil {
				t.Fatal(err)
			}
			if got := s.check(object); got != c.want {
				t.Errorf("%q, expected %q", got, c.want)
			}
		})
	}
	if got := s.partial().check(map[string]any{}); got != "" {
		t.Errorf("an empty patch: %q", got)
	}
}

func newCall(t testing.TB, query string) *call {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
	r.URL.RawQuery = query
	return &call{r: r}
}

func TestPagesAreCut(t *testing.T) {
	items := []int{1, 2, 3, 4, 5, 6, 7}
	odd := func(n int) bool { return n%2 == 1 }
	for query, want := range map[string]string{
		"offset=0&limit=2":  `{"results":[1,3],"pagination":{"offset":0,"limit":2,"totalCount":4}}`,
		"offset=2&limit=50": `{"results":[5,7],"pagination":{"offset":2,"limit":50,"totalCount":4}}`,
		"offset=4&limit=1":  `{"results":[],"pagination":{"offset":4,"limit":1,"totalCount":4}}`,
		"offset=9&limit=1":  `{"results":[],"pagination":{"offset":9,"limit":1,"totalCount":4}}`,
	} {
		answer, err := page(newCall(t, query).query(), items, odd, func(n int) any { return n })
		if err != nil || string(answer.body) != want {
			t.Errorf("%s: %s %v, expected %s", query, answer.body, err, want)
		}
	}
}

func TestFiltersOfAQuery(t *testing.T) {
	q := newCall(t, "ids="+someID+","+someID+"&flag=false&name=x&states=A").query()
	if got := q.filter("ids", uuid); len(got) != 2 || q.filter("none", uuid) != nil {
		t.Errorf("ids %v", got)
	}
	if flag := q.flag("flag"); flag == nil || *flag || q.flag("none") != nil {
		t.Error("flag")
	}
	if q.one("name") != "x" || q.err() != nil {
		t.Errorf("%v", q.err())
	}
	for query, read := range map[string]func(*query){
		"ids=x":         func(q *query) { q.filter("ids", uuid) },
		"ids=,":         func(q *query) { q.filter("ids", uuid) },
		"flag=1":        func(q *query) { q.flag("flag") },
		"name=a&name=b": func(q *query) { q.one("name") },
		"id=x":          func(q *query) { q.uuid("id") },
		"n=01":          func(q *query) { q.number("n", 0, 5) },
		"n=6":           func(q *query) { q.number("n", 0, 5) },
		"%zz":           func(*query) {},
	} {
		q := newCall(t, query).query()
		read(q)
		if q.err() == nil {
			t.Errorf("%s is accepted", query)
		}
	}
}

func TestRoutesHaveUniquePatterns(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range routes() {
		if seen[r.pattern] || r.run == nil {
			t.Errorf("%s is there twice or runs nothing", r.pattern)
		}
		seen[r.pattern] = true
	}
	if diff := cmp.Diff([]string{"clientId"}, uuidParameters("DELETE /clients/{clientId}/keys/{kid}")); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
}

func TestUnexpectedErrorsAreGeneric(t *testing.T) {
	w := httptest.NewRecorder()
	w.Header().Set("X-Correlation-Id", someID)
	answer := failure(versions()[1], w, http.ErrServerClosed)
	if answer.status != 500 || strings.Contains(string(answer.body), "Server closed") || !strings.Contains(string(answer.body), "017-9991") {
		t.Errorf("%d %s", answer.status, answer.body)
	}
}

func TestSpoilChangesTheSignature(t *testing.T) {
	for _, token := range []string{strings.Repeat("A", 400), strings.Repeat("B", 400)} {
		if spoiled := spoil(token); spoiled == token || len(spoiled) != len(token) {
			t.Error("nothing was spoilt")
		}
	}
}

func FuzzQuery(f *testing.F) {
	f.Add("offset=0&limit=50")
	f.Add("offset=1&limit=51")
	f.Add("ids=a,b&flag=true")
	f.Fuzz(func(t *testing.T, text string) {
		q := newCall(t, text).query()
		offset, limit := q.number("offset", 0, 100), q.number("limit", 1, maxPage)
		ids := q.filter("ids", uuid)
		if q.err() != nil {
			return
		}
		if offset < 0 || limit < 1 || limit > maxPage {
			t.Fatalf("%q gives %d, %d", text, offset, limit)
		}
		for _, id := range ids {
			if !rules.IsUUID(id) {
				t.Fatalf("%q gives the id %q", text, id)
			}
		}
	})
}

func FuzzBody(f *testing.F) {
	f.Add(`{"name":"Snodo","members":[]}`)
	f.Add(`{"name":"Snodo","members":["` + someID + `"],"description":null}`)
	f.Add("[")
	f.Fuzz(func(t *testing.T, body string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("Content-Type", mediaJSON)
		var seed platform.ClientSeed
		c := &call{r: r, role: RoleAdmin}
		if c.body(clientSchema(), &seed) != nil {
			return
		}
		if n := len([]rune(seed.Name)); n < 5 || n > 60 || seed.Members == nil {
			t.Fatalf("%q gives %+v", body, seed)
		}
	})
}

func FuzzReadFile(f *testing.F) {
	f.Add("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"prettyName\"\r\n\r\nx\r\n--x--\r\n")
	f.Add("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nx\r\n--x\r\nContent-Disposition: form-data; name=\"prettyName\"\r\n\r\nx\r\n--x--\r\n")
	f.Add("application/json", "{}")
	f.Fuzz(func(t *testing.T, contentType, body string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("Content-Type", contentType)
		seed, err := readFile(r)
		if err == nil && (len(seed.Content) == 0 || seed.PrettyName == "" || seed.Name == "") {
			t.Fatalf("%q gives %+v", body, seed)
		}
	})
}
