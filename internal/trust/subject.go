// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package trust

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"strings"
)

// OrganizationID is an organization as a certificate names it in subject attribute
// 2.5.4.97 (organizationIdentifier, ETSI EN 319 412-1 §5.1.4).
type OrganizationID struct {
	// Scheme is the register: "CF" for the codice fiscale, the one that the ModI
	// guideline asks for; also seen are VAT, NTR, PSD, LEI and GOV.
	Scheme  string
	Country string // ISO 3166, two capitals; XG for LEI
	Code    string // as the register writes it
}

// CodiceFiscale returns the code of a "CF:IT-..." identifier, "" for any other: a VAT
// number is not the same number for every ente.
func (o OrganizationID) CodiceFiscale() string {
	if o.Scheme != "CF" || o.Country != "IT" {
		return ""
	}
	return o.Code
}

// maxOrganizationID is the length that ETSI and X.520 leave to the attribute.
const maxOrganizationID = 128

// ParseOrganizationID reads one value of the attribute: three letters of a register, or
// two and a colon where the register is national, then country, hyphen and code. A
// codice fiscale must be of eleven digits or sixteen letters and digits; whether it was
// ever assigned is the CA's word.
func ParseOrganizationID(text string) (OrganizationID, bool) {
	if len(text) > maxOrganizationID || len(text) < 7 {
		return OrganizationID{}, false
	}
	scheme := text[:3]
	if scheme[2] == ':' {
		scheme = scheme[:2]
	}
	id := OrganizationID{Scheme: scheme, Country: text[3:5], Code: text[6:]}
	if text[5] != '-' || !only(scheme, upper) || !only(id.Country, upper) || !printable(id.Code) {
		return OrganizationID{}, false
	}
	if id.CodiceFiscale() != "" && !looksLikeCodiceFiscale(id.Code) {
		return OrganizationID{}, false
	}
	return id, true
}

const (
	upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digit = "0123456789"
)

func only(s, alphabet string) bool { return s != "" && strings.Trim(s, alphabet) == "" }

func printable(s string) bool {
	for _, r := range s {
		if r <= ' ' || r > '~' {
			return false
		}
	}
	return s != ""
}

func looksLikeCodiceFiscale(code string) bool {
	return len(code) == 11 && only(code, digit) || len(code) == 16 && only(code, upper+digit)
}

// organizations lists the identifiers of a subject in its order; values that cannot be
// read are left out.
func organizations(subject pkix.Name) []OrganizationID {
	attribute := asn1.ObjectIdentifier{2, 5, 4, 97}
	var found []OrganizationID
	for _, name := range subject.Names {
		text, ok := name.Value.(string)
		if !ok || !name.Type.Equal(attribute) {
			continue
		}
		if id, ok := ParseOrganizationID(text); ok {
			found = append(found, id)
		}
	}
	return found
}

// codiceFiscale is the one that a subject states. It is false when the subject states
// two: such a certificate would speak for whichever suits its holder.
func codiceFiscale(subject pkix.Name) (string, bool) {
	code := ""
	for _, id := range organizations(subject) {
		next := id.CodiceFiscale()
		if next == "" {
			continue
		}
		if code != "" && code != next {
			return "", false
		}
		code = next
	}
	return code, true
}
