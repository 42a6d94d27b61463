// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package scaffold

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/schema/apirules"
	"github.com/snodo-pa/snodo/mocks/scripted"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

func offered(name string) Eservice {
	return Eservice{
		Name: name, Request: []modi.Pattern{modi.PatternAuditREST02, modi.PatternIntegrityREST02}, Response: []modi.Pattern{modi.PatternIntegrityREST02},
	}
}

func pratiche(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "docs", "ricerca-pratiche.openapi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func published(t *testing.T, name string, document []byte) Published {
	t.Helper()
	p, err := Publish(offered(name), document)
	if err != nil {
		t.Fatalf("%v\n%s\n%s\n%s", err, p.Recipe, p.Document, p.BackEnd)
	}
	return p
}

func TestPublishesADocumentWithoutErrors(t *testing.T) {
	p := published(t, "ricerca-pratiche", pratiche(t))
	for _, f := range apirules.Errors(p.Findings) {
		t.Errorf("%s\n%s", f, p.Document)
	}
	if diff := cmp.Diff([]string{"show_pratiche", "show_pratiche_numero"}, p.Operations); diff != "" {
		t.Errorf("operations (-want +got):\n%s", diff)
	}
	if len(p.Changes) == 0 {
		t.Error("nothing is said of what was added")
	}
	recipe, err := registry.DecodeExposure("ricerca-pratiche.yaml", p.Recipe, p.Document)
	if err != nil {
		t.Fatal(err)
	}
	if recipe.Major != 1 || len(recipe.Patterns.Request) != 2 || recipe.ResponsePolicy != registry.PolicyRefuse {
		t.Errorf("recipe %+v", recipe)
	}
	backEnd, err := scripted.ParseBackEnd(p.BackEnd)
	if err != nil {
		t.Fatal(err)
	}
	if len(backEnd.Routes) != 2 {
		t.Errorf("back end %+v", backEnd)
	}
}

// TestPublishingTwiceChangesNothing: what is complete stays as it is.
func TestPublishingTwiceChangesNothing(t *testing.T) {
	for name, document := range map[string][]byte{"ricerca-pratiche": pratiche(t), "tutto": []byte(messy), "registro-patentini": document(t)} {
		once := published(t, name, document)
		twice := published(t, name, once.Document)
		if diff := cmp.Diff(string(once.Document), string(twice.Document)); diff != "" {
			t.Errorf("%s (-once +twice):\n%s", name, diff)
		}
		if len(twice.Changes) > 0 {
			t.Errorf("%s: %v", name, twice.Changes)
		}
	}
}

// messy is a document with most of what the rules forbid.
const messy = `
openapi: 3.0.1
info: {title: "Tutto: uno # due", version: v2, contact: {}}
security: [{chiave: []}]
paths:
  /cose/{id}:
    servers: [{url: http://altrove.example}]
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    patch:
      operationId: cambia
      parameters: [{name: Accept, in: header, schema: {type: string}}, {name: X-Ufficio, in: header, schema: {type: string}}]
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Cosa'}}}}
      responses:
        "204": {description: fatto, content: {application/json: {schema: {type: object}}}}
        "400": {$ref: '#/components/responses/NonValida'}
        "503": {description: giù, content: {application/problem+json: {schema: {$ref: '#/components/schemas/Problem'}}}}
    delete:
      operationId: cambia
      responses: {"204": {description: fatto}}
  /cose:
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Cosa'}}}}
      responses:
        "201":
          description: fatto
          headers: {RateLimit-Limit: {schema: {type: integer}}, Content-Type: {schema: {type: string}}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Cosa'}}}
        "400": {$ref: '#/components/responses/NonValida'}
        "404": {$ref: '#/components/responses/NonTrovata'}
        "429": {description: troppe, headers: {RateLimit-Limit: {schema: {type: integer}}}}
components:
  securitySchemes: {chiave: {type: apiKey, in: query, name: key}}
  responses:
    NonValida: {description: no, content: {text/plain: {schema: {type: string}}}}
    NonTrovata: {description: la mia, content: {application/problem+json: {schema: {$ref: '#/components/schemas/Problem'}}}}
  headers: {Digest: {schema: {type: string}, description: un altro}}
  schemas:
    Problem: {type: object, properties: {title: {type: string}, status: {type: integer}, detail: {type: string}}}
    Cosa:
      type: object
      properties:
        type: {type: string}
        quanti: {type: integer}
        pochi: {type: integer, maximum: 10}
        molti: {type: integer, example: 9999999999}
        peso: {type: number}
        quando: {type: string, format: date}
        lungo: {type: string, minLength: 5000}
        parti: {type: array, items: {$ref: '#/components/schemas/Cosa'}}
`

func TestRepairsWhatTheRulesForbid(t *testing.T) {
	p := published(t, "tutto", []byte(messy))
	for _, f := range apirules.Errors(p.Findings) {
		t.Errorf("%s\n%s", f, p.Document)
	}
	root, err := readTree(p.Document)
	if err != nil {
		t.Fatal(err)
	}
	cosa := root.at("components", "schemas", "Cosa", "properties")
	for name, want := range map[string]string{"quanti": "int64", "pochi": "int32", "molti": "int64", "peso": "double", "quando": "date"} {
		if got := cosa.at(name).text("format"); got != want {
			t.Errorf("%s has format %q, not %q", name, got, want)
		}
	}
	if cosa.at("quando").has("maxLength") || !cosa.at("type").has("maxLength") || !cosa.at("parti").has("maxItems") || cosa.at("lungo").get("maxLength") != uint64(5000) {
		t.Errorf("bounds: %s", p.Document)
	}
	patch := root.at("paths", "/cose/{id}", "patch")
	if !patch.at("requestBody", "content").has("application/merge-patch+json") || patch.at("requestBody").get("required") != true {
		t.Error("PATCH is not repaired")
	}
	if root.at("paths", "/cose/{id}").has("servers") || patch.at("responses", "204").has("content") {
		t.Error("servers of a path, or the body of a 204, are left")
	}
	var names []string
	for _, one := range patch.list("parameters") {
		names = append(names, one.(*tree).text("name")+one.(*tree).text("$ref")) //nolint:errcheck // a parameter is a mapping
	}
	want := []string{"X-Ufficio", "#/components/parameters/Agid-JWT-Signature", "#/components/parameters/Digest", "#/components/parameters/Agid-JWT-TrackingEvidence"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
	if root.at("components", "headers", "Digest").text("description") != "un altro" || !root.at("components", "headers").has("DigestModi") {
		t.Error("a component of the author was written over")
	}
	if root.at("components", "responses", "NonTrovata").text("description") != "la mia" {
		t.Error("an answer of the author was written over")
	}
	if root.at("components", "schemas", "Problem").has("additionalProperties") {
		t.Error("the problem of the author was written over")
	}
	if !strings.Contains(string(p.Recipe), "major: 2") || !strings.Contains(string(p.Recipe), "X-Ufficio") {
		t.Errorf("recipe\n%s", p.Recipe)
	}
}

// TestLeavesToAPersonWhatOnlyAPersonCanDecide: where a codice fiscale goes is no matter of form.
func TestLeavesToAPersonWhatOnlyAPersonCanDecide(t *testing.T) {
	p := published(t, "registro-patentini", document(t))
	bad := apirules.Errors(p.Findings)
	if len(bad) != 1 || bad[0].Rule != apirules.FiscalCodeInURL {
		t.Errorf("left: %v", bad)
	}
}

func TestPublishRefuses(t *testing.T) {
	for name, c := range map[string]struct{ name, document string }{
		"bad name":      {"Ricerca Pratiche", messy},
		"no document":   {"x", "openapi: ["},
		"swagger":       {"x", "swagger: '2.0'"},
		"3.1":           {"x", "openapi: 3.1.0"},
		"no operations": {"x", "openapi: 3.0.3\ninfo: {title: x, version: '1'}\npaths: {}"},
		"beyond":        {"x", "openapi: 3.0.3\ninfo: {title: x, version: '1'}\npaths: {/a: {$ref: 'https://elsewhere.example/x.yaml'}}"},
		"a cookie":      {"x", "openapi: 3.0.3\ninfo: {title: x, version: '1'}\npaths: {/a: {get: {parameters: [{name: s, in: cookie, schema: {type: string}}], responses: {'200': {description: ok}}}}}"},
	} {
		if p, err := Publish(offered(c.name), []byte(c.document)); err == nil {
			t.Errorf("%s: accepted\n%s", name, p.Document)
		}
	}
}

func FuzzPublish(f *testing.F) {
	f.Add([]byte(messy))
	f.Add(pratiche(f))
	f.Fuzz(func(t *testing.T, document []byte) {
		p, err := Publish(offered("prova"), document)
		if err == nil && (len(p.Operations) == 0 || p.BackEnd == nil) {
			t.Error("an e-service without operations")
		}
	})
}

// TestSpectralAgrees runs the published rules over what is made from documents of every kind. They stay outside the
// repository, and the program that reads them is not always here.
func TestSpectralAgrees(t *testing.T) {
	shared := os.Getenv("SNODO_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "..", "..", "shared")
	}
	rules, err := filepath.Abs(filepath.Join(shared, "oas", "spectral.yml"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(rules); err != nil {
		t.Skip("needs-shared: no published rules; set SNODO_SHARED")
	}
	spectral, err := exec.LookPath("spectral")
	if err != nil {
		t.Skip("needs-shared: no spectral to read the published rules with")
	}
	dir := t.TempDir()
	for name, document := range map[string][]byte{"ricerca-pratiche": pratiche(t), "tutto": []byte(messy), "registro-patentini": document(t)} {
		if err := os.WriteFile(filepath.Join(dir, name+".yaml"), published(t, name, document).Document, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, builtin, err := registry.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for name, e := range builtin {
		if err := os.WriteFile(filepath.Join(dir, name+".yaml"), e.Document, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, spectral, "lint", "--ruleset", rules, "--fail-severity", "error", filepath.Join(dir, "*.yaml")).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	lines := slices.DeleteFunc(strings.Split(string(out), "\n"), func(l string) bool { return !strings.Contains(l, "warning") })
	t.Logf("%d lines of warnings\n%s", len(lines), strings.Join(lines, "\n"))
}
