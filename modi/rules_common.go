// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package modi

func commonRules() []Rule {
	var out []Rule
	for _, a := range []areaInfo{
		assertionInfo(), voucherInfo(), dpopInfo(), idAuthInfo(), integrityInfo(), auditInfo(), provenanceInfo(),
	} {
		out = append(out, a.rules(shapeRows())...)
	}
	for _, a := range []areaInfo{assertionInfo(), voucherInfo(), integrityInfo(), auditInfo(), provenanceInfo()} {
		out = append(out, a.rules(kidRows())...)
	}
	for _, a := range []areaInfo{voucherInfo(), integrityInfo(), auditInfo()} {
		out = append(out, a.rules(keyRows())...)
	}
	for _, a := range []areaInfo{voucherInfo(), idAuthInfo(), integrityInfo(), auditInfo()} {
		out = append(out, a.rules(notBeforeRows())...)
		out = append(out, a.rules(presenceRows())...)
	}
	for _, a := range []areaInfo{assertionInfo(), voucherInfo(), idAuthInfo(), integrityInfo(), auditInfo()} {
		out = append(out, a.rules(claimRows())...)
	}
	for _, a := range []areaInfo{assertionInfo(), idAuthInfo(), integrityInfo(), auditInfo()} {
		out = append(out, a.rules(partyTimeRows())...)
	}
	for _, a := range []areaInfo{idAuthInfo(), integrityInfo(), auditInfo()} {
		out = append(out, a.rules(ownerRows())...)
		out = append(out, a.rules(referenceRows())...)
		out = append(out, a.rules(certificateRows())...)
	}
	return out
}

func shapeRows() []row {
	return []row{
		{
			fault:  FaultMalformed,
			title:  Text{IT: "forma non valida", EN: "malformed"},
			remedy: Text{IT: "inviare un JWS compatto: tre parti base64url senza riempimento, intestazione e contenuto oggetti JSON senza membri ripetuti, al più 16 KiB", EN: "send a compact JWS: three base64url parts without padding, header and payload JSON objects without repeated members, 16 KiB at most"},
			source: "RFC 7515 §5.2, RFC 8725 §2.4, RFC 7519 §7.2",
		},
		{
			fault:  FaultHeaderNotAllowed,
			title:  Text{IT: "membro dell'intestazione JOSE non ammesso", EN: "JOSE header member not allowed"},
			remedy: Text{IT: "togliere dall'intestazione JOSE i membri non previsti per questo token", EN: "remove from the JOSE header the members that this token does not provide for"},
			source: "RFC 7515 §4.1.11, RFC 8725 §3.10",
		},
		{
			fault:  FaultAlgorithmNotAllowed,
			title:  Text{IT: "algoritmo di firma non ammesso", EN: "signature algorithm not allowed"},
			remedy: Text{IT: "firmare con uno degli algoritmi ammessi per questo token", EN: "sign with one of the algorithms allowed for this token"},
			source: "RFC 8725 §3.1, LG Sicurezza dell'interoperabilità (algoritmi JWS)",
		},
		{
			fault:  FaultKeyUnsuitable,
			title:  Text{IT: "chiave non adatta all'algoritmo", EN: "key not fit for the algorithm"},
			remedy: Text{IT: "usare una chiave RSA da 2048 a 8192 bit per RS*, o la curva propria di ES*", EN: "use an RSA key of 2048 to 8192 bits for RS*, or the curve that belongs to ES*"},
			source: "RFC 7518 §3.3-3.4, RFC 8725 §3.2",
		},
		{
			fault:  FaultSignatureInvalid,
			title:  Text{IT: "firma non valida", EN: "invalid signature"},
			remedy: Text{IT: "firmare il token inviato con la chiave privata che corrisponde al kid o al certificato indicato", EN: "sign the token as sent with the private key that belongs to the kid or certificate it names"},
			source: "RFC 7515 §5.2",
		},
		{
			fault:  FaultTypeMismatch,
			title:  Text{IT: "typ non previsto", EN: "unexpected typ"},
			remedy: Text{IT: "usare il typ di questo token; un token di altro tipo non può farne le veci", EN: "use this token's own typ; a token of another kind cannot stand in for it"},
			source: "RFC 8725 §3.11",
		},
	}
}

func kidRows() []row {
	return []row{
		{
			fault:  FaultKIDMissing,
			title:  Text{IT: "kid assente", EN: "kid missing"},
			remedy: Text{IT: "indicare nell'intestazione JOSE il kid della chiave registrata", EN: "name the registered key by kid in the JOSE header"},
			source: "INTEGRITY_REST_02, AUDIT_REST_02, PDND client assertion: kid mandatory",
		},
		{
			fault:  FaultKIDMalformed,
			title:  Text{IT: "kid di forma non valida", EN: "malformed kid"},
			remedy: Text{IT: "usare il kid mostrato da PDND: 43 caratteri base64url", EN: "use the kid that PDND shows: 43 base64url characters"},
			source: "PDND kid rule, RFC 7638",
		},
	}
}

func keyRows() []row {
	return []row{{
		fault:  FaultKeyUnknown,
		title:  Text{IT: "chiave sconosciuta", EN: "unknown key"},
		remedy: Text{IT: "verificare che la chiave del kid sia registrata su PDND nello stesso ambiente", EN: "check that the key of the kid is registered on PDND in the same environment"},
		source: "PDND GET /keys/{kid}, GET /producerKeys/{kid}, JWKS",
	}}
}

func notBeforeRows() []row {
	return []row{
		{
			fault:  FaultNotBeforeInvalid,
			title:  Text{IT: "nbf non numerico", EN: "nbf is not a number"},
			remedy: Text{IT: "scrivere nbf come numero di secondi dal 1970", EN: "write nbf as a number of seconds since 1970"},
			source: "RFC 7519 §4.1.5",
		},
		{
			fault:  FaultNotYetValid,
			title:  Text{IT: "non ancora utilizzabile", EN: "not valid yet"},
			remedy: Text{IT: "sincronizzare l'orologio; nbf può anticipare al più 5 secondi", EN: "synchronise the clock; nbf may lie 5 seconds ahead at most"},
			source: "RFC 7519 §4.1.5",
		},
	}
}

func presenceRows() []row {
	return []row{
		{
			fault:  FaultTokenMissing,
			title:  Text{IT: "assente", EN: "missing"},
			remedy: Text{IT: "inviare l'intestazione HTTP richiesta dal servizio", EN: "send the HTTP header that the service requires"},
			source: "LG Interoperabilità, pattern REST: step 1 of the provider",
		},
		{
			fault:  FaultTokenRepeated,
			title:  Text{IT: "presente più volte", EN: "sent more than once"},
			remedy: Text{IT: "inviare l'intestazione HTTP una volta sola", EN: "send the HTTP header once only"},
			source: "LG Interoperabilità, pattern REST: step 1 of the provider",
		},
	}
}

func ownerRows() []row {
	return []row{{
		fault:  FaultOwnerMismatch,
		class:  Forbidden,
		title:  Text{IT: "chiave di un altro soggetto", EN: "key of another party"},
		remedy: Text{IT: "firmare con una chiave del client che ha chiesto il voucher, o con il certificato dell'organizzazione attesa", EN: "sign with a key of the client that asked for the voucher, or with the certificate of the organisation expected"},
		source: "PDND GET /keys/{kid}: clientId equals the voucher's client_id; LG Interoperabilità: organisation code in subject OID 2.5.4.97",
	}}
}
