// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package problem

import (
	"net/http"

	"github.com/snodo-pa/snodo/modi"
)

// Who may call an exposed e-service, beyond what PDND lets through.
const (
	RuleCallerSuspended     modi.RuleID = "hub.exposure/caller-suspended"
	RuleCallerNotListed     modi.RuleID = "hub.exposure/caller-not-listed"
	RuleAttributesUndecided modi.RuleID = "hub.exposure/attributes-undecided"

	// The management of suspensions.
	RuleSuspension       modi.RuleID = "hub.management/suspension"
	RuleAlreadySuspended modi.RuleID = "hub.management/already-suspended"
	RuleNotSuspended     modi.RuleID = "hub.management/not-suspended"
)

// exposureCallerRows are the rules on who may call.
func exposureCallerRows() []Row {
	return []Row{
		{
			Rule: RuleCallerSuspended, Status: http.StatusForbidden, Source: sourceHub,
			Title: modi.Text{IT: "L'ente ha sospeso il fruitore", EN: "The ente has suspended the consumer"},
			Remedy: modi.Text{
				IT: "Le chiamate riprendono quando l'ente erogatore riammette il fruitore: rivolgersi al contatto dell'e-service.",
				EN: "Calls resume when the producer readmits the consumer: ask the contact of the e-service.",
			},
		},
		{
			Rule: RuleCallerNotListed, Status: http.StatusForbidden, Source: sourceHub,
			Title: modi.Text{IT: "L'ente non ammette questo fruitore", EN: "The ente does not admit this consumer"},
			Remedy: modi.Text{
				IT: "L'e-service è per altri fruitori, finalità, client, categorie IPA o attributi: rivolgersi al contatto dell'e-service.",
				EN: "The e-service is for other consumers, purposes, clients, IPA categories or attributes: ask the contact of the e-service.",
			},
		},
		{
			Rule: RuleAttributesUndecided, Status: http.StatusServiceUnavailable, Source: "docs/decisions (no and don't know)",
			Title:  modi.Text{IT: "Gli attributi del fruitore non si possono verificare ora", EN: "The attributes of the consumer cannot be checked now"},
			Remedy: modi.Text{IT: "Ripetere dopo Retry-After.", EN: "Repeat after Retry-After."},
		},
		{
			Rule: RuleSuspension, Status: http.StatusUnprocessableEntity, Source: sourceHub,
			Title: modi.Text{IT: "La sospensione non è completa", EN: "The suspension is not complete"},
			Remedy: modi.Text{
				IT: "Indicare ente, fruitore (l'UUID del consumerId, o il codice fiscale che fiducia.organizzazioni conosce), motivo e chi lo decide; servizio, se c'è, è un e-service dell'ente.",
				EN: "Name ente, fruitore (the UUID of the consumerId, or the codice fiscale that fiducia.organizzazioni knows), motivo and who decides it; servizio, where given, is an e-service of the ente.",
			},
		},
		{
			Rule: RuleAlreadySuspended, Status: http.StatusConflict, Source: sourceHub,
			Title:  modi.Text{IT: "Il fruitore è già sospeso", EN: "The consumer is suspended already"},
			Remedy: modi.Text{IT: "Nulla da fare: la sospensione vale.", EN: "Nothing to do: the suspension holds."},
		},
		{
			Rule: RuleNotSuspended, Status: http.StatusConflict, Source: sourceHub,
			Title: modi.Text{IT: "Il fruitore non è sospeso qui", EN: "The consumer is not suspended here"},
			Remedy: modi.Text{
				IT: "snodo exposes callers elenca le sospensioni: si riprende dallo stesso servizio, o da tutti, come si è sospeso.",
				EN: "snodo exposes callers lists the suspensions: one resumes from the same e-service, or from all, as one suspended.",
			},
		},
	}
}
