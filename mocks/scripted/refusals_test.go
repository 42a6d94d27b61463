// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package scripted

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/snodo-pa/snodo/mocks/fruitore"
)

// TestScriptsThatWouldRefuseNothing, or find nothing, are no scripts: the mistake of one
// word must not make a registry that takes everything.
func TestScriptsThatWouldRefuseNothing(t *testing.T) {
	with := func(keys string) string {
		return strings.Replace(strict, "replies:", keys+", replies:", 1) + "tables: {persone: [{cf: A, nome: Anna}, {cf: B, luogo: Roma}]}\n"
	}
	for name, c := range map[string]struct{ text, want string }{
		"check without a place":      {with(`checks: [{required: true, reply: {status: 400}}]`), `at "" is not a place`},
		"check of a mistyped place":  {with(`checks: [{at: bdy.x, required: true, reply: {status: 400}}]`), `at "bdy.x" is not a place`},
		"check of a whole root":      {with(`checks: [{at: body, required: true, reply: {status: 400}}]`), `at "body" is not a place`},
		"check of nothing":           {with(`checks: [{at: body.x, reply: {status: 400}}]`), "it refuses nothing"},
		"check with a bad pattern":   {with(`checks: [{at: body.x, pattern: "[", reply: {status: 400}}]`), "no regular expression"},
		"check without an answer":    {with(`checks: [{at: body.x, required: true}]`), "status 0"},
		"known in no table":          {with(`checks: [{known: {in: altri, by: {cf: body.x}}, reply: {status: 404}}]`), `no table "altri"`},
		"column nobody has":          {with(`find: {in: persone, by: {codice: body.x}}`), "by codice: body.x"},
		"column from nowhere":        {with(`find: {in: persone, by: {cf: corpo.x}}`), "by cf: corpo.x"},
		"column from a record":       {with(`find: {in: persone, by: {cf: record.cf}}`), "by cf: record.cf"},
		"period of a mistyped place": {with(`find: {in: persone, within: {at: quando, from: dal}}`), `within.at "quando"`},
		"job of a mistyped place":    {with(`job: id`), "job and start.items are places"},
		"items of a mistyped place":  {with(`start: {items: codici}`), "job and start.items are places"},
		"relative route":             {strings.Replace(strict, `"/x/{id}"`, `"x/{id}"`, 1), "a path that begins with /"},
		"status of no answer":        {strings.Replace(strict, "status: 201", "status: 101", 1), "status 101 is outside 200-599"},
		"no descriptor":              {strings.Replace(strict, "30000000-0000-4000-8000-000000000072", "", 1), "eservice.descriptorId is no UUID"},
		"no audience":                {strings.Replace(strict, "https://prova.invalid", "\"\"", 1), "eservice.audience"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.text == strict {
				t.Fatal("the change changes nothing")
			}
			_, err := Parse([]byte(c.text))
			if !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %v, want %s", err, c.want)
			}
		})
	}
	if _, err := Parse([]byte(with(`find: {in: persone}`))); err != nil {
		t.Errorf("the first record of a table: %v", err)
	}
}

// TestLoadNamesTheFile that cannot be served, and takes them by name.
func TestLoadNamesTheFile(t *testing.T) {
	other := strings.NewReplacer("name: prova", "name: altra", "/prova/v1", "/altra/v1").Replace(strict)
	folder := fstest.MapFS{"b.yaml": {Data: []byte(strict)}, "a.yaml": {Data: []byte(other)}, "note.txt": {Data: []byte("no script")}}
	all, err := Load(folder)
	must(t, err)
	if len(all) != 2 || all[0].Name != "altra" || all[1].Name != "prova" {
		t.Errorf("scripts are %+v", all)
	}
	folder["c.yaml"] = &fstest.MapFile{Data: []byte("name: c\n")}
	if _, err := Load(folder); !errors.Is(err, ErrInvalid) || !strings.HasPrefix(err.Error(), "c.yaml: ") {
		t.Errorf("error is %v", err)
	}
	delete(folder, "c.yaml")
	folder["d.yaml"] = &fstest.MapFile{Mode: 0o777 | (1 << 31)} // a folder
	if _, err := Load(folder); err == nil {
		t.Error("a folder is a script")
	}
	if all, err := Load(fstest.MapFS{}); err != nil || len(all) != 0 {
		t.Errorf("an empty folder: %v, %v", all, err)
	}
}

func newServer(scripts ...Script) (*Server, error) {
	return New(Options{
		Issuer: "x", JWKSURL: func() string { return "" }, Scripts: scripts,
		Keys: func(context.Context, string) (string, *rsa.PublicKey, error) { return "", nil, ErrKeyUnknown },
	})
}

// TestRoutesThatCannotBeServed are told as a mistake of the data, not by a panic.
func TestRoutesThatCannotBeServed(t *testing.T) {
	route := func(path string) string { return strings.Replace(strict, `"/x/{id}"`, fmt.Sprintf("%q", path), 1) }
	for name, scripts := range map[string][]string{
		"brace without its pair":     {route("/x/{id")},
		"name twice":                 {route("/x/{id}/{id}")},
		"name that is none":          {route("/x/{1d}")},
		"text after a name":          {route("/x/{id}.json")},
		"route twice":                {strict + `  - {method: POST, path: "/x/{id}", replies: [{status: 200}]}` + "\n"},
		"same route, another name":   {strict + `  - {method: POST, path: "/x/{codice}", replies: [{status: 200}]}` + "\n"},
		"the status of the service":  {strict + `  - {method: GET, path: /status, replies: [{status: 200}]}` + "\n"},
		"the path of another script": {strict, strings.Replace(strict, "name: prova", "name: altra", 1)},
		"the name of another script": {strict, strings.Replace(strict, "/prova/v1", "/altra/v1", 1)},
	} {
		t.Run(name, func(t *testing.T) {
			var parsed []Script
			for _, text := range scripts {
				parsed = append(parsed, parse(t, text))
			}
			if _, err := newServer(parsed...); !errors.Is(err, ErrInvalid) {
				t.Errorf("error is %v, want ErrInvalid", err)
			}
		})
	}
	if _, err := newServer(parse(t, strict)); err != nil {
		t.Error(err)
	}
}

func TestOnlySignedAnswersHaveAKey(t *testing.T) {
	s, err := newServer(parse(t, strings.Replace(strict, "response: [INTEGRITY_REST_02]", "response: []", 1)))
	must(t, err)
	for _, name := range []string{"prova", "altra"} {
		if _, err := s.PublicKeyPEM(name); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}

const open = `
name: aperta
eservice: {title: Aperta, path: /aperta/v1, audience: https://aperta.invalid, eserviceId: 30000000-0000-4000-8000-000000000081,
  descriptorId: 30000000-0000-4000-8000-000000000082, producerId: 30000000-0000-4000-8000-000000000073}
tables:
  persone: [{cf: A, nome: Anna}, {cf: "<nil>", nome: Nil}, {nome: Senza}]
routes:
  - {method: POST, path: /cerca, find: {in: persone, by: {cf: body.cf}}, replies: [{when: found, status: 200, body: {nome: "${record.nome}"}}, {when: absent, status: 404}]}
  - {method: POST, path: /lavori, start: {items: body.codici, pending: 1}, replies: [{status: 202, headers: {Location: "${base}/lavori/${job.id}"}, body: {id: "${job.id}"}}]}
  - {method: GET, path: "/lavori/{id}", job: path.id, replies: [{when: pending, status: 202}, {when: ready, status: 200, body: {codici: "${job.items}"}}]}
  - method: POST
    path: /controlli
    checks:
      - {at: body.a, required: true, pattern: "[A-Z]{3}", reply: {status: 400, body: {codice: A}}}
      - {at: body.lista, maxItems: 2, pattern: "[0-9]+", reply: {status: 422, body: {codice: B}}}
      - {at: header.X-Ufficio, required: true, reply: {status: 403, body: {codice: C}}}
    replies: [{status: 204}]
`

// TestChecks refuse in their order, and by every kind of wrong value.
func TestChecks(t *testing.T) {
	w := newWorld(t, parse(t, open))
	office := fruitore.Hooks{Request: func(r *http.Request) { r.Header.Set("X-Ufficio", "anagrafe") }}
	for body, want := range map[string]string{
		`{"a":"ABC"}`:                        "204",
		`{"a":"ABC","lista":["1","2"]}`:      "204",
		`{"a":"ABC","lista":[]}`:             "204",
		`{"a":"ABC","lista":null}`:           "204",
		`{}`:                                 "400 A",
		`{"a":null}`:                         "400 A",
		`{"a":""}`:                           "400 A",
		`{"a":"ABCD"}`:                       "400 A",
		`{"a":"ABC\n"}`:                      "400 A",
		`{"a":"xABC"}`:                       "400 A",
		`{"a":7}`:                            "400 A",
		`{"a":true}`:                         "400 A",
		`{"a":{"b":"ABC"}}`:                  "400 A",
		`{"a":["ABC"]}`:                      "400 A",
		`[]`:                                 "400 A",
		`{"a":"ABC","lista":["1","2","3"]}`:  "422 B",
		`{"a":"ABC","lista":["1","x"]}`:      "422 B",
		`{"a":"ABC","lista":["1",2]}`:        "422 B",
		`{"a":"ABC","lista":[["1"]]}`:        "422 B",
		`{"a":"ABC","lista":"1"}`:            "422 B",
		`{"a":"ABC","lista":{"0":"1"}}`:      "422 B",
		`{"a":"abc","lista":["1","2","3"]}`:  "400 A",
		`{"a":"ABC"}]`:                       "400 InvalidRequestContent",
		`{"a":"ABC"}}`:                       "400 InvalidRequestContent",
		`{"a":"ABC"}{}`:                      "400 InvalidRequestContent",
		`{"a":"ABC"`:                         "400 InvalidRequestContent",
		`<a>ABC</a>`:                         "400 InvalidRequestContent",
		"\xef\xbb\xbf" + `{"a":"ABC"}`:       "400 InvalidRequestContent",
		`{"a":"ABC"} ` + "\n":                "204",
		strings.Repeat("[", 100_000):         "400 InvalidRequestContent",
		`{"a":"ABC","x":` + `"senza nome"}`:  "204",
		`{"a":"ABC","lista":["1"],"b":[{}]}`: "204",
	} {
		reply := w.send("aperta", "POST", "/controlli", body, office)
		status, code, _ := strings.Cut(want, " ")
		if fmt.Sprint(reply.Status) != status || !strings.Contains(string(reply.Body), code) {
			t.Errorf("%.60s: %d %s, want %s", body, reply.Status, reply.Body, want)
		}
	}
	w.want("aperta", "POST", "/controlli", `{"a":"ABC"}`, 403, `"C"`)
}

// TestContentTypeIsLookedAt: JSON under another name is no JSON.
func TestContentTypeIsLookedAt(t *testing.T) {
	w := newWorld(t, parse(t, open))
	for value, status := range map[string]int{
		"application/json": 404, "application/json; charset=utf-8": 404, "APPLICATION/JSON": 404,
		"": 400, "text/plain": 400, "application/xml": 400, "application/json,text/plain": 400, ";": 400, "application/x-www-form-urlencoded": 400,
	} {
		reply := w.send("aperta", "POST", "/cerca", `{"cf":"Z"}`, fruitore.Hooks{Request: func(r *http.Request) {
			r.Header.Del("Content-Type")
			if value != "" {
				r.Header.Set("Content-Type", value)
			}
		}})
		if reply.Status != status {
			t.Errorf("%q: %d, want %d: %s", value, reply.Status, status, reply.Body)
		}
	}
}

// TestFindComparesWhatIsThere: a record without the column is nobody's.
func TestFindComparesWhatIsThere(t *testing.T) {
	table := Script{Tables: map[string][]map[string]any{"persone": {{"nome": "Senza"}, {"cf": nil, "nome": "Nulla"}, {"cf": "A", "nome": "Anna"}, {"cf": "a", "nome": "Seconda"}, {"cf": 7, "nome": "Sette"}}}}
	for asked, want := range map[any]any{"A": "Anna", "a": "Anna", "7": "Sette", 7: "Sette", "<nil>": nil, "": nil, "B": nil} {
		v := &values{body: map[string]any{"cf": asked}}
		f := Find{In: "persone", By: map[string]string{"cf": "body.cf"}}
		got := f.in(table, v)
		if want == nil && got != nil || want != nil && (got == nil || got["nome"] != want) {
			t.Errorf("%v finds %v, want %v", asked, got, want)
		}
	}
}

// TestJobsBelongToWhoOpenedThem: neither another client nor another script sees one.
func TestJobsBelongToWhoOpenedThem(t *testing.T) {
	var all jobs
	now := some(t).clock()
	mine := all.open(rand.Reader, "prova client-1", []any{"A"}, 1, now)
	for _, other := range []string{"prova client-2", "altra client-1", "", "prova"} {
		if found, _ := all.ask(other, mine.id, now); found != nil {
			t.Errorf("%q sees the job", other)
		}
	}
	if found, pending := all.ask("prova client-1", mine.id, now); found != mine || !pending {
		t.Error("the questions of others were counted")
	}
}

// TestManyClientsAtOnce: every job has its own id, is pending once, and keeps its items.
func TestManyClientsAtOnce(t *testing.T) {
	w := newWorld(t, parse(t, open))
	var mu sync.Mutex
	var ids []string
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			code := fmt.Sprintf("C-%d", i)
			taken := w.want("aperta", "POST", "/lavori", `{"codici":["`+code+`"]}`, 202)
			at := strings.TrimPrefix(taken.Header.Get("Location"), w.server.URL()+"/aperta/v1")
			w.want("aperta", "GET", at, "", 202)
			w.want("aperta", "GET", at, "", 200, code)
			mu.Lock()
			ids = append(ids, at)
			mu.Unlock()
		})
	}
	all.Wait()
	slices.Sort(ids)
	if len(slices.Compact(ids)) != 8 {
		t.Errorf("ids are %v", ids)
	}
	// A job nobody opened is met by no reply of the script: it says so, with 500.
	w.want("aperta", "GET", "/lavori/30000000-0000-4000-8000-0000000000ff", "", 500, "no reply for absent")
}

// TestMethodsAndPathsOutsideTheScript are unknown to the gateway.
func TestMethodsAndPathsOutsideTheScript(t *testing.T) {
	w := newWorld(t, parse(t, open))
	for _, c := range [][2]string{
		{"GET", "/cerca"}, {"DELETE", "/cerca"}, {"POST", "/cerca/"}, {"POST", "/Cerca"}, {"POST", "/cerca/x"}, {"GET", "/lavori/"}, {"GET", ""}, {"POST", "/cerca%2Fx"},
	} {
		w.want("aperta", c[0], c[1], "", 404, "govway.org")
	}
}

// TestBuiltinRegistriesRefuse what their contracts do not admit, each before it looks for
// anybody.
func TestBuiltinRegistriesRefuse(t *testing.T) {
	w := newWorld(t, builtin(t)...)
	const inad, reason = "inad-consultazione", "practicalReference=PRT-7"
	for name, c := range map[string]struct{ service, method, path, body string }{
		"code of fifteen characters": {inad, "GET", "/extract/CNTGLI88L65G999?" + reason, ""},
		"code of omocodia":           {inad, "GET", "/extract/CNTGLI88L65G99VB?" + reason, ""},
		"code with blanks":           {inad, "GET", "/extract/%20CNTGLI88L65G999B?" + reason, ""},
		"empty reason":               {inad, "GET", "/extract/CNTGLI88L65G999B?practicalReference=", ""},
		"reason of another name":     {inad, "GET", "/extract/CNTGLI88L65G999B?praticalReference=x", ""},
		"no address":                 {inad, "GET", "/verify/CNTGLI88L65G999B?since=2026-01-01&" + reason, ""},
		"address that is none":       {inad, "GET", "/verify/CNTGLI88L65G999B?digital_address=a%20b@c.it&since=2026-01-01&" + reason, ""},
		"no day":                     {inad, "GET", "/verify/CNTGLI88L65G999B?digital_address=a@b.it&" + reason, ""},
		"day of another form":        {inad, "GET", "/verify/CNTGLI88L65G999B?digital_address=a@b.it&since=01/01/2026&" + reason, ""},
		"list of one that is none":   {inad, "POST", "/listDigitalAddress", `{"praticalReference":"x","codiciFiscali":["CNTGLI88L65G999B","x"]}`},
		"list that is a text":        {inad, "POST", "/listDigitalAddress", `{"praticalReference":"x","codiciFiscali":"CNTGLI88L65G999B"}`},
		"list without a reason":      {inad, "POST", "/listDigitalAddress", `{"praticalReference":"","codiciFiscali":["CNTGLI88L65G999B"]}`},
		"code in lower case":         {"ade-vcf2", "POST", "/verifica", `{"codiceFiscale":"bncmrc85c12d612v"}`},
		"code that is a number":      {"ade-vcf1", "POST", "/verifica", `{"codiceFiscale":7000001235}`},
		"codes in a list":            {"ade-vcf1", "POST", "/verifica", `{"codiceFiscale":["BNCMRC85C12D612V"]}`},
		"code of another name":       {"ade-vcf2", "POST", "/verifica", `{"codicefiscale":"BNCMRC85C12D612V"}`},
	} {
		t.Run(name, func(t *testing.T) {
			reply := w.want(c.service, c.method, c.path, c.body, 400)
			if media := reply.Header.Get("Content-Type"); media != "application/problem+json" {
				t.Errorf("content type is %q", media)
			}
			if reply.Header.Get("GovWay-Transaction-ID") == "" {
				t.Errorf("no transaction id in %v", reply.Header)
			}
		})
	}
	// The two quotas are counted apart: those refusals have cost calls of their own service.
	left := func(service, path string) string {
		return w.want(service, "POST", path, `{"codiceFiscale":"BNCMRC85C12D612V"}`, 200).Header.Get("X-RateLimit-Remaining")
	}
	if one, two := left("ade-vcf1", "/verifica"), left("ade-vcf2", "/verifica"); one != "4997" || two != "4997" {
		t.Errorf("left are %s and %s", one, two)
	}
}

// TestAListIsReadyForWhoAskedOnly: the id of a list is no key to it for another client, and
// a list is not there before it was said to be.
func TestAListIsReadyForWhoAskedOnly(t *testing.T) {
	w := newWorld(t, builtin(t)...)
	const name = "inad-consultazione"
	taken := w.want(name, "POST", "/listDigitalAddress", `{"codiciFiscali":["CNTGLI88L65G999B"],"praticalReference":"x"}`, 202)
	id := taken.Header.Get("Location")[strings.LastIndexByte(taken.Header.Get("Location"), '/')+1:]
	w.want(name, "GET", "/listDigitalAddress/response/"+id, "", 404, "non ancora")
	for _, other := range []string{strings.ToUpper(id), id + "0", "..", "%2e%2e"} {
		if reply := w.send(name, "GET", "/listDigitalAddress/response/"+other, "", fruitore.Hooks{}); other != id && reply.Status == 200 {
			t.Errorf("%q: %s", other, reply.Body)
		}
	}
	w.server.engine.jobs.mu.Lock()
	w.server.engine.jobs.all[id].owner = name + " another-client"
	w.server.engine.jobs.mu.Unlock()
	w.want(name, "GET", "/listDigitalAddress/state/"+id, "", 404, "Richiesta non trovata")
	w.want(name, "GET", "/listDigitalAddress/response/"+id, "", 404, "Elenco non trovato")
}
