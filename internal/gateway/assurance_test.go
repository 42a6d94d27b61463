// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/registry"
)

// TestLoAThatARegistryRequires: what ANPR would refuse is refused before a voucher, also when only a service that the
// operation needs asks for it.
func TestLoAThatARegistryRequires(t *testing.T) {
	for name, change := range map[string]func(*config.Config){
		"by the service": func(c *config.Config) { c.Consumes["anagrafe"].Evidence.RequireLoA = true },
		"by one it needs": func(c *config.Config) {
			c.Consumes["chiavi"] = &registry.Recipe{Name: "chiavi", Evidence: registry.RecipeEvidence{RequireLoA: true}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newOutWorld(t, change)
			a := newAcquisition()
			if _, err := w.Acquire(context.Background(), a); err != nil {
				t.Fatalf("stated: %v", err)
			}
			a.Contesto.Operatore.LoA = ""
			_, err := w.Acquire(context.Background(), a)
			wantRule(t, err, problem.RuleOperator, http.StatusUnprocessableEntity)
			if detail := problem.Explain(err).Detail.IT; !strings.HasPrefix(detail, "loa: ") {
				t.Errorf("detail %q", detail)
			}
			if w.register.asked() != 1 {
				t.Error("the registry was asked")
			}
		})
	}
}

func TestLoAIsOptionalWhereNoRegistryRequiresIt(t *testing.T) {
	w := newOutWorld(t)
	a := newAcquisition()
	a.Contesto.Operatore.LoA = ""
	if _, err := w.Acquire(context.Background(), a); err != nil {
		t.Error(err)
	}
}

// TestAcceptsLowerCase: a codice fiscale is the same in any case, and is indexed in one.
func TestAcceptsLowerCase(t *testing.T) {
	w := newOutWorld(t, func(c *config.Config) {
		c.Consumes["anagrafe"].Operations["residenza"].Input["properties"] = map[string]any{
			"codiceFiscale": map[string]any{"type": "string", "format": "codice-fiscale"},
		}
	})
	a := newAcquisition()
	a.Richiesta = json.RawMessage(`{"codiceFiscale":"` + strings.ToLower(validCF) + `"}`)
	if _, err := w.Acquire(context.Background(), a); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{validCF}, w.log.last(t).Subjects); diff != "" {
		t.Error(diff)
	}
	a.Richiesta = json.RawMessage(`{"codiceFiscale":"rssmra85t10a562t"}`)
	_, err := w.Acquire(context.Background(), a)
	wantRule(t, err, problem.RuleCodiceFiscale, http.StatusUnprocessableEntity)
}

func TestValueReadBeforeIsHeldAgainstTheSchemaToo(t *testing.T) {
	w := newOutWorld(t)
	a := newAcquisition()
	a.Richiesta, a.Decoded = json.RawMessage(`{"nota":"123456"}`), map[string]any{"nota": "123456"}
	_, err := w.Acquire(context.Background(), a)
	wantRule(t, err, problem.RuleSchema, http.StatusBadRequest)
	a.Richiesta, a.Decoded = json.RawMessage(`{"nota":"1"}`), map[string]any{"nota": "1"}
	if _, err := w.Acquire(context.Background(), a); err != nil {
		t.Error(err)
	}
}
