// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package callers_test

import (
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/callers"
	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/store/storetest"
	"github.com/snodo-pa/snodo/modi"
)

const (
	code        = "81234500015" // of an organisation with a certificate
	withoutPDND = "80012345678"
)

// known has an organisation that one binding matches to its id on PDND and another knows by its codice fiscale alone.
func known() *config.Config {
	matched := &config.Fiducia{Organizzazioni: map[string]string{code: consumer, withoutPDND: ""}}
	exposes := map[string]*config.Expose{
		"pratiche": {Fiducia: matched}, "atti": {}, "protocollo": {Fiducia: &config.Fiducia{Organizzazioni: map[string]string{code: ""}}},
	}
	return &config.Config{Enti: map[string]*config.Ente{
		"c_a": {CodiceIPA: "c_a", Exposes: exposes}, "c_b": {CodiceIPA: "c_b", Exposes: map[string]*config.Expose{"atti": {}}},
	}}
}

// TestSuspensionHoldsUnderEveryNameOfAnOrganisation: by the codice fiscale of its certificate or by its id on PDND, however
// it calls.
func TestSuspensionHoldsUnderEveryNameOfAnOrganisation(t *testing.T) {
	for name, suspended := range map[string]struct {
		service, as string
		out         []callers.Caller // kept out
		in          []callers.Caller // not
	}{
		"by codice fiscale": {"", code, []callers.Caller{
			{Service: "pratiche", Consumer: consumer},
			{Service: "atti", Consumer: consumer},
			{Service: "protocollo", Consumer: code},
		}, []callers.Caller{{Service: "atti", Consumer: other}, {Ente: "c_b", Service: "atti", Consumer: consumer}}},
		"by id": {
			"", consumer,
			[]callers.Caller{{Service: "pratiche", Consumer: consumer}, {Service: "protocollo", Consumer: code}},
			[]callers.Caller{{Service: "pratiche", Consumer: withoutPDND}},
		},
		"from one e-service": {
			"atti", code,
			[]callers.Caller{{Service: "atti", Consumer: consumer}},
			[]callers.Caller{{Service: "pratiche", Consumer: consumer}, {Service: "protocollo", Consumer: code}},
		},
		"without an id": {
			"pratiche", withoutPDND,
			[]callers.Caller{{Service: "pratiche", Consumer: withoutPDND}},
			[]callers.Caller{{Service: "pratiche", Consumer: consumer}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := callers.New(callers.Options{Config: known(), Store: storetest.SQLite(t).Migrated(t, time.Now).Callers(), Clock: time.Now})
			if err := d.Suspend(t.Context(), callers.Suspension{Ente: "c_a", Service: suspended.service, Consumer: suspended.as, Reason: "abuso", By: "anna"}); err != nil {
				t.Fatal(err)
			}
			want := func(c callers.Caller, wanted modi.RuleID) {
				t.Helper()
				if c.Ente == "" {
					c.Ente = "c_a"
				}
				if got := rule(t, d.Allow(t.Context(), c)); got != wanted {
					t.Errorf("%+v: %q, want %q", c, got, wanted)
				}
			}
			for _, c := range suspended.out {
				want(c, problem.RuleCallerSuspended)
			}
			for _, c := range suspended.in {
				want(c, "")
			}
			if err := d.Resume(t.Context(), "c_a", suspended.service, suspended.as, "anna"); err != nil {
				t.Fatal(err)
			}
			for _, c := range suspended.out {
				want(c, "")
			}
		})
	}
}

func TestOnlyNamesThatAreComparedCanBeSuspended(t *testing.T) {
	ente := known().Enti["c_a"]
	for _, tc := range []struct {
		service, name string
		want          bool
	}{
		{"", consumer, true},
		{"atti", other, true},
		{"", code, true},
		{"atti", code, true},
		{"", withoutPDND, true},
		{"pratiche", withoutPDND, true},
		{"atti", withoutPDND, false},
		{"", "80099999999", false},
		{"pratiche", "80099999999", false},
	} {
		if got := callers.Comparable(ente, tc.service, tc.name); got != tc.want {
			t.Errorf("%q at %q: %v", tc.name, tc.service, got)
		}
	}
}
