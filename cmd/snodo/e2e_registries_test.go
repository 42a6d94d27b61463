// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/folder"
	"github.com/snodo-pa/snodo/mocks/ambiente"
	"github.com/snodo-pa/snodo/mocks/faults"
)

// registryCall asks a registry that is described as data, as an operator would.
func registryCall(service, operation string, dati ...string) []string {
	args := []string{
		"call", service, operation, "--output", "json", "--ente", ambiente.BorgoFiorito().CodiceIPA,
		"--procedimento", folder.ProcedimentoRegistri, "--pratica", "PRT-2026-0000042", "--operatore", folder.Operatore,
		"--postazione", folder.Postazione, "--loa", folder.LoA,
	}
	for _, d := range dati {
		args = append(args, "--dato", d)
	}
	return args
}

// answer asks and returns dati.
func (s *site) answer(t *testing.T, in string, args []string) string {
	t.Helper()
	code, out, diagnostics := s.cli(t, in, args...)
	var result struct {
		Dati            json.RawMessage
		FirmaVerificata bool
	}
	if err := json.Unmarshal([]byte(out), &result); err != nil || code != exitYes || !result.FirmaVerificata {
		t.Fatalf("%v: %d %s %s (%v)", args[1:3], code, out, diagnostics, s.Registries.LastRefusal())
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, result.Dati); err != nil {
		t.Fatal(err)
	}
	return compact.String()
}

// TestRegistriesWithoutAGoLine asks every operation of the recipes that only data
// describe, over the wire and through the whole hub.
func TestRegistriesWithoutAGoLine(t *testing.T) {
	s := newSite(t)
	for _, service := range []string{"ade-vcf1", "ade-vcf2"} {
		for code, want := range map[string]string{
			"BNCMRC85C12D612V": "valido", "RSSNNA76D52H50MT": "valido", "FRRLCU41A08G713F": "valido-sostituito",
			"BNCMRC85C12D61NK": "non-utilizzabile", "MRNPTR68T03D403I": "valido", "07000001235": "valido",
		} {
			if got := s.answer(t, "", registryCall(service, "verifica", "codiceFiscale="+code)); !strings.Contains(got, `"esito":"`+want+`"`) {
				t.Errorf("%s: %s is %s, want %s", service, code, got, want)
			}
		}
	}
	const inad = "inad-consultazione"
	got := s.answer(t, "", registryCall(inad, "domicilio", "codiceFiscale=BNCMRC85C12D612V"))
	if !strings.Contains(got, "avv.bianchi@pec.example") || !strings.Contains(got, "marco.bianchi@pec.example") || strings.Contains(got, "vecchia@") {
		t.Errorf("active domiciles are %s", got)
	}
	got = s.answer(t, "", registryCall(inad, "verifica", "codiceFiscale=BNCMRC85C12D612V", "domicilio=vecchia@pec.example", "data=2023-12-31"))
	if !strings.Contains(got, `"esito":"corrisponde"`) {
		t.Errorf("the domicile of that day is %s", got)
	}
	code, out, _ := s.cli(t, "", registryCall(inad, "domicilio", "codiceFiscale=RSSNNA76D52H501B")...)
	if code != exitNo || !strings.Contains(out, "hub.registry/not-found") {
		t.Errorf("absent: %d %s", code, out)
	}
	// INAD refuses a true codice fiscale with omocodia: the hub sends it all the same.
	code, out, _ = s.cli(t, "", registryCall(inad, "domicilio", "codiceFiscale=RSSNNA76D52H50MT")...)
	if code != exitNo || !strings.Contains(out, "hub.registry/invalid") || !strings.Contains(out, "omocodia") {
		t.Errorf("omocodia: %d %s", code, out)
	}
}

// TestBulkListOfINAD sends a list, and fetches it with the id that sending gave: 202,
// pending, 303, result.
func TestBulkListOfINAD(t *testing.T) {
	s := newSite(t)
	args := append(registryCall("inad-consultazione", "elenco-richiesta"), "--richiesta", "-")
	taken := s.answer(t, `{"codiciFiscali":["CNTGLI88L65G999B","MRNPTR68T03D403I","RSSNNA76D52H501B"]}`, args)
	var made struct{ ID, Stato string }
	if err := json.Unmarshal([]byte(taken), &made); err != nil || made.Stato != "presa-in-carico" {
		t.Fatalf("sending gave %s (%v)", taken, err)
	}
	list := s.answer(t, "", registryCall("inad-consultazione", "elenco", "id="+made.ID))
	var got struct {
		Persone []struct {
			CodiceFiscale string
			Domicili      []struct{ Indirizzo string }
		}
	}
	if err := json.Unmarshal([]byte(list), &got); err != nil || len(got.Persone) != 3 {
		t.Fatalf("list is %s (%v)", list, err)
	}
	for i, want := range []int{1, 0, 0} {
		if len(got.Persone[i].Domicili) != want {
			t.Errorf("%s has %d active domiciles, want %d", got.Persone[i].CodiceFiscale, len(got.Persone[i].Domicili), want)
		}
	}
	code, out, _ := s.cli(t, "", registryCall("inad-consultazione", "elenco", "id=f8c3de3d-1fea-4d7c-a8b0-29f63c4c3454")...)
	if code != exitNo || !strings.Contains(out, "hub.registry/not-found") {
		t.Errorf("a list nobody asked for: %d %s", code, out)
	}
}

// TestBadWeeksOfARegistry: faults on demand reach the caller as "don't know", and never
// with the person's code.
func TestBadWeeksOfARegistry(t *testing.T) {
	s := newSite(t)
	for _, f := range []faults.Fault{
		{Kind: faults.HTML}, {Kind: faults.Status, Status: 503, RetryAfter: "1"}, {Kind: faults.Cut}, {Kind: faults.HTML, Status: 404},
	} {
		if err := s.Registries.SetFaults(f); err != nil {
			t.Fatal(err)
		}
		code, out, diagnostics := s.cli(t, "", registryCall("inad-consultazione", "domicilio", "codiceFiscale=CNTGLI88L65G999B")...)
		if code != exitUndecided || strings.Contains(out+diagnostics+s.logs.String(), "CNTGLI88L65G999B") {
			t.Errorf("%v: %d %s %s", f, code, out, diagnostics)
		}
	}
}
