// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"database/sql"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/backend"
	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/httpapi"
	"github.com/snodo-pa/snodo/internal/kpi"
	"github.com/snodo-pa/snodo/mocks/ambiente"
	"github.com/snodo-pa/snodo/mocks/fruitore"
)

// istanzeView answers stato-istanza from a table, in which a consumer sees its own rows alone.
const istanzeView = `source: {kind: sqlite, path: dati/istanze.db}
operations:
  search_istanza:
    query: SELECT numero, stato, aggiornata FROM istanze WHERE numero = :numero AND fruitore = :fruitore
    params: {numero: body.istanza, fruitore: caller.consumer}
    members: {istanza: numero, stato: stato, aggiornata_il: aggiornata}
  show_istanza:
    query: SELECT numero, stato, aggiornata FROM istanze WHERE numero = :numero AND fruitore = :fruitore
    params: {numero: path.id, fruitore: caller.consumer}
    members: {istanza: numero, stato: stato, aggiornata_il: aggiornata}
`

// withView lets the e-service of Borgo Fiorito be answered by a view instead of its procedure.
func withView(view string) func(t testing.TB, dir string) {
	return func(t testing.TB, dir string) {
		t.Helper()
		ente := filepath.Join(dir, "enti", ambiente.BorgoFiorito().CodiceIPA)
		file := filepath.Join(ente, "exposes.yaml")
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		before, rest, ok := strings.Cut(string(text), "    url: ")
		_, after, _ := strings.Cut(rest, "\n")
		if !ok {
			t.Fatalf("no back end in %s", text)
		}
		for name, data := range map[string]string{file: before + "    view: istanze.vista.yaml\n" + after, filepath.Join(ente, "istanze.vista.yaml"): view} {
			if err := os.WriteFile(name, []byte(data), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.MkdirAll(filepath.Join(dir, "dati"), 0o700); err != nil {
			t.Fatal(err)
		}
		db, err := sql.Open("sqlite", filepath.Join(dir, "dati", "istanze.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		for _, statement := range []string{
			"CREATE TABLE istanze (numero TEXT PRIMARY KEY, stato TEXT, aggiornata TEXT, fruitore TEXT)",
			"INSERT INTO istanze VALUES ('PRT-2026-0000123', 'accolta', '2026-10-12T09:41:10Z', '" + ambiente.UnioneTenantID + "')",
			"INSERT INTO istanze VALUES ('PRT-2026-0000124', 'accolta', '2026-10-12T09:41:10Z', 'un altro')",
			"INSERT INTO istanze VALUES ('PRT-2026-0000125', 'sparita', '2026-10-12T09:41:10Z', '" + ambiente.UnioneTenantID + "')",
		} {
			if _, err := db.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestAnEserviceIsAnsweredByAViewAndItsCallersAreRuled over TCP: signed answers from a table, a consumer suspended and
// readmitted by one command, and what came of it all in the figures.
func TestAnEserviceIsAnsweredByAViewAndItsCallersAreRuled(t *testing.T) {
	s := newSite(t, withView(istanzeView))
	e := ambiente.BorgoFiorito()
	ask := func(numero string, status int, want string) {
		t.Helper()
		for _, call := range []struct{ method, path, body string }{
			{http.MethodPost, "/ricerche", `{"istanza":"` + numero + `"}`}, {http.MethodGet, "/istanze/" + numero, ""},
		} {
			var body []byte
			if call.body != "" {
				body = []byte(call.body)
			}
			reply, err := s.Unione(e).Do(t.Context(), call.method, s.exposedURL(e)+call.path, body, fruitore.Hooks{})
			if err != nil || reply.Status != status || !strings.Contains(string(reply.Body), want) {
				t.Errorf("%s %s: %v, %+v", call.method, numero, err, reply)
			}
		}
	}
	ask("PRT-2026-0000123", 200, `"stato":"accolta"`)
	ask("PRT-2026-0000124", 404, "Nessun risultato")       // of another consumer
	ask("PRT-2026-0000125", 502, "hub.backend/bad-answer") // a state that the document does not have
	command := func(args ...string) string {
		t.Helper()
		code, out, diagnostics := s.cli(t, "", args...)
		if code != 0 {
			t.Fatalf("%v: %d %s%s", args, code, out, diagnostics)
		}
		return out
	}
	consumer := []string{"--ente", e.CodiceIPA, "--servizio", "stato-istanza", "--fruitore", ambiente.UnioneTenantID}
	command(append([]string{"exposes", "suspend", "--motivo", "prova"}, consumer...)...)
	ask("PRT-2026-0000123", 403, "hub.exposure/caller-suspended")
	s.stop(t)
	s.start(t)
	ask("PRT-2026-0000123", 403, "hub.exposure/caller-suspended")
	if code, _, diagnostics := s.cli(t, "", append([]string{"exposes", "suspend", "--motivo", "prova"}, consumer...)...); code != exitNo || !strings.Contains(diagnostics, "già sospeso") {
		t.Errorf("suspended twice: %d %s", code, diagnostics)
	}
	command(append([]string{"exposes", "resume"}, consumer...)...)
	ask("PRT-2026-0000123", 200, `"stato":"accolta"`)
	if err := s.PDND.SetAgreementState(e.PurposeUnione, "PENDING"); err != nil { // as if it had to be approved anew
		t.Fatal(err)
	}
	var found httpapi.Chiamanti
	if err := json.Unmarshal([]byte(command("exposes", "callers", "--ente", e.CodiceIPA, "--output", "json")), &found); err != nil {
		t.Fatal(err)
	}
	if len(found.Fruitori) != 1 || found.Fruitori[0].Chiamate != 12 || found.Fruitori[0].Rifiutate != 4 || len(found.Sospensioni) != 1 || found.Sospensioni[0].Holds() {
		t.Errorf("%+v", found)
	}
	if w := found.InAttesa; len(w) != 1 || w[0].Fruitore != ambiente.UnioneTenantID || w[0].Denominazione == "" || w[0].Attende != httpapi.WaitsAgreement || found.AttesaIgnota != nil {
		t.Errorf("who waits: %+v, %v", w, found.AttesaIgnota)
	}
	if text := command("exposes", "callers", "--ente", e.CodiceIPA); !strings.Contains(text, ambiente.UnioneNome+", "+ambiente.UnioneTenantID) || !strings.Contains(text, "prova") {
		t.Error(text)
	}
	var report kpi.Report
	if err := json.Unmarshal([]byte(command("kpi", "--output", "json")), &report); err != nil {
		t.Fatal(err)
	}
	if len(report.Servizi) != 1 || report.Servizi[0].Riuscite != 6 || report.Servizi[0].Guaste != 2 || report.Servizi[0].P50 == nil {
		t.Errorf("%+v", report.Servizi)
	}
	for _, table := range kpi.Tables() {
		if text := command("kpi", "--tabella", table, "--csv"); strings.Count(text, "\r\n") < 2 {
			t.Errorf("%s: %s", table, text)
		}
		if text := command("kpi", "--tabella", table, "--ente", e.CodiceIPA); !strings.Contains(text, e.CodiceIPA) {
			t.Errorf("%s: %s", table, text)
		}
	}
}

// suspendsEverywhere suspends and readmits a consumer at one replica: there at once, in the other within seconds.
func suspendsEverywhere(t *testing.T, first, second *site, e ambiente.Ente) {
	t.Helper()
	tell := func(s *site) (int, string) {
		t.Helper()
		return s.resend(t, captured{url: s.exposedURL(e) + "/ricerche", header: s.prepare(t, e)})
	}
	where := []string{"--ente", e.CodiceIPA, "--fruitore", ambiente.UnioneTenantID} // from every e-service
	for _, step := range []struct {
		verb   []string
		status int
	}{{[]string{"suspend", "--motivo", "prova"}, http.StatusForbidden}, {[]string{"resume"}, http.StatusOK}} {
		if code, _, diagnostics := first.cli(t, "", append(append([]string{"exposes"}, step.verb...), where...)...); code != exitYes {
			t.Fatalf("%v: %d %s", step.verb, code, diagnostics)
		}
		if status, rule := tell(first); status != step.status {
			t.Errorf("%s here: %d %s", step.verb[0], status, rule)
		}
		eventually(t, 10*time.Second, step.verb[0]+" in the other replica", func() bool {
			status, _ := tell(second)
			return status == step.status
		})
	}
}

// TestConfigCheckReadsViews as serve does.
func TestConfigCheckReadsViews(t *testing.T) {
	w := newWorld(t, withView(istanzeView))
	s := &site{world: w, app: testApp()}
	file := filepath.Join(w.dir, "enti", ambiente.BorgoFiorito().CodiceIPA, "istanze.vista.yaml")
	if err := os.WriteFile(filepath.Join(w.dir, "dati", "snodo.db"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for edit, want := range map[[2]string]string{
		{"SELECT numero", "DELETE numero"}:                                                          "istanze.vista.yaml:4: query: non comincia con SELECT o WITH",
		{"body.istanza", "body.numero"}:                                                             "istanze.vista.yaml:5: l'operazione non ha body.numero",
		{"dati/istanze.db", "dati/altro.db"}:                                                        "il file dati/altro.db non c'è",
		{"path: dati/istanze.db", "path: dati/snodo.db"}:                                            "che nessuna vista legge",
		{"kind: sqlite, path: dati/istanze.db", "kind: postgresql, dsnFile: enti/c_bf01/ente.yaml"}: "la stringa di connessione non si può leggere",
	} {
		if err := os.WriteFile(file, []byte(strings.Replace(istanzeView, edit[0], edit[1], 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		code, out, diagnostics := s.cli(t, "", "config", "check", "--config", w.dir)
		if (code == 0) != (want == "") || !strings.Contains(out, want) {
			t.Errorf("%v: %d\n%s%s", edit, code, out, diagnostics)
		}
		if want == "" {
			continue
		}
		if _, err := startHub(t.Context(), s.app, mustLoad(t, w.dir), &lockedBuffer{}); err == nil {
			t.Errorf("%v: served", edit)
		}
	}
	if err := os.WriteFile(filepath.Join(w.dir, "chiavi", "vista.dsn"), []byte("postgres://127.0.0.1:1/x?sslmode=disable"), 0o600); err != nil {
		t.Fatal(err)
	}
	for edit, want := range map[[2]string]string{ // what the source alone knows
		{"FROM istanze", "FROM domande"}: "istanze.vista.yaml:4: query: la base dati la rifiuta: no such table: domande",
		{"stato: stato", "stato: fase"}:  "istanze.vista.yaml:6: la colonna fase non c'è: la query dà numero, stato, aggiornata",
		{"kind: sqlite, path: dati/istanze.db", "kind: postgresql, dsnFile: chiavi/vista.dsn"}: "nota: c_bf01, stato-istanza: le query della vista non sono state provate: la base dati della vista non ha risposto",
		{"kind: sqlite, path: dati/istanze.db", "kind: postgresql, dsnEnv: SNODO_ASSENTE"}:     "non sono state provate: vista: la variabile d'ambiente SNODO_ASSENTE è vuota",
	} {
		if err := os.WriteFile(file, []byte(strings.Replace(istanzeView, edit[0], edit[1], 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		code, out, diagnostics := s.cli(t, "", "config", "check", "--config", w.dir)
		if (code == 0) != strings.HasPrefix(want, "no") || !strings.Contains(out, want) {
			t.Errorf("%v: %d\n%s%s", edit, code, out, diagnostics)
		}
	}
}

func TestASkeletonOfAViewIsWritten(t *testing.T) {
	s := &site{world: &world{dir: t.TempDir()}, app: testApp()} // built-in recipes need no configuration
	code, out, diagnostics := s.cli(t, "", "exposes", "view", "--ricetta", "stato-istanza", "--fonte", "csv")
	if code != 0 || !strings.Contains(out, "show_istanza:") || !strings.Contains(out, "id: path.id") {
		t.Errorf("%d %s%s", code, out, diagnostics)
	}
	for _, args := range [][]string{{"--ricetta", "altro"}, {"--ricetta", "stato-istanza", "--fonte", "oracle"}} {
		if code, _, _ := s.cli(t, "", append([]string{"exposes", "view"}, args...)...); code == 0 {
			t.Errorf("%v", args)
		}
	}
}

// TestTheConnectionStringOfAView comes from a file of its owner's alone, or from the environment.
func TestTheConnectionStringOfAView(t *testing.T) {
	dir := t.TempDir()
	for name, mode := range map[string]os.FileMode{"chiuso.dsn": 0o600, "aperto.dsn": 0o644} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("postgres://chi:segreto@127.0.0.1:1/x\n"), mode); err != nil {
			t.Fatal(err)
		}
	}
	c := &config.Config{Dir: dir}
	a := testApp()
	a.getenv = func(name string) string { return map[string]string{"SNODO_VISTA": "postgres://da/ambiente"}[name] }
	for source, want := range map[backend.Source]string{
		{Kind: "postgresql", DSNFile: "chiuso.dsn"}:   "postgres://chi:segreto@127.0.0.1:1/x",
		{Kind: "postgresql", DSNEnv: "SNODO_VISTA"}:   "postgres://da/ambiente",
		{Kind: "postgresql", DSNEnv: "SNODO_ASSENTE"}: "è vuota",
		{Kind: "postgresql", DSNFile: "assente.dsn"}:  "non c'è",
		{Kind: "postgresql", DSNFile: "aperto.dsn"}:   "chmod 600",
		{Kind: "csv", Path: "assente.csv"}:            "non c'è",
		{Kind: "csv", Path: "chiuso.dsn"}:             "",
	} {
		err := viewSource(c, "vista.yaml", source)
		got := ""
		if err == nil {
			got, err = a.viewDSN(c, source)
		}
		if err != nil {
			got = a.say(err)
		}
		if !strings.Contains(got, want) || want == "" && got != "" || err != nil && strings.Contains(got, "segreto") {
			t.Errorf("%+v: %q, want %q", source, got, want)
		}
	}
}
