// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package scaffold

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/mocks/scripted"
	"github.com/snodo-pa/snodo/registry"
)

func document(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "docs", "adapters", "registro-patentini.openapi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func written(t *testing.T, name string, document []byte) (Files, *registry.Recipe, scripted.Script) {
	t.Helper()
	files, err := Write(name, document)
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, files.Recipe, files.Mock)
	}
	recipe, err := registry.DecodeRecipe(name+".yaml", files.Recipe)
	if err != nil {
		t.Fatal(err)
	}
	script, err := scripted.Parse(files.Mock)
	if err != nil {
		t.Fatal(err)
	}
	return files, recipe, script
}

func TestWritesARecipeThatLoads(t *testing.T) {
	files, recipe, _ := written(t, "registro-patentini", document(t))
	if diff := cmp.Diff([]string{"leggi-patentino"}, files.Operations); diff != "" {
		t.Errorf("operations (-want +got):\n%s", diff)
	}
	op := recipe.Operations["leggi-patentino"]
	if op.Path != "/patentini/{codiceFiscale}" || op.Method != "GET" || !op.Idempotent {
		t.Errorf("operation is %+v", op)
	}
	wantRequest := []registry.Assignment{
		{To: "path/codiceFiscale", From: "richiesta/codiceFiscale", As: []string{"codice-fiscale"}},
		{To: "query/protocollo", From: "richiesta/protocollo"},
	}
	if diff := cmp.Diff(wantRequest, op.Request); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"abilitazioni", "codiceFiscale", "numero", "scadenza", "stato"}, op.Fields); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]registry.Sameness{{At: "body/codice_fiscale", Is: "richiesta/codiceFiscale"}}, op.Same); diff != "" {
		t.Errorf("same (-want +got):\n%s", diff)
	}
	if recipe.ErrorShape.Code != "codice" || recipe.ErrorShape.Text != "messaggio" {
		t.Errorf("errorShape is %+v", recipe.ErrorShape)
	}
	var absent registry.RecipeError
	for _, row := range recipe.Errors {
		if row.Kind == registry.KindNotFound {
			absent = row
		}
	}
	if diff := cmp.Diff([]string{"PF-404"}, absent.Codes); diff != "" {
		t.Errorf("a 404 is taken for an absent record without the registry's word (-want +got):\n%s", diff)
	}
	if !strings.Contains(string(files.Recipe), Review) || !strings.Contains(string(files.Recipe), "https://api.regione.example/rest/patentini/v1") {
		t.Error("the recipe does not say what is left to do")
	}
}

func TestWritesAMockThatMatchesIt(t *testing.T) {
	_, recipe, script := written(t, "registro-patentini", document(t))
	locale := recipe.Environments[registry.Locale]
	if script.Eservice.Audience != locale.Audience || script.Eservice.EserviceID != locale.EserviceID || script.Eservice.ProducerID != locale.ProducerID {
		t.Errorf("recipe %+v, mock %+v", locale, script.Eservice)
	}
	if script.Eservice.Path != "/rest/patentini/v1" || !strings.HasSuffix(locale.URL, script.Eservice.Path) {
		t.Errorf("path is %s", script.Eservice.Path)
	}
	record := script.Tables["leggi-patentino"][0]
	if record["codiceFiscale"] != "BNCMRC85C12D612V" {
		t.Errorf("record is %v", record)
	}
}

const everything = `
openapi: 3.0.3
info: {title: "Tutto: \"uno\" # due", version: "1"}
paths:
  /x/{a-b}/{c_d}:
    parameters: [{name: a-b, in: path, required: true, schema: {type: integer}}]
    put:
      parameters:
        - {name: c_d, in: path, required: true, schema: {type: string, enum: [uno, due]}}
        - {name: X-Ufficio, in: header, schema: {type: string}}
        - {name: Agid-JWT-Signature, in: header, schema: {type: string}}
        - {name: Agid-JWT-TrackingEvidence, in: header, schema: {type: string}}
        - {name: Digest, in: header, schema: {type: string}}
        - {name: s, in: cookie, schema: {type: string}}
      requestBody:
        content:
          application/json:
            schema:
              type: object
              required: [cf, persone]
              properties:
                cf: {type: string}
                "strano/nome": {type: number, minimum: 3}
                persone: {type: array, items: {$ref: "#/components/schemas/Persona"}}
      responses:
        "201":
          description: ok
          headers: {Agid-JWT-Signature: {schema: {type: string}}}
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Persona"}}}}
        "500": {description: no, content: {application/json: {schema: {type: object, properties: {code: {type: string}}}}}}
        default: {description: altro}
  /2/liste:
    get: {responses: {"200": {description: ok, content: {application/json: {schema: {type: object, properties: {ok: {type: boolean}}}}}}}}
  /a:
    get: {operationId: stesso, responses: {"200": {description: ok, content: {application/json: {schema: {type: object, properties: {ok: {type: boolean}}}}}}}}
  /b:
    get: {operationId: Stesso, responses: {"200": {description: ok, content: {application/json: {schema: {allOf: [{type: object, properties: {ok: {type: boolean}}}, {required: [ok]}]}}}}}}
  /c:
    delete: {operationId: cancella, responses: {"204": {description: fatto}}}
components:
  schemas:
    Persona:
      type: object
      properties:
        nome: {type: string, maxLength: 3}
        nato: {type: string, format: date}
        figli: {type: array, items: {$ref: "#/components/schemas/Persona"}}
`

// TestTakesWhatDocumentsHold: names that are none, patterns, lists, schemas that hold
// themselves, two operations of one name.
func TestTakesWhatDocumentsHold(t *testing.T) {
	files, recipe, script := written(t, "tutto", []byte(everything))
	if diff := cmp.Diff([]string{"get-2-liste", "put-x-a-b-c-d", "stesso", "stesso-2"}, files.Operations); diff != "" {
		t.Errorf("operations (-want +got):\n%s", diff)
	}
	if !strings.Contains(string(files.Recipe), "# DELETE /c non è qui") {
		t.Error("the recipe does not say what it leaves out")
	}
	for _, one := range recipe.Operations {
		if one.Path == "/b" && (len(one.Response) != 1 || one.Response[0].Optional) {
			t.Errorf("what a schema is made of is lost: %+v", one.Response)
		}
	}
	op := recipe.Operations["put-x-a-b-c-d"]
	var to []string
	for _, line := range op.Request {
		to = append(to, line.To)
	}
	if diff := cmp.Diff([]string{"path/aB", "path/cD", "header/X-Ufficio", "body/cf", "body/persone", "body/strano~1nome"}, to); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
	if op.Answer != registry.AnswerList || len(recipe.Patterns.Request) != 2 || len(recipe.Patterns.Response) != 1 || !script.Signed() {
		t.Errorf("answer %s, patterns %v", op.Answer, recipe.Patterns)
	}
}

func TestRefuses(t *testing.T) {
	for name, c := range map[string]struct{ name, document string }{
		"bad name":         {"Registro Prova", everything},
		"no document":      {"x", "openapi: ["},
		"no operations":    {"x", "openapi: 3.0.3\ninfo: {title: x, version: '1'}\npaths: {}"},
		"reference beyond": {"x", "openapi: 3.0.3\ninfo: {title: x, version: '1'}\npaths: {/a: {$ref: 'https://elsewhere.example/x.yaml'}}"},
		"only an answer without JSON": {"x", "openapi: 3.0.3\ninfo: {title: x, version: '1'}\npaths: {/a: {get: {responses: {'200': {description: pdf, " +
			"content: {application/pdf: {schema: {type: string}}}}}}}}"},
	} {
		if files, err := Write(c.name, []byte(c.document)); err == nil {
			t.Errorf("%s: accepted\n%s", name, files.Recipe)
		}
	}
}

func FuzzWrite(f *testing.F) {
	f.Add([]byte(everything))
	f.Fuzz(func(t *testing.T, document []byte) {
		files, err := Write("prova", document)
		if err == nil && len(files.Operations) == 0 {
			t.Error("a recipe without operations")
		}
	})
}

// TestTakesThePublishedContracts writes recipes from documents of real producers, which
// stay outside the repository; where they are absent the check is skipped, loudly.
func TestTakesThePublishedContracts(t *testing.T) {
	shared := os.Getenv("SNODO_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "..", "..", "shared")
	}
	for name, path := range map[string]string{
		"ade": "ade/VerificaCodiceFiscale.yaml", "inad": "inad/inad_extraction.yaml", "anpr": "anpr/anprApiC030.openapi.yaml",
		"residenza": "interop-att/ResidenceVerification_v1.0.yaml",
	} {
		text, err := os.ReadFile(filepath.Join(shared, "contracts", filepath.FromSlash(path)))
		if err != nil {
			fmt.Fprintln(os.Stderr, "needs-shared: no published contracts in", shared)
			t.Skip("needs-shared: no published contracts; set SNODO_SHARED")
		}
		written(t, name, text)
	}
}
