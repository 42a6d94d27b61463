// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"cmp"
	"slices"
	"strconv"
)

// The facts of infoSoggettoEnte about life and death.
const (
	factAlive       = "1003"
	factDateOfDeath = "1015"
)

// scheda is the whole record of a person as it was on a day: every e-service answers or
// compares a part of it, so that they agree with one another.
func (s *Server) scheda(p *Person, day string) DatiSoggetto {
	d := DatiSoggetto{
		Generalita:             p.generalita(),
		StatoCivile:            &StatoCivile{StatoCivile: cmp.Or(p.StatoCivile, "1")},
		Cittadinanza:           p.cittadinanze(),
		Residenza:              p.residenze(day),
		Matrimonio:             p.Matrimonio,
		Vedovanza:              p.Vedovanza,
		AnnullamentoMatrimonio: p.Annullamento,
		UnioneCivile:           p.Unione,
		DomicilioDigitale:      p.Domicilio,
		Identificativi:         &Identificativi{IDANPR: p.IDANPR},
	}
	if p.Padre != nil {
		d.Paternita = &Genitore{Generalita: *p.Padre}
	}
	if p.Madre != nil {
		d.Maternita = &Genitore{Generalita: *p.Madre}
	}
	if p.dead(day) {
		d.InfoSoggetto = []InfoEnte{{ID: factAlive, Chiave: "Verifica esistenza in vita", Valore: "N"}}
		if p.DataDecesso != "" {
			d.InfoSoggetto = append(d.InfoSoggetto, InfoEnte{ID: factDateOfDeath, Chiave: "Data decesso", ValoreData: p.DataDecesso})
			d.DatiDecesso = &DatiEvento{DataEvento: p.DataDecesso}
		}
		return d
	}
	d.InfoSoggetto = []InfoEnte{{ID: factAlive, Chiave: "Verifica esistenza in vita", Valore: "S"}}
	return d
}

// dead tells whether a person had died by a day. A death without a date holds on any.
func (p *Person) dead(day string) bool { return p.Deceduto && p.DataDecesso <= day }

// residenze are those that had begun by a day.
func (p *Person) residenze(day string) []Residenza {
	return slices.DeleteFunc(slices.Clone(p.Residenze), func(r Residenza) bool { return r.DataDecorrenzaResidenza > day })
}

func (p *Person) cittadinanze() []Cittadinanza {
	if len(p.Cittadinanze) > 0 {
		return p.Cittadinanze
	}
	return []Cittadinanza{{DescrizioneStato: "ITALIA", CodiceStato: "100"}}
}

func (p *Person) generalita() *Generalita {
	g := Generalita{
		CodiceFiscale:        CodiceFiscale{CodFiscale: p.CodiceFiscale, ValiditaCF: "1", DataAttribuzioneValidita: "2014-11-03"},
		Cognome:              p.Cognome,
		Nome:                 p.Nome,
		Sesso:                p.Sesso,
		DataNascita:          p.DataNascita,
		LuogoNascita:         p.LuogoNascita,
		SoggettoAIRE:         "N",
		AnnoEspatrio:         p.AnnoEspatrio,
		IDSchedaSoggettoANPR: p.Scheda,
	}
	if p.AIRE {
		g.SoggettoAIRE = "S"
	}
	if p.CFNonValidato {
		g.CodiceFiscale = CodiceFiscale{CodFiscale: p.CodiceFiscale, ValiditaCF: "9"}
	}
	if p.Cognome == "" {
		g.SenzaCognome = "1"
	}
	if p.Nome == "" {
		g.SenzaNome = "1"
	}
	return &g
}

// parente is a person as part of somebody else's record.
func (p *Person) parente() Parente {
	luogo := p.LuogoNascita
	return Parente{Cognome: p.Cognome, Nome: p.Nome, Sesso: p.Sesso, DataNascita: p.DataNascita, LuogoNascita: &luogo}
}

// household are the people who live with p on a day, the head first: never who had died
// or had not joined yet, but for p.
func (s *Server) household(p *Person, day string) []DatiSoggetto {
	var members []*Person
	for i := range s.opts.People {
		m := &s.opts.People[i]
		same := p.Famiglia.Codice != "" && m.Famiglia.Codice == p.Famiglia.Codice
		if m.IDANPR == p.IDANPR || same && !m.Cancellato && !m.dead(day) && m.Famiglia.Dal <= day {
			members = append(members, m)
		}
	}
	slices.SortStableFunc(members, func(a, b *Person) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(a.DataNascita, b.DataNascita))
	})
	list := make([]DatiSoggetto, len(members))
	for i, m := range members {
		list[i] = s.scheda(m, day)
		list[i].LegameSoggetto = m.legame(i + 1)
	}
	return list
}

// rank puts the head of a household first.
func (p *Person) rank() int {
	n, err := strconv.Atoi(cmp.Or(p.Famiglia.Legame, "1"))
	if err != nil {
		return 99
	}
	return n
}

func (p *Person) legame(progressivo int) *Legame {
	l := &Legame{
		TipoLegame: "3", CodiceLegame: cmp.Or(p.Famiglia.Legame, "1"), DataDecorrenza: p.Famiglia.Dal,
		ProgressivoComponente: strconv.Itoa(progressivo),
	}
	if p.AIRE {
		l.TipoLegame = "5"
	}
	if l.DataDecorrenza == "" {
		l.DataDecorrenza = p.Residenze[0].DataDecorrenzaResidenza
	}
	return l
}
