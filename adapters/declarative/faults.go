// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package declarative

import (
	"errors"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/codicefiscale"
)

// invalid reports a richiesta from which no request can be made. It names the place of
// the value, never the value.
func (o *operation) invalid(err error) error {
	where := modi.Text{IT: "richiesta", EN: "richiesta"}
	var m *misplaced
	if errors.As(err, &m) && m.place != "" {
		where = modi.Text{IT: m.place, EN: m.place}
	}
	why := modi.Text{IT: "manca o non ha la forma che il registro vuole", EN: "is missing or not of the form the registry wants"}
	if errors.Is(err, codicefiscale.ErrInvalid) {
		why = modi.Text{
			IT: "non è un codice fiscale valido: controllare di averlo trascritto per intero e senza errori",
			EN: "is not a valid codice fiscale: check that it was copied whole and without mistakes",
		}
	}
	return &registry.Fault{
		Kind: registry.ErrInvalid, Service: o.recipe.Name, Err: err,
		Text: modi.Text{
			IT: "la richiesta non può essere inviata: " + where.IT + " " + why.IT,
			EN: "the request cannot be sent: " + where.EN + " " + why.EN,
		},
	}
}

// badReply reports an answer that cannot be used.
func (o *operation) badReply(reply registry.Reply, err error) error {
	return &registry.Fault{
		Kind: registry.ErrBadReply, Service: o.recipe.Name, Status: reply.Status, RegistryID: reply.RegistryID, Err: err,
		Text: modi.Text{
			IT: "la risposta del registro non è quella descritta e non viene consegnata: riprovare; se persiste rivolgersi all'assistenza del registro",
			EN: "the registry's answer is not the one described and is not delivered: try again; if it persists ask the registry's help desk",
		},
	}
}

// notReady tells the caller when to ask again.
func (o *operation) notReady(reply registry.Reply, after time.Duration) error {
	return &registry.Fault{
		Kind: registry.ErrNotReady, Service: o.recipe.Name, Status: reply.Status, RegistryID: reply.RegistryID, RetryAfter: after,
		Text: modi.Text{
			IT: "il registro sta ancora elaborando la richiesta: ripetere la stessa domanda più tardi",
			EN: "the registry is still working on the request: ask the same again later",
		},
	}
}
