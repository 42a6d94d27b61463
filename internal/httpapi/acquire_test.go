// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/gateway"
	"github.com/snodo-pa/snodo/internal/httpapi/contract"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/store"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

func TestAcquires(t *testing.T) {
	w := newWorld(t).start(t)
	a := w.acquire(t, goodBody, "Idempotency-Key", "k-1", "Accept-Language", "en")
	if a.StatusCode != 200 || a.Header.Get("Content-Type") != "application/json" || a.Header.Get("X-Request-Id") == "" {
		t.Fatalf("got %d %s", a.StatusCode, a.body)
	}
	var got Acquisita
	if err := json.Unmarshal([]byte(a.body), &got); err != nil {
		t.Fatal(err)
	}
	// The signature covers these very bytes: nothing on the way may escape or reformat them.
	if string(got.Dati) != `{"via":"Via <Roma> & C."}` {
		t.Errorf("dati %s", got.Dati)
	}
	if diff := cmp.Diff([]string{"careful"}, got.Avvisi); diff != "" || got.Firma != "a.b.c" || got.Esito != "acquisito" {
		t.Errorf("%s %+v", diff, got)
	}
	asked := w.out.requests()[0]
	want := gateway.Acquisition{
		Caller: gateway.Application{Ente: "c_a", Name: "asilo", KeyID: asked.Caller.KeyID}, Servizio: "anagrafe", Operazione: "residenza",
		Contesto: gateway.Contesto{
			Ente: "c_a", Procedimento: "iscrizione", Pratica: "P-1",
			Operatore: gateway.Operatore{Tipo: "persona", UserID: "op-1", Postazione: "p-1"},
		},
		Richiesta: json.RawMessage(`{"codiceFiscale":"RSSMRA85T10A562S"}`), Decoded: map[string]any{"codiceFiscale": "RSSMRA85T10A562S"},
		IdempotencyKey: "k-1", RequestID: a.Header.Get("X-Request-Id"),
	}
	if diff := cmp.Diff(want, asked); diff != "" {
		t.Error(diff)
	}
}

func TestAnswerMatchesItsDocument(t *testing.T) {
	w := newWorld(t).start(t)
	a := w.acquire(t, goodBody)
	api, err := contract.Compile()
	if err != nil {
		t.Fatal(err)
	}
	document := api.Document()
	m, err := document.Match("POST", "/v1/acquisizioni/a/b")
	if err != nil {
		t.Fatal(err)
	}
	if err := m.CheckResponse(a.StatusCode, a.Header, []byte(a.body)); err != nil {
		t.Error(err)
	}
	bad := w.acquire(t, "{")
	if err := m.CheckResponse(bad.StatusCode, bad.Header, []byte(bad.body)); err != nil {
		t.Error(err)
	}
}

// TestBadInput is the list of what a caller may send to the router; none is a 500, none is logged with a person's data.
func TestBadInput(t *testing.T) {
	w := newWorld(t).start(t)
	person := "RSSMRA85T10A562S"
	for name, tc := range map[string]struct {
		body   string
		header []string
		rule   modi.RuleID
		status int
	}{
		"malformed JSON":         {strings.TrimSuffix(goodBody, "}"), nil, problem.RuleMalformedJSON, 400},
		"empty body":             {"", nil, problem.RuleSchema, 400},
		"array":                  {"[]", nil, problem.RuleSchema, 400},
		"null":                   {"null", nil, problem.RuleSchema, 400},
		"two values":             {goodBody + "{}", nil, problem.RuleMalformedJSON, 400},
		"unknown field":          {strings.Replace(goodBody, `"pratica"`, `"x":1,"pratica"`, 1), nil, problem.RuleUnknownField, 400},
		"field of other case":    {strings.Replace(goodBody, `"richiesta"`, `"Richiesta":{},"richiesta"`, 1), nil, problem.RuleUnknownField, 400},
		"missing field":          {strings.Replace(goodBody, `"pratica":"P-1",`, ``, 1), nil, problem.RuleSchema, 400},
		"field of another type":  {strings.Replace(goodBody, `"P-1"`, `7`, 1), nil, problem.RuleSchema, 400},
		"operator of no kind":    {strings.Replace(goodBody, `"persona"`, `"robot"`, 1), nil, problem.RuleSchema, 400},
		"richiesta not object":   {strings.Replace(goodBody, `{"codiceFiscale":"`+person+`"}`, `"x"`, 1), nil, problem.RuleSchema, 400},
		"repeated member":        {strings.Replace(goodBody, `"pratica"`, `"pratica":"P-2","pratica"`, 1), nil, problem.RuleDuplicateMember, 400},
		"deeply nested":          {strings.Repeat("[", 500) + strings.Repeat("]", 500), nil, problem.RuleMalformedJSON, 400},
		"invalid UTF-8":          {strings.Replace(goodBody, "P-1", "P-\xff", 1), nil, problem.RuleMalformedJSON, 400},
		"oversized body":         {goodBody + strings.Repeat(" ", maxTestBody), nil, problem.RuleTooLarge, 413},
		"two Authorization":      {goodBody, []string{"Authorization", "Bearer x"}, problem.RuleRepeatedAuthorization, 400},
		"two Idempotency-Key":    {goodBody, []string{"Idempotency-Key", "a", "Idempotency-Key", "b"}, problem.RuleIdempotencyKey, 400},
		"Idempotency-Key long":   {goodBody, []string{"Idempotency-Key", strings.Repeat("a", 129)}, problem.RuleSchema, 400},
		"compressed":             {goodBody, []string{"Content-Encoding", "gzip"}, problem.RuleMediaType, 415},
		"two values in one byte": {"{}\x00", nil, problem.RuleMalformedJSON, 400},
	} {
		t.Run(name, func(t *testing.T) {
			before := len(w.out.requests())
			a := w.acquire(t, tc.body, tc.header...)
			wantProblem(t, a, tc.rule, tc.status)
			if len(w.out.requests()) != before {
				t.Error("the pipeline was reached")
			}
		})
	}
	if log := w.log.String(); strings.Contains(log, person) || strings.Contains(log, w.key) {
		t.Errorf("a person or a key was logged: %s", log)
	}
}

func TestUnknownFieldIsNamed(t *testing.T) {
	w := newWorld(t).start(t)
	a := w.acquire(t, strings.Replace(goodBody, `"userID"`, `"userId":"x","userID"`, 1))
	if len(a.problem.Violations) != 1 || a.problem.Violations[0].Where != "/contesto/operatore/userId" {
		t.Errorf("violations %+v", a.problem.Violations)
	}
	a = w.acquire(t, `{"contesto"`)
	if !strings.Contains(a.problem.Detail, "byte 11") {
		t.Errorf("the position is not told: %s", a.problem.Detail)
	}
}

func TestMediaTypeOfTheBody(t *testing.T) {
	w := newWorld(t).start(t)
	for media, status := range map[string]int{
		"application/json; charset=utf-8": 200, "text/plain": 415, "": 415, "application/json, text/plain": 415, "APPLICATION/JSON": 200,
	} {
		a := w.do(t, ListenerApplicazioni, "POST", "/v1/acquisizioni/a/b", goodBody, "Authorization", "Bearer "+w.key, "Content-Type", media)
		if a.StatusCode != status {
			t.Errorf("%q: %d", media, a.StatusCode)
		}
	}
}

func TestKeysOfApplications(t *testing.T) {
	w := newWorld(t).start(t)
	_, revoked, err := store.NewAPIKey(strings.NewReader(strings.Repeat("x", 64)), "c_a", "asilo", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	plain, _, err := store.NewAPIKey(strings.NewReader(strings.Repeat("x", 64)), "c_a", "asilo", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	revoked.RevokedAt = time.Now()
	if err := w.keys.Put(t.Context(), revoked); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		header    []string
		rule      modi.RuleID
		status    int
		challenge string
	}{
		"none":            {nil, problem.RuleNoKey, 401, `Bearer realm="snodo"`},
		"another scheme":  {[]string{"Authorization", "Basic Zm9vOmJhcg=="}, problem.RuleNoKey, 401, `Bearer realm="snodo"`},
		"no key of ours":  {[]string{"Authorization", "Bearer eyJ.x.y"}, problem.RuleUnknownKey, 401, `Bearer realm="snodo", error="invalid_token"`},
		"unknown key":     {[]string{"Authorization", "Bearer snodo_0011223344556677_abc"}, problem.RuleUnknownKey, 401, `Bearer realm="snodo", error="invalid_token"`},
		"endless key":     {[]string{"Authorization", "Bearer snodo_" + strings.Repeat("a", 200)}, problem.RuleUnknownKey, 401, `Bearer realm="snodo", error="invalid_token"`},
		"revoked key":     {[]string{"Authorization", "Bearer " + plain}, problem.RuleRevokedKey, 401, `Bearer realm="snodo", error="invalid_token"`},
		"key with spaces": {[]string{"Authorization", "Bearer  " + w.key}, problem.RuleUnknownKey, 401, `Bearer realm="snodo", error="invalid_token"`},
	} {
		t.Run(name, func(t *testing.T) {
			header := append([]string{"Content-Type", "application/json"}, tc.header...)
			a := w.do(t, ListenerApplicazioni, "POST", "/v1/acquisizioni/a/b", goodBody, header...)
			wantProblem(t, a, tc.rule, tc.status)
			if got := a.Header.Get("WWW-Authenticate"); got != tc.challenge {
				t.Errorf("challenge %q", got)
			}
		})
	}
	if len(w.out.requests()) != 0 {
		t.Error("the pipeline was reached")
	}
	w.keys.err = errors.New("locked")
	a := w.acquire(t, goodBody)
	wantProblem(t, a, problem.RuleStore, http.StatusServiceUnavailable)
	if a.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}

func TestErrorsOfThePipelineAreProblems(t *testing.T) {
	for name, tc := range map[string]struct {
		err    error
		rule   modi.RuleID
		status int
		retry  string
	}{
		"refused":      {problem.New(problem.RuleOperationNotListed), problem.RuleOperationNotListed, 403, ""},
		"breaker open": {&registry.Fault{Kind: registry.ErrUnavailable, RetryAfter: 1500 * time.Millisecond}, problem.RuleRegistryUnavailable, 503, "2"},
		"outcome lost": {problem.New(problem.RuleOutcomeNotStored), problem.RuleOutcomeNotStored, 500, ""},
		"unexpected":   {errors.New("RSSMRA85T10A562S"), problem.RuleUnexpected, 500, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.out.err = problem.At(tc.err, problem.Place{Exchange: "00000000-0000-4000-8000-000000000001", Ente: "c_a"})
			a := w.start(t).acquire(t, goodBody)
			wantProblem(t, a, tc.rule, tc.status)
			if a.Header.Get("Retry-After") != tc.retry {
				t.Errorf("Retry-After %q", a.Header.Get("Retry-After"))
			}
			if a.problem.Scambio != "00000000-0000-4000-8000-000000000001" || strings.Contains(a.body, "RSSMRA") {
				t.Errorf("problem %s", a.body)
			}
			if !strings.Contains(w.log.String(), `"scambio":"00000000-0000-4000-8000-000000000001"`) {
				t.Error("the access log does not name the exchange")
			}
		})
	}
}

func TestPanicIsAProblemWithoutDetail(t *testing.T) {
	w := newWorld(t)
	w.out.panic = true
	a := w.start(t).acquire(t, goodBody)
	wantProblem(t, a, problem.RuleUnexpected, http.StatusInternalServerError)
	if strings.Contains(a.body, "goroutine") || strings.Contains(a.body, "RSSMRA") || strings.Contains(w.log.String(), "RSSMRA") {
		t.Error("the panic was told")
	}
	if !strings.Contains(w.log.String(), "errore imprevisto") {
		t.Error("the panic was not logged")
	}
}

func TestProblemsAreItalianFirst(t *testing.T) {
	w := newWorld(t).start(t)
	if a := w.acquire(t, "{"); a.Header.Get("Content-Language") != "it" || a.problem.Title != "Il corpo non è JSON valido" {
		t.Errorf("%s", a.body)
	}
	if a := w.acquire(t, "{", "Accept-Language", "en"); a.Header.Get("Content-Language") != "en" || a.problem.Title != "The body is not valid JSON" {
		t.Errorf("%s", a.body)
	}
}

func TestAccessLogHasTheFieldsOfTheGuideline(t *testing.T) {
	w := newWorld(t).start(t)
	a := w.acquire(t, goodBody)
	var line map[string]any
	for text := range strings.Lines(w.log.String()) {
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]any{
		"uri": "/v1/acquisizioni/:servizio/:operazione", "operazione": "acquisizione", "metodo": "POST", "esito": 200.0,
		"ip": "127.0.0.1", "fruitore": "c_a/asilo", "id_richiesta": a.Header.Get("X-Request-Id"), "scambio": "s-1",
		"ascolto": "applicazioni", "ente": "c_a", "servizio": "anagrafe",
	}
	for name, value := range want {
		if line[name] != value {
			t.Errorf("%s = %v, want %v", name, line[name], value)
		}
	}
	if _, err := time.Parse(time.RFC3339Nano, fmt.Sprint(line["time"])); err != nil {
		t.Error(err)
	}
}

// TestAccessLogNamesOnlyWhatIsConfigured: a service that a caller made up is not a name of this hub.
func TestAccessLogNamesOnlyWhatIsConfigured(t *testing.T) {
	w := newWorld(t).start(t)
	w.out.err = problem.At(problem.New(problem.RuleUnknownService), problem.Place{Exchange: "s-2", Ente: "c_a"})
	w.acquire(t, goodBody)
	w.out.err = problem.At(problem.New(problem.RulePratica), problem.Place{Exchange: "s-3", Ente: "c_a", Servizio: "anagrafe"})
	w.acquire(t, goodBody)
	log := w.log.String()
	for _, want := range []string{`"ente":"c_a","servizio":"","uri"`, `"ente":"c_a","servizio":"anagrafe","uri"`} {
		if !strings.Contains(log, want) {
			t.Errorf("no %s in %s", want, log)
		}
	}
}
