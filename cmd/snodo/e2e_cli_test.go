// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/httpapi"
	"github.com/snodo-pa/snodo/mocks/ambiente"
	"github.com/snodo-pa/snodo/mocks/anpr"
	"github.com/snodo-pa/snodo/mocks/faults"
)

// cli runs one command against a site and returns its exit code and what it printed.
func (s *site) cli(t *testing.T, in string, args ...string) (code int, out, diagnostics string) {
	t.Helper()
	env := map[string]string{
		"SNODO_CONFIG": s.dir, "SNODO_URL": "http://" + s.applicazioni, "SNODO_CHIAVE": s.key[ambiente.BorgoFiorito().CodiceIPA],
	}
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), args, func(name string) string { return env[name] }, stdio{in: strings.NewReader(in), out: &stdout, err: &stderr})
	return code, stdout.String(), stderr.String()
}

// typed runs one command as cli does, with a person at the terminal who types in.
func (s *site) typed(t *testing.T, in string, args ...string) (code int, out, diagnostics string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), args, func(name string) string { return map[string]string{"SNODO_CONFIG": s.dir}[name] },
		stdio{in: strings.NewReader(in), out: &stdout, err: &stderr, person: true})
	return code, stdout.String(), stderr.String()
}

func callArgs(codiceFiscale string, more ...string) []string {
	r := demoRequest()
	return append([]string{
		"call", r.Service, r.Operation, "--ente", r.Context.Ente, "--procedimento", r.Context.Procedimento,
		"--pratica", r.Context.Pratica, "--operatore", r.Context.Operatore.UserID, "--postazione", r.Context.Operatore.Postazione,
		"--loa", r.Context.Operatore.LoA, "--dato", "codiceFiscale=" + codiceFiscale,
	}, more...)
}

func TestCallCommand(t *testing.T) {
	s := newSite(t)
	t.Run("yes", func(t *testing.T) {
		code, out, diagnostics := s.cli(t, "", callArgs(demoPerson)...)
		if code != exitYes || !strings.Contains(out, "DELLE PROVE") || !strings.Contains(out, "firma della provenienza è valida") {
			t.Errorf("%d %s %s", code, out, diagnostics)
		}
	})
	t.Run("as JSON", func(t *testing.T) {
		code, out, _ := s.cli(t, "", callArgs(demoPerson, "--output", "json")...)
		var result struct {
			Esito           string
			Dati            json.RawMessage
			FirmaVerificata bool
		}
		if err := json.Unmarshal([]byte(out), &result); err != nil || code != exitYes || !result.FirmaVerificata || len(result.Dati) == 0 {
			t.Errorf("%d %v %s", code, err, out)
		}
	})
	t.Run("no", func(t *testing.T) {
		code, out, _ := s.cli(t, "", callArgs(anpr.Unknown)...)
		if code != exitNo || !strings.Contains(out, "hub.registry/not-found") || !strings.Contains(out, "rimedio: ") {
			t.Errorf("%d %s", code, out)
		}
	})
	t.Run("refused by the schema", func(t *testing.T) {
		for lang, want := range map[string]string{
			"it": "punto: /richiesta; atteso: una sola di queste scelte: codiceFiscale | idANPR; trovato: più di una (ci sono: codiceFiscale, idANPR)",
			"en": "place: /richiesta; expected: exactly one of these choices: codiceFiscale | idANPR; found: more than one of them (there are: codiceFiscale, idANPR)",
		} {
			code, out, _ := s.cli(t, "", callArgs(demoPerson, "--dato", "idANPR=QX48213ZB", "--lang", lang)...)
			if flat := strings.Join(strings.Fields(out), " "); code != exitNo || !strings.Contains(flat, want) || strings.Contains(out, demoPerson) {
				t.Errorf("%s: %d %s", lang, code, out)
			}
		}
	})
	t.Run("unknown names", func(t *testing.T) {
		args := callArgs(demoPerson)
		args[1] = "anpr-c099"
		code, out, _ := s.cli(t, "", args...)
		if flat := strings.Join(strings.Fields(out), " "); code != exitNo ||
			!strings.Contains(flat, "punto: path servizio; atteso: uno tra ade-vcf1, ade-vcf2, anpr-c001,") || !strings.Contains(flat, "; trovato: anpr-c099") {
			t.Errorf("%d %s", code, out)
		}
	})
	t.Run("not decided", func(t *testing.T) {
		if err := s.ANPR.SetFaults(faults.Fault{Kind: faults.Throttle, RetryAfter: "3"}); err != nil {
			t.Fatal(err)
		}
		code, out, _ := s.cli(t, "", callArgs(demoPerson)...)
		if code != exitUndecided || !strings.Contains(out, "riprovare dopo") {
			t.Errorf("%d %s", code, out)
		}
	})
}

func TestEvidenceCommands(t *testing.T) {
	s := newSite(t)
	ente := ambiente.BorgoFiorito().CodiceIPA
	if code, out, diagnostics := s.cli(t, "", callArgs(demoPerson)...); code != exitYes {
		t.Fatalf("%d %s %s", code, out, diagnostics)
	}
	t.Run("list", func(t *testing.T) {
		code, out, diagnostics := s.cli(t, "", "evidence", "list", "--ente", ente)
		if code != exitYes || !strings.Contains(out, "acquisizione/esito") || strings.Contains(out, demoPerson) {
			t.Errorf("%d %s %s", code, out, diagnostics)
		}
	})
	t.Run("list about a person", func(t *testing.T) {
		for person, want := range map[string]int{demoPerson: 2, anpr.Unknown: 0} {
			code, out, diagnostics := s.cli(t, person+"\n", "evidence", "list", "--ente", ente, "--soggetto-file", "-", "--output", "json")
			var list struct{ Prove []httpapi.Prova }
			if err := json.Unmarshal([]byte(out), &list); err != nil || code != exitYes || len(list.Prove) != want {
				t.Errorf("%d, %v, %d records, want %d: %s", code, err, len(list.Prove), want, diagnostics)
			}
		}
	})
	t.Run("list nothing", func(t *testing.T) {
		code, out, diagnostics := s.cli(t, "", "evidence", "list", "--ente", ente, "--da", "2099-01-01")
		if code != exitYes || strings.TrimSpace(out) != "• nessuna prova" {
			t.Errorf("%d %q %s", code, out, diagnostics)
		}
	})
	t.Run("list with filters that make no sense", func(t *testing.T) {
		for want, more := range map[string][]string{
			`Ente sconosciuto; punto: /ente; atteso: uno tra c_bf01, c_vs02; trovato: c_xx99`:                        {"--ente", "c_xx99"},
			`punto: /ambiente; atteso: uno tra produzione, collaudo, attestazione, locale; trovato: un altro valore`: {"--ente", ente, "--ambiente", "prova"},
			`punto: /tipo; atteso: uno tra acquisizione/intento, `:                                                   {"--ente", ente, "--tipo", "acquisizioni"},
			`punto: /a; atteso: un istante non anteriore a /da`:                                                      {"--ente", ente, "--da", "2026-10-02", "--a", "2026-10-01"},
			`[hub.acquisition/codice-fiscale]`:                                                                       {"--ente", ente, "--soggetto-file", "-"},
		} {
			code, out, diagnostics := s.cli(t, "ROSSI", append([]string{"evidence", "list"}, more...)...)
			if code != exitUndecided || out != "" || !strings.Contains(diagnostics, want) {
				t.Errorf("%v: %d %s%s", more, code, out, diagnostics)
			}
		}
		code, _, diagnostics := s.cli(t, "", "evidence", "list", "--ente", "c_xx99", "--lang", "en")
		if code != exitUndecided || !strings.Contains(diagnostics, "expected: one of c_bf01, c_vs02; found: c_xx99") {
			t.Errorf("in English: %d %s", code, diagnostics)
		}
	})
	t.Run("list page after page", func(t *testing.T) {
		whole := s.evidence(t, ente)
		for _, tt := range []struct{ most, page, want int }{
			{0, 1, len(whole)},
			{0, len(whole), len(whole)},
			{0, len(whole) + 1, len(whole)},
			{1, 1, 1},
			{1, 1000, 1},
			{len(whole) + 5, 1, len(whole)},
		} {
			list, err := allEvidence(t.Context(), s.manage, evidenceQuery{Ente: ente}, tt.most, tt.page)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(whole[:tt.want], list.Prove); diff != "" {
				t.Errorf("most %d, page %d (-want +got):\n%s", tt.most, tt.page, diff)
			}
		}
		code, out, _ := s.cli(t, "", "evidence", "list", "--ente", ente, "--limite", "1")
		if code != exitYes || strings.Count(out, "acquisizione/") != 1 {
			t.Errorf("--limite 1: %d %s", code, out)
		}
	})
	t.Run("show", func(t *testing.T) {
		code, out, _ := s.cli(t, "", "evidence", "show", "1", "--ente", ente)
		if code != exitYes || !strings.Contains(out, "NIDO-2026-0000042") || !strings.Contains(out, `"chiamate"`) {
			t.Errorf("%d %s", code, out)
		}
	})
	t.Run("show what is not there", func(t *testing.T) {
		if code, _, diagnostics := s.cli(t, "", "evidence", "show", "99", "--ente", ente); code != exitNo || diagnostics == "" {
			t.Errorf("%d %s", code, diagnostics)
		}
	})
	for name, more := range map[string][]string{"public": nil, "with sides": {"--riservati"}} {
		t.Run("export "+name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "prove.jsonl")
			export := append([]string{"evidence", "export", "--ente", ente, "--file", file}, more...)
			if code, _, diagnostics := s.cli(t, "", export...); code != exitYes {
				t.Fatalf("%d %s", code, diagnostics)
			}
			fingerprint, err := checkpointFingerprint(s.written.Checkpoint[ente])
			if err != nil {
				t.Fatal(err)
			}
			if code, out, diagnostics := s.cli(t, "", "evidence", "verify", file, "--trust", fingerprint); code != exitYes {
				t.Errorf("verify: %d %s %s", code, out, diagnostics)
			}
			if code, _, _ := s.cli(t, "", export...); code != exitUndecided {
				t.Errorf("an export over another: exit code %d", code)
			}
		})
	}
	t.Run("export of an unknown ente", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "prove.jsonl")
		if code, _, _ := s.cli(t, "", "evidence", "export", "--ente", "c_xx99", "--file", file); code == exitYes {
			t.Error("exported")
		}
		if matches, _ := filepath.Glob(file); len(matches) != 0 {
			t.Error("half an export is left")
		}
	})
}

func TestKeysAPICommands(t *testing.T) {
	s := newSite(t)
	ente := ambiente.BorgoFiorito().CodiceIPA
	code, out, diagnostics := s.cli(t, "", "keys", "api", "new", "--ente", ente, "--applicazione", "sportello")
	key := strings.TrimSpace(out)
	if code != exitYes || !strings.HasPrefix(key, "snodo_") || !strings.Contains(diagnostics, "non sarà più mostrata") {
		t.Fatalf("%d %q %s", code, out, diagnostics)
	}
	id := strings.Split(key, "_")[1]
	code, out, _ = s.cli(t, "", "keys", "api", "list", "--ente", ente)
	if code != exitYes || !strings.Contains(out, id) || strings.Contains(out, strings.Split(key, "_")[2]) {
		t.Errorf("list: %d %s", code, out)
	}
	if code, _, diagnostics := s.cli(t, "", "keys", "api", "revoke", id); code != exitYes {
		t.Errorf("revoke: %d %s", code, diagnostics)
	}
	if code, _, _ := s.cli(t, "", "keys", "api", "revoke", "ffffffff"); code != exitNo {
		t.Errorf("revoke what is not there: %d", code)
	}
	if code, _, _ := s.cli(t, "", "keys", "api", "new", "--ente", ente, "--applicazione", "altra"); code != exitNo {
		t.Errorf("key for an unknown application: %d", code)
	}
}
