// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package hint guesses, of a value that a verifier has just refused, what probably went
// wrong: an audience that differs by a slash, a Digest of the JSON before it was written
// again, a clock that runs ahead.
//
// It is asked only after a fault was found, so it may take its time, within bounds. A hint
// is for people and decides nothing; it never holds a token, a key or part of a body. The
// package depends on modi alone and does no I/O. All functions return the zero Text when
// nothing fits and are safe for concurrent use.
package hint

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/uuid"
)

func text(it, en string) modi.Text { return modi.Text{IT: it, EN: en} }

// Skew explains a time of a token that lies wrong by d: positive ahead of our clock, where a
// token cannot come from by being old, negative behind it.
func Skew(d time.Duration) modi.Text {
	size := d.Abs().Round(time.Second)
	zone := false
	for _, z := range []time.Duration{time.Hour, 2 * time.Hour} {
		zone = zone || (size-z).Abs() <= 2*time.Minute
	}
	switch {
	case d >= 0 && zone:
		return text(
			fmt.Sprintf("%s avanti: forse è l'ora locale scritta come UTC", size),
			fmt.Sprintf("%s ahead: maybe local time written as UTC", size),
		)
	case d >= 0:
		return text(
			fmt.Sprintf("%s avanti sul nostro orologio: quello di chi firma corre, o il nostro è indietro", size),
			fmt.Sprintf("%s ahead of our clock: the signer's runs ahead, or ours is behind", size),
		)
	case zone:
		return text(
			fmt.Sprintf("%s indietro: forse all'ora locale è stato tolto due volte il fuso, oppure il token è stato riutilizzato", size),
			fmt.Sprintf("%s behind: maybe the zone was taken from local time twice, or the token was used again", size),
		)
	default:
		return text(
			fmt.Sprintf("%s indietro sul nostro orologio: il token è stato riutilizzato o trattenuto, oppure l'orologio di chi firma è indietro", size),
			fmt.Sprintf("%s behind our clock: the token was used again or held back, or the signer's clock is behind", size),
		)
	}
}

// Date explains a claim that should be a NumericDate and is not.
func Date(raw json.RawMessage) modi.Text {
	s := strings.Trim(string(raw), `"`)
	quoted := len(raw) > 0 && raw[0] == '"'
	_, err := time.Parse(time.RFC3339, s)
	switch {
	case allDigits(s) && len(s) == 13:
		return text("sembrano millisecondi: vanno scritti i secondi", "these look like milliseconds: write seconds")
	case quoted && allDigits(s):
		return text("il numero è tra virgolette: va scritto senza", "the number is in quotes: write it without")
	case quoted && err == nil:
		return text("è una data in testo: va scritto il numero di secondi dal 1970", "this is a date in words: write the number of seconds since 1970")
	default:
		return modi.Text{}
	}
}

func allDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// PlatformKID explains a kid that is not of PDND's own keys.
func PlatformKID(kid string) modi.Text {
	if len(kid) != 43 {
		return modi.Text{}
	}
	return text(
		"il kid ha la forma di quello di un aderente: questo token lo firma PDND, con una chiave del suo JWKS",
		"the kid has the form of a party's: this token is signed by PDND, with a key of its JWKS",
	)
}

// KID explains a kid that is not the thumbprint of a party's key.
func KID(kid string) modi.Text {
	switch {
	case uuid.Valid(kid):
		return text(
			"un kid in forma di UUID è quello con cui PDND firma i voucher, o l'id del client: qui va il kid della propria chiave, mostrato da PDND (43 caratteri)",
			"a kid that is a UUID is the one by which PDND signs vouchers, or the client's id: here goes the kid of your own key, as PDND shows it (43 characters)",
		)
	case strings.HasSuffix(kid, "=") || strings.ContainsAny(kid, "+/"):
		return text(
			"il kid è in base64 standard: PDND lo mostra in base64url senza riempimento",
			"the kid is in standard base64: PDND shows it in base64url without padding",
		)
	case len(kid) == 64 && allHex(kid):
		return text(
			"il kid è in esadecimale: PDND lo mostra in base64url, 43 caratteri",
			"the kid is in hexadecimal: PDND shows it in base64url, 43 characters",
		)
	default:
		return modi.Text{}
	}
}

func allHex(s string) bool { return s != "" && strings.Trim(s, "0123456789abcdefABCDEF") == "" }

// Claim explains a claim that is missing where one of almost the same name is there, such
// as loa for LoA.
func Claim(names []string, want string) modi.Text {
	for _, name := range names {
		if name != want && strings.EqualFold(squeeze(name), squeeze(want)) {
			return text(
				fmt.Sprintf("c'è %q: il nome del claim è %s, maiuscole comprese", name, want),
				fmt.Sprintf("there is %q: the claim's name is %s, capitals included", name, want),
			)
		}
	}
	return modi.Text{}
}

func squeeze(s string) string { return strings.NewReplacer("_", "", "-", "").Replace(s) }

// ContentType explains a Content-Type that differs from the signed one.
func ContentType(signed, got string) modi.Text {
	kind := func(s string) string {
		base, _, _ := strings.Cut(s, ";")
		return strings.ToLower(strings.TrimSpace(base))
	}
	charset := func(s string) bool { return strings.Contains(strings.ToLower(s), "charset=") }
	switch {
	case kind(signed) != kind(got):
		return modi.Text{}
	case charset(got) && !charset(signed):
		return text("charset è stato aggiunto dopo la firma", "charset was added after signing")
	case charset(signed) && !charset(got):
		return text("charset è stato tolto dopo la firma", "charset was removed after signing")
	default:
		return text("i parametri del tipo sono cambiati dopo la firma", "the parameters of the type changed after signing")
	}
}
