// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package problem

import (
	"net/http"

	"github.com/snodo-pa/snodo/modi"
)

// The treasury.
const (
	RuleTreasuryNone      modi.RuleID = "hub.tesoreria/none"
	RuleTreasuryFlow      modi.RuleID = "hub.tesoreria/flow"
	RuleTreasuryForm      modi.RuleID = "hub.tesoreria/form"
	RuleTreasurySignature modi.RuleID = "hub.tesoreria/signature"
	RuleTreasurySigner    modi.RuleID = "hub.tesoreria/signer"
	RuleTreasurySame      modi.RuleID = "hub.tesoreria/same-person"
	RuleTreasuryChanged   modi.RuleID = "hub.tesoreria/changed"
	RuleTreasuryKey       modi.RuleID = "hub.tesoreria/file-key"
	RuleTreasuryRemote    modi.RuleID = "hub.tesoreria/remote"
	RuleTreasuryOTP       modi.RuleID = "hub.tesoreria/otp"
	RuleTreasuryOperator  modi.RuleID = "hub.tesoreria/operator"
	RuleTreasuryUsed      modi.RuleID = "hub.tesoreria/identifier-used"
	RuleTreasuryUnknown   modi.RuleID = "hub.tesoreria/unknown"
	RuleTreasuryState     modi.RuleID = "hub.tesoreria/state"
	RuleTreasuryDays      modi.RuleID = "hub.tesoreria/days"
)

const (
	sourceTreasury  = "AgID, Regole tecniche OPI; Banca d'Italia, SIOPE+"
	sourceSignature = "AgID, Regole tecniche OPI: firma del flusso; decisione 0040"
)

// treasuryRows are the rules of the treasury.
func treasuryRows() []Row {
	return append(signatureRows(), []Row{
		{
			Rule: RuleTreasuryNone, Status: http.StatusNotFound, Source: sourceTreasury,
			Title: modi.Text{IT: "L'ente o l'applicazione non ha una tesoreria", EN: "The ente or the application has no treasury"},
			Remedy: modi.Text{
				IT: "Configurare tesoreria in ente.yaml ed elencare l'applicazione in tesoreria.applicazioni.",
				EN: "Configure tesoreria in ente.yaml and list the application in tesoreria.applicazioni.",
			},
		},
		{
			Rule: RuleTreasuryFlow, Status: http.StatusUnprocessableEntity, Source: sourceTreasury,
			Title: modi.Text{IT: "Il flusso ha errori", EN: "The flow has faults"},
			Remedy: modi.Text{
				IT: "Correggere ogni punto indicato e ripresentare il flusso: nulla è stato inviato. «snodo tesoreria validate» dà lo stesso elenco.",
				EN: "Mend every place named and submit the flow again: nothing was sent. `snodo tesoreria validate` gives the same list.",
			},
		},
		{
			Rule: RuleTreasuryForm, Status: http.StatusUnsupportedMediaType, Source: sourceTreasury,
			Title: modi.Text{IT: "Forma del flusso non prevista", EN: "Unknown form of flow"},
			Remedy: modi.Text{
				IT: "Usare Content-Type application/xml, application/json, text/csv, o application/pkcs7-mime per un p7m che contiene un flusso a sua volta firmato: SIOPE+ vuole la firma dentro l'XML, un p7m non si invia.",
				EN: "Use Content-Type application/xml, application/json, text/csv, or application/pkcs7-mime for a p7m around a flow that is signed itself: SIOPE+ wants the signature inside the XML, a p7m is not sent.",
			},
		},
		{
			Rule: RuleTreasuryUsed, Status: http.StatusConflict, Source: "Banca d'Italia, codice 101",
			Title: modi.Text{IT: "Identificativo di flusso già usato", EN: "Flow identifier used already"},
			Remedy: modi.Text{
				IT: "Ogni flusso di un esercizio ha un identificativo proprio, anche dopo un rifiuto: darne uno nuovo.",
				EN: "Every flow of a year has an identifier of its own, also after a refusal: give a new one.",
			},
		},
		{
			Rule: RuleTreasuryUnknown, Status: http.StatusNotFound, Source: sourceTreasury,
			Title:  modi.Text{IT: "Nessun flusso o ordinativo con questo nome", EN: "No flow or order of this name"},
			Remedy: modi.Text{IT: "Controllare esercizio, identificativo o numero.", EN: "Check year, identifier or number."},
		},
		{
			Rule: RuleTreasuryState, Status: http.StatusConflict, Source: sourceTreasury,
			Title:  modi.Text{IT: "Lo stato del flusso non lo ammette", EN: "The state of the flow does not admit it"},
			Remedy: modi.Text{IT: "Leggere lo stato del flusso: una firma serve solo finché è preparato o in firma.", EN: "Read the state of the flow: a signature is of use while it is prepared or being signed."},
		},
		{
			Rule: RuleTreasuryDays, Status: http.StatusBadRequest, Source: sourceHub,
			Title:  modi.Text{IT: "Periodo non leggibile", EN: "Period that cannot be read"},
			Remedy: modi.Text{IT: "Indicare dal e al come AAAA-MM-GG, al massimo due anni.", EN: "Give dal and al as YYYY-MM-DD, two years at most."},
		},
		{
			Rule: RuleTreasuryOperator, Status: http.StatusForbidden, Source: sourceHub,
			Title: modi.Text{IT: "Operatore mancante o non dell'ente", EN: "Operator missing or not of the ente"},
			Remedy: modi.Text{
				IT: "Indicare in Snodo-Operatore chi prepara il flusso, tra gli operatori elencati in ente.yaml: per la tesoreria non bastano quelli dichiarati da un'applicazione.",
				EN: "Name in Snodo-Operatore who prepares the flow, one of the operatori listed in ente.yaml: those that an application declares will not do for the treasury.",
			},
		},
	}...)
}

// signatureRows are those about who signs.
func signatureRows() []Row {
	return []Row{
		{
			Rule: RuleTreasurySignature, Status: http.StatusUnprocessableEntity, Source: sourceSignature,
			Title: modi.Text{IT: "La firma del flusso non è valida", EN: "The signature of the flow is not valid"},
			Remedy: modi.Text{
				IT: "Firmare di nuovo il documento come è stato preparato, con il certificato di una CA elencata in tesoreria.firmatariCA.",
				EN: "Sign the document again as it was prepared, with a certificate of a CA listed in tesoreria.firmatariCA.",
			},
		},
		{
			Rule: RuleTreasurySigner, Status: http.StatusForbidden, Source: sourceSignature,
			Title: modi.Text{IT: "Chi ha firmato non è tra i firmatari dell'ente", EN: "Who signed is not one of the ente's signatories"},
			Remedy: modi.Text{
				IT: "Far firmare a una persona elencata in tesoreria.firmatari.", EN: "Have it signed by a person listed in tesoreria.firmatari.",
			},
		},
		{
			Rule: RuleTreasurySame, Status: http.StatusForbidden, Source: sourceSignature,
			Title: modi.Text{IT: "Chi prepara e chi firma sono la stessa persona", EN: "Who prepares and who signs are the same person"},
			Remedy: modi.Text{
				IT: "Far preparare o firmare il flusso a un'altra persona.", EN: "Have the flow prepared or signed by somebody else.",
			},
		},
		{
			Rule: RuleTreasuryChanged, Status: http.StatusUnprocessableEntity, Source: sourceSignature,
			Title: modi.Text{IT: "Il documento firmato non è quello preparato", EN: "The signed document is not the one that was prepared"},
			Remedy: modi.Text{
				IT: "Firmare il documento scaricato senza cambiarlo.", EN: "Sign the document that was handed out without changing it.",
			},
		},
		{
			Rule: RuleTreasuryKey, Status: http.StatusForbidden, Source: sourceSignature,
			Title: modi.Text{IT: "Nessuna chiave in file firma ordinativi fuori dall'ambiente locale", EN: "No key in a file signs orders outside environment locale"},
			Remedy: modi.Text{
				IT: "Scaricare il flusso, farlo firmare al firmatario con il proprio dispositivo e caricarlo.",
				EN: "Download the flow, have the signatory sign it with their own device and upload it.",
			},
		},
		{
			Rule: RuleTreasuryOTP, Status: http.StatusUnprocessableEntity, Source: sourceSignature,
			Title: modi.Text{IT: "Il fornitore di firma remota non ha firmato", EN: "The provider of remote signatures has not signed"},
			Remedy: modi.Text{
				IT: "Chiedere una nuova OTP per questo flusso e riprovare: quella data è errata, scaduta o già usata, o il firmatario non è abilitato presso il fornitore.",
				EN: "Ask for a new one-time password for this flow and try again: the one given is wrong, too old or spent, or the provider does not know the signatory.",
			},
		},
		{
			Rule: RuleTreasuryRemote, Status: http.StatusUnprocessableEntity, Source: sourceSignature,
			Title: modi.Text{IT: "Nessun fornitore di firma remota", EN: "No provider of remote signatures"},
			Remedy: modi.Text{
				IT: "Questo Snodo non ha un fornitore di firma remota: caricare il documento firmato.",
				EN: "This hub has no provider of remote signatures: upload the signed document.",
			},
		},
	}
}
