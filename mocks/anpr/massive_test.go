// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/mocks/internal/producer"
)

// file is a list of rows as it is sent.
func file(t *testing.T, rows ...string) string {
	t.Helper()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err := z.Write([]byte(strings.Join(rows, "\n") + "\n"))
	must(t, err, z.Close())
	return base64.StdEncoding.EncodeToString(packed.Bytes())
}

// office is the registry past its gateway, asked by clients.
type office struct {
	t      *testing.T
	server *Server
	now    time.Time
	number int
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{t: t, now: time.Date(2026, 10, 12, 10, 0, 0, 0, time.UTC)}
	var err error
	o.server, err = New(Options{
		Clock: func() time.Time { return o.now }, JWKSURL: func() string { return "" },
		Keys:   func(context.Context, string) (string, *rsa.PublicKey, error) { return "", nil, ErrKeyUnknown },
		Issuer: "x", ProducerID: "x", Services: []Service{{CasoUso: "M030"}}, SigningKey: testKeys()[3], PlainHTTP: true,
	})
	must(t, err)
	return o
}

func (o *office) submit(client, tipo, casoUso, rows string) (int, string) {
	o.t.Helper()
	o.number++
	body := fmt.Sprintf(`{"idOperazioneClient":"%d","tipoRicerca":"%s","file":"%s","datiRichiesta":{"dataRiferimentoRichiesta":"2026-10-12","motivoRichiesta":"PROT-1","casoUso":"%s"}}`,
		o.number, tipo, rows, casoUso)
	w := httptest.NewRecorder()
	o.server.submit(w, httptest.NewRequestWithContext(o.t.Context(), http.MethodPost, "/", nil), Service{CasoUso: "M030"}, producer.Caller{ClientID: client}, []byte(body))
	return w.Code, w.Body.String()
}

func (o *office) resource(method, client, id string) *httptest.ResponseRecorder {
	o.t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(o.t.Context(), method, "/", nil)
	r.SetPathValue("id", id)
	about, _ := rowOf("M030")
	if method == http.MethodDelete {
		o.server.drop(w, r, Service{CasoUso: "M030"}, producer.Caller{ClientID: client})
	} else {
		o.server.download(w, r, Service{CasoUso: "M030"}, about, producer.Caller{ClientID: client})
	}
	return w
}

func TestMassiveRequestsAreRefusedForTheirRows(t *testing.T) {
	o := newOffice(t)
	good := file(t, "BNCMRC85C12D612V")
	for _, c := range []struct{ tipo, casoUso, rows, code string }{
		{"3", "C030", good, "EN148"},
		{"2", "C030", good, "EN148"},
		{"1", "C020", good, "EN148"},
		{"1", "C030", "", "EN148"},
		{"1", "C030", "bm90IGd6aXA=", "EN148"},
		{"1", "C030", file(t, "BNCMRC85C12D612V,x"), "EN148"},
		{"1", "C030", file(t, "BNC"), "EN100"},
		{"1", "C030", file(t, strings.Split(strings.Repeat("BNCMRC85C12D612V ", 2001), " ")[:2001]...), "EN101"},
	} {
		status, body := o.submit("uno", c.tipo, c.casoUso, c.rows)
		if status != http.StatusBadRequest || !strings.Contains(body, `"`+c.code+`"`) {
			t.Errorf("%s %s: %d %s, want %s", c.tipo, c.casoUso, status, body, c.code)
		}
	}
}

// TestOneMassiveRequestAtATime: of one client; its states follow the clock.
func TestOneMassiveRequestAtATime(t *testing.T) {
	o := newOffice(t)
	rows := file(t, "BNCMRC85C12D612V", Unknown)
	status, body := o.submit("uno", "1", "C030", rows)
	var taken PresaInCarico
	must(t, json.Unmarshal([]byte(body), &taken))
	if status != 200 || taken.Stato != 0 || taken.IDOperazioneANPR == "" {
		t.Fatalf("%d %s", status, body)
	}
	if status, body := o.submit("uno", "1", "C030", rows); status != 400 || !strings.Contains(body, "EN179") {
		t.Errorf("a second one: %d %s", status, body)
	}
	if status, body := o.submit("due", "1", "C030", rows); status != 200 {
		t.Errorf("of another client: %d %s", status, body)
	}
	for _, want := range []string{"con stato: 0", "con stato: 1"} {
		if w := o.resource(http.MethodGet, "uno", taken.IDOperazioneANPR); w.Code != 404 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%d %s, want 404 %s", w.Code, w.Body, want)
		}
		o.now = o.now.Add(time.Minute)
	}
	if w := o.resource(http.MethodGet, "due", taken.IDOperazioneANPR); w.Code != 404 || !strings.Contains(w.Body.String(), "non trovata") {
		t.Errorf("another client's file: %d %s", w.Code, w.Body)
	}
	w := o.resource(http.MethodGet, "uno", taken.IDOperazioneANPR)
	z, err := gzip.NewReader(w.Body)
	must(t, err)
	var got RisposteMassive
	must(t, json.NewDecoder(z).Decode(&got))
	if w.Code != 200 || len(got.RisposteMassive) != 1 || got.RisposteMassive[0].IDOperazioneANPR != "0" || w.Header().Get("Agid-JWT-Signature") == "" {
		t.Errorf("%d %+v: who is not found is left out, the file is signed", w.Code, got)
	}
	if status, body := o.submit("uno", "1", "C030", rows); status != 200 {
		t.Errorf("after the first is done: %d %s", status, body)
	}
	if w := o.resource(http.MethodDelete, "due", taken.IDOperazioneANPR); w.Code != 404 {
		t.Errorf("another client deletes: %d", w.Code)
	}
	for _, want := range []int{200, 404} {
		if w := o.resource(http.MethodDelete, "uno", taken.IDOperazioneANPR); w.Code != want {
			t.Errorf("deleted: %d, want %d", w.Code, want)
		}
	}
}
