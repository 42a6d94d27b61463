// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package standintest is the least service and the least consumer that keep the rules, made of
// the verifiers and producers of modi alone: what the suite is tried on, and what the
// mutants of those verifiers and producers run in.
//
// It owns no rule. It depends on modi, asks the suite for keys over HTTP as PDND is asked,
// and is no part of the hub: the gateway has its own list of steps.
package standintest

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
)

// Terms are what the stand-in must know to take its part.
type Terms struct {
	Consumer      bool           `json:"consumer"` // it is the consumer; else the provider
	Patient       bool           `json:"patient"`  // as a consumer, it waits for an answer as long as it takes: what it should not do
	Patterns      []modi.Pattern `json:"patterns"` // of requests
	ReplyPatterns []modi.Pattern `json:"reply_patterns"`
	Suite         string         `json:"suite"`    // base address of the suite, which is PDND
	Eservice      string         `json:"eservice"` // address to call, for a consumer
	CA            []byte         `json:"ca"`       // PEM of the authority that is trusted
	Key           []byte         `json:"key"`      // PEM of its own private key
	Audience      string         `json:"audience"`
	Issuer        string         `json:"issuer"`
	AssertionAud  string         `json:"assertion_aud"`
	Client        string         `json:"client"`
	Purpose       string         `json:"purpose"`
	Producer      string         `json:"producer"`
	EserviceID    string         `json:"eservice_id"`
	Descriptor    string         `json:"descriptor"`
	Keychain      string         `json:"keychain"`
}

func (t Terms) has(p modi.Pattern) bool {
	for _, one := range t.Patterns {
		if one == p {
			return true
		}
	}
	return false
}

// Handler makes the part that the terms name.
func (t Terms) Handler() (http.Handler, error) {
	key, err := t.signingKey()
	if err != nil {
		return nil, err
	}
	if t.Consumer {
		return newConsumer(t, key)
	}
	return newProvider(t, key)
}

func (t Terms) signingKey() (token.SigningKey, error) {
	block, _ := pem.Decode(t.Key)
	if block == nil {
		return token.SigningKey{}, errors.New("own key: no PEM")
	}
	private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return token.SigningKey{}, fmt.Errorf("own key: %w", err)
	}
	signer, ok := private.(crypto.Signer)
	if !ok {
		return token.SigningKey{}, errors.New("own key: it does not sign")
	}
	kid, err := token.Thumbprint(signer.Public())
	return token.SigningKey{KID: kid, Algorithm: "RS256", Signer: signer}, err
}

// registry asks the suite for keys, each time.
type registry struct {
	client *http.Client
	url    func(kid string) string
	owner  string // member that names the owner; empty: a set of keys
}

// ResolveKey implements modi.KeyResolver.
func (r registry) ResolveKey(ctx context.Context, kid string) (modi.Key, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url(kid), http.NoBody)
	if err != nil {
		return modi.Key{}, err
	}
	resp, err := r.client.Do(req)
	if err != nil {
		return modi.Key{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	switch {
	case err != nil:
		return modi.Key{}, err
	case resp.StatusCode == http.StatusNotFound:
		return modi.Key{}, modi.ErrKeyUnknown
	case resp.StatusCode != http.StatusOK:
		return modi.Key{}, fmt.Errorf("status %d", resp.StatusCode)
	case r.owner == "":
		return fromSet(body, kid)
	}
	var answer map[string]json.RawMessage
	if err := json.Unmarshal(body, &answer); err != nil {
		return modi.Key{}, err
	}
	key, err := token.ParseJWK(answer["jwk"])
	if err != nil {
		return modi.Key{}, err
	}
	return key, json.Unmarshal(answer[r.owner], &key.Owner)
}

func fromSet(body []byte, kid string) (modi.Key, error) {
	keys, err := token.ParseJWKSet(body)
	if err != nil {
		return modi.Key{}, err
	}
	for _, k := range keys {
		if k.KID == kid {
			return k, nil
		}
	}
	return modi.Key{}, modi.ErrKeyUnknown
}

// authority trusts the certificates that one authority issued.
type authority struct {
	roots *x509.CertPool
	clock modi.Clock
}

func newAuthority(ca []byte) (authority, error) {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(ca) {
		return authority{}, errors.New("CA: no PEM certificates")
	}
	return authority{pool, time.Now}, nil
}

// ResolveCertificate implements modi.CertificateResolver for x5c.
func (a authority) ResolveCertificate(_ context.Context, ref modi.CertificateReference) (modi.TrustedCertificate, error) {
	no := func(f modi.Fault) error {
		return &modi.CertificateRefused{Fault: f, Expected: "a certificate of the authority", Found: "another"}
	}
	if len(ref.X5C) == 0 {
		return modi.TrustedCertificate{}, no(modi.FaultCertificateUnknown)
	}
	leaf, err := x509.ParseCertificate(ref.X5C[0])
	if err != nil {
		return modi.TrustedCertificate{}, no(modi.FaultCertificateMalformed)
	}
	between := x509.NewCertPool()
	for _, der := range ref.X5C[1:] {
		if c, err := x509.ParseCertificate(der); err == nil {
			between.AddCert(c)
		}
	}
	_, err = leaf.Verify(x509.VerifyOptions{
		Roots: a.roots, Intermediates: between, CurrentTime: a.clock(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	switch {
	case err != nil && a.clock().After(leaf.NotAfter):
		return modi.TrustedCertificate{}, no(modi.FaultCertificateExpired)
	case err != nil && a.clock().Before(leaf.NotBefore):
		return modi.TrustedCertificate{}, no(modi.FaultCertificateNotYetValid)
	case err != nil:
		return modi.TrustedCertificate{}, no(modi.FaultCertificateUntrusted)
	case leaf.IsCA || leaf.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0:
		return modi.TrustedCertificate{}, no(modi.FaultCertificateUnsuitable)
	}
	out := modi.TrustedCertificate{Leaf: leaf}
	for _, name := range leaf.Subject.Names {
		if value, ok := name.Value.(string); ok && name.Type.String() == "2.5.4.97" {
			out.Organization = value[len("CF:IT-"):]
		}
	}
	return out, nil
}
