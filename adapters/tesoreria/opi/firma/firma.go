// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package firma verifies the signature of a document of OPI, and makes one where a file may hold the key.
//
// It owns what a good signature is: one, by a certificate of its own, over the whole document, with algorithms of
// today; enveloped (XML Signature, with or without XAdES) or around the document (p7m, CAdES). Whom to trust is asked of
// the caller, and so is who may sign. It depends on opi for texts and limits, on the reader of opi and on the standard
// library with golang.org/x/crypto/cryptobyte. It fetches nothing, and knows no clock.
//
// What was verified is what is read: the same reader gives the tree that is digested here and the model of opi.
package firma

import (
	"bytes"
	"crypto/x509"
	"errors"
	"time"

	"github.com/snodo-pa/snodo/adapters/tesoreria/opi"
)

// Form is how a document is signed.
type Form string

// The forms.
const (
	XMLDSig Form = "xmldsig" // enveloped, without properties of the signer
	XAdES   Form = "xades"   // enveloped, with the signer's certificate among what is signed
	CAdES   Form = "cades"   // p7m
)

// Options say what is asked of a signature.
type Options struct {
	// Trusted tells whether the signer's certificate may be relied on; others are the certificates that came with it,
	// which nobody vouches for. A *Refusal says no and why; any other error, that it is not known. Roots makes one.
	// Without Trusted nothing verifies.
	Trusted func(leaf *x509.Certificate, others []*x509.Certificate) error
	// Now is when the certificate has to be valid.
	Now time.Time
	// Forms are those admitted; nil for all.
	Forms []Form
	// Signatory asks for a certificate whose key its holder uses to commit themselves to what is signed (contentCommitment,
	// which was nonRepudiation: ETSI EN 319 412-2), as those of firma digitale are. One for authentication is refused.
	Signatory bool
	// Envelope admits a p7m around a document that bears a signature of its own. That one is not looked at: verify
	// Verified.XML, too.
	Envelope bool
	// Limits bound what is read; those of opi.
	Limits opi.Limits
}

// Verified is a document whose signature is good.
type Verified struct {
	Form Form
	// XML is the document: what was given, or the content of a p7m. Read it with opi.Read.
	XML []byte
	// Signer is who signed.
	Signer Signer
}

// Verify verifies the signature of a document: XML with an enveloped signature, or a p7m in DER, BER, base64 or PEM. A
// *Refusal says what is wrong; any other error is that of Options.Trusted and means that it is not known. Nothing that
// the signature covers is judged before the signature itself.
func Verify(data []byte, o Options) (*Verified, error) {
	if o.Trusted == nil {
		return nil, errors.New("firma: nobody was named who says which certificates are trusted")
	}
	var found *signature
	var err error
	if first := bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\ufeff")), " \t\r\n"); len(first) > 0 && first[0] == '<' {
		found, err = verifyXML(data, o)
	} else {
		found, err = verifyCMS(data, o)
	}
	if err != nil {
		return nil, err
	}
	if !admits(o.Forms, found.form) {
		return nil, refuse("form", "la forma di firma %s non è ammessa", "signatures of the form %s are not admitted", string(found.form))
	}
	signer, err := signerOf(found, o)
	if err != nil {
		return nil, err
	}
	if err := o.Trusted(found.leaf, found.others); err != nil {
		return nil, err
	}
	return &Verified{Form: found.form, XML: found.content, Signer: *signer}, nil
}

func admits(forms []Form, f Form) bool {
	if forms == nil {
		return true
	}
	for _, admitted := range forms {
		if admitted == f {
			return true
		}
	}
	return false
}

// signature is a signature that verifies, before anybody is trusted.
type signature struct {
	form    Form
	content []byte
	leaf    *x509.Certificate
	others  []*x509.Certificate
	claimed time.Time // when the signer says it was made
}

// Roots trusts certificates that chain to a pool at an instant. It asks nobody about revocation.
func Roots(pool *x509.CertPool, now time.Time) func(*x509.Certificate, []*x509.Certificate) error {
	return func(leaf *x509.Certificate, others []*x509.Certificate) error {
		between := x509.NewCertPool()
		for _, c := range others {
			between.AddCert(c)
		}
		_, err := leaf.Verify(x509.VerifyOptions{
			Roots: pool, Intermediates: between, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
		})
		if err != nil {
			return refuse("untrusted", "il certificato non porta a una CA ammessa", "the certificate does not lead to a CA that is admitted")
		}
		return nil
	}
}
