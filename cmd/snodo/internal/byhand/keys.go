// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package byhand

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
)

// Keys are public keys by kid, read from files. It is a modi.KeyResolver; read-only once
// it is filled, and then safe for concurrent use.
type Keys struct {
	byKID map[string]modi.Key
	// Owner is to whom keys belong whose file does not say it. PDND says it when it
	// answers for one key; a set of keys does not.
	Owner string
}

var _ modi.KeyResolver = (*Keys)(nil)

// Add reads the keys of one file: a JSON Web Key set, one key, the answer of PDND for one
// key ({"clientId": ..., "jwk": ...} or with producerKeychainId), or a public key in PEM
// as it is uploaded to PDND, whose kid is its thumbprint. A kid that is there already is
// refused.
func (k *Keys) Add(data []byte) error {
	found, err := readKeys(data)
	if err != nil {
		return err
	}
	if k.byKID == nil {
		k.byKID = map[string]modi.Key{}
	}
	for _, key := range found {
		if _, twice := k.byKID[key.KID]; twice {
			return bilingual.Errorf("il kid %.64q c'è due volte", "kid %.64q is there twice", key.KID)
		}
		k.byKID[key.KID] = key
	}
	return nil
}

func readKeys(data []byte) ([]modi.Key, error) {
	var entry struct {
		Keys               json.RawMessage `json:"keys"`
		JWK                json.RawMessage `json:"jwk"`
		ClientID           string          `json:"clientId"`
		ProducerKeychainID string          `json:"producerKeychainId"`
	}
	if bytes.Contains(data, []byte("-----BEGIN ")) {
		return readPEM(data)
	}
	if err := json.Unmarshal(data, &entry); err != nil {
		return nil, bilingual.Errorf("né JSON né PEM: serve un JWKS o una chiave pubblica in PEM", "neither JSON nor PEM: a JWKS or a public key in PEM is needed")
	}
	if entry.Keys != nil {
		return token.ParseJWKSet(data)
	}
	owner := entry.ClientID + entry.ProducerKeychainID
	if entry.JWK == nil {
		entry.JWK = data
	}
	key, err := token.ParseJWK(entry.JWK)
	if err != nil {
		return nil, err
	}
	if key.KID == "" {
		if key.KID, err = token.Thumbprint(key.Public); err != nil {
			return nil, err
		}
	}
	key.Owner = owner
	return []modi.Key{key}, nil
}

// readPEM reads one public key. What its kid is named after is the key itself.
func readPEM(data []byte) ([]modi.Key, error) {
	block, _ := pem.Decode(data)
	if block == nil || block.Type != "PUBLIC KEY" {
		return nil, bilingual.Errorf("il PEM non contiene una chiave pubblica (PUBLIC KEY)", "the PEM holds no public key (PUBLIC KEY)")
	}
	public, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, bilingual.Errorf("la chiave pubblica in PEM non si legge", "the public key in PEM cannot be read")
	}
	kid, err := token.Thumbprint(public)
	if err != nil {
		return nil, err
	}
	return []modi.Key{{KID: kid, Public: public}}, nil
}

// ResolveKey answers from the files. A kid that they do not have may be in
// another file: that is no "no".
func (k *Keys) ResolveKey(_ context.Context, kid string) (modi.Key, error) {
	if len(k.byKID) == 0 {
		return modi.Key{}, errNoKeys()
	}
	key, ok := k.byKID[kid]
	if !ok {
		return modi.Key{}, errOtherKeys(kid)
	}
	if key.Owner == "" {
		key.Owner = k.Owner
	}
	return key, nil
}

// ofPlatform are the same keys, without --client-id as the owner of those that name none:
// a voucher is signed by PDND, whosever client is expected.
func ofPlatform(keys modi.KeyResolver) modi.KeyResolver {
	switch k := keys.(type) {
	case *Keys:
		return &Keys{byKID: k.byKID}
	case Platform:
		k.Files = ofPlatform(k.Files)
		return k
	default:
		return keys
	}
}
