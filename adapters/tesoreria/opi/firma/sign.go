// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package firma

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/snodo-pa/snodo/adapters/tesoreria/opi"
	"github.com/snodo-pa/snodo/adapters/tesoreria/opi/internal/xmltree"
)

// Sign adds an enveloped XAdES-BES signature as the last child of the root and leaves every other byte as it is. A
// server does not sign orders: the caller admits this in the environment locale alone, with a key that is worth nothing.
// How long the document may be was asked when it was taken.
// key is RSA or P-256 and belongs to the first certificate of the chain; now is the time that is stated.
func Sign(data []byte, key crypto.Signer, chain []*x509.Certificate, now time.Time) ([]byte, error) {
	if len(chain) == 0 {
		return nil, errors.New("firma: a certificate is needed to sign")
	}
	if err := strong(key.Public()); err != nil {
		return nil, err
	}
	doc, err := parse(data, opi.Limits{Bytes: len(data)})
	if err != nil {
		return nil, err
	}
	if !unsigned(doc) {
		return nil, refuse("several", "il documento è già firmato", "the document is signed already")
	}
	id, err := newID()
	if err != nil {
		return nil, err
	}
	t := template{id: id, chain: chain, time: now.UTC().Format(time.RFC3339), document: doc.Canonical(xmltree.Method{Exclusive: true})}
	if t.method = "rsa-sha256"; isEC(key) {
		t.method = "ecdsa-sha256"
	}
	return t.sign(data, key)
}

func isEC(key crypto.Signer) bool {
	_, ok := key.Public().(*ecdsa.PublicKey)
	return ok
}

func newID() (string, error) {
	var b [12]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", fmt.Errorf("firma: %w", err)
	}
	return fmt.Sprintf("sig-%x", b), nil
}

// template is a signature to be; what is not known yet is empty.
type template struct {
	id, time, method  string
	chain             []*x509.Certificate
	document          []byte
	properties, value string // base64
}

func b64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

func (t *template) String() string {
	var certs strings.Builder
	for _, c := range t.chain {
		certs.WriteString("<ds:X509Certificate>" + b64(c.Raw) + "</ds:X509Certificate>")
	}
	const (
		canonical = `<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>`
		transform = `<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>`
		envelope  = `<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>`
		sha256    = `<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>`
	)
	return `<ds:Signature xmlns:ds="` + dsig + `" Id="` + t.id + `"><ds:SignedInfo>` + canonical +
		`<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#` + t.method + `"/>` +
		`<ds:Reference URI=""><ds:Transforms>` + envelope + transform + `</ds:Transforms>` + sha256 +
		`<ds:DigestValue>` + b64(digest(crypto.SHA256, t.document)) + `</ds:DigestValue></ds:Reference>` +
		`<ds:Reference Type="http://uri.etsi.org/01903#SignedProperties" URI="#` + t.id + `-p"><ds:Transforms>` + transform + `</ds:Transforms>` + sha256 +
		`<ds:DigestValue>` + t.properties + `</ds:DigestValue></ds:Reference></ds:SignedInfo>` +
		`<ds:SignatureValue>` + t.value + `</ds:SignatureValue><ds:KeyInfo><ds:X509Data>` + certs.String() + `</ds:X509Data></ds:KeyInfo>` +
		`<ds:Object><xades:QualifyingProperties xmlns:xades="` + xades + `" Target="#` + t.id + `"><xades:SignedProperties Id="` + t.id + `-p">` +
		`<xades:SignedSignatureProperties><xades:SigningTime>` + t.time + `</xades:SigningTime><xades:SigningCertificateV2><xades:Cert><xades:CertDigest>` + sha256 +
		`<ds:DigestValue>` + b64(digest(crypto.SHA256, t.chain[0].Raw)) + `</ds:DigestValue></xades:CertDigest></xades:Cert></xades:SigningCertificateV2>` +
		`</xades:SignedSignatureProperties></xades:SignedProperties></xades:QualifyingProperties></ds:Object></ds:Signature>`
}

// sign fills the template from the inside out: the digest of the properties, then the signature over SignedInfo. Each
// is computed over what a reader would find in the document.
func (t *template) sign(data []byte, key crypto.Signer) ([]byte, error) {
	e, err := t.within(data)
	if err != nil {
		return nil, err
	}
	properties := e.objects[0].Elements()[0].Elements()[0]
	canonical, _ := properties.Canonical(xmltree.Method{Exclusive: true})
	t.properties = b64(digest(crypto.SHA256, canonical))
	if e, err = t.within(data); err != nil {
		return nil, err
	}
	signed, _ := e.signedInfo.Canonical(e.canonical)
	value, err := key.Sign(rand.Reader, digest(crypto.SHA256, signed), crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("firma: %w", err)
	}
	if public, ok := key.Public().(*ecdsa.PublicKey); ok {
		if value, err = rawOf(value, (public.Curve.Params().BitSize+7)/8); err != nil {
			return nil, err
		}
	}
	t.value = b64(value)
	return t.insert(data), nil
}

// insert puts the signature before the end tag of the root, which nothing but comments and white space follows.
func (t *template) insert(data []byte) []byte {
	at := bytes.LastIndex(data, []byte("</"))
	return bytes.Join([][]byte{data[:at], []byte(t.String()), data[at:]}, nil)
}

// within reads the document with the signature in it.
func (t *template) within(data []byte) (*enveloped, error) {
	if bytes.Contains(data[bytes.LastIndex(data, []byte("</"))+1:], []byte("<")) {
		return nil, errors.New("firma: a comment or instruction after the root; take it out to sign")
	}
	whole := t.insert(data)
	doc, err := parse(whole, opi.Limits{Bytes: len(whole)})
	if err != nil {
		return nil, err
	}
	e, err := locate(doc)
	if err != nil {
		return nil, err
	}
	return e, e.takeApart()
}

// rawOf writes a signature in DER as r and s side by side, each of size bytes.
func rawOf(der []byte, size int) ([]byte, error) {
	input := cryptobyte.String(der)
	var inner cryptobyte.String
	var r, s []byte
	if !input.ReadASN1(&inner, asn1.SEQUENCE) || !inner.ReadASN1Integer(&r) || !inner.ReadASN1Integer(&s) || len(r) > size || len(s) > size {
		return nil, errors.New("firma: the key gave no ECDSA signature")
	}
	out := make([]byte, 2*size)
	copy(out[size-len(r):size], r)
	copy(out[2*size-len(s):], s)
	return out, nil
}
