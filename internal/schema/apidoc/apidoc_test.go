// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package apidoc

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/snodo-pa/snodo/internal/schema/apirules"
	"github.com/snodo-pa/snodo/registry"
)

func borgo() Facts {
	return Facts{
		Ente: `Comune di "Borgo" <Fiorito> & C.`, PublicURL: "https://interop.borgo.example/modi/c_bf01/stato-istanza/v1",
		Contact: Contact{Email: "transizione@borgo.example", URL: "https://borgo.example/?a=1&b=2"},
	}
}

func sources(t *testing.T) map[string]*Source {
	t.Helper()
	_, exposes, err := registry.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*Source{}
	for name, recipe := range exposes {
		if all[name], err = New(recipe); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	return all
}

// TestTheDocumentIsTheEntesOwn: its address and its contact, and still without errors.
func TestTheDocumentIsTheEntesOwn(t *testing.T) {
	for name, s := range sources(t) {
		document := s.Document(borgo())
		doc, err := openapi3.NewLoader().LoadFromData(document)
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, document)
		}
		f := borgo()
		if len(doc.Servers) != 1 || doc.Servers[0].URL != f.PublicURL || doc.Servers[0].Description != f.Ente {
			t.Errorf("%s: servers %+v", name, doc.Servers[0])
		}
		if c := doc.Info.Contact; c.Name != f.Ente || c.Email != f.Contact.Email || c.URL != f.Contact.URL {
			t.Errorf("%s: contact %+v", name, c)
		}
		for _, finding := range apirules.Errors(apirules.Check(document)) {
			t.Errorf("%s: %s", name, finding)
		}
		if strings.Contains(string(document), mark) {
			t.Errorf("%s: a mark is left", name)
		}
	}
}

// TestTheTermsOfUseAreSomewhere: those of the ente, those of the document, and never the place of an example.
func TestTheTermsOfUseAreSomewhere(t *testing.T) {
	document := func(terms string) *Source {
		t.Helper()
		s, err := New(&registry.Exposure{Document: []byte("openapi: 3.0.3\ninfo: {title: x, version: 1.0.0, termsOfService: \"" + terms + "\"}\npaths: {}\n")})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for _, c := range []struct{ said, own, want, shown string }{
		{"https://ente.example/condizioni", "", "https://interop.borgo.example/modi/c_bf01/stato-istanza/v1/documentation", ""},
		{"https://ente.example/termini", "https://borgo.example/termini?a=1&b=2", "https://borgo.example/termini?a=1&b=2", `href="https://borgo.example/termini?a=1&amp;b=2"`},
		{"https://unione.example/termini", "", "https://unione.example/termini", `href="https://unione.example/termini"`},
		{"javascript:alert(1)", "", "https://interop.borgo.example/modi/c_bf01/stato-istanza/v1/documentation", ""},
	} {
		s, f := document(c.said), borgo()
		f.Terms = c.own
		doc, err := openapi3.NewLoader().LoadFromData(s.Document(f))
		if err != nil || doc.Info.TermsOfService != c.want {
			t.Errorf("%s: %v, %v", c.said, doc.Info, err)
		}
		if page := string(s.Page(f)); strings.Contains(page, "Condizioni d'uso") != (c.shown != "") || !strings.Contains(page, c.shown) {
			t.Errorf("%s: the page shows another place", c.said)
		}
	}
}

func TestAContactMayBeOnlyAName(t *testing.T) {
	s := sources(t)["stato-istanza"]
	f := Facts{Ente: "Comune", PublicURL: "https://a.example/x", Contact: Contact{Name: "Ufficio"}}
	doc, err := openapi3.NewLoader().LoadFromData(s.Document(f))
	if err != nil {
		t.Fatal(err)
	}
	if c := doc.Info.Contact; c.Name != "Ufficio" || c.Email != "" {
		t.Errorf("%+v", c)
	}
	if page := string(s.Page(f)); strings.Contains(page, "mailto:") || !strings.Contains(page, "<dd>Ufficio</dd>") {
		t.Error("the page shows a contact that is not there")
	}
}

// TestThePageNeedsNothingFromElsewhere: no script, no image, no style but its own, whose hash the policy names.
func TestThePageNeedsNothingFromElsewhere(t *testing.T) {
	for name, s := range sources(t) {
		page := string(s.Page(borgo()))
		for _, bad := range []string{"<script", "javascript:", "<img", "<link", "<iframe", "@import", "url(", " style=", " onclick", mark, "ZgotmplZ"} {
			if strings.Contains(page, bad) {
				t.Errorf("%s: the page holds %s", name, bad)
			}
		}
		_, rest, _ := strings.Cut(page, "<style>")
		css, _, _ := strings.Cut(rest, "</style>")
		sum := sha256.Sum256([]byte(css))
		if !strings.Contains(Policy(), "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") || !strings.HasPrefix(Policy(), "default-src 'none'") {
			t.Errorf("%s: the policy %s is not that of the style", name, Policy())
		}
		if strings.Contains(page, "<Fiorito>") || strings.Contains(page, `"Borgo"`) {
			t.Errorf("%s: what an ente is called is not escaped", name)
		}
	}
}

// TestThePageCanBeReadByEverybody: one main heading, no level left out, names for what scrolls, headers in tables, languages, ids
// that links lead to.
func TestThePageCanBeReadByEverybody(t *testing.T) {
	for name, s := range sources(t) {
		page := string(s.Page(borgo()))
		ids, level := map[string]int{}, 0
		var links []string
		d := xml.NewDecoder(strings.NewReader(strings.Replace(page, "<!DOCTYPE html>", "", 1)))
		d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
		for {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			e, isElement := token.(xml.StartElement)
			if !isElement {
				continue
			}
			attr := map[string]string{}
			for _, a := range e.Attr {
				attr[a.Name.Local] = a.Value
			}
			if id := attr["id"]; id != "" {
				ids[id]++
			}
			for _, key := range []string{"aria-labelledby", "href"} {
				if target := attr[key]; key != "href" || strings.HasPrefix(target, "#") {
					links = append(links, strings.TrimPrefix(target, "#"))
				}
			}
			switch tag := e.Name.Local; {
			case len(tag) == 2 && tag[0] == 'h' && tag[1] >= '1' && tag[1] <= '6':
				if now := int(tag[1] - '0'); now > level+1 {
					t.Errorf("%s: h%d follows h%d", name, now, level)
				} else {
					level = now
				}
			case tag == "th" && attr["scope"] == "":
				t.Errorf("%s: a header of a table without scope", name)
			case attr["tabindex"] != "" && (attr["role"] != "region" || attr["aria-label"] == "" && attr["aria-labelledby"] == ""):
				t.Errorf("%s: what scrolls has no name", name)
			case tag == "html" && attr["lang"] != "it":
				t.Errorf("%s: no language", name)
			}
		}
		for id, n := range ids {
			if n > 1 {
				t.Errorf("%s: id %s is there %d times", name, id, n)
			}
		}
		for _, link := range links {
			if link != "" && ids[link] == 0 {
				t.Errorf("%s: a link to %s leads nowhere", name, link)
			}
		}
		if strings.Count(page, "<h1") != 1 || strings.Count(page, "<caption>") != strings.Count(page, "<table>") || !strings.Contains(page, `lang="en"`) {
			t.Errorf("%s: headings, captions or languages", name)
		}
	}
}

func TestThePageTellsHowTheServiceIsCalled(t *testing.T) {
	page := string(sources(t)["stato-istanza"].Page(borgo()))
	for _, want := range []string{
		"INTEGRITY_REST_02", "AUDIT_REST_02", "X-RateLimit-Remaining", "/istanze/{id}", "in_lavorazione", "10000 chiamate al giorno",
		"https://interop.borgo.example/modi/c_bf01/stato-istanza/v1", "Numero dell&#39;istanza; mai un codice fiscale", `href="openapi.yaml"`,
		"nel percorso, testo, almeno 12 caratteri, al più 24 caratteri",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %s", want)
		}
	}
}

func TestRefusesWhatIsNoDocument(t *testing.T) {
	for name, document := range map[string]string{"no YAML": "openapi: [", "the hub's own word": "openapi: 3.0.3\ninfo: {title: " + markURL + "}"} {
		if _, err := New(&registry.Exposure{Document: []byte(document)}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := New(&registry.Exposure{Document: []byte("openapi: 3.0.3")}); err != nil {
		t.Error(err)
	}
}

// TestNothingOfADocumentIsMarkup: a document may come from a supplier.
func TestNothingOfADocumentIsMarkup(t *testing.T) {
	evil := `<script>alert(1)</script>`
	document := `{"openapi":"3.0.3","info":{"title":"` + evil + `","x-summary":"` + evil + `","termsOfService":"javascript:alert(1)","description":"` + evil + `"},
"paths":{"/a` + evil + `":{"get":{"summary":"` + evil + `","parameters":[{"name":"` + evil + `","in":"query","schema":{"type":"string","enum":["` + evil + `"]}}],
"responses":{"200":{"description":"` + evil + `","content":{"application/json":{"schema":{"type":"object","properties":{"` + evil + `":{"type":"array","items":{"$ref":"#/components/schemas/X"}}},"example":{"a":["` + evil + `"]}}}}}}}}},
"components":{"schemas":{"X":{"type":"object","properties":{"x":{"$ref":"#/components/schemas/X"}}}}}}`
	s, err := New(&registry.Exposure{Document: []byte(document)})
	if err != nil {
		t.Fatal(err)
	}
	page := string(s.Page(Facts{Ente: evil, PublicURL: evil, Contact: Contact{Name: evil, Email: `"><script>`, URL: "javascript:x"}}))
	if strings.Contains(page, "<script") || strings.Contains(page, "javascript:") {
		t.Error(page)
	}
}

func TestTagsTellContentsApart(t *testing.T) {
	form := regexp.MustCompile(`^"[A-Za-z0-9_-]{24}"$`)
	seen := map[string]bool{}
	for _, content := range []string{"", "a", "b"} {
		tag := Tag([]byte(content))
		if !form.MatchString(tag) || seen[tag] {
			t.Errorf("tag %s", tag)
		}
		seen[tag] = true
	}
	if len(maps.Clone(seen)) != 3 {
		t.Error("tags collide")
	}
}

// TestSchemasThatHoldThemselvesHaveAnEnd: a table does not grow with the ways in which one can go round.
func TestSchemasThatHoldThemselvesHaveAnEnd(t *testing.T) {
	var b strings.Builder
	b.WriteString("openapi: 3.0.3\ncomponents:\n  schemas:\n    X:\n      type: object\n      properties:\n")
	for i := range 30 {
		b.WriteString("        p" + strconv.Itoa(i) + ": {$ref: '#/components/schemas/X'}\n")
	}
	b.WriteString("paths: {/a: {get: {responses: {'200': {description: x, content: {application/json: {schema: {$ref: '#/components/schemas/X'}}}}}}}}\n")
	s, err := New(&registry.Exposure{Document: []byte(b.String())})
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(s.Page(borgo())), `<th scope="row">`); n < 30 || n > maxRows+10 {
		t.Errorf("%d rows", n)
	}
}

// TestStatusesMayBeNumbers, as most people write them.
func TestStatusesMayBeNumbers(t *testing.T) {
	s, err := New(&registry.Exposure{Document: []byte("openapi: 3.0.3\ninfo: {title: x, version: 1.0.0}\npaths: {/a: {get: {responses: {200: {description: bene}}}}}\n")})
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(s.Document(borgo()))
	if err != nil || doc.Paths.Value("/a").Get.Responses.Value("200") == nil || !strings.Contains(string(s.Page(borgo())), `<th scope="row">200</th><td>bene</td>`) {
		t.Errorf("%v\n%s", err, s.Document(borgo()))
	}
}

// FuzzNew: a document is read or refused, and nothing of the hub's own is left in what is published.
func FuzzNew(f *testing.F) {
	f.Add([]byte("openapi: 3.0.3\ninfo: {title: x}\npaths: {/a: {get: {parameters: [{$ref: '#/x'}], responses: {'200': {}}}}}\n"))
	f.Add([]byte("{paths: [], info: 1, servers: {}}"))
	f.Fuzz(func(t *testing.T, document []byte) {
		s, err := New(&registry.Exposure{Document: document})
		if err != nil {
			return
		}
		for _, published := range [][]byte{s.Document(borgo()), s.Page(borgo())} {
			if strings.Contains(string(published), mark) {
				t.Errorf("a mark is left of %q", document)
			}
		}
	})
}
