// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package modi

import (
	"fmt"
	"slices"
	"strings"
)

// Leniency is the name of one departure from the guideline that gateways in use make or
// tolerate. None is on unless the e-service names it. No leniency accepts a message whose
// bytes are not those that were signed.
type Leniency string

// The leniencies. Leniencies says what each of them lets in.
const (
	LenientDigestCase      Leniency = "digest-case"
	LenientDigestList      Leniency = "digest-list"
	LenientDigestHex       Leniency = "digest-hex"
	LenientDigestBase64URL Leniency = "digest-base64url"
	LenientDigestUnpadded  Leniency = "digest-unpadded"
	LenientDigestOnEmpty   Leniency = "digest-on-empty-body"
	LenientContentType     Leniency = "content-type-unsigned"
	LenientContentEncoding Leniency = "content-encoding-unsigned"
	LenientTwoMembers      Leniency = "signed-headers-two-members"
	LenientAudienceJSON    Leniency = "aud-json-string"
	LenientNumericStrings  Leniency = "numeric-string-times"
	LenientX5CNewlines     Leniency = "x5c-newlines"
	LenientTypeAny         Leniency = "typ-any"
	LenientLongJTI         Leniency = "jti-long"
	LenientDnonce          Leniency = "dnonce-optional"
)

// LeniencyInfo explains a leniency.
type LeniencyInfo struct {
	Name  Leniency
	Text  Text     // what is accepted
	Rules []RuleID // which rules it bends
}

// Lenient is the set of leniencies of one e-service. The nil set is the guideline.
type Lenient []Leniency

// Allows tells whether the set has a leniency.
func (l Lenient) Allows(name Leniency) bool { return slices.Contains(l, name) }

// ParseLenient reads names as a configuration writes them. It refuses a name that does
// not exist or stands twice.
func ParseLenient(names []string) (Lenient, error) {
	var out Lenient
	known := Leniencies()
	for _, name := range names {
		l := Leniency(name)
		if !slices.ContainsFunc(known, func(i LeniencyInfo) bool { return i.Name == l }) {
			all := make([]string, len(known))
			for i, k := range known {
				all[i] = string(k.Name)
			}
			return nil, fmt.Errorf("leniency %q is not one of %s", name, strings.Join(all, ", "))
		}
		if out.Allows(l) {
			return nil, fmt.Errorf("leniency %q stands twice", name)
		}
		out = append(out, l)
	}
	return out, nil
}

// Leniencies returns every leniency, sorted by name. The slice is the caller's own.
func Leniencies() []LeniencyInfo {
	all := append(messageLeniencies(), tokenLeniencies()...)
	slices.SortFunc(all, func(a, b LeniencyInfo) int { return strings.Compare(string(a.Name), string(b.Name)) })
	return all
}

// messageLeniencies are about Digest and signed_headers.
func messageLeniencies() []LeniencyInfo {
	return []LeniencyInfo{
		{
			LenientContentEncoding,
			Text{IT: "Content-Encoding presente ma non firmato", EN: "Content-Encoding present but not signed"},
			[]RuleID{IntegrityContentEncodingNotSigned},
		},
		{
			LenientContentType,
			Text{IT: "Content-Type presente ma non firmato", EN: "Content-Type present but not signed"},
			[]RuleID{IntegrityContentTypeNotSigned},
		},
		{
			LenientDigestBase64URL,
			Text{IT: "Digest nell'alfabeto base64url", EN: "Digest in the base64url alphabet"},
			[]RuleID{IntegrityDigestMalformed},
		},
		{
			LenientDigestCase,
			Text{IT: "nome dell'algoritmo di Digest in minuscolo", EN: "lower-case algorithm name in Digest"},
			[]RuleID{IntegrityDigestMalformed},
		},
		{
			LenientDigestHex,
			Text{IT: "Digest in esadecimale", EN: "Digest in hexadecimal"},
			[]RuleID{IntegrityDigestMalformed},
		},
		{
			LenientDigestList,
			Text{IT: "più algoritmi in una sola intestazione Digest, tutti corretti", EN: "several algorithms in one Digest header, all of them right"},
			[]RuleID{IntegrityDigestMalformed},
		},
		{
			LenientDigestOnEmpty,
			Text{IT: "Digest, corretto, di un corpo vuoto dove il servizio non lo vuole", EN: "a right Digest of an empty body where the service wants none"},
			[]RuleID{IntegrityDigestOnEmptyBody},
		},
		{
			LenientDigestUnpadded,
			Text{IT: "Digest in base64 senza riempimento", EN: "Digest in base64 without padding"},
			[]RuleID{IntegrityDigestMalformed},
		},
		{
			LenientTwoMembers,
			Text{IT: "signed_headers con più membri in un oggetto", EN: "signed_headers with several members in one object"},
			[]RuleID{IntegritySignedHeadersMalformed},
		},
	}
}

// tokenLeniencies are about the token itself.
func tokenLeniencies() []LeniencyInfo {
	return []LeniencyInfo{
		{
			LenientAudienceJSON,
			Text{IT: "aud come stringa che contiene una lista JSON di stringhe", EN: "aud as a string that holds a JSON list of strings"},
			[]RuleID{IntegrityAudienceMismatch, AuditAudienceMismatch, IDAuthAudienceMismatch},
		},
		{
			LenientDnonce,
			Text{IT: "dnonce assente o non di 13 cifre", EN: "dnonce missing or not of 13 digits"},
			[]RuleID{AuditDnonceMissing, AuditDnonceMalformed},
		},
		{
			LenientLongJTI,
			Text{IT: "jti oltre 255 caratteri, fino a 4096", EN: "jti above 255 characters, up to 4096"},
			[]RuleID{IntegrityJTIMalformed, AuditJTIMalformed, IDAuthJTIMalformed},
		},
		{
			LenientNumericStrings,
			Text{IT: "iat, nbf, exp come stringhe di cifre", EN: "iat, nbf, exp as strings of digits"},
			[]RuleID{
				IntegrityIATMalformed, IntegrityExpMalformed, IntegrityNBFMalformed, AuditIATMalformed, AuditExpMalformed,
				AuditNBFMalformed, IDAuthIATMalformed, IDAuthExpMalformed, IDAuthNBFMalformed,
			},
		},
		{
			LenientTypeAny,
			Text{IT: "typ assente o diverso, purché non di un altro tipo di token", EN: "typ missing or another one, as long as it is not that of another kind of token"},
			[]RuleID{IntegrityTypeMismatch, AuditTypeMismatch, IDAuthTypeMismatch},
		},
		{
			LenientX5CNewlines,
			Text{IT: "x5c con a capo dentro il base64", EN: "x5c with line breaks inside the base64"},
			[]RuleID{IntegrityCertificateMalformed, AuditCertificateMalformed, IDAuthCertificateMalformed},
		},
	}
}
