// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/adapters/adaptertest"
	"github.com/snodo-pa/snodo/registry"
)

// byService plays ANPR: each service answers in its own words.
func byService(answers map[string]registry.Reply) *adaptertest.Transport {
	return &adaptertest.Transport{Script: func(_ context.Context, _ int, c registry.Call) (registry.Reply, error) {
		return answers[c.Service], nil
	}}
}

// services names the calls made.
func services(tr *adaptertest.Transport) string {
	var names []string
	for _, c := range tr.Calls() {
		names = append(names, c.Service)
	}
	return strings.Join(names, " ")
}

// remembering is a desk whose adapter remembers, and the time of its clock.
func remembering(t *testing.T, tr registry.Transport) (*desk, *time.Time) {
	t.Helper()
	at := now()
	s := subject(t)
	s.Recipes = recipes(t)
	return openOver(t, s, tr, func(d *registry.Deps) { d.Clock = func() time.Time { return at } }), &at
}

func TestIDANPRIsAskedOnceUntilItExpires(t *testing.T) {
	tr := byService(map[string]registry.Reply{"anpr-c030": ok(identified), "anpr-c020": ok(resident)})
	d, at := remembering(t, tr)
	for _, later := range []time.Duration{0, 11 * time.Hour, 2 * time.Hour} {
		*at = at.Add(later)
		if _, err := d.residence(); err != nil {
			t.Fatal(err)
		}
	}
	if got := services(tr); got != "anpr-c030 anpr-c020 anpr-c020 anpr-c030 anpr-c020" {
		t.Errorf("calls are %s", got)
	}
}

// TestOnlyTheIDANPRIsRemembered: the data are asked for every time.
func TestOnlyTheIDANPRIsRemembered(t *testing.T) {
	tr := byService(map[string]registry.Reply{"anpr-c030": ok(identified), "anpr-c020": ok(resident)})
	d, _ := remembering(t, tr)
	first, err := d.residence()
	if err != nil {
		t.Fatal(err)
	}
	second, err := d.residence()
	if err != nil || string(first.Dati) != string(second.Dati) || len(tr.Calls()) != 3 {
		t.Errorf("%d calls, %v", len(tr.Calls()), err)
	}
}

// TestMemoryIsOfOneEnteAndEnvironment: what one may know is nothing for another.
func TestMemoryIsOfOneEnteAndEnvironment(t *testing.T) {
	tr := byService(map[string]registry.Reply{"anpr-c030": ok(identified), "anpr-c020": ok(resident)})
	d, _ := remembering(t, tr)
	if _, err := d.residence(); err != nil {
		t.Fatal(err)
	}
	for _, scope := range []registry.Scope{
		{Ente: "c_vs02", Environment: registry.Locale}, {Ente: "c_bf01", Environment: registry.Collaudo},
	} {
		scope.Pratica, scope.Purposes, scope.Calls = d.pratica, d.purposes, &registry.CallLog{}
		_, err := d.adapter.Call(t.Context(), "anpr-c020", "residenza", registry.Request{
			Scope: &scope, Richiesta: []byte(`{"codiceFiscale":"` + code + `"}`),
		})
		if err != nil || len(scope.Calls.All()) != 2 {
			t.Errorf("%s in %s: %d calls, %v", scope.Ente, scope.Environment, len(scope.Calls.All()), err)
		}
	}
}

// TestIDANPRThatIsGoneIsLookedUpAgain: a person may have got another one.
func TestIDANPRThatIsGoneIsLookedUpAgain(t *testing.T) {
	gone := false
	tr := &adaptertest.Transport{Script: func(_ context.Context, _ int, c registry.Call) (registry.Reply, error) {
		switch {
		case c.Service == "anpr-c030" && gone:
			return ok(strings.ReplaceAll(identified, idANPR, "OR69233LN")), nil
		case c.Service == "anpr-c030":
			return ok(identified), nil
		case gone && strings.Contains(string(c.Body), idANPR):
			return ko(404, "EN122", "E", "Soggetto non registrato in ANPR"), nil
		case gone:
			return ok(strings.ReplaceAll(resident, idANPR, "OR69233LN")), nil
		default:
			return ok(resident), nil
		}
	}}
	d, _ := remembering(t, tr)
	if _, err := d.residence(); err != nil {
		t.Fatal(err)
	}
	gone = true
	if _, err := d.residence(); err != nil {
		t.Fatal(err)
	}
	if got := services(tr); got != "anpr-c030 anpr-c020 anpr-c020 anpr-c030 anpr-c020" {
		t.Errorf("calls are %s", got)
	}
}

// TestIDANPROfSomebodyElseIsForgotten: an answer about another person is not delivered, and
// the next question looks the idANPR up again instead of failing until it expires.
func TestIDANPROfSomebodyElseIsForgotten(t *testing.T) {
	answers := map[string]registry.Reply{"anpr-c030": ok(identified), "anpr-c020": ok(resident)}
	tr := byService(answers)
	d, _ := remembering(t, tr)
	if _, err := d.residence(); err != nil {
		t.Fatal(err)
	}
	answers["anpr-c020"] = ok(strings.ReplaceAll(resident, code, "CNTGLI88L65G999B"))
	_, err := d.residence()
	_ = faultOf(t, err, registry.ErrBadReply)
	answers["anpr-c020"] = ok(resident)
	if _, err := d.residence(); err != nil {
		t.Fatal(err)
	}
	if got := services(tr); got != "anpr-c030 anpr-c020 anpr-c020 anpr-c030 anpr-c020" {
		t.Errorf("calls are %s", got)
	}
}

// TestWithoutC030TheOperatorIsTold: the procedimento has no purpose for C030, which its
// ente has to allow; the codice fiscale is the key.
func TestWithoutC030TheOperatorIsTold(t *testing.T) {
	tr := byService(map[string]registry.Reply{"anpr-c020": ok(resident)})
	d, _ := remembering(t, tr)
	d.purposes = map[string]string{"anpr-c020": "b1000000-0000-4000-8000-000000000020"}
	out, err := d.residence()
	if err != nil {
		t.Fatal(err)
	}
	calls := tr.Calls()
	if len(calls) != 1 || request(t, calls[0]).CriteriRicerca["codiceFiscale"] != code {
		t.Errorf("calls are %s", services(tr))
	}
	if said := fmt.Sprint(out.Avvisi); !strings.Contains(said, "C030") {
		t.Errorf("avvisi are %s", said)
	}
}
