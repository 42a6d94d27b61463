// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tesoreria_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/jobs"
	"github.com/snodo-pa/snodo/internal/tesoreria"
	"github.com/snodo-pa/snodo/mocks/faults"
	mock "github.com/snodo-pa/snodo/mocks/siope"
)

const upload = http.MethodPost // nothing else is posted

func (w *treasury) faults(list ...faults.Fault) {
	w.t.Helper()
	if err := w.bank.SetFaults(list...); err != nil {
		w.t.Fatal(err)
	}
}

// wantOnce checks how often a flow arrived, and that the treasurer took it once.
func (w *treasury) wantOnce(id string, arrived int) {
	w.t.Helper()
	if n, taken := w.bank.Received("UFBORG", 2026, id); n != arrived || taken != 1 {
		w.t.Errorf("%s arrived %d times and was taken %d times, want %d and once", id, n, taken, arrived)
	}
	if got := w.state(id); got != tesoreria.Taken {
		w.t.Errorf("state of %s: %s\n%s", id, got, w.Log)
	}
}

// TestAnAnswerThatIsLostIsFoundInTheACKs: the flow is not sent again.
func TestAnAnswerThatIsLostIsFoundInTheACKs(t *testing.T) {
	w := start(t, nil)
	w.submitted(flow("F-1", 2, 0))
	w.faults(faults.Fault{Kind: faults.Cut, Method: upload, Times: 1})
	w.pass(time.Millisecond)
	if got := w.state("F-1"); got != tesoreria.Sending && got != tesoreria.Taken {
		t.Errorf("state: %s", got)
	}
	w.pass(3 * time.Minute)
	w.wantOnce("F-1", 1)
}

// TestAFlowThatDidNotArriveIsSentAgain, after the ACKs were read for as long as is configured.
func TestAFlowThatDidNotArriveIsSentAgain(t *testing.T) {
	w := start(t, nil)
	w.submitted(flow("F-1", 2, 0))
	w.faults(faults.Fault{Kind: faults.Down, Method: upload, Times: 1})
	w.pass(time.Millisecond)
	w.pass(time.Minute)
	w.pass(3 * time.Minute)
	if n, _ := w.bank.Received("UFBORG", 2026, "F-1"); n != 0 || w.state("F-1") != tesoreria.Sending {
		t.Fatalf("after four minutes: %d uploads, %s", n, w.state("F-1"))
	}
	w.pass(2 * time.Minute)
	w.pass(2 * time.Minute)
	w.wantOnce("F-1", 1)
}

// TestCode101IsTheBackstop: an ACK so late that the flow is sent again does not make it two.
func TestCode101IsTheBackstop(t *testing.T) {
	w := start(t, nil, mock.Delays{Ack: 20 * time.Minute, Esito: 20 * time.Minute})
	w.submitted(flow("F-1", 2, 1))
	w.faults(faults.Fault{Kind: faults.Cut, Method: upload, Times: 1})
	w.pass(time.Millisecond)
	for range 4 {
		w.pass(4 * time.Minute)
	}
	if n, _ := w.bank.Received("UFBORG", 2026, "F-1"); n != 2 {
		t.Fatalf("%d uploads, want two", n)
	}
	for range 4 {
		w.pass(4 * time.Minute)
	}
	if got := w.state("F-1"); got != tesoreria.Acquired { // both ACKs have come, the second with code 101
		t.Errorf("state: %s", got)
	}
	for range 4 {
		w.pass(4 * time.Minute)
	}
	w.wantOnce("F-1", 2)
	if w.order(true, 1).Stato != tesoreria.Executed {
		t.Errorf("%+v", w.order(true, 1))
	}
}

// TestCode101OfAFirstUploadIsARefusal: somebody else has used the identifier.
func TestCode101OfAFirstUploadIsARefusal(t *testing.T) {
	w := start(t, nil)
	w.submitted(flow("F-1", 1, 0))
	w.pass(time.Minute)
	w.pass(time.Minute)
	other := start(t, nil)
	other.bank = w.bank
	other.open(nil)
	other.submitted(flow("F-1", 1, 0))
	other.pass(time.Minute)
	other.pass(time.Minute)
	f, err := other.desk.Flow(t.Context(), comune, app, tesoreria.FlowKey{Year: 2026, ID: "F-1"})
	if err != nil || f.Stato != tesoreria.Refused || f.Codice != "101" || len(f.Errori) != 1 || f.Errori[0].Elemento != "identificativo_flusso" {
		t.Errorf("%+v, %v", f, err)
	}
}

// TestARefusedFlowIsIssuedAnew: with its orders, under another identifier.
func TestARefusedFlowIsIssuedAnew(t *testing.T) {
	w := start(t, nil)
	bad := flow("F-1", 2, 0)
	bad.Ordinativi[0].Mandato.Beneficiari[0].Classificazioni[0].Codice = "1040202999"
	w.bank.Plan(false, 2026, 1, "NON ESEGUIBILE")
	w.submitted(bad)
	w.faults(faults.Fault{Kind: faults.Status, Status: http.StatusBadRequest, Method: upload, Times: 1})
	w.pass(time.Second)
	f, err := w.desk.Flow(t.Context(), comune, app, tesoreria.FlowKey{Year: 2026, ID: "F-1"})
	if err != nil || f.Stato != tesoreria.Refused || f.Codice != "http/400" || w.order(false, 1).Stato != tesoreria.Refused {
		t.Fatalf("%+v, %v, %s", f, err, w.order(false, 1).Stato)
	}
	w.submitted(flow("F-2", 2, 0))
	w.pass(2 * time.Minute)
	w.pass(2 * time.Minute)
	w.wantOnce("F-2", 1)
	if one, two := w.order(false, 1), w.order(false, 2); one.Stato != tesoreria.NotExecuted || two.Stato != tesoreria.Executed || two.Flusso != "F-2" {
		t.Errorf("%+v\n%+v", one, two)
	}
}

// TestAChannelThatIsClosedToUsIsForPeople: nothing is sent again before somebody has set it right.
func TestAChannelThatIsClosedToUsIsForPeople(t *testing.T) {
	w := start(t, nil)
	w.submitted(flow("F-1", 1, 0))
	w.faults(faults.Fault{Kind: faults.Status, Status: http.StatusForbidden, Method: upload, Times: 1})
	w.pass(time.Second)
	dead, err := w.Queue.Dead(t.Context(), jobs.DeadQuery{Kind: "tesoreria/invio"})
	if err != nil || len(dead) != 1 || dead[0].Code != tesoreria.CodeChannel || w.state("F-1") != tesoreria.Signed {
		t.Fatalf("%+v, %v, %s", dead, err, w.state("F-1"))
	}
	if err := w.Queue.Retry(t.Context(), dead[0].ID); err != nil {
		t.Fatal(err)
	}
	w.pass(time.Minute)
	w.pass(time.Minute)
	w.wantOnce("F-1", 1)
}

// TestThrottlingAndNobodyThere are a clear no: the flow is sent again without waiting for ACKs.
func TestThrottlingAndNobodyThere(t *testing.T) {
	w := start(t, nil)
	w.submitted(flow("F-1", 1, 0))
	w.faults(faults.Fault{Kind: faults.Throttle, RetryAfter: "20", Method: upload, Times: 1})
	w.pass(time.Second)
	if w.state("F-1") != tesoreria.Signed {
		t.Errorf("after 429: %s", w.state("F-1"))
	}
	if err := w.bank.Stop(); err != nil {
		t.Fatal(err)
	}
	w.faults()
	w.pass(time.Minute)
	if w.state("F-1") != tesoreria.Signed {
		t.Errorf("with nobody there: %s", w.state("F-1"))
	}
	if err := w.bank.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.pass(5 * time.Minute)
	w.pass(5 * time.Minute)
	w.wantOnce("F-1", 1)
}

// TestEveryAttemptHasIntentAndOutcome in the evidence.
func TestEveryAttemptHasIntentAndOutcome(t *testing.T) {
	w := start(t, nil, mock.Delays{Esito: 90 * time.Second})
	w.submitted(flow("F-1", 1, 0))
	w.faults(faults.Fault{Kind: faults.Down, Method: upload, Times: 1})
	for range 4 {
		w.pass(3 * time.Minute)
	}
	w.wantOnce("F-1", 1)
	count := map[evidence.Kind]int{}
	var said []string
	for _, kind := range []evidence.Kind{evidence.KindTesoreriaIntento, evidence.KindTesoreriaEsito, evidence.KindTesoreriaEvento} {
		kept, err := w.log.List(t.Context(), evidence.Query{Ente: comune, Kind: kind})
		if err != nil {
			t.Fatal(err)
		}
		count[kind] = len(kept)
		for _, s := range kept {
			said = append(said, s.Operation)
		}
	}
	if count[evidence.KindTesoreriaIntento] != 2 || count[evidence.KindTesoreriaEsito] != 2 {
		t.Errorf("%v", count)
	}
	for _, want := range []string{"flusso/firmato", "flusso/acquisito", "flusso/preso_in_carico", "ordinativi/esito", "giornale/ricevuto"} {
		if !strings.Contains(strings.Join(said, " "), want) {
			t.Errorf("no %s in %v", want, said)
		}
	}
}

// TestAMissingACKIsTold after a day, once: of a flow that arrived, and of one of which nobody knows whether it did.
func TestAMissingACKIsTold(t *testing.T) {
	for name, c := range map[string]struct {
		faults []faults.Fault
		state  tesoreria.State
	}{
		"it arrived":   {nil, tesoreria.Sent},
		"nobody knows": {[]faults.Fault{{Kind: faults.Down, Method: upload}}, tesoreria.Sending},
	} {
		t.Run(name, func(t *testing.T) {
			w := start(t, func(_ *tesoreria.Options, c *config.Tesoreria) { c.Ogni = time.Hour }, mock.Delays{Ack: 1000 * time.Hour})
			w.submitted(flow("F-1", 1, 0))
			w.faults(c.faults...)
			w.pass(time.Second)
			for range 7 {
				waiting, err := w.desk.Flow(t.Context(), comune, app, tesoreria.FlowKey{Year: 2026, ID: "F-1"})
				since := w.clock.Now().Sub(waiting.SenzaACKDal)
				if err != nil || since < 0 || since > 29*time.Hour || waiting.ACKMancante != (since >= 24*time.Hour) {
					t.Errorf("%v: without ACK since %v, missing %v, %v", w.clock.Now(), waiting.SenzaACKDal, waiting.ACKMancante, err)
				}
				w.pass(4 * time.Hour)
			}
			if n := strings.Count(w.Log.String(), "ACK mancante"); n != 1 || w.state("F-1") != c.state {
				t.Errorf("told %d times, %s", n, w.state("F-1"))
			}
		})
	}
}
