// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package firma

import (
	"crypto/x509"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/adapters/tesoreria/opi"
)

// Signer is who signed, as the certificate names them. It says what the CA vouches for only once the certificate is
// trusted.
type Signer struct {
	// CodiceFiscale is that of a person, from serialNumber (TINIT-…, as ETSI EN 319 412-1 has it, or IT:…) or from
	// dnQualifier; empty where the certificate has none, as that of a body.
	CodiceFiscale string
	// Name is the name of the person, or the common name.
	Name string
	// Organization and OrganizationID are the body the signer belongs to, or is: attributes O and 2.5.4.97.
	Organization, OrganizationID string
	Certificate                  *x509.Certificate
	// SigningTime is when the signer says it was; zero for not said. Nobody else vouches for it.
	SigningTime time.Time
}

// Attributes of a subject (X.520, ETSI EN 319 412-1).
const (
	attrCommonName     = "2.5.4.3"
	attrSurname        = "2.5.4.4"
	attrSerialNumber   = "2.5.4.5"
	attrOrganization   = "2.5.4.10"
	attrGivenName      = "2.5.4.42"
	attrDNQualifier    = "2.5.4.46"
	attrOrganizationID = "2.5.4.97"
)

// signerOf judges the certificate by itself and reads who it is for.
func signerOf(s *signature, o Options) (*Signer, error) {
	c, now := s.leaf, o.Now
	switch {
	case now.Before(c.NotBefore) || now.After(c.NotAfter):
		return nil, refuse("validity", "il certificato vale dal %s al %s", "the certificate is valid from %s to %s",
			c.NotBefore.UTC().Format(time.RFC3339), c.NotAfter.UTC().Format(time.RFC3339))
	case c.IsCA:
		return nil, refuse("usage", "il certificato è di una CA", "the certificate is that of a CA")
	case c.KeyUsage != 0 && c.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0:
		return nil, refuse("usage", "il certificato non è per firma", "the certificate is not for signatures")
	case o.Signatory && c.KeyUsage&x509.KeyUsageContentCommitment == 0:
		return nil, refuse("usage", "il certificato è di autenticazione, non di firma digitale: manca l'uso contentCommitment",
			"the certificate is for authentication, not for a firma digitale: it lacks the use contentCommitment")
	}
	values := map[string][]string{}
	for _, attr := range c.Subject.Names {
		if text, ok := attr.Value.(string); ok {
			values[attr.Type.String()] = append(values[attr.Type.String()], text)
		}
	}
	first := func(attr string) string {
		if len(values[attr]) == 0 {
			return ""
		}
		return values[attr][0]
	}
	out := &Signer{
		Name: strings.TrimSpace(first(attrGivenName) + " " + first(attrSurname)), Organization: first(attrOrganization),
		OrganizationID: first(attrOrganizationID), Certificate: c, SigningTime: s.claimed,
	}
	if out.Name == "" {
		out.Name = first(attrCommonName)
	}
	for _, text := range append(values[attrSerialNumber], values[attrDNQualifier]...) {
		code := personalCode(text)
		if code != "" && out.CodiceFiscale != "" && code != out.CodiceFiscale {
			return nil, refuse("identity", "il certificato porta due codici fiscali", "the certificate bears two codici fiscali")
		}
		if code != "" {
			out.CodiceFiscale = code
		}
	}
	return out, nil
}

// personalCode reads the codice fiscale of a person out of an attribute; empty for another number.
func personalCode(text string) string {
	text = strings.ToUpper(strings.TrimSpace(text))
	for _, prefix := range []string{"TINIT-", "IT:"} {
		text = strings.TrimPrefix(text, prefix)
	}
	if !opi.IsPersonalCode(text) {
		return ""
	}
	return text
}
