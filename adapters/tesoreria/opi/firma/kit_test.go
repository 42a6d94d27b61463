// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package firma

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// neri is the codice fiscale of an invented person.
const neri = "NRELNE70A41H501T"

var now = time.Date(2026, 10, 12, 9, 30, 0, 0, time.UTC)

// identity is a key with its certificate.
type identity struct {
	key  crypto.Signer
	cert *x509.Certificate
}

// ca, person and personRSA are made once for the whole test binary.
var (
	ca        = sync.OnceValue(func() identity { return issue(nil, pkix.Name{CommonName: "CA di prova"}, true) })
	person    = sync.OnceValue(func() identity { return issueFor("TINIT-" + neri) })
	personRSA = sync.OnceValue(func() identity {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		root := ca()
		return issueWith(&root, key, subject("TINIT-"+neri), false, nil)
	})
)

func subject(serial string, more ...pkix.AttributeTypeAndValue) pkix.Name {
	name := pkix.Name{CommonName: "ELENA NERI", SerialNumber: serial, ExtraNames: []pkix.AttributeTypeAndValue{
		{Type: asn1.ObjectIdentifier{2, 5, 4, 42}, Value: "ELENA"}, {Type: asn1.ObjectIdentifier{2, 5, 4, 4}, Value: "NERI"},
	}}
	name.ExtraNames = append(name.ExtraNames, more...)
	return name
}

func issueFor(serial string) identity {
	root := ca()
	return issue(&root, subject(serial), false)
}

func issue(by *identity, name pkix.Name, isCA bool) identity {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return issueWith(by, key, name, isCA, nil)
}

func issueWith(by *identity, key crypto.Signer, name pkix.Name, isCA bool, change func(*x509.Certificate)) identity {
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<60))
	if err != nil {
		panic(err)
	}
	c := &x509.Certificate{
		SerialNumber: serial, Subject: name, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour),
		BasicConstraintsValid: true, IsCA: isCA, KeyUsage: x509.KeyUsageContentCommitment,
	}
	if isCA {
		c.KeyUsage = x509.KeyUsageCertSign
	}
	if change != nil {
		change(c)
	}
	parent, signer := c, key
	if by != nil {
		parent, signer = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), signer)
	if err != nil {
		panic(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return identity{key, cert}
}

func options() Options {
	pool := x509.NewCertPool()
	pool.AddCert(ca().cert)
	return Options{Trusted: Roots(pool, now), Now: now}
}

// wantRule checks that an error is a refusal of one rule, told in both languages.
func wantRule(t *testing.T, err error, rule string) {
	t.Helper()
	var refusal *Refusal
	if !errors.As(err, &refusal) {
		t.Fatalf("got %v, want the refusal %s", err, rule)
	}
	if refusal.Rule != "opi.signature/"+rule {
		t.Fatalf("got %v, want the rule %s", err, rule)
	}
	if refusal.In("it") == refusal.In("en") {
		t.Errorf("%s is told in one language only: %s", rule, refusal.In("it"))
	}
}

// pemFiles writes a key and its certificate, for programs that read them.
func pemFiles(t *testing.T, who identity) (key, cert, root string) {
	t.Helper()
	dir := t.TempDir()
	der, err := x509.MarshalPKCS8PrivateKey(who.key)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, bytes []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return write("key.pem", "PRIVATE KEY", der), write("cert.pem", "CERTIFICATE", who.cert.Raw), write("ca.pem", "CERTIFICATE", ca().cert.Raw)
}
