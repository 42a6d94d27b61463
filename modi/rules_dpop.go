// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package modi

import "slices"

func dpopRules() []Rule {
	return dpopInfo().rules(slices.Concat(dpopTokenRows(), dpopClaimRows(), dpopBindingRows()))
}

// dpopTokenRows are the shared rows that a proof has too: it names no audience and never
// expires, so it cannot take the groups of the other tokens.
func dpopTokenRows() []row {
	wanted := []Fault{
		FaultIssuedAtMissing, FaultIssuedAtMalformed, FaultIssuedInFuture, FaultJTIMissing, FaultJTIMalformed,
	}
	var out []row
	for _, r := range slices.Concat(presenceRows(), claimRows()) {
		if r.fault == FaultTokenMissing || r.fault == FaultTokenRepeated || slices.Contains(wanted, r.fault) {
			out = append(out, r)
		}
	}
	return append(out, row{
		fault:  FaultTooOld,
		title:  Text{IT: "creata da troppo tempo", EN: "issued too long ago"},
		remedy: Text{IT: "produrre una prova nuova per ogni chiamata", EN: "make a new proof for every call"},
		source: "RFC 9449 §4.3 check 11, §11.1; 60 s at most",
	}, row{
		fault:  FaultReplayed,
		title:  Text{IT: "già utilizzata", EN: "already used"},
		remedy: Text{IT: "produrre una prova con un jti nuovo per ogni chiamata, anche nei nuovi tentativi", EN: "make a proof with a new jti for every call, retries included"},
		source: "RFC 9449 §11.1",
	})
}

func dpopClaimRows() []row {
	return []row{
		{
			fault:  FaultMethodMissing,
			title:  Text{IT: "htm assente", EN: "htm missing"},
			remedy: Text{IT: "aggiungere htm con il metodo HTTP", EN: "add htm with the HTTP method"},
			source: "RFC 9449 §4.2",
		},
		{
			fault:  FaultMethodMismatch,
			title:  Text{IT: "htm di un altro metodo", EN: "htm of another method"},
			remedy: Text{IT: "scrivere in htm il metodo della richiesta", EN: "write in htm the method of the request"},
			source: "RFC 9449 §4.3 check 8",
		},
		{
			fault:  FaultURLMissing,
			title:  Text{IT: "htu assente", EN: "htu missing"},
			remedy: Text{IT: "aggiungere htu con l'indirizzo della richiesta senza query e frammento", EN: "add htu with the address of the request without query and fragment"},
			source: "RFC 9449 §4.2",
		},
		{
			fault:  FaultURLMalformed,
			title:  Text{IT: "htu di forma non valida", EN: "malformed htu"},
			remedy: Text{IT: "scrivere in htu un indirizzo http o https assoluto", EN: "write in htu an absolute http or https address"},
			source: "RFC 9449 §4.2",
		},
		{
			fault:  FaultURLMismatch,
			title:  Text{IT: "htu di un altro indirizzo", EN: "htu of another address"},
			remedy: Text{IT: "scrivere in htu l'indirizzo pubblico chiamato, senza query e frammento", EN: "write in htu the public address that is called, without query and fragment"},
			source: "RFC 9449 §4.3 check 9",
		},
		{
			fault:  FaultClaimNotAllowed,
			title:  Text{IT: "claim non ammesso", EN: "claim not allowed"},
			remedy: Text{IT: "al token endpoint inviare solo htm, htu, iat, jti", EN: "at the token endpoint send only htm, htu, iat, jti"},
			source: "PDND: DPoP proof of the token request",
		},
	}
}

func dpopBindingRows() []row {
	return []row{
		{
			fault:  FaultTokenHashMissing,
			title:  Text{IT: "ath assente", EN: "ath missing"},
			remedy: Text{IT: "aggiungere ath: base64url dello SHA-256 del voucher inviato", EN: "add ath: base64url of the SHA-256 of the voucher sent"},
			source: "RFC 9449 §4.2, §7",
		},
		{
			fault:  FaultTokenHashMismatch,
			title:  Text{IT: "ath di un altro voucher", EN: "ath of another voucher"},
			remedy: Text{IT: "calcolare ath sul voucher inviato, in base64url senza riempimento e non in esadecimale", EN: "compute ath over the voucher sent, in base64url without padding and not in hexadecimal"},
			source: "RFC 9449 §4.3 check 12",
		},
		{
			fault:  FaultKeyMismatch,
			title:  Text{IT: "chiave diversa da quella del voucher", EN: "key is not the voucher's"},
			remedy: Text{IT: "firmare la prova con la chiave usata per chiedere il voucher (cnf.jkt)", EN: "sign the proof with the key used to ask for the voucher (cnf.jkt)"},
			source: "RFC 9449 §4.3 check 12, §6.1",
		},
		{
			fault:  FaultVoucherNotBound,
			title:  Text{IT: "voucher non legato a una chiave", EN: "voucher not bound to a key"},
			remedy: Text{IT: "chiedere il voucher con una prova DPoP, o inviarlo con lo schema Bearer", EN: "ask for the voucher with a DPoP proof, or send it with the scheme Bearer"},
			source: "RFC 9449 §7.1",
		},
		{
			fault:  FaultSchemeNotAllowed,
			title:  Text{IT: "schema di autorizzazione non ammesso", EN: "authorization scheme not allowed"},
			remedy: Text{IT: "inviare Authorization: DPoP seguito dal voucher", EN: "send Authorization: DPoP followed by the voucher"},
			source: "RFC 9449 §7.1",
		},
	}
}
