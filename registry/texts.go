// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry

import (
	"errors"

	"github.com/snodo-pa/snodo/modi"
)

// textOf says what a kind of failure means and what to do about it, for answers whose
// registry says nothing better.
func textOf(kind error) modi.Text {
	for _, row := range kindTexts() {
		if errors.Is(kind, row.kind) {
			return row.text
		}
	}
	return modi.Text{}
}

type kindText struct {
	kind error
	text modi.Text
}

func kindTexts() []kindText {
	return []kindText{
		{ErrNotFound, modi.Text{
			IT: "il registro ha risposto che il dato richiesto non esiste",
			EN: "the registry answered that it has no such record",
		}},
		{ErrInvalid, modi.Text{
			IT: "il registro ha rifiutato la richiesta: controllare i dati inviati",
			EN: "the registry refused the request: check the data sent",
		}},
		{ErrDenied, modi.Text{
			IT: "il registro non autorizza la richiesta: controllare su PDND richiesta di fruizione e finalità, e l'indirizzo IP da cui si esce",
			EN: "the registry does not authorise the request: check agreement and purpose on PDND, and the address calls come from",
		}},
		{ErrThrottled, modi.Text{
			IT: "superato il limite di richieste del registro: riprovare più tardi",
			EN: "the registry's request limit is exceeded: try again later",
		}},
		{ErrSignature, modi.Text{
			IT: "il registro ha rifiutato i token della richiesta: controllare orologio, chiavi e audience; l'assistenza del registro chiede l'identificativo della transazione",
			EN: "the registry refused the tokens of the request: check clock, keys and audience; its help desk asks for the transaction id",
		}},
		{ErrBadReply, modi.Text{
			IT: "la risposta del registro non è utilizzabile e non viene consegnata",
			EN: "the registry's reply cannot be used and is not delivered",
		}},
		{ErrNotReady, modi.Text{
			IT: "il registro sta ancora elaborando la richiesta: riprovare più tardi",
			EN: "the registry is still working on the request: try again later",
		}},
		{ErrUnavailable, modi.Text{
			IT: "il registro non è raggiungibile o non funziona: riprovare più tardi",
			EN: "the registry cannot be reached or is out of order: try again later",
		}},
	}
}

func guardOpen() modi.Text {
	return modi.Text{
		IT: "il sistema remoto non risponde: le chiamate sono sospese e riprendono da sole appena torna a rispondere",
		EN: "the remote system does not answer: calls are suspended and resume by themselves as soon as it does",
	}
}
