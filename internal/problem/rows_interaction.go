// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package problem

import (
	"net/http"

	"github.com/snodo-pa/snodo/modi"
)

// The non-blocking interaction patterns.
const (
	RuleReplyToMissing     modi.RuleID = "hub.interaction/reply-to-missing"
	RuleReplyToUnknown     modi.RuleID = "hub.interaction/reply-to-unknown"
	RuleInteractionUnknown modi.RuleID = "hub.interaction/unknown"
	RuleInteractionPending modi.RuleID = "hub.interaction/pending"
	RuleInteractionFailed  modi.RuleID = "hub.interaction/failed"
	RuleTooManyOpen        modi.RuleID = "hub.interaction/too-many-open"
	RuleCorrelationMissing modi.RuleID = "hub.interaction/correlation-missing"
	RuleCorrelationUnknown modi.RuleID = "hub.interaction/correlation-unknown"
	RuleCorrelationEarly   modi.RuleID = "hub.interaction/correlation-early"
	RuleNotAccepted        modi.RuleID = "hub.interaction/not-accepted"
	RuleAnswerUnknown      modi.RuleID = "hub.interaction/answer-unknown"
)

const sourceInteraction = "LG Interoperabilità, Pattern di interazione (NONBLOCK_PUSH_REST, NONBLOCK_PULL_REST)"

// interactionRows are the rules of the interaction patterns: as who is asked, and as who asks.
func interactionRows() []Row { return append(offeredRows(), awaitedRows()...) }

func offeredRows() []Row {
	return []Row{
		{
			Rule: RuleReplyToMissing, Status: http.StatusBadRequest, Source: sourceInteraction,
			Title: modi.Text{IT: "Manca X-ReplyTo", EN: "X-ReplyTo is missing"},
			Remedy: modi.Text{
				IT: "Indicare in X-ReplyTo l'indirizzo del proprio e-service di richiamata.",
				EN: "Name in X-ReplyTo the address of your own callback e-service.",
			},
		},
		{
			Rule: RuleReplyToUnknown, Status: http.StatusForbidden, Source: sourceInteraction,
			Title: modi.Text{IT: "L'ente non conosce l'indirizzo in X-ReplyTo", EN: "The ente does not know the address in X-ReplyTo"},
			Remedy: modi.Text{
				IT: "L'indirizzo è quello dell'e-service di richiamata di cui l'ente erogatore è fruitore su PDND: concordarlo con il contatto dell'e-service.",
				EN: "The address is that of the callback e-service which the producer consumes on PDND: agree on it with the contact of the e-service.",
			},
		},
		{
			Rule: RuleInteractionUnknown, Status: http.StatusNotFound, Source: sourceInteraction,
			Title: modi.Text{IT: "Nessuna interazione con questo identificativo", EN: "No interaction with this identifier"},
			Remedy: modi.Text{
				IT: "Usare l'indirizzo dato in Location alla presa in carico, con la stessa finalità, entro il tempo di conservazione.",
				EN: "Use the address given in Location when it was accepted, for the same purpose, while it is kept.",
			},
		},
		{
			Rule: RuleInteractionPending, Status: http.StatusNotFound, Source: sourceInteraction,
			Title: modi.Text{IT: "Il risultato non c'è ancora", EN: "The result is not there yet"},
			Remedy: modi.Text{
				IT: "Interrogare lo stato: il risultato c'è quando risponde 303.",
				EN: "Ask for the state: the result is there when it answers 303.",
			},
		},
		{
			Rule: RuleInteractionFailed, Status: http.StatusInternalServerError, Source: sourceInteraction,
			Title: modi.Text{IT: "La richiesta presa in carico non ha avuto risposta", EN: "The request that was accepted has had no answer"},
			Remedy: modi.Text{
				IT: "La procedura non ha risposto, e non è più interrogata. Rivolgersi al contatto dell'e-service con l'identificativo: l'ente può rilanciare la richiesta, che allora torna in lavorazione. Non inviarla di nuovo senza averlo sentito.",
				EN: "The procedure has not answered and is not asked any more. Ask the contact of the e-service, naming the identifier: the ente can have the request run again, which is then processed. Do not send it again before having heard them.",
			},
		},
		{
			Rule: RuleTooManyOpen, Status: http.StatusTooManyRequests, Source: "RAC (429 e Retry-After)",
			Title: modi.Text{IT: "Troppe richieste in attesa di risposta", EN: "Too many requests that wait for their answers"},
			Remedy: modi.Text{
				IT: "Ripetere dopo Retry-After: ogni risposta della procedura libera un posto. Se il numero non scende, rivolgersi al contatto dell'e-service.",
				EN: "Repeat after Retry-After: each answer of the procedure frees a place. If the number does not go down, ask the contact of the e-service.",
			},
		},
	}
}

func awaitedRows() []Row {
	return []Row{
		{
			Rule: RuleCorrelationMissing, Status: http.StatusBadRequest, Source: sourceInteraction,
			Title: modi.Text{IT: "Manca X-Correlation-ID", EN: "X-Correlation-ID is missing"},
			Remedy: modi.Text{
				IT: "Ripetere nella richiamata l'X-Correlation-ID dato alla presa in carico.",
				EN: "Repeat in the callback the X-Correlation-ID given when the request was accepted.",
			},
		},
		{
			Rule: RuleCorrelationUnknown, Status: http.StatusNotFound, Source: sourceInteraction,
			Title: modi.Text{IT: "Nessuna richiesta attende questa risposta", EN: "No request waits for this answer"},
			Remedy: modi.Text{
				IT: "L'X-Correlation-ID è quello dato alla presa in carico, e chi richiama è chi lo ha dato.",
				EN: "The X-Correlation-ID is the one given when the request was accepted, by whom calls back.",
			},
		},
		{
			Rule: RuleCorrelationEarly, Status: http.StatusServiceUnavailable, Source: sourceInteraction,
			Title: modi.Text{IT: "La richiesta che attende questa risposta è ancora in corso", EN: "The request that waits for this answer is still under way"},
			Remedy: modi.Text{
				IT: "Ripetere la richiamata dopo Retry-After: la presa in carico non è ancora registrata.",
				EN: "Repeat the callback after Retry-After: the acceptance has not been noted yet.",
			},
		},
		{
			Rule: RuleNotAccepted, Status: http.StatusBadGateway, Source: sourceInteraction,
			Title: modi.Text{IT: "L'erogatore non ha preso in carico la richiesta come previsto", EN: "The producer did not accept the request as agreed"},
			Remedy: modi.Text{
				IT: "Una richiesta la cui risposta arriva dopo è accettata con 202 e X-Correlation-ID: segnalarlo al contatto dell'e-service. La richiesta può essere stata ricevuta: non ripeterla senza averlo sentito.",
				EN: "A request whose answer comes later is accepted with 202 and X-Correlation-ID: tell the contact of the e-service. The request may have been received: do not repeat it before having heard them.",
			},
		},
		{
			Rule: RuleAnswerUnknown, Status: http.StatusNotFound, Source: sourceInteraction,
			Title: modi.Text{IT: "Nessuna richiesta dell'applicazione con questa correlazione", EN: "No request of the application with this correlation"},
			Remedy: modi.Text{
				IT: "Usare la correlazione avuta dalla stessa applicazione con in_attesa (o Snodo-Scambio di una chiamata nativa), entro la scadenza.",
				EN: "Use the correlation that the same application was given with in_attesa (or Snodo-Scambio of a native call), before it expires.",
			},
		},
	}
}
