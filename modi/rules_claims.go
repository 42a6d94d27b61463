// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package modi

func claimRows() []row {
	return append(timeRows(), identityRows()...)
}

func timeRows() []row {
	return []row{
		{
			fault:  FaultIssuedAtMissing,
			title:  Text{IT: "iat assente", EN: "iat missing"},
			remedy: Text{IT: "aggiungere iat", EN: "add iat"},
			source: "LG Interoperabilità: iat mandatory",
		},
		{
			fault:  FaultIssuedAtMalformed,
			title:  Text{IT: "iat non numerico", EN: "iat is not a number"},
			remedy: Text{IT: "scrivere iat come numero di secondi dal 1970", EN: "write iat as a number of seconds since 1970"},
			source: "RFC 7519 §2 NumericDate, §4.1.6",
		},
		{
			fault:  FaultIssuedInFuture,
			title:  Text{IT: "creato nel futuro", EN: "issued in the future"},
			remedy: Text{IT: "sincronizzare l'orologio; iat può anticipare al più 5 secondi", EN: "synchronise the clock; iat may lie 5 seconds ahead at most"},
			source: "LG Interoperabilità: iat; tolerance of 5 s",
		},
		{
			fault:  FaultExpiryMissing,
			title:  Text{IT: "exp assente", EN: "exp missing"},
			remedy: Text{IT: "aggiungere exp", EN: "add exp"},
			source: "LG Interoperabilità: exp mandatory",
		},
		{
			fault:  FaultExpiryMalformed,
			title:  Text{IT: "exp non numerico", EN: "exp is not a number"},
			remedy: Text{IT: "scrivere exp come numero di secondi dal 1970", EN: "write exp as a number of seconds since 1970"},
			source: "RFC 7519 §2 NumericDate, §4.1.4",
		},
		{
			fault:  FaultExpiryBeforeIssue,
			title:  Text{IT: "exp non successivo a iat", EN: "exp not after iat"},
			remedy: Text{IT: "porre exp dopo iat", EN: "set exp after iat"},
			source: "RFC 7519 §4.1.4, §4.1.6",
		},
		{
			fault:  FaultExpired,
			title:  Text{IT: "scaduto", EN: "expired"},
			remedy: Text{IT: "produrre un nuovo token", EN: "make a new token"},
			source: "RFC 7519 §4.1.4; no tolerance",
		},
	}
}

func partyTimeRows() []row {
	return []row{
		{
			fault:  FaultTooOld,
			title:  Text{IT: "creato da troppo tempo", EN: "issued too long ago"},
			remedy: Text{IT: "produrre il token al momento della chiamata", EN: "make the token when calling"},
			source: "LG Interoperabilità: iat; 300 s at most",
		},
		{
			fault:  FaultLifetimeTooLong,
			title:  Text{IT: "durata eccessiva", EN: "life too long"},
			remedy: Text{IT: "porre exp al più un'ora dopo iat", EN: "set exp one hour after iat at most"},
			source: "RFC 7519 §4.1.4; 3600 s at most for tokens made by a party",
		},
	}
}

func identityRows() []row {
	return []row{
		{
			fault:  FaultJTIMissing,
			title:  Text{IT: "jti assente", EN: "jti missing"},
			remedy: Text{IT: "aggiungere un jti diverso per ogni token", EN: "add a jti that differs for every token"},
			source: "LG Interoperabilità: jti mandatory in *_02 and PDND tokens",
		},
		{
			fault:  FaultJTIMalformed,
			title:  Text{IT: "jti di forma non valida", EN: "malformed jti"},
			remedy: Text{IT: "scrivere jti come stringa non vuota di al più 255 caratteri", EN: "write jti as a non-empty string of 255 characters at most"},
			source: "RFC 7519 §4.1.7",
		},
		{
			fault:  FaultAudienceMissing,
			title:  Text{IT: "aud assente", EN: "aud missing"},
			remedy: Text{IT: "aggiungere aud con l'identificativo del destinatario", EN: "add aud with the identifier of the recipient"},
			source: "LG Interoperabilità: aud mandatory",
		},
		{
			fault:  FaultAudienceMalformed,
			title:  Text{IT: "aud di forma non valida", EN: "malformed aud"},
			remedy: Text{IT: "scrivere aud come stringa o come lista non vuota di stringhe", EN: "write aud as a string or as a non-empty list of strings"},
			source: "RFC 7519 §4.1.3",
		},
		{
			fault:  FaultAudienceMismatch,
			title:  Text{IT: "aud di un altro destinatario", EN: "aud of another recipient"},
			remedy: Text{IT: "usare l'audience pubblicata per il servizio, carattere per carattere: ambiente, percorso, versione, barra finale", EN: "use the audience published for the service, character by character: environment, path, version, final slash"},
			source: "LG Interoperabilità: aud; RFC 7519 §4.1.3",
		},
	}
}
