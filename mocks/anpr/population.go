// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// The population a [Server] has when none is given.
const (
	DefaultSeed = 20260101
	DefaultSize = 320
)

// lastYear is when the story of a population ends.
const lastYear = 2025

// Population makes at least size invented people from a seed: households with children,
// moves from town to town, deaths, divorces, civil unions, citizens abroad and
// foreigners, in several municipalities. What the records say of one another agrees.
// The same seed always makes the same people; none has an identifier of [People].
func Population(seed uint64, size int) []Person {
	m := &maker{
		rng:   rand.New(rand.NewPCG(seed, 1)), //nolint:gosec // invented people, the same at every run
		taken: map[string]bool{Unknown: true},
	}
	for _, p := range People() {
		m.taken[p.CodiceFiscale], m.taken[p.IDANPR] = true, true
	}
	kinds := []func(){m.couple, m.couple, m.couple, m.parent, m.single, m.widow, m.couple, m.abroad, m.union, m.foreign, m.divorced, m.single, m.elders, m.gone}
	for i := 0; len(m.people) < size; i++ {
		kinds[i%len(kinds)]()
	}
	return m.people
}

// maker makes one household after the other.
type maker struct {
	rng    *rand.Rand
	taken  map[string]bool // codici fiscali and idANPR
	people []Person
	houses int
}

func pickOne[T any](m *maker, list []T) T { return list[m.rng.IntN(len(list))] }

// date is a day between two years.
func (m *maker) date(from, to int) string {
	year := from
	if to > from {
		year += m.rng.IntN(to - from + 1)
	}
	return fmt.Sprintf("%04d-%02d-%02d", year, 1+m.rng.IntN(12), 1+m.rng.IntN(28))
}

func yearOf(day string) int {
	year, err := strconv.Atoi(day[:4])
	if err != nil {
		return 0
	}
	return year
}

// born makes a person whose codice fiscale nobody has.
func (m *maker) born(surname, sex string, from, to int) Person {
	for {
		o := pickOne(m, italian())
		p := born(surname, pickOne(m, names(sex)), sex, m.date(from, to), o.code, o.place)
		if !m.taken[p.CodiceFiscale] {
			m.taken[p.CodiceFiscale] = true
			return p
		}
	}
}

// identifier is an idANPR that nobody has.
func (m *maker) identifier() string {
	const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
	for {
		b := []byte(fmt.Sprintf("  %05d  ", m.rng.IntN(100_000)))
		for _, i := range []int{0, 1, 7, 8} {
			b[i] = letters[m.rng.IntN(len(letters))]
		}
		if id := string(b); !m.taken[id] {
			m.taken[id] = true
			return id
		}
	}
}

// move is an address from a day on.
type move struct {
	since string
	to    Residenza
}

// address is a house in a town.
func (m *maker) address(t town) Residenza {
	return home("", t.cap, t.place, pickOne(m, t.streets), strconv.Itoa(1+m.rng.IntN(150)))
}

// moves are one to three addresses in different towns, from a year on.
func (m *maker) moves(from int) []move {
	var list []move
	order := m.rng.Perm(len(towns()))
	year := from
	for i := range 1 + m.rng.IntN(3) {
		if year > lastYear {
			break
		}
		list = append(list, move{m.date(year, year), m.address(towns()[order[i]])})
		year += 3 + m.rng.IntN(9)
	}
	return list
}

// settle gives a household its identifiers and addresses and registers it. Who was born
// after a move has lived only where the household went.
func (m *maker) settle(moves []move, members ...Person) {
	m.houses++
	for i := range members {
		p := &members[i]
		p.IDANPR = m.identifier()
		p.Scheda = strconv.Itoa(40_000_000 + len(m.people) + i)
		p.Famiglia.Codice = fmt.Sprintf("F%06d", m.houses)
		p.Famiglia.Dal = max(moves[0].since, p.DataNascita, p.Famiglia.Dal)
		for j, mv := range moves {
			if j+1 < len(moves) && moves[j+1].since <= p.DataNascita || p.Deceduto && p.DataDecesso != "" && mv.since > p.DataDecesso {
				continue
			}
			r := mv.to
			r.DataDecorrenzaResidenza = max(mv.since, p.DataNascita)
			p.Residenze = append(p.Residenze, r)
		}
		if m.rng.IntN(7) == 0 && !p.Deceduto && p.DataNascita < "2008" {
			p.Domicilio = &DomicilioDigitale{
				IndirizzoDigitale:  strings.ToLower(p.Nome+"."+p.Cognome) + "." + p.Scheda[4:] + "@pec.example",
				DataInizioValidita: m.date(2023, 2025), StatoDomicilio: "1",
			}
		}
	}
	m.people = append(m.people, members...)
}

// marry writes a marriage into both records.
func (m *maker) marry(a, b *Person) {
	when := m.date(max(yearOf(a.DataNascita), yearOf(b.DataNascita))+24, max(yearOf(a.DataNascita), yearOf(b.DataNascita))+30)
	where := pickOne(m, italian()).place
	for _, pair := range [][2]*Person{{a, b}, {b, a}} {
		pair[0].StatoCivile = "2"
		pair[0].Matrimonio = &Matrimonio{
			Coniuge: pair[1].parente(), DatiMatrimonio: DatiEvento{DataEvento: when, LuogoEvento: &where}, OrdineMatrimonio: "1",
		}
	}
}

// children adds up to n children of the given parents to a household, born when the
// younger of them was between 26 and 38.
func (m *maker) children(n int, surname string, parents ...*Person) []Person {
	youngest := 0
	for _, p := range parents {
		youngest = max(youngest, yearOf(p.DataNascita))
	}
	var list []Person
	for i := range n {
		year := youngest + 26 + 4*i
		if year > lastYear {
			break
		}
		child := m.born(surname, pickOne(m, []string{"M", "F"}), year, min(year+3, lastYear))
		child.Famiglia.Legame = "3"
		for _, p := range parents {
			who := p.parente()
			if p.Sesso == "F" {
				child.Madre = &who
			} else {
				child.Padre = &who
			}
		}
		list = append(list, child)
	}
	slices.SortFunc(list, func(a, b Person) int { return strings.Compare(a.DataNascita, b.DataNascita) })
	return list
}
