// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func everybody() []Person { return append(People(), Population(DefaultSeed, DefaultSize)...) }

func TestPopulationIsTheSameForTheSameSeed(t *testing.T) {
	if diff := cmp.Diff(Population(7, 50), Population(7, 50)); diff != "" {
		t.Errorf("the same seed makes other people:\n%s", diff)
	}
	if cmp.Equal(Population(7, 50), Population(8, 50)) {
		t.Error("another seed makes the same people")
	}
}

func TestPopulationIsWellFormed(t *testing.T) {
	people := everybody()
	if len(people) < 300+len(People()) {
		t.Fatalf("only %d people", len(people))
	}
	taken := map[string]bool{Unknown: true}
	for _, p := range people {
		for _, id := range []string{p.CodiceFiscale, p.IDANPR, "scheda " + p.Scheda} {
			if taken[id] {
				t.Errorf("%s is taken", id)
			}
			taken[id] = true
		}
		if p.CodiceFiscale[15] != controlChar(p.CodiceFiscale[:15]) || !reIDANPR.MatchString(p.IDANPR) || !isDate(p.DataNascita) {
			t.Errorf("%+v", p)
		}
		if len(p.Residenze) == 0 {
			t.Errorf("%s has no residence", p.CodiceFiscale)
		}
		last := ""
		for _, r := range p.Residenze {
			if r.DataDecorrenzaResidenza < p.DataNascita || !isDate(r.DataDecorrenzaResidenza) || p.DataDecesso != "" && r.DataDecorrenzaResidenza > p.DataDecesso {
				t.Errorf("%s, born %s and dead %q, moved on %s", p.CodiceFiscale, p.DataNascita, p.DataDecesso, r.DataDecorrenzaResidenza)
			}
			last = max(last, r.DataDecorrenzaResidenza)
		}
		if last > "2026-06-30" || p.DataNascita > "2026-06-30" || p.DataDecesso > "2026-06-30" {
			t.Errorf("%s lies in the future", p.CodiceFiscale)
		}
	}
}

// TestRecordsAgree: what one record says of another is in the other.
func TestRecordsAgree(t *testing.T) {
	people := everybody()
	named := map[string]*Person{}
	for i := range people {
		p := &people[i]
		named[p.Cognome+" "+p.Nome+" "+p.DataNascita] = p
	}
	of := func(other Parente) *Person { return named[other.Cognome+" "+other.Nome+" "+other.DataNascita] }
	for i := range people {
		p := &people[i]
		if m := p.Matrimonio; m != nil {
			other := of(m.Coniuge)
			if other == nil || other.Matrimonio == nil || other.Matrimonio.DatiMatrimonio.DataEvento != m.DatiMatrimonio.DataEvento ||
				p.StatoCivile != "2" && !p.Deceduto {
				if other == nil || !p.Deceduto { // who died married stays so
					t.Errorf("%s is married to %+v", p.CodiceFiscale, m.Coniuge)
				}
			}
			if m.DatiMatrimonio.DataEvento < p.DataNascita {
				t.Errorf("%s married before being born", p.CodiceFiscale)
			}
		}
		for _, parent := range []*Parente{p.Padre, p.Madre} {
			if parent == nil {
				continue
			}
			if other := of(*parent); other == nil || other.DataNascita >= p.DataNascita || parent.CodiceFiscale != nil {
				t.Errorf("%s has the parent %+v", p.CodiceFiscale, parent)
			}
		}
		if u := p.Unione; u != nil {
			if other := of(u.UnitoCivilmente); other == nil || other.Unione == nil || other.Unione.AttoUnione.DataEvento != u.AttoUnione.DataEvento {
				t.Errorf("%s is in a union with %+v", p.CodiceFiscale, u.UnitoCivilmente)
			}
		}
		if v := p.Vedovanza; v != nil {
			dead := false
			for j := range people {
				dead = dead || people[j].DataDecesso == v.DatiMorteConiuge.DataEvento && people[j].Famiglia.Codice == p.Famiglia.Codice
			}
			if !dead || p.Matrimonio != nil || p.StatoCivile != "3" {
				t.Errorf("%s is the widow of nobody", p.CodiceFiscale)
			}
		}
	}
}

func TestPopulationHoldsEveryKindOfLife(t *testing.T) {
	counts, towns := map[string]int{}, map[string]bool{}
	households := map[string]int{}
	for _, p := range Population(DefaultSeed, DefaultSize) {
		for name, yes := range map[string]bool{
			"moves": len(p.Residenze) > 1, "deaths": p.Deceduto && p.DataDecesso != "", "deaths without a date": p.Deceduto && p.DataDecesso == "",
			"AIRE": p.AIRE, "removed": p.Cancellato, "married": p.Matrimonio != nil, "widowed": p.Vedovanza != nil, "divorced": p.Annullamento != nil,
			"unions": p.Unione != nil, "children": p.Padre != nil && p.Madre != nil, "foreigners": len(p.Cittadinanze) > 0, "digital addresses": p.Domicilio != nil,
		} {
			if yes {
				counts[name]++
			}
		}
		for _, r := range p.Residenze {
			if r.Indirizzo != nil {
				towns[r.Indirizzo.Comune.NomeComune] = true
			}
		}
		households[p.Famiglia.Codice]++
	}
	if len(counts) != 12 || len(towns) < 6 || len(households) < 80 {
		t.Errorf("%v in %d towns and %d households", counts, len(towns), len(households))
	}
	for name, n := range counts {
		if n < 5 {
			t.Errorf("only %d %s", n, name)
		}
	}
}

// TestRecordAsItWasOnADay: moves, deaths and households have dates.
func TestRecordAsItWasOnADay(t *testing.T) {
	s := &Server{opts: Options{People: everybody()}}
	ferri, k := s.find(&Criteri{CodiceFiscale: "FRRLCU41A08G713F"})
	if k != nil {
		t.Fatal(k)
	}
	if before, after := s.scheda(ferri, "2026-02-16"), s.scheda(ferri, "2026-02-17"); before.InfoSoggetto[0].Valore != "S" || before.DatiDecesso != nil ||
		after.InfoSoggetto[0].Valore != "N" || after.DatiDecesso.DataEvento != "2026-02-17" {
		t.Errorf("before %+v, after %+v", before.InfoSoggetto, after.InfoSoggetto)
	}
	morandi, k := s.find(&Criteri{IDANPR: "GM66902TD"})
	if k != nil {
		t.Fatal(k)
	}
	if n := len(s.scheda(morandi, "2011-01-01").Residenza); n != 2 {
		t.Errorf("%d residences, want the two before 2011", n)
	}
	for i := range s.opts.People {
		p := &s.opts.People[i]
		if p.Vedovanza == nil {
			continue
		}
		died := p.Vedovanza.DatiMorteConiuge.DataEvento
		if n := len(s.household(p, died)); n != 1 {
			t.Errorf("%s lives with %d on the day the spouse died", p.CodiceFiscale, n)
		}
		if eve := died[:4] + "-01-01"; eve < died && len(s.household(p, eve)) != 2 {
			t.Errorf("%s lived alone before", p.CodiceFiscale)
		}
	}
}

// TestCatalogueFollowsTheRealOne: paths, audiences, identifiers.
func TestCatalogueFollowsTheRealOne(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range Catalogue() {
		for _, id := range append([]string{e.EserviceID, e.Recipe, e.Path, e.Audience}, e.DescriptorIDs...) {
			if seen[id] {
				t.Errorf("%s is taken", id)
			}
			seen[id] = true
		}
		if strings.Contains(e.Audience, "-PDND") || !strings.Contains(e.Path, "-PDND/") || len(e.EserviceID) != 36 {
			t.Errorf("%+v", e)
		}
	}
	if len(Catalogue()) != 32 {
		t.Errorf("%d e-services", len(Catalogue()))
	}
	if first := Catalogue()[0]; !strings.HasSuffix(first.Path, "/C001%E2%80%93servizioNotifica/v1") || !strings.HasSuffix(first.Audience, "/C001–servizioNotifica/v1") {
		t.Errorf("the en dash of C001: %+v", first)
	}
}
