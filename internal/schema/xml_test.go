// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package schema

import (
	"encoding/xml"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/internal/problem"
)

func TestRejectsXMLBombs(t *testing.T) {
	bomb := `<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>`
	for name, c := range map[string]struct {
		text  string
		fault Fault
	}{
		"entities of its own":       {bomb, Forbidden},
		"an external DTD":           {`<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>`, Forbidden},
		"nested":                    {strings.Repeat("<a>", MaxDepth+1) + strings.Repeat("</a>", MaxDepth+1), TooDeep},
		"many elements":             {"<a>" + strings.Repeat("<b/>", MaxValues) + "</a>", TooMany},
		"many attributes":           {"<a>" + strings.Repeat(`<b c="1" d="2"/>`, MaxValues/2) + "</a>", TooMany},
		"an entity that is nowhere": {`<a>&x;</a>`, Malformed},
		"another character set":     {`<?xml version="1.0" encoding="ISO-8859-1"?><a/>`, Malformed},
		"two roots":                 {`<a/><b/>`, Malformed},
		"no root":                   {`<!-- nothing -->`, Malformed},
		"cut":                       {`<a><b></b>`, Malformed},
		"names that do not match":   {`<a></b>`, Malformed},
		"closed twice":              {`<a></a></a>`, Malformed},
		"nothing":                   {``, Malformed},
		"JSON":                      {`{}`, Malformed},
	} {
		t.Run(name, func(t *testing.T) {
			err := CheckXML([]byte(c.text))
			var fault *XMLError
			if !errors.As(err, &fault) || fault.Fault != c.fault || fault.Error() == "" {
				t.Fatalf("got %v", err)
			}
			if rule := problem.Explain(Problem(err)).Row.Rule; rule != problem.RuleMalformedXML && (c.fault != TooMany || rule != problem.RuleTooLarge) {
				t.Errorf("refused as %s", rule)
			}
		})
	}
	for _, text := range []string{
		`<a/>`, `<?xml version="1.0" encoding="UTF-8"?><a x="1"><b>&lt;è</b></a>`,
		strings.Repeat("<a>", MaxDepth) + strings.Repeat("</a>", MaxDepth),
	} {
		if err := CheckXML([]byte(text)); err != nil {
			t.Errorf("%.40s: %v", text, err)
		}
	}
}

func TestBodiesThatAreNotJSON(t *testing.T) {
	d, err := Compile([]byte(`
openapi: 3.0.3
info: {title: prova, version: 1.0.0}
paths:
  /a:
    post:
      requestBody: {required: true, content: {application/xml: {schema: {type: object}}, application/pdf: {schema: {type: string, format: binary}}}}
      responses: {'200': {description: ok, content: {application/octet-stream: {schema: {type: string, format: binary}}}}}
`))
	if err != nil {
		t.Fatal(err)
	}
	m, err := d.Match(http.MethodPost, "/a")
	if err != nil {
		t.Fatal(err)
	}
	check := func(media, body string) error {
		_, err := m.CheckRequest(Request{Header: http.Header{"Content-Type": {media}}, Body: []byte(body)})
		return err
	}
	if err := errors.Join(check("application/xml", "<a/>"), check("application/pdf", "%PDF\x00\xff")); err != nil {
		t.Error(err)
	}
	for media, want := range map[string]bool{"application/pdf": true, "application/xml": false, "application/json": false, "text/plain": false} {
		if got := m.TakesBinary(http.Header{"Content-Type": {media}}); got != want {
			t.Errorf("%s is binary: %v", media, got)
		}
	}
	pdf := http.Header{"Content-Type": {"application/pdf"}}
	if _, err := m.CheckRequest(Request{Header: pdf, Unread: 7}); err != nil {
		t.Errorf("a body that is elsewhere: %v", err)
	}
	if _, err := m.CheckRequest(Request{Header: pdf}); err == nil {
		t.Error("a body that is missing")
	}
	var fault *XMLError
	if err := check("application/xml; charset=utf-8", `<!DOCTYPE a><a/>`); !errors.As(err, &fault) {
		t.Errorf("a DTD: %v", err)
	}
	var media *MediaTypeError
	if err := check("application/json", `{}`); !errors.As(err, &media) {
		t.Errorf("JSON: %v", err)
	}
	stream := http.Header{"Content-Type": {"application/octet-stream"}}
	if err := m.CheckResponse(200, stream, []byte{0, 0xff}); err != nil {
		t.Error(err)
	}
	if err := m.CheckHead(200, stream); err != nil {
		t.Error(err)
	}
	if err := m.CheckHead(206, stream); err == nil {
		t.Error("a status that the document does not have")
	}
	if err := m.CheckHead(200, http.Header{"Content-Type": {"text/html"}}); !errors.As(err, &media) {
		t.Errorf("another media type: %v", err)
	}
}

func TestIfMatchThatIsMissingIsAPrecondition(t *testing.T) {
	required := &Violations{Items: []Violation{{Where: "header if-match", Keyword: "required"}}}
	if x := problem.Explain(Problem(required)); x.Row.Rule != problem.RuleIfMatchMissing || x.Row.Status != http.StatusPreconditionRequired {
		t.Errorf("%s %d", x.Row.Rule, x.Row.Status)
	}
	required.Items = append(required.Items, Violation{Where: "/n", Keyword: "type"})
	if x := problem.Explain(Problem(required)); x.Row.Rule != problem.RuleSchema {
		t.Errorf("beside another fault: %s", x.Row.Rule)
	}
}

// FuzzCheckXML: what is let through, encoding/xml reads whole.
func FuzzCheckXML(f *testing.F) {
	for _, seed := range []string{`<a/>`, `<a b="c">d</a>`, `<!DOCTYPE a><a/>`, `<a><b></a></b>`, `<?xml version="1.0"?><a>&amp;</a>`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if CheckXML([]byte(text)) != nil {
			return
		}
		var whole struct {
			XMLName xml.Name
			Inner   string `xml:",innerxml"`
		}
		if err := xml.Unmarshal([]byte(text), &whole); err != nil {
			t.Errorf("let through and not readable: %v", err)
		}
	})
}
