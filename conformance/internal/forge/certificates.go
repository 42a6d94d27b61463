// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package forge

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"time"
)

// Addresses that the certificates name for revocation: the name of the authority that
// issued them follows.
const (
	CRLAddress  = "http://crl.ca.example/"
	OCSPAddress = "http://ocsp.ca.example/"
)

// certificatePlan is a certificate to be made.
type certificatePlan struct {
	algorithm    string        // of a new key pair
	shares       string        // name of the key whose pair is taken instead: pairs are slow to make
	organisation string        // name in Names of the organisation code
	issuer       string        // root, intermediate, stranger or self
	shown        []string      // authorities sent after the leaf
	from, until  time.Duration // validity around the world's now
	usage        x509.KeyUsage
	ca           bool
}

// certificatePlans are the keys with a certificate. All but the first few have the one
// defect that their name says.
func certificatePlans() map[string]certificatePlan {
	sound := func(algorithm, organisation string) certificatePlan {
		return certificatePlan{
			algorithm: algorithm, organisation: organisation, issuer: "root",
			from: -30 * 24 * time.Hour, until: 300 * 24 * time.Hour, usage: x509.KeyUsageDigitalSignature,
		}
	}
	plans := map[string]certificatePlan{
		"consumer":         sound("rsa-2048", "organisation"),
		"consumer-twin":    sound("rsa-2048", "organisation"), // another key of the same organisation
		"consumer-ec":      sound("p-256", "organisation"),
		"consumer-ec384":   sound("p-384", "organisation"),
		"consumer-ec521":   sound("p-521", "organisation"),
		"other-consumer":   sound("rsa-2048", "producer-org"),
		"provider":         sound("rsa-2048", "producer-org"),
		"weak-certificate": sound("rsa-1024", "organisation"),
	}
	defect := func(name string, change func(*certificatePlan)) {
		p := sound("", "organisation")
		p.shares = "consumer"
		change(&p)
		plans[name] = p
	}
	defect("revoked", func(*certificatePlan) {}) // by the list of the case
	defect("expired", func(p *certificatePlan) { p.until = -time.Hour })
	defect("future", func(p *certificatePlan) { p.from = time.Hour })
	defect("self-signed", func(p *certificatePlan) { p.issuer = "self" })
	defect("unknown-authority", func(p *certificatePlan) { p.issuer = "stranger" })
	defect("authority-as-leaf", func(p *certificatePlan) { p.ca, p.usage = true, x509.KeyUsageDigitalSignature|x509.KeyUsageCertSign })
	defect("no-signature-usage", func(p *certificatePlan) { p.usage = x509.KeyUsageKeyEncipherment })
	defect("no-organisation", func(p *certificatePlan) { p.organisation = "" })
	defect("via-intermediate", func(p *certificatePlan) { p.issuer, p.shown = "intermediate", []string{"intermediate"} })
	defect("intermediate-missing", func(p *certificatePlan) { p.issuer = "intermediate" })
	defect("wrong-intermediate", func(p *certificatePlan) { p.issuer, p.shown = "intermediate", []string{"stranger"} })
	return plans
}

// authority signs certificates.
type authority struct {
	signer crypto.Signer
	cert   *x509.Certificate
}

// authorities are the root that everyone trusts, one below it, and one that nobody
// trusts.
type authorities struct{ byName map[string]authority }

// authority makes the three authorities once; the caller holds the lock.
func (w *World) authority(name string) (authority, error) {
	if w.trust == nil {
		made := &authorities{byName: map[string]authority{}}
		for i, a := range []struct{ name, issuer string }{{"root", ""}, {"stranger", ""}, {"intermediate", "root"}} {
			one, err := w.makeAuthority(a.name, made.byName[a.issuer], int64(i+1))
			if err != nil {
				return authority{}, fmt.Errorf("authority %s: %w", a.name, err)
			}
			made.byName[a.name] = one
		}
		w.trust = made
	}
	a, ok := w.trust.byName[name]
	if !ok {
		return authority{}, fmt.Errorf("no authority %q", name)
	}
	return a, nil
}

func (w *World) makeAuthority(name string, issuer authority, serial int64) (authority, error) {
	signer, err := w.generate("p-256")
	if err != nil {
		return authority{}, err
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(serial),
		Subject:               pkix.Name{Country: []string{"IT"}, CommonName: "autorita di prova " + name},
		NotBefore:             w.Now.AddDate(-5, 0, 0),
		NotAfter:              w.Now.AddDate(5, 0, 0),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	if issuer.cert == nil {
		issuer = authority{signer: signer, cert: template}
	} else {
		template.CRLDistributionPoints, template.OCSPServer = []string{CRLAddress + "root"}, []string{OCSPAddress + "root"}
	}
	cert, err := w.certify(template, issuer, signer.Public())
	return authority{signer: signer, cert: cert}, err
}

func (w *World) certify(template *x509.Certificate, issuer authority, pub crypto.PublicKey) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(w.rand, template, issuer.cert, pub, issuer.signer)
	if err != nil {
		return nil, fmt.Errorf("make certificate: %w", err)
	}
	return x509.ParseCertificate(der)
}

// organizationIdentifier is the attribute in which AgID wants the code of the
// organisation.
func organizationIdentifier() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{2, 5, 4, 97} }

// certifiedKey makes a key and its certificate; the caller holds the lock.
func (w *World) certifiedKey(name string, plan certificatePlan) (*Key, error) {
	signer, err := w.pair(plan)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(int64(1000 + len(w.keys))),
		Subject:               pkix.Name{Country: []string{"IT"}, CommonName: name},
		NotBefore:             w.Now.Add(plan.from),
		NotAfter:              w.Now.Add(plan.until),
		KeyUsage:              plan.usage,
		IsCA:                  plan.ca,
		BasicConstraintsValid: true,
		CRLDistributionPoints: []string{CRLAddress + plan.issuer},
		OCSPServer:            []string{OCSPAddress + plan.issuer},
	}
	if plan.until < 0 {
		template.NotBefore = w.Now.AddDate(-1, 0, 0)
	}
	if code := w.Names[plan.organisation]; code != "" {
		template.Subject.ExtraNames = []pkix.AttributeTypeAndValue{{Type: organizationIdentifier(), Value: code}}
	}
	issuer := authority{signer: signer, cert: template}
	if plan.issuer != "self" {
		issuer, err = w.authority(plan.issuer)
		if err != nil {
			return nil, err
		}
	}
	cert, err := w.certify(template, issuer, signer.Public())
	if err != nil {
		return nil, err
	}
	k := &Key{Name: name, Signer: signer, Chain: [][]byte{cert.Raw}}
	for _, shown := range plan.shown {
		a, err := w.authority(shown)
		if err != nil {
			return nil, err
		}
		k.Chain = append(k.Chain, a.cert.Raw)
	}
	k.KID, err = Thumbprint(signer.Public())
	return k, err
}

// pair makes or takes the key pair of a certificate; the caller holds the lock.
func (w *World) pair(plan certificatePlan) (crypto.Signer, error) {
	if plan.shares == "" {
		return w.generate(plan.algorithm)
	}
	k, err := w.key(plan.shares)
	if err != nil {
		return nil, err
	}
	return k.Signer, nil
}

// RevocationList is the list of an authority, in DER, with the certificates of the named
// keys on it.
func (w *World) RevocationList(issuer string, revoked ...string) ([]byte, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	a, err := w.authority(issuer)
	if err != nil {
		return nil, err
	}
	list := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: w.Now.Add(-time.Hour), NextUpdate: w.Now.Add(24 * time.Hour)}
	for _, name := range revoked {
		k, err := w.key(name)
		if err != nil {
			return nil, err
		}
		cert, err := x509.ParseCertificate(k.Leaf())
		if err != nil {
			return nil, fmt.Errorf("certificate of %s: %w", name, err)
		}
		list.RevokedCertificateEntries = append(list.RevokedCertificateEntries, x509.RevocationListEntry{
			SerialNumber: cert.SerialNumber, RevocationTime: w.Now.Add(-2 * time.Hour),
		})
	}
	return x509.CreateRevocationList(w.rand, list, a.cert, a.signer)
}

// Authority returns the certificate of root, intermediate or stranger, and its key, for
// who answers as its OCSP responder.
func (w *World) Authority(name string) (*x509.Certificate, crypto.Signer, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	a, err := w.authority(name)
	return a.cert, a.signer, err
}
