// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package problem

import (
	"net/http"

	"github.com/snodo-pa/snodo/modi"
)

// What protects an exposed e-service and the persons it is about.
const (
	RuleIfMatchMissing  modi.RuleID = "hub.request/if-match-missing"
	RulePersonInURL     modi.RuleID = "hub.request/person-in-url"
	RuleMalformedXML    modi.RuleID = "hub.request/malformed-xml"
	RuleQuotaPurpose    modi.RuleID = "hub.exposure/quota-purpose"
	RuleConcurrency     modi.RuleID = "hub.exposure/concurrency"
	RuleVoucherReplayed modi.RuleID = "hub.replay/voucher"
)

// protectionRows are the rules of what protects an exposed e-service.
func protectionRows() []Row {
	return []Row{
		{
			Rule: RuleIfMatchMissing, Status: http.StatusPreconditionRequired, Source: "RFC 6585 §3; SUAP DPR 160/2010",
			Title: modi.Text{IT: "Manca If-Match", EN: "If-Match is missing"},
			Remedy: modi.Text{
				IT: "Inviare in If-Match l'ETag della versione che si intende leggere o cambiare.",
				EN: "Send in If-Match the ETag of the version that is meant.",
			},
		},
		{
			Rule: RulePersonInURL, Status: http.StatusBadRequest, Source: "LG Interoperabilità, RAC (nessun dato personale negli URL); GDPR art. 5",
			Title: modi.Text{IT: "Un codice fiscale nell'indirizzo", EN: "A codice fiscale in the URL"},
			Remedy: modi.Text{
				IT: "Inviarlo nel corpo: gli indirizzi restano nei log di ogni macchina che attraversano.",
				EN: "Send it in the body: URLs stay in the logs of every machine on the way.",
			},
		},
		{
			Rule: RuleMalformedXML, Status: http.StatusBadRequest, Source: "XML 1.0; OWASP XML External Entity Prevention",
			Title: modi.Text{IT: "Il corpo non è XML accettabile", EN: "The body is no acceptable XML"},
			Remedy: modi.Text{
				IT: "Inviare XML ben formato in UTF-8, senza DTD né entità, entro i limiti indicati.",
				EN: "Send well-formed XML in UTF-8, without DTD or entities, within the stated limits.",
			},
		},
		{
			Rule: RuleQuotaPurpose, Status: http.StatusTooManyRequests, Source: "PDND dailyCalls",
			Title: modi.Text{IT: "Limite giornaliero della finalità raggiunto", EN: "Daily limit of the purpose reached"},
			Remedy: modi.Text{
				IT: "Ripetere dopo Retry-After (mezzanotte), o dichiarare su PDND più chiamate al giorno per la finalità.",
				EN: "Repeat after Retry-After (midnight), or declare more calls a day for the purpose on PDND.",
			},
		},
		{
			Rule: RuleConcurrency, Status: http.StatusServiceUnavailable, Source: "RAC (sovraccarico: 503 e Retry-After)",
			Title:  modi.Text{IT: "Troppe chiamate in corso a questo e-service", EN: "Too many calls to this e-service under way"},
			Remedy: modi.Text{IT: "Ripetere dopo Retry-After, meno alla volta.", EN: "Repeat after Retry-After, fewer at a time."},
		},
		{
			Rule: RuleVoucherReplayed, Status: http.StatusConflict, Source: "ID_AUTH_REST_02; docs/decisions (replay)",
			Title: modi.Text{IT: "Voucher già usato", EN: "Voucher already used"},
			Remedy: modi.Text{
				IT: "Questo e-service chiede un voucher nuovo per ogni richiesta.",
				EN: "This e-service asks for a new voucher with every request.",
			},
		},
	}
}
