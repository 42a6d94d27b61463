// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import "strings"

func surnames() []string {
	return strings.Fields(`ALBERTI BALDI BARDI BENVENUTI BERTINI BRUNI CAMPANI CAPPELLI CARDINI CECCHI CORSI DONATI
		FABIANI FALCHI FARNESI FORTI GALANTI GHERARDI GIANNINI GORI GRAZZINI LANDI LAPINI LIPPI MAGNI MANCINI MARTELLI
		MASI MICHELI MONTI NALDI NUTI ORLANDI PACINI PAGNI PARRI PERUZZI PIERI PUGI RIDOLFI RINALDI SALVI SANTINI
		SARTI SPINI STROZZI TADDEI TANI TORRINI UGOLINI VALORI VIERI ZANI ZATI`)
}

func names(sex string) []string {
	if sex == "F" {
		return strings.Fields(`ALICE BIANCA CARLA CHIARA CLARA DIANA DORA ELISA EMMA FLORA GAIA GINEVRA GRETA IDA IRENE
			LAURA LIDIA LUISA MARINA MARTA NADIA NOEMI NORA OLGA REBECCA RITA SILVIA SOFIA TERESA VERA`)
	}
	return strings.Fields(`ADRIANO ALESSIO ANDREA BRUNO CESARE CORRADO DANIELE DIEGO EDOARDO ENZO FABIO FILIPPO GABRIELE
		GIACOMO GIORGIO GUIDO IVANO LEONARDO LORENZO LUIGI MATTEO MAURO MICHELE ORESTE PAOLO RENATO SANDRO SERGIO TITO VASCO`)
}

// origin is a place of birth with its cadastral code.
type origin struct {
	code  string
	place Luogo
}

func italian() []origin {
	return []origin{
		{"D612", firenze()},
		{"D403", empoli()},
		{"G999", prato()},
		{"G713", pistoia()},
		{"H501", roma()},
	}
}

// foreigner is where somebody without Italian citizenship comes from.
type foreigner struct {
	origin
	surnames, him, her string
}

func foreigners() []foreigner {
	return []foreigner{
		{origin{"Z129", abroad("CLUJ", "ROMANIA", "235")}, "POPESCU IONESCU MUNTEANU", "MIHAI RADU SORIN", "IOANA ELENA RALUCA"},
		{origin{"Z100", abroad("DURAZZO", "ALBANIA", "201")}, "KRASNIQI DERVISHI SHEHU", "ILIR GENTI BESNIK", "MIRA ALBANA TEUTA"},
		{origin{"Z127", abroad("DANZICA", "POLONIA", "233")}, "NOWAK WOJCIK KAMINSKI", "JAN PIOTR TOMASZ", "ANNA ZOFIA MARTA"},
		{origin{"Z222", abroad("MUMBAI", "INDIA", "330")}, "SHARMA PATEL REDDY", "ARJUN ROHAN VIKRAM", "PRIYA ANITA MEERA"},
	}
}

// town is a municipality that does not exist.
type town struct {
	place   Luogo
	cap     string
	streets []string
}

func towns() []town {
	streets := strings.Split("DEI GLICINI,DELLA FORNACE,DEL LAVATOIO,DELLE MIMOSE,DEI CIPRESSI,DELLA QUERCIA,DEL PONTE NUOVO,DELLE VIGNE", ",")
	return []town{
		{borgo(), "50901", streets},
		{val(), "50902", streets},
		{inItaly("PIEVE ALTA", "048903", "FI"), "50903", streets},
		{inItaly("CASTEL LAGHETTO", "100901", "PO"), "59901", streets},
		{inItaly("MONTE SERENO", "047901", "PT"), "51901", streets},
		{inItaly("TORRE DEL GELSO", "047902", "PT"), "51902", streets},
	}
}
