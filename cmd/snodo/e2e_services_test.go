// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/folder"
	"github.com/snodo-pa/snodo/mocks/ambiente"
	"github.com/snodo-pa/snodo/mocks/anpr"
	"github.com/snodo-pa/snodo/registry"
)

// serviceQuestion is one question to one operation, and a part of dati.
type serviceQuestion struct{ service, operation, richiesta, want string }

func (q serviceQuestion) name() string { return q.service + "/" + q.operation }

// procedimento is the one of the folder that may ask it, with a pratica of its form.
func (q serviceQuestion) procedimento() (name, pratica string) {
	if q.service == "anpr-c020" || q.service == "anpr-c030" {
		return folder.Procedimento, folder.Pratica
	}
	return folder.ProcedimentoRegistri, "PRT-2026-0000042"
}

// everyService asks each operation of each recipe that answers at once; what each answers in full is tested with its
// adapter.
func everyService() []serviceQuestion {
	const marco = `{"codiceFiscale":"BNCMRC85C12D612V"`
	return []serviceQuestion{
		{"ade-vcf1", "verifica", marco + `}`, `"esito":"valido"`},
		{"ade-vcf2", "verifica", `{"codiceFiscale":"FRRLCU41A08G713F"}`, `"esito":"valido-sostituito"`},
		{"inad-consultazione", "domicilio", marco + `}`, `avv.bianchi@pec.example`},
		{"inad-consultazione", "verifica", marco + `,"domicilio":"vecchia@pec.example","data":"2023-12-31"}`, `"esito":"corrisponde"`},
		{"anpr-c001", "notifica", marco + `}`, `"esistenzaInVita":{"stato":"vivo"}`},
		{"anpr-c002", "comunicazione", marco + `}`, `"nomeComune":"EMPOLI"`},
		{"anpr-c003", "verifica", marco + `,"generalita":{"cognome":"BIANCHI"}}`, `"esito":"conforme"`},
		{"anpr-c004", "verifica", marco + `,"datiDecesso":{"dataEvento":"2020-01-01"}}`, `"esito":"non-conforme"`},
		{"anpr-c005", "verifica", marco + `,"matrimonio":{"coniuge":{"cognome":"CONTI"}}}`, `"esito":"conforme"`},
		{"anpr-c006", "verifica", marco + `,"cittadinanza":{"codiceStato":"100"}}`, `"esito":"conforme"`},
		{"anpr-c007", "verifica", marco + `}`, `"esito":"conforme"`},
		{"anpr-c008", "verifica", marco + `,"residenza":{"indirizzo":{"comune":{"nomeComune":"EMPOLI"}}}}`, `"esito":"conforme"`},
		{"anpr-c009", "verifica", marco + `,"listaSoggetti":{"datiSoggetto":[{"generalita":{"nome":"MARCO"}}]}}`, `"esito":"non-conforme"`},
		{"anpr-c010", "verifica", marco + `}`, `"esito":"non-conforme"`},
		{"anpr-c011", "verifica", marco + `,"vedovanza":{"datiMorteconiuge":{"dataEvento":"2020-01-01"}}}`, `"esito":"non-conforme"`},
		{"anpr-c012", "verifica", marco + `,"paternita":{"generalita":{"cognome":"BIANCHI"}}}`, `"esito":"non-conforme"`},
		{"anpr-c013", "verifica", marco + `,"maternita":{"generalita":{"cognome":"BIANCHI"}}}`, `"esito":"non-conforme"`},
		{"anpr-c014", "verifica", marco + `,"unioneCivile":{"unitoCivilmente":{"cognome":"BIANCHI"}}}`, `"esito":"non-conforme"`},
		{"anpr-c015", "generalita", marco + `}`, `"cognome":"BIANCHI"`},
		{"anpr-c016", "decesso", marco + `}`, `"datiDecesso":null`},
		{"anpr-c017", "matrimonio", marco + `}`, `"cognome":"CONTI"`},
		{"anpr-c018", "cittadinanza", marco + `}`, `"codiceStato":"100"`},
		{"anpr-c019", "esistenza-in-vita", marco + `}`, `"stato":"vivo"`},
		{"anpr-c020", "residenza", marco + `}`, `"nomeComune":"EMPOLI"`},
		{"anpr-c021", "stato-famiglia", marco + `}`, `"nome":"TOMMASO"`},
		{"anpr-c022", "stato-libero", marco + `}`, `"descrizioneStatoCivile":"Coniugato/a"`},
		{"anpr-c023", "vedovanza", marco + `}`, `"vedovanza":null`},
		{"anpr-c024", "paternita", marco + `}`, `"paternita":null`},
		{"anpr-c025", "maternita", marco + `}`, `"maternita":null`},
		{"anpr-c026", "unione-civile", marco + `}`, `"unioneCivile":null`},
		{"anpr-c029", "dati-anagrafici", marco + `}`, `"statoCivile":"2"`},
		{"anpr-c030", "id-anpr", marco + `}`, `"idANPR":"QX48213ZB"`},
		{"anpr-c031", "verifica", marco + `,"identificativi":{"idANPR":"QX48213ZB"}}`, `"esito":"conforme"`},
	}
}

// TestEveryServiceByCallAndByCurl asks every operation of every recipe of the project through the whole hub (recipe,
// procedimento, voucher, signatures, evidence), with snodo call and with curl.
func TestEveryServiceByCallAndByCurl(t *testing.T) {
	s := newSite(t)
	asked := map[string]bool{}
	for _, q := range everyService() {
		asked[q.name()] = true
		if got := s.byCall(t, q); !strings.Contains(got, q.want) {
			t.Errorf("snodo call %s: %s, want %s", q.name(), got, q.want)
		}
		if got := s.byCurl(t, q); !strings.Contains(got, q.want) {
			t.Errorf("curl %s: %s, want %s", q.name(), got, q.want)
		}
	}
	for service, rows := range map[string]string{
		"anpr-massivo-030": `"codiciFiscali":["BNCMRC85C12D612V","` + anpr.Unknown + `"]`,
		"anpr-massivo-019": `"idANPR":["QX48213ZB"]`,
		"anpr-massivo-020": `"idANPR":["QX48213ZB"]`,
	} {
		s.massive(t, service, rows, asked)
	}
	s.list(t, asked)
	consumes, _, err := registry.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for name, recipe := range consumes {
		for operation := range recipe.Operations {
			if !asked[name+"/"+operation] {
				t.Errorf("nobody asks %s/%s", name, operation)
			}
		}
	}
}

// massive hands rows over, asks for the result before it is there and has the request forgotten: by one way, then by the
// other.
func (s *site) massive(t *testing.T, service, rows string, asked map[string]bool) {
	t.Helper()
	for _, way := range []func(*testing.T, serviceQuestion) string{s.byCall, s.byCurl} {
		taken := way(t, serviceQuestion{service, "richiesta", `{` + rows + `}`, ""})
		var made struct{ IDOperazioneANPR, Stato string }
		if err := json.Unmarshal([]byte(taken), &made); err != nil || made.Stato != "in coda" {
			t.Fatalf("%s: handing over gave %s (%v)", service, taken, err)
		}
		again := append(registryCall(service, "richiesta"), "--richiesta", "-")
		if code, out, _ := s.cli(t, `{`+rows+`}`, again...); code != exitUndecided || !strings.Contains(out, "hub.registry/throttled") {
			t.Errorf("%s: a second request: %d %s", service, code, out)
		}
		id := `{"idOperazioneANPR":"` + made.IDOperazioneANPR + `"`
		early := append(registryCall(service, "risultato"), "--richiesta", "-")
		if code, out, _ := s.cli(t, id+`,`+rows+`}`, early...); code != exitUndecided || !strings.Contains(out, "hub.registry/not-ready") {
			t.Errorf("%s: a result before its time: %d %s", service, code, out)
		}
		if got := way(t, serviceQuestion{service, "cancellazione", id + `}`, ""}); !strings.Contains(got, `"cancellata":true`) {
			t.Errorf("%s: forgetting gave %s", service, got)
		}
	}
	for _, operation := range []string{"richiesta", "risultato", "cancellazione"} {
		asked[service+"/"+operation] = true
	}
}

// list sends a list to INAD and fetches it.
func (s *site) list(t *testing.T, asked map[string]bool) {
	t.Helper()
	const inad = "inad-consultazione"
	for _, way := range []func(*testing.T, serviceQuestion) string{s.byCall, s.byCurl} {
		taken := way(t, serviceQuestion{inad, "elenco-richiesta", `{"codiciFiscali":["CNTGLI88L65G999B"]}`, ""})
		var made struct{ ID string }
		if err := json.Unmarshal([]byte(taken), &made); err != nil || made.ID == "" {
			t.Fatalf("sending a list gave %s (%v)", taken, err)
		}
		if got := way(t, serviceQuestion{inad, "elenco", `{"id":"` + made.ID + `"}`, ""}); !strings.Contains(got, "giulia.conti@pec.example") {
			t.Errorf("the list is %s", got)
		}
	}
	asked[inad+"/elenco-richiesta"], asked[inad+"/elenco"] = true, true
}

func (s *site) byCall(t *testing.T, q serviceQuestion) string {
	t.Helper()
	name, pratica := q.procedimento() // of a flag given twice the last counts
	args := append(registryCall(q.service, q.operation), "--richiesta", "-", "--procedimento", name, "--pratica", pratica)
	return s.answer(t, q.richiesta, args)
}

// byCurl asks as an application would, and gives dati. Without curl on the machine, which scripts/test.sh says, nothing
// is asked twice.
func (s *site) byCurl(t *testing.T, q serviceQuestion) string {
	t.Helper()
	curl, err := exec.LookPath("curl")
	if err != nil {
		return s.byCall(t, q)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	codice := ambiente.BorgoFiorito().CodiceIPA
	cmd := exec.CommandContext(ctx, curl, "--silent", "--show-error", "--fail-with-body", "--config", "-",
		"http://"+s.applicazioni+"/v1/acquisizioni/"+q.service+"/"+q.operation)
	name, pratica := q.procedimento()
	body, err := json.Marshal(map[string]any{
		"contesto": map[string]any{
			"ente": codice, "procedimento": name, "pratica": pratica,
			"operatore": map[string]string{"tipo": "persona", "userID": folder.Operatore, "postazione": folder.Postazione, "loa": folder.LoA},
		},
		"richiesta": json.RawMessage(q.richiesta),
	})
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdin = strings.NewReader(fmt.Sprintf("header = \"Authorization: Bearer %s\"\nheader = \"Content-Type: application/json\"\ndata = %q\n", s.key[codice], body))
	out, err := cmd.Output()
	var answer struct {
		Dati  json.RawMessage
		Firma string
	}
	if err != nil || json.Unmarshal(out, &answer) != nil || strings.Count(answer.Firma, ".") != 2 {
		t.Fatalf("curl %s: %v %s", q.name(), err, out)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, answer.Dati); err != nil {
		t.Fatal(err)
	}
	return compact.String()
}

// TestCallComparesAndShowsWarnings: snodo call as a verifica, with its options and with a file.
func TestCallComparesAndShowsWarnings(t *testing.T) {
	s := newSite(t, withNativeCalls)
	// Identity and residence together: no service of the registry compares both, so the hub does.
	verifica := append(registryCall("anpr-c020", "residenza", "codiceFiscale="+marco), "--procedimento", folder.Procedimento, "--pratica", folder.Pratica)
	got := s.answer(t, "", append(slices.Clone(verifica), "--dichiarato", "generalita/cognome=Bianchi", "--dichiarato", "generalita/nome=Luca",
		"--dichiarato", "residenza/indirizzo/comune/nomeComune=Empoli"))
	if !strings.Contains(got, `{"campo":"generalita/cognome","esito":"conforme"}`) || !strings.Contains(got, `{"campo":"generalita/nome","esito":"non-conforme"}`) ||
		strings.Contains(got, "MARCO") {
		t.Errorf("verdicts are %s", got)
	}
	if again := s.answer(t, `{"generalita":{"cognome":"Bianchi","nome":"Luca"},"residenza":{"indirizzo":{"comune":{"nomeComune":"Empoli"}}}}`, append(slices.Clone(verifica), "--dichiarato-file", "-")); again != got {
		t.Errorf("from a file: %s", again)
	}
	// A warning of the registry reaches the operator, as text and as JSON.
	warned := registryCall("ade-vcf2", "verifica", "codiceFiscale=FRRLCU41A08G713F")
	for _, output := range []string{"text", "json"} {
		code, out, diagnostics := s.cli(t, "", append(slices.Clone(warned), "--output", output)...)
		if code != exitYes || !strings.Contains(out, "aggiornato") {
			t.Errorf("%s: %d %s %s", output, code, out, diagnostics)
		}
	}
	native := registryCall("inad-consultazione", "/extract/"+marco+"?practicalReference=P1")
	code, out, diagnostics := s.cli(t, "", append(native, "--nativa")...)
	if code != exitYes || !strings.Contains(out, `"digitalAddress"`) || !strings.Contains(out, `"scambio"`) {
		t.Errorf("a native call: %d %s %s", code, out, diagnostics)
	}
	for path, want := range map[string]int{"/extract/RSSNNA76D52H501B?practicalReference=P1": exitNo, "/a/%2e%2e/b": exitNo} {
		if code, out, diagnostics := s.cli(t, "", append(registryCall("inad-consultazione", path), "--nativa")...); code != want {
			t.Errorf("%s: %d %s %s", path, code, out, diagnostics)
		}
	}
	code, out, _ = s.cli(t, `{"codiceFiscale":"`+marco+`"}`, append(registryCall("ade-vcf1", "/verifica"), "--nativa", "--richiesta", "-")...)
	if code != exitYes || !strings.Contains(out, "Codice fiscale valido") {
		t.Errorf("a native POST: %d %s", code, out)
	}
}
