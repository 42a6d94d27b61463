// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/adapters/tesoreria/opi"
	"github.com/snodo-pa/snodo/cmd/snodo/internal/folder"
	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/tesoreria"
	"github.com/snodo-pa/snodo/mocks/ambiente"
	"github.com/snodo-pa/snodo/mocks/faults"
)

const csvColumns = "documento;numero;data;modo;importo_riga;anagrafica;codice_fiscale;iban;causale;assoggettamento_bollo;codice_siope;importo_classificazione;tipo_debito_siope_nc\n"

// csvRow is one order with one line.
func csvRow(collection bool, number int, cents opi.Importo) string {
	day := time.Now().In(time.UTC).Format(time.DateOnly)
	kind, way, iban, code := "mandato", "SEPA CREDIT TRANSFER", "IT60X0542811101000000123456", "1040202999"
	if collection {
		kind, way, iban, code = "reversale", "CASSA", "", "3010201008"
	}
	return fmt.Sprintf("%s;%d;%s;%s;%s;Giulia Conti;CNTGLI88L65G999B;%s;Ordine %d /RFB/%017d;ESENTE BOLLO;%s;%s;NON_COMMERCIALE\n",
		kind, number, day, way, cents, iban, number, number, code, cents)
}

// contabilita is an accounting program: it calls the treasury's API over TCP.
type contabilita struct {
	t    testing.TB
	base string
	key  string
}

// ask sends a request; it returns status 0 while the hub is down.
func (c *contabilita) ask(method, path, operator, media string, body []byte) (int, []byte) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, c.base+path, bytes.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.key)
	req.Header.Set("Snodo-Operatore", operator)
	if media != "" {
		req.Header.Set("Content-Type", media)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, nil
	}
	return resp.StatusCode, answer
}

// done asks until the hub answers with a status.
func (c *contabilita) done(want int, method, path, operator, media string, body []byte, into any) {
	c.t.Helper()
	status, answer := c.ask(method, path, operator, media, body)
	if status != want {
		c.t.Fatalf("%s %s: %d %s", method, path, status, answer)
	}
	if into != nil {
		if err := json.Unmarshal(answer, into); err != nil {
			c.t.Fatal(err)
		}
	}
}

// orders reads all orders of some flows; false while the hub does not answer.
func (c *contabilita) orders(year int, flows []string) ([]tesoreria.Order, bool) {
	var all []tesoreria.Order
	for _, id := range flows {
		status, answer := c.ask(http.MethodGet, fmt.Sprintf("/v1/tesoreria/flussi/%d/%s/ordinativi", year, url.PathEscape(id)), folder.Ragioniere, "", nil)
		var page struct{ Ordinativi []tesoreria.Order }
		if status != http.StatusOK || json.Unmarshal(answer, &page) != nil {
			return nil, false
		}
		all = append(all, page.Ordinativi...)
	}
	return all, true
}

// ended counts the orders to which nothing more happens.
func ended(all []tesoreria.Order) (n int) {
	for _, o := range all {
		if o.Stato.Ended() {
			n++
		}
	}
	return n
}

// hurried shortens the times of the treasury.
func hurried(t testing.TB, dir string) {
	t.Helper()
	file := filepath.Join(dir, "enti", ambiente.BorgoFiorito().CodiceIPA, "ente.yaml")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, file, strings.NewReplacer("ogni: 2s", "ogni: 1s", "attesaEsito: 5s", "attesaEsito: 2s").Replace(string(data)))
}

// kill ends a process without a word.
func (p *process) kill(t testing.TB) {
	t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.cmd.Wait() // it was killed: its exit code says nothing
}

// Two hundred orders to pay and fifty to collect come from CSV files, while SIOPE+ answers badly and the hub is killed
// twice: once with uploads that arrived and whose answer did not, once amid the outcomes. Every order ends once, no flow
// is taken twice, and the cash book agrees to the cent.
func TestTreasuryOutlivesFaultsAndTwoKills(t *testing.T) {
	const flows, mandati, reversali = 10, 20, 5 // of each
	w := newWorld(t, hurried)
	ente, known, year := ambiente.BorgoFiorito(), ambiente.BorgoFioritoSIOPE(), time.Now().Year()
	hub, manage := serveProcess(t, w)
	c := &contabilita{t: t, base: "http://" + w.applicazioni, key: newKey(t, manage, ente.CodiceIPA)}

	w.SIOPE.Plan(false, year, 7, "NON ESEGUIBILE")
	w.SIOPE.Plan(false, year, 107, "NON ESEGUIBILE")
	if err := w.SIOPE.SetFaults(faults.Fault{Kind: faults.Stall, Path: "/" + known.Ufficio + "/"}); err != nil {
		t.Fatal(err)
	}
	var ids []string
	var paid, collected opi.Importo
	for f := range flows {
		text := csvColumns
		for n := range mandati {
			number := f*mandati + n + 1
			amount := opi.Importo(number*101 + 99)
			text += csvRow(false, number, amount)
			if number != 7 && number != 107 {
				paid += amount
			}
		}
		for n := range reversali {
			number := f*reversali + n + 1
			text += csvRow(true, number, opi.Importo(number*73+1))
			collected += opi.Importo(number*73 + 1)
		}
		var made tesoreria.Flow
		c.done(http.StatusAccepted, http.MethodPost, "/v1/tesoreria/flussi", folder.Ragioniere, "text/csv", []byte(text), &made)
		if made.Stato != tesoreria.Prepared || made.Mandati != mandati || made.Reversali != reversali {
			t.Fatalf("submitted: %+v", made)
		}
		ids = append(ids, made.Flusso)
		path := fmt.Sprintf("/v1/tesoreria/flussi/%d/%s/firma", year, made.Flusso)
		c.done(http.StatusOK, http.MethodPost, path, folder.Dirigente, "application/json", []byte(`{"modo":"chiave"}`), &made)
	}
	received := func() (uploads, taken int) {
		for _, id := range ids {
			u, n := w.SIOPE.Received(known.Ufficio, year, id)
			uploads, taken = uploads+u, taken+n
		}
		return uploads, taken
	}
	eventually(t, time.Minute, "flows arrive, and no answer comes", func() bool { n, _ := received(); return n >= 2 })
	hub.kill(t)

	if err := w.SIOPE.SetFaults(
		faults.Fault{Kind: faults.Cut, Every: 3, Method: http.MethodPost}, faults.Fault{Kind: faults.Down, Every: 17}, faults.Fault{Kind: faults.Empty, Every: 11},
		faults.Fault{Kind: faults.Throttle, RetryAfter: "1", Every: 4, Method: http.MethodPost}, faults.Fault{Kind: faults.HTML, Every: 13},
	); err != nil {
		t.Fatal(err)
	}
	hub, _ = serveProcess(t, w)
	eventually(t, 2*time.Minute, "some orders have ended", func() bool { all, _ := c.orders(year, ids); return ended(all) > 0 })
	hub.kill(t)
	hub, manage = serveProcess(t, w)
	var all []tesoreria.Order
	eventually(t, 3*time.Minute, "every order has ended", func() bool {
		all, _ = c.orders(year, ids)
		return len(all) == flows*(mandati+reversali) && ended(all) == len(all)
	})
	assertEndedOnce(t, all)
	if uploads, taken := received(); taken != flows || uploads < flows {
		t.Errorf("%d uploads, %d flows taken, want each of %d taken once", uploads, taken, flows)
	}
	assertBookAgrees(t, c, year, paid, collected)
	assertExportVerifies(t, w, manage, ente)
	if got := count(records(t, manage, ente.CodiceIPA), "tesoreria/intento", 0); got < flows {
		t.Errorf("%d intents of sending in the evidence, %d flows", got, flows)
	}
	hub.stop(t)
}

func assertEndedOnce(t *testing.T, all []tesoreria.Order) {
	t.Helper()
	for _, o := range all {
		ends := 0
		for _, s := range o.Storia {
			if s.State.Ended() {
				ends++
			}
		}
		want := tesoreria.Executed
		if o.Tipo == "mandato" && (o.Numero == 7 || o.Numero == 107) {
			want = tesoreria.NotExecuted
		}
		if ends != 1 || o.Stato != want {
			t.Errorf("%s %d is %s and ended %d times: %+v", o.Tipo, o.Numero, o.Stato, ends, o.Storia)
		}
	}
}

// assertBookAgrees waits for the last cash book and holds it against what was ordered.
func assertBookAgrees(t *testing.T, c *contabilita, year int, paid, collected opi.Importo) {
	t.Helper()
	ask, err := json.Marshal(map[string]any{"esercizio": year, "pagamenti": []tesoreria.Payment{
		{IUV: fmt.Sprintf("%017d", 3), Importo: 3*73 + 1}, {IUV: "00000000000009999", Importo: 1},
	}})
	if err != nil {
		t.Fatal(err)
	}
	var r tesoreria.Riconciliazione
	defer func() {
		if t.Failed() {
			t.Logf("%+v", r)
		}
	}()
	eventually(t, time.Minute, "the cash book agrees", func() bool {
		status, answer := c.ask(http.MethodPost, "/v1/tesoreria/riconciliazioni", folder.Ragioniere, "application/json", ask)
		r = tesoreria.Riconciliazione{}
		return status == http.StatusOK && json.Unmarshal(answer, &r) == nil && r.Quadra
	})
	if r.Mandati.Giornale != paid || r.Reversali.Giornale != collected || r.Mandati.Aperti+r.Reversali.Aperti != 0 {
		t.Errorf("cash book: %+v %+v, want %s and %s", r.Mandati, r.Reversali, paid, collected)
	}
	if b := r.Saldi; b.Saldo == nil || b.Tesoriere == nil || *b.Saldo != *b.Tesoriere || *b.Saldo != opi.Importo(ambiente.BorgoFioritoSIOPE().Fondo)+collected-paid || len(b.Allarmi) > 0 {
		t.Errorf("balances: %+v", r.Saldi)
	}
	if r.Pagamenti[0].Stato != "riconciliato" || r.Pagamenti[0].Ordinativo != fmt.Sprintf("reversale/%d/3", year) || r.Pagamenti[1].Stato != "non-trovato" {
		t.Errorf("payments: %+v", r.Pagamenti)
	}
}

// A flow that was changed after it was signed, one signed by somebody who may not, and one signed by who prepared it are
// refused with the reason, and nothing is sent.
func TestTreasuryRefusesBadSignatures(t *testing.T) {
	s := newSite(t)
	ente := ambiente.BorgoFiorito()
	c := &contabilita{t: t, base: "http://" + s.applicazioni, key: s.key[ente.CodiceIPA]}
	var made tesoreria.Flow
	c.done(http.StatusAccepted, http.MethodPost, "/v1/tesoreria/flussi", folder.Ragioniere, "text/csv", []byte(csvColumns+csvRow(false, 900, 12345)), &made)
	path := fmt.Sprintf("/v1/tesoreria/flussi/%d/%s", made.Esercizio, made.Flusso)
	status, document := c.ask(http.MethodGet, path+"/documento", folder.Ragioniere, "", nil)
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, document)
	}
	key := filepath.Join(s.dir, "enti", ente.CodiceIPA, "chiavi", "firma-di-prova.pem")
	signed := signWith(t, key, document)
	other := filepath.Join(t.TempDir(), "altri.pem")
	writeSigner(t, other)
	for name, c2 := range map[string]struct {
		operator string
		body     []byte
		rule     string
	}{
		"tampered": {folder.Dirigente, bytes.ReplaceAll(signed, []byte("123.45"), []byte("923.45")), "hub.tesoreria/signature"},
		"stranger": {folder.Dirigente, signWith(t, other, document), "hub.tesoreria/signature"},
		"unsigned": {folder.Dirigente, document, "hub.tesoreria/signature"},
		"another":  {folder.Dirigente, signWith(t, key, bytes.Replace(document, []byte("Ordine 900"), []byte("Ordine 901"), 1)), "hub.tesoreria/changed"},
	} {
		status, answer := c.ask(http.MethodPost, path+"/firma", c2.operator, "application/xml", c2.body)
		if status/100 != 4 || !strings.Contains(string(answer), c2.rule) {
			t.Errorf("%s: %d %s", name, status, answer)
		}
	}
	mine := bytes.Replace(document, []byte(made.Flusso), []byte("DEL-DIRIGENTE-1"), 1)
	mine = bytes.Replace(mine, []byte("<numero_mandato>900<"), []byte("<numero_mandato>901<"), 1)
	status, answer := c.ask(http.MethodPost, "/v1/tesoreria/flussi", folder.Dirigente, "application/xml", signWith(t, key, mine))
	if status != http.StatusForbidden || !strings.Contains(string(answer), "hub.tesoreria/same-person") {
		t.Errorf("preparer and signer are one: %d %s", status, answer)
	}
	if uploads, _ := s.SIOPE.Received(ambiente.BorgoFioritoSIOPE().Ufficio, made.Esercizio, made.Flusso); uploads != 0 {
		t.Error("something was sent")
	}
	c.done(http.StatusOK, http.MethodPost, path+"/firma", folder.Dirigente, "application/xml", signed, &made)
	if made.Stato != tesoreria.Signed || made.Firmatario != folder.Dirigente {
		t.Errorf("the good one: %+v", made)
	}
}

// A key in a file signs no orders outside environment locale: the configuration is refused.
func TestTreasuryFileKeyIsForLocaleAlone(t *testing.T) {
	w := newWorld(t)
	file := filepath.Join(w.dir, "enti", ambiente.BorgoFiorito().CodiceIPA, "ente.yaml")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, file, strings.Replace(string(data), "tesoreria:\n  environment: locale", "tesoreria:\n  environment: collaudo", 1))
	_, err = config.Load(w.dir)
	if err == nil || !strings.Contains(err.Error(), "tesoreria.chiaveFirma is admitted in environment locale alone") {
		t.Errorf("Load = %v", err)
	}
}

// The commands do what the API does.
func TestTreasuryCommands(t *testing.T) {
	s := newSite(t, hurried)
	ente, year := ambiente.BorgoFiorito().CodiceIPA, time.Now().Year()
	dir := t.TempDir()
	good, bad := filepath.Join(dir, "buono.csv"), filepath.Join(dir, "errato.csv")
	writeFile(t, good, csvColumns+csvRow(false, 1, 5000)+csvRow(true, 1, 700))
	writeFile(t, bad, csvColumns+strings.Replace(csvRow(false, 2, 5000), "IT60X", "IT61X", 1)+csvRow(false, 3, 10)+strings.Replace(csvRow(false, 4, 10), "G999B", "G999C", 1))
	socket := s.config.Path(s.config.Hub.Listeners.Gestione.Socket)
	command := func(want int, args ...string) (string, string) {
		t.Helper()
		code, out, diagnostics := s.cli(t, "", append([]string{"tesoreria"}, args...)...)
		if code != want {
			t.Errorf("%v: exit %d, want %d\n%s%s", args, code, want, out, diagnostics)
		}
		return out, diagnostics
	}
	at := []string{"--socket", socket, "--ente", ente}
	if _, why := command(1, append([]string{"send", bad, "--operatore", folder.Ragioniere}, at...)...); !strings.Contains(why, "riga 2, iban") || !strings.Contains(why, "riga 4, codice_fiscale") {
		t.Errorf("not every fault with its row:\n%s", why)
	} else if strings.Count(why, "IBAN errato") != 1 || !strings.Contains(why, "2 errori: nulla è stato tenuto né inviato") {
		t.Errorf("not every fault once:\n%s", why)
	}
	if _, why := command(1, append([]string{"send", good, "--operatore", "ciccio"}, at...)...); !strings.Contains(why, "--operatore ciccio") {
		t.Errorf("an operator whom nobody lists: %s", why)
	}
	if _, why := command(0, append([]string{"send", good, "--operatore", folder.Dirigente, "--flusso", "DEAD-1"}, at...)...); !strings.Contains(why, "nessuno può firmare questo flusso") {
		t.Errorf("the only signatory prepares: %s", why)
	}
	if _, why := command(1, append([]string{"send", good, "--operatore", folder.Ragioniere}, at...)...); !strings.Contains(why, "nel flusso DEAD-1 (preparato)") {
		t.Errorf("issued already: %s", why)
	}
	if out, _ := command(0, append([]string{"withdraw", fmt.Sprint(year), "DEAD-1", "--operatore", folder.Ragioniere}, at...)...); !strings.Contains(out, "ritirato") {
		t.Errorf("withdraw: %s", out)
	}
	command(0, append([]string{"send", good, "--operatore", folder.Ragioniere, "--flusso", "CLI-1"}, at...)...)
	document := filepath.Join(dir, "flusso.xml")
	command(0, append([]string{"sign", fmt.Sprint(year), "CLI-1", "--operatore", folder.Ragioniere, "--salva", document}, at...)...)
	if out, _ := command(0, "validate", document); !strings.Contains(out, "flusso_ordinativi 1.7.1") {
		t.Errorf("validate: %s", out)
	}
	command(0, append([]string{"sign", fmt.Sprint(year), "CLI-1", "--operatore", folder.Dirigente, "--chiave"}, at...)...)
	eventually(t, time.Minute, "both orders have ended", func() bool {
		out, _ := command(0, append([]string{"status", "--esercizio", fmt.Sprint(year), "--flusso", "CLI-1"}, at...)...)
		return strings.Count(out, "eseguito") == 2
	})
	command(0, append([]string{"status", "--esercizio", fmt.Sprint(year), "--ordinativo", "mandato/1"}, at...)...)
	eventually(t, time.Minute, "the cash book has come", func() bool {
		code, _, _ := s.cli(t, "", append([]string{"tesoreria", "reconcile", "--esercizio", fmt.Sprint(year)}, at...)...)
		return code == 0
	})
	if out, _ := command(0, append([]string{"balances", fmt.Sprint(year)}, at...)...); !strings.Contains(out, "quadra") || !strings.Contains(out, "50.00") {
		t.Errorf("balances: %s", out)
	}
	if out, _ := command(2, append([]string{"reconcile", "--esercizio", "2024"}, at...)...); !strings.Contains(out, "nessun ordinativo e nessun giornale di cassa nell'esercizio 2024") {
		t.Errorf("a year without data: %s", out)
	}
	first, last := fmt.Sprintf("%d-01-01", year), fmt.Sprintf("%d-12-31", year)
	if out, _ := command(0, append([]string{"journal", "--dal", first, "--al", last}, at...)...); !strings.Contains(out, ";50,00;") || !strings.Contains(out, ";7,00;") {
		t.Errorf("journal: %s", out)
	}
	book := filepath.Join(dir, "giornale.xlsx")
	command(0, append([]string{"journal", "--dal", first, "--al", last, "--formato", "xlsx", "--file", book}, at...)...)
	if data, err := os.ReadFile(book); err != nil || !bytes.HasPrefix(data, []byte("PK")) {
		t.Errorf("xlsx: %v", err)
	}
	if _, why := command(1, append([]string{"status", "--esercizio", fmt.Sprint(year), "--flusso", "NESSUNO"}, at...)...); !strings.Contains(why, "hub.tesoreria/unknown") {
		t.Errorf("a flow that is not there: %s", why)
	}
}
