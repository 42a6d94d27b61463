// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package problem

import (
	"net/http"

	"github.com/snodo-pa/snodo/modi"
)

const (
	sourceAPI           = "/v1/openapi.json"
	sourceProcedimento  = "DPR 445/2000 art. 43; docs/decisions (procedimento)"
	sourceIdempotency   = "draft-ietf-httpapi-idempotency-key-header"
	sourceBearer        = "RFC 6750 §3"
	remedyProcedimentoI = "Chiedere al responsabile del procedimento se va esteso."
	remedyProcedimentoE = "Ask who answers for the procedimento whether it should be extended."
)

// callerRows are the rules of an application that calls the acquisition API and of what it names.
func callerRows() []Row {
	return []Row{
		{
			Rule: RuleNoKey, Status: http.StatusUnauthorized, Source: sourceBearer,
			Title:  modi.Text{IT: "Manca la chiave dell'applicazione", EN: "The application key is missing"},
			Remedy: modi.Text{IT: "Inviare Authorization: Bearer <chiave>.", EN: "Send Authorization: Bearer <key>."},
		},
		{
			Rule: RuleUnknownKey, Status: http.StatusUnauthorized, Source: sourceBearer,
			Title: modi.Text{IT: "Chiave dell'applicazione sconosciuta", EN: "Unknown application key"},
			Remedy: modi.Text{
				IT: "Usare una chiave emessa da questo nodo (snodo keys api new).",
				EN: "Use a key issued by this hub (snodo keys api new).",
			},
		},
		{
			Rule: RuleRevokedKey, Status: http.StatusUnauthorized, Source: sourceBearer,
			Title:  modi.Text{IT: "Chiave dell'applicazione revocata", EN: "Revoked application key"},
			Remedy: modi.Text{IT: "Chiedere una chiave nuova.", EN: "Ask for a new key."},
		},
		{
			Rule: RuleUnknownEnte, Status: http.StatusUnprocessableEntity, Source: sourceAPI,
			Title:  modi.Text{IT: "Ente sconosciuto", EN: "Unknown ente"},
			Remedy: modi.Text{IT: "Indicare il codice IPA di un ente di questo nodo.", EN: "Name the IPA code of an ente of this hub."},
		},
		{
			Rule: RuleUnknownProcedimento, Status: http.StatusUnprocessableEntity, Source: sourceProcedimento,
			Title:  modi.Text{IT: "Procedimento sconosciuto", EN: "Unknown procedimento"},
			Remedy: modi.Text{IT: "Indicare un procedimento configurato per l'ente.", EN: "Name a procedimento configured for the ente."},
		},
		{
			Rule: RuleUnknownService, Status: http.StatusNotFound, Source: sourceAPI,
			Title:  modi.Text{IT: "Servizio sconosciuto per questo ente", EN: "Service unknown to this ente"},
			Remedy: modi.Text{IT: "Indicare un servizio che l'ente fruisce.", EN: "Name a service that the ente consumes."},
		},
		{
			Rule: RuleUnknownOperation, Status: http.StatusNotFound, Source: sourceAPI,
			Title:  modi.Text{IT: "Operazione sconosciuta", EN: "Unknown operation"},
			Remedy: modi.Text{IT: "Indicare un'operazione del servizio.", EN: "Name an operation of the service."},
		},
		{
			Rule: RulePratica, Status: http.StatusUnprocessableEntity, Source: sourceProcedimento,
			Title: modi.Text{IT: "Pratica mancante o di forma errata", EN: "Pratica missing or malformed"},
			Remedy: modi.Text{
				IT: "Indicare la pratica o il protocollo nella forma prevista dal procedimento.",
				EN: "Give the pratica or protocol number in the form the procedimento asks for.",
			},
		},
		{
			Rule: RuleOperator, Status: http.StatusUnprocessableEntity, Source: "AUDIT_REST_02 (userID, userLocation, LoA)",
			Title: modi.Text{IT: "Operatore incompleto o di forma errata", EN: "Operator incomplete or malformed"},
			Remedy: modi.Text{
				IT: "Indicare tipo, userID e postazione dell'operatore.",
				EN: "Give tipo, userID and postazione of the operator.",
			},
		},
		{
			Rule: RuleCodiceFiscale, Status: http.StatusUnprocessableEntity, Source: "DM 23/12/1976",
			Title: modi.Text{IT: "Codice fiscale errato", EN: "Wrong codice fiscale"},
			Remedy: modi.Text{
				IT: "Controllare il codice fiscale: forma o carattere di controllo non tornano (l'omocodia è ammessa).",
				EN: "Check the codice fiscale: its form or check character is wrong (omocodia is accepted).",
			},
		},
	}
}

// idempotencyRows are the rules of a request that may be repeated.
func idempotencyRows() []Row {
	return []Row{
		{
			Rule: RuleIdempotencyKey, Status: http.StatusBadRequest, Source: sourceIdempotency,
			Title: modi.Text{IT: "Idempotency-Key di forma errata", EN: "Malformed Idempotency-Key"},
			Remedy: modi.Text{
				IT: "Usare un solo header con 1-128 caratteri ASCII stampabili.",
				EN: "Use one header of 1 to 128 printable ASCII characters.",
			},
		},
		{
			Rule: RuleIdempotencyInProgress, Status: http.StatusConflict, Source: sourceIdempotency,
			Title:  modi.Text{IT: "Stessa richiesta ancora in corso", EN: "The same request is still running"},
			Remedy: modi.Text{IT: "Ripetere dopo Retry-After.", EN: "Repeat after Retry-After."},
		},
		{
			Rule: RuleIdempotencyMismatch, Status: http.StatusUnprocessableEntity, Source: sourceIdempotency,
			Title:  modi.Text{IT: "Idempotency-Key già usata per un'altra richiesta", EN: "Idempotency-Key already used for another request"},
			Remedy: modi.Text{IT: "Usare una chiave nuova per ogni richiesta diversa.", EN: "Use a new key for each different request."},
		},
		{
			Rule: RuleIdempotencyUnknown, Status: http.StatusConflict, Source: sourceIdempotency,
			Title: modi.Text{
				IT: "La stessa richiesta è già stata eseguita senza consegnare la risposta",
				EN: "The same request was carried out before and its answer was withheld",
			},
			Remedy: modi.Text{
				IT: "Non ripetere: cercare tra le prove lo scambio della prima richiesta; usare una chiave nuova solo se va rifatta.",
				EN: "Do not repeat: look the exchange of the first request up in the evidence; use a new key only to make it again.",
			},
		},
	}
}

// authorisationRows are the rules of what a procedimento covers (design D10b).
func authorisationRows() []Row {
	forbidden := func(id modi.RuleID, title, remedy modi.Text) Row {
		return Row{Rule: id, Status: http.StatusForbidden, Title: title, Remedy: remedy, Source: sourceProcedimento}
	}
	extend := modi.Text{IT: remedyProcedimentoI, EN: remedyProcedimentoE}
	return []Row{
		forbidden(RuleOtherEnte,
			modi.Text{IT: "La chiave è di un altro ente", EN: "The key belongs to another ente"},
			modi.Text{IT: "Usare una chiave dell'ente indicato.", EN: "Use a key of the named ente."}),
		forbidden(RuleApplicationNotListed,
			modi.Text{IT: "Applicazione non prevista dal procedimento", EN: "The procedimento does not list this application"}, extend),
		forbidden(RuleOperationNotListed,
			modi.Text{IT: "Operazione non prevista dal procedimento", EN: "The procedimento does not list this operation"}, extend),
		forbidden(RuleFieldNotListed,
			modi.Text{IT: "Campo non previsto dal procedimento", EN: "The procedimento does not list this field"}, extend),
		forbidden(RuleNativeNotListed,
			modi.Text{
				IT: "Il procedimento non ammette chiamate native di questo tipo",
				EN: "The procedimento does not allow native calls of this kind",
			},
			modi.Text{
				IT: "Usare /v1/acquisizioni; se serve la risposta intera, chi risponde del procedimento vi scrive passante: true.",
				EN: "Use /v1/acquisizioni; if the whole answer is needed, who answers for the procedimento writes passante: true in it.",
			}),
		forbidden(RuleNoPurpose,
			modi.Text{IT: "Il procedimento non ha una finalità PDND per il servizio", EN: "The procedimento has no PDND purpose for the service"},
			modi.Text{
				IT: "Creare la finalità su PDND e indicarne il purposeId nel procedimento.",
				EN: "Create the purpose on PDND and put its purposeId in the procedimento.",
			}),
		forbidden(RuleOperatorNotListed,
			modi.Text{IT: "Operatore non presente nell'elenco dell'ente", EN: "Operator not in the ente's list"},
			modi.Text{IT: "Aggiungere l'operatore a ente.yaml.", EN: "Add the operator to ente.yaml."}),
		forbidden(RuleOperatorKind,
			modi.Text{IT: "Tipo di operatore non ammesso", EN: "Kind of operator not allowed"},
			modi.Text{
				IT: "Indicare il tipo con cui l'operatore è registrato; 'cittadino' solo da applicazioni con operatori dichiarati.",
				EN: "Give the kind the operator is registered with; 'cittadino' only from applications that declare their operators.",
			}),
		forbidden(RuleOperatorOffice,
			modi.Text{IT: "L'operatore non è dell'ufficio del procedimento", EN: "The operator is not of the procedimento's ufficio"}, extend),
		forbidden(RuleWorkstation,
			modi.Text{IT: "Postazione non ammessa per l'operatore", EN: "Workstation not allowed for the operator"},
			modi.Text{IT: "Operare da una postazione assegnata.", EN: "Work from an assigned workstation."}),
		forbidden(RuleLoA,
			modi.Text{IT: "Livello di garanzia superiore a quello ammesso", EN: "Level of assurance above the allowed one"},
			modi.Text{
				IT: "Dichiarare il livello con cui l'operatore si è davvero autenticato.",
				EN: "State the level the operator really authenticated with.",
			}),
	}
}
