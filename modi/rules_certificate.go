// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package modi

// referenceRows are about how a token names its certificate.
func referenceRows() []row {
	const source = "ID_AUTH_REST_01, INTEGRITY_REST_01: x5c, x5t#S256 or x5u"
	return []row{
		{
			fault:  FaultCertificateMissing,
			title:  Text{IT: "nessun riferimento al certificato", EN: "no reference to a certificate"},
			remedy: Text{IT: "indicare nell'intestazione JOSE il certificato di firma con x5c, x5t#S256 o x5u, come vuole il servizio", EN: "name the signing certificate in the JOSE header by x5c, x5t#S256 or x5u, as the service wants"},
			source: source,
		},
		{
			fault:  FaultCertificateMalformed,
			title:  Text{IT: "riferimento al certificato di forma non valida", EN: "malformed reference to a certificate"},
			remedy: Text{IT: "x5c: lista non vuota di certificati DER in base64 standard su una riga; x5t#S256: 43 caratteri base64url; x5u: indirizzo https", EN: "x5c: a non-empty list of DER certificates in standard base64 on one line; x5t#S256: 43 base64url characters; x5u: an https address"},
			source: "RFC 7515 §4.1.5, §4.1.6, §4.1.8",
		},
		{
			fault:  FaultReferenceNotAllowed,
			title:  Text{IT: "riferimento al certificato non previsto", EN: "reference to a certificate of a kind not provided for"},
			remedy: Text{IT: "usare il riferimento che il servizio prevede", EN: "use the kind of reference that the service provides for"},
			source: source,
		},
		{
			fault:  FaultReferencesDisagree,
			title:  Text{IT: "riferimenti a certificati diversi", EN: "references to different certificates"},
			remedy: Text{IT: "calcolare x5t#S256 sul primo certificato di x5c, o inviarne uno solo", EN: "compute x5t#S256 over the first certificate of x5c, or send only one of them"},
			source: "RFC 7515 §4.1.6, §4.1.8",
		},
		{
			fault:  FaultX5UNotAllowed,
			title:  Text{IT: "x5u di un indirizzo non ammesso", EN: "x5u of an address that is not allowed"},
			remedy: Text{IT: "pubblicare il certificato su un host concordato con l'erogatore", EN: "publish the certificate on a host agreed with the producer"},
			source: "RFC 8725 §3.10",
		},
	}
}

// certificateRows are about the certificate itself.
func certificateRows() []row {
	const source = "LG Interoperabilità: certificates; RFC 5280 §6"
	return []row{
		{
			fault:  FaultCertificateUnknown,
			title:  Text{IT: "certificato sconosciuto", EN: "unknown certificate"},
			remedy: Text{IT: "consegnare il certificato all'erogatore prima di usarne l'impronta", EN: "hand the certificate to the producer before using its thumbprint"},
			source: "RFC 7515 §4.1.8",
		},
		{
			fault:  FaultCertificateUntrusted,
			title:  Text{IT: "certificato non verificabile rispetto alle CA riconosciute", EN: "certificate without a chain to a recognised CA"},
			remedy: Text{IT: "usare un certificato di una CA riconosciuta e inviare anche gli intermedi", EN: "use a certificate of a recognised CA and send its intermediates too"},
			source: source,
		},
		{
			fault:  FaultCertificateExpired,
			title:  Text{IT: "certificato scaduto", EN: "expired certificate"},
			remedy: Text{IT: "rinnovare il certificato", EN: "renew the certificate"},
			source: source,
		},
		{
			fault:  FaultCertificateNotYetValid,
			title:  Text{IT: "certificato non ancora valido", EN: "certificate not valid yet"},
			remedy: Text{IT: "attendere l'inizio della validità, o verificare l'orologio", EN: "wait for the validity to begin, or check the clock"},
			source: source,
		},
		{
			fault:  FaultCertificateRevoked,
			title:  Text{IT: "certificato revocato", EN: "revoked certificate"},
			remedy: Text{IT: "chiedere un nuovo certificato alla CA", EN: "ask the CA for a new certificate"},
			source: "RFC 5280 §6.3, RFC 6960",
		},
		{
			fault:  FaultCertificateUnsuitable,
			title:  Text{IT: "certificato non adatto alla firma", EN: "certificate not fit for signing"},
			remedy: Text{IT: "usare un certificato di sigillo con digitalSignature, non quello di una CA", EN: "use a seal certificate with digitalSignature, not that of a CA"},
			source: "RFC 5280 §4.2.1.3, §4.2.1.9",
		},
	}
}

// idAuthRules are those that the token of the sender has for itself.
func idAuthRules() []Rule {
	return idAuthInfo().rules([]row{
		{
			fault:  FaultSchemeNotAllowed,
			title:  Text{IT: "schema di autorizzazione non ammesso", EN: "authorization scheme not allowed"},
			remedy: Text{IT: "inviare Authorization: Bearer seguito dal token", EN: "send Authorization: Bearer followed by the token"},
			source: "ID_AUTH_REST_01 step 1 of the provider, RFC 6750 §2.1",
		},
		{
			fault:  FaultReplayed,
			class:  Conflict,
			title:  Text{IT: "già utilizzato", EN: "already used"},
			remedy: Text{IT: "firmare ogni messaggio con un jti nuovo, anche nei nuovi tentativi", EN: "sign every message with a new jti, retries included"},
			source: "ID_AUTH_REST_02: jti used once",
		},
		{
			fault:  FaultClaimNotAllowed,
			title:  Text{IT: "claim di un altro token", EN: "claim of another token"},
			remedy: Text{IT: "firmare per Authorization un token proprio, senza signed_headers", EN: "sign a token of its own for Authorization, without signed_headers"},
			source: "RFC 8725 §3.12",
		},
	})
}

// replyRows are the rules of INTEGRITY_REST_* on what a reply says of its request, and
// on how a message's proofs go together.
func replyRows() []row {
	return []row{
		{
			fault:  FaultHeaderNotSigned,
			title:  Text{IT: "intestazione richiesta dal servizio non firmata", EN: "header that the service wants is not signed"},
			remedy: Text{IT: "aggiungere a signed_headers le intestazioni che il servizio elenca", EN: "add to signed_headers the headers that the service lists"},
			source: "INTEGRITY_REST_01/02: headers agreed for the e-service",
		},
		{
			fault:  FaultRequestDigestMissing,
			title:  Text{IT: "request_digest assente", EN: "request_digest missing"},
			remedy: Text{IT: "riportare in request_digest il valore dell'intestazione Digest della richiesta", EN: "repeat in request_digest the value of the request's Digest header"},
			source: "PROFILE_NON_REPUDIATION_01",
		},
		{
			fault:  FaultRequestDigestMismatch,
			title:  Text{IT: "request_digest di un'altra richiesta", EN: "request_digest of another request"},
			remedy: Text{IT: "riportare in request_digest il Digest della richiesta a cui si risponde, carattere per carattere", EN: "repeat in request_digest the Digest of the request being answered, character by character"},
			source: "PROFILE_NON_REPUDIATION_01",
		},
		{
			fault:  FaultSignerMismatch,
			title:  Text{IT: "Authorization e Agid-JWT-Signature firmati con chiavi diverse", EN: "Authorization and Agid-JWT-Signature signed by different keys"},
			remedy: Text{IT: "firmare i due token dello stesso messaggio con lo stesso certificato", EN: "sign both tokens of a message with the same certificate"},
			source: "ID_AUTH_REST_* with INTEGRITY_REST_01: one signer",
		},
		{
			fault:  FaultClaimNotAllowed,
			title:  Text{IT: "claim non previsto", EN: "claim not provided for"},
			remedy: Text{IT: "le risposte dell'API PDND v3 non hanno aud, sub, nbf", EN: "replies of the PDND API v3 have no aud, sub, nbf"},
			source: "PDND API v3: Agid-JWT-Signature of replies",
		},
		{
			fault:  FaultIssuerMissing,
			title:  Text{IT: "iss assente", EN: "iss missing"},
			remedy: Text{IT: "aggiungere iss", EN: "add iss"},
			source: "PDND API v3: Agid-JWT-Signature of replies",
		},
		{
			fault:  FaultIssuerMismatch,
			title:  Text{IT: "iss diverso dall'atteso", EN: "unexpected iss"},
			remedy: Text{IT: "verificare l'ambiente PDND", EN: "check the PDND environment"},
			source: "PDND API v3: iss is the address of the API",
		},
	}
}

// agreedRows are about claims that the parties agreed on.
func agreedRows() []row {
	return []row{
		{
			fault:  FaultClaimMissing,
			title:  Text{IT: "claim concordato assente", EN: "agreed claim missing"},
			remedy: Text{IT: "aggiungere i claim che il servizio richiede", EN: "add the claims that the service requires"},
			source: "AUDIT_REST_01/02: claims agreed for the e-service",
		},
		{
			fault:  FaultClaimInvalid,
			title:  Text{IT: "claim concordato di forma non valida", EN: "malformed agreed claim"},
			remedy: Text{IT: "scrivere il claim nella forma che il servizio richiede", EN: "write the claim in the form that the service requires"},
			source: "AUDIT_REST_01/02: claims agreed for the e-service",
		},
	}
}
