// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/adapters/adaptertest"
	"github.com/snodo-pa/snodo/adapters/anpr"
	"github.com/snodo-pa/snodo/mocks/ambiente"
	mock "github.com/snodo-pa/snodo/mocks/anpr"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

// segments repeats the names of the e-services as they stand in their addresses.
func segments() map[string]string {
	return map[string]string{
		"anpr-c001": "C001–servizioNotifica", "anpr-c002": "C002-servizioComunicazione",
		"anpr-c003": "C003-servizioVerificaDichGeneralita", "anpr-c004": "C004-servizioVerificaDichDecesso",
		"anpr-c005": "C005-servizioVerificaDichMatrimonio", "anpr-c006": "C006-servizioVerificaDichCittadinanza",
		"anpr-c007": "C007-servizioVerificaDichEsistenzaVita", "anpr-c008": "C008-servizioVerificaDichResidenza",
		"anpr-c009": "C009-servizioVerificaDichStatoFamiglia", "anpr-c010": "C010-servizioVerificaDichStatoLibero",
		"anpr-c011": "C011-servizioVerificaDichVedovanza", "anpr-c012": "C012-servizioVerificaDichPaternita",
		"anpr-c013": "C013-servizioVerificaDichMaternita", "anpr-c014": "C014-servizioVerificaDichUnioneCivile",
		"anpr-c015": "C015-servizioAccertamentoGeneralita", "anpr-c016": "C016-servizioAccertamentoDichDecesso",
		"anpr-c017": "C017-servizioAccertamentoMatrimonio", "anpr-c018": "C018-servizioAccertamentoCittadinanza",
		"anpr-c019": "C019-servizioAccertamentoEsistenzaVita", "anpr-c020": "C020-servizioAccertamentoResidenza",
		"anpr-c021": "C021-servizioAccertamentoStatoFamiglia", "anpr-c022": "C022-servizioAccertamentoStatoLibero",
		"anpr-c023": "C023-servizioAccertamentoVedovanza", "anpr-c024": "C024-servizioAccertamentoPaternita",
		"anpr-c025": "C025-servizioAccertamentoMaternita", "anpr-c026": "C026-servizioAccertamentoUnioneCivile",
		"anpr-c029": "C029-servizioAccertamentoDatiAnagrafici", "anpr-c030": "C030-servizioAccertamentoIdUnicoNazionale",
		"anpr-c031": "C031-servizioVerificaIdUnicoNazionale", "anpr-massivo-030": "E002AccertamentoIdAnprMassivo",
		"anpr-massivo-019": "E002VericaEsistenzaInVitaMassiva", "anpr-massivo-020": "E002AccertamentoResidenzaMassivo",
	}
}

// TestFactsOfEveryRecipe: a mistake here would only show in production.
func TestFactsOfEveryRecipe(t *testing.T) {
	all, want := recipes(t), segments()
	if len(all) != len(want) {
		t.Errorf("%d recipes, want %d", len(all), len(want))
	}
	for name, segment := range want {
		recipe := all[name]
		if recipe == nil {
			t.Fatalf("there is no recipe %s", name)
		}
		for environment, host := range map[string]string{"produzione": "modipa.anpr.interno.it", "collaudo": "modipa-val.anpr.interno.it"} {
			got := recipe.Environments[environment]
			base := "https://" + host + "/govway/rest/in/MinInternoPortaANPR"
			if got.URL != base+"-PDND/"+url.PathEscape(segment)+"/v1" || got.Audience != base+"/"+segment+"/v1" {
				t.Errorf("%s in %s: %+v", name, environment, got)
			}
		}
		entry := entryOf(name)
		local := recipe.Environments["locale"]
		if local.Audience != entry.Audience || local.EserviceID != entry.EserviceID || local.ProducerID != ambiente.MinisteroTenantID {
			t.Errorf("%s: locale is %+v, the simulated ANPR %+v", name, local, entry)
		}
		both := []modi.Pattern{modi.PatternAuditREST02, modi.PatternIntegrityREST02}
		if !cmp.Equal(recipe.Patterns.Request, both) || recipe.Produce.BackDate != 30*time.Second || !recipe.Evidence.RequireLoA {
			t.Errorf("%s: %+v %+v %+v", name, recipe.Patterns, recipe.Produce, recipe.Evidence)
		}
		for operation, op := range recipe.Operations {
			if code, isCase := strings.CutPrefix(name, "anpr-c"); isCase && (op.CasoUso != "C"+code || op.Path != "/anpr-service-e002" || !op.Idempotent) {
				t.Errorf("%s/%s: %+v", name, operation, op)
			}
			if strings.HasPrefix(name, "anpr-massivo") && op.Idempotent != (op.Method != "POST") {
				t.Errorf("%s/%s: a request that is handed over twice is two requests", name, operation)
			}
		}
	}
	if len(mock.Catalogue()) != len(want) {
		t.Errorf("the simulated ANPR has %d e-services", len(mock.Catalogue()))
	}
}

// TestCodesHaveDescriptions: by the tables of ANPR, also where one code means different
// things.
func TestCodesHaveDescriptions(t *testing.T) {
	for name, c := range map[string]struct{ service, operation, block, path, want string }{
		"address":           {"anpr-c020", "residenza", `"residenza":[{"tipoIndirizzo":"7"}],"identificativi":` + ids, "residenza/descrizioneTipoIndirizzo", "Ultima residenza italiana"},
		"unknown code":      {"anpr-c020", "residenza", `"residenza":[{"tipoIndirizzo":"77"}],"identificativi":` + ids, "residenza/descrizioneTipoIndirizzo", "(nothing)"},
		"ANPR's own words":  {"anpr-c020", "residenza", `"residenza":[{"tipoIndirizzo":"7","descrizioneTipoIndirizzo":"X"}],"identificativi":` + ids, "residenza/descrizioneTipoIndirizzo", "X"},
		"in a family":       {"anpr-c021", "stato-famiglia", `"legameSoggetto":{"tipoLegame":"3","codiceLegame":"2"},"identificativi":` + ids, "componenti/0/legameSoggetto/descrizioneCodiceLegame", "Marito/Moglie"},
		"in a convivenza":   {"anpr-c021", "stato-famiglia", `"legameSoggetto":{"tipoLegame":"4","codiceLegame":"2"},"identificativi":` + ids, "componenti/0/legameSoggetto/descrizioneCodiceLegame", "Membro della convivenza"},
		"no kind of family": {"anpr-c021", "stato-famiglia", `"legameSoggetto":{"codiceLegame":"28"},"identificativi":` + ids, "componenti/0/legameSoggetto/descrizioneCodiceLegame", "Unito/a civilmente"},
	} {
		out, err := open(t, adaptertest.Play(subjects(`"generalita":`+who+`,`+c.block))).ask(c.service, c.operation, `{"idANPR":"`+idANPR+`"}`)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := at(t, decoded(t, out), c.path); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestWhoseAnswerIsIt holds the three ways an answer is tied to its question.
func TestWhoseAnswerIsIt(t *testing.T) {
	strange := strings.ReplaceAll(who, code, "CNTGLI88L65G999B")
	for name, c := range map[string]struct {
		service, operation, richiesta, body string
		delivered                           bool
	}{
		"household without the person":   {"anpr-c021", "stato-famiglia", `{"idANPR":"QX48213ZB"}`, `"generalita":` + strange + `,"identificativi":{"idANPR":"LD70318PA"}`, false},
		"household without ids":          {"anpr-c021", "stato-famiglia", `{"idANPR":"QX48213ZB"}`, `"generalita":` + who, false},
		"citizenship has no id to check": {"anpr-c018", "cittadinanza", `{"idANPR":"QX48213ZB"}`, `"generalita":` + who, true},
		"but a wrong one is refused":     {"anpr-c018", "cittadinanza", `{"idANPR":"QX48213ZB"}`, `"generalita":` + who + `,"identificativi":{"idANPR":"LD70318PA"}`, false},
		"and generalita must be there":   {"anpr-c018", "cittadinanza", `{"idANPR":"QX48213ZB"}`, `"cittadinanza":[]`, false},
		"life names nobody":              {"anpr-c019", "esistenza-in-vita", `{"idANPR":"QX48213ZB"}`, `"infoSoggettoEnte":` + lives, true},
		"unless it does":                 {"anpr-c019", "esistenza-in-vita", `{"idANPR":"QX48213ZB"}`, `"infoSoggettoEnte":` + lives + `,"identificativi":{"idANPR":"LD70318PA"}`, false},
		"a verifica about another":       {"anpr-c007", "verifica", `{"idANPR":"QX48213ZB"}`, `"infoSoggettoEnte":` + lives + `,"identificativi":{"idANPR":"LD70318PA"}`, false},
	} {
		out, err := open(t, adaptertest.Play(subjects(c.body))).ask(c.service, c.operation, c.richiesta)
		if c.delivered != (err == nil) || err != nil && out.Dati != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil {
			_ = faultOf(t, err, registry.ErrBadReply)
		}
	}
}

// TestOutcomeOfAVerifica: a mismatch decides, then what cannot be told.
func TestOutcomeOfAVerifica(t *testing.T) {
	fact := func(value string) string { return `{"id":"2003","chiave":"Verifica","valore":"` + value + `"}` }
	for facts, want := range map[string]string{
		fact("S"):                                              "conforme",
		fact("S") + "," + fact("S"):                            "conforme",
		fact("S") + "," + fact("A"):                            "non-determinabile",
		fact("N") + "," + fact("A"):                            "non-conforme",
		fact("A") + "," + fact("N"):                            "non-conforme",
		fact("S") + `,{"id":"1015","valoreData":"2026-02-17"}`: "conforme",
		fact("X"): "",
		`{"id":"1015","valoreData":"2026-02-17"}`: "",
		``: "",
	} {
		out, err := open(t, adaptertest.Play(subjects(`"infoSoggettoEnte":[`+facts+`]`))).ask("anpr-c010", "verifica", `{"idANPR":"QX48213ZB"}`)
		if want == "" {
			_ = faultOf(t, err, registry.ErrBadReply)
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", facts, err)
			continue
		}
		if got := at(t, decoded(t, out), "esito"); got != want || (want == "non-determinabile") != (len(notesOn(out, "esito")) == 1) {
			t.Errorf("%s: %s, want %s; notes %v", facts, got, want, out.Notes)
		}
	}
}

func TestDeclarationsAreNeeded(t *testing.T) {
	for name, c := range map[string][2]string{
		"nothing declared": {"anpr-c003", `{"idANPR":"QX48213ZB"}`},
		"null":             {"anpr-c003", `{"idANPR":"QX48213ZB","generalita":null}`},
		"of another kind":  {"anpr-c003", `{"idANPR":"QX48213ZB","residenza":{}}`},
		"none wanted":      {"anpr-c007", `{"idANPR":"QX48213ZB","generalita":{"cognome":"X"}}`},
		"no key":           {"anpr-c003", `{"generalita":{"cognome":"X"}}`},
		"C031 by idANPR":   {"anpr-c031", `{"identificativi":{"idANPR":"QX48213ZB"}}`},
		"no object":        {"anpr-c003", `null`},
	} {
		_, err := open(t, never(t)).ask(c[0], "verifica", c[1])
		if f := faultOf(t, err, registry.ErrInvalid); f.Text.IT == "" {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

func TestNewRefusesOperationsItCannotCarryOut(t *testing.T) {
	for name, op := range map[string]registry.RecipeOperation{
		"mode of another case of use":       {CasoUso: "C020", Mode: registry.ModeCompare, Needs: []string{"anpr-c030"}},
		"unknown mode":                      {CasoUso: "C020", Mode: "altro"},
		"unknown field":                     {CasoUso: "C020", Fields: []string{"reddito"}, Needs: []string{"anpr-c030"}},
		"field of a verifica":               {CasoUso: "C003", Mode: registry.ModeCompare, Verifica: []string{"generalita"}, Fields: []string{"generalita"}, Needs: []string{"anpr-c030"}},
		"verifica without C030":             {CasoUso: "C003", Mode: registry.ModeCompare, Verifica: []string{"generalita"}},
		"massive case without rows":         {CasoUso: "C001", Mode: registry.ModeMassive},
		"result without a place for the id": {CasoUso: "C020", Mode: registry.ModeMassiveResult, Path: "/x"},
	} {
		r := recipes(t)
		r["anpr-c099"] = &registry.Recipe{Name: "anpr-c099", Adapter: anpr.Name, Operations: map[string]registry.RecipeOperation{"x": op}}
		if a, err := anpr.New(registry.Deps{Recipes: r, Clock: now}); err == nil {
			t.Errorf("%s: accepted %v", name, a.Services())
		}
	}
}
