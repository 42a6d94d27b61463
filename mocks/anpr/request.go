// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"regexp"
	"time"
)

// The forms of the request fields, from the vocabulary of the registry.
var (
	reIDOperazione  = regexp.MustCompile(`^[0-9a-zA-Z]{1,30}$`)
	reMotivo        = regexp.MustCompile(`^[0-9a-zA-ZÀ-žƉ,.\-'":; ]{1,240}$`)
	reCasoUso       = regexp.MustCompile(`^[0-9a-zA-Z]{1,16}$`)
	reCodiceFiscale = regexp.MustCompile(`^[0-9a-zA-Z]{11,16}$`)
	reIDANPR        = regexp.MustCompile(`^[A-Z]{2}[0-9]{5}[A-Z]{2}$`)
	reNome          = regexp.MustCompile(`^[À-žƉa-zA-Z\- '.,]{1,80}$`)
	reSesso         = regexp.MustCompile(`^[MFNmfn]$`)
	reIstat         = regexp.MustCompile(`^[0-9]{6}$`)
	reStato         = regexp.MustCompile(`^[0-9]{3}$`)
)

// check applies limits and mandatory fields to a request for the given use case, in the
// order of the fields.
func (r *RichiestaE002) check(casoUso string) *ko {
	switch {
	case r.IDOperazioneClient == "":
		return missingField("idOperazioneClient")
	case !reIDOperazione.MatchString(r.IDOperazioneClient):
		return malformed("idOperazioneClient")
	case r.CriteriRicerca == nil:
		return missingField("criteriRicerca")
	case r.DatiRichiesta == nil:
		return missingField("datiRichiesta")
	}
	if k := r.DatiRichiesta.check(casoUso); k != nil {
		return k
	}
	return r.CriteriRicerca.check(casoUso)
}

func malformed(campo string) *ko {
	return businessRule("Valore del campo "+campo+" non ammesso", campo)
}

func (d *DatiRichiesta) check(casoUso string) *ko {
	switch {
	case d.DataRiferimentoRichiesta == "":
		return missingField("dataRiferimentoRichiesta")
	case !isDate(d.DataRiferimentoRichiesta):
		return malformed("dataRiferimentoRichiesta")
	case d.MotivoRichiesta == "":
		return missingField("motivoRichiesta")
	case !reMotivo.MatchString(d.MotivoRichiesta):
		return malformed("motivoRichiesta")
	case d.CasoUso == "":
		return missingField("casoUso")
	case !reCasoUso.MatchString(d.CasoUso):
		return malformed("casoUso")
	case d.CasoUso != casoUso:
		return businessRule("Ente non abilitato o caso uso inesistente : "+d.CasoUso, "casoUso")
	}
	return nil
}

func (c *Criteri) check(casoUso string) *ko {
	demographic := c.Cognome != "" || c.SenzaCognome != "" || c.Nome != "" || c.SenzaNome != "" ||
		c.Sesso != "" || c.DatiNascita != nil
	if casoUso == "C030" {
		c.IDANPR = "" // C030 has no such field, and the real schema lets unknown ones pass
	}
	given := 0
	for _, present := range []bool{c.CodiceFiscale != "", c.IDANPR != "", demographic} {
		if present {
			given++
		}
	}
	switch {
	case given == 0:
		return missingField("criteriRicerca")
	case given > 1:
		return businessRule("Specificare un solo criterio di ricerca", "criteriRicerca")
	case c.CodiceFiscale != "" && !reCodiceFiscale.MatchString(c.CodiceFiscale):
		return malformed("codiceFiscale")
	case c.IDANPR != "" && !reIDANPR.MatchString(c.IDANPR):
		return malformed("idANPR")
	case demographic:
		return c.checkDemographic()
	}
	return nil
}

func (c *Criteri) checkDemographic() *ko {
	switch {
	case c.Cognome == "" && c.SenzaCognome != "1":
		return missingField("cognome")
	case c.Cognome != "" && !reNome.MatchString(c.Cognome):
		return malformed("cognome")
	case c.Nome == "" && c.SenzaNome != "1":
		return missingField("nome")
	case c.Nome != "" && !reNome.MatchString(c.Nome):
		return malformed("nome")
	case c.Sesso == "":
		return missingField("sesso")
	case !reSesso.MatchString(c.Sesso):
		return malformed("sesso")
	case c.DatiNascita == nil:
		return missingField("datiNascita")
	case c.DatiNascita.DataEvento == "":
		return missingField("dataEvento")
	case !isDate(c.DatiNascita.DataEvento):
		return malformed("dataEvento")
	case c.DatiNascita.LuogoNascita == nil:
		return missingField("luogoNascita")
	}
	return c.DatiNascita.LuogoNascita.check()
}

func (l *Luogo) check() *ko {
	switch {
	case l.Comune != nil:
		if l.Comune.NomeComune == "" && l.Comune.CodiceIstat == "" {
			return missingField("nomeComune")
		}
		if l.Comune.CodiceIstat != "" && !reIstat.MatchString(l.Comune.CodiceIstat) {
			return malformed("codiceIstat")
		}
	case l.Localita != nil:
		if !reStato.MatchString(l.Localita.CodiceStato) {
			return malformed("codiceStato")
		}
	case l.LuogoEccezionale == "":
		return missingField("luogoNascita")
	}
	return nil
}

func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}
