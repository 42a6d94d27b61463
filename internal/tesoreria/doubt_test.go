// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tesoreria_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/jobs"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/tesoreria"
	"github.com/snodo-pa/snodo/mocks/faults"
	mock "github.com/snodo-pa/snodo/mocks/siope"
)

// TestAClearNoAfterAnUnknownOutcomeFreesNothing: the first attempt arrived and its ACK is slow, the second is told no. The
// flow may be neither refused nor withdrawn, nor its orders be issued anew: the treasurer would pay twice.
func TestAClearNoAfterAnUnknownOutcomeFreesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		fault faults.Fault
		no    error
		dead  string
	}{
		"400":                {fault: faults.Fault{Kind: faults.Status, Status: http.StatusBadRequest}, dead: tesoreria.CodeRefused},
		"403":                {fault: faults.Fault{Kind: faults.Status, Status: http.StatusForbidden}, dead: tesoreria.CodeChannel},
		"429":                {fault: faults.Fault{Kind: faults.Throttle, RetryAfter: "20"}},
		"connection refused": {no: errNobodyThere},
	} {
		t.Run(name, func(t *testing.T) {
			w := start(t, nil, mock.Delays{Ack: 8 * time.Minute})
			channel := &wrapped{upload: func(n int) error {
				if n == 2 {
					return c.no
				}
				return nil
			}}
			w.wrap(channel, func(c *config.Tesoreria) { c.Ogni = 4 * time.Minute })
			w.submitted(flow("F-1", 1, 0))
			w.faults(faults.Fault{Kind: faults.Cut, Method: upload, Times: 1})
			w.pass(time.Millisecond)
			if c.no == nil {
				c.fault.Method, c.fault.Times = upload, 1
				w.faults(c.fault)
			}
			w.pass(time.Minute)
			w.pass(5 * time.Minute)
			if channel.uploads != 2 || w.state("F-1") != tesoreria.Sending {
				t.Fatalf("%d uploads, %s", channel.uploads, w.state("F-1"))
			}
			w.wantDead(c.dead)
			_, err := w.desk.Withdraw(t.Context(), comune, app, ragioner, tesoreria.FlowKey{Year: 2026, ID: "F-1"})
			wantRule(t, err, problem.RuleTreasuryState)
			_, err = w.desk.Submit(t.Context(), submission(elena().sign(t, document(t, flow("F-2", 1, 0)), w.clock.Now())))
			wantRule(t, err, problem.RuleTreasuryFlow)
			for range 4 { // the ACKs are read on: nothing is sent again
				w.pass(4 * time.Minute)
			}
			w.wantOnce("F-1", 1)
			if channel.uploads != 2 || w.order(false, 1).Stato != tesoreria.Executed {
				t.Errorf("%d uploads, %+v", channel.uploads, w.order(false, 1))
			}
		})
	}
}

// wantDead checks that the one dead letter has a code, or that there is none.
func (w *treasury) wantDead(code string) {
	w.t.Helper()
	dead, err := w.Queue.Dead(w.t.Context(), jobs.DeadQuery{Kind: "tesoreria/invio"})
	if err != nil || code == "" && len(dead) > 0 || code != "" && (len(dead) != 1 || dead[0].Code != code) {
		w.t.Errorf("dead letters %+v, %v, want %q", dead, err, code)
	}
}

// TestARetriedDeadLetterReadsTheACKsFirst: what people set going again after an unknown outcome is not sent blindly.
func TestARetriedDeadLetterReadsTheACKsFirst(t *testing.T) {
	w := start(t, nil, mock.Delays{Ack: 7 * time.Minute})
	channel := &wrapped{}
	w.wrap(channel)
	w.submitted(flow("F-1", 1, 0))
	w.faults(faults.Fault{Kind: faults.Cut, Method: upload, Times: 1})
	w.pass(time.Millisecond)
	w.faults(faults.Fault{Kind: faults.Status, Status: http.StatusForbidden, Method: upload, Times: 1}, faults.Fault{Kind: faults.Status, Status: http.StatusForbidden, Path: "/esito"})
	for range 6 {
		w.pass(time.Minute)
	}
	dead, err := w.Queue.Dead(t.Context(), jobs.DeadQuery{Kind: "tesoreria/invio"})
	if err != nil || len(dead) != 1 {
		t.Fatalf("%+v, %v", dead, err)
	}
	w.clock.Advance(6 * time.Minute)
	if err := w.Queue.Retry(t.Context(), dead[0].ID); err != nil {
		t.Fatal(err)
	}
	w.pass(time.Second)
	if channel.uploads != 2 || w.state("F-1") != tesoreria.Acquired {
		t.Errorf("%d uploads, %s", channel.uploads, w.state("F-1"))
	}
}

// TestCode101AfterAClearNoIsARefusal: the first attempt certainly did not arrive, so somebody else has the identifier.
func TestCode101AfterAClearNoIsARefusal(t *testing.T) {
	w := start(t, nil)
	w.submitted(flow("F-1", 1, 0))
	w.pass(time.Minute)
	w.pass(time.Minute)
	other := start(t, nil)
	other.bank = w.bank
	other.open(nil)
	other.submitted(flow("F-1", 1, 0))
	other.faults(faults.Fault{Kind: faults.Throttle, RetryAfter: "20", Method: upload, Times: 1})
	for range 3 {
		other.pass(time.Minute)
	}
	f, err := other.desk.Flow(t.Context(), comune, app, tesoreria.FlowKey{Year: 2026, ID: "F-1"})
	if err != nil || f.Tentativi != 2 || f.Stato != tesoreria.Refused || f.Codice != "101" {
		t.Errorf("%+v, %v", f, err)
	}
}

// TestMessagesThatFailDoNotHoldUpADoubtfulFlow: only the ACKs of its window are asked what became of it.
func TestMessagesThatFailDoNotHoldUpADoubtfulFlow(t *testing.T) {
	w := start(t, nil)
	var broken []faults.Fault
	for list, numbers := range map[string]int64{"/esitoapplicativo/": 4, "/giornale/": 1, "/esitoflusso/": 1} {
		for n := range numbers {
			broken = append(broken, faults.Fault{Kind: faults.Status, Status: http.StatusInternalServerError, Path: w.message(list, n+1)})
		}
	}
	w.faults(broken...)
	w.submitted(flow("F-0", 6, 2))
	w.pass(2 * time.Minute)
	next := flow("F-1", 0, 3)
	next.Ordinativi = next.Ordinativi[2:]
	w.submitted(next)
	w.faults(append(broken, faults.Fault{Kind: faults.Down, Method: upload, Times: 1})...)
	for range 9 {
		w.pass(time.Minute)
	}
	if got := w.state("F-1"); got != tesoreria.Taken {
		t.Errorf("%s\n%s", got, w.Log)
	}
	if got := w.state("F-0"); got != tesoreria.Acquired {
		t.Errorf("the other one: %s", got)
	}
}

// TestAnOutcomeAfterItsIntentWasClosedIsKept: a sweep closes old intents as unknown while the upload is still under way.
func TestAnOutcomeAfterItsIntentWasClosedIsKept(t *testing.T) {
	w := start(t, nil)
	w.wrap(&wrapped{upload: func(int) error {
		w.clock.Advance(80 * time.Second)
		closed, err := w.log.CloseUnknown(t.Context(), w.clock.Now().Add(-75*time.Second))
		if closed != 1 || err != nil {
			t.Errorf("%d intents closed, %v", closed, err)
		}
		return nil
	}})
	w.submitted(flow("F-1", 1, 0))
	w.pass(time.Millisecond)
	w.pass(time.Minute)
	w.wantOnce("F-1", 1)
	ends, err := w.log.List(t.Context(), evidence.Query{Ente: comune, Kind: evidence.KindTesoreriaEsito})
	kept := w.events("flusso/invio")
	if err != nil || len(ends) != 0 || len(kept) != 1 || kept[0].Side.Act.Values["stato"] != "201" || kept[0].Side.Act.Target != "flusso/2026/F-1" {
		t.Errorf("%+v, %+v, %v", ends, kept, err)
	}
}
