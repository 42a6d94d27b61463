// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

// Unknown is a valid codice fiscale of nobody registered: a search for it answers EN122,
// "Soggetto non registrato in ANPR".
const Unknown = "VRDNNA80A41H501H"

// People returns the invented people who are examples of something, a fresh copy at each
// call. A server has them beside those of [Population].
func People() []Person {
	var people []Person
	people = append(people, residents()...)
	people = append(people, oddAddresses()...)
	people = append(people, livingAbroad()...)
	people = append(people, bornAbroad()...)
	people = append(people, deadOrCancelled()...)
	people = append(people, namesakes()...)
	related(people)
	return people
}

// related writes what the records of the examples say of one another: the first three
// are a family.
func related(people []Person) {
	him, her, son := &people[0], &people[1], &people[2]
	where := empoli()
	for _, pair := range [][2]*Person{{him, her}, {her, him}} {
		pair[0].StatoCivile = "2"
		pair[0].Matrimonio = &Matrimonio{
			Coniuge: pair[1].parente(), DatiMatrimonio: DatiEvento{DataEvento: "2012-09-08", LuogoEvento: &where}, OrdineMatrimonio: "1",
		}
	}
	father, mother := him.parente(), her.parente()
	son.Padre, son.Madre = &father, &mother
	for legame, p := range map[string]*Person{"1": him, "2": her, "3": son} {
		p.Famiglia = Famiglia{Codice: "F000000", Legame: legame, Dal: "2019-06-03"}
	}
}

func firenze() Luogo { return inItaly("FIRENZE", "048017", "FI") }
func empoli() Luogo  { return inItaly("EMPOLI", "048014", "FI") }
func prato() Luogo   { return inItaly("PRATO", "100005", "PO") }
func pistoia() Luogo { return inItaly("PISTOIA", "047014", "PT") }
func roma() Luogo    { return inItaly("ROMA", "058091", "RM") }

// The municipalities of the demonstration do not exist, nor do their codes.
func borgo() Luogo { return inItaly("BORGO FIORITO", "048901", "FI") }
func val() Luogo   { return inItaly("VAL SERENA", "048902", "FI") }

func residents() []Person {
	bianchi := home("2019-06-03", "50053", empoli(), "DELLE PROVE", "12")
	bianchi.Indirizzo.NumeroCivico.Lettera = "A"
	bianchi.Indirizzo.NumeroCivico.CivicoInterno = &CivicoInterno{Scala: "B", Interno1: "4", Piano: "2"}
	return []Person{
		born("BIANCHI", "MARCO", "M", "1985-03-12", "D612", firenze()).
			as("QX48213ZB", "30112233", Caso{"residente, intestatario di famiglia", "resident, head of the family"}, bianchi),
		born("CONTI", "GIULIA", "F", "1988-07-25", "G999", prato()).
			as("LD70318PA", "30112234", Caso{"residente, moglie di Bianchi Marco", "resident, wife of Bianchi Marco"}, bianchi),
		born("BIANCHI", "TOMMASO", "M", "2015-11-02", "D612", firenze()).
			as("RT15926VC", "30112235", Caso{"minore, figlio di Bianchi Marco", "minor, son of Bianchi Marco"}, bianchi),
		born("NERI", "ELENA", "F", "1979-05-30", "D403", empoli()).
			as("BF30271HN", "30112236", Caso{"residente a Borgo Fiorito", "resident in Borgo Fiorito"}, home("2011-09-01", "50901", borgo(), "DEI TIGLI", "7")),
		born("GALLI", "SARA", "F", "2004-02-19", "D612", firenze()).
			as("VS81145KC", "30112237", Caso{"residente a Val Serena", "resident in Val Serena"}, home("2022-10-14", "50902", val(), "DEL MULINO", "31")),
		born("MORANDI", "PIETRO", "M", "1968-12-03", "D403", empoli()).
			as("GM66902TD", "30112238", Caso{"più residenze: vale la decorrenza più recente", "several residences: the most recent one holds"},
				home("1999-04-20", "50053", empoli(), "DEI CAPPUCCINI", "88"),
				home("2023-03-01", "50901", borgo(), "DELLE MURA", "2"),
				home("2010-01-15", "50902", val(), "DEL CASTELLO", "14")),
		born("D'ANGELO", "LUCÍA", "F", "1992-08-08", "H501", roma()).
			as("AP55310LC", "30112239", Caso{"apostrofo nel cognome e lettera accentata nel nome", "apostrophe in the surname and accent in the name"}, home("2020-02-02", "50901", borgo(), "SAN NICCOLÒ", "3")),
	}
}

func oddAddresses() []Person {
	noNumber := home("2018-05-05", "50902", val(), "DELLA FONTE", "")
	noNumber.Indirizzo.NumeroCivico = nil
	snc := home("2017-07-07", "50901", borgo(), "DEL PODERE", "")
	snc.Indirizzo.NumeroCivico = &NumeroCivico{ProgSNC: "1"}
	hamlet := home("2014-12-12", "50902", val(), "PROVINCIALE", "105")
	hamlet.Indirizzo.Frazione = "PIAN DELLE QUERCE"
	care := home("2021-06-30", "50901", borgo(), "DELL'OSPEDALE", "1")
	care.TipoIndirizzo, care.Presso = "5", "RSA LE MAGNOLIE"
	temporary := home("2024-01-10", "50902", val(), "DELLA STAZIONE", "9")
	temporary.TipoIndirizzo = "8"
	return []Person{
		born("FABBRI", "ALDO", "M", "1955-10-21", "D612", firenze()).
			as("NC10482QS", "30112240", Caso{"residenza senza numero civico", "residence without a house number"}, noNumber),
		born("SERRA", "PAOLA", "F", "1961-02-28", "G713", pistoia()).
			as("SN20913RU", "30112241", Caso{"civico SNC", "house number SNC (none assigned)"}, snc),
		born("LENZI", "CARLO", "M", "1973-09-17", "G999", prato()).
			as("FZ41877MB", "30112242", Caso{"residenza in una frazione", "residence in a hamlet"}, hamlet),
		born("PAOLI", "IRMA", "F", "1938-01-31", "D403", empoli()).
			as("PR09354WA", "30112243", Caso{"residenza presso terzi", "residence in care of others"}, care),
		born("TESI", "NICOLA", "M", "1996-06-06", "D612", firenze()).
			as("TM77230YE", "30112244", Caso{"residenza temporanea", "temporary residence"}, temporary),
	}
}

func livingAbroad() []Person {
	berlin, zurich := abroad("BERLINO", "GERMANIA", "216"), abroad("ZURIGO", "SVIZZERA", "241")
	galeazzi := born("GALEAZZI", "DARIO", "M", "1982-04-04", "D612", firenze()).
		as("AE31240GK", "30112245", Caso{"AIRE, indirizzo estero completo", "AIRE (citizen abroad), whole foreign address"},
			away("2016-03-21", "10115", berlin, "INVALIDENSTRASSE", "44", "2160101", "BERLINO"))
	galeazzi.AIRE, galeazzi.AnnoEspatrio = true, "2016"
	pucci := born("PUCCI", "MARTA", "F", "1970-11-11", "G999", prato()).
		as("AE77015HS", "30112246", Caso{"AIRE, con l'ultima residenza italiana", "AIRE (citizen abroad), with the last Italian residence"},
			home("1994-05-05", "59100", prato(), "DEL SERRAGLIO", "20"),
			away("2009-08-01", "8001", zurich, "BAHNHOFSTRASSE", "7", "2410102", "ZURIGO"))
	pucci.AIRE, pucci.AnnoEspatrio = true, "2009"
	pucci.Residenze[0].TipoIndirizzo = "7"
	return []Person{galeazzi, pucci}
}

func bornAbroad() []Person {
	kowalska := born("KOWALSKA", "EWA", "F", "1990-09-14", "Z127", abroad("CRACOVIA", "POLONIA", "233")).
		as("PL58402EW", "30112247", Caso{"nata all'estero", "born abroad"}, home("2019-11-25", "50901", borgo(), "DEI TIGLI", "19"))
	hoxha := born("HOXHA", "ARBEN", "M", "1987-03-03", "Z100", abroad("TIRANA", "ALBANIA", "201")).
		as("AL62718AB", "30112248", Caso{"codice fiscale non validato", "codice fiscale not validated"}, home("2021-04-12", "50902", val(), "DEL MULINO", "5"))
	hoxha.CFNonValidato = true
	suriani := born("SURIANI", "", "F", "1999-12-24", "Z222", abroad("DELHI", "INDIA", "330")).
		as("IN84139SN", "30112249", Caso{"senza nome", "without a first name"}, home("2023-09-09", "50901", borgo(), "DELLE MURA", "40"))
	people := []Person{kowalska, hoxha, suriani}
	for i := range people {
		state := people[i].LuogoNascita.Localita
		people[i].Cittadinanze = []Cittadinanza{{DescrizioneStato: state.DescrizioneStato, CodiceStato: state.CodiceStato}}
	}
	return people
}

func deadOrCancelled() []Person {
	ferri := born("FERRI", "LUCA", "M", "1941-01-08", "G713", pistoia()).
		as("DX19410FL", "30112250", Caso{"deceduto, con la data", "dead, with the date"}, home("1970-06-01", "50901", borgo(), "DELLA PIEVE", "6"))
	ferri.Deceduto, ferri.DataDecesso = true, "2026-02-17"
	ricci := born("RICCI", "ADA", "F", "1929-07-19", "D612", firenze()).
		as("DY19290RA", "30112251", Caso{"deceduta, senza la data", "dead, without the date"}, home("1988-02-11", "50902", val(), "DEL CASTELLO", "3"))
	ricci.Deceduto = true
	mori := born("MORI", "GINO", "M", "1950-05-15", "D403", empoli()).
		as("OR50150GM", "30112252", Caso{"cancellato da ANPR", "removed from ANPR"}, home("1990-01-01", "50053", empoli(), "ROMA", "1"))
	mori.Cancellato = true
	return []Person{ferri, ricci, mori}
}

// namesakes are two people with the same data: the codice fiscale of the second has
// letters in place of digits, and a search by data finds both.
func namesakes() []Person {
	first := born("ROSSI", "ANNA", "F", "1976-04-12", "H501", roma()).
		as("OM10001AA", "30112253", Caso{"stessi dati anagrafici di un'altra persona", "same personal data as somebody else"}, home("2001-01-01", "50901", borgo(), "DEI TIGLI", "50"))
	second := born("ROSSI", "ANNA", "F", "1976-04-12", "H501", roma()).
		as("OM10002BB", "30112254", Caso{"omocodia di un'altra Rossi Anna", "omocodia of another Rossi Anna"}, home("2015-05-15", "50902", val(), "DELLA FONTE", "8"))
	second.CodiceFiscale = omocodia(second.CodiceFiscale, 1)
	third := born("VANNI", "UGO", "M", "1963-08-30", "G999", prato()).
		as("OM10003CC", "30112255", Caso{"omocodia con due lettere", "omocodia with two letters"}, home("2012-12-12", "50902", val(), "DELLA STAZIONE", "22"))
	third.CodiceFiscale = omocodia(third.CodiceFiscale, 2)
	return []Person{first, second, third}
}
