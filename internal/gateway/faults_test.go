// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/registry"
)

// dry is a source of randomness that has run out.
type dry struct{}

func (dry) Read([]byte) (int, error) { return 0, errors.New("no randomness") }

func TestWithoutRandomnessNothingHappens(t *testing.T) {
	in := newInWorld(t)
	request := in.newCall().build(t)
	in.Rand = dry{}
	_, err := in.Serve(context.Background(), request)
	wantRule(t, err, problem.RuleUnexpected, http.StatusInternalServerError)
	if in.backEnd.calls() != 0 {
		t.Error("the back end was called")
	}
	out := newOutWorld(t)
	out.Rand = dry{}
	_, err = out.Acquire(context.Background(), newAcquisition())
	wantRule(t, err, problem.RuleUnexpected, http.StatusInternalServerError)
	if out.register.asked() != 0 {
		t.Error("the registry was asked")
	}
}

func TestKeychainThatCannotSignDeliversNothing(t *testing.T) {
	w := newInWorld(t)
	for _, e := range w.exposed {
		e.key = func() (token.SigningKey, error) { return token.SigningKey{}, nil }
	}
	reply, err := w.serve(t, w.newCall())
	wantRule(t, err, problem.RuleUnexpected, http.StatusInternalServerError)
	if len(reply.Body) != 0 {
		t.Error("delivered without the signature that is due")
	}
}

func TestUnreadableQueryIsRefused(t *testing.T) {
	w := newInWorld(t)
	call := w.newCall()
	call.query = "a=%zz"
	_, err := w.serve(t, call)
	wantRule(t, err, problem.RuleSchema, http.StatusBadRequest)
}

// forgetfulClaim cannot keep its answer.
type forgetfulClaim struct{ Claim }

func (forgetfulClaim) Complete(context.Context, []byte) error { return errors.New("disk full") }

type forgetfulAnswers struct{ stored []byte }

func (f forgetfulAnswers) Begin(context.Context, Application, string, [32]byte) ([]byte, Claim, error) {
	return f.stored, forgetfulClaim{}, nil
}

func TestAnswerThatCannotBeRememberedIsDelivered(t *testing.T) {
	w := newOutWorld(t)
	w.Answers = forgetfulAnswers{}
	a := newAcquisition()
	a.IdempotencyKey = "key-1"
	if got, err := w.Acquire(context.Background(), a); err != nil || got == nil {
		t.Errorf("%v, %v", got, err)
	}
}

func TestRememberedAnswerThatCannotBeReadIsNotRepeated(t *testing.T) {
	for _, stored := range []string{"{", "{}", "null"} {
		w := newOutWorld(t)
		w.Answers = forgetfulAnswers{stored: []byte(stored)}
		a := newAcquisition()
		a.IdempotencyKey = "key-1"
		_, err := w.Acquire(context.Background(), a)
		wantRule(t, err, problem.RuleStore, http.StatusServiceUnavailable)
		if w.register.asked() != 0 {
			t.Error("acquired again")
		}
	}
}

func TestWithoutAStoreOfAnswersTheKeyIsRefused(t *testing.T) {
	w := newOutWorld(t)
	w.Answers = nil
	a := newAcquisition()
	a.IdempotencyKey = "key-1"
	_, err := w.Acquire(context.Background(), a)
	wantRule(t, err, problem.RuleIdempotencyKey, http.StatusBadRequest)
}

func TestOperationWithoutASchemaStillReadsStrictly(t *testing.T) {
	w := newOutWorld(t, func(c *config.Config) {
		p := c.Enti["c_a"].Procedimenti["iscrizione"]
		p.Operazioni = append(p.Operazioni, config.Autorizzazione{Servizio: "anagrafe", Operazione: "decesso", Campi: []string{"nome"}})
	})
	a := newAcquisition()
	a.Operazione, a.Richiesta = "decesso", json.RawMessage(`{"qualsiasi":1}`)
	if _, err := w.Acquire(context.Background(), a); err != nil {
		t.Error(err)
	}
	a.Richiesta = json.RawMessage(`{"a":1,"a":2}`)
	_, err := w.Acquire(context.Background(), a)
	wantRule(t, err, problem.RuleDuplicateMember, http.StatusBadRequest)
}

func TestServiceWithoutAdapter(t *testing.T) {
	w := newOutWorld(t)
	empty, err := registry.NewCatalogue(nil)
	if err != nil {
		t.Fatal(err)
	}
	w.Catalogue = empty
	_, err = w.Acquire(context.Background(), newAcquisition())
	wantRule(t, err, problem.RuleRegistryUnsupported, http.StatusNotImplemented)
}

func TestRefusalOfAnAcquisitionIsRefusedEvenWhenItsEvidenceFails(t *testing.T) {
	w := newOutWorld(t)
	w.log.breakKind(evidence.KindAcquisizioneRifiuto)
	a := newAcquisition()
	a.Contesto.Pratica = ""
	_, err := w.Acquire(context.Background(), a)
	wantRule(t, err, problem.RulePratica, http.StatusUnprocessableEntity)
}

func TestRefusedCallerCannotFillTheStore(t *testing.T) {
	w := newOutWorld(t)
	a := newAcquisition()
	a.Contesto.Pratica = strings.Repeat("è", 100000)
	a.Contesto.Operatore.UserID = strings.Repeat("x", 100000)
	if _, err := w.Acquire(context.Background(), a); err == nil {
		t.Fatal("accepted")
	}
	side := w.log.last(t).Side
	if len(side.Pratica) > 1000 || len(side.Operator.UserID) > 1000 {
		t.Errorf("kept %d and %d bytes", len(side.Pratica), len(side.Operator.UserID))
	}
}

func TestMetadataAloneOfAnAcquisition(t *testing.T) {
	w := newOutWorld(t, func(c *config.Config) { c.Consumes["anagrafe"].Evidence.Keep = "metadata" })
	if _, err := w.Acquire(context.Background(), newAcquisition()); err != nil {
		t.Fatal(err)
	}
	side := w.log.last(t).Side
	if len(side.Proofs) != 0 || len(side.Calls) != 3 || len(side.Digests) != 2 {
		t.Errorf("kept %d proofs, %d calls, %d digests", len(side.Proofs), len(side.Calls), len(side.Digests))
	}
}

func TestFieldsThatTheAnswerLacksAreLeftOut(t *testing.T) {
	w := newOutWorld(t)
	w.register.dati = `{"altro": 1, "nome" : "Mario" }`
	got, err := w.Acquire(context.Background(), newAcquisition())
	if err != nil || string(got.Dati) != `{"nome":"Mario"}` {
		t.Errorf("%s, %v", got.Dati, err)
	}
	w.register.dati = `{}`
	if got, err := w.Acquire(context.Background(), newAcquisition()); err != nil || string(got.Dati) != `{}` {
		t.Errorf("%v, %v", got, err)
	}
}

// TestLogsNameNoPerson runs exchanges that go well and wrong and reads the log.
func TestLogsNameNoPerson(t *testing.T) {
	var b bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug}))
	out := newOutWorld(t)
	out.Logger = logger
	for _, change := range []func(a *Acquisition){
		func(*Acquisition) {},
		func(a *Acquisition) { a.Richiesta = json.RawMessage(`{"codiceFiscale":"RSSMRA85T10A562T"}`) },
		func(a *Acquisition) { a.Servizio = validCF },
		func(a *Acquisition) { a.Contesto.Procedimento = validCF },
		func(a *Acquisition) { a.Contesto.Operatore.UserID = validCF },
		func(a *Acquisition) { a.Richiesta = json.RawMessage(`{"` + validCF + `":1}`) },
	} {
		a := newAcquisition()
		change(&a)
		_, _ = out.Acquire(context.Background(), a) // what happens is not the matter here
	}
	in := newInWorld(t)
	in.Logger = logger
	for _, change := range []func(c *calling){
		func(*calling) {},
		func(c *calling) { c.body = `{"id":"12","codiceFiscale":"` + validCF + `","x":1}` },
		func(c *calling) { c.get("/modi/c_a/pratiche/v1/pratiche/" + validCF) },
		func(c *calling) { c.integrityKey = keysOnce().other },
	} {
		call := in.newCall()
		change(call)
		_, _ = in.serve(t, call)
	}
	text := strings.ReplaceAll(b.String(), "/"+validCF+"\"", "") // the name of an unknown member, which obs takes out
	if strings.Contains(text, validCF) || strings.Contains(text, "RSSMRA85T10A562T") {
		t.Errorf("a person was logged: %s", text)
	}
	if strings.Contains(text, "eyJ") {
		t.Errorf("a token was logged: %s", text)
	}
	if !strings.Contains(text, `"regole":["hub.acquisition/codice-fiscale"]`) {
		t.Error("the rule of a refusal is not logged")
	}
}

func TestObserverIsToldEverything(t *testing.T) {
	var told []string
	note := func(s string) { told = append(told, s) }
	observer := Observer{
		Exchange: func(d, s string, status int, _ time.Duration) {
			note("exchange " + d + " " + s + " " + http.StatusText(status))
		},
		Refusal:      func(d, r string) { note("refusal " + d + " " + r) },
		VoucherCache: func(r string) { note("voucher " + r) },
		Replay:       func(r string) { note("replay " + r) },
		Evidence:     func(k string, ok bool, _ time.Duration) { note("evidence " + k) },
		BackEnd:      func(s string, status int, _ time.Duration) { note("backend " + s + " " + http.StatusText(status)) },
		Guard:        func(n, from, to string) { note("guard " + n + " " + to) },
		BadAnswer:    func(s string) { note("bad " + s) },
	}
	w := newInWorld(t)
	deps := w.InDeps
	deps.Observer = observer
	var err error
	if w.In, err = NewIn(deps); err != nil {
		t.Fatal(err)
	}
	told = nil // of the guards that were made
	if _, err := w.serve(t, w.newCall()); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"voucher miss", "replay fresh", "evidence erogazione/intento", "backend pratiche OK", "evidence erogazione/esito",
		"exchange erogazione pratiche OK",
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Error(diff)
	}
	told = nil
	out := newOutWorld(t)
	out.Observer = observer
	out.register.err = registry.ErrPDND
	if _, err := out.Acquire(context.Background(), newAcquisition()); err == nil {
		t.Fatal("no error")
	}
	want = []string{
		"evidence acquisizione/intento", "evidence acquisizione/esito", "exchange acquisizione anagrafe Service Unavailable",
		"refusal acquisizione hub.pdnd/unavailable",
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Error(diff)
	}
	observer.guard("g", "closed", "open")
	observer.badAnswer("s")
	if told[len(told)-1] != "bad s" {
		t.Error("badAnswer")
	}
	Observer{}.exchange("", "", 0, 0)
	Observer{}.refusal("", "")
	Observer{}.voucherCache("")
	Observer{}.replay("")
	Observer{}.evidence("", true, 0)
	Observer{}.backEnd("", 0, 0)
	Observer{}.guard("", "", "")
	Observer{}.badAnswer("")
}

func TestDigestInAVoucherMakesTheEvidenceDue(t *testing.T) {
	w := newInWorld(t, func(c *config.Config) {
		c.Exposes["pratiche"].Patterns.Request = []modi.Pattern{modi.PatternIntegrityREST02}
	})
	call := w.newCall()
	call.noAudit = true
	if _, err := w.serve(t, call); err != nil {
		t.Fatalf("neither asked nor bound: %v", err)
	}
	call = w.newCall()
	call.noAudit = true
	call.claims["digest"] = map[string]string{"alg": "SHA256", "value": strings.Repeat("a", 64)}
	_, err := w.serve(t, call)
	wantRule(t, err, modi.AuditTokenMissing, http.StatusBadRequest)
}
