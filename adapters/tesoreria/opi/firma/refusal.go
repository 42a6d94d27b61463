// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package firma

import (
	"fmt"

	"github.com/snodo-pa/snodo/adapters/tesoreria/opi"
)

// Refusal is a signature that is not accepted. Its rule is one of Rules.
type Refusal struct {
	Rule string
	What opi.Text
}

// Error is the English text with the rule.
func (r *Refusal) Error() string { return r.In("en") }

// In tells the refusal: in English for "en", else in Italian.
func (r *Refusal) In(lang string) string { return r.What.In(lang) + " [" + r.Rule + "]" }

// refuse makes a refusal; both texts take the same arguments.
func refuse(rule, it, en string, args ...any) *Refusal {
	return &Refusal{Rule: "opi.signature/" + rule, What: opi.Text{IT: fmt.Sprintf(it, args...), EN: fmt.Sprintf(en, args...)}}
}

// Rules lists what a signature is refused for.
func Rules() []opi.Rule {
	rule := func(id, it, en string) opi.Rule {
		return opi.Rule{ID: "opi.signature/" + id, Title: opi.Text{IT: it, EN: en}}
	}
	return []opi.Rule{
		rule("unreadable", "documento firmato non leggibile", "signed document that cannot be read"),
		rule("missing", "firma mancante", "no signature"),
		rule("several", "più di una firma", "more than one signature"),
		rule("place", "firma fuori posto", "signature out of place"),
		rule("form", "forma di firma non ammessa", "form of signature not admitted"),
		rule("malformed", "firma malformata", "malformed signature"),
		rule("algorithm", "algoritmo non ammesso", "algorithm not admitted"),
		rule("key", "chiave non ammessa", "key not admitted"),
		rule("certificate", "certificato del firmatario assente o ambiguo", "signer's certificate missing or ambiguous"),
		rule("invalid", "firma non valida", "invalid signature"),
		rule("reference", "riferimento non ammesso", "reference not admitted"),
		rule("transform", "trasformazione non ammessa", "transform not admitted"),
		rule("digest", "documento modificato dopo la firma", "document changed after it was signed"),
		rule("properties", "proprietà di firma errate", "wrong signature properties"),
		rule("validity", "certificato fuori validità", "certificate out of its validity"),
		rule("usage", "certificato non per firma", "certificate not for signatures"),
		rule("identity", "identità del firmatario ambigua", "ambiguous identity of the signer"),
		rule("untrusted", "certificato di CA non ammessa", "certificate of a CA that is not admitted"),
	}
}
