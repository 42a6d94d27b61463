// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package transport

import (
	"fmt"

	"github.com/snodo-pa/snodo/modi"
)

func textNotBound(ente, service string) modi.Text {
	return modi.Text{
		IT: fmt.Sprintf("l'ente %s non fruisce del servizio %s: aggiungerlo in enti/%s/consumes.yaml", ente, service, ente),
		EN: fmt.Sprintf("ente %s does not consume service %s: add it to enti/%s/consumes.yaml", ente, service, ente),
	}
}

func textOtherEnvironment(service, bound, asked string) modi.Text {
	return modi.Text{
		IT: fmt.Sprintf("il servizio %s è configurato in ambiente %s, la richiesta è per %s", service, bound, asked),
		EN: fmt.Sprintf("service %s is bound in environment %s, the request is for %s", service, bound, asked),
	}
}

func textNoPurpose(procedimento, service string) modi.Text {
	return modi.Text{
		IT: fmt.Sprintf("il procedimento %s non ha una finalità PDND per il servizio %s: indicarla in purposes", procedimento, service),
		EN: fmt.Sprintf("procedimento %s has no PDND purpose for service %s: name it in purposes", procedimento, service),
	}
}

func textNoKey() modi.Text {
	return modi.Text{
		IT: "la chiave del client PDND non è disponibile: controllare ente.yaml",
		EN: "the key of the PDND client cannot be had: check ente.yaml",
	}
}

func textHeld() modi.Text {
	return modi.Text{
		IT: "il registro ha chiesto di rallentare (429): le richieste per questa finalità sono sospese fino all'istante indicato",
		EN: "the registry asked to slow down (429): requests for this purpose are held until the time it gave",
	}
}

func textQuota() modi.Text {
	return modi.Text{
		IT: "raggiunta la quota giornaliera configurata per questa finalità: riprende a mezzanotte",
		EN: "the daily quota set for this purpose is used up: it starts again at midnight",
	}
}

func textStopped() modi.Text {
	return modi.Text{
		IT: "il registro ha risposto che la quota giornaliera di questa finalità è esaurita: le richieste riprendono a mezzanotte",
		EN: "the registry answered that the daily quota of this purpose is used up: requests start again at midnight",
	}
}

func textReserved() modi.Text {
	return modi.Text{
		IT: "ciò che resta della quota giornaliera è riservato alle persone: gli automatismi riprendono a mezzanotte",
		EN: "what is left of the daily quota is for persons: batches start again at midnight",
	}
}

func textUncounted() modi.Text {
	return modi.Text{
		IT: "il conteggio della quota giornaliera non si può tenere ora",
		EN: "the daily quota cannot be counted now",
	}
}

func textRate() modi.Text {
	return modi.Text{
		IT: "superata la frequenza configurata per questa finalità: riprovare tra poco",
		EN: "the rate set for this purpose is exceeded: try again shortly",
	}
}

func textNotSigned() modi.Text {
	return modi.Text{
		IT: "la richiesta non può essere firmata: controllare chiave e operatore; nulla è stato inviato",
		EN: "the request cannot be signed: check key and operator; nothing was sent",
	}
}

func textUnanswered() modi.Text {
	return modi.Text{
		IT: "il registro non risponde: riprovare più tardi",
		EN: "the registry does not answer: try again later",
	}
}

func textEgress() modi.Text {
	return modi.Text{
		IT: "l'indirizzo del registro non è consentito in uscita: controllare il DNS o egress.allowPrivate",
		EN: "the address of the registry is not allowed by the egress policy: check DNS or egress.allowPrivate",
	}
}

func textCertificate() modi.Text {
	return modi.Text{
		IT: "il certificato TLS del registro non è accettato: controllare scadenza, nome e rete.ca",
		EN: "the TLS certificate of the registry is not accepted: check expiry, name and rete.ca",
	}
}

func textUnreadable() modi.Text {
	return modi.Text{
		IT: "la risposta del registro è troppo grande o illeggibile e non viene consegnata",
		EN: "the reply of the registry is too large or unreadable and is not delivered",
	}
}

func textRedirect() modi.Text {
	return modi.Text{
		IT: "il registro risponde con un rinvio a un altro indirizzo, che non viene seguito: controllare l'URL",
		EN: "the registry redirects to another address, which is not followed: check the URL",
	}
}

func textWrongType() modi.Text {
	return modi.Text{
		IT: "la risposta non è del tipo atteso (forse una pagina di errore): non viene consegnata",
		EN: "the reply is not of the expected type (an error page, perhaps): it is not delivered",
	}
}

func textBadSignature() modi.Text {
	return modi.Text{
		IT: "la firma della risposta non è valida: la risposta non viene consegnata",
		EN: "the signature of the reply is not valid: the reply is not delivered",
	}
}

func textKeysUnknown() modi.Text {
	return modi.Text{
		IT: "la firma della risposta non può essere verificata ora perché PDND non risponde: riprovare più tardi",
		EN: "the signature of the reply cannot be verified now because PDND does not answer: try again later",
	}
}

func textReplayUnknown() modi.Text {
	return modi.Text{
		IT: "non si può sapere ora se la risposta era già arrivata: riprovare più tardi",
		EN: "whether the reply had come before cannot be known now: try again later",
	}
}

func textJustStarted() modi.Text {
	return modi.Text{
		IT: "il nodo è appena ripartito dopo un arresto improvviso e per qualche secondo non saprebbe se la risposta era già arrivata: nulla è stato inviato",
		EN: "the hub has just started again after an unclean stop and for some seconds could not tell whether the reply had come before: nothing was sent",
	}
}

func textNoProducer() modi.Text {
	return modi.Text{
		IT: "non si sa quale ente debba firmare la risposta, che non viene consegnata: indicare producerId nella ricetta",
		EN: "it is not known who must sign the reply, which is not delivered: name producerId in the recipe",
	}
}
