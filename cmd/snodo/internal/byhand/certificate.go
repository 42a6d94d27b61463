// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package byhand

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/trust"
	"github.com/snodo-pa/snodo/modi"
)

// Certificate is what the first certificate of x5c says of itself.
type Certificate struct {
	Subject, Issuer     string
	NotBefore, NotAfter time.Time
}

// certificate reads the first of x5c; nil when there is none that can be read.
func (p parts) certificate() *Certificate {
	var chain []string
	if json.Unmarshal(p.head["x5c"], &chain) != nil || len(chain) == 0 {
		return nil
	}
	der, err := base64.StdEncoding.DecodeString(strings.Map(dropSpace, chain[0]))
	if err != nil {
		return nil
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return nil
	}
	return &Certificate{Subject: called(c.Subject), Issuer: called(c.Issuer), NotBefore: c.NotBefore.UTC(), NotAfter: c.NotAfter.UTC()}
}

// Doubt tells what a verifier will refuse of the certificate that names the key; zero when
// there is nothing, or no certificate names it. The message is signed all the same.
func (s *Signing) Doubt() modi.Text {
	if len(s.Key.Chain) == 0 || !slices.ContainsFunc(s.Patterns, byCertificate) && !s.certified() {
		return modi.Text{}
	}
	c := s.Key.Chain[0]
	refused := trust.Unsuitable(c)
	switch {
	case c.IsCA:
		return text(
			"il certificato è di una CA (CA:TRUE, come lo fa openssl req -x509): chi verifica lo rifiuta; rifarlo con -addext basicConstraints=critical,CA:FALSE -addext keyUsage=critical,digitalSignature",
			"the certificate is a CA's (CA:TRUE, as openssl req -x509 makes it): verifiers refuse it; make it again with -addext basicConstraints=critical,CA:FALSE -addext keyUsage=critical,digitalSignature")
	case refused != nil:
		expected, found := bilingual.Phrase(refused.Expected), bilingual.Phrase(refused.Found)
		return text("chi verifica rifiuta il certificato: atteso "+expected.IT+", trovato "+found.IT,
			"verifiers refuse the certificate: expected "+expected.EN+", found "+found.EN)
	case s.Now.Before(c.NotBefore), s.Now.After(c.NotAfter):
		return text("chi verifica rifiuta il certificato: vale dal "+c.NotBefore.UTC().Format(time.DateOnly)+" al "+c.NotAfter.UTC().Format(time.DateOnly),
			"verifiers refuse the certificate: it is valid from "+c.NotBefore.UTC().Format(time.DateOnly)+" to "+c.NotAfter.UTC().Format(time.DateOnly))
	default:
		return modi.Text{}
	}
}

// called is how people know the holder of a certificate: name, organisation and, where
// AgID has it (OID 2.5.4.97), the codice fiscale of the organisation.
func called(n pkix.Name) string {
	list := append([]string{n.CommonName}, n.Organization...)
	for _, attribute := range n.Names {
		if s, ok := attribute.Value.(string); ok && attribute.Type.Equal([]int{2, 5, 4, 97}) {
			list = append(list, s)
		}
	}
	return strings.Join(slices.DeleteFunc(list, func(s string) bool { return s == "" }), ", ")
}
