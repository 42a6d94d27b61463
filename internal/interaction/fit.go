// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package interaction

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/schema"
	"github.com/snodo-pa/snodo/registry"
)

// Fits tells whether the OpenAPI document of an exposes recipe has what its interactions need: operations, methods, paths
// and answers. The error is for the person who writes them; nil for a recipe without interactions.
func Fits(r *registry.Exposure) error {
	if !NonBlocking(r) && r.Receiver() == "" {
		return nil
	}
	document, err := schema.Compile(r.Document)
	if err != nil {
		return err
	}
	return fits(r, document)
}

func fits(r *registry.Exposure, document *schema.Document) error {
	found := map[string]*schema.Operation{}
	for _, op := range document.Operations() {
		found[op.ID] = op
	}
	for _, id := range slices.Sorted(maps.Keys(r.Operations)) {
		i := r.Operations[id].Interaction
		if i == nil {
			continue
		}
		if err := fit(id, i, found); err != nil {
			return err
		}
	}
	return nil
}

func fit(id string, i *registry.ExposureInteraction, found map[string]*schema.Operation) error {
	op := found[id]
	if op == nil || op.Method != http.MethodPost {
		return bilingual.Errorf("operations.%s: il documento OpenAPI non ha un POST con questa operationId",
			"operations.%s: the OpenAPI document has no POST with this operationId", id)
	}
	if i.Receives {
		if strings.Contains(op.Template, "{") {
			return bilingual.Errorf("operations.%s: una richiamata va a un percorso senza parametri", "operations.%s: a callback goes to a path without parameters", id)
		}
		return answersOf(op, http.StatusOK)
	}
	if err := answersOf(op, http.StatusAccepted); err != nil || i.Pattern == registry.NonBlockingPush {
		return err
	}
	for _, next := range []struct {
		id       string
		statuses []int
	}{{i.Status, []int{http.StatusOK, http.StatusSeeOther}}, {i.Result, []int{http.StatusOK}}} {
		op := found[next.id]
		if op == nil || op.Method != http.MethodGet || !strings.HasSuffix(op.Template, "}") || strings.Count(op.Template, "{") != 1 {
			return bilingual.Errorf("operations.%s: %s non è un GET il cui percorso finisce col suo unico parametro",
				"operations.%s: %s is not a GET whose path ends in its one parameter", id, next.id)
		}
		if err := answersOf(op, next.statuses...); err != nil {
			return err
		}
	}
	return nil
}

func answersOf(op *schema.Operation, statuses ...int) error {
	for _, status := range statuses {
		if _, ok := op.AnswerMedia(status); !ok {
			return bilingual.Errorf("operations.%s: il documento OpenAPI non ha la risposta %d", "operations.%s: the OpenAPI document has no answer %d", op.ID, status)
		}
	}
	return nil
}
