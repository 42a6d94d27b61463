// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/modi"
)

// goodDocument follows every check.
const goodDocument = `
openapi: 3.0.3
info: {title: verifiche, version: 1.0.0, description: Verifiche, contact: {name: Ufficio, url: https://ente.example}}
servers: [{url: https://api.ente.example/verifiche/v1}]
paths:
  /status:
    get: {operationId: stato, security: [], responses: {'200': {description: ok}}}
  /verifiche:
    post:
      operationId: verifica
      security: [{bearerAuth: []}]
      parameters:
      - {$ref: '#/components/parameters/Firma'}
      - {name: Digest, in: header, required: true, schema: {type: string}}
      - {name: Agid-JWT-TrackingEvidence, in: header, required: true, schema: {type: string}}
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/Richiesta'}}}
      responses:
        '200': {description: ok}
        '400': {$ref: '#/components/responses/Errore'}
        '429': {$ref: '#/components/responses/Troppe'}
components:
  parameters:
    Firma: {name: Agid-JWT-Signature, in: header, required: true, schema: {type: string}}
  responses:
    Errore: {description: no, content: {application/problem+json: {schema: {type: object}}}}
    Troppe: {description: no, headers: {Retry-After: {schema: {type: integer}}}, content: {application/problem+json: {schema: {type: object}}}}
  schemas:
    Richiesta:
      type: object
      additionalProperties: false
      properties:
        pratica: {type: string, maxLength: 20}
        codiceFiscale: {type: string, pattern: '^.{16}$', maxLength: 16}
        note: {type: array, items: {type: string, maxLength: 100}}
        figlia: {$ref: '#/components/schemas/Richiesta'}
`

func judgeDocument(t *testing.T, text string, change func(*Config)) *Report {
	t.Helper()
	c := Config{
		Role: RoleOpenAPI, OpenAPI: file(t, "api.yaml", []byte(text)),
		Patterns: []modi.Pattern{modi.PatternIntegrityREST02, modi.PatternAuditREST02},
	}
	if change != nil {
		change(&c)
	}
	r, err := Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAGoodDocumentPasses(t *testing.T) {
	r := judgeDocument(t, goodDocument, nil)
	tellFailures(t, r)
	if r.Counts[Pass] != 12 || r.Counts[Skip] != 1 || r.ExitCode() != ExitPass {
		t.Errorf("%v", r.Counts)
	}
}

// TestEachDefectOfADocumentIsNamed: one text is changed, and the check about it fails
// alone.
func TestEachDefectOfADocumentIsNamed(t *testing.T) {
	for id, change := range map[string][2]string{
		"version#3":              {"openapi: 3.0.3", "openapi: 2.0.0"},
		"info#complete":          {", contact: {name: Ufficio, url: https://ente.example}", ""},
		"server#https":           {"https://api.ente.example/verifiche/v1", "http://api.ente.example/verifiche/v1"},
		"status#path":            {"  /status:", "  /altro/status:"},
		"operation-id#unique":    {"operationId: verifica", "operationId: stato"},
		"problem#errors":         {"Errore: {description: no, content: {application/problem+json", "Errore: {description: no, content: {application/json"},
		"throttling#declared":    {"headers: {Retry-After: {schema: {type: integer}}}, ", ""},
		"security#declared":      {"security: [{bearerAuth: []}]", "security: []"},
		"integrity#declared":     {"name: Digest", "name: X-Digest"},
		"audit#declared":         {"name: Agid-JWT-TrackingEvidence", "name: X-Evidenza"},
		"personal-data#address":  {"  /verifiche:", "  /verifiche/{codiceFiscale}:"},
		"closed#bodies":          {"additionalProperties: false", "description: aperto"},
		"server#https, version":  {"https://api.ente.example/verifiche/v1", "https://api.ente.example/verifiche"},
		"closed#bodies, texts":   {"pratica: {type: string, maxLength: 20}", "pratica: {type: string}"},
		"closed#bodies, in list": {"items: {type: string, maxLength: 100}", "items: {type: string}"},
	} {
		t.Run(id, func(t *testing.T) {
			name, _, _ := strings.Cut(id, ", ")
			text := strings.Replace(goodDocument, change[0], change[1], 1)
			if text == goodDocument {
				t.Fatal("nothing was changed")
			}
			r := judgeDocument(t, text, nil)
			for _, one := range r.Results {
				fails := one.Case.ID == "suite.openapi/"+name
				if (one.Verdict == Fail) != fails && (fails || name != "status#path") {
					t.Errorf("%s: %s %s", one.Case.ID, one.Verdict, one.Found.EN)
				}
			}
		})
	}
}

// TestADefectOfADocumentIsPlaced: the result tells where, however many places there are.
func TestADefectOfADocumentIsPlaced(t *testing.T) {
	r := judgeDocument(t, `openapi: 3.0.3
info: {title: x}
servers: [{url: "http://api.ente.example"}, {url: "https://api.ente.example/v1"}]
paths:
  /a:
    get: {responses: {"400": {description: no, content: {text/plain: {}}}, "500": {description: no, content: {text/plain: {}}}}}
    post: {operationId: x, requestBody: {content: {application/json: {schema: {type: object, properties: {nome: {type: string}}}}}}, responses: {"429": {description: no}}}
`, nil)
	for id, places := range map[string][]string{
		"problem#errors": {"GET /a, risposta 400", "GET /a, risposta 500"}, "info#complete": {"senza info.version, info.description, info.contact"},
		"server#https": {"servers[0].url http://api.ente.example"}, "closed#bodies": {"POST /a, senza additionalProperties", "POST /a → nome, senza maxLength"},
		"throttling#declared": {"GET /a, senza 429", "POST /a, senza Retry-After"}, "operation-id#unique": {"GET /a, senza operationId"}, "status#path": {"GET /status non c'è"},
	} {
		got := resultOf(t, r, "suite.openapi/"+id)
		if got.Verdict != Fail || got.Found.IT != strings.Join(places, "; ") || got.Expected != got.Case.Title || len(got.Exchanges) != 1 {
			t.Errorf("%s: %s %q, expected %q, %d witnesses", id, got.Verdict, got.Found.IT, got.Expected.IT, len(got.Exchanges))
		}
	}
}

// TestManyPlacesAreCounted where they would fill the report.
func TestManyPlacesAreCounted(t *testing.T) {
	var fields strings.Builder
	for i := range maxPlaces + 5 {
		fmt.Fprintf(&fields, "        g%d: {type: string}\n", i)
	}
	r := judgeDocument(t, strings.Replace(goodDocument, "        figlia: {$ref: '#/components/schemas/Richiesta'}\n", fields.String(), 1), nil)
	if got := resultOf(t, r, "suite.openapi/closed#bodies"); got.Verdict != Fail || !strings.HasSuffix(got.Found.IT, "e altri 5 punti") {
		t.Errorf("%s", got.Found.IT)
	}
}

// TestItalianRulesArePlugged: what they forbid fails, what they advise is a note.
func TestItalianRulesArePlugged(t *testing.T) {
	rules := func(found ...APIFinding) func(*Config) {
		return func(c *Config) { c.APIRules = func([]byte) ([]APIFinding, error) { return found, nil } }
	}
	const id = "suite.openapi/italian-rules#ruleset"
	if got := resultOf(t, judgeDocument(t, goodDocument, rules()), id); got.Verdict != Pass {
		t.Errorf("%+v", got)
	}
	broken := APIFinding{Rule: "oas.info/summary-missing", Where: "/info", Severity: "strict", Message: Text{IT: "manca", EN: "missing"}}
	if got := resultOf(t, judgeDocument(t, goodDocument, rules(broken)), id); got.Verdict != Fail || !strings.Contains(got.Found.EN, "/info") {
		t.Errorf("%+v", got)
	}
	broken.Severity = "advisory"
	r := judgeDocument(t, goodDocument, rules(broken))
	if got := resultOf(t, r, id); got.Verdict != Pass || len(r.Notes) != 1 {
		t.Errorf("%+v, %v", got, r.Notes)
	}
	_, err := Run(t.Context(), Config{
		Role: RoleOpenAPI, OpenAPI: file(t, "api.yaml", []byte(goodDocument)), APIRules: func([]byte) ([]APIFinding, error) { return nil, errors.New("no rules") },
	})
	if err == nil {
		t.Error("went on without the rules")
	}
}

// TestDocumentsThatCannotBeRead are wrong use; those that refer to nothing do no harm.
func TestDocumentsThatCannotBeRead(t *testing.T) {
	for name, path := range map[string]string{"absent": "nessuno.yaml", "a text": file(t, "x", []byte("ciao")), "broken": file(t, "x", []byte("a: [")), "empty": file(t, "x", nil)} {
		var m *Misuse
		if _, err := Run(t.Context(), Config{Role: RoleOpenAPI, OpenAPI: path}); !errors.As(err, &m) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, text := range []string{
		"openapi: 3.0.3\npaths: {/a: {get: {$ref: '#/paths/~1a/get'}}}", "openapi: 3.0.3\npaths: {/a: {get: {responses: {'400': {$ref: 'altro.yaml'}}}}}",
		"openapi: 3.0.3\npaths: []\nservers: {}\ninfo: 7",
	} {
		if r := judgeDocument(t, text, nil); r.Counts[Fail] == 0 {
			t.Errorf("%q: %v", text, r.Counts)
		}
	}
}

// TestADocumentBesideAService is a section of the same report.
func TestADocumentBesideAService(t *testing.T) {
	r, err := judgeAnswering(t, func(c *Config) {
		c.OpenAPI, c.Only = file(t, "api.yaml", []byte(goodDocument)), []string{"suite.openapi", "accept#plain.voucher"}
	}, 200, nil, "{}")
	if err != nil {
		t.Fatal(err)
	}
	if got := resultOf(t, r, "suite.openapi/version#3"); got.Verdict != Pass {
		t.Errorf("%+v", got)
	}
}

// TestSchemasThatHoldEachOther many times are followed once for each operation.
func TestSchemasThatHoldEachOther(t *testing.T) {
	var fields strings.Builder
	for i := range 60 {
		fmt.Fprintf(&fields, "        f%d: {$ref: '#/components/schemas/Richiesta'}\n", i)
	}
	r := judgeDocument(t, strings.Replace(goodDocument, "        figlia: {$ref: '#/components/schemas/Richiesta'}\n", fields.String(), 1), nil)
	tellFailures(t, r)
	if got := resultOf(t, r, "suite.openapi/closed#bodies"); got.Verdict != Pass {
		t.Errorf("%+v", got)
	}
}

// TestAnAnswerWithoutAStatus does not stop the suite.
func TestAnAnswerWithoutAStatus(t *testing.T) {
	r := judgeDocument(t, strings.Replace(goodDocument, "'429':", "'': {description: x, content: {text/plain: {}}}\n        '429':", 1), nil)
	tellFailures(t, r)
}
