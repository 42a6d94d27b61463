// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package problem

import (
	"net/http"

	"github.com/snodo-pa/snodo/modi"
)

// exposureRows are the rules of the exposed side that are not of a token.
func exposureRows() []Row {
	quota := modi.Text{IT: "Ripetere dopo Retry-After (mezzanotte).", EN: "Repeat after Retry-After (midnight)."}
	later := modi.Text{IT: "Ripetere dopo Retry-After.", EN: "Repeat after Retry-After."}
	return []Row{
		{
			Rule: RuleUnknownExposure, Status: http.StatusNotFound, Source: "docs/decisions (exposed paths)",
			Title: modi.Text{IT: "Nessun e-service a questo indirizzo", EN: "No e-service at this path"},
			Remedy: modi.Text{
				IT: "Controllare codice IPA, nome e versione: /modi/{codiceIPA}/{nome}/v{versione}/...",
				EN: "Check IPA code, name and version: /modi/{codiceIPA}/{name}/v{version}/...",
			},
		},
		{
			Rule: RuleQuotaConsumer, Status: http.StatusTooManyRequests, Source: "PDND dailyCallsPerConsumer",
			Title:  modi.Text{IT: "Limite giornaliero del fruitore raggiunto", EN: "Daily limit of the consumer reached"},
			Remedy: quota,
		},
		{
			Rule: RuleQuotaTotal, Status: http.StatusTooManyRequests, Source: "PDND dailyCallsTotal",
			Title:  modi.Text{IT: "Limite giornaliero del servizio raggiunto", EN: "Daily limit of the service reached"},
			Remedy: quota,
		},
		{
			Rule: RuleBackEndUnavailable, Status: http.StatusServiceUnavailable, Source: "RAC (sovraccarico: 503 e Retry-After)",
			Title: modi.Text{IT: "Procedura non disponibile", EN: "Procedure unavailable"}, Remedy: later,
		},
		{
			Rule: RuleBackEndBadAnswer, Status: http.StatusBadGateway, Source: "OpenAPI; BLOCK_REST",
			Title: modi.Text{IT: "La procedura ha risposto in modo non conforme", EN: "The procedure's answer breaks the contract"},
			Remedy: modi.Text{
				IT: "Nulla è stato consegnato: segnalare lo scambio all'ente erogatore.",
				EN: "Nothing was delivered: report the exchange to the producer.",
			},
		},
		{
			Rule: RuleAuditReplayed, Status: http.StatusConflict, Source: "docs/decisions (replay)",
			Title: modi.Text{IT: "TrackingEvidence già usata", EN: "Tracking evidence already used"},
			Remedy: modi.Text{
				IT: "Questo e-service chiede una TrackingEvidence e un voucher nuovi per ogni richiesta.",
				EN: "This e-service asks for a new tracking evidence and voucher with every request.",
			},
		},
		{
			Rule: RuleKeysUndecided, Status: http.StatusServiceUnavailable, Source: "docs/decisions (no and don't know)",
			Title: modi.Text{IT: "Chiavi non verificabili ora", EN: "Keys cannot be checked now"}, Remedy: later,
		},
		{
			Rule: RuleReplayUndecided, Status: http.StatusServiceUnavailable, Source: "docs/decisions (replay)",
			Title: modi.Text{IT: "Unicità del messaggio non verificabile ora", EN: "Uniqueness of the message cannot be checked now"},
			Remedy: modi.Text{
				IT: "Ripetere dopo Retry-After con un token nuovo.", EN: "Repeat after Retry-After with a new token.",
			},
		},
	}
}
