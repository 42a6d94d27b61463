// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package vigilanza_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/quota"
	"github.com/snodo-pa/snodo/internal/replay/replaytest"
	"github.com/snodo-pa/snodo/internal/store/storetest"
	"github.com/snodo-pa/snodo/internal/vigilanza"
	"github.com/snodo-pa/snodo/registry"
)

func row(day string, used, night int64) quota.Usage {
	return quota.Usage{
		Day: day, Used: used, Night: night,
		Key: quota.Key{Environment: "produzione", Direction: quota.Out, Eservice: "e", Consumer: "c", Purpose: "p"},
	}
}

func TestIndicatorsWarnBeforeTheThreshold(t *testing.T) {
	for name, test := range map[string]struct {
		rows          []quota.Usage
		volume, night vigilanza.Level
		left          int64 // of the volume
	}{
		"an ordinary day":               {[]quota.Usage{row("2026-11-02", 100, 0), row("2026-11-10", 120, 0)}, "regolare", "regolare", 181},
		"two thirds of the threshold":   {[]quota.Usage{row("2026-11-02", 100, 0), row("2026-11-10", 210, 0)}, "attenzione", "regolare", 91},
		"three times the mean and more": {[]quota.Usage{row("2026-11-02", 100, 0), row("2026-11-10", 301, 0)}, "oltre", "regolare", 0},
		"three times the mean, no more": {[]quota.Usage{row("2026-11-02", 100, 0), row("2026-11-10", 300, 0)}, "attenzione", "regolare", 1},
		"few calls never stand out":     {[]quota.Usage{row("2026-11-02", 1, 0), row("2026-11-10", 5, 0)}, "regolare", "regolare", 5},
		"the first day has no mean":     {[]quota.Usage{row("2026-11-10", 5000, 4000)}, "regolare", "regolare", 0},
		"older than thirty days":        {[]quota.Usage{row("2026-10-10", 1, 0), row("2026-11-10", 5000, 0)}, "regolare", "regolare", 0},
		"outside working hours":         {[]quota.Usage{row("2026-11-02", 100, 0), row("2026-11-10", 100, 12)}, "regolare", "oltre", 201},
		"a little outside them":         {[]quota.Usage{row("2026-11-02", 100, 0), row("2026-11-10", 100, 7)}, "regolare", "attenzione", 201},
		"two purposes are one consumer": {[]quota.Usage{row("2026-11-02", 50, 0), row("2026-11-02", 50, 0), row("2026-11-10", 210, 0)}, "attenzione", "regolare", 91},
	} {
		t.Run(name, func(t *testing.T) {
			got := vigilanza.Assess(test.rows, "2026-11-10")
			if len(got) != 2 || got[0].Indicatore != vigilanza.Volume || got[1].Indicatore != vigilanza.FuoriOrario {
				t.Fatalf("%+v", got)
			}
			if got[0].Livello != test.volume || got[1].Livello != test.night || got[0].Distanza != test.left {
				t.Errorf("volume %+v, outside hours %+v", got[0], got[1])
			}
		})
	}
}

func TestWhatOthersCallIsNotWatched(t *testing.T) {
	in := row("2026-11-10", 500, 0)
	in.Direction = quota.In
	if got := vigilanza.Assess([]quota.Usage{in}, "2026-11-10"); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	if got := vigilanza.Assess([]quota.Usage{in}, "yesterday"); got != nil {
		t.Errorf("%+v", got)
	}
}

// newBook is the book of an ente that calls one e-service and exposes another.
func newBook(t *testing.T) (*vigilanza.Book, *replaytest.Clock) {
	t.Helper()
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	clock := replaytest.NewClock()
	s := storetest.SQLite(t).Migrated(t, clock.Now)
	ledger, err := quota.New(quota.Config{Store: s.Quota(), Clock: clock.Now, Location: rome})
	if err != nil {
		t.Fatal(err)
	}
	reserve := int64(20)
	return &vigilanza.Book{
		Config: &config.Config{
			Enti: map[string]*config.Ente{"c_a": {
				CodiceIPA: "c_a", Tenants: map[string]string{"locale": "t-a"},
				Consumes: map[string]*config.Consume{"anpr-c020": {
					Recipe: "anpr-c020", Environment: "locale", Client: "servizi", Titolo: "proprio", QuotaDaily: 10, QuotaReserve: &reserve,
				}},
				Clients:      map[string]config.Client{"servizi": {ID: "k", Environment: "locale"}},
				Procedimenti: map[string]*config.Procedimento{"x": {Purposes: map[string]string{"anpr-c020": "p-1"}}},
				Exposes:      map[string]*config.Expose{"stato": {Recipe: "stato", Environment: "locale", EserviceID: "e-9", QuotaTotal: 4}},
			}},
			Consumes: map[string]*registry.Recipe{"anpr-c020": {Environments: map[string]registry.RecipeEnvironment{"locale": {EserviceID: "e-1"}}}},
		},
		Ledger: ledger, Store: s.Quota(), Clock: clock.Now, Location: rome,
	}, clock
}

func TestQuotasAreShownByName(t *testing.T) {
	b, _ := newBook(t)
	mine := quota.Key{Environment: "locale", Direction: quota.Out, Eservice: "e-1", Consumer: "t-a", Purpose: "p-1"}
	theirs := quota.Key{Environment: "locale", Direction: quota.In, Eservice: "e-9", Consumer: "t-b", Purpose: "p-2"}
	for range 8 {
		b.Ledger.Count(mine, quota.Limits{})
	}
	b.Ledger.Told(mine, 15000, 14990)
	for range 4 {
		b.Ledger.Count(theirs, quota.Limits{})
	}
	want := []vigilanza.Quota{
		{
			Direzione: "acquisizione", Ambiente: "locale", Ente: "c_a", Servizio: "anpr-c020", Fruitore: "t-a", Finalita: "p-1",
			Limite: 10, Usate: 8, Residue: 2, Riserva: 2, Livello: vigilanza.Attenzione,
			Registro: &vigilanza.Registro{Limite: 15000, Residue: 14990},
		},
		{Direzione: "erogazione", Ambiente: "locale", Ente: "c_a", Servizio: "stato", Limite: 4, Usate: 4, Livello: vigilanza.Oltre},
		{Direzione: "erogazione", Ambiente: "locale", Ente: "c_a", Servizio: "stato", Fruitore: "t-b", Usate: 4, Livello: vigilanza.Regolare},
	}
	if diff := cmp.Diff(want, b.Quotas(), cmpopts.IgnoreFields(vigilanza.Registro{}, "Alle")); diff != "" {
		t.Error(diff)
	}
	b.Ledger.Stop(mine)
	if q := b.Quotas()[0]; !q.Fermo || q.Livello != vigilanza.Oltre {
		t.Errorf("stopped: %+v", q)
	}
}

func TestVigilanceNamesServiceAndEnti(t *testing.T) {
	b, clock := newBook(t)
	mine := quota.Key{Environment: "locale", Direction: quota.Out, Eservice: "e-1", Consumer: "t-a", Purpose: "p-1"}
	for range 4 {
		b.Ledger.Count(mine, quota.Limits{})
	}
	clock.Advance(24 * time.Hour)
	for range 20 {
		b.Ledger.Count(mine, quota.Limits{})
	}
	got, err := b.Vigilance(t.Context())
	if err != nil || len(got) != 2 {
		t.Fatal(got, err)
	}
	if got[0].Servizio != "anpr-c020" || !cmp.Equal(got[0].Enti, []string{"c_a"}) || got[0].Media != 4 || got[0].Livello != vigilanza.Oltre {
		t.Errorf("%+v", got[0])
	}
}
