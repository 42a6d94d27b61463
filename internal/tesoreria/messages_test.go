// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tesoreria_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	siope "github.com/snodo-pa/snodo/adapters/tesoreria"
	"github.com/snodo-pa/snodo/adapters/tesoreria/opi"
	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/tesoreria"
	"github.com/snodo-pa/snodo/mocks/faults"
	mock "github.com/snodo-pa/snodo/mocks/siope"
)

// TestMessagesOfAnotherSignerChangeNothing: what the treasurer did not sign is told, and waits: the certificates that this
// hub knows may be the wrong ones, or old ones.
func TestMessagesOfAnotherSignerChangeNothing(t *testing.T) {
	w := start(t, nil)
	w.open(func(_ *tesoreria.Options, c *config.Tesoreria) {
		c.TesoriereCA = []string{w.write("altri.pem", certPEM(stranger().cert))}
		c.Avvisi = &config.Avvisi{URL: "https://contabilita.example/avvisi", Segreto: w.write("segreto", []byte("parola\n"))}
	})
	w.submitted(flow("F-1", 1, 0))
	for range 4 {
		w.pass(time.Minute)
	}
	if got := w.state("F-1"); got != tesoreria.Acquired { // the ACK is SIOPE+'s, which signs none
		t.Errorf("state: %s", got)
	}
	waiting, err := w.Store.Tesoreria().Messages(t.Context(), tesoreria.Channel{Ente: comune, Environment: "locale"}, tesoreria.MessageListed)
	if err != nil || len(waiting) == 0 || !strings.Contains(string(waiting[0].Facts), "opi.signature/untrusted") {
		t.Errorf("%v, %v", waiting, err)
	}
	if n := len(w.events("messaggio/sospeso")); n != len(waiting) {
		t.Errorf("%d are in the evidence, %d wait", n, len(waiting))
	}
	if n := strings.Count(strings.Join(w.bodies, "\n"), `"codice":"opi.signature/untrusted"`); n != len(waiting) {
		t.Errorf("%d are told, %d wait", n, len(waiting))
	}
	if !strings.Contains(w.Log.String(), "messaggio in sospeso: opi.signature/untrusted") {
		t.Errorf("%s", w.Log)
	}
	w.open(nil)
	w.pass(time.Minute)
	w.pass(time.Minute)
	w.wantOnce("F-1", 1)
	if o := w.order(false, 1); o.Stato != tesoreria.Executed {
		t.Errorf("%+v", o)
	}
}

// TestADamagedDownloadIsAskedForAgain.
func TestADamagedDownloadIsAskedForAgain(t *testing.T) {
	w := start(t, nil)
	damaged := 0
	w.wrap(&wrapped{fetched: func(location string, data []byte) ([]byte, error) {
		if strings.Contains(location, "/esitoflusso/") && damaged < 2 {
			damaged++
			return nil, fmt.Errorf("%w: cut short", siope.ErrReply)
		}
		return data, nil
	}})
	w.submitted(flow("F-1", 1, 0))
	for range 5 {
		w.pass(time.Minute)
	}
	w.wantOnce("F-1", 1)
	if told := w.events("messaggio/sospeso"); damaged != 2 || len(told) != 1 {
		t.Errorf("damaged %d times, told %d times", damaged, len(told))
	}
}

// TestOutcomesMayComeBeforeTheACK: lists fail one by one, and nothing leads back.
func TestOutcomesMayComeBeforeTheACK(t *testing.T) {
	w := start(t, nil)
	w.submitted(flow("F-1", 2, 1))
	w.pass(time.Millisecond)
	w.faults(faults.Fault{Kind: faults.Empty, Path: "/flusso/ack/"})
	w.pass(time.Minute)
	w.pass(time.Minute)
	if f, o := w.state("F-1"), w.order(false, 1); f != tesoreria.Taken && f != tesoreria.Sent || o.Stato != tesoreria.Executed {
		t.Fatalf("%s, %+v", f, o)
	}
	w.faults()
	w.pass(5 * time.Minute)
	if o := w.order(false, 1); w.state("F-1") != tesoreria.Taken || o.Stato != tesoreria.Executed {
		t.Errorf("%s, %+v", w.state("F-1"), o)
	}
	ends := 0
	for _, s := range w.order(false, 1).Storia {
		if s.State.Ended() {
			ends++
		}
	}
	if ends != 1 {
		t.Errorf("it ended %d times", ends)
	}
}

// TestADamagedMessageIsKeptAndAGatewayPageIsNot: the one is refused, the other asked for again.
func TestADamagedMessageIsKeptAndAGatewayPageIsNot(t *testing.T) {
	w := start(t, nil)
	w.submitted(flow("F-1", 1, 0))
	w.faults(faults.Fault{Kind: faults.HTML, Path: w.message("/flusso/ack/", 1), Times: 2})
	for range 6 {
		w.pass(time.Minute)
	}
	w.wantOnce("F-1", 1)
}

// TestMessagesOfOthersAreLeftAlone: another program of the ente sends flows too.
func TestMessagesOfOthersAreLeftAlone(t *testing.T) {
	w := start(t, nil)
	w.submitted(flow("F-1", 1, 0))
	w.pass(time.Minute)
	other := start(t, nil)
	other.bank = w.bank
	other.open(func(_ *tesoreria.Options, c *config.Tesoreria) { c.Elenco = config.ElencoTutti }) // the first has fetched them
	other.clock.Advance(w.clock.Now().Sub(other.clock.Now()))
	other.pass(time.Minute)
	foreign, err := other.Store.Tesoreria().Messages(t.Context(), tesoreria.Channel{Ente: comune, Environment: "locale"}, tesoreria.MessageForeign)
	if err != nil || len(foreign) == 0 {
		t.Errorf("%v, %v", foreign, err)
	}
	if flows, err := other.desk.Flows(t.Context(), comune, app, ""); err != nil || len(flows) != 0 {
		t.Errorf("%v, %v", flows, err)
	}
}

// TestAnOrderOfSeveralLinesIsExecutedInParts.
func TestAnOrderOfSeveralLinesIsExecutedInParts(t *testing.T) {
	w := start(t, nil, mock.Delays{Esiti: time.Hour})
	f := flow("F-1", 1, 0)
	m := f.Ordinativi[0].Mandato
	second := m.Beneficiari[0]
	second.Progressivo, second.SEPA = 2, &opi.SEPA{IBAN: "IT60X0542811101000000123456"}
	m.Beneficiari = append(m.Beneficiari, second)
	m.Importo *= 2
	w.submitted(f)
	w.pass(time.Minute)
	w.pass(time.Minute)
	if o := w.order(false, 1); o.Stato != tesoreria.Taken || len(o.Righe) != 2 {
		t.Fatalf("%+v", o)
	}
	w.pass(time.Hour)
	w.pass(time.Minute)
	if o := w.order(false, 1); o.Stato != tesoreria.Executed || o.Righe[1].State != tesoreria.Executed {
		t.Errorf("%+v", o)
	}
}

// TestAnOrderIsCancelledByAnother: ANNULLO names an order that was issued.
func TestAnOrderIsCancelledByAnother(t *testing.T) {
	w := start(t, nil, mock.Delays{Esiti: time.Hour})
	w.submitted(flow("F-1", 1, 0))
	w.pass(time.Minute)
	w.pass(time.Minute)
	cancel := flow("F-2", 1, 0)
	cancel.Ordinativi[0].Mandato.TipoOperazione = "ANNULLO"
	w.submitted(cancel)
	w.pass(time.Minute)
	w.pass(time.Minute)
	w.pass(2 * time.Hour)
	w.pass(time.Minute)
	o := w.order(false, 1)
	if o.Flusso != "F-2" || o.Operazione != "ANNULLO" || !o.Stato.Ended() {
		t.Errorf("%+v", o)
	}
}

// TestACancellationThatIsRefusedLeavesTheOrderAsItWas.
func TestACancellationThatIsRefusedLeavesTheOrderAsItWas(t *testing.T) {
	w := start(t, nil)
	w.submitted(flow("F-1", 1, 0))
	w.pass(time.Minute)
	w.pass(time.Minute)
	if o := w.order(false, 1); o.Stato != tesoreria.Executed {
		t.Fatalf("%+v", o)
	}
	cancel := flow("F-2", 1, 0)
	cancel.Ordinativi[0].Mandato.TipoOperazione = "ANNULLO"
	w.submitted(cancel)
	w.faults(faults.Fault{Kind: faults.Status, Status: http.StatusBadRequest, Method: upload, Times: 1})
	w.pass(time.Second)
	if o := w.order(false, 1); o.Stato != tesoreria.Executed || o.Flusso != "F-1" {
		t.Errorf("%+v", o)
	}
}

// TestARefusedVariationIsTold: the order is again what it was, and that is stored and told.
func TestARefusedVariationIsTold(t *testing.T) {
	for operation, word := range map[string]string{"VARIAZIONE": "NON VARIATO", "ANNULLO": "NON ANNULLATO"} {
		t.Run(word, func(t *testing.T) {
			w := start(t, nil, mock.Delays{Esiti: time.Hour})
			w.submitted(flow("F-1", 1, 0))
			w.pass(time.Minute)
			w.pass(time.Minute)
			change := flow("F-2", 1, 0)
			change.Ordinativi[0].Mandato.TipoOperazione = operation
			w.bank.Plan(false, 2026, 1, word)
			w.submitted(change)
			w.pass(time.Minute)
			w.pass(time.Minute)
			if o := w.order(false, 1); o.Flusso != "F-2" || o.Stato != tesoreria.Taken {
				t.Fatalf("%+v", o)
			}
			for range 3 {
				w.pass(time.Hour)
			}
			o := w.order(false, 1)
			last := o.Storia[len(o.Storia)-1]
			if o.Flusso != "F-1" || o.Operazione != "INSERIMENTO" || !slices.ContainsFunc(o.Storia, func(s tesoreria.Step) bool { return s.Code == "35" }) || last.State == "" {
				t.Errorf("%+v", o)
			}
		})
	}
}

// TestProvisionalSumsAreListedUntilAnOrderRegularisesThem, and payments find them by IUV.
func TestProvisionalSumsAreListedUntilAnOrderRegularisesThem(t *testing.T) {
	w := start(t, nil)
	number, err := w.bank.Provisional("UFBORG", 5001, "Giulia Conti", "Refezione settembre IUV 01000000000012345")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.bank.Provisional("UFBORG", -900, "Banca", "Commissioni"); err != nil {
		t.Fatal(err)
	}
	payments := []tesoreria.Payment{
		{IUV: "01000000000012345", Importo: 5001},
		{IUV: "01000000000012346", Importo: 1},
		{IUV: "00000000000000002", Importo: 5002},
		{IUV: "01000000000012345", Importo: 1},
	}
	reconciled := func() tesoreria.Riconciliazione {
		t.Helper()
		w.pass(time.Minute)
		w.pass(time.Minute)
		r, err := w.desk.Reconcile(t.Context(), comune, app, 2026, payments)
		if err != nil || !r.Quadra {
			t.Fatalf("%+v, %v", r, err)
		}
		return r
	}
	states := func(r tesoreria.Riconciliazione) string {
		var all []string
		for _, p := range r.Pagamenti {
			all = append(all, p.Stato)
		}
		return strings.Join(all, " ")
	}
	r := reconciled()
	if len(r.Sospesi) != 2 || r.Sospesi[0].Numero != number || r.Sospesi[0].Residuo != 5001 || !slices.Equal(r.Sospesi[0].IUV, []string{"01000000000012345"}) ||
		r.Sospesi[1].Direzione != "USCITA" || *r.Saldi.Saldo != 100_000_00+5001-900 {
		t.Errorf("%+v", r)
	}
	if got := states(r); got != "sospeso non-trovato non-trovato importo-diverso" {
		t.Errorf("payments: %s", got)
	}
	f := flow("F-1", 0, 2)
	v := &f.Ordinativi[0].Reversale.Versanti[0]
	v.TipoRiscossione, v.Causale = "REGOLARIZZAZIONE", "Refezione settembre IUV 01000000000012345"
	v.Sospesi = []opi.Sospeso{{NumeroProvvisorio: number, Importo: 5001}}
	w.submitted(f)
	w.pass(time.Minute)
	r = reconciled()
	if o := w.order(true, 1); o.Stato != tesoreria.Regularised {
		t.Errorf("%+v", o)
	}
	if len(r.Sospesi) != 1 || r.Abbinati != 5001+5002 || r.Pagamenti[0].Ordinativo != "reversale/2026/1" || *r.Saldi.Saldo != *r.Saldi.Tesoriere {
		t.Errorf("%+v", r)
	}
	if got := states(r); got != "riconciliato non-trovato riconciliato importo-diverso" {
		t.Errorf("payments: %s", got)
	}
}

// TestACashBookThatDoesNotAddUpRaisesAnAlarm, also one of several pages, whose totals are on the last.
func TestACashBookThatDoesNotAddUpRaisesAnAlarm(t *testing.T) {
	for name, orders := range map[string]int{"one page": 1, "several pages": 7} {
		t.Run(name, func(t *testing.T) { testAlarm(t, orders) })
	}
}

func testAlarm(t *testing.T, orders int) {
	t.Helper()
	w := start(t, nil)
	w.submitted(flow("F-1", 2, 0))
	w.pass(time.Minute)
	w.pass(time.Minute)
	w.bank.Misreport("UFBORG", 1)
	w.submitted(flow("F-2", 0, orders))
	w.pass(time.Minute)
	w.pass(time.Minute)
	s, err := w.desk.Balances(t.Context(), comune, app, 2026)
	if err != nil || !slices.Contains(s.Allarmi, tesoreria.AlarmChain) || !slices.Contains(s.Allarmi, tesoreria.AlarmYear) {
		t.Errorf("%+v, %v", s, err)
	}
	if r, err := w.desk.Reconcile(t.Context(), comune, app, 2026, nil); err != nil || r.Quadra {
		t.Errorf("%+v, %v", r, err)
	}
	if !strings.Contains(w.Log.String(), "il giornale di cassa non quadra") {
		t.Errorf("%s", w.Log)
	}
}

// TestChangesAreTold to who wants them: signed, without personal data, until they are taken.
func TestChangesAreTold(t *testing.T) {
	w := start(t, nil)
	w.open(func(_ *tesoreria.Options, c *config.Tesoreria) {
		c.Avvisi = &config.Avvisi{URL: "https://contabilita.example/avvisi", Segreto: w.write("segreto", []byte("parola\n"))}
	})
	w.answer = http.StatusServiceUnavailable
	w.submitted(flow("F-1", 1, 0))
	w.pass(time.Millisecond)
	if len(w.notices) != 1 {
		t.Fatalf("%d notices", len(w.notices))
	}
	w.answer = http.StatusNoContent
	for range 4 {
		w.pass(2 * time.Minute)
	}
	told := map[string]bool{}
	for i, body := range w.bodies {
		var n struct{ Evento, Stato, Flusso string }
		if err := json.Unmarshal([]byte(body), &n); err != nil {
			t.Fatal(err)
		}
		told[n.Evento+" "+n.Stato] = true
		if strings.Contains(body, "Conti") || strings.Contains(body, "100.01") {
			t.Errorf("it names a person or an amount: %s", body)
		}
		stamp, mac, _ := strings.Cut(strings.TrimPrefix(w.notices[i].Header.Get(tesoreria.HeaderSignature), "t="), ",v1=")
		want := hmac.New(sha256.New, []byte("parola"))
		fmt.Fprintf(want, "%s.%s", stamp, body)
		if hex.EncodeToString(want.Sum(nil)) != mac {
			t.Errorf("signature %s", w.notices[i].Header.Get(tesoreria.HeaderSignature))
		}
	}
	for _, want := range []string{"flusso firmato", "flusso inviato", "flusso preso_in_carico", "ordinativi ", "giornale "} {
		if !told[want] {
			t.Errorf("not told: %s (%v)", want, told)
		}
	}
}
