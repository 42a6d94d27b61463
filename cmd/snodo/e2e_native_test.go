// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/folder"
	"github.com/snodo-pa/snodo/mocks/ambiente"
	"github.com/snodo-pa/snodo/mocks/faults"
)

const (
	marco   = "BNCMRC85C12D612V"
	oldPath = "/govway/rest/out/BorgoFiorito/AgID/INAD/v1"
)

// withNativeCalls lets INAD through whole, one call of AdE, and INAD again under a recipe that has no operations.
func withNativeCalls(t testing.TB, dir string) {
	t.Helper()
	ente := filepath.Join("enti", ambiente.BorgoFiorito().CodiceIPA)
	read := func(name string) string {
		data, err := os.ReadFile(filepath.Join(dir, ente, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	consumes, procedimento := read("consumes.yaml"), read("procedimenti/prova-registri.yaml")
	url := regexp.MustCompile(`(?s)recipe: inad-consultazione.*?url: (\S+)`).FindStringSubmatch(consumes)
	purpose := regexp.MustCompile(`inad-consultazione: (\S+)`).FindStringSubmatch(procedimento)
	if url == nil || purpose == nil {
		t.Fatal("the folder does not bind INAD")
	}
	consumes = strings.Replace(consumes, "- recipe: inad-consultazione\n", "- recipe: inad-consultazione\n  passante: {compat: govway, percorso: "+
		oldPath+", procedimento: prova-registri, praticaDa: X-Numero-Pratica}\n", 1)
	consumes += "\n- {recipe: inad-nativa, environment: locale, client: servizi, titolo: proprio, url: " + url[1] + "}\n"
	procedimento = strings.Replace(procedimento, "operazioni:\n", "operazioni:\n  - {servizio: inad-consultazione, passante: true}\n"+
		"  - {servizio: ade-vcf1, passante: true, chiamate: [POST /verifica]}\n", 1)
	writeFile(t, filepath.Join(dir, ente, "consumes.yaml"), consumes)
	writeFile(t, filepath.Join(dir, ente, "procedimenti/prova-registri.yaml"), procedimento)
	writeFile(t, filepath.Join(dir, ente, "procedimenti/nativo.yaml"), `nome: nativo
titolo: Domicili digitali
norma: CAD art. 6-quater
baseGiuridica: art43
ufficio: servizi-scolastici
responsabile: Elena Fontana
applicazioni: [sportello]
operazioni: [{servizio: inad-nativa, passante: true}]
purposes: {inad-nativa: `+purpose[1]+`}
conservazioneGiorni: 30
`)
	if err := os.MkdirAll(filepath.Join(dir, "recipes", "consumes"), 0o700); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "recipes", "consumes", "inad-nativa.yaml"), `name: inad-nativa
title: {it: INAD, en: INAD}
registry: INAD - AgID
adapter: declarative
environments:
  locale: {url: "https://api.inad.locale.invalid/x", audience: in-voucher, eserviceId: a0000000-0000-4000-8000-000000000061, producerId: a0000000-0000-4000-8000-000000000004}
`)
	appendRecipesDir(t, dir)
}

// native makes one call over TCP, as any client would.
func (s *site) native(t testing.TB, method, path, body string, headers ...string) (int, http.Header, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, "http://"+s.applicazioni+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.key[ambiente.BorgoFiorito().CodiceIPA])
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(text)
}

// context of a native call; the pratica is not ASCII.
func nativeContext(more ...string) []string {
	return append([]string{
		"Snodo-Procedimento", folder.ProcedimentoRegistri, "Snodo-Pratica", "PRT-2026-%C3%A0", "Snodo-Operatore", folder.Operatore,
		"Snodo-Postazione", folder.Postazione, "Snodo-LoA", folder.LoA,
	}, more...)
}

const fruizioni = "/v1/fruizioni/"

func TestNativeCallsOverTheWholeHub(t *testing.T) {
	s := newSite(t, withNativeCalls)
	codice := ambiente.BorgoFiorito().CodiceIPA
	inad := fruizioni + codice + "/inad-consultazione"

	status, header, body := s.native(t, "GET", inad+"/extract/"+marco+"?practicalReference=PRT-1", "", nativeContext()...)
	if status != 200 || !strings.Contains(body, `"digitalAddress"`) || header.Get("Snodo-Scambio") == "" || header.Get("Snodo-Ambiente") != "locale" {
		t.Fatalf("%d %v %s", status, header, body)
	}
	list := s.evidence(t, codice)
	last := list[len(list)-1]
	if last.Scambio != header.Get("Snodo-Scambio") || last.Operazione != "passante GET" || last.Stato != 200 || len(last.Voucher) != 1 {
		t.Errorf("evidence %+v", last)
	}
	if log := s.logs.String(); strings.Contains(log, marco) || !strings.Contains(log, "/v1/fruizioni/:ente/:servizio/*percorso") {
		t.Error("the log holds the path, or lacks its template")
	}
	if code, out, diagnostics := s.cli(t, marco, "evidence", "list", "--ente", codice, "--soggetto-file", "-", "--output", "json"); code != exitYes || !strings.Contains(out, last.Scambio) {
		t.Errorf("the person does not lead to the exchange: %d %s %s", code, out, diagnostics)
	}

	// An error of the registry is its answer, and evidence.
	status, _, body = s.native(t, "GET", inad+"/extract/RSSNNA76D52H501B?practicalReference=PRT-1", "", nativeContext()...)
	if status != 404 || strings.Contains(body, "hub.") || !strings.Contains(body, "NOT_FOUND") {
		t.Errorf("an absent record: %d %s", status, body)
	}

	// A POST with a body, in a procedimento that lists it alone.
	ade := fruizioni + codice + "/ade-vcf1"
	status, _, body = s.native(t, "POST", ade+"/verifica", `{"codiceFiscale":"`+marco+`"}`, nativeContext("Content-Type", "application/json")...)
	if status != 200 || !strings.Contains(body, "Codice fiscale valido") {
		t.Errorf("AdE: %d %s", status, body)
	}
	if status, _, body = s.native(t, "POST", ade+"/altro", `{}`, nativeContext("Content-Type", "application/json")...); status != 403 || !strings.Contains(body, "native-not-listed") {
		t.Errorf("a call that is not listed: %d %s", status, body)
	}
	if status, _, body = s.native(t, "GET", fruizioni+codice+"/ade-vcf2/verifica", "", nativeContext()...); status != 403 || !strings.Contains(body, "native-not-listed") {
		t.Errorf("a service without passante: %d %s", status, body)
	}

	// A recipe without operations.
	status, _, body = s.native(t, "GET", fruizioni+codice+"/inad-nativa/extract/"+marco+"?practicalReference=PRT-1", "",
		nativeContext("Snodo-Procedimento", "nativo")...)
	if status != 200 || !strings.Contains(body, `"digitalAddress"`) {
		t.Errorf("a recipe without operations: %d %s", status, body)
	}
}

func TestNativeRefusalsOverTheWholeHub(t *testing.T) {
	s := newSite(t, withNativeCalls)
	codice := ambiente.BorgoFiorito().CodiceIPA
	inad := fruizioni + codice + "/inad-consultazione"
	s.PDND.ResetRequests()
	for name, tc := range map[string]struct {
		method, path string
		headers      []string
		status       int
		rule         string
	}{
		"no context":        {"GET", inad + "/extract/x", nil, 400, "hub.request/context-header"},
		"unreadable escape": {"GET", inad + "/extract/x", nativeContext("Snodo-Pratica", "%zz"), 400, "hub.request/context-header"},
		"dot segments":      {"GET", inad + "/a/%2e%2e/b", nativeContext(), 400, "hub.request/native-path"},
		"escaped slash":     {"GET", inad + "/a%2fb", nativeContext(), 400, "hub.request/native-path"},
		"matrix dots":       {"GET", inad + "/..;x/b", nativeContext(), 400, "hub.request/native-path"},
		"double slash":      {"GET", inad + "//evil.example", nativeContext(), 400, "hub.request/native-path"},
		"another ente":      {"GET", fruizioni + ambiente.ValSerena().CodiceIPA + "/inad-consultazione/x", nativeContext(), 403, "hub.authorisation/other-ente"},
		"unknown service":   {"GET", fruizioni + codice + "/altro/x", nativeContext(), 404, "hub.acquisition/unknown-service"},
		"method":            {"OPTIONS", inad + "/x", nativeContext(), 405, "hub.request/method"},
		"trace":             {"TRACE", inad + "/x", nativeContext(), 405, "hub.request/method"},
		"old path, method":  {"OPTIONS", oldPath + "/x", nativeContext(), 405, "hub.request/method"},
		"no such old path":  {"GET", oldPath + "bis/x", nativeContext(), 404, "hub.request/unknown-path"},
	} {
		status, _, body := s.native(t, tc.method, tc.path, "", tc.headers...)
		var p struct{ Rule string }
		if err := json.Unmarshal([]byte(body), &p); err != nil || status != tc.status || p.Rule != tc.rule {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	if status, _, _ := s.native(t, "POST", inad+"/x", strings.Repeat("x", 2<<20), nativeContext("Content-Type", "text/plain")...); status != 413 {
		t.Errorf("a body beyond the limit: %d", status)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.applicazioni+oldPath+"/x", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 401 {
		t.Errorf("without a key: %d", resp.StatusCode)
	}
	for _, asked := range posts(s.PDND.Requests()) { // the API client asks by itself, for the events
		if strings.Contains(string(asked.RequestBody), "client_id="+ambiente.BorgoFiorito().ConsumerClientID) {
			t.Error("a voucher was asked")
		}
	}
}

// TestProgramsOfGovWayGoOn: the old path, the headers and the parameters of GovWay, and the header in which the program
// writes the pratica.
func TestProgramsOfGovWayGoOn(t *testing.T) {
	s := newSite(t, withNativeCalls)
	codice := ambiente.BorgoFiorito().CodiceIPA
	for name, tc := range map[string]struct {
		path    string
		headers []string
	}{
		"headers": {oldPath + "/extract/" + marco + "?practicalReference=P1", []string{
			"GovWay-Audit-User", folder.Operatore, "GovWay-Audit-UserLocation", folder.Postazione, "GovWay-Audit-LoA", folder.LoA, "X-Numero-Pratica", "P1",
		}},
		"parameters": {
			oldPath + "/extract/" + marco + "?govway_audit_user=" + folder.Operatore + "&practicalReference=P1&govway_audit_user_location=" +
				folder.Postazione + "&govway_audit_loa=" + folder.LoA,
			[]string{"X-Numero-Pratica", "P1"},
		},
		"new path": {fruizioni + codice + "/inad-consultazione/extract/" + marco + "?practicalReference=P1", []string{
			"GovWay-Audit-User", folder.Operatore, "GovWay-Audit-UserLocation", folder.Postazione, "X-Numero-Pratica", "P1",
		}},
	} {
		status, header, body := s.native(t, "GET", tc.path, "", tc.headers...)
		if status != 200 || !strings.Contains(body, `"digitalAddress"`) || header.Get("Snodo-Scambio") == "" {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	list := s.evidence(t, codice)
	side := list[len(list)-1].Riservati
	if side == nil || side.Pratica != "P1" || side.Operatore.UserID != folder.Operatore || side.Procedimento != folder.ProcedimentoRegistri || side.URI != "/extract/"+marco {
		t.Errorf("evidence %+v", side)
	}
	status, _, body := s.native(t, "GET", oldPath+"/extract/"+marco, "", "GovWay-Audit-User", folder.Operatore, "GovWay-Audit-UserLocation", folder.Postazione)
	if status != 400 || !strings.Contains(body, "Snodo-Pratica") {
		t.Errorf("without a pratica: %d %s", status, body)
	}
	status, _, body = s.native(t, "GET", fruizioni+codice+"/inad-nativa/extract/"+marco, "", "GovWay-Audit-User", folder.Operatore,
		"GovWay-Audit-UserLocation", folder.Postazione, "Snodo-Pratica", "P1", "Snodo-Procedimento", "nativo")
	if status != 400 || !strings.Contains(body, "context-header") {
		t.Errorf("GovWay's headers where the binding does not say so: %d %s", status, body)
	}
}

// TestNativeCallsHaveGuardAndFaults: what is no answer of the registry is a problem document.
func TestNativeCallsHaveGuardAndFaults(t *testing.T) {
	s := newSite(t, withNativeCalls)
	path := fruizioni + ambiente.BorgoFiorito().CodiceIPA + "/inad-consultazione/extract/" + marco + "?practicalReference=P1"
	for _, tc := range []struct {
		fault  faults.Fault
		status int
		rule   string
	}{
		{faults.Fault{Kind: faults.Cut}, 502, "hub.registry/"},
		{faults.Fault{Kind: faults.Status, Status: 503, RetryAfter: "7"}, 503, ""},
	} {
		if err := s.Registries.SetFaults(tc.fault); err != nil {
			t.Fatal(err)
		}
		status, header, body := s.native(t, "GET", path, "", nativeContext()...)
		if tc.rule == "" && (status != tc.status || header.Get("Retry-After") != "7" || strings.Contains(body, "hub.")) {
			t.Errorf("%v: %d %v %s", tc.fault, status, header, body)
		}
		if tc.rule != "" && (status < 500 || !strings.Contains(body, tc.rule)) {
			t.Errorf("%v: %d %s", tc.fault, status, body)
		}
	}
	if err := s.Registries.SetFaults(faults.Fault{Kind: faults.Status, Status: 503}); err != nil {
		t.Fatal(err)
	}
	for range 12 {
		s.native(t, "GET", path, "", nativeContext()...)
	}
	status, _, body := s.native(t, "GET", path, "", nativeContext()...)
	if status != 503 || !strings.Contains(body, "hub.registry/unavailable") {
		t.Errorf("a registry out of order does not open the guard: %d %s", status, body)
	}
}

// TestVerificaOverTheWholeHub compares an address: by ANPR's own service where it can, by the hub otherwise.
func TestVerificaOverTheWholeHub(t *testing.T) {
	s := newSite(t)
	e := ambiente.BorgoFiorito()
	ask := func(dichiarato string) (int, string) {
		t.Helper()
		body := `{"contesto":{"ente":"` + e.CodiceIPA + `","procedimento":"` + folder.ProcedimentoRegistri + `","pratica":"P-1","operatore":{"tipo":"persona","userID":"` +
			folder.Operatore + `","postazione":"` + folder.Postazione + `","loa":"` + folder.LoA + `"}},"richiesta":{"codiceFiscale":"` + marco + `"},"dichiarato":` + dichiarato + `}`
		status, _, answer := s.native(t, "POST", "/v1/verifiche/anpr-c029/dati-anagrafici", body, "Content-Type", "application/json")
		return status, answer
	}
	for dichiarato, want := range map[string][]string{
		`{"residenza":{"indirizzo":{"comune":{"nomeComune":"EMPOLI"}}}}`:                                    {`"esito":"conforme","confronto":"registro"`, `"servizio":"anpr-c008"`},
		`{"residenza":{"indirizzo":{"comune":{"nomeComune":"ROMA"}}}}`:                                      {`"esito":"non-conforme","confronto":"registro"`},
		`{"residenza":{"indirizzo":{"comune":{"nomeComune":"Empoli"}}},"generalita":{"cognome":"bianchi"}}`: {`"esito":"conforme","confronto":"nodo"`, `"servizio":"anpr-c029"`, `{"campo":"generalita/cognome","esito":"conforme"}`},
		`{"generalita":{"cognome":"Verdi","soprannome":"x"},"aire":false}`:                                  {`"confronto":"nodo"`, `{"campo":"generalita/cognome","esito":"non-conforme"}`, `{"campo":"generalita/soprannome","esito":"non-determinabile"}`},
	} {
		status, answer := ask(dichiarato)
		for _, part := range want {
			if status != 200 || !strings.Contains(answer, part) {
				t.Errorf("%s: %d %s, want %s", dichiarato, status, answer, part)
			}
		}
		if strings.Contains(strings.ToUpper(answer), "EMPOLI") || strings.Contains(strings.ToUpper(answer), "BIANCHI") {
			t.Errorf("%s: the answer holds data: %s", dichiarato, answer)
		}
	}
	if status, answer := ask(`{"stipendio":1}`); status != 403 || !strings.Contains(answer, "field-not-listed") {
		t.Errorf("a field the procedimento may not see: %d %s", status, answer)
	}
}
