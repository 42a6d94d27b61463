// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"fmt"
	"net/http"

	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/modi"
)

// textMasked ranks what stands behind the masked refusal. The assertion was checked
// before it was sent, so its form, times and signature are not among the causes. The
// ids it names are PDND's identifiers of the ente's own objects.
func textMasked(environment string, r VoucherRequest) modi.Text {
	client, kid, purpose := r.Client.ClientID, r.Client.Key.KID, r.PurposeID
	if purpose == "" {
		return modi.Text{
			IT: fmt.Sprintf("PDND (%s) nega il voucher al client API %s senza dire perché; le cause più probabili, in ordine: "+
				"1) la chiave %s non è caricata su questo client o è stata revocata; "+
				"2) il client non è di tipo «API interop» (uno per e-service vuole una finalità); "+
				"3) il client è di un altro ambiente; 4) la modifica è recente: attendere un minuto", environment, client, kid),
			EN: fmt.Sprintf("PDND (%s) refuses a voucher to API client %s without saying why; most likely causes, in order: "+
				"1) key %s is not uploaded on this client or was revoked; "+
				"2) the client is not of the \"API interop\" kind (one for e-services needs a purpose); "+
				"3) the client belongs to another environment; 4) the change is recent: wait a minute", environment, client, kid),
		}
	}
	return modi.Text{
		IT: fmt.Sprintf("PDND (%s) nega il voucher al client %s senza dire perché; le cause più probabili, in ordine: "+
			"1) la chiave %s non è caricata su questo client o è stata revocata; "+
			"2) la finalità %s non è attiva o non è associata al client; "+
			"3) la richiesta di fruizione è sospesa o non attiva; "+
			"4) la versione dell'e-service è sospesa o archiviata; "+
			"5) client o finalità sono di un altro ambiente; "+
			"6) la modifica è recente: attendere un minuto", environment, client, kid, purpose),
		EN: fmt.Sprintf("PDND (%s) refuses a voucher to client %s without saying why; most likely causes, in order: "+
			"1) key %s is not uploaded on this client or was revoked; "+
			"2) purpose %s is not active or not linked to the client; "+
			"3) the agreement is suspended or not active; "+
			"4) the version of the e-service is suspended or archived; "+
			"5) client or purpose belong to another environment; "+
			"6) the change is recent: wait a minute", environment, client, kid, purpose),
	}
}

func textRefused() modi.Text {
	return modi.Text{
		IT: "l'endpoint dei token rifiuta la richiesta: controllare il profilo dell'ambiente (tokenURL)",
		EN: "the token endpoint refuses the request: check the profile of the environment (tokenURL)",
	}
}

func textAssertion() modi.Text {
	return modi.Text{
		IT: "la client assertion viola le regole di PDND e non è stata inviata: controllare client, chiave, finalità e profilo dell'ambiente",
		EN: "the client assertion breaks PDND's rules and was not sent: check client, key, purpose and the profile of the environment",
	}
}

func textThrottled(h http.Header) modi.Text {
	limit := rateLimit(h)
	return modi.Text{
		IT: "superato il limite di richieste di voucher dell'ente su PDND" + limit,
		EN: "the ente's limit of voucher requests on PDND is exceeded" + limit,
	}
}

func textPaced() modi.Text {
	return modi.Text{
		IT: "le richieste dell'ente a PDND sono vicine al limite: rallentare prima che PDND le rifiuti",
		EN: "the ente's requests to PDND are close to its limit: slow down before PDND refuses them",
	}
}

// textOtherConsumer names PDND's identifiers of enti, which are public.
func textOtherConsumer(r VoucherRequest, found string) modi.Text {
	return modi.Text{
		IT: fmt.Sprintf("il voucher per la finalità %s è del fruitore %s, il collegamento dice %s: controllare titolo, tenants e finalità "+
			"(con una delega il fruitore è il delegante)", r.PurposeID, found, r.ConsumerID),
		EN: fmt.Sprintf("the voucher for purpose %s is of consumer %s, the binding says %s: check titolo, tenants and purpose "+
			"(with a delegation the consumer is the delegator)", r.PurposeID, found, r.ConsumerID),
	}
}

func textNoAnswer() modi.Text {
	return modi.Text{
		IT: "PDND non risponde: riprovare più tardi",
		EN: "PDND does not answer: try again later",
	}
}

func textBadVoucher() modi.Text {
	return modi.Text{
		IT: "la risposta di PDND non è un voucher per questa richiesta",
		EN: "PDND's reply is no voucher for this request",
	}
}

func textCrowded() modi.Text {
	return modi.Text{
		IT: "troppe richieste attendono già PDND: riprovare tra qualche secondo",
		EN: "too many requests are waiting for PDND already: try again in a few seconds",
	}
}

func textThrottledAPI(h http.Header) modi.Text {
	limit := rateLimit(h)
	return modi.Text{
		IT: "superato il limite di richieste dell'ente alle API di PDND" + limit,
		EN: "the ente's limit of requests to the API of PDND is exceeded" + limit,
	}
}

// textClientRefused names PDND's identifier of the ente's own client.
func textClientRefused(client string) modi.Text {
	return modi.Text{
		IT: "le API di PDND rifiutano il voucher del client API " + client + " (401), anche rinnovato: controllare su PDND il client e le sue chiavi",
		EN: "the API of PDND refuses the voucher of API client " + client + " (401), a new one too: check the client and its keys on PDND",
	}
}

func textNotPlatform() modi.Text {
	return modi.Text{
		IT: "la risposta non è delle API di PDND: controllare apiBase nel profilo dell'ambiente",
		EN: "the reply is not of the API of PDND: check apiBase in the profile of the environment",
	}
}

func textReplyUnsigned() modi.Text {
	return modi.Text{
		IT: "la risposta delle API di PDND non è firmata da PDND come dovuto e non viene creduta",
		EN: "the reply of the API of PDND is not signed by PDND as it must be and is not believed",
	}
}

func textReplyKeys() modi.Text {
	return modi.Text{
		IT: "la firma della risposta di PDND non si può verificare ora: la serie di chiavi dell'ambiente non è disponibile",
		EN: "the signature of PDND's reply cannot be verified now: the key set of the environment cannot be had",
	}
}

// textSettings names the reason, which holds neither address nor URL.
func textSettings(err error) modi.Text {
	reason := string(outbound.ReasonOf(err))
	return modi.Text{
		IT: "PDND non è raggiungibile con le impostazioni di rete configurate (" + reason + "): controllare egress.allowPrivate, rete.ca e rete.proxy",
		EN: "PDND cannot be reached with the network settings configured (" + reason + "): check egress.allowPrivate, rete.ca and rete.proxy",
	}
}
