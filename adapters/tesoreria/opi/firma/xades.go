// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package firma

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"time"

	"github.com/snodo-pa/snodo/adapters/tesoreria/opi/internal/xmltree"
)

const xades = "http://uri.etsi.org/01903/v1.3.2#"

// maxCertificates is how many certificates a signature may bring.
const maxCertificates = 10

// properties are what a XAdES signature says of its signer.
type properties struct {
	signed *xmltree.Element // SignedProperties
	time   time.Time
	hash   crypto.Hash
	digest []byte // of the signer's certificate
}

// properties reads them; nil where the signature has none.
func (e *enveloped) properties() (*properties, error) {
	var found []*xmltree.Element
	for _, object := range e.objects {
		found = append(found, object.Find(xades, "QualifyingProperties")...)
	}
	if len(found) == 0 {
		return nil, nil //nolint:nilnil // no properties is an answer
	}
	wrong := refuse("properties", "proprietà di firma XAdES errate", "wrong XAdES properties")
	id, hasID := e.sig.Attr("", "Id")
	target, _ := found[0].Attr("", "Target")
	signed := found[0].Find(xades, "SignedProperties")
	if len(found) > 1 || len(signed) != 1 || !hasID || target != "#"+id || !e.unique(id) {
		return nil, wrong
	}
	inside := signed[0].Find(xades, "SignedSignatureProperties")
	if len(inside) != 1 {
		return nil, wrong
	}
	p := &properties{signed: signed[0]}
	if times := inside[0].Find(xades, "SigningTime"); len(times) == 1 {
		if at, err := time.Parse(time.RFC3339, times[0].Text()); err == nil {
			p.time = at
		}
	}
	certs := append(inside[0].Find(xades, "SigningCertificateV2"), inside[0].Find(xades, "SigningCertificate")...)
	if len(certs) == 0 {
		return nil, refuse("properties", "manca il certificato tra le proprietà firmate", "the certificate is missing among the signed properties")
	}
	ids := certs[0].Find(xades, "Cert")
	if len(certs) > 1 || len(ids) == 0 {
		return nil, wrong
	}
	return p, p.certDigest(ids[0], wrong)
}

// certDigest reads the digest of the signer's certificate, which is the first of the list.
func (p *properties) certDigest(id *xmltree.Element, wrong *Refusal) error {
	digests := id.Find(xades, "CertDigest")
	if len(digests) != 1 {
		return wrong
	}
	parts := digests[0].Elements()
	if len(parts) != 2 || !parts[0].Is(dsig, "DigestMethod") || !parts[1].Is(dsig, "DigestValue") {
		return wrong
	}
	var err error
	if p.hash, err = xmlDigest(algorithm(parts[0])); err != nil {
		return err
	}
	p.digest, err = decode(parts[1])
	return err
}

// certificate finds the signer's certificate among those of KeyInfo: the one that the properties name, else the only
// one that is not of a CA. Keys by value or by address are not looked at.
func (e *enveloped) certificate(p *properties) (*signature, error) {
	var all []*x509.Certificate
	for _, data := range e.keyInfo.Find(dsig, "X509Data") {
		for _, c := range data.Find(dsig, "X509Certificate") {
			der, err := decode(c)
			if err != nil {
				return nil, err
			}
			cert, err := x509.ParseCertificate(der)
			if err != nil || len(all) == maxCertificates {
				return nil, malformed("X509Certificate")
			}
			all = append(all, cert)
		}
	}
	return choose(all, func(c *x509.Certificate) bool {
		if p != nil {
			return bytes.Equal(digest(p.hash, c.Raw), p.digest)
		}
		return len(all) == 1 || !c.IsCA
	})
}

// choose takes the one certificate that fits.
func choose(all []*x509.Certificate, fits func(*x509.Certificate) bool) (*signature, error) {
	found := &signature{}
	for _, c := range all {
		switch {
		case !fits(c) || found.leaf != nil && found.leaf.Equal(c):
			found.others = append(found.others, c)
		case found.leaf != nil:
			return nil, refuse("certificate", "più certificati possono essere del firmatario", "more than one certificate may be the signer's")
		default:
			found.leaf = c
		}
	}
	if found.leaf == nil {
		return nil, refuse("certificate", "il certificato del firmatario non è nella firma", "the signer's certificate is not in the signature")
	}
	return found, nil
}
