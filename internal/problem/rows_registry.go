// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package problem

import (
	"net/http"

	"github.com/snodo-pa/snodo/modi"
)

// registryRows are what an application is told of a failure beyond the hub. A fault of the hub's or the peer's
// configuration is 502, because nothing the application sends can cure it; a state that passes is 503.
func registryRows() []Row {
	row := func(id modi.RuleID, status int, title, remedy modi.Text) Row {
		return Row{Rule: id, Status: status, Title: title, Remedy: remedy, Source: "registry/errors.go"}
	}
	later := modi.Text{IT: "Ripetere dopo Retry-After.", EN: "Repeat after Retry-After."}
	return []Row{
		row(RuleRegistryNotFound, http.StatusNotFound,
			modi.Text{IT: "La banca dati non ha il dato cercato", EN: "The registry holds no such record"},
			modi.Text{IT: "È una risposta definitiva: controllare i dati cercati.", EN: "This answer is definitive: check what was searched."}),
		row(RuleRegistryAmbiguous, http.StatusConflict,
			modi.Text{IT: "Più soggetti corrispondono alla ricerca", EN: "More than one record matches"},
			modi.Text{IT: "Aggiungere dati che distinguano il soggetto.", EN: "Add data that single out the record."}),
		row(RuleRegistryInvalid, http.StatusUnprocessableEntity,
			modi.Text{IT: "La banca dati rifiuta i dati della richiesta", EN: "The registry refuses the data of the request"},
			modi.Text{IT: "Correggere la richiesta secondo il codice indicato.", EN: "Fix the request following the stated code."}),
		row(RuleRegistryDenied, http.StatusBadGateway,
			modi.Text{IT: "La banca dati nega l'accesso all'ente", EN: "The registry denies access to the ente"},
			modi.Text{
				IT: "Verificare su PDND richiesta di fruizione e finalità, e gli indirizzi abilitati; comunicare l'id del registro.",
				EN: "Check agreement and purpose on PDND, and the allowed addresses; quote the registry's id.",
			}),
		row(RuleRegistryThrottled, http.StatusTooManyRequests,
			modi.Text{IT: "Limite di chiamate raggiunto", EN: "Call limit reached"}, later),
		row(RuleRegistryConfig, http.StatusBadGateway,
			modi.Text{IT: "PDND rifiuta il voucher", EN: "PDND refuses the voucher"},
			modi.Text{
				IT: "Verificare client, chiave, finalità e richiesta di fruizione su PDND: il motivo non viene comunicato da PDND.",
				EN: "Check client, key, purpose and agreement on PDND: PDND does not tell the reason.",
			}),
		row(RuleRegistrySignature, http.StatusBadGateway,
			modi.Text{IT: "La banca dati rifiuta i token dell'ente", EN: "The registry refuses the ente's tokens"},
			modi.Text{
				IT: "Verificare orologio, chiavi e audience della fruizione; comunicare l'id del registro.",
				EN: "Check clock, keys and audience of the binding; quote the registry's id.",
			}),
		row(RuleRegistryBadReply, http.StatusBadGateway,
			modi.Text{IT: "La risposta della banca dati non è affidabile", EN: "The registry's reply cannot be trusted"},
			modi.Text{
				IT: "Nessun dato è stato consegnato: segnalare al gestore del servizio l'id del registro.",
				EN: "No data was delivered: report the registry's id to the owner of the service.",
			}),
		row(RuleRegistryNotReady, http.StatusServiceUnavailable,
			modi.Text{IT: "Risultato non ancora pronto", EN: "Result not ready yet"}, later),
		row(RuleRegistryUnavailable, http.StatusServiceUnavailable,
			modi.Text{IT: "Banca dati non disponibile", EN: "Registry unavailable"}, later),
		row(RuleRegistryUnsupported, http.StatusNotImplemented,
			modi.Text{IT: "Operazione non disponibile in questa versione", EN: "Operation not available in this version"},
			modi.Text{IT: "Usare un'altra operazione o aggiornare il nodo.", EN: "Use another operation or upgrade the hub."}),
		row(RuleRegistrySettings, http.StatusBadGateway,
			modi.Text{IT: "La configurazione del nodo impedisce la chiamata", EN: "The hub's configuration stops the call"},
			modi.Text{
				IT: "Comunicare lo scambio a chi gestisce il nodo: controllare fruizione, rete (CA, proxy) ed egress.",
				EN: "Report the exchange to who runs the hub, to check binding, rete (CA, proxy) and egress.",
			}),
		row(RulePDNDUnavailable, http.StatusServiceUnavailable,
			modi.Text{IT: "PDND non disponibile", EN: "PDND unavailable"}, later),
	}
}
