// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"strings"
)

// told is what the judge and the checks say of a message, in both languages: they speak
// English, and the table has their phrases in Italian. Names and values are the same in
// both.
func told(text string) Text {
	text = clean(text)
	return Text{IT: italian(text), EN: text}
}

// italian is a phrase of the table; a * in it stands for what a message puts there. A text
// that is not in the table stays as it is.
func italian(text string) string {
	for _, one := range phrases() {
		before, after, open := strings.Cut(one[0], "*")
		switch {
		case !open && text == one[0]:
			return one[1]
		case open && len(text) >= len(before)+len(after) && strings.HasPrefix(text, before) && strings.HasSuffix(text, after):
			return strings.Replace(one[1], "*", text[len(before):len(text)-len(after)], 1)
		}
	}
	return text
}

// phrases are pairs of English and Italian; what is longer comes before what begins or
// ends like it.
func phrases() [][2]string {
	return append(messagePhrases(), conductPhrases()...)
}

// messagePhrases are of what the judge finds in a message.
func messagePhrases() [][2]string {
	return [][2]string{
		{"none", "assente"},
		{"several", "più d'uno"},
		{"one", "presente"},
		{"another", "un altro"},
		{"another key", "un'altra chiave"},
		{"another form", "un'altra forma"},
		{"another issuer", "un altro emittente"},
		{"another purpose", "un'altra finalità"},
		{"another address", "un altro indirizzo"},
		{"something else", "altro"},
		{"another *", "un altro valore di *"},
		{"absent", "assente"},
		{"a JWS in its compact form", "un JWS in forma compatta"},
		{"kid in the header", "kid nell'header"},
		{"43 characters of base64url", "43 caratteri base64url"},
		{"a kid that is published", "un kid pubblicato"},
		{"a kid that is not", "un kid non pubblicato"},
		{"a signature by a key that is known", "una firma con una chiave nota"},
		{"a key that is not known", "una chiave non nota"},
		{"RSA of 2048 bits or more, or the curve of the algorithm", "RSA di almeno 2048 bit, o la curva dell'algoritmo"},
		{"a signature that verifies", "una firma che si verifica"},
		{"one that does not", "una che non si verifica"},
		{"a signature by the key in jwk", "una firma con la chiave in jwk"},
		{"jwk with the members of a public key and no other", "jwk con i soli campi di una chiave pubblica"},
		{"x5c, x5t#S256 or x5u", "x5c, x5t#S256 o x5u"},
		{"a certificate in base64 of DER", "un certificato, DER in base64"},
		{"a certificate in its validity", "un certificato valido"},
		{"a text, or a list of texts, with something in it", "un testo, o un elenco di testi, non vuoto"},
		{"a text of 1 to 255 bytes", "un testo da 1 a 255 byte"},
		{"a form with client_assertion", "un form con client_assertion"},
		{"a voucher of the platform", "un voucher di PDND"},
		{"one of another key", "uno di un'altra chiave"},
		{"a voucher that is valid", "un voucher valido"},
		{"one that has expired", "uno scaduto"},
		{"a voucher", "un voucher"},
		{"no claim of another token", "nessun claim di un altro token"},
		{"no Digest without a body", "nessun Digest senza corpo"},
		{"the Digest of the request", "il Digest della richiesta"},
		{"SHA-256= and base64", "SHA-256= e base64"},
		{"the hash of the bytes of the body", "l'impronta dei byte del corpo"},
		{"in the voucher, the SHA-256 of this evidence in hex", "nel voucher, lo SHA-256 di questa evidenza in esadecimale"},
		{"a list of objects with one member: a name in lower case and a text", "un elenco di oggetti con un solo campo: un nome minuscolo e un testo"},
		{"every signed field in the message", "nel messaggio ogni intestazione firmata"},
		{"the values that were signed", "i valori firmati"},
		{"digest in the voucher", "digest nel voucher"},
		{"the client_id of the form", "il client_id del form"},
		{"alg SHA256 and value, 64 digits of lower case hex", "alg SHA256 e value, 64 cifre esadecimali minuscole"},
		{"alg SHA256 and value of 64 digits", "alg SHA256 e value di 64 cifre"},
		{"a UUID", "un UUID"},
		{"13 digits", "13 cifre"},
		{"the SHA-256 of the voucher", "lo SHA-256 del voucher"},
		{"the key that the voucher is bound to", "la chiave a cui il voucher è legato"},
		{"a jti that was not used before", "un jti mai usato prima"},
		{"one that was", "un jti già usato"},
		{"exp in the future", "exp nel futuro"},
		{"exp after iat", "exp dopo iat"},
		{"exp-iat of * s", "exp-iat di * s"},
		{"iat at most 5 s ahead", "iat avanti al massimo di 5 s"},
		{"nbf at most 5 s ahead", "nbf avanti al massimo di 5 s"},
		{"iat at most * old", "iat indietro al massimo di *"},
		{"* s ahead", "avanti di * s"},
		{"* s old", "vecchio di * s"},
		{"* s ago", "* s fa"},
		{"*, a number", "*, un numero"},
		{"*, a text", "*, un testo"},
		{"only *", "soltanto *"},
		{"one field *", "una sola intestazione *"},
		{"the field *", "l'intestazione *"},
		{"without *", "senza *"},
		{"until *", "fino al *"},
		{"* characters", "* caratteri"},
		{"* bytes", "* byte"},
	}
}

// conductPhrases are of answers, of what a consumer does and of documents.
func conductPhrases() [][2]string {
	return [][2]string{
		{"application/problem+json, an object with its status", "application/problem+json, un oggetto con il suo status"},
		{"Content-Type absent", "Content-Type assente"},
		{"a body that is not an object of JSON", "un corpo che non è un oggetto JSON"},
		{"neither type nor title", "né type né title"},
		{"status * of another answer in the body", "nel corpo lo status * di un'altra risposta"},
		{"nothing of the inside of the service", "nulla dell'interno del servizio"},
		{"the token of the request (*)", "il token della richiesta (*)"},
		{"no version", "nessuna versione"},
		{"no 5xx, but 503 with Retry-After", "nessun 5xx, se non 503 con Retry-After"},
		{"JSON with access_token, token_type and expires_in", "JSON con access_token, token_type ed expires_in"},
		{"exp-iat, from 60 to 86400", "exp-iat, da 60 a 86400"},
		{"cnf.jkt of the key of the proof, token_type DPoP", "cnf.jkt della chiave della prova, token_type DPoP"},
		{"the digest of the assertion", "il digest della client assertion"},
		{"an error within *", "un errore entro *"},
		{"still waiting", "ancora in attesa"},
		{"refused", "rifiutata"},
		{"accepted", "accettata"},
		{"no call, and an error", "nessuna chiamata, e un errore"},
		{"an error after at most * calls", "un errore dopo * chiamate al massimo"},
		{"an error", "un errore"},
		{"the redirect is not followed", "il rinvio non è seguito"},
		{"followed with tokens * times", "seguito con i token * volte"},
		{"no call for * s", "nessuna chiamata per * s"},
		{"a call after *", "una chiamata dopo *"},
		{"* calls, and accepted", "* chiamate, e accettata"},
		{"* calls", "* chiamate"},
		{"at most *", "al massimo *"},
		{"there are no keys", "non ci sono chiavi"},
		{"it is not a public RSA or EC key", "non è una chiave pubblica RSA o EC"},
		{"key * is not a public RSA or EC key with a kid", "la chiave * non è una chiave pubblica RSA o EC con un kid"},
		{"kid * is there twice", "il kid * c'è due volte"},
		{"a token alone needs one pattern", "un token da solo vuole un pattern solo (patterns)"},
		{"a token of * is judged with its message", "un token di * si giudica con il suo messaggio"},
		{"the consumer made no call", "il fruitore non ha fatto chiamate"},
		{"the consumer was still waiting when the time of the trigger ran out", "il fruitore aspettava ancora quando è finito il tempo del trigger (trigger.timeout)"},
		{"429: the service limits the requests", "429: il servizio limita le richieste (parallel: 1)"},
		{"PDND gave no voucher: *", "PDND non ha dato un voucher: *"},
		{"PDND gave no voucher", "PDND non ha dato un voucher"},
	}
}
