// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package apidoc

import (
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

//go:embed page.css page.html.tmpl
var files embed.FS

// style is what the page looks like, as it stands in it.
func style() string {
	css, err := files.ReadFile("page.css")
	if err != nil {
		return "" // it is embedded
	}
	return string(css)
}

// Policy is the Content-Security-Policy of pages: nothing but their own style.
func Policy() string {
	sum := sha256.Sum256([]byte(style()))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

// view is what the template shows.
type view struct {
	Style                            template.CSS
	Ente, URL                        string
	Contact                          string
	Title, TitleEN, Summary, Version string
	Terms, Edition                   string
	Description                      []string
	Request, Response                []modi.Pattern
	PerConsumer                      int64
	SUAP                             bool
	Operations                       []operation
}

type operation struct {
	Anchor, Method, Path, Summary string
	Description, Notes            []string
	Parameters, Body, Answer      rows
	BodyExample, Example          string
	Answers                       []answer
}

type rows struct {
	Label, Caption string
	Rows           []row
}

type row struct {
	Name, Type, Text string
	Required         bool
}

type answer struct{ Status, Text, Content string }

func writePage(recipe *registry.Exposure, root yaml.MapSlice) (string, error) {
	page, err := template.ParseFS(files, "page.html.tmpl")
	if err != nil {
		return "", err
	}
	info := mapping(get(root, "info"))
	v := view{
		Style: template.CSS(style()), //nolint:gosec // a file of this package
		Ente:  markEnte, URL: markURL, Contact: markContact, Terms: markTerms,
		Title: text(get(info, "title")), TitleEN: cmp.Or(recipe.Title.EN, text(get(info, "title"))), Summary: text(get(info, "x-summary")),
		Version: text(get(info, "version")), Description: paragraphs(text(get(info, "description"))),
		Request: recipe.Patterns.Request, Response: recipe.Patterns.Response, PerConsumer: recipe.Quota.PerConsumer, Edition: recipe.Edition, SUAP: recipe.Refusals == "suap",
	}
	r := reader{root: root, recipe: recipe}
	for _, path := range mapping(get(root, "paths")) {
		v.Operations = append(v.Operations, r.operations(text(path.Key), r.resolve(path.Value))...)
	}
	var b strings.Builder
	err = page.Execute(&b, v)
	return b.String(), err
}

// paragraphs splits a text at its empty lines.
func paragraphs(s string) []string {
	var all []string
	for part := range strings.SplitSeq(s, "\n\n") {
		if part = strings.Join(strings.Fields(part), " "); part != "" {
			all = append(all, part)
		}
	}
	return all
}

// reader finds its way through a document.
type reader struct {
	root   yaml.MapSlice
	recipe *registry.Exposure
}

// resolve follows references inside the document.
func (r reader) resolve(v any) yaml.MapSlice {
	m := mapping(v)
	for range maxDepth {
		ref := text(get(m, "$ref"))
		if ref == "" {
			return m
		}
		at := r.root
		for name := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
			at = mapping(get(at, strings.NewReplacer("~1", "/", "~0", "~").Replace(name)))
		}
		m = at
	}
	return nil
}

// maxDepth is where references to references and nested fields end.
const maxDepth = 6

func (r reader) operations(path string, item yaml.MapSlice) []operation {
	var all []operation
	for _, one := range item {
		method := text(one.Key)
		if !slices.Contains([]string{"get", "head", "post", "put", "patch", "delete"}, method) {
			continue
		}
		all = append(all, r.operation(strings.ToUpper(method), path, item, mapping(one.Value)))
	}
	return all
}

func (r reader) operation(method, path string, item, op yaml.MapSlice) operation {
	id := cmp.Or(text(get(op, "operationId")), method+" "+path)
	o := operation{
		Anchor: "op-" + anchor(id), Method: method, Path: path, Summary: text(get(op, "summary")), Description: paragraphs(text(get(op, "description"))),
		Notes: r.notes(id),
	}
	if len(o.Description) == 1 && o.Description[0] == strings.Join(strings.Fields(o.Summary), " ") {
		o.Description = nil
	}
	o.Parameters = rows{Label: "Parametri di " + method + " " + path, Caption: "Parametri"}
	for _, one := range slices.Concat(list(get(item, "parameters")), list(get(op, "parameters"))) {
		p := r.resolve(one)
		schema := r.resolve(get(p, "schema"))
		o.Parameters.Rows = append(o.Parameters.Rows, row{
			Name: text(get(p, "name")), Type: place(text(get(p, "in"))) + ", " + kind(schema), Required: get(p, "required") == true,
			Text: cmp.Or(text(get(p, "description")), text(get(schema, "description"))),
		})
	}
	body := r.resolve(get(op, "requestBody"))
	o.Body, o.BodyExample = r.content(mapping(get(body, "content")), "Corpo della richiesta", method+" "+path)
	for _, one := range mapping(get(op, "responses")) {
		status, reply := text(one.Key), r.resolve(one.Value)
		content := mapping(get(reply, "content"))
		o.Answers = append(o.Answers, answer{Status: statusWord(status), Text: text(get(reply, "description")), Content: strings.Join(names(content), ", ")})
		if strings.HasPrefix(status, "2") && len(o.Answer.Rows) == 0 && o.Example == "" {
			o.Answer, o.Example = r.content(content, "Corpo della risposta "+status, method+" "+path)
		}
	}
	return o
}

// notes say what an operation does otherwise than its e-service.
func (r reader) notes(id string) []string {
	own, other := r.recipe.Operations[id]
	if !other {
		return nil
	}
	var all []string
	if own.Patterns != nil {
		all = append(all, fmt.Sprintf("Pattern di questa operazione: richiesta %v, risposta %v.", own.Patterns.Request, own.Patterns.Response))
	}
	if own.Interaction != nil {
		all = append(all, "Non bloccante: "+own.Interaction.Pattern+".")
	}
	if own.Bulk {
		all = append(all, "BULK_RESOURCE_REST: si può chiedere a parti, con HEAD e Range.")
	}
	return all
}

// content describes the fields of the first form of a body, with its example.
func (r reader) content(content yaml.MapSlice, caption, what string) (rows, string) {
	out := rows{Label: caption + ", " + what, Caption: caption}
	if len(content) == 0 {
		return out, ""
	}
	media := mapping(content[0].Value)
	schema := r.resolve(get(media, "schema"))
	left := maxRows
	out.Rows = r.fields("", schema, 0, &left)
	example := get(media, "example")
	for _, one := range mapping(get(media, "examples")) {
		if example == nil {
			example = get(r.resolve(one.Value), "value")
		}
	}
	if example == nil {
		example = get(schema, "example")
	}
	if example == nil {
		return out, ""
	}
	shown, err := json.MarshalIndent(plain(example), "", "  ")
	if err != nil {
		return out, ""
	}
	return out, string(shown)
}

// plain writes ordered mappings in the order of their names, as JSON is encoded.
func plain(v any) any {
	switch v := v.(type) {
	case yaml.MapSlice:
		out := make(map[string]any, len(v))
		for _, item := range v {
			out[text(item.Key)] = plain(item.Value)
		}
		return out
	case []any:
		out := make([]any, 0, len(v))
		for _, one := range v {
			out = append(out, plain(one))
		}
		return out
	default:
		return v
	}
}
