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
