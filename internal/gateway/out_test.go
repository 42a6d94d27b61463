// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/gateway/provenance"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

func TestAcquires(t *testing.T) {
	w := newOutWorld(t)
	got, err := w.Acquire(context.Background(), newAcquisition())
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"nome":"Mario","residenza":{"via":"Via <Roma> & C."}}`; string(got.Dati) != want {
		t.Errorf("dati %s, want the two listed fields: %s", got.Dati, want)
	}
	p := got.Provenienza
	want := provenance.Provenance{
		Registro: "Anagrafe inventata", Servizio: "anagrafe", Operazione: "residenza", Ambiente: "locale",
		Istante: w.clock.Now(), IDOperazione: "op-7", EserviceID: "es-1", PurposeID: "purpose-1", Scambio: p.Scambio,
		Ente: "c_a", Evidenza: provenance.Evidence{Indice: 1, Foglia: p.Evidenza.Foglia},
	}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Error(diff)
	}
	if p.Scambio == "" || p.Scambio != w.log.last(t).Exchange {
		t.Error("the provenance does not name the exchange of the evidence")
	}
	seal := keysOnce().seal
	keys := provenance.Keys{{KID: seal.KID, Public: seal.Signer.Public()}}
	if _, err := provenance.Verify(context.Background(), got.Dati, p, got.Firma, keys); err != nil {
		t.Errorf("signature: %v", err)
	}
}

func TestEvidenceOfAnAcquisition(t *testing.T) {
	w := newOutWorld(t)
	if _, err := w.Acquire(context.Background(), newAcquisition()); err != nil {
		t.Fatal(err)
	}
	kinds := []evidence.Kind{evidence.KindAcquisizioneIntento, evidence.KindAcquisizioneEsito}
	if diff := cmp.Diff(kinds, w.log.kinds()); diff != "" {
		t.Fatal(diff)
	}
	intent, outcome := w.log.records[0], w.log.records[1]
	if outcome.Closes == nil || *outcome.Closes != 0 || outcome.Status != 200 {
		t.Errorf("outcome %+v", outcome.Entry)
	}
	want := evidence.Entry{
		Ente: "c_a", Environment: "locale", Kind: evidence.KindAcquisizioneIntento, Exchange: intent.Exchange,
		Service: "anagrafe", Operation: "residenza", Eservice: "es-1", Purpose: "purpose-1", Client: "client-a",
	}
	if diff := cmp.Diff(want, intent.Entry); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{validCF}, intent.Subjects); diff != "" {
		t.Error(diff)
	}
	side := intent.Side
	if side.Application != "asilo" || side.Pratica != "ASILO-0001" || side.Procedimento != "iscrizione" ||
		side.Ufficio != "scuola" || side.BaseGiuridica != "art43" ||
		side.Norma != "DPR 445/2000 art. 43" || side.Titolo != "proprio" ||
		!side.RetainUntil.Equal(w.clock.Now().Add(24*time.Hour)) {
		t.Errorf("side %+v", side)
	}
	if op := side.Operator; op.UserID != "op-1" || op.Assurance != "elenco" || op.Workstation != "p-1" {
		t.Errorf("operator %+v", op)
	}
	if diff := cmp.Diff([]string{"v-1", "v-2"}, outcome.Vouchers); diff != "" {
		t.Error(diff)
	}
	calls := outcome.Side.Calls
	if len(calls) != 3 || calls[0].Attempt != 1 || calls[1].Attempt != 1 || calls[2].Attempt != 2 || calls[2].GovWayID != "g-2" {
		t.Errorf("calls %+v", calls)
	}
	if len(outcome.Side.Proofs) != 3 || len(outcome.Side.Digests) != 2 || outcome.Descriptor != "d-2" {
		t.Errorf("proofs %+v, digests %+v", outcome.Side.Proofs, outcome.Side.Digests)
	}
	if len(outcome.Side.Messages) != 0 {
		t.Error("bodies are kept although nobody asked")
	}
}

func TestMessagesOfAnAcquisitionAreNarrowedToo(t *testing.T) {
	w := newOutWorld(t, func(c *config.Config) { c.Consumes["anagrafe"].Evidence.Keep = "messages" })
	if _, err := w.Acquire(context.Background(), newAcquisition()); err != nil {
		t.Fatal(err)
	}
	messages := w.log.last(t).Side.Messages
	if len(messages) != 2 || strings.Contains(string(messages[1].Body), "figli") {
		t.Errorf("kept %+v", messages)
	}
}

// TestRefusesWhatNoProcedimentoCovers is the list of what an application may try, each refused before a voucher is asked.
func TestRefusesWhatNoProcedimentoCovers(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(a *Acquisition)
		rule   modi.RuleID
		status int
	}{
		"another ente":           {func(a *Acquisition) { a.Contesto.Ente = "c_b" }, problem.RuleOtherEnte, 403},
		"unknown ente":           {func(a *Acquisition) { a.Contesto.Ente = "c_x" }, problem.RuleUnknownEnte, 422},
		"unknown service":        {func(a *Acquisition) { a.Servizio = "altro" }, problem.RuleUnknownService, 404},
		"unknown operation":      {func(a *Acquisition) { a.Operazione = "altra" }, problem.RuleUnknownOperation, 404},
		"unknown procedimento":   {func(a *Acquisition) { a.Contesto.Procedimento = "altro" }, problem.RuleUnknownProcedimento, 422},
		"application not listed": {func(a *Acquisition) { a.Caller.Name = "altra" }, problem.RuleApplicationNotListed, 403},
		"application removed":    {func(a *Acquisition) { a.Caller.Name = "vecchia" }, problem.RuleApplicationNotListed, 403},
		"operation not listed":   {func(a *Acquisition) { a.Operazione = "decesso" }, problem.RuleOperationNotListed, 403},
		"no pratica":             {func(a *Acquisition) { a.Contesto.Pratica = "" }, problem.RulePratica, 422},
		"pratica off its form":   {func(a *Acquisition) { a.Contesto.Pratica = "ASILO-1" }, problem.RulePratica, 422},
		"pratica with a line":    {func(a *Acquisition) { a.Contesto.Pratica = "ASILO-0001\n" }, problem.RulePratica, 422},
		"operator not listed":    {func(a *Acquisition) { a.Contesto.Operatore.UserID = "op-9" }, problem.RuleOperatorNotListed, 403},
		"operator of an ufficio": {func(a *Acquisition) { a.Contesto.Operatore.UserID = "op-2" }, problem.RuleOperatorOffice, 403},
		"operator as a job":      {func(a *Acquisition) { a.Contesto.Operatore.Tipo = "automatismo" }, problem.RuleOperatorKind, 403},
		"citizen from a list":    {func(a *Acquisition) { a.Contesto.Operatore.Tipo = "cittadino" }, problem.RuleOperatorKind, 403},
		"operator of no kind":    {func(a *Acquisition) { a.Contesto.Operatore.Tipo = "robot" }, problem.RuleOperator, 422},
		"no operator":            {func(a *Acquisition) { a.Contesto.Operatore.UserID = "" }, problem.RuleOperator, 422},
		"no workstation":         {func(a *Acquisition) { a.Contesto.Operatore.Postazione = "" }, problem.RuleOperator, 422},
		"bidi in the operator":   {func(a *Acquisition) { a.Contesto.Operatore.UserID = "op-1\u202e" }, problem.RuleOperator, 422},
		"another workstation":    {func(a *Acquisition) { a.Contesto.Operatore.Postazione = "p-9" }, problem.RuleWorkstation, 403},
		"higher assurance":       {func(a *Acquisition) { a.Contesto.Operatore.LoA = "SPID_L3" }, problem.RuleLoA, 403},
		"assurance too long":     {func(a *Acquisition) { a.Contesto.Operatore.LoA = strings.Repeat("x", 21) }, problem.RuleOperator, 422},
		"wrong codice fiscale":   {func(a *Acquisition) { a.Richiesta = json.RawMessage(`{"codiceFiscale":"RSSMRA85T10A562T"}`) }, problem.RuleCodiceFiscale, 422},
		"unknown field":          {func(a *Acquisition) { a.Richiesta = json.RawMessage(`{"x":1}`) }, problem.RuleUnknownField, 400},
		"field off its schema":   {func(a *Acquisition) { a.Richiesta = json.RawMessage(`{"nota":"123456"}`) }, problem.RuleSchema, 400},
		"richiesta not JSON":     {func(a *Acquisition) { a.Richiesta = json.RawMessage(`{`) }, problem.RuleMalformedJSON, 400},
		"Idempotency-Key spaces": {func(a *Acquisition) { a.IdempotencyKey = "a b" }, problem.RuleIdempotencyKey, 400},
	} {
		t.Run(name, func(t *testing.T) {
			w := newOutWorld(t)
			a := newAcquisition()
			tc.change(&a)
			got, err := w.Acquire(context.Background(), a)
			wantRule(t, err, tc.rule, tc.status)
			if got != nil {
				t.Error("delivered something")
			}
			if w.register.asked() != 0 {
				t.Error("the registry was asked")
			}
			r := w.log.last(t)
			if r.Kind != evidence.KindAcquisizioneRifiuto || r.Ente != "c_a" || r.Rules[0] != string(tc.rule) || r.Status != tc.status {
				t.Errorf("refusal kept as %+v", r.Entry)
			}
			if strings.Contains(err.Error(), "RSSMRA") {
				t.Error("the error names the person")
			}
			if problem.Explain(err).Place.Exchange != r.Exchange {
				t.Error("the error does not name the exchange")
			}
		})
	}
}

func TestPurposeMissingForANeededService(t *testing.T) {
	w := newOutWorld(t, func(c *config.Config) { delete(c.Enti["c_a"].Procedimenti["iscrizione"].Purposes, "chiavi") })
	_, err := w.Acquire(context.Background(), newAcquisition())
	wantRule(t, err, problem.RuleNoPurpose, http.StatusForbidden)
}

func TestAcceptsOmocodia(t *testing.T) {
	w := newOutWorld(t)
	a := newAcquisition()
	a.Richiesta = json.RawMessage(`{"codiceFiscale":"RSSMRA85T10A56NH"}`)
	_, err := w.Acquire(context.Background(), a)
	if err != nil {
		t.Fatal(err)
	}
}

func TestDeclaredOperators(t *testing.T) {
	declared := func(change func(*Operatore)) Acquisition {
		a := newAcquisition()
		a.Caller.Name = "portale"
		a.Contesto.Operatore = Operatore{Tipo: "cittadino", UserID: "opaco-77", Postazione: "web", LoA: "CIE_L2"}
		change(&a.Contesto.Operatore)
		return a
	}
	w := newOutWorld(t)
	if _, err := w.Acquire(context.Background(), declared(func(*Operatore) {})); err != nil {
		t.Fatal(err)
	}
	if op := w.log.last(t).Side.Operator; op.Assurance != "dichiarati" || op.Type != "cittadino" {
		t.Errorf("operator %+v", op)
	}
	_, err := w.Acquire(context.Background(), declared(func(o *Operatore) { o.LoA = "SPID_L3" }))
	wantRule(t, err, problem.RuleLoA, http.StatusForbidden)
}

func TestAutomatismoNamesWhoAnswersForIt(t *testing.T) {
	w := newOutWorld(t)
	a := newAcquisition()
	a.Contesto.Operatore = Operatore{Tipo: "automatismo", UserID: "job-1", Postazione: "server-1"}
	if _, err := w.Acquire(context.Background(), a); err != nil {
		t.Fatal(err)
	}
	if op := w.log.last(t).Side.Operator; op.Responsible != "op-1" || op.Atto != "Determina 12/2026" {
		t.Errorf("operator %+v", op)
	}
}

func TestLevelsOfAssurance(t *testing.T) {
	for _, tc := range []struct {
		stated, limit string
		ok            bool
	}{
		{"", "", true},
		{"", "SPID_L2", true},
		{"SPID_L1", "SPID_L2", true},
		{"SPID_L2", "SPID_L2", true},
		{"CIE_L3", "SPID_L2", false},
		{"CIE_L2", "LoA3", true},
		{"LoA4", "LoA3", false},
		{"substantial", "elevato", true},
		{"high", "significativo", false},
		{"interno", "interno", true},
		{"interno", "SPID_L3", false},
		{"SPID_L2", "", false},
		{"SPID_L9", "SPID_L3", false},
		{"LoA0", "LoA4", false},
	} {
		if err := checkLoA(tc.stated, tc.limit); (err == nil) != tc.ok {
			t.Errorf("checkLoA(%q, %q) = %v", tc.stated, tc.limit, err)
		}
	}
}

func TestFailuresOfTheRegistryAreOutcomes(t *testing.T) {
	for name, tc := range map[string]struct {
		err    error
		rule   modi.RuleID
		status int
	}{
		"not found":     {&registry.Fault{Kind: registry.ErrNotFound}, problem.RuleRegistryNotFound, 404},
		"breaker open":  {&registry.Fault{Kind: registry.ErrUnavailable, RetryAfter: time.Second}, problem.RuleRegistryUnavailable, 503},
		"bad signature": {&registry.Fault{Kind: registry.ErrBadReply}, problem.RuleRegistryBadReply, 502},
		"masked 400":    {&registry.Fault{Kind: registry.ErrConfig, Code: "015-0008"}, problem.RuleRegistryConfig, 502},
		"PDND down":     {registry.ErrPDND, problem.RulePDNDUnavailable, 503},
		"bare refusal":  {modi.Refuse(modi.Violation{Rule: modi.IntegrityDigestMismatch}), problem.RuleRegistryBadReply, 502},
		"anything else": {errors.New("x"), problem.RuleUnexpected, 500},
		"not supported": {registry.ErrUnsupported, problem.RuleRegistryUnsupported, 501},
	} {
		t.Run(name, func(t *testing.T) {
			w := newOutWorld(t)
			w.register.err = tc.err
			_, err := w.Acquire(context.Background(), newAcquisition())
			wantRule(t, err, tc.rule, tc.status)
			r := w.log.last(t)
			if r.Kind != evidence.KindAcquisizioneEsito || r.Status != tc.status || r.Rules[0] != string(tc.rule) || len(r.Side.Calls) != 3 {
				t.Errorf("outcome %+v", r.Entry)
			}
		})
	}
}

func TestAnswerThatIsNoObjectIsRefused(t *testing.T) {
	for _, dati := range []string{`[]`, `null`, ``, `"x"`} {
		w := newOutWorld(t)
		w.register.dati = dati
		_, err := w.Acquire(context.Background(), newAcquisition())
		wantRule(t, err, problem.RuleRegistryBadReply, http.StatusBadGateway)
	}
}

func TestAcquisitionIntentNotStoredAsksNothing(t *testing.T) {
	w := newOutWorld(t)
	w.log.breakKind(evidence.KindAcquisizioneIntento)
	_, err := w.Acquire(context.Background(), newAcquisition())
	wantRule(t, err, problem.RuleIntentNotStored, http.StatusServiceUnavailable)
	if w.register.asked() != 0 {
		t.Error("the registry was asked without evidence")
	}
}

func TestAcquisitionOutcomeNotStoredDeliversNothing(t *testing.T) {
	w := newOutWorld(t)
	w.log.breakKind(evidence.KindAcquisizioneEsito)
	a := newAcquisition()
	a.IdempotencyKey = "key-1"
	got, err := w.Acquire(context.Background(), a)
	wantRule(t, err, problem.RuleOutcomeNotStored, http.StatusInternalServerError)
	x := problem.Explain(err)
	if got != nil || x.RetryAfter != 0 || x.Place.Exchange == "" {
		t.Errorf("got %v, Retry-After %v, exchange %q", got, x.RetryAfter, x.Place.Exchange)
	}
	_, err = w.Acquire(context.Background(), a)
	wantRule(t, err, problem.RuleIdempotencyUnknown, http.StatusConflict)
	if problem.Explain(err).RetryAfter != 0 {
		t.Error("Retry-After invites a second try")
	}
	if w.register.asked() != 1 {
		t.Error("a second try acted twice")
	}
}

func TestIdempotencyKey(t *testing.T) {
	w := newOutWorld(t)
	w.register.avvisi = []modi.Text{{IT: "attenzione", EN: "attention"}}
	a := newAcquisition()
	a.IdempotencyKey = "key-1"
	first, err := w.Acquire(context.Background(), a)
	if err != nil {
		t.Fatal(err)
	}
	second, err := w.Acquire(context.Background(), a)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, second); diff != "" {
		t.Errorf("the answer changed: %s", diff)
	}
	if w.register.asked() != 1 {
		t.Error("acquired twice")
	}
	a.Contesto.Pratica = "ASILO-0002"
	_, err = w.Acquire(context.Background(), a)
	wantRule(t, err, problem.RuleIdempotencyMismatch, http.StatusUnprocessableEntity)
	a.Contesto.Pratica, a.IdempotencyKey = "ASILO-0001", "key-2"
	if _, err := w.Acquire(context.Background(), a); err != nil || w.register.asked() != 2 {
		t.Errorf("another key: %v, asked %d", err, w.register.asked())
	}
}

func TestIdempotencyKeyWhileRunning(t *testing.T) {
	w := newOutWorld(t)
	w.register.entered, w.register.release = make(chan struct{}), make(chan struct{})
	a := newAcquisition()
	a.IdempotencyKey = "key-1"
	done := make(chan error, 1)
	go func() {
		_, err := w.Acquire(context.Background(), a)
		done <- err
	}()
	<-w.register.entered
	_, err := w.Acquire(context.Background(), a)
	wantRule(t, err, problem.RuleIdempotencyInProgress, http.StatusConflict)
	if problem.Explain(err).RetryAfter <= 0 {
		t.Error("no Retry-After")
	}
	close(w.register.release)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestFailedRequestGivesItsKeyBack(t *testing.T) {
	w := newOutWorld(t)
	a := newAcquisition()
	a.IdempotencyKey = "key-1"
	w.register.err = &registry.Fault{Kind: registry.ErrUnavailable}
	_, err := w.Acquire(context.Background(), a)
	wantRule(t, err, problem.RuleRegistryUnavailable, http.StatusServiceUnavailable)
	w.register.err = nil
	if _, err := w.Acquire(context.Background(), a); err != nil {
		t.Fatal(err)
	}
}

func TestStoreOfAnswersDownFailsClosed(t *testing.T) {
	w := newOutWorld(t)
	w.answers.err = errors.New("locked")
	a := newAcquisition()
	a.IdempotencyKey = "key-1"
	_, err := w.Acquire(context.Background(), a)
	wantRule(t, err, problem.RuleStore, http.StatusServiceUnavailable)
}

func TestAcquisitionOutcomeIsKeptAlthoughTheCallerLeft(t *testing.T) {
	w := newOutWorld(t)
	w.register.entered, w.register.release = make(chan struct{}), make(chan struct{})
	ctx, leave := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		_, err := w.Acquire(ctx, newAcquisition())
		done <- err
	}()
	<-w.register.entered
	leave()
	close(w.register.release)
	wantRule(t, <-done, problem.RuleStopping, http.StatusServiceUnavailable)
	if r := w.log.last(t); r.Kind != evidence.KindAcquisizioneEsito {
		t.Errorf("kept %s", r.Kind)
	}
}

func TestNewOutRefusesWhatDoesNotCompile(t *testing.T) {
	good := newOutWorld(t).OutDeps
	for name, change := range map[string]func(*OutDeps){
		"no evidence": func(d *OutDeps) { d.Log = nil },
		"bad schema": func(d *OutDeps) {
			d.Config.Consumes["anagrafe"].Operations["x"] = registry.RecipeOperation{Input: map[string]any{"type": "x"}}
		},
		"bad expected": func(d *OutDeps) { d.Config.Enti["c_a"].Procedimenti["iscrizione"].PraticaFormato = "(" },
	} {
		t.Run(name, func(t *testing.T) {
			d := good
			d.Config = outConfig()
			change(&d)
			if _, err := NewOut(d); err == nil {
				t.Error("accepted")
			}
		})
	}
}
