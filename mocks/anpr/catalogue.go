// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"net/url"
	"slices"
	"strings"
)

// basePath is where the e-services live, as in the real environments; the audience of
// the tokens lacks its "-PDND".
const (
	basePath  = "/govway/rest/in/MinInternoPortaANPR-PDND/"
	localBase = "https://modipa.anpr.locale.invalid/govway/rest/in/MinInternoPortaANPR/"
)

// The base paths of the two e-services a hub starts with.
const (
	PathC030 = basePath + "C030-servizioAccertamentoIdUnicoNazionale/v1"
	PathC020 = basePath + "C020-servizioAccertamentoResidenza/v1"
)

// kind is what an e-service does with a record.
type kind int

const (
	accertamento kind = iota // answers blocks of it
	verifica                 // compares what is declared with it
	massive                  // answers blocks of many, later
)

// row is one e-service. The ids of the facts that verifica services answer are known for
// C003 and C007 alone; those of the others are invented.
type row struct {
	casoUso   string
	segment   string // of the path
	kind      kind
	blocks    []string // answered, or that may be declared
	fact      InfoEnte // of a verifica
	household bool     // about everybody in the household
}

// rows lists the e-services. Where the set of blocks was never published it is the least
// that the name promises.
func rows() []row {
	return []row{
		{casoUso: "C001", segment: "C001–servizioNotifica", blocks: []string{"generalita", "residenza", "infoSoggettoEnte", "identificativi"}},
		{casoUso: "C002", segment: "C002-servizioComunicazione", blocks: []string{"generalita", "residenza", "infoSoggettoEnte", "domicilioDigitale"}},
		check("C003", "Generalita", "1002", "Verifica generalita'", "generalita"),
		check("C004", "Decesso", "2004", "Verifica decesso", "datiDecesso"),
		check("C005", "Matrimonio", "2005", "Verifica matrimonio", "matrimonio"),
		check("C006", "Cittadinanza", "2006", "Verifica cittadinanza", "cittadinanza"),
		check("C007", "EsistenzaVita", factAlive, "Verifica esistenza in vita"),
		check("C008", "Residenza", "2008", "Verifica residenza", "residenza"),
		check("C009", "StatoFamiglia", "2009", "Verifica stato famiglia", "listaSoggetti"),
		check("C010", "StatoLibero", "2010", "Verifica stato libero"),
		check("C011", "Vedovanza", "2011", "Verifica vedovanza", "vedovanza"),
		check("C012", "Paternita", "2012", "Verifica paternita'", "paternita"),
		check("C013", "Maternita", "2013", "Verifica maternita'", "maternita"),
		check("C014", "UnioneCivile", "2014", "Verifica unione civile", "unioneCivile"),
		tell("C015", "Generalita", "generalita", "identificativi"),
		tell("C016", "DichDecesso", "generalita", "infoSoggettoEnte", "datiDecesso"),
		tell("C017", "Matrimonio", "generalita", "matrimonio", "annullamentoMatrimonio"),
		tell("C018", "Cittadinanza", "generalita", "cittadinanza"),
		tell("C019", "EsistenzaVita", "infoSoggettoEnte", "datiDecesso"),
		tell("C020", "Residenza", "generalita", "residenza", "infoDecesso", "identificativi"),
		{
			casoUso: "C021", segment: "C021-servizioAccertamentoStatoFamiglia", household: true,
			blocks: []string{"generalita", "legameSoggetto", "infoSoggettoEnte", "datiDecesso", "identificativi"},
		},
		tell("C022", "StatoLibero", "generalita", "statoCivile"),
		tell("C023", "Vedovanza", "generalita", "vedovanza"),
		tell("C024", "Paternita", "generalita", "paternita"),
		tell("C025", "Maternita", "generalita", "maternita"),
		tell("C026", "UnioneCivile", "generalita", "unioneCivile"),
		tell("C029", "DatiAnagrafici", "generalita", "statoCivile", "cittadinanza", "residenza", "infoSoggettoEnte", "identificativi"),
		tell("C030", "IdUnicoNazionale", "identificativi"),
		{
			casoUso: "C031", segment: "C031-servizioVerificaIdUnicoNazionale", kind: verifica, blocks: []string{"identificativi"},
			fact: InfoEnte{ID: "2031", Chiave: "Verifica identificativo unico nazionale"},
		},
		{casoUso: "M030", segment: "E002AccertamentoIdAnprMassivo", kind: massive, blocks: []string{"codice", "identificativi"}},
		{casoUso: "M019", segment: "E002VericaEsistenzaInVitaMassiva", kind: massive, blocks: []string{"codice", "infoSoggettoEnte", "identificativi"}},
		{casoUso: "M020", segment: "E002AccertamentoResidenzaMassivo", kind: massive, blocks: []string{"generalita", "residenza", "identificativi"}},
	}
}

func tell(casoUso, name string, blocks ...string) row {
	return row{casoUso: casoUso, segment: casoUso + "-servizioAccertamento" + name, blocks: blocks}
}

func check(casoUso, name, fact, chiave string, blocks ...string) row {
	return row{
		casoUso: casoUso, segment: casoUso + "-servizioVerificaDich" + name, kind: verifica, blocks: blocks,
		fact: InfoEnte{ID: fact, Chiave: chiave},
	}
}

func rowOf(casoUso string) (row, bool) {
	list := rows()
	i := slices.IndexFunc(list, func(r row) bool { return r.casoUso == casoUso })
	if i < 0 {
		return row{}, false
	}
	return list[i], true
}

// Entry is one e-service of the invented world: what PDND and the recipes say of it.
type Entry struct {
	Service
	Recipe string // name of the hub's recipe
	Name   string // in the catalogue of PDND
}

// Catalogue lists the e-services with the identifiers and audiences of the invented
// world, which never change.
func Catalogue() []Entry {
	var list []Entry
	for _, r := range rows() {
		recipe, id := "anpr-"+strings.ToLower(r.casoUso), "0000000"+strings.ToLower(r.casoUso)
		switch {
		case r.kind == massive:
			recipe = "anpr-massivo-" + strings.ToLower(r.casoUso[1:])
			id = "0000000e" + r.casoUso[1:]
		case r.casoUso == "C030" || r.casoUso == "C020": // older than the others
			id = "0000000000" + r.casoUso[2:3]
		}
		const prefix = "a0000000-0000-4000-8000-"
		list = append(list, Entry{
			Recipe: recipe, Name: r.segment,
			Service: Service{
				CasoUso: r.casoUso, Path: basePath + url.PathEscape(r.segment) + "/v1", Audience: localBase + r.segment + "/v1",
				EserviceID: prefix + id + "0", DescriptorIDs: []string{prefix + id + "1"},
			},
		})
	}
	return list
}
