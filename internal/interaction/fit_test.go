// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package interaction_test

import (
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/interaction"
	"github.com/snodo-pa/snodo/registry"
)

func TestDocumentHasWhatInteractionsNeed(t *testing.T) {
	pull := registry.ExposureOperation{Interaction: &registry.ExposureInteraction{Pattern: registry.NonBlockingPull, Status: "state", Result: "result"}}
	push := registry.ExposureOperation{Interaction: &registry.ExposureInteraction{Pattern: registry.NonBlockingPush}}
	of := func(id string, o registry.ExposureOperation, replace ...string) *registry.Exposure {
		return &registry.Exposure{
			Document: []byte(strings.NewReplacer(replace...).Replace(document)), Operations: map[string]registry.ExposureOperation{id: o},
		}
	}
	for name, r := range map[string]*registry.Exposure{
		"pull": of("ask", pull), "push": of("notify", push), "no interaction": of("at-once", registry.ExposureOperation{}, "openapi", "x"),
	} {
		if err := interaction.Fits(r); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for want, r := range map[string]*registry.Exposure{
		"operations.none: il documento OpenAPI non ha un POST con questa operationId":         of("none", push),
		"operations.state: il documento OpenAPI non ha un POST con questa operationId":        of("state", push),
		"operations.at-once: il documento OpenAPI non ha la risposta 202":                     of("at-once", push),
		"operations.state: il documento OpenAPI non ha la risposta 303":                       of("ask", pull, "'303'", "'204'"),
		"operations.ask: result non è un GET il cui percorso finisce col suo unico parametro": of("ask", pull, "/risultati/{id}:", "/risultati/{id}/testo:"),
		"operations.ask: state non è un GET il cui percorso finisce col suo unico parametro":  of("ask", pull, "operationId: state", "operationId: other"),
		"operations.take: una richiamata va a un percorso senza parametri":                    {Document: []byte(strings.NewReplacer("/esiti:", "/esiti/{id}:", "operationId: take", "operationId: take\n      parameters: [{name: id, in: path, required: true, schema: {type: string, pattern: '^[a-z]$'}}]").Replace(callbacks)), Operations: receiving("take").Operations},
		"operations.take: il documento OpenAPI non ha la risposta 200":                        {Document: []byte(strings.ReplaceAll(callbacks, "        '200':\n          description", "        '201':\n          description")), Operations: receiving("take").Operations},
	} {
		if err := interaction.Fits(r); err == nil || bilingual.In(err, "it") != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if err := interaction.Fits(of("ask", pull, "openapi: 3.0.3", "x: 1")); err == nil {
		t.Error("a document that is none was accepted")
	}
}
