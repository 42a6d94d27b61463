// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package opi

import "fmt"

func (c *checker) mandato(m *Mandato, path string) {
	o := order{
		path: path, name: "mandato", line: "informazioni_beneficiario", code: "codice_cgu", key: OrderKey{Year: c.flow.Esercizio, Number: m.Numero},
		operation: m.TipoOperazione, date: m.Data, amount: m.Importo, budget: m.Bilancio,
	}
	for i := range m.Beneficiari {
		b := &m.Beneficiari[i]
		at := fmt.Sprintf("%s/informazioni_beneficiario[%d]", path, i+1)
		o.lines = o.lines.Plus(b.Importo)
		for j, class := range b.Classificazioni {
			o.classes++
			o.classified = o.classified.Plus(class.Importo)
			where := fmt.Sprintf("%s/classificazione[%d]", at, j+1)
			c.siope(where+"/codice_cgu", class.Codice, false)
			c.cup(where+"/codice_cup", class.CUP)
			c.debts(where+"/classificazione_dati_siope_uscite", class.Dati.Debiti)
		}
		o.replaces = o.replaces || b.SostituzioneMandato != nil
		c.payment(b, at)
	}
	c.order(o)
}

// payment checks one payment of an order.
func (c *checker) payment(b *InformazioniBeneficiario, at string) {
	c.fiscalCode(at+"/beneficiario/codice_fiscale_beneficiario", b.Beneficiario.CodiceFiscale, b.Beneficiario.Stato)
	c.fiscalCode(at+"/beneficiario/partita_iva_beneficiario", b.Beneficiario.PartitaIVA, b.Beneficiario.Stato)
	if e := b.CreditoreEffettivo; e != nil {
		c.fiscalCode(at+"/creditore_effettivo/codice_fiscale_creditore_effettivo", e.CodiceFiscale, e.Stato)
		c.fiscalCode(at+"/creditore_effettivo/partita_iva_creditore_effettivo", e.PartitaIVA, e.Stato)
	}
	if b.SEPA != nil && !validIBAN(b.SEPA.IBAN) {
		c.add("iban", at+"/sepa_credit_transfer/iban", Text{
			IT: "IBAN errato: controllare caratteri e lunghezza", EN: "wrong IBAN: check its characters and length",
		})
	}
	c.needs(at, b.TipoPagamento, "SEPA CREDIT TRANSFER", "sepa_credit_transfer/iban", b.SEPA != nil)
	c.needs(at, b.TipoPagamento, "ACCREDITO CONTO CORRENTE POSTALE", "piazzatura/numero_conto_corrente_beneficiario", b.Piazzatura != nil)
	notice := b.InformazioniAggiuntive != nil && b.InformazioniAggiuntive.AvvisoPagoPA != nil
	c.needs(at, b.TipoPagamento, "AVVISO PAGOPA", "informazioni_aggiuntive/avviso_pagoPA/numero_avviso", notice)
	c.provisional(at, b.Sospesi, b.Importo)
	c.withheld(at, b)
}

// needs asks for the data that go with a way of payment or collection: for the element that has to be below at.
func (c *checker) needs(at, has, way, element string, there bool) {
	if has == way && !there {
		missing := at + "/" + element
		c.add("payment-data", missing, textf("%s senza %s", "%s without %s", way, fieldOf(missing)))
	}
}

func (c *checker) provisional(at string, all []Sospeso, amount Importo) {
	var sum Importo
	for _, s := range all {
		sum = sum.Plus(s.Importo)
	}
	if sum > amount {
		c.add("total", at+"/sospeso/importo_provvisorio", textf("i sospesi sommano %s, più dell'importo %s", "the sospesi add up to %s, more than the amount %s", sum, amount))
	}
}

// withheld checks what is held back: not more than is paid, and where the order to collect is in the same flow, that
// it has the collection.
func (c *checker) withheld(at string, b *InformazioniBeneficiario) {
	var sum Importo
	for i, r := range b.Ritenute {
		sum = sum.Plus(r.Importo)
		if has, here := c.collections[r.NumeroReversale]; here && !has[r.ProgressivoVersante] {
			c.add("withholding", fmt.Sprintf("%s/ritenute[%d]/progressivo_versante", at, i+1), textf(
				"la reversale %d di questo flusso non ha il versante %d", "reversale %d of this flow has no collection %d",
				r.NumeroReversale, r.ProgressivoVersante))
		}
	}
	if sum > b.Importo {
		c.add("total", at+"/ritenute/importo_ritenute", textf("le ritenute sommano %s, più dell'importo %s", "the withholdings add up to %s, more than the amount %s", sum, b.Importo))
	}
}

// progressives are the numbers of an order's collections.
func (r *Reversale) progressives() map[int64]bool {
	out := make(map[int64]bool, len(r.Versanti))
	for _, v := range r.Versanti {
		out[v.Progressivo] = true
	}
	return out
}

func (c *checker) reversale(r *Reversale, path string) {
	o := order{
		path: path, name: "reversale", line: "informazioni_versante", code: "codice_cge", key: OrderKey{Collection: true, Year: c.flow.Esercizio, Number: r.Numero},
		operation: r.TipoOperazione, date: r.Data, amount: r.Importo, budget: r.Bilancio,
	}
	for i := range r.Versanti {
		v := &r.Versanti[i]
		at := fmt.Sprintf("%s/informazioni_versante[%d]", path, i+1)
		o.lines = o.lines.Plus(v.Importo)
		for j, class := range v.Classificazioni {
			o.classes++
			o.classified = o.classified.Plus(class.Importo)
			where := fmt.Sprintf("%s/classificazione[%d]", at, j+1)
			c.siope(where+"/codice_cge", class.Codice, true)
			c.cup(where+"/codice_cup", class.CUP)
			c.debts(where+"/classificazione_dati_siope_entrate", class.Dati.Debiti)
		}
		o.replaces = o.replaces || v.SostituzioneReversale != nil
		c.fiscalCode(at+"/versante/codice_fiscale_versante", v.Versante.CodiceFiscale, v.Versante.Stato)
		c.fiscalCode(at+"/versante/partita_iva_versante", v.Versante.PartitaIVA, v.Versante.Stato)
		c.needs(at, v.TipoRiscossione, "PRELIEVO DA CC POSTALE", "numero_ccp", v.NumeroCCP != "")
		c.provisional(at, v.Sospesi, v.Importo)
	}
	c.order(o)
}

func (c *checker) siope(at, code string, collection bool) {
	if !siopeTitle(code, collection) {
		c.add("siope-code", at, textf("il codice SIOPE %q non è di un titolo di queste operazioni (codice 109 di SIOPE+)",
			"SIOPE code %q is of no title of such orders (code 109 of SIOPE+)", code))
	}
}

func (c *checker) cup(at, cup string) {
	if cup != "" && !cupForm.MatchString(cup) {
		c.add("cup", at, Text{
			IT: "un CUP è fatto di lettera, due cifre, lettera e undici cifre", EN: "a CUP is a letter, two digits, a letter and eleven digits",
		})
	}
}

func (c *checker) debts(at string, debts []Debito) {
	for _, d := range debts {
		if d.CIG != "" && placeholderCIG(d.CIG) {
			c.add("cig", at+"/codice_cig_siope", Text{
				IT: "un CIG di zeri non è un CIG: indicare motivo_esclusione_cig_siope", EN: "a CIG of zeros is none: give motivo_esclusione_cig_siope",
			})
		}
	}
}

// fiscalCode judges codes of people and bodies in Italy; where the state is not said, Italy is meant.
func (c *checker) fiscalCode(at, code, state string) {
	if code != "" && (state == "" || state == "IT") && !validFiscalCode(code) {
		c.add("fiscal-code", at, Text{
			IT: "carattere di controllo errato: codice fiscale o partita IVA da correggere", EN: "wrong check character: mend the codice fiscale or partita IVA",
		})
	}
}
