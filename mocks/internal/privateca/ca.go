// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package privateca makes the private certification authority of one mock: the real test
// environments serve certificates that no public store knows.
//
// It depends on the standard library only. Certificates are valid from 2020 to 2049
// whatever the clock of the mock says, because TLS clients look at the clock of the
// machine.
package privateca

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"time"
)

// CA is a certification authority that lives as long as the process.
type CA struct {
	random io.Reader
	cert   *x509.Certificate
	key    *ecdsa.PrivateKey
}

// New makes an authority with a fresh P-256 key.
func New(random io.Reader, name string) (*CA, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), random)
	if err != nil {
		return nil, fmt.Errorf("generate the key of the private CA: %w", err)
	}
	template, err := certificate(random, name)
	if err != nil {
		return nil, err
	}
	template.IsCA, template.BasicConstraintsValid = true, true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	der, err := x509.CreateCertificate(random, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("sign the certificate of the private CA: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("read back the certificate of the private CA: %w", err)
	}
	return &CA{random: random, cert: cert, key: key}, nil
}

// PEM returns the certificate of the authority.
func (c *CA) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.cert.Raw})
}

// Pool returns a pool with only this authority in it.
func (c *CA) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(c.cert)
	return pool
}

// Server returns a TLS 1.2+ configuration for 127.0.0.1, ::1 and localhost. When
// clientCertificates is set, callers must show a certificate of this authority.
func (c *CA) Server(clientCertificates bool) (*tls.Config, error) {
	template, err := certificate(c.random, "localhost")
	if err != nil {
		return nil, err
	}
	template.DNSNames = []string{"localhost"}
	template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	der, key, err := c.issue(template)
	if err != nil {
		return nil, err
	}
	config := &tls.Config{
		MinVersion:   tls.VersionTLS12,
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
	}
	if clientCertificates {
		config.ClientAuth = tls.RequireAndVerifyClientCert
		config.ClientCAs = c.Pool()
	}
	return config, nil
}

// Client issues a client certificate and its PKCS #8 key, both in PEM.
func (c *CA) Client(name string) (certPEM, keyPEM []byte, err error) {
	template, err := certificate(c.random, name)
	if err != nil {
		return nil, nil, err
	}
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	der, key, err := c.issue(template)
	if err != nil {
		return nil, nil, err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, fmt.Errorf("encode the client key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), nil
}

func (c *CA) issue(template *x509.Certificate) ([]byte, *ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), c.random)
	if err != nil {
		return nil, nil, fmt.Errorf("generate a certificate key: %w", err)
	}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	der, err := x509.CreateCertificate(c.random, template, c.cert, key.Public(), c.key)
	if err != nil {
		return nil, nil, fmt.Errorf("sign a certificate: %w", err)
	}
	return der, key, nil
}

func certificate(random io.Reader, name string) (*x509.Certificate, error) {
	serial := make([]byte, 16)
	if _, err := io.ReadFull(random, serial); err != nil {
		return nil, fmt.Errorf("read randomness: %w", err)
	}
	serial[0] &= 0x7f
	return &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(serial),
		Subject:      pkix.Name{CommonName: name, Organization: []string{"Snodo mocks"}},
		NotBefore:    time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:     time.Date(2049, 12, 31, 0, 0, 0, 0, time.UTC),
	}, nil
}
