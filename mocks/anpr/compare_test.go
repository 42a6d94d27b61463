// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"encoding/json"
	"net/http"
	"strconv"
	"testing"
)

// operated asks one e-service past its gateway.
func operated(t *testing.T, s *Server, casoUso, number, verifica string) (int, any) {
	t.Helper()
	var request RichiestaE002
	body := `{"idOperazioneClient":"` + number + `","criteriRicerca":{"codiceFiscale":"BNCMRC85C12D612V"},` + verifica +
		`"datiRichiesta":{"dataRiferimentoRichiesta":"2026-10-12","motivoRichiesta":"PROT-1","casoUso":"` + casoUso + `"}}`
	must(t, json.Unmarshal([]byte(body), &request))
	return s.operate("client", casoUso, &request)
}

// TestVerificaRules: what is declared must be there, be what the e-service is about, and
// keep the rules of the case of use.
func TestVerificaRules(t *testing.T) {
	s := &Server{opts: Options{People: everybody()}}
	house := `"indirizzo":{"comune":{"nomeComune":"EMPOLI"}}`
	for i, c := range []struct{ casoUso, verifica, code, text string }{
		{"C003", ``, "EN081", ""},
		{"C003", `"verifica":{"residenza":{}},`, "EN148", ""},
		{"C007", `"verifica":{"generalita":{}},`, "EN148", ""},
		{"C015", `"verifica":{"generalita":{}},`, "EN148", ""},
		{"C008", `"verifica":{"residenza":{"tipoIndirizzo":"1","indirizzo":{"cap":"50053"}}},`, "EN148", testoSenzaComune},
		{"C008", `"verifica":{"residenza":{}},`, "EN148", testoSenzaComune},
		{"C008", `"verifica":{"residenza":{"tipoIndirizzo":"I",` + house + `}},`, "EN148", "Valore del campo tipoIndirizzo non ammesso"},
		{"C008", `"verifica":{"residenza":[]},`, "EN148", ""},
		{"C009", `"verifica":{"listaSoggetti":[]},`, "EN148", ""},
		{"C099", ``, "EN148", "Ente non abilitato o caso uso inesistente : C099"},
	} {
		status, answer := operated(t, s, c.casoUso, strconv.Itoa(100+i), c.verifica)
		got, ok := answer.(RispostaKO)
		if status != http.StatusBadRequest || !ok || got.ListaErrori[0].Codice != c.code || c.text != "" && got.ListaErrori[0].Testo != c.text {
			t.Errorf("%s %s: %d %+v, want %s %q", c.casoUso, c.verifica, status, answer, c.code, c.text)
		}
	}
}

// TestVerificaSaysNothingElse: an answer of a verifica holds facts and nothing more.
func TestVerificaSaysNothingElse(t *testing.T) {
	s := &Server{opts: Options{People: everybody()}}
	status, answer := operated(t, s, "C003", "1", `"verifica":{"generalita":{"cognome":"bianchi "}},`)
	got, ok := answer.(RispostaE002OK)
	if !ok {
		t.Fatalf("%d %+v", status, answer)
	}
	data, err := json.Marshal(got.ListaSoggetti)
	must(t, err)
	if want := `{"datiSoggetto":[{"infoSoggettoEnte":[{"id":"1002","chiave":"Verifica generalita'","valore":"S"}]}]}`; status != 200 || string(data) != want {
		t.Errorf("%d %s, want %s", status, data, want)
	}
}

// TestFreeToMarry reads the table of civil status.
func TestFreeToMarry(t *testing.T) {
	for status, want := range map[string]string{"1": yes, "2": no, "3": yes, "4": yes, "6": no, "7": yes, "8": yes, "9": cannot} {
		if got := free(status); got != want {
			t.Errorf("civil status %s: %s, want %s", status, got, want)
		}
	}
}

// TestBlocksOfEachService: every row of the catalogue answers the blocks it names.
func TestBlocksOfEachService(t *testing.T) {
	s := &Server{opts: Options{People: everybody()}}
	for i, r := range rows() {
		if r.kind != accertamento {
			continue
		}
		_, answer := operated(t, s, r.casoUso, strconv.Itoa(200+i), "")
		got, ok := answer.(RispostaE002OK)
		if !ok {
			t.Errorf("%s: %+v", r.casoUso, answer)
			continue
		}
		data, err := json.Marshal(got.ListaSoggetti.DatiSoggetto[0])
		must(t, err)
		var blocks map[string]json.RawMessage
		must(t, json.Unmarshal(data, &blocks))
		allowed := map[string]bool{}
		for _, block := range r.blocks {
			allowed[block] = true
		}
		for block := range blocks {
			if !allowed[block] {
				t.Errorf("%s answers %s", r.casoUso, block)
			}
		}
	}
}
