// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package contract

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/schema"
	"github.com/snodo-pa/snodo/modi"
)

const goodBody = `{"contesto":{"ente":"c_a","procedimento":"iscrizione","pratica":"P-1","operatore":{"tipo":"persona","userID":"op-1","postazione":"p-1","loa":"SPID_L2"}},"richiesta":{"codiceFiscale":"RSSMRA85T10A562S"}}`

func compiled(t testing.TB) *Contract {
	t.Helper()
	c, err := Compile()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func request(body string) schema.Request {
	return schema.Request{
		Params: map[string]string{"servizio": "anagrafe", "operazione": "residenza"}, Query: url.Values{},
		Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body),
	}
}

func TestReadsAnAcquisition(t *testing.T) {
	got, err := compiled(t).ReadAcquisition(request(goodBody))
	if err != nil {
		t.Fatal(err)
	}
	want := Acquisition{
		Contesto: Contesto{
			Ente: "c_a", Procedimento: "iscrizione", Pratica: "P-1",
			Operatore: Operatore{Tipo: "persona", UserID: "op-1", Postazione: "p-1", LoA: "SPID_L2"},
		},
		Richiesta: json.RawMessage(`{"codiceFiscale":"RSSMRA85T10A562S"}`), Decoded: map[string]any{"codiceFiscale": "RSSMRA85T10A562S"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRefusals(t *testing.T) {
	c := compiled(t)
	for name, tc := range map[string]struct {
		change func(r *schema.Request)
		rule   modi.RuleID
		status int
	}{
		"no body":          {func(r *schema.Request) { r.Body = nil }, problem.RuleSchema, 400},
		"not JSON":         {func(r *schema.Request) { r.Body = []byte("{") }, problem.RuleMalformedJSON, 400},
		"unknown field":    {func(r *schema.Request) { r.Body = []byte(strings.Replace(goodBody, `"loa"`, `"loA"`, 1)) }, problem.RuleUnknownField, 400},
		"no richiesta":     {func(r *schema.Request) { r.Body = []byte(strings.Replace(goodBody, `"richiesta"`, `"x"`, 1)) }, problem.RuleSchema, 400},
		"query":            {func(r *schema.Request) { r.Query = url.Values{"debug": {"1"}} }, problem.RuleUnknownField, 400},
		"media type":       {func(r *schema.Request) { r.Header = http.Header{} }, problem.RuleMediaType, 415},
		"two keys":         {func(r *schema.Request) { r.Header[HeaderIdempotencyKey] = []string{"a", "b"} }, problem.RuleIdempotencyKey, 400},
		"empty key":        {func(r *schema.Request) { r.Header[HeaderIdempotencyKey] = []string{""} }, problem.RuleSchema, 400},
		"endless servizio": {func(r *schema.Request) { r.Params["servizio"] = strings.Repeat("x", 101) }, problem.RuleSchema, 400},
	} {
		r := request(goodBody)
		tc.change(&r)
		_, err := c.ReadAcquisition(r)
		if x := problem.Explain(err); err == nil || x.Row.Rule != tc.rule || x.Row.Status != tc.status {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestServedDocumentIsTheOneThatIsEnforced(t *testing.T) {
	c := compiled(t)
	again, err := schema.Compile(c.JSON())
	if err != nil {
		t.Fatal(err)
	}
	list := func(d *schema.Document) (out []string) {
		for _, op := range d.Operations() {
			out = append(out, op.Method+" "+op.Template+" "+op.ID)
		}
		return out
	}
	if diff := cmp.Diff(list(c.Document()), list(again)); diff != "" {
		t.Error(diff)
	}
}

// FuzzReadAcquisition: whatever the body, the answer is a refusal with a status of its own or a request that has all it
// must have.
func FuzzReadAcquisition(f *testing.F) {
	for _, seed := range []string{
		goodBody, "", "{}", `{"contesto":null,"richiesta":{}}`, `{"contesto":{},"richiesta":[]}`,
		strings.Replace(goodBody, `"P-1"`, `"\u0000"`, 1), strings.Replace(goodBody, "persona", "PERSONA", 1),
	} {
		f.Add([]byte(seed))
	}
	c := compiled(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := c.ReadAcquisition(request(string(body)))
		if err != nil {
			var own *problem.Error
			if !errors.As(err, &own) || problem.Status(err) >= 500 {
				t.Fatalf("%v for %q", err, body)
			}
			return
		}
		if !json.Valid(got.Richiesta) || got.Contesto.Ente == "" || got.Contesto.Procedimento == "" || got.Contesto.Operatore.Tipo == "" {
			t.Fatalf("read %+v from %q", got, body)
		}
	})
}
