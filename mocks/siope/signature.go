// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package siope

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"io"
	"math/big"
	"strings"
	"time"
)

const (
	dsNamespace = "http://www.w3.org/2000/09/xmldsig#"
	rsaSHA256   = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
	ecdsaSHA256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
	excC14N     = "http://www.w3.org/2001/10/xml-exc-c14n#"
	enveloped   = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
	sha256URI   = "http://www.w3.org/2001/04/xmlenc#sha256"
)

func newAuthority(random io.Reader) (authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), random)
	if err != nil {
		return authority{}, fmt.Errorf("generate the key of the bank: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(20260101), Subject: pkix.Name{CommonName: "Banca tesoriera di prova", Organization: []string{"Banca tesoriera di prova"}},
		NotBefore: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2049, 12, 31, 0, 0, 0, 0, time.UTC),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(random, template, template, key.Public(), key)
	if err != nil {
		return authority{}, fmt.Errorf("sign the certificate of the bank: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	return authority{key, cert}, err
}

// sign adds an enveloped signature to a document that is written in canonical form without a declaration.
func (a authority) sign(random io.Reader, doc string) (string, error) {
	digest := sha256.Sum256([]byte(doc))
	info := `<ds:CanonicalizationMethod Algorithm="` + excC14N + `"></ds:CanonicalizationMethod><ds:SignatureMethod Algorithm="` + ecdsaSHA256 +
		`"></ds:SignatureMethod><ds:Reference URI=""><ds:Transforms><ds:Transform Algorithm="` + enveloped + `"></ds:Transform><ds:Transform Algorithm="` + excC14N +
		`"></ds:Transform></ds:Transforms><ds:DigestMethod Algorithm="` + sha256URI + `"></ds:DigestMethod><ds:DigestValue>` +
		base64.StdEncoding.EncodeToString(digest[:]) + `</ds:DigestValue></ds:Reference></ds:SignedInfo>`
	signed := sha256.Sum256([]byte(`<ds:SignedInfo xmlns:ds="` + dsNamespace + `">` + info))
	r, s, err := ecdsa.Sign(random, a.key, signed[:])
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	value := append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	signature := `<ds:Signature xmlns:ds="` + dsNamespace + `"><ds:SignedInfo>` + info + `<ds:SignatureValue>` + base64.StdEncoding.EncodeToString(value) +
		`</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>` + base64.StdEncoding.EncodeToString(a.cert.Raw) +
		`</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>`
	at := strings.LastIndex(doc, "</")
	return doc[:at] + signature + doc[at:], nil
}

// signatureHolds tells whether the signature of a document is over all of it and was made with the key of its
// certificate, whoever that is. Only the exclusive canonical form is understood.
func signatureHolds(root *node) bool {
	signature := root.of("Signature")
	if signature == nil || signature.space != dsNamespace || signature.of("SignedInfo") == nil {
		return false
	}
	info := signature.of("SignedInfo")
	for _, reference := range info.all("Reference") {
		if to, there := reference.attribute("URI"); !there || to != "" {
			continue
		}
		digest := sha256.Sum256(canonical(root, signature))
		want, err := base64.StdEncoding.DecodeString(reference.value("DigestValue"))
		return err == nil && bytes.Equal(digest[:], want) && valueHolds(signature, info)
	}
	return false
}

func valueHolds(signature, info *node) bool {
	digest := sha256.Sum256(canonical(info, nil))
	der, err := base64.StdEncoding.DecodeString(compact(signature.value("KeyInfo", "X509Data", "X509Certificate")))
	if err != nil {
		return false
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return false
	}
	value, err := base64.StdEncoding.DecodeString(compact(signature.value("SignatureValue")))
	if err != nil || info.of("SignatureMethod") == nil {
		return false
	}
	method, _ := info.of("SignatureMethod").attribute("Algorithm")
	switch key := cert.PublicKey.(type) {
	case *rsa.PublicKey:
		return method == rsaSHA256 && rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], value) == nil
	case *ecdsa.PublicKey:
		return method == ecdsaSHA256 && len(value) == 64 &&
			ecdsa.Verify(key, digest[:], new(big.Int).SetBytes(value[:32]), new(big.Int).SetBytes(value[32:]))
	}
	return false
}

func compact(text string) string { return strings.Join(strings.Fields(text), "") }
