// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestCodiceFiscaleOfKnownData(t *testing.T) {
	// Computed with another program.
	for want, p := range map[string][5]string{
		"RSSMRA80A01H501U": {"ROSSI", "MARIO", "M", "1980-01-01", "H501"},
		"BNCMRC85C12D612V": {"BIANCHI", "MARCO", "M", "1985-03-12", "D612"},
		"CNTGLI88L65G999B": {"CONTI", "GIULIA", "F", "1988-07-25", "G999"},
		"BNCTMS15S02D612P": {"BIANCHI", "TOMMASO", "M", "2015-11-02", "D612"},
		"FRRLCU41A08G713F": {"FERRI", "LUCA", "M", "1941-01-08", "G713"},
		"DNGLCU92M48H501Z": {"D'ANGELO", "LUCÍA", "F", "1992-08-08", "H501"},
		"SRNXXX99T64Z222I": {"SURIANI", "", "F", "1999-12-24", "Z222"},
		"RSSNNA76D52H501B": {"ROSSI", "ANNA", "F", "1976-04-12", "H501"},
	} {
		if got := codiceFiscale(p[0], p[1], p[2], p[3], p[4]); got != want {
			t.Errorf("%v: %s, expected %s", p, got, want)
		}
	}
	if got := omocodia("RSSMRA80A01H501U", 2); got[:15] != "RSSMRA80A01H5LM" || got[15] != controlChar(got[:15]) {
		t.Errorf("omocodia %s", got)
	}
	if Unknown[15] != controlChar(Unknown[:15]) {
		t.Error("the code of nobody is not valid")
	}
}

func TestPeopleAreWellFormed(t *testing.T) {
	people := People()
	if len(people) < 20 {
		t.Fatalf("only %d people", len(people))
	}
	reCode := regexp.MustCompile(`^[A-Z]{6}[0-9LMNP-V]{2}[A-EHLMPR-T][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z]$`)
	codes, ids, schede := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, p := range people {
		if codes[p.CodiceFiscale] || ids[p.IDANPR] || schede[p.Scheda] || p.CodiceFiscale == Unknown {
			t.Errorf("%s: an identifier is taken", p.Caso.EN)
		}
		codes[p.CodiceFiscale], ids[p.IDANPR], schede[p.Scheda] = true, true, true
		if !reCode.MatchString(p.CodiceFiscale) || p.CodiceFiscale[15] != controlChar(p.CodiceFiscale[:15]) {
			t.Errorf("%s: codice fiscale %s", p.Caso.EN, p.CodiceFiscale)
		}
		if !reIDANPR.MatchString(p.IDANPR) || p.Caso.IT == "" || p.Caso.EN == "" || p.Caso.IT == p.Caso.EN || p.Scheda == "" {
			t.Errorf("%s: idANPR %s, scheda %s", p.Caso.EN, p.IDANPR, p.Scheda)
		}
		if _, err := time.Parse(time.DateOnly, p.DataNascita); err != nil {
			t.Errorf("%s: %v", p.Caso.EN, err)
		}
		if len(p.Residenze) == 0 {
			t.Errorf("%s: no residence", p.Caso.EN)
		}
		for _, r := range p.Residenze {
			if (r.Indirizzo == nil) == (r.LocalitaEstera == nil) || !isDate(r.DataDecorrenzaResidenza) {
				t.Errorf("%s: residence %+v", p.Caso.EN, r)
			}
			if n := r.Indirizzo; n != nil && n.NumeroCivico != nil && *n.NumeroCivico == (NumeroCivico{}) {
				t.Errorf("%s: an empty house number", p.Caso.EN)
			}
		}
	}
}

func TestPeopleCoverTheCases(t *testing.T) {
	counts := map[string]int{}
	count := func(name string, yes bool) {
		if yes {
			counts[name]++
		}
	}
	for _, p := range People() {
		count("AIRE", p.AIRE && p.AnnoEspatrio != "")
		count("dead with date", p.Deceduto && p.DataDecesso != "")
		count("dead without date", p.Deceduto && p.DataDecesso == "")
		count("cancelled", p.Cancellato)
		count("omocodia", strings.ContainsAny(p.CodiceFiscale[6:8]+p.CodiceFiscale[9:11]+p.CodiceFiscale[12:15], "LMNPQRSTUV"))
		count("several residences", len(p.Residenze) > 1)
		count("no house number", p.Residenze[0].Indirizzo != nil && p.Residenze[0].Indirizzo.NumeroCivico == nil)
		count("not validated", p.CFNonValidato)
		count("no name", p.Nome == "")
		count("born abroad", p.LuogoNascita.Localita != nil)
	}
	for _, name := range []string{"AIRE", "dead with date", "dead without date", "cancelled", "omocodia", "several residences", "no house number", "not validated", "no name", "born abroad"} {
		if counts[name] == 0 {
			t.Errorf("nobody is an example of: %s", name)
		}
	}
}

func TestAnswersAboutOddPeople(t *testing.T) {
	w := newWorld(t, Options{PlainHTTP: true})
	of := func(idANPR string) DatiSoggetto {
		t.Helper()
		return w.ask("C020", `{"idANPR":"`+idANPR+`"}`).ListaSoggetti.DatiSoggetto[0]
	}
	dead, undated := of("DX19410FL"), of("DY19290RA")
	if len(dead.InfoSoggetto) != 2 || dead.InfoSoggetto[0].Valore != "N" || dead.InfoSoggetto[1].ValoreData != "2026-02-17" {
		t.Errorf("dead: %+v", dead.InfoSoggetto)
	}
	if len(undated.InfoSoggetto) != 1 || undated.InfoSoggetto[0].ID != "1003" {
		t.Errorf("dead, no date: %+v", undated.InfoSoggetto)
	}
	away := of("AE31240GK")
	if away.Generalita.SoggettoAIRE != "S" || away.Generalita.AnnoEspatrio != "2016" || away.Residenza[0].LocalitaEstera == nil {
		t.Errorf("AIRE: %+v", away)
	}
	if g := of("IN84139SN").Generalita; g.SenzaNome != "1" || g.Nome != "" {
		t.Errorf("no name: %+v", g)
	}
	if g := of("AL62718AB").Generalita; g.CodiceFiscale.ValiditaCF != "9" {
		t.Errorf("not validated: %+v", g)
	}
	if r := of("GM66902TD").Residenza; len(r) != 3 || r[1].DataDecorrenzaResidenza != "2023-03-01" {
		t.Errorf("several residences: %+v", r)
	}
}
