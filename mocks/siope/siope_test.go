// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package siope

import (
	"archive/zip"
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func borgo() Ente {
	return Ente{
		Ufficio: "UFBORG", ISTAT: "000999123", CodiceFiscale: "99999990007", Denominazione: "Comune di Borgo Prova", A2A: "A2A-00000011",
		CodiceEnteBT: "0000042", CodiceABI: "99999", TramiteBT: "A2A-00000012", Fondo: 100_000,
	}
}

// world is a started mock with a client that holds a certificate.
type world struct {
	*Server
	t     *testing.T
	nanos atomic.Int64
	http  *http.Client
}

func started(t *testing.T, o Options) *world {
	t.Helper()
	w := &world{t: t}
	w.nanos.Store(time.Date(2026, 10, 12, 9, 0, 0, 0, time.UTC).UnixNano())
	o.Clock, o.Enti = func() time.Time { return time.Unix(0, w.nanos.Load()).UTC() }, []Ente{borgo()}
	var err error
	if w.Server, err = New(o); err != nil {
		t.Fatal(err)
	}
	if err := w.Start(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	w.http = w.as("A2A-00000011")
	return w
}

// as makes a client with the certificate of a code.
func (w *world) as(a2a string) *http.Client {
	w.t.Helper()
	both, err := w.ClientPEM(a2a)
	if err != nil {
		w.t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(both, both)
	if err != nil {
		w.t.Fatal(err)
	}
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{
		MinVersion: tls.VersionTLS12, RootCAs: w.ca.Pool(), Certificates: []tls.Certificate{pair},
	}}}
}

func (w *world) pass(d time.Duration) { w.nanos.Add(int64(d)) }

func (w *world) ask(client *http.Client, method, path, media, body string) (int, string) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.URL()+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", media)
	req.Header.Set("Accept", "application/zip")
	resp, err := client.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return resp.StatusCode, string(data)
}

const base = "/v1/A2A-00000011/PA/UFBORG/"

func zipped(t *testing.T, name, doc string) string {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	entry, err := z.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(entry, doc); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// send uploads a document that the bank's own key signs: whose it is SIOPE+ does not ask.
func (w *world) send(doc string) {
	w.t.Helper()
	signed, err := w.bank.sign(rand.Reader, doc)
	if err != nil {
		w.t.Fatal(err)
	}
	w.sendRaw(signed)
}

func (w *world) sendRaw(doc string) {
	w.t.Helper()
	if status, answer := w.ask(w.http, http.MethodPost, base+"flusso/", "application/zip", zipped(w.t, "flusso.xml", doc)); status != http.StatusCreated {
		w.t.Fatalf("upload: %d %s", status, answer)
	}
}

type listed struct {
	Pages int `json:"numPagine"`
	Items []struct {
		Location string `json:"location"`
	} `json:"risultati"`
}

func (w *world) list(list, more string) listed {
	w.t.Helper()
	what := "dataUpload"
	if list == listAck {
		what = "dataProduzione"
	}
	query := fmt.Sprintf("?%sDa=2026-10-12T00:00:00.000&%sA=2026-10-13T00:00:00.000%s", what, what, more)
	status, answer := w.ask(w.http, http.MethodGet, base+list+"/"+query, "", "")
	var got listed
	if status != http.StatusOK || json.Unmarshal([]byte(answer), &got) != nil {
		w.t.Fatalf("list %s: %d %s", list, status, answer)
	}
	return got
}

// last fetches the last message of a list.
func (w *world) last(list string) string {
	w.t.Helper()
	return w.page(list, len(w.list(list, "").Items)-1)
}

// page fetches a message of a list.
func (w *world) page(list string, at int) string {
	w.t.Helper()
	got := w.list(list, "")
	if at < 0 || at >= len(got.Items) {
		w.t.Fatalf("no message %d in %s", at, list)
	}
	status, packed := w.ask(w.http, http.MethodGet, got.Items[at].Location, "", "")
	r, err := zip.NewReader(strings.NewReader(packed), int64(len(packed)))
	if status != http.StatusOK || err != nil || len(r.File) != 1 {
		w.t.Fatalf("fetch: %d %v", status, err)
	}
	entry, err := r.File[0].Open()
	if err != nil {
		w.t.Fatal(err)
	}
	data, err := io.ReadAll(entry)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(data)
}

// good is a flow with a mandato of 12.50 and a reversale of 3.00.
func good(id string) string {
	header := el("testata_flusso", val("codice_ABI_BT", "99999"), val("identificativo_flusso", id), val("data_ora_creazione_flusso", "2026-10-12T09:30:15"),
		val("codice_ente", "UFBORG"), val("descrizione_ente", "Comune di Borgo Prova"), val("codice_istat_ente", "000999123"),
		val("codice_fiscale_ente", "99999990007"), val("codice_tramite_ente", "A2A-00000011"), val("codice_tramite_BT", "A2A-00000012"), val("codice_ente_BT", "0000042"))
	return el("flusso_ordinativi", header, val("esercizio", "2026"),
		el("mandato", val("tipo_operazione", "INSERIMENTO"), val("numero_mandato", "1"), val("data_mandato", "2026-10-12"), val("importo_mandato", "12.50"),
			el("informazioni_beneficiario", val("progressivo_beneficiario", "1"), val("importo_beneficiario", "12.50"), val("tipo_pagamento", "SEPA CREDIT TRANSFER"),
				el("classificazione", val("codice_cgu", "1040202999"), val("importo", "12.50")), el("bollo", val("assoggettamento_bollo", "ESENTE BOLLO")),
				el("beneficiario", val("anagrafica_beneficiario", "Giulia Conti")), el("sepa_credit_transfer", val("iban", "IT60X0542811101000000123456")), val("causale", "Prova"))),
		el("reversale", val("tipo_operazione", "INSERIMENTO"), val("numero_reversale", "1"), val("data_reversale", "2026-10-12"), val("importo_reversale", "3.00"),
			el("informazioni_versante", val("progressivo_versante", "1"), val("importo_versante", "3.00"), val("tipo_riscossione", "CASSA"),
				el("classificazione", val("codice_cge", "3010201008"), val("importo", "3.00")), el("bollo", val("assoggettamento_bollo", "ESENTE BOLLO")),
				el("versante", val("anagrafica_versante", "Giulia Conti")), val("causale", "Prova"))))
}

func TestOnlyTheCertificateOfTheCodeIsAdmitted(t *testing.T) {
	w := started(t, Options{})
	query := "?dataProduzioneDa=2026-10-12T00:00:00.000&dataProduzioneA=2026-10-13T00:00:00.000"
	if status, _ := w.ask(w.http, http.MethodGet, base+"flusso/ack/"+query, "", ""); status != http.StatusOK {
		t.Errorf("with the certificate: %d", status)
	}
	if status, _ := w.ask(w.as("A2A-00000099"), http.MethodGet, base+"flusso/ack/"+query, "", ""); status != http.StatusForbidden {
		t.Errorf("with another's: %d", status)
	}
	if status, _ := w.ask(w.as("A2A-00000099"), http.MethodGet, "/v1/A2A-00000099/PA/UFBORG/flusso/ack/"+query, "", ""); status != http.StatusForbidden {
		t.Errorf("for an ente of another: %d", status)
	}
	bare := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: w.ca.Pool()}}}
	if status, _ := w.ask(bare, http.MethodGet, base+"flusso/ack/"+query, "", ""); status != 0 {
		t.Errorf("without any: %d", status)
	}
}

func TestUploadsAreZipsWithOneEntry(t *testing.T) {
	w := started(t, Options{})
	for name, c := range map[string]struct {
		media, body string
		status      int
	}{
		"xml":          {"application/xml", good("F"), http.StatusUnsupportedMediaType},
		"no zip":       {"application/zip", good("F"), http.StatusBadRequest},
		"another name": {"application/zip", zipped(t, "ordini.xml", good("F")), http.StatusBadRequest},
		"a good one":   {"application/zip", zipped(t, "flusso.xml", good("F")), http.StatusCreated},
	} {
		if status, answer := w.ask(w.http, http.MethodPost, base+"flusso/", c.media, c.body); status != c.status {
			t.Errorf("%s: %d %s", name, status, answer)
		}
	}
}

// TestFaultsOfAFlowAreToldInTheACK changes one thing in a good flow.
func TestFaultsOfAFlowAreToldInTheACK(t *testing.T) {
	for name, c := range map[string]struct{ from, to, code string }{
		"sum":             {"<importo_mandato>12.50", "<importo_mandato>12.51", "106"},
		"sum of classes":  {"<importo>3.00", "<importo>2.00", "106"},
		"no class":        {"<classificazione><codice_cge>3010201008</codice_cge><importo>3.00</importo></classificazione>", "", "109"},
		"class":           {"<codice_cgu>1040202999", "<codice_cgu>A", "109"},
		"ISTAT":           {"000999123", "000999124", "112"},
		"missing element": {"<codice_ente>UFBORG</codice_ente>", "", "901"},
		"another ente":    {"<codice_ente>UFBORG", "<codice_ente>UFALTR", "905"},
		"another A2A":     {"A2A-00000011", "A2A-00000013", "906"},
		"another bank":    {"<codice_ABI_BT>99999", "<codice_ABI_BT>99998", "907"},
		"order of parts":  {"<numero_mandato>1</numero_mandato><data_mandato>2026-10-12</data_mandato>", "<data_mandato>2026-10-12</data_mandato><numero_mandato>1</numero_mandato>", "901"},
		"unknown element": {"<esercizio>", "<altro>x</altro><esercizio>", "902"},
		"IBAN":            {"IT60X", "60X", "903"},
		"way":             {"INSERIMENTO", "RIPENSAMENTO", "903"},
		"no party":        {"<versante><anagrafica_versante>Giulia Conti</anagrafica_versante></versante>", "", "901"},
		"too long":        {"<causale>Prova", "<causale>" + strings.Repeat("x", 371), "903"},
		"root":            {"flusso_ordinativi>", "flusso>", "900"},
	} {
		t.Run(name, func(t *testing.T) {
			w := started(t, Options{})
			doc := strings.ReplaceAll(good("F-1"), c.from, c.to)
			if doc == good("F-1") {
				t.Fatal("nothing was changed")
			}
			w.send(doc)
			if got := w.last(listAck); !strings.Contains(got, "<stato_flusso>KO<") || !strings.Contains(got, "<codice>"+c.code+"<") {
				t.Error(got)
			}
			if len(w.list(listEsito, "").Items) != 0 {
				t.Error("the bank has it all the same")
			}
		})
	}
	w := started(t, Options{})
	for _, doc := range []string{"ciao", `<!DOCTYPE a [<!ENTITY b "c">]>` + good("F"), "<a><b></a>", good("F")} {
		w.sendRaw(doc)
		if got := w.last(listAck); !strings.Contains(got, "<stato_flusso>KO<") {
			t.Errorf("%.20s: %s", doc, got)
		}
	}
}

func TestAnIdentifierIsUsedOnce(t *testing.T) {
	w := started(t, Options{})
	w.send(good("F-1"))
	w.send(good("F-1"))
	if got := w.last(listAck); !strings.Contains(got, "<codice>101<") {
		t.Error(got)
	}
	if uploads, taken := w.Received("UFBORG", 2026, "F-1"); uploads != 2 || taken != 1 {
		t.Errorf("%d uploads, taken %d times", uploads, taken)
	}
	if uploads, _ := w.Received("UFBORG", 2026, "F-9"); uploads != 0 {
		t.Error("a flow that never came")
	}
}

// TestTheBankRefusesASignatureThatDoesNotHold.
func TestTheBankRefusesASignatureThatDoesNotHold(t *testing.T) {
	w := started(t, Options{})
	signed, err := w.bank.sign(rand.Reader, good("F-1"))
	if err != nil {
		t.Fatal(err)
	}
	w.sendRaw(strings.Replace(signed, "Giulia Conti", "Giulia Tonci", 1))
	if got := w.last(listEsito); !strings.Contains(got, "<messaggio_rifiuto_flusso>") || !strings.Contains(got, "Firma digitale non valida") {
		t.Error(got)
	}
}

// TestStepsTakeTheirTimeAndTheBookAddsUp.
func TestStepsTakeTheirTimeAndTheBookAddsUp(t *testing.T) {
	w := started(t, Options{Rows: 1, Delays: Delays{Ack: time.Minute, Esito: time.Minute, Esiti: time.Minute, Giornale: time.Minute}})
	w.send(good("F-1"))
	for i, list := range []string{listAck, listEsito, listEsiti, listGiornale} {
		before := len(w.list(list, "").Items)
		w.pass(time.Minute)
		if after := len(w.list(list, "").Items); before != 0 && list != listEsiti || after == 0 {
			t.Errorf("step %d, %s: %d, then %d messages", i, list, before, after)
		}
	}
	w.pass(time.Hour)
	if got := w.list(listGiornale, ""); len(got.Items) != 2 {
		t.Errorf("%d pages of the book, want two", len(got.Items))
	}
	book := w.last(listGiornale)
	for _, want := range []string{
		"<pagina>2</pagina><pagine_totali>2</pagine_totali>", "<saldo_complessivo_precedente>1000.00<", "<totale_complessivo_entrate>3.00<",
		"<totale_complessivo_uscite>12.50<", "<saldo_complessivo_finale>990.50<", "<saldo_esercizio>990.50<", "<tipo_documento>REVERSALE<",
	} {
		if !strings.Contains(book, want) {
			t.Errorf("no %s in\n%s", want, book)
		}
	}
	if first := w.page(listGiornale, 0); strings.Contains(first, "saldo_complessivo") || strings.Contains(first, "totali_esercizio") {
		t.Errorf("the first page has the totals too:\n%s", first)
	}
	root, err := parse([]byte(book))
	if err != nil || !signatureHolds(root) {
		t.Errorf("the signature of the book does not hold: %v", err)
	}
}

func TestPlannedOutcomes(t *testing.T) {
	w := started(t, Options{})
	w.Plan(false, 2026, 1, "NON ESEGUIBILE")
	w.send(good("F-1"))
	got := w.last(listEsiti)
	if !strings.Contains(got, "<esito_operazione>NON ESEGUIBILE<") || !strings.Contains(got, "<esito_operazione>RISCOSSO<") {
		t.Error(got)
	}
	w.Plan(false, 2026, 1, "NON ANNULLATO")
	w.send(strings.Replace(good("F-2"), "INSERIMENTO", "ANNULLO", 1))
	if got := w.last(listEsiti); !strings.Contains(got, "<esito_operazione>NON ANNULLATO<") {
		t.Error(got)
	}
	w.send(strings.Replace(good("F-3"), "INSERIMENTO", "VARIAZIONE", 1))
	if got := w.last(listEsiti); !strings.Contains(got, "<esito_operazione>VARIATO<") {
		t.Error(got)
	}
	if _, err := w.Provisional("UFNONE", 1, "", ""); err == nil {
		t.Error("of an unknown ente")
	}
}

func TestListsHavePagesAndForgetWhatWasFetched(t *testing.T) {
	w := started(t, Options{PerPage: 2})
	for i := range 3 {
		w.send(strings.ReplaceAll(good(fmt.Sprintf("F-%d", i)), "000999123", "1"))
	}
	first, second := w.list(listAck, ""), w.list(listAck, "&pagina=2")
	if first.Pages != 2 || len(first.Items) != 2 || len(second.Items) != 1 || len(w.list(listAck, "&pagina=3").Items) != 0 {
		t.Errorf("%+v %+v", first, second)
	}
	w.ask(w.http, http.MethodGet, first.Items[0].Location, "", "")
	if got := w.list(listAck, "&download=false"); len(got.Items) != 2 || got.Pages != 1 {
		t.Errorf("after one was fetched: %+v", got)
	}
	for name, query := range map[string]string{
		"no window": "", "wrong names": "?dataUploadDa=2026-10-12T00:00:00.000&dataUploadA=2026-10-13T00:00:00.000",
		"no instant": "?dataProduzioneDa=2026-10-12&dataProduzioneA=2026-10-13T00:00:00.000",
		"backwards":  "?dataProduzioneDa=2026-10-13T00:00:00.000&dataProduzioneA=2026-10-12T00:00:00.000",
		"page zero":  "?dataProduzioneDa=2026-10-12T00:00:00.000&dataProduzioneA=2026-10-13T00:00:00.000&pagina=0",
		"download":   "?dataProduzioneDa=2026-10-12T00:00:00.000&dataProduzioneA=2026-10-13T00:00:00.000&download=si",
	} {
		if status, _ := w.ask(w.http, http.MethodGet, base+"flusso/ack/"+query, "", ""); status != http.StatusBadRequest {
			t.Errorf("%s: %d", name, status)
		}
	}
	if status, _ := w.ask(w.http, http.MethodGet, base+"flusso/ack/99", "", ""); status != http.StatusNotFound {
		t.Errorf("a message that is not there: %d", status)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(good("F-1")))
	f.Add([]byte("<a xmlns:b='c'><b:d e='f'/></a>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		root, err := parse(data)
		if err != nil {
			return
		}
		canonical(root, nil)
		signatureHolds(root)
	})
}
