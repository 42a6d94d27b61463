// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// FuzzRequest sends any body to the registry behind the gateway: the answer is a
// RichiestaE002's or the gateway's, never a crash, and never about two people.
func FuzzRequest(f *testing.F) {
	for _, seed := range []string{
		`{"idOperazioneClient":"1","criteriRicerca":{"codiceFiscale":"BNCMRC85C12D612V"},"datiRichiesta":{"dataRiferimentoRichiesta":"2026-10-12","motivoRichiesta":"PROT-1","casoUso":"C020"}}`,
		`{"idOperazioneClient":"2","criteriRicerca":` + rossiAnna + `,"datiRichiesta":{"dataRiferimentoRichiesta":"2026-10-12","motivoRichiesta":"PROT-1","casoUso":"C020"}}`,
		`{"idOperazioneClient":"3","criteriRicerca":{"cognome":"X","nome":"Y","sesso":"M","datiNascita":{"dataEvento":"1985-03-12","luogoNascita":null}},"datiRichiesta":{}}`,
		`{"idOperazioneClient":1}`, `[]`, `null`, `{}`,
	} {
		f.Add([]byte(seed))
	}
	s := &Server{opts: Options{Clock: time.Now, People: People()}}
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", http.NoBody)
		r.Header.Set("Content-Type", "application/json")
		request, fault := readRequest(r, body)
		if fault != nil {
			if fault.Name == "" {
				t.Fatal("a fault without a name")
			}
			return
		}
		status, answer := s.operate("client", "C020", request)
		raw, err := json.Marshal(answer)
		if err != nil {
			t.Fatal(err)
		}
		switch a := answer.(type) {
		case RispostaE002OK:
			if status != http.StatusOK || len(a.ListaSoggetti.DatiSoggetto) != 1 {
				t.Fatalf("%d %s", status, raw)
			}
		case RispostaKO:
			if (status != http.StatusBadRequest && status != http.StatusNotFound) || len(a.ListaErrori) != 1 {
				t.Fatalf("%d %s", status, raw)
			}
		default:
			t.Fatalf("an answer of type %T", answer)
		}
	})
}

func FuzzPlatformKeys(f *testing.F) {
	f.Add(`{"keys":[]}`)
	f.Add(`{"keys":[{"kty":"RSA","kid":"a","n":"AA","e":"AQAB"}]}`)
	f.Add(`<html>`)
	f.Fuzz(func(t *testing.T, body string) {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(body))
		}))
		defer server.Close()
		keys, err := fetchKeys(t.Context(), server.URL)
		if err != nil {
			return
		}
		for kid, key := range keys {
			if kid == "" || key.N.BitLen() < 2048 {
				t.Fatalf("accepted key %q of %d bits", kid, key.N.BitLen())
			}
		}
	})
}
