// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

// only keeps the blocks of a record that an e-service answers. Of two names that are no
// block of the registry, infoDecesso are the facts of who is dead, and codice is the
// codice fiscale without the rest of generalita.
func (d DatiSoggetto) only(blocks []string) DatiSoggetto {
	var kept DatiSoggetto
	for _, block := range blocks {
		switch block {
		case "generalita":
			kept.Generalita = d.Generalita
		case "codice":
			kept.Generalita = &Generalita{CodiceFiscale: d.Generalita.CodiceFiscale}
		case "statoCivile":
			kept.StatoCivile = d.StatoCivile
		case "cittadinanza":
			kept.Cittadinanza = d.Cittadinanza
		case "paternita":
			kept.Paternita = d.Paternita
		case "maternita":
			kept.Maternita = d.Maternita
		case "residenza":
			kept.Residenza = d.Residenza
		case "matrimonio":
			kept.Matrimonio = d.Matrimonio
		case "annullamentoMatrimonio":
			kept.AnnullamentoMatrimonio = d.AnnullamentoMatrimonio
		case "vedovanza":
			kept.Vedovanza = d.Vedovanza
		case "unioneCivile":
			kept.UnioneCivile = d.UnioneCivile
		case "legameSoggetto":
			kept.LegameSoggetto = d.LegameSoggetto
		case "domicilioDigitale":
			kept.DomicilioDigitale = d.DomicilioDigitale
		case "datiDecesso":
			kept.DatiDecesso = d.DatiDecesso
		case "infoSoggettoEnte":
			kept.InfoSoggetto = d.InfoSoggetto
		case "infoDecesso":
			if d.InfoSoggetto[0].Valore == "N" {
				kept.InfoSoggetto = d.InfoSoggetto
			}
		case "identificativi":
			kept.Identificativi = d.Identificativi
		}
	}
	return kept
}
