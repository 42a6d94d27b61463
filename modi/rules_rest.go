// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package modi

import "slices"

func integrityRules() []Rule {
	return integrityInfo().rules(slices.Concat(digestRows(), signedHeaderRows(), replyRows()))
}

func digestRows() []row {
	return []row{
		{
			fault:  FaultDigestMissing,
			title:  Text{IT: "intestazione Digest assente", EN: "Digest header missing"},
			remedy: Text{IT: "inviare Digest con SHA-256= e il base64 dello hash, calcolato sui byte del corpo inviato", EN: "send Digest with SHA-256= and the base64 of the hash, computed over the bytes of the body sent"},
			source: "INTEGRITY_REST_01/02 step 2 of the provider, RFC 3230",
		},
		{
			fault:  FaultDigestRepeated,
			title:  Text{IT: "intestazione Digest presente più volte", EN: "Digest header sent more than once"},
			remedy: Text{IT: "inviare una sola intestazione Digest", EN: "send one Digest header only"},
			source: "INTEGRITY_REST_01/02 step 2 of the provider",
		},
		{
			fault:  FaultDigestMalformed,
			title:  Text{IT: "intestazione Digest di forma non valida", EN: "malformed Digest header"},
			remedy: Text{IT: "scrivere SHA-256=, SHA-384= o SHA-512= seguito dal base64 con riempimento", EN: "write SHA-256=, SHA-384= or SHA-512= followed by padded base64"},
			source: "INTEGRITY_REST_01/02 step 3 of the provider, RFC 3230, RFC 5843",
		},
		{
			fault:  FaultDigestMismatch,
			title:  Text{IT: "Digest diverso dal corpo ricevuto", EN: "Digest does not match the body received"},
			remedy: Text{IT: "calcolare il Digest sui byte effettivamente inviati, dopo la compressione e senza riscrivere il JSON", EN: "compute the Digest over the bytes actually sent, after compression and without rewriting the JSON"},
			source: "INTEGRITY_REST_01/02 step 4 of the provider",
		},
		{
			fault:  FaultDigestOnEmptyBody,
			title:  Text{IT: "Digest con corpo vuoto", EN: "Digest with an empty body"},
			remedy: Text{IT: "non inviare Digest senza corpo, o inviare il corpo", EN: "send no Digest without a body, or send the body"},
			source: "INTEGRITY_REST_01/02: a signature is due only for a payload (Allegato 2, §5.2.2)",
		},
		{
			fault:  FaultDigestNotSigned,
			title:  Text{IT: "digest non compreso in signed_headers", EN: "digest not among signed_headers"},
			remedy: Text{IT: "aggiungere {\"digest\": ...} a signed_headers", EN: "add {\"digest\": ...} to signed_headers"},
			source: "INTEGRITY_REST_01/02 step 7 of the provider",
		},
		{
			fault:  FaultReplayed,
			class:  Conflict,
			title:  Text{IT: "già utilizzato", EN: "already used"},
			remedy: Text{IT: "firmare ogni messaggio con un jti nuovo, anche nei nuovi tentativi", EN: "sign every message with a new jti, retries included"},
			source: "INTEGRITY_REST_01/02: jti used once",
		},
	}
}

func signedHeaderRows() []row {
	return []row{
		{
			fault:  FaultSignedHeadersMissing,
			title:  Text{IT: "signed_headers assente", EN: "signed_headers missing"},
			remedy: Text{IT: "aggiungere signed_headers", EN: "add signed_headers"},
			source: "INTEGRITY_REST_01/02 step 6 of the provider",
		},
		{
			fault:  FaultSignedHeadersMalformed,
			title:  Text{IT: "signed_headers di forma non valida", EN: "malformed signed_headers"},
			remedy: Text{IT: "scrivere una lista non vuota di oggetti con un solo membro: nome minuscolo e valore stringa", EN: "write a non-empty list of objects with a single member: lower-case name and string value"},
			source: "INTEGRITY_REST_01/02 step 6 of the provider",
		},
		{
			fault:  FaultSignedHeaderMissing,
			title:  Text{IT: "intestazione firmata assente dal messaggio", EN: "signed header absent from the message"},
			remedy: Text{IT: "inviare tutte le intestazioni elencate in signed_headers", EN: "send every header listed in signed_headers"},
			source: "INTEGRITY_REST_01/02 step 8 of the provider",
		},
		{
			fault:  FaultSignedHeaderCount,
			title:  Text{IT: "numero di valori diverso da quello firmato", EN: "number of values differs from what was signed"},
			remedy: Text{IT: "elencare in signed_headers un elemento per ogni valore, nello stesso ordine", EN: "list one element of signed_headers per value, in the same order"},
			source: "INTEGRITY_REST_01/02 step 8 of the provider",
		},
		{
			fault:  FaultSignedHeaderMismatch,
			title:  Text{IT: "valore diverso da quello firmato", EN: "value differs from what was signed"},
			remedy: Text{IT: "firmare i valori che escono davvero; nessun intermediario deve cambiarli", EN: "sign the values that really leave; nothing on the way may change them"},
			source: "INTEGRITY_REST_01/02 step 8 of the provider",
		},
		{
			fault:  FaultContentTypeNotSigned,
			title:  Text{IT: "Content-Type presente ma non firmato", EN: "Content-Type present but not signed"},
			remedy: Text{IT: "aggiungere content-type a signed_headers", EN: "add content-type to signed_headers"},
			source: "INTEGRITY_REST_01/02: content-type signed when present",
		},
		{
			fault:  FaultContentEncodingNotSigned,
			title:  Text{IT: "Content-Encoding presente ma non firmato", EN: "Content-Encoding present but not signed"},
			remedy: Text{IT: "aggiungere content-encoding a signed_headers", EN: "add content-encoding to signed_headers"},
			source: "INTEGRITY_REST_01/02: content-encoding signed when present",
		},
	}
}

func auditRules() []Rule {
	return auditInfo().rules(slices.Concat(evidenceRows(), bindingRows(), agreedRows()))
}

func evidenceRows() []row {
	missing := func(fault Fault, claim string) row {
		return row{
			fault:  fault,
			title:  Text{IT: claim + " assente o vuoto", EN: claim + " missing or empty"},
			remedy: Text{IT: "aggiungere " + claim + " come stringa non vuota", EN: "add " + claim + " as a non-empty string"},
			source: "AUDIT_REST_01/02: " + claim + " mandatory",
		}
	}
	return []row{
		missing(FaultUserIDMissing, "userID"),
		missing(FaultUserLocationMissing, "userLocation"),
		missing(FaultIssuerMissing, "iss"),
		missing(FaultPurposeMissing, "purposeId"),
		{
			fault:  FaultIssuerMismatch,
			title:  Text{IT: "iss diverso dal client del voucher", EN: "iss is not the voucher's client"},
			remedy: Text{IT: "usare come iss il client_id che ha chiesto il voucher", EN: "use as iss the client_id that asked for the voucher"},
			source: "AUDIT_REST_01/02: iss equals client_id",
		},
		{
			fault:  FaultPurposeMismatch,
			title:  Text{IT: "purposeId diverso da quello del voucher", EN: "purposeId differs from the voucher's"},
			remedy: Text{IT: "usare nella tracciatura la stessa finalità del voucher", EN: "use in the tracking evidence the purpose of the voucher"},
			source: "AUDIT_REST_01/02: purposeId equals the voucher's",
		},
		{
			fault:  FaultLoAMalformed,
			title:  Text{IT: "LoA di forma non valida", EN: "malformed LoA"},
			remedy: Text{IT: "scrivere LoA come stringa non vuota, o ometterlo", EN: "write LoA as a non-empty string, or leave it out"},
			source: "AUDIT_REST_01/02: LoA optional",
		},
		{
			fault:  FaultDnonceMissing,
			title:  Text{IT: "dnonce assente", EN: "dnonce missing"},
			remedy: Text{IT: "aggiungere dnonce: 13 cifre casuali", EN: "add dnonce: 13 random digits"},
			source: "AUDIT_REST_02: dnonce mandatory",
		},
		{
			fault:  FaultDnonceMalformed,
			title:  Text{IT: "dnonce di forma non valida", EN: "malformed dnonce"},
			remedy: Text{IT: "scrivere dnonce con 13 cifre, come numero o come stringa", EN: "write dnonce with 13 digits, as a number or as a string"},
			source: "AUDIT_REST_02: dnonce of 13 digits",
		},
	}
}

func bindingRows() []row {
	return []row{
		{
			fault:  FaultVoucherDigestMissing,
			title:  Text{IT: "il voucher non contiene digest", EN: "the voucher has no digest"},
			remedy: Text{IT: "chiedere il voucher con una client assertion che porta il digest di questa tracciatura", EN: "ask for the voucher with a client assertion that carries the digest of this tracking evidence"},
			source: "AUDIT_REST_02: voucher digest",
		},
		{
			fault:  FaultVoucherDigestMalformed,
			title:  Text{IT: "digest del voucher di forma non valida", EN: "malformed digest in the voucher"},
			remedy: Text{IT: "usare alg = SHA256 e value = 64 cifre esadecimali", EN: "use alg = SHA256 and value = 64 hexadecimal digits"},
			source: "AUDIT_REST_02: voucher digest.alg, digest.value",
		},
		{
			fault:  FaultDigestMismatch,
			title:  Text{IT: "voucher legato a un'altra tracciatura", EN: "voucher bound to another tracking evidence"},
			remedy: Text{IT: "inviare la stessa tracciatura il cui SHA-256 (del JWS compatto, esadecimale) è nel voucher", EN: "send the same tracking evidence whose SHA-256 (of the compact JWS, hexadecimal) is in the voucher"},
			source: "AUDIT_REST_02: digest.value equals the SHA-256 of the compact JWS",
		},
	}
}
