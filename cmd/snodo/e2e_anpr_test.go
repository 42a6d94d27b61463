// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/mocks/anpr"
)

// TestEveryServiceOfANPR asks each through the whole hub: recipe, procedimento, voucher,
// signatures, evidence. What each answers in full is tested with its adapter.
func TestEveryServiceOfANPR(t *testing.T) {
	s := newSite(t)
	const marco = `{"codiceFiscale":"BNCMRC85C12D612V"`
	for service, c := range map[string]struct{ operation, richiesta, want string }{
		"anpr-c001": {"notifica", marco + `}`, `"esistenzaInVita":{"stato":"vivo"}`},
		"anpr-c002": {"comunicazione", marco + `}`, `"nomeComune":"EMPOLI"`},
		"anpr-c003": {"verifica", marco + `,"generalita":{"cognome":"BIANCHI"}}`, `"esito":"conforme"`},
		"anpr-c004": {"verifica", marco + `,"datiDecesso":{"dataEvento":"2020-01-01"}}`, `"esito":"non-conforme"`},
		"anpr-c005": {"verifica", marco + `,"matrimonio":{"coniuge":{"cognome":"CONTI"}}}`, `"esito":"conforme"`},
		"anpr-c006": {"verifica", marco + `,"cittadinanza":{"codiceStato":"100"}}`, `"esito":"conforme"`},
		"anpr-c007": {"verifica", marco + `}`, `"esito":"conforme"`},
		"anpr-c008": {"verifica", marco + `,"residenza":{"indirizzo":{"comune":{"nomeComune":"EMPOLI"}}}}`, `"esito":"conforme"`},
		"anpr-c009": {"verifica", marco + `,"listaSoggetti":{"datiSoggetto":[{"generalita":{"nome":"MARCO"}}]}}`, `"esito":"non-conforme"`},
		"anpr-c010": {"verifica", marco + `}`, `"esito":"non-conforme"`},
		"anpr-c011": {"verifica", marco + `,"vedovanza":{"datiMorteconiuge":{"dataEvento":"2020-01-01"}}}`, `"esito":"non-conforme"`},
		"anpr-c012": {"verifica", marco + `,"paternita":{"generalita":{"cognome":"BIANCHI"}}}`, `"esito":"non-conforme"`},
		"anpr-c013": {"verifica", marco + `,"maternita":{"generalita":{"cognome":"BIANCHI"}}}`, `"esito":"non-conforme"`},
		"anpr-c014": {"verifica", marco + `,"unioneCivile":{"unitoCivilmente":{"cognome":"BIANCHI"}}}`, `"esito":"non-conforme"`},
		"anpr-c015": {"generalita", marco + `}`, `"cognome":"BIANCHI"`},
		"anpr-c016": {"decesso", marco + `}`, `"datiDecesso":null`},
		"anpr-c017": {"matrimonio", marco + `}`, `"cognome":"CONTI"`},
		"anpr-c018": {"cittadinanza", marco + `}`, `"codiceStato":"100"`},
		"anpr-c019": {"esistenza-in-vita", marco + `}`, `"stato":"vivo"`},
		"anpr-c021": {"stato-famiglia", marco + `}`, `"nome":"TOMMASO"`},
		"anpr-c022": {"stato-libero", marco + `}`, `"descrizioneStatoCivile":"Coniugato/a"`},
		"anpr-c023": {"vedovanza", marco + `}`, `"vedovanza":null`},
		"anpr-c024": {"paternita", marco + `}`, `"paternita":null`},
		"anpr-c025": {"maternita", marco + `}`, `"maternita":null`},
		"anpr-c026": {"unione-civile", marco + `}`, `"unioneCivile":null`},
		"anpr-c029": {"dati-anagrafici", marco + `}`, `"statoCivile":"2"`},
		"anpr-c031": {"verifica", marco + `,"identificativi":{"idANPR":"QX48213ZB"}}`, `"esito":"conforme"`},

		"anpr-massivo-030": {"richiesta", `{"codiciFiscali":["BNCMRC85C12D612V","` + anpr.Unknown + `"]}`, `"righe":2`},
		"anpr-massivo-019": {"richiesta", `{"idANPR":["QX48213ZB"]}`, `"stato":"in coda"`},
		"anpr-massivo-020": {"richiesta", `{"idANPR":["QX48213ZB"]}`, `"stato":"in coda"`},
	} {
		if got := s.answer(t, c.richiesta, append(registryCall(service, c.operation), "--richiesta", "-")); !strings.Contains(got, c.want) {
			t.Errorf("%s: %s, want %s", service, got, c.want)
		}
	}
	code, out, _ := s.cli(t, `{"idANPR":["QX48213ZB"]}`, append(registryCall("anpr-massivo-019", "richiesta"), "--richiesta", "-")...)
	if code != exitUndecided || !strings.Contains(out, "hub.registry/") {
		t.Errorf("a second massive request: %d %s", code, out)
	}
}
