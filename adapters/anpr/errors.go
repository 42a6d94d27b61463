// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

// pollAfter is when to come back for what ANPR is still working on, where it does not
// say itself; who polls waits longer each time.
const pollAfter = time.Minute

// classify gives an answer its meaning. Three voices can speak: ANPR itself, by a list
// of errors whose code, type and text the tables interpret; the GovWay gateway
// before it; whatever else stands on the way. Only ANPR's own errors may say that a
// person is not registered: a bare 404 says that the service is not there.
func (q inquiry) classify(r registry.Reply) error {
	var a answer
	if json.Unmarshal(r.Body, &a) == nil && len(a.ListaErrori) > 0 && r.Status != http.StatusTooManyRequests {
		if r.Status == http.StatusOK && a.ListaSoggetti != nil && !slices.ContainsFunc(a.ListaErrori, q.fails) {
			return nil // an answer, with warnings in the place of errors
		}
		return q.business(r, a)
	}
	err := registry.ClassifyByStatus(r)
	var fault *registry.Fault
	if !errors.As(err, &fault) {
		return err
	}
	fault.Service = q.recipe.Name
	if errors.Is(fault.Kind, registry.ErrNotFound) {
		fault.Kind = registry.ErrUnavailable
		fault.Text = modi.Text{
			IT: "all'indirizzo configurato ANPR non risponde come previsto: controllare URL e versione del servizio",
			EN: "ANPR does not answer as expected at the configured address: check URL and version of the service",
		}
	}
	return fault
}

// business maps ANPR's own errors: the first one that the recipe calls a failure.
func (q inquiry) business(r registry.Reply, a answer) error {
	fault := &registry.Fault{
		Service: q.recipe.Name, Status: r.Status, RegistryID: r.RegistryID, RetryAfter: registry.ParseRetryAfter(r.Header, r.Received),
	}
	if fault.RegistryID == "" {
		fault.RegistryID = registry.SafeWord(a.IDOperazioneANPR)
	}
	for _, e := range a.ListaErrori {
		if row, ok := q.row(e); ok && row.Kind.Err() != nil {
			fault.Kind, fault.Code, fault.Text = row.Kind.Err(), registry.SafeWord(e.Code), row.Say
			switch row.Kind {
			case registry.KindRenumber:
				fault.Err = errStale
			case registry.KindNotReady:
				fault.RetryAfter = cmp.Or(fault.RetryAfter, pollAfter)
			case registry.KindThrottled: // EN179: the pending request can still be fetched, or dropped
				fault.RetryAfter, fault.Alone = cmp.Or(fault.RetryAfter, pollAfter), true
			default:
			}
			return fault
		}
	}
	fault.Code = registry.SafeWord(a.ListaErrori[0].Code)
	switch {
	case r.Status >= http.StatusInternalServerError:
		fault.Kind = registry.ErrUnavailable
	case r.Status == http.StatusBadRequest:
		fault.Kind = registry.ErrInvalid
	default: // an error nobody has described decides nothing about the person
		fault.Kind = registry.ErrBadReply
	}
	if row, ok := q.row(a.ListaErrori[0]); ok && row.Kind == registry.KindWarn {
		fault.Text = row.Say
		return fault
	}
	fault.Text = modi.Text{
		IT: "ANPR ha risposto con un errore non previsto: l'assistenza ANPR può spiegarlo dal codice e dall'identificativo",
		EN: "ANPR answered with an unforeseen error: its help desk can explain it from the code and the id",
	}
	return fault
}

// fails tells whether an error is one: neither a warning nor to be ignored, by the tables.
func (q inquiry) fails(e anomaly) bool {
	row, ok := q.row(e)
	return !ok || row.Kind.Err() != nil
}

// row finds the first row that speaks of e: of the recipe, then of the table of ANPR.
func (q inquiry) row(e anomaly) (registry.RecipeError, bool) {
	for _, table := range [][]registry.RecipeError{q.recipe.Errors, q.adapter.errors} {
		for _, row := range table {
			if row.Matches(e.Code, e.Type, e.Text) {
				return row, true
			}
		}
	}
	return registry.RecipeError{}, false
}

// warnings are what the operator should know of a successful answer. They do not block,
// whatever the table says of their code; one that the table does not know is named by
// its code.
func (q inquiry) warnings(a answer) []modi.Text {
	var texts []modi.Text
	for _, e := range slices.Concat(a.ListaAnomalie, a.ListaErrori) {
		row, known := q.row(e)
		switch {
		case known && row.Kind == registry.KindIgnore:
		case known:
			texts = append(texts, row.Say)
		default:
			code := registry.SafeWord(e.Code)
			texts = append(texts, modi.Text{
				IT: "ANPR segnala l'anomalia " + code,
				EN: "ANPR reports the anomaly " + code,
			})
		}
	}
	return texts
}
