// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"strings"
	"time"
)

// find looks for the one person who meets the criteria.
func (s *Server) find(c *Criteri) (*Person, *ko) {
	var found []*Person
	for i := range s.opts.People {
		if p := &s.opts.People[i]; c.match(p) {
			found = append(found, p)
		}
	}
	switch {
	case len(found) == 0:
		return nil, notFound(TestoNonRegistrato)
	case len(found) > 1:
		return nil, ambiguous()
	case found[0].Cancellato:
		return nil, notFound(TestoCancellato)
	default:
		return found[0], nil
	}
}

func (c *Criteri) match(p *Person) bool {
	switch {
	case c.CodiceFiscale != "":
		// Omocodia gives two people almost the same code: only equality counts.
		return strings.EqualFold(c.CodiceFiscale, p.CodiceFiscale)
	case c.IDANPR != "":
		return c.IDANPR == p.IDANPR
	default:
		return strings.EqualFold(c.Cognome, p.Cognome) && strings.EqualFold(c.Nome, p.Nome) &&
			strings.EqualFold(c.Sesso, p.Sesso) && c.DatiNascita.match(p)
	}
}

func (d *DatiNascita) match(p *Person) bool {
	length := len(time.DateOnly)
	switch {
	case d.SenzaGiornoMese == "1":
		length = len("2006")
	case d.SenzaGiorno == "1":
		length = len("2006-01")
	}
	return d.DataEvento[:length] == p.DataNascita[:length] && d.LuogoNascita.match(p.LuogoNascita)
}

func (l *Luogo) match(p Luogo) bool {
	switch {
	case l.Comune != nil && p.Comune != nil:
		if l.Comune.CodiceIstat != "" {
			return l.Comune.CodiceIstat == p.Comune.CodiceIstat
		}
		return strings.EqualFold(l.Comune.NomeComune, p.Comune.NomeComune)
	case l.Localita != nil && p.Localita != nil:
		return l.Localita.CodiceStato == p.Localita.CodiceStato
	default:
		return l.LuogoEccezionale != "" && strings.EqualFold(l.LuogoEccezionale, p.LuogoEccezionale)
	}
}
