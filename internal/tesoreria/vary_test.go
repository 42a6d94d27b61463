// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tesoreria_test

import (
	"testing"
	"time"

	"github.com/snodo-pa/snodo/adapters/tesoreria/opi"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/tesoreria"
)

// varying is a flow that varies or cancels mandato 1.
func varying(id, operation string) *opi.Flusso {
	f := flow(id, 1, 0)
	f.Ordinativi[0].Mandato.TipoOperazione = operation
	return f
}

func refusedAs(err error, rule string) bool {
	spots := problem.Explain(err).Spots
	return err != nil && len(spots) == 1 && spots[0].Found.EN == rule
}

// TestAPaidOrderIsNotIssuedAgain: two variations, one over the other, both withdrawn, must not make the hub forget that the
// order was paid.
func TestAPaidOrderIsNotIssuedAgain(t *testing.T) {
	for _, operation := range []string{"VARIAZIONE", "ANNULLO"} {
		w := start(t, nil)
		w.submitted(flow("F-1", 1, 0))
		for range 3 {
			w.pass(2 * time.Minute)
		}
		paid := w.order(false, 1).Stato
		if paid != tesoreria.Executed {
			t.Fatalf("the order is %s", paid)
		}
		if _, err := w.desk.Submit(t.Context(), submission(document(t, varying("V-1", operation)))); err != nil {
			t.Fatal(err)
		}
		for _, second := range []string{"VARIAZIONE", "ANNULLO"} {
			if _, err := w.desk.Submit(t.Context(), submission(document(t, varying("V-2", second)))); !refusedAs(err, "opi.flow/unsettled") {
				t.Errorf("%s over %s: %v", second, operation, err)
			}
		}
		if _, err := w.desk.Withdraw(t.Context(), comune, app, ragioner, tesoreria.FlowKey{Year: 2026, ID: "V-1"}); err != nil {
			t.Fatal(err)
		}
		if got := w.order(false, 1).Stato; got != paid {
			t.Errorf("after the withdrawal of %s the order is %s", operation, got)
		}
		if _, err := w.desk.Submit(t.Context(), submission(document(t, flow("F-2", 1, 0)))); !refusedAs(err, "opi.flow/already-issued") {
			t.Errorf("issued again: %v", err)
		}
	}
}

// TestAnOrderIsVariedOnceSIOPEHasIt: before, its own flow is withdrawn and it is issued anew.
func TestAnOrderIsVariedOnceSIOPEHasIt(t *testing.T) {
	w := start(t, nil)
	if _, err := w.desk.Submit(t.Context(), submission(document(t, flow("F-1", 1, 0)))); err != nil {
		t.Fatal(err)
	}
	if _, err := w.desk.Submit(t.Context(), submission(document(t, varying("V-1", "ANNULLO")))); !refusedAs(err, "opi.flow/unsettled") {
		t.Fatalf("an order that was not sent is cancelled: %v", err)
	}
	if _, err := w.desk.Withdraw(t.Context(), comune, app, ragioner, tesoreria.FlowKey{Year: 2026, ID: "F-1"}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.desk.Submit(t.Context(), submission(document(t, flow("F-2", 1, 0)))); err != nil {
		t.Errorf("issued anew: %v", err)
	}
}
