// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import "strings"

// pair are two married people with their places in a household.
func (m *maker) pair(from, to int) (him, her Person) {
	him = m.born(pickOne(m, surnames()), "M", from, to)
	her = m.born(pickOne(m, surnames()), "F", from, to)
	m.marry(&him, &her)
	him.Famiglia.Legame, her.Famiglia.Legame = "1", "2"
	return him, her
}

// couple is a family of two parents with children.
func (m *maker) couple() {
	him, her := m.pair(1958, 1993)
	since := yearOf(him.Matrimonio.DatiMatrimonio.DataEvento)
	children := m.children(m.rng.IntN(4), him.Cognome, &him, &her)
	m.settle(m.moves(since), append([]Person{him, her}, children...)...)
}

// elders are a couple without children at home.
func (m *maker) elders() {
	him, her := m.pair(1938, 1955)
	m.settle(m.moves(1975+m.rng.IntN(15)), him, her)
}

// parent is a mother with her children, whose father lives elsewhere.
func (m *maker) parent() {
	her := m.born(pickOne(m, surnames()), "F", 1975, 1992)
	father := m.born(pickOne(m, surnames()), "M", 1972, 1990)
	her.Famiglia.Legame, father.Famiglia.Legame = "1", "1"
	children := m.children(1+m.rng.IntN(2), father.Cognome, &her, &father)
	m.settle(m.moves(2005), append([]Person{her}, children...)...)
	m.settle(m.moves(2006), father)
}

func (m *maker) single() {
	p := m.born(pickOne(m, surnames()), pickOne(m, []string{"M", "F"}), 1945, 2004)
	p.Famiglia.Legame = "1"
	m.settle(m.moves(max(yearOf(p.DataNascita)+19, 1985)), p)
}

// widow is a widow and her dead husband, whose record stays.
func (m *maker) widow() {
	him, her := m.pair(1932, 1958)
	him.Deceduto, him.DataDecesso = true, m.date(2012, 2025)
	where := pickOne(m, towns()).place
	her.StatoCivile, her.Matrimonio = "3", nil
	her.Vedovanza = &Vedovanza{
		DatiMorteConiuge: DatiEvento{DataEvento: him.DataDecesso, LuogoEvento: &where}, OrdineMatrimonioPrecedente: "1",
	}
	m.settle(m.moves(1985), him, her)
}

// divorced are two people whose marriage a court has ended.
func (m *maker) divorced() {
	him, her := m.pair(1955, 1980)
	decided := m.date(2015, 2024)
	for _, p := range []*Person{&him, &her} {
		p.StatoCivile, p.Matrimonio = "4", nil
		p.Annullamento = &Annullamento{TipoCessazione: "3", Sentenza: Sentenza{
			Data: decided, Numero: "120", TipoTribunale: "1", Autorita: "TRIBUNALE DI FIRENZE", DataValidita: decided,
		}}
		p.Famiglia.Legame = "1"
		m.settle(m.moves(yearOf(decided)), *p)
	}
}

// union are two people in a civil union.
func (m *maker) union() {
	sex := pickOne(m, []string{"M", "F"})
	a, b := m.born(pickOne(m, surnames()), sex, 1970, 1992), m.born(pickOne(m, surnames()), sex, 1970, 1992)
	when := m.date(2017, 2024)
	where := pickOne(m, italian()).place
	for _, two := range [][2]*Person{{&a, &b}, {&b, &a}} {
		two[0].StatoCivile = "6"
		two[0].Unione = &UnioneCivile{
			UnitoCivilmente: two[1].parente(), AttoUnione: DatiEvento{DataEvento: when, LuogoEvento: &where}, OrdineUnione: "1",
		}
	}
	a.Famiglia.Legame, b.Famiglia.Legame = "1", "28"
	m.settle(m.moves(yearOf(when)), a, b)
}

// abroad is a family that has left Italy: its last Italian address stays in its record.
func (m *maker) abroad() {
	him, her := m.pair(1965, 1990)
	children := m.children(m.rng.IntN(3), him.Cognome, &him, &her)
	since := max(yearOf(him.Matrimonio.DatiMatrimonio.DataEvento), 2000)
	left := min(since+4, 2024)
	before := m.address(pickOne(m, towns()))
	before.TipoIndirizzo = "7"
	year := m.date(left, left)
	berlin := abroad("BERLINO", "GERMANIA", "216")
	lives := away("", "10115", berlin, "INVALIDENSTRASSE", "8", "2160101", "BERLINO")
	family := append([]Person{him, her}, children...)
	for i := range family {
		family[i].AIRE, family[i].AnnoEspatrio = true, year[:4]
	}
	m.settle([]move{{m.date(since, since), before}, {year, lives}}, family...)
}

// foreign is a family without Italian citizenship.
func (m *maker) foreign() {
	f := pickOne(m, foreigners())
	family := make([]Person, 2)
	for i, sex := range []string{"M", "F"} {
		given := strings.Fields(f.him)
		if sex == "F" {
			given = strings.Fields(f.her)
		}
		for {
			p := born(pickOne(m, strings.Fields(f.surnames)), pickOne(m, given), sex, m.date(1970, 1995), f.code, f.place)
			if !m.taken[p.CodiceFiscale] {
				m.taken[p.CodiceFiscale] = true
				family[i] = p
				break
			}
		}
	}
	m.marry(&family[0], &family[1])
	family[0].Famiglia.Legame, family[1].Famiglia.Legame = "1", "2"
	children := m.children(m.rng.IntN(3), family[0].Cognome, &family[0], &family[1])
	state := f.place.Localita
	family = append(family, children...)
	for i := range family {
		family[i].Cittadinanze = []Cittadinanza{{DescrizioneStato: state.DescrizioneStato, CodiceStato: state.CodiceStato}}
	}
	m.settle(m.moves(2012), family...)
}

// gone is somebody dead without a known date, and somebody removed from the registry.
func (m *maker) gone() {
	dead := m.born(pickOne(m, surnames()), "F", 1925, 1945)
	dead.Deceduto, dead.Famiglia.Legame = true, "1"
	m.settle(m.moves(1985), dead)
	removed := m.born(pickOne(m, surnames()), "M", 1950, 1990)
	removed.Cancellato, removed.Famiglia.Legame = true, "1"
	m.settle(m.moves(1995), removed)
}
