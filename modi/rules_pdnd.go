// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package modi

func assertionRules() []Rule {
	return assertionInfo().rules(append([]row{
		{
			fault:  FaultKIDMismatch,
			title:  Text{IT: "kid di un'altra chiave", EN: "kid of another key"},
			remedy: Text{IT: "usare come kid l'impronta RFC 7638 della chiave pubblica che firma", EN: "use as kid the RFC 7638 thumbprint of the signing public key"},
			source: "PDND kid rule, RFC 7638",
		},
		{
			fault:  FaultClaimNotAllowed,
			title:  Text{IT: "claim non ammesso", EN: "claim not allowed"},
			remedy: Text{IT: "inviare solo iss, sub, aud, jti, iat, exp, purposeId, digest; mai nbf", EN: "send only iss, sub, aud, jti, iat, exp, purposeId, digest; never nbf"},
			source: "PDND client assertion 0032",
		},
		{
			fault:  FaultDigestMalformed,
			title:  Text{IT: "digest di forma non valida", EN: "malformed digest"},
			remedy: Text{IT: "scrivere digest come oggetto con i soli alg = SHA256 e value = 64 cifre esadecimali minuscole", EN: "write digest as an object with only alg = SHA256 and value = 64 lowercase hexadecimal digits"},
			source: "PDND client assertion 0025, 0026, 0027",
		},
		{
			fault:  FaultPurposeNotAllowed,
			title:  Text{IT: "purposeId non ammesso per un client API", EN: "purposeId not allowed for an API client"},
			remedy: Text{IT: "togliere purposeId: un client API non ha finalità", EN: "remove purposeId: an API client has no purpose"},
			source: "PDND key lookup CLIENTKID#clientId#kid",
		},
		{
			fault:  FaultPurposeMalformed,
			title:  Text{IT: "purposeId non è un UUID", EN: "purposeId is not a UUID"},
			remedy: Text{IT: "usare l'identificativo della finalità mostrato da PDND", EN: "use the purpose identifier that PDND shows"},
			source: "PDND client assertion 0014",
		},
	}, append(subjectRows(), purposeRow("PDND client assertion 0030"))...))
}

func subjectRows() []row {
	return []row{
		{
			fault:  FaultIssuerMissing,
			title:  Text{IT: "iss assente", EN: "iss missing"},
			remedy: Text{IT: "aggiungere iss", EN: "add iss"},
			source: "PDND client assertion 0011, PDND voucher: iss",
		},
		{
			fault:  FaultIssuerMismatch,
			title:  Text{IT: "iss diverso dall'atteso", EN: "unexpected iss"},
			remedy: Text{IT: "verificare l'ambiente PDND (produzione, collaudo, attestazione) e il client", EN: "check the PDND environment (produzione, collaudo, attestazione) and the client"},
			source: "PDND voucher: iss of the environment; client assertion: iss equals client_id",
		},
		{
			fault:  FaultSubjectMissing,
			title:  Text{IT: "sub assente", EN: "sub missing"},
			remedy: Text{IT: "aggiungere sub con l'identificativo del client", EN: "add sub with the client identifier"},
			source: "PDND client assertion 0012, PDND voucher: sub",
		},
		{
			fault:  FaultSubjectMismatch,
			title:  Text{IT: "sub diverso dal client", EN: "sub is not the client"},
			remedy: Text{IT: "usare come sub l'identificativo del client", EN: "use the client identifier as sub"},
			source: "PDND client assertion 0013, 0024; PDND voucher: sub equals client_id",
		},
	}
}

func purposeRow(source string) row {
	return row{
		fault:  FaultPurposeMissing,
		title:  Text{IT: "purposeId assente", EN: "purposeId missing"},
		remedy: Text{IT: "indicare la finalità (purposeId) per cui si chiede il servizio", EN: "name the purpose (purposeId) for which the service is asked"},
		source: source,
	}
}

func voucherRules() []Rule {
	return voucherInfo().rules(append(voucherClaimRows(), append(subjectRows(), purposeRow("PDND voucher: purposeId"))...))
}

func voucherClaimRows() []row {
	other := func(fault Fault, claim, it, en string) row {
		return row{
			fault:  fault,
			title:  Text{IT: claim + " di " + it, EN: claim + " of " + en},
			remedy: Text{IT: "chiedere il voucher per questo servizio di questo erogatore", EN: "ask for a voucher for this e-service of this producer"},
			source: "PDND voucher: " + claim,
		}
	}
	return []row{
		{
			fault:  FaultSchemeNotAllowed,
			title:  Text{IT: "schema di autorizzazione non ammesso", EN: "authorization scheme not allowed"},
			remedy: Text{IT: "inviare Authorization: Bearer seguito dal voucher", EN: "send Authorization: Bearer followed by the voucher"},
			source: "RFC 6750 §2.1",
		},
		{
			fault:  FaultNotBeforeMissing,
			title:  Text{IT: "nbf assente", EN: "nbf missing"},
			remedy: Text{IT: "usare un voucher emesso da PDND", EN: "use a voucher issued by PDND"},
			source: "PDND voucher: nbf mandatory",
		},
		{
			fault:  FaultClientMissing,
			title:  Text{IT: "client_id assente", EN: "client_id missing"},
			remedy: Text{IT: "usare un voucher emesso da PDND", EN: "use a voucher issued by PDND"},
			source: "PDND voucher: client_id",
		},
		{
			fault:  FaultConsumerMissing,
			title:  Text{IT: "consumerId assente", EN: "consumerId missing"},
			remedy: Text{IT: "chiedere il voucher con un client di fruizione, non con un client API", EN: "ask for the voucher with a consumer client, not with an API client"},
			source: "PDND voucher: consumerId",
		},
		other(FaultProducerMismatch, "producerId", "un altro erogatore", "another producer"),
		other(FaultEserviceMismatch, "eserviceId", "un altro servizio", "another e-service"),
		other(FaultDescriptorMismatch, "descriptorId", "un'altra versione del servizio", "another version of the e-service"),
		{
			fault:  FaultDigestMalformed,
			title:  Text{IT: "digest di forma non valida", EN: "malformed digest"},
			remedy: Text{IT: "usare un voucher emesso da PDND", EN: "use a voucher issued by PDND"},
			source: "PDND voucher: digest",
		},
		{
			fault:  FaultConfirmationMalformed,
			title:  Text{IT: "cnf di forma non valida", EN: "malformed cnf"},
			remedy: Text{IT: "usare un voucher emesso da PDND", EN: "use a voucher issued by PDND"},
			source: "RFC 9449 §6.1",
		},
		{
			fault:  FaultDPoPRequired,
			title:  Text{IT: "legato a una chiave DPoP e inviato senza prova", EN: "bound to a DPoP key and sent without a proof"},
			remedy: Text{IT: "chiedere un voucher Bearer, oppure inviare la prova DPoP dove il servizio la prevede", EN: "ask for a Bearer voucher, or send the DPoP proof where the e-service provides for it"},
			source: "RFC 9449 §7.1",
		},
	}
}
