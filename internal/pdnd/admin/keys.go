// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package admin

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"

	"github.com/snodo-pa/snodo/internal/pdnd/api"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/registry"
)

// KeySeed is a public key to upload: RSA of at least 2048 bits, the only kind PDND takes.
type KeySeed struct {
	Name   string // 5..60 characters
	Public crypto.PublicKey
}

// keyBody is a key as the platform takes it.
type keyBody struct {
	Key  string `json:"key"` // base64 of the PEM
	Use  string `json:"use"`
	Alg  string `json:"alg"`
	Name string `json:"name"`
}

func (s KeySeed) body() (keyBody, error) {
	if _, ok := s.Public.(*rsa.PublicKey); !ok {
		return keyBody{}, errors.New("PDND takes RSA keys only")
	}
	der, err := x509.MarshalPKIXPublicKey(s.Public)
	if err != nil {
		return keyBody{}, fmt.Errorf("public key: %w", err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	return keyBody{Key: base64.StdEncoding.EncodeToString(text), Use: "SIG", Alg: string(token.RS256), Name: s.Name}, nil
}

// addKey uploads a key and checks that the platform names it as we do.
func (c *Client) addKey(ctx context.Context, path string, seed KeySeed) (modi.Key, error) {
	body, err := seed.body()
	if err != nil {
		return modi.Key{}, err
	}
	kid, err := token.Thumbprint(seed.Public)
	if err != nil {
		return modi.Key{}, fmt.Errorf("public key: %w", err)
	}
	got, err := write[api.OwnedKey](ctx, c, http.MethodPost, path, body)
	if err != nil {
		return modi.Key{}, err
	}
	key, err := got.Key()
	if err == nil && key.KID != kid {
		err = &registry.Fault{Kind: registry.ErrPDND, Err: errors.New("PDND kept another key than the one uploaded")}
	}
	return key, err
}

// AddClientKey uploads a key to a client of the tenant. Vouchers are issued with it some
// seconds later (see pdnd.Platform.TryVoucher). It is a conflict when the kid is already on
// PDND, on whatever client or keychain.
func (c *Client) AddClientKey(ctx context.Context, clientID string, seed KeySeed) (modi.Key, error) {
	return c.addKey(ctx, api.Path("clients", clientID, "keys"), seed)
}

// DeleteClientKey takes a key off a client. No voucher is issued with it any more; those
// that were stay valid until they expire, while what was signed with it no longer verifies.
func (c *Client) DeleteClientKey(ctx context.Context, clientID, kid string) error {
	return c.do(ctx, http.MethodDelete, api.Path("clients", clientID, "keys", kid), nil)
}

// LinkPurpose lets a client ask for vouchers for a purpose.
func (c *Client) LinkPurpose(ctx context.Context, clientID, purposeID string) error {
	return c.do(ctx, http.MethodPost, api.Path("clients", clientID, "purposes"), map[string]string{"purposeId": purposeID})
}

// AddKeychainKey uploads a key to a producer keychain of the tenant.
func (c *Client) AddKeychainKey(ctx context.Context, keychainID string, seed KeySeed) (modi.Key, error) {
	return c.addKey(ctx, api.Path("producerKeychains", keychainID, "keys"), seed)
}

// DeleteKeychainKey takes a key off a keychain: answers signed with it no longer verify.
func (c *Client) DeleteKeychainKey(ctx context.Context, keychainID, kid string) error {
	return c.do(ctx, http.MethodDelete, api.Path("producerKeychains", keychainID, "keys", kid), nil)
}

// LinkEservice lets the keys of a keychain sign the answers of an e-service.
func (c *Client) LinkEservice(ctx context.Context, keychainID, eserviceID string) error {
	return c.do(ctx, http.MethodPost, api.Path("producerKeychains", keychainID, "eservices"), map[string]string{"eserviceId": eserviceID})
}
