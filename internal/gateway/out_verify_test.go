// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/gateway/confronto"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

const declaredAddress = `{"residenza":{"via":"Via <Roma> e C."},"nome":"MARIO"}`

func newVerification(declared string) Acquisition {
	a := newAcquisition()
	a.Dichiarato = json.RawMessage(declared)
	return a
}

func verdicts(t *testing.T, got *Acquired) confronto.Risultato {
	t.Helper()
	var r confronto.Risultato
	if err := json.Unmarshal(got.Dati, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// TestVerificaTellsVerdictsAlone: the data of the registry reach neither the answer nor the evidence nor what is
// remembered.
func TestVerificaTellsVerdictsAlone(t *testing.T) {
	w := newOutWorld(t, func(c *config.Config) { c.Consumes["anagrafe"].Evidence.Keep = "messages" })
	a := newVerification(declaredAddress)
	a.IdempotencyKey = "chiave-1"
	for range 2 { // the second is remembered
		got, err := w.Acquire(context.Background(), a)
		if err != nil {
			t.Fatal(err)
		}
		r := verdicts(t, got)
		if got.Esito != EsitoVerificato || r.Esito != confronto.NonConforme || r.Confronto != confronto.DelNodo || len(r.Verdetti) != 2 ||
			r.Verdetti[0].Esito != confronto.Conforme || r.Verdetti[1].Campo != "residenza/via" || r.Verdetti[1].Esito != confronto.NonConforme {
			t.Errorf("%s %s", got.Esito, got.Dati)
		}
	}
	if w.register.asked() != 1 {
		t.Errorf("asked %d times", w.register.asked())
	}
	kept, err := json.Marshal(w.log.records)
	if err != nil {
		t.Fatal(err)
	}
	for _, held := range []string{"& C.", "\\u0026 C.", "Mario", "figli", "e C."} {
		if strings.Contains(string(kept), held) {
			t.Errorf("the evidence holds %q", held)
		}
		for _, answer := range w.answers.answers {
			if strings.Contains(string(answer), held) {
				t.Errorf("what is remembered holds %q", held)
			}
		}
	}
	messages := 0
	for _, record := range w.log.records {
		for _, m := range record.Side.Messages {
			messages++
			if strings.Contains(string(m.Body), "Mario") || strings.Contains(string(m.Body), "Roma") {
				t.Errorf("the evidence keeps %s", m.Body)
			}
		}
	}
	if messages == 0 {
		t.Error("no message was kept: the test no longer sees them")
	}
}

// withOwnService adds a service with which the same registry compares addresses.
func withOwnService(c *config.Config) {
	c.Consumes["chiavi"] = &registry.Recipe{
		Name: "chiavi", Registry: "Anagrafe inventata",
		Environments: map[string]registry.RecipeEnvironment{"locale": {}},
		Operations: map[string]registry.RecipeOperation{"confronta": {
			Mode: registry.ModeCompare, Verifica: []string{"residenza"}, Fields: []string{"esito", "controlli"},
			Input: map[string]any{
				"type": "object", "additionalProperties": false, "required": []any{"codiceFiscale", "residenza"},
				"properties": map[string]any{
					"codiceFiscale": map[string]any{"type": "string"},
					"residenza": map[string]any{"type": "object", "additionalProperties": false, "properties": map[string]any{
						"via": map[string]any{"type": "string"},
					}},
				},
			},
		}},
	}
	ente := c.Enti["c_a"]
	ente.Consumes["chiavi"] = &config.Consume{Recipe: "chiavi", Environment: "locale", Client: "principale"}
	p := ente.Procedimenti["iscrizione"]
	p.Operazioni = append(p.Operazioni, config.Autorizzazione{Servizio: "chiavi", Operazione: "confronta", Campi: []string{"esito", "controlli"}})
}

// TestVerificaPrefersTheRegistrysOwnService: then no data leave it.
func TestVerificaPrefersTheRegistrysOwnService(t *testing.T) {
	w := newOutWorld(t, withOwnService)
	w.register.dati = `{"esito":"non-conforme","controlli":[{"id":"1","chiave":"Verifica residenza","esito":"non-conforme"}]}`
	got, err := w.Acquire(context.Background(), newVerification(`{"residenza":{"via":"Via Verdi"}}`))
	if err != nil {
		t.Fatal(err)
	}
	r := verdicts(t, got)
	if r.Confronto != confronto.DelRegistro || r.Esito != confronto.NonConforme || r.Verdetti[0].Campo != "Verifica residenza" ||
		got.Provenienza.Servizio != "chiavi" || got.Provenienza.Operazione != "confronta" {
		t.Errorf("%s %+v", got.Dati, got.Provenienza)
	}
	if asked := string(w.register.requests[0].Richiesta); asked != `{"codiceFiscale":"`+validCF+`","residenza":{"via":"Via Verdi"}}` {
		t.Errorf("asked %s", asked)
	}
	if outcome := w.log.last(t); outcome.Service != "chiavi" || outcome.Purpose != "purpose-2" {
		t.Errorf("evidence of %s for %s", outcome.Service, outcome.Purpose)
	}
	w.register.dati = `{"esito":"forse"}`
	if _, err := w.Acquire(context.Background(), newVerification(`{"residenza":{"via":"x"}}`)); problem.Explain(err).Row.Rule != problem.RuleRegistryBadReply {
		t.Errorf("an outcome of its own: %v", err)
	}
}

// TestVerificaFallsBackOnTheHub when the registry's own service cannot compare what was declared.
func TestVerificaFallsBackOnTheHub(t *testing.T) {
	for name, tc := range map[string]struct {
		declared string
		change   func(c *config.Config)
	}{
		"a field it does not compare": {declaredAddress, func(*config.Config) {}},
		"a shape it does not take":    {`{"residenza":{"viale":"Roma"}}`, func(*config.Config) {}},
		"another registry":            {`{"residenza":{"via":"Roma"}}`, func(c *config.Config) { c.Consumes["chiavi"].Registry = "Altro" }},
		"not in the procedimento": {`{"residenza":{"via":"Roma"}}`, func(c *config.Config) {
			p := c.Enti["c_a"].Procedimenti["iscrizione"]
			p.Operazioni = p.Operazioni[:1]
		}},
		"not bound": {`{"residenza":{"via":"Roma"}}`, func(c *config.Config) { delete(c.Enti["c_a"].Consumes, "chiavi") }},
	} {
		w := newOutWorld(t, withOwnService, tc.change)
		got, err := w.Acquire(context.Background(), newVerification(tc.declared))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if r := verdicts(t, got); r.Confronto != confronto.DelNodo || got.Provenienza.Servizio != "anagrafe" {
			t.Errorf("%s: %s by %s", name, got.Dati, got.Provenienza.Servizio)
		}
	}
}

func TestRefusalsOfAVerifica(t *testing.T) {
	onlyVerifica := func(c *config.Config) {
		c.Enti["c_a"].Procedimenti["iscrizione"].Operazioni[0].Modo = config.ModoVerifica
	}
	none := func(*config.Config) {}
	for name, tc := range map[string]struct {
		change func(c *config.Config)
		asked  Acquisition
		rule   modi.RuleID
	}{
		"a field the procedimento may not see":  {none, newVerification(`{"figli":[1]}`), problem.RuleFieldNotListed},
		"nothing declared":                      {none, newVerification(`{}`), problem.RuleSchema},
		"no object":                             {none, newVerification(`["a"]`), problem.RuleSchema},
		"not JSON":                              {none, newVerification(`{`), problem.RuleMalformedJSON},
		"a member twice":                        {none, newVerification(`{"nome":"a","nome":"b"}`), problem.RuleDuplicateMember},
		"data where only a verifica is allowed": {onlyVerifica, newAcquisition(), problem.RuleOperationNotListed},
	} {
		w := newOutWorld(t, tc.change)
		_, err := w.Acquire(context.Background(), tc.asked)
		if got := problem.Explain(err).Row.Rule; got != tc.rule {
			t.Errorf("%s: %s (%v)", name, got, err)
		}
		if w.register.asked() != 0 || slices.Contains(w.log.kinds(), evidence.KindAcquisizioneIntento) {
			t.Errorf("%s: the registry was asked", name)
		}
	}
	w := newOutWorld(t, onlyVerifica)
	if _, err := w.Acquire(context.Background(), newVerification(declaredAddress)); err != nil {
		t.Errorf("a verifica where it is allowed: %v", err)
	}
}

// TestWhoIsDeclaredIsInTheIndexOfTheEvidence, so that an erasure finds the exchange.
func TestWhoIsDeclaredIsInTheIndexOfTheEvidence(t *testing.T) {
	w := newOutWorld(t)
	if _, err := w.Acquire(context.Background(), newVerification(`{"residenza":{"con":[{"codiceFiscale":"BNCMRC85C12D612V"}]}}`)); err != nil {
		t.Fatal(err)
	}
	if got := w.log.records[0].Subjects; !slices.Contains(got, "BNCMRC85C12D612V") || !slices.Contains(got, validCF) {
		t.Errorf("subjects %v", got)
	}
}
