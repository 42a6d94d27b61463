// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tesoreria

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/adapters/tesoreria/opi/firma"
	"github.com/snodo-pa/snodo/internal/config"
)

// authority issues certificates to anybody who pays, as a public CA does.
type authority struct {
	t    *testing.T
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

func newAuthority(t *testing.T) *authority {
	a := &authority{t: t}
	a.key, a.cert = a.issue(&x509.Certificate{
		Subject: pkix.Name{CommonName: "CA pubblica"}, IsCA: true, KeyUsage: x509.KeyUsageCertSign,
		NotBefore: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2049, 1, 1, 0, 0, 0, 0, time.UTC),
	})
	return a
}

func (a *authority) issue(template *x509.Certificate) (*ecdsa.PrivateKey, *x509.Certificate) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	template.SerialNumber, template.BasicConstraintsValid = big.NewInt(time.Now().UnixNano()), true
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		a.t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return key, cert
}

// signer is a certificate of a body for the year 2026.
func (a *authority) signer(organization string) (*ecdsa.PrivateKey, *x509.Certificate) {
	return a.issue(&x509.Certificate{
		Subject:  pkix.Name{CommonName: "Sigillo", ExtraNames: []pkix.AttributeTypeAndValue{{Type: asn1.ObjectIdentifier{2, 5, 4, 97}, Value: organization}}},
		KeyUsage: x509.KeyUsageDigitalSignature, NotBefore: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC),
	})
}

// TestAnAuthorityVouchesForMany: who holds some certificate of it is not therefore the treasurer.
func TestAnAuthorityVouchesForMany(t *testing.T) {
	public, unknown := newAuthority(t), newAuthority(t)
	pool := x509.NewCertPool()
	pool.AddCert(public.cert)
	key, bank := public.signer("VATIT-99999990007")
	otherKey, other := public.signer("VATIT-81234500015")
	nobodyKey, nobody := public.signer("")
	strangeKey, strange := unknown.signer("VATIT-99999990007")
	at := time.Date(2026, 10, 12, 9, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		key   *ecdsa.PrivateKey
		cert  *x509.Certificate
		named []string
		pins  []*x509.Certificate
		at    time.Time
		held  bool
		rule  string
	}{
		"the treasurer, by name":        {key: key, cert: bank, named: []string{"VATIT-99999990007"}, at: at},
		"the treasurer, by certificate": {key: key, cert: bank, pins: []*x509.Certificate{bank}, at: at},
		"another customer":              {key: otherKey, cert: other, named: []string{"VATIT-99999990007"}, at: at, held: true},
		"another, with a pin":           {key: otherKey, cert: other, pins: []*x509.Certificate{bank}, at: at, held: true},
		"one without identifier":        {key: nobodyKey, cert: nobody, named: []string{""}, at: at, held: true},
		"another authority":             {key: strangeKey, cert: strange, named: []string{"VATIT-99999990007"}, at: at, rule: "opi.signature/untrusted"},
		"made after it ran out":         {key: key, cert: bank, named: []string{"VATIT-99999990007"}, at: at.AddDate(1, 0, 0), rule: "opi.signature/validity"},
	} {
		t.Run(name, func(t *testing.T) {
			signed, err := firma.Sign([]byte("<messaggio_ricezione_flusso></messaggio_ricezione_flusso>"), c.key, []*x509.Certificate{c.cert}, at)
			if err != nil {
				t.Fatal(err)
			}
			err = (&channel{bank: pool, pins: c.pins, cfg: &config.Tesoreria{FirmeTesoriere: c.named}}).treasurer(signed, c.at)
			var held *heldError
			var no *firma.Refusal
			if errors.As(err, &held) != c.held || errors.As(err, &no) != (c.rule != "") || no != nil && no.Rule != c.rule || !c.held && c.rule == "" && err != nil {
				t.Errorf("%v", err)
			}
		})
	}
}

// TestAnAuthorityAloneDoesNotNameTheTreasurer: pool tells its certificates apart from those of a signer.
func TestAnAuthorityAloneDoesNotNameTheTreasurer(t *testing.T) {
	public := newAuthority(t)
	_, bank := public.signer("VATIT-99999990007")
	file := func(certs ...*x509.Certificate) string {
		var text []byte
		for _, c := range certs {
			text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
		}
		path := filepath.Join(t.TempDir(), "ca.pem")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	d := &Desk{Options: Options{Config: &config.Config{}}}
	for want, certs := range map[int][]*x509.Certificate{0: {public.cert}, 1: {public.cert, bank}} {
		if _, own, err := d.pool([]string{file(certs...)}); err != nil || len(own) != want {
			t.Errorf("%d certificates: %d are of a signer, %v", len(certs), len(own), err)
		}
	}
	if _, _, err := d.pool([]string{file()}); err == nil || !strings.Contains(err.Error(), "no certificate") {
		t.Errorf("a file without any: %v", err)
	}
}
