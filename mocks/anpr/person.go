// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

// Person is somebody registered. All of them are invented.
type Person struct {
	CodiceFiscale string
	IDANPR        string
	// Cognome and Nome; empty for who has none, as the registry's senzaCognome says.
	Cognome, Nome string
	Sesso         string // M or F
	DataNascita   string // YYYY-MM-DD
	LuogoNascita  Luogo
	Residenze     []Residenza
	// AIRE marks an Italian who lives abroad, since AnnoEspatrio.
	AIRE         bool
	AnnoEspatrio string
	// Deceduto with an empty DataDecesso means that the date is not known.
	Deceduto    bool
	DataDecesso string
	// Cancellato people are found and refused with their own text.
	Cancellato bool
	// CFNonValidato marks a codice fiscale that the tax agency has not validated.
	CFNonValidato bool
	// Scheda is the registry's number of the record.
	Scheda string
	// Caso says, in Italian, what the person is an example of.
	Caso string
}

// answer builds the blocks the e-service gives about a person. About who is dead, C020
// adds the two facts of infoSoggettoEnte, without the date when it is not known.
func (p *Person) answer(casoUso string) DatiSoggetto {
	d := DatiSoggetto{Identificativi: Identificativi{IDANPR: p.IDANPR}}
	if casoUso == "C030" {
		return d
	}
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
	d.Generalita = &g
	d.Residenza = p.Residenze
	if p.Deceduto {
		d.InfoSoggetto = []InfoEnte{{ID: "1003", Chiave: "Verifica esistenza in vita", Valore: "N"}}
		if p.DataDecesso != "" {
			d.InfoSoggetto = append(d.InfoSoggetto, InfoEnte{ID: "1015", Chiave: "Data decesso", ValoreData: p.DataDecesso})
		}
	}
	return d
}

// born is the part of a person the codice fiscale derives from.
func born(cognome, nome, sesso, data, catasto string, luogo Luogo) Person {
	return Person{
		CodiceFiscale: codiceFiscale(cognome, nome, sesso, data, catasto),
		Cognome:       cognome,
		Nome:          nome,
		Sesso:         sesso,
		DataNascita:   data,
		LuogoNascita:  luogo,
	}
}

func (p Person) as(idANPR, scheda, caso string, residenze ...Residenza) Person {
	p.IDANPR, p.Scheda, p.Caso, p.Residenze = idANPR, scheda, caso, residenze
	return p
}

func inItaly(nome, istat, sigla string) Luogo {
	return Luogo{Comune: &Comune{NomeComune: nome, CodiceIstat: istat, SiglaProvinciaIstat: sigla}}
}

func abroad(localita, stato, codice string) Luogo {
	return Luogo{Localita: &Localita{DescrizioneLocalita: localita, DescrizioneStato: stato, CodiceStato: codice}}
}

// home is an ordinary residence in a street of a municipality.
func home(decorrenza, cap string, comune Luogo, via, numero string) Residenza {
	return Residenza{
		TipoIndirizzo: "1",
		Indirizzo: &Indirizzo{
			Cap:          cap,
			Comune:       *comune.Comune,
			Toponimo:     Toponimo{CodSpecie: "213", Specie: "VIA", SpecieFonte: "1", DenominazioneToponimo: via},
			NumeroCivico: &NumeroCivico{Numero: numero},
		},
		DataDecorrenzaResidenza: decorrenza,
	}
}

// away is the residence abroad of who is registered with a consulate.
func away(decorrenza, cap string, where Luogo, via, numero, codice, consolato string) Residenza {
	return Residenza{
		TipoIndirizzo: "4",
		LocalitaEstera: &LocalitaEstera{
			IndirizzoEstero: &IndirizzoEstero{
				Cap:      cap,
				Localita: *where.Localita,
				Toponimo: &ToponimoEstero{Denominazione: via, NumeroCivico: numero},
			},
			Consolato: Consolato{CodiceConsolato: codice, DescrizioneConsolato: consolato},
		},
		DataDecorrenzaResidenza: decorrenza,
	}
}
