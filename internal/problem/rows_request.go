// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package problem

import (
	"net/http"

	"github.com/snodo-pa/snodo/modi"
)

// requestRows are the rules of any HTTP message that reaches a router of the hub.
func requestRows() []Row {
	return []Row{
		{
			Rule: RuleMalformedJSON, Status: http.StatusBadRequest, Source: "RFC 8259",
			Title:  modi.Text{IT: "Il corpo non è JSON valido", EN: "The body is not valid JSON"},
			Remedy: modi.Text{IT: "Correggere il JSON alla posizione indicata.", EN: "Fix the JSON at the stated position."},
		},
		{
			Rule: RuleDuplicateMember, Status: http.StatusBadRequest, Source: "RFC 8259 §4, RFC 7493 §2.3",
			Title:  modi.Text{IT: "Il JSON ripete un membro", EN: "The JSON repeats a member"},
			Remedy: modi.Text{IT: "Scrivere ogni membro una volta sola.", EN: "Write each member once."},
		},
		{
			Rule: RuleUnknownField, Status: http.StatusBadRequest, Source: "/v1/openapi.json",
			Title:  modi.Text{IT: "Campo sconosciuto", EN: "Unknown field"},
			Remedy: modi.Text{IT: "Togliere il campo indicato o correggerne il nome.", EN: "Remove the named field or fix its name."},
		},
		{
			Rule: RuleSchema, Status: http.StatusBadRequest, Source: "OpenAPI",
			Title: modi.Text{IT: "La richiesta non rispetta il suo schema", EN: "The request breaks its schema"},
			Remedy: modi.Text{
				IT: "Confrontare la richiesta con il documento OpenAPI del servizio nei punti indicati.",
				EN: "Compare the request with the service's OpenAPI document at the stated places.",
			},
		},
		{
			Rule: RuleTooLarge, Status: http.StatusRequestEntityTooLarge, Source: "RFC 9110 §15.5.14",
			Title:  modi.Text{IT: "Corpo troppo grande", EN: "Body too large"},
			Remedy: modi.Text{IT: "Inviare un corpo entro il limite indicato.", EN: "Send a body within the stated limit."},
		},
		{
			Rule: RuleIncompleteBody, Status: http.StatusBadRequest, Source: "RFC 9112 §8",
			Title:  modi.Text{IT: "Corpo incompleto", EN: "Incomplete body"},
			Remedy: modi.Text{IT: "Inviare tutti i byte annunciati.", EN: "Send every byte that was announced."},
		},
		{
			Rule: RuleBodyTimeout, Status: http.StatusRequestTimeout, Source: "RFC 9110 §15.5.9",
			Title:  modi.Text{IT: "Il corpo non è arrivato in tempo", EN: "The body did not arrive in time"},
			Remedy: modi.Text{IT: "Ripetere la richiesta su una connessione stabile.", EN: "Repeat the request on a stable connection."},
		},
		{
			Rule: RuleMediaType, Status: http.StatusUnsupportedMediaType, Source: "RFC 9110 §15.5.16",
			Title: modi.Text{IT: "Formato del corpo non accettato", EN: "Unsupported media type"},
			Remedy: modi.Text{
				IT: "Inviare il corpo nel formato indicato, senza Content-Encoding.",
				EN: "Send the body in the stated media type, without Content-Encoding.",
			},
		},
		{
			Rule: RuleRepeatedAuthorization, Status: http.StatusBadRequest, Source: "RFC 9110 §5.3, GovWay 1369",
			Title:  modi.Text{IT: "Più header Authorization", EN: "More than one Authorization header"},
			Remedy: modi.Text{IT: "Inviare un solo header Authorization.", EN: "Send exactly one Authorization header."},
		},
		{
			Rule: RuleUnknownPath, Status: http.StatusNotFound, Source: "RFC 9110 §15.5.5",
			Title:  modi.Text{IT: "Indirizzo sconosciuto", EN: "Unknown path"},
			Remedy: modi.Text{IT: "Controllare il percorso nel documento OpenAPI.", EN: "Check the path in the OpenAPI document."},
		},
		{
			Rule: RuleMethod, Status: http.StatusMethodNotAllowed, Source: "RFC 9110 §15.5.6",
			Title:  modi.Text{IT: "Metodo non ammesso", EN: "Method not allowed"},
			Remedy: modi.Text{IT: "Usare un metodo elencato nell'header Allow.", EN: "Use a method listed in the Allow header."},
		},
	}
}
