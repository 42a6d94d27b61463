// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package cases

import (
	"strings"

	"github.com/snodo-pa/snodo/modi"
)

// SourceOf is the source of a rule of modi as the table writes sources, in the language
// of the texts that it cites: modi writes it in English.
func SourceOf(rule modi.Rule) string { return toItalian().Replace(rule.Source) }

// toItalian replaces the words of modi's sources, the longer ones first.
func toItalian() *strings.Replacer {
	return strings.NewReplacer(
		"pattern REST: step 1 of the provider", "pattern REST, erogatore passo 1",
		" step 1 of the provider", ", erogatore passo 1", " step 2 of the provider", ", erogatore passo 2", " step 3 of the provider", ", erogatore passo 3",
		" step 4 of the provider", ", erogatore passo 4", " step 6 of the provider", ", erogatore passo 6", " step 7 of the provider", ", erogatore passo 7",
		" step 8 of the provider", ", erogatore passo 8",
		"jti mandatory in *_02 and PDND tokens", "jti obbligatorio negli *_02 e nei token di PDND",
		"a signature is due only for a payload", "la firma è dovuta solo con un corpo",
		"claims agreed for the e-service", "claim concordati per l'e-service",
		"headers agreed for the e-service", "intestazioni concordate per l'e-service",
		"signed when present", "firmato se presente",
		"iss of the environment", "iss dell'ambiente",
		"iss is the address of the API", "iss è l'indirizzo dell'API",
		"equals the voucher's client_id", "uguale al client_id del voucher",
		"equals the voucher's", "uguale a quello del voucher",
		"equals the SHA-256 of the compact JWS", "uguale allo SHA-256 del JWS in forma compatta",
		"equals client_id", "uguale a client_id",
		"organisation code in subject OID", "codice dell'organizzazione nell'OID del soggetto",
		"DPoP proof of the token request", "prova DPoP della richiesta di token",
		"Agid-JWT-Signature of replies", "Agid-JWT-Signature delle risposte",
		"PDND key lookup", "PDND, ricerca delle chiavi", "PDND kid rule", "PDND, forma del kid",
		"with INTEGRITY_REST_01: one signer", "con INTEGRITY_REST_01: un solo firmatario",
		"dnonce of 13 digits", "dnonce di 13 cifre", "voucher digest", "digest del voucher",
		"3600 s at most for tokens made by a party", "3600 s al massimo per i token delle parti",
		" s at most", " s al massimo", "tolerance of 5 s", "tolleranza 5 s", "no tolerance", "nessuna tolleranza",
		"x5t#S256 or x5u", "x5t#S256 o x5u", "jti used once", "jti usato una volta", "certificates;", "certificati;",
		"mandatory", "obbligatorio", "optional", "facoltativo", " check ", " punto ",
	)
}
