// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package problem

import (
	"net/http"

	"github.com/snodo-pa/snodo/modi"
)

const (
	sourceEvidence = "docs/decisions (evidence before reply)"
	sourceHub      = "docs/operations.md"
)

// hubRows are the hub's own states.
func hubRows() []Row {
	later := modi.Text{IT: "Ripetere dopo Retry-After.", EN: "Repeat after Retry-After."}
	return []Row{
		{
			Rule: RuleStore, Status: http.StatusServiceUnavailable, Source: sourceHub,
			Title: modi.Text{IT: "Archivio non disponibile", EN: "Store unavailable"}, Remedy: later,
		},
		{
			Rule: RuleUnknownAPIKey, Status: http.StatusNotFound, Source: sourceHub,
			Title:  modi.Text{IT: "Nessuna chiave con questo id", EN: "No key with this id"},
			Remedy: modi.Text{IT: "Elencare le chiavi e riprovare.", EN: "List the keys and try again."},
		},
		{
			Rule: RuleUnknownApplication, Status: http.StatusUnprocessableEntity, Source: sourceHub,
			Title:  modi.Text{IT: "Applicazione non configurata per l'ente", EN: "Application not configured for the ente"},
			Remedy: modi.Text{IT: "Aggiungere l'applicazione a ente.yaml.", EN: "Add the application to ente.yaml."},
		},
		{
			Rule: RuleBusy, Status: http.StatusServiceUnavailable, Source: sourceHub,
			Title:  modi.Text{IT: "Troppe richieste in corso", EN: "Too many requests under way"},
			Remedy: later,
		},
		{
			Rule: RuleStopping, Status: http.StatusServiceUnavailable, Source: sourceHub,
			Title: modi.Text{IT: "Richiesta interrotta", EN: "Request interrupted"}, Remedy: later,
		},
		{
			Rule: RuleDeadline, Status: http.StatusServiceUnavailable, Source: sourceHub,
			Title: modi.Text{IT: "Tempo massimo superato", EN: "Deadline exceeded"}, Remedy: later,
		},
		{
			Rule: RuleUnexpected, Status: http.StatusInternalServerError, Source: sourceHub,
			Title:  modi.Text{IT: "Errore interno", EN: "Internal error"},
			Remedy: modi.Text{IT: "Comunicare lo scambio a chi gestisce il nodo.", EN: "Report the exchange to who runs the hub."},
		},
	}
}

// evidenceRows are the rules of what is kept, or cannot be kept or read.
func evidenceRows() []Row {
	later := modi.Text{IT: "Ripetere dopo Retry-After.", EN: "Repeat after Retry-After."}
	return []Row{
		{
			Rule: RuleIntentNotStored, Status: http.StatusServiceUnavailable, Source: sourceEvidence,
			Title: modi.Text{IT: "Prova non registrabile: richiesta non eseguita", EN: "Evidence cannot be kept: request not carried out"},
			Remedy: modi.Text{
				IT: "Nulla è uscito dal nodo. Ripetere dopo Retry-After.", EN: "Nothing left the hub. Repeat after Retry-After.",
			},
		},
		{
			Rule: RuleOutcomeNotStored, Status: http.StatusInternalServerError, Source: sourceEvidence,
			Title: modi.Text{
				IT: "Richiesta eseguita ma esito non registrato: nulla viene consegnato",
				EN: "Request carried out but its outcome was not kept: nothing is delivered",
			},
			Remedy: modi.Text{
				IT: "Non ripetere: comunicare lo scambio a chi gestisce il nodo.", EN: "Do not repeat: report the exchange to who runs the hub.",
			},
		},
		{
			Rule: RuleNotAttested, Status: http.StatusInternalServerError, Source: sourceEvidence,
			Title: modi.Text{
				IT: "Provenienza non firmabile: nulla viene consegnato",
				EN: "Provenance cannot be signed: nothing is delivered",
			},
			Remedy: modi.Text{
				IT: "Non ripetere: comunicare lo scambio a chi gestisce il nodo, che controlli il sigillo dell'ente.",
				EN: "Do not repeat: report the exchange to who runs the hub, to check the seal of the ente.",
			},
		},
		{
			Rule: RuleEvidenceNotFound, Status: http.StatusNotFound, Source: sourceHub,
			Title:  modi.Text{IT: "Prova inesistente", EN: "No such evidence"},
			Remedy: modi.Text{IT: "Controllare ente e indice.", EN: "Check ente and index."},
		},
		{
			Rule: RuleEvidenceAltered, Status: http.StatusInternalServerError, Source: sourceEvidence,
			Title: modi.Text{IT: "Le prove risultano alterate", EN: "The evidence has been altered"},
			Remedy: modi.Text{
				IT: "Esportare le prove e verificarle: la prima riga che non torna viene indicata.",
				EN: "Export the evidence and verify it: the first line that does not hold is named.",
			},
		},
		{
			Rule: RuleEvidenceReading, Status: http.StatusServiceUnavailable, Source: sourceHub,
			Title: modi.Text{IT: "Prove non leggibili ora", EN: "Evidence cannot be read now"}, Remedy: later,
		},
	}
}
