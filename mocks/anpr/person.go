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
	// Famiglia is the household. Its code is the registry's own and is never answered; who
	// has none lives alone.
	Famiglia Famiglia
	// StatoCivile by the registry's table; "1" when empty.
	StatoCivile string
	// Cittadinanze; Italian when empty.
	Cittadinanze []Cittadinanza
	// What the record holds of others, nil where it holds nothing.
	Padre, Madre *Parente
	Matrimonio   *Matrimonio
	Vedovanza    *Vedovanza
	Annullamento *Annullamento
	Unione       *UnioneCivile
	// Domicilio is the digital address, nil when none was elected.
	Domicilio *DomicilioDigitale
	// Caso says what the person is an example of.
	Caso Caso
}

// Famiglia is the place of a person in a household.
type Famiglia struct {
	Codice string
	Legame string // to the head, by the registry's table: 1 is the head
	Dal    string // YYYY-MM-DD
}

// Caso is a few words in Italian and in English.
type Caso struct{ IT, EN string }

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

func (p Person) as(idANPR, scheda string, caso Caso, residenze ...Residenza) Person {
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
