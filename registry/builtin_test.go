// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/yamlfile"
)

func builtin(t testing.TB) (map[string]*registry.Recipe, map[string]*registry.Exposure) {
	t.Helper()
	consumes, exposes, err := registry.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return consumes, exposes
}

// TestANPRFacts repeats the addresses, audiences and ids of the two e-services: a
// mistake here would only show in production.
func TestANPRFacts(t *testing.T) {
	consumes, _ := builtin(t)
	for name, c := range map[string]struct{ service, eservice string }{
		"anpr-c030": {"C030-servizioAccertamentoIdUnicoNazionale", "12d5ff12-7894-4c89-bbfc-033418fb1e38"},
		"anpr-c020": {"C020-servizioAccertamentoResidenza", "a152b46b-f330-494d-9845-82c460bc9fcf"},
	} {
		recipe := consumes[name]
		if recipe == nil {
			t.Fatalf("there is no recipe %s", name)
		}
		want := map[string]registry.RecipeEnvironment{
			"produzione": {
				URL:        "https://modipa.anpr.interno.it/govway/rest/in/MinInternoPortaANPR-PDND/" + c.service + "/v1",
				Audience:   "https://modipa.anpr.interno.it/govway/rest/in/MinInternoPortaANPR/" + c.service + "/v1",
				EserviceID: c.eservice,
			},
			"collaudo": {
				URL:      "https://modipa-val.anpr.interno.it/govway/rest/in/MinInternoPortaANPR-PDND/" + c.service + "/v1",
				Audience: "https://modipa-val.anpr.interno.it/govway/rest/in/MinInternoPortaANPR/" + c.service + "/v1",
			},
			"locale": recipe.Environments["locale"],
		}
		if diff := cmp.Diff(want, recipe.Environments); diff != "" {
			t.Errorf("%s: environments (-want +got):\n%s", name, diff)
		}
		if recipe.Produce.BackDate != 30*time.Second {
			t.Errorf("%s: tokens are back-dated %v: ANPR refuses those a few seconds ahead of it", name, recipe.Produce.BackDate)
		}
		if diff := cmp.Diff([]modi.Pattern{modi.PatternAuditREST02, modi.PatternIntegrityREST02}, recipe.Patterns.Request); diff != "" {
			t.Errorf("%s: patterns (-want +got):\n%s", name, diff)
		}
		if !recipe.Evidence.RequireLoA {
			t.Errorf("%s: a call without LoA costs a voucher before ANPR refuses it", name)
		}
		for operation, op := range recipe.Operations {
			if op.Path != "/anpr-service-e002" || op.Method != "POST" || !op.Idempotent {
				t.Errorf("%s/%s: %+v", name, operation, op)
			}
		}
	}
}

// TestInputSchemas compiles the schema of every operation and asks it about requests.
func TestInputSchemas(t *testing.T) {
	consumes, _ := builtin(t)
	birth := `{"dataEvento":"1985-03-12","luogoNascita":{"comune":{"nomeComune":"FIRENZE","codiceIstat":"048017","siglaProvinciaIstat":"FI"}}}`
	for service, operations := range map[string]map[string]map[string]bool{
		"anpr-c030": {"id-anpr": {
			`{"codiceFiscale":"BNCMRC85C12D612V"}`:                                          true,
			`{"cognome":"BIANCHI","nome":"MARCO","sesso":"M","datiNascita":` + birth + `}`:  true,
			`{"cognome":"BIANCHI","senzaNome":"1","sesso":"M","datiNascita":` + birth + `}`: true,
			`{}`: false,
			`{"codiceFiscale":"BNCMRC85C12D612V","cognome":"BIANCHI"}`: false,
			`{"codiceFiscale":5}`:                              false,
			`{"idANPR":"QX48213ZB"}`:                           false,
			`{"cognome":"BIANCHI","nome":"MARCO","sesso":"M"}`: false,
			`{"cognome":"BIANCHI","nome":"MARCO","sesso":"X","datiNascita":` + birth + `}`:                                                       false,
			`{"cognome":"BIANCHI","sesso":"M","datiNascita":` + birth + `}`:                                                                      false,
			`{"senzaCognome":"1","senzaNome":"1","sesso":"M","datiNascita":` + birth + `}`:                                                       true,
			`{"cognome":"BIANCHI","senzaCognome":"1","sesso":"M","datiNascita":` + birth + `}`:                                                   false,
			`{"nome":"MARCO","senzaNome":"1","sesso":"M","datiNascita":` + birth + `}`:                                                           false,
			`{"cognome":"BIANCHI","nome":"MARCO","senzaNome":"1","sesso":"M","datiNascita":` + birth + `}`:                                       false,
			`{"codiceFiscale":"BNCMRC85C12D612V","nome":"MARCO","sesso":"M","datiNascita":` + birth + `}`:                                        false,
			`{"cognome":"BIANCHI","nome":"MARCO","sesso":"M","datiNascita":{"dataEvento":"1985-03-12","luogoNascita":{}}}`:                       false,
			`{"cognome":"BIANCHI","nome":"MARCO","sesso":"M","datiNascita":{"dataEvento":"12/03/1985","luogoNascita":{"luogoEccezionale":"S"}}}`: false,
		}},
		"anpr-c020": {"residenza": {
			`{"codiceFiscale":"BNCMRC85C12D612V"}`:                  true,
			`{"idANPR":"QX48213ZB"}`:                                true,
			`{"idANPR":"QX48213ZB","dataRiferimento":"2026-10-12"}`: true,
			`{}`:                               false,
			`{"dataRiferimento":"2026-10-12"}`: false,
			`{"codiceFiscale":"BNCMRC85C12D612V","idANPR":"QX48213ZB"}`: false,
			`{"idANPR":"QX48213ZBX"}`:                                   false,
			`{"idANPR":"QX48213ZB","dataRiferimento":"ieri"}`:           false,
			`{"idANPR":"QX48213ZB","motivo":"curiosità"}`:               false,
		}},
		"ade-vcf2": {"verifica": {
			`{"codiceFiscale":"BNCMRC85C12D612V"}`: true,
			`{"codiceFiscale":"07000001235"}`:      true,
			`{}`:                                   false,
			`{"codiceFiscale":"BNCMRC85C12D612V","nome":"MARCO"}`: false,
		}},
		"inad-consultazione": {
			"verifica": {
				`{"codiceFiscale":"CNTGLI88L65G999B","domicilio":"giulia.conti@pec.example","data":"2026-10-12"}`: true,
				`{"codiceFiscale":"CNTGLI88L65G999B","domicilio":"giulia.conti@pec.example"}`:                     false,
			},
			"elenco-richiesta": {
				`{"codiciFiscali":["CNTGLI88L65G999B"]}`: true,
				`{"codiciFiscali":[]}`:                   false,
			},
			"elenco": {
				`{"id":"f8c3de3d-1fea-4d7c-a8b0-29f63c4c3454"}`: true,
				`{"id":"../extract/CNTGLI88L65G999B"}`:          false,
			},
		},
	} {
		for operation, requests := range operations {
			schema := compile(t, consumes[service].Operations[operation].Input)
			for request, want := range requests {
				var value any
				if err := json.Unmarshal([]byte(request), &value); err != nil {
					t.Fatal(err)
				}
				if err := schema.VisitJSON(value, openapi3.MultiErrors()); (err == nil) != want {
					t.Errorf("%s/%s: %s is valid: %v, want %v (%v)", service, operation, request, err == nil, want, err)
				}
			}
		}
	}
}

func compile(t *testing.T, input map[string]any) *openapi3.Schema {
	t.Helper()
	data, err := json.Marshal(input)
	if err != nil {
		t.Fatal(err)
	}
	schema := &openapi3.Schema{}
	if err := json.Unmarshal(data, schema); err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(context.Background()); err != nil {
		t.Fatal(err)
	}
	return schema
}

// TestExposedContracts checks what every OpenAPI document of a built-in exposure must
// hold beyond being valid.
func TestExposedContracts(t *testing.T) {
	_, exposes := builtin(t)
	for name, exposure := range exposes {
		doc, err := openapi3.NewLoader().LoadFromData(exposure.Document)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := doc.Validate(context.Background()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		status := doc.Paths.Find("/status")
		if status == nil || status.Get.Security == nil || len(*status.Get.Security) != 0 {
			t.Errorf("%s: GET /status is missing or asks for a token", name)
		}
		for path, item := range doc.Paths.Map() {
			for method, op := range item.Operations() {
				if path == "/status" {
					continue
				}
				if op.Security == nil || len(*op.Security) == 0 {
					t.Errorf("%s: %s %s asks for no token", name, method, path)
				}
				if op.Parameters.GetByInAndName("header", "Agid-JWT-TrackingEvidence") == nil {
					t.Errorf("%s: %s %s does not document the tracking evidence", name, method, path)
				}
				if body := op.Parameters.GetByInAndName("header", "Agid-JWT-Signature"); (body != nil) != (op.RequestBody != nil) {
					t.Errorf("%s: %s %s: a request is signed exactly when it has a body", name, method, path)
				}
				for _, code := range []int{429, 503} {
					if answer := op.Responses.Status(code); answer == nil || answer.Value.Headers["Retry-After"] == nil {
						t.Errorf("%s: %s %s: %d has no Retry-After", name, method, path, code)
					}
				}
			}
		}
	}
}

func TestRecipesAreNamedLikeTheirFiles(t *testing.T) {
	consumes, exposes := builtin(t)
	for name, recipe := range consumes {
		if recipe.Name != name || len(recipe.Onboarding) == 0 {
			t.Errorf("recipe %s is named %q and has %d onboarding steps", name, recipe.Name, len(recipe.Onboarding))
		}
	}
	for name, exposure := range exposes {
		if exposure.Name != name || exposure.Guard.OpenFor == 0 || exposure.Evidence.Keep == "" {
			t.Errorf("exposure %s: %+v", name, exposure)
		}
	}
	files := fstest.MapFS{
		"consumes/inad.yaml": {Data: recipeFile("anpr-c030.yaml")},
		"consumes/nota.yaml": {Data: []byte("name: [")},
		"exposes/x.yaml":     {Data: []byte("name: x\n")},
		"exposes/y.yaml":     {Data: exposureFile("stato-istanza.yaml")},
	}
	consumes, exposes, err := registry.ReadRecipes(files, "mie")
	var faults yamlfile.Faults
	if !errors.As(err, &faults) || len(consumes) != 0 || len(exposes) != 0 {
		t.Fatalf("error is %v", err)
	}
	got := err.Error()
	for _, want := range []string{
		`mie/consumes/inad.yaml: the recipe is named "anpr-c030": its file must be anpr-c030.yaml`,
		"mie/consumes/nota.yaml:1: not valid YAML",
		"mie/exposes/x.yaml:1: openapi is missing",
		"mie/exposes/x.yaml:1: major is missing",
		"file stato-istanza.openapi.yaml is empty or not there",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("faults do not hold %q:\n%s", want, got)
		}
	}
}

func TestReadsNoRecipesFromAnEmptyFolder(t *testing.T) {
	consumes, exposes, err := registry.ReadRecipes(fstest.MapFS{}, "x")
	if err != nil || len(consumes)+len(exposes) != 0 {
		t.Errorf("%v, %v, %v", consumes, exposes, err)
	}
}
