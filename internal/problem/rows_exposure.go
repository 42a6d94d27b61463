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
			Rule: RuleNotActive, Status: http.StatusForbidden, Source: "PDND agreementEvents, purposeEvents, eserviceEvents",
			Title: modi.Text{
				IT: "Finalità, richiesta di fruizione o versione non più attiva su PDND",
				EN: "Purpose, agreement or version no longer active on PDND",
			},
			Remedy: modi.Text{
				IT: "Il voucher è stato emesso prima della sospensione. Riattivare su PDND e chiedere un voucher nuovo.",
				EN: "The voucher was issued before the suspension. Have it reactivated on PDND and ask for a new voucher.",
			},
		},
		{
			Rule: RuleOperatorClaim, Status: http.StatusBadRequest, Source: "AUDIT_REST_02; docs/security.md",
			Title: modi.Text{IT: "Un dato dell'operatore è troppo lungo", EN: "A claim about the operator is too long"},
			Remedy: modi.Text{
				IT: "Nella TrackingEvidence: userID e userLocation entro 128 caratteri, LoA entro 20.",
				EN: "In the tracking evidence: userID and userLocation within 128 characters, LoA within 20.",
			},
		},
		{
			Rule: RuleRefusalsCounted, Status: http.StatusTooManyRequests, Source: "docs/security.md",
			Title: modi.Text{
				IT: "Rifiuti allo stesso fruitore oltre il limite delle prove",
				EN: "Refusals of one consumer beyond what evidence lists",
			},
			Remedy: modi.Text{
				IT: "Sta solo nelle prove: una voce per tutti. Chi chiama riceve ogni volta il proprio rifiuto e corregga quello.",
				EN: "Only evidence has it: one entry for all. The caller gets its own refusal every time and should mend that.",
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

// backEndRows are the rules of the procedure behind an exposed e-service.
func backEndRows() []Row {
	later := modi.Text{IT: "Ripetere dopo Retry-After.", EN: "Repeat after Retry-After."}
	return []Row{
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
			Rule: RuleBackEndSettings, Status: http.StatusBadGateway, Source: sourceHub,
			Title: modi.Text{
				IT: "La configurazione del nodo impedisce di raggiungere la procedura",
				EN: "The hub's configuration keeps it from reaching the procedure",
			},
			Remedy: modi.Text{
				IT: "Segnalare lo scambio all'ente erogatore: controllare indirizzo, rete (CA, proxy) ed egress della procedura, o la vista e i suoi diritti.",
				EN: "Report the exchange to the producer, to check address, rete (CA, proxy) and egress of the procedure, or the view and its rights.",
			},
		},
	}
}
