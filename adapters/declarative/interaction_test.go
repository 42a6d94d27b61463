// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package declarative_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/registry"
)

const callbackTo = "https://ente.example/modi/c_bf01/esiti/v1/esiti"

// later is an operation of the invented registry whose answer is a callback.
func later(t *testing.T) *registry.Recipe {
	t.Helper()
	recipe := cataloghi(t)
	recipe.Operations["prenota"] = registry.RecipeOperation{
		Method: http.MethodPost, Path: "/prenotazioni",
		Interaction: &registry.RecipeInteraction{Pattern: registry.NonBlockingPush, Callback: "esiti"},
		Request:     []registry.Assignment{{To: "body/opera", From: "richiesta/opera"}},
		Response:    []registry.Assignment{{To: "esito", From: "body/esito"}},
		Same:        []registry.Sameness{{At: "body/opera", Is: "richiesta/opera"}},
	}
	return recipe
}

func question(richiesta string) registry.Request {
	return registry.Request{
		Scope:     &registry.Scope{ExchangeID: "scambio-1", Ente: "c_bf01", Environment: registry.Locale, ReplyTo: callbackTo, Calls: &registry.CallLog{}},
		Richiesta: json.RawMessage(richiesta),
	}
}

func TestPushSaysWhereTheAnswerGoes(t *testing.T) {
	for name, c := range map[string]struct {
		answer registry.Reply
		want   string
	}{
		"accepted":                 {with(reply(202, ""), registry.HeaderCorrelation, "c0ffee-0042"), "c0ffee-0042"},
		"without correlation":      {reply(202, ""), ""},
		"answered at once":         {with(reply(200, "{}"), registry.HeaderCorrelation, "c0ffee-0042"), ""},
		"correlation of two words": {with(reply(202, ""), registry.HeaderCorrelation, "a b"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t, later(t), c.answer)
			got, err := d.adapter.Call(t.Context(), d.service, "prenota", question(`{"opera":"Uno"}`))
			if err != nil || got.Correlation != c.want || got.Dati != nil {
				t.Fatalf("%+v %v, want correlation %q", got, err, c.want)
			}
			call := d.wire.Calls()[0]
			if call.Header.Get(registry.HeaderReplyTo) != callbackTo || string(call.Body) != `{"opera":"Uno"}` || len(d.wire.Calls()) != 1 {
				t.Errorf("asked %v %s, %d calls", call.Header, call.Body, len(d.wire.Calls()))
			}
		})
	}
	open(t, later(t), reply(503, "")).refuses("prenota", `{"opera":"Uno"}`, registry.ErrUnavailable)
}

func TestCallbackIsReadAsTheAnswer(t *testing.T) {
	d := open(t, later(t))
	receiver, ok := d.adapter.(registry.Receiver)
	if !ok {
		t.Fatal("the adapter receives nothing")
	}
	got, err := receiver.Receive(d.service, "prenota", question(`{"opera":"Uno"}`), reply(200, `{"opera":"UNO","esito":"pronta"}`))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(`{"esito":"pronta"}`, string(got.Dati)); diff != "" {
		t.Error(diff)
	}
	for name, c := range map[string]struct {
		callback registry.Reply
		want     error
	}{
		"about another":    {reply(200, `{"opera":"Due","esito":"pronta"}`), registry.ErrBadReply},
		"without the data": {reply(200, `{"opera":"Uno"}`), registry.ErrBadReply},
		"not an object":    {reply(200, `[]`), registry.ErrBadReply},
		"an error":         {reply(503, `{"title":"fermo"}`), registry.ErrUnavailable},
	} {
		if _, err := receiver.Receive(d.service, "prenota", question(`{"opera":"Uno"}`), c.callback); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if _, err := receiver.Receive(d.service, "altro", question(`{}`), reply(200, `{}`)); !errors.Is(err, registry.ErrUnsupported) {
		t.Errorf("an operation that is not there: %v", err)
	}
}

// TestPullRefusesTheResultOfAnother: 303 says where the result is, and it is the result of what was asked.
func TestPullRefusesTheResultOfAnother(t *testing.T) {
	recipe := func(t *testing.T) *registry.Recipe {
		r := cataloghi(t)
		op := r.Operations["ritira"]
		op.Poll.SeeOther = true
		op.Then = &registry.RecipeStep{Method: http.MethodGet, Path: "/risorse/{id}", Request: []registry.Assignment{{To: "path/id", From: "richiesta/id"}}}
		r.Operations["ritira"] = op
		return r
	}
	result := reply(200, `{"opera":"Uno"}`)
	for name, location := range map[string]string{
		"a path": "/risorse/R%209", "an address": "https://cataloghi.example/v1/risorse/r%209?x=1", "with a slash": "/risorse/R%209/",
	} {
		t.Run(name, func(t *testing.T) {
			open(t, recipe(t), with(reply(303, ""), "Location", location), result).dati("ritira", `{"id":"R 9"}`, `{"opera":"Uno"}`)
		})
	}
	for name, state := range map[string]registry.Reply{
		"the result of another": with(reply(303, ""), "Location", "/risorse/R%208"),
		"303 without Location":  reply(303, ""),
		"no address":            with(reply(303, ""), "Location", "%zz"),
		"another status":        with(reply(206, "{}"), "Location", "/risorse/R%209"),
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t, recipe(t), state, result)
			d.refuses("ritira", `{"id":"R 9"}`, registry.ErrBadReply)
			if n := len(d.wire.Calls()); n != 1 {
				t.Errorf("%d calls", n)
			}
		})
	}
	// A state that no line of the recipe calls pending, without 303: the result says what it is worth.
	open(t, recipe(t), reply(200, "{}"), result).dati("ritira", `{"id":"R 9"}`, `{"opera":"Uno"}`)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := open(t, recipe(t), reply(202, "")).askFor(ctx, "ritira", `{"id":"7"}`); err == nil {
		t.Error("answered who had left")
	}
}
