// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package plan_test

import (
	"context"
	"errors"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/pdnd/plan"
	"github.com/snodo-pa/snodo/registry"
)

// faults are those of the sheets of c_bf01, in English.
func (w *world) faults() string {
	w.t.Helper()
	_, err := w.planner().Sync(context.Background(), "c_bf01")
	var list *config.Faults
	if !errors.As(err, &list) {
		w.t.Fatalf("Sync = %v, want *config.Faults", err)
	}
	return list.In("en")
}

func TestEveryFaultOfASheetIsToldWithItsLine(t *testing.T) {
	w := newWorld(t)
	w.write("c_bf01", "pdnd/eservices/stato-istanza.yaml", eserviceSheet("Stato istanza - Borgo Fiorito", "Nome", "voucherLifespan: 600", "voucherLifespan: 30",
		"dailyCallsTotal: 10000", "dailyCallsTotal: 10", "AUTOMATIC", "SEMPRE", "personalData: false\n", "", "keychain: risposte", "keychain: altre",
		"isConsumerDelegable: true", "isConsumerDelegable: false"))
	w.write("c_bf01", "pdnd/eservices/altro.yaml", eserviceSheet())
	w.write("c_bf01", "pdnd/eservices/nota.txt", "x")
	w.write("c_bf01", "pdnd/purposes/a.yaml", purposeSheet("title: Iscrizione al nido", "title: No", "dailyCalls: 400", "dailyCalls: 0", "titolo: proprio", "titolo: mio",
		"client: servizi", "client: nessuno", "Art. 50 CAD", `""`))
	w.write("c_bf01", "pdnd/purposes/b.yaml", "recipe: registro\ninventata: 1\n")
	w.write("c_bf01", "pdnd/purposes/c.yaml", "recipe: [\n")
	got := w.faults()
	for _, want := range []string{
		"altro.yaml:1: recipe is \"stato-istanza\" and the file is called altro.yaml", "nota.txt: it is no <name>.yaml",
		"stato-istanza.yaml:3: name has 4 characters", "stato-istanza.yaml:7: voucherLifespan is 30", "dailyCallsTotal is 10", "agreementApprovalPolicy is \"SEMPRE\"",
		"personalData is missing", "no keychain \"altre\"", "isClientAccessDelegable needs isConsumerDelegable",
		"a.yaml:3: there is no client \"nessuno\"", "a.yaml:4: titolo is \"mio\"", "a.yaml:5: title has 2 characters", "dailyCalls is 0", "freeOfChargeReason is missing",
		"b.yaml:2: unknown key \"inventata\"", "c.yaml:",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no fault %q in\n%s", want, got)
		}
	}
}

func TestASheetAgreesWithItsBinding(t *testing.T) {
	w := newWorld(t)
	w.config.Enti["c_bf01"].Exposes["stato-istanza"] = &config.Expose{Environment: registry.Locale, Audience: "https://altra", PublicURL: "https://altro"}
	w.write("c_bf01", "pdnd/eservices/stato-istanza.yaml", eserviceSheet())
	got := w.faults()
	for _, want := range []string{"audience is another in exposes.yaml", "publicURL is another in exposes.yaml"} {
		if !strings.Contains(got, want) {
			t.Errorf("no fault %q in\n%s", want, got)
		}
	}
}

func TestAnEserviceWithoutIDIsLeftToAPerson(t *testing.T) {
	w := newWorld(t)
	w.write("c_bf01", "pdnd/purposes/ignoto.yaml", purposeSheet("recipe: registro", "recipe: ignoto"))
	p := w.apply("c_bf01")
	if st := find(t, p, "c_bf01", plan.AgreementCreate, "purpose/ignoto"); st.Status != plan.Manual || !strings.Contains(st.Why.EN, "catalogue") {
		t.Errorf("step = %+v", st)
	}
}

func TestAnUnknownEnteIsAnError(t *testing.T) {
	w := newWorld(t)
	if _, err := w.planner().Sync(context.Background(), "c_xx99"); err == nil {
		t.Error("Sync of an ente that is not configured succeeded")
	}
}

func TestEveryKeyOfASheetIsDocumented(t *testing.T) {
	page, err := os.ReadFile("../../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	var walk func(reflect.Type)
	seen := 0
	walk = func(s reflect.Type) {
		for i := range s.NumField() {
			f := s.Field(i)
			if key := f.Tag.Get("yaml"); key != "" {
				seen++
				if !regexp.MustCompile("[`.]" + key + "[`.]").Match(page) {
					t.Errorf("key %s is not described in docs/configuration.md", key)
				}
			}
			kind := f.Type
			if kind.Kind() == reflect.Pointer {
				kind = kind.Elem()
			}
			if kind.Kind() == reflect.Struct {
				walk(kind)
			}
		}
	}
	walk(reflect.TypeFor[plan.EserviceSheet]())
	walk(reflect.TypeFor[plan.PurposeSheet]())
	if seen < 30 {
		t.Fatalf("only %d keys found", seen)
	}
}
