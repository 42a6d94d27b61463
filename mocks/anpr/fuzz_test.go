// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
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

// FuzzRows: a file of rows is refused, or read so that writing it again gives the same
// rows.
func FuzzRows(f *testing.F) {
	f.Add("")
	f.Add("bm90IGd6aXA=")
	f.Add(packRows(f, []string{"BNCMRC85C12D612V", "CNTGLI88L65G999B"}))
	f.Fuzz(func(t *testing.T, file string) {
		keys, ok := rowsOf(file)
		if !ok {
			if keys != nil {
				t.Errorf("refused, yet %q", keys)
			}
			return
		}
		if again, ok := rowsOf(packRows(t, keys)); !ok || !slices.Equal(keys, again) {
			t.Errorf("%q was read again as %q", keys, again)
		}
	})
}

// packRows writes a file of rows, quoted where they need it.
func packRows(t testing.TB, keys []string) string {
	t.Helper()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	w := csv.NewWriter(z)
	for _, key := range keys {
		if err := w.Write([]string{key}); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	if err := errors.Join(w.Error(), z.Close()); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(packed.Bytes())
}
