// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package vectors holds fixed, valid tokens of every kind with the public keys that
// verify them, so that a change of modi that stops reading what it read before is seen,
// and so that other implementations can be held against the same bytes.
//
// The parties are invented and the private keys were thrown away. The tokens were
// signed by code that shares nothing with modi. The package depends on modi and
// modi/token and reads only what is embedded in it.
package vectors

import (
	"crypto/x509"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
)

//go:embed vectors.json
var data []byte

// Set is the whole collection.
type Set struct {
	Now     time.Time           // the instant at which every token is valid
	Keys    map[string]modi.Key // by kid, with their owners
	CA      *x509.Certificate   // issued the certificates that sign
	Trusted []*x509.Certificate // those certificates
	Vectors []Vector
}

// Vector is one message. Which header holds the token, and which fields of Expect
// matter, follows from its pattern.
type Vector struct {
	Name    string
	Pattern modi.Pattern
	Compact string      // the token
	Header  http.Header // the headers of the message, the token's own included
	Body    string
	Expect  Expect
}

// Expect is what a verifier must be told to accept the vector.
type Expect struct {
	Issuer, Audience       string
	Owner                  string // of the verified key
	ClientID, PurposeID    string
	ProducerID, EserviceID string
	DescriptorID           string
	VoucherDigest          string // value of the digest claim of the voucher, tracking evidence only
	Organization           string // codice fiscale that the certificate names
	RequestDigest          string // what a reply confirms
	JKT                    string // thumbprint of the DPoP key; the voucher's cnf.jkt
	Method, URL            string // of the request that a DPoP proof is for
}

// Load decodes the collection. It fails only when the embedded file is damaged.
func Load() (Set, error) {
	var file struct {
		Now          int64
		Owners       map[string]string
		JWKS         json.RawMessage
		Certificates struct {
			CA      []byte
			Trusted [][]byte
		}
		Vectors []Vector
	}
	err := json.Unmarshal(data, &file)
	if err != nil {
		return Set{}, fmt.Errorf("embedded vectors: %w", err)
	}
	keys, err := token.ParseJWKSet(file.JWKS)
	if err != nil {
		return Set{}, fmt.Errorf("embedded vectors: %w", err)
	}
	set := Set{Now: time.Unix(file.Now, 0).UTC(), Keys: make(map[string]modi.Key, len(keys)), Vectors: file.Vectors}
	for _, k := range keys {
		k.Owner = file.Owners[k.KID]
		set.Keys[k.KID] = k
	}
	set.CA, err = x509.ParseCertificate(file.Certificates.CA)
	if err != nil {
		return Set{}, fmt.Errorf("embedded vectors: %w", err)
	}
	for _, der := range file.Certificates.Trusted {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return Set{}, fmt.Errorf("embedded vectors: %w", err)
		}
		set.Trusted = append(set.Trusted, cert)
	}
	return set, nil
}
