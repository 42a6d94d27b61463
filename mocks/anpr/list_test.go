// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPeopleByName is the list that documentation and demonstration may quote. The codes
// were computed with another program.
func TestPeopleByName(t *testing.T) {
	want := strings.TrimSpace(`
BNCMRC85C12D612V QX48213ZB BIANCHI MARCO
CNTGLI88L65G999B LD70318PA CONTI GIULIA
BNCTMS15S02D612P RT15926VC BIANCHI TOMMASO
NRELNE79E70D403N BF30271HN NERI ELENA
GLLSRA04B59D612H VS81145KC GALLI SARA
MRNPTR68T03D403I GM66902TD MORANDI PIETRO
DNGLCU92M48H501Z AP55310LC D'ANGELO LUCÍA
FBBLDA55R21D612G NC10482QS FABBRI ALDO
SRRPLA61B68G713Y SN20913RU SERRA PAOLA
LNZCRL73P17G999D FZ41877MB LENZI CARLO
PLARMI38A71D403W PR09354WA PAOLI IRMA
TSENCL96H06D612X TM77230YE TESI NICOLA
GLZDRA82D04D612R AE31240GK GALEAZZI DARIO
PCCMRT70S51G999K AE77015HS PUCCI MARTA
KWLWEA90P54Z127L PL58402EW KOWALSKA EWA
HXHRBN87C03Z100V AL62718AB HOXHA ARBEN
SRNXXX99T64Z222I IN84139SN SURIANI
FRRLCU41A08G713F DX19410FL FERRI LUCA
RCCDAA29L59D612J DY19290RA RICCI ADA
MROGNI50E15D403F OR50150GM MORI GINO
RSSNNA76D52H501B OM10001AA ROSSI ANNA
RSSNNA76D52H50MT OM10002BB ROSSI ANNA
VNNGUO63M30G9VVV OM10003CC VANNI UGO`)
	var got []string
	for _, p := range People() {
		got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", p.CodiceFiscale, p.IDANPR, p.Cognome, p.Nome)))
	}
	if diff := cmp.Diff(strings.Split(want, "\n"), got); diff != "" {
		t.Errorf("people (-want +got):\n%s", diff)
	}
}

// demographic are the five fields of a person, as a search gives them.
func demographic(p Person) *Criteri {
	c := &Criteri{Cognome: p.Cognome, Nome: p.Nome, Sesso: p.Sesso, DatiNascita: &DatiNascita{DataEvento: p.DataNascita, LuogoNascita: &p.LuogoNascita}}
	if p.Cognome == "" {
		c.SenzaCognome = "1"
	}
	if p.Nome == "" {
		c.SenzaNome = "1"
	}
	return c
}

// TestEverybodyIsFoundInThreeWays searches each person by codice fiscale, by idANPR and
// by the five fields: the same person comes back, unless cancelled or with a namesake.
func TestEverybodyIsFoundInThreeWays(t *testing.T) {
	s := &Server{opts: Options{People: People()}}
	for _, p := range People() {
		t.Run(p.IDANPR, func(t *testing.T) {
			ways := map[string]*Criteri{
				"codice fiscale": {CodiceFiscale: p.CodiceFiscale},
				"idANPR":         {IDANPR: p.IDANPR},
				"five fields":    demographic(p),
			}
			for way, criteri := range ways {
				if k := criteri.check("C020"); k != nil {
					t.Fatalf("%s: the search itself is refused: %+v", way, k.errore)
				}
				found, k := s.find(criteri)
				namesake := way == "five fields" && p.Cognome == "ROSSI"
				switch {
				case p.Cancellato:
					if k == nil || k.errore.Testo != TestoCancellato {
						t.Errorf("%s: cancelled, yet %+v", way, k)
					}
				case namesake:
					if k == nil || k.errore.Codice != "EN067" {
						t.Errorf("%s: ambiguous, yet %+v", way, k)
					}
				case k != nil || found.IDANPR != p.IDANPR:
					t.Errorf("%s: found %+v, %+v", way, found, k)
				}
			}
		})
	}
}

func TestOneWrongFieldFindsNobody(t *testing.T) {
	s := &Server{opts: Options{People: People()}}
	bianchi := People()[0]
	for name, spoil := range map[string]func(*Criteri){
		"surname": func(c *Criteri) { c.Cognome = "BIANCO" },
		"name":    func(c *Criteri) { c.Nome = "MARIO" },
		"sex":     func(c *Criteri) { c.Sesso = "F" },
		"day":     func(c *Criteri) { c.DatiNascita.DataEvento = "1985-03-13" },
		"month":   func(c *Criteri) { c.DatiNascita.DataEvento, c.DatiNascita.SenzaGiorno = "1985-04-12", "1" },
		"year":    func(c *Criteri) { c.DatiNascita.DataEvento, c.DatiNascita.SenzaGiornoMese = "1986-03-12", "1" },
		"comune":  func(c *Criteri) { c.DatiNascita.LuogoNascita = &Luogo{Comune: &Comune{CodiceIstat: "058091"}} },
		"abroad":  func(c *Criteri) { c.DatiNascita.LuogoNascita = &Luogo{Localita: &Localita{CodiceStato: "233"}} },
		"at sea":  func(c *Criteri) { c.DatiNascita.LuogoNascita = &Luogo{LuogoEccezionale: "IN MARE"} },
	} {
		criteri := demographic(bianchi)
		spoil(criteri)
		if found, k := s.find(criteri); k == nil || k.status != http.StatusNotFound {
			t.Errorf("%s: found %+v", name, found)
		}
	}
}

func TestPeopleAreFreshCopies(t *testing.T) {
	first := People()
	first[0].Residenze[0].Indirizzo.Cap = "00000"
	if People()[0].Residenze[0].Indirizzo.Cap == "00000" {
		t.Error("a caller can change the people of another")
	}
}
