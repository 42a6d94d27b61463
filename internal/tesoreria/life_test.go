// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tesoreria_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/tesoreria"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

// TestASignedFlowIsCarriedThrough from the accounting program to the cash book.
func TestASignedFlowIsCarriedThrough(t *testing.T) {
	w := start(t, nil)
	f := w.submitted(flow("F-1", 7, 3))
	if f.Stato != tesoreria.Signed || f.Firmatario != dirigent || f.Mandati != 7 || f.Reversali != 3 || f.Pagamenti != 70028 || f.Incassi != 15006 {
		t.Errorf("submitted: %+v", f)
	}
	w.pass(time.Second)
	w.pass(2 * time.Minute)
	w.pass(2 * time.Minute)
	if got := w.state("F-1"); got != tesoreria.Taken {
		t.Errorf("state of the flow: %s\n%s", got, w.Log)
	}
	for n := int64(1); n <= 7; n++ {
		if o := w.order(false, n); o.Stato != tesoreria.Executed {
			t.Errorf("mandato %d: %+v", n, o)
		}
	}
	r, err := w.desk.Reconcile(t.Context(), comune, app, 2026, nil)
	if err != nil || !r.Quadra || r.Ordinativi != 10 || r.Movimenti != 10 || r.Mandati.Importo != 70028 || r.Mandati.Giornale != 70028 || r.Reversali.Giornale != 15006 {
		t.Errorf("Reconcile = %+v, %v", r, err)
	}
}

// TestAFlowWithoutSignatureWaitsForOne: handed out, signed elsewhere, uploaded.
func TestAFlowWithoutSignatureWaitsForOne(t *testing.T) {
	w := start(t, nil)
	prepared := document(t, flow("F-1", 1, 1))
	f, err := w.desk.Submit(t.Context(), submission(prepared))
	if err != nil || f.Stato != tesoreria.Prepared {
		t.Fatalf("%+v, %v", f, err)
	}
	w.pass(time.Hour)
	if uploads, _ := w.bank.Received("UFBORG", 2026, "F-1"); uploads != 0 {
		t.Fatal("an unsigned flow was sent")
	}
	key := tesoreria.FlowKey{Year: 2026, ID: "F-1"}
	got, err := w.desk.Document(t.Context(), comune, app, ragioner, key)
	if err != nil || !bytes.Equal(got, prepared) || w.state("F-1") != tesoreria.InFirma {
		t.Fatalf("Document: %v, %s", err, w.state("F-1"))
	}
	signed := elena().sign(t, got, w.clock.Now())
	for range 2 { // the second upload of the same document changes nothing
		if f, err = w.desk.Attach(t.Context(), comune, app, dirigent, key, signed); err != nil || f.Stato != tesoreria.Signed || f.Firmatario != dirigent {
			t.Fatalf("Attach = %+v, %v", f, err)
		}
	}
	w.pass(2 * time.Minute)
	w.pass(2 * time.Minute)
	if w.order(true, 1).Stato != tesoreria.Executed {
		t.Errorf("%+v", w.order(true, 1))
	}
	_, err = w.desk.Attach(t.Context(), comune, app, dirigent, key, elena().sign(t, got, w.clock.Now()))
	wantRule(t, err, problem.RuleTreasuryState)
}

// TestRefusesSignatures: each is refused with its reason, and the flow stays as it was.
func TestRefusesSignatures(t *testing.T) {
	w := start(t, nil)
	prepared := document(t, flow("F-1", 1, 0))
	if _, err := w.desk.Submit(t.Context(), submission(prepared)); err != nil {
		t.Fatal(err)
	}
	key, now := tesoreria.FlowKey{Year: 2026, ID: "F-1"}, w.clock.Now()
	for name, c := range map[string]struct {
		signed []byte
		rule   modi.RuleID
	}{
		"tampered after signing": {bytes.ReplaceAll(elena().sign(t, prepared, now), []byte("100.01"), []byte("900.01")), problem.RuleTreasurySignature},
		"not signed":             {prepared, problem.RuleTreasurySignature},
		"unlisted signer":        {stranger().sign(t, prepared, now), problem.RuleTreasurySigner},
		"unknown authority":      {mustPerson(neri).sign(t, prepared, now), problem.RuleTreasurySignature},
		"another document":       {elena().sign(t, document(t, flow("F-1", 2, 0)), now), problem.RuleTreasuryChanged},
		"no document":            {[]byte("ciao"), problem.RuleTreasurySignature},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.desk.Attach(t.Context(), comune, app, dirigent, key, c.signed)
			wantRule(t, err, c.rule)
		})
	}
	if w.state("F-1") != tesoreria.Prepared {
		t.Errorf("state: %s", w.state("F-1"))
	}
	kept, err := w.log.List(t.Context(), evidence.Query{Ente: comune, Kind: evidence.KindTesoreriaEvento})
	if err != nil {
		t.Fatal(err)
	}
	refusals := 0
	for _, s := range kept {
		if s.Operation == "flusso/firma-rifiutata" && len(s.Rules) == 1 {
			refusals++
		}
	}
	if refusals != 6 {
		t.Errorf("%d refusals in the evidence, want 6", refusals)
	}
}

func TestPreparerAndSignerAreDifferentPeople(t *testing.T) {
	w := start(t, nil)
	s := submission(elena().sign(t, document(t, flow("F-1", 1, 0)), w.clock.Now()))
	s.Operator = dirigent
	_, err := w.desk.Submit(t.Context(), s)
	wantRule(t, err, problem.RuleTreasurySame)
}

// TestAFlowThatNobodyMaySignSaysSoAndIsWithdrawn: its orders may be issued anew, and the refusal of one that is issued
// already names the flow that has it.
func TestAFlowThatNobodyMaySignSaysSoAndIsWithdrawn(t *testing.T) {
	w := start(t, nil)
	s := submission(document(t, flow("F-1", 1, 0)))
	s.Operator = dirigent // the only signatory
	f, err := w.desk.Submit(t.Context(), s)
	if err != nil || !f.SenzaFirmatari {
		t.Fatalf("%+v, %v", f, err)
	}
	again := submission(document(t, flow("F-2", 1, 0)))
	faults, err := w.desk.Faults(t.Context(), again)
	if err != nil || len(faults) != 1 || faults[0].Regola != "opi.flow/already-issued" || !strings.Contains(faults[0].IT, "nel flusso F-1 (preparato)") {
		t.Fatalf("%+v, %v", faults, err)
	}
	f, err = w.desk.Withdraw(t.Context(), comune, app, ragioner, tesoreria.FlowKey{Year: 2026, ID: "F-1"})
	if err != nil || f.Stato != tesoreria.Withdrawn || f.SenzaFirmatari {
		t.Fatalf("%+v, %v", f, err)
	}
	if f, err = w.desk.Submit(t.Context(), again); err != nil || f.SenzaFirmatari {
		t.Errorf("%+v, %v", f, err)
	}
}

// TestFlowsAreListedByKnownStatesAlone: a state that is none is no empty list.
func TestFlowsAreListedByKnownStatesAlone(t *testing.T) {
	w := start(t, nil)
	for _, s := range append(tesoreria.FlowStates(), "") {
		if _, err := w.desk.Flows(t.Context(), comune, app, s); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
	_, err := w.desk.Flows(t.Context(), comune, app, "pippo")
	wantRule(t, err, problem.RuleSchema)
}

// TestAnEmptyYearHasNothingToReconcile and says so.
func TestAnEmptyYearHasNothingToReconcile(t *testing.T) {
	w := start(t, nil)
	r, err := w.desk.Reconcile(t.Context(), comune, app, 2024, nil)
	if err != nil || r.Ordinativi != 0 || r.Movimenti != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestAFileKeySignsInLocaleAlone.
func TestAFileKeySignsInLocaleAlone(t *testing.T) {
	key := tesoreria.FlowKey{Year: 2026, ID: "F-1"}
	for environment, admitted := range map[string]bool{registry.Locale: true, registry.Collaudo: false, registry.Produzione: false} {
		w := start(t, func(_ *tesoreria.Options, c *config.Tesoreria) {
			c.Environment, c.ChiaveFirma = environment, "chiave.pem"
		})
		if _, err := w.desk.Submit(t.Context(), submission(document(t, flow("F-1", 1, 0)))); err != nil {
			t.Fatal(err)
		}
		f, err := w.desk.SignWithFile(t.Context(), comune, app, dirigent, key)
		if admitted && (err != nil || f.Stato != tesoreria.Signed) {
			t.Errorf("%s: %+v, %v", environment, f, err)
		}
		if !admitted {
			wantRule(t, err, problem.RuleTreasuryKey)
		}
	}
}

// TestWhoMaySubmit: listed applications, operators of the ente, enti with a treasury.
func TestWhoMaySubmit(t *testing.T) {
	w := start(t, nil)
	good := submission(document(t, flow("F-1", 1, 0)))
	for name, c := range map[string]struct {
		change func(*tesoreria.Submission)
		rule   modi.RuleID
	}{
		"another application": {func(s *tesoreria.Submission) { s.Application = "altra" }, problem.RuleTreasuryNone},
		"an unknown operator": {func(s *tesoreria.Submission) { s.Operator = "mat-9" }, problem.RuleTreasuryOperator},
		"no operator":         {func(s *tesoreria.Submission) { s.Operator = "" }, problem.RuleTreasuryOperator},
		"an ente without one": {func(s *tesoreria.Submission) { s.Ente = "c_x" }, problem.RuleTreasuryNone},
		"no form":             {func(s *tesoreria.Submission) { s.Form = "pdf" }, problem.RuleTreasuryForm},
	} {
		s := good
		c.change(&s)
		_, err := w.desk.Submit(t.Context(), s)
		t.Run(name, func(t *testing.T) { wantRule(t, err, c.rule) })
	}
	if _, err := w.desk.Flow(t.Context(), comune, "altra", tesoreria.FlowKey{Year: 2026, ID: "F-1"}); err == nil {
		t.Error("another application reads a flow")
	}
}

// TestAnIdentifierIsUsedOnce: the same file again is the same flow, another file is refused.
func TestAnIdentifierIsUsedOnce(t *testing.T) {
	w := start(t, nil)
	data := document(t, flow("F-1", 1, 0))
	for range 2 {
		if f, err := w.desk.Submit(t.Context(), submission(data)); err != nil || f.Flusso != "F-1" {
			t.Fatalf("%+v %v", f, err)
		}
	}
	other := flow("F-1", 0, 1)
	_, err := w.desk.Submit(t.Context(), submission(document(t, other)))
	wantRule(t, err, problem.RuleTreasuryUsed)
	again := flow("F-2", 1, 0)
	_, err = w.desk.Submit(t.Context(), submission(document(t, again)))
	wantRule(t, err, problem.RuleTreasuryFlow) // mandato 1 was issued already
	if f, err := w.desk.Withdraw(t.Context(), comune, app, ragioner, tesoreria.FlowKey{Year: 2026, ID: "F-1"}); err != nil || f.Stato != tesoreria.Withdrawn {
		t.Fatalf("%+v %v", f, err)
	}
	if _, err = w.desk.Submit(t.Context(), submission(document(t, again))); err != nil {
		t.Errorf("an order of a flow that was withdrawn: %v", err)
	}
}

// TestTwoSubmissionsAtOnceIssueAnOrderOnce: what is stored between the check of a flow and its own storing is seen.
func TestTwoSubmissionsAtOnceIssueAnOrderOnce(t *testing.T) {
	between := &between{}
	w := start(t, func(o *tesoreria.Options, _ *config.Tesoreria) { between.Store, o.Store = o.Store, between })
	between.do = func() {
		if f := w.submitted(flow("F-2", 1, 0)); f.Stato != tesoreria.Signed {
			t.Errorf("%+v", f)
		}
	}
	_, err := w.desk.Submit(t.Context(), submission(elena().sign(t, document(t, flow("F-1", 1, 0)), w.clock.Now())))
	wantRule(t, err, problem.RuleTreasuryFlow)
	for range 3 {
		w.pass(time.Minute)
	}
	if n, _ := w.bank.Received("UFBORG", 2026, "F-1"); n != 0 || len(w.events("flusso/non-tenuto")) != 1 {
		t.Errorf("%d uploads, events %+v", n, w.events("flusso/non-tenuto"))
	}
	if o := w.order(false, 1); o.Flusso != "F-2" || o.Stato != tesoreria.Executed {
		t.Errorf("%+v", o)
	}
	w.wantOnce("F-2", 1)
}

// between is a store with something that happens once, before a change.
type between struct {
	tesoreria.Store
	do func()
}

func (b *between) Update(ctx context.Context, fn func(ctx context.Context, tx tesoreria.Tx) error) error {
	if do := b.do; do != nil {
		b.do = nil
		do()
	}
	return b.Store.Update(ctx, fn)
}

// TestEveryFaultIsTold with its place, and nothing is kept.
func TestEveryFaultIsTold(t *testing.T) {
	w := start(t, nil)
	f := flow("F-1", 3, 0)
	f.Ordinativi[0].Mandato.Importo++
	f.Ordinativi[1].Mandato.Beneficiari[0].SEPA.IBAN = "IT61X0542811101000000123456"
	f.Testata.CodiceISTATEnte = "000999124"
	s := submission(document(t, f))
	_, err := w.desk.Submit(t.Context(), s)
	wantRule(t, err, problem.RuleTreasuryFlow)
	faults, err := w.desk.Faults(t.Context(), s)
	if err != nil || len(faults) != 4 { // the sum of lines and that of classifications differ
		t.Errorf("%v %+v", err, faults)
	}
	for _, f := range faults {
		if f.Linea == 0 || f.Regola == "" || f.IT == f.EN {
			t.Errorf("%+v", f)
		}
	}
	if _, err := w.desk.Flow(t.Context(), comune, app, tesoreria.FlowKey{Year: 2026, ID: "F-1"}); err == nil {
		t.Error("it was kept")
	}
	s.Data = []byte("<a/>")
	if faults, err = w.desk.Faults(t.Context(), s); err != nil || len(faults) != 1 || faults[0].Regola != "opi.xml/unknown-document" {
		t.Errorf("%+v %v", faults, err)
	}
}
